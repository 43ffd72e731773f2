"""Arms that are switched off, scores that arms have to reach, and recalls without the reranker."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import numpy as np
import pytest

from duramen import BadQueryError, Item, MemoryEngine
from duramen.recall.admitting import TOO_LOW, admitted, is_too_low
from duramen.recall.asking import query_of
from duramen.recall.ranking import shortlist
from duramen.rerankers.function import FunctionReranker
from duramen.types import ArmName, Query, Recall
from tests.conftest import engine
from tests.recall.searches import START, index_of, search_of, told
from tests.simple_strategies import noted, notes

ARMS: tuple[ArmName, ...] = get_args(ArmName)
SAID = (
    "I adopted a cat called Pixel.",
    "My sister Anna lives in Ghent.",
    "Anna works at a bakery.",
    "The cat sleeps on the radiator.",
    "We hiked in the Ardennes.",
    "I live in Porto.",
    "I live in Lisbon.",
)
QUESTION = "Where does Anna work, and what was in March 2026?"


@pytest.fixture
async def told_to() -> AsyncIterator[MemoryEngine]:
    async with engine(":memory:", strategies=[notes(merges=False)]) as memory:
        items = [
            Item(
                content=text, key=f"k{place}", actor="ada", session=f"s{place // 2}", occurred=START + timedelta(place)
            )
            for place, text in enumerate(SAID)
        ]
        await memory.retain("b", items, wait=True)
        yield memory


def keys(recall: Recall) -> list[str]:
    return [hit.memory.key for hit in recall.hits]


def only(*arms: ArmName) -> dict[ArmName, bool]:
    return {arm: arm in arms for arm in ARMS}


# arms that are off


@pytest.mark.parametrize("off", ARMS)
@pytest.mark.parametrize("namespaces", [None, "/"])
async def test_an_arm_that_is_off_does_not_look(told_to: MemoryEngine, off: ArmName, namespaces: str | None) -> None:
    recall = await told_to.recall("b", QUESTION, arms={off: False}, at=START, namespaces=namespaces)

    assert recall.hits
    assert off not in recall.trace.milliseconds
    assert {arm for arms in recall.trace.arms.values() for arm in arms} <= {*ARMS} - {off}
    assert {*ARMS} - {off} <= recall.trace.milliseconds.keys()


@pytest.mark.parametrize("on", ARMS)
async def test_hits_are_what_the_arms_that_are_on_found(told_to: MemoryEngine, on: ArmName) -> None:
    whole = await told_to.recall("b", QUESTION, at=START)
    found = {id for id, arms in whole.trace.arms.items() if on in arms}

    recall = await told_to.recall("b", QUESTION, arms=only(on), at=START)

    assert recall.hits
    assert all(recall.trace.arms[hit.memory.id].keys() == {on} for hit in recall.hits)
    if on != "graph":  # which goes on from what the others found
        assert {hit.memory.id for hit in recall.hits} <= found
    assert recall.trace.searched == len(SAID)


async def test_nothing_is_a_hit_that_no_arm_found(told_to: MemoryEngine) -> None:
    recall = await told_to.recall("b", "Where does the cat sleep?", arms=only("temporal"))

    assert (recall.hits, recall.made, recall.confident) == ((), (), False)
    assert recall.trace.searched == len(SAID)


async def test_arms_that_are_said_to_be_on_change_nothing(told_to: MemoryEngine) -> None:
    plain = await told_to.recall("b", QUESTION, at=START)

    on = await told_to.recall("b", QUESTION, at=START, arms=dict.fromkeys(ARMS, True), min_arm_scores={})

    assert [(hit.memory.id, hit.score) for hit in on.hits] == [(hit.memory.id, hit.score) for hit in plain.hits]
    assert on.trace.dropped == plain.trace.dropped


async def test_several_questions_go_without_an_arm(told_to: MemoryEngine) -> None:
    recalls = await told_to.recall_many("b", [QUESTION, "cat"], arms={"semantic": False}, at=START)

    assert all(recall.hits for recall in recalls)
    assert not any("semantic" in arms for recall in recalls for arms in recall.trace.arms.values())


async def test_what_holds_instead_comes_first_whichever_arms_are_on(told_to: MemoryEngine) -> None:
    switches: list[dict[ArmName, bool]] = [{}, {"semantic": False}, {"keyword": False}, only("keyword")]
    for arms in switches:
        recall = await told_to.recall("b", "Where do I live?", arms=arms)

        assert [key for key in keys(recall) if key in ("k5", "k6")] == ["k6", "k5"], arms


async def test_a_memory_that_no_arm_found_says_so(told_to: MemoryEngine) -> None:
    explanation = await told_to.explain("b", "Where does the cat sleep?", key="k4", arms=only("keyword"))

    account = explanation.why_not[0]
    assert (account.reason, account.told, account.fused) == ("shortlist", "no arm found it", None)
    assert account.arms == {"keyword": None}
    assert "arms without semantic, graph, temporal" in str(explanation)


def test_all_arms_off_is_an_error() -> None:
    with pytest.raises(BadQueryError, match="switches every arm off"):
        query_of("q", arms=only())


@pytest.mark.parametrize("arms", ["graph", ["graph"], {"grpah": False}, {"graph": 0}, {"graph": None}, {7: True}])
def test_switches_that_make_no_sense_are_an_error(arms: Any) -> None:
    with pytest.raises(BadQueryError, match=r"`arms.* (Give|The arms are)"):
        query_of("q", arms=arms)


# scores to reach


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("namespaces", [None, "/"])
async def test_hits_reach_the_score_that_is_asked_of_an_arm(
    told_to: MemoryEngine, arm: ArmName, namespaces: str | None
) -> None:
    options: dict[str, Any] = {"at": START, "namespaces": namespaces}
    plain = await told_to.recall("b", QUESTION, **options)
    scores = {id: arms[arm].score for id, arms in plain.trace.arms.items() if arm in arms}

    for least in sorted(set(scores.values())):
        recall = await told_to.recall("b", QUESTION, min_arm_scores={arm: least}, **options)

        reached = {hit.memory.id for hit in recall.hits}
        assert reached == {id for id, score in scores.items() if score >= least}
        assert all(recall.trace.arms[id][arm].score >= least for id in reached)
        assert recall.trace.searched == plain.trace.searched
        assert recall.trace.dropped.get(f"min_{arm}", 0) == len(plain.hits) - len(reached)


async def test_a_score_that_no_memory_reaches_gives_nothing_and_counts_all_that_were_found(
    told_to: MemoryEngine,
) -> None:
    plain = await told_to.recall("b", "cat", made=0)

    recall = await told_to.recall("b", "cat", min_arm_scores={"semantic": 1e9})

    assert (recall.hits, recall.made, recall.text, recall.confident) == ((), (), "", False)
    assert recall.trace.dropped == {"min_semantic": len(plain.hits)}


async def test_an_arm_that_has_nothing_to_go_by_scores_nothing(told_to: MemoryEngine) -> None:
    none = await told_to.recall("b", "Where does the cat sleep?", min_arm_scores={"temporal": 0.01})
    some = await told_to.recall("b", "Where does the cat sleep?", min_arm_scores={"temporal": 0.0})

    assert none.hits == ()
    assert some.hits


async def test_what_was_made_has_to_reach_the_score_too() -> None:
    def retold(work: Any) -> Any:
        return [replace(one, kind="preference") for one in noted(work)]

    async with engine(":memory:", strategies=[notes(retold, merges=False)]) as memory:
        await memory.retain("b", "The cat sleeps on the radiator.", wait=True)

        low = await memory.recall("b", "cat radiator", min_arm_scores={"keyword": 0.1})
        high = await memory.recall("b", "cat radiator", min_arm_scores={"keyword": 1e9})

    assert (len(low.hits), len(low.made)) == (1, 1)
    assert (high.hits, high.made) == ((), ())


async def test_of_several_arms_each_has_to_be_reached_and_the_first_that_is_not_is_counted(
    told_to: MemoryEngine,
) -> None:
    plain = await told_to.recall("b", "cat", at=START)
    arms = plain.trace.arms
    least: dict[ArmName, float] = {"semantic": 0.0001, "keyword": 0.0001}

    recall = await told_to.recall("b", "cat", at=START, min_arm_scores=least)

    both = {id for id, found in arms.items() if least.keys() <= found.keys()}
    assert {hit.memory.id for hit in recall.hits} == both
    semantic = sum("semantic" not in found for found in arms.values())
    counted = {"min_semantic": semantic, "min_keyword": len(arms) - len(both) - semantic}
    assert recall.trace.dropped == {name: count for name, count in counted.items() if count}


async def test_a_memory_with_too_low_a_score_says_so(told_to: MemoryEngine) -> None:
    explanation = await told_to.explain("b", "Where does the cat sleep?", key="k5", min_arm_scores={"keyword": 0.25})
    hit = (await told_to.explain("b", "Where does the cat sleep?", key="k3", min_arm_scores={"keyword": 0.25})).why_not

    account = explanation.why_not[0]
    assert account.reason == "min_keyword"
    assert account.told == "keyword scores it 0.000, and `min_arm_scores` asks for 0.250"
    assert (account.fused, account.ranked, account.hit) == (None, None, None)
    assert hit[0].hit == 1
    assert "min_keyword 0.25" in str(explanation)


async def test_of_several_questions_in_one_a_memory_needs_to_reach_the_score_for_one(told_to: MemoryEngine) -> None:
    question = "Where does Anna work and where do I live?"
    parts = [await told_to.recall("b", part, at=START) for part in ("Where does Anna work?", "where do I live?")]
    reached = {
        id
        for part in parts
        for id, arms in part.trace.arms.items()
        if "keyword" in arms and arms["keyword"].score >= 0.3
    }

    recall = await told_to.recall("b", question, at=START, min_arm_scores={"keyword": 0.3})

    assert len(recall.trace.parts) == 2
    assert {hit.memory.id for hit in recall.hits} == reached
    assert all(recall.trace.arms[id]["keyword"].score >= 0.3 for id in reached)
    assert recall.trace.dropped["min_keyword"] + len(reached) <= len(SAID)


@pytest.mark.parametrize(
    "least",
    [
        "high",
        {"semantics": 0.3},
        {"semantic": "high"},
        {"semantic": True},
        {"semantic": -0.1},
        {"semantic": float("nan")},
        {"semantic": float("inf")},
        {"semantic": None},
    ],
)
def test_scores_that_make_no_sense_are_an_error(least: Any) -> None:
    with pytest.raises(BadQueryError, match=r"`min_arm_scores`.* (Give|The arms are)"):
        query_of("q", min_arm_scores=least)


def test_a_score_of_an_arm_that_is_off_is_an_error() -> None:
    with pytest.raises(BadQueryError, match="asks for scores of graph, which `arms` switches off"):
        query_of("q", arms={"graph": False}, min_arm_scores={"graph": 0.1})


def test_every_arm_has_a_reason_of_its_own() -> None:
    assert {arm: f"min_{arm}" for arm in ARMS} == TOO_LOW


@pytest.mark.parametrize("least", [0.1, 0.3, 0.7, 0.9, 1 / 3])
def test_scores_are_compared_in_their_own_precision(least: float) -> None:
    scored = float(np.float32(least))

    assert not is_too_low(scored, least)
    assert not is_too_low(scored, scored)
    assert is_too_low(float(np.nextafter(np.float32(least), np.float32(0))), least)


# what is admitted


def test_without_these_options_nothing_is_looked_at() -> None:
    search = search_of(index_of(told("a"), told("b")), "a")
    mask = np.array([True, False])

    assert admitted(search, mask).found is mask
    assert admitted(search, mask).passing is mask
    assert admitted(search, None).found is None
    assert (admitted(search, mask).searched, admitted(search, None).count) == (1, 2)


def test_filters_and_scores_hold_together() -> None:
    search = search_of(index_of(*(told("a") for _ in range(5))), "a")
    search.query = replace(search.query, min_arm_scores={"semantic": 0.5, "keyword": 0.2})
    search.found = {
        "semantic": np.array([0.9, 0.9, 0.1, 0.9, 0.0], dtype=np.float32),
        "keyword": np.array([0.2, 0.1, 0.1, 0.9, 0.0], dtype=np.float32),
    }

    may = admitted(search, np.array([True, True, True, False, True]))

    assert may.found is not None
    assert may.below is not None
    assert may.found.tolist() == [True, False, False, False, False]
    assert may.below.tolist() == [-1, 1, 0, -1, -1]
    assert (may.searched, may.count) == (4, 1)


def test_a_shortlist_without_the_semantic_arm_holds_only_what_was_found() -> None:
    index = index_of(*(told("a", vector=(1.0, 0.0)) for _ in range(6)))
    search = search_of(index, "a")
    search.query = replace(search.query, arms={"semantic": False})
    search.found = {"keyword": np.array([0.0, 0.5, 0.0, 0.9, 0.0, 0.0], dtype=np.float32)}

    listed = shortlist(search, search.found["keyword"], None, 10)

    assert listed.rows.tolist() == [3, 1]
    assert listed.searched == 6


# the reranker


class Opinions(FunctionReranker):
    """A reranker that likes one text, and counts how often it is asked."""

    def __init__(self, favourite: str) -> None:
        super().__init__(self._read, "opinions")
        self.asked = 0
        self._favourite = favourite

    def _read(self, query: str, texts: Sequence[str]) -> list[float]:
        self.asked += 1
        return [float(text == self._favourite) for text in texts]


async def test_without_the_reranker_a_recall_keeps_its_own_order() -> None:
    reranker = Opinions(SAID[4])
    async with engine(":memory:", reranker=reranker) as with_it, engine(":memory:") as without_any:
        for memory in (with_it, without_any):
            await memory.retain("b", [Item(content=text, key=f"k{n}") for n, text in enumerate(SAID)], wait=True)

        plain = await with_it.recall("b", "Where does the cat sleep?", rerank=False, at=START)
        many = await with_it.recall_many("b", ["Where does the cat sleep?"], rerank=False, at=START)
        asked_before = reranker.asked
        reranked = await with_it.recall("b", "Where does the cat sleep?", rerank=True, at=START)
        own = await without_any.recall("b", "Where does the cat sleep?", at=START)
        explanation = await with_it.explain("b", "Where does the cat sleep?", rerank=False, at=START)

    assert asked_before == 0
    assert reranker.asked == 1
    assert keys(plain) == keys(many[0]) == keys(own) == keys(explanation.recall)
    assert [hit.score for hit in plain.hits] == [hit.score for hit in own.hits]
    assert (plain.trace.reranked, plain.notes) == ({}, ())
    assert "rerank" not in plain.trace.milliseconds
    assert reranked.trace.reranked
    assert keys(reranked) != keys(plain)
    assert "without the reranker" in str(explanation)


@pytest.mark.parametrize("rerank", [None, 0, "no"])
def test_rerank_is_true_or_false(rerank: Any) -> None:
    with pytest.raises(BadQueryError, match=r"`rerank` is .* Give True or False"):
        query_of("q", rerank=rerank)


def test_all_this_is_off_unless_asked_for() -> None:
    query = query_of("q", at=START)

    assert query == Query(text="q", at=START)
    assert (query.arms, query.min_arm_scores, query.rerank, query.tag_groups) == ({}, {}, True, ())
