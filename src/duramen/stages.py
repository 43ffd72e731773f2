"""How long the stages of verbs take, told to whoever listens in this process; see `listen`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType

Listener = Callable[[str, str, float, float], None]
"""Is given a verb, its stage, when that began (seconds since 1970) and how many seconds it took."""

_listeners: Mapping[object, Listener] = {}
_changing = threading.Lock()


def stage(verb: str, name: str) -> Stage:
    """Measure what is done in a `with` block as a stage of `verb`; nothing is measured while nobody listens.

    The time is that of the clock, with what else the process did meanwhile. A stage that ends with an error is told too.
    """
    return Stage(verb, name)


def listen(callback: Listener) -> Callable[[], None]:
    """Tell `callback` of each stage that ends in this process, and return what ends that.

    It is called in whichever thread and context the stage was in, perhaps by several at a time, and must raise nothing.
    """
    global _listeners
    token = object()
    with _changing:
        _listeners = {**_listeners, token: callback}

    def unlisten() -> None:
        global _listeners
        with _changing:
            _listeners = {known: listener for known, listener in _listeners.items() if known is not token}

    return unlisten


class Stage:
    """A stage that is measured; see `stage`."""

    __slots__ = ("_begin", "_name", "_verb")

    def __init__(self, verb: str, name: str) -> None:
        self._verb = verb
        self._name = name
        self._begin: float | None = None

    def __enter__(self) -> None:
        self._begin = time.perf_counter() if _listeners else None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._begin is None:
            return
        seconds = time.perf_counter() - self._begin
        for listener in _listeners.values():
            listener(self._verb, self._name, time.time() - seconds, seconds)
