"""The seam below the stores over SQL: named queries, in transactions of a database. See `stores/sqlite` and its like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from duramen.shelf import Change, Path
from duramen.types import Indexed, Memory

T = TypeVar("T")


class Found(Protocol):
    """What a query gave. Cursors of Python's database drivers are such."""

    @property
    def rowcount(self) -> int:
        """How many rows were changed."""

    def fetchone(self) -> Any:
        """Return the next row as a tuple, or None."""

    def fetchall(self) -> list[Any]:
        """Return all other rows, as tuples."""

    def __iter__(self) -> Iterator[Any]:
        """Give the other rows one by one, as tuples."""

    def close(self) -> None:
        """Give the other rows up."""


class Statements(Protocol):
    """The queries of one database by name, within one transaction; of one bank if it was begun for one.

    Parameters are given by name. Lists are sets of values that a condition compares with.
    """

    def run(self, query: str, parameters: Mapping[str, Any]) -> Found:
        """Run a query."""

    def many(self, query: str, parameters: Sequence[Mapping[str, Any]]) -> int:
        """Run a query for each of `parameters`; return how many rows were changed in all."""

    def together(self) -> AbstractContextManager[object]:
        """Within, do not wait for what queries give, where waiting takes time; it is read afterwards."""

    def keep(self, memories: Sequence[tuple[int, Indexed]]) -> None:
        """Insert memories under row numbers, with all that they are searched by."""

    def keep_bare(self, number: int, memory: Memory) -> None:
        """Insert one that waits for its vectors."""

    def move(self, number: int, to: int, superseded: int | None) -> None:
        """Let a row go on under another number, with all that it is searched by."""

    def embed(self, number: int, to: int, superseded: int | None, indexed: Indexed) -> None:
        """Let a row that waits for its vectors go on under another number, with these."""

    def unembed(self, span: Mapping[str, int]) -> None:
        """Take the vectors of what strategies made, which waits for others from then on."""

    def mark_erasure(self) -> None:
        """Remember, in the transaction under way, that something was forgotten, where files have to be cleaned of it."""


Work = Callable[[Statements], T]


class Database(Protocol):
    """An open database. May be used from any thread and event loop of its process.

    `bank` and `homes` bind a transaction: it then reads and writes nothing else. Without either, it is over all banks.
    """

    async def write(
        self,
        work: Work[T],
        *,
        bank: str | None = None,
        homes: Sequence[str] = (),
        compared: Sequence[str] = (),
        erases: bool = False,
    ) -> T:
        """Run `work` in a transaction, and return its result once that is committed; an error undoes its changes.

        Args:
            work: May be run again if the transaction had to be given up.
            bank: See above.
            homes: Of what is changed on the shelf, beside the bank or alone; see `Homes`.
            compared: Those of them in which something is expected to stand as it was read.
            erases: Whether something is to be gone from the files, too.
        """

    async def read(self, work: Work[T], *, bank: str | None = None, homes: Sequence[str] = ()) -> T:
        """Run `work`, which may read much; all that it reads is of one moment."""

    async def peek(self, work: Work[T], *, bank: str | None = None, homes: Sequence[str] = ()) -> T:
        """Run `work`, which reads a few rows."""


class Homes(Protocol):
    """Tells with which bank the entries of a shelf are kept together."""

    def __call__(self, path: Path, *, below: bool = False) -> str | None:
        """Return the home of entries at a path, or with `below` of those there and below it; None if they have several."""


class HasDatabase(Protocol):
    """What the parts of a store need of it."""

    @property
    def database(self) -> Database:
        """The open database; raises `ClosedError` when there is none."""


class HasShelf(HasDatabase, Protocol):
    """What those parts need that change the shelf in their transactions."""

    def shelve(self, sql: Statements, changes: Sequence[Change]) -> None:
        """Make changes on the shelf, in the transaction under way."""

    def homes(self, changes: Sequence[Change]) -> Sequence[str]:
        """Return the homes of what is changed."""

    def compared(self, changes: Sequence[Change]) -> Sequence[str]:
        """Return the homes of what is expected to stand as it was read."""
