"""What stands in the records of AWS's strategies: a form for each kind."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.conftest import engine
from tests.server.agentcore.parts import clients, ready_memory
from tests.server.running import running

MOST_SECONDS = 60.0
STRATEGIES = [
    {"semanticMemoryStrategy": {"name": "facts", "namespaceTemplates": ["/facts/{actorId}/"]}},
    {"userPreferenceMemoryStrategy": {"name": "likes", "namespaceTemplates": ["/likes/{actorId}/"]}},
    {"summaryMemoryStrategy": {"name": "sums", "namespaceTemplates": ["/sums/{actorId}/{sessionId}/"]}},
    {
        "episodicMemoryStrategy": {
            "name": "tries",
            "namespaceTemplates": ["/tries/{actorId}/"],
            "reflectionConfiguration": {"namespaceTemplates": ["/tries/{actorId}/"]},
        }
    },
]
SAID = (
    ("USER", "I prefer window seats & short flights. Please book me a flight to Porto for Monday."),
    ("ASSISTANT", "Your flight to Porto on Monday is booked, with a window seat."),
    ("USER", "Thanks, that worked!"),
)


@pytest.fixture(scope="module")
def heard() -> Iterator[tuple[Any, str]]:
    """A client, and a memory in which one conversation was worked through."""
    with running(engine(":memory:")) as url:
        data, control = clients(url)
        memory = ready_memory(control, memoryStrategies=STRATEGIES)
        data.create_event(
            memoryId=memory,
            actorId="ada",
            sessionId="s1",
            eventTimestamp=datetime.now(timezone.utc),
            payload=[{"conversational": {"content": {"text": text}, "role": role}} for role, text in SAID],
        )
        yield data, memory


def records(heard: tuple[Any, str], path: str) -> list[dict[str, Any]]:
    """Return what is filed below a path, once there is something."""
    data, memory = heard
    end = time.monotonic() + MOST_SECONDS
    while True:
        found: list[dict[str, Any]] = data.list_memory_records(memoryId=memory, namespacePath=path)[
            "memoryRecordSummaries"
        ]
        if found or time.monotonic() > end:
            return found
        time.sleep(0.05)


def test_a_fact_is_a_sentence(heard: tuple[Any, str]) -> None:
    assert all(not one["content"]["text"].startswith(("{", "<")) for one in records(heard, "/facts/"))


def test_a_preference_is_json_with_its_context_and_categories(heard: tuple[Any, str]) -> None:
    (first, *_) = records(heard, "/likes/")

    told = json.loads(first["content"]["text"])

    assert list(told) == ["context", "preference", "categories"]
    assert "window seats" in told["preference"]
    assert isinstance(told["categories"], list)


def test_a_summary_is_a_topic_in_xml(heard: tuple[Any, str]) -> None:
    (first, *_) = records(heard, "/sums/")

    topic = ET.fromstring(first["content"]["text"])

    assert topic.tag == "topic"
    assert topic.attrib["name"]
    assert "window seats & short flights" in (topic.text or "")


def test_an_episode_is_json_with_how_it_ended(heard: tuple[Any, str]) -> None:
    told = [json.loads(one["content"]["text"]) for one in records(heard, "/tries/")]

    (episode,) = [one for one in told if "situation" in one]
    assert "Porto" in episode["intent"]
    assert episode["assessment"] == "success"
    assert all({"title", "use_cases", "hints", "confidence"} <= one.keys() for one in told if one != episode)


def test_what_is_retrieved_and_got_is_written_alike(heard: tuple[Any, str]) -> None:
    data, memory = heard
    (listed, *_) = records(heard, "/likes/")

    got = data.get_memory_record(memoryId=memory, memoryRecordId=listed["memoryRecordId"])["memoryRecord"]
    asked = {"searchQuery": "Which seats does the user prefer?"}
    found = data.retrieve_memory_records(memoryId=memory, namespacePath="/likes/", searchCriteria=asked)

    assert got["content"] == listed["content"]
    assert listed["content"] in [one["content"] for one in found["memoryRecordSummaries"]]


def test_what_was_worded_by_hand_is_as_it_was_given(heard: tuple[Any, str]) -> None:
    data, memory = heard
    (first, *_) = records(heard, "/likes/")
    change = {
        "memoryRecordId": first["memoryRecordId"],
        "timestamp": datetime.now(timezone.utc),
        "content": {"text": "Aisle seats, from now on."},
    }

    data.batch_update_memory_records(memoryId=memory, records=[change])

    got = data.get_memory_record(memoryId=memory, memoryRecordId=first["memoryRecordId"])["memoryRecord"]
    assert got["content"]["text"] == "Aisle seats, from now on."
