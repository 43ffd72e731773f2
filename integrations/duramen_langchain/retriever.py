"""A retriever over one bank: memories as documents, for chains and for tools made of retrievers."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableConfig, ensure_config
from pydantic import ConfigDict, Field, PrivateAttr

from duramen.engine import MemoryEngine
from duramen.errors import BadInputError, DuramenError
from duramen.recall.asking import Asked, query_of
from duramen.turns import AnyMemory, Turns
from duramen.turns.turns import TIMEOUT
from duramen.types import Hit, Recall
from duramen_langchain.whose import sources

_UNBOUND = 2**31
"""Tokens: the number of documents is what bounds an answer, unless `search_kwargs` says otherwise."""


class DuramenRetriever(BaseRetriever):
    """Finds memories of one bank, best first.

    The bank is `bank`, or named by the `configurable` values of the run (`user_id` and perhaps `agent_id` and
    `tenant_id`). An outage finds nothing, is logged and counted, unless `strict`.

    A document has the text of a memory, its id, and as metadata that of the memory with `score`, `kind`, `bank`, `key`
    and `mentioned` (ISO 8601), and where there are any `occurred`, `speaker`, `actor`, `session`, `source_document`
    and `tags`. The text is as it was said: put it into a prompt as data, or use `MemoryMiddleware`, which fences it.

    Attributes:
        memory: What `duramen.open` or `duramen.open_sync` gave.
        bank: A bank or an identity; or what names one, given the config of the run.
        k: At most this many documents, 1 or more; `invoke(query, k=…)` overrides it.
        search_kwargs: Options of the recall, such as `min_score`, `kinds`, `since`; see `MemoryEngine.recall`.
        timeout: Seconds to wait for the memory.
        strict: Raise when no bank can be named (`BankResolutionError`) and when the memory fails.

    Raises:
        BadInputError: `memory` is no memory, or an option makes no sense.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    memory: Any = Field(repr=False, exclude=True)
    bank: Any = None
    k: int = 10
    search_kwargs: dict[str, Any] = Field(default_factory=dict)
    timeout: float = TIMEOUT
    strict: bool = False
    _turns: Turns = PrivateAttr()

    def __init__(self, memory: AnyMemory, **fields: Any) -> None:
        super().__init__(**{"memory": memory, **fields})
        self._options({})
        self._turns = Turns(memory, name="langchain", timeout=self.timeout, strict=self.strict)

    def invoke(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> list[Document]:
        """Return what is found for `input`; takes `k` and the options of `search_kwargs` too."""
        return super().invoke(input, config, **{**kwargs, "run_config": ensure_config(config)})

    async def ainvoke(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> list[Document]:
        """Do what `invoke` does, on any event loop."""
        return await super().ainvoke(input, config, **{**kwargs, "run_config": ensure_config(config)})

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        run_config: RunnableConfig | None = None,
        **asked: Any,
    ) -> list[Document]:
        recall = self._recalling(query, run_config, asked)
        try:
            return _documents(self._turns.attempt_sync(recall)) if recall else []
        except DuramenError as error:
            return self._nothing(error)

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,
        run_config: RunnableConfig | None = None,
        **asked: Any,
    ) -> list[Document]:
        recall = self._recalling(query, run_config, asked)
        try:
            return _documents(await self._turns.attempt(recall)) if recall else []
        except DuramenError as error:
            return self._nothing(error)

    def _recalling(
        self, query: str, config: RunnableConfig | None, asked: Mapping[str, Any]
    ) -> Callable[[MemoryEngine], Coroutine[Any, Any, Recall]] | None:
        """Return what recalls, or None if there is nothing to ask, or nobody to ask about."""
        options = self._options(asked)
        bank = self._turns.whose(lambda: sources(self.bank, None, config))
        if bank is None or not query.strip():
            return None
        return lambda engine: engine.recall(bank, query, **options)

    def _options(self, asked: Mapping[str, Any]) -> Asked:
        given = {"max_tokens": _UNBOUND, "limit": self.k, **self.search_kwargs, **asked}
        given["limit"] = given.pop("k", given["limit"])
        return options_of(given)

    def _nothing(self, error: DuramenError) -> list[Document]:
        if self.strict or isinstance(error, BadInputError):
            raise error
        return []


def options_of(given: Mapping[str, Any]) -> Asked:
    """Return `given` as options of a recall.

    Raises:
        BadQueryError: There is no such option, or its value makes no sense.
    """
    options: Asked = {**given}  # type: ignore[typeddict-item]  # checked in the next line
    query_of("?", **options)
    return options


def _documents(recall: Recall) -> list[Document]:
    return [_document(hit) for hit in recall.hits]


def _document(hit: Hit) -> Document:
    memory = hit.memory
    known = {
        "score": hit.score,
        "kind": memory.kind,
        "bank": memory.bank,
        "key": memory.key,
        "mentioned": memory.mentioned.isoformat(),
        "occurred": memory.occurred and memory.occurred.start.isoformat(),
        "speaker": memory.speaker,
        "actor": memory.actor,
        "session": memory.session,
        "source_document": memory.document,
        "tags": list(memory.tags) or None,
    }
    metadata = {name: value for name, value in known.items() if value is not None}
    return Document(id=memory.id, page_content=memory.text, metadata={**memory.metadata, **metadata})
