"""A memory of recent queries around any embedder."""

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from duramen.protocols import Embedder


class CachedEmbedder:
    """Answers a single text that was asked for lately without running `embedder`.

    Queries come one at a time and repeat (retries, several banks for one turn); batches are new texts to retain, so
    they go through untouched and push no query out.

    Args:
        embedder: What makes the vectors; its name and dimensions are this one's.
        size: Texts kept, least recently used first out.
    """

    def __init__(self, embedder: Embedder, size: int = 1024) -> None:
        self._embedder = embedder
        self._size = size
        self._kept: OrderedDict[str, npt.NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dimensions(self) -> int:
        return self._embedder.dimensions

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        if len(texts) != 1:
            return await self._embedder.embed(texts)
        text = texts[0]
        with self._lock:
            kept = self._kept.get(text)
            if kept is not None:
                self._kept.move_to_end(text)
        if kept is None:
            kept = await self._embedder.embed(texts)
            self._keep(text, kept)
        return kept.copy()

    async def aclose(self) -> None:
        with self._lock:
            self._kept.clear()
        await self._embedder.aclose()

    def _keep(self, text: str, vectors: npt.NDArray[np.float32]) -> None:
        with self._lock:
            self._kept[text] = vectors
            self._kept.move_to_end(text)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
