"""The verbs about observations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from duramen.desk import Desk
from duramen.errors import BadInputError, NotFoundError
from duramen.identity import Bank, bank_name
from duramen.naming import word_id
from duramen.observations.fitting import observes
from duramen.observations.working import counted, pages_of, worked_through
from duramen.portal import on_own_loop
from duramen.shelf import Change
from duramen.tasks.task import Report, Task
from duramen.tasks.tasks import Tasks
from duramen.types import Memory, Selection

CONSOLIDATION = "consolidation"
"""The type of the task that consolidates."""

COMPLETED = "consolidation.completed"
"""The event that others may be told of."""

_PIECES_MISSING = 2


class Firing(Protocol):
    """Tells others what happened."""

    async def __call__(
        self, bank: str, event: str, data: Mapping[str, Any], *, operation: str | None = None, status: str = "completed"
    ) -> Sequence[Change]:
        """Return what tells them, for the transaction that does what is told."""


After = Callable[[str], Awaitable[object]]


class Observations:
    """What the banks of an engine observe. That is made by itself; here it is asked for, looked at and cleared.

    Args:
        desk: Of the engine.
        tasks: Its tasks, of which these are one.
        firing: Tells of a consolidation that is done.
        after: What follows it, given the bank.
    """

    def __init__(self, desk: Desk, tasks: Tasks, *, firing: Firing | None = None, after: Sequence[After] = ()) -> None:
        self.portal = desk.portal
        self._desk = desk
        self._tasks = tasks
        self._firing = firing
        self._after = tuple(after)
        tasks.register(CONSOLIDATION, self._consolidate)

    @on_own_loop
    async def consolidate(
        self, bank: Bank, *, scopes: Sequence[Sequence[str]] | None = None, id: str | None = None
    ) -> Task:
        """Submit the task that works through at once all that waits to be observed in `bank`, and return it.

        One that was submitted before and was not begun is returned instead. Its `result` counts, when it is done:
        `processed` events, of which `failed` failed and `waiting` wait for another try, and the observations
        `created`, `updated` and `deleted`.

        Args:
            bank: Where.
            scopes: Count only events that have all tags of one of these; the others are worked through as well.
            id: A UUID for a new task.

        Raises:
            BadInputError: `scopes` are no lists of tags.
        """
        name = bank_name(bank)
        payload = {"scopes": None if scopes is None else [_tags(scope) for scope in scopes]}
        pending, _ = await self._tasks.list(name, state="pending", type=CONSOLIDATION, limit=100)
        for task in pending:
            if task.payload == payload:
                return task
        return await self._tasks.submit(name, CONSOLIDATION, payload, id=id)

    @on_own_loop
    async def scopes(self, bank: Bank) -> list[tuple[tuple[str, ...], int]]:
        """Return every set of tags that observations of `bank` have, with how many have just those, by their tags."""
        found = Counter(memory.tags for memory in await self._made(bank_name(bank)) if memory.superseded is None)
        return sorted(found.items())

    @on_own_loop
    async def clear(self, bank: Bank) -> int:
        """Let go of all observations of `bank`, and let all that they were made from be thought over anew.

        Returns:
            How many went.
        """
        name = bank_name(bank)
        return await self._cleared(name, await self._made(name))

    @on_own_loop
    async def clear_of(self, bank: Bank, memory_id: str) -> int:
        """Let go of the observations that rest on what a memory was made from, which is thought over anew.

        What else they rest on is thought over anew as well.

        Args:
            bank: Where.
            memory_id: A memory that was retained word for word, or an observation itself.

        Raises:
            NotFoundError: There is no such memory.
        """
        name = bank_name(bank)
        memory = await self._memory(name, memory_id)
        events = set(memory.sources or (memory.event,))
        resting = [one for one in await self._made(name) if events.intersection(one.sources)]
        return await self._cleared(name, resting, events if memory.strategy is None else ())

    @on_own_loop
    async def sources(self, bank: Bank, memory_id: str) -> list[Memory]:
        """Return what an observation was made from, as it was retained word for word, in the order in which it came.

        Raises:
            NotFoundError: There is no such memory.
        """
        name = bank_name(bank)
        memory = await self._memory(name, memory_id)
        if memory.strategy is None:
            return [memory]
        return [piece for event in memory.sources for piece in await self._pieces(name, event)]

    @on_own_loop
    async def recover(self, bank: Bank) -> int:
        """Let what failed to be observed in `bank` be tried again; return how many events that is."""
        name = bank_name(bank)
        strategists = await self._desk.life.strategists()
        names = await self._names(name)
        count = sum([await self._desk.parts.store.retry_jobs(name, strategy=strategy) for strategy in names])
        strategists.wake()
        return count

    async def _consolidate(self, task: Task, report: Report) -> Mapping[str, Any]:
        bank = task.bank
        names = await self._names(bank)
        before = {memory.id: len(memory.sources) for memory in await self._made(bank)}
        scopes = task.payload.get("scopes")
        done = await worked_through(self._desk, bank, names, report, scopes=scopes)
        after = {memory.id: len(memory.sources) for memory in await self._made(bank)}
        result = {**done, **counted(before, after)}
        told: Sequence[Change] = ()
        if self._firing is not None:
            data = {f"observations_{what}": result[what] for what in ("created", "updated", "deleted")}
            told = await self._firing(bank, COMPLETED, data, operation=task.id)
        for follow in self._after:
            await follow(bank)
        shelf = await self._desk.shelf()
        await shelf.write([*told, *report.finishing(result)])
        return result

    async def _names(self, bank: str) -> list[str]:
        await self._desk.life.worker()
        return [strategy.name for strategy in await self._desk.parts.book.active(bank) if observes(strategy)]

    async def _made(self, bank: str) -> list[Memory]:
        await self._desk.life.worker()
        selection = Selection(kinds=frozenset({"observation"}), namespace="/")
        return [memory async for memory in pages_of(self._desk.parts.store, bank, selection)]

    async def _memory(self, bank: str, memory: str) -> Memory:
        await self._desk.life.worker()
        page = await self._desk.parts.store.memories(bank, Selection(memory=memory), cursor=None, limit=1)
        if not page.items:
            raise NotFoundError(f"Bank {bank!r} has no memory {memory!r}. `memories` lists those it has.")
        return page.items[0]

    async def _pieces(self, bank: str, event: str) -> list[Memory]:
        """Return the memories that are an event word for word; one of them may have been forgotten."""
        found: list[Memory] = []
        position = missing = 0
        while missing < _PIECES_MISSING:
            selection = Selection(memory=word_id(event, position))
            page = await self._desk.parts.store.memories(bank, selection, cursor=None, limit=1)
            found += page.items
            missing = 0 if page.items else missing + 1
            position += 1
        return found

    async def _cleared(self, bank: str, memories: Sequence[Memory], events: Collection[str] = ()) -> int:
        strategists = await self._desk.life.strategists()
        rethought: dict[str, dict[str, None]] = {name: dict.fromkeys(events) for name in await self._names(bank)}
        for memory in memories:
            rethought.setdefault(memory.strategy or "", {}).update(dict.fromkeys(memory.sources))
        store, count = self._desk.parts.store, 0
        for strategy, of in rethought.items():
            if await self._desk.parts.book.find(bank, strategy) is not None:
                count += await store.rethink(bank, strategy, list(of))
        for memory in memories:  # of a strategy that is no more, nobody would think anything over
            count += (await store.forget(bank, Selection(memory=memory.id))).memories
        strategists.wake()
        return count


def _tags(scope: object) -> list[str]:
    if not isinstance(scope, Sequence) or isinstance(scope, str) or not all(isinstance(tag, str) for tag in scope):
        raise BadInputError(f"The scope {scope!r} is no list of tags. Give lists of texts, such as [['ada'], []].")
    return sorted(set(scope))
