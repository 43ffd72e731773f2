from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import partial

import pytest

from duramen import Item, MemoryEngine
from duramen.recall.explaining import Wanted, explained
from duramen.recall.fusion import BROUGHT, rrf, weighted
from duramen.recall.pipeline import Fuse
from duramen.recall.refusing import refusals
from duramen.types import Interval, Memory, Query
from tests.conftest import engine

NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)
QUERY = Query(text="Who keeps bees?", at=NOON)
MEMORY = Memory(id="m", bank="b", text="Ada keeps bees.", event="e", key="k", mentioned=NOON, stored=NOON)


@pytest.fixture
async def bees() -> AsyncIterator[MemoryEngine]:
    async with engine(":memory:") as memory:
        said = ["Ada keeps bees.", "Bob keeps wasps.", "The roof leaks.", "It rains."]
        await memory.retain("b", [Item(content=text, key=text) for text in said], wait=True)
        yield memory


@pytest.mark.parametrize("fuse", [weighted, partial(weighted, weights=BROUGHT), rrf])
async def test_shares_add_up_however_arms_are_fused(bees: MemoryEngine, fuse: Fuse) -> None:
    pipeline = replace(bees._parts.recall.said, fuse=fuse)

    explanation = await explained(pipeline, bees._parts.store, "b", QUERY, Wanted(key="Bob keeps wasps."))

    for one in (*explanation.why, *explanation.why_not):
        assert one.fused is not None
        assert sum(one.shares.values()) == pytest.approx(one.fused.score, abs=1e-5)
        assert one.shares.keys() >= {name for name, rank in one.arms.items() if rank}


async def test_what_is_forgotten_meanwhile_is_gone(bees: MemoryEngine) -> None:
    async with engine(":memory:") as emptier:
        await emptier.retain("b", "The roof leaks.", key="The roof leaks.", wait=True)
        parts, before = emptier._parts, bees._parts.store

        explanation = await explained(parts.recall.said, before, "b", QUERY, Wanted(key="Ada keeps bees."))

    assert [one.reason for one in explanation.why_not] == ["gone"]
    assert "forgotten" in explanation.why_not[0].told


async def test_places_are_those_among_what_passes_the_filters(bees: MemoryEngine) -> None:
    parts = bees._parts
    whole = await explained(
        parts.recall.said, parts.store, "b", replace(QUERY, limit=1), Wanted(key="Bob keeps wasps.")
    )
    [page] = [one for one in (await bees.memories("b")).items if one.key == "Bob keeps wasps."]

    by_id = await explained(
        parts.recall.said, parts.store, "b", replace(QUERY, limit=1), Wanted(memory=page.id, key="Bob keeps wasps.")
    )

    assert whole.why_not == by_id.why_not
    assert whole.why_not[0].fused is not None
    assert whole.why_not[0].fused.rank == 2


@pytest.mark.parametrize(
    ("query", "tags", "words"),
    [
        (
            replace(QUERY, tags=frozenset(), tags_match="exact"),
            ("a", "b"),
            "its tags (a, b) do not fit: `tags` asks for exactly: none",
        ),
        (
            replace(QUERY, tags=frozenset("xy"), tags_match="all"),
            ("a",),
            "its tags (a) do not fit: `tags` asks for all of, or no tags: x, y",
        ),
        (
            replace(QUERY, tags=frozenset("x"), tags_match="any_strict"),
            (),
            "its tags (none) do not fit: `tags` asks for one of: x",
        ),
    ],
)
def test_tags_are_told_with_how_they_are_to_match(query: Query, tags: tuple[str, ...], words: str) -> None:
    assert refusals(["tags"], replace(MEMORY, tags=tags), query) == {"tags": words}


@pytest.mark.parametrize(
    ("occurred", "words"),
    [
        (None, "said 2026-03-02 12:00)"),
        (Interval(NOON, NOON), "said 2026-03-02 12:00)"),
        (Interval(NOON - DAY, NOON - DAY), "said 2026-03-02 12:00, and tells of 2026-03-01 12:00)"),
        (Interval(NOON - DAY, NOON), "said 2026-03-02 12:00, and tells of 2026-03-01 12:00 to 2026-03-02 12:00)"),
    ],
)
def test_dates_are_told_with_those_of_the_memory(occurred: Interval | None, words: str) -> None:
    said = refusals(["dates"], replace(MEMORY, occurred=occurred), replace(QUERY, since=NOON + DAY))

    assert said["dates"].endswith(words)


def test_who_has_no_actor_and_no_session_is_told_so() -> None:
    said = refusals(["actor", "session"], MEMORY, replace(QUERY, actor="ada", session="s1"))

    assert said == {
        "actor": "of another actor: none, and `actor` asks for 'ada'",
        "session": "of another session: none, and `session` asks for 's1'",
    }
