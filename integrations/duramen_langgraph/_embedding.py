"""Making vectors for a store: with the engine's own embedder, or with the one that an `IndexConfig` brings."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from langgraph.store.base import IndexConfig, ensure_embeddings
from langgraph.store.base.embed import EmbeddingsLambda

from duramen.errors import BadInputError, EmbedderError
from duramen_langgraph._vectors import Matrix, space_of

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from duramen.engine import MemoryEngine


@dataclass(frozen=True, slots=True)
class Texts:
    """What a batch wants embedded, each text once."""

    documents: Sequence[str] = ()
    queries: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.documents or self.queries)


@dataclass(frozen=True, slots=True)
class Embedded:
    """The unit rows of `Texts`, in their order, and what vectors of their model begin with on the shelf."""

    space: bytes
    documents: Matrix
    queries: Matrix


class Embedding(Protocol):
    """Makes vectors, for callers with and without `await`."""

    def embed(self, texts: Texts) -> Embedded:
        """Embed from a thread without a loop, or with a busy one."""

    async def aembed(self, texts: Texts) -> Embedded:
        """Embed on the caller's loop."""


class EngineEmbedding:
    """Embeds as the memories are embedded."""

    def __init__(self, engine: MemoryEngine) -> None:
        self._engine = engine

    def embed(self, texts: Texts) -> Embedded:
        """See `Embedding.embed`."""
        return self._engine.portal.call(self.aembed(texts))

    async def aembed(self, texts: Texts) -> Embedded:
        """See `Embedding.aembed`."""
        rows = await self._engine.embed([*texts.documents, *texts.queries])
        return _embedded(self._engine.embedder, rows, texts)


class GivenEmbedding:
    """Embeds with the `embed` of an `IndexConfig`: on the caller's loop, or in its thread, as langgraph's stores do.

    Raises:
        BadInputError: There is no `embed`, or `dims` is no length.
    """

    def __init__(self, config: IndexConfig, engine: MemoryEngine) -> None:
        embed = config.get("embed")
        if embed is None:
            raise BadInputError("The index has no 'embed'. Give one, or `index=True` for the memory's own embedder.")
        self._dims: int | None = config.get("dims")
        dims: object = self._dims
        if dims is not None and (not isinstance(dims, int) or dims < 1):
            raise BadInputError(f"The index has dims={dims!r}. Give the length of the vectors, or leave it out.")
        self._engine = engine
        self._embeddings = ensure_embeddings(embed)
        self._model = _model_of(embed)

    def embed(self, texts: Texts) -> Embedded:
        """See `Embedding.embed`. An embedder that is only async runs on the engine's loop."""
        if isinstance(self._embeddings, EmbeddingsLambda) and not hasattr(self._embeddings, "func"):
            return self._engine.portal.call(self.aembed(texts))
        documents = self._embeddings.embed_documents(list(texts.documents)) if texts.documents else []
        queries = [self._embeddings.embed_query(query) for query in texts.queries]
        return self._checked([*documents, *queries], texts)

    async def aembed(self, texts: Texts) -> Embedded:
        """See `Embedding.aembed`."""
        documents = await self._embeddings.aembed_documents(list(texts.documents)) if texts.documents else []
        queries = await asyncio.gather(*(self._embeddings.aembed_query(query) for query in texts.queries))
        return self._checked([*documents, *queries], texts)

    def _checked(self, vectors: Sequence[Sequence[float]], texts: Texts) -> Embedded:
        count = len(texts.documents) + len(texts.queries)
        try:
            rows = np.asarray(vectors, dtype=np.float32)
        except (TypeError, ValueError) as error:
            raise EmbedderError(f"The store's index did not get vectors from its 'embed': {error}") from error
        wanted = f"{count} of {self._dims or 'one'} length"
        if rows.ndim != 2 or len(rows) != count or self._dims not in (None, rows.shape[1]) or not rows.shape[1]:
            raise EmbedderError(f"The store's index wants {wanted}, but its 'embed' gave the shape {rows.shape}.")
        if not np.isfinite(rows).all():
            raise EmbedderError("The 'embed' of the store's index gave vectors with numbers that are not finite.")
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        units = rows / np.where(lengths > 0, lengths, 1.0)  # no length, no direction: it stays nothing, and scores 0
        return _embedded(self._model, units.astype(np.float32), texts)


def embedding_of(index: IndexConfig | bool, engine: MemoryEngine) -> Embedding | None:
    """Return what `DuramenStore` was told by `index`; None for no vectors at all.

    Raises:
        BadInputError: It is neither a truth value nor an `IndexConfig`, or one that cannot be used.
    """
    if isinstance(index, bool):
        return EngineEmbedding(engine) if index else None
    given: object = index
    if not isinstance(given, Mapping):
        raise BadInputError(
            f"`index` is {index!r}. Give True, False, or a dictionary with 'embed', 'dims' and 'fields'."
        )
    return GivenEmbedding(index, engine)


def _embedded(model: str, rows: Matrix, texts: Texts) -> Embedded:
    count = len(texts.documents)
    return Embedded(space_of(model, rows.shape[1]), rows[:count], rows[count:])


def _model_of(embed: Embeddings | Any) -> str:
    """Name the vector space as well as can be told: langgraph's configuration has no name for it."""
    if isinstance(embed, str):
        return embed
    names = (getattr(embed, attribute, None) for attribute in ("model", "model_name", "model_id"))
    model = next((name for name in names if isinstance(name, str) and name), "")
    maker = getattr(embed, "__qualname__", None) or type(embed).__qualname__
    return f"{maker} {model}".strip()
