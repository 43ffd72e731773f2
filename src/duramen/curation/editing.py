"""What a correction makes of an event, and of the chunk that it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from duramen.block import strip
from duramen.documents.reading import cleaned
from duramen.documents.record import Part
from duramen.documents.reserved import CONTEXT, OCCURRED
from duramen.errors import BadContentError
from duramen.selecting import FORGOTTEN
from duramen.times import parse_time
from duramen.types import Event, Kind, Memory

Span = tuple[int, int]

_KINDS = ("fact", "experience")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is to be other than it was; None for what stays.

    Attributes:
        context: "" for none. `occurred` is from when until when it was true; (None, None) for never said.
    """

    text: str | None = None
    context: str | None = None
    occurred: tuple[datetime | None, datetime | None] | None = None
    kind: Kind | None = None
    entities: tuple[str, ...] | None = None

    def event(self, event: Event, span: Span) -> Event:
        """Return what becomes of an event whose content holds the memory at `span`."""
        made = event if self.text is None else replace(event, content=_put(event.content, span, self.text))
        made = made if self.kind is None else replace(made, kind=self.kind)
        made = made if self.entities is None else replace(made, entities=self.entities)
        if self.occurred is not None:
            made = replace(made, occurred=self.occurred[0] or self.occurred[1])
        return replace(made, metadata=self._metadata(made.metadata))

    def part(self, part: Part, span: Span) -> Part:
        """Return what becomes of a chunk whose event holds the memory at `span`."""
        made = part
        if self.text is not None:
            there = part.text if part.content is None else part.content
            words = there[span[0] : span[1]]
            at = span[0] if part.content is None else part.text.find(words)
            content = None if part.content is None else _put(part.content, span, self.text)
            made = replace(made, content=content)
            if at >= 0:
                made = replace(made, text=_put(part.text, (at, at + len(words)), self.text))
        made = made if self.kind is None else replace(made, kind=self.kind)
        if self.occurred is not None:
            made = replace(made, occurred=self.occurred[0] or self.occurred[1])
        edits = dict(part.edits)
        if self.entities is not None:
            edits["entities"] = self.entities
        if self.context is not None:
            edits["context"] = self.context
        if self.occurred is not None:
            edits["occurred"] = interval(self.occurred)
        return replace(made, edits=edits)

    def _metadata(self, metadata: Mapping[str, str]) -> dict[str, str]:
        made = dict(metadata)
        if self.context is not None:
            made[CONTEXT] = self.context
        if self.occurred is not None:
            made[OCCURRED] = interval(self.occurred)
        return made


def edit_of(
    text: str | None,
    context: str | None,
    occurred: tuple[datetime | None, datetime | None] | None,
    kind: Kind | None,
    entities: Sequence[str] | None,
) -> Edit:
    """Return what was asked for, checked.

    Raises:
        BadContentError: It cannot be kept.
    """
    given: object = text
    if given is not None and (not isinstance(given, str) or not strip(given).strip()):
        raise BadContentError(f"`text` is {given!r}. Give text that is not blank, or invalidate the memory.")
    about: object = context
    if about is not None and not isinstance(about, str):
        raise BadContentError(f"`context` is {about!r}. Give text. Nothing was changed.")
    if kind is not None and kind not in _KINDS:
        raise BadContentError(f"`kind` is {kind!r}. Give one of {', '.join(_KINDS)}. Nothing was changed.")
    names: Sequence[object] = () if entities is None else entities
    if isinstance(names, str) or not all(isinstance(name, str) and name.strip() for name in names):
        raise BadContentError(f"`entities` is {names!r}. Give a list of names. Nothing was changed.")
    return Edit(
        text=None if text is None else cleaned(strip(text)).strip(),
        context=None if context is None else cleaned(context).strip(),
        occurred=None if occurred is None else _moments(occurred),
        kind=kind,
        entities=None if entities is None else tuple(dict.fromkeys(cleaned(name.strip()) for name in entities)),
    )


def interval(occurred: tuple[datetime | None, datetime | None]) -> str:
    """Write from when until when."""
    return "/".join("" if moment is None else moment.isoformat() for moment in occurred)


def place_in(content: str, memory: Memory, pieces: Sequence[str]) -> Span | None:
    """Return where the words of a memory stand in its event, whose pieces are these; None if they do not."""
    behind = 0
    for position, piece in enumerate(pieces):
        at = content.find(piece, behind)
        if position == memory.position and piece == memory.text:
            return at, at + len(piece)
        behind = at + len(piece)
    at = content.find(memory.text)
    return (at, at + len(memory.text)) if at >= 0 else None


def marks_before(content: str, place: int) -> int:
    """Return how many memories are cut out of `content` before a place."""
    return content.count(FORGOTTEN, 0, place)


def put_back(content: str, mark: int, text: str) -> str:
    """Return `content` with `text` where a memory was cut out of it: at the place counted by `mark`, from 0."""
    pieces = content.split(FORGOTTEN)
    if len(pieces) == 1:
        return content
    mark = min(mark, len(pieces) - 2)
    return FORGOTTEN.join(pieces[: mark + 1]) + text + FORGOTTEN.join(pieces[mark + 1 :])


def _put(content: str, span: Span, text: str) -> str:
    return content[: span[0]] + text + content[span[1] :]


def _moments(occurred: Any) -> tuple[datetime | None, datetime | None]:
    if not isinstance(occurred, Sequence) or isinstance(occurred, str) or len(occurred) != 2:
        raise BadContentError(f"`occurred` is {occurred!r}. Give when it began and when it ended, or None for either.")
    start, end = (None if one is None else parse_time(one, BadContentError, "occurred") for one in occurred)
    if start is not None and end is not None and end < start:
        raise BadContentError(f"`occurred` ends at {end.isoformat()}, before it begins. Nothing was changed.")
    return start, end
