"""A large bank's index in a file, mapped into memory: derived from the store, and never the truth.

The file begins with a header: a mark, the length and the checksum of what follows, and that, JSON: the format, the bank
and its version, and where each array lies. The arrays come after it, each at the beginning of a page and with room
behind it, which a mapped array grows into without being copied; on most file systems room takes no space. A file whose
header is not whole, or does not fit, is passed over.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from io import FileIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from duramen.index.bank import BankIndex
from duramen.index.saved import Array, Loaded, Parts, Streamed, flattened
from duramen.types import BankVersion

FORMAT = 2
"""Changes with the arrays that there are, or what is in them."""

_MARK = b"DURAMEN\n"
_HEADER = 1 << 16
_PAGE = 4096
_PIECE = 1 << 24
_SUFFIX = ".segment"


class StoppedError(Exception):
    """The writing of a segment was given up."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a segment says of itself."""

    bank: str
    version: BankVersion
    arrays: dict[str, tuple[int, str, list[int], int]]
    """By path: where it begins, the type of its values, its shape with room, and how many rows are values."""


class Segments:
    """The segments of a store, in a directory of their own. Several processes may share it.

    Nothing here raises when a file cannot be read, written or deleted: a bank without its segment is slower to load.

    Args:
        directory: Made when the first segment is written.
    """

    sweep_seconds: float | None = None
    """How often to look for what has become stale without a word; None if whoever removes something reaches all files."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def close(self) -> None:
        """Let go of what is not to outlive the process: here nothing."""

    def load(self, bank: str, version: BankVersion) -> BankIndex | None:
        """Return the index of `bank` up to some row, mapped; None if there is none that `version` continues.

        One that is foreign, torn, or shows what has been removed since, is deleted.
        """
        path = self._path(version.number)
        if not path.exists():
            return None
        try:
            header, loaded = opened(path)
            if header.bank == bank and is_earlier(header.version, version):
                return BankIndex.load(header.version, loaded)
        except (OSError, ValueError, KeyError, TypeError):
            pass
        self.discard(version.number)
        return None

    def write(self, bank: str, version: BankVersion, parts: Parts, stopped: Callable[[], bool]) -> Path | None:
        """Write a segment under a name of its own, on the disk when this returns; None if it could not be."""
        path = self._directory / f"{version.number}.{os.getpid()}-{uuid4().hex}.new"
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            with path.open("xb", buffering=0) as file:
                write(file, bank, version, parts, stopped)
        except (OSError, ValueError, StoppedError):
            delete(path)
            return None
        except BaseException:  # a fault of ours: what was written of the bank is not to stay behind
            delete(path)
            raise
        return path

    def publish(self, written: Path, version: BankVersion) -> bool:
        """Put a segment that was written in the place of the bank's last one; not if it was discarded meanwhile."""
        try:
            written.replace(self._path(version.number))
        except OSError:
            delete(written)
            return False
        return True

    def discard(self, number: int) -> None:
        """Delete what there is of the bank of this number, also what is being written."""
        for path in self._listed():
            if path.name.partition(".")[0] == str(number):
                delete(path)

    def left(self) -> Iterator[tuple[str, BankVersion]]:
        """Go through the segments that there are. What is left of writers that are no more is deleted on the way."""
        for path in self._listed():
            if path.suffix != _SUFFIX:
                if _is_abandoned(path):
                    delete(path)
                continue
            try:
                header, _ = opened(path)
            except (OSError, ValueError, KeyError, TypeError):
                delete(path)
            else:
                yield header.bank, header.version

    def _listed(self) -> list[Path]:
        with contextlib.suppress(OSError):
            return list(self._directory.iterdir())
        return []

    def _path(self, number: int) -> Path:
        return self._directory / f"{number}{_SUFFIX}"


def is_earlier(known: BankVersion, version: BankVersion) -> bool:
    """Return whether `version` is that of the same bank with nothing removed since `known`."""
    return (known.number, known.removals, known.embedder, known.dimensions, True) == (
        version.number,
        version.removals,
        version.embedder,
        version.dimensions,
        known.last <= version.last,
    )


def write(file: FileIO, bank: str, version: BankVersion, parts: Parts, stopped: Callable[[], bool]) -> None:
    """Write a segment and wait until it is on the disk.

    Raises:
        StoppedError: `stopped` said so.
        OSError: It cannot be written.
        ValueError: Its header is too long.
    """
    arrays = {}
    end = _HEADER
    for path, part in flattened(parts):
        begin = file.seek(end)
        size = 0
        for piece in _pieces(part):
            if stopped():
                raise StoppedError
            _write_all(file, np.ascontiguousarray(piece).reshape(-1).view(np.uint8).data)
            size += len(piece)
        shape = part.shape if isinstance(part, Streamed) else part.shape[1:]
        dtype = np.dtype(part.dtype)
        room = size if path.startswith("vectors/") else size + max(1024, size // 4)
        arrays[path] = (begin, dtype.str, [room, *shape], size)
        end = begin + room * int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        end += -end % _PAGE
    file.truncate(end)
    said = {"format": FORMAT, "order": sys.byteorder, "bank": bank, "version": astuple(version), "arrays": arrays}
    header = json.dumps({**said, "bytes": end}).encode()
    if len(header) > _HEADER - 16:
        raise ValueError(f"a header of {len(header)} bytes")
    file.seek(0)
    _write_all(file, _MARK + _number(len(header)) + _number(zlib.crc32(header)) + header)
    os.fsync(file.fileno())


def opened(path: Path) -> tuple[Header, Loaded]:
    """Map a segment.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no segment of this format, or not whole; KeyError and TypeError likewise.
    """
    with path.open("rb") as file:
        start = file.read(_HEADER)
        size = file.seek(0, os.SEEK_END)
        length, checksum = (int.from_bytes(start[at : at + 4], "little") for at in (8, 12))
        header = start[16 : 16 + length]
        if start[:8] != _MARK or len(header) != length or zlib.crc32(header) != checksum:
            raise ValueError("its header is not whole")
        said = json.loads(header)
        if (said["format"], said["order"], said["bytes"]) != (FORMAT, sys.byteorder, size):
            raise ValueError("it is of another format or length")
        whole = np.memmap(file, dtype=np.uint8, mode="c")
    arrays = {}
    for name, (begin, dtype, shape, used) in said["arrays"].items():
        count = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        arrays[name] = (np.asarray(whole)[begin : begin + count].view(dtype).reshape(shape), used)
    return Header(said["bank"], BankVersion(*said["version"]), said["arrays"]), Loaded(arrays, mapped=True)


def _pieces(part: Array | Streamed) -> Iterator[Array]:
    if isinstance(part, Streamed):
        yield from part.pieces()
        return
    step = max(1, _PIECE // max(1, part[:1].nbytes))
    for start in range(0, len(part), step):
        yield part[start : start + step]


def _write_all(file: FileIO, content: Sequence[Any]) -> None:
    left = memoryview(content)  # type: ignore[arg-type]  # bytes, or the memory of an array
    while left:
        left = left[file.write(left) :]


def _number(value: int) -> bytes:
    return value.to_bytes(4, "little")


def _is_abandoned(path: Path) -> bool:
    """Return whether the process that was writing `path` is no more; where that cannot be told, an hour must do."""
    process = path.name.split(".")[1].partition("-")[0]
    if os.name == "posix" and process.isdecimal():
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return False
    with contextlib.suppress(OSError):
        return path.stat().st_mtime < path.parent.stat().st_mtime - 3600
    return False


def delete(path: Path) -> None:
    """Delete a file, if that can be done."""
    with contextlib.suppress(OSError):  # such as on Windows, where a mapped file cannot be deleted
        path.unlink(missing_ok=True)
