from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import Any

import pytest

from duramen import MemoryEngine
from duramen.errors import BadInputError, BadQueryError, ChangedError, ConflictError, NotFoundError
from duramen.shelf import Expect, Put
from duramen.tasks import Tasks
from duramen.times import parse_time
from duramen.webhooks import Delivery, Webhook, Webhooks
from tests.tasks.workers import BANK, desk_of, until, working
from tests.webhooks.receiver import receiving

PUBLIC = "https://8.8.8.8/hook"
SOON = (0.01, 0.01)


@pytest.fixture
def tasks(memory: MemoryEngine) -> Tasks:
    return Tasks(desk_of(memory))


@pytest.fixture
def webhooks(memory: MemoryEngine, tasks: Tasks) -> Webhooks:
    return Webhooks(desk_of(memory), tasks, allow_private=True, backoff_seconds=SOON)


class Firing:
    """Lets webhooks be told of an event."""

    def __init__(self, memory: MemoryEngine, webhooks: Webhooks, tasks: Tasks) -> None:
        self._memory = memory
        self._webhooks = webhooks
        self._tasks = tasks

    async def __call__(self, data: dict[str, Any] | None = None, **options: Any) -> None:
        async def wake() -> None:
            self._tasks.wake()

        await self._memory.shelf.write(await self._webhooks.firing(BANK, "retain.completed", data or {}, **options))
        await self._memory.portal.run(wake())


@pytest.fixture
def fire(memory: MemoryEngine, webhooks: Webhooks, tasks: Tasks) -> Firing:
    return Firing(memory, webhooks, tasks)


async def delivered(webhooks: Webhooks, hook: Webhook, number: int = 1) -> list[Delivery]:
    """Wait until that many deliveries have ended, and return all."""
    while True:
        found = (await webhooks.deliveries(BANK, hook.id)).items
        if sum(one.state != "pending" for one in found) >= number:
            return list(found)
        await asyncio.sleep(0.01)


async def test_a_webhook_comes_back_as_it_was_registered(webhooks: Webhooks) -> None:
    made = await webhooks.create(
        BANK,
        PUBLIC,
        secret="s3cret",
        events=["retain.completed", "memory.forgotten"],
        enabled=False,
        method="get",
        timeout_seconds=5,
        headers={"Authorization": "Bearer t0ken"},
        params={"k": "v"},
    )

    assert await webhooks.get(BANK, made.id) == made
    assert (made.bank, made.url, made.method, made.timeout_seconds) == (BANK, PUBLIC, "GET", 5)
    assert (made.events, made.enabled) == (("retain.completed", "memory.forgotten"), False)
    assert (made.secret, made.secret_set, made.headers) == ("s3cret", True, {"Authorization": "Bearer t0ken"})


async def test_what_is_secret_is_not_shown_by_accident(webhooks: Webhooks) -> None:
    made = await webhooks.create(BANK, PUBLIC, secret="s3cret", headers={"Authorization": "t0ken"}, params={"k": "t1k"})

    assert not [secret for secret in ("s3cret", "t0ken", "t1k") if secret in f"{made!r} {made}"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://example.com/"},
        {"url": "https://user:pw@example.com/"},
        {"events": ["memory.imagined"]},
        {"events": []},
        {"events": "retain.completed"},
        {"method": "DELETE"},
        {"timeout_seconds": 0.5},
        {"timeout_seconds": 61},
        {"timeout_seconds": True},
        {"timeout_seconds": float("nan")},
        {"enabled": "yes"},
        {"secret": 7},
        {"secret": "\ud800"},
        {"headers": {"Host": "elsewhere"}},
        {"headers": {"X-Hindsight-Signature": "forged"}},
        {"headers": {"content-length": "7"}},
        {"headers": {"A": "b\r\nC: d"}},
        {"headers": {"A b": "c"}},
        {"headers": {"A": 7}},
        {"headers": ["A"]},
        {"headers": {str(n): "x" for n in range(51)}},
        {"params": {"a": "\ud800"}},
    ],
)
async def test_what_makes_no_sense_is_neither_registered_nor_changed(webhooks: Webhooks, wrong: dict[str, Any]) -> None:
    made = await webhooks.create(BANK, PUBLIC)

    with pytest.raises(BadInputError):
        await webhooks.create(BANK, **{"url": PUBLIC, **wrong})
    with pytest.raises(BadInputError):
        await webhooks.update(BANK, made.id, **wrong)

    assert await webhooks.list(BANK) == ([made], 1)


async def test_private_addresses_are_refused_at_registration(memory: MemoryEngine, tasks: Tasks) -> None:
    webhooks = Webhooks(desk_of(memory), tasks, allowed=["127.0.0.2"])

    with pytest.raises(BadInputError, match="public"):
        await webhooks.create(BANK, "http://169.254.169.254/latest/meta-data")
    made = await webhooks.create(BANK, "http://127.0.0.2/")
    with pytest.raises(BadInputError, match="public"):
        await webhooks.update(BANK, made.id, url="http://[::1]/")

    assert await webhooks.list(BANK) == ([made], 1)


async def test_webhooks_are_listed_newest_first_and_by_bank(webhooks: Webhooks) -> None:
    made = [await webhooks.create(BANK, f"{PUBLIC}/{n}") for n in range(3)]
    other = await webhooks.create("user:bob", PUBLIC)

    assert await webhooks.list(BANK) == (made[::-1], 3)
    assert await webhooks.list(BANK, limit=1, offset=1) == ([made[1]], 3)
    assert await webhooks.list("user:bob") == ([other], 1)
    assert await webhooks.get(BANK, other.id) is None
    with pytest.raises(BadQueryError):
        await webhooks.list(BANK, limit=0)


async def test_what_is_changed_is_changed_and_the_rest_is_not(webhooks: Webhooks) -> None:
    made = await webhooks.create(BANK, PUBLIC, secret="s", headers={"A": "b"})

    changed = await webhooks.update(BANK, made.id, enabled=False, secret=None, headers=None)

    assert await webhooks.get(BANK, made.id) == changed
    assert (changed.enabled, changed.secret, changed.headers) == (False, None, {})
    assert (changed.url, changed.events, changed.created) == (made.url, made.events, made.created)
    assert changed.updated > made.updated
    with pytest.raises(BadInputError, match="created"):
        await webhooks.update(BANK, made.id, created=made.updated)


async def test_changes_at_once_are_all_made(webhooks: Webhooks) -> None:
    made = await webhooks.create(BANK, PUBLIC)
    several: list[dict[str, Any]] = [{"enabled": False}, {"secret": "s"}, {"method": "GET"}, {"timeout_seconds": 7}]

    await asyncio.gather(*(webhooks.update(BANK, made.id, **changes) for changes in several))

    changed = await webhooks.get(BANK, made.id)
    assert changed is not None
    assert (changed.enabled, changed.secret, changed.method, changed.timeout_seconds) == (False, "s", "GET", 7)


async def test_a_bank_has_no_more_webhooks_than_can_be_told(webhooks: Webhooks) -> None:
    for _ in range(100):
        await webhooks.create(BANK, PUBLIC)

    with pytest.raises(ConflictError, match="100"):
        await webhooks.create(BANK, PUBLIC)

    assert (await webhooks.list(BANK))[1] == 100


async def test_what_is_not_there_is_not_found(webhooks: Webhooks) -> None:
    with pytest.raises(NotFoundError):
        await webhooks.update(BANK, "none", enabled=False)
    with pytest.raises(NotFoundError):
        await webhooks.delete(BANK, "none")
    with pytest.raises(NotFoundError):
        await webhooks.deliveries(BANK, "none")


async def test_an_event_is_delivered_signed(tasks: Tasks, webhooks: Webhooks, fire: Firing) -> None:
    with receiving() as server:
        hook = await webhooks.create(BANK, server.url(), secret="s3cret", events=["retain.completed"])
        async with working(tasks):
            await fire({"n": 1, "tags": ["ü"]}, operation="op", shown="ada")
            (delivery,) = await delivered(webhooks, hook)

    (got,) = server.got
    told = json.loads(got.body)
    assert parse_time(told.pop("timestamp"), BadInputError, "timestamp") == delivery.created
    assert told == {
        "event_id": delivery.happened,
        "event": "retain.completed",
        "bank_id": "ada",
        "operation_id": "op",
        "status": "completed",
        "data": {"n": 1, "tags": ["ü"]},
    }
    assert got.headers["X-Hindsight-Signature"] == (
        "sha256=" + hmac.new(b"s3cret", got.body, hashlib.sha256).hexdigest()
    )
    assert got.headers["X-Hindsight-Delivery"] == delivery.id
    assert (delivery.state, delivery.attempts, delivery.status, delivery.error) == ("completed", 1, 200, "")
    assert (delivery.webhook, delivery.event, delivery.url) == (hook.id, "retain.completed", server.url())
    assert delivery.tried is not None
    assert delivery.next is None


async def test_a_failed_delivery_is_tried_again_under_the_same_id(
    tasks: Tasks, webhooks: Webhooks, fire: Firing
) -> None:
    with receiving(statuses=[500, 503]) as server:
        hook = await webhooks.create(BANK, server.url(), events=["retain.completed"])
        async with working(tasks):
            await fire()
            (delivery,) = await delivered(webhooks, hook)

    assert len(server.got) == 3
    assert {got.headers["X-Hindsight-Delivery"] for got in server.got} == {delivery.id}
    assert len({got.body for got in server.got}) == 1
    assert (delivery.state, delivery.attempts, delivery.status, delivery.error) == ("completed", 3, 200, "")


async def test_a_delivery_is_given_up_after_its_last_attempt(tasks: Tasks, webhooks: Webhooks, fire: Firing) -> None:
    with receiving(statuses=[500] * 10) as server:
        hook = await webhooks.create(BANK, server.url(), events=["retain.completed"])
        async with working(tasks):
            await fire()
            (delivery,) = await delivered(webhooks, hook)
            task = await tasks.wait(BANK, delivery.id)

    assert len(server.got) == 3
    assert (delivery.state, delivery.attempts, delivery.status, delivery.next) == ("failed", 3, 500, None)
    assert (task.state, task.hidden) == ("failed", True)


async def test_between_attempts_a_delivery_says_when_it_is_tried_again(memory: MemoryEngine, tasks: Tasks) -> None:
    webhooks = Webhooks(desk_of(memory), tasks, allow_private=True)
    fire = Firing(memory, webhooks, tasks)
    with receiving(statuses=[500]) as server:
        hook = await webhooks.create(BANK, server.url(), events=["retain.completed"])
        async with working(tasks):
            await fire()
            while not (delivery := (await webhooks.deliveries(BANK, hook.id)).items[0]).attempts:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    assert delivery.tried is not None
    assert delivery.next is not None
    assert (delivery.state, delivery.status) == ("pending", 500)
    assert (delivery.next - delivery.tried).total_seconds() == 5.0


@pytest.mark.parametrize("status", [410, 302])
async def test_what_is_gone_is_given_up_and_a_redirect_is_tried_again(
    tasks: Tasks, webhooks: Webhooks, status: int, fire: Firing
) -> None:
    with receiving() as other, receiving(statuses=[status] * 9, location=other.url()) as server:
        hook = await webhooks.create(BANK, server.url(), events=["retain.completed"])
        async with working(tasks):
            await fire()
            (delivery,) = await delivered(webhooks, hook)

    known = await webhooks.get(BANK, hook.id)
    assert (delivery.state, delivery.status) == ("failed", status)
    assert delivery.attempts == len(server.got) == (1 if status == 410 else 3)
    assert other.got == []
    assert known is not None
    assert known.enabled


async def test_only_enabled_webhooks_that_want_the_event_are_told(
    memory: MemoryEngine, tasks: Tasks, webhooks: Webhooks, fire: Firing
) -> None:
    with receiving() as server:
        wanting = [
            await webhooks.create(BANK, server.url(path=f"/{n}"), events=["retain.completed", "memory.forgotten"])
            for n in range(2)
        ]
        await webhooks.create(BANK, server.url(path="/other"))
        await webhooks.create(BANK, server.url(path="/off"), events=["retain.completed"], enabled=False)
        await webhooks.create("user:bob", server.url(path="/bob"), events=["retain.completed"])
        async with working(tasks):
            await fire()
            deliveries = [one for hook in wanting for one in await delivered(webhooks, hook)]

    assert sorted(got.path for got in server.got) == ["/0", "/1"]
    assert len({one.id for one in deliveries}) == 2
    assert len({one.happened for one in deliveries}) == 1


async def test_nobody_is_told_of_what_was_not_done(
    memory: MemoryEngine, tasks: Tasks, webhooks: Webhooks, fire: Firing
) -> None:
    with receiving() as server:
        hook = await webhooks.create(BANK, server.url(), events=["retain.completed"])
        never = Expect(path=("notes",), key="k", value=b"never")
        with pytest.raises(ChangedError):
            await memory.shelf.write([never, *await webhooks.firing(BANK, "retain.completed", {"n": "undone"})])
        async with working(tasks):
            await fire({"n": "done"})
            await delivered(webhooks, hook)

    assert [json.loads(got.body)["data"] for got in server.got] == [{"n": "done"}]


async def test_what_cannot_be_told_is_an_error(webhooks: Webhooks) -> None:
    await webhooks.create(BANK, PUBLIC, events=["retain.completed"])

    with pytest.raises(BadInputError, match="event"):
        await webhooks.firing(BANK, "memory.imagined", {})
    with pytest.raises(BadInputError, match="JSON"):
        await webhooks.firing(BANK, "retain.completed", {"a": object()})

    assert await webhooks.firing("user:bob", "retain.completed", {}) == []


async def test_deliveries_are_hidden_tasks_and_keep_nothing_of_what_was_told(
    memory: MemoryEngine, tasks: Tasks, webhooks: Webhooks, fire: Firing
) -> None:
    with receiving() as server:
        hook = await webhooks.create(BANK, server.url(), secret="s3cret", events=["retain.completed"])
        async with working(tasks):
            await fire({"said": "a-told-thing"})
            (delivery,) = await delivered(webhooks, hook)
            task = await tasks.wait(BANK, delivery.id)

    assert (await tasks.list(BANK))[1] == 0
    assert (await tasks.list(BANK, hidden=True))[1] == 1
    assert "body" not in task.payload
    entries = await memory.shelf.scan(("duramen.banks",), below=True)
    assert not [entry.path for entry in entries if b"a-told-thing" in entry.value]
    assert [entry.path[2] for entry in entries if b"s3cret" in entry.value] == ["webhooks"]
    assert [entry.lifetime for entry in entries if entry.path[2] == "webhook_deliveries"] == [7 * 86_400.0]


async def test_deliveries_are_listed_newest_first_page_by_page(webhooks: Webhooks, fire: Firing) -> None:
    hook = await webhooks.create(BANK, PUBLIC, events=["retain.completed"])
    for n in range(5):
        await fire({"n": n})

    whole = (await webhooks.deliveries(BANK, hook.id)).items
    pages, cursor = [], None
    while True:
        page = await webhooks.deliveries(BANK, hook.id, limit=2, cursor=cursor)
        pages.append(page.items)
        cursor = page.next
        if cursor is None:
            break

    assert [len(items) for items in pages] == [2, 2, 1]
    assert tuple(one for items in pages for one in items) == whole
    assert [one.created for one in whole] == sorted((one.created for one in whole), reverse=True)
    for wrong in ("", "x", "0" * 20, "é" * 20 + ".a"):
        with pytest.raises(BadQueryError, match="cursor"):
            await webhooks.deliveries(BANK, hook.id, cursor=wrong)
    with pytest.raises(BadQueryError, match="limit"):
        await webhooks.deliveries(BANK, hook.id, limit=0)


async def test_what_was_still_to_be_delivered_is_given_up_with_its_webhook(
    tasks: Tasks, webhooks: Webhooks, fire: Firing
) -> None:
    with receiving() as server:
        deleted = await webhooks.create(BANK, server.url(), events=["retain.completed"])
        disabled = await webhooks.create(BANK, server.url(), events=["retain.completed"])
        await fire()
        await webhooks.delete(BANK, deleted.id)
        await webhooks.update(BANK, disabled.id, enabled=False)
        async with working(tasks):
            (delivery,) = await delivered(webhooks, disabled)
            while (await tasks.counts(BANK, hidden=True))["failed"] < 2:  # noqa: ASYNC110  of another loop
                await asyncio.sleep(0.01)

    assert server.got == []
    assert (delivery.state, delivery.status) == ("failed", None)
    assert "disabled" in delivery.error
    assert await webhooks.get(BANK, deleted.id) is None


async def test_a_delivery_whose_task_was_cancelled_is_shown_as_failed(
    tasks: Tasks, webhooks: Webhooks, fire: Firing
) -> None:
    hook = await webhooks.create(BANK, PUBLIC, events=["retain.completed"])
    await fire()
    (pending,) = (await webhooks.deliveries(BANK, hook.id)).items

    await tasks.cancel(BANK, pending.id)

    (delivery,) = (await webhooks.deliveries(BANK, hook.id)).items
    assert (pending.state, delivery.state, delivery.next) == ("pending", "failed", None)
    assert delivery.error


async def test_a_slow_server_does_not_hold_up_the_others(tasks: Tasks, webhooks: Webhooks, fire: Firing) -> None:
    with receiving(delay=1.0) as slow, receiving() as quick:
        first = await webhooks.create(BANK, slow.url(), events=["retain.completed"])
        second = await webhooks.create(BANK, quick.url(), events=["retain.completed"])
        async with working(tasks):
            await fire()
            await until(lambda: len(slow.got) == len(quick.got) == 1)
            await delivered(webhooks, second)
            (waiting,) = (await webhooks.deliveries(BANK, first.id)).items
            (done,) = await delivered(webhooks, first)

    assert (waiting.state, done.state) == ("pending", "completed")


async def test_a_deleted_bank_takes_its_webhooks_and_what_they_were_to_be_told(
    memory: MemoryEngine, webhooks: Webhooks, fire: Firing
) -> None:
    await webhooks.create(BANK, PUBLIC, secret="s3cret", events=["retain.completed"])
    await fire()
    await memory.shelf.write([Put(path=("duramen.banks2",), key="k", value=b"")])

    await memory.forget(BANK, everything=True)

    assert await webhooks.list(BANK) == ([], 0)
    assert await memory.shelf.scan(("duramen.banks",), below=True) == []
