"""Large things between two requests: an archive that was made or sent, on the shelf in pieces, for a day."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Sequence

from duramen.desk import place_of
from duramen.engine import MemoryEngine
from duramen.errors import NotFoundError
from duramen.identity import bank_name
from duramen.shelf import Change, Path, Put, Remove

KEPT_SECONDS = 86_400.0

_PIECE = 1_000_000
_AT_ONCE = 8


def key_for(bank: str) -> str:
    """Return a new key of something of `bank`; it cannot be guessed, and tells which bank it is of."""
    return f"{base64.urlsafe_b64encode(bank.encode()).decode().rstrip('=')}.{uuid.uuid4().hex}"


def bank_in(key: str) -> str:
    """Return the bank that a key is of.

    Raises:
        NotFoundError: It is no key.
    """
    text = key.partition(".")[0]
    try:
        return bank_name(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
    except (binascii.Error, ValueError):
        raise NotFoundError(f"There is no file {key[:200]!r}.") from None


async def put(memory: MemoryEngine, key: str, data: bytes) -> None:
    """Keep `data` for a day, under a key that was made by `key_for`."""
    path = _path(key)
    pieces = [data[at : at + _PIECE] for at in range(0, len(data), _PIECE)] or [b""]
    for first in range(0, len(pieces), _AT_ONCE):
        some = enumerate(pieces[first : first + _AT_ONCE], first)
        await memory.shelf.write(
            [Put(path=path, key=f"{n:06}", value=piece, lifetime=KEPT_SECONDS) for n, piece in some]
        )


async def get(memory: MemoryEngine, key: str) -> bytes:
    """Return what is kept under `key`.

    Raises:
        NotFoundError: Nothing is, or no longer.
    """
    entries = await memory.shelf.scan(_path(key))
    if not entries:
        raise NotFoundError(f"There is no file {key[:200]!r}, or it is older than a day.")
    return b"".join(entry.value for entry in entries)


def removal(key: str) -> Sequence[Change]:
    """Return what takes away what is kept under `key`."""
    return [Remove(path=_path(key))]


def _path(key: str) -> Path:
    return (*place_of(bank_in(key), "server.files"), key)
