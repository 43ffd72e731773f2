import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from duramen.errors import ClosedError
from duramen.protocols import Appended, Backlog, Lease, Storage
from duramen.status import Failure
from duramen.times import utc_now
from duramen.types import Event, Selection
from tests.stores.examples import (
    BANK,
    EMBEDDER,
    NOON,
    contents,
    event,
    events,
    full_event,
    ids,
    indexed,
    kept,
    texts,
    work_through,
)

OTHER = "user:bob"
OTHER_CONTENT: dict[str, Any] = {
    "content": "Ada moved to Porto.",
    "tags": ("home",),
    "metadata": {"channel": "voice"},
    "document": "letter",
    "occurred": NOON,
    "speaker": "user",
    "actor": "bob",
    "session": "tuesday",
    "kind": "fact",
    "entities": ("Lisbon",),
}
FORGETTING = {
    "a memory": Selection(memory="m-e1-0"),
    "an item": Selection(key="key-e2"),
    "a session": Selection(session="monday"),
    "a document": Selection(document="diary"),
    "an actor": Selection(actor="ada"),
    "a kind": Selection(kinds=frozenset({"experience"})),
    "a time": Selection(before=NOON + timedelta(days=1)),
    "everything": Selection(),
}


class JournalContract:
    """What every journal must do; an inheriting class gives the fixture `store`, open and empty."""

    async def test_an_appended_event_is_leased_as_it_was_given(self, store: Storage) -> None:
        given = [event("plain"), full_event("full")]
        appended = await store.append(BANK, given)

        leases = await store.lease(limit=10, seconds=60)

        assert appended == Appended()
        assert [lease.event for lease in leases] == given
        assert [lease.attempt for lease in leases] == [1, 1]

    async def test_entities_are_there_wherever_an_event_is_read(self, store: Storage) -> None:
        given = [
            event("a", entities=("Ada Lovelace", "Größe", 'a "b", [c]')),
            event("b"),
            event("c", entities=("Oslo",)),
        ]
        await store.append(BANK, given, strategies=["s"])

        leases = await store.lease(limit=10, seconds=60)
        await store.put(leases, [], embedder=EMBEDDER)
        assignment = await store.lease_jobs(seconds=60, limit=10)

        listed = await store.events(BANK, Selection(), cursor=None, limit=10)
        assert [lease.event for lease in leases] == given
        assert list(listed.items) == given
        assert assignment is not None
        assert list(assignment.events) == given

    async def test_entities_in_another_order_are_the_same(self, store: Storage) -> None:
        await store.append(BANK, [event(entities=("Ada", "Oslo"))])

        appended = await store.append(BANK, [event(entities=("Oslo", "Ada"))])
        without = await store.append(BANK, [event()])

        assert appended == Appended(repeated=1)
        assert without == Appended(replaced=1)

    @pytest.mark.parametrize("worked_through", [True, False])
    async def test_an_item_that_became_shorter_loses_its_end(self, store: Storage, worked_through: bool) -> None:
        item = [event(f"e{place}", f"Line {place}.", key="item", position=place) for place in range(4)]
        other = event("other", "Another item.", key="other", position=3)
        await store.append(BANK, [*item, other], beyond=["e4", "other4"])
        if worked_through:
            await work_through(store)

        appended = await store.append(BANK, item[:2], beyond=["e2"])
        await work_through(store)

        assert appended == Appended(repeated=2)
        assert sorted(await contents(store)) == ["Another item.", "Line 0.", "Line 1."]
        assert sorted(await texts(store)) == ["Another item.", "Line 0.", "Line 1."]

    async def test_times_come_back_aware(self, store: Storage) -> None:
        await store.append(BANK, [full_event()])

        (lease,) = await store.lease(limit=1, seconds=60)

        assert lease.event.mentioned.utcoffset() == timedelta(0)
        assert lease.event.stored.utcoffset() == timedelta(0)

    async def test_appending_nothing_makes_no_bank(self, store: Storage) -> None:
        assert await store.append(BANK, []) == Appended()
        assert await store.version(BANK) is None

    async def test_appending_creates_the_bank(self, store: Storage) -> None:
        await store.append(BANK, [event()])

        version = await store.version(BANK)

        assert version is not None
        assert (version.last, version.removals, version.embedder, version.dimensions) == (0, 0, None, 0)

    async def test_the_same_content_again_is_left_as_it_is(self, store: Storage) -> None:
        first = event("first")
        await store.append(BANK, [first, full_event("e2")])
        later: dict[str, Any] = {"mentioned": NOON + timedelta(days=1), "stored": NOON + timedelta(days=1)}

        appended = await store.append(BANK, [event("first", **later), full_event("e2", **later)])

        assert appended == Appended(repeated=2)
        assert await contents(store) == ["Ada moved to Lisbon."] * 2
        assert (await store.lease(limit=1, seconds=60))[0].event == first

    async def test_a_repeat_of_a_finished_event_does_not_make_it_pending(self, store: Storage) -> None:
        await kept(store, [event()])

        appended = await store.append(BANK, [event()])

        assert appended.repeated == 1
        assert await store.backlog() == Backlog()

    async def test_a_repeat_of_an_event_given_up_leaves_it_given_up(self, store: Storage) -> None:
        await store.append(BANK, [event()])
        (lease,) = await store.lease(limit=1, seconds=60)
        await store.fail(lease, "no", retry_at=None)

        await store.append(BANK, [event()])

        assert await store.backlog() == Backlog(failed=1)

    @pytest.mark.parametrize("field", OTHER_CONTENT)
    async def test_other_content_of_the_same_id_replaces_the_event(self, store: Storage, field: str) -> None:
        await kept(store, [full_event()])
        changed = full_event(**{field: OTHER_CONTENT[field]})

        appended = await store.append(BANK, [changed])

        assert appended == Appended(replaced=1)
        assert [lease.event for lease in await store.lease(limit=10, seconds=60)] == [changed]

    async def test_memories_of_a_replaced_event_stay_until_it_is_worked_through(self, store: Storage) -> None:
        await kept(store, [event(content="old")])
        await store.append(BANK, [event(content="new")])
        before = await texts(store)

        await work_through(store)

        assert before == ["old"]
        assert await texts(store) == ["new"]

    async def test_an_id_twice_in_one_call_is_taken_one_after_the_other(self, store: Storage) -> None:
        appended = await store.append(BANK, [event(content="a"), event(content="a"), event(content="b")])

        assert appended == Appended(replaced=1, repeated=1)
        assert await contents(store) == ["b"]

    async def test_the_same_id_in_another_bank_is_another_event(self, store: Storage) -> None:
        await store.append(BANK, [event(content="Ada's")])

        appended = await store.append(OTHER, [event(content="Bob's", bank=OTHER)])

        assert appended == Appended()
        assert (await contents(store), await contents(store, bank=OTHER)) == (["Ada's"], ["Bob's"])

    async def test_fifty_tasks_appending_at_once_keep_each_event_once(self, store: Storage) -> None:
        batches = [events(3, f"task{n}-") for n in range(50)]

        await asyncio.gather(*(store.append(BANK, batch) for batch in batches))

        page = await store.events(BANK, Selection(), cursor=None, limit=1000)
        assert sorted(ids(page.items)) == sorted(one.id for batch in batches for one in batch)

    async def test_events_are_leased_in_the_order_they_were_appended(self, store: Storage) -> None:
        await store.append(BANK, [event("b"), event("a")])
        await store.append(OTHER, [event("c", bank=OTHER)])
        await store.append(BANK, [event("d", mentioned=NOON - timedelta(days=9))])

        first = await store.lease(limit=3, seconds=60)
        second = await store.lease(limit=3, seconds=60)

        assert ids(lease.event for lease in first) == ["b", "a", "c"]
        assert ids(lease.event for lease in second) == ["d"]

    async def test_a_replaced_event_goes_to_the_end_of_the_queue(self, store: Storage) -> None:
        await store.append(BANK, [event("a"), event("b")])
        await store.append(BANK, [event("a", "changed")])

        leases = await store.lease(limit=3, seconds=60)

        assert ids(lease.event for lease in leases) == ["b", "a"]

    async def test_a_lease_of_one_bank_leaves_the_others_alone(self, store: Storage) -> None:
        await store.append(OTHER, [event("theirs", bank=OTHER)])
        await store.append(BANK, [event("ours")])

        leases = await store.lease(limit=10, seconds=60, bank=BANK)

        assert ids(lease.event for lease in leases) == ["ours"]
        assert (await store.backlog(OTHER)).due is not None

    @pytest.mark.parametrize("limit", [0, -1])
    async def test_no_limit_gives_no_lease(self, store: Storage, limit: int) -> None:
        await store.append(BANK, [event()])

        assert list(await store.lease(limit=limit, seconds=60)) == []

    async def test_no_event_has_two_leases(self, store: Storage) -> None:
        await store.append(BANK, events(60))

        taken = await asyncio.gather(*(store.lease(limit=5, seconds=60) for _ in range(20)))

        assert sorted(lease.event.id for leases in taken for lease in leases) == ids(events(60))

    async def test_an_event_whose_lease_ran_out_is_given_on(self, store: Storage) -> None:
        await store.append(BANK, [event()])
        (first,) = await store.lease(limit=1, seconds=0)

        (second,) = await store.lease(limit=1, seconds=60)

        assert second.event == first.event
        assert second.attempt == 2
        assert second.token != first.token

    async def test_a_renewed_lease_keeps_the_event(self, store: Storage) -> None:
        await store.append(BANK, events(2))
        leases = await store.lease(limit=2, seconds=60)

        await store.renew(leases[:1], 600)
        await store.renew(leases[1:], -1)

        assert [lease.event for lease in await store.lease(limit=9, seconds=60)] == [leases[1].event]

    async def test_renewing_does_not_bring_back_a_lease_that_was_given_on(self, store: Storage) -> None:
        await store.append(BANK, [event()])
        (stale,) = await store.lease(limit=1, seconds=0)
        (current,) = await store.lease(limit=1, seconds=60)

        await store.renew([stale], 600)

        assert await store.put([stale], [indexed(stale.event)], embedder=EMBEDDER) == 0
        assert await store.put([current], [indexed(current.event)], embedder=EMBEDDER) == 1

    async def test_renewing_does_not_bring_back_a_lease_that_ran_out(self, store: Storage) -> None:
        await store.append(BANK, [event()])
        expired = await store.lease(limit=1, seconds=0)

        await store.renew(expired, 600)

        assert len(await store.lease(limit=1, seconds=60)) == 1

    async def test_a_failed_event_is_due_again_at_the_time_given(self, store: Storage) -> None:
        await store.append(BANK, events(2))
        now, later = await store.lease(limit=2, seconds=60)
        retry_at = utc_now() + timedelta(hours=1)

        await store.fail(now, "try at once", retry_at=NOON)
        await store.fail(later, "try later", retry_at=retry_at)

        (again,) = await store.lease(limit=9, seconds=60)
        assert (again.event, again.attempt) == (now.event, 2)
        assert (await store.backlog()).due == retry_at

    async def test_an_event_given_up_is_kept_with_its_reason(self, store: Storage) -> None:
        await store.append(BANK, [event()])
        (lease,) = await store.lease(limit=1, seconds=60)

        await store.fail(lease, "model says 'no' \ud800", retry_at=None)

        (failure,) = await store.failures()
        assert failure.reason.startswith("model says 'no'")
        assert (failure.bank, failure.event, failure.key, failure.attempts) == (BANK, "e1", "key-e1", 1)
        assert list(await store.lease(limit=1, seconds=60)) == []
        assert await contents(store) == ["Ada moved to Lisbon."]

    async def test_failing_a_lease_that_ran_out_changes_nothing(self, store: Storage) -> None:
        await store.append(BANK, events(2))
        stale = (await store.lease(limit=2, seconds=0))[0]
        (current,) = await store.lease(limit=1, seconds=60)

        await store.fail(stale, "too late", retry_at=None)

        assert list(await store.failures()) == []
        assert await store.put([current], [], embedder=EMBEDDER) == 1

    async def test_the_backlog_counts_what_is_left_to_do(self, store: Storage) -> None:
        days = [NOON + timedelta(days=n) for n in (3, 1, 2)]
        await store.append(BANK, [event(f"e{n}", stored=day) for n, day in enumerate(days)])
        await store.append(OTHER, [event("other", bank=OTHER, stored=NOON)])
        (lease,) = await store.lease(limit=1, seconds=60)
        await store.fail(lease, "no", retry_at=None)

        everywhere, here, nowhere = [await store.backlog(bank) for bank in (None, BANK, "user:nobody")]

        assert (everywhere.pending, everywhere.failed, everywhere.oldest) == (3, 1, NOON)
        assert (here.pending, here.failed, here.oldest) == (2, 1, NOON + timedelta(days=1))
        assert nowhere == Backlog()
        assert here.due is not None
        assert here.due <= utc_now()

    async def test_a_leased_event_is_pending_but_not_waiting(self, store: Storage) -> None:
        await store.append(BANK, [event()])
        await store.lease(limit=1, seconds=60)

        backlog = await store.backlog()

        assert (backlog.pending, backlog.due) == (1, None)

    async def test_an_event_whose_lease_ran_out_is_waiting(self, store: Storage) -> None:
        await store.append(BANK, [event()])
        await store.lease(limit=1, seconds=0)

        backlog = await store.backlog(BANK)

        assert backlog.due is not None
        assert backlog.due <= utc_now()

    async def test_failures_come_oldest_first_and_limited(self, store: Storage) -> None:
        await store.append(BANK, events(3))
        await store.append(OTHER, [event("other", bank=OTHER)])
        for lease in reversed(await store.lease(limit=9, seconds=60)):
            await store.fail(lease, "no", retry_at=None)

        everywhere = await store.failures(limit=2)
        there = await store.failures(OTHER)

        assert [failure.event for failure in everywhere] == ["e0000", "e0001"]
        assert list(there) == [Failure(bank=OTHER, event="other", key="key-other", reason="no", attempts=1)]
        assert list(await store.failures("user:nobody")) == []

    async def test_retrying_makes_the_events_given_up_pending_with_no_attempts(self, store: Storage) -> None:
        await store.append(BANK, [event()])
        await store.append(OTHER, [event("other", bank=OTHER)])
        for lease in await store.lease(limit=9, seconds=60):
            await store.fail(lease, "no", retry_at=None)

        here = await store.retry(BANK)
        everywhere = await store.retry()

        assert (here, everywhere, await store.retry("user:nobody")) == (1, 1, 0)
        assert [lease.attempt for lease in await store.lease(limit=9, seconds=60)] == [1, 1]
        assert list(await store.failures()) == []

    async def test_requeueing_deletes_the_memories_and_makes_every_event_pending(self, store: Storage) -> None:
        await kept(store, events(3))
        await store.append(BANK, [event("waiting"), event("failed")])
        _, failing = await store.lease(limit=2, seconds=60)
        await store.fail(failing, "no", retry_at=None)

        count = await store.requeue(BANK)

        version = await store.version(BANK)
        assert version is not None
        assert count == 5
        assert await texts(store) == []
        assert (version.last, version.removals, version.embedder, version.dimensions) == (3, 3, None, 0)
        assert [lease.attempt for lease in await store.lease(limit=9, seconds=60)] == [1] * 5

    async def test_a_lease_from_before_requeueing_holds_no_more(self, store: Storage) -> None:
        await store.append(BANK, [event()])
        (stale,) = await store.lease(limit=1, seconds=60)

        await store.requeue(BANK)

        assert await store.put([stale], [indexed(stale.event)], embedder="old") == 0
        assert await texts(store) == []

    async def test_requeueing_leaves_other_banks_alone(self, store: Storage) -> None:
        await kept(store, [event()])
        await kept(store, [event(bank=OTHER)], OTHER)

        assert await store.requeue("user:nobody") == 0
        assert await store.requeue(OTHER) == 1

        assert await texts(store) == ["Ada moved to Lisbon."]
        assert (await store.backlog(BANK)).pending == 0

    @pytest.mark.parametrize("selection", FORGETTING.values(), ids=FORGETTING)
    async def test_a_replay_does_not_bring_back_what_was_forgotten(self, store: Storage, selection: Selection) -> None:
        history = [full_event(id) for id in ("e1", "e2")]
        await kept(store, history)
        await store.forget(BANK, selection)

        appended = await store.append(BANK, [*history, full_event("e3")], replayed=True)

        gone = 1 if selection.memory or selection.key else 2
        assert appended == Appended(repeated=2 - gone, forgotten=gone)
        assert ids(lease.event for lease in await store.lease(limit=9, seconds=60)) == ["e3"]

    async def test_a_replay_keeps_what_is_new_and_repeats_what_is_there(self, store: Storage) -> None:
        await store.append(BANK, [event("e1"), event("e2")])

        appended = await store.append(BANK, [event("e1"), event("e2", "changed"), event("e3")], replayed=True)

        assert appended == Appended(replaced=1, repeated=1)
        assert sorted(await contents(store)) == ["Ada moved to Lisbon.", "Ada moved to Lisbon.", "changed"]

    async def test_a_replay_of_a_forgotten_bank_makes_none(self, store: Storage) -> None:
        await kept(store, events(3))
        await store.forget(BANK, Selection())

        appended = await store.append(BANK, events(3), replayed=True)

        assert appended == Appended(forgotten=3)
        assert await store.version(BANK) is None

    async def test_a_replay_of_something_pending_that_was_forgotten_is_left_out(self, store: Storage) -> None:
        await store.append(BANK, [event()])
        await store.forget(BANK, Selection(key="key-e1"))

        assert await store.append(BANK, [event(content="changed")], replayed=True) == Appended(forgotten=1)
        assert await contents(store) == []

    async def test_a_replay_does_not_restore_text_that_was_cut_out(self, store: Storage) -> None:
        await _kept_in_two(store)
        await store.forget(BANK, Selection(memory="m-e1-0"))

        appended = await store.append(BANK, [event(content="One. Two.")], replayed=True)

        assert appended == Appended(forgotten=1)
        assert await contents(store) == ["[forgotten] Two."]
        assert await texts(store) == ["Two."]
        assert await store.backlog() == Backlog()

    async def test_what_was_forgotten_can_be_appended_anew_and_is_forgotten_no_more(self, store: Storage) -> None:
        await kept(store, [event()])
        await store.forget(BANK, Selection(key="key-e1"))

        anew = await store.append(BANK, [event()])

        assert anew == Appended()
        assert await contents(store) == ["Ada moved to Lisbon."]
        await store.requeue(BANK)
        assert await store.append(BANK, [event()], replayed=True) == Appended(repeated=1)

    async def test_text_that_was_cut_out_can_be_appended_anew(self, store: Storage) -> None:
        await _kept_in_two(store)
        await store.forget(BANK, Selection(memory="m-e1-0"))

        anew = await store.append(BANK, [event(content="One. Two.")])

        assert anew == Appended(replaced=1)
        assert await store.append(BANK, [event(content="One. Two.")], replayed=True) == Appended(repeated=1)

    async def test_what_one_bank_forgot_another_does_not(self, store: Storage) -> None:
        await kept(store, [event()])
        await store.forget(BANK, Selection())

        assert await store.append(OTHER, [event(bank=OTHER)], replayed=True) == Appended()

    async def test_the_cut_off_end_of_an_item_is_not_forgotten(self, store: Storage) -> None:
        item = [event(f"e{place}", f"Line {place}.", key="item", position=place) for place in range(3)]
        await store.append(BANK, item, beyond=["e3"])
        await store.append(BANK, item[:1], beyond=["e1"])

        assert await store.append(BANK, item, beyond=["e3"], replayed=True) == Appended(repeated=1)
        assert len(await contents(store)) == 3

    async def test_a_replay_that_is_shorter_still_loses_its_end(self, store: Storage) -> None:
        item = [event(f"e{place}", f"Line {place}.", key="item", position=place) for place in range(3)]
        await kept(store, item)
        await store.forget(BANK, Selection(memory="m-e0-0"))

        appended = await store.append(BANK, item[:1], beyond=["e1"], replayed=True)

        assert appended == Appended(forgotten=1)
        assert await contents(store) == []

    async def test_forgetting_twice_is_forgotten_once(self, store: Storage) -> None:
        for _ in range(2):
            await kept(store, [event()])
            await store.forget(BANK, Selection())

        assert await store.append(BANK, [event()], replayed=True) == Appended(forgotten=1)

    async def test_what_was_forgotten_stays_so_when_the_store_is_opened_anew(self, store: Storage) -> None:
        await kept(store, [event()])
        await store.forget(BANK, Selection(key="key-e1"))
        await store.aclose()

        await store.open()

        assert await store.append(BANK, [event()], replayed=True) == Appended(forgotten=1)

    async def test_a_closed_journal_says_so(self, store: Storage) -> None:
        (lease,) = await _leased(store)
        await store.aclose()

        for call in (
            store.append(BANK, [event()]),
            store.lease(limit=1, seconds=1),
            store.renew([lease], 1),
            store.fail(lease, "no", retry_at=None),
            store.backlog(),
            store.failures(),
            store.retry(),
            store.requeue(BANK),
        ):
            with pytest.raises(ClosedError, match="open"):
                await call


async def _kept_in_two(store: Storage) -> None:
    """Keep one event with two memories, of which each has a sentence."""
    leases = await _leased(store, event(content="One. Two."))
    made = [indexed(lease.event, position=n, text=text) for lease in leases for n, text in enumerate(("One.", "Two."))]
    await store.put(leases, made, embedder=EMBEDDER)


async def _leased(store: Storage, *given: Event) -> Sequence[Lease]:
    await store.append(BANK, given or [event()])
    return await store.lease(limit=9, seconds=60)
