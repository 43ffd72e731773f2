"""The seam of strategies: what one is given, and what it makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from duramen.language_model import LanguageModel
from duramen.types import Event, Interval, Kind, Memory

Unit = Literal["event", "session", "document"]
"""What a strategy is given at a time: one event, or the new events of a session or document together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """When there is enough for a strategy to begin: as soon as one of these is met.

    Attributes:
        messages: So many new events, 1 or more.
        tokens: So many tokens in them.
        idle_seconds: Nothing came for so long.
        history: How many earlier events of the session it is shown beside the new ones.
    """

    messages: int = 1
    tokens: int | None = None
    idle_seconds: float | None = None
    history: int = 4


class Known(Protocol):
    """What a strategy can look up of what it made before, in the bank that it works for."""

    async def similar(self, text: str, *, namespace: str, limit: int = 10) -> Sequence[tuple[Memory, float]]:
        """Return current memories filed exactly there, by how alike they are in meaning, in [0, 1], best first."""

    async def filed(self, namespace: str, *, limit: int = 1000) -> Sequence[Memory]:
        """Return the memories filed exactly there, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a strategy is given.

    Attributes:
        events: New ones, one or more, by time mentioned; all of one actor, session and document.
        history: Those before them in the session, oldest first: to understand the new ones, not to make memories of.
        namespace: Where to file, resolved from the strategy's template.
        variables: The values that namespace templates are resolved with.
        known: What was made before.
        model: The language model to use, if there is one; what it takes is counted against the bank.
        now: The time of the work. What an event says is relative to the time that it was mentioned, not to this.
    """

    bank: str
    strategy: str
    events: Sequence[Event]
    history: Sequence[Event]
    namespace: str
    variables: Mapping[str, str]
    known: Known
    model: LanguageModel | None
    now: datetime
    actor: str | None = None
    session: str | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A memory that a strategy proposes. Whether it is new is found out afterwards.

    Attributes:
        text: What it says, readable by itself: it is embedded, searched and shown.
        sources: The ids of the events that say so, at least one.
        mentioned: When it was said.
        occurred: When it was true.
        details: Its parts by name, of what JSON can hold; what they are is the strategy's own.
        namespace: Where to file it, if not in `Work.namespace`.
        replaces: The id of the memory that this is a new state of, such as a running summary; that one goes, and nothing
            else is compared.
        settled: It was already compared with what is known, so that it is filed as it is.
        tags: Its labels, if they are not those of its sources.
    """

    text: str
    kind: Kind
    sources: tuple[str, ...]
    mentioned: datetime
    occurred: Interval | None = None
    speaker: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    namespace: str | None = None
    replaces: str | None = None
    settled: bool = False
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a strategy made.

    Attributes:
        candidates: In the order in which they were said.
        left: The ids of events to be given again, with what follows them: their episode has not ended, say. They come
            again with the next event of their session, or when it has been idle for `Trigger.idle_seconds`.
        notes: What was unusual, such as that the model did not answer and how it was done without.
        fallbacks: How often the deterministic form took the place of the model's.
    """

    candidates: Sequence[Candidate] = ()
    left: Sequence[str] = ()
    notes: Sequence[str] = ()
    fallbacks: int = 0


class Strategy(Protocol):
    """The rule that makes memories from events. Keeps nothing between calls, so that any process may go on with it.

    Attributes:
        name: Names it in a bank: a letter or digit, then letters, digits, `-` and `_`; at most 100.
        version: Changes when it would make other memories of the same events; written into jobs and revisions.
        namespace: The template of where it files; see `duramen.namespaces`.
        namespaces: All templates that it files by, `namespace` first.
        unit: What it is given at a time.
        trigger: When it begins.
        merges: Whether candidates are compared with what is filed there already.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def namespaces(self) -> Sequence[str]: ...
    @property
    def unit(self) -> Unit: ...
    @property
    def trigger(self) -> Trigger: ...
    @property
    def merges(self) -> bool: ...

    async def __call__(self, work: Work) -> Made:
        """Make memories of `work.events`.

        May raise anything: the work is then tried again later, with growing pauses, and given up in the end with the
        reason in its jobs. A language model that fails is no reason: the deterministic form answers then.
        """
