"""Large things between two requests: an archive that was made or sent, on the shelf in pieces, for a day.

One that was made is a copy of its bank, and goes with whatever is forgotten there. One that was sent goes with its task.
"""

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
from duramen.tasks.copies import copies_of

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


async def put_sent(memory: MemoryEngine, key: str, data: bytes) -> None:
    """Keep what was sent for a day, under a key that was made by `key_for`."""
    await _put(memory, sent_path(key), data, [])


async def put_made(memory: MemoryEngine, key: str, data: bytes, behind: Change) -> None:
    """Keep a copy of a bank for a day, as long as `behind` holds; see `duramen.tasks.copies.unforgotten`.

    Raises:
        ChangedError: It does not.
    """
    await _put(memory, _made_path(key), data, [behind])


async def sent(memory: MemoryEngine, key: str) -> bytes:
    """Return what was sent and is kept under `key`.

    Raises:
        NotFoundError: Nothing is, or no longer.
    """
    return await _got(memory, sent_path(key), f"There is no file {key[:200]!r}, or it was sent more than a day ago.")


async def made(memory: MemoryEngine, key: str) -> bytes:
    """Return the copy that is kept under `key`.

    Raises:
        NotFoundError: None is, or no longer.
    """
    return await _got(
        memory,
        _made_path(key),
        f"There is no file {key[:200]!r}: it is older than a day, or something was forgotten in its bank since it was made, "
        f"which may be in it. Export again.",
    )


def sent_path(key: str) -> Path:
    """Return where what was sent stands."""
    return (*place_of(bank_in(key), "server.files"), "sent", key)


def _made_path(key: str) -> Path:
    return (*copies_of(bank_in(key)), key)


async def _put(memory: MemoryEngine, path: Path, data: bytes, behind: Sequence[Change]) -> None:
    pieces = [data[at : at + _PIECE] for at in range(0, len(data), _PIECE)] or [b""]
    await memory.shelf.write([*behind, Remove(path=path)])  # what an attempt before this one left
    for first in range(0, len(pieces), _AT_ONCE):
        some = enumerate(pieces[first : first + _AT_ONCE], first)
        puts = [Put(path=path, key=f"{n:06}", value=piece, lifetime=KEPT_SECONDS) for n, piece in some]
        await memory.shelf.write([*behind, *puts])


async def _got(memory: MemoryEngine, path: Path, missing: str) -> bytes:
    entries = await memory.shelf.scan(path)
    if not entries:
        raise NotFoundError(missing)
    return b"".join(entry.value for entry in entries)
