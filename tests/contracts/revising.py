from dataclasses import replace
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from duramen.errors import EmbedderMismatchError
from duramen.ledger import Revision
from duramen.protocols import Storage
from duramen.times import utc_now
from duramen.types import BankVersion, Claim, Indexed, Interval, Memory, Selection
from tests.stores.examples import BANK, EMBEDDER, NOON, event, indexed, kept, with_vector, work_through
from tests.stores.making import (
    LATER,
    PLACE,
    STRATEGY,
    add,
    jobs,
    late,
    lease,
    made,
    memories,
    outcome,
    retained,
    revise,
    skip,
    states,
    supersede,
    think,
    told,
    undo_last,
    update,
)

BOB = "user:bob"
FULL = Memory(
    id="full",
    bank=BANK,
    text="Ada prefers tea \u00e0 la menthe.",
    kind="preference",
    event="e1",
    key="semantic:full",
    position=3,
    actor="ada",
    session="monday",
    speaker="ada",
    document="diary",
    mentioned=NOON,
    occurred=Interval(NOON, NOON + LATER),
    stored=NOON + LATER,
    tags=("home", "tea"),
    metadata={"a": "b"},
    entities=("Ada",),
    tokens=5,
    strategy=STRATEGY,
    namespace=PLACE,
    sources=("e1", "e2"),
    details={"likes": ["tea", {"how": "hot \ud800"}], "sure": 0.5, "none": None},
)


class RevisingContract:
    """What every ledger must do with what strategies made; `store` is open and empty."""

    async def test_a_memory_comes_back_as_it_was_made(self, store: Storage) -> None:
        await retained(store, "e1", "e2")

        done = await revise(store, Revision(decision="add", made=with_vector(FULL)))

        assert done
        assert await memories(store) == {"full": FULL}
        (number,) = await store.numbers(BANK, made=True)
        assert list(await store.get(BANK, [number])) == [FULL]

    async def test_a_row_holds_all_there_is_to_search_by(self, store: Storage) -> None:
        await retained(store, "e1", "e2")
        given = replace(with_vector(FULL), claims=(Claim(1, 2),), late=b"codes")

        await revise(store, Revision(decision="add", made=given))

        (row,) = await store.rows(BANK, made=True)
        assert (row.number, row.id, row.kind, row.namespace) == (3, "full", "preference", PLACE)
        assert (row.actor, row.session, row.speaker, row.tags, row.entities) == (
            *("ada", "monday", "ada"),
            *(("home", "tea"), ("Ada",)),
        )
        assert np.array_equal(row.vector, given.vector)
        assert np.array_equal(row.terms, given.terms)
        assert row.claims == given.claims
        assert list(await store.late(BANK, [row.number])) == [b"codes"]

    async def test_rows_of_strategies_and_of_the_journal_never_mix(self, store: Storage) -> None:
        await retained(store, "e1")
        await revise(store, add("a", "e1"))
        await retained(store, "e2")
        await revise(store, add("b", "e2"))

        said, thought = await store.rows(BANK), await store.rows(BANK, made=True)

        assert [(row.number, row.id, row.namespace) for row in said] == [(1, "m-e1-0", None), (3, "m-e2-0", None)]
        assert [(row.number, row.id, row.namespace) for row in thought] == [(2, "a", PLACE), (4, "b", PLACE)]
        assert list(await store.numbers(BANK)) == [1, 3]
        assert list(await store.numbers(BANK, made=True)) == [2, 4]
        assert [row.number for row in await store.rows(BANK, after=2, made=True)] == [4]
        assert [row.number for row in await store.rows(BANK, after=1)] == [3]
        assert await store.rows("nobody", made=True) == []
        assert await store.numbers("nobody", made=True) == []

    async def test_the_version_counts_both_apart(self, store: Storage) -> None:
        await retained(store, "e1")
        await revise(store, add("a", "e1"), update("a", "b", "e1"))
        await kept(store, [event("e1", "Something else.")])

        version = await store.version(BANK)

        assert version is not None
        assert (version.last, version.removals) == (4, 1)
        assert (version.made, version.revised) == (2, 2)
        (summary,) = (await store.banks(cursor=None, limit=9)).items
        assert summary.memories == 1

    async def test_what_strategies_make_may_be_the_first_of_a_bank(self, store: Storage) -> None:
        await store.append(BANK, [event("e1")], strategies=[STRATEGY])
        await store.put(await store.lease(limit=1, seconds=60), [], embedder=EMBEDDER)

        await revise(store, add("a", "e1"))

        version = await store.version(BANK)
        assert version == BankVersion(version.number if version else 0, 1, 0, EMBEDDER, 4, made=1)

    async def test_another_embedder_is_an_error_and_keeps_nothing(self, store: Storage) -> None:
        await retained(store, "e1")
        assignment = await lease(store)

        with pytest.raises(EmbedderMismatchError):
            await store.revise(assignment, [add("a", "e1")], outcome(assignment, embedder="another"))

        assert await memories(store) == {}
        assert await states(store) == {"e1": "pending"}
        assert await store.revise(assignment, [add("a", "e1")], outcome(assignment))

    async def test_nothing_may_come_of_events(self, store: Storage) -> None:
        await retained(store, "e1")
        before = await store.version(BANK)

        assert await revise(store, embedder="another")

        assert await states(store) == {"e1": "done"}
        assert await store.version(BANK) == before

    async def test_revisions_are_done_once(self, store: Storage) -> None:
        await retained(store, "e1")
        assignment = await lease(store)

        done = [await store.revise(assignment, [add(id, "e1")], outcome(assignment)) for id in "ab"]

        assert done == [True, False]
        assert list(await memories(store)) == ["a"]
        assert len(await told(store)) == 1

    async def test_revisions_are_done_in_order(self, store: Storage) -> None:
        await retained(store, "e1", "e2")

        await revise(store, add("a", "e1"), update("a", "b", "e1"), supersede("b", "c", "e2"), skip("c", "d", "e1"))

        found = await memories(store)
        assert {id: (one.sources, one.superseded) for id, one in found.items()} == {
            "b": (("e1",), NOON + LATER),
            "c": (("e2", "e1"), None),
        }

    async def test_an_addition_is_told(self, store: Storage) -> None:
        await retained(store, "e1")

        await revise(store, add("a", "e1"), version="7")

        (one,) = await told(store)
        assert (one.bank, one.strategy, one.version, one.decision) == (BANK, STRATEGY, "7", "add")
        assert (one.memory, one.text, one.other, one.before, one.reason) == ("a", "a.", None, None, "why a")
        assert not one.undone
        assert timedelta(0) <= utc_now() - one.at < timedelta(minutes=1)

    async def test_an_update_takes_the_place_of_the_other(self, store: Storage) -> None:
        await think(store, add("a", "e1"))
        before = (await memories(store))["a"]

        await think(store, update("a", "b", "e1", "e2"))

        assert {id: one.sources for id, one in (await memories(store)).items()} == {"b": ("e1", "e2")}
        last = (await told(store))[-1]
        assert (last.decision, last.memory, last.other, last.before) == ("update", "b", "a", before)
        assert [row.id for row in await store.rows(BANK, made=True)] == ["b"]

    async def test_an_update_that_nobody_wants_back_keeps_nothing_of_the_other(self, store: Storage) -> None:
        await think(store, add("a", "e1"))

        await think(store, update("a", "b", "e2", undoable=False))

        assert (await memories(store))["b"].sources == ("e2", "e1")
        (last,) = await told(store)
        assert (last.memory, last.other, last.before) == ("b", "a", None)

    async def test_what_rested_on_what_was_replaced_before_is_inherited_too(self, store: Storage) -> None:
        await think(store, add("a", "e1"), update("a", "b", "e2"))

        await think(store, update("b", "c", "e3", undoable=False))

        assert set((await memories(store))["c"].sources) == {"e1", "e2", "e3"}
        assert [one.memory for one in await told(store)] == ["c"]
        await store.forget(BANK, Selection(key="key-e1"))
        assert await memories(store) == {}

    async def test_an_update_may_keep_the_id(self, store: Storage) -> None:
        await think(store, add("a", "e1"))

        await think(store, update("a", "a", "e1", "e2", text="Better."))

        found = (await memories(store))["a"]
        assert (found.text, found.sources) == ("Better.", ("e1", "e2"))
        assert await undo_last(store, made("a", "e1"))
        found = (await memories(store))["a"]
        assert (found.text, found.sources) == ("a.", ("e1",))

    async def test_what_is_superseded_is_kept_with_that_under_a_new_number(self, store: Storage) -> None:
        await retained(store, "e1")
        given = replace(made("a", "e1", occurred=Interval(NOON, NOON)), claims=(Claim(1, 2),), late=b"codes")
        await revise(store, Revision(decision="add", made=given))
        (before,) = await store.rows(BANK, made=True)

        await think(store, supersede("a", "b", "e2"))

        b, a = sorted(await store.rows(BANK, made=True), key=lambda row: -ord(row.id))
        assert a.number > before.number
        assert a.number not in (before.number, b.number)
        assert (a.superseded, b.superseded) == (_micro(NOON + LATER), None)
        assert np.array_equal(a.vector, before.vector)
        assert np.array_equal(a.terms, before.terms)
        assert (a.claims, a.occurred) == (before.claims, before.occurred)
        assert list(await store.late(BANK, [a.number, before.number])) == [b"codes", b""]
        expected = replace(given.memory, superseded=NOON + LATER)
        assert (await memories(store))["a"] == expected

    async def test_without_a_time_something_is_superseded_when_that_was_said(self, store: Storage) -> None:
        await think(store, add("a", "e1"))

        await think(store, replace(supersede("a", "b", "e2", mentioned=NOON + 3 * LATER), since=None))

        assert (await memories(store))["a"].superseded == NOON + 3 * LATER

    async def test_a_repetition_adds_its_events_and_nothing_else(self, store: Storage) -> None:
        await think(store, add("a", "e1"))
        before = await store.version(BANK)

        await retained(store, "e2", "e3")
        await revise(store, skip("a", "a again", "e3", "e1", "e2"))

        (found,) = (await memories(store)).values()
        assert (found.text, found.sources, found.event) == ("a.", ("e1", "e3", "e2"), "e1")
        after = await store.version(BANK)
        assert before is not None
        assert after is not None
        assert (after.made, after.revised, after.last) == (before.made, before.revised, before.last + 2)
        last = (await told(store))[-1]
        assert (last.decision, last.memory, last.other, last.text) == ("skip", "a", "a", "a again.")

    @pytest.mark.parametrize("decide", [update, supersede, skip])
    async def test_a_revision_of_what_is_gone_adds(self, store: Storage, decide: type) -> None:
        await retained(store, "e1")

        await revise(store, decide("gone", "b", "e1"))

        assert (await memories(store))["b"].sources == ("e1",)
        (only,) = await told(store)
        assert (only.decision, only.memory, only.other) == ("add", "b", None)

    async def test_what_was_retained_word_for_word_cannot_be_revised(self, store: Storage) -> None:
        await retained(store, "e1")

        await revise(store, update("m-e1-0", "b", "e1"))

        assert len((await store.memories(BANK, Selection(), cursor=None, limit=9)).items) == 2
        assert [one.decision for one in await told(store)] == ["add"]

    @pytest.mark.parametrize("decision", ["add", "update", "supersede"])
    async def test_a_memory_whose_id_is_there_is_a_repetition_of_it(self, store: Storage, decision: str) -> None:
        await think(store, add("a", "e1"), add("b", "e1"))
        again = {"add": add("b", "e2"), "update": update("a", "b", "e2"), "supersede": supersede("a", "b", "e2")}

        await think(store, again[decision])

        assert {id: one.sources for id, one in (await memories(store)).items()} == {"a": ("e1",), "b": ("e1", "e2")}
        last = (await told(store))[-1]
        assert (last.decision, last.memory, last.other) == ("skip", "b", "b")

    async def test_an_event_forgotten_meanwhile_ends_the_assignment(self, store: Storage) -> None:
        await retained(store, "e1", "e2")
        assignment = await lease(store)

        await store.forget(BANK, Selection(key="key-e1"))

        assert not await store.renew_assignment(assignment, 60)
        assert not await store.revise(assignment, [add("a", "e2")], outcome(assignment))
        assert await memories(store) == {}
        assert [one.id for one in (await lease(store)).events] == ["e2"]

    async def test_an_event_replaced_meanwhile_ends_the_assignment(self, store: Storage) -> None:
        await retained(store, "e1", "e2")
        assignment = await lease(store)

        await retained(store, event("e1", "Something else."))

        assert not await store.revise(assignment, [add("a", "e1")], outcome(assignment))
        assert [one.content for one in (await lease(store)).events] == ["e2 was said.", "Something else."]

    async def test_an_event_cut_meanwhile_ends_the_assignment(self, store: Storage) -> None:
        await store.append(BANK, [event("e1", "One. Two.")], strategies=[STRATEGY])
        await _split(store)
        assignment = await lease(store)

        await store.forget(BANK, Selection(memory="m-e1-0"))

        assert not await store.revise(assignment, [add("a", "e1")], outcome(assignment))
        assert [one.content for one in (await lease(store)).events] == ["[forgotten] Two."]

    @pytest.mark.parametrize("how", ["forgotten", "replaced", "cut"])
    async def test_another_source_lost_meanwhile_keeps_nothing(self, store: Storage, how: str) -> None:
        await store.append(BANK, [event("e1", "One. Two.")])
        await _split(store)
        await retained(store, "e2")
        assignment = await lease(store)

        if how == "replaced":
            await store.append(BANK, [event("e1", "Something else.")])
        else:
            await store.forget(BANK, Selection(key="key-e1") if how == "forgotten" else Selection(memory="m-e1-0"))

        assert await store.renew_assignment(assignment, 60)
        assert not await store.revise(assignment, [add("a", "e2", "e1")], outcome(assignment))
        assert await memories(store) == {}
        again = await lease(store)
        assert await store.revise(again, [add("a", "e2")], outcome(again))

    async def test_something_else_forgotten_meanwhile_does_not_matter(self, store: Storage) -> None:
        await retained(store, "e1", strategies=[])
        await retained(store, "e2")
        assignment = await lease(store)

        await store.forget(BANK, Selection(key="key-e1"))

        assert await store.revise(assignment, [add("a", "e2")], outcome(assignment))

    async def test_what_was_lost_before_the_lease_does_not_matter(self, store: Storage) -> None:
        await retained(store, "e1", "e2")
        await store.release(await lease(store, seconds=60), due=utc_now())
        await store.append(BANK, [event("e1", "Something else.")])
        await work_through(store)
        assignment = await lease(store)

        assert await store.revise(assignment, [add("a", "e2", "e1")], outcome(assignment))

    async def test_what_is_to_be_updated_may_be_forgotten_meanwhile(self, store: Storage) -> None:
        await think(store, add("a", "e1"))
        await retained(store, "e2")
        assignment = await lease(store)

        await store.forget(BANK, Selection(memory="a"))

        assert await store.revise(assignment, [skip("a", "b", "e2")], outcome(assignment))
        assert list(await memories(store)) == ["b"]

    async def test_revisions_are_listed_by_the_memories_that_they_name(self, store: Storage) -> None:
        await think(store, add("a", "e1"), add("b", "e2"), update("a", "c", "e3"), supersede("b", "d", "e4"))

        assert [one.memory for one in await told(store)] == ["a", "b", "c", "d"]
        assert [one.memory for one in await told(store, "a")] == ["a", "c"]
        assert [one.memory for one in await told(store, "d")] == ["d"]
        assert await told(store, "nothing") == []
        assert await told(store, bank="nobody") == []

    async def test_revisions_are_paged(self, store: Storage) -> None:
        await retained(store, "e1")
        await revise(store, *(add(id, "e1") for id in "abcde"))

        first = await store.revisions(BANK, limit=3)
        second = await store.revisions(BANK, limit=3, cursor=first.next)

        assert [one.memory for one in first.items + second.items] == list("abcde")
        assert second.next is None
        numbers = [one.number for one in first.items + second.items]
        assert numbers == sorted(set(numbers))

    async def test_an_addition_can_be_undone(self, store: Storage) -> None:
        await think(store, add("a", "e1"), add("b", "e1"))

        assert await undo_last(store)

        assert list(await memories(store)) == ["a"]
        assert [one.undone for one in await told(store)] == [False, True]
        assert await states(store) == {"e1": "done"}

    async def test_an_update_can_be_undone(self, store: Storage) -> None:
        await think(store, add("a", "e1"), skip("a", "a2", "e2"), update("a", "b", "e3"))

        assert await undo_last(store, made("a", "e1", text="Without words from elsewhere."))

        (found,) = (await memories(store)).values()
        assert (found.id, found.sources) == ("a", ("e1", "e2"))
        assert [row.id for row in await store.rows(BANK, made=True)] == ["a"]

    async def test_an_update_undone_without_vectors_waits_for_them(self, store: Storage) -> None:
        await think(store, add("a", "e1"), update("a", "b", "e2"))

        assert await undo_last(store)

        assert list(await memories(store)) == ["a"]
        assert [one.id for one in await store.unembedded(BANK)] == ["a"]
        assert await store.numbers(BANK, made=True) == []

    async def test_a_supersession_can_be_undone(self, store: Storage) -> None:
        await think(store, add("a", "e1"), supersede("a", "b", "e2"))
        before = {row.id: row.number for row in await store.rows(BANK, made=True)}

        assert await undo_last(store)

        rows = await store.rows(BANK, made=True)
        assert {row.id: row.superseded for row in rows} == {"a": None, "b": None}
        assert {row.id: row.number > before[row.id] for row in rows} == {"a": True, "b": False}

    async def test_a_repetition_can_be_undone(self, store: Storage) -> None:
        await think(store, add("a", "e1"), skip("a", "a2", "e2"), skip("a", "a3", "e1", "e3"))

        assert await undo_last(store)

        assert (await memories(store))["a"].sources == ("e1", "e2")

    async def test_a_repetition_undone_leaves_what_another_said(self, store: Storage) -> None:
        await think(store, add("a", "e1"), skip("a", "a2", "e2"), skip("a", "a3", "e2"))
        _, first, _ = await told(store)

        assert await store.undo(BANK, first.number, None, embedder=EMBEDDER)

        assert (await memories(store))["a"].sources == ("e1", "e2")

    async def test_a_chain_is_undone_from_its_end(self, store: Storage) -> None:
        await think(store, add("a", "e1"), update("a", "b", "e2"), update("b", "c", "e3"))
        first, second, third = await told(store)

        too_early = [await store.undo(BANK, one.number, None, embedder=EMBEDDER) for one in (first, second)]
        undone: list[object] = []
        for one, restored in ((third, made("b", "e2")), (second, made("a", "e1")), (first, None)):
            undone.append(await store.undo(BANK, one.number, restored, embedder=EMBEDDER))
            undone.append(list(await memories(store)))

        assert too_early == [False, False]
        assert undone == [True, ["b"], True, ["a"], True, []]
        assert {one.undone for one in await told(store)} == {True}

    async def test_what_superseded_and_was_replaced_is_not_undone(self, store: Storage) -> None:
        await think(store, add("a", "e1"), supersede("a", "b", "e2"), update("b", "c", "e3"))
        _, second, _ = await told(store)

        assert not await store.undo(BANK, second.number, None, embedder=EMBEDDER)

        assert (await memories(store))["a"].superseded == NOON + LATER

    async def test_what_is_superseded_twice_holds_again_when_both_are_undone(self, store: Storage) -> None:
        await think(store, add("a", "e1"), supersede("a", "b", "e2"))
        await think(store, replace(supersede("a", "c", "e3"), since=NOON + 2 * LATER))
        _, second, third = await told(store)
        moments = [(await memories(store))["a"].superseded]

        for one in (third, second):
            await store.undo(BANK, one.number, None, embedder=EMBEDDER)
            moments.append((await memories(store))["a"].superseded)

        assert moments == [NOON + 2 * LATER, NOON + LATER, None]

    async def test_what_comes_late_is_superseded_at_once_and_holds_again_when_that_is_undone(
        self, store: Storage
    ) -> None:
        await think(store, add("new", "e1"), late("new", "old", "e2"))
        before = (await memories(store))["old"].superseded
        records = [(one.decision, one.memory, one.other, one.text) for one in await told(store)]

        await undo_last(store)

        assert before == NOON + LATER
        assert records == [
            ("add", "new", None, "new."),
            ("add", "old", None, "old."),
            ("supersede", "new", "old", "new."),
        ]
        assert {id: one.superseded for id, one in (await memories(store)).items()} == {"new": None, "old": None}

    async def test_what_came_late_holds_again_when_the_newer_is_undone(self, store: Storage) -> None:
        await think(store, add("new", "e1"), late("new", "old", "e2"), late("new", "older", "e3"))
        first = (await told(store))[0]

        await store.undo(BANK, first.number, None, embedder=EMBEDDER)

        assert {id: one.superseded for id, one in (await memories(store)).items()} == {"old": None, "older": None}

    async def test_what_came_late_stays_superseded_when_a_repetition_of_the_newer_is_undone(
        self, store: Storage
    ) -> None:
        await think(store, add("new", "e1"), late("new", "old", "e2"), skip("new", "again", "e3"))

        await undo_last(store)

        assert (await memories(store))["old"].superseded == NOON + LATER

    async def test_what_comes_late_after_the_newer_is_gone_holds(self, store: Storage) -> None:
        await think(store, late("nothing", "old", "e1", superseded=NOON))

        assert (await memories(store))["old"].superseded is None
        assert [one.decision for one in await told(store)] == ["add"]

    async def test_what_comes_late_without_a_time_is_superseded_when_the_newer_was_said(self, store: Storage) -> None:
        await think(store, add("new", "e1", mentioned=NOON + 5 * LATER))

        await think(store, replace(late("new", "old", "e2"), since=None))

        assert (await memories(store))["old"].superseded == NOON + 5 * LATER

    async def test_what_comes_late_and_is_there_already_is_a_repetition(self, store: Storage) -> None:
        await think(store, add("new", "e1"), add("old", "e2"), late("new", "old", "e3"))

        found = (await memories(store))["old"]
        assert (found.superseded, found.sources) == (None, ("e2", "e3"))
        assert [one.decision for one in await told(store)] == ["add", "add", "skip"]

    async def test_what_is_added_as_over_by_nothing_stays_so(self, store: Storage) -> None:
        await think(store, add("a", "e1", superseded=NOON))

        assert (await memories(store))["a"].superseded == NOON

    async def test_nothing_is_undone_twice(self, store: Storage) -> None:
        await think(store, add("a", "e1"))
        (one,) = await told(store)

        done = [await store.undo(BANK, one.number, None, embedder=EMBEDDER) for _ in range(2)]

        assert done == [True, False]
        assert not await store.undo(BANK, one.number + 1, None, embedder=EMBEDDER)
        assert not await store.undo("nobody", one.number, None, embedder=EMBEDDER)

    async def test_a_revision_is_undone_in_its_own_bank_only(self, store: Storage) -> None:
        await think(store, add("a", "e1"))
        await retained(store, "e1", bank=BOB)
        (one,) = await told(store)

        assert not await store.undo(BOB, one.number, None, embedder=EMBEDDER)

        assert list(await memories(store)) == ["a"]

    async def test_undoing_with_another_embedder_is_an_error_and_changes_nothing(self, store: Storage) -> None:
        await think(store, add("a", "e1"), update("a", "b", "e2"))
        last = (await told(store))[-1]

        with pytest.raises(EmbedderMismatchError):
            await store.undo(BANK, last.number, made("a", "e1"), embedder="another")

        assert list(await memories(store)) == ["b"]
        assert not (await told(store))[-1].undone

    async def test_what_was_undone_may_be_added_again(self, store: Storage) -> None:
        await think(store, add("a", "e1"))
        await undo_last(store)

        await think(store, add("a", "e1"))

        assert (await memories(store))["a"].sources == ("e1",)
        assert [(one.decision, one.undone) for one in await told(store)] == [("add", True), ("add", False)]

    async def test_requeueing_leaves_what_strategies_made_without_vectors(self, store: Storage) -> None:
        await think(store, add("a", "e1"), add("b", "e2"))

        count = await store.requeue(BANK)

        assert count == 2
        assert list(await memories(store)) == ["a", "b"]
        assert [one.id for one in await store.unembedded()] == ["a", "b"]
        assert [one.sources for one in await store.unembedded(BANK, limit=1)] == [("e1",)]
        assert await store.rows(BANK, made=True) == []
        assert await store.numbers(BANK, made=True) == []
        version = await store.version(BANK)
        assert version is not None
        assert (version.last, version.removals, version.embedder) == (4, 2, None)
        assert (version.made, version.revised) == (2, 0)
        (summary,) = (await store.banks(cursor=None, limit=9)).items
        assert summary.memories == 2

    async def test_requeueing_takes_codes_of_tokens_too(self, store: Storage) -> None:
        await retained(store, "e1")
        await revise(store, Revision(decision="add", made=replace(made("a", "e1"), late=b"codes")))

        await store.requeue(BANK)

        assert list(await store.late(BANK, [2])) == [b""]

    async def test_memories_get_their_vectors_still(self, store: Storage) -> None:
        await think(store, add("a", "e1"), add("b", "e2"))
        await store.requeue(BANK)
        waiting = await store.unembedded(BANK)

        count = await store.embed_again(BANK, [_anew(one) for one in waiting], embedder="anew")

        assert count == 2
        assert await store.unembedded() == []
        rows = await store.rows(BANK, made=True)
        assert [(row.number, row.id, row.vector.tolist()) for row in rows] == [
            (5, "a", [0, 0, 1]),
            (6, "b", [0, 0, 1]),
        ]
        assert list(await store.late(BANK, [5])) == [b"anew"]
        version = await store.version(BANK)
        assert version is not None
        assert (version.embedder, version.dimensions, version.made, version.revised) == ("anew", 3, 4, 2)
        assert list(await store.get(BANK, [5, 6])) == list(waiting)

    async def test_vectors_for_what_has_them_or_is_gone_are_left(self, store: Storage) -> None:
        await think(store, add("a", "e1"))
        before = await store.version(BANK)

        count = await store.embed_again(BANK, [made("a", "e1"), made("b", "e1")], embedder=EMBEDDER)

        assert count == 0
        assert await store.version(BANK) == before
        assert await store.embed_again("nobody", [made("a", "e1")], embedder=EMBEDDER) == 0

    async def test_vectors_of_another_embedder_than_the_journal_has_by_now_are_an_error(self, store: Storage) -> None:
        await think(store, add("a", "e1"))
        await store.requeue(BANK)
        await work_through(store)

        with pytest.raises(EmbedderMismatchError):
            await store.embed_again(BANK, [made("a", "e1")], embedder="another")

        assert [one.id for one in await store.unembedded()] == ["a"]

    async def test_what_waits_for_vectors_may_be_revised(self, store: Storage) -> None:
        await think(store, add("a", "e1"), add("b", "e2"))
        await store.requeue(BANK)
        await work_through(store)

        await think(store, supersede("a", "c", "e3"), update("b", "d", "e4"))

        assert [(one.id, one.superseded) for one in await store.unembedded()] == [("a", NOON + LATER)]
        assert [row.id for row in await store.rows(BANK, made=True)] == ["c", "d"]
        await store.embed_again(BANK, [made("a", "e1")], embedder=EMBEDDER)
        assert {row.id: row.superseded for row in await store.rows(BANK, made=True)}["a"] == _micro(NOON + LATER)

    async def test_banks_do_not_see_what_strategies_made_in_others(self, store: Storage) -> None:
        for bank in (BANK, BOB):
            await retained(store, "e1", bank=bank)
            await revise(store, add("a", "e1", text=f"Of {bank}."), bank=bank)
        await retained(store, "e2", bank=BOB)

        await revise(store, update("a", "b", "e2"), bank=BOB)
        await store.forget(BOB, Selection(key="key-e1"))

        assert (await memories(store))["a"].text == f"Of {BANK}."
        assert [one.memory for one in await told(store)] == ["a"]
        assert [job.state for job in await jobs(store)] == ["done"]
        assert await memories(store, bank=BOB) == {}


async def _split(store: Storage) -> None:
    """Make a memory of each sentence."""
    leases = await store.lease(limit=10, seconds=60)
    pieces = [
        indexed(one.event, position=place, text=text)
        for one in leases
        for place, text in enumerate(one.event.content.replace(". ", ".\n").split("\n"))
    ]
    await store.put(leases, pieces, embedder=EMBEDDER)


def _anew(memory: Memory) -> Indexed:
    vector = np.array([0, 0, 1], dtype=np.float32)
    return Indexed(memory=memory, vector=vector, terms=np.array([7], dtype=np.uint32), late=b"anew")


def _micro(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1)
