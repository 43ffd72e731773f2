"""What somebody said is superseded by what they said later: marked, kept, seen as of then, and current again when undone."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from duramen import MemoryEngine
from duramen.types import Memory
from tests.conftest import engine

BANK = "user:ada"
START = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)

CHANGES = {
    "home": ("I live in Porto.", "We moved to Lisbon last week!", "Where do I live?"),
    "work": ("I work at Acme.", "I started at Initech.", "Where did I start to work?"),
    "favourite": ("My favourite colour is green.", "My favorite color is blue now.", "What is my favourite colour?"),
    "diet": ("I'm vegetarian.", "I eat meat again.", "Am I vegetarian, or do I eat meat?"),
    "telephone": ("My phone number is 555-0101.", "My new phone number is 555-0202.", "What is my phone number?"),
    "day": ("The deploy day is Tuesday.", "The deploy day moved to Thursday.", "Which day is the deploy day?"),
    "tool": ("We use Postgres.", "We switched from Postgres to SQLite.", "Do we use Postgres or SQLite?"),
    "dog": ("I have a dog.", "I no longer have a dog.", "Do I have a dog?"),
    "death": ("Rex is 4 years old.", "Rex died.", "How old is Rex?"),
    "time": ("The meeting is at 3.", "The meeting is now at 4.", "When is the meeting?"),
}
changes = pytest.mark.parametrize(("old", "new", "question"), CHANGES.values(), ids=CHANGES)


BOTH_TRUE = [
    ("I live in Porto.", "My sister lives in Lisbon."),
    ("I live in Porto.", "I'm in Lisbon this week."),
    ("I live in Portugal.", "I live in Porto."),
    ("I live in Porto.", "I moved here from Lisbon ten years ago."),
    ("I live in New York.", "I work in Boston."),
    ("I live in Porto.", "We moved to Kubernetes."),
    ("I live in Porto.", "I want to move to Lisbon."),
    ("I live in Porto.", "Do you think I live in Lisbon?"),
    ("I work at Acme.", "I work at home on Fridays."),
    ("I work at Acme.", "I also work at Initech."),
    ("I have a dog.", "I have a cat."),
    ("I bought a car.", "I sold my bike."),
    ("We use Postgres.", "We use Redis too."),
    ("My favourite colour is green.", "My favourite food is ramen."),
    ("My phone number is 555-0101.", "My work phone number is 555-0202."),
    ("The meeting is at 3.", "The lunch is at 4."),
    ("The meeting is at 3.", "The meeting is on Tuesday."),
    ("The deadline for the report is Friday.", "The deadline for the grant is Monday."),
    ("My daughter is 5.", "My son is 7."),
    ("Grace's birthday is June 5.", "Bob's birthday is July 7."),
    ("I'm vegetarian.", "I don't eat meat."),
    ("I'm divorced.", "I'm single."),
    ("My boss is Carol Jones.", "My boss is Carol."),
    ("The price is 10 euros.", "The price is insane."),
    ("I live in Porto, and I have a dog.", "I no longer have a dog."),
]


async def say(memory: MemoryEngine, *texts: str, day: int = 0) -> None:
    """Retain `texts`, one a day, from `day` on; each under itself as a key."""
    for place, text in enumerate(texts):
        await memory.retain(BANK, text, key=text, actor="Ada", occurred=START + (day + place) * DAY, wait=True)


async def superseded(memory: MemoryEngine) -> dict[str, int | None]:
    """Return for each text of the bank since which day it is superseded."""
    page = await memory.memories(BANK)
    return {one.text: _day(one) for one in page.items}


@changes
async def test_the_earlier_is_marked_with_its_validity(memory: MemoryEngine, old: str, new: str, question: str) -> None:
    await say(memory, old, new)

    assert await superseded(memory) == {old: 1, new: None}


@changes
async def test_a_recall_puts_the_newer_first_and_marks_the_older(
    memory: MemoryEngine, old: str, new: str, question: str
) -> None:
    await say(memory, old, "The sea was calm today.", new)

    recall = await memory.recall(BANK, question)

    found = {hit.memory.text: _day(hit.memory) for hit in recall.hits}
    assert next(iter(found)) == new
    assert {old: found[old], new: found[new]} == {old: 2, new: None}
    assert "true until 2026-03-04] Ada: " + old in recall.text


@changes
async def test_the_earlier_view_is_that_of_then(memory: MemoryEngine, old: str, new: str, question: str) -> None:
    await say(memory, old, new)

    before = await memory.recall(BANK, question, as_of=START + DAY / 2)
    after = await memory.recall(BANK, question, as_of=START + DAY)

    assert [(hit.memory.text, hit.memory.superseded) for hit in before.hits] == [(old, None)]
    assert [(hit.memory.text, hit.memory.superseded) for hit in after.hits] == [(new, None)]


@changes
async def test_forgetting_the_newer_undoes_it(memory: MemoryEngine, old: str, new: str, question: str) -> None:
    await say(memory, old, new)
    await memory.recall(BANK, question)

    await memory.forget(BANK, key=new)

    recall = await memory.recall(BANK, question)
    assert await superseded(memory) == {old: None}
    assert [(hit.memory.text, hit.memory.superseded) for hit in recall.hits] == [(old, None)]


@changes
async def test_what_was_said_earlier_supersedes_nothing_though_it_arrives_later(
    memory: MemoryEngine, old: str, new: str, question: str
) -> None:
    await say(memory, new, day=5)
    await memory.recall(BANK, question)

    await say(memory, old)

    assert await superseded(memory) == {old: 5, new: None}


async def test_a_repeat_supersedes_nothing(memory: MemoryEngine) -> None:
    await say(memory, "I live in Porto.", "I'm still living in Porto!")

    assert await superseded(memory) == {"I live in Porto.": None, "I'm still living in Porto!": None}


@pytest.mark.parametrize(("one", "other"), BOTH_TRUE)
async def test_what_can_both_be_true_supersedes_nothing(memory: MemoryEngine, one: str, other: str) -> None:
    await say(memory, one, other)

    assert await superseded(memory) == {one: None, other: None}


async def test_each_lives_where_they_live(memory: MemoryEngine) -> None:
    await memory.retain(BANK, "I live in Porto.", actor="Ada", occurred=START, wait=True)
    await memory.retain(BANK, "I live in Lisbon.", actor="Grace", occurred=START + DAY, wait=True)

    assert await superseded(memory) == {"I live in Porto.": None, "I live in Lisbon.": None}


async def test_one_who_is_spoken_of_is_the_one_who_spoke(memory: MemoryEngine) -> None:
    await memory.retain(BANK, "I live in Porto.", actor="Ada", occurred=START, wait=True)
    await memory.retain(BANK, "Ada moved to Lisbon.", actor="Grace", occurred=START + DAY, wait=True)

    assert await superseded(memory) == {"I live in Porto.": 1, "Ada moved to Lisbon.": None}


async def test_a_row_of_changes_is_read_from_the_last(memory: MemoryEngine) -> None:
    homes = ["I live in Porto.", "I moved to Lisbon.", "I moved to Madrid.", "I moved to Oslo."]
    await say(memory, *homes)

    recall = await memory.recall(BANK, "Where do I live?")
    middle = await memory.recall(BANK, "Where do I live?", as_of=START + 1.5 * DAY)

    assert await superseded(memory) == dict(zip(homes, [1, 2, 3, None], strict=True))
    assert recall.hits[0].memory.text == "I moved to Oslo."
    assert [hit.memory.text for hit in middle.hits] == ["I moved to Lisbon."]


async def test_replacing_the_newer_item_undoes_it(memory: MemoryEngine) -> None:
    await say(memory, "I live in Porto.")
    await memory.retain(BANK, "I live in Lisbon.", key="k", actor="Ada", occurred=START + DAY, wait=True)

    await memory.retain(BANK, "I like Lisbon.", key="k", actor="Ada", occurred=START + DAY, wait=True)

    assert await superseded(memory) == {"I live in Porto.": None, "I like Lisbon.": None}


async def test_it_outlives_the_process(tmp_path: Path) -> None:
    async with engine(tmp_path) as first:
        await say(first, "I live in Porto.", "I live in Lisbon.")
        before = await superseded(first)

    async with engine(tmp_path) as second:
        after = await superseded(second)

    assert before == after == {"I live in Porto.": 1, "I live in Lisbon.": None}


def _day(memory: Memory) -> int | None:
    return None if memory.superseded is None else (memory.superseded - START) // DAY
