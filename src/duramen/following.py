"""The verbs about strategies: what they still have to do, what they did, and how to take it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from duramen.errors import BadQueryError, StrategyError
from duramen.identity import Bank, bank_name
from duramen.jobs.worker import Left
from duramen.language_model import Models
from duramen.ledger import Job, JobState, Revised
from duramen.looking import Looking
from duramen.portal import on_own_loop
from duramen.recall.asking import page_size
from duramen.strategy import Strategy
from duramen.types import Page

Progress = Callable[[int, int], None]
"""Called with how many are done and how many there are."""


class Following(Looking):
    """The part of a `MemoryEngine` that is about strategies."""

    @property
    def models(self) -> Models:
        """The language model, as each bank may use it."""
        return self._parts.runner.models

    @on_own_loop
    async def strategies(self, bank: Bank) -> Sequence[Strategy]:
        """Return the strategies that make memories of what is retained in `bank` from now on."""
        await self._life.worker()
        return await self._parts.book.active(bank_name(bank))

    @on_own_loop
    async def wait_idle(
        self,
        bank: Bank | None = None,
        *,
        seconds: float | None = None,
        finish: bool = False,
        progress: Progress | None = None,
    ) -> Left:
        """Wait until nothing is pending, in `bank` or in all: neither events nor what strategies make of them.

        Args:
            bank: Where.
            seconds: For at most so long.
            finish: Do not leave waiting what waits for more to come (an episode that has not ended, a summary of more
                turns): work through it now, as if nothing more came.
            progress: Called now and then with the jobs done and all of them.

        Returns:
            What is still to do: 0 pending, unless the time was up.
        """
        name = None if bank is None else bank_name(bank)
        await (await self._life.worker()).catch_up(name, seconds)
        strategists = await self._life.strategists()
        if progress is None:
            return await strategists.catch_up(name, seconds, finish=finish)
        total = 0
        while True:
            left = await strategists.catch_up(name, min(0.5, seconds if seconds is not None else 0.5), finish=finish)
            total = max(total, left.pending)
            progress(total - left.pending, total)
            if left.pending == 0 or (seconds is not None and seconds <= 0.5):
                return left
            seconds = None if seconds is None else seconds - 0.5

    @on_own_loop
    async def jobs(
        self,
        bank: Bank,
        *,
        strategy: str | None = None,
        state: JobState | None = None,
        event: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[Job]:
        """List what strategies have to do in `bank` and what they did, in the order in which it came.

        Args:
            bank: Where to look.
            strategy: Only that one's.
            state: Only those pending, done, or failed (each with its reason).
            event: Only those of one event.
            cursor: `Page.next` of the page before.
            limit: At most this many on a page, up to 1000.
        """
        await self._life.worker()
        return await self._parts.store.jobs(
            bank_name(bank), strategy=strategy, state=state, event=event, cursor=cursor, limit=page_size(limit)
        )

    @on_own_loop
    async def revisions(
        self, bank: Bank, *, memory: str | None = None, cursor: str | None = None, limit: int = 100
    ) -> Page[Revised]:
        """List what strategies did to `bank`, oldest first: what was added, updated, superseded, and said again.

        Args:
            bank: Where to look.
            memory: Only what was done to this one, by its id.
            cursor: `Page.next` of the page before.
            limit: At most this many on a page, up to 1000.
        """
        await self._life.worker()
        return await self._parts.store.revisions(bank_name(bank), memory=memory, cursor=cursor, limit=page_size(limit))

    @on_own_loop
    async def undo(self, bank: Bank, revision: int) -> Revised:
        """Take back what a strategy did, as it is numbered in `revisions`; what was replaced is there again.

        Its events are not thought over again, so it does not come back by itself.

        Raises:
            BadQueryError: There is no such revision, it was undone before, or a later one has to be undone first.
        """
        name = bank_name(bank)
        await self._life.worker()
        found = await self._revision(name, revision)
        restored = None
        if found.before is not None:
            (restored,) = await self._parts.retain.indexed([found.before])
        async with self._parts.indexes.forgetting(name):
            undone = await self._parts.store.undo(name, revision, restored, embedder=self._parts.embedder.name)
        if not undone:
            raise BadQueryError(
                f"Revision {revision} of bank {name!r} cannot be undone: it was undone before, or what it made was itself "
                f"replaced since. `revisions(bank, memory={found.memory!r})` lists what came after; undo that first."
            )
        return replace(found, undone=True)

    @on_own_loop
    async def retry_jobs(self, bank: Bank | None = None, *, strategy: str | None = None) -> int:
        """Let strategies try again what failed, in `bank` or in all; return how many jobs that are."""
        strategists = await self._life.strategists()
        name = None if bank is None else bank_name(bank)
        count = await self._parts.store.retry_jobs(name, strategy=strategy)
        strategists.wake()
        return count

    @on_own_loop
    async def backfill(self, bank: Bank, strategy: str) -> int:
        """Let a strategy of `bank` work through the events from before it was there; return how many those are.

        Events that it worked through in another version are worked through anew. `wait_idle` waits for it.

        Raises:
            StrategyError: The bank has no strategy of that name.
        """
        name = bank_name(bank)
        strategists = await self._life.strategists()
        found = await self._parts.book.find(name, strategy)
        if found is None:
            known = ", ".join(repr(one.name) for one in await self._parts.book.active(name)) or "none"
            raise StrategyError(
                f"Bank {name!r} has no strategy {strategy!r}; it has {known}. "
                f"Give it to `duramen.open(…, strategies=[…])`, or add it to the bank's resource."
            )
        count = await self._parts.store.backfill(name, strategy, version=found.version)
        strategists.wake()
        return count

    async def _revision(self, bank: str, number: int) -> Revised:
        cursor: str | None = None
        while True:
            page = await self._parts.store.revisions(bank, cursor=cursor, limit=1000)
            for one in page.items:
                if one.number == number:
                    return one
            cursor = page.next
            if cursor is None:
                raise BadQueryError(
                    f"Bank {bank!r} has no revision {number}. `revisions({bank!r})` lists those it has."
                )
