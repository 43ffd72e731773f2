"""Why a memory is a hit, and why another is not: by the engine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import duramen
from duramen import CapitalsEntityFinder, HashingEmbedder, Item, MemoryEngine, MiniLMEmbedder
from duramen.explained.account import Account
from duramen.explained.explanation import Explanation
from duramen.rerankers.function import FunctionReranker
from duramen.retain.worker import Pace
from tests.conftest import Gated, engine

DAY = timedelta(days=1)
START = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
SAID = [
    ("ada", "s1", "I adopted a cat called Pixel.", ["pets"]),
    ("ada", "s1", "My sister Anna lives in Ghent.", ["family", "places"]),
    ("ada", "s2", "We hiked in the Ardennes last weekend.", ["places"]),
    ("bob", "s3", "My cat is called Turing.", ["pets"]),
    ("ada", "s4", "I live in Porto.", []),
    ("ada", "s5", "Anna works at a bakery.", []),
    ("ada", "s6", "I live in Lisbon.", []),
    ("ada", "s7", "What is the cat called?", []),
]


@pytest.fixture
async def told(memory: MemoryEngine) -> MemoryEngine:
    await retain(memory)
    return memory


async def retain(memory: MemoryEngine) -> None:
    items = [
        Item(content=text, key=f"k{place}", actor=actor, session=session, tags=tags, occurred=START + place * DAY)
        for place, (actor, session, text, tags) in enumerate(SAID)
    ]
    await memory.retain("b", items, wait=True)


async def account(memory: MemoryEngine, key: str, query: str = "What is the cat called?", **asked: Any) -> Account:
    [found] = (await memory.explain("b", query, key=key, **asked)).why_not
    return found


async def test_the_recall_is_the_one_that_recall_gives(told: MemoryEngine) -> None:
    explanation = await told.explain("b", "Where does Ada's sister work?", key="k0", limit=3, at=START)
    recall = await told.recall("b", "Where does Ada's sister work?", limit=3, at=START)

    seen = explanation.recall
    assert (seen.hits, seen.text, seen.tokens) == (recall.hits, recall.text, recall.tokens)
    assert seen.trace.arms == recall.trace.arms
    assert seen.trace.dropped == recall.trace.dropped
    assert seen.trace.milliseconds.keys() == recall.trace.milliseconds.keys()


async def test_every_hit_is_accounted_for_in_order(told: MemoryEngine) -> None:
    explanation = await told.explain("b", "Where does Ada's sister work?")

    hits = explanation.recall.hits
    assert [(one.id, one.hit, one.score) for one in explanation.why] == [
        (hit.memory.id, place, hit.score) for place, hit in enumerate(hits, 1)
    ]
    for one in explanation.why:
        assert {name: rank for name, rank in one.arms.items() if rank} == explanation.recall.trace.arms[one.id]
        assert one.fused is not None
        assert sum(one.shares.values()) == pytest.approx(one.fused.score, abs=1e-5)
        assert (one.reason, one.refused) == (None, {})


async def test_the_way_of_the_graph_is_told_in_the_words_of_the_memories(told: MemoryEngine) -> None:
    explanation = await told.explain("b", "Who is the sister from Ghent?")

    bakery = next(one for one in explanation.why if one.memory and one.memory.key == "k5")
    sister = next(one for one in explanation.why if one.memory and one.memory.key == "k1")
    assert bakery.way == '"My sister Anna lives in Ghent." > anna'
    assert sister.way == "ada's sister"


async def test_of_several_questions_the_one_that_a_memory_fits_is_named(told: MemoryEngine) -> None:
    explanation = await told.explain("b", "Where do I live, and where does Anna work?", key="k2")

    parts = {one.memory.key: one.part for one in explanation.why if one.memory}
    assert explanation.recall.trace.parts == ("Where do I live?", "where does Anna work?")
    assert (parts["k6"], parts["k5"]) == explanation.recall.trace.parts
    assert 'it fits best: "where does Anna work?"' in str(explanation)


NOT_HITS: list[tuple[str, dict[str, Any], str, str]] = [
    ("k2", {"limit": 2}, "limit", "beyond the limit of 2: ranked "),
    ("k0", {"max_tokens": 45}, "max_tokens", "over the token budget: it takes "),
    ("k2", {"min_score": 0.9}, "min_score", "is below `min_score`, 0.90"),
    ("k0", {"without": ["k0"]}, "without", "its key is among those in `without`"),
    ("k7", {}, "repeats", "a question that repeats the query"),
    ("k0", {"kinds": ["summary"]}, "filtered", "of the kind fact, and `kinds` asks for summary"),
    ("k0", {"actor": "bob"}, "filtered", "of another actor: 'ada', and `actor` asks for 'bob'"),
    ("k0", {"session": "s2"}, "filtered", "of another session: 's1', and `session` asks for 's2'"),
    (
        "k0",
        {"tags": ["places"], "tags_match": "any_strict"},
        "filtered",
        "its tags (pets) do not fit: `tags` asks for one of: places",
    ),
    (
        "k0",
        {"since": START + DAY, "until": START + 3 * DAY},
        "filtered",
        "outside the range of dates 2026-03-03 12:00 to 2026-03-05 12:00 that `since` and `until` ask for (it was said 2026-03-02 12:00)",
    ),
    (
        "k2",
        {"since": START + 3 * DAY},
        "filtered",
        "outside the range of dates from 2026-03-05 12:00 on that `since` asks for (it was said 2026-03-04 12:00, and tells of 2026-02-28 to 2026-03-02)",
    ),
    ("k3", {"until": START}, "filtered", "outside the range of dates up to 2026-03-02 12:00 that `until` asks for"),
    ("k3", {"as_of": START}, "filtered", "said 2026-03-05 12:00, and `as_of` asks for what was known at 2026-03-02"),
    (
        "k4",
        {"as_of": START + 7 * DAY},
        "filtered",
        "superseded since 2026-03-08 12:00, and `as_of`, 2026-03-09 12:00, is later",
    ),
]


@pytest.mark.parametrize(("key", "asked", "reason", "words"), NOT_HITS)
async def test_a_memory_that_is_no_hit_says_why(
    told: MemoryEngine, key: str, asked: dict[str, Any], reason: str, words: str
) -> None:
    found = await account(told, key, **asked)

    assert (found.hit, found.reason) == (None, reason)
    assert words in found.told
    assert words in str(found)


async def test_what_several_filters_hold_back_names_them_all(told: MemoryEngine) -> None:
    found = await account(told, "k0", actor="bob", session="s3", since=START + DAY)

    assert list(found.refused) == ["actor", "session", "dates"]
    assert found.fused is None
    assert found.arms["keyword"] is not None


async def test_a_better_hit_that_asks_the_same_is_named(told: MemoryEngine) -> None:
    await told.retain("b", "What is the cat called?", key="again", actor="ada", session="s9", wait=True)

    found = [await account(told, key, "cat called what, exactly") for key in ("k7", "again")]

    assert sorted(str(one.reason) for one in found) == ["None", "repeats"]
    assert "a question that a better hit asks already" in [one.told for one in found]


async def test_a_memory_far_behind_is_ranked_all_the_same(memory: MemoryEngine) -> None:
    await memory.retain("b", [Item(content=f"The cat, part {place}.", key=f"c{place}") for place in range(30)])
    far = "Somebody left a basket of ripe tomatoes and a note about a cat at the door of the neighbours this morning."
    await memory.retain("b", far, key="far", wait=True)

    found = await account(memory, "far", "the cat", limit=1, budget="low")

    assert found.reason == "shortlist"
    assert found.fused is not None
    assert found.fused.rank == 31
    assert found.told == "only the best 11 after fusion come into question"
    assert found.score is None


async def test_a_place_beyond_what_is_returned_is_told(memory: MemoryEngine) -> None:
    await memory.retain("b", [Item(content=f"The cat, part {place}.", key=f"c{place}") for place in range(9)])
    await memory.retain("b", "The cat sleeps on the tomatoes, and nobody knows why.", key="last", wait=True)

    found = await account(memory, "last", "the cat, part", limit=1)

    assert (found.reason, found.ranked) == ("limit", 10)
    assert "beyond the limit of 1: ranked 10th" in found.told


async def test_a_named_memory_that_is_a_hit_says_so(told: MemoryEngine) -> None:
    explanation = await told.explain("b", "What is the cat called?", key="k0")

    [found] = explanation.why_not
    assert found in explanation.why
    assert found.reason is None


async def test_what_is_no_longer_so_says_what_holds_instead(told: MemoryEngine) -> None:
    explanation = await told.explain("b", "Where do I live?", key="k4")

    [old] = explanation.why_not
    new = next(one for one in explanation.why if one.memory and one.memory.key == "k6")
    assert old.memory is not None
    assert (old.memory.superseded, old.by) == (START + 6 * DAY, '"I live in Lisbon."')
    assert new.instead == '"I live in Porto."'
    assert new.hit == 1


async def test_as_of_then_it_was_still_so(told: MemoryEngine) -> None:
    found = await account(told, "k4", "Where do I live?", as_of=START + 5 * DAY)

    assert found.hit == 1
    assert (found.memory and found.memory.superseded, found.by) == (None, "")


async def test_an_unknown_memory_is_told_without_looking_into_other_banks(told: MemoryEngine) -> None:
    await told.retain("other", "The cat of another user is called Leak.", key="leak", wait=True)
    other = (await told.memories("other")).items[0].id

    explanation = await told.explain("b", "What is the cat called?", memory=other, key="leak")

    assert [one.reason for one in explanation.why_not] == ["unknown", "unknown"]
    assert [one.id for one in explanation.why_not] == [other, "leak"]
    assert "there is no memory of this id in bank 'b'" in explanation.why_not[0].told
    assert "Leak" not in str(explanation)


async def test_an_unknown_bank_explains_nothing_and_says_so(memory: MemoryEngine) -> None:
    explanation = await memory.explain("nobody", "What is the cat called?", key="k0")

    assert explanation.why == ()
    assert [one.reason for one in explanation.why_not] == ["unknown"]
    assert "There is no bank 'nobody'" in str(explanation)


async def test_what_is_still_pending_says_so(address: str) -> None:
    embedder = Gated()
    async with engine(address, embedder=embedder) as memory:
        await retain(memory)
        embedder.gate.clear()
        await memory.retain("b", [Item(content=f"Fact {number}.", key=f"new{number}") for number in range(300)])

        found = await account(memory, "new7")
        explanation = await memory.explain("b", "What is the cat called?", key="never")

        embedder.gate.set()

    assert (found.reason, found.memory) == ("pending", None)
    assert found.told.startswith('still pending: "Fact 7." is kept, and not searchable yet')
    assert "300 retained events are still pending" in explanation.why_not[0].told
    assert explanation.recall.pending == 300


class Refusing(HashingEmbedder):
    """An embedder that refuses one text."""

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        if any("poison" in text for text in texts):
            raise RuntimeError("the embedder is out of order")
        return await super().embed(texts)


async def test_what_failed_says_why(address: str) -> None:
    async with engine(address, embedder=Refusing(), pace=Pace(attempts=1)) as memory:
        await memory.retain("b", "The cat ate poison.", key="bad")
        await memory.flush()

        found = await account(memory, "bad")

    assert found.reason == "failed"
    assert "the embedder is out of order" in found.told
    assert "retry" in found.told


async def test_a_reranker_has_its_say(address: str) -> None:
    longest = FunctionReranker(lambda query, texts: [len(text) for text in texts], "longest")
    async with engine(address, reranker=longest) as memory:
        await retain(memory)

        explanation = await memory.explain("b", "What is the cat called?", key="k0", limit=2)

    assert [one.reranked for one in explanation.why] == [float(len(hit.memory.text)) for hit in explanation.recall.hits]
    assert explanation.why_not[0].reranked == float(len(SAID[0][2]))
    assert "given 29.00 by the reranker" in str(explanation.why_not[0])


async def test_the_closer_look_is_told_with_the_default_model(tmp_path: Path) -> None:
    async with engine(tmp_path, embedder=MiniLMEmbedder()) as memory:
        await retain(memory)

        explanation = await memory.explain("b", "Does Anna work at the bakery?", key="k2", limit=3)

    first, [other] = explanation.why[0], explanation.why_not
    assert first.memory is not None
    assert first.memory.key == "k5"
    assert first.closer == explanation.recall.trace.closer[first.id]
    assert first.looked == 1
    assert "own" in first.closer
    assert "1st after the closer look" in str(first)
    assert other.closer.keys() >= {"own", "near", "session"}
    assert other.reason == "limit"


async def test_an_explanation_is_data(told: MemoryEngine) -> None:
    explanation = await told.explain("b", "Where does Ana live?", key="k3", tags=["pets", "places"], since=START)

    data = json.loads(json.dumps(explanation.to_dict()))

    assert data["recall"]["query"]["tags"] == ["pets", "places"]
    assert data["recall"]["query"]["since"] == "2026-03-02T12:00:00+00:00"
    assert [one["id"] for one in data["why"]] == [one.id for one in explanation.why]
    assert data["why"][0]["words"] == explanation.why[0].lines()
    assert data["why_not"][0]["memory"]["key"] == "k3"
    assert data["understood"]["Filters"] == "tags pets, places (any), since 2026-03-02 12:00"


async def test_an_explanation_is_printed_and_drawn(told: MemoryEngine) -> None:
    explanation = await told.explain("b", "What is the cat of <Ada> called?", key="k2", limit=1)

    printed, drawn = str(explanation), explanation._repr_html_()

    assert printed.splitlines()[0] == "What is the cat of <Ada> called?"
    assert "\n1. " in printed
    assert "What you asked about:\n- 2026-03-04  ada: We hiked in the Ardennes last weekend." in printed
    assert "What is the cat of &lt;Ada&gt; called?" in drawn
    assert "<svg" in drawn


def test_the_sync_face_explains(tmp_path: Path) -> None:
    with duramen.open_sync(tmp_path, embedder=HashingEmbedder(), entities=CapitalsEntityFinder()) as memory:
        memory.retain("b", "Ada keeps bees.", key="bees", wait=True)

        explanation = memory.explain("b", "Who keeps bees?", key="bees")
        [recall] = memory.recall_many("b", ["Who keeps bees?"])

    assert isinstance(explanation, Explanation)
    assert explanation.why_not == explanation.why
    assert recall.hits[0].memory.key == "bees"
