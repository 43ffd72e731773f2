from datetime import timedelta
from typing import Any

import pytest

from duramen.errors import BadInputError, ChangedError, EmbedderMismatchError
from duramen.ledger import Adopted, Filing
from duramen.protocols import Storage
from duramen.shelf import Change, Expect, Path, Put
from duramen.types import BankVersion, Forgotten, Indexed, Selection
from tests.contracts.moving import copied
from tests.stores.examples import BANK, EMBEDDER, NOON, contents, event, indexed, with_vector
from tests.stores.making import (
    LATER,
    PLACE,
    STRATEGY,
    add,
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

OTHER = "user:bob"
SHELF: Path = ("records", "ada")


def by_hand(id: str, **changes: Any) -> Indexed:
    """Return a memory that rests on no event."""
    return made(id, id, **{"sources": (), "key": id, **changes})


async def put(store: Storage, *filed: Indexed, bank: str = BANK, shelved: list[Change] | None = None) -> Filing:
    return await store.file(bank, filed, embedder=EMBEDDER, shelved=shelved or [])


async def take(store: Storage, *ids: str, shelved: list[Change] | None = None) -> Filing:
    return await store.file(BANK, [], ids, embedder=EMBEDDER, shelved=shelved or [])


async def version(store: Storage) -> BankVersion:
    found = await store.version(BANK)
    assert found is not None
    return found


async def standing(store: Storage, bank: str = BANK) -> dict[str, tuple[str, ...]]:
    """Return the sources of what is filed, by id."""
    return {id: tuple(one.sources) for id, one in (await memories(store, bank=bank)).items()}


class FilingContract:
    """What every store must do with memories that are put by hand; `store` is open and empty."""

    async def test_what_is_put_by_hand_is_there_as_it_was_given(self, store: Storage) -> None:
        given = by_hand(
            "r",
            kind="preference",
            actor="ada",
            session="monday",
            tags=("home",),
            metadata={"a": "b"},
            details={"record": {"metadata": {"n": 1.5}, "expires": None}},
            entities=("Ada",),
        )

        filing = await put(store, given)

        assert filing == Filing(put=("r",))
        assert await memories(store) == {"r": given.memory}
        assert [row.id for row in await store.rows(BANK, made=True)] == ["r"]
        assert list(await store.rows(BANK)) == []
        summary = (await store.banks(cursor=None, limit=1)).items[0]
        assert (summary.name, summary.memories, summary.events, summary.embedder) == (BANK, 1, 0, EMBEDDER)

    async def test_it_is_of_the_bank_that_it_is_put_in(self, store: Storage) -> None:
        await put(store, by_hand("r"), bank=OTHER)

        assert (await memories(store, bank=OTHER))["r"].bank == OTHER
        assert await store.version(BANK) is None

    async def test_it_needs_neither_revision_nor_job(self, store: Storage) -> None:
        await put(store, by_hand("r"))

        assert await told(store) == []
        assert await states(store) == {}

    async def test_it_is_listed_by_namespace_with_what_strategies_made(self, store: Storage) -> None:
        await think(store, add("a", "e1", namespace="/p/a/"))
        await put(store, by_hand("r", namespace="/p/b/"), by_hand("s", namespace="/q/"))

        assert list(await memories(store, Selection(namespace="/p/"))) == ["a", "r"]
        assert list(await memories(store, Selection(namespace="/p/b/"))) == ["r"]
        assert [one.id for one in (await store.made(BANK, cursor=None, limit=9)).items] == ["a", "r", "s"]

    async def test_one_whose_id_is_there_takes_its_place_under_a_new_number(self, store: Storage) -> None:
        await put(store, by_hand("r"), by_hand("s"))
        before = await version(store)

        filing = await put(store, by_hand("r", text="Other.", namespace="/elsewhere/", strategy="other"))

        assert filing == Filing(put=("r",))
        after = await version(store)
        assert (after.made, after.revised) == (before.made + 1, before.revised + 1)
        found = await memories(store, Selection(namespace="/elsewhere/"))
        assert [(one.text, one.strategy) for one in found.values()] == [("Other.", "other")]
        assert [(row.id, row.namespace) for row in await store.rows(BANK, after=before.last, made=True)] == [
            ("r", "/elsewhere/")
        ]
        assert len(await store.numbers(BANK, made=True)) == 2

    async def test_of_several_with_one_id_the_last_counts(self, store: Storage) -> None:
        filing = await put(store, by_hand("r"), by_hand("s"), by_hand("r", text="Last."))

        assert filing == Filing(put=("r", "s"))
        assert (await memories(store))["r"].text == "Last."

    async def test_one_that_a_strategy_made_keeps_its_sources_and_goes_with_them(self, store: Storage) -> None:
        await retained(store, "e1", "e2", "e3")
        await revise(store, add("a", "e1", "e2"))

        await put(store, by_hand("a", text="Corrected.", event="e1"))

        assert await standing(store) == {"a": ("e1", "e2")}
        forgotten = await store.forget(BANK, Selection(key="key-e2"))
        assert forgotten == Forgotten(bank=BANK, memories=2, events=1, keys=("key-e2",))
        assert await memories(store) == {}
        assert await states(store) == {"e1": "pending", "e3": "done"}

    async def test_one_that_was_superseded_is_so_as_it_says(self, store: Storage) -> None:
        await think(store, add("a", "e1"), supersede("a", "b", "e2"))
        before = (await memories(store))["a"]

        await put(store, with_vector(before))

        assert (await memories(store))["a"] == before
        await store.forget(BANK, Selection(key="key-e2"))
        assert (await memories(store))["a"].superseded is None

    async def test_one_with_sources_is_left_out_when_it_is_gone(self, store: Storage) -> None:
        await think(store, add("a", "e1"), add("b", "e2"))
        await store.forget(BANK, Selection(key="key-e1"))

        filing = await put(store, made("a", "e1"), made("b", "e2", text="Corrected."))

        assert filing == Filing(put=("b",))
        assert [one.text for one in (await memories(store)).values()] == ["Corrected."]
        assert await put(store, made("a", "e1"), bank=OTHER) == Filing()
        assert await store.version(OTHER) is None

    async def test_one_with_sources_is_left_out_when_one_of_them_is_no_more(self, store: Storage) -> None:
        await think(store, add("a", "e1"), skip("a", "a again", "e2"))
        await undo_last(store)

        assert await put(store, made("a", "e1", "e2")) == Filing()

        assert await put(store, made("a", "e1")) == Filing(put=("a",))

    async def test_made_ones_are_removed_and_unknown_ones_passed_over(self, store: Storage) -> None:
        await think(store, add("a", "e1"), add("b", "e2"))
        await put(store, by_hand("r"), by_hand("s"))
        before = await version(store)

        filing = await take(store, "r", "nothing", "a", "m-e1-0", "r")

        assert filing == Filing(removed=("r", "a"))
        assert list(await memories(store)) == ["b", "s"]
        assert (await version(store)).revised == before.revised + 2
        assert [one.memory for one in await told(store)] == ["b"]
        assert await contents(store) == ["e1 was said.", "e2 was said."]
        assert await states(store) == {"e1": "done", "e2": "done"}
        assert await take(store, "a", "r") == Filing()

    async def test_nothing_is_removed_from_an_unknown_bank(self, store: Storage) -> None:
        assert await take(store, "r") == Filing()
        assert await put(store) == Filing()
        assert await store.version(BANK) is None

    async def test_what_it_replaced_goes_with_it_and_what_it_superseded_holds_again(self, store: Storage) -> None:
        await think(store, add("a", "e1"), update("a", "b", "e2"), add("x", "e3"), supersede("x", "y", "e4"))

        filing = await take(store, "b", "y")

        assert filing == Filing(removed=("b", "y"))
        assert {id: one.superseded for id, one in (await memories(store)).items()} == {"x": None}
        assert [one.memory for one in await told(store)] == ["x"]
        assert set((await states(store)).values()) == {"done"}

    async def test_it_is_removed_before_it_is_put(self, store: Storage) -> None:
        await put(store, by_hand("r"))

        filing = await store.file(BANK, [by_hand("r", text="New.")], ["r"], embedder=EMBEDDER)

        assert filing == Filing(put=("r",), removed=("r",))
        assert (await memories(store))["r"].text == "New."

    async def test_another_embedder_is_refused(self, store: Storage) -> None:
        await put(store, by_hand("r"))

        with pytest.raises(EmbedderMismatchError):
            await store.file(BANK, [by_hand("s")], ["r"], embedder="other", shelved=[_put()])
        with pytest.raises(EmbedderMismatchError):
            await store.file(OTHER, [by_hand("s"), with_vector(by_hand("t").memory, 5)], embedder=EMBEDDER)

        assert list(await memories(store)) == ["r"]
        assert await store.shelf.scan(SHELF) == []
        assert await store.version(OTHER) is None
        assert await store.file(BANK, [], ["r"], embedder="other") == Filing(removed=("r",))

    @pytest.mark.parametrize(
        "lacking",
        [{"strategy": None}, {"strategy": ""}, {"namespace": None}, {"namespace": "/open"}, {"namespace": "x/"}],
        ids=str,
    )
    async def test_one_without_a_place_is_refused(self, store: Storage, lacking: dict[str, Any]) -> None:
        with pytest.raises(BadInputError, match="'s'"):
            await put(store, by_hand("r"), by_hand("s", **lacking), shelved=[_put()])

        assert await store.version(BANK) is None
        assert await store.shelf.scan(SHELF) == []

    async def test_changes_ride_along_or_nothing_is_done(self, store: Storage) -> None:
        await put(store, by_hand("r"), shelved=[Expect(path=SHELF, key="k", value=None), _put()])

        with pytest.raises(ChangedError):
            await put(store, by_hand("s"), shelved=[Expect(path=SHELF, key="k", value=None)])
        with pytest.raises(ChangedError):
            await take(store, "r", shelved=[Expect(path=SHELF, key="k", value=b"other")])
        with pytest.raises(ChangedError):
            await put(store, by_hand("s"), bank=OTHER, shelved=[Expect(path=SHELF, key="k", value=None)])
        await take(store, shelved=[Put(path=SHELF, key="alone", value=b"1")])

        assert list(await memories(store)) == ["r"]
        assert await store.version(OTHER) is None
        assert [one.key for one in await store.shelf.scan(SHELF)] == ["alone", "k"]

    async def test_what_was_read_must_be_there_exactly_so_still(self, store: Storage) -> None:
        await put(store, by_hand("r"), by_hand("s"))
        await think(store, add("a", "e1"))
        read = await memories(store)
        there = [*read.values()]

        async def change(*filed: Indexed, **given: Any) -> Filing:
            return await store.file(BANK, filed, embedder=EMBEDDER, shelved=[_put()], there=there, **given)

        assert (await change(by_hand("r", text="New."))).put == ("r",)
        with pytest.raises(ChangedError, match="'r'"):
            await change(by_hand("r", text="Newer."))
        assert (await memories(store))["r"].text == "New."

        there = [read["s"]]
        await take(store, "s")
        with pytest.raises(ChangedError):
            await change(by_hand("s", text="Back."), removed=["r"])
        with pytest.raises(ChangedError):
            await store.file(OTHER, [by_hand("s")], embedder=EMBEDDER, there=there)
        assert sorted(await memories(store)) == ["a", "r"]
        assert await store.version(OTHER) is None

        there = [read["a"]]
        await think(store, skip("a", "b", "e2"))
        with pytest.raises(ChangedError):
            await change(removed=["a"])
        assert (await memories(store))["a"].sources == ("e1", "e2")

    async def test_who_revises_what_is_put_meanwhile_begins_anew(self, store: Storage) -> None:
        await think(store, add("a", "e1"))
        await retained(store, "e2")
        assignment = await lease(store)

        await put(store, by_hand("a", text="Corrected.", event="e1"))

        assert not await store.revise(assignment, [update("a", "b", "e2")], outcome(assignment))
        assert [one.text for one in (await memories(store)).values()] == ["Corrected."]
        again = await lease(store)
        assert [one.id for one in again.events] == ["e2"]
        assert await store.revise(again, [update("a", "b", "e2")], outcome(again))

    async def test_who_says_again_what_is_removed_meanwhile_begins_anew(self, store: Storage) -> None:
        await think(store, add("a", "e1"))
        await retained(store, "e2")
        assignment = await lease(store)

        await take(store, "a")

        assert not await store.revise(assignment, [skip("a", "a again", "e2")], outcome(assignment))
        assert await memories(store) == {}
        assert await revise(store)
        assert await store.job_backlog(BANK) == await store.job_backlog("nothing")

    async def test_others_go_on_meanwhile(self, store: Storage) -> None:
        await think(store, add("a", "e1"))
        await put(store, by_hand("r", strategy="other"))
        await retained(store, "e2")
        assignment = await lease(store)

        await put(store, by_hand("new"), by_hand("r", strategy="other", text="Corrected."))
        await take(store, "r", "nothing")

        assert await store.revise(assignment, [add("b", "e2")], outcome(assignment))

    async def test_what_strategies_say_again_of_it_does_not_take_it_away(self, store: Storage) -> None:
        await put(store, by_hand("r"))
        await think(store, skip("r", "r again", "e1"))
        await think(store, skip("r", "r once more", "e2"))
        assert await standing(store) == {"r": ("e1", "e2")}

        await store.forget(BANK, Selection(key="key-e1"))

        assert await standing(store) == {"r": ("e2",)}
        assert [one.text for one in await told(store)] == ["r once more."]
        assert await store.rethink(BANK, STRATEGY, ["e2"]) == 0
        assert await standing(store) == {"r": ()}
        assert await states(store) == {"e2": "pending"}

    async def test_what_replaced_it_leaves_it_when_that_is_forgotten(self, store: Storage) -> None:
        await put(store, by_hand("r"))
        await think(store, update("r", "b", "e1"), update("b", "c", "e2"))
        assert list(await memories(store)) == ["c"]

        forgotten = await store.forget(BANK, Selection(key="key-e2"))

        assert (forgotten.memories, forgotten.events) == (2, 1)
        assert await standing(store) == {"r": ()}
        assert await told(store) == []
        assert await states(store) == {"e1": "pending"}
        (bare,) = await store.unembedded(BANK)
        assert await store.embed_again(BANK, [with_vector(bare)], embedder=EMBEDDER) == 1
        assert [row.id for row in await store.rows(BANK, made=True)] == ["r"]

    async def test_it_does_not_come_back_when_what_replaced_it_is_removed(self, store: Storage) -> None:
        await put(store, by_hand("r"))
        await think(store, update("r", "b", "e1"))

        await take(store, "b")

        assert await memories(store) == {}
        assert await told(store) == []

    async def test_what_replaced_it_can_be_undone(self, store: Storage) -> None:
        given = by_hand("r")
        await put(store, given)
        await think(store, update("r", "b", "e1"))

        assert await undo_last(store, given)

        assert await standing(store) == {"r": ()}

    async def test_what_superseded_it_lets_it_hold_again_when_that_is_forgotten(self, store: Storage) -> None:
        await put(store, by_hand("r"))
        await think(store, supersede("r", "b", "e1"))
        assert (await memories(store))["r"].superseded is not None

        await store.forget(BANK, Selection(key="key-e1"))

        assert (await memories(store))["r"].superseded is None

    @pytest.mark.parametrize(
        "selection",
        [
            Selection(memory="r"),
            Selection(actor="ada"),
            Selection(session="monday"),
            Selection(actor="ada", session="monday"),
            Selection(tags=frozenset({"home"})),
            Selection(key="key-r"),
            Selection(before=NOON),
            Selection(strategy=STRATEGY, actor="ada"),
            Selection(namespace="/p/"),
            Selection(kinds=frozenset({"preference"})),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("said_again", [False, True])
    async def test_it_is_forgotten_by_what_it_says_of_itself(
        self, store: Storage, selection: Selection, said_again: bool
    ) -> None:
        own: dict[str, Any] = {
            "actor": "ada",
            "session": "monday",
            "tags": ("home",),
            "key": "key-r",
            "mentioned": NOON - timedelta(days=1),
            "namespace": "/p/q/",
            "kind": "preference",
        }
        await put(store, by_hand("r", **own), by_hand("other"))
        if said_again:
            await think(store, skip("r", "r again", "e1"))

        forgotten = await store.forget(BANK, selection)

        assert (forgotten.memories, forgotten.events) == (1, 0)
        assert list(await memories(store)) == ["other"]

    async def test_it_is_forgotten_with_what_replaced_it_when_both_are_meant(self, store: Storage) -> None:
        await put(store, by_hand("r", session="monday"), by_hand("s"))
        await retained(store, event("e1", session="monday"))
        await revise(store, update("r", "b", "e1", session="monday"), update("s", "t", "e1", session="monday"))

        await store.forget(BANK, Selection(session="monday"))

        assert list(await memories(store)) == ["s"]
        assert await told(store) == []

    async def test_it_comes_back_for_no_kind_that_is_forgotten(self, store: Storage) -> None:
        await put(store, by_hand("r"), by_hand("s", kind="preference"))
        await retained(store, "e1")
        own: dict[str, Any] = {"kind": "preference"}
        await revise(store, update("r", "b", "e1", **own), update("s", "t", "e1", **own))

        await store.forget(BANK, Selection(kinds=frozenset({"fact"})))

        assert list(await memories(store)) == ["s"]

    async def test_it_is_gone_with_its_bank(self, store: Storage) -> None:
        await put(store, by_hand("r"))

        forgotten = await store.forget(BANK, Selection())

        assert forgotten == Forgotten(bank=BANK, memories=1)
        assert await store.version(BANK) is None

    async def test_what_only_expires_leaves_it(self, store: Storage) -> None:
        await put(store, by_hand("r"))
        await retained(store, event("e1", expires=NOON))
        await revise(store, skip("r", "r again", "e1"))

        assert await store.expire(NOON + LATER) == 1

        assert list(await memories(store)) == ["r"]

    async def test_cutting_text_out_of_an_event_leaves_it(self, store: Storage) -> None:
        await put(store, by_hand("r"))
        await store.append(BANK, [event("e1", "One. Two.")], strategies=[STRATEGY])
        leases = await store.lease(limit=10, seconds=60)
        pieces = [indexed(leases[0].event, position=n, text=text) for n, text in enumerate(["One.", "Two."])]
        await store.put(leases, pieces, embedder=EMBEDDER)
        await revise(store, skip("r", "One", "e1"))

        await store.forget(BANK, Selection(memory="m-e1-0"))

        assert await standing(store) == {"r": ()}
        assert await told(store) == []
        assert await states(store) == {"e1": "pending"}

    async def test_it_waits_for_its_vectors_like_all_that_is_made(self, store: Storage) -> None:
        await put(store, by_hand("r"))

        await store.requeue(BANK)

        (bare,) = await store.unembedded(BANK)
        assert bare.id == "r"
        assert await put(store, by_hand("r", text="New.")) == Filing(put=("r",))
        assert list(await store.unembedded(BANK)) == []
        assert [row.id for row in await store.rows(BANK, made=True)] == ["r"]

    async def test_it_is_adopted_as_it_was(self, store: Storage) -> None:
        await put(store, by_hand("r"), by_hand("s"))
        await think(store, skip("r", "r again", "e1"), update("s", "t", "e2"))
        given = await copied(store, OTHER)

        assert await store.adopt(OTHER, given, embedder=EMBEDDER) == 2

        assert await standing(store, OTHER) == await standing(store) == {"r": ("e1",), "t": ("e2",)}
        await store.forget(OTHER, Selection(key="key-e1"))
        await store.forget(OTHER, Selection(key="key-e2"))
        assert await standing(store, OTHER) == {"r": (), "s": ()}
        assert await store.adopt(OTHER, Adopted(memories=[by_hand("r"), by_hand("s")]), embedder=EMBEDDER) == 0

    async def test_it_is_filed_at_its_own_place_when_nothing_else_is(self, store: Storage) -> None:
        await put(store, by_hand("r", namespace=PLACE))

        await store.append(BANK, [event("e1")])

        assert [one.id for one in (await store.memories(BANK, Selection(), cursor=None, limit=9)).items] == ["r"]
        assert (await version(store)).embedder == EMBEDDER


def _put() -> Put:
    return Put(path=SHELF, key="k", value=b"v")
