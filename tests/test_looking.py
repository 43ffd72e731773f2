"""What the verbs that only look do besides recalling."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from duramen import BadQueryError, Item, MemoryEngine
from tests.conftest import Gated, engine

START = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)


async def test_many_recalls_answer_as_single_ones_do(memory: MemoryEngine) -> None:
    for text in ("Ada keeps bees.", "Bob sells honey.", "The roof leaks."):
        await memory.retain("b", text)
    questions = ["Who keeps bees?", "Who sells honey?", "Who keeps bees?"]

    many = await memory.recall_many("b", questions, limit=2, at=START)

    single = [await memory.recall("b", question, limit=2, at=START) for question in questions]
    assert [one.query for one in many] == [one.query for one in single]
    assert [one.hits for one in many] == [one.hits for one in single]
    assert [one.hits[0].memory.text for one in many] == ["Ada keeps bees.", "Bob sells honey.", "Ada keeps bees."]


async def test_many_recalls_of_none_are_none(memory: MemoryEngine) -> None:
    assert await memory.recall_many("b", []) == []


async def test_many_recalls_of_an_unknown_bank_say_so(memory: MemoryEngine) -> None:
    found = await memory.recall_many("nobody", ["Who?", "Why?"])

    assert ["no bank 'nobody'" in one.notes[0] for one in found] == [True, True]


@pytest.mark.parametrize("queries", ["Who keeps bees?", ["Who?", " "], ["Who?", 7]])
async def test_many_recalls_want_a_list_of_questions(memory: MemoryEngine, queries: Any) -> None:
    with pytest.raises(BadQueryError, match=r"Give a list of texts|Ask for something in words"):
        await memory.recall_many("b", queries)


async def test_many_recalls_say_what_is_pending(address: str) -> None:
    embedder = Gated()
    async with engine(address, embedder=embedder) as memory:
        await memory.retain("b", "The cat is called Pixel.", wait=True)
        embedder.gate.clear()
        await memory.retain("b", [Item(content=f"Fact {number} about nothing.") for number in range(300)])

        found = await memory.recall_many("b", ["What is the cat called?"])

        embedder.gate.set()

    assert [one.pending for one in found] == [300]


async def test_warming_up_a_bank_loads_its_index(address: str) -> None:
    async with engine(address) as memory:
        await memory.retain("b", "Ada keeps bees.", wait=True)
        before = (await memory.status()).banks

        await memory.warm_up("b")

        assert (before, (await memory.status()).banks) == (0, 1)


async def test_warming_up_an_unknown_bank_makes_none(memory: MemoryEngine) -> None:
    await memory.warm_up("nobody")

    assert (await memory.banks()).items == ()
