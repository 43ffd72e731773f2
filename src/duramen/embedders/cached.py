"""What an engine puts around any embedder: one way to ask, and a memory of what was asked lately."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from duramen.protocols import Asked, Embedder, QueryEmbedder, TokenEmbedder, TokenVectors

MAX_BYTES = 16 * 2**20
"""Bound on the vectors of tokens that are held, beside the bound on their number: a query may be a page long."""

QUESTIONS = (
    "Where does my neighbour keep the spare key?",
    "When is the deadline for the tax return?",
    "Which instrument did she learn as a child?",
    "What did the doctor say about his knee?",
)
UNRELATED = (
    "The volcano erupted twice in the eighteenth century.",
    "Stir the lentils until the water is gone.",
    "Our build fails on the second worker only.",
    "A red kite circled above the harbour.",
    "They lost the final by a single point.",
    "The museum shows carpets from four countries.",
)
"""Texts that have nothing to do with those questions, nor with each other."""

T = TypeVar("T")


class CachedEmbedder:
    """Answers a single text that was asked for lately without running `embedder`.

    Queries come one at a time and repeat (retries, several banks for one turn); batches are new texts to retain, so
    they go through untouched and push no query out. What `embed` gave and what `ask` gave are held apart, since a
    model may want questions embedded otherwise.

    Args:
        embedder: What makes the vectors; its name and dimensions are this one's.
        size: Texts kept, least recently used first out.
        tokens: What makes the vectors of tokens; `embedder` itself, if it can, unless given.
        unrelated: The mean cosine of questions to texts that have nothing to do with them; None to measure it once,
            at the first question.
    """

    def __init__(
        self,
        embedder: Embedder,
        size: int = 1024,
        *,
        tokens: TokenEmbedder | None = None,
        unrelated: float | None = 0.0,
    ) -> None:
        self._unrelated = unrelated
        self._embedder = embedder
        self._tokens = tokens or (embedder if isinstance(embedder, TokenEmbedder) else None)
        self._embedded = _Recent[npt.NDArray[np.float32]](size, lambda vectors: vectors.nbytes)
        self._asked = _Recent[Asked](size, _bytes)

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dimensions(self) -> int:
        return self._embedder.dimensions

    @property
    def token_model(self) -> str:
        return self._tokens.name if self._tokens is not None else ""

    @property
    def token_dimensions(self) -> int:
        """Length of the vectors of tokens, 0 if there are none."""
        return self._tokens.token_dimensions if self._tokens is not None else 0

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        if len(texts) != 1:
            return await self._embedder.embed(texts)
        kept = self._embedded.get(texts[0])
        if kept is None:
            kept = await self._embedder.embed(texts)
            self._embedded.keep(texts[0], kept)
        return kept.copy()

    async def embed_tokens(self, texts: Sequence[str], *, queries: bool = False) -> TokenVectors:
        if self._tokens is self._embedder:
            return await self._tokens.embed_tokens(texts, queries=queries)
        vectors = await (self._embed_queries(texts) if queries else self._embedder.embed(texts))
        if self._tokens is None:
            return TokenVectors(vectors, [np.empty((0, 0), dtype=np.float32)] * len(texts), [()] * len(texts))
        return replace(await self._tokens.embed_tokens(texts, queries=queries), vectors=vectors)

    async def ask(self, text: str) -> Asked:
        kept = self._asked.get(text)
        if kept is None:
            (kept,) = await self._ask([text])
            self._asked.keep(text, kept)
        return kept

    async def ask_many(self, texts: Sequence[str]) -> Sequence[Asked]:
        known = {text: self._asked.get(text) for text in texts}
        new = [text for text, asked in known.items() if asked is None]
        for text, answer in zip(new, await self._ask(new), strict=True):
            self._asked.keep(text, answer)
            known[text] = answer
        return [asked for text in texts if (asked := known[text]) is not None]

    async def aclose(self) -> None:
        self._embedded.clear()
        self._asked.clear()
        await self._embedder.aclose()
        if self._tokens is not None and self._tokens is not self._embedder:
            await self._tokens.aclose()

    async def _ask(self, texts: Sequence[str]) -> list[Asked]:
        given = await self.embed_tokens(texts, queries=True)
        if self._unrelated is None:
            questions, others = await self._embed_queries(QUESTIONS), await self._embedder.embed(UNRELATED)
            self._unrelated = min(0.95, max(0.0, float((questions @ others.T).mean())))
        if self._tokens is None:
            return [Asked(_read_only(vector), unrelated=self._unrelated) for vector in given.vectors]
        return [
            Asked(_read_only(vector), _read_only(tokens), tuple(words), self._unrelated)
            for vector, tokens, words in zip(given.vectors, given.tokens, given.words, strict=True)
        ]

    async def _embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        if isinstance(self._embedder, QueryEmbedder):
            return await self._embedder.embed_queries(texts)
        return await self._embedder.embed(texts)


class _Recent(Generic[T]):
    """Holds what was used lately, by text: at most `size`, of at most `MAX_BYTES`. Safe in several threads."""

    def __init__(self, size: int, measure: Callable[[T], int]) -> None:
        self._size = size
        self._measure = measure
        self._bytes = 0
        self._kept: OrderedDict[str, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str) -> T | None:
        with self._lock:
            if text not in self._kept:
                return None
            self._kept.move_to_end(text)
            return self._kept[text]

    def keep(self, text: str, value: T) -> None:
        with self._lock:
            if text in self._kept:
                self._bytes -= self._measure(self._kept.pop(text))
            self._kept[text] = value
            self._bytes += self._measure(value)
            while len(self._kept) > self._size or (self._bytes > MAX_BYTES and len(self._kept) > 1):
                self._bytes -= self._measure(self._kept.popitem(last=False)[1])

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._bytes = 0


def _bytes(asked: Asked) -> int:
    return asked.vector.nbytes + (0 if asked.tokens is None else asked.tokens.nbytes)


def _read_only(array: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Copy, lest a view hold the whole it is a part of."""
    array = array.copy()
    array.flags.writeable = False
    return array
