"""A task: work that is asked for now and done in a while, by whichever process comes to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from duramen.shelf import Change

TaskState = Literal["pending", "processing", "completed", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One piece of work in one bank.

    Attributes:
        id: A UUID as text; whoever submits it may choose it, and the same task submitted twice is one.
        type: Which handler does it, such as `retain` or `webhook`.
        payload: What the handler is given, of what JSON can hold.
        hidden: It is a part of the machinery, and is not listed unless asked for (deliveries of webhooks).
        parent: The id of the task that it is a part of.
        attempts: How often it was begun.
        due: When it may be begun; `created`, `updated` and `finished` are when it was submitted, last changed, and ended.
        stage: What is being done, `processed` of `total` (None if that is not known).
        result: What the handler returned.
        reason: Why it failed, or failed last; else empty.
    """

    id: str
    bank: str
    type: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    state: TaskState = "pending"
    hidden: bool = False
    parent: str | None = None
    attempts: int = 0
    created: datetime
    updated: datetime
    due: datetime
    finished: datetime | None = None
    stage: str = ""
    processed: int = 0
    total: int | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


class Report(Protocol):
    """What a handler says of its task while it works."""

    async def progress(self, stage: str, processed: int = 0, total: int | None = None) -> None:
        """Say how far it is. Raises `CancelledTaskError` if the task was cancelled or its lease was lost meanwhile."""

    def holding(self) -> Sequence[Change]:
        """Return what holds as long as the task is the handler's, for a transaction that is not its last.

        It goes by the progress made so far.
        """

    def finishing(self, result: Mapping[str, Any]) -> Sequence[Change]:
        """Return what completes the task, for the handler's own last transaction: both are done, or neither.

        That transaction fails with `ChangedError` if the task is no longer the handler's.
        """


class Handler(Protocol):
    """Does the tasks of one type.

    It may be run again after it was killed at any point, so it does what was done already no second time: either because
    its work is idempotent, or because its last transaction holds `Report.finishing`. Whatever it raises fails the
    attempt; `PermanentError` gives the task up at once.
    """

    async def __call__(self, task: Task, report: Report) -> Mapping[str, Any]:
        """Do the work; return its result."""
