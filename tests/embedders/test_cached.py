from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from duramen.embedders.cached import CachedEmbedder
from duramen.embedders.hashing import HashingEmbedder
from tests.contracts.embedder import EmbedderContract


class CountingEmbedder(HashingEmbedder):
    """A hashing embedder that remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[str]] = []

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.asked.append(list(texts))
        return await super().embed(texts)


class TestCachedEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> CachedEmbedder:
        return CachedEmbedder(HashingEmbedder())


async def test_a_repeated_query_runs_once() -> None:
    inner = CountingEmbedder()
    embedder = CachedEmbedder(inner)

    first = await embedder.embed(["where?"])
    second = await embedder.embed(["where?"])

    assert inner.asked == [["where?"]]
    assert np.array_equal(first, second)


async def test_the_least_recently_used_query_goes_first() -> None:
    inner = CountingEmbedder()
    embedder = CachedEmbedder(inner, size=2)

    for text in ["a", "b", "a", "c", "a", "b"]:
        await embedder.embed([text])

    assert inner.asked == [["a"], ["b"], ["c"], ["b"]]


async def test_batches_are_not_kept() -> None:
    inner = CountingEmbedder()
    embedder = CachedEmbedder(inner)

    await embedder.embed(["a", "b"])
    await embedder.embed(["a", "b"])

    assert inner.asked == [["a", "b"], ["a", "b"]]


async def test_what_a_caller_does_to_its_vectors_stays_with_it() -> None:
    embedder = CachedEmbedder(HashingEmbedder())
    expected = await HashingEmbedder().embed(["where?"])

    vectors = await embedder.embed(["where?"])
    vectors[:] = 0
    again = await embedder.embed(["where?"])
    again[:] = 0

    assert np.array_equal(await embedder.embed(["where?"]), expected)


async def test_closing_forgets_the_queries() -> None:
    inner = CountingEmbedder()
    embedder = CachedEmbedder(inner)

    await embedder.embed(["where?"])
    await embedder.aclose()
    await embedder.embed(["where?"])

    assert inner.asked == [["where?"], ["where?"]]


def test_name_and_dimensions_are_those_of_the_embedder_inside() -> None:
    embedder = CachedEmbedder(HashingEmbedder(32))

    assert (embedder.name, embedder.dimensions) == ("hashing-32", 32)
