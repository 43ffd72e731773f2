"""A thread of one's own for a model: what blocks runs there, and calls from several event loops queue up."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

M = TypeVar("M")
T = TypeVar("T")


class OwnThread(Generic[M]):
    """Runs work with a model that is loaded at the first call. The thread is there while it is in use.

    Args:
        load: Makes the model; blocking. What it raises, the caller of `run` gets, and the next call tries again.
        name: Begins the name of the thread.
        threads: How much work may go on at once; more than one only if the model takes that.
    """

    def __init__(self, load: Callable[[], M], name: str, *, threads: int = 1) -> None:
        self._load = load
        self._name = name
        self._threads = threads
        self._model: M | None = None
        self._executor: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    async def run(self, work: Callable[[M], T]) -> T:
        """Return `work(model)`."""
        return await asyncio.wrap_future(self._submit(work))

    def close(self) -> None:
        """Finish what is queued, then let go of thread and model; a later `run` loads anew. Blocks."""
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.submit(self._forget)
            executor.shutdown(wait=True)

    def _submit(self, work: Callable[[M], T]) -> Future[T]:
        with self._lock:
            if self._executor is None:
                self._executor = ThreadPoolExecutor(max_workers=self._threads, thread_name_prefix=self._name)
            return self._executor.submit(self._work, work)

    def _work(self, work: Callable[[M], T]) -> T:
        if self._model is None:
            self._model = self._load()
        return work(self._model)

    def _forget(self) -> None:
        self._model = None
