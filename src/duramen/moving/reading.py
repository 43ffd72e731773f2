"""Reading an export: what each line says, and whether the file is whole."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from duramen.errors import BadFileError
from duramen.ledger import Job, Record
from duramen.moving.files import lines_of
from duramen.moving.lines import Line, entry_in, event_in, job_in, memory_in, record_in
from duramen.moving.places import belongs
from duramen.shelf import Entry
from duramen.types import Event, Memory

FORMAT = "duramen.export"
VERSION = 1

COUNTED = ("bank", "event", "memory", "revision", "job", "entry")
"""The kinds of lines between the first and the last."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision, and the sources of what it names that is not there."""

    record: Record
    rests: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the lines of a bank begin; `retained` tells whether the bank is one that something was retained in."""

    retained: bool


Said = Begun | Event | Memory | Revision | Job | Entry


@dataclass(frozen=True, slots=True)
class Read:
    """What a line says.

    Attributes:
        line: Its number, from 1.
        size: Its length in bytes.
    """

    line: int
    size: int
    bank: str
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is in a file that is whole.

    Attributes:
        about: Its header.
        digest: Names what is in it, whenever it was written.
        lines: How many lines it has.
        counts: How many lines of each of `COUNTED` there are, by bank.
    """

    about: Mapping[str, Any]
    digest: str
    lines: int
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def contents_of(path: str) -> Contents:
    """Read all of a file, and say what is in it.

    Raises:
        BadFileError: It is no export, is damaged or cut off, or was written by a newer Duramen.
    """
    hashed, about, end = hashlib.sha256(), None, None
    counts: dict[str, Counter[str]] = {}
    number, bank = 0, None
    for number, raw in lines_of(path):
        if end is not None:
            raise BadFileError(path, "there is more behind the end.", line=number)
        if about is None:
            about = _header(path, raw)
            continue
        line = _parsed(path, number, raw)
        if line.get("is") == "end":
            end = line
            continue
        hashed.update(raw)
        _, bank = _said(path, number, line, bank)
        counts.setdefault(bank, Counter())[str(line["is"])] += 1
    if about is None or end is None:
        raise BadFileError(path, "the file is cut off: it has no end line. Export it again.", line=number or None)
    told = sum(counts.values(), Counter[str]())
    if end.get("sha256") != hashed.hexdigest() or end.get("lines") != dict(told):
        raise BadFileError(path, "the file is damaged: its lines are not those that were written.", line=number)
    return Contents(about=about, digest=hashed.hexdigest(), lines=number, counts=counts)


def read_lines(path: str, *, after: int = 0) -> Iterator[Read]:
    """Yield what the lines behind the line numbered `after` say, but the first and the last.

    Raises:
        BadFileError: It was changed since it was looked at.
    """
    bank = None
    for number, raw in lines_of(path):
        if number == 1:
            continue
        if number <= after and not raw.startswith(b'{"is":"bank"'):
            continue
        line = _parsed(path, number, raw)
        if line.get("is") == "end":
            return
        said, bank = _said(path, number, line, bank)
        if number > after:
            yield Read(number, len(raw), bank, said)


def _header(path: str, raw: bytes) -> Line:
    try:
        about = json.loads(raw)
    except ValueError:
        about = None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise BadFileError(path, "this is no file that `duramen export` wrote.", line=1)
    version = about.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise BadFileError(
            path,
            f"the file is of version {version!r}, written by Duramen {about.get('duramen')}; this one reads versions up to "
            f"{VERSION}. Upgrade with `pip install --upgrade duramen`.",
            line=1,
        )
    return about


def _parsed(path: str, number: int, raw: bytes) -> Line:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        line = None
    if not isinstance(line, dict):
        raise BadFileError(path, "this line is damaged: it is no JSON object.", line=number)
    return line


def _said(path: str, number: int, line: Line, bank: str | None) -> tuple[Said, str]:
    """Return what a line says, and the bank that it is about."""
    kind = line.get("is")
    try:
        if kind == "bank":
            return Begun(bool(line["retained"])), _text(line["bank"])
        if bank is None:
            raise ValueError("it is of no bank")
        return _READERS[str(kind)](line, bank), bank
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"of the kind {kind!r}" if str(kind) not in COUNTED else f"({type(error).__name__}: {error})"
        raise BadFileError(path, f"this line is not understood {what}.", line=number) from error


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a bank without a name")
    return value


def _entry(line: Line, bank: str) -> Entry:
    entry = entry_in(line)
    if not belongs(entry, bank):
        raise ValueError(f"an entry at {entry.path!r} among those of bank {bank!r}")
    return entry


_READERS: Mapping[str, Any] = {
    "event": event_in,
    "memory": memory_in,
    "revision": lambda line, bank: Revision(*record_in(line, bank)),
    "job": job_in,
    "entry": _entry,
}
