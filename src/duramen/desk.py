"""Where the parts of an engine beside its verbs work: its loop, its life, its parts, and the one way into its journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from duramen.errors import BadContentError, EmbedderMismatchError
from duramen.namespaces import own_variables
from duramen.protocols import Appended
from duramen.shelf import OF_BANKS, Change, Entry, Path, Remove, Shelf
from duramen.stages import stage
from duramen.types import Event

if TYPE_CHECKING:
    from duramen.life import Life, Parts
    from duramen.portal import Portal

BANKS = OF_BANKS[0]
"""What belongs to a bank on the shelf stands at `(BANKS, bank, …)`, and goes with it."""

_AT_ONCE = 500


def place_of(bank: str, what: str) -> Path:
    """Return the path at which `what` of `bank` stands on the shelf, such as its documents."""
    return (BANKS, bank, what)


async def what_of(shelf: Shelf, banks: Sequence[str], what: str) -> AsyncIterator[Entry]:
    """Yield what stands at `place_of(bank, what)` of each of `banks`, which are in order; some of the banks at once."""
    for begin in range(0, len(banks), _AT_ONCE):
        for entry in await shelf.across((BANKS,), banks[begin : begin + _AT_ONCE], (what,)):
            yield entry


def all_of(bank: str) -> Remove:
    """Return what removes all that belongs to `bank` from the shelf."""
    return Remove(path=(BANKS, bank), below=True)


class Desk:
    """What documents, tasks and the others are given: `portal`, `life` and `parts` are those of their engine."""

    def __init__(self, portal: Portal, life: Life, parts: Parts) -> None:
        self.portal = portal
        self.life = life
        self.parts = parts
        self._follow: list[Callable[[str], Awaitable[object]]] = []
        self._follow_filing: list[Callable[[str], Awaitable[object]]] = []

    def after_forgetting(self, follow: Callable[[str], Awaitable[object]]) -> None:
        """Let `follow` be awaited with the name of a bank, after something was taken away from it."""
        self._follow.append(follow)

    async def forgotten(self, bank: str) -> None:
        """Say that something was taken away from `bank`."""
        for follow in self._follow:
            await follow(bank)

    def after_filing(self, follow: Callable[[str], Awaitable[object]]) -> None:
        """Let `follow` be awaited with the name of a bank, after a record was put into it by hand."""
        self._follow_filing.append(follow)

    async def filed(self, bank: str) -> None:
        """Say that a record was put into `bank` by hand."""
        for follow in self._follow_filing:
            await follow(bank)

    async def shelf(self) -> Shelf:
        """Return the shelf, with the store open."""
        await self.life.worker()
        return self.parts.store.shelf

    async def append(
        self,
        bank: str,
        events: Sequence[Event],
        *,
        beyond: Sequence[str] = (),
        replayed: bool = False,
        shelved: Sequence[Change] = (),
    ) -> Appended:
        """Put events into the journal with a job for each active strategy, and wake the worker; see `Journal.append`.

        Raises:
            BadContentError: A strategy needs something of them that is missing.
            EmbedderMismatchError: The bank belongs to another embedder.
            ChangedError: An `Expect` among `shelved` does not hold.
        """
        worker = await self.life.worker()
        with stage("retain", "append"):
            strategies = await self.following(bank, events)
            appended = await self.parts.store.append(
                bank, events, beyond=beyond, replayed=replayed, strategies=strategies, shelved=shelved
            )
        worker.wake()
        return appended

    async def following(self, bank: str, events: Sequence[Event]) -> list[str]:
        """Return the names of the strategies of `bank`, having made sure that it can take `events`, and they file them."""
        await self._check_embedder(bank)
        strategies = await self.parts.book.active(bank)
        for strategy in strategies:
            for variable in own_variables(strategy.namespaces):
                if not all(event.metadata.get(variable, "").strip() for event in events):
                    raise BadContentError(
                        f"Strategy {strategy.name!r} files at {strategy.namespace!r}, and the metadata has no "
                        f"{variable!r}, or a blank one. Give `metadata={{{variable!r}: …}}`. Nothing was retained."
                    )
        return [strategy.name for strategy in strategies]

    async def _check_embedder(self, bank: str) -> None:
        version = await self.parts.store.version(bank)
        if version is not None and version.embedder not in (None, self.parts.embedder.name):
            raise EmbedderMismatchError(bank, kept=str(version.embedder), given=self.parts.embedder.name)
