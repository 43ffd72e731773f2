"""How tasks stand on the shelf.

Up to five entries belong to a task. The *record* says how it stands, and is small; the *payload* is apart from it, so that
listing tasks and changing their state does not move what may be long. The *due entry* stands with those of all banks, in
the order of time, from its submission to its end: what has none is never begun. The *lane entry* is there while a process
works on it, and expires if that process does not renew it; as long as it is there, nothing else in its lane is begun.
The *mark* is there as long as it holds what may be forgotten: so those tasks are found without reading all.

Every change of a record rides behind an `Expect` of what it was, and what a worker does also behind one of its lane.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from duramen.desk import place_of
from duramen.errors import BadInputError
from duramen.naming import digest
from duramen.shelf import Change, Entry, Expect, Path, Place, Put, Remove
from duramen.tasks.content import Content, told, told_in
from duramen.tasks.task import Task
from duramen.times import from_microseconds, microseconds

DUE: Path = ("duramen.due",)

TASKS = "tasks"

KEPT_SECONDS = 30 * 86_400.0
"""How long a task is kept after its end."""

ENDED = frozenset({"completed", "failed", "cancelled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How a task stands.

    Attributes:
        task: Without its payload.
        lane: Tasks in one lane of a bank are done one after the other.
        given: A digest of the payload as it was submitted, by which the same task is known again.
        token: Names the claim under which it is done, or was ended.
        content: What it holds that may be forgotten; None for nothing, or nothing any longer.
        spent: What it was given is gone, so that it cannot be done anew.
        raw: The value it was read from; empty if it is to be put for the first time.
    """

    task: Task
    lane: str
    given: str
    token: str = ""
    content: Content | None = None
    spent: bool = False
    raw: bytes = b""

    @property
    def place(self) -> Place:
        """Where it stands."""
        return records_of(self.task.bank), self.task.id

    @property
    def lane_place(self) -> Place:
        """Where its lane entry stands."""
        return lane_place(self.task.bank, self.lane)

    @property
    def due_key(self) -> str:
        """The key of its due entry."""
        return f"{max(0, microseconds(self.task.due)):020d}.{digest(self.task.bank, self.task.id)}"

    def expected(self) -> Expect:
        """Return what holds as long as nobody changed it."""
        path, key = self.place
        return Expect(path=path, key=key, value=self.raw or None)

    def with_task(self, *, token: str | None = None, **changes: Any) -> Record:
        """Return it with other attributes of its task, not yet put."""
        task = replace(self.task, **changes)
        return replace(self, task=task, token=self.token if token is None else token)

    def put(self) -> Put:
        """Return what lets it stand as it is now."""
        path, key = self.place
        return Put(path=path, key=key, value=self.written(), lifetime=self._lifetime())

    def put_payload(self, payload: Mapping[str, Any]) -> Put:
        """Return what lets its payload stand for as long as itself."""
        path, key = payload_place(self.task.bank, self.task.id)
        return Put(path=path, key=key, value=encoded(payload, "payload"), lifetime=self._lifetime())

    def marked(self) -> Sequence[Change]:
        """Return what lets it be found as one that holds what may be forgotten, if it does."""
        if self.content is None:
            return []
        return [Put(path=marks_of(self.task.bank), key=self.task.id, value=b"", lifetime=self._lifetime())]

    def without_content(self) -> Record:
        """Return it without what it was given, not yet put."""
        return replace(self, content=None, spent=True)

    def put_due(self) -> Put:
        """Return what lets it be begun when it is due."""
        task = self.task
        value = {"bank": task.bank, "id": task.id, "type": task.type, "lane": self.lane}
        return Put(path=DUE, key=self.due_key, value=json.dumps(value).encode())

    def remove_due(self) -> Remove:
        """Return what keeps it from being begun."""
        return Remove(path=DUE, key=self.due_key)

    def put_lane(self, seconds: float) -> Sequence[Change]:
        """Return what takes its lane, which must be free."""
        path, key = self.lane_place
        mine = self.token.encode()
        return [Expect(path=path, key=key, value=None), Put(path=path, key=key, value=mine, lifetime=seconds)]

    def expected_lane(self) -> Expect:
        """Return what holds as long as its lane is taken under its token."""
        path, key = self.lane_place
        return Expect(path=path, key=key, value=self.token.encode())

    def remove_lane(self) -> Remove:
        """Return what frees its lane."""
        path, key = self.lane_place
        return Remove(path=path, key=key)

    def written(self) -> bytes:
        """Return the value it is read from again."""
        task = self.task
        finished = None if task.finished is None else microseconds(task.finished)
        value = {
            "type": task.type,
            "state": task.state,
            "hidden": task.hidden,
            "parent": task.parent,
            "attempts": task.attempts,
            "created": microseconds(task.created),
            "updated": microseconds(task.updated),
            "due": microseconds(task.due),
            "finished": finished,
            "stage": task.stage,
            "processed": task.processed,
            "total": task.total,
            "result": task.result,
            "reason": task.reason,
            "lane": self.lane,
            "given": self.given,
            "token": self.token,
            "content": told(self.content),
            "spent": self.spent,
        }
        return encoded(value, "result")

    def _lifetime(self) -> float | None:
        return KEPT_SECONDS if self.task.state in ENDED else None


def records_of(bank: str) -> Path:
    """Return the path of the records of `bank`, by id."""
    return place_of(bank, TASKS)


def marks_of(bank: str) -> Path:
    """Return the path of the marks of tasks that hold what may be forgotten, by id."""
    return place_of(bank, "task_marks")


def lane_place(bank: str, lane: str) -> Place:
    """Return where the lane entry of a lane stands."""
    return place_of(bank, "task_lanes"), lane


def payload_place(bank: str, task: str) -> Place:
    """Return where the payload of a task stands."""
    return place_of(bank, "task_payloads"), task


def read(entry: Entry) -> Record:
    """Return the record that an entry holds, its task without payload."""
    value = json.loads(entry.value)
    task = Task(
        id=entry.key,
        bank=entry.path[1],
        type=value["type"],
        state=value["state"],
        hidden=value["hidden"],
        parent=value["parent"],
        attempts=value["attempts"],
        created=from_microseconds(value["created"]),
        updated=from_microseconds(value["updated"]),
        due=from_microseconds(value["due"]),
        finished=None if value["finished"] is None else from_microseconds(value["finished"]),
        stage=value["stage"],
        processed=value["processed"],
        total=value["total"],
        result=value["result"],
        reason=value["reason"],
    )
    return Record(
        task=task,
        lane=value["lane"],
        given=value["given"],
        token=value["token"],
        content=told_in(value.get("content")),
        spent=value.get("spent", False),
        raw=entry.value,
    )


def payload_in(entry: Entry | None) -> Mapping[str, Any]:
    """Return the payload that an entry holds; none is empty."""
    payload: Mapping[str, Any] = {} if entry is None else json.loads(entry.value)
    return payload


def encoded(value: Mapping[str, Any], name: str) -> bytes:
    """Return JSON.

    Raises:
        BadInputError: `value` holds what JSON cannot; `name` says what it is.
    """
    try:
        return json.dumps(value, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInputError(f"The {name} of the task cannot be written as JSON: {error}.") from error


def digest_of(payload: Mapping[str, Any]) -> str:
    """Return what tells payloads apart, whatever the order of their keys."""
    return digest(json.dumps(json.loads(encoded(payload, "payload")), sort_keys=True))


def ending(record: Record, payload: Mapping[str, Any], drops: Iterable[str] = ()) -> list[Change]:
    """Return what lets a record that has just ended stand, with its payload but for what it `drops`.

    What it was given to keep goes too when it was kept, or cannot be tried again.
    """
    gone, content, changes = set(drops), record.content, list[Change]()
    if content is not None and (record.spent or content.uploads or record.task.state == "completed"):
        gone.add(content.name)
        changes += [Remove(path=marks_of(record.task.bank), key=record.task.id)]
        changes += [Remove(path=path) for path in content.uploads]
        record = record.without_content()
    left = {name: value for name, value in payload.items() if name not in gone}
    return [*changes, *record.marked(), record.put(), record.put_payload(left), record.remove_due()]


def after(moment: datetime, seconds: float) -> datetime:
    """Return the moment that many seconds later."""
    return moment + timedelta(seconds=seconds)
