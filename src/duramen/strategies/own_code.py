"""The user's own code as a strategy: a function, or a callback with triggers of its own."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, TypeAlias

from typing_extensions import TypedDict

from duramen.errors import StrategyError
from duramen.namespaces import PER_ACTOR
from duramen.naming import digest
from duramen.strategies.usual import Filing, check_trigger
from duramen.strategy import Candidate, Made, Trigger, Unit, Work
from duramen.types import Event, Kind

Given: TypeAlias = "Made | Candidate | str | Iterable[Candidate | str] | None"
"""What a function of the user's may return: all that it made, or candidates, or texts, or nothing."""

Function = Callable[[Work], "Given | Awaitable[Given]"]
Callback = Callable[["SelfManaged"], "Given | Awaitable[Given]"]

_ONE = Trigger()
SELF_MANAGED = Trigger(messages=6, tokens=5000, idle_seconds=20, history=4)


@dataclass(frozen=True, kw_only=True)
class FunctionStrategy(Filing):
    """The user's own code in one function. Any object that is a `duramen.strategy.Strategy` does as well.

    Attributes:
        function: Given a `Work`; may be `async`. One that is not runs in a thread of its own. It returns candidates, texts
            (each a candidate then, made from all events), a whole `Made`, or None.
        version: To be changed when it would make other memories of the same events.
        kind: Of the texts.
        merges: Whether candidates are compared with what is there.
    """

    function: Function
    version: str = "1"
    namespace: str = PER_ACTOR
    kind: Kind = "fact"
    unit: Unit = "session"
    trigger: Trigger = _ONE
    merges: bool = True

    async def __call__(self, work: Work) -> Made:
        """Call the function.

        Raises:
            StrategyError: It returned something else.
        """
        return _made(await _called(self.function, work), work, self.name, self.kind)


class Turn(TypedDict):
    """A turn as plain data.

    Attributes:
        eventId: Of the event that it is.
        eventTimestamp: When it was said, as ISO 8601 text in UTC.
        role: `USER`, `ASSISTANT`, `TOOL`, or `OTHER` for what nobody said.
        name: Who said it, if known.
        content: `text`.
    """

    eventId: str
    eventTimestamp: str
    role: Literal["USER", "ASSISTANT", "TOOL", "OTHER"]
    name: str | None
    content: Mapping[Literal["text"], str]
    metadata: Mapping[str, str]


class SelfManaged(TypedDict):
    """What a self-managed strategy is called with: plain data, as `json.dumps` writes it.

    The keys are those of the payload that AgentCore Memory delivers, and `namespace`.

    Attributes:
        jobId: The same when the same events are tried again.
        memoryId: The bank.
        strategyId: The name of the strategy.
        namespace: Where what is returned is filed.
        currentContext: The new turns, by time.
        historicalContext: Those before them, oldest first, to understand them by.
    """

    jobId: str
    memoryId: str
    strategyId: str
    actorId: str | None
    sessionId: str | None
    namespace: str
    currentContext: Sequence[Turn]
    historicalContext: Sequence[Turn]


@dataclass(frozen=True, kw_only=True)
class SelfManagedStrategy(Filing):
    """Calls back when there is enough that is new. What comes back is filed as it is; nothing is compared with it.

    Attributes:
        callback: Given a `SelfManaged`; may be `async`. One that is not runs in a thread of its own. It returns None, or
            what is to be filed: texts or candidates. If it raises, the job has failed, is tried again with growing
            pauses, and is given up in the end with the reason.
        trigger: As soon as there are so many new messages (1 to 50), so many tokens (100 to 500,000), or nothing came
            for so many seconds (10 to 3,000); with up to 50 turns of history.
        kind: Of the texts.
    """

    callback: Callback
    trigger: Trigger = SELF_MANAGED
    namespace: str = PER_ACTOR
    version: str = "1"
    kind: Kind = "fact"

    merges: ClassVar[bool] = False  # consolidation is the user's own, too

    def __post_init__(self) -> None:
        """Refuse a trigger out of bounds."""
        check_self_managed(self.trigger, self.name)
        Filing.__post_init__(self)

    async def __call__(self, work: Work) -> Made:
        """Call back.

        Raises:
            StrategyError: The callback returned something else. What it raises is passed on.
        """
        return _made(await _called(self.callback, payload(work)), work, self.name, self.kind)


def check_self_managed(trigger: Trigger, name: str) -> None:
    """Check that a trigger is within the bounds of self-managed strategies.

    Raises:
        StrategyError: It is not.
    """
    check_trigger(trigger, name)
    who = f"The trigger of the self-managed strategy {name!r}"
    _within(who, "messages", trigger.messages, 1, 50)
    _within(who, "history", trigger.history, 0, 50)
    if trigger.tokens is not None:
        _within(who, "tokens", trigger.tokens, 100, 500_000)
    if trigger.idle_seconds is not None:
        _within(who, "idle_seconds", trigger.idle_seconds, 10, 3000)


def payload(work: Work) -> SelfManaged:
    """Return `work` as plain data."""
    return SelfManaged(
        jobId=digest(work.bank, work.strategy, *(event.id for event in work.events)),
        memoryId=work.bank,
        strategyId=work.strategy,
        actorId=work.actor,
        sessionId=work.session,
        namespace=work.namespace,
        currentContext=[_turn(event) for event in work.events],
        historicalContext=[_turn(event) for event in work.history],
    )


def _within(what: str, name: str, value: float, least: int, most: int) -> None:
    given: object = value
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if not number or not least <= value <= most:
        raise StrategyError(
            f"{what} has {name}={value!r}. Give a number from {least:,} to {most:,}. Nothing was changed."
        )


async def _called(function: Callable[[Any], Any], argument: object) -> object:
    """Call a function of the user's, in a thread unless it is `async`."""
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None)):  # noqa: B004 - an object may have an `async` one
        found = function(argument)
    else:
        found = await asyncio.to_thread(function, argument)
    return await found if inspect.isawaitable(found) else found


def _made(given: object, work: Work, name: str, kind: Kind) -> Made:
    if given is None:
        return Made()
    if isinstance(given, Made):
        return given
    several: Sequence[object] = [given] if isinstance(given, str | Candidate) else _listed(given, name)
    return Made(candidates=[one for each in several if (one := _candidate(each, work, name, kind)) is not None])


def _listed(given: object, name: str) -> list[object]:
    if not isinstance(given, Iterable) or isinstance(given, Mapping | bytes):
        raise _strange(given, name)
    return list(given)


def _candidate(given: object, work: Work, name: str, kind: Kind) -> Candidate | None:
    sources = tuple(event.id for event in work.events)
    if isinstance(given, Candidate):
        return given if given.sources else replace(given, sources=sources)
    if not isinstance(given, str):
        raise _strange(given, name)
    text = given.strip()
    return Candidate(text=text, kind=kind, sources=sources, mentioned=work.events[-1].mentioned) if text else None


def _strange(given: object, name: str) -> StrategyError:
    return StrategyError(
        f"The code of the strategy {name!r} returned {type(given).__name__}. Return texts, `Candidate`s, a `Made`, or None."
    )


def _turn(event: Event) -> Turn:
    role: Literal["USER", "ASSISTANT", "TOOL", "OTHER"] = (
        "OTHER" if event.actor is None and not event.speaker else "USER"
    )
    if event.kind == "experience":
        role = "TOOL" if (event.speaker or "").casefold() in ("tool", "function") else "ASSISTANT"
    return Turn(
        eventId=event.id,
        eventTimestamp=event.mentioned.isoformat(timespec="milliseconds"),
        role=role,
        name=event.speaker,
        content={"text": event.content},
        metadata=dict(event.metadata),
    )
