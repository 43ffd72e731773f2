"""Jobs and revisions for tests, as a strategy's worker makes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from duramen.ledger import Assignment, Job, JobState, Outcome, Revised, Revision
from duramen.protocols import Storage
from duramen.times import utc_now
from duramen.types import Event, Indexed, Memory, Selection
from tests.stores.examples import BANK, EMBEDDER, NOON, event, with_vector, work_through

STRATEGY = "semantic"
PLACE = "/strategies/semantic/actors/ada/"
MADE = Selection(strategy=STRATEGY)
LATER = timedelta(hours=1)


def made(id: str, *sources: str, **changes: Any) -> Indexed:
    """Return a memory that `STRATEGY` made of `sources`, which says "{id}."."""
    given: dict[str, Any] = {
        "id": id,
        "bank": BANK,
        "text": f"{id}.",
        "event": sources[0],
        "key": f"{STRATEGY}:{id}",
        "mentioned": NOON,
        "stored": NOON,
        "strategy": STRATEGY,
        "namespace": PLACE,
        "sources": sources,
    }
    return with_vector(Memory(**{**given, **changes}))


def add(id: str, *sources: str, **changes: Any) -> Revision:
    return Revision(decision="add", made=made(id, *sources, **changes), reason=f"why {id}")


def update(other: str, id: str, *sources: str, undoable: bool = True, **changes: Any) -> Revision:
    said = made(id, *sources, **changes)
    return Revision(decision="update", made=said, other=other, reason=f"why {id}", undoable=undoable)


def supersede(other: str, id: str, *sources: str, **changes: Any) -> Revision:
    return Revision(decision="supersede", made=made(id, *sources, **changes), other=other, since=NOON + LATER)


def late(newer: str, id: str, *sources: str, **changes: Any) -> Revision:
    """Return what adds a memory that `newer` supersedes already."""
    return Revision(decision="add", made=made(id, *sources, **changes), other=newer, since=NOON + LATER)


def skip(other: str, id: str, *sources: str, **changes: Any) -> Revision:
    return Revision(decision="skip", made=made(id, *sources, **changes), other=other, reason=f"why {id}")


async def retained(
    store: Storage, *given: Event | str, strategies: Sequence[str] = (STRATEGY,), bank: str = BANK
) -> None:
    """Keep events, given or by id, with a job for each strategy, and let the journal be done with them."""
    events = [event(one, f"{one} was said.") if isinstance(one, str) else one for one in given]
    await store.append(bank, events, strategies=strategies)
    await work_through(store, bank)


async def lease(store: Storage, *, seconds: float = 60, limit: int = 100, bank: str | None = None) -> Assignment:
    """Lease jobs, of which there are some."""
    assignment = await store.lease_jobs(seconds=seconds, limit=limit, bank=bank)
    assert assignment is not None
    return assignment


def outcome(assignment: Assignment, **changes: Any) -> Outcome:
    """Return the outcome of an assignment of which all is done."""
    given = {"done": [event.id for event in assignment.events], "version": "1", "embedder": EMBEDDER}
    return Outcome(**{**given, **changes})


async def revise(store: Storage, *revisions: Revision, bank: str | None = None, **changes: Any) -> bool:
    """Lease jobs and do revisions for them."""
    assignment = await lease(store, bank=bank)
    return await store.revise(assignment, revisions, outcome(assignment, **changes))


async def think(store: Storage, *revisions: Revision) -> None:
    """Retain the sources of each revision that are not there yet, one after the other, and do it."""
    for revision in revisions:
        page = await store.events(BANK, Selection(), cursor=None, limit=1000)
        known = {one.id for one in page.items}
        await retained(store, *(source for source in revision.made.memory.sources if source not in known))
        if not known.issuperset(revision.made.memory.sources):
            assert await revise(store, revision)
        else:
            await store.backfill(BANK, STRATEGY, version=f"not {revision.made.memory.id}")
            assert await revise(store, revision)


async def memories(store: Storage, selection: Selection = MADE, bank: str = BANK) -> dict[str, Memory]:
    """Return what strategies made, by id."""
    page = await store.memories(bank, selection, cursor=None, limit=1000)
    return {memory.id: memory for memory in page.items if memory.strategy is not None}


async def told(store: Storage, memory: str | None = None, bank: str = BANK) -> list[Revised]:
    """Return the revisions of the bank."""
    return list((await store.revisions(bank, memory=memory, limit=1000)).items)


async def jobs(store: Storage, state: JobState | None = None, bank: str = BANK, **conditions: Any) -> list[Job]:
    """Return jobs of the bank."""
    return list((await store.jobs(bank, state=state, limit=1000, **conditions)).items)


async def states(store: Storage, bank: str = BANK) -> dict[str, str]:
    """Return the state of the job of each event."""
    return {job.event: job.state for job in await jobs(store, bank=bank)}


async def undo_last(store: Storage, restored: Indexed | None = None) -> bool:
    """Take the last revision back."""
    return await store.undo(BANK, (await told(store))[-1].number, restored, embedder=EMBEDDER)


def soon() -> Any:
    """Return a moment that has not come."""
    return utc_now() + LATER
