"""One chunk of a document, to be changed together with the document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from duramen.documents.record import Part, Record, expected, places, record_of, writing
from duramen.documents.rewriting import with_part
from duramen.shelf import Change, Entry, Shelf
from duramen.times import utc_now


@dataclass(frozen=True, slots=True)
class Held:
    """A chunk in its document, as `entry` was read."""

    record: Record
    part: Part
    entry: Entry | None

    def changes(self, part: Part, action: str) -> Sequence[Change]:
        """Return what puts `part` in the place of the chunk, if nobody changed the document meanwhile."""
        made = replace(with_part(self.record, part), updated=utc_now())
        return [expected(made.bank, made.id, self.entry), *writing(made, action)]


async def held(shelf: Shelf, bank: str, document: str | None, event: str) -> Held | None:
    """Return the chunk that is this event; None if no document that was given whole has it."""
    if document is None:
        return None
    head, body = await shelf.get(places(bank, document))
    record = record_of(bank, head, body)
    parts = () if record is None else record.parts
    return next((Held(record, part, head) for part in parts if record is not None and part.id == event), None)
