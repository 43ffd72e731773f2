"""The engine in whatever memory an adapter was given. Light to import: adapters may be loaded before they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

from duramen.errors import BadInputError

if TYPE_CHECKING:
    from duramen.engine import MemoryEngine
    from duramen.sync import SyncMemoryEngine

AnyMemory: TypeAlias = "MemoryEngine | SyncMemoryEngine"
"""What `duramen.open` or `duramen.open_sync` gave."""


def engine_of(memory: object) -> MemoryEngine:
    """Return the engine in what `duramen.open` or `duramen.open_sync` gave.

    Raises:
        BadInputError: It is neither.
    """
    engine: Any = getattr(memory, "engine", memory)
    if hasattr(engine, "portal") and hasattr(engine, "tally"):
        return cast("MemoryEngine", engine)
    raise BadInputError(
        f"`memory` is a {type(memory).__name__}. Give what `duramen.open(…)` or `duramen.open_sync(…)` returned."
    )
