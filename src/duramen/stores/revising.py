"""What every store does alike with what strategies made: revising it, undoing that, and unmaking what rests on events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from duramen.ledger import Decision, Outcome, Record, Revised, Revision
from duramen.stores.common import check_embedder
from duramen.types import BankVersion, Indexed, Memory


class Book(Protocol):
    """What a store keeps of the memories that strategies made in one bank, within one transaction."""

    @property
    def version(self) -> BankVersion:
        """The version of the bank as it is now."""

    @property
    def bank(self) -> str:
        """The name of the bank."""

    def find(self, memory: str) -> Memory | None:
        """Return a memory that is there."""

    def add(self, indexed: Indexed, *, embedder: str) -> None:
        """Give a memory the next number; its id is free. Its sources are for `link`."""

    def add_bare(self, memory: Memory) -> None:
        """Add one that still waits for its vectors."""

    def remove(self, memory: str) -> int:
        """Take a memory away, not its sources; return how many that were, 0 or 1."""

    def supersede(self, memory: str, since: datetime | None) -> None:
        """Let a memory be no longer so since a moment, or hold again, under a new number; nothing if it is gone."""

    def sources(self, memory: str) -> Sequence[str]:
        """Return its sources, also if it was replaced or undone, in the order in which they came."""

    def link(self, memory: str, events: Iterable[str]) -> tuple[str, ...]:
        """Add sources to a memory; return those that are new."""

    def unlink(self, memory: str, events: Iterable[str] | None = None) -> None:
        """Take sources of a memory away, or all."""

    def made_from(self, events: Sequence[str]) -> Sequence[str]:
        """Return the ids of the memories with any of `events` as source, also of those replaced or undone."""

    def has_any(self, events: Sequence[str]) -> bool:
        """Tell whether any of these events is there."""

    def keep(self, record: Record) -> None:
        """Keep a record under the next number."""

    def record(self, number: int) -> Record | None:
        """Return a record by its number."""

    def naming(self, memory: str) -> Sequence[Record]:
        """Return the records that name a memory on either side, oldest first."""

    def repetitions_undone(self, events: Sequence[str]) -> Sequence[Record]:
        """Return the records of repetitions that were undone and came from any of `events`."""

    def drop(self, records: Iterable[Record]) -> None:
        """Delete records."""

    def mark_undone(self, number: int) -> None:
        """Mark a record as undone."""

    def lose(self, events: Sequence[str]) -> None:
        """Tell all who have an assignment in the bank that `events` are not what they were; it ends if it is of them."""

    def interrupt(self, strategy: str) -> None:
        """End the assignment that somebody has of a strategy: what was read for it is not so any more."""

    def drop_jobs(self, events: Sequence[str]) -> None:
        """Delete the jobs of events."""

    def think_again(self, strategy: str, events: Sequence[str]) -> None:
        """Make the jobs that a strategy has of `events` pending again, due now; those that are stay as they are."""


def revise(book: Book, strategy: str, revisions: Sequence[Revision], outcome: Outcome, now: datetime) -> None:
    """Do `revisions`, in order; see `Ledger.revise`.

    Raises:
        EmbedderMismatchError: Before anything was done.
    """
    if revisions:
        check_embedder(book.bank, book.version, outcome.embedder, [revision.made for revision in revisions])
    for revision in revisions:
        if revision.decision == "add" and revision.other is not None:
            _revise_late(book, strategy, revision, outcome, now)
        else:
            _revise(book, strategy, revision, outcome, now)


def _revise_late(book: Book, strategy: str, revision: Revision, outcome: Outcome, now: datetime) -> None:
    """Add a memory that another supersedes already; that is a record of its own, as if the other had come later."""
    newer = None if revision.other is None else book.find(revision.other)
    since = None if newer is None else revision.since or newer.mentioned
    made = replace(revision.made.memory, superseded=since)
    known = book.find(made.id) is not None
    _revise(book, strategy, replace(revision, made=replace(revision.made, memory=made), other=None), outcome, now)
    if newer is None or known:
        return
    told = Revised(
        number=0,
        bank=book.bank,
        strategy=strategy,
        version=outcome.version,
        decision="supersede",
        memory=newer.id,
        text=newer.text,
        other=made.id,
        reason=_text(revision.reason),
        at=now,
    )
    book.keep(Record(told=told, since=since))


def _revise(book: Book, strategy: str, revision: Revision, outcome: Outcome, now: datetime) -> None:
    made = revision.made.memory
    other, decision = _settled(book, revision)
    memory, before = made.id, None
    added: Sequence[str] = ()
    inherited: Sequence[str] = ()
    if decision == "skip" and other is not None:
        memory = other.id
        added = book.link(memory, made.sources)
    else:
        if decision == "update" and other is not None:
            book.remove(other.id)
            before = other if revision.undoable else None
            inherited = () if revision.undoable else _let_go(book, other.id)
        book.add(replace(revision.made, memory=replace(made, bank=book.bank)), embedder=outcome.embedder)
        book.link(made.id, (*made.sources, *inherited))
        if decision == "supersede" and other is not None:
            book.supersede(other.id, revision.since or made.mentioned)
    told = Revised(
        number=0,
        bank=book.bank,
        strategy=strategy,
        version=outcome.version,
        decision=decision,
        memory=memory,
        text=made.text,
        other=None if other is None else other.id,
        before=before,
        reason=_text(revision.reason),
        at=now,
    )
    since = (revision.since or made.mentioned) if decision == "supersede" else None
    book.keep(Record(told=told, since=since, sources=made.sources, added=tuple(added)))


def _text(reason: str) -> str:
    return reason.encode(errors="replace").decode()


def _settled(book: Book, revision: Revision) -> tuple[Memory | None, Decision]:
    """Return the other memory and what is done, as things are by now."""
    made = revision.made.memory
    there = book.find(made.id)
    if there is not None and not (revision.decision == "update" and revision.other == made.id):
        return there, "skip"
    other = None if revision.other is None or revision.decision == "add" else book.find(revision.other)
    return other, "add" if other is None else revision.decision


def _let_go(book: Book, memory: str) -> Sequence[str]:
    """Let go of a memory that was replaced for good; return its sources, which what replaced it rests on as well."""
    sources: list[str] = []
    for one in _with_replaced(book, [memory]):
        sources += book.sources(one)
        book.drop(book.naming(one))
        book.unlink(one)
    return sources


def undo(book: Book, number: int, restored: Indexed | None, *, embedder: str) -> bool:
    """Take a revision back; see `Ledger.undo`.

    Raises:
        EmbedderMismatchError: Before anything was done.
    """
    record = book.record(number)
    if record is None or record.told.undone or _was_replaced(book, record):
        return False
    told = record.told
    if told.before is not None and restored is not None:
        check_embedder(book.bank, book.version, embedder, [restored])
    book.mark_undone(number)
    if told.decision == "skip":
        others = (one for one in book.naming(told.memory) if one.told.memory == told.memory and not one.told.undone)
        said = {event for one in others for event in one.sources}
        book.unlink(told.memory, [event for event in record.added if event not in said])
    elif told.decision == "supersede" and told.other is not None:
        _hold_again(book, told.other)
    else:
        book.remove(told.memory)
        if told.before is not None:
            _restore(book, told, restored, embedder)
        if book.find(told.memory) is None:
            _free(book, told.memory)
    return True


def _free(book: Book, memory: str) -> None:
    """Let what a memory superseded that is gone now be superseded by what else does that, or hold again."""
    for record in book.naming(memory):
        if _supersedes(record, memory) and record.told.other is not None:
            book.mark_undone(record.told.number)
            _hold_again(book, record.told.other)


def _was_replaced(book: Book, record: Record) -> bool:
    told = record.told
    return told.decision != "skip" and any(
        one.keeps_other and one.told.other == told.memory and one.told.number > told.number
        for one in book.naming(told.memory)
    )


def _restore(book: Book, told: Revised, restored: Indexed | None, embedder: str) -> None:
    """Let a memory that was replaced be there again: by what was kept of it, which has no vectors, if need be."""
    before = told.before
    if before is None:
        return
    book.remove(before.id)
    if restored is None:
        book.add_bare(before)
    else:
        memory = replace(restored.memory, id=before.id, bank=book.bank, superseded=before.superseded)
        book.add(replace(restored, memory=memory), embedder=embedder)
    if told.memory == before.id:
        book.unlink(before.id)
        book.link(before.id, before.sources)


def _hold_again(book: Book, memory: str) -> None:
    """Let a memory be superseded by what else supersedes it, or by nothing."""
    since = [
        record.since
        for record in book.naming(memory)
        if record.told.decision == "supersede" and record.told.other == memory and not record.told.undone
    ]
    book.supersede(memory, since[-1] if since else None)


def unmake(book: Book, events: Sequence[str], *, gone: bool = True) -> int:
    """Take away what rests on `events`, which were deleted or replaced, or, if not `gone`, whose text was cut.

    The other events that it was made from are thought over again, and so are `events` themselves if they are there.

    Returns:
        How many memories went.
    """
    if not events:
        return 0
    book.lose(events)
    if gone:
        book.drop_jobs(events)
    removed, again = _take_away(book, _resting_on(book, events, book.made_from(events)), sparing=True)
    book.drop(book.repetitions_undone(events))
    for strategy, sources in again.items():
        book.think_again(strategy, list(sources))
    return removed


def rethink(book: Book, strategy: str, events: Sequence[str]) -> int:
    """Take away what a strategy made of `events`, and let it think all its sources over again; see `Ledger.rethink`."""
    if not events:
        return 0
    book.lose(events)
    made = [one for one in book.made_from(events) if _strategy_of(book, one, book.naming(one)) == strategy]
    removed, again = _take_away(book, _resting_on(book, events, made), sparing=True)
    book.think_again(strategy, list(dict.fromkeys((*events, *again.get(strategy, ())))))
    return removed


def forget_made(book: Book, memories: Sequence[str]) -> int:
    """Take memories that strategies made away for good, and all that is written of them; return how many went."""
    return _take_away(book, memories)[0]


def forget_orphans(book: Book, memories: Iterable[Memory]) -> int:
    """Take those of `memories` away that rest on no event, or of which none is left.

    What has expired is selected by what was made of it.
    """
    left = [memory.id for memory in memories if book.find(memory.id) is not None]
    return forget_made(book, [one for one in left if _is_by_hand(book, one) or not book.has_any(book.sources(one))])


def _resting_on(book: Book, events: Sequence[str], made: Sequence[str]) -> list[str]:
    """Return those of `made` that go with `events`; what was put by hand only lets go of them."""
    by_hand = dict.fromkeys(memory for memory in made if _is_by_hand(book, memory))
    for memory in by_hand:
        book.unlink(memory, events)
        said = [one for one in book.naming(memory) if one.told.memory == memory and one.told.decision == "skip"]
        of_them = [one for one in said if not set(events).isdisjoint(one.sources)]
        book.drop(of_them)
        for strategy in dict.fromkeys(one.told.strategy for one in of_them):
            book.think_again(strategy, events)
    return [memory for memory in made if memory not in by_hand]


def _is_by_hand(book: Book, memory: str) -> bool:
    """Tell whether a memory that is there, or is kept by what replaced it, rests on no event."""
    found = book.find(memory)
    if found is not None:
        return found.event not in found.sources
    before = _kept(book, memory)
    return before is not None and before.event not in book.sources(memory)


def _kept(book: Book, memory: str) -> Memory | None:
    """Return a memory as it was when it was replaced."""
    replaced = (one.told.before for one in book.naming(memory) if one.keeps_other and one.told.other == memory)
    return next(replaced, None)


def _take_away(book: Book, memories: Sequence[str], *, sparing: bool = False) -> tuple[int, dict[str, dict[str, None]]]:
    """Delete memories with what they replaced and what replaced them; return how many, and their sources by strategy.

    With `sparing`, what was put by hand and was replaced is there again.
    """
    gone = _with_replaced(book, memories)
    spared = {one for one in gone if _is_by_hand(book, one)} if sparing else set()
    again_there = [kept for one in sorted(spared) if book.find(one) is None and (kept := _kept(book, one)) is not None]
    gone = {one: None for one in gone if one not in spared}
    records = {memory: book.naming(memory) for memory in gone}
    again: dict[str, dict[str, None]] = {}
    for memory in gone:
        strategy = _strategy_of(book, memory, records[memory])
        if strategy is not None:
            again.setdefault(strategy, {}).update(dict.fromkeys(book.sources(memory)))
    removed = 0
    for memory in gone:
        book.drop(records[memory])
        book.unlink(memory)
        removed += book.remove(memory)
    for before in again_there:
        book.add_bare(before)
    freed = (one.told.other for memory in gone for one in records[memory] if _supersedes(one, memory))
    for other in dict.fromkeys(freed):
        if other is not None and other not in gone:
            _hold_again(book, other)
    return removed, again


def _strategy_of(book: Book, memory: str, records: Sequence[Record]) -> str | None:
    """Return the strategy of a memory that is there or is kept by what replaced it; None if it was undone."""
    found = book.find(memory)
    kept = (one.told.strategy for one in records if one.keeps_other and one.told.other == memory)
    return next(kept, None) if found is None else found.strategy


def _supersedes(record: Record, memory: str) -> bool:
    return record.told.decision == "supersede" and record.told.memory == memory and not record.told.undone


def _with_replaced(book: Book, memories: Sequence[str]) -> dict[str, None]:
    """Return `memories`, what they replaced and what replaced them: each says what the others said."""
    found: dict[str, None] = dict.fromkeys(memories)
    left = list(found)
    while left:
        for record in book.naming(left.pop()):
            beside = (record.told.memory, record.told.other) if record.keeps_other else ()
            fresh = [one for one in beside if one is not None and one not in found]
            found.update(dict.fromkeys(fresh))
            left += fresh
    return found
