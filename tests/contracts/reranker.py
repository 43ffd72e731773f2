import asyncio
import math

import pytest

from duramen.protocols import Reranker

QUERY = "Which kitten did Ada adopt?"
TEXTS = [
    "The quarterly invoice is due on Monday.",
    "Ada adopted a grey kitten from the shelter.",
    "We drove to the mountains and camped by the lake for three nights, which the children still talk about.",
]
ODD_TEXTS = ["", "   ", "\U0001f600\u2764\ufe0f", "\x00", "word " * 10_000, "q" * 50_000, "\u6771\u4eac"]


class RerankerContract:
    """What every reranker must do; an inheriting class gives the fixture `reranker`."""

    def test_it_has_a_name(self, reranker: Reranker) -> None:
        assert reranker.name

    async def test_each_text_gets_one_finite_number(self, reranker: Reranker) -> None:
        scores = await reranker.rerank(QUERY, TEXTS)

        assert len(scores) == len(TEXTS)
        assert all(map(math.isfinite, scores))

    async def test_the_answer_gets_the_highest(self, reranker: Reranker) -> None:
        scores = await reranker.rerank(QUERY, TEXTS)

        assert max(scores) == scores[1]
        assert scores[1] > max(scores[0], scores[2])

    async def test_numbers_keep_the_order_of_the_texts(self, reranker: Reranker) -> None:
        forwards = await reranker.rerank(QUERY, TEXTS)

        backwards = await reranker.rerank(QUERY, TEXTS[::-1])

        assert list(backwards)[::-1] == pytest.approx(list(forwards), abs=0.05)

    async def test_the_same_text_twice_gets_the_same_number(self, reranker: Reranker) -> None:
        scores = await reranker.rerank(QUERY, [TEXTS[1], TEXTS[1]])

        assert scores[0] == pytest.approx(scores[1])

    async def test_no_texts_get_no_numbers(self, reranker: Reranker) -> None:
        assert len(await reranker.rerank(QUERY, [])) == 0

    async def test_odd_texts_get_numbers(self, reranker: Reranker) -> None:
        scores = await reranker.rerank(QUERY, ODD_TEXTS)

        assert len(scores) == len(ODD_TEXTS)
        assert all(map(math.isfinite, scores))

    async def test_calls_at_the_same_time_do_not_mix(self, reranker: Reranker) -> None:
        apart = [list(await reranker.rerank(QUERY, [text])) for text in TEXTS]

        together = await asyncio.gather(*(reranker.rerank(QUERY, [text]) for text in TEXTS))

        assert [list(scores) for scores in together] == apart

    def test_two_event_loops_may_use_it_one_after_another(self, reranker: Reranker) -> None:
        first = asyncio.run(_reranked(reranker))

        second = asyncio.run(_reranked(reranker))

        assert first == second

    async def test_a_closed_reranker_may_be_closed_again(self, reranker: Reranker) -> None:
        await reranker.rerank(QUERY, TEXTS)

        await reranker.aclose()
        await reranker.aclose()


async def _reranked(reranker: Reranker) -> list[float]:
    return list(await reranker.rerank(QUERY, TEXTS))
