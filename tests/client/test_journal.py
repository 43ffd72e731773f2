"""With a journal: what is retained while the server is away is kept here and sent later, in order and once in effect."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import duramen
from duramen import BadContentError, Item, MemoryEngine, StoreUnavailableError
from duramen.client.journal import Journal
from duramen.client.wire import Outgoing
from duramen.stores.sqlite import SQLiteStore
from tests.client.standing import Standing
from tests.serving import ROOT

EVER = 90


def journaled(peer: Standing, tmp_path: Path) -> MemoryEngine:
    return duramen.open(peer.address, journal=tmp_path / "journal", timeout=5, retries=0)


async def test_with_the_server_there_nothing_is_held(peer: Standing, tmp_path: Path) -> None:
    async with journaled(peer, tmp_path) as memory:
        retained = await memory.retain("b", "Ada is vegan.")
        status = await memory.status("b")

    assert retained.held == 0
    assert status.pending == 0
    assert peer.contents() == ["Ada is vegan."]


async def test_what_is_retained_while_the_server_is_away_is_sent_later_in_order(away: Standing, tmp_path: Path) -> None:
    async with journaled(away, tmp_path) as memory:
        retained = [await memory.retain("b", f"Fact {number}.", key="k" if number % 2 else None) for number in range(6)]
        held = await memory.status("b")
        with pytest.raises(StoreUnavailableError):
            await memory.recall("b", "fact")
        with pytest.raises(StoreUnavailableError, match="Nothing was deleted"):
            await asyncio.wait_for(memory.forget("b", key="k"), EVER)

        await asyncio.to_thread(away.start)
        left = await asyncio.wait_for(memory.flush("b"), EVER)
        recall = await memory.recall("b", "fact")

    assert [one.held for one in retained] == [1] * 6
    assert held.pending == 6
    assert held.oldest_pending is not None
    assert left == 0
    assert away.contents() == ["Fact 0.", "Fact 2.", "Fact 4.", "Fact 5."]
    assert len(recall.hits) == 4


async def test_what_waits_outlives_the_memory_and_is_sent_by_the_next(away: Standing, tmp_path: Path) -> None:
    async with journaled(away, tmp_path) as first:
        await first.retain("b", "Before the restart.")
        await first.aclose(drain_seconds=0.1)
    await asyncio.to_thread(away.start)

    async with journaled(away, tmp_path) as second:
        left = await asyncio.wait_for(second.flush(), EVER)

    assert left == 0
    assert away.contents() == ["Before the restart."]


async def test_nothing_overtakes_what_waits(away: Standing, tmp_path: Path) -> None:
    async with journaled(away, tmp_path) as memory:
        await memory.retain(
            "b", [{"role": "user", "content": "old one"}, {"role": "user", "content": "old two"}], key="k"
        )
        await asyncio.to_thread(away.start)
        await memory.retain("b", [{"role": "user", "content": "new"}], key="k")
        await asyncio.wait_for(memory.flush("b"), EVER)

    assert away.contents() == ["new"]


async def test_what_the_server_would_not_take_is_set_aside_and_holds_nothing_up(away: Standing, tmp_path: Path) -> None:
    async with journaled(away, tmp_path) as memory:
        await memory.retain("b", [Item(content=text) for text in ("One.", "This is poison.", "Two.")])
        await memory.retain("b", "Three.")
        await asyncio.to_thread(away.start)
        await asyncio.wait_for(memory.flush("b"), EVER)
        status = await memory.status("b")
        again = await memory.retry("b")
        await asyncio.wait_for(memory.flush("b"), EVER)
        after = await memory.status("b")
        await memory.forget("b", everything=True)
        forgotten = await memory.status("b")

    assert away.contents() == []
    assert (status.pending, status.failed) == (0, 1)
    assert "is poison" in status.failures[0].reason
    assert again == 1
    assert after.failed == 1
    assert forgotten.failed == 0


async def test_who_waits_for_the_server_hears_what_it_would_not_take(peer: Standing, tmp_path: Path) -> None:
    async with journaled(peer, tmp_path) as memory:
        with pytest.raises(BadContentError, match="is poison"):
            await memory.retain("b", [Item(content="Fine."), Item(content="This is poison.")])
        status = await memory.status("b")

    assert (status.pending, status.failed) == (0, 0)
    assert peer.contents() == ["Fine."]


@pytest.mark.parametrize("fault", [{"status": 401}, {"status": 404}, {"status": 500}, {"then": "cut"}])
async def test_whatever_the_server_answers_nothing_is_lost_or_doubled(
    peer: Standing, tmp_path: Path, fault: dict[str, object]
) -> None:
    async with journaled(peer, tmp_path) as memory:
        peer.fail(*[fault] * 3)
        for number in range(3):
            await memory.retain("b", f"Fact {number}.")
        await asyncio.wait_for(memory.flush("b"), EVER)

    assert peer.contents() == ["Fact 0.", "Fact 1.", "Fact 2."]


async def test_banks_do_not_wait_for_each_other(peer: Standing, tmp_path: Path) -> None:
    async with duramen.open(peer.address, journal=tmp_path / "journal", timeout=0.5, retries=0) as memory:
        await memory.warm_up()
        peer.fail({"before": "hang"})
        slow = asyncio.create_task(memory.retain("slow", "Ada is vegan."))
        while len(peer.requests()) < 2:  # noqa: ASYNC110  another process counts them
            await asyncio.sleep(0.01)
        quick = await asyncio.wait_for(memory.retain("quick", "Eve is not."), EVER)
        await asyncio.wait_for(slow, EVER)
        await asyncio.wait_for(memory.flush(), EVER)

    assert quick.held == 0
    assert peer.contents("slow") == ["Ada is vegan."]


async def test_processes_that_share_a_journal_number_its_entries_apart(tmp_path: Path) -> None:
    stores = [SQLiteStore(tmp_path / "journal") for _ in range(2)]
    journals = [Journal(store) for store in stores]
    for journal in journals:
        await journal.open()

    await asyncio.gather(*(journals[number % 2].append("b", [Outgoing(item={"n": number})]) for number in range(20)))
    held = await journals[0].first("b", 100)
    leases = [await journal.lease("b") for journal in journals]
    await journals[0].release("b")
    after = await journals[1].lease("b")
    for journal in journals:
        await journal.aclose()

    assert sorted(one.outgoing.item["n"] for one in held if one.outgoing.item) == list(range(20))
    assert leases == [True, False]
    assert after


def test_killed_in_the_middle_of_sending_nothing_is_lost_or_doubled(peer: Standing, tmp_path: Path) -> None:
    chance = random.Random(6)
    acknowledged: list[str] = []
    command = [sys.executable, "-m", "tests.client.retainer", peer.address, str(tmp_path / "journal")]
    for number in range(4):
        with subprocess.Popen([*command, f"r{number}"], stdout=subprocess.PIPE, text=True, cwd=ROOT) as retainer:
            assert retainer.stdout is not None
            acknowledged.append(retainer.stdout.readline().strip())
            if number == 2:
                peer.kill()
                acknowledged.append(retainer.stdout.readline().strip())
            acknowledged += [retainer.stdout.readline().strip() for _ in range(chance.randrange(1, 8))]
            retainer.kill()
            acknowledged += [
                line.strip() for line in retainer.stdout.read().splitlines(keepends=True) if line.endswith("\n")
            ]
        if number == 2:
            peer.start()

    with duramen.open_sync(peer.address, journal=tmp_path / "journal") as memory:
        left = memory.flush(seconds=EVER)

    kept = Counter(peer.contents())
    order = [text for text in peer.contents() if text.startswith("r2-")]
    assert left == 0
    assert set(acknowledged) - set(kept) == set()
    assert max(kept.values()) == 1
    assert order == sorted(order, key=lambda text: int(text.split("-")[1]))
