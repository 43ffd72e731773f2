"""The stores do the same, whatever is done to them: the in-memory one is the measure."""

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duramen.protocols import Lease, Storage
from duramen.stores.in_memory import InMemoryStore
from duramen.stores.sqlite import SQLiteStore
from duramen.types import Kind, Selection
from tests.stores.examples import EMBEDDER, NOON, event, indexed

BANKS = ("ada", "bob")
ALL = Selection()
few = st.sampled_from
optional = st.none() | few(["x", "y"])
kinds: tuple[Kind, ...] = ("fact", "experience")

appends = st.tuples(
    st.just("append"),
    few(BANKS),
    st.lists(
        st.fixed_dictionaries(
            {
                "id": few("abcde"),
                "content": few(["One. Two.", "Two. Three.", "Four."]),
                "session": optional,
                "document": optional,
                "actor": optional,
                "kind": few(kinds),
                "tags": few([(), ("t",), ("t", "u")]),
                "mentioned": few([NOON, NOON + timedelta(days=1)]),
            }
        ),
        max_size=4,
    ),
    st.booleans(),
)
puts = st.tuples(st.just("work"), st.integers(1, 4), few([0, 60]), few(["keep", "fail", "give up", "drop"]))
selections = st.builds(
    Selection,
    memory=st.none() | st.none() | few(["m-a-0", "m-b-1"]),
    key=st.none() | few(["key-a", "key-b"]),
    session=optional,
    document=optional,
    actor=optional,
    kinds=st.none() | st.frozensets(few(kinds)),
    tags=st.none() | few([frozenset({"t"}), frozenset({"t", "u"})]),
    since=st.none() | st.just(NOON + timedelta(days=1)),
    before=st.none() | st.just(NOON + timedelta(days=1)),
)
forgets = st.tuples(st.just("forget"), few(BANKS), selections)
others = st.tuples(few(["retry", "requeue"]), few(BANKS))
steps = st.lists(appends | puts | puts | forgets | others, max_size=25)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_the_stores_do_the_same(steps: Sequence[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        kept = asyncio.run(_run(InMemoryStore(), steps))
        written = asyncio.run(_run(SQLiteStore(directory, durability="process"), steps))

    assert written == kept


async def _run(store: Storage, steps: Sequence[tuple[Any, ...]]) -> list[object]:
    await store.open()
    seen: list[object] = []
    for step in steps:
        seen.append(await _do(store, *step))
        seen += [await _state(store, bank) for bank in BANKS]
    await store.aclose()
    return seen


async def _do(store: Storage, name: str, *arguments: Any) -> object:
    if name == "append":
        bank, given, replayed = arguments
        return await store.append(bank, [event(bank=bank, **one) for one in given], replayed=replayed)
    if name == "work":
        return await _work(store, *arguments)
    if name == "forget":
        return await store.forget(*arguments)
    return await (store.retry if name == "retry" else store.requeue)(*arguments)


async def _work(store: Storage, limit: int, seconds: float, ending: str) -> object:
    leases = await store.lease(limit=limit, seconds=seconds)
    for bank in BANKS:
        ours = [lease for lease in leases if lease.event.bank == bank]
        if ending == "keep":
            made = [indexed(lease.event, position=n, text=text) for lease in ours for n, text in _pieces(lease)]
            await store.put(ours, made, embedder=EMBEDDER)
        for lease in ours:
            if ending in ("fail", "give up"):
                await store.fail(lease, "no", retry_at=NOON if ending == "fail" else None)
    return [(lease.event, lease.attempt) for lease in leases]


def _pieces(lease: Lease) -> list[tuple[int, str]]:
    return list(enumerate(lease.event.content.split(" ")))


async def _state(store: Storage, bank: str) -> object:
    backlog = await store.backlog(bank)
    banks = await store.banks(cursor=None, limit=9)
    return (
        await store.version(bank),
        (await store.memories(bank, ALL, cursor=None, limit=99)).items,
        (await store.events(bank, ALL, cursor=None, limit=99)).items,
        [row.number for row in await store.rows(bank, after=1)],
        (backlog.pending, backlog.failed, backlog.oldest),
        await store.failures(bank),
        [(one.name, one.memories, one.events, one.pending, one.embedder) for one in banks.items],
    )
