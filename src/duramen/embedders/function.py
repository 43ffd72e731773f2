"""An embedder around a function: for models run by other libraries, and for services."""

import asyncio
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from duramen.embedders.own_thread import OwnThread
from duramen.embedders.text_model import unit
from duramen.errors import EmbedderError
from duramen.language.tokens import encodable

EmbedFunction = Callable[[list[str]], npt.ArrayLike]
"""Takes texts and gives one row of numbers for each, of any length but zero; blocking."""


class FunctionEmbedder:
    """Embeds by a function, such as `SentenceTransformer.encode` or a call of a service.

    The function runs in a thread of the embedder's own, one call at a time unless `threads` allows more. Rows are
    scaled to length 1; a row of zeros, which some models give for an empty text, becomes the first axis.

    Args:
        function: Gives the vectors of texts that are to be kept.
        name: Identifies the vector space; another model must have another name.
        dimensions: Length of the rows that the function gives.
        query_function: Gives those of questions, where the model wants them embedded otherwise.
        threads: Calls of the functions at a time, at most.
    """

    def __init__(
        self,
        function: EmbedFunction,
        name: str,
        dimensions: int,
        query_function: EmbedFunction | None = None,
        *,
        threads: int = 1,
    ) -> None:
        self.name = name
        self.dimensions = dimensions
        self._function = function
        self._query_function = query_function or function
        self._thread: OwnThread[None] = OwnThread(lambda: None, "duramen-function", threads=threads)

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return await self._embed(self._function, texts)

    async def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return await self._embed(self._query_function, texts)

    async def aclose(self) -> None:
        await asyncio.to_thread(self._thread.close)

    async def _embed(self, function: EmbedFunction, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        clean = [encodable(text) for text in texts]
        return await self._thread.run(lambda _: self._rows(function, clean))

    def _rows(self, function: EmbedFunction, texts: list[str]) -> npt.NDArray[np.float32]:
        try:
            rows = np.asarray(function(texts), dtype=np.float32)
        except Exception as error:  # whatever the function raises
            raise EmbedderError(f"The function of the embedder {self.name!r} failed: {error!r}") from error
        if rows.shape != (len(texts), self.dimensions):
            raise EmbedderError(
                f"The function of the embedder {self.name!r} gave an array of shape {rows.shape} for {len(texts)} "
                f"texts; {(len(texts), self.dimensions)} was expected. Check `dimensions`."
            )
        if not np.isfinite(rows).all():
            raise EmbedderError(f"The function of the embedder {self.name!r} gave numbers that are not finite.")
        return unit(rows)
