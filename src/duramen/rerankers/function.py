"""Any function that scores texts, as a reranker."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence

from duramen.errors import RerankerError

Function = Callable[[str, Sequence[str]], Sequence[float]]


class FunctionReranker:
    """Asks a blocking function, in a thread of its own for each call: a cross-encoder, or a service.

    Args:
        function: Given a query and texts, returns a number for each text, higher for a better answer.
        name: What it is called in traces and notes.

    Example:
        >>> import asyncio
        >>> shortest = FunctionReranker(lambda query, texts: [-len(text) for text in texts], "shortest")
        >>> asyncio.run(shortest.rerank("Who?", ["Ada Lovelace", "Ada"]))
        [-12.0, -3.0]
    """

    def __init__(self, function: Function, name: str) -> None:
        self.name = name
        self._function = function

    async def rerank(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        try:
            given = await asyncio.to_thread(self._function, query, texts)
            scores = [float(score) for score in given]
        except Exception as error:  # whatever the function raises
            raise RerankerError(f"The reranker {self.name!r} failed: {error!r}.") from error
        if len(scores) != len(texts) or not all(map(math.isfinite, scores)):
            raise RerankerError(
                f"The reranker {self.name!r} gave {len(scores)} scores for {len(texts)} texts, "
                f"{sum(map(math.isfinite, scores))} of them finite. Give one finite number for each text."
            )
        return scores

    async def aclose(self) -> None:
        """Nothing is held."""
