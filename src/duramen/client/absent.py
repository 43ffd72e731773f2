"""What a memory behind a server lacks, and says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from duramen.engine import MemoryEngine
from duramen.errors import UnsupportedError
from duramen.language_model import Models
from duramen.ledger import Job, Revised
from duramen.strategy import Strategy
from duramen.types import Event, Page

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

PARTS = (
    "shelf",
    "sessions",
    "documents",
    "record_stream",
    "records",
    "curation",
    "tasks",
    "webhooks",
    "profiles",
    "templates",
    "observations",
    "mental_models",
    "pages",
    "views",
)
"""The parts of an embedded memory that are not reached from here."""

_SERVER = "Ask the server by its own client, or open the memory where it lives."


class Absent:
    """Stands for a part that is not there: whatever is asked of it is an `UnsupportedError`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> NoReturn:
        """Say that there is no such part; a name of Python's own is simply not there."""
        if name.startswith("_"):
            raise AttributeError(name)
        raise UnsupportedError(f"`{self._name}.{name}`", _SERVER)


class Lacking(MemoryEngine):
    """The verbs of a memory that none behind a server has."""

    async def events(self, *_: Any, **__: Any) -> Page[Event]:
        """Raise: a server gives what it made of events, not the events."""
        raise UnsupportedError("`events`", "`memories` lists what was made of them.")

    async def strategies(self, *_: Any, **__: Any) -> Sequence[Strategy]:
        """Raise: see `duramen serve`."""
        raise UnsupportedError("`strategies`", _SERVER)

    async def jobs(self, *_: Any, **__: Any) -> Page[Job]:
        """Raise."""
        raise UnsupportedError("`jobs`", "`status` counts what is pending.")

    async def revisions(self, *_: Any, **__: Any) -> Page[Revised]:
        """Raise."""
        raise UnsupportedError("`revisions`", _SERVER)

    async def undo(self, *_: Any, **__: Any) -> Revised:
        """Raise."""
        raise UnsupportedError("`undo`", _SERVER)

    async def retry_jobs(self, *_: Any, **__: Any) -> int:
        """Raise."""
        raise UnsupportedError("`retry_jobs`", "`retry` has the server try again what failed.")

    async def backfill(self, *_: Any, **__: Any) -> int:
        """Raise."""
        raise UnsupportedError("`backfill`", _SERVER)

    async def reembed(self, *_: Any, **__: Any) -> int:
        """Raise."""
        raise UnsupportedError("`reembed`", "Its embedder is the server's own affair.")

    async def embed(self, *_: Any, **__: Any) -> npt.NDArray[np.float32]:
        """Raise."""
        raise UnsupportedError("`embed`", "Embed with an embedder of your own, such as `duramen.MiniLMEmbedder()`.")

    @property
    def models(self) -> Models:
        """Raise."""
        raise UnsupportedError("`models`", "The language model is the server's own affair.")

    @property
    def embedder(self) -> str:
        """What stands for the embedder of the server, whose name it does not tell."""
        return "remote"
