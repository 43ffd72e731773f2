"""How the memory of a harness is set up, as plain objects."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

from duramen.errors import StrategyError
from duramen.namespaces import STRATEGY, check_template, own_variables
from duramen.sessions.truncation import NoTruncation, SlidingWindow, Summarization, Truncation
from duramen.strategies.definitions import define
from duramen.strategies.resources import Resource
from duramen.strategy import Strategy

LEAST_DAYS, MOST_DAYS = 3, 365
MOST_RETRIEVED = 100

_TRUNCATIONS: Mapping[type[Truncation], str] = {
    SlidingWindow: "sliding_window",
    Summarization: "summarization",
    NoTruncation: "none",
}

BUILT_IN: Mapping[str, str] = {
    "SEMANTIC": "semantic",
    "SUMMARIZATION": "summary",
    "SUMMARY": "summary",
    "USER_PREFERENCE": "preference",
    "PREFERENCE": "preference",
    "EPISODIC": "episodic",
}
"""The strategies that can be named, and the types of their definitions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """What is brought into the prompt from one namespace.

    Attributes:
        top_k: At most so many memories, 1 to 100.
        relevance_score: Those below this score stay out; in [0, 1].
        strategy: The name that stands for `{memoryStrategyId}` in the template.
    """

    top_k: int = 10
    relevance_score: float = 0.2
    strategy: str | None = None

    def __post_init__(self) -> None:
        most: object = self.top_k
        if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= MOST_RETRIEVED:
            raise StrategyError(f"`top_k` is {self.top_k!r}. Give a whole number from 1 to {MOST_RETRIEVED}.")
        score: object = self.relevance_score
        if not isinstance(score, int | float) or not 0.0 <= score <= 1.0:
            raise StrategyError(f"`relevance_score` is {self.relevance_score!r}. Scores lie in [0, 1].")


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedMemory:
    """A memory that the harness sets up for itself, and takes along when it is deleted.

    Attributes:
        strategies: Names (`"SEMANTIC"`, `"SUMMARIZATION"`, `"USER_PREFERENCE"`, `"EPISODIC"`, in any case), or objects.
        event_days: How long conversations are kept, 3 to 365 days. What strategies made of them stays.
    """

    strategies: Sequence[str | Strategy] = ("SEMANTIC", "SUMMARIZATION")
    event_days: int = 30

    def __post_init__(self) -> None:
        days: object = self.event_days
        if isinstance(days, bool) or not isinstance(days, int) or not LEAST_DAYS <= days <= MOST_DAYS:
            raise StrategyError(f"`event_days` is {days!r}. Give a whole number from {LEAST_DAYS} to {MOST_DAYS}.")
        self.definitions()

    def definitions(self) -> list[dict[str, Any]]:
        """Return what is kept of the strategies.

        Raises:
            StrategyError: There is no strategy of that name.
        """
        return [_definition(strategy) for strategy in self.strategies]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingMemory:
    """A memory resource that was set up before, which several harnesses may share.

    Attributes:
        resource: Its name.
        actor: Whose memory it is, if a call does not say.
        messages: At most so many of the latest messages are loaded; all if None.
        retrieval: What is brought into the prompt, by namespace template. Derived from the strategies of the resource if
            None; `{}` brings nothing.
    """

    resource: str
    actor: str | None = None
    messages: int | None = None
    retrieval: Mapping[str, Retrieval] | None = None

    def __post_init__(self) -> None:
        for template in self.retrieval or {}:
            check_template(template, own_variables([template]))
        messages: object = self.messages
        if messages is not None and (isinstance(messages, bool) or not isinstance(messages, int) or messages < 1):
            raise StrategyError(f"`messages` is {messages!r}. Give a whole number of 1 or more, or None for all.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoMemory:
    """Nothing is loaded, brought or saved."""


Configuration: TypeAlias = "ManagedMemory | ExistingMemory | NoMemory"


def derived(strategies: Sequence[Strategy]) -> dict[str, Retrieval]:
    """Return what is brought from the namespaces of `strategies`, with the defaults, by template.

    The name of the strategy stands in the template already, since several may share the same one.
    """
    return {
        template.replace(f"{{{STRATEGY}}}", strategy.name): Retrieval(strategy=strategy.name)
        for strategy in strategies
        for template in strategy.namespaces
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a harness is, as it is kept.

    Attributes:
        memory: Of which kind its configuration is.
        resource: The memory resource behind it; None if there is none.
        retrieval: What is brought, by template: as it was given if it was `overridden`, else as it was last derived.
    """

    memory: Literal["managed", "existing", "none"]
    resource: str | None = None
    actor: str | None = None
    messages: int | None = None
    retrieval: Mapping[str, Retrieval] = field(default_factory=dict)
    overridden: bool = False
    truncation: Truncation = field(default_factory=SlidingWindow)

    def written(self) -> bytes:
        """Return it as it lies on the shelf."""
        kept = asdict(self) | {
            "truncation": {"strategy": _TRUNCATIONS[type(self.truncation)], **asdict(self.truncation)}
        }
        return json.dumps(kept, ensure_ascii=False).encode()

    @classmethod
    def read(cls, written: bytes) -> Kept:
        """Read what `written` gave.

        Raises:
            StrategyError: It was kept by something else, or by a newer Duramen.
        """
        try:
            kept = json.loads(written)
            truncation = dict(kept["truncation"])
            how = {name: type_ for type_, name in _TRUNCATIONS.items()}[truncation.pop("strategy")]
            retrieval = {template: Retrieval(**one) for template, one in kept["retrieval"].items()}
            return cls(**{**kept, "retrieval": retrieval, "truncation": how(**truncation)})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StrategyError(
                f"A harness cannot be read ({type(error).__name__}: {error}). It may have been set up by a newer Duramen; "
                f"upgrade, or delete it and set it up anew."
            ) from error


def managed_resource(name: str, configuration: ManagedMemory) -> Resource:
    """Return the resource of a harness that manages its own memory."""
    return Resource(
        name=f"harness {name}",
        strategies=configuration.definitions(),
        event_days=configuration.event_days,
        managed_by=name,
    )


def _definition(strategy: str | Strategy) -> dict[str, Any]:
    if not isinstance(strategy, str):
        return define(strategy)
    type_ = BUILT_IN.get(strategy.upper())
    if type_ is None:
        known = ", ".join(BUILT_IN)
        raise StrategyError(f"There is no strategy {strategy!r}. Give one of {known}, or an object.")
    return {"type": type_, "name": type_}
