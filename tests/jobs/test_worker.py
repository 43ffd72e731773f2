"""Who works jobs through, and what happens when a strategy, a process or the store lets them down."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from duramen import MemoryEngine
from duramen.documents.source import Source
from duramen.errors import StoreUnavailableError
from duramen.jobs.worker import turns
from duramen.ledger import Assignment, JobBacklog
from duramen.retain.worker import Pace
from duramen.stores.in_memory import InMemoryStore
from duramen.strategies import Candidate, FunctionStrategy, Made, Work
from duramen.types import Message
from tests.conftest import engine
from tests.simple_strategies import BRISK, Failing, Seen, made, noted, notes, texts
from tests.stores.examples import event

ADA = "user:ada"


def chat(*said: str) -> list[Message]:
    return [{"role": "user", "content": text} for text in said]


async def until(condition: Any) -> None:
    """Wait until what `condition` awaits is true, for at most a long time."""
    for _ in range(2000):
        if await condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to that")


class Gate:
    """Holds back whoever comes, in whatever thread's loop, until it is opened."""

    def __init__(self) -> None:
        self.open = False
        self.arrived = 0

    async def __call__(self, work: Work) -> list[Candidate]:
        self.arrived += 1
        while not self.open:  # noqa: ASYNC110  opened from another thread, which an event of this loop is not for
            await asyncio.sleep(0.005)
        return noted(work)


def _choosy(work: Work) -> list[Candidate]:
    if any("bad" in event.content for event in work.events):
        raise ValueError("cannot make anything of that")
    return noted(work)


async def test_an_event_that_cannot_be_worked_through_does_not_hold_up_the_rest(address: str) -> None:
    pace = Pace(linger_seconds=0, backoff_seconds=0.01, poll_seconds=0.02, attempts=3)
    async with engine(address, strategies=[notes(_choosy, merges=False)], pace=pace) as memory:
        await memory.retain(ADA, chat("One.", "A bad one.", "Three."), key="k", session="s", wait=True)

        async def given_up() -> bool:
            return bool((await memory.jobs(ADA, state="failed")).items)

        await until(given_up)
        jobs = (await memory.jobs(ADA)).items
        assert sorted(await texts(memory)) == ["One.", "Three."]

    assert [job.state for job in jobs] == ["done", "failed", "done"]
    assert jobs[1].reason == "ValueError: cannot make anything of that"
    assert jobs[1].attempts == 3


async def test_a_strategy_that_fails_does_not_hold_up_others(address: str) -> None:
    strategies = [notes(Failing(99), name="broken"), notes()]
    async with engine(address, strategies=strategies, pace=BRISK) as memory:
        await memory.retain(ADA, "Ada keeps bees.", wait=True)

        assert await texts(memory) == ["Ada keeps bees."]
        (job,) = (await memory.jobs(ADA, strategy="broken")).items

    assert job.reason == "RuntimeError: not today"


async def test_something_else_than_memories_fails_the_job_with_the_reason(address: str) -> None:
    pace = Pace(linger_seconds=0, attempts=1)
    async with engine(address, strategies=[notes(lambda work: 7)], pace=pace) as memory:
        await memory.retain(ADA, "Ada keeps bees.", wait=True)

        (job,) = (await memory.jobs(ADA)).items

    assert job.state == "failed"
    assert "returned int" in job.reason


async def test_a_source_that_is_not_there_fails_nothing_else(address: str) -> None:
    def function(work: Work) -> Made:
        foreign = Candidate(
            text="Out of nothing.", kind="fact", sources=("nowhere",), mentioned=work.events[0].mentioned
        )
        return Made(candidates=[*noted(work), foreign])

    pace = Pace(linger_seconds=0, attempts=1)
    async with engine(address, strategies=[notes(function, merges=False), notes(name="others")], pace=pace) as memory:
        await memory.retain(ADA, "Ada keeps bees.", wait=True)
        found = await made(memory, strategy="others")
        left = await memory.wait_idle(ADA, seconds=5)

    assert [one.text for one in found] == ["Ada keeps bees."]
    assert left.pending == 0


async def test_a_strategy_that_takes_its_time_keeps_its_lease(tmp_path: Path) -> None:
    gate, other = Gate(), Seen()
    pace = Pace(linger_seconds=0, poll_seconds=0.02, lease_seconds=0.6)
    async with (
        engine(tmp_path / "memory", strategies=[notes(gate)], pace=pace) as slow,
        engine(tmp_path / "memory", strategies=[notes(other)], pace=pace) as quick,
    ):
        await slow.retain(ADA, "Ada keeps bees.", key="k")
        await slow.flush(ADA)

        async def begun() -> bool:
            return bool(gate.arrived or other.works)

        await until(begun)
        if gate.arrived:
            await asyncio.sleep(1.5)  # more than twice as long as the lease
            held = await quick.wait_idle(ADA, seconds=0.1)
            assert held.pending == 1
            assert other.works == []
        gate.open = True
        await quick.wait_idle(ADA)
        (job,) = (await quick.jobs(ADA)).items

    assert gate.arrived + len(other.works) == 1
    assert (job.state, job.attempts) == ("done", 1)


async def test_closing_waits_for_what_is_being_worked_on(tmp_path: Path) -> None:
    gate = Gate()
    memory = engine(tmp_path / "memory", strategies=[notes(gate)], pace=BRISK)
    await memory.retain(ADA, "Ada keeps bees.")

    closing = asyncio.create_task(memory.aclose())

    async def begun() -> bool:
        return gate.arrived > 0

    await until(begun)
    gate.open = True
    await closing
    async with engine(tmp_path / "memory") as again:
        assert await texts(again) == ["Ada keeps bees."]


@pytest.mark.parametrize("waited_for", [False, True])
async def test_closing_gives_up_what_takes_too_long_and_it_is_done_later(tmp_path: Path, waited_for: bool) -> None:
    gate = Gate()
    pace = Pace(linger_seconds=0, poll_seconds=0.02, lease_seconds=0.5)
    memory = engine(tmp_path / "memory", strategies=[notes(gate)], pace=pace)
    await memory.retain(ADA, "Ada keeps bees.")
    await memory.flush()
    waiting = asyncio.create_task(memory.wait_idle(ADA)) if waited_for else None

    async def begun() -> bool:
        return gate.arrived > 0

    await until(begun)
    await asyncio.wait_for(memory.aclose(drain_seconds=0.1), 20)
    if waiting is not None:
        waiting.cancel()
    async with engine(tmp_path / "memory", strategies=[notes()], pace=BRISK) as again:
        before = await texts(again)
        await again.wait_idle(ADA)

        assert (before, await texts(again)) == ([], ["Ada keeps bees."])


async def test_what_was_forgotten_while_it_was_worked_on_is_not_kept(address: str) -> None:
    gate = Gate()
    async with engine(address, strategies=[notes(gate)], pace=BRISK) as memory:
        await memory.retain(ADA, "Ada keeps bees.", key="k")

        async def begun() -> bool:
            return gate.arrived > 0

        await until(begun)
        await memory.forget(ADA, key="k")
        gate.open = True
        await memory.wait_idle(ADA)

        assert await texts(memory) == []
        assert (await memory.revisions(ADA)).items == ()


async def test_what_was_replaced_while_it_was_worked_on_is_worked_through_as_it_is_now(address: str) -> None:
    gate = Gate()
    async with engine(address, strategies=[notes(gate)], pace=BRISK) as memory:
        await memory.retain(ADA, "Ada keeps bees.", key="k")

        async def begun() -> bool:
            return gate.arrived > 0

        await until(begun)
        await memory.retain(ADA, "Ada keeps goats.", key="k")
        gate.open = True
        await memory.wait_idle(ADA)

        assert await texts(memory) == ["Ada keeps goats."]


async def test_waiting_that_is_given_up_leaves_the_work_going_on(address: str) -> None:
    gate = Gate()
    async with engine(address, strategies=[notes(gate)], pace=BRISK) as memory:
        await memory.retain(ADA, "Ada keeps bees.")
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(memory.wait_idle(ADA), 0.2)

        async def begun() -> bool:
            return gate.arrived > 0

        await until(begun)
        gate.open = True
        await memory.wait_idle(ADA)

        assert await texts(memory) == ["Ada keeps bees."]
    assert gate.arrived == 1


class UncountedStore(InMemoryStore):
    """Does not count jobs at first: where there are many, that takes long."""

    counts = False

    async def job_backlog(self, bank: str | None = None) -> JobBacklog:
        if not self.counts:
            raise StoreUnavailableError("Nothing is counted, for the sake of a test.")
        return await InMemoryStore.job_backlog(self, bank)


async def test_the_background_finds_what_is_due_next_without_counting_jobs() -> None:
    pace = Pace(linger_seconds=0, backoff_seconds=0.01, poll_seconds=3600)
    store = UncountedStore()
    async with engine(store, strategies=[notes(Failing(1))], pace=pace) as memory:
        await memory.retain(ADA, "Ada keeps bees.")

        async def is_made() -> bool:
            return await texts(memory) == ["Ada keeps bees."]

        await until(is_made)
        store.counts = True  # who closes a memory waits for what is left


class ShakyStore(InMemoryStore):
    """Cannot be reached the first few times when jobs are leased."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def lease_jobs(self, *, seconds: float, limit: int, bank: str | None = None) -> Assignment | None:
        if self.times > 0:
            self.times -= 1
            raise StoreUnavailableError("The store is down, for the sake of a test.")
        return await InMemoryStore.lease_jobs(self, seconds=seconds, limit=limit, bank=bank)


async def test_an_outage_of_the_store_is_waited_out() -> None:
    async with engine(ShakyStore(3), strategies=[notes()], pace=BRISK) as memory:
        await memory.retain(ADA, "Ada keeps bees.")

        async def there() -> bool:
            return bool(await texts(memory))

        await until(there)


async def test_who_waits_is_told_of_an_outage() -> None:
    store = ShakyStore(10_000)
    memory: MemoryEngine = engine(store, strategies=[notes()])
    await memory.retain(ADA, "Ada keeps bees.")

    with pytest.raises(StoreUnavailableError):
        await memory.wait_idle(ADA)

    store.times = 0
    await memory.aclose()


async def test_strategies_of_one_bank_come_in_the_order_of_time(address: str) -> None:
    seen = Seen()
    async with engine(address, strategies=[notes(seen)]) as memory:
        for number in range(6):
            await memory.retain(ADA, f"Number {number}.", session="s")
        await memory.wait_idle(ADA)

    assert [text for work in seen.texts for text in work] == [f"Number {number}." for number in range(6)]


async def test_a_strategy_is_any_object_with_the_attributes_of_one(address: str) -> None:
    class Mine:
        name = "mine"
        version = "9"
        namespace = "/mine/"
        namespaces = ("/mine/",)
        unit = "session"
        trigger = FunctionStrategy(name="x", function=noted).trigger
        merges = True

        async def __call__(self, work: Work) -> Made:
            return Made(candidates=noted(work))

    async with engine(address, strategies=[Mine()]) as memory:
        await memory.retain(ADA, "Ada keeps bees.", wait=True)

        (one,) = await made(memory)

    assert (one.strategy, one.namespace) == ("mine", "/mine/")


def test_no_more_is_compared_at_a_time_than_can_be_in_a_moment() -> None:
    long = [replace(event(f"e{number}"), content="x" * 4_000) for number in range(5)]
    longer = replace(event("e9"), content="x" * 50_000)

    assert [len(turn) for turn in turns([*long, longer, *long[:1]])] == [2, 2, 1, 1, 1]
    assert turns([]) == []


async def test_a_long_document_is_worked_through_part_by_part_and_none_is_left(address: str) -> None:
    text = "\n\n".join(f"Ada bought {number} books in Lisbon on that day. " * 30 for number in range(30))
    async with engine(address, strategies=["semantic"]) as memory:
        await memory.documents.retain(ADA, [Source(content=text, document="d")])

        left = await memory.wait_idle(ADA)
        done = await memory.jobs(ADA, state="done", limit=1000)

    assert left.pending == 0
    assert len(done.items) == len({job.event for job in done.items}) > 10
