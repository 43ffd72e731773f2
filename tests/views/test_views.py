from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from duramen import Item, MemoryEngine
from duramen.errors import BadQueryError
from duramen.views.entities import entity_id

BANK = "user:ada"


async def filled(memory: MemoryEngine) -> None:
    items = [
        Item(content="Ada moved to Lisbon.", key="1", tags=["home"], document="letters"),
        Item(content="Ada met Grace in Lisbon.", key="2", tags=["home", "people"]),
        Item(content="Grace works in Porto.", key="3"),
    ]
    for item in items:
        await memory.retain(BANK, [item], wait=True)


async def test_a_page_shows_the_newest_first_and_counts_all_that_fit(memory: MemoryEngine) -> None:
    await filled(memory)

    first, total = await memory.views.listed(BANK, limit=2)
    second, _ = await memory.views.listed(BANK, limit=2, offset=2)

    assert total == 3
    assert [one.key for one in (*first, *second)] == ["3", "2", "1"]


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ({"q": "LISBON"}, ["2", "1"]),
        ({"tags": ["home"]}, ["3", "2", "1"]),
        ({"tags": ["home"], "tags_match": "any_strict"}, ["2", "1"]),
        ({"tags": ["people", "home"], "tags_match": "exact"}, ["2"]),
        ({"document": "letters"}, ["1"]),
        ({"document": "none of that name"}, []),
        ({"entity": entity_id("grace")}, ["3", "2"]),
        ({"entity": "unknown"}, []),
        ({"kinds": ["experience"]}, []),
        ({"before": datetime(2000, 1, 1, tzinfo=timezone.utc)}, []),
        ({"q": "lisbon", "limit": 1, "offset": 1}, ["1"]),
    ],
)
async def test_filters_choose_what_is_listed(memory: MemoryEngine, asked: dict[str, object], keys: list[str]) -> None:
    await filled(memory)

    found, _ = await memory.views.listed(BANK, **asked)  # type: ignore[arg-type]  # one case, one filter

    assert [one.key for one in found] == keys


async def test_what_strategies_made_is_listed_too(address: str) -> None:
    from tests.conftest import engine

    async with engine(address, strategies=["semantic"]) as memory:
        await memory.retain(BANK, "I live in Lisbon and I work as a nurse.", wait=True)
        await memory.wait_idle(BANK, finish=True)

        found, total = await memory.views.listed(BANK)

        assert total == len(found) > 1
        assert {one.strategy for one in found} == {None, "semantic"}


async def test_a_memory_is_had_by_its_id(memory: MemoryEngine) -> None:
    await filled(memory)
    (one, *_), _ = await memory.views.listed(BANK)

    assert await memory.views.get(BANK, one.id) == one
    assert await memory.views.get(BANK, "unknown") is None
    assert await memory.views.get("user:eve", one.id) is None


async def test_tags_are_counted_and_found_by_a_pattern(memory: MemoryEngine) -> None:
    await filled(memory)

    assert await memory.views.tags(BANK) == ([("home", 2), ("people", 1)], 2)
    assert await memory.views.tags(BANK, q="PEO*") == ([("people", 1)], 1)
    assert await memory.views.tags(BANK, q="om") == ([("home", 2)], 1)
    assert await memory.views.tags(BANK, limit=1, offset=1) == ([("people", 1)], 2)


async def test_an_entity_is_named_as_it_was_written_and_counted(memory: MemoryEngine) -> None:
    await filled(memory)

    found, total = await memory.views.entities(BANK, limit=2)
    grace = await memory.views.entity(BANK, entity_id("GRACE"))

    assert total == 4
    assert [(one.name, one.mentions) for one in found] == [("Ada", 2), ("Grace", 2)]
    assert grace is not None
    assert (grace.name, grace.mentions) == ("Grace", 2)
    assert grace.first < grace.last
    assert await memory.views.entity(BANK, "unknown") is None


async def test_entities_beside_each_other_are_tied_as_often_as_they_are(memory: MemoryEngine) -> None:
    await filled(memory)

    entities, beside = await memory.views.entity_graph(BANK, min_count=2)

    names = {one.id: one.name for one in entities}
    assert [({names[one.one], names[one.other]}, one.count) for one in beside] == [({"Ada", "Lisbon"}, 2)]


async def test_the_graph_ties_memories_that_share_a_name(memory: MemoryEngine) -> None:
    await filled(memory)

    graph = await memory.views.graph(BANK)

    keys = {one.id: one.key for one in graph.nodes}
    tied = {(keys[edge.one], keys[edge.other]) for edge in graph.edges if edge.type == "entity"}
    assert graph.total == 3
    assert tied == {("2", "1"), ("3", "2")}


async def test_neighbours_of_a_session_are_tied_by_time(memory: MemoryEngine) -> None:
    said = [{"role": "user", "content": "Hello there."}, {"role": "assistant", "content": "Good day to you."}]
    await memory.retain(BANK, said, session="s1", wait=True)

    graph = await memory.views.graph(BANK)

    assert [edge.type for edge in graph.edges if edge.type == "temporal"] == ["temporal"]


async def test_statistics_count_by_kind_and_tell_the_last_write(memory: MemoryEngine) -> None:
    await filled(memory)
    await memory.retain(BANK, [{"role": "assistant", "content": "I booked the train."}], wait=True)

    statistics = await memory.views.statistics(BANK)

    (newest, *_), _ = await memory.views.listed(BANK)
    assert statistics.memories == {"fact": 3, "experience": 1}
    assert statistics.links["entity"] == 7
    assert statistics.last_write == newest.stored
    assert (statistics.pending, statistics.failed) == (0, 0)


async def test_a_timeseries_counts_by_steps_up_to_now(memory: MemoryEngine) -> None:
    await filled(memory)
    old = datetime.now(timezone.utc) - timedelta(days=3)
    await memory.retain(BANK, "That was long ago.", occurred=old, wait=True)

    stored = await memory.views.timeseries(BANK, period="7d")
    mentioned = await memory.views.timeseries(BANK, period="7d", field="mentioned")

    assert len(stored) == 7
    assert [sum(step.counts.values()) for step in stored] == [0, 0, 0, 0, 0, 0, 4]
    assert [sum(step.counts.values()) for step in mentioned] == [0, 0, 0, 1, 0, 0, 3]


async def test_an_unknown_period_is_refused_with_those_there_are(memory: MemoryEngine) -> None:
    with pytest.raises(BadQueryError, match="Give one of 1h"):
        await memory.views.timeseries(BANK, period="fortnight")


async def test_an_unknown_bank_is_empty(memory: MemoryEngine) -> None:
    assert await memory.views.listed("user:nobody") == ([], 0)
    assert await memory.views.tags("user:nobody") == ([], 0)
    assert await memory.views.entities("user:nobody") == ([], 0)
    assert (await memory.views.graph("user:nobody")).nodes == ()
    assert (await memory.views.statistics("user:nobody")).last_write is None


async def test_nothing_of_another_bank_is_seen(memory: MemoryEngine) -> None:
    await filled(memory)
    await memory.retain("user:eve", "Eve likes Grace.", tags=["secret"], wait=True)

    found, _ = await memory.views.listed("user:eve")

    assert [one.text for one in found] == ["Eve likes Grace."]
    assert await memory.views.tags("user:eve") == ([("secret", 1)], 1)
