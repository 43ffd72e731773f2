"""What every store does alike with what was made elsewhere: keeping it as it was, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import replace

from duramen.ledger import Adopted, Record
from duramen.stores.common import check_embedder
from duramen.stores.revising import Book


def makes_bank(adopted: Adopted) -> bool:
    """Tell whether a bank is to be created for it: for entries alone none is."""
    rest = (adopted.memories, adopted.records, adopted.sources, adopted.jobs)
    return any(rest) or not adopted.entries


def adopt(book: Book, adopted: Adopted, *, embedder: str) -> int:
    """Keep memories and records as they were; return how many memories. See `Ledger.adopt`; jobs and entries are not done.

    Raises:
        EmbedderMismatchError: Before anything was done.
    """
    check_embedder(book.bank, book.version, embedder, adopted.memories)
    count = 0
    for indexed in adopted.memories:
        memory = replace(indexed.memory, bank=book.bank)
        if book.find(memory.id) is None and not book.naming(memory.id):
            book.add(replace(indexed, memory=memory), embedder=embedder)
            book.link(memory.id, memory.sources)
            count += 1
    for name, events in adopted.sources.items():
        book.link(name, events)
    _keep(book, adopted.records)
    return count


def _keep(book: Book, records: Sequence[Record]) -> None:
    """Keep those of `records` that are not there yet, undone if they are."""
    there = Counter(
        _said(record)
        for memory in dict.fromkeys(record.told.memory for record in records)
        for record in book.naming(memory)
        if record.told.memory == memory
    )
    for record in records:
        said = _said(record)
        if there[said]:
            there[said] -= 1
            continue
        told = replace(record.told, number=0, bank=book.bank, undone=False)
        before = None if told.before is None else replace(told.before, bank=book.bank)
        book.keep(replace(record, told=replace(told, before=before)))
        if record.told.undone:
            book.mark_undone(max(one.told.number for one in book.naming(told.memory)))


def _said(record: Record) -> Hashable:
    told = record.told
    return (
        (told.strategy, told.version, told.decision, told.memory, told.other, told.text, told.reason, told.at),
        (record.since, record.sources, record.added),
    )
