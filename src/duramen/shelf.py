"""What frameworks keep by key beside the banks: checkpoints, sessions, the items of a store. Nothing of it is recalled.

A *shelf* is a sorted table of bytes in the store of the memories, so that one directory holds the conversation and what
was learned from it. An *entry* stands at a path, which is compared segment by segment: `("users",)` is no prefix of
`("users2",)`. The first segment names whose entries they are, such as `langgraph.checkpoints`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

Path: TypeAlias = tuple[str, ...]
"""One or more segments of any text; no two paths are alike, whatever characters their segments hold."""

Place: TypeAlias = tuple[Path, str]
"""A path and a key: where one entry stands. Places are ordered by path, segment by segment, and then by key, both by
code point."""

OF_BANKS = ("duramen.banks", "duramen.sessions", "duramen.sessions.keys", "duramen.sessions.branches")
"""What paths begin with whose second segment is the name of a bank: what stands there belongs to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What stands on a shelf.

    Attributes:
        created: When it was first put there; `updated` is when it was last.
        expires: From when on it is gone; None for never.
        lifetime: Seconds from a put or a touch until it expires; None for never.
    """

    path: Path
    key: str
    value: bytes
    created: datetime
    updated: datetime
    expires: datetime | None = None
    lifetime: float | None = None

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.path, self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Let `value` stand at a place, in the stead of what stood there.

    Attributes:
        lifetime: Seconds until it expires, above 0; None for never.
        keep: Leave what stands there already as it is.
    """

    path: Path
    key: str
    value: bytes
    lifetime: float | None = None
    keep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """Let the lifetime of an entry begin anew; nothing if there is none, or it has none. `updated` stays."""

    path: Path
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Take entries away.

    Attributes:
        key: The one entry at `path` with this key; None for all at `path`.
        below: With `key` None: those at every longer path that begins with `path`, too.
    """

    path: Path
    key: str | None = None
    below: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """Change nothing, and let nothing be changed unless exactly `value` stands at a place, or nothing if it is None.

    What was read before is so still true when it is written: read, decide, and write behind an `Expect`; when that raises
    `ChangedError`, begin anew.
    """

    path: Path
    key: str
    value: bytes | None


Change: TypeAlias = "Put | Touch | Remove | Expect"


class Shelf(Protocol):
    """Sorted entries, in transactions. An expired entry is as good as gone at once, and is deleted some time later.

    Segments and keys are text that can be stored: NUL and lone surrogates raise `BadInputError`, as does an empty path.
    Every method raises `StoreUnavailableError` when the store cannot be reached, and `ClosedError` after it was closed.
    """

    async def write(self, changes: Sequence[Change]) -> None:
        """Make all `changes`, in order, or none: one transaction, on disk when this returns.

        Raises `ChangedError` if an `Expect` among them does not hold as things stand before; then nothing was changed,
        also of what else was to be done in the same transaction (see `Journal.append` and `Store.forget`).
        """

    async def get(self, places: Sequence[Place]) -> list[Entry | None]:
        """Return the entries at `places`, in their order, with None where none is; one snapshot."""

    async def scan(
        self,
        path: Path,
        *,
        below: bool = False,
        after: Place | None = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[Entry]:
        """Return entries in the order of their places.

        Args:
            path: Those that stand here; with `below`, at every longer path that begins with it too.
            below: See `path`.
            after: Only those behind this place, in the order asked for. Nothing need stand there.
            reverse: Last place first.
            limit: At most this many, 1 or more.
        """

    async def paths(self, path: Path) -> list[Path]:
        """Return the paths at which something stands: `path` itself and those below it, in order, each once."""

    async def segments(self, path: Path, *, prefix: str = "") -> list[str]:
        """Return the segments next to `path` of the longer paths at which something stands, in order, each once.

        Args:
            path: What the longer paths begin with.
            prefix: Only segments that begin with this text.
        """

    async def across(self, path: Path, segments: Collection[str], rest: Path = ()) -> list[Entry]:
        """Return what stands at `(*path, segment, *rest)` for any of `segments`, in the order of places; one snapshot."""
