"""A webhook and its deliveries, and how they stand on the shelf."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from duramen.desk import place_of
from duramen.errors import BadInputError
from duramen.shelf import Entry, Path, Put
from duramen.times import from_microseconds, microseconds

EVENTS = ("retain.completed", "consolidation.completed", "memory.forgotten", "mental_model.refreshed")
"""What a webhook can be told of."""

KEPT_SECONDS = 7 * 86_400.0
"""How long a delivery is kept after it was last tried."""

DeliveryState = Literal["pending", "completed", "failed"]

_METHODS = ("POST", "GET")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_VALUE = re.compile(r"[\x20-\x7e]{0,4000}")
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "te", "trailer"})
_OURS_TOO = frozenset({"upgrade", "expect", "proxy-connection", "keep-alive", "user-agent"})
_PREFIX = "x-hindsight-"
_MOST = 50
_LONGEST_SECRET = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A server that wants to be told of what happens in a bank.

    Attributes:
        secret: Signs what it is told; None for no signature. Never show it.
        events: What it is told of, of `EVENTS`.
        enabled: Whether it is told of anything.
        method: POST or GET.
        timeout_seconds: How long a delivery may take, 1 to 60.
        headers: What it is sent beside the headers of every delivery; may hold a secret.
        params: What is added to the query of the URL.
    """

    id: str
    bank: str
    url: str
    secret: str | None = field(default=None, repr=False)
    events: tuple[str, ...] = ("consolidation.completed",)
    enabled: bool = True
    method: str = "POST"
    timeout_seconds: float = 30
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    created: datetime
    updated: datetime

    @property
    def secret_set(self) -> bool:
        """Whether what it is told is signed."""
        return bool(self.secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one webhook. What the server answered is not kept, only its status.

    Attributes:
        id: The same on every attempt.
        happened: Names the event, which may go to several webhooks.
        attempts: How often it was tried.
        status: The status of the last answer; None if there was none.
        error: Why the last attempt failed; else empty.
        next: When it is tried again; None if it is not.
        tried: When it was last tried.
    """

    id: str
    happened: str
    bank: str
    webhook: str
    event: str
    url: str
    state: DeliveryState = "pending"
    attempts: int = 0
    status: int | None = None
    error: str = ""
    created: datetime
    updated: datetime
    next: datetime | None = None
    tried: datetime | None = None


def hooks_of(bank: str) -> Path:
    """Return the path of the webhooks of `bank`, by id."""
    return place_of(bank, "webhooks")


def deliveries_of(bank: str, webhook: str) -> Path:
    """Return the path of the deliveries of a webhook, by `delivery_key`."""
    return (*place_of(bank, "webhook_deliveries"), webhook)


def delivery_key(delivery: Delivery) -> str:
    """Return the key of a delivery, which goes by time."""
    return f"{microseconds(delivery.created):020d}.{delivery.id}"


def checked(webhook: Webhook) -> Webhook:
    """Return a webhook whose fields make sense, but for its URL.

    Raises:
        BadInputError: One does not.
    """
    events = tuple(event for event in EVENTS if event in webhook.events)
    if not events or any(event not in EVENTS for event in webhook.events):
        raise BadInputError(f"The events are {list(webhook.events)!r}. Give one or more of: {', '.join(EVENTS)}.")
    method = str(webhook.method).upper()
    if method not in _METHODS:
        raise BadInputError(f"The method is {webhook.method!r}. Give POST or GET.")
    _check_rest(webhook)
    return replace(
        webhook,
        events=events,
        method=method,
        secret=webhook.secret or None,
        headers=_headers(webhook.headers),
        params=_params(webhook.params),
    )


def put_webhook(webhook: Webhook) -> Put:
    """Return what lets a webhook stand."""
    value = {
        "url": webhook.url,
        "secret": webhook.secret,
        "events": webhook.events,
        "enabled": webhook.enabled,
        "method": webhook.method,
        "timeout_seconds": webhook.timeout_seconds,
        "headers": webhook.headers,
        "params": webhook.params,
        "created": microseconds(webhook.created),
        "updated": microseconds(webhook.updated),
    }
    return Put(path=hooks_of(webhook.bank), key=webhook.id, value=json.dumps(value).encode())


def read_webhook(entry: Entry) -> Webhook:
    """Return the webhook that an entry holds."""
    value: dict[str, Any] = json.loads(entry.value)
    return Webhook(
        id=entry.key,
        bank=entry.path[1],
        url=value["url"],
        secret=value["secret"],
        events=tuple(value["events"]),
        enabled=value["enabled"],
        method=value["method"],
        timeout_seconds=value["timeout_seconds"],
        headers=value["headers"],
        params=value["params"],
        created=from_microseconds(value["created"]),
        updated=from_microseconds(value["updated"]),
    )


def put_delivery(delivery: Delivery) -> Put:
    """Return what lets a delivery stand."""
    value = {
        "id": delivery.id,
        "happened": delivery.happened,
        "event": delivery.event,
        "url": delivery.url,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "status": delivery.status,
        "error": delivery.error,
        "created": microseconds(delivery.created),
        "updated": microseconds(delivery.updated),
        "next": None if delivery.next is None else microseconds(delivery.next),
        "tried": None if delivery.tried is None else microseconds(delivery.tried),
    }
    path = deliveries_of(delivery.bank, delivery.webhook)
    return Put(path=path, key=delivery_key(delivery), value=json.dumps(value).encode(), lifetime=KEPT_SECONDS)


def read_delivery(entry: Entry) -> Delivery:
    """Return the delivery that an entry holds."""
    value: dict[str, Any] = json.loads(entry.value)
    return Delivery(
        id=value["id"],
        happened=value["happened"],
        bank=entry.path[1],
        webhook=entry.path[-1],
        event=value["event"],
        url=value["url"],
        state=value["state"],
        attempts=value["attempts"],
        status=value["status"],
        error=value["error"],
        created=from_microseconds(value["created"]),
        updated=from_microseconds(value["updated"]),
        next=None if value["next"] is None else from_microseconds(value["next"]),
        tried=None if value["tried"] is None else from_microseconds(value["tried"]),
    )


def _check_rest(webhook: Webhook) -> None:
    seconds: object = webhook.timeout_seconds
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 1 <= seconds <= 60:
        raise BadInputError(f"`timeout_seconds` is {seconds!r}. Give 1 to 60.")
    enabled: object = webhook.enabled
    if not isinstance(enabled, bool):
        raise BadInputError(f"`enabled` is {enabled!r}. Give True or False.")
    secret: object = webhook.secret
    if secret is not None and not (isinstance(secret, str) and _is_text(secret) and len(secret) <= _LONGEST_SECRET):
        raise BadInputError(f"The secret cannot be used. Give text of at most {_LONGEST_SECRET} characters, or None.")


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    given = _texts(headers, "headers")
    for name, value in given.items():
        low = name.lower()
        if low in _OURS or low in _OURS_TOO or low.startswith(_PREFIX):
            raise BadInputError(f"The header {name!r} cannot be given: every delivery has its own.")
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise BadInputError(f"The header {name!r} cannot be sent: a name or value is too long or not plain ASCII.")
    return given


def _params(params: Mapping[str, str]) -> dict[str, str]:
    given = _texts(params, "params")
    if any(not _is_text(text) or len(text) > 2_000 for pair in given.items() for text in pair):
        raise BadInputError("`params` hold a text that is too long or not valid Unicode.")
    return given


def _texts(given: object, name: str) -> dict[str, str]:
    if not isinstance(given, Mapping) or len(given) > _MOST:
        raise BadInputError(f"`{name}` are {type(given).__name__}. Give at most {_MOST} texts by name.")
    if any(not isinstance(text, str) for pair in given.items() for text in pair):
        raise BadInputError(f"`{name}` hold something else than text. Give texts by name.")
    return dict(given)


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def wants(webhooks: Sequence[Webhook], event: str) -> list[Webhook]:
    """Return those that are to be told of `event`."""
    return [webhook for webhook in webhooks if webhook.enabled and event in webhook.events]
