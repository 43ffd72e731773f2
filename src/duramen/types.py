"""The data that flows through Duramen: frozen, plain, and without behaviour beyond their own.

Times are aware datetimes; naive ones given by callers are read as UTC. Text is any Unicode without lone surrogates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from duramen.acknowledged import Forgotten as Forgotten
from duramen.acknowledged import Retained as Retained
from duramen.claim import Claim as Claim
from duramen.tagging import AllOf as AllOf
from duramen.tagging import AnyOf as AnyOf
from duramen.tagging import NoneOf as NoneOf
from duramen.tagging import Tagged as Tagged
from duramen.tagging import TagGroup as TagGroup
from duramen.tagging import TagsMatch as TagsMatch
from duramen.trace import ArmName as ArmName
from duramen.trace import ArmRank as ArmRank
from duramen.trace import Interval as Interval
from duramen.trace import Trace as Trace

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Kind = Literal["fact", "experience", "observation", "summary", "preference", "episode", "reflection"]
"""What sort of memory: a `fact` was said by or of somebody, an `experience` is what the agent itself said or did."""

KINDS: tuple[Kind, ...] = ("fact", "experience", "observation", "summary", "preference", "episode", "reflection")

Budget = Literal["low", "mid", "high"]
"""How deep each arm looks."""

ArmSwitch = Mapping[ArmName, bool]
"""Arms that are switched on or off; those not named are on."""


Message = Mapping[str, Any]
"""A chat message: `role` and `content` (text, or a list of parts whose `text` is read), optionally `name`, `id` and
`timestamp` (aware datetime or ISO 8601 text)."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whose memory a turn reads and writes. `duramen.bank_of(identity)` names the bank, or refuses."""

    user: str
    agent: str | None = None
    tenant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to retain. A batch is a list of these, and is acknowledged as one.

    Attributes:
        content: Text, or chat messages; each message is kept as an event of its own, in order.
        key: What makes retaining this again a replacement. Without one: the `id` of a message, else a hash of the
            content, where it stands and whose it is.
        occurred: When it happened or was said; the time of the call if None. Dates in the text refer to it.
        actor: Whose conversation this is, a user for example.
        session: The conversation it belongs to; neighbours in a session lend each other context.
        metadata: Text by name, kept and returned, not searched. `tags` are labels to recall by.
        document: The source that this is (a piece of).
        entities: Names of people, places and things that are known to be in it, beside those that are found.
        expires: From when on the event is gone, with what is remembered of it word for word; None for never. What
            strategies made of it stays.
    """

    content: str | Sequence[Message]
    key: str | None = None
    occurred: datetime | None = None
    actor: str | None = None
    session: str | None = None
    tags: Sequence[str] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    document: str | None = None
    entities: Sequence[str] = ()
    expires: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What was retained, as it was given: the source that memories are made from. Immutable.

    Attributes:
        id: Names the event in its bank; derived from `key` and `position`, so the same thing twice has one id.
        position: Place in the item of this `key`, from 0 (chat messages are one event each).
        kind: What its memories are, unless a strategy knows better: `experience` when the agent itself said or did it.
        speaker: Who said it: the `name` or `role` of a message, or an actor whose id reads like a name.
        mentioned: When it was said. `occurred`: when it happened, if the caller said so. `stored`: when acknowledged.
        entities: Names that the caller knows to be in it.
        expires: From when on it is gone; None for never.
    """

    id: str
    bank: str
    key: str
    position: int = 0
    content: str
    kind: Kind = "fact"
    actor: str | None = None
    session: str | None = None
    speaker: str | None = None
    document: str | None = None
    mentioned: datetime
    occurred: datetime | None = None
    stored: datetime
    expires: datetime | None = None
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    entities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """One long-term entry.

    Attributes:
        id: Names the memory in its bank; stable when its event is worked through again.
        event: The id of the event that it was made from; `key` is that of the item behind it. What was put there by hand
            was made from none: both are its own.
        position: Place among the memories of its event, from 0.
        mentioned: When it was said. `occurred` is when it was true, from the text or the caller; `stored` is when it
            was kept.
        superseded: Since when a newer memory holds instead; None while it is current.
        entities: Names of people, places and things in it.
        tokens: Length of `text` in tokens.
        strategy: The name of the strategy that made it, `namespace` the path that it filed it at; None for what was
            retained word for word.
        sources: What a strategy made it from: the ids of all events that say so, in the order in which they came, `event`
            being the first. Empty for what was retained word for word: its source is `event`. Of what was put there by
            hand: events that say it again.
        details: Its parts by name, as its strategy made them, of what JSON can hold.
    """

    id: str
    bank: str
    text: str
    kind: Kind = "fact"
    event: str
    key: str
    position: int = 0
    actor: str | None = None
    session: str | None = None
    speaker: str | None = None
    document: str | None = None
    mentioned: datetime
    occurred: Interval | None = None
    stored: datetime
    superseded: datetime | None = None
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    entities: tuple[str, ...] = ()
    tokens: int = 0
    strategy: str | None = None
    namespace: str | None = None
    sources: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Indexed:
    """A memory with what the arms search it by.

    Attributes:
        vector: Unit float32 vector, shape (dimensions,).
        terms: Codes of its search terms with repeats, uint32, shape (terms,).
        claims: What it says that a later memory may contradict.
        late: Codes of its token vectors, for comparing text by text; empty if there are none. About 1 kB.
    """

    memory: Memory
    vector: npt.NDArray[np.float32]
    terms: npt.NDArray[np.uint32]
    claims: tuple[Claim, ...] = ()
    late: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """What the bank index reads of one memory: everything to search by and nothing to show.

    Attributes:
        number: Place in the bank: rises with every put and is never used again, so a larger one is newer in the store.
        namespace: Where a strategy filed it; None for what was retained word for word.
        mentioned: Microseconds since 1970 UTC, like `occurred` (start and end, or None) and `superseded`.
    """

    number: int
    id: str
    kind: Kind
    event: str
    position: int
    actor: str | None
    session: str | None
    speaker: str | None
    mentioned: int
    occurred: tuple[int, int] | None
    superseded: int | None
    tags: tuple[str, ...]
    entities: tuple[str, ...]
    tokens: int
    vector: npt.NDArray[np.float32]
    terms: npt.NDArray[np.uint32]
    claims: tuple[Claim, ...] = ()
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class BankVersion:
    """What tells whether an index of the bank is still right.

    Attributes:
        number: Identifies the bank in its store; a bank deleted and made anew has another.
        last: The largest `Row.number` given out so far; 0 in an empty bank.
        removals: Counts the rows ever taken away of what was retained word for word; a rise means that some known row
            may be gone.
        embedder: What made the vectors, of length `dimensions`; None and 0 before the first.
        made: Counts the rows of strategies ever given out; `revised` is what `removals` is, for them.
    """

    number: int
    last: int
    removals: int
    embedder: str | None
    dimensions: int
    made: int = 0
    revised: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a recall asks, checked and complete.

    Attributes:
        limit: At most this many hits, 1 or more, with at most `max_tokens` in `Recall.text`.
        at: The moment that "yesterday" and "now" in the text refer to.
        since: With `until`, only what occurred or was mentioned in this half-open range.
        namespaces: What strategies filed at one of these or below, and not what was retained word for word; the other
            way round if None. Each begins and ends with a slash.
        ids: Only these memories, by id; none of them if it is empty. Without `namespaces`, those that were retained word for
            word are hits, and those that strategies made may be shown beside them.
        made: At most so many memories that strategies made are shown beside the hits, if they say more than those.
        without: Keys of items that are not wanted, such as those that the prompt holds already.
        as_of: Answer as the bank would have at this time: later memories are unseen, later supersedings undone.
        tag_groups: All of them must select a memory, beside `tags`.
        arms: Arms that are not to look, or are; see `ArmSwitch`.
        min_arm_scores: Only memories that these arms score at least so high, on their own scales: those of `Trace.arms`.
        rerank: Whether the reranker is asked, if there is one; otherwise the recall keeps its own order.
    """

    text: str
    at: datetime
    budget: Budget = "mid"
    max_tokens: int = 1500
    limit: int = 20
    kinds: frozenset[Kind] | None = None
    tags: frozenset[str] | None = None
    tags_match: TagsMatch = "any"
    actor: str | None = None
    session: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    namespaces: frozenset[str] | None = None
    ids: frozenset[str] | None = None
    made: int = 5
    without: frozenset[str] = frozenset()
    as_of: datetime | None = None
    min_score: float = 0.0
    tag_groups: tuple[TagGroup, ...] = ()
    arms: ArmSwitch = field(default_factory=dict)
    min_arm_scores: Mapping[ArmName, float] = field(default_factory=dict)
    rerank: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    """A memory that answers, with its calibrated score in [0, 1]: about 0.2 unrelated, about 0.5 a direct answer."""

    memory: Memory
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """What a bank knows about a query.

    Attributes:
        hits: Best first: what was retained word for word, or with `Query.namespaces` what strategies made.
        made: What strategies made that says more than those hits, best first; see `Query.made`.
        text: Both as a block for a prompt, oldest first, fenced as data, `tokens` long; empty when there are none.
        pending: Events acknowledged but not searched, because working them through took longer than recall waits.
        notes: What the caller should know, such as that the bank does not exist.
        confident: Whether the bank knows anything about the query.
    """

    bank: str
    query: Query
    hits: tuple[Hit, ...] = ()
    made: tuple[Hit, ...] = ()
    text: str = ""
    tokens: int = 0
    pending: int = 0
    notes: tuple[str, ...] = ()
    confident: bool = True
    trace: Trace = field(default_factory=Trace)


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer. `sources` are the places of what it rests on in `Reflection.sources`, from 1, at least one."""

    text: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reflection:
    """An answer drawn from a bank, or a plain statement that nothing is known, then without sources.

    Attributes:
        text: The statements, each citing its `sources` as [1], [2] …, in the order of those.
        data: The answer in the shape that was asked for, as JSON has it; None without one, or if no model gave it.
        model: The name of the language model that answered; None if it is in the words of the memories.
        notes: What was unusual, such as that a model did not answer.
        steps: What a model looked up, in order; `fallbacks` counts when it was done without one that there is.
    """

    bank: str
    question: str
    text: str
    sources: tuple[Hit, ...] = ()
    statements: tuple[Statement, ...] = ()
    data: Any = None
    model: str | None = None
    notes: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    fallbacks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which memories of a bank: all conditions must hold; a selection without any means the whole bank.

    Attributes:
        before: Those mentioned before this time.
        strategy: Memories that this strategy made; "" for those retained word for word.
        namespace: Memories filed there or below; a path that begins and ends with a slash.
    """

    memory: str | None = None
    key: str | None = None
    document: str | None = None
    session: str | None = None
    actor: str | None = None
    kinds: frozenset[Kind] | None = None
    tags: frozenset[str] | None = None
    since: datetime | None = None
    before: datetime | None = None
    strategy: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of a listing; ask again with `cursor=page.next` until it is None."""

    items: tuple[T, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BankSummary:
    """A bank as `banks()` lists it."""

    name: str
    memories: int
    events: int
    pending: int
    created: datetime
    embedder: str | None
