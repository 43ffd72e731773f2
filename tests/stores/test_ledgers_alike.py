"""The stores do the same with what strategies make, whatever is done: the in-memory one is the measure."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duramen.ledger import Assignment, Decision, Outcome, Revision
from duramen.protocols import Storage
from duramen.stores.in_memory import InMemoryStore
from duramen.stores.sqlite import SQLiteStore
from duramen.times import utc_now
from duramen.types import Selection
from tests.stores.examples import BANK, EMBEDDER, NOON, event, with_vector, work_through
from tests.stores.making import made

ALL = Selection()
few = st.sampled_from
decisions: tuple[Decision, ...] = ("add", "update", "supersede", "skip")
ids = few("ABCDER")

appends = st.tuples(
    st.just("append"),
    st.lists(
        st.fixed_dictionaries(
            {
                "id": few("abcd"),
                "content": few(["One.", "Two.", "Three."]),
                "session": st.none() | few("xy"),
                "expires": st.none() | st.just(NOON),
            }
        ),
        min_size=1,
        max_size=3,
    ),
)
revisions = st.lists(
    st.tuples(few(decisions), ids, ids, st.lists(few("abcd"), max_size=2), st.booleans()), min_size=1, max_size=3
)
works = st.tuples(st.just("revise"), revisions, few([(), (0,), (0, 1, 2, 3)]), st.booleans())
endings = st.tuples(st.just("end"), few(["fail", "give up", "release", "wait", "drop"]))
undoings = st.tuples(st.just("undo"), st.integers(1, 12), st.booleans())
selections = few(
    [
        *(Selection(memory=id) for id in "ABCDER"),
        *(Selection(key=f"key-{id}") for id in "abcd"),
        *(Selection(memory=f"m-{id}-0") for id in "ab"),
        *(Selection(session=session) for session in "xy"),
        Selection(namespace="/p/A/"),
        Selection(strategy="semantic", session="x"),
        Selection(kinds=frozenset({"fact"})),
        ALL,
    ]
)
forgets = st.tuples(st.just("forget"), selections)
filings = st.tuples(
    st.just("file"),
    st.lists(st.tuples(few("ABR"), st.none() | few("xy"), st.booleans()), max_size=2),
    st.lists(few("ABCR"), max_size=2),
)
others = st.tuples(few(["requeue", "embed", "retry", "hurry", "backfill", "expire"]))
steps = st.lists(appends | works | works | works | undoings | endings | filings | forgets | others, max_size=20)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_the_ledgers_do_the_same(steps: Sequence[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        kept = asyncio.run(_run(InMemoryStore(), steps))
        written = asyncio.run(_run(SQLiteStore(directory, durability="process"), steps))

    assert written == kept


async def _run(store: Storage, steps: Sequence[tuple[Any, ...]]) -> list[object]:
    await store.open()
    seen: list[object] = []
    for name, *arguments in [("append", [{"id": id, "content": "One."} for id in "abcd"]), *steps]:
        seen += [await _do(store, name, *arguments), await _state(store)]
    await store.aclose()
    return seen


async def _do(store: Storage, name: str, *arguments: Any) -> object:
    steps: dict[str, Callable[..., Awaitable[object]]] = {
        "append": _append,
        "revise": _revise,
        "end": _end,
        "undo": _undo,
        "embed": _embed,
        "file": _file,
        "forget": lambda store, selection: store.forget(BANK, selection),
        "requeue": lambda store: store.requeue(BANK),
        "retry": lambda store: store.retry_jobs(BANK),
        "hurry": lambda store: store.hurry(),
        "backfill": lambda store: store.backfill(BANK, "semantic", version="2"),
        "expire": lambda store: store.expire(NOON),
    }
    return await steps[name](store, *arguments)


async def _append(store: Storage, given: Sequence[dict[str, Any]]) -> object:
    appended = await store.append(BANK, [event(**one) for one in given], strategies=["semantic"])
    await work_through(store)
    return appended


async def _lease(store: Storage) -> Assignment | None:
    return await store.lease_jobs(seconds=60, limit=3)


async def _revise(
    store: Storage, given: Sequence[tuple[Decision, str, str, list[str], bool]], done: Sequence[int], wait: bool
) -> object:
    assignment = await _lease(store)
    if assignment is None:
        return None
    first = assignment.events[0].id
    revisions = [
        Revision(
            decision=decision,
            made=made(
                id, *dict.fromkeys((first, *sources)), namespace=f"/p/{id}/", session=assignment.events[0].session
            ),
            other=None if decision == "add" else other,
            undoable=undoable,
        )
        for decision, id, other, sources, undoable in given
    ]
    outcome = Outcome(
        done=[one.id for place, one in enumerate(assignment.events) if place in done],
        version="1",
        embedder=EMBEDDER,
        due=utc_now() + timedelta(days=1) if wait else None,
    )
    return _seen(assignment), await store.revise(assignment, revisions, outcome)


async def _end(store: Storage, ending: str) -> object:
    assignment = await _lease(store)
    if assignment is None:
        return None
    if ending in ("fail", "give up"):
        await store.fail_jobs(assignment, "no", retry_at=utc_now() + timedelta(days=1) if ending == "fail" else None)
    elif ending in ("release", "wait"):
        await store.release(assignment, due=utc_now() + timedelta(days=1) if ending == "wait" else NOON)
    else:
        await store.forget(BANK, Selection(key=assignment.events[0].key))
        return _seen(assignment), await store.renew_assignment(assignment, 60)
    return _seen(assignment)


async def _undo(store: Storage, number: int, restores: bool) -> bool:
    found = [one.before for one in (await store.revisions(BANK)).items if one.number == number]
    before = found[0] if found and restores else None
    return await store.undo(BANK, number, None if before is None else with_vector(before), embedder=EMBEDDER)


async def _file(store: Storage, given: Sequence[tuple[str, str | None, bool]], removed: Sequence[str]) -> object:
    there = {one.id: one for one in (await store.made(BANK, cursor=None, limit=99)).items}
    filed = []
    for id, session, corrects in given:
        by_hand = replace(made(id, id).memory, sources=(), namespace=f"/p/{id}/", session=session)
        filed.append(replace(there.get(id, by_hand), text="Corrected.") if corrects else by_hand)
    return await store.file(BANK, [with_vector(one) for one in filed], removed, embedder=EMBEDDER)


async def _embed(store: Storage) -> int:
    waiting = await store.unembedded(limit=2)
    return await store.embed_again(BANK, [with_vector(one) for one in waiting], embedder=EMBEDDER)


def _seen(assignment: Assignment) -> object:
    return assignment.events, assignment.attempt


async def _state(store: Storage) -> object:
    backlog = await store.job_backlog(BANK)
    return (
        await store.version(BANK),
        (await store.memories(BANK, ALL, cursor=None, limit=99)).items,
        (await store.events(BANK, ALL, cursor=None, limit=99)).items,
        [
            (row.number, row.id, row.namespace, row.superseded, row.vector.tolist(), row.terms.tolist())
            for made in (False, True)
            for row in await store.rows(BANK, made=made)
        ],
        [list(await store.numbers(BANK, made=made)) for made in (False, True)],
        [replace(one, at=NOON) for one in (await store.revisions(BANK)).items],
        [
            replace(one, created=NOON, due=NOON, finished=one.finished and NOON)
            for one in (await store.jobs(BANK)).items
        ],
        (backlog.pending, backlog.waiting, backlog.failed),
        await store.unembedded(BANK),
        [(one.memories, one.events) for one in (await store.banks(cursor=None, limit=9)).items],
    )
