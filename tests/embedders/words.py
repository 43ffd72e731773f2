"""Embedders that need no model, and remember what they were asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from duramen.embedders.hashing import HashingEmbedder
from duramen.protocols import TokenVectors


class CountingEmbedder(HashingEmbedder):
    """A hashing embedder that remembers what it was asked."""

    def __init__(self, dimensions: int = 256) -> None:
        super().__init__(dimensions)
        self.asked: list[list[str]] = []

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.asked.append(list(texts))
        return await super().embed(texts)


class AskingEmbedder(CountingEmbedder):
    """One that takes questions otherwise: in lower case."""

    async def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return await self.embed([text.lower() for text in texts])


class WordsEmbedder(CountingEmbedder):
    """One with a vector for each word."""

    @property
    def token_dimensions(self) -> int:
        return self.dimensions

    async def embed_tokens(self, texts: Sequence[str], *, queries: bool = False) -> TokenVectors:
        vectors = await self.embed(texts)
        words = [text.split() for text in texts]
        inner = HashingEmbedder(self.dimensions)
        return TokenVectors(vectors, [await inner.embed(one) for one in words], words)
