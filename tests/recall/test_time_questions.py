"""Questions that only time decides, asked of a small bank in which several memories answer them but for their time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timezone

import pytest

from duramen import MemoryEngine
from duramen.types import Item
from tests.conftest import engine

DECEMBER = datetime(2023, 12, 1, 9, tzinfo=timezone.utc)

TOLD = """
2022-11-15 | I live in Porto, near the river.
2022-12-01 | I work at a bakery, from four in the night.
2023-01-10 | I bought a red bicycle from a neighbour.
2023-02-02 | I visited the dentist, all was fine.
2023-03-05 | I bought a green bicycle for the hills.
2023-03-20 | The garden is full of snails.
2023-04-12 | The trip to Rome began with a delayed train.
2023-04-13 | I ate artichokes every evening.
2023-05-01 | I read a book about bees.
2023-05-09 | My knee hurts when it rains.
2023-06-03 | My wedding was wonderful, we danced all night.
2023-06-20 | I read a book about whales.
2023-07-14 | I visited the dentist because of a filling.
2023-08-20 | I bought a blue bicycle with gears.
2023-08-28 | The tomatoes are ripe and the cellar is full.
2023-09-01 | I live in Lisbon, near the castle.
2023-09-15 | I read a book about clouds.
2023-10-10 | I work at a museum, with the old maps.
2023-11-03 | I visited the dentist for a check.
2023-11-20 | I painted the fence white.
"""


@pytest.fixture
async def memory() -> AsyncIterator[MemoryEngine]:
    lines = [line.partition(" | ") for line in TOLD.strip().splitlines()]
    items = [
        Item(content=text, key=text, occurred=datetime.fromisoformat(day).replace(tzinfo=timezone.utc), actor="ada")
        for day, _, text in lines
    ]
    async with engine(":memory:") as opened:
        await opened.retain("user:ada", items, wait=True)
        yield opened


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which bicycle did I buy most recently?", "blue bicycle"),
        ("What was the last bicycle that I bought?", "blue bicycle"),
        ("What was the first bicycle that I bought?", "red bicycle"),
        ("When did I last visit the dentist?", "for a check"),
        ("When did I first visit the dentist?", "all was fine"),
        ("What was the latest book I read?", "clouds"),
    ],
)
async def test_the_latest_and_the_first_of_what_is_asked_for(memory: MemoryEngine, question: str, answer: str) -> None:
    recall = await memory.recall("user:ada", question, at=DECEMBER)

    assert answer in recall.hits[0].memory.text


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Where do I live?", "Lisbon"),
        ("Where do I work now?", "museum"),
        ("Where am I working these days?", "museum"),
    ],
)
async def test_the_present_state_is_what_was_said_last(memory: MemoryEngine, question: str, answer: str) -> None:
    recall = await memory.recall("user:ada", question, at=DECEMBER)

    assert answer in recall.hits[0].memory.text


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which book did I read in September?", "clouds"),
        ("Which book did I read last spring?", "bees"),
        ("Which book did I read between June and August 2023?", "whales"),
        ("Which bicycle did I buy before February 2023?", "red bicycle"),
        ("Which bicycle did I buy since last summer?", "blue bicycle"),
        ("Did I visit the dentist after October 2023?", "for a check"),
        ("When did I visit the dentist in the week before 17 July?", "filling"),
        ("Did I buy a bicycle during the last spring?", "green bicycle"),
    ],
)
async def test_dates_and_ranges_decide(memory: MemoryEngine, question: str, answer: str) -> None:
    recall = await memory.recall("user:ada", question, at=DECEMBER)

    assert answer in recall.hits[0].memory.text


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which book did I read before the wedding?", "bees"),
        ("Which book did I read after the wedding?", "whales"),
        ("After the trip to Rome, which bicycle did I buy?", "blue bicycle"),
        ("Which bicycle did I buy just before the trip to Rome?", "green bicycle"),
    ],
)
async def test_something_that_was_told_of_decides(memory: MemoryEngine, question: str, answer: str) -> None:
    recall = await memory.recall("user:ada", question, at=DECEMBER)

    asked = answer.split()[-1] if "bicycle" in answer else "read a book"
    assert answer in next(hit.memory.text for hit in recall.hits if asked in hit.memory.text)


async def test_a_new_memory_of_something_else_is_not_the_latest(memory: MemoryEngine) -> None:
    recall = await memory.recall("user:ada", "What was the last bicycle that I bought?", at=DECEMBER)

    assert "fence" not in " ".join(hit.memory.text for hit in recall.hits[:3])
