from __future__ import annotations

import random
from pathlib import Path

from tests.conftest import engine

WORDS = ["alder", "birch", "cedar", "quick", "brown", "river", "harbour", "lantern", "Lisbon", "Ada"]


async def test_a_text_of_ten_megabytes_is_kept_searched_and_forgotten_whole(tmp_path: Path) -> None:
    chance = random.Random(1)
    chapters = (f"Chapter {n}. {' '.join(chance.choices(WORDS, k=80))} keeper{n}." for n in range(19_500))
    text = "\n\n".join(chapters)
    async with engine(tmp_path, catch_up_seconds=0.05) as memory:
        await memory.retain("b", text, key="book", document="book")
        at_once = await memory.recall("b", "Who is keeper77?")
        await memory.flush()
        later = await memory.recall("b", "Who is keeper77?")
        forgotten = await memory.forget("b", document="book")
        left = (await memory.memories("b")).items

    assert len(text) > 10_000_000
    assert at_once.pending == 1
    assert "keeper77." in later.hits[0].memory.text
    assert (forgotten.events, left) == (1, ())
    assert forgotten.memories > 1000
