"""What every store does alike with memories that are put at their namespaces by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from duramen.errors import BadInputError, ChangedError
from duramen.ledger import Filing
from duramen.stores.common import check_embedder
from duramen.stores.revising import Book, forget_made
from duramen.types import Indexed, Memory


def check_filed(filed: Sequence[Indexed]) -> None:
    """Raise `BadInputError` unless each of `filed` says where it belongs."""
    for memory in (indexed.memory for indexed in filed):
        place = memory.namespace or ""
        if not memory.strategy or not (place.startswith("/") and place.endswith("/")):
            raise BadInputError(
                f"The memory {memory.id!r} has the strategy {memory.strategy!r} and the namespace {memory.namespace!r}. "
                f"Give the name of a strategy, and a path with a slash at both ends; nothing was put."
            )


def check_there(book: Book | None, there: Sequence[Memory]) -> None:
    """Raise `ChangedError` unless each of `there` is in the bank exactly so; None stands for a bank that is not."""
    for memory in there:
        if book is None or book.find(memory.id) != replace(memory, bank=book.bank):
            raise ChangedError(
                f"The memory {memory.id!r} is not what it was when it was read. Nothing was changed; read it again."
            )


def makes_bank(filed: Sequence[Indexed]) -> bool:
    """Tell whether a bank is to be created for it: not for what only takes the place of others."""
    return any(not indexed.memory.sources for indexed in filed)


def file(book: Book, filed: Sequence[Indexed], removed: Sequence[str], *, embedder: str) -> Filing:
    """Put and take away; see `Ledger.file`.

    Raises:
        EmbedderMismatchError: Before anything was done.
    """
    if filed:
        check_embedder(book.bank, book.version, embedder, filed)
    gone = _take(book, removed)
    put = [one for one in {one.memory.id: one for one in filed}.values() if _may_be_put(book, one.memory)]
    for indexed in put:
        memory = replace(indexed.memory, bank=book.bank)
        before = book.find(memory.id)
        if before is not None:
            _interrupt(book, before)
            book.remove(before.id)
        book.add(replace(indexed, memory=memory), embedder=embedder)
    return Filing(put=tuple(indexed.memory.id for indexed in put), removed=tuple(gone))


def _take(book: Book, removed: Sequence[str]) -> list[str]:
    found = [memory for one in dict.fromkeys(removed) if (memory := book.find(one)) is not None]
    for memory in found:
        _interrupt(book, memory)
    gone = [memory.id for memory in found]
    forget_made(book, gone)
    return gone


def _interrupt(book: Book, memory: Memory) -> None:
    if memory.strategy is not None:
        book.interrupt(memory.strategy)


def _may_be_put(book: Book, memory: Memory) -> bool:
    if not memory.sources:
        return True
    return book.find(memory.id) is not None and set(memory.sources).issubset(book.sources(memory.id))
