"""Working through what waits to be observed, and counting what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from duramen.desk import Desk
from duramen.ledger import Job
from duramen.observations.fitting import asked, asking
from duramen.protocols import Storage
from duramen.tasks.task import Report
from duramen.times import utc_now
from duramen.types import Memory, Selection

ROUNDS = 3
"""How often jobs are hurried that are found waiting again, as one is that failed and waits for another try."""

SLICE_SECONDS = 0.5
"""How often it is told how far it is."""

_LISTED = 1000


async def worked_through(
    desk: Desk, bank: str, strategies: Sequence[str], report: Report, *, scopes: Sequence[Sequence[str]] | None = None
) -> dict[str, int]:
    """Wait until nothing is pending that `strategies` have to do in `bank`, and hurry it.

    Args:
        desk: Where to work.
        bank: See above.
        strategies: Names.
        report: Is told how far it is.
        scopes: Count only events that have all tags of one of these.

    Returns:
        How many events were `processed`, `failed` and are `waiting` still.
    """
    worker, strategists = await desk.life.worker(), await desk.life.strategists()
    store = desk.parts.store
    await worker.catch_up(bank, desk.parts.catch_up_seconds)
    begun = utc_now()
    todo = await _pending(store, bank, strategies)
    rounds, left = 0, todo
    while left:
        await store.shelf.write([asking(bank)])
        waiting = sum(job.due > utc_now() for job in left)
        if waiting == len(left):
            if rounds == ROUNDS:
                break
            rounds += 1
            await store.hurry(bank)
        await strategists.catch_up(bank, SLICE_SECONDS)
        left = await _pending(store, bank, strategies)
        total = max(len(todo), len(left))
        await report.progress("observing", total - len(left), total)
    await store.shelf.write([asked(bank)])
    failed = [job for strategy in strategies async for job in _jobs(store, bank, strategy, failed=True)]
    events = {job.event for job in todo} - {job.event for job in left}
    lost = {job.event for job in failed if job.finished is not None and job.finished >= begun}
    counts = {"processed": events - lost, "failed": lost, "waiting": {job.event for job in left}}
    if scopes is not None:
        fits = await _fitting(store, bank, scopes)
        counts = {what: of & fits for what, of in counts.items()}
    return {what: len(of) for what, of in counts.items()}


def counted(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """Say how memories differ, given by id with the number of their sources; one that took another's place updates it."""
    gone, fresh = len(before.keys() - after.keys()), len(after.keys() - before.keys())
    replaced = min(gone, fresh)
    grown = sum(before[id] != after[id] for id in before.keys() & after.keys())
    return {"created": fresh - replaced, "updated": grown + replaced, "deleted": gone - replaced}


async def pages_of(store: Storage, bank: str, selection: Selection) -> AsyncIterator[Memory]:
    """Yield all selected memories."""
    cursor: str | None = None
    while True:
        page = await store.memories(bank, selection, cursor=cursor, limit=_LISTED)
        for memory in page.items:
            yield memory
        cursor = page.next
        if cursor is None:
            return


async def _pending(store: Storage, bank: str, strategies: Sequence[str]) -> list[Job]:
    return [job for strategy in strategies async for job in _jobs(store, bank, strategy, failed=False)]


async def _jobs(store: Storage, bank: str, strategy: str, *, failed: bool) -> AsyncIterator[Job]:
    cursor: str | None = None
    while True:
        page = await store.jobs(
            bank, strategy=strategy, state="failed" if failed else "pending", cursor=cursor, limit=_LISTED
        )
        for job in page.items:
            yield job
        cursor = page.next
        if cursor is None:
            return


async def _fitting(store: Storage, bank: str, scopes: Collection[Sequence[str]]) -> set[str]:
    """Return the ids of the events that have all tags of one of `scopes`."""
    found: set[str] = set()
    for scope in scopes:
        selection = Selection(tags=frozenset(scope), strategy="") if scope else Selection(strategy="")
        found |= {memory.event async for memory in pages_of(store, bank, selection)}
    return found
