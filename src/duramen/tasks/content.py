"""What the payload of a task holds that may be forgotten before the task is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from duramen.selecting import selects_memories
from duramen.shelf import Path
from duramen.times import from_microseconds, microseconds
from duramen.types import Selection

_LAST = datetime.max.replace(tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What one text is about, as a selection asks for it.

    Attributes:
        document: The document that it becomes, or a part of.
        session, actor: Which conversation it is of, and whose.
        first, last: The earliest and the latest time that something of it is mentioned at.
    """

    document: str | None = None
    session: str | None = None
    actor: str | None = None
    first: datetime
    last: datetime

    def may_fit(self, selection: Selection) -> bool:
        """Tell whether something of it may be meant: what no text is known to have (a key, a memory) always may be."""
        return (
            selection.document in (None, self.document)
            and selection.session in (None, self.session)
            and selection.actor in (None, self.actor)
            and (selection.before is None or self.first < selection.before)
            and (selection.since is None or self.last >= selection.since)
        )

    def fits(self, selection: Selection) -> bool:
        """Tell whether all of it is meant."""
        return (
            self.may_fit(selection)
            and not selects_memories(selection)
            and selection.key is None
            and selection.tags is None
            and (selection.before is None or self.last < selection.before)
            and (selection.since is None or self.first >= selection.since)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a task is to keep in its bank: it goes from the task when it is forgotten there, and when the task is done.

    The handler of such a task keeps it in one transaction with `Report.finishing`, or piece by piece behind
    `Report.holding`: so nothing is kept of it that was forgotten after the handler was given it.

    Attributes:
        name: The list in the payload that holds the texts; empty if the payload holds none.
        of: What each of them is about, in order; none if that is not known.
        uploads: Paths of the shelf where more of it stands. What stands there goes however the task ends, which cannot be
            done anew then.
    """

    name: str = ""
    of: Sequence[About] = ()
    uploads: Sequence[Path] = ()

    def left(self, selection: Selection, *, ended: bool) -> Sequence[int]:
        """Return the numbers of the texts that are left when `selection` is forgotten.

        Of a task that has ended goes whatever may be meant; of one that is still to be done what is meant for sure.
        """
        return [n for n, about in enumerate(self.of) if not (about.may_fit if ended else about.fits)(selection)]

    def only(self, numbers: Sequence[int]) -> Content:
        """Return it with these texts alone."""
        return replace(self, of=[self.of[n] for n in numbers])


def told(content: Content | None) -> Mapping[str, Any] | None:
    """Return what JSON can hold of it."""
    if content is None:
        return None
    rows = [
        [one.document, one.session, one.actor, microseconds(one.first), microseconds(one.last)] for one in content.of
    ]
    return {"name": content.name, "of": rows, "uploads": [list(path) for path in content.uploads]}


def told_in(value: Mapping[str, Any] | None) -> Content | None:
    """Read what `told` returned."""
    if value is None:
        return None
    of = [
        About(
            document=document,
            session=session,
            actor=actor,
            first=from_microseconds(first),
            last=from_microseconds(last),
        )
        for document, session, actor, first, last in value["of"]
    ]
    return Content(name=value["name"], of=of, uploads=[tuple(path) for path in value["uploads"]])


def is_all(selection: Selection) -> bool:
    """Tell whether all is meant that was ever mentioned."""
    return selection in (Selection(), Selection(before=_LAST))
