"""Files of lines, packed by gzip if they end with `.gz`: written whole or not at all, and read with their line numbers."""

from __future__ import annotations

import contextlib
import gzip
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from duramen.errors import BadFileError, StoreUnavailableError

STANDARD = "-"
"""Stands for the standard output."""

_PACKED = b"\x1f\x8b"
_LONGEST = 2**29  # bytes of a line; an item of retain has at most a third of it


@contextmanager
def written_whole(path: str) -> Iterator[IO[bytes]]:
    """Open a file to be written, which is there under its name only once the block has ended well.

    Raises:
        StoreUnavailableError: It cannot be written.
    """
    if path == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(path).expanduser()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as raw:
            with gzip.GzipFile("", "wb", 6, raw, mtime=0) if _is_packed(path) else contextlib.nullcontext(raw) as file:
                yield file  # type: ignore[misc]  # a GzipFile writes bytes as well
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(target)
    except OSError as error:
        raise StoreUnavailableError(
            f"{path} cannot be written: {error.strerror or error}. There is no such file now."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def lines_of(path: str) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file, packed or not, with their numbers from 1.

    Raises:
        BadFileError: It cannot be read, is cut off, or has a line that is too long.
    """
    number = 0
    try:
        with Path(path).expanduser().open("rb") as raw:
            is_packed = raw.read(2) == _PACKED
            raw.seek(0)
            file: Any = gzip.GzipFile(fileobj=raw) if is_packed else raw
            while line := file.readline(_LONGEST):
                number += 1
                if not line.endswith(b"\n"):
                    raise BadFileError(path, "the file is cut off here. Export it again.", line=number)
                yield number, line
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadFileError(path, f"the file is cut off or damaged here ({error}).", line=number + 1) from error
    except OSError as error:
        raise BadFileError(path, f"the file cannot be read: {error.strerror or error}.") from error


def _is_packed(path: str) -> bool:
    return path.lower().endswith(".gz")
