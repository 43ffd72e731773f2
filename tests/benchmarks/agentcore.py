"""AgentCore Memory's language on a real server: `python -m tests.benchmarks.agentcore`.

How long it takes from an event to a record that can be retrieved, without a language model and with one that answers at
once from a script, and whether one actor's recall is as fast in a memory of many actors as in one of their own.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.benchmarks.scripted import TOPIC, scripted
from tests.benchmarks.timing import Times, machine
from tests.server.agentcore.parts import clients, ready_memory
from tests.serving import served

FACTS: Mapping[str, Any] = {"semanticMemoryStrategy": {"name": "facts", "namespaceTemplates": ["/facts/{actorId}/"]}}
INFERRED = {
    "semanticMemoryStrategy": {
        **FACTS["semanticMemoryStrategy"],
        "memoryRecordSchema": {
            "metadataSchema": [
                {
                    "key": "topic",
                    "type": "STRING",
                    "extractionConfig": {"llmExtractionConfig": {"definition": "What it is about"}},
                }
            ]
        },
    }
}
_ABOUT = {
    "left": {"metadataKey": "topic"},
    "operator": "EQUALS_TO",
    "right": {"metadataValue": {"stringValue": TOPIC}},
}
PLACES = ("Lisbon", "Porto", "Oslo", "Kyoto", "Quito", "Turin", "Accra", "Perth", "Dakar", "Hanoi")
THINGS = ("a sailing boat", "a grand piano", "a red bicycle", "an old press", "a walnut desk", "a telescope", "a loom")
WAIT_SECONDS = 60.0
POLL_SECONDS = 0.005
BATCH = 100


def freshness(data: Any, control: Any, events: int, strategy: Mapping[str, Any] = FACTS) -> Times:
    """Say one thing after the other, and wait each time until it can be retrieved; by the strategy's metadata if any."""
    inferred = strategy is INFERRED
    indexed = {"indexedKeys": [{"key": "topic", "type": "STRING"}]} if inferred else {}
    name = "inferred" if inferred else "plain"
    memory, times = ready_memory(control, name=name, memoryStrategies=[strategy], **indexed), Times()
    only = {"metadataFilters": [_ABOUT]} if inferred else {}
    for number in track(range(events), "from event to record"):
        place, thing = PLACES[number % len(PLACES)], THINGS[number % len(THINGS)]
        said = {"conversational": {"content": {"text": f"I bought {thing} in {place}."}, "role": "USER"}}
        actor = f"actor-{number}"
        with times.measured():
            data.create_event(
                memoryId=memory,
                actorId=actor,
                sessionId="s1",
                eventTimestamp=datetime.now(timezone.utc),
                payload=[said],
            )
            found = False
            begin = time.perf_counter()
            while not found and time.perf_counter() - begin < WAIT_SECONDS:
                found = any(
                    place in one["content"]["text"] for one in retrieved(data, memory, actor, f"{thing} where?", **only)
                )
                time.sleep(0 if found else POLL_SECONDS)
        assert found, f"nothing of {place} after {WAIT_SECONDS} s"
    return times


def retrieved(data: Any, memory: str, actor: str, query: str, **criteria: Any) -> list[dict[str, Any]]:
    """Return the records of an actor that answer, and meet the `criteria`."""
    answer = data.retrieve_memory_records(
        memoryId=memory, namespace=f"/facts/{actor}/", searchCriteria={"searchQuery": query, "topK": 10, **criteria}
    )
    found: list[dict[str, Any]] = answer["memoryRecordSummaries"]
    return found


def filled(data: Any, memory: str, actors: int, records: int) -> None:
    """Put records of many actors into a memory."""
    batch: list[dict[str, Any]] = []
    for actor in track(range(actors), f"{actors:,} actors"):
        for number in range(records):
            place, thing = PLACES[(actor + number) % len(PLACES)], THINGS[number % len(THINGS)]
            batch.append(
                {
                    "requestIdentifier": f"r{len(batch)}",
                    "namespaces": [f"/facts/actor-{actor}/"],
                    "content": {"text": f"Actor {actor} saw {thing}, number {number}, in {place}."},
                    "timestamp": datetime.now(timezone.utc),
                }
            )
            if len(batch) == BATCH:
                _put(data, memory, batch)
                batch = []
    if batch:
        _put(data, memory, batch)


def _put(data: Any, memory: str, batch: list[dict[str, Any]]) -> None:
    failed = data.batch_create_memory_records(memoryId=memory, records=batch)["failedRecords"]
    assert failed == [], failed[:1]


def recalls(data: Any, memory: str, many: int) -> Times:
    """Ask for the records of one actor again and again."""
    times = Times()
    retrieved(data, memory, "actor-0", "warm")
    for number in range(many):
        with times.measured():
            found = retrieved(data, memory, "actor-0", f"Who saw {THINGS[number % len(THINGS)]}?")
        assert found
        assert {one["namespaces"][0] for one in found} == {"/facts/actor-0/"}
    return times


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=50)
    parser.add_argument("--actors", type=int, default=1000)
    parser.add_argument("--records", type=int, default=100)
    parser.add_argument("--recalls", type=int, default=200)
    parser.add_argument("--fast", action="store_true", help="load no models for the second table")
    given = parser.parse_args()
    console = Console(width=110)
    console.print(machine())
    drawn = Table(title="Milliseconds, over boto3")
    for column in ("", "p50", "p95"):
        drawn.add_column(column, justify="right" if column else "left")

    def row(name: str, times: Times) -> None:
        drawn.add_row(name, f"{times.at(50):.1f}", f"{times.at(95):.1f}")

    with tempfile.TemporaryDirectory() as made, served(Path(made) / "memory", fast=False) as server:
        data, control = clients(server.url)
        row("from event to record, default models", freshness(data, control, given.events))
    with (
        scripted() as model,
        tempfile.TemporaryDirectory() as made,
        served(Path(made) / "memory", fast=False, variables=model) as server,
    ):
        data, control = clients(server.url)
        row("from event to record, scripted model", freshness(data, control, given.events))
        row("the same, found by metadata that it infers", freshness(data, control, given.events, INFERRED))
    with tempfile.TemporaryDirectory() as made, served(Path(made) / "memory", fast=given.fast) as server:
        data, control = clients(server.url)
        alone, among = (ready_memory(control, name=name, memoryStrategies=[FACTS]) for name in ("alone", "among"))
        filled(data, alone, 1, given.records)
        filled(data, among, given.actors, given.records)
        row(f"recall of one actor, alone ({given.records} records)", recalls(data, alone, given.recalls))
        row(f"the same among {given.actors:,} actors", recalls(data, among, given.recalls))
        row("alone again", recalls(data, alone, given.recalls))
    console.print(drawn)


if __name__ == "__main__":
    main()
