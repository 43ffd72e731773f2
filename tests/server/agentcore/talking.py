"""What tests of events share: a server with a memory, and words said to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

from duramen import MemoryEngine
from tests.conftest import engine
from tests.server.agentcore.parts import clients, ready_memory
from tests.server.running import running

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ADA = {"actorId": "ada", "sessionId": "s1"}
FACTS = {"semanticMemoryStrategy": {"name": "facts", "namespaceTemplates": ["/facts/{actorId}/"]}}


@dataclass(frozen=True, slots=True)
class Talk:
    """A server, boto3's clients of both its planes, and a memory there."""

    memory: MemoryEngine
    url: str
    data: Any
    control: Any
    id: str

    def new(self, **given: Any) -> Talk:
        """Return the same with a memory of its own."""
        return Talk(self.memory, self.url, self.data, self.control, ready_memory(self.control, **named(given)))

    def say(self, payload: str | list[dict[str, Any]] = "hi", at: float | datetime = 0, **given: Any) -> dict[str, Any]:
        """Create an event, at noon or so many milliseconds later."""
        when = at if isinstance(at, datetime) else NOON + timedelta(milliseconds=at)
        said = [user(payload)] if isinstance(payload, str) else payload
        asked = {"memoryId": self.id, **ADA, "eventTimestamp": when, "payload": said, **given}
        event: dict[str, Any] = self.data.create_event(**asked)["event"]
        return event

    def events(self, **given: Any) -> dict[str, Any]:
        """List events."""
        found: dict[str, Any] = self.data.list_events(**{"memoryId": self.id, **ADA, **given})
        return found

    def texts(self, **given: Any) -> list[str]:
        """Return the words of the events that are listed, as they are listed."""
        return [words(event) for event in self.events(**given)["events"]]


_NAMES = iter(f"M{number}" for number in range(1_000_000))


def named(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is given, with a name that no other memory has."""
    return {"name": next(_NAMES), **given}


@contextmanager
def talking(**options: Any) -> Iterator[Talk]:
    """Serve an engine with a memory."""
    memory = engine(options.pop("address", ":memory:"), **options)
    with running(memory) as url:
        data, control = clients(url)
        yield Talk(memory, url, data, control, ready_memory(control, **named({})))


def user(text: str, role: str = "USER") -> dict[str, Any]:
    """Return words as an item of a payload."""
    return {"conversational": {"content": {"text": text}, "role": role}}


def words(event: Mapping[str, Any]) -> str:
    """Return the words of the first item of an event."""
    text: str = event["payload"][0]["conversational"]["content"]["text"]
    return text


@contextmanager
def refused(code: str, reason: str | None = None) -> Iterator[list[dict[str, Any]]]:
    """Expect an error of that code and reason; what it tells is the one thing in the list then."""
    told: list[dict[str, Any]] = []
    with pytest.raises(ClientError) as raised:
        yield told
    told.append(raised.value.response)
    assert raised.value.response["Error"]["Code"] == code, raised.value
    if reason is not None:
        assert raised.value.response["reason"] == reason, raised.value.response
