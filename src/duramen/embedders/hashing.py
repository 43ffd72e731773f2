"""An embedder that needs no model: for tests, and for machines where nothing may be loaded."""

import asyncio
import functools
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from duramen.language.terms import terms

_TRIGRAM_WEIGHT = 0.25


class HashingEmbedder:
    """Embeds by signed feature hashing of terms, and of their character trigrams at a lower weight.

    Texts are near when they share words or parts of words; meaning is not known. The same text gives the same
    vector in every process. A text without terms gives the first axis.

    Args:
        dimensions: Length of the vectors; more means fewer accidental collisions.

    Source:
        Weinberger et al., Feature Hashing for Large Scale Multitask Learning, 2009, https://arxiv.org/abs/0902.2206
    """

    def __init__(self, dimensions: int = 256) -> None:
        self.name = f"hashing-{dimensions}"
        self.dimensions = dimensions

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return await asyncio.to_thread(self._embed, list(texts))

    async def aclose(self) -> None:
        """Nothing is held."""

    def _embed(self, texts: list[str]) -> npt.NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            self._add(vector, text)
        return vectors

    def _add(self, vector: npt.NDArray[np.float32], text: str) -> None:
        for term, count in Counter(terms(text)).items():
            weight = 1.0
            for feature in _features(term):
                code = _code(feature)
                vector[(code >> 1) % self.dimensions] += count * weight * (1 if code & 1 else -1)
                weight = _TRIGRAM_WEIGHT
        length = float(np.linalg.norm(vector))
        # Signs may cancel to nothing, which has no direction either.
        if length < 1e-6:
            vector[:] = 0.0
            vector[0] = length = 1.0
        vector /= length


def _features(term: str) -> Iterator[str]:
    """The term itself, then its trigrams; the blanks at its ends keep the two apart."""
    yield term
    framed = f" {term} "
    for at in range(len(framed) - 2):
        yield framed[at : at + 3]


@functools.lru_cache(maxsize=65536)
def _code(feature: str) -> int:
    return int.from_bytes(hashlib.blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
