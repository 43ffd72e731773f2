"""JSON read a value at a time, so that a file of hundreds of megabytes costs the memory of one of its records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from duramen.errors import BadInputError

_CHUNK = 2**20
_SPACE = re.compile(r"\s*")


@contextmanager
def opened(file: Path) -> Iterator[TextIO]:
    """Open a UTF-8 text file, with or without a byte order mark.

    Raises:
        BadInputError: It cannot be read, or what is read inside is not UTF-8.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            yield stream
    except OSError as error:
        raise BadInputError(f"{file} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise BadInputError(f"{file} is not UTF-8 text ({error.reason}). Save it as UTF-8.") from error


def values(file: Path) -> Iterator[tuple[int, object]]:
    """Yield each element of a JSON list, or each of the values that follow one another (JSON lines), with its line.

    Raises:
        BadInputError: The file cannot be read or is not JSON; the message names the line.
    """
    with opened(file) as stream:
        reader = _Reader(file, stream)
        listed = reader.next() == "["
        if listed:
            reader.skip()
        while reader.next() not in (("]",) if listed else ("",)):
            yield reader.line, reader.value()
            if listed and reader.next() == ",":
                reader.skip()
                if reader.next() != "]":
                    continue
                raise reader.wrong("a comma stands before the end of the list")
            if listed and reader.next() != "]":
                raise reader.wrong("a comma or the end of the list is missing")
        if listed:
            reader.skip()
            if reader.next():
                raise reader.wrong("something follows the end of the list")


class _Reader:
    """A window onto the text, and a place in it."""

    def __init__(self, file: Path, stream: TextIO) -> None:
        self.line = 1
        self._file = file
        self._stream = stream
        self._text = ""
        self._place = 0
        self._ended = False
        self._decoder = json.JSONDecoder()

    def next(self) -> str:
        """Return the character that comes after white space, or "" at the end."""
        while True:
            found = _SPACE.match(self._text, self._place)
            self._go(found.end() if found else self._place)
            if self._place < len(self._text) or not self._more():
                return self._text[self._place : self._place + 1]

    def skip(self) -> None:
        """Go beyond the character that `next` gave."""
        self._go(self._place + 1)

    def value(self) -> object:
        """Read the value that begins here."""
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._place)
            except RecursionError as error:
                raise self.wrong("it is nested too deep") from error
            except json.JSONDecodeError as error:
                if self._more():
                    continue
                line = self.line + self._text.count("\n", self._place, error.pos)
                raise self.wrong(f"{error.msg} (line {line})") from error
            # a number at the end of the window may go on behind it
            if end < len(self._text) or not self._more():
                self._go(end)
                return value

    def wrong(self, what: str) -> BadInputError:
        """Return the error to raise."""
        return BadInputError(f"{self._file}, line {self.line}: this is not JSON: {what}.")

    def _more(self) -> bool:
        """Read on, as much as is left already, so that a long value is tried a few times only."""
        if self._ended:
            return False
        rest = self._text[self._place :]
        read = self._stream.read(max(_CHUNK, len(rest)))
        self._text, self._place, self._ended = rest + read, 0, not read
        return not self._ended

    def _go(self, place: int) -> None:
        self.line += self._text.count("\n", self._place, place)
        self._place = place
