"""How a task comes to stand on the shelf."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from duramen.errors import BadInputError
from duramen.shelf import Change
from duramen.tasks.content import Content
from duramen.tasks.records import Record, digest_of
from duramen.tasks.task import Task
from duramen.times import aware, utc_now


def made(  # noqa: PLR0913  see `Tasks.submit`
    bank: str,
    type: str,
    payload: Mapping[str, Any],
    *,
    id: str | None,
    due: datetime | None,
    parent: str | None,
    hidden: bool,
    total: int | None,
    lane: str | None,
    content: Content | None = None,
) -> Record:
    """Return a task as it stands when it is submitted."""
    now = utc_now()
    task = Task(
        id=str(uuid.uuid4()) if id is None else uuid_of(id),
        bank=bank,
        type=type,
        hidden=hidden,
        parent=None if parent is None else uuid_of(parent),
        created=now,
        updated=now,
        due=now if due is None else aware(due),
        total=total,
    )
    return Record(task=task, lane=type if lane is None else lane, given=digest_of(payload), content=content)


def submitting(record: Record, payload: Mapping[str, Any]) -> Sequence[Change]:
    """Return what lets a task stand that is not there yet."""
    return [record.expected(), record.put(), record.put_payload(payload), record.put_due(), *record.marked()]


def uuid_of(id: str) -> str:
    """Return an id as it is written on the shelf.

    Raises:
        BadInputError: It is no UUID.
    """
    try:
        return str(uuid.UUID(id))
    except (ValueError, AttributeError, TypeError) as error:
        raise BadInputError(f"The id of the task is {id!r}. Give a UUID as text.") from error


def known(id: str) -> str:
    """Return an id as it is written on the shelf; what is no UUID is found nowhere."""
    try:
        return uuid_of(id)
    except BadInputError:
        return "none"
