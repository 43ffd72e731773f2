"""What strategies have to do, and who does it: real engines, with strategies that are one function."""

from __future__ import annotations

import asyncio

import pytest

from duramen import BadContentError
from duramen.errors import StrategyError
from duramen.ledger import Job
from duramen.retain.worker import Pace
from duramen.strategies import Trigger
from duramen.types import Message
from tests.conftest import engine
from tests.simple_strategies import BRISK, Failing, Seen, made, notes, texts

ADA = "user:ada"


def told(job: Job) -> tuple[str, str, str, int]:
    return job.strategy, job.state, job.version, job.attempts


async def test_a_bank_has_the_strategies_of_the_engine(address: str) -> None:
    one, two = notes(), notes(name="others")
    async with engine(address, strategies=[one, two]) as memory:
        assert list(await memory.strategies(ADA)) == [one, two]


async def test_two_strategies_of_one_name_are_refused(address: str) -> None:
    with pytest.raises(StrategyError, match="two strategies called 'notes'"):
        engine(address, strategies=[notes(), notes()])


async def test_waiting_for_a_retain_waits_for_strategies(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        retained = await memory.retain(ADA, "Ada keeps bees.", actor="ada", wait=True)

        (one,) = await made(memory)

    assert (one.text, one.strategy, one.namespace) == ("Ada keeps bees.", "notes", "/strategies/notes/actors/ada/")
    assert one.sources == retained.events


async def test_without_waiting_strategies_work_in_the_background(address: str) -> None:
    async with engine(address, strategies=[notes()], pace=BRISK) as memory:
        await memory.retain(ADA, "Ada keeps bees.")
        for _ in range(500):
            if await texts(memory):
                break
            await asyncio.sleep(0.01)

        assert await texts(memory) == ["Ada keeps bees."]


async def test_nothing_is_left_when_all_is_done(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await memory.retain(ADA, "Ada keeps bees.")

        left = await memory.wait_idle(ADA)

        assert (left.pending, left.waiting, left.failed) == (0, 0, 0)
        assert await texts(memory) == ["Ada keeps bees."]


async def test_what_waits_for_more_is_waited_for_only_when_asked_to_finish(address: str) -> None:
    async with engine(address, strategies=[notes(trigger=Trigger(messages=3))]) as memory:
        await memory.retain(ADA, "Ada keeps bees.")

        waiting = await memory.wait_idle(ADA)
        before = await texts(memory)
        finished = await memory.wait_idle(ADA, finish=True)

        assert (waiting.pending, waiting.waiting, before) == (0, 1, [])
        assert (finished.pending, finished.waiting) == (0, 0)
        assert await texts(memory) == ["Ada keeps bees."]


async def test_waiting_ends_when_the_time_is_up(address: str) -> None:
    gate = asyncio.Event()

    async def hangs(work: object) -> None:
        await gate.wait()

    async with engine(address, strategies=[notes(hangs)]) as memory:
        await memory.retain(ADA, "Ada keeps bees.")
        await memory.flush(ADA)

        left = await asyncio.wait_for(memory.wait_idle(ADA, seconds=0.05), 20)

        assert left.pending == 1
        memory.portal.submit(_set(gate)).result()


async def _set(gate: asyncio.Event) -> None:
    gate.set()


async def test_progress_counts_up_to_all_of_them(address: str) -> None:
    seen: list[tuple[int, int]] = []
    async with engine(address, strategies=[notes(trigger=Trigger(messages=9))]) as memory:
        for session in "abc":
            await memory.retain(ADA, f"Session {session}.", session=session)
        await memory.wait_idle(ADA)

        await memory.wait_idle(ADA, finish=True, progress=lambda done, total: seen.append((done, total)))

    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


async def test_all_banks_are_waited_for_if_none_is_named(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await memory.retain(ADA, "Ada keeps bees.")
        await memory.retain("user:bob", "Bob keeps goats.")

        await memory.wait_idle()

        assert await texts(memory) + await texts(memory, "user:bob") == ["Ada keeps bees.", "Bob keeps goats."]


async def test_jobs_tell_what_was_done_by_which_version(address: str) -> None:
    async with engine(
        address, strategies=[notes(version="7"), notes(name="late", trigger=Trigger(messages=2))]
    ) as memory:
        retained = await memory.retain(ADA, "Ada keeps bees.", key="k1", actor="ada", session="s1", wait=True)

        one, two = (await memory.jobs(ADA)).items

    assert told(one) == ("notes", "done", "7", 1)
    assert told(two) == ("late", "pending", "", 0)
    assert (one.event, one.key, one.actor, one.session) == (retained.events[0], "k1", "ada", "s1")
    assert one.finished is not None
    assert two.finished is None


async def test_jobs_are_listed_by_state_strategy_and_event(address: str) -> None:
    async with engine(address, strategies=[notes(), notes(name="late", trigger=Trigger(messages=3))]) as memory:
        first = await memory.retain(ADA, "Ada keeps bees.", wait=True)
        await memory.retain(ADA, "Ada has a van.", wait=True)

        assert len((await memory.jobs(ADA)).items) == 4
        assert {one.strategy for one in (await memory.jobs(ADA, state="done")).items} == {"notes"}
        assert {one.state for one in (await memory.jobs(ADA, strategy="late")).items} == {"pending"}
        assert len((await memory.jobs(ADA, event=first.events[0])).items) == 2
        assert (await memory.jobs(ADA, state="failed")).items == ()


async def test_jobs_are_paged(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await memory.retain(ADA, [{"role": "user", "content": f"Fact {number}."} for number in range(5)], wait=True)

        page = await memory.jobs(ADA, limit=3)
        rest = await memory.jobs(ADA, limit=3, cursor=page.next)

    assert [len(page.items), len(rest.items), rest.next] == [3, 2, None]


async def test_a_strategy_that_fails_is_given_up_with_the_reason(address: str) -> None:
    pace = Pace(linger_seconds=0, backoff_seconds=0.01, attempts=2)
    async with engine(address, strategies=[notes(Failing(99))], pace=pace) as memory:
        await memory.retain(ADA, "Ada keeps bees.", wait=True)
        while not (await memory.jobs(ADA, state="failed")).items:
            await memory.wait_idle(ADA, finish=True)

        (job,) = (await memory.jobs(ADA)).items
        status = await memory.status(ADA)

    assert (job.attempts, job.reason) == (2, "RuntimeError: not today")
    assert job.finished is not None
    assert (status.jobs, status.jobs_failed, status.failed) == (0, 1, 0)


async def test_what_failed_is_tried_again_when_asked(address: str) -> None:
    pace = Pace(linger_seconds=0, backoff_seconds=0.01, attempts=1)
    async with engine(address, strategies=[notes(Failing(1)), notes(name="others")], pace=pace) as memory:
        await memory.retain(ADA, "Ada keeps bees.", wait=True)
        before = await texts(memory, strategy="notes")

        other = await memory.retry_jobs(ADA, strategy="others")
        count = await memory.retry_jobs(ADA, strategy="notes")
        await memory.wait_idle(ADA)

        assert (before, other, count) == ([], 0, 1)
        assert await texts(memory, strategy="notes") == ["Ada keeps bees."]
        assert await memory.retry_jobs() == 0


async def test_a_strategy_that_fails_once_needs_nobody(address: str) -> None:
    failing = Failing(1)
    async with engine(address, strategies=[notes(failing)], pace=BRISK) as memory:
        await memory.retain(ADA, "Ada keeps bees.", wait=True)
        for _ in range(500):
            if await texts(memory):
                break
            await asyncio.sleep(0.01)

        assert await texts(memory) == ["Ada keeps bees."]
    assert failing.calls == 2


async def test_the_status_counts_jobs_that_are_pending_waiting_and_failed(address: str) -> None:
    strategies = [notes(name="late", trigger=Trigger(messages=9)), notes(Failing(99))]
    async with engine(address, strategies=strategies, pace=Pace(linger_seconds=0, attempts=1)) as memory:
        await memory.retain(ADA, "Ada keeps bees.", wait=True)

        status = await memory.status(ADA)
        everywhere = await memory.status()

    assert (status.jobs, status.jobs_waiting, status.jobs_failed, status.pending) == (1, 1, 1, 0)
    assert (everywhere.jobs, everywhere.jobs_failed) == (1, 1)


async def test_what_was_there_before_a_strategy_is_left_alone_until_asked_for(tmp_path: object) -> None:
    async with engine(f"{tmp_path}/memory") as memory:
        await memory.retain(ADA, "Ada keeps bees.", wait=True)

    async with engine(f"{tmp_path}/memory", strategies=[notes()]) as memory:
        await memory.retain(ADA, "Ada has a van.", wait=True)
        before = await texts(memory)
        count = await memory.backfill(ADA, "notes")
        await memory.wait_idle(ADA)

        assert (before, count) == (["Ada has a van."], 1)
        assert sorted(await texts(memory)) == ["Ada has a van.", "Ada keeps bees."]
        assert await memory.backfill(ADA, "notes") == 0


async def test_another_version_works_everything_through_anew_when_asked(tmp_path: object) -> None:
    async with engine(f"{tmp_path}/memory", strategies=[notes()]) as memory:
        await memory.retain(ADA, "Ada keeps bees.", wait=True)

    seen = Seen()
    async with engine(f"{tmp_path}/memory", strategies=[notes(seen, version="2")]) as memory:
        await memory.wait_idle(ADA)
        before = seen.texts
        count = await memory.backfill(ADA, "notes")
        await memory.wait_idle(ADA)
        (job,) = (await memory.jobs(ADA)).items

    assert (before, count, seen.texts) == ([], 1, [["Ada keeps bees."]])
    assert job.version == "2"


async def test_a_backfill_by_an_unknown_strategy_is_refused(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await memory.retain(ADA, "Ada keeps bees.")

        with pytest.raises(StrategyError, match="has no strategy 'semantics'; it has 'notes'"):
            await memory.backfill(ADA, "semantics")


async def test_what_this_process_has_no_strategy_for_waits_for_one_that_has(tmp_path: object) -> None:
    async with engine(f"{tmp_path}/memory", strategies=[notes(Failing(99))], pace=Pace(backoff_seconds=60)) as memory:
        await memory.retain(ADA, "Ada keeps bees.", wait=True)

    async with engine(f"{tmp_path}/memory") as stranger:
        await stranger.retry_jobs(ADA)
        left = await stranger.wait_idle(ADA)
        (waits,) = (await stranger.jobs(ADA)).items

    async with engine(f"{tmp_path}/memory", strategies=[notes()]) as memory:
        await memory.wait_idle(ADA, finish=True)
        done = await texts(memory)

    assert (left.pending, left.waiting, left.failed) == (0, 1, 0)
    assert (waits.state, waits.attempts) == ("pending", 0)
    assert done == ["Ada keeps bees."]


async def test_ones_own_variables_come_from_the_metadata(address: str) -> None:
    async with engine(address, strategies=[notes(namespace="/{tenant}/facts/{actorId}/")]) as memory:
        await memory.retain(ADA, "Ada keeps bees.", actor="ada", metadata={"tenant": "acme"}, wait=True)
        await memory.retain(ADA, "Ada has a van.", actor="ada", metadata={"tenant": "a/b"}, wait=True)

        filed = {one.text: one.namespace for one in await made(memory)}

    assert filed == {"Ada keeps bees.": "/acme/facts/ada/", "Ada has a van.": "/a%2Fb/facts/ada/"}


async def test_one_session_may_have_several_values_of_ones_own_variables(address: str) -> None:
    seen = Seen("Left.")
    strategy = notes(seen, namespace="/{tenant}/", trigger=Trigger(messages=3))
    async with engine(address, strategies=[strategy]) as memory:
        for text, tenant in (("Left.", "a"), ("Another's.", "b"), ("The first's.", "a")):
            await memory.retain(ADA, text, session="s1", metadata={"tenant": tenant}, wait=True)
        left = await asyncio.wait_for(memory.wait_idle(ADA, finish=True), 30)

    assert ["Left.", "The first's."] in seen.texts
    assert ["Another's."] in seen.texts
    assert {work.namespace for work in seen.works} == {"/a/", "/b/"}
    assert (left.pending, left.waiting) == (0, 1)


async def test_a_value_that_is_missing_is_refused_and_nothing_is_kept(address: str) -> None:
    said: list[Message] = [{"role": "user", "content": "Ada keeps bees."}]
    async with engine(address, strategies=[notes(namespace="/{tenant}/facts/")]) as memory:
        with pytest.raises(BadContentError, match="the metadata has no 'tenant'"):
            await memory.retain(ADA, "Ada keeps bees.")
        with pytest.raises(BadContentError, match="the metadata has no 'tenant'"):
            await memory.sessions.append(ADA, said, actor="ada", session="s1")

        assert (await memory.banks()).items == ()
        assert await memory.sessions.history(ADA, "ada", "s1") == []


async def test_what_is_said_in_a_session_is_worked_through_too(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        await memory.sessions.append(ADA, "Ada keeps bees.", actor="ada", session="s1")
        await memory.wait_idle(ADA)

        (one,) = await made(memory)

    assert (one.text, one.actor, one.session) == ("Ada keeps bees.", "ada", "s1")
