"""The verbs that only look: what a bank knows, holds and still has to do."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from typing_extensions import Unpack

from duramen.errors import BadQueryError
from duramen.explained.explanation import Explanation
from duramen.identity import Bank, bank_name
from duramen.life import Life, Parts
from duramen.namespaces import normal
from duramen.portal import Portal, on_own_loop
from duramen.recall.asking import Asked, kinds_of, page_size, query_of
from duramen.recall.explaining import Wanted, explained
from duramen.recall.pipeline import with_pending
from duramen.recall.validity import with_validity
from duramen.reflect.guidance import Guidance
from duramen.stages import stage
from duramen.status import Status, Tally
from duramen.types import BankSummary, BankVersion, Event, Kind, Memory, Page, Recall, Reflection, Selection

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from pydantic import BaseModel

CATCH_UP_EVENTS = 256
"""A recall waits for at most this many pending events of its bank; while more are pending it answers from the rest."""


class Looking:
    """The half of a `MemoryEngine` that changes nothing but what is pending: that is worked through before a recall."""

    def __init__(self, parts: Parts) -> None:
        self.portal = Portal("duramen")
        self.tally = Tally()
        self._parts = parts
        self._life = Life(parts, self.tally)

    @on_own_loop
    async def recall(self, bank: Bank, query: str, **asked: Unpack[Asked]) -> Recall:
        """Find what `bank` knows about `query`.

        Args:
            bank: Where to look, and nowhere else. An unknown bank gives no hits and a note.
            query: A question or any text.
            asked: `budget` ("low", "mid", "high": how deep the arms look; default "mid"), `max_tokens` of the text
                block (1500), `limit` of hits (20), and filters that all must hold: `kinds`, `tags` with `tags_match`
                (see `TagsMatch`), `actor`, `session`, `since` and `until` (occurred or mentioned in that range),
                `namespaces` (what strategies filed there or below, in the stead of what was retained word for word),
                `ids` (only these memories), `without` (keys of items that are not wanted), `as_of` (as the bank would have answered then),
                `min_score` in [0, 1]; `tag_groups` (`Tagged`, `AllOf`, `AnyOf`, `NoneOf`: each must select), `arms`
                (`{"graph": False}` does not look), `min_arm_scores` (`{"semantic": 0.3}`), `rerank` (False: without the
                reranker); `at` is the moment that relative dates in the query refer to (now).

        Raises:
            BadQueryError: An option makes no sense.
            EmbedderMismatchError: The bank belongs to another embedder.
        """
        question = query_of(query, **asked)
        pending, waited = await self._caught_up(bank_name(bank))
        return with_pending(await self._parts.recall(bank_name(bank), question), pending, waited)

    @on_own_loop
    async def recall_many(self, bank: Bank, queries: Sequence[str], **asked: Unpack[Asked]) -> list[Recall]:
        """Do what `recall` does for each of `queries`, in order, all with the same options; quicker than one by one.

        Raises:
            BadQueryError: One of them, or an option, makes no sense; nothing was recalled.
            EmbedderMismatchError: The bank belongs to another embedder.
        """
        if isinstance(queries, str):
            raise BadQueryError(f"`queries` is the text {queries!r}. Give a list of texts, or ask with `recall`.")
        questions = [query_of(query, **asked) for query in queries]
        pending, waited = await self._caught_up(bank_name(bank))
        recalls = await self._parts.recall.many(bank_name(bank), questions)
        return [with_pending(recall, pending, waited / len(recalls)) for recall in recalls]

    @on_own_loop
    async def explain(
        self, bank: Bank, query: str, *, memory: str | None = None, key: str | None = None, **asked: Unpack[Asked]
    ) -> Explanation:
        """Recall, and say why each hit is one, and what became of a memory that you expected.

        Slower than `recall`, by what it takes to look at the named memories.

        Args:
            bank: Where to look.
            query: A question or any text.
            memory: The id of a memory to account for.
            key: The key of an item, all memories of which are to be accounted for.
            asked: The options of `recall`.

        Returns:
            The recall with its reasons: print it, keep its `to_dict()`, or show it in a notebook.
        """
        question = query_of(query, **asked)
        pending, waited = await self._caught_up(bank_name(bank))
        wanted = Wanted(memory=memory, key=key, pending=pending, waited=waited)
        recall = self._parts.recall
        asked_for = question if question.namespaces is None else recall.told(bank_name(bank), question)
        return await explained(recall.of(question), self._parts.store, bank_name(bank), asked_for, wanted)

    @on_own_loop
    async def reflect(
        self,
        bank: Bank,
        question: str,
        *,
        shape: type[BaseModel] | None = None,
        guidance: Guidance | None = None,
        **asked: Unpack[Asked],
    ) -> Reflection:
        """Answer `question` from what `bank` knows, citing the memories that say so.

        With a language model it looks things up, as often as the budget allows, and every statement of the answer cites
        memories that are there: that is checked. Without one, or if it does not help, the answer is in the words of the
        memories.

        Args:
            bank: Where to look.
            question: What to answer.
            shape: A pydantic model for the answer, which is then in `Reflection.data` as well. Needs a language model.
            guidance: What the answer is to keep to, such as the mission and the directives of a bank: see
                `duramen.profiles.Profiles.guidance`. Needs a language model, but for answers that were prepared.
            asked: The options of `recall`.
        """
        query = query_of(question, **asked)
        await self._caught_up(bank_name(bank))
        reflection = await self._parts.reflect(bank_name(bank), query, shape, guidance)
        if reflection.fallbacks:
            self.tally.count("fallbacks", reflection.fallbacks)
        return reflection

    @on_own_loop
    async def memories(  # noqa: PLR0913  each is one filter
        self,
        bank: Bank,
        *,
        key: str | None = None,
        document: str | None = None,
        session: str | None = None,
        actor: str | None = None,
        kinds: Collection[Kind] | None = None,
        tags: Collection[str] | None = None,
        strategy: str | None = None,
        namespace: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[Memory]:
        """Page through the memories of `bank`, in the order in which they were made, each with its validity as of now.

        Args:
            bank: Which bank; an unknown one gives an empty page.
            key: Only those of this item. Likewise `document`, `session`, `actor`, `kinds`; `tags` must all be there.
            document: See `key`.
            session: See `key`.
            actor: See `key`.
            kinds: See `key`.
            tags: See `key`.
            strategy: Only those that this strategy made; "" for what was retained word for word.
            namespace: Only those filed at this path or below.
            cursor: `next` of the page before.
            limit: Length of a page, 1 to 1000.
        """
        selection = Selection(
            key=key,
            document=document,
            session=session,
            actor=actor,
            kinds=kinds_of(kinds),
            tags=frozenset(tags) if tags is not None else None,
            strategy=strategy,
            namespace=normal(namespace) if namespace is not None else None,
        )
        await self._life.worker()
        page = await self._parts.store.memories(bank_name(bank), selection, cursor=cursor, limit=page_size(limit))
        return await with_validity(page, bank_name(bank), self._parts.indexes, self._parts.made_indexes)

    @on_own_loop
    async def events(  # noqa: PLR0913  each is one filter
        self,
        bank: Bank,
        *,
        key: str | None = None,
        document: str | None = None,
        session: str | None = None,
        actor: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[Event]:
        """Page through what was retained in `bank`, as it was given, by the time mentioned.

        Takes the filters of `memories`, but `kinds` and `tags`.
        """
        selection = Selection(key=key, document=document, session=session, actor=actor)
        await self._life.worker()
        return await self._parts.store.events(bank_name(bank), selection, cursor=cursor, limit=page_size(limit))

    @on_own_loop
    async def banks(self, *, cursor: str | None = None, limit: int = 100) -> Page[BankSummary]:
        """Page through the banks of this store, by name."""
        await self._life.worker()
        return await self._parts.store.banks(cursor=cursor, limit=page_size(limit))

    @on_own_loop
    async def status(self, bank: Bank | None = None) -> Status:
        """Say what is pending and what failed and why, in `bank` or in all."""
        name = None if bank is None else bank_name(bank)
        await self._life.worker()
        backlog = await self._parts.store.backlog(name)
        jobs = await self._parts.store.job_backlog(name)
        return Status(
            address=self._parts.address,
            embedder=self._parts.embedder.name,
            pending=backlog.pending,
            failed=backlog.failed,
            oldest_pending=backlog.oldest,
            jobs=jobs.pending,
            jobs_waiting=jobs.waiting,
            jobs_failed=jobs.failed,
            failures=tuple(await self._parts.store.failures(name)) if backlog.failed else (),
            banks=len(self._parts.indexes) + len(self._parts.made_indexes),
            index_bytes=self._parts.indexes.nbytes + self._parts.made_indexes.nbytes,
            turns=self.tally.stats(),
        )

    @on_own_loop
    async def version(self, bank: Bank) -> BankVersion | None:
        """Tell what changes with every change of `bank`, in microseconds; None if there is no such bank."""
        await self._life.worker()
        return await self._parts.store.version(bank_name(bank))

    @on_own_loop
    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one unit row per text, from this engine's embedder: shape (len(texts), dimensions)."""
        return await self._parts.embedder.embed(texts)

    @property
    def closed(self) -> bool:
        """Whether it was closed, or is just being."""
        return self._life.closed

    @property
    def embedder(self) -> str:
        """The name of the embedder, which identifies its vector space."""
        return self._parts.embedder.name

    @property
    def address(self) -> str:
        """Where the memory lives, as given to `duramen.open`."""
        return self._parts.address

    async def _caught_up(self, bank: str) -> tuple[int, float]:
        """Wait for what is pending in `bank`; return how much still is, and how many milliseconds that took."""
        worker = await self._life.worker()
        begin = time.perf_counter()
        with stage("recall", "wait"):
            pending = await worker.catch_up(bank, self._parts.catch_up_seconds, most=CATCH_UP_EVENTS)
        return pending, 1000 * (time.perf_counter() - begin)
