"""The engine: every verb, each a few lines that check what was given and call a pipeline.

Those that change what is kept are here, those that only look in `looking`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType

from typing_extensions import Self

from duramen.curation.curation import Curation
from duramen.curation.forgetting import named
from duramen.curation.forgetting import selected as curation_selected
from duramen.desk import Desk, all_of
from duramen.documents.documents import Documents
from duramen.documents.forgetting import selected as documents_selected
from duramen.documents.writing import until_unchanged
from duramen.errors import BadQueryError, ProcessingError
from duramen.following import Following, Progress
from duramen.identity import Bank, bank_name
from duramen.life import Parts, Sender
from duramen.mental_models.mental_models import MentalModels
from duramen.mental_models.pages import Pages
from duramen.mental_models.templates import TemplatedModels
from duramen.observations.observations import Observations
from duramen.portal import on_own_loop
from duramen.profiles.profiles import Profiles
from duramen.profiles.templates import Templates
from duramen.records.records import Records
from duramen.records.stream import RecordStream
from duramen.retain.items import Options, given, items_of
from duramen.sessions.forgetting import selected as sessions_selected
from duramen.sessions.owned import OwnedSessions
from duramen.sessions.sessions import Sessions
from duramen.shelf import Change
from duramen.shelving import OwnedShelf
from duramen.stages import stage
from duramen.tasks.forgetting import selected as tasks_selected
from duramen.tasks.tasks import Tasks
from duramen.times import parse_time, utc_now
from duramen.types import Event, Forgotten, Item, Memory, Message, Retained, Selection
from duramen.views.views import Views
from duramen.webhooks.webhooks import Webhooks


class MemoryEngine(Following):
    """Durable memory: retain, recall, reflect, forget, over banks.

    Made by `duramen.open`. Usable from any event loop and thread: the work is done on one loop in a thread of the
    engine's own. It opens at the first verb, or with `async with`, and closes with `aclose()`; what was acknowledged
    before then is kept either way. What frameworks keep by key is on its `shelf`; see `duramen.shelf.Shelf`.
    """

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._warm = False
        self._desk = desk = Desk(self.portal, self._life, parts)
        self.views = Views(desk)
        self.documents = Documents(desk)
        self.record_stream = stream = RecordStream(desk)
        self.records = Records(desk)
        self.curation = Curation(desk)
        self.profiles = profiles = Profiles(desk)
        self.tasks = tasks = Tasks(desk)
        self.webhooks = Webhooks(desk, tasks, allowed=parts.webhook_hosts)
        self.mental_models = models = MentalModels(desk, tasks, profiles)
        self.pages = Pages(models, desk, profiles)
        self.templates = Templates(desk, TemplatedModels(models))
        self.observations = Observations(desk, tasks, firing=self.webhooks.firing, after=[models.after_consolidation])
        self._life.background.append(tasks)
        self._life.after_revising(models.soon)
        self._life.after_revising(stream.look)
        desk.after_forgetting(models.forgotten)
        desk.after_forgetting(stream.look)
        desk.after_filing(stream.look)
        self.shelf = OwnedShelf(self.portal, self._life, parts.store)
        sessions = Sessions(parts.store, desk.following, parts.indexes.forgetting, forget=self._forget_beside)
        self.sessions = OwnedSessions(self.portal, self._life, sessions)

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
        appended = await self._desk.append(name, what.events, beyond=what.beyond, replayed=replayed)
        if wait:
            await (await self._life.worker()).catch_up(name, None)
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
            forgotten = await self._forget(name, selection)
        await self._desk.forgotten(name)
        return forgotten

    async def _forget(self, bank: str, selection: Selection) -> Forgotten:
        """Forget in one transaction with what is kept on the shelf of it; begin anew if that changes meanwhile."""
        store = self._parts.store
        memory = None if selection.memory is None else await named(store, bank, selection.memory)

        async def forgotten() -> Forgotten:
            with stage("forget", "select"):
                shelved = [
                    *await self._selected(bank, selection, memory),
                    *await sessions_selected(store.shelf, bank, selection),
                    *([all_of(bank)] if selection == Selection() else []),
                ]
            with stage("forget", "delete"):
                return await store.forget(bank, selection, shelved=shelved)

        done = await until_unchanged(forgotten, "What is to be forgotten")
        # One that was set aside is on the shelf alone.
        return replace(done, memories=1) if memory is not None and not done.memories else done

    async def _forget_beside(self, bank: str, selection: Selection, changes: Sequence[Change]) -> None:
        """Forget what is selected, but for what sessions hold, in one transaction with `changes`."""

        async def forgotten() -> Forgotten:
            with stage("forget", "select"):
                shelved = [*await self._selected(bank, selection, None), *changes]
            with stage("forget", "delete"):
                return await self._parts.store.forget(bank, selection, shelved=shelved)

        async with self._parts.indexes.forgetting(bank):
            await until_unchanged(forgotten, "What is to be forgotten")
        await self._desk.forgotten(bank)

    async def _selected(self, bank: str, selection: Selection, memory: Memory | None) -> list[Change]:
        """Return what takes off the shelf what tasks, documents and corrections hold of what is selected."""
        shelf = self._parts.store.shelf
        return [
            *await tasks_selected(shelf, bank, selection),
            *await documents_selected(shelf, bank, selection, memory=memory),
            *await curation_selected(shelf, bank, selection),
        ]

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

    async def _check_failures(self, bank: str, events: Sequence[Event]) -> None:
        ids = {event.id for event in events}
        for failure in await self._parts.store.failures(bank):
            if failure.event in ids:
                raise ProcessingError(bank, failure.key, failure.reason)
