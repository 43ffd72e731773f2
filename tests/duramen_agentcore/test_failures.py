"""Every way in which the memory can fail a turn, caused for real: the turn goes on, and nothing leaks."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from duramen import BankResolutionError, MemoryEngine
from duramen_agentcore import RecallPolicy, RuntimeAdapter, Stats, TurnContext, configure
from tests.conftest import engine
from tests.duramen_agentcore.parts import BrokenEmbedder, SleepyEmbedder, answer, said, turn
from tests.outages import BreakableStore

EVER = 60
"""Seconds after which a test gives up waiting for what must end by itself."""


def a_file(path: Path) -> str:
    path.write_text("not a directory")
    return str(path)


def a_damaged_store(path: Path) -> str:
    with_memory = engine(path)
    with_memory.portal.call(with_memory.retain("b", "Ada is vegan."))
    with_memory.close()
    for file in path.iterdir():
        file.write_bytes(b"these are not the bytes you are looking for" * 200)
    return str(path)


def of_an_unknown_scheme(path: Path) -> str:
    return "carrier-pigeon://loft"


def behind_http(path: Path) -> str:
    return "http://127.0.0.1:1"


@pytest.fixture(params=[a_file, a_damaged_store, of_an_unknown_scheme, behind_http])
async def without_memory(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RuntimeAdapter]:
    make: Callable[[Path], str] = request.param
    async with RuntimeAdapter("support", url=await asyncio.to_thread(make, tmp_path / "memory")) as adapter:
        yield adapter


async def test_when_the_memory_is_unavailable_the_agent_goes_on_without_it(
    without_memory: RuntimeAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    known = await without_memory.before_turn(turn(), query="Is Ada vegan?")
    result = await without_memory.run_turn(turn(), {"prompt": "Hello"}, agent_callable=answer)
    await without_memory.flush()

    assert known == ""
    assert result == {"output": "Noted: Hello"}
    stats = without_memory.stats()
    assert (stats.recalls, stats.recall_failures, stats.retains) == (0, 2, 0)
    assert stats.retain_failures >= 1  # and again with each attempt
    assert caplog.text.count("memory unavailable, so this turn goes on without it") == 2
    assert caplog.text.count("the turn was not retained") == 1


async def test_a_recall_that_takes_too_long_gives_nothing_and_the_next_one_is_fine() -> None:
    configure(timeout=0.2)
    embedder = SleepyEmbedder()
    async with engine(":memory:", embedder=embedder) as memory, RuntimeAdapter("support", memory=memory) as adapter:
        await adapter.after_turn(turn(), result="Ada is vegan.")
        await adapter.flush()
        embedder.asleep = True
        too_late = await asyncio.wait_for(adapter.before_turn(turn(), query="Is Ada vegan?"), EVER)
        embedder.asleep = False
        in_time = await adapter.before_turn(turn(), query="Is Ada vegan?")

    assert too_late == ""
    assert "Ada is vegan." in in_time
    assert (adapter.stats().recalls, adapter.stats().recall_failures) == (1, 1)


async def test_reflecting_that_takes_too_long_gives_nothing(caplog: pytest.LogCaptureFixture) -> None:
    configure(timeout=0.2)
    embedder = SleepyEmbedder()
    policy = RecallPolicy(mode="reflect")
    async with engine(":memory:", embedder=embedder) as memory:
        adapter = RuntimeAdapter("support", memory=memory, recall_policy=policy)
        await adapter.after_turn(turn(), result="Ada is vegan.")
        await adapter.flush()
        embedder.asleep = True
        known = await asyncio.wait_for(adapter.before_turn(turn(), query="Is Ada vegan?"), EVER)
        embedder.asleep = False

    assert known == ""
    assert "no answer within" in caplog.text


async def test_cancelling_a_turn_cancels_its_recall() -> None:
    embedder = SleepyEmbedder()
    async with engine(":memory:", embedder=embedder) as memory:
        adapter = RuntimeAdapter("support", memory=memory)
        await adapter.after_turn(turn(), result="Ada is vegan.")
        await adapter.flush()
        embedder.asleep = True
        recall = asyncio.create_task(adapter.before_turn(turn(), query="Is Ada vegan?"))
        await asyncio.sleep(0.05)
        recall.cancel()

        with pytest.raises(asyncio.CancelledError):
            await recall
        embedder.asleep = False

    assert adapter.stats().recall_failures == 0


async def test_whatever_a_part_raises_the_turn_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    async with engine(":memory:") as memory:
        await RuntimeAdapter("support", memory=memory).after_turn(turn(), result="Ada is vegan.")
        adapter = RuntimeAdapter("support", memory=memory)
        await memory.flush()
        memory._parts.recall.said.embedder._embedder = BrokenEmbedder()  # type: ignore[attr-defined]  # put in place of the sound one

        result = await adapter.run_turn(turn(), {"prompt": "Is Ada vegan?"}, agent_callable=answer)

    assert result == {"output": "Noted: Is Ada vegan?"}
    assert adapter.stats().recall_failures == 1
    assert "LookupError" in caplog.text


@pytest.mark.parametrize("retain_async", [True, False])
async def test_when_a_retain_fails_the_turn_is_unaffected(
    memory: MemoryEngine, caplog: pytest.LogCaptureFixture, retain_async: bool
) -> None:
    configure(retain_async=retain_async)
    adapter = RuntimeAdapter("support", memory=memory)

    async def closing_agent(payload: Any) -> str:
        await memory.aclose()
        return "Goodbye."

    result = await adapter.run_turn(turn(), {"prompt": "Hello"}, agent_callable=closing_agent)
    await adapter.flush()

    assert result == "Goodbye."
    assert adapter.stats() == Stats(recalls=1, retain_failures=1)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "the turn was not retained (ClosedError)" in caplog.text


async def test_closing_the_memory_under_a_recall_is_an_outage_and_no_cancellation() -> None:
    embedder = SleepyEmbedder()
    memory = engine(":memory:", embedder=embedder)
    adapter = RuntimeAdapter("support", memory=memory)
    await adapter.after_turn(turn(), result="Ada is vegan.")
    await adapter.flush()
    embedder.asleep = True
    recall = asyncio.create_task(adapter.before_turn(turn(), query="Is Ada vegan?"))
    await asyncio.sleep(0.05)
    await memory.aclose()

    assert await asyncio.wait_for(recall, EVER) == ""
    assert adapter.stats().recall_failures == 1


async def test_a_retain_that_takes_too_long_goes_on_behind_the_turn(caplog: pytest.LogCaptureFixture) -> None:
    configure(timeout=0.2, retain_async=False)
    embedder = SleepyEmbedder()
    embedder.asleep = True
    async with engine(":memory:", embedder=embedder) as memory:
        adapter = RuntimeAdapter("support", memory=memory)
        await asyncio.wait_for(adapter.after_turn(turn(), result="Ada is vegan."), EVER)
        meanwhile = await said(memory)
        embedder.asleep = False
        left = await adapter.flush(seconds=EVER)
        hits = (await memory.recall("user:ada:agent:support", "vegan")).hits

    assert meanwhile == [("assistant", "Ada is vegan.")]
    assert "goes on in the background" in caplog.text
    assert left == 0
    assert len(hits) == 1


def test_a_full_disk_costs_the_memory_of_the_turn_and_not_the_turn(tmp_path: Path) -> None:
    code = f"""
        import asyncio, resource
        from tests.conftest import engine
        from tests.duramen_agentcore.parts import said, turn
        from duramen_agentcore import RuntimeAdapter

        async def main():
            async with engine({str(tmp_path / "memory")!r}) as memory, RuntimeAdapter("support", memory=memory) as adapter:
                await adapter.run_turn(turn(), {{"prompt": "one"}}, agent_callable=lambda payload: "first")
                await adapter.flush()
                limit = resource.getrlimit(resource.RLIMIT_FSIZE)
                resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limit[1]))
                answer = await adapter.run_turn(turn(), {{"prompt": "two"}}, agent_callable=lambda payload: "x" * 99_999)
                await adapter.flush()
                resource.setrlimit(resource.RLIMIT_FSIZE, limit)
                await adapter.run_turn(turn(), {{"prompt": "three"}}, agent_callable=lambda payload: "last")
                await adapter.flush()
                print(len(answer), adapter.stats().retains, adapter.stats().lost)
                print([text[:5] for _, text in await said(memory)])

        asyncio.run(main())
    """

    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=EVER,
        check=False,
    )

    assert run.stdout.splitlines() == ["99999 3 0", "['one', 'first', 'two', 'xxxxx', 'three', 'last']"], run.stderr
    assert "the turn was not retained (StoreUnavailableError)" in run.stderr


def no_bank(context: TurnContext) -> str:
    raise BankResolutionError("nobody knows this user")


def broken(context: TurnContext) -> str:
    raise KeyError(context.user_id)


async def broken_later(context: TurnContext) -> str:
    await asyncio.sleep(0)
    raise RuntimeError("the directory is down")


async def never(context: TurnContext) -> str:
    await asyncio.sleep(3600)
    return "too late"


@pytest.mark.parametrize(
    "resolver",
    [
        no_bank,
        broken,
        broken_later,
        never,
        lambda context: "",
        lambda context: "  ",
        lambda context: None,
        lambda context: 7,
    ],
)
async def test_without_a_bank_nothing_is_recalled_or_retained(memory: MemoryEngine, resolver: Any) -> None:
    configure(timeout=0.2)
    adapter = RuntimeAdapter("support", memory=memory, bank_resolver=resolver)

    result = await asyncio.wait_for(adapter.run_turn(turn(), {"prompt": "Hello"}, agent_callable=answer), EVER)
    await adapter.flush()

    assert result == {"output": "Noted: Hello"}
    assert adapter.stats() == Stats(refused=2)
    assert (await memory.banks()).items == ()


@pytest.mark.parametrize("user", ["", "  ", None, 7, "\ud800"])
@pytest.mark.parametrize("tenant", [None, "acme"])
async def test_a_user_that_cannot_be_named_has_no_memory(
    adapter: RuntimeAdapter, memory: MemoryEngine, user: Any, tenant: str | None
) -> None:
    await adapter.run_turn(turn(user=user, tenant_id=tenant), {"prompt": "Hello"}, agent_callable=answer)
    await adapter.flush()

    assert adapter.stats() == Stats(refused=2)
    assert (await memory.banks()).items == ()


async def test_an_agent_without_a_name_has_no_memory(memory: MemoryEngine) -> None:
    adapter = RuntimeAdapter(memory=memory)

    assert await adapter.before_turn(turn(), query="Hello") == ""
    assert adapter.stats() == Stats(refused=1)


@pytest.mark.parametrize("tenant", [None, "", " "])
async def test_a_missing_tenant_is_refused_where_tenants_are_required(memory: MemoryEngine, tenant: str | None) -> None:
    by_default = RuntimeAdapter("support", memory=memory, require_tenant=True)
    custom = RuntimeAdapter("support", memory=memory, require_tenant=True, bank_resolver=lambda context: "shared")

    for adapter in (by_default, custom):
        await adapter.run_turn(turn(tenant_id=tenant), {"prompt": "Hello"}, agent_callable=answer)
        await adapter.run_turn(turn(tenant_id="acme"), {"prompt": "Hello"}, agent_callable=answer)
        await adapter.flush()

        assert adapter.stats() == Stats(recalls=1, retains=1, refused=2)


async def test_turns_that_an_outage_kept_from_the_disk_are_retained_after_it() -> None:
    store = BreakableStore()
    async with engine(store) as memory:
        adapter = RuntimeAdapter("support", memory=memory)
        store.down = True
        await adapter.run_turn(turn(), {"prompt": "I live in Lisbon."}, agent_callable=answer)
        missing = await adapter.flush()

        store.down = False
        left = await adapter.flush()

        assert (missing, left) == (1, 0)
        assert await said(memory) == [("ada", "I live in Lisbon."), ("assistant", "Noted: I live in Lisbon.")]
        assert adapter.stats().retain_failures >= 1
        assert adapter.stats().lost == 0


async def test_a_turn_held_back_does_not_replace_its_later_state() -> None:
    store = BreakableStore()
    async with engine(store) as memory:
        adapter = RuntimeAdapter("support", memory=memory)
        store.down = True
        await adapter.after_turn(turn(request_id="r1"), query="I live in", result="Where?")
        assert await adapter.flush() == 1

        store.down = False
        await adapter.after_turn(turn(request_id="r1"), query="I live in Lisbon.", result="Noted.")
        await adapter.flush()

        assert await said(memory) == [("ada", "I live in Lisbon."), ("assistant", "Noted.")]
