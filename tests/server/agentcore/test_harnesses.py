"""Harnesses over the wire: created, shown, listed, updated and deleted, with their memories."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from duramen.server.agentcore.harness_kept import HARNESSES, NAMES, VERSIONS
from duramen.server.caller import Grant
from duramen.server.keys import Keys
from duramen.server.settings import Settings
from duramen.strategies.resources import load_resource
from tests.conftest import engine
from tests.server.agentcore.harnessing import DISABLED, ROLE, Harnesses, harnessing, managed
from tests.server.agentcore.parts import clients
from tests.server.agentcore.talking import named, refused
from tests.server.running import running

MANAGED: dict[str, Any] = {"managedMemoryConfiguration": {}}
TOKEN = "t" * 33

SAID: dict[str, Any] = {
    "model": {"bedrockModelConfig": {"modelId": "m1", "temperature": 0.5, "additionalParams": {"a": [None, 1]}}},
    "systemPrompt": [{"text": "Be brief."}],
    "tools": [
        {"type": "inline_function", "name": "f", "config": {"inlineFunction": {"description": "d", "inputSchema": {}}}}
    ],
    "skills": [{"path": "skills/one"}],
    "allowedTools": ["f"],
    "truncation": {"strategy": "none"},
    "environmentVariables": {"A": "b"},
    "environmentArtifact": {"containerConfiguration": {"containerUri": "public.ecr.aws/x/y:1"}},
    "authorizerConfiguration": {
        "customJWTAuthorizer": {"discoveryUrl": "https://x.test/.well-known/openid-configuration"}
    },
    "hooks": [],
    "maxIterations": 3,
    "maxTokens": 100,
    "timeoutSeconds": 60,
}


@pytest.fixture(scope="module")
def harnesses() -> Iterator[Harnesses]:
    with harnessing() as served:
        yield served


def own(harnesses: Harnesses, **given: Any) -> tuple[str, dict[str, Any]]:
    """Create a memory; return its id, and what attaches it to a harness."""
    memory = harnesses.control.create_memory(**named({"eventExpiryDuration": 30}))["memory"]
    return memory["id"], {"agentCoreMemoryConfiguration": {"arn": memory["arn"], **given}}


def types(memory: dict[str, Any]) -> list[str]:
    return [strategy["type"] for strategy in memory["strategies"]]


def gone(harnesses: Harnesses, memory_id: str) -> bool:
    with refused("ResourceNotFoundException"):
        harnesses.control.get_memory(memoryId=memory_id)
    return True


def test_a_harness_comes_back_with_all_that_was_said_of_it(harnesses: Harnesses) -> None:
    made = harnesses.new(harnessName="Support", memory=DISABLED, **SAID)

    assert {name: made[name] for name in SAID} == SAID
    assert re.fullmatch(r"Support-[a-zA-Z0-9]{10}", made["harnessId"])
    assert made["arn"].endswith(f":harness/{made['harnessId']}")
    assert (made["harnessName"], made["status"], made["harnessVersion"]) == ("Support", "READY", "1")
    assert made["memory"] == DISABLED
    assert made["executionRoleArn"] == ROLE
    assert harnesses.get(made) == made


def test_times_of_a_harness_are_text_in_iso_8601(harnesses: Harnesses) -> None:
    made = harnesses.new(memory=DISABLED)

    sent = httpx.get(f"{harnesses.url}/harnesses/{made['harnessId']}").json()["harness"]

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", sent["createdAt"])
    assert isinstance(made["createdAt"], datetime)


def test_what_nobody_said_is_as_usual(harnesses: Harnesses) -> None:
    made = harnesses.new(memory=DISABLED)

    assert made["systemPrompt"] == made["tools"] == made["skills"] == []
    assert made["allowedTools"] == ["*"]
    assert made["truncation"] == {"strategy": "sliding_window", "config": {"slidingWindow": {"messagesCount": 40}}}
    runtime = made["environment"]["agentCoreRuntimeEnvironment"]
    assert (runtime["agentRuntimeName"], runtime["networkConfiguration"]) == (
        made["harnessName"],
        {"networkMode": "PUBLIC"},
    )


def test_the_environment_that_was_asked_for_is_shown(harnesses: Harnesses) -> None:
    asked = {"lifecycleConfiguration": {"maxLifetime": 600}}
    made = harnesses.new(memory=DISABLED, environment={"agentCoreRuntimeEnvironment": asked})

    runtime = made["environment"]["agentCoreRuntimeEnvironment"]

    assert runtime["lifecycleConfiguration"] == asked["lifecycleConfiguration"]
    assert runtime["agentRuntimeId"] == made["harnessId"]


def test_a_harness_manages_a_memory_of_its_own_unless_it_says_otherwise(harnesses: Harnesses) -> None:
    made = harnesses.new()

    memory = harnesses.memory_of(made)
    config = made["memory"]["managedMemoryConfiguration"]
    assert (config["strategies"], config["eventExpiryDuration"]) == (["SEMANTIC", "SUMMARIZATION"], 30)
    assert config["arn"] == memory["arn"]
    assert memory["managedByResourceArn"] == made["arn"]
    assert (memory["status"], memory["eventExpiryDuration"]) == ("ACTIVE", 30)
    assert types(memory) == ["SEMANTIC", "SUMMARIZATION"]
    pages = harnesses.control.get_paginator("list_memories").paginate()
    listed = {one["id"]: one for page in pages for one in page["memories"]}
    assert listed[memory["id"]]["managedByResourceArn"] == made["arn"]


def test_a_managed_memory_has_the_strategies_and_the_days_that_were_asked_for(harnesses: Harnesses) -> None:
    key = f"arn:aws:kms:us-west-2:000000000000:key/{uuid.UUID(int=0)}"
    asked = {"strategies": ["EPISODIC", "USER_PREFERENCE"], "eventExpiryDuration": 7, "encryptionKeyArn": key}

    made = harnesses.new(memory={"managedMemoryConfiguration": asked})

    memory = harnesses.memory_of(made)
    assert made["memory"] == {"managedMemoryConfiguration": {**asked, "arn": memory["arn"]}}
    assert types(memory) == ["EPISODIC", "USER_PREFERENCE"]
    assert (memory["eventExpiryDuration"], memory["encryptionKeyArn"]) == (7, key)


def test_the_longest_name_has_room_for_its_memory(harnesses: Harnesses) -> None:
    made = harnesses.new(harnessName="a" * 40)

    assert harnesses.memory_of(made)["name"].startswith("a" * 36)


def test_only_its_harness_changes_or_deletes_a_managed_memory(harnesses: Harnesses) -> None:
    memory = managed(harnesses.new())
    strategy = {"semanticMemoryStrategy": {"name": "more"}}

    with refused("ConflictException"):
        harnesses.control.delete_memory(memoryId=memory)
    with refused("ConflictException"):
        harnesses.control.update_memory(memoryId=memory, memoryStrategies={"addMemoryStrategies": [strategy]})


def test_a_deleted_harness_takes_its_memory_along(harnesses: Harnesses) -> None:
    made = harnesses.new()
    harnesses.say(made, "I am Ada.", actorId="ada")

    deleted = harnesses.control.delete_harness(harnessId=made["harnessId"])["harness"]

    assert (deleted["harnessId"], deleted["status"]) == (made["harnessId"], "DELETING")
    with refused("ResourceNotFoundException"):
        harnesses.get(made)
    assert gone(harnesses, managed(made))
    shelf, key = harnesses.memory.shelf, made["harnessId"]
    assert asyncio.run(load_resource(shelf, managed(made))) is None
    assert asyncio.run(shelf.get([(HARNESSES, key), (NAMES, key[:-11]), ((VERSIONS, key), "1")])) == [None, None, None]


def test_a_managed_memory_that_is_to_stay_becomes_one_like_others(harnesses: Harnesses) -> None:
    made = harnesses.new()
    harnesses.say(made, "I am Ada.", actorId="ada")

    harnesses.control.delete_harness(harnessId=made["harnessId"], deleteManagedMemory=False)

    with refused("ResourceNotFoundException"):
        harnesses.get(made)
    assert "managedByResourceArn" not in harnesses.memory_of(made)
    assert len(harnesses.saved(made, "ada")) == 1
    harnesses.control.delete_memory(memoryId=managed(made))
    assert gone(harnesses, managed(made))


def test_a_memory_that_was_there_before_is_attached_and_stays(harnesses: Harnesses) -> None:
    retrieval = {
        "/facts/{actorId}/": {"topK": 3, "relevanceScore": 0.5},
        "/{memoryStrategyId}/": {"strategyId": "facts-0123456789"},
    }
    memory, config = own(harnesses, actorId="ada", messagesCount=10, retrievalConfig=retrieval)

    made = harnesses.new(memory=config)

    assert made["memory"] == config
    harnesses.control.delete_harness(harnessId=made["harnessId"])
    assert harnesses.control.get_memory(memoryId=memory)["memory"]["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"actorId": "ada@x.test"}, "actorId"),
        ({"messagesCount": 0}, "messages"),
        ({"retrievalConfig": {"/a/": {"topK": 0}}}, "top_k"),
        ({"retrievalConfig": {"/a/": {"topK": 101}}}, "top_k"),
        ({"retrievalConfig": {"/a/": {"relevanceScore": 1.5}}}, "relevance_score"),
        ({"retrievalConfig": {"/{memoryStrategyId}/": {}}}, "strategyId"),
        ({"retrievalConfig": {"/{actorId/": {}}}, "actorId"),
        ({"arn": "arn:aws:bedrock-agentcore:us-west-2:000000000000:memory/Nothing-0123456789"}, "no memory"),
    ],
)
def test_a_memory_that_cannot_be_attached_like_this_is_refused(
    harnesses: Harnesses, config: dict[str, Any], told: str
) -> None:
    _, attached = own(harnesses)
    attached["agentCoreMemoryConfiguration"].update(config)
    before = harnesses.control.list_harnesses()["harnesses"]

    with refused("ValidationException") as response:
        harnesses.new(memory=attached)

    assert told in response[0]["message"]
    assert harnesses.control.list_harnesses()["harnesses"] == before


@pytest.mark.parametrize(
    "truncation",
    [
        {"strategy": "none"},
        {"strategy": "sliding_window"},
        {"strategy": "sliding_window", "config": {"slidingWindow": {}}},
        {"strategy": "sliding_window", "config": {"slidingWindow": {"messagesCount": 2}}},
        {"strategy": "summarization"},
        {
            "strategy": "summarization",
            "config": {
                "summarization": {
                    "summaryRatio": 0.5,
                    "preserveRecentMessages": 60,
                    "summarizationSystemPrompt": "Be brief.",
                }
            },
        },
    ],
)
def test_each_truncation_is_kept_as_it_was_given(harnesses: Harnesses, truncation: dict[str, Any]) -> None:
    assert harnesses.new(memory=DISABLED, truncation=truncation)["truncation"] == truncation


@pytest.mark.parametrize(
    "truncation",
    [
        {"strategy": "none", "config": {"slidingWindow": {"messagesCount": 2}}},
        {"strategy": "sliding_window", "config": {"summarization": {}}},
        {"strategy": "sliding_window", "config": {"slidingWindow": {"messagesCount": 0}}},
        {"strategy": "summarization", "config": {"summarization": {"summaryRatio": 0.0}}},
        {"strategy": "summarization", "config": {"summarization": {"preserveRecentMessages": -1}}},
        {"strategy": "everything"},
    ],
)
def test_a_truncation_that_cannot_be_is_refused_and_no_memory_is_made(
    harnesses: Harnesses, truncation: dict[str, Any]
) -> None:
    before = harnesses.control.list_memories(maxResults=100)["memories"]

    with refused("ValidationException"):
        harnesses.new(truncation=truncation)

    assert harnesses.control.list_memories(maxResults=100)["memories"] == before


def test_an_update_changes_what_it_names_and_makes_a_version(harnesses: Harnesses) -> None:
    made = harnesses.new(memory=DISABLED, **SAID)

    updated = harnesses.update(made, systemPrompt=[{"text": "Be long."}], maxTokens=200)

    assert {name: updated[name] for name in SAID} == {**SAID, "systemPrompt": [{"text": "Be long."}], "maxTokens": 200}
    assert updated["harnessVersion"] == "2"
    assert (updated["createdAt"], updated["updatedAt"] >= made["updatedAt"]) == (made["createdAt"], True)
    assert harnesses.get(made) == updated
    assert harnesses.get(made, harnessVersion="1") == made
    assert harnesses.get(made, harnessVersion="2") == updated
    with refused("ResourceNotFoundException"):
        harnesses.get(made, harnessVersion="3")


def test_what_is_wrapped_is_set_or_taken_away(harnesses: Harnesses) -> None:
    made = harnesses.new(memory=DISABLED, **SAID)
    other = {"containerConfiguration": {"containerUri": "public.ecr.aws/x/z:2"}}

    updated = harnesses.update(made, environmentArtifact={"optionalValue": other}, authorizerConfiguration={})

    assert updated["environmentArtifact"] == other
    assert "authorizerConfiguration" not in updated


def test_the_managed_memory_is_changed_through_its_harness(harnesses: Harnesses) -> None:
    made = harnesses.new()
    before = harnesses.memory_of(made)
    wanted = {"strategies": ["SUMMARIZATION", "EPISODIC"], "eventExpiryDuration": 90}

    updated = harnesses.update(made, memory={"optionalValue": {"managedMemoryConfiguration": wanted}})

    after = harnesses.memory_of(made)
    assert updated["memory"] == {"managedMemoryConfiguration": {**wanted, "arn": before["arn"]}}
    assert types(after) == ["SUMMARIZATION", "EPISODIC"]
    assert after["strategies"][0] == before["strategies"][1]
    assert (after["eventExpiryDuration"], after["managedByResourceArn"]) == (90, made["arn"])


def test_an_update_that_says_nothing_of_memory_leaves_it_as_it_is(harnesses: Harnesses) -> None:
    made = harnesses.new()
    before = harnesses.memory_of(made)

    harnesses.update(made, maxTokens=5)
    harnesses.update(made, memory={"optionalValue": MANAGED})

    after = harnesses.memory_of(made)
    assert after["strategies"] == before["strategies"]


def test_the_key_of_a_managed_memory_cannot_be_changed(harnesses: Harnesses) -> None:
    made = harnesses.new()
    key = f"arn:aws:kms:us-west-2:000000000000:key/{uuid.UUID(int=0)}"

    with refused("ValidationException"):
        harnesses.update(made, memory={"optionalValue": {"managedMemoryConfiguration": {"encryptionKeyArn": key}}})

    assert harnesses.get(made) == made


@pytest.mark.parametrize("other", ["own", "disabled"])
def test_a_managed_memory_that_is_left_becomes_one_like_others(harnesses: Harnesses, other: str) -> None:
    made = harnesses.new()
    config = own(harnesses)[1] if other == "own" else DISABLED

    updated = harnesses.update(made, memory={"optionalValue": config})

    assert updated["memory"] == config
    assert "managedByResourceArn" not in harnesses.memory_of(made)
    again = harnesses.update(made, memory={"optionalValue": MANAGED})
    assert managed(again) != managed(made)
    assert harnesses.memory_of(again)["managedByResourceArn"] == made["arn"]


def test_a_configuration_that_is_cleared_is_the_usual_one(harnesses: Harnesses) -> None:
    made = harnesses.new(memory=own(harnesses)[1])

    cleared = harnesses.update(made, memory={})

    assert types(harnesses.memory_of(cleared)) == ["SEMANTIC", "SUMMARIZATION"]


def test_a_name_is_taken_until_its_harness_is_deleted(harnesses: Harnesses) -> None:
    made = harnesses.new(harnessName="Twice", memory=DISABLED)
    before = harnesses.control.list_memories(maxResults=100)["memories"]

    with refused("ConflictException"):
        harnesses.new(harnessName="Twice")

    assert harnesses.control.list_memories(maxResults=100)["memories"] == before
    harnesses.control.delete_harness(harnessId=made["harnessId"])
    assert harnesses.new(harnessName="Twice", memory=DISABLED)["harnessId"] != made["harnessId"]


def test_a_token_that_comes_again_makes_nothing_again(harnesses: Harnesses) -> None:
    first = harnesses.new(harnessName="Once", clientToken=TOKEN)

    again = harnesses.new(harnessName="Once", clientToken=TOKEN)

    assert again == first
    with refused("ValidationException", "IdempotentParameterMismatchException"):
        harnesses.new(harnessName="OnceMore", clientToken=TOKEN)
    one = harnesses.update(first, maxTokens=5, clientToken=TOKEN)
    assert harnesses.update(first, maxTokens=5, clientToken=TOKEN) == one
    deleted = harnesses.control.delete_harness(harnessId=first["harnessId"], clientToken=TOKEN)["harness"]
    assert harnesses.control.delete_harness(harnessId=first["harnessId"], clientToken=TOKEN)["harness"] == deleted


@pytest.mark.parametrize("token", ["t" * 32, "t" * 257, "-" * 40])
def test_a_token_that_is_too_short_or_too_long_is_refused(harnesses: Harnesses, token: str) -> None:
    body = {"harnessName": "Tokened", "executionRoleArn": ROLE, "clientToken": token}

    answer = httpx.post(f"{harnesses.url}/harnesses", json=body)

    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (400, "ValidationException")
    assert answer.json()["fieldList"][0]["name"] == "clientToken"


def test_harnesses_are_listed_page_by_page() -> None:
    with harnessing() as harnesses:
        made = [harnesses.new(memory=DISABLED)["harnessId"] for _ in range(5)]
        pages = list(harnesses.control.get_paginator("list_harnesses").paginate(PaginationConfig={"PageSize": 2}))

        assert [len(page["harnesses"]) for page in pages] == [2, 2, 1]
        assert {one["harnessId"] for page in pages for one in page["harnesses"]} == set(made)
        first = pages[0]
        harnesses.control.delete_harness(harnessId=first["harnesses"][1]["harnessId"])
        rest = harnesses.control.list_harnesses(nextToken=first["nextToken"])["harnesses"]
        assert rest == [*pages[1]["harnesses"], *pages[2]["harnesses"]]
        with refused("ValidationException"):
            harnesses.control.list_harnesses(nextToken="bm8=")


def test_a_harness_has_tags_that_make_no_version(harnesses: Harnesses) -> None:
    made = harnesses.new(memory=DISABLED, tags={"team": "a", "site": "b"})
    named_by = {"resourceArn": made["arn"]}

    harnesses.control.tag_resource(**named_by, tags={"team": "c"})
    harnesses.control.untag_resource(**named_by, tagKeys=["site", "absent"])

    assert harnesses.control.list_tags_for_resource(**named_by)["tags"] == {"team": "c"}
    assert harnesses.get(made) == made
    updated = harnesses.update(made, maxTokens=5)
    assert harnesses.control.list_tags_for_resource(**named_by)["tags"] == {"team": "c"}
    assert updated["harnessVersion"] == "2"
    with refused("ResourceNotFoundException"):
        harnesses.control.list_tags_for_resource(resourceArn=f"{made['arn'].rpartition('/')[0]}/Nothing-0123456789")


@pytest.mark.parametrize("verb", ["get_harness", "update_harness", "delete_harness"])
def test_a_harness_that_is_not_there_is_not_found(harnesses: Harnesses, verb: str) -> None:
    with refused("ResourceNotFoundException"):
        getattr(harnesses.control, verb)(harnessId="Nothing-0123456789")


def test_tenants_have_harnesses_of_their_own() -> None:
    memory = engine(":memory:")
    with running(memory, Settings(auth="on")) as url:
        ours, theirs = (
            Harnesses(memory, url, *clients(url, key=str(key.access_key), secret=secret))
            for key, secret in (
                asyncio.run(Keys(memory.shelf).create("ci", scope=Grant(name="", tenant=tenant), aws=True))
                for tenant in ("acme", "other")
            )
        )
        made = ours.new(harnessName="Mine")

        assert theirs.control.list_harnesses()["harnesses"] == []
        for verb in ("get_harness", "update_harness", "delete_harness"):
            with refused("ResourceNotFoundException"):
                getattr(theirs.control, verb)(harnessId=made["harnessId"])
        with refused("ResourceNotFoundException"):
            theirs.control.get_memory(memoryId=managed(made))
        with refused("ValidationException"):
            theirs.new(memory={"agentCoreMemoryConfiguration": {"arn": ours.memory_of(made)["arn"]}})
        assert theirs.new(harnessName="Mine")["harnessId"] != made["harnessId"]
        assert [one["harnessId"] for one in ours.control.list_harnesses()["harnesses"]] == [made["harnessId"]]


def test_a_key_reaches_the_harnesses_that_fit_its_pattern_and_may_do_what_it_says() -> None:
    memory = engine(":memory:")
    with running(memory, Settings(auth="on")) as url:
        scopes = [Grant(name=""), Grant(name="", banks=("Support*",)), Grant(name="", verbs=frozenset({"read"}))]
        issued = [asyncio.run(Keys(memory.shelf).create("ci", scope=scope, aws=True)) for scope in scopes]
        every, some, reader = (
            Harnesses(memory, url, *clients(url, key=str(key.access_key), secret=secret)) for key, secret in issued
        )
        mine, other = every.new(harnessName="Support"), every.new(harnessName="Sales")

        assert [one["harnessId"] for one in some.control.list_harnesses()["harnesses"]] == [mine["harnessId"]]
        with refused("AccessDeniedException"):
            some.get(other)
        with refused("AccessDeniedException"):
            some.new(memory={"agentCoreMemoryConfiguration": {"arn": every.memory_of(other)["arn"]}})
        assert reader.get(mine) == mine
        for call in (reader.new, lambda: reader.update(mine), lambda: reader.say(mine, "Hi.")):
            with refused("AccessDeniedException"):
                call()
