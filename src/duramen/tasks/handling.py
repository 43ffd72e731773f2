"""Which handler does the tasks of a type, and how often it tries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from duramen.errors import BadInputError
from duramen.tasks.task import Handler


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """How the tasks of one type are done.

    Attributes:
        handler: Does them.
        attempts: How often a task is begun before it fails, 1 or more; a process that dies counts as an attempt.
        backoff_seconds: Wait after the first failed attempt, after the second, …; the last goes for all further ones.
        lease_seconds: How long a task of a process that died stays out of reach of the others; renewed meanwhile.
        waits: It mostly waits for others, as on a network; such tasks have places of their own.
        drops: The names in a payload that are not kept once the task is completed, such as what somebody said.
    """

    handler: Handler
    attempts: int = 3
    backoff_seconds: Sequence[float] = (1, 10, 60)
    lease_seconds: float = 60
    waits: bool = False
    drops: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.attempts < 1 or self.lease_seconds <= 0 or not self.backoff_seconds or min(self.backoff_seconds) < 0:
            raise BadInputError(
                f"`attempts` is {self.attempts}, `lease_seconds` {self.lease_seconds} and `backoff_seconds` "
                f"{tuple(self.backoff_seconds)}. Give 1 attempt or more, a lease above 0, and waits of 0 or more."
            )

    def pause(self, attempt: int) -> float | None:
        """Return how many seconds to wait after `attempt`, from 1, has failed; None if it was the last."""
        if attempt >= self.attempts:
            return None
        return self.backoff_seconds[min(attempt, len(self.backoff_seconds)) - 1]
