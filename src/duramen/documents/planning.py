"""What is to be written so that a document becomes what its new source says, and what it can keep."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from duramen.documents.reading import TICK, Piece, Reading
from duramen.documents.record import Form, Part, Record
from duramen.documents.reserved import plain
from duramen.naming import digest
from duramen.times import later
from duramen.types import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of one document.

    Attributes:
        record: As it is then.
        action: What is remembered of it in its history.
        events: To be appended: those that are new or changed, and with them those that stay as they are.
        changed: The ids of the first of these.
        beyond: The ids of the events that go; see `Journal.append`.
        kept: How many chunks stay as they are, and `removed` how many go.
    """

    record: Record
    action: str
    events: tuple[Event, ...]
    changed: tuple[str, ...]
    beyond: tuple[str, ...] = ()
    kept: int = 0
    removed: int = 0


def plan(record: Record | None, readings: Sequence[Reading], *, bank: str, now: datetime) -> Plan:
    """Say what is to be done so that a document holds `readings`, one after the other, at least one.

    Args:
        record: As it is; None if there is none yet.
        readings: The first in its own mode; what follows is appended to it.
        bank: Where it is kept.
        now: When they were given.
    """
    first, *rest = readings
    replaced = record is None or first.mode == "replace"
    made = _replaced(record, first, bank, now) if replaced else _appended(record, first, now)
    for reading in rest:
        made = _appended(made, reading, now)
    old = {} if record is None else {part.key: part for part in record.parts}
    changed = [part for part in made.parts if not part.out and not _same(record, old.get(part.key), made, part)]
    left = {part.key for part in made.parts}
    gone = [part for part in old.values() if part.key not in left and not part.out]
    keys = {part.key for part in changed}
    events = [made.event(part) for part in made.parts if part.key in keys or (replaced and _is_whole(part))]
    if gone and not events and record is not None:
        events = [record.event(gone[0])]  # the journal wants one to go on from; it is there, and then it goes
    return Plan(
        record=made,
        action="created" if record is None else first.mode,
        events=tuple(events),
        changed=tuple(part.id for part in changed),
        beyond=tuple(part.id for part in gone),
        kept=sum(part.key in old and part.key not in keys for part in made.parts),
        removed=sum(part.key not in left for part in old.values()),
    )


def _is_whole(part: Part) -> bool:
    return part.content is None and not part.out


def _same(record: Record | None, old: Part | None, made: Record, new: Part) -> bool:
    """Tell whether a chunk is as it was, whenever that was said."""
    if record is None or old is None:
        return False
    return replace(record.event(old), mentioned=new.mentioned, stored=new.stored) == made.event(new)


def _replaced(record: Record | None, reading: Reading, bank: str, now: datetime) -> Record:
    pool: dict[tuple[str | None, str], deque[Part]] = defaultdict(deque)
    for part in () if record is None else record.parts:
        pool[part.role, part.text].append(part)
    kept = [waiting.popleft() if (waiting := pool[piece.role, piece.text]) else None for piece in reading.pieces]
    namer = _Namer(reading.document, {part.key for part in kept if part is not None})
    parts = [
        _new(piece, reading, namer.key(piece), now) if part is None else _kept(part, piece, reading, place, now)
        for place, (piece, part) in enumerate(zip(reading.pieces, kept, strict=True))
    ]
    return Record(
        id=reading.document,
        bank=bank,
        text=reading.text,
        form=reading.form,
        parts=tuple(parts),
        tags=reading.about.tags,
        metadata=plain(reading.about.metadata),
        retained=reading.retained,
        created=now if record is None else record.created,
        updated=now,
        revision=0 if record is None else record.revision,
    )


def _appended(record: Record | None, reading: Reading, now: datetime) -> Record:
    assert record is not None
    namer = _Namer(reading.document, {part.key for part in record.parts})
    text, by, form = _joined(record, reading)
    parts = [_new(piece, reading, namer.key(piece), now) for piece in reading.pieces]
    placed = [
        replace(
            part,
            start=None if part.start is None else part.start + by,
            mentioned=later(part.mentioned, len(record.parts) * TICK),  # behind those before, also of one time
        )
        for part in parts
    ]
    return replace(
        record,
        text=text,
        form=form,
        parts=(*record.parts, *placed),
        tags=tuple(sorted({*record.tags, *reading.about.tags})),
        metadata={**record.metadata, **plain(reading.about.metadata)},
        retained=reading.retained,
        updated=now,
    )


def _joined(record: Record, reading: Reading) -> tuple[str, int, Form]:
    """Return the text of both, how far that of the second is moved, and how both are written."""
    if not record.text:
        return reading.text, 0, reading.form
    if record.form == reading.form == "json":
        return f"{record.text.rstrip()[:-1].rstrip()}, {reading.text.lstrip()[1:].lstrip()}", 0, "json"
    if record.form == reading.form == "lines":
        start = record.text.rstrip("\n") + "\n"
        return start + reading.text, len(start), "lines"
    form = record.form if record.form == reading.form else "mixed"
    start = record.text.rstrip("\n") + "\n\n"
    return start + reading.text, len(start), form


class _Namer:
    """Gives chunks their keys: what follows from the document, the words, and how many equal ones came before."""

    def __init__(self, document: str, used: set[str]) -> None:
        self._document = document
        self._used = used
        self._next: dict[tuple[str | None, str], int] = defaultdict(int)

    def key(self, piece: Piece) -> str:
        while True:
            number = self._next[piece.role, piece.text]
            self._next[piece.role, piece.text] += 1
            key = digest("duramen.document", self._document, piece.role or "", piece.text, str(number))
            if key not in self._used:
                self._used.add(key)
                return key


def _new(piece: Piece, reading: Reading, key: str, now: datetime) -> Part:
    return Part(
        key=key,
        text=piece.text,
        start=piece.start,
        kind=piece.kind,
        role=piece.role,
        speaker=piece.speaker,
        mentioned=piece.mentioned,
        occurred=piece.occurred,
        stored=now,
        about=reading.about,
    )


def _kept(part: Part, piece: Piece, reading: Reading, place: int, now: datetime) -> Part:
    """Return a chunk that is there already as it is in its new place: with its times, unless others were given."""
    moved = replace(part, start=piece.start, speaker=piece.speaker, about=reading.about)
    if piece.occurred is None or piece.occurred == part.occurred:
        return moved
    return replace(moved, occurred=piece.occurred, mentioned=piece.mentioned, stored=now)
