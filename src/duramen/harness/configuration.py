"""How the memory of a harness is set up, as plain objects."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

from duramen.errors import StrategyError
from duramen.namespaces import STRATEGY, check_template, own_variables
from duramen.sessions.places import checked_id
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


class UnreadableError(StrategyError):
    """What is kept of a harness or its memory is damaged, or newer than this Duramen: the agent goes on without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """What is brought into the prompt from one namespace.

    Attributes:
        top_k: At most so many memories, 1 to 100.
        relevance_score: Those below this score stay out; in [0, 1].
        strategy: The name that stands for `{memoryStrategyId}` in the template. Only what this strategy made is brought; what
            any made if None.
    """

    top_k: int = 10
    relevance_score: float = 0.2
    strategy: str | None = None

    def __post_init__(self) -> None:
        most: object = self.top_k
        if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= MOST_RETRIEVED:
            raise StrategyError(f"`top_k` is {self.top_k!r}. Give a whole number from 1 to {MOST_RETRIEVED}.")
        score: object = self.relevance_score
        if isinstance(score, bool) or not isinstance(score, int | float) or not 0.0 <= score <= 1.0:
            raise StrategyError(f"`relevance_score` is {self.relevance_score!r}. Scores lie in [0, 1].")


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedMemory:
    """A memory that the harness sets up for itself, and takes along when it is deleted.

    Attributes:
        strategies: Names (`"SEMANTIC"`, `"SUMMARIZATION"`, `"USER_PREFERENCE"`, `"EPISODIC"`, in any case), or objects.
        event_days: How long conversations are kept, 3 to 365 days. What strategies made of them stays.
        messages: At most so many of the latest messages are loaded; all if None.
        top_k: At most so many memories are brought from each namespace, 1 to 100.
        relevance_score: Memories below this score stay out; in [0, 1].
    """

    strategies: Sequence[str | Strategy] = ("SEMANTIC", "SUMMARIZATION")
    event_days: int = 30
    messages: int | None = None
    top_k: int = 10
    relevance_score: float = 0.2

    def __post_init__(self) -> None:
        days: object = self.event_days
        if isinstance(days, bool) or not isinstance(days, int) or not LEAST_DAYS <= days <= MOST_DAYS:
            raise StrategyError(f"`event_days` is {days!r}. Give a whole number from {LEAST_DAYS} to {MOST_DAYS}.")
        _check_messages(self.messages)
        Retrieval(top_k=self.top_k, relevance_score=self.relevance_score)
        names = [str(definition["name"]) for definition in self.definitions()]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise StrategyError(
                f"There are several strategies called {', '.join(map(repr, twice))}. Name each once, or give objects with a "
                f"name of their own."
            )

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
            None; `{}` brings nothing. For a `Retrieval` a mapping of its attributes will do.
    """

    resource: str
    actor: str | None = None
    messages: int | None = None
    retrieval: Mapping[str, Retrieval | Mapping[str, Any]] | None = None

    def __post_init__(self) -> None:
        if self.actor is not None:
            checked_id(self.actor, "actor", StrategyError)
        _check_messages(self.messages)
        self.retrievals()

    def retrievals(self) -> dict[str, Retrieval]:
        """Return `retrieval`, the empty one if None.

        Raises:
            StrategyError: It is no mapping from templates to what can be read as a `Retrieval`.
            NamespaceError: A template that is none.
        """
        given: object = {} if self.retrieval is None else self.retrieval
        if not isinstance(given, Mapping):
            raise StrategyError(f"`retrieval` is a {type(given).__name__}. Give a `Retrieval` by namespace template.")
        for template in given:
            check_template(template, own_variables([template]) if isinstance(template, str) else ())
        return {template: _retrieval(template, one) for template, one in given.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoMemory:
    """Nothing is loaded, brought or saved."""


Configuration: TypeAlias = "ManagedMemory | ExistingMemory | NoMemory"


def derived(strategies: Sequence[Strategy], *, top_k: int = 10, relevance_score: float = 0.2) -> dict[str, Retrieval]:
    """Return what is brought from the namespaces of `strategies`, by template.

    The name of the strategy stands in the template already, since several may share the same one.
    """
    return {
        template.replace(f"{{{STRATEGY}}}", strategy.name): Retrieval(
            top_k=top_k, relevance_score=relevance_score, strategy=strategy.name
        )
        for strategy in strategies
        for template in strategy.namespaces
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a harness is, as it is kept.

    Attributes:
        memory: Of which kind its configuration is.
        resource: The memory resource behind it; None if there is none.
        retrieval: What is brought, by template: as it was given if it was `overridden`, else as it was last derived, with
            `top_k` and `relevance_score`.
    """

    memory: Literal["managed", "existing", "none"]
    resource: str | None = None
    actor: str | None = None
    messages: int | None = None
    retrieval: Mapping[str, Retrieval] = field(default_factory=dict)
    overridden: bool = False
    top_k: int = 10
    relevance_score: float = 0.2
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
            UnreadableError: It was kept by something else, or by a newer Duramen.
        """
        try:
            kept = json.loads(written)
            truncation = dict(kept["truncation"])
            how = {name: type_ for type_, name in _TRUNCATIONS.items()}[truncation.pop("strategy")]
            retrieval = {template: Retrieval(**one) for template, one in kept["retrieval"].items()}
            return cls(**{**kept, "retrieval": retrieval, "truncation": how(**truncation)})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnreadableError(
                f"A harness cannot be read ({type(error).__name__}: {error}). It may have been set up by a newer Duramen; "
                f"upgrade, or delete it and set it up anew."
            ) from error


def kept_of(configuration: Configuration, truncation: Truncation, resource: str) -> Kept:
    """Return what is kept of a configuration, before anything is derived.

    Args:
        configuration: As it was given.
        truncation: Likewise.
        resource: The name of the memory resource if it is a managed one.
    """
    if isinstance(configuration, ManagedMemory):
        return Kept(
            memory="managed",
            resource=resource,
            messages=configuration.messages,
            top_k=configuration.top_k,
            relevance_score=configuration.relevance_score,
            truncation=truncation,
        )
    if isinstance(configuration, ExistingMemory):
        return Kept(
            memory="existing",
            resource=configuration.resource,
            actor=configuration.actor,
            messages=configuration.messages,
            retrieval=configuration.retrievals(),
            overridden=configuration.retrieval is not None,
            truncation=truncation,
        )
    return Kept(memory="none", truncation=truncation)


def managed_resource(name: str, configuration: ManagedMemory) -> Resource:
    """Return the resource of a harness that manages its own memory."""
    return Resource(
        name=f"harness {name}",
        strategies=configuration.definitions(),
        event_days=configuration.event_days,
        managed_by=name,
    )


def _check_messages(messages: object) -> None:
    if messages is not None and (isinstance(messages, bool) or not isinstance(messages, int) or messages < 1):
        raise StrategyError(f"`messages` is {messages!r}. Give a whole number of 1 or more, or None for all.")


def _retrieval(template: str, given: object) -> Retrieval:
    if isinstance(given, Retrieval):
        return given
    try:
        if isinstance(given, Mapping):
            return Retrieval(**given)
    except TypeError as error:
        raise StrategyError(f"The retrieval {given!r} for {template!r} cannot be read: {error}.") from error
    raise StrategyError(f"The retrieval for {template!r} is {given!r}. Give a `Retrieval`.")


def _definition(strategy: str | Strategy) -> dict[str, Any]:
    if not isinstance(strategy, str):
        return define(strategy)
    type_ = BUILT_IN.get(strategy.upper())
    if type_ is None:
        known = ", ".join(BUILT_IN)
        raise StrategyError(f"There is no strategy {strategy!r}. Give one of {known}, or an object.")
    return {"type": type_, "name": type_}
