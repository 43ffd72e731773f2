"""The sync face: the verbs of `MemoryEngine` without `await`, one line each, over the engine's own loop."""

from __future__ import annotations

from collections.abc import Collection, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from typing_extensions import Self, Unpack

from duramen.engine import MemoryEngine
from duramen.explained.explanation import Explanation
from duramen.following import Progress
from duramen.identity import Bank
from duramen.jobs.worker import Left
from duramen.ledger import Job, JobState, Revised
from duramen.recall.asking import Asked
from duramen.reflect.guidance import Guidance
from duramen.sessions.owned import SyncSessions
from duramen.status import Status
from duramen.strategy import Strategy
from duramen.types import (
    BankSummary,
    BankVersion,
    Event,
    Forgotten,
    Item,
    Kind,
    Memory,
    Message,
    Page,
    Recall,
    Reflection,
    Retained,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from pydantic import BaseModel


T = TypeVar("T")


class SyncMemoryEngine:
    """Durable memory for code without `await`, also inside a running loop (notebooks).

    Made by `duramen.open_sync`. `engine` is the same memory for code with `await`.
    """

    def __init__(self, engine: MemoryEngine) -> None:
        self.engine = engine
        self.sessions = SyncSessions(engine.sessions)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """See `MemoryEngine.open`."""
        self.engine.portal.call(self.engine.open())

    def close(self, *, drain_seconds: float = 30.0) -> None:
        """See `MemoryEngine.aclose`."""
        self.engine.close(drain_seconds=drain_seconds)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for what `engine` and its parts do with `await`: `memory.run(memory.engine.views.tags("user:ada"))`."""
        return self.engine.portal.call(work)

    def retain(  # noqa: PLR0913  as in the engine
        self,
        bank: Bank,
        content: str | Sequence[Message] | Sequence[Item],
        *,
        key: str | None = None,
        occurred: datetime | None = None,
        actor: str | None = None,
        session: str | None = None,
        tags: Sequence[str] = (),
        metadata: Mapping[str, str] | None = None,
        document: str | None = None,
        replayed: bool = False,
        wait: bool = False,
    ) -> Retained:
        """See `MemoryEngine.retain`."""
        return self.engine.portal.call(
            self.engine.retain(
                bank,
                content,
                key=key,
                occurred=occurred,
                actor=actor,
                session=session,
                tags=tags,
                metadata=metadata,
                document=document,
                replayed=replayed,
                wait=wait,
            )
        )

    def recall(self, bank: Bank, query: str, **asked: Unpack[Asked]) -> Recall:
        """See `MemoryEngine.recall`."""
        return self.engine.portal.call(self.engine.recall(bank, query, **asked))

    def recall_many(self, bank: Bank, queries: Sequence[str], **asked: Unpack[Asked]) -> list[Recall]:
        """See `MemoryEngine.recall_many`."""
        return self.engine.portal.call(self.engine.recall_many(bank, queries, **asked))

    def explain(
        self, bank: Bank, query: str, *, memory: str | None = None, key: str | None = None, **asked: Unpack[Asked]
    ) -> Explanation:
        """See `MemoryEngine.explain`."""
        return self.engine.portal.call(self.engine.explain(bank, query, memory=memory, key=key, **asked))

    def reflect(
        self,
        bank: Bank,
        question: str,
        *,
        shape: type[BaseModel] | None = None,
        guidance: Guidance | None = None,
        **asked: Unpack[Asked],
    ) -> Reflection:
        """See `MemoryEngine.reflect`."""
        return self.engine.portal.call(self.engine.reflect(bank, question, shape=shape, guidance=guidance, **asked))

    def forget(  # noqa: PLR0913  as in the engine
        self,
        bank: Bank,
        *,
        memory: str | None = None,
        key: str | None = None,
        document: str | None = None,
        session: str | None = None,
        actor: str | None = None,
        before: datetime | None = None,
        older_than: timedelta | None = None,
        everything: bool = False,
    ) -> Forgotten:
        """See `MemoryEngine.forget`."""
        return self.engine.portal.call(
            self.engine.forget(
                bank,
                memory=memory,
                key=key,
                document=document,
                session=session,
                actor=actor,
                before=before,
                older_than=older_than,
                everything=everything,
            )
        )

    def memories(  # noqa: PLR0913  as in the engine
        self,
        bank: Bank,
        *,
        key: str | None = None,
        document: str | None = None,
        session: str | None = None,
        actor: str | None = None,
        kinds: Collection[Kind] | None = None,
        tags: Collection[str] | None = None,
        strategy: str | None = None,
        namespace: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[Memory]:
        """See `MemoryEngine.memories`."""
        return self.engine.portal.call(
            self.engine.memories(
                bank,
                key=key,
                document=document,
                session=session,
                actor=actor,
                kinds=kinds,
                tags=tags,
                strategy=strategy,
                namespace=namespace,
                cursor=cursor,
                limit=limit,
            )
        )

    def events(  # noqa: PLR0913  as in the engine
        self,
        bank: Bank,
        *,
        key: str | None = None,
        document: str | None = None,
        session: str | None = None,
        actor: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[Event]:
        """See `MemoryEngine.events`."""
        return self.engine.portal.call(
            self.engine.events(
                bank, key=key, document=document, session=session, actor=actor, cursor=cursor, limit=limit
            )
        )

    def banks(self, *, cursor: str | None = None, limit: int = 100) -> Page[BankSummary]:
        """See `MemoryEngine.banks`."""
        return self.engine.portal.call(self.engine.banks(cursor=cursor, limit=limit))

    def status(self, bank: Bank | None = None) -> Status:
        """See `MemoryEngine.status`."""
        return self.engine.portal.call(self.engine.status(bank))

    def flush(self, bank: Bank | None = None, *, seconds: float | None = None) -> int:
        """See `MemoryEngine.flush`."""
        return self.engine.portal.call(self.engine.flush(bank, seconds=seconds))

    def retry(self, bank: Bank | None = None) -> int:
        """See `MemoryEngine.retry`."""
        return self.engine.portal.call(self.engine.retry(bank))

    def strategies(self, bank: Bank) -> Sequence[Strategy]:
        """See `MemoryEngine.strategies`."""
        return self.engine.portal.call(self.engine.strategies(bank))

    def wait_idle(
        self,
        bank: Bank | None = None,
        *,
        seconds: float | None = None,
        finish: bool = False,
        progress: Progress | None = None,
    ) -> Left:
        """See `MemoryEngine.wait_idle`."""
        return self.engine.portal.call(self.engine.wait_idle(bank, seconds=seconds, finish=finish, progress=progress))

    def jobs(
        self,
        bank: Bank,
        *,
        strategy: str | None = None,
        state: JobState | None = None,
        event: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[Job]:
        """See `MemoryEngine.jobs`."""
        return self.engine.portal.call(
            self.engine.jobs(bank, strategy=strategy, state=state, event=event, cursor=cursor, limit=limit)
        )

    def revisions(
        self, bank: Bank, *, memory: str | None = None, cursor: str | None = None, limit: int = 100
    ) -> Page[Revised]:
        """See `MemoryEngine.revisions`."""
        return self.engine.portal.call(self.engine.revisions(bank, memory=memory, cursor=cursor, limit=limit))

    def undo(self, bank: Bank, revision: int) -> Revised:
        """See `MemoryEngine.undo`."""
        return self.engine.portal.call(self.engine.undo(bank, revision))

    def retry_jobs(self, bank: Bank | None = None, *, strategy: str | None = None) -> int:
        """See `MemoryEngine.retry_jobs`."""
        return self.engine.portal.call(self.engine.retry_jobs(bank, strategy=strategy))

    def backfill(self, bank: Bank, strategy: str) -> int:
        """See `MemoryEngine.backfill`."""
        return self.engine.portal.call(self.engine.backfill(bank, strategy))

    def reembed(self, bank: Bank, *, progress: Progress | None = None) -> int:
        """See `MemoryEngine.reembed`."""
        return self.engine.portal.call(self.engine.reembed(bank, progress=progress))

    def version(self, bank: Bank) -> BankVersion | None:
        """See `MemoryEngine.version`."""
        return self.engine.portal.call(self.engine.version(bank))

    def warm_up(self, bank: Bank | None = None) -> None:
        """See `MemoryEngine.warm_up`."""
        self.engine.portal.call(self.engine.warm_up(bank))

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """See `MemoryEngine.embed`."""
        return self.engine.portal.call(self.engine.embed(texts))
