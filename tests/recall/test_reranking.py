from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen import MemoryEngine
from duramen.recall.reranking import READ, SHARE, reranked
from duramen.rerankers.function import FunctionReranker
from duramen.types import Budget, Item, Memory, Query
from tests.conftest import engine
from tests.stores.examples import event, memory

QUERY = Query(text="Where?", at=datetime(2026, 3, 2, tzinfo=timezone.utc))


class Opinions(FunctionReranker):
    """A reranker with an opinion of each text, that remembers what it was asked."""

    def __init__(self, **opinions: float) -> None:
        super().__init__(self._read, "opinions")
        self.asked: list[list[str]] = []
        self._opinions = opinions

    def _read(self, query: str, texts: Sequence[str]) -> list[float]:
        self.asked.append([query, *texts])
        return [self._opinions.get(text, 0.0) for text in texts]


def failing(query: str, texts: Sequence[str]) -> list[float]:
    raise ConnectionError("no route to host")


def said(*texts: str) -> dict[str, Memory]:
    return {text: memory(event(text, text), text) for text in texts}


async def test_an_opinion_is_averaged_with_our_own_scores_over_their_range() -> None:
    order, opinions, note = await reranked(
        Opinions(a=-5.0, b=15.0, c=5.0), QUERY, [("a", 0.8), ("b", 0.4), ("c", 0.2)], said("a", "b", "c")
    )

    ours = 1 - SHARE
    assert [id for id, _ in order] == ["b", "a", "c"]
    assert dict(order) == pytest.approx(
        {"a": ours * 0.8 + SHARE * 0.2, "b": ours * 0.4 + SHARE * 0.8, "c": ours * 0.2 + SHARE * 0.5}
    )
    assert opinions == {"a": -5.0, "b": 15.0, "c": 5.0}
    assert note is None


class Forgetful(Opinions):
    """A reranker of somebody's own that leaves a text out."""

    async def rerank(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        return [1.0] * (len(texts) - 1)


async def test_a_missing_opinion_leaves_the_order_and_is_told() -> None:
    scored = [("a", 0.8), ("b", 0.4)]

    order, opinions, note = await reranked(Forgetful(), QUERY, scored, said("a", "b"))

    assert (order, opinions) == (scored, {})
    assert note is not None
    assert "gave 1 scores for 2 texts" in note


async def test_opinions_that_are_all_alike_change_nothing() -> None:
    scored = [("a", 0.8), ("b", 0.4)]

    order, opinions, note = await reranked(Opinions(a=3.0, b=3.0), QUERY, scored, said("a", "b"))

    assert (order, opinions, note) == (scored, {"a": 3.0, "b": 3.0}, None)


@pytest.mark.parametrize(("budget", "read"), [("mid", READ["mid"]), ("high", READ["high"])])
async def test_as_many_of_the_best_are_read_as_the_budget_says(budget: Budget, read: int) -> None:
    names = [f"m{number:03}" for number in range(READ["high"] + 10)]
    scored = [(name, 1 / (1 + place)) for place, name in enumerate(names)]
    reranker = Opinions(**{name: place for place, name in enumerate(names)})

    order, opinions, _ = await reranked(reranker, replace(QUERY, budget=budget), scored, said(*names))

    assert reranker.asked == [[QUERY.text, *names[:read]]]
    assert opinions.keys() == set(names[:read])
    assert order[read:] == scored[read:]
    assert [score for _, score in order] == sorted((score for _, score in order), reverse=True)


async def test_a_low_budget_asks_nobody() -> None:
    reranker, scored = Opinions(b=1.0), [("a", 0.8), ("b", 0.4)]

    order, opinions, note = await reranked(reranker, replace(QUERY, budget="low"), scored, said("a", "b"))

    assert (order, opinions, note, reranker.asked) == (scored, {}, None, [])


@pytest.mark.parametrize("scored", [[], [("a", 0.8)], [("a", 0.8), ("gone", 0.4)]])
async def test_nobody_is_asked_about_fewer_than_two(scored: list[tuple[str, float]]) -> None:
    reranker = Opinions(a=1.0)

    order, opinions, note = await reranked(reranker, QUERY, scored, said("a"))

    assert (order, opinions, note, reranker.asked) == (scored, {}, None, [])


async def test_what_is_gone_is_not_read_and_not_lost() -> None:
    reranker = Opinions(b=1.0)

    order, _, _ = await reranked(reranker, QUERY, [("a", 0.8), ("gone", 0.6), ("b", 0.4)], said("a", "b"))

    assert reranker.asked == [[QUERY.text, "a", "b"]]
    assert [id for id, _ in order] == ["b", "a", "gone"]


async def test_a_reranker_that_fails_leaves_the_order_and_a_note() -> None:
    scored = [("a", 0.8), ("b", 0.4)]

    order, opinions, note = await reranked(FunctionReranker(failing, "mine"), QUERY, scored, said("a", "b"))

    assert (order, opinions) == (scored, {})
    assert note == ("The reranker 'mine' failed: ConnectionError('no route to host'). The order is that without it.")


@given(st.lists(st.floats(0, 1), min_size=2, max_size=40), st.data())
async def test_scores_stay_in_their_range_and_fall(scores: list[float], data: st.DataObject) -> None:
    names = [f"m{place}" for place in range(len(scores))]
    scored = list(zip(names, sorted(scores, reverse=True), strict=True))
    given = data.draw(st.lists(st.floats(-1e9, 1e9), min_size=len(names), max_size=len(names)))

    order, opinions, _ = await reranked(Opinions(**dict(zip(names, given, strict=True))), QUERY, scored, said(*names))

    found = [score for _, score in order]
    assert sorted(id for id, _ in order) == sorted(names)
    assert found == sorted(found, reverse=True)
    assert max(scores) + 1e-9 >= found[0]
    assert found[-1] >= min(scores) - 1e-9
    assert opinions == dict(zip(names[: READ["mid"]], given, strict=False))


SAID = ("The harbour is loud.", "The harbour of Porto is loud at night.", "In the harbour we ate.", "Grace paints.")


@pytest.fixture
def reranker() -> Opinions:
    return Opinions(**{SAID[2]: 9.0})


@pytest.fixture
async def reranking(reranker: Opinions) -> AsyncIterator[MemoryEngine]:
    async with engine(":memory:", reranker=reranker) as memory:
        for place, text in enumerate(SAID):
            await memory.retain("b", text, key=f"k{place}", wait=True)
        yield memory


async def keys(memory: MemoryEngine, **options: object) -> list[str]:
    recall = await memory.recall("b", "loud harbour", **options)  # type: ignore[arg-type]  # as the tests write them
    return [hit.memory.key for hit in recall.hits]


async def test_an_engine_with_a_reranker_follows_it(reranking: MemoryEngine) -> None:
    recall = await reranking.recall("b", "loud harbour")

    [favourite, *others] = recall.hits
    assert favourite.memory.key == "k2"
    assert recall.trace.reranked[favourite.memory.id] == 9.0
    assert {recall.trace.reranked[hit.memory.id] for hit in others} == {0.0}
    assert "rerank" in recall.trace.milliseconds
    assert recall.notes == ()


async def test_a_low_budget_goes_without_the_reranker(reranking: MemoryEngine, reranker: Opinions) -> None:
    recall = await reranking.recall("b", "loud harbour", budget="low")

    assert recall.hits[0].memory.key != "k2"
    assert recall.trace.reranked == {}
    assert reranker.asked == []


async def test_the_reranker_may_bring_up_what_is_behind_the_limit(reranking: MemoryEngine) -> None:
    assert await keys(reranking, limit=1) == ["k2"]


async def test_it_reads_the_question_that_was_asked(reranking: MemoryEngine, reranker: Opinions) -> None:
    question = "Where did we eat and what does Grace do?"

    await reranking.recall("b", question)

    assert [asked[0] for asked in reranker.asked] == [question]
    assert {*reranker.asked[0][1:]} == {*SAID}


async def test_several_questions_are_reranked_each(reranking: MemoryEngine, reranker: Opinions) -> None:
    recalls = await reranking.recall_many("b", ["loud harbour", "What of the harbour?"])

    assert [recall.hits[0].memory.key for recall in recalls] == ["k2", "k2"]
    assert [asked[0] for asked in reranker.asked] == ["loud harbour", "What of the harbour?"]


async def test_an_engine_whose_reranker_fails_answers_without_it(reranking: MemoryEngine) -> None:
    async with engine(":memory:", reranker=FunctionReranker(failing, "mine")) as memory:
        for place, text in enumerate(SAID):
            await memory.retain("b", text, key=f"k{place}", wait=True)

        recall = await memory.recall("b", "loud harbour")

    assert [hit.memory.key for hit in recall.hits] == await keys(reranking, budget="low")
    assert recall.trace.reranked == {}
    assert recall.notes == (
        "The reranker 'mine' failed: ConnectionError('no route to host'). The order is that without it.",
    )


async def test_an_engine_closes_its_reranker() -> None:
    class Closing(Opinions):
        closed = 0

        async def aclose(self) -> None:
            self.closed += 1

    reranker = Closing()
    async with engine(":memory:", reranker=reranker) as memory:
        await memory.retain("b", SAID[0], wait=True)

    assert reranker.closed == 1


async def test_with_a_high_budget_the_reranker_reads_more_than_is_asked_for() -> None:
    reranker = Opinions()
    async with engine(":memory:", reranker=reranker) as memory:
        await memory.retain("b", [Item(content=f"A walk by the river, number {n}", key=str(n)) for n in range(60)])

        await memory.recall("b", "Where was the walk?", budget="high", limit=3)

    assert len(reranker.asked[0]) - 1 == 60
