import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from duramen.errors import BadInputError, BadQueryError, ClosedError
from duramen.ledger import Assignment, JobBacklog
from duramen.protocols import Storage
from duramen.shelf import Put, Remove
from duramen.times import utc_now
from duramen.types import Event, Selection
from tests.stores.examples import BANK, EMBEDDER, NOON, contents, event, ids, indexed, work_through
from tests.stores.making import (
    MADE,
    STRATEGY,
    add,
    jobs,
    lease,
    memories,
    outcome,
    retained,
    revise,
    soon,
    states,
    told,
)

BOB = "user:bob"


class JobsContract:
    """What every ledger must do with jobs; an inheriting class gives the fixture `store`, open and empty."""

    async def test_a_new_event_gets_a_job_for_each_strategy(self, store: Storage) -> None:
        given = event("e1", actor="ada", session="monday", document="diary")

        await store.append(BANK, [given], strategies=["semantic", "summary", "semantic"])

        found = await jobs(store)
        assert [(job.strategy, job.event, job.key) for job in found] == [
            ("semantic", "e1", "key-e1"),
            ("summary", "e1", "key-e1"),
        ]
        assert {(job.bank, job.actor, job.session, job.document) for job in found} == {(BANK, "ada", "monday", "diary")}
        assert {(job.state, job.version, job.attempts, job.reason, job.finished) for job in found} == {
            ("pending", "", 0, "", None)
        }
        assert all(timedelta(0) <= utc_now() - job.created < timedelta(minutes=1) for job in found)
        assert all(job.due == job.created for job in found)

    async def test_without_strategies_there_are_no_jobs(self, store: Storage) -> None:
        await retained(store, "e1", strategies=[])

        assert await jobs(store) == []
        assert await store.job_backlog() == JobBacklog()
        assert await store.lease_jobs(seconds=60, limit=10) is None

    async def test_a_repeat_makes_no_job(self, store: Storage) -> None:
        await store.append(BANK, [event("e1")])

        await store.append(BANK, [event("e1")], strategies=[STRATEGY])

        assert await jobs(store) == []

    async def test_a_replaced_event_has_its_jobs_anew(self, store: Storage) -> None:
        await retained(store, "e1", "e2")
        await revise(store)

        await store.append(BANK, [event("e1", "Something else.")], strategies=[STRATEGY])

        assert [(job.event, job.state) for job in await jobs(store)] == [("e2", "done"), ("e1", "pending")]

    async def test_an_event_forgotten_before_gets_no_job_by_a_replay(self, store: Storage) -> None:
        await retained(store, "e1", "e2")
        await store.forget(BANK, Selection(key="key-e1"))

        await store.append(BANK, [event("e1"), event("e3")], replayed=True, strategies=[STRATEGY])

        assert [job.event for job in await jobs(store)] == ["e2", "e3"]

    async def test_jobs_of_one_session_come_together_by_time_mentioned(self, store: Storage) -> None:
        given = [event(f"e{n}", mentioned=NOON - timedelta(minutes=n % 3), session="monday") for n in range(5)]
        await retained(store, *given, event("other", session="tuesday"))

        assignment = await lease(store)

        assert ids(assignment.events) == ["e2", "e1", "e4", "e0", "e3"]
        assert (assignment.bank, assignment.strategy, assignment.attempt) == (BANK, STRATEGY, 1)
        assert assignment.events[0] == given[2]

    @pytest.mark.parametrize("field", ["actor", "session", "document"])
    async def test_what_differs_is_not_worked_through_together(self, store: Storage, field: str) -> None:
        await retained(store, event("e1", **{field: "x"}), event("e2", **{field: "y"}), event("e3"))

        found = []
        for _ in range(3):
            assignment = await lease(store)
            found.append(ids(assignment.events))
            await store.revise(assignment, [], outcome(assignment))

        assert found == [["e1"], ["e2"], ["e3"]]
        assert await store.lease_jobs(seconds=60, limit=10) is None

    async def test_an_assignment_has_at_most_so_many_events(self, store: Storage) -> None:
        await retained(store, *(event(f"e{n}", mentioned=NOON + timedelta(minutes=n)) for n in range(5)))

        first = await lease(store, limit=2)
        await store.revise(first, [], outcome(first))
        second = await lease(store, limit=3)

        assert (ids(first.events), ids(second.events)) == (["e0", "e1"], ["e2", "e3", "e4"])
        assert await store.lease_jobs(seconds=60, limit=0) is None

    async def test_jobs_of_a_strategy_are_with_one_worker_at_a_time(self, store: Storage) -> None:
        await retained(store, event("e1", session="monday"), event("e2", session="tuesday"))

        assignment = await lease(store)

        assert ids(assignment.events) == ["e1"]
        assert await store.lease_jobs(seconds=60, limit=10) is None
        await store.revise(assignment, [], outcome(assignment))
        assert ids((await lease(store)).events) == ["e2"]

    async def test_other_strategies_and_banks_are_free_meanwhile(self, store: Storage) -> None:
        await retained(store, "e1", strategies=["semantic", "summary"])
        await retained(store, "e2", bank=BOB)

        found = [await lease(store) for _ in range(3)]

        assert {(one.bank, one.strategy) for one in found} == {(BANK, "semantic"), (BANK, "summary"), (BOB, "semantic")}
        assert len({one.token for one in found}) == 3

    async def test_jobs_of_one_bank_may_be_asked_for(self, store: Storage) -> None:
        await retained(store, "e1")
        await retained(store, "e2", bank=BOB)

        assert (await lease(store, bank=BOB)).bank == BOB
        assert await store.lease_jobs(seconds=60, limit=10, bank=BOB) is None
        assert await store.lease_jobs(seconds=60, limit=10, bank="nobody") is None

    async def test_what_the_journal_still_has_to_do_comes_first(self, store: Storage) -> None:
        await store.append(BANK, [event("e1"), event("e2")], strategies=[STRATEGY])
        (first, *_) = await store.lease(limit=1, seconds=60)

        before = await store.lease_jobs(seconds=60, limit=10)
        await store.put([first], [], embedder=EMBEDDER)
        assignment = await lease(store)

        assert before is None
        assert ids(assignment.events) == ["e1"]

    async def test_an_event_that_the_journal_gave_up_is_not_waited_for(self, store: Storage) -> None:
        await store.append(BANK, [event("e1")], strategies=[STRATEGY])
        (one,) = await store.lease(limit=1, seconds=60)
        await store.fail(one, "no", retry_at=None)

        assert ids((await lease(store)).events) == ["e1"]

    async def test_released_jobs_wait_and_that_was_no_attempt(self, store: Storage) -> None:
        await retained(store, "e1")
        due = soon()

        await store.release(await lease(store), due=due)

        assert await store.lease_jobs(seconds=60, limit=10) is None
        assert [(job.due, job.attempts, job.state) for job in await jobs(store)] == [(due, 0, "pending")]
        assert await store.job_backlog() == JobBacklog(pending=1, waiting=1)
        assert await store.next_job_due() == due

    async def test_jobs_that_wait_are_taken_along(self, store: Storage) -> None:
        await retained(store, "e1", event("e2", session="monday"))
        await store.release(await lease(store), due=soon())
        await store.release(await lease(store), due=soon())

        await retained(store, event("e3", session="monday"))

        assignment = await lease(store)
        assert ids(assignment.events) == ["e2", "e3"]

    async def test_the_job_that_is_due_is_among_those_taken(self, store: Storage) -> None:
        await retained(store, *(event(f"e{n}", mentioned=NOON - timedelta(days=1)) for n in range(3)))
        await store.release(await lease(store), due=soon())
        await retained(store, "late")

        assignment = await lease(store, limit=2)

        assert ids(assignment.events) == ["e0", "late"]

    async def test_jobs_released_until_now_are_due(self, store: Storage) -> None:
        await retained(store, "e1")

        await store.release(await lease(store), due=utc_now())

        assert (await lease(store)).attempt == 1

    async def test_the_longest_due_comes_first(self, store: Storage) -> None:
        await retained(store, event("e1", session="monday"))
        first = await lease(store)
        await retained(store, event("e2", session="tuesday"))
        await store.release(first, due=utc_now() + timedelta(milliseconds=20))
        await asyncio.sleep(0.03)

        assert ids((await lease(store)).events) == ["e2"]

    async def test_a_lease_that_ran_out_goes_to_the_next(self, store: Storage) -> None:
        await retained(store, "e1")
        first = await lease(store, seconds=0)

        second = await lease(store)

        assert (first.attempt, second.attempt) == (1, 2)
        assert not await store.revise(first, [add("a", "e1")], outcome(first))
        assert not await store.renew_assignment(first, 60)
        await store.release(first, due=soon())
        await store.fail_jobs(first, "no", retry_at=None)
        assert await store.revise(second, [add("b", "e1")], outcome(second))
        assert list(await memories(store)) == ["b"]

    async def test_a_lease_can_be_prolonged(self, store: Storage) -> None:
        await retained(store, "e1")
        assignment = await lease(store, seconds=0.5)

        assert await store.renew_assignment(assignment, 60)

        await asyncio.sleep(0.55)
        assert await store.lease_jobs(seconds=60, limit=10) is None
        assert await store.revise(assignment, [], outcome(assignment))

    async def test_what_comes_during_an_assignment_is_due_behind_it(self, store: Storage) -> None:
        await retained(store, "e1")
        assignment = await lease(store)
        await retained(store, "e2")

        during = await store.lease_jobs(seconds=60, limit=10)
        await store.revise(assignment, [], outcome(assignment))

        assert during is None
        assert ids((await lease(store)).events) == ["e2"]

    async def test_done_jobs_tell_how(self, store: Storage) -> None:
        await retained(store, "e1")

        await revise(store, version="7", note="the model did not answer")

        (job,) = await jobs(store)
        assert (job.state, job.version, job.reason, job.attempts) == ("done", "7", "the model did not answer", 1)
        assert job.finished is not None
        assert job.created <= job.finished <= utc_now()
        assert await store.job_backlog() == JobBacklog()

    async def test_events_that_are_left_are_pending_again(self, store: Storage) -> None:
        await retained(store, "e1", "e2")
        due = soon()

        await revise(store, done=["e1"], due=due)

        assert await states(store) == {"e1": "done", "e2": "pending"}
        assert [(job.due, job.attempts) for job in await jobs(store, "pending")] == [(due, 0)]
        assert await store.job_backlog() == JobBacklog(pending=1, waiting=1)
        assert await store.next_job_due() == due

    async def test_events_that_are_left_without_a_time_are_due_at_once(self, store: Storage) -> None:
        await retained(store, "e1", "e2")

        await revise(store, done=["e1"])

        assert ids((await lease(store)).events) == ["e2"]

    async def test_jobs_of_one_assignment_may_end_one_by_one(self, store: Storage) -> None:
        await retained(store, "e1", "e2", "e3")
        assignment = await lease(store)
        one, two, three = [_part(assignment, n) for n in range(3)]

        done = await store.revise(one, [add("a", "e1")], outcome(one))
        await store.fail_jobs(two, "no", retry_at=None)
        during = await store.lease_jobs(seconds=60, limit=10)
        held = await store.renew_assignment(three, 60)
        last = await store.revise(three, [add("c", "e3")], outcome(three))

        assert (done, during, held, last) == (True, None, True, True)
        assert await states(store) == {"e1": "done", "e2": "failed", "e3": "done"}
        assert not await store.renew_assignment(three, 60)

    async def test_failed_jobs_are_tried_again_at_their_time(self, store: Storage) -> None:
        await retained(store, "e1", "e2")
        again = soon()

        await store.fail_jobs(await lease(store), "out of luck", retry_at=again)

        found = await jobs(store)
        assert {(job.state, job.reason, job.due, job.attempts, job.finished) for job in found} == {
            ("pending", "out of luck", again, 1, None)
        }
        assert await store.lease_jobs(seconds=60, limit=10) is None
        assert await store.job_backlog() == JobBacklog(pending=2, waiting=2)
        assert await store.next_job_due() == again

    async def test_jobs_may_be_given_up(self, store: Storage) -> None:
        await retained(store, "e1")

        await store.fail_jobs(await lease(store), "out of luck \ud800", retry_at=None)

        (job,) = await jobs(store, "failed")
        assert job.reason.startswith("out of luck")
        assert job.finished is not None
        assert await store.job_backlog() == JobBacklog(failed=1)
        assert await store.lease_jobs(seconds=60, limit=10) is None

    async def test_attempts_are_counted_by_the_job_tried_most_often(self, store: Storage) -> None:
        await retained(store, "e1")
        await store.fail_jobs(await lease(store), "no", retry_at=utc_now())
        await retained(store, "e2")

        assignment = await lease(store)

        assert (ids(assignment.events), assignment.attempt) == (["e1", "e2"], 2)

    async def test_retrying_begins_anew(self, store: Storage) -> None:
        await retained(store, "e1", strategies=["semantic", "summary"])
        await store.fail_jobs(await lease(store), "no", retry_at=None)
        await store.fail_jobs(await lease(store), "not yet", retry_at=soon())

        count = await store.retry_jobs()

        assert count == 2
        assert {(job.state, job.attempts, job.reason, job.finished) for job in await jobs(store)} == {
            ("pending", 0, "", None)
        }
        assert {(await lease(store)).attempt for _ in range(2)} == {1}

    async def test_retrying_leaves_what_did_not_fail(self, store: Storage) -> None:
        await retained(store, event("done", session="a"))
        await revise(store)
        await retained(store, event("waiting", session="b"))
        await store.release(await lease(store), due=soon())
        await retained(store, event("leased", session="c"))
        await lease(store)

        assert await store.retry_jobs() == 0
        assert await states(store) == {"done": "done", "waiting": "pending", "leased": "pending"}
        assert await store.lease_jobs(seconds=60, limit=10) is None

    @pytest.mark.parametrize(("bank", "strategy", "count"), [(BOB, None, 1), (None, "summary", 1), ("nobody", None, 0)])
    async def test_one_bank_or_strategy_may_be_retried(
        self, store: Storage, bank: str | None, strategy: str | None, count: int
    ) -> None:
        await retained(store, "e1", strategies=["semantic", "summary"])
        await retained(store, "e2", bank=BOB)
        for _ in range(3):
            await store.fail_jobs(await lease(store), "no", retry_at=None)

        assert await store.retry_jobs(bank, strategy=strategy) == count

        assert (await store.job_backlog()).failed == 3 - count

    async def test_what_waits_may_be_hurried(self, store: Storage) -> None:
        await retained(store, event("e1", session="a"), event("e2", session="b"))
        await store.release(await lease(store), due=soon())
        await store.fail_jobs(await lease(store), "no", retry_at=soon())
        await retained(store, event("due", session="c"))

        count = await store.hurry(BANK)

        assert count == 2
        assert (await store.job_backlog()).waiting == 0
        assert {event.id for _ in range(3) for event in await _finish(store)} == {"e1", "e2", "due"}

    async def test_hurrying_leaves_other_banks_and_what_somebody_has(self, store: Storage) -> None:
        await retained(store, "e1")
        await store.release(await lease(store), due=soon())
        await retained(store, "e2", bank=BOB)
        await store.release(await lease(store), due=soon())
        await store.hurry(BANK)
        await lease(store)

        assert await store.hurry(BANK) == 0
        assert await store.hurry("nobody") == 0
        assert await store.hurry() == 1

    async def test_a_store_tells_when_to_look_for_jobs_again(self, store: Storage) -> None:
        await retained(store, "e1")

        before = await store.next_job_due()
        held = await lease(store)
        during = await store.next_job_due()
        await retained(store, "e2")
        behind = await store.next_job_due()
        await store.revise(held, [], outcome(held))
        after = await store.next_job_due()

        assert before is not None
        assert before <= utc_now()
        assert during is None
        assert behind is not None
        assert utc_now() < behind <= utc_now() + timedelta(seconds=60)
        assert after is not None
        assert after <= utc_now()

    async def test_without_jobs_there_is_nothing_to_look_for_again(self, store: Storage) -> None:
        before = await store.next_job_due()
        await retained(store, "e1")
        await revise(store)

        assert (before, await store.next_job_due()) == (None, None)

    async def test_what_the_journal_has_to_do_first_is_not_due(self, store: Storage) -> None:
        await store.append(BANK, [event("e1")], strategies=[STRATEGY])

        due = await store.next_job_due()

        assert await store.job_backlog() == JobBacklog(pending=1)
        assert due is None or due > utc_now() + timedelta(minutes=1)

    @pytest.mark.parametrize("given_up", [False, True])
    async def test_what_the_journal_is_done_with_is_due_at_once(self, store: Storage, given_up: bool) -> None:
        await store.append(BANK, [event("e1")], strategies=["semantic", "summary"])
        await store.append(BOB, [event("e1", bank=BOB)], strategies=[STRATEGY])
        assert await store.lease_jobs(seconds=60, limit=10) is None
        (one,) = await store.lease(limit=1, seconds=60, bank=BANK)

        if given_up:
            await store.fail(one, "no", retry_at=None)
        else:
            await store.put([one], [indexed(one.event)], embedder=EMBEDDER)

        due = await store.next_job_due()
        assert due is not None
        assert due <= utc_now()
        found = [await lease(store) for _ in range(2)]
        assert {(one.bank, one.strategy) for one in found} == {(BANK, "semantic"), (BANK, "summary")}
        assert await store.lease_jobs(seconds=60, limit=10) is None

    async def test_what_the_journal_tries_again_is_still_waited_for(self, store: Storage) -> None:
        await store.append(BANK, [event("e1")], strategies=[STRATEGY])
        (one,) = await store.lease(limit=1, seconds=60)

        await store.fail(one, "no", retry_at=utc_now())

        due = await store.next_job_due()
        assert await store.lease_jobs(seconds=60, limit=10) is None
        assert due is None or due > utc_now() + timedelta(minutes=1)
        await work_through(store)
        assert ids((await lease(store)).events) == ["e1"]

    async def test_what_waits_for_its_moment_comes_before_what_waits_for_the_journal(self, store: Storage) -> None:
        await retained(store, event("e1", session="monday"))
        due = utc_now() + timedelta(seconds=30)
        await store.append(BANK, [event("e2", session="tuesday")], strategies=[STRATEGY])
        await store.release(await lease(store), due=due)

        assert await store.lease_jobs(seconds=60, limit=10) is None

        assert await store.next_job_due() == due

    async def test_what_is_due_later_is_due_then_when_the_journal_is_done(self, store: Storage) -> None:
        await retained(store, "e1")
        due = utc_now() + timedelta(hours=2)
        await store.release(await lease(store), due=due)
        await store.requeue(BANK)

        await work_through(store)

        assert await store.next_job_due() == due
        await store.append(BANK, [event("e2")], strategies=[STRATEGY])
        await work_through(store)
        assert set(ids((await lease(store)).events)) == {"e1", "e2"}

    async def test_backlogs_of_banks_are_their_own(self, store: Storage) -> None:
        await retained(store, "e1", "e2")
        await retained(store, "e3", bank=BOB)
        await store.fail_jobs(await lease(store, bank=BOB), "no", retry_at=None)

        assert (await store.job_backlog(BANK)).pending == 2
        assert await store.job_backlog(BOB) == JobBacklog(failed=1)
        assert await store.job_backlog("nobody") == JobBacklog()
        assert (await store.job_backlog()).failed == 1

    async def test_jobs_are_listed_as_they_were_made(self, store: Storage) -> None:
        await retained(store, "e1", "e2", strategies=["semantic", "summary"])
        await retained(store, "e3", bank=BOB)
        await revise(store, bank=BANK)

        assert [(job.event, job.strategy) for job in await jobs(store)] == [
            ("e1", "semantic"),
            ("e1", "summary"),
            ("e2", "semantic"),
            ("e2", "summary"),
        ]
        assert [job.event for job in await jobs(store, "done")] == ["e1", "e2"]
        assert [job.event for job in await jobs(store, strategy="summary")] == ["e1", "e2"]
        assert [job.strategy for job in await jobs(store, event="e2")] == ["semantic", "summary"]
        assert await jobs(store, "failed") == []
        assert await jobs(store, bank="nobody") == []

    async def test_jobs_are_paged(self, store: Storage) -> None:
        await retained(store, *(f"e{n}" for n in range(5)))

        first = await store.jobs(BANK, limit=3)
        second = await store.jobs(BANK, limit=3, cursor=first.next)

        assert [job.event for job in first.items + second.items] == [f"e{n}" for n in range(5)]
        assert second.next is None
        with pytest.raises(BadQueryError):
            await store.jobs(BANK, limit=0)
        with pytest.raises(BadQueryError):
            await store.revisions(BANK, cursor=first.next)

    async def test_a_backfill_makes_the_jobs_that_are_missing(self, store: Storage) -> None:
        await retained(store, "e1", "e2", strategies=[])
        await retained(store, "e3", bank=BOB, strategies=[])

        count = await store.backfill(BANK, STRATEGY, version="1")

        assert count == 2
        assert ids((await lease(store)).events) == ["e1", "e2"]
        assert await store.backfill("nobody", STRATEGY, version="1") == 0
        assert await jobs(store, bank=BOB) == []

    async def test_a_backfill_goes_by_the_version(self, store: Storage) -> None:
        await retained(store, event("old", session="a"))
        await revise(store, version="1")
        await retained(store, event("new", session="b"))
        await revise(store, version="2")
        await retained(store, event("given up", session="c"))
        await store.fail_jobs(await lease(store), "no", retry_at=None)
        await retained(store, event("waiting", session="d"))
        await store.release(await lease(store), due=soon())

        count = await store.backfill(BANK, STRATEGY, version="2")

        assert count == 2
        assert await states(store) == {"old": "pending", "new": "done", "given up": "pending", "waiting": "pending"}
        assert [job.version for job in await jobs(store, event="old")] == [""]
        assert (await store.job_backlog()).waiting == 1
        assert {event.id for _ in range(2) for event in await _finish(store)} == {"old", "given up"}

    async def test_what_was_made_stays_until_the_backfill_revises_it(self, store: Storage) -> None:
        await retained(store, "e1")
        await revise(store, add("a", "e1"))

        await store.backfill(BANK, STRATEGY, version="2")

        assert list(await memories(store)) == ["a"]

    async def test_jobs_go_with_their_event(self, store: Storage) -> None:
        await retained(store, "e1", "e2")

        await store.forget(BANK, Selection(key="key-e1"))

        assert [job.event for job in await jobs(store)] == ["e2"]
        assert ids((await lease(store)).events) == ["e2"]

    async def test_jobs_go_with_the_end_of_an_item(self, store: Storage) -> None:
        item = [event(f"e{n}", f"Line {n}.", key="item", position=n) for n in range(3)]
        await store.append(BANK, item, beyond=["e3"], strategies=[STRATEGY])

        await store.append(BANK, item[:1], beyond=["e1"], strategies=[STRATEGY])

        assert [job.event for job in await jobs(store)] == ["e0"]

    async def test_jobs_go_with_their_bank(self, store: Storage) -> None:
        await retained(store, "e1")
        assignment = await lease(store)

        await store.forget(BANK, Selection())
        await retained(store, "e1", strategies=[])

        assert await jobs(store) == []
        assert await store.job_backlog() == JobBacklog()
        assert not await store.revise(assignment, [add("a", "e1")], outcome(assignment))

    async def test_the_last_job_that_is_forgotten_leaves_nothing_due(self, store: Storage) -> None:
        await retained(store, "e1")

        await store.forget(BANK, Selection(key="key-e1"))

        assert await store.lease_jobs(seconds=60, limit=10) is None
        assert await store.job_backlog() == JobBacklog()

    async def test_shelved_changes_are_made_with_an_append(self, store: Storage) -> None:
        await store.append(BANK, [event("e1")], shelved=[Put(path=("a",), key="k", value=b"v")])
        await store.append(BANK, [], shelved=[Put(path=("a",), key="l", value=b"w"), Remove(path=("a",), key="k")])

        assert [(entry.key, entry.value) for entry in await store.shelf.scan(("a",))] == [("l", b"w")]
        assert await contents(store) == ["Ada moved to Lisbon."]

    async def test_shelved_changes_alone_make_no_bank(self, store: Storage) -> None:
        await store.append(BANK, [], shelved=[Put(path=("a",), key="k", value=b"v")])

        assert await store.version(BANK) is None

    async def test_shelved_changes_are_made_with_a_forget(self, store: Storage) -> None:
        await retained(store, "e1")
        put = Put(path=("a",), key="k", value=b"v")

        await store.forget(BANK, Selection(key="key-e1"), shelved=[put])
        await store.forget("nobody", Selection(), shelved=[Put(path=("a",), key="l", value=b"w")])

        assert [entry.key for entry in await store.shelf.scan(("a",))] == ["k", "l"]
        assert await contents(store) == []

    async def test_a_change_that_cannot_be_made_keeps_everything_as_it_was(self, store: Storage) -> None:
        await retained(store, "e1")
        good, bad = Put(path=("a",), key="k", value=b"v"), Put(path=(), key="k", value=b"v")

        with pytest.raises(BadInputError):
            await store.append(BANK, [event("e2")], strategies=[STRATEGY], shelved=[good, bad])
        with pytest.raises(BadInputError):
            await store.forget(BANK, Selection(key="key-e1"), shelved=[good, bad])

        assert await contents(store) == ["e1 was said."]
        assert [job.event for job in await jobs(store)] == ["e1"]
        assert await store.shelf.scan(("a",)) == []

    async def test_an_event_that_expired_is_gone(self, store: Storage) -> None:
        await retained(store, event("e1", "Gone.", expires=NOON), event("e2", "Kept."), strategies=[])

        count = await store.expire(NOON)

        assert count == 1
        assert await contents(store) == ["Kept."]
        assert [one.text for one in (await store.memories(BANK, Selection(), cursor=None, limit=9)).items] == ["Kept."]
        version = await store.version(BANK)
        assert version is not None
        assert version.removals == 1

    async def test_what_expired_on_the_shelf_goes_with_the_events(self, store: Storage) -> None:
        lifetimes = {"short": 60, "long": 3 * 24 * 3600, "none": None}
        puts = [Put(path=("a",), key=key, value=b"", lifetime=lifetime) for key, lifetime in lifetimes.items()]
        await store.shelf.write(puts)

        early = await store.expire(utc_now())
        kept = await store.shelf.scan(("a",))
        count = await store.expire(utc_now() + timedelta(days=1))

        assert [entry.key for entry in kept] == ["long", "none", "short"]
        assert [entry.key for entry in await store.shelf.scan(("a",))] == ["long", "none"]
        assert (early, count) == (0, 0)
        await store.expire(utc_now() + timedelta(days=4))
        assert [entry.key for entry in await store.shelf.scan(("a",))] == ["none"]

    async def test_an_event_that_has_not_expired_stays(self, store: Storage) -> None:
        given = event("e1", expires=NOON + timedelta(microseconds=1))
        await retained(store, given, strategies=[])

        assert await store.expire(NOON) == 0
        assert (await store.events(BANK, Selection(), cursor=None, limit=9)).items == (given,)

    async def test_an_expired_event_waits_for_its_strategies(self, store: Storage) -> None:
        await retained(store, event("e1", expires=NOON))

        before = await store.expire(NOON)
        await revise(store, add("a", "e1"))
        after = await store.expire(NOON)

        assert (before, after) == (0, 1)
        assert await contents(store) == []
        assert await jobs(store) == []

    async def test_what_strategies_made_of_an_expired_event_stays(self, store: Storage) -> None:
        await retained(store, event("e1", expires=NOON))
        await revise(store, add("a", "e1"))

        await store.expire(NOON)

        assert (await memories(store))["a"].sources == ("e1",)
        assert [one.memory for one in await told(store)] == ["a"]

    async def test_an_expired_event_is_not_forgotten(self, store: Storage) -> None:
        await retained(store, event("e1", expires=NOON), strategies=[])
        await store.expire(NOON)

        appended = await store.append(BANK, [event("e1")], replayed=True)

        assert appended.forgotten == 0

    async def test_many_workers_never_have_a_strategy_of_a_bank_at_once(self, store: Storage) -> None:
        given = [event(f"e{n}", session=f"s{n % 5}") for n in range(20)]
        for bank in (BANK, BOB):
            await store.append(bank, given, strategies=["semantic", "summary"])
            await work_through(store, bank)
        at_work: set[tuple[str, str]] = set()
        done: list[tuple[str, str, str]] = []

        async def work() -> None:
            while assignment := await store.lease_jobs(seconds=60, limit=3):
                place = (assignment.bank, assignment.strategy)
                assert place not in at_work
                at_work.add(place)
                await asyncio.sleep(0)
                at_work.discard(place)
                assert await store.revise(assignment, [], outcome(assignment))
                done.extend((*place, event.id) for event in assignment.events)

        while (await store.job_backlog()).pending:
            await asyncio.gather(*(work() for _ in range(8)))

        assert len(done) == len(set(done)) == 80

    async def test_a_closed_store_says_so(self, store: Storage) -> None:
        await retained(store, "e1")
        assignment = await lease(store)
        await store.aclose()

        for use in (
            store.lease_jobs(seconds=60, limit=1),
            store.renew_assignment(assignment, 60),
            store.release(assignment, due=utc_now()),
            store.fail_jobs(assignment, "no", retry_at=None),
            store.revise(assignment, [], outcome(assignment)),
            store.undo(BANK, 1, None, embedder=EMBEDDER),
            store.jobs(BANK),
            store.revisions(BANK),
            store.job_backlog(),
            store.next_job_due(),
            store.retry_jobs(),
            store.hurry(),
            store.backfill(BANK, STRATEGY, version="1"),
            store.unembedded(),
            store.embed_again(BANK, [], embedder=EMBEDDER),
            store.expire(NOON),
        ):
            with pytest.raises(ClosedError):
                await use

    async def test_requeueing_leaves_jobs_as_they_are(self, store: Storage) -> None:
        await retained(store, event("e1", session="a"), event("e2", session="b"))
        await revise(store)

        count = await store.requeue(BANK)

        assert count == 2
        assert await states(store) == {"e1": "done", "e2": "pending"}
        assert await store.lease_jobs(seconds=60, limit=10) is None
        await work_through(store)
        assert ids((await lease(store)).events) == ["e2"]

    async def test_the_memories_of_the_journal_are_none_of_the_strategies(self, store: Storage) -> None:
        await retained(store, "e1")

        assert await memories(store, Selection()) == {}
        assert (await store.memories(BANK, MADE, cursor=None, limit=9)).items == ()
        assert len((await store.memories(BANK, Selection(strategy=""), cursor=None, limit=9)).items) == 1


def _part(assignment: Assignment, place: int) -> Assignment:
    return replace(assignment, events=(assignment.events[place],))


async def _finish(store: Storage) -> Sequence[Event]:
    """Work an assignment through; return its events."""
    assignment = await lease(store)
    await store.revise(assignment, [], outcome(assignment))
    return assignment.events
