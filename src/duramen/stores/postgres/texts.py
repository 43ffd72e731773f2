"""Texts as PostgreSQL can hold them: it knows no NUL, and a character sets the banks of a transaction apart.

Three characters are written as two, the first of which is then in no text by itself. Of two texts the same one is still
the smaller, but for those that hold U+001F.
"""

from __future__ import annotations

from typing import Any

from psycopg.abc import AdaptContext
from psycopg.adapt import Buffer, Loader
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumper

SEPARATOR = "\x1f"
"""Between the banks that a transaction is bound to; in no text that is kept."""

_ESCAPE = "\x01"
_WRITTEN = {"\0": "\x01\x02", _ESCAPE: "\x01\x03", SEPARATOR: "\x01\x04"}
_WRITING = str.maketrans(_WRITTEN)


def written(text: str) -> str:
    r"""Return `text` as it is kept.

    >>> written("a\0b\x1f")
    'a\x01\x02b\x01\x04'
    """
    if "\0" in text or _ESCAPE in text or SEPARATOR in text:
        return text.translate(_WRITING)
    return text


def read(text: str) -> str:
    r"""Return what `written` was given.

    >>> read(written("\0\x01\x02\x1f"))
    '\x00\x01\x02\x1f'
    """
    if _ESCAPE not in text:
        return text
    for character in ("\0", SEPARATOR, _ESCAPE):
        text = text.replace(_WRITTEN[character], character)
    return text


def quoted(text: str) -> str:
    r"""Return `text` as a literal of SQL, as it is kept, whatever the settings of the server.

    >>> print(quoted("it's a \\"))
    E'it''s a \\'
    """
    inside = written(text).replace("\\", "\\\\").replace("'", "''")
    return f"E'{inside}'"


def register(connection: AdaptContext) -> None:
    """Let a connection write and read texts so. Numbers are all of one size, so that a query is prepared once."""
    connection.adapters.register_dumper(str, _TextDumper)
    connection.adapters.register_dumper(int, Int8Dumper)
    for name in ("text", "varchar"):
        connection.adapters.register_loader(name, _TextLoader)
        connection.adapters.register_loader(name, _BinaryTextLoader)


class _TextDumper(StrDumper):
    def dump(self, obj: str) -> Buffer | None:
        return written(obj).encode()


class _TextLoader(Loader):
    def load(self, data: Buffer) -> Any:
        return read(str(data, "utf-8"))


class _BinaryTextLoader(_TextLoader):
    format = 1  # type: ignore[assignment]  # psycopg.pq.Format.BINARY
