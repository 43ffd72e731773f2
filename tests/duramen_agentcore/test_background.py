from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from duramen.retain.worker import Pace
from duramen_agentcore import RuntimeAdapter
from tests.conftest import engine
from tests.duramen_agentcore.parts import BANK, SleepyEmbedder, answer, events, turn

ROOT = Path(__file__).parents[2]


def test_a_turn_outlives_the_loop_that_it_ran_on(tmp_path: Path) -> None:
    memory = engine(tmp_path / "memory")
    adapter = RuntimeAdapter("support", memory=memory)

    for number in range(5):
        asyncio.run(adapter.run_turn(turn(), {"prompt": f"Fact {number}"}, agent_callable=answer))
    known = asyncio.run(adapter.before_turn(turn("session-2"), query="Fact 4"))
    kept = asyncio.run(events(memory))
    memory.close()

    assert "Fact 4" in known
    assert len(kept) == 10


@pytest.mark.parametrize("ending", ["", "sys.exit(3)", "raise LookupError"])
def test_a_turn_outlives_the_process_that_ends_right_after_it(tmp_path: Path, ending: str) -> None:
    code = f"""
        import asyncio, sys
        from tests.conftest import engine
        from tests.duramen_agentcore.parts import answer, turn
        from duramen_agentcore import RuntimeAdapter

        adapter = RuntimeAdapter("support", memory=engine({str(tmp_path / "memory")!r}))
        asyncio.run(adapter.run_turn(turn(), {{"prompt": "I am vegan."}}, agent_callable=answer))
        {ending}
    """

    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    memory = engine(tmp_path / "memory")
    kept = asyncio.run(events(memory))
    memory.close(drain_seconds=0)

    assert [event.content for event in kept] == ["I am vegan.", "Noted: I am vegan."]


async def test_flushing_waits_until_what_was_retained_is_searchable() -> None:
    embedder = SleepyEmbedder()
    embedder.asleep = True
    async with engine(":memory:", embedder=embedder) as memory:
        adapter = RuntimeAdapter("support", memory=memory)
        await adapter.after_turn(turn(), result="one")
        await adapter.after_turn(turn(user="eve"), result="two")

        left = await adapter.flush(seconds=0.1)
        embedder.asleep = False
        after = await adapter.flush()

        assert (left, after) == (2, 0)
        assert len((await memory.memories(BANK)).items) == 1
        assert adapter.stats().retains == 2


async def test_closing_gives_up_after_its_time_and_loses_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    embedder = SleepyEmbedder()
    embedder.asleep = True
    memory = engine(tmp_path / "memory", embedder=embedder, pace=Pace(lease_seconds=0.5))
    adapter = RuntimeAdapter("support", memory=memory)
    await adapter.after_turn(turn(), result="Ada is vegan.")

    await adapter.aclose(drain_seconds=0.2)
    embedder.asleep = False
    await memory.aclose(drain_seconds=0)
    async with engine(tmp_path / "memory") as again:
        known = await RuntimeAdapter("support", memory=again).before_turn(turn(), query="vegan")

    assert "1 retained turns are not searchable yet" in caplog.text
    assert "Ada is vegan." in known


async def test_waiting_in_vain_takes_nothing_from_the_retain() -> None:
    embedder = SleepyEmbedder()
    embedder.asleep = True
    async with engine(":memory:", embedder=embedder) as memory:
        adapter = RuntimeAdapter("support", memory=memory)
        await adapter.after_turn(turn(), result="Ada is vegan.")
        waiting = asyncio.create_task(adapter.flush())
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.wait({waiting})
        embedder.asleep = False

        assert await adapter.flush() == 0
        assert len((await memory.memories(BANK)).items) == 1
