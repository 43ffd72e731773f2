"""The seams: what Duramen needs of the parts given to an engine. `tests/contracts` says what each must do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from duramen.ledger import Ledger
from duramen.shelf import Change, Shelf
from duramen.status import Failure
from duramen.types import BankSummary, BankVersion, Event, Forgotten, Indexed, Memory, Page, Row, Selection

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@runtime_checkable
class Embedder(Protocol):
    """Turns text into unit vectors. Safe to call from several event loops and threads."""

    @property
    def name(self) -> str:
        """Identifies the vector space; kept with each bank."""

    @property
    def dimensions(self) -> int:
        """Length of the vectors."""

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one unit row per text, in order: shape (len(texts), dimensions), also for none.

        Any text works, the empty one included. Raises `EmbedderError` when the model cannot be loaded.
        """

    async def aclose(self) -> None:
        """Let go of threads and memory. The embedder may be used again, and then loads anew."""


@runtime_checkable
class QueryEmbedder(Embedder, Protocol):
    """An embedder whose model wants a question embedded otherwise than what may answer it: with a prefix, say."""

    async def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one unit row per question, in the space of `embed`, and otherwise as `embed` does."""


@dataclass(frozen=True, slots=True, eq=False)
class TokenVectors:
    """What one run of a model says of some texts, as wholes and token by token.

    Attributes:
        vectors: Unit rows as `embed` gives them, shape (texts, dimensions).
        tokens: For each text its tokens' unit rows in reading order, float32, shape (n, token_dimensions). Special
            tokens are left out, and what is behind the end of what the model reads; n may be 0.
        words: For each text those n tokens as the model's vocabulary writes them, so that punctuation or stop words
            may be passed over.
    """

    vectors: npt.NDArray[np.float32]
    tokens: Sequence[npt.NDArray[np.float32]]
    words: Sequence[Sequence[str]]


@runtime_checkable
class TokenEmbedder(Embedder, Protocol):
    """An embedder that gives a vector for each token, too, by which a query and a text are compared word by word."""

    @property
    def token_dimensions(self) -> int:
        """Length of the vectors of tokens."""

    async def embed_tokens(self, texts: Sequence[str], *, queries: bool = False) -> TokenVectors:
        """Embed texts and their tokens in one run; `queries` says that they ask, and are not to be kept.

        The vectors of the texts are those of `embed`, or with `queries` those of `embed_queries` where there is one.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question as an embedder sees it. The arrays are shared with others who ask the same, and read-only.

    Attributes:
        vector: A unit vector of shape (dimensions,).
        tokens: Unit rows of its tokens, shape (n, token_dimensions), or None if the embedder has none.
        words: Those n tokens, as in `TokenVectors`.
        unrelated: The mean cosine of questions to texts that have nothing to do with them, in [0, 1): models differ.
    """

    vector: npt.NDArray[np.float32]
    tokens: npt.NDArray[np.float32] | None = None
    words: Sequence[str] = ()
    unrelated: float = 0.0


class AskedEmbedder(Embedder, Protocol):
    """What the pipelines are given: one face for embedders with and without ways of their own for queries and tokens."""

    @property
    def token_model(self) -> str:
        """Names the space of the vectors of tokens; empty if there are none."""

    async def ask(self, text: str) -> Asked:
        """Embed a question, as the model wants questions; what was asked lately is at hand."""

    async def ask_many(self, texts: Sequence[str]) -> Sequence[Asked]:
        """Embed questions in one run of the model, in order."""

    async def embed_tokens(self, texts: Sequence[str], *, queries: bool = False) -> TokenVectors:
        """Embed texts that are to be kept, and their tokens; without tokens each text has none, of shape (0, 0)."""


class Reranker(Protocol):
    """A second opinion on the best memories, such as a cross-encoder's, which reads query and memory together."""

    @property
    def name(self) -> str:
        """What it is called in traces and notes."""

    async def rerank(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """Return how well each of `texts` answers `query`: one number each, on any scale, higher is better.

        Raises `RerankerError` when it cannot; the recall then keeps its own order and says so in a note.
        """

    async def aclose(self) -> None:
        """Let go of threads and memory."""


class EntityFinder(Protocol):
    """Finds names of people, places and things."""

    def find(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the names in each text, in order of first appearance, each once. Blocking; runs in a thread."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work one event through until it runs out.

    Attributes:
        attempt: How often the event has been leased, this time included, from 1.
        token: Proves the right; a lease that ran out and was given on has another.
    """

    event: Event
    attempt: int
    token: str


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of the events given to `Journal.append`, in their order.

    Attributes:
        replaced: How many took the place of an event of the same id with other content.
        repeated: How many were there already with the same content; those were left as they are.
        forgotten: How many were left out because they had been forgotten.
    """

    replaced: int = 0
    repeated: int = 0
    forgotten: int = 0


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is still to do.

    Attributes:
        pending: Events waiting or leased.
        failed: Events given up.
        oldest: When the oldest pending event was stored.
        due: When the next waiting event may be leased, or None when nothing waits.
    """

    pending: int = 0
    failed: int = 0
    oldest: datetime | None = None
    due: datetime | None = None


class Journal(Protocol):
    """Where acknowledged events wait to become memories. It is part of the store: one transaction covers both."""

    async def append(
        self,
        bank: str,
        events: Sequence[Event],
        *,
        beyond: Sequence[str] = (),
        replayed: bool = False,
        strategies: Sequence[str] = (),
        shelved: Sequence[Change] = (),
    ) -> Appended:
        """Keep all `events` or none, durably, creating the bank.

        An event id known with the same content is left as it is, whatever its state; with other content (or other
        tags, metadata, document or time) it is replaced, and is pending again. `beyond` has the ids that the events
        after the last of each item would have: if there is one, the item was longer before, and it and those of its
        key that follow it are deleted, with all that was made of them.

        With `replayed`, the events come from a history that somebody else keeps: those that `Store.forget` deleted here
        are left out, and so are those that it cut text out of. Without, they are kept like any other, and are forgotten
        no more.

        Each event that is new or replaced gets a job for each of `strategies`, due at once; see `Ledger`. The changes
        `shelved` are made on the shelf in the same transaction, also if there are no events.

        Raises `StoreUnavailableError` if it could not be kept, and then nothing was.
        """

    async def appended(self, bank: str, *, cursor: str | None, limit: int) -> Page[Event]:
        """Page through all events of the bank in the order in which they were appended, whatever their state."""

    async def lease(self, *, limit: int, seconds: float, bank: str | None = None) -> Sequence[Lease]:
        """Take up to `limit` due events, oldest first, for `seconds`; of one bank if given. No event has two leases.

        An event whose lease ran out is due again.
        """

    async def renew(self, leases: Sequence[Lease], seconds: float) -> None:
        """Prolong those of `leases` that still hold; the others are left alone."""

    async def fail(self, lease: Lease, reason: str, *, retry_at: datetime | None) -> None:
        """End the lease without memories: due again at `retry_at`, or given up if None. Nothing if it ran out."""

    async def backlog(self, bank: str | None = None) -> Backlog:
        """Count what is still to do, in one bank or in all; zeros for an unknown bank."""

    async def failures(self, bank: str | None = None, *, limit: int = 100) -> Sequence[Failure]:
        """Return the events given up, oldest first."""

    async def retry(self, bank: str | None = None) -> int:
        """Make the events given up pending again, their attempts counted from 0; return how many."""

    async def requeue(self, bank: str) -> int:
        """Delete what was retained word for word of all the bank's events, and make those pending again; return how many.

        What strategies made stays, without vectors, until `Ledger.embed_again`. The bank forgets its embedder, so that the next put names it anew. One transaction.
        """


class Store(Protocol):
    """Where banks live: rows, in transactions, by bank. It does not rank.

    Every method raises `StoreUnavailableError` when the store cannot be reached, and `ClosedError` after `aclose`.
    """

    async def open(self) -> None:
        """Make ready, creating what is missing; at once if it is open already.

        Raises `StoreCorruptError` or `SchemaVersionError` without having changed anything.
        """

    async def aclose(self) -> None:
        """Let go of files and threads."""

    async def put(self, leases: Sequence[Lease], memories: Sequence[Indexed], *, embedder: str) -> int:
        """Replace what was made of the leased events by `memories`, and mark them done, in one transaction.

        All `leases` are of one bank. For each that still holds, the memories of its event are replaced by those of
        `memories` that name it, which get new numbers. Return how many leases held.

        Memories of events whose lease no longer holds are not kept. The first put gives the bank its embedder; with
        another embedder later it raises `EmbedderMismatchError` and keeps nothing.
        """

    async def version(self, bank: str) -> BankVersion | None:
        """Return the bank's version, or None if there is no such bank. Asked at every recall: microseconds."""

    async def rows(self, bank: str, *, after: int = 0, made: bool = False) -> Sequence[Row]:
        """Return the rows of the bank numbered above `after`, by number: what was retained word for word.

        With `made`: those that strategies made, instead. The two share their numbers.
        """

    async def numbers(self, bank: str, *, made: bool = False) -> Sequence[int]:
        """Return the numbers of all such rows of the bank, rising."""

    async def get(self, bank: str, numbers: Sequence[int]) -> Sequence[Memory]:
        """Return the memories of these row numbers in the given order, leaving out those that are gone."""

    async def late(self, bank: str, numbers: Sequence[int]) -> Sequence[bytes]:
        """Return `Indexed.late` of these row numbers, one each, in the given order; empty where there is none.

        Asked at every recall, for up to 100 numbers: far less than a millisecond.
        """

    async def memories(self, bank: str, selection: Selection, *, cursor: str | None, limit: int) -> Page[Memory]:
        """Page through the selected memories, oldest number first. A page but the last is full; cursors survive deletes.

        Raises `BadQueryError` on a cursor that this method did not give.
        """

    async def events(
        self, bank: str, selection: Selection, *, cursor: str | None, limit: int, newest: bool = False
    ) -> Page[Event]:
        """Page through the events that fit `selection`, by time mentioned, the newest first if asked.

        Its conditions that are about memories alone are ignored: `kinds`, `memory`, `strategy` and `namespace`.
        """

    async def banks(self, *, cursor: str | None, limit: int) -> Page[BankSummary]:
        """Page through the banks, by name."""

    async def forget(self, bank: str, selection: Selection, *, shelved: Sequence[Change] = ()) -> Forgotten:
        """Delete the selected memories and events, and all that was made of them, in one transaction.

        An event goes when it is selected itself or its last memory goes; of an event that keeps other memories the
        forgotten text is cut out. An empty selection deletes the bank. Unknown banks and ids delete nothing. Of what is
        deleted the ids leave a mark, a hash, that `Journal.append` knows them by. A memory that a strategy made goes alone
        when it is selected by `memory`, `kinds`, `strategy` or `namespace`, and its events stay; else it goes with its
        sources (see `Ledger`). The changes `shelved` are made on the shelf in the same transaction.
        """


class Storage(Store, Journal, Ledger, Protocol):
    """A store with its journal, its ledger and its shelf, as an engine wants it."""

    @property
    def shelf(self) -> Shelf:
        """What frameworks keep beside the banks, in the same place. It opens and closes with the store."""


@runtime_checkable
class Waking(Protocol):
    """A store that hears from other processes, and other machines."""

    def when_appended(self, wake: Callable[[], None]) -> None:
        """Call `wake`, in any thread, when something may have been appended elsewhere. Some such calls may be missed."""
