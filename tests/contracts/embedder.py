import asyncio

import numpy as np
import pytest

from duramen.protocols import Embedder, QueryEmbedder, TokenEmbedder

ODD_TEXTS = {
    "empty": "",
    "blank": "   ",
    "emoji": "\U0001f600\u2764\ufe0f",
    "nul": "\x00",
    "lone surrogate": "\ud800",
    "many words": "word " * 10_000,
    "one long word": "q" * 50_000,
    "Japanese": "\u6771\u4eac",
}
TEXTS = [
    "Ada adopted a grey kitten from the shelter.",
    "The quarterly invoice is due on Monday.",
    "We drove to the mountains and camped by the lake for three nights, which the children still talk about.",
    "Lisbon",
]


class EmbedderContract:
    """What every embedder must do; an inheriting class gives the fixture `embedder`."""

    def test_it_is_an_embedder(self, embedder: Embedder) -> None:
        assert isinstance(embedder, Embedder)
        assert embedder.name
        assert embedder.dimensions > 0

    async def test_each_text_gives_one_unit_row_of_float32(self, embedder: Embedder) -> None:
        vectors = await embedder.embed(TEXTS)

        assert vectors.shape == (len(TEXTS), embedder.dimensions)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-3)

    async def test_no_texts_give_no_rows(self, embedder: Embedder) -> None:
        vectors = await embedder.embed([])

        assert vectors.shape == (0, embedder.dimensions)
        assert vectors.dtype == np.float32

    @pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
    async def test_an_odd_text_gives_a_unit_row(self, embedder: Embedder, text: str) -> None:
        vectors = await embedder.embed([text])

        assert vectors.shape == (1, embedder.dimensions)
        assert np.linalg.norm(vectors[0]) == pytest.approx(1.0, abs=1e-3)

    async def test_odd_texts_may_stand_in_one_batch(self, embedder: Embedder) -> None:
        vectors = await embedder.embed(list(ODD_TEXTS.values()))

        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-3)

    async def test_rows_keep_the_order_of_the_texts(self, embedder: Embedder) -> None:
        forwards = await embedder.embed(TEXTS)

        backwards = await embedder.embed(TEXTS[::-1])

        assert (forwards @ backwards[::-1].T).argmax(axis=1).tolist() == list(range(len(TEXTS)))

    async def test_the_same_call_gives_the_same_rows(self, embedder: Embedder) -> None:
        first = await embedder.embed(TEXTS)

        second = await embedder.embed(TEXTS)

        assert np.array_equal(first, second)

    async def test_a_text_alone_and_in_a_large_batch_are_the_same(self, embedder: Embedder) -> None:
        together = await embedder.embed([*TEXTS, *(f"{text} Entry {n}." for n in range(25) for text in TEXTS)])

        alone = np.concatenate([await embedder.embed([text]) for text in TEXTS])

        cosines = (together[: len(TEXTS)] * alone).sum(axis=1)
        assert cosines == pytest.approx(1.0, abs=0.02)

    async def test_a_similar_text_is_nearer_than_an_unrelated_one(self, embedder: Embedder) -> None:
        vectors = await embedder.embed(["Which kitten did Ada adopt?", *TEXTS])

        similar, *unrelated = (vectors[1:] @ vectors[0]).tolist()

        assert similar > max(unrelated)

    async def test_calls_at_the_same_time_do_not_mix(self, embedder: Embedder) -> None:
        apart = [await embedder.embed([text]) for text in TEXTS]

        together = await asyncio.gather(*(embedder.embed([text]) for text in TEXTS))

        assert np.array_equal(np.concatenate(apart), np.concatenate(together))

    def test_two_event_loops_may_use_it_one_after_another(self, embedder: Embedder) -> None:
        first = asyncio.run(embedder.embed(TEXTS[:1]))

        second = asyncio.run(embedder.embed(TEXTS[:1]))

        assert np.array_equal(first, second)

    async def test_a_closed_embedder_may_be_used_again(self, embedder: Embedder) -> None:
        before = await embedder.embed(TEXTS)
        await embedder.aclose()
        await embedder.aclose()

        after = await embedder.embed(TEXTS)

        assert np.array_equal(before, after)


class QueryEmbedderContract(EmbedderContract):
    """What every embedder with a way of its own for questions must do."""

    def test_it_is_a_query_embedder(self, embedder: QueryEmbedder) -> None:
        assert isinstance(embedder, QueryEmbedder)

    async def test_each_question_gives_one_unit_row_of_float32(self, embedder: QueryEmbedder) -> None:
        vectors = await embedder.embed_queries(TEXTS)

        assert vectors.shape == (len(TEXTS), embedder.dimensions)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-3)

    async def test_no_questions_give_no_rows(self, embedder: QueryEmbedder) -> None:
        vectors = await embedder.embed_queries([])

        assert vectors.shape == (0, embedder.dimensions)
        assert vectors.dtype == np.float32

    async def test_odd_questions_give_unit_rows(self, embedder: QueryEmbedder) -> None:
        vectors = await embedder.embed_queries(list(ODD_TEXTS.values()))

        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-3)

    async def test_a_question_is_nearest_to_what_answers_it(self, embedder: QueryEmbedder) -> None:
        question = (await embedder.embed_queries(["Which kitten did Ada adopt?"]))[0]

        similarities = await embedder.embed(TEXTS) @ question

        assert similarities.argmax() == 0


class TokenEmbedderContract(EmbedderContract):
    """What every embedder with vectors of tokens must do."""

    def test_it_is_a_token_embedder(self, embedder: TokenEmbedder) -> None:
        assert isinstance(embedder, TokenEmbedder)
        assert embedder.token_dimensions > 0

    async def test_each_token_gives_one_unit_row_and_one_word(self, embedder: TokenEmbedder) -> None:
        given = await embedder.embed_tokens(TEXTS)

        assert len(given.tokens) == len(given.words) == len(TEXTS)
        for tokens, words in zip(given.tokens, given.words, strict=True):
            assert tokens.shape == (len(words), embedder.token_dimensions)
            assert tokens.dtype == np.float32
            assert np.linalg.norm(tokens, axis=1) == pytest.approx(1.0, abs=1e-3)
        assert min(map(len, given.words)) > 0

    async def test_texts_are_embedded_as_without_their_tokens(self, embedder: TokenEmbedder) -> None:
        expected = await embedder.embed(TEXTS)

        given = await embedder.embed_tokens(TEXTS)

        assert np.array_equal(given.vectors, expected)

    async def test_questions_are_embedded_as_without_their_tokens(self, embedder: TokenEmbedder) -> None:
        expected = await (embedder.embed_queries if isinstance(embedder, QueryEmbedder) else embedder.embed)(TEXTS)

        given = await embedder.embed_tokens(TEXTS, queries=True)

        assert np.array_equal(given.vectors, expected)

    async def test_no_texts_give_no_tokens(self, embedder: TokenEmbedder) -> None:
        given = await embedder.embed_tokens([])

        assert given.vectors.shape == (0, embedder.dimensions)
        assert (list(given.tokens), list(given.words)) == ([], [])

    async def test_odd_texts_give_unit_rows_if_any(self, embedder: TokenEmbedder) -> None:
        given = await embedder.embed_tokens(list(ODD_TEXTS.values()))

        for tokens, words in zip(given.tokens, given.words, strict=True):
            assert tokens.shape == (len(words), embedder.token_dimensions)
            assert np.linalg.norm(tokens, axis=1) == pytest.approx(1.0, abs=1e-3)

    async def test_tokens_of_a_text_alone_and_in_a_batch_are_the_same(self, embedder: TokenEmbedder) -> None:
        together = await embedder.embed_tokens(TEXTS)

        alone = await embedder.embed_tokens(TEXTS[1:2])

        cosines = (together.tokens[1] * alone.tokens[0]).sum(axis=1)
        assert list(together.words[1]) == list(alone.words[0])
        assert cosines == pytest.approx(1.0, abs=0.05)

    async def test_the_tokens_of_a_question_are_nearest_to_those_of_its_answer(self, embedder: TokenEmbedder) -> None:
        asked = (await embedder.embed_tokens(["Which kitten did Ada adopt?"], queries=True)).tokens[0]
        kept = (await embedder.embed_tokens(TEXTS)).tokens

        scores = [float((asked @ tokens.T).max(axis=1).sum()) for tokens in kept]

        assert max(scores) == scores[0]
