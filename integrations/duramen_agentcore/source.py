"""Where an adapter's memory comes from: handed in, or opened at the first turn."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

import duramen
from duramen.turns.source import engine_of

if TYPE_CHECKING:
    from duramen.engine import MemoryEngine
    from duramen.sync import SyncMemoryEngine

log = logging.getLogger("duramen.agentcore")

AnyMemory: TypeAlias = "MemoryEngine | SyncMemoryEngine | str | os.PathLike[str]"
"""What `duramen.open` or `duramen.open_sync` gave, or an address for it."""


class Source:
    """The memory of an adapter. What it opened it closes; what was handed in it leaves open.

    Args:
        memory: A memory, or an address.
        options: Of `duramen.open`, for an address of a server.

    Raises:
        BadInputError: `memory` is neither a memory nor an address.
    """

    def __init__(self, memory: AnyMemory, options: Mapping[str, Any] | None = None) -> None:
        self._lock = threading.Lock()
        self._options: Mapping[str, Any] = options or {}
        self._address: str | None = None
        self._engine: MemoryEngine | None = None
        if isinstance(memory, str | os.PathLike):
            self._address = os.fspath(memory)
        else:
            self._engine = engine_of(memory)

    async def engine(self) -> MemoryEngine:
        """Return the memory, opened in a thread if need be: that imports much.

        Raises:
            AddressError: There is no memory that can be opened at the address.
        """
        engine = self._engine
        return engine if engine is not None else await asyncio.to_thread(self._opened)

    def prepare(self) -> None:
        """Begin to open the memory without waiting for it; what goes wrong is told by the first turn."""
        threading.Thread(target=self._prepared, name="duramen-prepare", daemon=True).start()

    async def aclose(self, *, drain_seconds: float) -> None:
        """Close what was opened here; the next turn opens it again."""
        if self._address is None:
            return
        with self._lock:
            engine, self._engine = self._engine, None
        if engine is not None:
            await engine.aclose(drain_seconds=drain_seconds)

    def _opened(self) -> MemoryEngine:
        with self._lock:
            if self._engine is None:
                address = str(self._address)
                self._engine = duramen.open(address, **(self._options if _is_server(address) else {}))
            return self._engine

    def _prepared(self) -> None:
        try:
            engine = self._opened()
            engine.portal.submit(engine.open())
        except (duramen.DuramenError, OSError, RuntimeError) as error:
            log.debug("the memory could not be opened ahead of the first turn: %s", error)


def _is_server(address: str) -> bool:
    return urlsplit(address.strip()).scheme.casefold() in ("http", "https")
