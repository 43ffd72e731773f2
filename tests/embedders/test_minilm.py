import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from duramen.embedders.minilm import MiniLMEmbedder
from duramen.errors import EmbedderError
from tests.contracts.embedder import TokenEmbedderContract


@pytest.fixture(scope="module")
def embedder() -> Iterator[MiniLMEmbedder]:
    embedder = MiniLMEmbedder()
    yield embedder
    embedder.close()


class TestMiniLMEmbedder(TokenEmbedderContract):
    async def test_a_paraphrase_without_shared_words_is_near(self, embedder: MiniLMEmbedder) -> None:
        vectors = await embedder.embed(["My physician prescribed pills.", "The doctor gave me medicine.", "It rains."])

        near, far = float(vectors[0] @ vectors[1]), float(vectors[0] @ vectors[2])

        assert near > 0.5 > far

    async def test_small_batches_give_the_rows_of_large_ones(self, embedder: MiniLMEmbedder) -> None:
        texts = [f"Entry number {number} about {'gardens ' * (number % 7)}" for number in range(40)]
        small = MiniLMEmbedder(batch=3, threads=2)

        pairs = (await small.embed(texts) * await embedder.embed(texts)).sum(axis=1)
        await small.aclose()

        assert pairs == pytest.approx(1.0, abs=0.02)

    async def test_what_follows_the_first_256_tokens_is_not_read(self, embedder: MiniLMEmbedder) -> None:
        start = "lisbon " * 300

        long, longer = await embedder.embed([start, start + "kitten " * 300])

        assert float(long @ longer) == pytest.approx(1.0, abs=0.02)

    async def test_tokens_are_pieces_of_words_without_the_special_ones(self, embedder: MiniLMEmbedder) -> None:
        given = await embedder.embed_tokens(["Photographing Lisbon!", "", "lisbon " * 300])

        assert list(given.words[0]) == ["photograph", "##ing", "lisbon", "!"]
        assert [len(words) for words in given.words] == [4, 0, 254]
        assert given.tokens[1].shape == (0, 384)

    async def test_a_word_means_something_else_in_another_sentence(self, embedder: MiniLMEmbedder) -> None:
        given = await embedder.embed_tokens(
            ["The bank raised the interest on loans.", "Money is kept in a bank.", "We sat on the bank of the river."]
        )
        loans, money, river = (
            tokens[list(words).index("bank")] for tokens, words in zip(given.tokens, given.words, strict=True)
        )

        assert loans @ money > loans @ river


async def test_a_file_that_is_not_the_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"something else")
    embedder = MiniLMEmbedder(path)

    with pytest.raises(EmbedderError, match=r"not the file that this embedder runs.*Reinstall"):
        await embedder.embed(["text"])

    await embedder.aclose()


async def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    embedder = MiniLMEmbedder(tmp_path / "gone.onnx")

    with pytest.raises(EmbedderError, match=r"gone\.onnx cannot be read"):
        await embedder.embed(["text"])

    await embedder.aclose()


async def test_closing_ends_its_thread() -> None:
    before = set(threading.enumerate())
    embedder = MiniLMEmbedder()

    await embedder.embed(["text"])
    during = _minilm_threads() - before
    await embedder.aclose()

    assert len(during) == 1
    assert _minilm_threads() <= before


def _minilm_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name.startswith("duramen-minilm")}


def test_importing_it_loads_no_model_runtime() -> None:
    script = "import sys, duramen.embedders.minilm; print('onnxruntime' in sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert loaded.strip() == "False"


async def test_no_texts_need_no_model(tmp_path: Path) -> None:
    embedder = MiniLMEmbedder(tmp_path / "gone.onnx")

    vectors = await embedder.embed([])
    await embedder.aclose()

    assert np.array_equal(vectors, np.empty((0, 384), dtype=np.float32))
