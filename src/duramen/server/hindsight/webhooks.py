"""Webhooks over HTTP: who is told what, and what became of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Request, status
from pydantic import Field

from duramen.server.banks import memory_of
from duramen.server.hindsight.memories import Deleted
from duramen.server.hindsight.routing import BANK, Body, Managed, Offset, Read, Reply, router
from duramen.server.hindsight.wire import iso
from duramen.webhooks import Delivery, Webhook

ROUTER = router("Webhooks")


class HttpConfig(Body):
    """How a request is sent."""

    method: Literal["POST", "GET"] = "POST"
    timeout_seconds: Annotated[int, Field(ge=1, le=60)] = 30
    headers: dict[str, str] = Field(default_factory=dict)
    params: dict[str, str] = Field(default_factory=dict)


class WebhookRequest(Body):
    """Who is to be told what."""

    url: str
    secret: str | None = None
    event_types: list[str] | None = None
    enabled: bool = True
    http_config: HttpConfig | None = None


class WebhookChange(Body):
    """What is to be changed of a webhook; what is not named stays."""

    url: str | None = None
    secret: str | None = None
    event_types: list[str] | None = None
    enabled: bool | None = None
    http_config: HttpConfig | None = None


class HttpConfigReply(Reply):
    """How a request is sent."""

    method: str
    timeout_seconds: int
    headers: dict[str, str]
    params: dict[str, str]


class WebhookReply(Reply):
    """A webhook; its secret is not told again."""

    id: str
    bank_id: str | None
    url: str
    secret: str | None = None
    event_types: list[str]
    enabled: bool
    http_config: HttpConfigReply | None = None
    created_at: str | None = None
    updated_at: str | None = None


class WebhookRows(Reply):
    """A page of webhooks."""

    items: list[WebhookReply]
    total: int
    limit: int
    offset: int


class DeliveryReply(Reply):
    """One thing that is told to one webhook."""

    id: str
    event_id: str | None = None
    webhook_id: str | None
    url: str
    event_type: str
    status: str
    attempts: int
    next_retry_at: str | None = None
    last_error: str | None = None
    last_response_status: int | None = None
    last_response_body: str | None = None
    last_attempt_at: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class DeliveryRows(Reply):
    """A page of deliveries, the newest first."""

    items: list[DeliveryReply]
    next_cursor: str | None = None


@ROUTER.post(
    f"{BANK}/webhooks",
    operation_id="create_webhook",
    response_model=WebhookReply,
    status_code=status.HTTP_201_CREATED,
)
async def create_webhook(request: Request, bank: Managed, asked: WebhookRequest) -> WebhookReply:
    """Let somebody be told what happens in a bank."""
    config = asked.http_config or HttpConfig()
    made = await memory_of(request).webhooks.create(
        bank.name,
        asked.url,
        secret=asked.secret,
        events=asked.event_types or ["consolidation.completed"],
        enabled=asked.enabled,
        **_sent(config),
    )
    return _told(made, bank.asked)


@ROUTER.get(f"{BANK}/webhooks", operation_id="list_webhooks", response_model=WebhookRows)
async def list_webhooks(
    request: Request, bank: Read, limit: Annotated[int, Query(ge=0, le=1000)] = 100, offset: Offset = 0
) -> WebhookRows:
    """Page through the webhooks of a bank."""
    found, total = await memory_of(request).webhooks.list(bank.name, limit=max(limit, 1), offset=offset)
    page = [_told(one, bank.asked) for one in found[:limit]]
    return WebhookRows(items=page, total=total, limit=limit, offset=offset)


@ROUTER.patch(f"{BANK}/webhooks/{{webhook_id}}", operation_id="update_webhook", response_model=WebhookReply)
async def update_webhook(request: Request, bank: Managed, webhook_id: str, change: WebhookChange) -> WebhookReply:
    """Change a webhook."""
    changes = {name: value for name, value in change.named("url", "enabled").items() if value is not None}
    changes.update(change.named("secret"))
    if change.event_types is not None:
        changes["events"] = change.event_types
    if change.http_config is not None:
        changes.update(_sent(change.http_config))
    return _told(await memory_of(request).webhooks.update(bank.name, webhook_id, **changes), bank.asked)


@ROUTER.delete(f"{BANK}/webhooks/{{webhook_id}}", operation_id="delete_webhook", response_model=Deleted)
async def delete_webhook(request: Request, bank: Managed, webhook_id: str) -> Deleted:
    """Delete a webhook; what was not told yet is not told any more."""
    await memory_of(request).webhooks.delete(bank.name, webhook_id)
    return Deleted(message=f"Webhook {webhook_id} was deleted.", deleted_count=1)


@ROUTER.get(
    f"{BANK}/webhooks/{{webhook_id}}/deliveries", operation_id="list_webhook_deliveries", response_model=DeliveryRows
)
async def list_deliveries(
    request: Request,
    bank: Read,
    webhook_id: str,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> DeliveryRows:
    """Page through what a webhook was told."""
    page = await memory_of(request).webhooks.deliveries(bank.name, webhook_id, limit=limit, cursor=cursor)
    return DeliveryRows(items=[_delivery(one) for one in page.items], next_cursor=page.next)


def _sent(config: HttpConfig) -> dict[str, Any]:
    return {
        "method": config.method,
        "timeout_seconds": config.timeout_seconds,
        "headers": config.headers,
        "params": config.params,
    }


def _told(webhook: Webhook, asked: str) -> WebhookReply:
    return WebhookReply(
        id=webhook.id,
        bank_id=asked,
        url=webhook.url,
        event_types=list(webhook.events),
        enabled=webhook.enabled,
        http_config=HttpConfigReply(
            method=webhook.method,
            timeout_seconds=int(webhook.timeout_seconds),
            headers=dict(webhook.headers),
            params=dict(webhook.params),
        ),
        created_at=iso(webhook.created),
        updated_at=iso(webhook.updated),
    )


def _delivery(delivery: Delivery) -> DeliveryReply:
    return DeliveryReply(
        id=delivery.id,
        event_id=delivery.happened,
        webhook_id=delivery.webhook,
        url=delivery.url,
        event_type=delivery.event,
        status=delivery.state,
        attempts=delivery.attempts,
        next_retry_at=iso(delivery.next),
        last_error=delivery.error or None,
        last_response_status=delivery.status,
        last_attempt_at=iso(delivery.tried),
        created_at=iso(delivery.created),
        updated_at=iso(delivery.updated),
    )
