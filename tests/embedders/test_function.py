import asyncio
import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from duramen.embedders.function import FunctionEmbedder
from duramen.embedders.hashing import HashingEmbedder
from duramen.errors import EmbedderError
from tests.contracts.embedder import QueryEmbedderContract


def hashed(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """A blocking function of texts, as other libraries have them."""
    return 3 * asyncio.run(HashingEmbedder().embed(texts))


class TestFunctionEmbedder(QueryEmbedderContract):
    @pytest.fixture
    def embedder(self) -> FunctionEmbedder:
        return FunctionEmbedder(hashed, "hashed", 256)


async def test_lists_of_numbers_are_scaled_to_length_1() -> None:
    embedder = FunctionEmbedder(lambda texts: [[3.0, 4.0]] * len(texts), "pairs", 2)

    vectors = await embedder.embed(["one", "two"])
    await embedder.aclose()

    assert vectors.dtype == np.float32
    assert vectors.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)]] * 2


async def test_questions_go_to_the_function_for_questions() -> None:
    embedder = FunctionEmbedder(lambda texts: [[1, 0]], "axes", 2, lambda texts: [[0, 1]])

    kept, asked = await embedder.embed(["Ada"]), await embedder.embed_queries(["Ada"])
    await embedder.aclose()

    assert (kept.tolist(), asked.tolist()) == ([[1, 0]], [[0, 1]])


async def test_a_row_of_zeros_becomes_the_first_axis() -> None:
    embedder = FunctionEmbedder(lambda texts: [[0, 0, 0], [0, 2, 0]], "zeros", 3)

    vectors = await embedder.embed(["", "text"])
    await embedder.aclose()

    assert vectors.tolist() == [[1, 0, 0], [0, 1, 0]]


async def test_the_function_is_called_off_the_loop_and_once_at_a_time() -> None:
    threads = set()
    barrier = threading.Lock()

    def function(texts: list[str]) -> list[list[float]]:
        assert barrier.acquire(blocking=False)
        threads.add(threading.current_thread())
        barrier.release()
        return [[1.0]]

    embedder = FunctionEmbedder(function, "one", 1)

    await asyncio.gather(*(embedder.embed([str(number)]) for number in range(20)))
    await embedder.aclose()

    assert len(threads) == 1
    assert threading.current_thread() not in threads


async def test_several_calls_at_a_time_are_made_where_they_may_be() -> None:
    meeting = threading.Barrier(2, timeout=30)

    def function(texts: list[str]) -> list[list[float]]:
        meeting.wait()
        return [[1.0]]

    embedder = FunctionEmbedder(function, "two", 1, threads=2)

    vectors = await asyncio.gather(embedder.embed(["one"]), embedder.embed(["two"]))
    await embedder.aclose()

    assert [rows.tolist() for rows in vectors] == [[[1.0]], [[1.0]]]


async def test_what_the_function_raises_is_the_cause_of_the_error() -> None:
    def function(texts: list[str]) -> list[list[float]]:
        raise ConnectionError("no route to host")

    embedder = FunctionEmbedder(function, "service", 2)

    with pytest.raises(EmbedderError, match=r"'service' failed: ConnectionError\('no route to host'\)") as caught:
        await embedder.embed(["Ada"])
    await embedder.aclose()

    assert isinstance(caught.value.__cause__, ConnectionError)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1.0, 2.0, 3.0]], r"gave an array of shape \(1, 3\) for 1 texts; \(1, 2\) was expected"),
        ([[1.0, 2.0], [1.0, 2.0]], r"gave an array of shape \(2, 2\) for 1 texts"),
        ([1.0, 2.0], r"gave an array of shape \(2,\) for 1 texts"),
        ([[1.0], [2.0, 3.0]], r"failed: ValueError"),
        ([[float("nan"), 1.0]], r"gave numbers that are not finite"),
    ],
)
async def test_rows_that_are_no_vectors_of_the_texts_are_an_error(rows: list[list[float]], message: str) -> None:
    embedder = FunctionEmbedder(lambda texts: rows, "wrong", 2)

    with pytest.raises(EmbedderError, match=message):
        await embedder.embed(["Ada"])
    await embedder.aclose()


async def test_the_function_gets_text_that_can_be_sent() -> None:
    seen: list[str] = []

    def function(texts: list[str]) -> list[list[float]]:
        seen.extend(texts)
        return [[1.0] for _ in texts]

    embedder = FunctionEmbedder(function, "one", 1)

    await embedder.embed(["a\ud800b"])
    await embedder.aclose()

    assert seen == ["a?b"]
