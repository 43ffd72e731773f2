"""The webhooks of an engine: registered for a bank, and told of what happens there."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from duramen.desk import Desk
from duramen.errors import BadInputError, BadQueryError, ChangedError, ConflictError, DuramenError, NotFoundError
from duramen.identity import Bank, bank_name
from duramen.portal import Portal, on_own_loop
from duramen.shelf import Change, Expect, Place, Remove, Shelf
from duramen.tasks import PermanentError, Report, Task, Tasks
from duramen.times import utc_now
from duramen.types import Page
from duramen.webhooks.sent import Sent, Told
from duramen.webhooks.webhook import (
    EVENTS,
    Delivery,
    Webhook,
    checked,
    deliveries_of,
    delivery_key,
    hooks_of,
    put_delivery,
    put_webhook,
    read_delivery,
    read_webhook,
    wants,
)

if TYPE_CHECKING:
    from duramen.webhooks.guard import Guard
    from duramen.webhooks.sending import Sender

TASK = "webhook"
"""The type of the hidden task that is one delivery."""

BACKOFF_SECONDS = (5.0, 300.0, 1_800.0, 7_200.0, 18_000.0)
"""Wait before the second attempt, before the third, …; after the last of them a delivery is given up."""

LEASE_SECONDS = 15.0
"""How long a webhook waits at most when the process that was delivering to it has died."""

_CHANGEABLE = frozenset({"url", "secret", "events", "enabled", "method", "timeout_seconds", "headers", "params"})
_TRIES = 20

MOST = 100
"""Webhooks of a bank: each of them is written to with every event."""


class Webhooks:
    """Who wants to be told of what happens in a bank, and the telling.

    Args:
        desk: Where to work.
        tasks: Do the deliveries; a handler is registered with them.
        allow_private: Webhooks may go to addresses that are not public.
        allowed: Hosts, addresses and networks where they may go besides public ones; see `Guard`.
        backoff_seconds: Waits between attempts; there is one attempt more than there are waits.
    """

    def __init__(
        self,
        desk: Desk,
        tasks: Tasks,
        *,
        allow_private: bool = False,
        allowed: Collection[str] = (),
        backoff_seconds: Sequence[float] = BACKOFF_SECONDS,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._backoff = tuple(backoff_seconds)
        self._allow_private = allow_private
        self._allowed = tuple(allowed)
        tasks.register(
            TASK,
            self._deliver,
            attempts=len(self._backoff) + 1,
            backoff_seconds=self._backoff or (0.0,),
            lease_seconds=LEASE_SECONDS,
            waits=True,
            drops=("body",),
        )

    @cached_property
    def _guard(self) -> Guard:
        from duramen.webhooks.guard import Guard  # loads httpx, for which a memory without webhooks need not wait

        return Guard(allow_private=self._allow_private, allowed=self._allowed)

    @cached_property
    def _sender(self) -> Sender:
        from duramen.webhooks.sending import Sender  # as above

        return Sender(self._guard)

    @property
    def portal(self) -> Portal:
        """The portal of the engine."""
        return self._desk.portal

    @on_own_loop
    async def create(  # noqa: PLR0913  the fields of `Webhook`, by name
        self,
        bank: Bank,
        url: str,
        *,
        secret: str | None = None,
        events: Sequence[str] = ("consolidation.completed",),
        enabled: bool = True,
        method: str = "POST",
        timeout_seconds: float = 30,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Webhook:
        """Register a webhook and return it; see `Webhook` for what each argument means.

        Raises:
            BadInputError: One of them makes no sense, or the URL leads to an address that is not public.
            ConflictError: The bank has 100 webhooks.
        """
        now = utc_now()
        webhook = checked(
            Webhook(
                id=str(uuid.uuid4()),
                bank=bank_name(bank),
                url=url,
                secret=secret,
                events=tuple(events),
                enabled=enabled,
                method=method,
                timeout_seconds=timeout_seconds,
                headers=headers or {},
                params=params or {},
                created=now,
                updated=now,
            )
        )
        await self._guard.check(url)
        shelf = await self._desk.shelf()
        if len(await shelf.scan(hooks_of(webhook.bank), limit=MOST)) == MOST:
            raise ConflictError(f"Bank {webhook.bank!r} has {MOST} webhooks. Delete one that is not needed.")
        await shelf.write([put_webhook(webhook)])
        return webhook

    @on_own_loop
    async def get(self, bank: Bank, id: str) -> Webhook | None:
        """Return the webhook of that id, or None."""
        found = await self._found(await self._desk.shelf(), bank_name(bank), id)
        return None if found is None else found[0]

    @on_own_loop
    async def update(self, /, bank: Bank, id: str, **changes: Any) -> Webhook:
        """Change `url`, `secret`, `events`, `enabled`, `method`, `timeout_seconds`, `headers` or `params`; return it then.

        Raises:
            NotFoundError: There is none of that id.
            BadInputError: Something else is to be changed, or the new value makes no sense.
        """
        made = await self._checked(changes)
        shelf = await self._desk.shelf()
        for left in reversed(range(_TRIES)):
            found = await self._found(shelf, bank_name(bank), id)
            if found is None:
                raise _missing(bank_name(bank), id)
            webhook = checked(replace(found[0], **made, updated=utc_now()))
            try:
                await shelf.write([found[1], put_webhook(webhook)])
            except ChangedError:
                if not left:
                    raise
            else:
                return webhook
        raise AssertionError("the last try returns or raises")

    @on_own_loop
    async def delete(self, bank: Bank, id: str) -> None:
        """Delete a webhook, its secret, and what is known of its deliveries; what is still to be delivered is given up.

        Raises:
            NotFoundError: There is none of that id.
        """
        shelf = await self._desk.shelf()
        name = bank_name(bank)
        if await self._found(shelf, name, id) is None:
            raise _missing(name, id)
        await shelf.write([Remove(path=hooks_of(name), key=id), Remove(path=deliveries_of(name, id), below=True)])

    @on_own_loop
    async def deliveries(
        self, bank: Bank, webhook_id: str, *, limit: int = 50, cursor: str | None = None
    ) -> Page[Delivery]:
        """Return the deliveries of a webhook, newest first.

        Args:
            bank: Where it is registered.
            webhook_id: Which one.
            limit: At most this many, 1 to 1,000.
            cursor: Where the last page ended.

        Raises:
            NotFoundError: There is no webhook of that id.
            BadQueryError: The limit or the cursor cannot be used.
        """
        if not 1 <= limit <= 1_000:
            raise BadQueryError(f"`limit` is {limit}. Give 1 to 1000.")
        shelf = await self._desk.shelf()
        name = bank_name(bank)
        if await self._found(shelf, name, webhook_id) is None:
            raise _missing(name, webhook_id)
        path = deliveries_of(name, webhook_id)
        after = None if cursor is None else (path, _place_in(cursor))
        entries = await shelf.scan(path, reverse=True, after=after, limit=limit + 1)
        items = [await self._as_it_is(read_delivery(entry)) for entry in entries[:limit]]
        return Page(tuple(items), delivery_key(items[-1]) if len(entries) > limit else None)

    @on_own_loop
    async def firing(
        self,
        bank: Bank,
        event: str,
        data: Mapping[str, Any],
        *,
        operation: str | None = None,
        status: str = "completed",
        shown: str | None = None,
    ) -> Sequence[Change]:
        """Return what lets every webhook of `bank` that wants it be told of `event`.

        Put it into the transaction that does what is told, so that both happen or neither; then call `Tasks.wake`.

        Args:
            bank: Where it happens.
            event: What happens, one of `EVENTS`.
            data: What more there is to tell, of what JSON can hold.
            operation: The id of the task that does it, if one does.
            status: How it went.
            shown: The name of the bank as those outside know it; its own if left out.

        Raises:
            BadInputError: There is no such event, or the data cannot be written as JSON.
        """
        if event not in EVENTS:
            raise BadInputError(f"There is no event {event!r}. Give one of: {', '.join(EVENTS)}.")
        name = bank_name(bank)
        hooks = wants([read_webhook(entry) for entry in await (await self._desk.shelf()).scan(hooks_of(name))], event)
        if not hooks:
            return []
        now, happened = utc_now(), str(uuid.uuid4())
        told = {
            "event_id": happened,
            "event": event,
            "bank_id": name if shown is None else shown,
            "operation_id": operation or "",
            "status": status,
            "timestamp": now.isoformat(),
            "data": dict(data),
        }
        body = _json(told)
        changes: list[Change] = []
        for hook in hooks:
            delivery = Delivery(
                id=str(uuid.uuid4()),
                happened=happened,
                bank=name,
                webhook=hook.id,
                event=event,
                url=hook.url,
                created=now,
                updated=now,
                next=now,
            )
            payload = {"webhook": hook.id, "key": delivery_key(delivery), "event": event, "body": body}
            payload["happened"] = happened
            lane = f"{TASK}/{hook.id}"
            changes += self._tasks.submission(name, TASK, payload, id=delivery.id, hidden=True, lane=lane)
            changes.append(put_delivery(delivery))
        return changes

    @on_own_loop
    async def list(self, bank: Bank, *, limit: int = 100, offset: int = 0) -> tuple[list[Webhook], int]:
        """Return the webhooks of `bank`, newest first, and how many there are."""
        if limit < 1 or offset < 0:
            raise BadQueryError(f"`limit` is {limit} and `offset` {offset}. Give 1 or more, and 0 or more.")
        entries = await (await self._desk.shelf()).scan(hooks_of(bank_name(bank)))
        hooks = sorted(map(read_webhook, entries), key=lambda hook: (hook.created, hook.id), reverse=True)
        return hooks[offset : offset + limit], len(hooks)

    async def _checked(self, changes: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what is to be changed, having made sure that it can be, and that the URL leads where it may."""
        if unknown := changes.keys() - _CHANGEABLE:
            raise BadInputError(f"{sorted(unknown)} cannot be changed; what can is {', '.join(sorted(_CHANGEABLE))}.")
        if "url" in changes:
            await self._guard.check(changes["url"])
        texts = {name: changes[name] or {} for name in ("headers", "params") if name in changes}
        events = {"events": tuple(changes["events"] or ())} if "events" in changes else {}
        return {**changes, **texts, **events}

    async def _deliver(self, task: Task, report: Report) -> Mapping[str, Any]:
        """Try to deliver once, and note how it went together with the end of the task."""
        shelf = self._desk.parts.store.shelf
        found = await self._found(shelf, task.bank, task.payload["webhook"])
        webhook = None if found is None else found[0]
        place = deliveries_of(task.bank, task.payload["webhook"]), task.payload["key"]
        told = Told(
            event=task.payload["event"],
            delivery=task.id,
            happened=task.payload["happened"],
            body=task.payload["body"].encode(),
        )
        if webhook is None or not webhook.enabled:
            sent = Sent(error="The webhook was deleted or disabled.", final=True)
        else:
            sent = await self._sender.send(webhook, told)
        noted = await self._noted(shelf, place, task, sent)
        if not sent.error:
            result = {"status": sent.status}
            await shelf.write([*report.finishing(result), *noted])
            return result
        await shelf.write(noted)
        if sent.final:
            raise PermanentError(sent.error)
        raise UndeliveredError(sent.error)

    async def _noted(self, shelf: Shelf, place: Place, task: Task, sent: Sent) -> Sequence[Change]:
        """Return what notes an attempt; nothing if the delivery is no longer kept."""
        (entry,) = await shelf.get([place])
        if entry is None:
            return []
        now = utc_now()
        again = bool(sent.error) and not sent.final and task.attempts <= len(self._backoff)
        state: Any = "completed" if not sent.error else "pending" if again else "failed"
        delivery = replace(
            read_delivery(entry),
            state=state,
            attempts=task.attempts,
            status=sent.status,
            error=sent.error,
            updated=now,
            tried=now,
            next=now + timedelta(seconds=self._backoff[task.attempts - 1]) if again else None,
        )
        return [Expect(path=place[0], key=place[1], value=entry.value), put_delivery(delivery)]

    async def _as_it_is(self, delivery: Delivery) -> Delivery:
        """Return a delivery as its task is, which may have been given up from outside, or done anew."""
        task = await self._tasks.get(delivery.bank, delivery.id)
        if delivery.state == "pending" and (task is None or task.state in {"failed", "cancelled"}):
            reason = delivery.error or ("" if task is None else task.reason) or "It was given up."
            return replace(delivery, state="failed", next=None, error=reason)
        return delivery

    async def _found(self, shelf: Shelf, bank: str, id: str) -> tuple[Webhook, Expect] | None:
        path = hooks_of(bank)
        (entry,) = await shelf.get([(path, id)])
        return None if entry is None else (read_webhook(entry), Expect(path=path, key=id, value=entry.value))


class UndeliveredError(DuramenError):
    """A delivery did not arrive, and is tried again."""


def _json(told: Mapping[str, Any]) -> str:
    try:
        return json.dumps(told, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInputError(f"What a webhook is told cannot be written as JSON: {error}.") from error


def _place_in(cursor: str) -> str:
    time, point, id = cursor.partition(".")
    if not (point and len(time) == 20 and time.isascii() and time.isdigit() and id.replace("-", "").isalnum()):
        raise BadQueryError("The cursor is not one of this listing. Begin again without one.")
    return cursor


def _missing(bank: str, id: str) -> NotFoundError:
    return NotFoundError(f"There is no webhook {id!r} in bank {bank!r}.")
