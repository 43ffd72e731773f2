"""Webhooks: telling servers of others what happened in a bank, signed, and again until they have it."""

from duramen.webhooks.webhook import EVENTS, Delivery, Webhook
from duramen.webhooks.webhooks import Webhooks

__all__ = ["EVENTS", "Delivery", "Webhook", "Webhooks"]
