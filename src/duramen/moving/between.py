"""Moving banks from one store to another as they stand: no text is embedded anew, and no model is loaded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TypeAlias

from duramen.copying import Copying, CopyingStorage, Part
from duramen.errors import AddressError, ConflictError, NotFoundError
from duramen.identity import Bank, bank_name
from duramen.moving.between_batch import Changed
from duramen.moving.between_beside import beside, pass_beside, pass_with
from duramen.moving.between_notes import banks_from, note_of
from duramen.moving.between_parts import PARTS, Piece, entries_of, marks, pieces
from duramen.moving.between_pass import BankPass, origin_of
from duramen.moving.places import banks_on
from duramen.opening import store_at
from duramen.protocols import Storage
from duramen.stores.in_memory import InMemoryStore
from duramen.stores.sqlite import SQLiteStore
from duramen.stores.sqlite.store import FILE_NAME
from duramen.types import BankSummary

Where: TypeAlias = "str | PathLike[str] | Storage"

Told: TypeAlias = Callable[[str, int, int], None]
"""Called with what is done just now ("copying", "checking"), how much of it is done, and how much there is."""

PASSES = 5
"""How often the source is looked at for what came meanwhile, before the rest is told as newer."""

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Sum:
    """How many pieces there are, and the sum of their digests: the same in every store that holds the same."""

    count: int = 0
    sum: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One bank on both sides, part by part; `bank` is None for what stands beside the banks."""

    bank: str | None
    source: Mapping[Part, Sum]
    target: Mapping[Part, Sum]

    @property
    def differing(self) -> tuple[Part, ...]:
        """The parts that are not the same."""
        return tuple(part for part in PARTS if self.source.get(part) != self.target.get(part))


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What was moved, or would be.

    Attributes:
        source: Names the store it came from; `target` the one it went to.
        banks: By name how many pieces of each part were copied; None names what stands beside the banks.
        gone: Likewise, how many went at the target because they are gone at the source.
        newer: Likewise, how many are newer at the source: it is written all the time. Move again to catch up.
        compared: Each bank on both sides; nothing after a dry run.
        passes: How often the source was looked at.
    """

    source: str
    target: str
    banks: Mapping[str | None, Mapping[Part, int]]
    gone: Mapping[str | None, Mapping[Part, int]] = field(default_factory=dict)
    newer: Mapping[str | None, Mapping[Part, int]] = field(default_factory=dict)
    compared: tuple[Compared, ...] = ()
    passes: int = 1

    @property
    def mismatched(self) -> tuple[Compared, ...]:
        """What is not the same on both sides, though nothing is newer at the source."""
        return tuple(one for one in self.compared if one.differing and one.bank not in self.newer)


async def move(  # noqa: PLR0913  each is an option of the command
    source: Where,
    target: Where,
    *,
    banks: Sequence[Bank] | None = None,
    shelf: bool = True,
    dry_run: bool = False,
    told: Told | None = None,
    passes: int = PASSES,
) -> Moved:
    """Copy banks as they stand to another store, with what strategies made and did, jobs, shelf and marks, and compare.

    Begun again after it was broken off, or when the source was written since, only what is new is copied, and what was
    forgotten or superseded at the source goes or is superseded at the target. The source is only read, and may be written
    meanwhile; at the target nobody may retain in these banks before the last move.

    Args:
        source: A directory, `sqlite:///…`, `postgresql://…`, or a store.
        target: Likewise.
        banks: Which; if None all, and what stands on the shelf beside them.
        shelf: Whether that is moved, too.
        dry_run: Change nothing, and return what would be moved.
        told: Called as it goes on.
        passes: See `PASSES`.

    Raises:
        ConflictError: A bank stands at the target that did not come from this source, or was changed there since.
        NotFoundError: There is no such bank, or no store at the source.
        StoreError: A store cannot be reached. What was copied stays, and the next move goes on there.
    """
    async with _both(source, target, writes=not dry_run) as (one, other):
        mover = _Mover(one, other, None if banks is None else [bank_name(bank) for bank in banks], shelf, told)
        return await mover.moved(writes=not dry_run, passes=passes)


async def check(
    source: Where,
    target: Where,
    *,
    banks: Sequence[Bank] | None = None,
    shelf: bool = True,
    told: Told | None = None,
) -> tuple[Compared, ...]:
    """Compare banks on both sides by counts and sums, and change nothing. See `move`."""
    async with _both(source, target, writes=False) as (one, other):
        mover = _Mover(one, other, None if banks is None else [bank_name(bank) for bank in banks], shelf, told)
        return await mover.compared()


class _Mover:
    def __init__(
        self, source: _Named, target: _Named, banks: Sequence[str] | None, shelf: bool, told: Told | None
    ) -> None:
        self._from = source
        self._to = target
        self._source = source.store
        self._target = target.store
        self._banks = banks
        self._shelf = shelf and banks is None
        self._told = told
        self._doing = ("", 0, 0)

    async def moved(self, *, writes: bool, passes: int) -> Moved:
        there = await self._there()
        await self._refuse(there)
        changed: dict[str | None, Changed] = {}
        done, newer = 0, dict[str | None, Mapping[Part, int]]()
        compared: tuple[Compared, ...] = ()
        while True:
            done += 1
            found = await self._pass(there, writes=writes)
            for bank, one in found.items():
                known = changed.setdefault(bank, Changed())
                known.copied.update(one.copied)
                known.gone.update(one.gone)
            if not writes:
                break
            still = await self._there()
            if still != there and done < passes:
                there = still
                continue
            compared = await self.compared(still)
            differing = [one for one in compared if one.differing]
            if not differing:
                break
            if done >= passes or (done > 1 and not any(found.values())):
                left = await self._pass(still, writes=False)
                newer = {bank: one.all for bank, one in left.items() if one}
                break
            there = still
        return Moved(
            source=self._from.name,
            target=self._to.name,
            banks={bank: dict(one.copied) for bank, one in changed.items()},
            gone={bank: dict(one.gone) for bank, one in changed.items() if one.gone.total()},
            newer=newer,
            compared=compared,
            passes=done,
        )

    async def compared(self, there: Mapping[str, BankSummary | None] | None = None) -> tuple[Compared, ...]:
        """Compare all on both sides."""
        there = await self._there() if there is None else there
        self._begin("checking", 2 * _size(there))
        found = []
        for bank in there:
            sums = [await self._sums(store, bank) for store in (self._source, self._target)]
            found.append(Compared(bank=bank, source=sums[0], target=sums[1]))
        known = {mark async for mark in marks(self._source)}
        copied = known & {mark async for mark in marks(self._target)}
        source: dict[Part, Sum] = {"marks": _sum(known)}
        target: dict[Part, Sum] = {"marks": _sum(copied)}
        if self._shelf:
            for sums_of, store in ((source, self._source), (target, self._target)):
                sums_of["entries"] = _sum([piece.digest async for piece in beside(store)])
        return (*found, Compared(bank=None, source=source, target=target))

    async def _sums(self, store: CopyingStorage, bank: str) -> dict[Part, Sum]:
        found: dict[Part, Sum] = {}
        for part in PARTS:
            if part != "marks":
                found[part] = _sum([piece.digest async for piece in self._counted(pieces(store, bank, part), part)])
        return found

    async def _counted(self, found: AsyncIterator[Piece], part: Part) -> AsyncIterator[Piece]:
        async for piece in found:
            if part in ("events", "memories"):
                self._step(1)
            yield piece

    async def _pass(self, there: Mapping[str, BankSummary | None], *, writes: bool) -> dict[str | None, Changed]:
        self._begin("copying" if writes else "looking", _size(there))
        found: dict[str | None, Changed] = {}
        for bank, summary in there.items():
            one = BankPass(self._source, self._target, bank, name=self._from.name, writes=writes, step=self._step)
            found[bank] = await one.run(None if summary is None else summary.created)
            if self._banks is not None:
                rest = await pass_with(self._source, self._target, bank, name=self._from.name, writes=writes)
                found[bank].copied.update(rest.copied)
        found[None] = await pass_beside(
            self._source, self._target, name=self._from.name, writes=writes, shelf=self._shelf
        )
        return found

    async def _there(self) -> dict[str, BankSummary | None]:
        """Return the banks that are to be moved; None where nothing was retained in one."""
        found: dict[str, BankSummary | None] = dict.fromkeys(await banks_on(self._source.shelf))
        cursor: str | None = None
        while True:
            page = await self._source.banks(cursor=cursor, limit=_AT_ONCE)
            found.update({summary.name: summary for summary in page.items})
            cursor = page.next
            if cursor is None:
                break
        moved = await banks_from(self._target, self._from.name)
        for bank in self._banks or ():
            if bank not in found and bank not in moved:
                raise NotFoundError(f"There is no bank {bank!r} at {self._from.name}. Nothing was changed.")
        found = dict.fromkeys(moved) | found
        names = sorted(found) if self._banks is None else self._banks
        return {name: found[name] for name in names}

    async def _refuse(self, there: Mapping[str, BankSummary | None]) -> None:
        """Refuse banks that stand at the target and did not come from this source."""
        for bank, summary in there.items():
            note = await note_of(self._target, bank)
            if note is not None and note.source == self._from.name:
                continue
            version = await self._source.version(bank)
            origin = origin_of(version, None if summary is None else summary.created)
            ours = note is not None and origin is not None and note.origin == origin
            if not ours and await self._stands(bank):
                raise ConflictError(
                    f"Bank {bank!r} stands at {self._to.name} already, and was not moved there from {self._from.name}. "
                    f"Nothing was changed. Forget it there first, or name the other banks with `--bank`."
                )

    async def _stands(self, bank: str) -> bool:
        if await self._target.version(bank) is not None:
            return True
        async for _ in entries_of(self._target, bank):
            return True
        return False

    def _begin(self, what: str, total: int) -> None:
        self._doing = (what, 0, total)
        self._step(0)

    def _step(self, count: int) -> None:
        what, done, total = self._doing
        done += count
        self._doing = (what, done, max(done, total))
        if self._told is not None:
            self._told(*self._doing)


@dataclass(frozen=True, slots=True)
class _Named:
    store: CopyingStorage
    name: str


@asynccontextmanager
async def _both(source: Where, target: Where, *, writes: bool) -> AsyncIterator[tuple[_Named, _Named]]:
    """Open both stores; those that are given as such stay open. What is not to be written is not made, either."""
    one, other = _named(source), _named(target)
    if one.name == other.name or one.store is other.store:
        raise AddressError(f"Source and target are the same, {one.name}. Nothing was moved.")
    if _is_missing(one.store):
        raise NotFoundError(f"There is no memory at {one.name}. Nothing was moved.")
    if not writes and _is_missing(other.store):
        other = _Named(InMemoryStore(), other.name)
    async with AsyncExitStack() as stack:
        for named, given in ((one, source), (other, target)):
            await named.store.open()
            if named.store is not given:
                stack.push_async_callback(named.store.aclose)
        yield one, other


def _is_missing(store: CopyingStorage) -> bool:
    return isinstance(store, SQLiteStore) and not (store.directory / FILE_NAME).exists()


def _named(where: Where) -> _Named:
    store = store_at(where) if isinstance(where, str | PathLike) else where
    if not isinstance(store, Copying):
        raise AddressError(f"{type(store).__name__} cannot be moved from or to: it is no `duramen.copying.Copying`.")
    if isinstance(store, SQLiteStore):
        return _Named(store, str(Path(store.directory).resolve()))
    address = getattr(store, "address", None)
    if address is not None:
        return _Named(store, str(address.shown))
    return _Named(store, f"{type(store).__name__} {id(store):x}")


def _size(there: Mapping[str, BankSummary | None]) -> int:
    return sum(summary.events + summary.memories for summary in there.values() if summary is not None)


def _sum(digests: Iterable[bytes]) -> Sum:
    count, total = 0, 0
    for digest in digests:
        count += 1
        total += int.from_bytes(digest, "little")
    return Sum(count, f"{total % 2**128:032x}") if count else Sum()
