"""When mental models are refreshed by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from duramen.mental_models.refreshing import CRON, SOON
from duramen.tasks.task import Task
from duramen.times import utc_now
from tests.mental_models.working import ADA, Working, working

LIVES = "Where does Ada live?"
DAILY = "0 6 * * *"


async def waiting(work: Working, type: str = CRON) -> list[Task]:
    found, _ = await work.tasks.list(ADA, state="pending", type=type, hidden=True)
    return found


async def test_after_a_consolidation_those_are_refreshed_that_want_it_and_are_stale(address: str) -> None:
    async with working(address) as work:
        await work.retain("I live in Lisbon.")
        wants = await work.created(LIVES, "wants", trigger={"refresh_after_consolidation": True})
        await work.created(LIVES, "other")
        fresh = await work.models.after_consolidation(ADA)
        await work.retain("I live in Porto now.", day=5)

        tasks = await work.models.after_consolidation(ADA)
        for task in tasks:
            await work.done(task)

        assert fresh == []
        assert [task.payload["mental_model"] for task in tasks] == [wants.id]
        assert "Porto" in (await work.models.get(ADA, wants.id)).content


async def test_what_is_to_be_refreshed_already_is_not_asked_for_again(address: str) -> None:
    async with working(address) as work:
        trigger = {"refresh_after_consolidation": True, "min_refresh_interval_seconds": 3600}
        model = await work.created(LIVES, trigger=trigger)
        await work.retain("I live in Lisbon.")

        (task,) = await work.models.after_consolidation(ADA)
        again = await work.models.after_consolidation(ADA)

    assert again == []
    assert model.refreshed is not None
    assert task.due == model.refreshed + timedelta(hours=1)


async def test_a_bank_may_ask_for_a_pause_between_refreshes(address: str) -> None:
    async with working(address) as work:
        await work.profiles.save(ADA, config={"mental_model_min_refresh_interval_seconds": 600})
        model = await work.created(LIVES, trigger={"refresh_after_consolidation": True})
        await work.retain("I live in Lisbon.")

        (task,) = await work.models.after_consolidation(ADA)

    assert model.refreshed is not None
    assert task.due == model.refreshed + timedelta(minutes=10)


async def test_many_observations_within_seconds_are_followed_by_one_task(address: str) -> None:
    async with working(address) as work:
        await work.models.soon(ADA)
        none = await waiting(work, SOON)
        model = await work.created(LIVES, trigger={"refresh_after_consolidation": True})
        await work.retain("I live in Lisbon.")

        for _ in range(5):
            await work.models.soon(ADA)
        soon = await waiting(work, SOON)
        await work.done(await work.tasks.submit(ADA, SOON, soon[0].payload, hidden=True, lane="now"))
        await work.all_done()

        assert none == []
        assert 1 <= len(soon) <= 2
        assert "Lisbon" in (await work.models.get(ADA, model.id)).content


async def test_a_trigger_with_times_has_a_task_for_the_next_one(address: str) -> None:
    async with working(address) as work:
        model = await work.created(LIVES, trigger={"refresh_cron": DAILY, "full_refresh_cron": "0 0 1 * *"})
        found = await waiting(work)
        await work.models.update(ADA, model.id, trigger={"refresh_cron": DAILY, "keep_trace": True})

        assert sorted((task.payload["field"], task.due.hour, task.hidden) for task in found) == [
            ("full_refresh_cron", 0, True),
            ("refresh_cron", 6, True),
        ]
        assert all(task.due > utc_now() for task in found)
        assert len(await waiting(work)) == 2


async def test_when_its_time_has_come_it_is_refreshed_and_the_next_time_is_set(address: str) -> None:
    async with working(address) as work:
        model = await work.created(LIVES, trigger={"refresh_cron": DAILY})
        await work.retain("I live in Lisbon.")
        (next_one,) = await waiting(work)

        await work.done(await work.tasks.submit(ADA, CRON, next_one.payload, hidden=True))
        await work.all_done()

        assert "Lisbon" in (await work.models.get(ADA, model.id)).content
        assert [task.id for task in await waiting(work)] == [next_one.id]


async def test_a_time_of_a_full_refresh_makes_it_full(address: str) -> None:
    async with working(address) as work:
        trigger = {"mode": "delta", "full_refresh_cron": DAILY, "keep_trace": True}
        await work.retain("I live in Lisbon.")
        model = await work.created(LIVES, trigger=trigger)
        (next_one,) = await waiting(work)

        await work.done(await work.tasks.submit(ADA, CRON, next_one.payload, hidden=True))
        await work.all_done()

        trace = (await work.models.get(ADA, model.id)).trace
        assert trace is not None
        assert (trace["effective_mode"], trace["mode_fallback_reason"]) == ("full", None)


async def test_the_time_of_a_trigger_that_was_changed_is_ignored(address: str) -> None:
    async with working(address) as work:
        model = await work.created(LIVES, trigger={"refresh_cron": DAILY})
        (old,) = await waiting(work)
        await work.models.update(ADA, model.id, trigger={"refresh_cron": "0 7 * * *"})
        refreshed = (await work.models.get(ADA, model.id)).refreshed

        ignored = await work.done(await work.tasks.submit(ADA, CRON, old.payload, hidden=True))
        await work.models.delete(ADA, model.id)
        gone = await work.done(await work.tasks.submit(ADA, CRON, {**old.payload, "cron": "0 7 * * *"}, hidden=True))

        assert ignored.result == {"ignored": "the trigger was changed"}
        assert gone.result == {"ignored": "the mental model was deleted"}
        assert sorted(task.payload["cron"] for task in await waiting(work)) == [DAILY, "0 7 * * *"]
        assert refreshed == model.refreshed


async def test_a_time_that_comes_too_soon_is_passed_over(address: str) -> None:
    async with working(address) as work:
        trigger: dict[str, Any] = {"refresh_cron": DAILY, "min_refresh_interval_seconds": 3600}
        model = await work.created(LIVES, trigger=trigger)
        (next_one,) = await waiting(work)

        await work.done(await work.tasks.submit(ADA, CRON, next_one.payload, hidden=True))
        await work.all_done()

        assert (await work.models.get(ADA, model.id)).refreshed == model.refreshed
