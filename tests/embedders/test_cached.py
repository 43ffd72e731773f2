import numpy as np
import pytest

from duramen.embedders.cached import MAX_BYTES, CachedEmbedder
from duramen.embedders.hashing import HashingEmbedder
from duramen.protocols import AskedEmbedder
from tests.contracts.embedder import EmbedderContract, TokenEmbedderContract
from tests.embedders.words import AskingEmbedder, CountingEmbedder, WordsEmbedder


class TestCachedEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> CachedEmbedder:
        return CachedEmbedder(HashingEmbedder())


class TestCachedTokenEmbedder(TokenEmbedderContract):
    @pytest.fixture
    def embedder(self) -> CachedEmbedder:
        return CachedEmbedder(WordsEmbedder())


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


async def test_a_question_is_embedded_as_the_embedder_wants_questions() -> None:
    embedder: AskedEmbedder = CachedEmbedder(AskingEmbedder())

    asked = await embedder.ask("Where IS Ada?")

    assert np.array_equal(asked.vector, (await HashingEmbedder().embed(["where is ada?"]))[0])
    assert (asked.tokens, tuple(asked.words)) == (None, ())


async def test_a_question_has_its_tokens_where_there_are_any() -> None:
    embedder = CachedEmbedder(WordsEmbedder())

    asked = await embedder.ask("Where is Ada?")

    assert asked.tokens is not None
    assert np.array_equal(asked.tokens, await HashingEmbedder().embed(["Where", "is", "Ada?"]))
    assert tuple(asked.words) == ("Where", "is", "Ada?")


async def test_a_question_asked_again_runs_once() -> None:
    inner = AskingEmbedder()
    embedder = CachedEmbedder(inner)

    first = await embedder.ask("where?")
    second = await embedder.ask("where?")

    assert inner.asked == [["where?"]]
    assert first is second


async def test_a_text_to_keep_is_not_answered_with_a_question() -> None:
    embedder = CachedEmbedder(AskingEmbedder())

    asked = await embedder.ask("Ada")
    kept = await embedder.embed(["Ada"])

    assert np.array_equal(kept, await HashingEmbedder().embed(["Ada"]))
    assert np.array_equal(asked.vector, (await HashingEmbedder().embed(["ada"]))[0])


async def test_what_was_asked_cannot_be_changed() -> None:
    asked = await CachedEmbedder(WordsEmbedder()).ask("Where is Ada?")

    assert asked.tokens is not None
    assert not asked.vector.flags.writeable
    assert not asked.tokens.flags.writeable


async def test_long_questions_are_held_up_to_a_number_of_bytes() -> None:
    inner = WordsEmbedder()
    embedder = CachedEmbedder(inner)
    words = MAX_BYTES // (inner.dimensions * 4) // 2

    for text in ["a ", "b ", "a "]:
        await embedder.ask(text * words)

    assert len(inner.asked) == 3


async def test_without_tokens_inside_every_text_has_none() -> None:
    embedder = CachedEmbedder(HashingEmbedder())

    given = await embedder.embed_tokens(["one", "two"])

    assert embedder.token_model == ""
    assert embedder.token_dimensions == 0
    assert np.array_equal(given.vectors, await HashingEmbedder().embed(["one", "two"]))
    assert [tokens.shape for tokens in given.tokens] == [(0, 0), (0, 0)]
    assert [list(words) for words in given.words] == [[], []]


async def test_without_tokens_inside_questions_are_still_embedded_as_questions() -> None:
    embedder = CachedEmbedder(AskingEmbedder())

    given = await embedder.embed_tokens(["Ada", "BEN"], queries=True)

    assert np.array_equal(given.vectors, await HashingEmbedder().embed(["ada", "ben"]))


async def test_closing_forgets_what_was_asked() -> None:
    inner = AskingEmbedder()
    embedder = CachedEmbedder(inner)

    await embedder.ask("where?")
    await embedder.aclose()
    await embedder.ask("where?")

    assert inner.asked == [["where?"], ["where?"]]
