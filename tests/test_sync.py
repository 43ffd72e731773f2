from __future__ import annotations

import asyncio
import inspect
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import duramen
from duramen import CapitalsEntityFinder, ClosedError, HashingEmbedder, Item, MemoryEngine, SyncMemoryEngine
from duramen.retain.worker import Pace
from tests.conftest import Gated, engine

VERBS = sorted(
    name
    for name, verb in inspect.getmembers(MemoryEngine, inspect.isfunction)
    if not name.startswith("_") and name not in ("close", "aclose", "before_close")
)


def opened(address: str | Path) -> SyncMemoryEngine:
    return duramen.open_sync(address, embedder=HashingEmbedder(), entities=CapitalsEntityFinder())


@pytest.mark.parametrize("verb", VERBS)
def test_the_sync_face_has_every_verb_with_the_same_signature(verb: str) -> None:
    ours = inspect.signature(getattr(SyncMemoryEngine, verb))

    assert ours == inspect.signature(getattr(MemoryEngine, verb))
    assert inspect.iscoroutinefunction(inspect.unwrap(getattr(MemoryEngine, verb)))


def test_the_verbs_work_without_await(address: str) -> None:
    with opened(address) as memory:
        memory.retain("b", "Ada is vegan.")

        assert memory.recall("b", "vegan").hits[0].memory.text == "Ada is vegan."
        assert memory.status().pending == 0
        assert memory.forget("b", everything=True).memories == 1


async def test_the_sync_face_works_inside_a_running_loop(address: str) -> None:
    with opened(address) as memory:
        memory.retain("b", "Ada is vegan.")

        assert memory.recall("b", "vegan").hits
        assert (await memory.engine.recall("b", "vegan")).hits


def test_one_engine_serves_many_loops_and_threads_at_once(address: str) -> None:
    memory = engine(address)
    failures: list[BaseException] = []

    async def use(number: int) -> None:
        for turn in range(5):
            await memory.retain("b", f"Thread {number} says {turn}.")
            assert (await memory.recall("b", f"What does thread {number} say?")).hits

    def run(number: int) -> None:
        try:
            asyncio.run(use(number))
        except BaseException as error:  # noqa: BLE001  a thread has nobody else to tell
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = asyncio.run(count(memory))
    memory.close()

    assert failures == []
    assert kept == 30


async def count(memory: MemoryEngine) -> int:
    await memory.flush()
    return len((await memory.memories("b", limit=1000)).items)


def test_an_engine_opens_at_its_first_verb_and_closes_once(address: str) -> None:
    memory = opened(address)
    memory.retain("b", "Ada is vegan.")
    memory.close()
    memory.close()

    with pytest.raises(ClosedError, match="Open it again"):
        memory.recall("b", "vegan")


def test_closing_works_through_what_is_pending(tmp_path: Path) -> None:
    memory = opened(tmp_path)
    for number in range(50):
        memory.retain("b", f"Fact {number}")
    memory.close()

    with opened(tmp_path) as again:
        assert again.status().pending == 0
        assert len(again.memories("b", limit=1000).items) == 50


def test_a_loop_that_ends_right_after_a_retain_loses_nothing(tmp_path: Path) -> None:
    memory = engine(tmp_path)

    asyncio.run(memory.retain("b", "Said in a loop that is gone."))

    assert asyncio.run(memory.recall("b", "gone loop")).hits
    memory.close()


def test_a_forked_child_is_told_to_open_anew(tmp_path: Path) -> None:
    with opened(tmp_path) as memory:
        memory.retain("b", "Ada is vegan.", wait=True)
        child = os.fork()
        if child == 0:
            try:
                memory.recall("b", "vegan")
            except ClosedError:
                os._exit(17)
            os._exit(1)
        _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 17


def test_closing_gives_up_on_work_that_hangs(tmp_path: Path) -> None:
    embedder = Gated()
    pace = Pace(lease_seconds=0.5)
    memory = SyncMemoryEngine(engine(tmp_path, embedder=embedder, pace=pace))
    embedder.gate.clear()
    memory.retain("b", [Item(content=f"Fact {number}") for number in range(3)])

    memory.close(drain_seconds=0.2)
    embedder.gate.set()

    with opened(tmp_path) as again:
        again.flush()
        assert len(again.memories("b").items) == 3


def test_a_process_that_ends_without_closing_says_nothing(tmp_path: Path) -> None:
    code = (
        "import duramen\n"
        f"memory = duramen.open_sync({str(tmp_path)!r}, embedder=duramen.HashingEmbedder(), "
        "entities=duramen.CapitalsEntityFinder())\n"
        "for number in range(200): memory.retain('b', f'Fact {number}')\n"
    )

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stderr == ""
