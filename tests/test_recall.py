from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duramen import BadQueryError, EmbedderMismatchError, HashingEmbedder, Item, MemoryEngine
from duramen.language.tokens import count_tokens
from tests.conftest import Gated, engine

DAY = timedelta(days=1)
START = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)


@pytest.fixture
async def told(memory: MemoryEngine) -> MemoryEngine:
    """A bank with two sessions of two users' talk, tagged, dated and of two kinds."""
    said = [
        ("ada", "s1", "I adopted a cat called Pixel.", ["pets"]),
        ("ada", "s1", "She sleeps on the radiator.", []),
        ("ada", "s1", "My sister Grace lives in Ghent.", ["family", "places"]),
        ("ada", "s2", "We hiked in the Ardennes last weekend.", ["places"]),
        ("bob", "s3", "My cat is called Turing.", ["pets"]),
        ("bob", "s3", "Grace sold me a bicycle.", []),
    ]
    await memory.retain(
        "b",
        [
            Item(content=text, key=f"k{number}", actor=actor, session=session, tags=tags, occurred=START + number * DAY)
            for number, (actor, session, text, tags) in enumerate(said)
        ],
        wait=True,
    )
    await memory.retain(
        "b", [{"role": "assistant", "content": "I fed the cat."}], key="k6", occurred=START + 6 * DAY, wait=True
    )
    return memory


async def keys(memory: MemoryEngine, query: str = "cat", **asked: Any) -> list[str]:
    return [hit.memory.key for hit in (await memory.recall("b", query, **asked)).hits]


async def test_the_best_answer_comes_first_with_the_higher_score(told: MemoryEngine) -> None:
    recall = await told.recall("b", "Where does Grace live?")

    assert recall.hits[0].memory.key == "k2"
    scores = [hit.score for hit in recall.hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 < score <= 1.0 for score in scores)


async def test_nothing_crosses_banks(told: MemoryEngine) -> None:
    await told.retain("other", "The cat of another user is called Leak.", wait=True)

    assert "Leak" not in (await told.recall("b", "What is the cat called?")).text
    assert [hit.memory.bank for hit in (await told.recall("other", "cat")).hits] == ["other"]


async def test_an_unknown_bank_gives_nothing_and_says_so(memory: MemoryEngine) -> None:
    recall = await memory.recall("nobody", "anything")

    assert (recall.hits, recall.text, recall.tokens) == ((), "", 0)
    assert "There is no bank 'nobody'" in recall.notes[0]
    assert (await memory.banks()).items == ()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"actor": "bob"}, {"k4", "k5"}),
        ({"actor": "nobody"}, set()),
        ({"session": "s1"}, {"k0", "k1", "k2"}),
        ({"kinds": ["experience"]}, {"k6"}),
        ({"kinds": ["summary"]}, set()),
        ({"tags": ["pets"], "tags_match": "any_strict"}, {"k0", "k4"}),
        ({"tags": ["pets"], "tags_match": "any"}, {"k0", "k1", "k4", "k5", "k6"}),
        ({"tags": ["places", "family"], "tags_match": "all_strict"}, {"k2"}),
        ({"tags": ["places", "family"], "tags_match": "all"}, {"k1", "k2", "k5", "k6"}),
        ({"tags": ["places"], "tags_match": "exact"}, {"k3"}),
        ({"tags": [], "tags_match": "exact"}, {"k1", "k5", "k6"}),
        ({"tags": ["unheard of"], "tags_match": "any_strict"}, set()),
        ({"since": START + 4 * DAY}, {"k4", "k5", "k6"}),
        ({"until": START + DAY}, {"k0", "k3"}),
        ({"since": START + DAY, "until": START + 3 * DAY}, {"k1", "k2"}),
        ({"as_of": START + 2 * DAY}, {"k0", "k1", "k2"}),
        ({"actor": "ada", "tags": ["pets"], "tags_match": "any_strict"}, {"k0"}),
    ],
)
async def test_filters_let_through_what_they_say(told: MemoryEngine, asked: dict[str, Any], expected: set[str]) -> None:
    found = await told.recall("b", "cat Grace radiator Ardennes fed", **asked)

    assert {hit.memory.key for hit in found.hits} <= expected
    assert found.trace.searched == len(expected)


async def test_a_time_range_finds_what_happened_in_it_though_said_later(told: MemoryEngine) -> None:
    weekend = {"since": datetime(2026, 2, 28, tzinfo=timezone.utc), "until": datetime(2026, 3, 2, tzinfo=timezone.utc)}

    assert await keys(told, "hiking", **weekend) == ["k3"]


async def test_limit_and_min_score_cut_and_say_so(told: MemoryEngine) -> None:
    one = await told.recall("b", "cat called Pixel", limit=1)
    sure = await told.recall("b", "cat called Pixel", min_score=one.hits[0].score)

    assert [hit.memory.key for hit in one.hits] == ["k0"]
    assert one.trace.dropped["limit"] >= 1
    assert [hit.memory.key for hit in sure.hits] == ["k0"]
    assert sure.trace.dropped["min_score"] >= 1


async def test_a_memory_too_long_for_the_budget_is_passed_over(memory: MemoryEngine) -> None:
    await memory.retain("b", "cat " * 150, key="long", wait=True)
    await memory.retain("b", "the cat purrs", key="short", wait=True)

    recall = await memory.recall("b", "cat", max_tokens=80)

    assert [hit.memory.key for hit in recall.hits] == ["short"]
    assert recall.trace.dropped == {"max_tokens": 1}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(max_tokens=st.integers(1, 400))
async def test_the_block_never_exceeds_the_budget(told: MemoryEngine, max_tokens: int) -> None:
    recall = await told.recall("b", "cat Grace radiator", max_tokens=max_tokens)

    assert count_tokens(recall.text) == recall.tokens <= max_tokens
    assert bool(recall.text) == bool(recall.hits)


async def test_the_trace_names_the_arms_that_found_each_hit(told: MemoryEngine) -> None:
    recall = await told.recall("b", "Where did we hike on 28 February 2026?", at=START + 30 * DAY)

    arms = recall.trace.arms[recall.hits[0].memory.id]
    assert recall.hits[0].memory.key == "k3"
    assert arms["keyword"].rank == 1
    assert arms["temporal"].rank == 1
    assert set(recall.trace.arms) == {hit.memory.id for hit in recall.hits}
    assert recall.trace.dates[0].start == datetime(2026, 2, 28, tzinfo=timezone.utc)
    assert {"index", "embed", "semantic", "keyword", "graph", "temporal", "fuse", "fetch"} <= set(
        recall.trace.milliseconds
    )


async def test_the_graph_arm_finds_what_shares_only_a_name(told: MemoryEngine) -> None:
    recall = await told.recall("b", "Who is the sister from Ghent?")

    bicycle = next(hit for hit in recall.hits if hit.memory.key == "k5")
    assert "graph" in recall.trace.arms[bicycle.memory.id]


async def test_a_turn_without_the_words_is_found_beside_one_that_has_them(told: MemoryEngine) -> None:
    recall = await told.recall("b", "adopted a cat called Pixel")

    assert recall.trace.arms[next(h.memory.id for h in recall.hits if h.memory.key == "k1")]["keyword"].rank <= 3


@pytest.mark.parametrize("budget", ["low", "mid", "high"])
async def test_every_budget_answers(told: MemoryEngine, budget: Any) -> None:
    assert (await keys(told, "Where does Grace live?", budget=budget))[0] == "k2"


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": 0},
        {"limit": -1},
        {"limit": 1.5},
        {"limit": True},
        {"max_tokens": 0},
        {"max_tokens": "many"},
        {"budget": "huge"},
        {"kinds": ["gossip"]},
        {"tags": "pets"},
        {"tags": [1]},
        {"tags_match": "some"},
        {"min_score": 1.1},
        {"min_score": "high"},
        {"since": "soon"},
        {"since": START, "until": START},
        {"as_of": 7},
    ],
)
async def test_a_question_that_makes_no_sense_is_an_error_that_says_what_would(told: MemoryEngine, asked: Any) -> None:
    with pytest.raises(BadQueryError, match=rf"{next(iter(asked))}|kind|Give"):
        await told.recall("b", "cat", **asked)


@pytest.mark.parametrize("query", ["", "  ", "\n", None, 7])
async def test_a_blank_question_is_an_error(told: MemoryEngine, query: Any) -> None:
    with pytest.raises(BadQueryError, match="Ask for something"):
        await told.recall("b", query)


@pytest.mark.parametrize(
    "query",
    [
        "'; DROP TABLE memories; --",
        'cat AND NOT "NEAR/2" OR * ^',
        "\N{CAT FACE}",
        "猫はどこ",
        "\0\ud800 cat",
        "x" * 100_000,
        "the of and",
        "9999-12-31 and 0001-01-01 and in 100000 years",
    ],
)
async def test_an_odd_question_gives_an_answer_and_no_traceback(told: MemoryEngine, query: str) -> None:
    recall = await told.recall("b", query)

    assert recall.bank == "b"


async def test_a_bank_remembers_its_embedder(tmp_path: Any) -> None:
    async with engine(tmp_path) as memory:
        await memory.retain("b", "Ada is vegan.", wait=True)

    async with engine(tmp_path, embedder=HashingEmbedder(64)) as memory:
        with pytest.raises(EmbedderMismatchError, match="reembed"):
            await memory.recall("b", "vegan")
        with pytest.raises(EmbedderMismatchError):
            await memory.retain("b", "Ada likes tea.")

        progress: list[tuple[int, int]] = []
        assert await memory.reembed("b", progress=lambda done, total: progress.append((done, total))) == 1
        assert progress[-1] == (1, 1)
        assert (await memory.recall("b", "vegan")).hits[0].memory.text == "Ada is vegan."


async def test_reflect_answers_in_the_words_of_the_memories_with_sources(told: MemoryEngine) -> None:
    reflection = await told.reflect("b", "What is the cat Pixel that I adopted called?")

    assert "adopted a cat called Pixel. [1]" in reflection.text
    assert "2026-03-02" in reflection.text
    assert reflection.sources[0].memory.key == "k0"


async def test_reflect_says_when_nothing_is_known(told: MemoryEngine) -> None:
    reflection = await told.reflect("nobody", "What is the cat called?")

    assert reflection.text == "Nothing is known about this."
    assert reflection.sources == ()


async def test_a_recall_does_not_wait_for_an_import(address: str) -> None:
    embedder = Gated()
    async with engine(address, embedder=embedder) as memory:
        await memory.retain("b", "The cat is called Pixel.", wait=True)
        embedder.gate.clear()
        await memory.retain("b", [Item(content=f"Fact {number} about nothing.") for number in range(300)])

        recall = await memory.recall("b", "What is the cat called?")

        embedder.gate.set()

    assert recall.hits[0].memory.text == "The cat is called Pixel."
    assert recall.pending == 300
    assert "flush" in recall.notes[0]


async def test_a_question_asked_before_does_not_crowd_out_its_answer(memory: MemoryEngine) -> None:
    question = "Where does Ada live?"
    await memory.retain("b", "Ada lives in Lisbon, by the river.")
    for session in "abcd":
        await memory.retain("b", question, session=session)
        await memory.retain("b", "Does Ada live alone?", session=session)

    recall = await memory.recall("b", question, limit=2)

    assert sorted(hit.memory.text for hit in recall.hits) == [
        "Ada lives in Lisbon, by the river.",
        "Does Ada live alone?",
    ]
    assert recall.trace.dropped["repeats"] >= 4


async def test_words_that_are_no_question_are_found_by_themselves(memory: MemoryEngine) -> None:
    await memory.retain("b", "Ada lives in Lisbon.")

    assert [hit.memory.text for hit in (await memory.recall("b", "Ada lives in Lisbon.")).hits] == [
        "Ada lives in Lisbon."
    ]


async def test_an_unknown_option_is_named(memory: MemoryEngine) -> None:
    with pytest.raises(BadQueryError, match="limt"):
        await memory.recall("b", "Where?", limt=3)  # type: ignore[call-arg]  # that is the mistake
