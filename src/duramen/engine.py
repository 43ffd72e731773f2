"""The engine: every verb, each a few lines that check what was given and call a pipeline.

Those that change what is kept are here, those that only look in `looking`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType

from typing_extensions import Self

from duramen.errors import BadContentError, BadQueryError, EmbedderMismatchError, ProcessingError
from duramen.following import Following, Progress
from duramen.identity import Bank, bank_name
from duramen.life import Parts, Sender
from duramen.namespaces import own_variables
from duramen.portal import on_own_loop
from duramen.retain.items import Options, given, items_of
from duramen.sessions.forgetting import selected
from duramen.sessions.owned import OwnedSessions
from duramen.sessions.sessions import Sessions
from duramen.shelving import OwnedShelf
from duramen.times import parse_time, utc_now
from duramen.types import Event, Forgotten, Item, Message, Retained, Selection


class MemoryEngine(Following):
    """Durable memory: retain, recall, reflect, forget, over banks.

    Made by `duramen.open`. Usable from any event loop and thread: the work is done on one loop in a thread of the
    engine's own. It opens at the first verb, or with `async with`, and closes with `aclose()`; what was acknowledged
    before then is kept either way. What frameworks keep by key is on its `shelf`; see `duramen.shelf.Shelf`.
    """

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._warm = False
        self.shelf = OwnedShelf(self.portal, self._life, parts.store)
        self.sessions = OwnedSessions(
            self.portal, self._life, Sessions(parts.store, self._following, parts.indexes.forgetting)
        )

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    @on_own_loop
    async def open(self) -> None:
        """Open the store and begin to work through what is pending; at once if that was done already.

        Raises:
            StoreError: The store cannot be opened; see its subclasses.
        """
        await self._life.worker()

    async def aclose(self, *, drain_seconds: float = 30.0) -> None:
        """Work through what is pending, for at most `drain_seconds`, and let go of files and threads.

        What is still pending then stays in the journal and is worked through when the store is next opened.
        """
        if not self._life.closed:
            await self.portal.run(self._life.end(drain_seconds))
            self.portal.stop()

    def close(self, *, drain_seconds: float = 30.0) -> None:
        """Do what `aclose` does, for code without `await`."""
        if not self._life.closed:
            self.portal.call(self._life.end(drain_seconds))
            self.portal.stop()

    @on_own_loop
    async def retain(  # noqa: PLR0913  each names a field of what is kept
        self,
        bank: Bank,
        content: str | Sequence[Message] | Sequence[Item],
        *,
        key: str | None = None,
        occurred: datetime | None = None,
        actor: str | None = None,
        session: str | None = None,
        tags: Sequence[str] = (),
        metadata: Mapping[str, str] | None = None,
        document: str | None = None,
        replayed: bool = False,
        wait: bool = False,
    ) -> Retained:
        """Keep `content` for good; when this returns, it is on disk, and the next recall finds it.

        Args:
            bank: Where to; created at first use.
            content: Text, chat messages (each becomes an event), or a batch of `Item`, which carry the options below
                themselves.
            key: What makes retaining this again a replacement; see `Item`.
            occurred: When it happened or was said; now if left out.
            actor: Whose conversation it is.
            session: Which conversation it is.
            tags: Labels to recall by.
            metadata: Text by name, returned with each memory.
            document: The source that this is (a piece of).
            replayed: It comes from a history that is kept elsewhere, such as a checkpoint, and may have been retained
                before: leave out what was forgotten since. Without, it is retained anew.
            wait: Return only when memories were made of it, also by strategies, but for those that wait for more to
                come.

        Raises:
            BadContentError: It cannot be kept as it is; nothing was.
            StoreUnavailableError: It could not be kept; nothing was. Try again.
            EmbedderMismatchError: The bank belongs to another embedder.
            ProcessingError: Only with `wait`: it is kept, but no memory could be made of it.
        """
        name = bank_name(bank)
        options = Options(
            key=key, occurred=occurred, actor=actor, session=session, tags=tags, metadata=metadata, document=document
        )
        what = given(name, items_of(content, options), now=utc_now())
        worker = await self._life.worker()
        strategies = await self._following(name, what.events)
        appended = await self._parts.store.append(
            name, what.events, beyond=what.beyond, replayed=replayed, strategies=strategies
        )
        worker.wake()
        if wait:
            await worker.catch_up(name, None)
            await self._check_failures(name, what.events)
            await (await self._life.strategists()).catch_up(name, None)
        return Retained(
            bank=name,
            keys=what.keys,
            events=tuple(event.id for event in what.events),
            replaced=appended.replaced,
            repeated=appended.repeated,
            forgotten=appended.forgotten,
        )

    @on_own_loop
    async def forget(  # noqa: PLR0913  each is one way to say what to forget
        self,
        bank: Bank,
        *,
        memory: str | None = None,
        key: str | None = None,
        document: str | None = None,
        session: str | None = None,
        actor: str | None = None,
        before: datetime | None = None,
        older_than: timedelta | None = None,
        everything: bool = False,
    ) -> Forgotten:
        """Delete for good: the selected memories, the events they came from, and all that was made of those.

        Several conditions must all hold. `before` and `older_than` go by the time mentioned. What sessions hold of it
        goes in the same transaction, but for what was said of a single `memory`: that stays in its session until it
        expires, or is deleted there.

        Args:
            bank: Where from.
            memory: One memory, by its id.
            key: All of one item; what was said in a session has the id of the event there.
            document: All of one source.
            session: All of one conversation.
            actor: All of one actor.
            before: All mentioned before this time.
            older_than: All mentioned longer ago than this.
            everything: The whole bank; needed to delete without any condition, and wrong with one.

        Raises:
            BadQueryError: No condition was given, or `everything` beside one.
        """
        earliest = parse_time(before, BadQueryError, "before") if before is not None else None
        if older_than is not None:
            limit = utc_now() - older_than
            earliest = limit if earliest is None else min(earliest, limit)
        selection = Selection(memory=memory, key=key, document=document, session=session, actor=actor, before=earliest)
        if everything == (selection != Selection()):
            raise BadQueryError(
                "Say what to forget: memory, key, document, session, actor, before or older_than; "
                "or `everything=True` alone for the whole bank. Nothing was deleted."
            )
        await self._life.worker()
        name = bank_name(bank)
        async with self._parts.indexes.forgetting(name):
            shelved = await selected(self._parts.store.shelf, name, selection)
            return await self._parts.store.forget(name, selection, shelved=shelved)

    @on_own_loop
    async def flush(self, bank: Bank | None = None, *, seconds: float | None = None) -> int:
        """Wait until nothing is pending, in `bank` or in all, for at most `seconds`; return what still is."""
        worker = await self._life.worker()
        return await worker.catch_up(None if bank is None else bank_name(bank), seconds)

    @on_own_loop
    async def retry(self, bank: Bank | None = None) -> int:
        """Work through the failed events again, in `bank` or in all; return how many there are."""
        worker = await self._life.worker()
        count = await self._parts.store.retry(None if bank is None else bank_name(bank))
        worker.wake()
        return count

    @on_own_loop
    async def reembed(self, bank: Bank, *, progress: Progress | None = None) -> int:
        """Make all memories of `bank` anew from its events, with this engine's embedder; return how many events.

        What strategies made keeps its words and gets new vectors.

        Until it is done, recall finds only what is ready. Killed in between, it goes on when the store is next opened.
        """
        worker = await self._life.worker()
        total = await self._parts.store.requeue(bank_name(bank))
        left = total
        while left:
            left = await worker.catch_up(bank_name(bank), 0.5)
            if progress is not None:
                progress(total - left, total)
        await (await self._life.strategists()).embed_again(bank_name(bank))
        return total

    @on_own_loop
    async def warm_up(self, bank: Bank | None = None) -> None:
        """Load the models now, and the index of `bank`; the first retain and recall would wait for them otherwise."""
        if not self._warm:
            await self._parts.retain.warm_up()
            self._warm = True
        if bank is not None:
            await self._life.worker()
            await self._parts.indexes.get(bank_name(bank))

    def before_close(self, sender: Sender) -> None:
        """Let `sender` retain what it holds when this memory is closed. It is not kept alive by this."""
        self._life.senders.add(sender)

    async def _following(self, bank: str, events: Sequence[Event]) -> list[str]:
        """Return the names of the strategies of `bank`, having made sure that it can take `events`, and they file them."""
        await self._check_embedder(bank)
        strategies = await self._parts.book.active(bank)
        for strategy in strategies:
            for variable in own_variables(strategy.namespaces):
                if not all(event.metadata.get(variable, "").strip() for event in events):
                    raise BadContentError(
                        f"Strategy {strategy.name!r} files at {strategy.namespace!r}, and the metadata has no "
                        f"{variable!r}, or a blank one. Give `metadata={{{variable!r}: …}}`. Nothing was retained."
                    )
        return [strategy.name for strategy in strategies]

    async def _check_embedder(self, bank: str) -> None:
        version = await self._parts.store.version(bank)
        if version is not None and version.embedder not in (None, self._parts.embedder.name):
            raise EmbedderMismatchError(bank, kept=str(version.embedder), given=self._parts.embedder.name)

    async def _check_failures(self, bank: str, events: Sequence[Event]) -> None:
        ids = {event.id for event in events}
        for failure in await self._parts.store.failures(bank):
            if failure.event in ids:
                raise ProcessingError(bank, failure.key, failure.reason)
