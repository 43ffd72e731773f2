from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import pytest

from duramen.errors import RerankerError
from duramen.rerankers.function import Function, FunctionReranker
from tests.contracts.reranker import RerankerContract


def shared_words(query: str, texts: Sequence[str]) -> list[float]:
    """A blocking function of a query and texts, as other libraries have them."""
    asked = set(query.casefold().split())
    return [float(len(asked & set(text.casefold().split()))) for text in texts]


class TestFunctionReranker(RerankerContract):
    @pytest.fixture
    def reranker(self) -> FunctionReranker:
        return FunctionReranker(shared_words, "shared words")


async def test_the_function_is_given_the_query_and_all_texts_at_once_in_another_thread() -> None:
    seen: list[object] = []

    def function(query: str, texts: Sequence[str]) -> list[float]:
        seen.append((query, list(texts), threading.current_thread() is threading.main_thread()))
        return [0.0] * len(texts)

    await FunctionReranker(function, "seeing").rerank("who?", ["Ada", "Ben"])

    assert seen == [("who?", ["Ada", "Ben"], False)]


async def test_an_array_is_as_good_as_a_list() -> None:
    reranker = FunctionReranker(lambda query, texts: np.array([0.5, -2.0], dtype=np.float32), "array")  # type: ignore[arg-type,return-value]

    scores = await reranker.rerank("who?", ["Ada", "Ben"])

    assert scores == [0.5, -2.0]
    assert {type(score) for score in scores} == {float}


def failing(query: str, texts: Sequence[str]) -> list[float]:
    raise ConnectionError("no route to host")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (failing, r"'mine' failed: ConnectionError\('no route to host'\)\."),
        (lambda query, texts: None, r"'mine' failed: TypeError"),
        (lambda query, texts: ["good", "bad"], r"'mine' failed: ValueError"),
        (lambda query, texts: [1.0], r"'mine' gave 1 scores for 2 texts, 1 of them finite"),
        (lambda query, texts: [1.0, 2.0, 3.0], r"gave 3 scores for 2 texts, 3 of them finite"),
        (lambda query, texts: [1.0, float("nan")], r"gave 2 scores for 2 texts, 1 of them finite"),
        (lambda query, texts: [float("inf"), 1.0], r"Give one finite number for each text"),
    ],
)
async def test_whatever_goes_wrong_is_one_error_that_says_what(function: Function, message: str) -> None:
    reranker = FunctionReranker(function, "mine")

    with pytest.raises(RerankerError, match=message):
        await reranker.rerank("who?", ["Ada", "Ben"])


async def test_the_error_of_the_function_is_kept() -> None:
    with pytest.raises(RerankerError) as caught:
        await FunctionReranker(failing, "mine").rerank("who?", ["Ada"])

    assert isinstance(caught.value.__cause__, ConnectionError)
