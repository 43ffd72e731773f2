"""The verbs of a memory, against a server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from duramen.client import listing
from duramen.client.looking import RemoteLooking
from duramen.client.wire import memory_of, outgoing
from duramen.errors import BadContentError, BadInputError, BadQueryError, NotFoundError, StoreUnavailableError
from duramen.following import Progress
from duramen.identity import Bank, bank_name
from duramen.jobs.worker import Left
from duramen.life import Sender
from duramen.portal import on_own_loop
from duramen.retain.items import Options, given, items_of
from duramen.times import parse_time, utc_now
from duramen.types import Forgotten, Item, Message, Retained, Selection


class RemoteMemory(RemoteLooking):
    """Durable memory behind a server that speaks Hindsight's HTTP API: ours, Hindsight's own, or its cloud.

    Made by `duramen.open("http://…")`; see there for the options. The verbs are those of a `MemoryEngine`; what a server
    cannot do is an `UnsupportedError`. Usable from any event loop and thread.

    Args:
        address: Of the server.
        reach: How it is reached.
        background: Whether the server may acknowledge what it has queued, instead of what it has worked through.
        journal: Keeps what is retained until the server has it.
    """

    @on_own_loop
    async def open(self) -> None:
        """Ask the server who it is, and begin to send what waits in the journal.

        Raises:
            StoreUnavailableError: It does not answer, and there is no journal to wait in.
        """
        await self._opened()
        try:
            await self._courier.learn()
        except StoreUnavailableError:
            if self._outbox is None:
                raise

    async def aclose(self, *, drain_seconds: float = 30.0) -> None:
        """Send what waits, for at most `drain_seconds`, and let go of connections and files.

        What still waits stays in the journal and is sent when that is next opened.
        """
        if not self._closing:
            await self.portal.run(self._end(drain_seconds))
            self.portal.stop()

    def close(self, *, drain_seconds: float = 30.0) -> None:
        """Do what `aclose` does, for code without `await`."""
        if not self._closing:
            self.portal.call(self._end(drain_seconds))
            self.portal.stop()

    def before_close(self, sender: Sender) -> None:
        """Let `sender` retain what it holds when this memory is closed. It is not kept alive by this."""
        self._senders.add(sender)

    @on_own_loop
    async def retain(  # noqa: PLR0913  as in the engine
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
        progress: Progress | None = None,
    ) -> Retained:
        """Keep `content` for good; when this returns, the server has it, or with a journal the disk of this computer.

        Takes what `MemoryEngine.retain` takes. A server does not remember what was forgotten, so `replayed` leaves out
        nothing, and does not tell what was there already, so that is not counted.

        Args:
            bank: See there, also for the others.
            content: See there.
            key: See there.
            occurred: See there.
            actor: See there.
            session: See there.
            tags: See there.
            metadata: See there.
            document: See there.
            replayed: See there.
            wait: Return only when the server has nothing to do for the bank.
            progress: Called with how many events the server has, and how many there are, after each request.

        Raises:
            BadContentError: It cannot be kept as it is.
            StoreUnavailableError: The server is away. Some of it may be there; retain it again.
            AccessError: The key may not do this.
            UnsupportedError: An item expires, which servers do not have.
        """
        name = bank_name(bank)
        options = Options(
            key=key, occurred=occurred, actor=actor, session=session, tags=tags, metadata=metadata, document=document
        )
        items = items_of(content, options)
        what = given(name, items, now=utc_now())
        sent = outgoing(items, what)
        await self._opened()
        held = 0
        if self._outbox is not None:
            held = await self._outbox.retain(name, sent)
            if progress is not None:
                progress(len(what.events) - held, len(what.events))
        else:
            total = len(what.events)
            try:
                await self._courier.deliver(name, sent, lambda done: progress(done, total) if progress else None)
            except NotFoundError:
                raise
            except BadInputError as error:
                raise BadContentError(str(error)) from error
        if wait and not held:
            await self._settled(name)
        return Retained(bank=name, keys=what.keys, events=tuple(event.id for event in what.events), held=held)

    @on_own_loop
    async def forget(  # noqa: PLR0913  as in the engine
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
        """Delete for good what is selected; see `MemoryEngine.forget`.

        By `key` and `everything` it takes a request or two. For the others the bank is listed first, and what the listing
        shows is deleted document by document.

        Raises:
            BadQueryError: No condition was given, or `everything` beside one.
            StoreUnavailableError: The server is away; what was not deleted yet is still there. Forget it again.
            UnsupportedError: A document would have to be deleted in part; nothing was deleted.
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
        await self._opened()
        name = bank_name(bank)
        await self._send_before_forgetting(name, selection)
        self._removals[name] = self._removals.get(name, 0) + 1
        if everything:
            return await listing.forget_bank(self._courier, name)
        return await listing.forget(self._courier, name, selection)

    @on_own_loop
    async def flush(self, bank: Bank | None = None, *, seconds: float | None = None) -> int:
        """Wait until the server has, and has worked through, what was retained here; return how much is left."""
        await self._opened()
        name = None if bank is None else bank_name(bank)
        began = asyncio.get_running_loop().time()
        held = 0 if self._outbox is None else await self._outbox.flush(name, seconds)
        if held:
            return held
        spent = asyncio.get_running_loop().time() - began
        return await self._work.finish(name, None if seconds is None else max(0.0, seconds - spent))

    @on_own_loop
    async def wait_idle(
        self,
        bank: Bank | None = None,
        *,
        seconds: float | None = None,
        finish: bool = False,
        progress: Progress | None = None,
    ) -> Left:
        """Wait until nothing waits here, and the server has nothing to do for `bank`; see `MemoryEngine.wait_idle`.

        Without a bank, the server is only waited for in what was begun through this memory. `finish` is for the server to
        decide, and does nothing here.
        """
        loop = asyncio.get_running_loop()
        deadline = None if seconds is None else loop.time() + seconds
        left = await self.flush(bank, seconds=seconds)
        if bank is None or left:
            return Left(pending=left, waiting=0, failed=0)
        rest = None if deadline is None else max(0.0, deadline - loop.time())
        return await self._work.idle(bank_name(bank), rest, progress)

    @on_own_loop
    async def retry(self, bank: Bank | None = None) -> int:
        """Send again what was set aside, and let the server try again what failed in `bank`; return how much that is."""
        await self._opened()
        name = None if bank is None else bank_name(bank)
        count = 0 if self._outbox is None else await self._outbox.retry(name)
        return count + (0 if name is None else await self._work.retry(name))

    @on_own_loop
    async def warm_up(self, bank: Bank | None = None) -> None:
        """Connect to the server now."""
        await self._opened()
        await self._courier.learn()

    async def _settled(self, bank: str) -> None:
        begun = tuple(self._courier.operations.get(bank, ()))
        await self._work.finish(bank, None)
        await self._work.check(bank, begun)
        await self._work.idle(bank, None, None)

    async def _send_before_forgetting(self, bank: str, selection: Selection) -> None:
        """Send what waits for `bank`, or it would come back after what is forgotten now.

        Raises:
            StoreUnavailableError: The server is away.
        """
        if self._outbox is None:
            return
        if not await self._outbox.send_now(bank):
            raise StoreUnavailableError(
                f"What waits for bank {bank!r} could not be sent, and would come back. Nothing was deleted."
            )
        refused = await self._outbox.refused(bank)
        chosen = [
            one
            for one in refused
            if one.outgoing.item is not None
            and listing.is_selected(
                memory_of(bank, {**one.outgoing.item, "date": one.outgoing.item["timestamp"]}), selection
            )
        ]
        await self._outbox.journal.drop(chosen)

    async def _end(self, drain_seconds: float) -> None:
        self._closing = True
        loop = asyncio.get_running_loop()
        deadline = loop.time() + drain_seconds
        for sender in list(self._senders):
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(sender.send_all(), max(0.0, deadline - loop.time()))
        self._ended = True
        if self._outbox is not None and self._begun:
            await self._outbox.flush(None, max(0.0, deadline - loop.time()))
            await self._outbox.aclose()
        await self._transport.aclose()
