"""Metadata that a language model infers by a strategy's schema: from an event to a filtered retrieval, through boto3."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import BaseModel

from duramen.errors import ModelUnavailableError
from duramen.language_model import LanguageModel, Prompt
from duramen.language_models import ScriptedModel
from duramen.namespaces import PER_ACTOR
from duramen.server.agentcore.strategies import created, definition_of
from duramen.strategies.definitions import build
from duramen.strategies.inferred import InferredLabel
from duramen.strategies.labelled import LabelledStrategy
from duramen.times import utc_now
from tests.conftest import engine
from tests.server.agentcore.parts import clients, ready_memory
from tests.server.running import running

MOST_SECONDS = 60.0
TRIP, OLIVES = "I fly to Porto on Monday.", "I cannot stand olives."
TOPIC = {"stringValidation": {"allowedValues": ["travel", "food"]}}
SCHEMA: list[dict[str, Any]] = [
    {
        "key": "topic",
        "type": "STRING",
        "extractionConfig": {"llmExtractionConfig": {"definition": "About what", "validation": TOPIC}},
    },
    {
        "key": "places",
        "type": "STRINGLIST",
        "extractionType": "LLM_INFERRED",
        "extractionConfig": {
            "llmExtractionConfig": {"definition": "Where", "validation": {"stringListValidation": {"maxItems": 2}}}
        },
    },
    {
        "key": "rank",
        "type": "NUMBER",
        "extractionConfig": {
            "llmExtractionConfig": {
                "definition": "How much it matters",
                "llmExtractionInstruction": "LATEST_VALUE",
                "validation": {"numberValidation": {"minValue": 1, "maxValue": 5}},
            }
        },
    },
    {"key": "tenant", "type": "STRING", "extractionType": "STRICTLY_CONSISTENT"},
]
INDEXED = [{"key": entry["key"], "type": entry["type"]} for entry in SCHEMA]
FACTS = {
    "semanticMemoryStrategy": {
        "name": "facts",
        "namespaceTemplates": ["/facts/{actorId}/"],
        "memoryRecordSchema": {"metadataSchema": SCHEMA},
    }
}
LABELS: dict[str, list[tuple[str, Any]]] = {
    "Porto": [("k1", "travel"), ("k2", ["Porto", "Oslo", "Rome"]), ("k3", 4), ("tenant", "globex")],
    "olives": [("k1", "food"), ("k3", 99)],
}


class Wire:
    """A memory of a running server: `data` is boto3's client of it, `id` its id."""

    def __init__(self, data: Any, control: Any, strategy: dict[str, Any]) -> None:
        self.data, self.id = data, ready_memory(control, memoryStrategies=[strategy], indexedKeys=INDEXED)

    def say(self, text: str, **metadata: str) -> None:
        self.data.create_event(
            memoryId=self.id,
            actorId="ada",
            sessionId="s1",
            eventTimestamp=utc_now(),
            payload=[{"conversational": {"content": {"text": text}, "role": "USER"}}],
            metadata={key: {"stringValue": value} for key, value in {"tenant": "acme", **metadata}.items()},
        )

    def records(self, many: int) -> dict[str, dict[str, Any]]:
        """Wait until there are so many records, and return the metadata of each by what it says."""
        end = time.monotonic() + MOST_SECONDS
        while True:
            listed = self.data.list_memory_records(memoryId=self.id, namespace="/facts/ada/")["memoryRecordSummaries"]
            if len(listed) >= many or time.monotonic() > end:
                return {one["content"]["text"]: one["metadata"] for one in listed}
            time.sleep(0.05)

    def found(self, key: str, operator: str, value: dict[str, Any] | None = None) -> list[str]:
        """Return what is retrieved of it, by one filter."""
        right = {} if value is None else {"right": {"metadataValue": value}}
        filters = [{"left": {"metadataKey": key}, "operator": operator, **right}]
        answer = self.data.retrieve_memory_records(
            memoryId=self.id,
            namespace="/facts/ada/",
            searchCriteria={"searchQuery": "Who flies to Porto and who eats olives?", "metadataFilters": filters},
        )
        return [one["content"]["text"] for one in answer["memoryRecordSummaries"]]


def scripted(prompt: Prompt, shape: type[BaseModel]) -> Any:
    """Answer as a model would that finds a fact in each line, and the labels of some words."""
    lines = [line for line in prompt.data.splitlines() if line.startswith(("e", "c"))]
    if shape.__name__ == "FactsShape":
        return {"facts": [{"text": line.partition(": ")[2], "sources": [line.split()[0]]} for line in lines]}
    if shape.__name__ != "LabelsShape":
        return ModelUnavailableError("It does not compare.")
    return {
        "labels": [
            {"memory": line.split()[0], "label": label, "value": value}
            for line in lines
            if line.startswith("c")
            for word, said in LABELS.items()
            if word in line
            for label, value in said
        ]
    }


@contextmanager
def served(model: LanguageModel | None, strategy: dict[str, Any] = FACTS) -> Iterator[Wire]:
    with running(engine(":memory:", model=model)) as url:
        data, control = clients(url)
        yield Wire(data, control, strategy)


def test_records_have_what_the_model_infers_and_are_found_by_it() -> None:
    with served(ScriptedModel(scripted)) as wire:
        wire.say(TRIP, topic="food")
        wire.say(OLIVES)

        assert wire.records(2) == {
            TRIP: {
                "topic": {"stringValue": "travel"},
                "places": {"stringListValue": ["Porto", "Oslo"]},
                "rank": {"numberValue": 4.0},
                "tenant": {"stringValue": "acme"},
            },
            OLIVES: {"topic": {"stringValue": "food"}, "tenant": {"stringValue": "acme"}},
        }
        assert wire.found("topic", "EQUALS_TO", {"stringValue": "travel"}) == [TRIP]
        assert wire.found("places", "CONTAINS", {"stringValue": "Oslo"}) == [TRIP]
        assert wire.found("rank", "GREATER_THAN_OR_EQUALS", {"numberValue": 4}) == [TRIP]
        assert wire.found("rank", "NOT_EXISTS") == [OLIVES]
        assert wire.found("tenant", "EQUALS_TO", {"stringValue": "globex"}) == []


@pytest.mark.parametrize("model", [None, ScriptedModel()], ids=["no model", "a model that fails"])
def test_without_a_model_that_helps_records_have_what_their_events_say(model: LanguageModel | None) -> None:
    with served(model) as wire:
        wire.say(OLIVES, topic="food", rank="2", places="Rome", mood="good")
        wire.say("I live in Lisbon.", topic="sport", rank="high")

        copied, bare = sorted(wire.records(2).values(), key=len, reverse=True)

        assert copied == {
            "topic": {"stringValue": "food"},
            "places": {"stringListValue": ["Rome"]},
            "rank": {"numberValue": 2.0},
            "tenant": {"stringValue": "acme"},
        }
        assert bare == {"tenant": {"stringValue": "acme"}}
        assert len(wire.found("rank", "LESS_THAN", {"numberValue": 3})) == 1


def test_a_schema_is_labels_of_the_strategy_that_the_engine_builds() -> None:
    built = _built(FACTS)

    assert (built.keeps, built.apart) == (("tenant",), ("tenant",))
    assert built.inferred == (
        InferredLabel(key="topic", definition="About what", allowed=("travel", "food"), plain=True),
        InferredLabel(key="places", type="texts", definition="Where", most=2, plain=True),
        InferredLabel(
            key="rank",
            type="number",
            definition="How much it matters",
            instruction="LATEST_VALUE",
            least=1,
            greatest=5,
            plain=True,
        ),
    )


def test_a_key_without_a_type_has_that_of_its_validation_or_of_the_index() -> None:
    validation = {"numberValidation": {"minValue": 0}}
    told = {"llmExtractionConfig": {"definition": "How old", "validation": validation}}
    entries: list[dict[str, Any]] = [{"key": "age", "extractionConfig": told}, {"key": "rank"}, {"key": "mood"}]

    built = _built(_semantic(entries), {"rank": "NUMBER"})

    assert [(label.key, label.type) for label in built.inferred] == [
        ("age", "number"),
        ("rank", "number"),
        ("mood", "text"),
    ]


def test_reflections_have_the_schema_of_their_episodes_or_their_own() -> None:
    schemas = [{"metadataSchema": [{"key": key, "type": "STRING"}]} for key in ("task", "lesson")]
    episodic: dict[str, Any] = {"name": "e", "memoryRecordSchema": schemas[0]}
    reflecting = {"namespaceTemplates": [PER_ACTOR], "memoryRecordSchema": schemas[1]}

    alike = _built({"episodicMemoryStrategy": episodic})
    apart = _built({"episodicMemoryStrategy": {**episodic, "reflectionConfiguration": reflecting}})

    assert [(label.key, label.kind) for label in alike.inferred] == [("task", None)]
    assert [(label.key, label.kind) for label in apart.inferred] == [("task", "episode"), ("lesson", "reflection")]


def _semantic(schema: list[dict[str, Any]]) -> dict[str, Any]:
    return {"semanticMemoryStrategy": {"name": "facts", "memoryRecordSchema": {"metadataSchema": schema}}}


def _built(strategy: dict[str, Any], indexed: Mapping[str, str] | None = None) -> LabelledStrategy:
    definition = definition_of(created(strategy, utc_now()), "Notes-0123456789", None, indexed or {})
    assert definition is not None
    built = build(definition)
    assert isinstance(built, LabelledStrategy)
    return built


def test_a_key_without_a_type_is_filtered_by_that_of_its_index() -> None:
    strategy = _semantic([{"key": "rank"}])
    strategy["semanticMemoryStrategy"]["namespaceTemplates"] = ["/facts/{actorId}/"]
    with served(None, strategy) as wire:
        wire.say(OLIVES, rank="2")
        wire.records(1)

        assert len(wire.found("rank", "LESS_THAN", {"numberValue": 3})) == 1
