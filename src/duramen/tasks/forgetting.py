"""What goes of tasks when something is forgotten: texts that they hold, whether those are still to be kept or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from duramen.errors import ChangedError
from duramen.shelf import Change, Shelf
from duramen.tasks import copies
from duramen.tasks.content import Content, is_all
from duramen.tasks.records import ENDED, Record, ending, marks_of, payload_in, payload_place, read, records_of
from duramen.times import utc_now
from duramen.types import Selection

FORGOTTEN = "forgotten"
"""Why a task was cancelled, or cannot be done anew."""


async def selected(shelf: Shelf, bank: str, selection: Selection) -> list[Change]:
    """Return what takes out of the tasks of a bank what `selection` selects of the texts that they are to keep.

    Those are acknowledged: what is forgotten now must not come back when their tasks are done. A task that nothing is left
    of is cancelled; one that is under way begins anew with what is left. Of a task that has ended goes all that may be
    meant, also where only a memory could tell. With it go the copies of the bank that were made.

    Every task stands behind an `Expect`: on `ChangedError` ask again. Ask this first, before what tasks may write meanwhile
    is read.
    """
    if selection == Selection():  # all that belongs to the bank goes, these tasks too
        return []
    changes: list[Change] = [copies.removal(bank)]
    marks = await shelf.scan(marks_of(bank))
    entries = await shelf.get([(records_of(bank), mark.key) for mark in marks])
    for record in [read(entry) for entry in entries if entry is not None]:
        left = _left(record, selection)
        if record.content is not None and left is not None:
            places = [record.place, payload_place(bank, record.task.id), record.lane_place]
            entry, payload, lane = await shelf.get(places)
            if entry is None or entry.value != record.raw:
                raise ChangedError(f"Task {record.task.id} was changed meanwhile.")
            changes += _lessened(record, record.content, payload_in(payload), left)
            if lane is not None and record.task.state == "processing" and lane.value == record.token.encode():
                changes += [record.expected_lane(), record.remove_lane()]
    return changes


def waited(changes: Sequence[Change]) -> bool:
    """Tell whether `changes`, of `selected`, take something from a task."""
    return len(changes) > 1


def _left(record: Record, selection: Selection) -> Sequence[int] | None:
    """Return the numbers of the texts that are left to a task; None if it loses nothing."""
    content = record.content
    if content is None:
        return None
    if not content.of:
        return [] if is_all(selection) else None
    left = content.left(selection, ended=record.task.state in ENDED)
    return None if len(left) == len(content.of) else left


def _lessened(record: Record, content: Content, payload: Mapping[str, Any], left: Sequence[int]) -> list[Change]:
    """Return what leaves a task only the texts of these numbers."""
    ended, now = record.task.state in ENDED, utc_now()
    if not left:
        state = record.task.state if ended else "cancelled"
        finished = record.task.finished if ended else now
        gone = replace(record.with_task(state=state, reason=FORGOTTEN, updated=now, finished=finished), spent=True)
        return [record.expected(), *ending(gone, payload)]
    total = len(left) if record.task.total == len(content.of) else record.task.total
    reason = record.task.reason and "Some of what it was given was forgotten."  # it may quote that
    fewer = replace(record, content=content.only(left)).with_task(total=total, updated=now, reason=reason)
    if not ended:
        attempts = record.task.attempts - (record.task.state == "processing")
        fewer = fewer.with_task(state="pending", attempts=attempts, reason="", token="")
    texts = {content.name: [payload[content.name][n] for n in left]}
    return [record.expected(), fewer.put(), fewer.put_payload({**payload, **texts}), *fewer.marked()]
