"""What mental models rest on that was forgotten, so that they say it no longer.

A store counts what is taken away of a bank, in the transaction that does it (`BankVersion.removals` and `revised`). A mental
model remembers the counts as they were when all that it rests on was there; when they have risen, nothing of it is shown
before it was checked. So it does not matter who forgot, or whether they were killed right after.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from duramen.mental_models.model import (
    Kept,
    Sentence,
    Source,
    as_plain,
    from_plain,
    history_of,
)
from duramen.mental_models.sentences import source_of
from duramen.protocols import Storage
from duramen.shelf import Change, Entry, Put
from duramen.times import utc_now
from duramen.types import BankVersion, Memory, Selection


@dataclass(frozen=True, slots=True)
class Before:
    """What a mental model said before, until `at` (microseconds)."""

    at: int
    sentences: tuple[Sentence, ...]

    def put(self, bank: str, id: str, number: int) -> Put:
        """Return what keeps it as the entry of that number in the history."""
        value = json.dumps([self.at, as_plain(self.sentences)], ensure_ascii=False).encode()
        return Put(path=history_of(bank, id), key=key_of(number), value=value)


def key_of(number: int) -> str:
    """Return the key of an entry of a history, so that they are in order."""
    return f"{number:012d}"


def before_in(entry: Entry) -> Before:
    """Read an entry of a history."""
    at, sentences = json.loads(entry.value)
    return Before(at, from_plain(sentences))


def mark_of(version: BankVersion | None) -> str:
    """Return what changes whenever something is taken away of a bank."""
    return "" if version is None else f"{version.number}.{version.removals}.{version.revised}"


async def memories_by_id(store: Storage, bank: str, ids: Iterable[str]) -> dict[str, Memory]:
    """Return those of the memories that are there."""
    found: dict[str, Memory] = {}
    for id in dict.fromkeys(ids):
        page = await store.memories(bank, Selection(memory=id), cursor=None, limit=1)
        found |= {memory.id: memory for memory in page.items}
    return found


async def forgotten_of(store: Storage, bank: str, sources: Iterable[Source]) -> set[Source]:
    """Return those of `sources` that were forgotten, or say something else now.

    A memory that another took the place of was not forgotten.
    """
    sources = set(sources)
    there = await memories_by_id(store, bank, sorted({source.id for source in sources}))
    gone: set[Source] = set()
    for source in sources:
        memory = there.get(source.id)
        if memory is not None:
            if source_of(memory.id, memory.text) != source:
                gone.add(source)
        elif not await _was_replaced(store, bank, source.id):
            gone.add(source)
    return gone


def without(sentences: Sequence[Sentence], gone: Collection[Source]) -> tuple[Sentence, ...]:
    """Return the sentences that rest on nothing of what is gone: what rests on several things may tell each."""
    return tuple(one for one in sentences if not any(source in gone for source in one.sources))


def cleaned(
    bank: str, id: str, kept: Kept, history: Sequence[Entry], gone: Collection[Source], mark: str
) -> tuple[Kept, list[Change]]:
    """Return a mental model without what was forgotten, and what changes it and its history."""
    changes: list[Change] = [kept.expected(bank, id)]
    for entry in history:
        before = before_in(entry)
        left = replace(before, sentences=without(before.sentences, gone))
        if left != before:
            changes.append(left.put(bank, id, int(entry.key)))
    after = replace(kept, checked=mark)
    sentences = without(kept.sentences, gone)
    if sentences != kept.sentences:
        after = replace(after, sentences=sentences, updated=utc_now(), seen=None)
    if len(changes) > 1 or sentences != kept.sentences:  # notes and trace may tell what was looked for
        after = replace(after, notes=(), trace=None)
    return after, [*changes, after.put(bank, id)]


async def _was_replaced(store: Storage, bank: str, memory: str) -> bool:
    cursor: str | None = None
    while True:
        page = await store.revisions(bank, memory=memory, cursor=cursor)
        if any(one.other == memory and one.decision == "update" and not one.undone for one in page.items):
            return True
        cursor = page.next
        if cursor is None:
            return False
