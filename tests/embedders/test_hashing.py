import asyncio
import subprocess
import sys

import numpy as np
import pytest

from duramen.embedders.hashing import HashingEmbedder
from tests.contracts.embedder import EmbedderContract


class TestHashingEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> HashingEmbedder:
        return HashingEmbedder()


async def test_the_name_says_the_dimensions() -> None:
    embedder = HashingEmbedder(64)

    vectors = await embedder.embed(["text"])

    assert embedder.name == "hashing-64"
    assert vectors.shape == (1, 64)


async def test_texts_without_terms_are_all_the_same_vector() -> None:
    vectors = await HashingEmbedder().embed(["", "!?", "\U0001f600", "\ud800"])

    assert np.array_equal(vectors, np.repeat(vectors[:1], 4, axis=0))


async def test_parts_of_words_bring_words_nearer() -> None:
    vectors = await HashingEmbedder().embed(["photograph", "photographic", "kitchen"])

    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_another_process_makes_the_same_vectors() -> None:
    script = (
        "import asyncio, hashlib; from duramen.embedders.hashing import HashingEmbedder;"
        "print(asyncio.run(HashingEmbedder().embed(['Ada moved to Lisbon'])).tobytes().hex())"
    )

    elsewhere = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert elsewhere.strip() == asyncio.run(HashingEmbedder().embed(["Ada moved to Lisbon"])).tobytes().hex()
