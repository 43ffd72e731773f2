from datetime import timedelta
from typing import Any

import pytest

from duramen.copying import CopiedEvent, CopyingStorage, Gone, RowPlace, Standing, Taken
from duramen.errors import ChangedError, ConflictError, NotFoundError
from duramen.moving.between import check, move
from duramen.shelf import Entry, Expect, Put, Remove
from duramen.times import utc_now
from duramen.types import BankVersion, Selection
from tests.moving.between_examples import OTHER, fill, told
from tests.stores.examples import BANK, EMBEDDER, NOON, event, events, ids, kept, texts, with_vector, work_through
from tests.stores.making import STRATEGY, add, jobs, lease, memories, revise, skip, supersede, think, undo_last
from tests.stores.making import told as revisions


class CopyingContract:
    """What every store must tell and take word for word; `store` and `other` are open and empty."""

    async def test_an_event_is_told_with_how_far_it_is_worked_through(self, store: CopyingStorage) -> None:
        await store.append(BANK, events(4))
        done, failed, waiting = await store.lease(limit=3, seconds=60)
        await store.put([done], [], embedder=EMBEDDER)
        await store.fail(failed, "It broke.", retry_at=None)
        later = utc_now() + timedelta(hours=1)
        await store.fail(waiting, "Not yet.", retry_at=later)
        await store.lease(limit=1, seconds=60)

        first = await store.copied_events(BANK, limit=3)
        (last,) = await store.copied_events(BANK, after=first[-1].number, limit=3)

        assert [one.state for one in (*first, last)] == ["done", "failed", "pending", "pending"]
        assert [one.reason for one in first] == ["", "It broke.", "Not yet."]
        assert [one.due for one in (*first, last)] == [None, None, later, None]
        assert [one.attempts for one in (*first, last)] == [1, 1, 1, 1]
        assert await store.copied_events("user:nobody", limit=3) == []

    async def test_places_say_what_strategies_made_and_what_waits_for_vectors(self, store: CopyingStorage) -> None:
        await think(store, add("a", "e1"), add("b", "e2"))
        before = await store.places(BANK)

        await store.requeue(BANK)

        bare = [RowPlace(2, made=True, bare=True), RowPlace(4, made=True, bare=True)]
        assert before == [RowPlace(1), RowPlace(2, made=True), RowPlace(3), RowPlace(4, made=True)]
        assert await store.places(BANK) == bare
        found = await store.copied_memories(BANK, [4, 2, 77])
        assert [(one.place, one.indexed.memory.id) for one in found] == list(zip(bare, "ab", strict=True))
        assert [len(one.indexed.vector) + len(one.indexed.terms) for one in found] == [0, 0]
        assert await store.places("user:nobody") == []

    async def test_sources_are_told_by_memory(self, store: CopyingStorage) -> None:
        await think(store, add("b", "e2", "e1"), add("a", "e3"), skip("b", "b again", "e4"))

        first = await store.all_sources(BANK, limit=1)

        assert first == {"a": ("e3",)} or first == {"a": ["e3"]}
        rest = await store.all_sources(BANK, after="a", limit=9)
        assert {memory: list(rests) for memory, rests in rest.items()} == {"b": ["e2", "e1", "e4"]}

    async def test_entries_are_told_wherever_they_stand(self, store: CopyingStorage) -> None:
        places = [(("duramen.banks", BANK, "x"), "1"), (("a",), "k"), (("a", "b"), ""), (("z",), "k2")]
        await store.shelf.write([Put(path=path, key=key, value=key.encode()) for path, key in places])
        found: list[Entry] = []

        while entries := await store.entries(after=found[-1].place if found else None, limit=3):
            found += entries

        assert sorted(entry.place for entry in found) == sorted(places)
        assert all(entry.value == entry.key.encode() for entry in found)

    async def test_what_is_taken_goes_first_and_changes_ride_along(self, store: CopyingStorage) -> None:
        await kept(store, events(2))
        created = NOON - timedelta(days=9)
        standing = Standing(
            created=created, version=BankVersion(0, last=7, removals=6, embedder=EMBEDDER, dimensions=4)
        )
        gone = Gone(events=["e0000"], memories=[1])
        given = CopiedEvent(number=1, event=event("e0001", "Changed."), state="failed", reason="why", cut=True)

        await store.take(
            BANK, Taken(standing=standing, gone=gone, events=[given]), shelved=[Put(path=("n",), key="", value=b"1")]
        )

        (told,) = await store.copied_events(BANK, limit=9)
        (summary,) = (await store.banks(cursor=None, limit=9)).items
        assert (told.event, told.state, told.reason, told.cut) == (given.event, "failed", "why", True)
        assert [place.number for place in await store.places(BANK)] == [2]
        assert (summary.created, summary.memories, summary.pending) == (created, 1, 0)
        assert [one.key for one in await store.failures()] == ["key-e0001"]
        with pytest.raises(ChangedError):
            await store.take(
                BANK,
                Taken(standing=standing, gone=Gone(memories=[2])),
                shelved=[Expect(path=("n",), key="", value=b"2")],
            )
        assert [place.number for place in await store.places(BANK)] == [2]

    async def test_jobs_are_due_when_their_events_come_as_done(self, store: CopyingStorage) -> None:
        await store.append(BANK, [event("e1")], strategies=[STRATEGY])
        before = await store.lease_jobs(seconds=60, limit=9)
        standing = Standing(created=NOON, version=BankVersion(0, last=0, removals=0, embedder=EMBEDDER, dimensions=4))

        await store.take(
            BANK, Taken(standing=standing, events=[CopiedEvent(number=1, event=event("e1"), state="done")])
        )

        assert before is None
        assert ids((await lease(store)).events) == ["e1"]


class BetweenContract:
    """How banks are moved from `store` to `other`, both open and empty."""

    async def test_all_that_banks_hold_is_moved_as_it_stands(
        self, store: CopyingStorage, other: CopyingStorage
    ) -> None:
        await fill(store)
        before = await told(store)

        moved = await move(store, other)

        assert moved.mismatched == ()
        assert moved.newer == {}
        assert await told(other) == before == await told(store)
        assert moved.banks[OTHER] == {"events": 2}
        again = await move(store, other)
        assert not any(parts for parts in again.banks.values())
        assert not any(one.differing for one in await check(store, other))

    async def test_rows_are_searched_by_the_same_things_under_the_same_numbers(
        self, store: CopyingStorage, other: CopyingStorage
    ) -> None:
        await fill(store)

        await move(store, other)

        for made in (False, True):
            there, here = [await one.rows(BANK, made=made) for one in (store, other)]
            assert [(row.number, row.id, row.vector.tobytes(), row.terms.tobytes()) for row in there] == [
                (row.number, row.id, row.vector.tobytes(), row.terms.tobytes()) for row in here
            ]
        versions = [await one.version(BANK) for one in (store, other)]
        assert [(one.last, one.removals, one.made, one.revised) for one in versions if one] == [
            (one.last, one.removals, one.made, one.revised) for one in versions[:1] * 2 if one
        ]

    async def test_only_what_changed_is_copied_later(self, store: CopyingStorage, other: CopyingStorage) -> None:
        await fill(store)
        await move(store, other)
        await think(store, supersede("a", "later", "e6"), skip("later", "again", "e7"))
        await undo_last(store)
        await store.forget(BANK, Selection(key="key-k0002"))
        await store.append(BANK, [event("k0003", "Other."), event("new", "New.")], strategies=["semantic"])
        await store.retry(OTHER)
        await store.shelf.write(
            [
                Remove(path=("duramen.keys",), key="k"),
                Put(path=("duramen.keys",), key="k2", value=b"another"),
                Put(path=("duramen.banks", BANK, "documents"), key="d", value=b"changed"),
            ]
        )

        moved = await move(store, other)

        assert await told(other) == await told(store)
        assert moved.banks[BANK]["events"] == 4
        assert moved.gone[BANK]["events"] == 2
        assert moved.banks[OTHER] == {"events": 1}
        assert moved.gone[None] == {"entries": 1}

    async def test_vectors_that_are_made_anew_are_moved_again(
        self, store: CopyingStorage, other: CopyingStorage
    ) -> None:
        await fill(store)
        await move(store, other)
        await store.requeue(BANK)
        await move(store, other)
        bare = await told(other)
        assert bare == await told(store)

        await work_through(store)
        made = await memories(store)
        await store.embed_again(BANK, [with_vector(one) for one in made.values()], embedder=EMBEDDER)
        await move(store, other)

        assert await told(other) == await told(store) != bare
        assert await other.unembedded(BANK) == []

    async def test_work_goes_on_at_the_target(self, store: CopyingStorage, other: CopyingStorage) -> None:
        await fill(store)
        await store.append(BANK, [event("late", "Late.")], strategies=["semantic"])

        await move(store, other)

        assert {lease.event.id for lease in await work_through(other, OTHER)} == {"p"}
        assert await other.retry(OTHER) == 1
        await work_through(other)
        assert await revise(other, add("made there", "late"))
        assert (await jobs(other))[-1].state == "done"
        last = (await revisions(other))[-1]
        assert await other.undo(BANK, last.number, None, embedder=EMBEDDER)

    async def test_what_was_forgotten_is_not_brought_back_by_a_replay(
        self, store: CopyingStorage, other: CopyingStorage
    ) -> None:
        await fill(store)
        await move(store, other)

        appended = await other.append(BANK, [*events(5, "k"), event("fresh")], replayed=True)

        assert (appended.forgotten, appended.repeated) == (1, 4)
        assert (await other.append(BANK, [events(2, "k")[1]])).forgotten == 0

    async def test_banks_that_go_or_are_made_anew_do_so_at_the_target(
        self, store: CopyingStorage, other: CopyingStorage
    ) -> None:
        await fill(store)
        await move(store, other)
        await store.forget(BANK, Selection())
        await store.forget(OTHER, Selection())
        await kept(store, [event("anew", bank=OTHER)], OTHER)

        await move(store, other)

        assert await other.version(BANK) is None
        assert await texts(other, bank=OTHER) == ["Ada moved to Lisbon."]
        assert await told(other) == await told(store)

    async def test_a_bank_that_was_changed_at_the_target_is_not_touched(
        self, store: CopyingStorage, other: CopyingStorage
    ) -> None:
        await fill(store)
        await move(store, other)
        await other.append(OTHER, [event("mine", bank=OTHER)])

        with pytest.raises(ConflictError, match="changed at the target"):
            await move(store, other)
        await kept(store, [event("more")])
        moved = await move(store, other, banks=[BANK])

        assert moved.banks[BANK] == {"events": 1, "memories": 1}
        assert [one.event.id for one in await other.copied_events(OTHER, limit=9)] == ["f", "p", "mine"]

    async def test_a_bank_that_came_from_elsewhere_is_refused(
        self, store: CopyingStorage, other: CopyingStorage
    ) -> None:
        await fill(store)
        await kept(other, [event("theirs", bank=OTHER)], OTHER)
        before = await told(other)

        with pytest.raises(ConflictError, match="not moved there"):
            await move(store, other)

        assert await told(other) == before

    async def test_other_things_beside_the_banks_are_refused_or_left(
        self, store: CopyingStorage, other: CopyingStorage
    ) -> None:
        await fill(store)
        await other.shelf.write([Put(path=("duramen.keys",), key="mine", value=b"a key")])

        with pytest.raises(ConflictError, match="--no-shelf"):
            await move(store, other)
        await move(store, other, shelf=False)

        assert len(await other.shelf.scan(("duramen.keys",))) == 1
        assert (await other.version(BANK)) is not None

    async def test_one_bank_may_be_moved_alone(self, store: CopyingStorage, other: CopyingStorage) -> None:
        await fill(store)

        moved = await move(store, other, banks=[OTHER])

        assert moved.mismatched == ()
        assert [one.name for one in (await other.banks(cursor=None, limit=9)).items] == [OTHER]
        assert await other.shelf.scan(("duramen.keys",)) == []
        with pytest.raises(NotFoundError):
            await move(store, other, banks=["user:nobody"])

    async def test_a_dry_run_changes_nothing_and_says_the_same(
        self, store: CopyingStorage, other: CopyingStorage
    ) -> None:
        await fill(store)
        empty: dict[str, Any] = await told(other)

        dry = await move(store, other, dry_run=True)

        assert await told(other) == empty
        assert await other.shelf.paths(("duramen.moves",)) == []
        assert dry.banks == (await move(store, other)).banks

    async def test_what_differs_is_told_by_bank_and_part(self, store: CopyingStorage, other: CopyingStorage) -> None:
        await fill(store)
        await move(store, other)
        (first, *_) = await other.copied_memories(BANK, [place.number for place in await other.places(BANK)])
        version = await other.version(BANK)
        assert version is not None
        changed = with_vector(first.indexed.memory, dimensions=4)
        changed.vector[0] += 1

        await other.take(
            BANK,
            Taken(
                standing=Standing(created=NOON, version=version),
                gone=Gone(memories=[first.place.number]),
                memories=[type(first)(place=first.place, indexed=changed)],
            ),
        )
        moved = await move(store, other)

        assert [(one.bank, one.differing) for one in moved.mismatched] == [(BANK, ("memories",))]
        assert [one.bank for one in await check(store, other) if one.differing] == [BANK]
