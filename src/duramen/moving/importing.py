"""Taking in what was exported: whole batches, each once in effect, with a note of how far it got."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike, fspath

from duramen.desk import Desk
from duramen.errors import BadInputError, EmbedderMismatchError
from duramen.following import Progress
from duramen.identity import bank_name
from duramen.ledger import Adopted, Job
from duramen.moving.places import going_on, renamed
from duramen.moving.reaching import desk_of
from duramen.moving.reading import Begun, Contents, Read, Revision, Said, contents_of, read_lines
from duramen.naming import digest
from duramen.portal import on_own_loop
from duramen.shelf import Change, Entry, Path, Put, Remove
from duramen.times import utc_now
from duramen.turns.source import AnyMemory
from duramen.types import Event, Memory

IMPORTS: Path = ("duramen.imports",)
"""Where it is noted how far imports got that have not ended."""

_AT_ONCE = 200
_MOST = 4 * 2**20  # bytes of lines that are taken in together


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was taken in, or would be.

    Attributes:
        banks: By the name that a bank has here, how many lines of each kind are of it.
        there: Those of them that were there before.
        replaced: How many events took the place of others of the same id.
        lines: How many lines the file has, and `before` how many an import had taken in before it was broken off.
    """

    banks: Mapping[str, Mapping[str, int]]
    there: tuple[str, ...] = ()
    replaced: int = 0
    lines: int = 0
    before: int = 0
    about: Mapping[str, object] = field(default_factory=dict)


async def import_file(
    memory: AnyMemory,
    path: str | PathLike[str],
    *,
    rename: Mapping[str, str] | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Take in a file that `export` wrote: first all of it is looked at, then batch by batch is kept.

    Events go through the journal, with their ids, keys and times, so that memories are made of them here, by this embedder.
    What strategies made and did is put back as it was, and they do not work the events through again. What stands on the
    shelf is put back by value, with its times. So the file wins over what is there, and the same file twice is one.

    Broken off at any point, it goes on where it was when it is begun again with the same file and the same names.

    Args:
        memory: What `duramen.open` or `duramen.open_sync` returned.
        path: The file, packed by gzip or not.
        rename: Other names for banks, by the name in the file.
        dry_run: Change nothing, and return what would come.
        progress: Called with the lines that are done, and how many there are.

    Raises:
        BadFileError: The file is damaged or cut off, or was written by a newer Duramen. Nothing was changed.
        BadInputError: A bank is to be renamed that the file does not have, or two banks would be one.
        EmbedderMismatchError: A bank of the file is there already, and is of another embedder. Nothing was changed.
        StoreError: The store did not keep a batch; those before are kept.
    """
    names = {bank_name(old): bank_name(new) for old, new in (rename or {}).items()}
    return await _Importer(desk_of(memory), fspath(path), names, progress).run(dry_run=dry_run)


class _Importer:
    def __init__(self, desk: Desk, path: str, rename: Mapping[str, str], progress: Progress | None) -> None:
        self.portal = desk.portal
        self._desk = desk
        self._path = path
        self._rename = rename
        self._progress = progress

    @on_own_loop
    async def run(self, *, dry_run: bool) -> Imported:
        contents = await asyncio.to_thread(contents_of, self._path)
        banks = self._named(contents)
        there = await self._there(list(banks))
        if dry_run:
            return Imported(banks=banks, there=there, lines=contents.lines, about=contents.about)
        note = _Note(contents, self._rename)
        before = await note.line(self._desk)
        replaced = await self._taken(contents, note, before)
        await self._desk.parts.store.shelf.write([note.removal])
        return Imported(
            banks=banks,
            there=there,
            replaced=replaced,
            lines=contents.lines,
            before=before,
            about=contents.about,
        )

    def _named(self, contents: Contents) -> dict[str, Mapping[str, int]]:
        """Return what is in the file, by the names that banks are to have here."""
        for old in self._rename:
            if old not in contents.counts:
                known = ", ".join(map(repr, sorted(contents.counts)[:20])) or "none"
                raise BadInputError(f"There is no bank {old!r} in {self._path}; it has {known}. Nothing was changed.")
        named: dict[str, Mapping[str, int]] = {}
        for old, counts in contents.counts.items():
            new = self._rename.get(old, old)
            if new in named:
                raise BadInputError(f"Two banks would be called {new!r}. Rename one to another. Nothing was changed.")
            named[new] = counts
        return named

    async def _there(self, banks: Sequence[str]) -> tuple[str, ...]:
        """Return which banks are there, having made sure that they are of this embedder."""
        await self._desk.life.worker()
        embedder, there = self._desk.parts.embedder.name, list[str]()
        for bank in banks:
            version = await self._desk.parts.store.version(bank)
            if version is None:
                continue
            if version.embedder not in (None, embedder):
                raise EmbedderMismatchError(bank, kept=str(version.embedder), given=embedder)
            there.append(bank)
        return tuple(there)

    async def _taken(self, contents: Contents, note: _Note, before: int) -> int:
        worker, replaced = await self._desk.life.worker(), 0
        batches = _batches(read_lines(self._path, after=before))
        while batch := await asyncio.to_thread(next, batches, None):
            bank = self._rename.get(batch[0].bank, batch[0].bank)
            replaced += await self._kept(bank, [one.said for one in batch], note.at(batch[-1].line))
            worker.wake()
            if self._progress is not None:
                self._progress(batch[-1].line, contents.lines)
        (await self._desk.life.strategists()).wake()
        if self._progress is not None:
            self._progress(contents.lines, contents.lines)
        return replaced

    async def _kept(self, bank: str, said: Sequence[Said], note: Change) -> int:
        """Keep what the lines of one kind say, in one transaction with how far it got; return how many were replaced."""
        parts = self._desk.parts
        if isinstance(said[0], Event):
            events = [replace(one, bank=bank) for one in said if isinstance(one, Event)]
            return (await parts.store.append(bank, events, shelved=[note])).replaced
        adopted, more = await self._adopted(bank, said)
        if adopted is None:
            await parts.store.shelf.write([note])
        else:
            await parts.store.adopt(bank, adopted, embedder=parts.embedder.name, shelved=[*more, note])
        return 0

    async def _adopted(self, bank: str, said: Sequence[Said]) -> tuple[Adopted | None, Sequence[Change]]:
        """Return what is to be adopted, None if nothing, and what goes with it."""
        if isinstance(said[0], Begun):
            return Adopted() if said[0].retained else None, ()
        if isinstance(said[0], Entry):
            entries = [renamed(one, bank) for one in said if isinstance(one, Entry)]
            return Adopted(entries=entries), [change for entry in entries for change in going_on(entry)]
        records = [one for one in said if isinstance(one, Revision)]
        return Adopted(
            memories=await self._desk.parts.retain.indexed([one for one in said if isinstance(one, Memory)]),
            records=[one.record for one in records],
            sources={memory: events for one in records for memory, events in one.rests.items()},
            jobs=[one for one in said if isinstance(one, Job)],
        ), ()


class _Note:
    """How far an import got, as it stands on the shelf."""

    def __init__(self, contents: Contents, rename: Mapping[str, str]) -> None:
        self._key = digest(contents.digest, json.dumps(rename, sort_keys=True))

    def at(self, line: int) -> Put:
        """Return what notes that all up to this line is kept."""
        value = {"line": line, "at": utc_now().isoformat()}
        return Put(path=IMPORTS, key=self._key, value=json.dumps(value).encode())

    @property
    def removal(self) -> Remove:
        """What takes the note away."""
        return Remove(path=IMPORTS, key=self._key)

    async def line(self, desk: Desk) -> int:
        """Return how far it got."""
        (entry,) = await (await desk.shelf()).get([(IMPORTS, self._key)])
        return 0 if entry is None else int(json.loads(entry.value)["line"])


def _batches(lines: Iterator[Read]) -> Iterator[list[Read]]:
    """Yield lines of one bank and one kind together."""
    batch: list[Read] = []
    size = 0
    for line in lines:
        beside = batch and batch[0].bank == line.bank and type(batch[0].said) is type(line.said)
        if batch and not (beside and len(batch) < _AT_ONCE and size + line.size <= _MOST):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += line.size
    if batch:
        yield batch
