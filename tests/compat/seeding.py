"""The two memories that the public suites expect to be there."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import boto3  # type: ignore[import-untyped]  # has no types

from tests.compat.inside.patience import idle

ACTOR, SESSION = "integ-test-actor", "integ-test-session"
TALK = (
    (
        "USER",
        "I am a developer and I live in Berlin. I like Rust, my favourite programming language, for distributed systems.",
    ),
    ("ASSISTANT", "Rust is a good choice for distributed systems. What are you building with it?"),
    ("USER", "I am building a distributed key-value store. I prefer small teams and short meetings."),
    ("ASSISTANT", "A key-value store needs consensus: have a look at Raft."),
)
SECONDS = 120.0


def seed(url: str, credentials: dict[str, str]) -> tuple[str, str]:
    """Make both memories at a server, and return their ids: the one with records for AWS's tests, and the one for LangGraph's.

    Raises:
        ClientError: The server refused something.
        RuntimeError: A memory was not active, or its records were not made, in time.
    """
    control = boto3.client("bedrock-agentcore-control", endpoint_url=url, **credentials)
    data = boto3.client("bedrock-agentcore", endpoint_url=url, **credentials)
    filled = _memory(control, "prepopulated", "/summaries/{actorId}/{sessionId}/")
    empty = _memory(control, "langgraph", "/summaries/actors/{actorId}/sessions/{sessionId}/")
    data.create_event(
        memoryId=filled,
        actorId=ACTOR,
        sessionId=SESSION,
        eventTimestamp=datetime.now(timezone.utc),
        payload=[{"conversational": {"role": role, "content": {"text": text}}} for role, text in TALK],
    )
    _until(lambda: idle(f"{url}/metrics"), "its records were not made")
    return filled, empty


def _memory(control: Any, name: str, summaries: str) -> str:
    strategies = {
        "semantic": ("facts", "/facts/{actorId}/"),
        "userPreference": ("preferences", "/preferences/{actorId}/"),
        "summary": ("summaries", summaries),
    }
    made = control.create_memory(
        name=name,
        eventExpiryDuration=30,
        memoryStrategies=[
            {f"{kind}MemoryStrategy": {"name": called, "namespaceTemplates": [template]}}
            for kind, (called, template) in strategies.items()
        ],
    )
    id: str = made["memory"]["id"]
    _until(lambda: control.get_memory(memoryId=id)["memory"]["status"] == "ACTIVE", "it is not active")
    return id


def _until(done: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise RuntimeError(f"A memory was made, but after {SECONDS:.0f} s {otherwise}.")
        time.sleep(0.05)
