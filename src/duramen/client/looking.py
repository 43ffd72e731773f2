"""The verbs that only look, against a server."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from typing_extensions import Unpack

from duramen.client import finding, listing
from duramen.client.absent import PARTS, Absent, Lacking
from duramen.client.asking import recall_body, reflect_body
from duramen.client.courier import Courier
from duramen.client.journal import Journal, key_of
from duramen.client.outbox import Outbox
from duramen.client.transport import Reach, Transport
from duramen.client.work import Work
from duramen.errors import (
    BadInputError,
    BadQueryError,
    ClosedError,
    NotFoundError,
    StoreUnavailableError,
    UnsupportedError,
)
from duramen.explained.explanation import Explanation
from duramen.identity import Bank, bank_name
from duramen.life import Sender
from duramen.namespaces import normal
from duramen.portal import Portal, on_own_loop
from duramen.protocols import Storage
from duramen.recall.asking import Asked, kinds_of, page_size, query_of
from duramen.reflect.guidance import Guidance
from duramen.status import Failure, Status, Tally
from duramen.types import BankSummary, BankVersion, Kind, Memory, Page, Query, Recall, Reflection, Selection

if TYPE_CHECKING:
    from pydantic import BaseModel

_AT_ONCE = 4  # recalls of one call


class RemoteLooking(Lacking):
    """The half of a `RemoteMemory` that changes nothing; see there."""

    def __init__(
        self, address: str, reach: Reach | None = None, *, background: bool = False, journal: Storage | None = None
    ) -> None:
        reach = reach or Reach()
        self.portal = Portal("duramen")
        self.tally = Tally()
        for part in PARTS:
            setattr(self, part, Absent(part))
        self._transport = Transport(address, reach)
        self._where = address
        self._courier = Courier(self._transport, background=background)
        self._work = Work(self._courier)
        self._outbox = None if journal is None else Outbox(Journal(journal), self._courier, seconds=reach.timeout)
        self._begin = asyncio.Lock()
        self._begun = False
        self._closing = self._ended = False
        self._senders: weakref.WeakSet[Sender] = weakref.WeakSet()
        self._removals: dict[str, int] = {}

    @property
    def closed(self) -> bool:
        """Whether it was closed, or is just being."""
        return self._closing

    @property
    def address(self) -> str:
        """Where the memory lives, as given to `duramen.open`."""
        return self._where

    @on_own_loop
    async def recall(self, bank: Bank, query: str, **asked: Unpack[Asked]) -> Recall:
        """Find what `bank` knows about `query`; see `MemoryEngine.recall`.

        What servers have no filter for (`actor`, `session`, `without`, `since` and `until`) is filtered here, of more that
        is asked for: there may be more in the bank than is found so, and a note says when something was left out.

        Raises:
            BadQueryError: An option makes no sense, or the server does not take it.
            StoreUnavailableError: The server is away.
            UnsupportedError: `namespaces`, `ids` or `as_of`, which servers do not have.
        """
        question = query_of(query, **asked)
        await self._opened()
        return await self._found(bank_name(bank), question, asked)

    @on_own_loop
    async def recall_many(self, bank: Bank, queries: Sequence[str], **asked: Unpack[Asked]) -> list[Recall]:
        """Do what `recall` does for each of `queries`, in order, some at once."""
        if isinstance(queries, str):
            raise BadQueryError(f"`queries` is the text {queries!r}. Give a list of texts, or ask with `recall`.")
        questions = [query_of(query, **asked) for query in queries]
        await self._opened()
        name = bank_name(bank)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(question: Query) -> Recall:
            async with gate:
                return await self._found(name, question, asked)

        return list(await asyncio.gather(*map(one, questions)))

    @on_own_loop
    async def explain(
        self, bank: Bank, query: str, *, memory: str | None = None, key: str | None = None, **asked: Unpack[Asked]
    ) -> Explanation:
        """Recall, and say of each hit what the server tells: which arms found it, and its score."""
        question = query_of(query, **asked)
        await self._opened()
        name = bank_name(bank)
        recall = await self._found(name, question, asked)
        wanted: list[Memory] = []
        if memory is not None:
            one = await listing.memory(self._courier, name, memory)
            wanted += [one] if one is not None else []
        if key is not None:
            page = await listing.memories(self._courier, name, Selection(key=key), None, 1000)
            wanted += page.items
        missing = [named for named in (memory, key) if named is not None and not wanted]
        return finding.explained(recall, wanted, missing)

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
        """Let the server answer `question` from what `bank` knows; see `MemoryEngine.reflect`.

        Raises:
            UnsupportedError: The server has no language model, or an option is one that it does not have.
            StoreUnavailableError: The server is away.
        """
        if guidance is not None:
            raise UnsupportedError("`guidance`", "Set the mission and the directives of the bank at the server.")
        query = query_of(question, **asked)
        await self._opened()
        name = bank_name(bank)
        await self._courier.learn()
        body = reflect_body(
            query, None if shape is None else shape.model_json_schema(), ours=self._courier.ours, asked=asked
        )
        try:
            reply = await self._transport.ask(
                "POST", await self._courier.path(name, "reflect"), body=body, patient=True
            )
        except NotFoundError:
            return Reflection(bank=name, question=query.text, text="Nothing is known about that.")
        except BadInputError as error:
            if "LLM" in str(error):
                raise UnsupportedError("`reflect`", f"Ask with `recall`: {error}") from error
            raise BadQueryError(str(error)) from error
        return finding.reflected(name, query, reply)

    @on_own_loop
    async def memories(  # noqa: PLR0913  as in the engine
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
        """Page through the memories of `bank`, in the order of the server; see `MemoryEngine.memories`.

        A page holds what is selected of `limit` memories, which may be none: go on while there is a `next`.
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
        await self._opened()
        return await listing.memories(self._courier, bank_name(bank), selection, cursor, page_size(limit))

    @on_own_loop
    async def banks(self, *, cursor: str | None = None, limit: int = 100) -> Page[BankSummary]:
        """Page through the banks that the key may see, in the order of the server."""
        await self._opened()
        return await listing.banks(self._courier, cursor, page_size(limit))

    @on_own_loop
    async def status(self, bank: Bank | None = None) -> Status:
        """Say what waits here, what the server has still to do for `bank`, and what failed and why.

        Without a bank the server is not asked.
        """
        await self._opened()
        name = None if bank is None else bank_name(bank)
        pending = failed = 0
        if name is not None:
            with contextlib.suppress(*(() if self._outbox is None else (StoreUnavailableError,))):
                counts = await self._work.counts(name)
                pending, failed = (int(counts.get(f"{one}_operations") or 0) for one in ("pending", "failed"))
        held, oldest = (0, None) if self._outbox is None else await self._outbox.journal.count(name)
        refused = [] if self._outbox is None else await self._outbox.refused(name)
        failures = tuple(
            Failure(bank=one.bank, event=one.place[1], key=key_of(one.outgoing), reason=one.reason, attempts=1)
            for one in refused[:100]
        )
        return Status(
            address=self._where,
            embedder=self.embedder,
            pending=pending + held,
            failed=failed + len(refused),
            oldest_pending=None if oldest is None else oldest.created,
            failures=failures,
            turns=self.tally.stats(),
        )

    @on_own_loop
    async def version(self, bank: Bank) -> BankVersion | None:
        """Tell what changes with a write to `bank` and with what is forgotten through this memory; None for no bank."""
        await self._opened()
        name = bank_name(bank)
        return await self._work.version(name, self._removals.get(name, 0))

    async def _opened(self) -> None:
        if self._ended:
            raise ClosedError("This memory was closed. Open it again with `duramen.open`.")
        async with self._begin:
            if not self._begun and self._outbox is not None:
                await self._outbox.open()
            self._begun = True

    async def _found(self, bank: str, query: Query, asked: Asked) -> Recall:
        await self._courier.learn()
        ours = self._courier.ours
        body = recall_body(query, ours=ours, asked=asked)
        began = asyncio.get_running_loop().time()
        try:
            reply = await self._transport.ask("POST", await self._courier.path(bank, "memories", "recall"), body=body)
        except NotFoundError:
            return finding.nothing_in(bank, query)
        except BadInputError as error:
            raise BadQueryError(str(error)) from error
        milliseconds = 1000 * (asyncio.get_running_loop().time() - began)
        return finding.found(bank, query, reply, ours=ours, milliseconds=milliseconds)
