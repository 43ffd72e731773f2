from datetime import timedelta
from typing import Any

import pytest

from duramen.protocols import Storage
from duramen.types import Forgotten, Selection
from tests.stores.examples import BANK, EMBEDDER, NOON, contents, event, indexed
from tests.stores.making import (
    LATER,
    MADE,
    PLACE,
    STRATEGY,
    add,
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
FIRST: dict[str, Any] = {
    "actor": "ada",
    "session": "monday",
    "document": "diary",
    "tags": ("home",),
    "mentioned": NOON - timedelta(days=1),
}
OF_FIRST = {
    "an item": Selection(key="key-e1"),
    "a document": Selection(document="diary"),
    "a session": Selection(session="monday"),
    "an actor": Selection(actor="ada"),
    "tags": Selection(tags=frozenset({"home"})),
    "a time": Selection(before=NOON),
}


class UnmakingContract:
    """What every store must take away of what strategies made; `store` is open and empty."""

    @pytest.mark.parametrize("selection", OF_FIRST.values(), ids=OF_FIRST.keys())
    async def test_what_rests_on_forgotten_events_goes(self, store: Storage, selection: Selection) -> None:
        await retained(store, event("e1", **FIRST))
        await revise(store, add("a", "e1"), add("ab", "e1"))
        await retained(store, "e2")
        await revise(store, skip("ab", "ab again", "e2"), add("b", "e2"))

        forgotten = await store.forget(BANK, selection)

        assert forgotten == Forgotten(bank=BANK, memories=3, events=1, keys=("key-e1",))
        assert list(await memories(store)) == ["b"]
        assert [one.memory for one in await told(store)] == ["b"]
        assert await contents(store) == ["e2 was said."]

    async def test_other_sources_are_thought_over_anew(self, store: Storage) -> None:
        await retained(store, "e1", "e2", "e3", strategies=["semantic", "summary"])
        first = await lease(store)
        await store.revise(first, [add("a", "e1", "e2")], outcome(first, version="1"))
        await revise(store)

        await store.forget(BANK, Selection(key="key-e1"))

        page = await store.jobs(BANK)
        assert {(job.strategy, job.event): (job.state, job.version, job.attempts) for job in page.items} == {
            ("semantic", "e2"): ("pending", "", 0),
            ("semantic", "e3"): ("done", "1", 1),
            ("summary", "e2"): ("done", "1", 1),
            ("summary", "e3"): ("done", "1", 1),
        }
        assert [one.id for one in (await lease(store)).events] == ["e2"]

    async def test_memories_of_strategies_are_selected_by_their_events_alone(self, store: Storage) -> None:
        await retained(store, event("e1"), strategies=[STRATEGY])
        own = {"actor": "ada", "session": "monday", "document": "diary", "tags": ("home",), "key": "key-e1"}
        await revise(store, add("a", "e1", **{**own, "key": "key-e2", "mentioned": NOON - timedelta(days=1)}))

        for selection in (*list(OF_FIRST.values())[1:], Selection(key="key-e2")):
            assert await store.forget(BANK, selection) == Forgotten(bank=BANK)

        assert list(await memories(store)) == ["a"]

    @pytest.mark.parametrize(
        "selection",
        [
            Selection(memory="a"),
            Selection(kinds=frozenset({"preference"})),
            Selection(strategy=STRATEGY),
            Selection(namespace=PLACE),
            Selection(namespace="/strategies/"),
            Selection(strategy=STRATEGY, session="monday"),
            Selection(kinds=frozenset({"preference"}), namespace="/", strategy=STRATEGY),
        ],
        ids=str,
    )
    async def test_memories_of_strategies_may_be_forgotten_alone(self, store: Storage, selection: Selection) -> None:
        await retained(store, "e1")
        own: dict[str, Any] = {"kind": "preference", "session": "monday"}
        await revise(store, add("a", "e1", **own))
        await retained(store, "e2", strategies=["other"])
        other: dict[str, Any] = {"strategy": "other", "namespace": "/elsewhere/"}
        await revise(store, add("b", "e2", **other))

        forgotten = await store.forget(BANK, selection)

        assert forgotten == Forgotten(bank=BANK, memories=1)
        assert list(await memories(store, Selection())) == ["b"]
        assert [one.memory for one in await told(store)] == ["b"]
        assert await contents(store) == ["e1 was said.", "e2 was said."]
        assert await states(store) == {"e1": "done", "e2": "done"}

    @pytest.mark.parametrize(
        "selection",
        [
            Selection(memory="a", session="tuesday"),
            Selection(strategy="other"),
            Selection(namespace="/strategies/semantic/actors/ad/"),
            Selection(strategy=STRATEGY, namespace="/elsewhere/"),
        ],
        ids=str,
    )
    async def test_all_conditions_hold_for_memories_of_strategies_too(
        self, store: Storage, selection: Selection
    ) -> None:
        await think(store, add("a", "e1"))

        assert await store.forget(BANK, selection) == Forgotten(bank=BANK)
        assert await memories(store, selection) == {}

        assert list(await memories(store)) == ["a"]

    async def test_what_was_retained_word_for_word_may_be_forgotten_alone(self, store: Storage) -> None:
        await retained(store, "e1", "e2")
        await revise(store, add("a", "e1"))

        forgotten = await store.forget(BANK, Selection(strategy="", kinds=frozenset({"experience"})))

        assert forgotten == Forgotten(bank=BANK)
        assert (await store.forget(BANK, Selection(strategy=""))).events == 2
        assert await memories(store) == {}

    async def test_a_kind_is_forgotten_of_both_sorts(self, store: Storage) -> None:
        await retained(store, "e1", event("e2", kind="experience"))
        await revise(store, add("a", "e2"), add("b", "e2", kind="experience"))

        forgotten = await store.forget(BANK, Selection(kinds=frozenset({"fact"})))

        assert (forgotten.memories, forgotten.events) == (2, 1)
        assert list(await memories(store)) == ["b"]

    async def test_namespaces_are_compared_by_segment(self, store: Storage) -> None:
        await retained(store, "e1")
        places = {"a": "/p/ada/", "b": "/p/ada/x/", "c": "/p/ad/", "d": "/p/ada%2F/", "e": "/p/ada0/", "f": "/q/ada/"}
        await revise(store, *(add(id, "e1", namespace=place) for id, place in places.items()))

        assert list(await memories(store, Selection(namespace="/p/ada/"))) == ["a", "b"]
        assert list(await memories(store, Selection(namespace="/p/"))) == ["a", "b", "c", "d", "e"]
        assert list(await memories(store, Selection(namespace="/"))) == list(places)
        assert list(await memories(store, Selection(namespace="/p/ada/", memory="b"))) == ["b"]
        assert list(await memories(store, Selection(namespace="/P/"))) == []

    async def test_memories_at_a_namespace_are_paged_by_number(self, store: Storage) -> None:
        await retained(store, "e1")
        await revise(store, *(add(id, "e1", namespace=f"/p/{9 - n}/") for n, id in enumerate("abcde")))

        first = await store.memories(BANK, Selection(namespace="/p/"), cursor=None, limit=3)
        second = await store.memories(BANK, Selection(namespace="/p/"), cursor=first.next, limit=3)

        assert [one.id for one in first.items + second.items] == list("abcde")
        assert second.next is None

    async def test_listing_shows_both_sorts(self, store: Storage) -> None:
        await think(store, add("a", "e1", session="monday"))

        async def listed(selection: Selection) -> list[str]:
            return [one.id for one in (await store.memories(BANK, selection, cursor=None, limit=9)).items]

        assert await listed(Selection()) == ["m-e1-0", "a"]
        assert await listed(Selection(strategy="")) == ["m-e1-0"]
        assert await listed(Selection(strategy=STRATEGY)) == ["a"]
        assert await listed(Selection(session="monday")) == ["a"]
        assert await listed(Selection(strategy="", session="monday")) == []

    async def test_listing_events_ignores_strategy_and_namespace(self, store: Storage) -> None:
        await retained(store, "e1")

        assert await contents(store, Selection(strategy="x", namespace="/x/")) == ["e1 was said."]

    async def test_events_may_be_listed_with_the_newest_first(self, store: Storage) -> None:
        given = [event(f"e{n}", session="monday", mentioned=NOON + timedelta(hours=n // 2)) for n in range(5)]
        await retained(store, *given, event("other"))

        for selection, expected in (
            (Selection(session="monday"), ["e4", "e3", "e2", "e1", "e0"]),
            (Selection(), ["e4", "e3", "e2", "other", "e1", "e0"]),
        ):
            first = await store.events(BANK, selection, cursor=None, limit=3, newest=True)
            second = await store.events(BANK, selection, cursor=first.next, limit=3, newest=True)
            assert [one.id for one in first.items + second.items] == expected
            assert second.next is None

    async def test_what_a_forgotten_memory_superseded_holds_again(self, store: Storage) -> None:
        await think(store, add("a", "e1"), supersede("a", "b", "e2"))

        await store.forget(BANK, Selection(key="key-e2"))

        assert {id: one.superseded for id, one in (await memories(store)).items()} == {"a": None}
        assert [(row.id, row.superseded) for row in await store.rows(BANK, made=True)] == [("a", None)]

    async def test_it_holds_again_when_that_is_forgotten_alone(self, store: Storage) -> None:
        await think(store, add("a", "e1"), supersede("a", "b", "e2"))

        await store.forget(BANK, Selection(memory="b"))

        assert {id: one.superseded for id, one in (await memories(store)).items()} == {"a": None}

    async def test_it_does_not_while_something_else_supersedes_it(self, store: Storage) -> None:
        await think(store, add("a", "e1"), supersede("a", "b", "e2"), supersede("a", "c", "e3"))

        await store.forget(BANK, Selection(key="key-e3"))

        assert (await memories(store))["a"].superseded == NOON + LATER

    async def test_forgetting_what_was_superseded_leaves_what_superseded_it(self, store: Storage) -> None:
        await think(store, add("a", "e1"), supersede("a", "b", "e2"))

        await store.forget(BANK, Selection(key="key-e1"))

        assert list(await memories(store)) == ["b"]
        assert await told(store, "a") == []

    async def test_what_was_replaced_goes_with_what_replaced_it(self, store: Storage) -> None:
        await think(store, add("a", "e1"), update("a", "b", "e2"), update("b", "c", "e3"))

        forgotten = await store.forget(BANK, Selection(key="key-e3"))

        assert forgotten.memories == 2
        assert await memories(store) == {}
        assert await told(store) == []
        assert await states(store) == {"e1": "pending", "e2": "pending"}

    async def test_what_replaced_something_goes_with_its_sources(self, store: Storage) -> None:
        await think(store, add("a", "e1"), update("a", "b", "e2"))

        await store.forget(BANK, Selection(key="key-e1"))

        assert await memories(store) == {}
        assert await told(store) == []
        assert await states(store) == {"e2": "pending"}

    async def test_what_was_replaced_for_good_leaves_its_sources(self, store: Storage) -> None:
        await think(store, add("a", "e1"), update("a", "b", "e2", undoable=False))

        await store.forget(BANK, Selection(key="key-e1"))

        assert await memories(store) == {}
        assert await states(store) == {"e2": "pending"}

    async def test_an_addition_undone_leaves_no_record_without_its_source(self, store: Storage) -> None:
        await think(store, add("a", "e1", "e2"))
        await undo_last(store)

        await store.forget(BANK, Selection(key="key-e1"))

        assert await told(store) == []
        assert await states(store) == {"e2": "done"}

    async def test_a_repetition_undone_leaves_no_record_without_its_source(self, store: Storage) -> None:
        await think(store, add("a", "e1"), skip("a", "said again", "e2"))
        await undo_last(store)

        await store.forget(BANK, Selection(key="key-e2"))

        assert [one.memory for one in await told(store)] == ["a"]
        assert (await memories(store))["a"].sources == ("e1",)

    async def test_an_update_undone_leaves_the_restored_when_its_source_goes(self, store: Storage) -> None:
        await think(store, add("a", "e1"), update("a", "b", "e2"))
        await undo_last(store, made("a", "e1"))

        await store.forget(BANK, Selection(key="key-e2"))

        assert list(await memories(store)) == ["a"]
        assert [one.memory for one in await told(store)] == ["a"]

    async def test_cutting_text_out_of_an_event_takes_what_rests_on_it(self, store: Storage) -> None:
        await store.append(BANK, [event("e1", "One. Two."), event("e2")], strategies=[STRATEGY])
        leases = await store.lease(limit=10, seconds=60)
        pieces = [indexed(leases[0].event, position=n, text=text) for n, text in enumerate(["One.", "Two."])]
        await store.put(leases, [*pieces, indexed(leases[1].event)], embedder=EMBEDDER)
        await revise(store, add("a", "e1", "e2"), add("b", "e2"))

        forgotten = await store.forget(BANK, Selection(memory="m-e1-0"))

        assert (forgotten.memories, forgotten.events) == (2, 0)
        assert list(await memories(store)) == ["b"]
        assert await contents(store) == ["[forgotten] Two.", "Ada moved to Lisbon."]
        assert await states(store) == {"e1": "pending", "e2": "pending"}
        assert [one.content for one in (await lease(store)).events] == ["[forgotten] Two.", "Ada moved to Lisbon."]

    async def test_forgetting_the_only_memory_of_an_event_takes_what_rests_on_it(self, store: Storage) -> None:
        await think(store, add("a", "e1"), add("b", "e2"))

        forgotten = await store.forget(BANK, Selection(memory="m-e1-0"))

        assert (forgotten.memories, forgotten.events) == (2, 1)
        assert list(await memories(store)) == ["b"]

    async def test_a_memory_of_a_strategy_does_not_keep_an_event(self, store: Storage) -> None:
        await store.append(BANK, [event("e1", "One. Two.")], strategies=[STRATEGY])
        leases = await store.lease(limit=10, seconds=60)
        await store.put(leases, [indexed(leases[0].event, text="One.")], embedder=EMBEDDER)
        await revise(store, add("a", "e1"))

        await store.forget(BANK, Selection(memory="m-e1-0"))

        assert await contents(store) == []

    async def test_replacing_an_event_takes_what_rests_on_it(self, store: Storage) -> None:
        await think(store, add("a", "e1"), supersede("a", "b", "e2"), add("c", "e3"), skip("b", "b2", "e4"))

        await store.append(BANK, [event("e2", "Something else.")], strategies=[STRATEGY])

        assert {id: one.superseded for id, one in (await memories(store)).items()} == {"a": None, "c": None}
        assert [one.memory for one in await told(store)] == ["a", "c"]
        assert await states(store) == {"e1": "done", "e2": "pending", "e3": "done", "e4": "pending"}

    async def test_a_repeat_leaves_what_rests_on_it(self, store: Storage) -> None:
        await think(store, add("a", "e1"))

        await store.append(BANK, [event("e1", "e1 was said.")], strategies=[STRATEGY])

        assert list(await memories(store)) == ["a"]
        assert await states(store) == {"e1": "done"}

    async def test_cutting_off_the_end_of_an_item_takes_what_rests_on_it(self, store: Storage) -> None:
        item = [event(f"e{n}", f"Line {n}.", key="item", position=n) for n in range(3)]
        await retained(store, *item)
        await revise(store, add("a", "e0"), add("b", "e1", "e0"), add("c", "e2"))

        await store.append(BANK, item[:1], beyond=["e1"], strategies=[STRATEGY])

        assert list(await memories(store)) == ["a"]
        assert await states(store) == {"e0": "pending"}

    async def test_working_an_event_through_again_leaves_what_rests_on_it(self, store: Storage) -> None:
        await think(store, add("a", "e1"))
        await store.requeue(BANK)

        leases = await store.lease(limit=10, seconds=60)
        await store.put(leases, [indexed(one.event) for one in leases], embedder=EMBEDDER)

        assert list(await memories(store)) == ["a"]

    async def test_forgetting_without_conditions_deletes_everything(self, store: Storage) -> None:
        await think(store, add("a", "e1"), update("a", "b", "e2"), supersede("b", "c", "e3"), add("d", "e1"))
        await store.requeue(BANK)

        forgotten = await store.forget(BANK, Selection())

        assert forgotten == Forgotten(bank=BANK, memories=3, events=3, keys=("key-e1", "key-e2", "key-e3"))
        await retained(store, "e1", "e2", "e3")
        assert await memories(store) == {}
        assert await told(store) == []
        assert await store.unembedded() == []
        assert await states(store) == {"e1": "pending", "e2": "pending", "e3": "pending"}

    async def test_what_rests_on_an_expired_event_goes_when_another_source_does(self, store: Storage) -> None:
        await retained(store, event("e1", expires=NOON), "e2")
        await revise(store, add("a", "e1", "e2"))
        await store.expire(NOON)

        await store.forget(BANK, Selection(key="key-e2"))

        assert await memories(store, MADE) == {}
        assert await states(store) == {}

    async def test_what_came_late_holds_again_when_the_newer_is_forgotten(self, store: Storage) -> None:
        await think(store, add("new", "e1"), late("new", "old", "e2"))

        await store.forget(BANK, Selection(key="key-e1"))

        assert {id: one.superseded for id, one in (await memories(store)).items()} == {"old": None}
        assert [(one.decision, one.memory) for one in await told(store)] == [("add", "old")]

    async def test_what_came_late_holds_again_when_what_replaced_the_newer_is_forgotten(self, store: Storage) -> None:
        await think(store, add("new", "e1"), late("new", "old", "e2"), update("new", "newest", "e3"))

        await store.forget(BANK, Selection(key="key-e3"))

        assert {id: one.superseded for id, one in (await memories(store)).items()} == {"old": None}

    async def test_nothing_is_left_of_what_came_late_when_it_is_forgotten(self, store: Storage) -> None:
        await think(store, add("new", "e1"), late("new", "old", "e2"))

        await store.forget(BANK, Selection(key="key-e2"))

        assert list(await memories(store)) == ["new"]
        assert [(one.decision, one.memory) for one in await told(store)] == [("add", "new")]

    async def test_what_a_strategy_made_is_thought_over_anew_with_its_other_sources(self, store: Storage) -> None:
        await retained(store, "e1", "e2", "e3", strategies=["semantic", "summary"])
        first = await lease(store)
        one, both = add("a", "e1"), add("b", "e2", "e3")
        await store.revise(first, [one, both, update("b", "c", "e2")], outcome(first, version="1"))
        await revise(store, add("s", "e2", strategy="summary"))

        removed = await store.rethink(BANK, first.strategy, ["e2"])

        assert removed == 1
        assert list(await memories(store)) == (["a"] if first.strategy == "semantic" else ["s"])
        assert {job.event for job in (await store.jobs(BANK, state="pending")).items} == {"e2", "e3"}

    async def test_to_think_over_what_nothing_was_made_of_takes_nothing_away(self, store: Storage) -> None:
        await retained(store, "e1", "e2")
        await revise(store, add("a", "e1"))

        assert await store.rethink(BANK, STRATEGY, ["e2", "unknown"]) == 0
        assert await store.rethink(BANK, STRATEGY, []) == 0
        assert await store.rethink(BOB, STRATEGY, ["e1"]) == 0
        assert list(await memories(store)) == ["a"]
        assert [job.event for job in (await store.jobs(BANK, state="pending")).items] == ["e2"]

    async def test_what_is_being_worked_on_meanwhile_is_not_kept_if_it_is_to_be_thought_over(
        self, store: Storage
    ) -> None:
        await retained(store, "e1")
        assignment = await lease(store)

        await store.rethink(BANK, STRATEGY, ["e1"])

        assert not await store.revise(assignment, [add("a", "e1")], outcome(assignment))
        assert [one.id for one in (await lease(store)).events] == ["e1"]

    async def test_other_banks_stay_as_they_are(self, store: Storage) -> None:
        for bank in (BANK, BOB):
            await retained(store, "e1", bank=bank)
            await revise(store, add("a", "e1"), bank=bank)

        await store.forget(BANK, Selection(strategy=STRATEGY))
        await store.forget(BANK, Selection(key="key-e1"))
        await store.forget(BANK, Selection())

        assert list(await memories(store, bank=BOB)) == ["a"]
        assert await states(store, bank=BOB) == {"e1": "done"}
        assert len(await told(store, bank=BOB)) == 1

    @pytest.mark.parametrize("selection", [Selection(actor="ada"), Selection(before=NOON + timedelta(days=900))])
    async def test_what_was_made_of_expired_events_is_forgotten_by_what_it_says_of_them(
        self, store: Storage, selection: Selection
    ) -> None:
        await retained(store, event("e1", actor="ada", expires=NOON), event("e2", actor="bob"))
        await revise(store, add("a", "e1", actor="ada"))
        await store.expire(NOON)
        other = await store.forget(BANK, Selection(actor="bob"))
        before = [*await memories(store)]

        await store.forget(BANK, selection)

        assert other.events == 1
        assert before == ["a"]
        assert not await memories(store)
