from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from duramen.namespaces import PER_ACTOR, PER_SESSION
from duramen.server.agentcore.strategies import created, definition_of, modified
from duramen.server.settings import Settings
from duramen.strategies.definitions import build
from duramen.strategy import Trigger
from duramen.times import utc_now
from tests.conftest import engine
from tests.server.agentcore.parts import clients, ready_memory
from tests.server.running import running

PROMPT = {"appendToPrompt": "Keep what matters.", "modelId": "anthropic.claude-x"}
SENT_TO = {"topicArn": "arn:aws:sns:us-west-2:123456789012:x", "payloadDeliveryBucketName": "a-bucket"}
INDEXED = [{"key": name, "type": "STRING"} for name in ("project", "site", "team", "unit")]


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    delivered = str(tmp_path_factory.mktemp("delivered"))
    with running(engine(":memory:"), Settings(self_managed_to=delivered)) as url:
        yield clients(url)[1]


@pytest.fixture
def memory(control: Any) -> Iterator[str]:
    made = ready_memory(control, indexedKeys=[*INDEXED, {"key": "rank", "type": "NUMBER"}])
    yield made
    control.delete_memory(memoryId=made)


def custom(configuration: dict[str, Any], **said: Any) -> dict[str, Any]:
    return {"customMemoryStrategy": {"name": "own", "configuration": configuration, **said}}


def added(control: Any, memory: str, *strategies: dict[str, Any]) -> dict[str, Any]:
    made = control.update_memory(memoryId=memory, memoryStrategies={"addMemoryStrategies": list(strategies)})
    found: dict[str, Any] = made["memory"]["strategies"][-1]
    return found


def changed(control: Any, memory: str, strategy: str, **said: Any) -> dict[str, Any]:
    changes = {"modifyMemoryStrategies": [{"memoryStrategyId": strategy, **said}]}
    made = control.update_memory(memoryId=memory, memoryStrategies=changes)
    (found,) = made["memory"]["strategies"]
    return dict(found)


def refused(control: Any, memory: str, *strategies: dict[str, Any]) -> str:
    with pytest.raises(ClientError) as error:
        added(control, memory, *strategies)
    assert error.value.response["Error"]["Code"] == "ValidationException"
    assert control.get_memory(memoryId=memory)["memory"]["strategies"] == []
    return str(error.value.response["Error"]["Message"])


@pytest.mark.parametrize(
    ("kind", "type_", "template"),
    [
        ("semanticMemoryStrategy", "SEMANTIC", PER_ACTOR),
        ("summaryMemoryStrategy", "SUMMARIZATION", PER_SESSION),
        ("userPreferenceMemoryStrategy", "USER_PREFERENCE", PER_ACTOR),
        ("episodicMemoryStrategy", "EPISODIC", PER_SESSION),
    ],
)
def test_each_built_in_kind_has_a_type_and_files_somewhere(
    kind: str, type_: str, template: str, control: Any, memory: str
) -> None:
    found = added(control, memory, {kind: {"name": "one", "description": "Some."}})

    assert (found["type"], found["name"], found["description"]) == (type_, "one", "Some.")
    assert found["namespaces"] == found["namespaceTemplates"] == [template]
    assert found["strategyId"].startswith("one-")
    assert len(found["strategyId"]) == len("one-") + 10


@pytest.mark.parametrize(
    ("override", "type_", "template", "parts"),
    [
        ("semanticOverride", "SEMANTIC_OVERRIDE", PER_ACTOR, ("extraction", "consolidation")),
        ("summaryOverride", "SUMMARY_OVERRIDE", PER_SESSION, ("consolidation",)),
        ("userPreferenceOverride", "USER_PREFERENCE_OVERRIDE", PER_ACTOR, ("extraction", "consolidation")),
        ("episodicOverride", "EPISODIC_OVERRIDE", PER_SESSION, ("extraction", "consolidation", "reflection")),
    ],
)
def test_prompts_come_back_where_they_are_read(
    override: str, type_: str, template: str, parts: tuple[str, ...], control: Any, memory: str
) -> None:
    found = added(control, memory, custom({override: dict.fromkeys(parts, PROMPT)}))

    configuration = found["configuration"]
    assert (found["type"], configuration["type"], found["namespaces"]) == ("CUSTOM", type_, [template])
    word = override.removesuffix("Override")
    for part in parts:
        leaf = configuration[part][f"custom{part.title()}Configuration"][f"{word}{part.title()}Override"]
        assert leaf.items() >= PROMPT.items()
    assert set(configuration) == {"type", *parts} | ({"reflection"} if word == "episodic" else set())


@pytest.mark.parametrize(
    ("template", "reflections"),
    [
        (PER_SESSION, PER_ACTOR),
        ("/episodes/{actorId}/{sessionId}/", "/episodes/{actorId}/"),
        ("/episodes/{actorId}/session/{sessionId}", "/episodes/{actorId}/"),
        ("/episodes/{actorId}/", "/episodes/{actorId}/"),
        ("/{sessionId}/episodes/", "/{sessionId}/episodes/"),
    ],
)
def test_reflections_are_filed_above_the_sessions_if_nothing_else_is_said(
    template: str, reflections: str, control: Any, memory: str
) -> None:
    found = added(control, memory, {"episodicMemoryStrategy": {"name": "e", "namespaceTemplates": [template]}})

    reflecting = found["configuration"]["reflection"]["episodicReflectionConfiguration"]
    assert reflecting == {"namespaces": [reflections], "namespaceTemplates": [reflections]}


def test_reflections_have_a_place_and_a_schema_of_their_own(control: Any, memory: str) -> None:
    schema = {"metadataSchema": [{"key": "team", "type": "STRING"}]}
    given = {"namespaceTemplates": ["/episodes/"], "memoryRecordSchema": schema}
    filed = {"name": "e", "namespaceTemplates": ["/episodes/{actorId}/{sessionId}/"], "reflectionConfiguration": given}

    found = added(control, memory, {"episodicMemoryStrategy": filed})

    reflecting = found["configuration"]["reflection"]["episodicReflectionConfiguration"]
    assert reflecting == {**given, "namespaces": ["/episodes/"]}


@pytest.mark.parametrize("where", ["/episodes/{actorId}/{sessionId}/deeper/", "/elsewhere/{actorId}/", "/episode/"])
def test_reflections_filed_elsewhere_than_their_episodes_are_refused(where: str, control: Any, memory: str) -> None:
    filed = {"namespaceTemplates": ["/episodes/{actorId}/{sessionId}/"]}
    reflecting = {"namespaceTemplates": [where]}

    told = refused(
        control, memory, {"episodicMemoryStrategy": {"name": "e", **filed, "reflectionConfiguration": reflecting}}
    )
    refused(control, memory, custom({"episodicOverride": {"reflection": {**PROMPT, **reflecting}}}, **filed))

    assert where in told


def test_the_old_name_of_templates_is_as_good_as_the_new_one(control: Any, memory: str) -> None:
    found = added(control, memory, {"semanticMemoryStrategy": {"name": "f", "namespaces": ["facts/{actorId}"]}})

    assert found["namespaces"] == found["namespaceTemplates"] == ["facts/{actorId}"]


def test_a_self_managed_strategy_is_kept_with_its_triggers(control: Any, memory: str) -> None:
    found = added(control, memory, custom({"selfManagedConfiguration": {"invocationConfiguration": SENT_TO}}))

    assert (found["type"], found["configuration"]["type"]) == ("CUSTOM", "SELF_MANAGED")
    assert found["configuration"]["selfManagedConfiguration"] == {
        "invocationConfiguration": SENT_TO,
        "historicalContextWindowSize": 4,
        "triggerConditions": [
            {"messageBasedTrigger": {"messageCount": 6}},
            {"tokenBasedTrigger": {"tokenCount": 5000}},
            {"timeBasedTrigger": {"idleSessionTimeout": 20}},
        ],
    }

    bucket = {"invocationConfiguration": {"payloadDeliveryBucketName": "another"}, "historicalContextWindowSize": 0}
    after = changed(control, memory, found["strategyId"], configuration={"selfManagedConfiguration": bucket})
    managed = after["configuration"]["selfManagedConfiguration"]
    assert managed["invocationConfiguration"] == {**SENT_TO, "payloadDeliveryBucketName": "another"}
    assert managed["historicalContextWindowSize"] == 0
    assert len(managed["triggerConditions"]) == 3


def test_schema_and_expiry_of_records_are_kept(control: Any, memory: str) -> None:
    schema = {
        "metadataSchema": [
            {"key": "project", "type": "STRING", "extractionType": "STRICTLY_CONSISTENT"},
            {
                "key": "rank",
                "type": "NUMBER",
                "extractionType": "LLM_INFERRED",
                "extractionConfig": {
                    "llmExtractionConfig": {
                        "definition": "How much it matters.",
                        "llmExtractionInstruction": "LATEST_VALUE",
                        "validation": {"numberValidation": {"minValue": 0, "maxValue": 10}},
                    }
                },
            },
        ]
    }
    given = {"name": "f", "memoryRecordSchema": schema, "recordExpirySpecification": {"recordExpiryDurationDays": 31}}

    found = added(control, memory, {"semanticMemoryStrategy": given})
    assert (found["memoryRecordSchema"], found["recordExpiryDurationDays"]) == (schema, 31)

    longer = changed(control, memory, found["strategyId"], recordExpirySpecification={"recordExpiryDurationDays": 40})
    never = changed(control, memory, found["strategyId"], recordExpirySpecification={"action": "REMOVE"})
    assert longer["recordExpiryDurationDays"] == 40
    assert "recordExpiryDurationDays" not in never
    assert never["memoryRecordSchema"] == schema


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([{"key": one["key"], "extractionType": "STRICTLY_CONSISTENT"} for one in INDEXED], "at most 3"),
        ([{"key": "other", "extractionType": "STRICTLY_CONSISTENT"}], "among the indexedKeys"),
        ([{"key": "rank", "type": "NUMBER", "extractionType": "STRICTLY_CONSISTENT"}], "Must be a STRING"),
        ([{"key": "rank", "extractionType": "STRICTLY_CONSISTENT"}], "Must be a STRING"),
        ([{"key": "project", "type": "NUMBER"}], "indexed as STRING"),
        ([{"key": "project"}, {"key": "project"}], "there twice"),
        ([{"key": "x-amz-agentcore-memory-createdAt"}], "reserved"),
        (
            [
                {
                    "key": "project",
                    "extractionType": "STRICTLY_CONSISTENT",
                    "extractionConfig": {"llmExtractionConfig": {"definition": "x"}},
                }
            ],
            "extractionConfig says nothing",
        ),
        (
            [
                {
                    "key": "project",
                    "type": "STRING",
                    "extractionConfig": {
                        "llmExtractionConfig": {"definition": "x", "validation": {"numberValidation": {}}}
                    },
                }
            ],
            "numberValidation is for NUMBER",
        ),
        (
            [
                {
                    "key": "rank",
                    "extractionConfig": {
                        "llmExtractionConfig": {
                            "definition": "x",
                            "validation": {"numberValidation": {"minValue": 2, "maxValue": 1}},
                        }
                    },
                }
            ],
            "is above",
        ),
    ],
)
def test_a_schema_that_cannot_be_kept_to_is_refused(
    entries: list[dict[str, Any]], told: str, control: Any, memory: str
) -> None:
    schema = {"metadataSchema": entries}

    assert told in refused(control, memory, {"semanticMemoryStrategy": {"name": "f", "memoryRecordSchema": schema}})
    reflecting = {"name": "e", "reflectionConfiguration": {"memoryRecordSchema": schema}}
    assert told in refused(control, memory, {"episodicMemoryStrategy": reflecting})


def test_a_summary_has_no_strictly_consistent_keys(control: Any, memory: str) -> None:
    schema = {"metadataSchema": [{"key": "project", "extractionType": "STRICTLY_CONSISTENT"}]}

    for said in (
        {"summaryMemoryStrategy": {"name": "s", "memoryRecordSchema": schema}},
        custom({"summaryOverride": {}}, memoryRecordSchema=schema),
    ):
        assert "STRICTLY_CONSISTENT" in refused(control, memory, said)


@pytest.mark.parametrize(
    ("strategy", "told"),
    [
        ({"customMemoryStrategy": {"name": "own"}}, "configuration"),
        ({"semanticMemoryStrategy": {"name": "f", "namespaces": ["/a/"], "namespaceTemplates": ["/b/"]}}, "differs"),
        ({"semanticMemoryStrategy": {"name": "f", "namespaceTemplates": ["/{tenant}/"]}}, "namespaceKeys"),
        ({"semanticMemoryStrategy": {"name": "f", "recordExpirySpecification": {"action": "REMOVE"}}}, "remove"),
        ({"summaryMemoryStrategy": {"name": "s", "namespaceTemplates": ["/{actorId}/"]}}, "sessionId"),
        ({"semanticMemoryStrategy": {"name": "f", "namespaceTemplates": ["/a//b/"]}}, "empty segment"),
        (custom({"semanticOverride": {"extraction": {"appendToPrompt": " ", "modelId": "m"}}}), "blank"),
        (
            custom(
                {
                    "selfManagedConfiguration": {
                        "invocationConfiguration": SENT_TO,
                        "triggerConditions": [{"messageBasedTrigger": {"messageCount": n}} for n in (1, 2)],
                    }
                }
            ),
            "each trigger once",
        ),
    ],
)
def test_a_strategy_that_cannot_be_is_refused(strategy: dict[str, Any], told: str, control: Any, memory: str) -> None:
    assert told in refused(control, memory, strategy)


def test_two_strategies_of_one_name_are_refused(control: Any, memory: str) -> None:
    one, other = {"semanticMemoryStrategy": {"name": "a"}}, {"userPreferenceMemoryStrategy": {"name": "a"}}

    assert "called a" in refused(control, memory, one, other)


def test_a_seventh_strategy_is_one_too_many(control: Any, memory: str) -> None:
    added(control, memory, *({"semanticMemoryStrategy": {"name": f"s{number}"}} for number in range(6)))

    with pytest.raises(ClientError) as error:
        added(control, memory, {"semanticMemoryStrategy": {"name": "s6"}})

    assert error.value.response["Error"]["Code"] == "ServiceQuotaExceededException"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 402


def test_an_override_is_changed_part_by_part(control: Any, memory: str) -> None:
    found = added(control, memory, custom({"semanticOverride": {"extraction": PROMPT, "consolidation": PROMPT}}))
    other = {"appendToPrompt": "Otherwise.", "modelId": "m"}

    after = changed(
        control,
        memory,
        found["strategyId"],
        configuration={"extraction": {"customExtractionConfiguration": {"semanticExtractionOverride": other}}},
    )

    before = found["configuration"]
    assert after["configuration"] == {
        **before,
        "extraction": {"customExtractionConfiguration": {"semanticExtractionOverride": other}},
    }


@pytest.mark.parametrize(
    "configuration",
    [
        {"extraction": {"customExtractionConfiguration": {"userPreferenceExtractionOverride": PROMPT}}},
        {"consolidation": {"customConsolidationConfiguration": {"summaryConsolidationOverride": PROMPT}}},
        {"reflection": {"customReflectionConfiguration": {"episodicReflectionOverride": PROMPT}}},
        {"reflection": {"episodicReflectionConfiguration": {"namespaceTemplates": ["/"]}}},
        {"selfManagedConfiguration": {"historicalContextWindowSize": 1}},
    ],
)
@pytest.mark.parametrize("strategy", [{"semanticMemoryStrategy": {"name": "f"}}, custom({"semanticOverride": {}})])
def test_a_change_that_does_not_fit_the_type_is_refused(
    strategy: dict[str, Any], configuration: dict[str, Any], control: Any, memory: str
) -> None:
    found = added(control, memory, strategy)

    with pytest.raises(ClientError) as error:
        changed(control, memory, found["strategyId"], configuration=configuration)

    assert error.value.response["Error"]["Code"] == "ValidationException"
    assert control.get_memory(memoryId=memory)["memory"]["strategies"] == [found]


def test_reflections_follow_their_episodes_unless_they_were_told_where(control: Any, memory: str) -> None:
    found = added(control, memory, {"episodicMemoryStrategy": {"name": "e"}})
    where = ["/moved/{actorId}/{sessionId}/"]

    moved = changed(control, memory, found["strategyId"], namespaceTemplates=where)
    told = changed(
        control,
        memory,
        found["strategyId"],
        configuration={"reflection": {"episodicReflectionConfiguration": {"namespaceTemplates": ["/moved/"]}}},
    )
    stays = changed(control, memory, found["strategyId"], namespaceTemplates=["/moved/{actorId}/s/{sessionId}/"])

    places = [
        one["configuration"]["reflection"]["episodicReflectionConfiguration"]["namespaceTemplates"]
        for one in (moved, told, stays)
    ]
    assert places == [["/moved/{actorId}/"], ["/moved/"], ["/moved/"]]


@pytest.mark.parametrize(
    "strategy",
    [
        {"semanticMemoryStrategy": {"name": "f"}},
        {"summaryMemoryStrategy": {"name": "f"}},
        {"userPreferenceMemoryStrategy": {"name": "f"}},
        {"episodicMemoryStrategy": {"name": "f", "reflectionConfiguration": {"namespaceTemplates": ["/"]}}},
        custom({"semanticOverride": {"extraction": PROMPT, "consolidation": PROMPT}}),
        custom({"summaryOverride": {"consolidation": PROMPT}}),
        custom({"userPreferenceOverride": {"consolidation": PROMPT}}),
        custom({"episodicOverride": {"extraction": PROMPT, "consolidation": PROMPT, "reflection": PROMPT}}),
        custom({"episodicOverride": {}}, namespaceTemplates=["/{actorId}/{sessionId}"]),
    ],
)
def test_the_engine_does_what_the_wire_says(strategy: dict[str, Any]) -> None:
    kept = created(strategy, utc_now())
    definition = definition_of(kept, "Notes-0123456789", None)
    assert definition is not None

    built = build(definition)

    assert built.name == kept["strategyId"]
    assert built.namespaces[0].strip("/") == kept["namespaceTemplates"][0].strip("/")
    assert ("prompt" in definition) == ("'extraction'" in str(strategy))
    assert ("reflection_prompt" in definition) == ("'reflection'" in str(strategy))


def test_the_engine_has_metadata_as_the_schema_says() -> None:
    entries = [{"key": "project", "extractionType": "STRICTLY_CONSISTENT"}, {"key": "mood", "type": "STRING"}]
    kept = created(
        {"semanticMemoryStrategy": {"name": "f", "memoryRecordSchema": {"metadataSchema": entries}}}, utc_now()
    )

    definition = definition_of(kept, "Notes-0123456789", None)

    assert definition is not None
    assert (definition["keeps"], definition["apart"]) == (["project"], ["project"])
    assert [label["key"] for label in definition["inferred"]] == ["mood"]


@pytest.mark.parametrize(
    ("to", "delivered"),
    [("/var/payloads/", "/var/payloads/a-bucket"), ("http://localhost:9000/x", "http://localhost:9000/x")],
)
def test_a_self_managed_strategy_delivers_where_the_server_says(to: str, delivered: str) -> None:
    triggers = [{"messageBasedTrigger": {"messageCount": 2}}, {"timeBasedTrigger": {"idleSessionTimeout": 30}}]
    managed = {"invocationConfiguration": SENT_TO, "triggerConditions": triggers}
    kept = created(custom({"selfManagedConfiguration": managed}), utc_now())

    definition = definition_of(kept, "Notes-0123456789", to)

    assert definition is not None
    assert (definition["to"], definition["memory"]) == (delivered, "Notes-0123456789")
    assert build(definition).trigger == Trigger(messages=2, tokens=None, idle_seconds=30, history=4)
    assert definition_of(kept, "Notes-0123456789", None) is None


def test_what_is_not_said_stays() -> None:
    kept = created({"semanticMemoryStrategy": {"name": "f", "description": "Some."}}, utc_now())
    now = utc_now()

    after = modified(kept, {"memoryStrategyId": kept["strategyId"]}, now)

    assert after == {**kept, "updatedAt": now.isoformat()}
