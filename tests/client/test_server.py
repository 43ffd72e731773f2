"""The same verbs against a server of ours, in a process that is stopped, killed and started again."""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

import duramen
from duramen import Item, MemoryEngine, StoreUnavailableError
from duramen.client.journal import Journal
from duramen.client.wire import Outgoing
from duramen.stores.sqlite import SQLiteStore
from tests.conftest import engine
from tests.server.running import running
from tests.serving import ROOT, Served

EVER = 120
AT = datetime(2025, 3, 1, 12, tzinfo=timezone.utc)


@pytest.fixture
def url() -> Iterator[str]:
    """A server of ours that runs in this process, which is quicker to begin."""
    with running(engine(":memory:")) as address:
        yield address


async def texts(memory: MemoryEngine, bank: str = "b") -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await memory.memories(bank, cursor=cursor, limit=1000)
        found += [one.text for one in page.items]
        cursor = page.next
        if cursor is None:
            return found


async def test_the_verbs_do_what_they_do_in_an_embedded_memory(url: str) -> None:
    async with duramen.open(url) as memory:
        bank = "tenant:acme:user:arn%3Aaws/ada"
        await memory.retain(
            bank,
            [
                {"role": "user", "name": "Ada", "content": "I moved to Lisbon."},
                {"role": "assistant", "content": "Noted: you live in Lisbon now."},
            ],
            key="turn/1",
            occurred=AT,
            session="s-1",
            actor="ada",
            tags=["city"],
            metadata={"channel": "chat"},
            document="diary",
        )
        recall = await memory.recall(bank, "Where does Ada live? Lisbon?", tags=["city"], tags_match="all_strict")
        other = await memory.recall("tenant:acme:user:eve", "Lisbon")
        of_agent = await memory.recall(bank, "Lisbon", kinds=["experience"], session="s-1")
        reflection = await memory.reflect(bank, "Where does Ada live? Lisbon?")
        status = await memory.status(bank)
        names = [one.name for one in (await memory.banks()).items]
        forgotten = await memory.forget(bank, key="turn/1")
        left = await texts(memory, bank)

    first = min((hit.memory for hit in recall.hits), key=lambda one: one.mentioned)
    assert (first.speaker, first.kind, first.key, first.session) == ("Ada", "fact", "turn/1", "s-1")
    assert (first.actor, first.document, first.metadata) == ("ada", "diary", {"channel": "chat"})
    assert (first.mentioned, first.tags) == (AT, ("city",))
    assert "- [2025-03-01] Ada: I moved to Lisbon." in recall.text
    assert [hit.memory.speaker for hit in of_agent.hits] == ["assistant"]
    assert other.hits == ()
    assert other.notes
    assert reflection.sources
    assert status.pending == 0
    assert names == [bank]
    assert forgotten.events == 2
    assert left == []


async def test_a_least_score_is_demanded_of_a_server_of_ours(url: str) -> None:
    async with duramen.open(url) as memory:
        await memory.retain("b", "Ada likes tea.")

        recall = await memory.recall("b", "Ada likes tea?", min_score=0.99)

    assert recall.hits == ()


async def test_the_same_thing_twice_is_one_and_a_batch_is_kept_whole(url: str) -> None:
    async with duramen.open(url) as memory:
        for _ in range(2):
            await memory.retain("b", [Item(content=f"Fact {number}.", key=f"k/{number}") for number in range(150)])

        found = await texts(memory)

    assert sorted(found) == sorted(f"Fact {number}." for number in range(150))


async def test_a_restart_of_the_server_is_an_outage_and_no_more(server: Served, tmp_path: Path) -> None:
    async with duramen.open(server.url, retries=0) as memory:
        await memory.retain("b", "Before.")
        await asyncio.to_thread(server.kill)
        with pytest.raises(StoreUnavailableError):
            await memory.retain("b", "Between.")
        await asyncio.to_thread(server.start)

        await memory.retain("b", "After.")

        assert sorted(await texts(memory)) == ["After.", "Before."]


async def test_what_waits_in_the_journal_is_sent_when_the_server_is_back(stopped: Served, tmp_path: Path) -> None:
    async with duramen.open(stopped.url, journal=tmp_path / "journal", retries=0) as memory:
        retained = await memory.retain("b", [Item(content=f"Fact {number}.") for number in range(120)])
        await asyncio.to_thread(stopped.start)
        left = await asyncio.wait_for(memory.flush(), EVER)

        assert retained.held == 120
        assert left == 0
        assert Counter(await texts(memory)) == Counter(f"Fact {number}." for number in range(120))


def test_client_and_server_are_killed_again_and_again_and_nothing_is_lost_or_doubled(
    server: Served, tmp_path: Path
) -> None:
    chance = random.Random(7)
    acknowledged: list[str] = []
    command = [sys.executable, "-m", "tests.client.retainer", server.url, str(tmp_path / "journal")]
    for number in range(4):
        with subprocess.Popen([*command, f"r{number}"], stdout=subprocess.PIPE, text=True, cwd=ROOT) as retainer:
            assert retainer.stdout is not None
            acknowledged += [retainer.stdout.readline().strip() for _ in range(chance.randrange(1, 9))]
            if number % 2:
                server.kill()
                acknowledged += [retainer.stdout.readline().strip() for _ in range(3)]
            retainer.kill()
            lines = retainer.stdout.read().splitlines(keepends=True)
            acknowledged += [line.strip() for line in lines if line.endswith("\n")]
        if number % 2:
            server.start()

    with duramen.open_sync(server.url, journal=tmp_path / "journal") as memory:
        left = memory.flush(seconds=EVER)
        kept = Counter(one.text for one in memory.memories("b", limit=1000).items)

    assert left == 0
    assert set(acknowledged) - set(kept) == set()
    assert max(kept.values()) == 1


async def test_what_was_sent_before_a_kill_and_forgotten_since_is_not_retained_anew(
    stopped: Served, tmp_path: Path
) -> None:
    async with duramen.open(stopped.url, journal=tmp_path / "journal", timeout=5, retries=0) as memory:
        await memory.retain("b", "Ada is vegan.", key="diet")
        await memory.retain("b", "Ada has a cat.", key="pet")
        await memory.aclose(drain_seconds=0.1)
    shutil.copytree(tmp_path / "journal", tmp_path / "killed")  # what is on disk until it is known that it was sent
    await asyncio.to_thread(stopped.start)
    async with duramen.open(stopped.url, journal=tmp_path / "journal") as memory:
        await asyncio.wait_for(memory.flush("b"), EVER)
        sent = await texts(memory)
        for key in ("diet", "pet"):
            await memory.forget("b", key=key)
    journal = Journal(SQLiteStore(tmp_path / "killed"))
    await journal.open()
    await journal.begin("b", await journal.first("b", 2))
    await journal.append("b", [Outgoing(item={"content": "Ada has a dog.", "document_id": "dog"})])
    await journal.aclose()

    async with duramen.open(stopped.url, journal=tmp_path / "killed") as memory:
        left = await asyncio.wait_for(memory.flush("b"), EVER)
        after = await texts(memory)

    assert sorted(sent) == ["Ada has a cat.", "Ada is vegan."]
    assert left == 0
    assert after == ["Ada has a dog."]
