from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from duramen.errors import BadQueryError, ChangedError, EmbedderMismatchError
from duramen.ledger import Adopted, Job, Record, Revised
from duramen.protocols import Storage
from duramen.shelf import Entry, Expect, Path, Put
from duramen.times import utc_now
from duramen.types import Selection
from tests.stores.examples import BANK, EMBEDDER, NOON, event, events, full_event, with_vector
from tests.stores.making import (
    LATER,
    MADE,
    STRATEGY,
    add,
    jobs,
    lease,
    made,
    memories,
    outcome,
    retained,
    revise,
    skip,
    supersede,
    think,
    told,
    undo_last,
    update,
)

OTHER = "user:bob"
SHELF: Path = ("somewhere", "ada")


async def records(store: Storage, bank: str = BANK) -> list[Record]:
    """Return what is kept of the revisions of the bank."""
    return list((await store.records(bank, limit=1000)).items)


async def copied(store: Storage, to: str = OTHER) -> Adopted:
    """Give another bank the events of `BANK`, and return all else that it has."""
    page = await store.appended(BANK, cursor=None, limit=1000)
    await store.append(to, page.items)
    kept = await records(store)
    named = {one for record in kept for one in (record.told.memory, record.told.other) if one is not None}
    there = await memories(store)
    return Adopted(
        memories=[with_vector(one) for one in there.values()],
        records=kept,
        sources=await store.sources(BANK, sorted(named - set(there))),
        jobs=await jobs(store),
    )


def alike(found: Sequence[Revised]) -> list[Revised]:
    """Return revisions as they are in any bank, and by any number."""
    return [
        replace(one, number=0, bank=BANK, before=None if one.before is None else replace(one.before, bank=BANK))
        for one in found
    ]


def entry(key: str = "k", value: bytes = b"v", **changes: object) -> Entry:
    given = {"path": SHELF, "key": key, "value": value, "created": NOON, "updated": NOON + LATER, **changes}
    return Entry(**given)  # type: ignore[arg-type]  # fields of `Entry`


class MovingContract:
    """What every store must tell and take of what is moved; `store` is open and empty."""

    async def test_events_are_paged_in_the_order_of_appending(self, store: Storage) -> None:
        late, early = full_event("late"), event("early", mentioned=NOON - LATER)
        await store.append(BANK, [late])
        await store.append(OTHER, [event("other")])
        await store.append(BANK, [early, event("last")])

        first = await store.appended(BANK, cursor=None, limit=2)
        second = await store.appended(BANK, cursor=first.next, limit=2)

        assert first.items == (late, early)
        assert [one.id for one in second.items] == ["last"]
        assert second.next is None
        assert (await store.appended("user:nobody", cursor=None, limit=2)).items == ()

    async def test_an_event_that_was_replaced_stands_at_the_end(self, store: Storage) -> None:
        await store.append(BANK, events(3))
        await store.append(BANK, [event("e0000", "Other.")])

        page = await store.appended(BANK, cursor=None, limit=9)

        assert [one.id for one in page.items] == ["e0001", "e0002", "e0000"]

    async def test_a_cursor_of_another_listing_is_refused(self, store: Storage) -> None:
        await store.append(BANK, events(3))
        page = await store.events(BANK, Selection(), cursor=None, limit=1)

        with pytest.raises(BadQueryError):
            await store.appended(BANK, cursor=page.next, limit=1)

    async def test_what_strategies_made_is_paged_in_the_order_in_which_it_came(self, store: Storage) -> None:
        await think(store, add("b", "e1", namespace="/z/"), add("a", "e2", namespace="/a/"), add("c", "e3"))
        await store.requeue(BANK)

        first = await store.made(BANK, cursor=None, limit=2)
        second = await store.made(BANK, cursor=first.next, limit=2)

        assert [*first.items, *second.items] == list((await memories(store)).values())
        assert [one.id for one in (*first.items, *second.items)] == ["b", "a", "c"]
        assert (await store.made("user:nobody", cursor=None, limit=2)).items == ()

    async def test_records_hold_all_that_is_kept_of_revisions(self, store: Storage) -> None:
        await think(store, add("a", "e1"), supersede("a", "b", "e2"), skip("b", "b again", "e3"))

        page = await store.records(BANK, limit=2)
        rest = await store.records(BANK, cursor=page.next, limit=2)

        assert [one.told for one in (*page.items, *rest.items)] == await told(store)
        assert [(one.since, one.sources, one.added) for one in (*page.items, *rest.items)] == [
            (None, ("e1",), ()),
            (NOON + LATER, ("e2",), ()),
            (None, ("e3",), ("e3",)),
        ]

    async def test_sources_are_told_of_what_was_replaced_too(self, store: Storage) -> None:
        await think(store, add("a", "e1"), update("a", "b", "e2"), add("c", "e3"))
        await undo_last(store)

        found = await store.sources(BANK, ["a", "b", "c", "nothing"])

        assert {memory: list(given) for memory, given in found.items()} == {"a": ["e1"], "b": ["e2"], "c": ["e3"]}

    async def test_what_is_adopted_is_as_it_was(self, store: Storage) -> None:
        await think(store, add("a", "e1"), supersede("a", "b", "e2"), update("b", "c", "e3"), add("d", "e4"))
        await undo_last(store)
        given = await copied(store)

        count = await store.adopt(OTHER, given, embedder=EMBEDDER)

        assert count == 2
        kept, here = await memories(store, bank=OTHER), await memories(store)
        assert {id: replace(one, bank=BANK) for id, one in kept.items()} == here
        assert list(kept) == list(here)
        assert alike(await told(store, bank=OTHER)) == alike(await told(store))
        assert [replace(one, bank=BANK) for one in await jobs(store, bank=OTHER)] == await jobs(store)
        assert [row.id for row in await store.rows(OTHER, made=True)] == [
            row.id for row in await store.rows(BANK, made=True)
        ]

    async def test_the_same_thing_twice_is_one(self, store: Storage) -> None:
        await think(store, add("a", "e1"), update("a", "b", "e2"), skip("b", "b again", "e3"))
        given = await copied(store)
        await store.adopt(OTHER, given, embedder=EMBEDDER)
        before = await store.version(OTHER), await told(store, bank=OTHER), await jobs(store, bank=OTHER)

        count = await store.adopt(OTHER, given, embedder=EMBEDDER)

        assert count == 0
        assert (await store.version(OTHER), await told(store, bank=OTHER), await jobs(store, bank=OTHER)) == before

    async def test_records_that_are_alike_are_all_kept(self, store: Storage) -> None:
        said = Revised(
            number=7,
            bank=BANK,
            strategy=STRATEGY,
            version="1",
            decision="skip",
            memory="a",
            text="a.",
            other="a",
            at=NOON,
        )
        given = Adopted(memories=[made("a", "e1")], records=[Record(told=said), Record(told=said)])

        for _ in range(2):
            await store.adopt(BANK, given, embedder=EMBEDDER)

        assert len(await told(store)) == 2

    async def test_what_was_done_elsewhere_can_be_undone(self, store: Storage) -> None:
        await think(store, add("a", "e1"), update("a", "b", "e2"))
        await store.adopt(OTHER, await copied(store), embedder=EMBEDDER)
        last = (await told(store, bank=OTHER))[-1]
        assert last.before is not None

        undone = await store.undo(OTHER, last.number, with_vector(last.before), embedder=EMBEDDER)

        assert undone
        kept = await memories(store, bank=OTHER)
        assert list(kept) == ["a"]
        assert kept["a"].sources == ("e1",)

    async def test_what_was_undone_elsewhere_stays_undone(self, store: Storage) -> None:
        await think(store, add("a", "e1"), add("b", "e2"))
        await undo_last(store)

        await store.adopt(OTHER, await copied(store), embedder=EMBEDDER)

        assert [(one.memory, one.undone) for one in await told(store, bank=OTHER)] == [("a", False), ("b", True)]

    async def test_it_goes_with_its_sources(self, store: Storage) -> None:
        await think(store, add("a", "e1"), update("a", "b", "e2"))
        await store.adopt(OTHER, await copied(store), embedder=EMBEDDER)

        forgotten = await store.forget(OTHER, Selection(key="key-e1"))

        assert forgotten.events == 1
        assert await memories(store, bank=OTHER) == {}
        assert await told(store, bank=OTHER) == []

    async def test_what_was_replaced_here_since_stays_replaced(self, store: Storage) -> None:
        await think(store, add("a", "e1"))
        given = await copied(store)
        await think(store, update("a", "b", "e2"))

        count = await store.adopt(BANK, given, embedder=EMBEDDER)

        assert count == 0
        assert list(await memories(store)) == ["b"]

    async def test_a_pending_job_is_done_here(self, store: Storage) -> None:
        await store.append(BANK, [event("e1")])
        await retained(store, "e2", strategies=())
        given = Job(bank="elsewhere", strategy=STRATEGY, event="e2", key="x", created=NOON, due=NOON, attempts=2)

        await store.adopt(BANK, Adopted(jobs=[given]), embedder=EMBEDDER)

        backlog = await store.job_backlog(BANK)
        assert (backlog.pending, backlog.failed) == (1, 0)
        assignment = await lease(store)
        assert [one.id for one in assignment.events] == ["e2"]
        assert await store.revise(assignment, [add("a", "e2")], outcome(assignment))

    async def test_jobs_of_unknown_events_are_left_out_and_known_jobs_stay(self, store: Storage) -> None:
        await retained(store, "e1")
        await revise(store)
        before = await jobs(store)
        again = replace(before[0], state="failed", reason="no", version="")

        await store.adopt(BANK, Adopted(jobs=[again, replace(again, event="nothing")]), embedder=EMBEDDER)

        assert await jobs(store) == before

    async def test_a_memory_may_rest_on_what_is_gone(self, store: Storage) -> None:
        await store.adopt(BANK, Adopted(memories=[made("a", "e1", "e2")]), embedder=EMBEDDER)

        assert (await memories(store))["a"].sources == ("e1", "e2")

    async def test_entries_stand_with_their_own_times(self, store: Storage) -> None:
        expires = utc_now() + LATER
        given = [entry("a", expires=expires, lifetime=60.0), entry("b", b"\x00\xff"), entry("gone", expires=NOON)]
        await store.shelf.write([Put(path=SHELF, key="b", value=b"before")])

        count = await store.adopt(BANK, Adopted(entries=given), embedder=EMBEDDER)

        assert count == 0
        assert await store.shelf.scan(SHELF) == given[:2]
        assert await store.shelf.paths(SHELF) == [SHELF]
        assert await store.version(BANK) is None

    async def test_a_bank_can_be_adopted_empty(self, store: Storage) -> None:
        await store.adopt(BANK, Adopted(), embedder=EMBEDDER)

        version = await store.version(BANK)
        assert version is not None
        assert (version.last, version.embedder) == (0, None)

    async def test_another_embedder_is_refused(self, store: Storage) -> None:
        await retained(store, "e1")

        with pytest.raises(EmbedderMismatchError):
            await store.adopt(
                BANK, Adopted(memories=[made("a", "e1")], entries=[entry()]), embedder="other", shelved=[_put()]
            )

        assert await memories(store) == {}
        assert await store.shelf.scan(SHELF) == []

    async def test_changes_ride_along_or_nothing_is_kept(self, store: Storage) -> None:
        given = Adopted(memories=[made("a", "e1")], entries=[entry()])

        with pytest.raises(ChangedError):
            await store.adopt(
                BANK, given, embedder=EMBEDDER, shelved=[Expect(path=SHELF, key="done", value=b"1"), _put()]
            )
        assert await store.version(BANK) is None
        await store.adopt(BANK, given, embedder=EMBEDDER, shelved=[Expect(path=SHELF, key="done", value=None), _put()])

        assert [one.key for one in await store.shelf.scan(SHELF)] == ["done", "k"]
        assert list(await memories(store, MADE)) == ["a"]

    async def test_what_is_adopted_is_newer_than_all_that_is_there(self, store: Storage) -> None:
        await retained(store, "e1", "e2")
        last = await store.version(BANK)
        assert last is not None

        await store.adopt(BANK, Adopted(memories=[made("a", "e1", mentioned=NOON - timedelta(9))]), embedder=EMBEDDER)

        assert [row.id for row in await store.rows(BANK, after=last.last, made=True)] == ["a"]


def _put() -> Put:
    return Put(path=SHELF, key="done", value=b"1")
