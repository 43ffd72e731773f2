"""Memory records by hand, through boto3: made, looked up, listed, changed and deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.conftest import engine
from tests.server.agentcore.parts import clients, ready_memory
from tests.server.running import running

NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)
NOWHERE = "mem-" + "0" * 32 + "-" + "0" * 8

SCHEMA = {
    "metadataSchema": [
        {"key": "mood", "type": "STRING", "extractionConfig": {"llmExtractionConfig": {"definition": "How it felt."}}}
    ]
}
INDEXED = [
    {"key": "mood", "type": "STRING"},
    {"key": "tags", "type": "STRINGLIST"},
    {"key": "stars", "type": "NUMBER"},
]
STRATEGIES = [
    {
        "semanticMemoryStrategy": {
            "name": "Facts",
            "namespaceTemplates": ["/facts/{actorId}/"],
            "memoryRecordSchema": SCHEMA,
        }
    },
    {"userPreferenceMemoryStrategy": {"name": "Likes", "namespaceTemplates": ["/likes/{actorId}/"]}},
]


class Memory:
    """A memory of a running server, and boto3's client of it."""

    def __init__(self, data: Any, control: Any) -> None:
        self.data, self.control = data, control
        self.id = ready_memory(
            control, name=f"Notes{uuid4().hex[:8]}", indexedKeys=INDEXED, memoryStrategies=STRATEGIES
        )
        made = control.get_memory(memoryId=self.id)["memory"]["strategies"]
        self.facts, self.likes = (one["strategyId"] for one in made)

    def create(self, *records: dict[str, Any], **given: Any) -> dict[str, Any]:
        result: dict[str, Any] = self.data.batch_create_memory_records(memoryId=self.id, records=[*records], **given)
        return result

    def made(self, text: str, namespace: str | None = "/facts/ada/", **given: Any) -> str:
        """Create one record and return its id."""
        outcome = self.create(draft(text, namespace, **given))
        assert outcome["failedRecords"] == []
        return str(outcome["successfulRecords"][0]["memoryRecordId"])

    def update(self, id: str, expiry: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
        spec = {} if expiry is None else {"recordExpirySpecification": expiry}
        result: dict[str, Any] = self.data.batch_update_memory_records(
            memoryId=self.id, records=[{"memoryRecordId": id, "timestamp": NOON, **given}], **spec
        )
        return result

    def got(self, id: str, **given: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.data.get_memory_record(memoryId=self.id, memoryRecordId=id, **given)
        return found["memoryRecord"]  # type: ignore[no-any-return]  # of an untyped client

    def texts(self, **given: Any) -> list[str]:
        """Return what all pages of a listing say."""
        pages = self.data.get_paginator("list_memory_records").paginate(memoryId=self.id, **given)
        return [one["content"]["text"] for page in pages for one in page["memoryRecordSummaries"]]


def draft(text: str, namespace: str | None = "/facts/ada/", **given: Any) -> dict[str, Any]:
    return {
        "requestIdentifier": "r1",
        "namespaces": [] if namespace is None else [namespace],
        "content": {"text": text},
        "timestamp": NOON,
        **given,
    }


def filtered(key: str, operator: str, **value: Any) -> dict[str, Any]:
    right = {"right": {"metadataValue": value}} if value else {}
    return {"left": {"metadataKey": key}, "operator": operator, **right}


def refusal(caught: pytest.ExceptionInfo[ClientError]) -> tuple[int, str, list[str]]:
    told = caught.value.response
    names = [one["name"] for one in told.get("fieldList", [])]
    return told["ResponseMetadata"]["HTTPStatusCode"], told["Error"]["Code"], names


@pytest.fixture(scope="module")
def planes() -> Iterator[tuple[Any, Any]]:
    with running(engine(":memory:")) as url:
        yield clients(url)


@pytest.fixture
def memory(planes: tuple[Any, Any]) -> Memory:
    return Memory(*planes)


def test_a_record_comes_back_with_all_that_it_was_made_with(memory: Memory) -> None:
    metadata = {
        "mood": {"stringValue": "glad"},
        "tags": {"stringListValue": ["tea", "dawn"]},
        "stars": {"numberValue": 4.5},
        "when": {"dateTimeValue": NOON},
    }
    before = datetime.now(timezone.utc) - timedelta(seconds=1)

    outcome = memory.create(draft("Ada drinks tea.", metadata=metadata))
    made = outcome["successfulRecords"][0]
    found = memory.got(made["memoryRecordId"])

    assert outcome["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert (made["status"], made["requestIdentifier"]) == ("SUCCEEDED", "r1")
    assert 40 <= len(made["memoryRecordId"]) <= 50
    assert found.pop("createdAt") >= before
    assert found == {
        "memoryRecordId": made["memoryRecordId"],
        "content": {"text": "Ada drinks tea."},
        "memoryStrategyId": "manual",
        "namespaces": ["/facts/ada/"],
        "timestamp": NOON,
        "metadata": metadata,
    }


def test_a_record_of_no_namespace_is_found_by_its_id_and_below_the_root(memory: Memory) -> None:
    id = memory.made("Ada drinks tea.", None)

    assert memory.got(id)["namespaces"] == []
    assert memory.texts(namespacePath="/") == ["Ada drinks tea."]
    assert memory.texts(namespace="/") == []


def test_an_unknown_strategy_fails_its_record_only(memory: Memory) -> None:
    outcome = memory.create(
        draft("One.", requestIdentifier="a"),
        draft("Two.", requestIdentifier="b", memoryStrategyId="Gone-0123456789"),
        draft("Three.", requestIdentifier="c", memoryStrategyId=memory.likes),
    )

    assert [one["requestIdentifier"] for one in outcome["successfulRecords"]] == ["a", "c"]
    (failed,) = outcome["failedRecords"]
    assert (failed["requestIdentifier"], failed["status"], failed["errorCode"]) == ("b", "FAILED", 400)
    assert failed["memoryRecordId"] == ""
    assert "Gone-0123456789" in failed["errorMessage"]
    assert sorted(memory.texts(namespacePath="/")) == ["One.", "Three."]


def test_the_schema_of_a_strategy_decides_which_metadata_is_kept(memory: Memory) -> None:
    metadata = {"mood": {"stringValue": "glad"}, "colour": {"stringValue": "red"}}

    with_schema = memory.made("One.", memoryStrategyId=memory.facts, metadata=metadata)
    without_schema = memory.made("Two.", memoryStrategyId=memory.likes, metadata=metadata)
    by_hand = memory.made("Three.", metadata=metadata)

    assert memory.got(with_schema)["metadata"] == {"mood": {"stringValue": "glad"}}
    assert memory.got(with_schema)["memoryStrategyId"] == memory.facts
    assert memory.got(without_schema)["metadata"] == metadata
    assert memory.got(by_hand)["metadata"] == metadata


def test_metadata_of_which_nothing_is_left_is_no_metadata(memory: Memory) -> None:
    id = memory.made("One.", memoryStrategyId=memory.facts, metadata={"colour": {"stringValue": "red"}})

    assert "metadata" not in memory.got(id)


def test_reserved_keys_of_metadata_refuse_the_batch(memory: Memory) -> None:
    reserved = {"x-amz-agentcore-memory-createdAt": {"dateTimeValue": NOON}}

    with pytest.raises(ClientError) as making:
        memory.create(draft("One."), draft("Two.", metadata=reserved))
    id = memory.made("Three.")
    with pytest.raises(ClientError) as changing:
        memory.update(id, metadata=reserved)

    name = "metadata.x-amz-agentcore-memory-createdAt"
    assert refusal(making) == (400, "ValidationException", [f"records.1.{name}"])
    assert refusal(changing) == (400, "ValidationException", [f"records.0.{name}"])
    assert memory.texts(namespacePath="/") == ["Three."]


def test_keys_of_the_engine_are_nobodys_in_the_metadata_of_a_record(memory: Memory) -> None:
    own = {"duramen:created": {"stringValue": "x"}, "record": {"stringValue": "y"}}

    id = memory.made("One.", metadata=own)

    assert memory.got(id)["metadata"] == own
    assert memory.got(id)["createdAt"].year >= 2026


def test_a_batch_of_nothing_does_nothing(memory: Memory) -> None:
    assert memory.create()["successfulRecords"] == []
    assert memory.data.batch_update_memory_records(memoryId=memory.id, records=[])["failedRecords"] == []
    assert memory.data.batch_delete_memory_records(memoryId=memory.id, records=[])["failedRecords"] == []


def test_a_batch_sent_again_with_its_token_is_told_what_was_made(memory: Memory) -> None:
    first = memory.create(draft("One."), draft("Two."), clientToken="t1")
    again = memory.create(draft("One."), draft("Two."), clientToken="t1")
    with pytest.raises(ClientError) as caught:
        memory.create(draft("Three."), clientToken="t1")

    assert again["successfulRecords"] == first["successfulRecords"]
    assert len(memory.texts(namespacePath="/")) == 2
    assert refusal(caught)[:2] == (400, "ValidationException")
    assert caught.value.response["reason"] == "IdempotentParameterMismatchException"


def test_the_same_text_twice_is_two_records(memory: Memory) -> None:
    assert memory.made("One.") != memory.made("One.")
    assert memory.texts(namespace="/facts/ada/") == ["One.", "One."]


def test_a_record_expires_when_it_was_told_to(memory: Memory) -> None:
    spec = {"recordExpirySpecification": {"recordExpiryDurationDays": 31}}
    made = memory.create(draft("One."), **spec)["successfulRecords"][0]["memoryRecordId"]

    found = memory.got(made)

    assert abs(found["expiresAt"] - found["createdAt"] - timedelta(days=31)) < timedelta(minutes=1)
    assert "expiresAt" not in memory.got(memory.made("Two."))


def test_an_update_begins_an_expiry_anew_overrides_or_removes_it(memory: Memory) -> None:
    spec = {"recordExpirySpecification": {"recordExpiryDurationDays": 40}}
    expiring = memory.create(draft("One."), **spec)["successfulRecords"][0]["memoryRecordId"]
    lasting = memory.made("Two.")
    first = memory.got(expiring)["expiresAt"]

    memory.update(expiring, content={"text": "Uno."})
    again = memory.got(expiring)["expiresAt"]
    memory.update(expiring, {"recordExpiryDurationDays": 100})
    longer = memory.got(expiring)["expiresAt"]
    memory.update(expiring, {"action": "REMOVE"})
    memory.update(lasting, content={"text": "Dos."})

    assert again > first
    assert timedelta(days=59) < longer - first < timedelta(days=61)
    assert "expiresAt" not in memory.got(expiring)
    assert "expiresAt" not in memory.got(lasting)
    memory.update(lasting, {"recordExpiryDurationDays": 31})
    assert "expiresAt" in memory.got(lasting)


@pytest.mark.parametrize(
    ("expiry", "name"),
    [
        ({"recordExpiryDurationDays": 10**9}, "recordExpirySpecification.recordExpiryDurationDays"),
        ({"action": "REMOVE"}, "recordExpirySpecification.action"),
        ({"action": "KEEP"}, "recordExpirySpecification.action"),
    ],
)
def test_an_expiry_that_a_new_record_cannot_have_is_refused(memory: Memory, expiry: dict[str, Any], name: str) -> None:
    with pytest.raises(ClientError) as caught:
        memory.create(draft("One."), recordExpirySpecification=expiry)

    assert refusal(caught) == (400, "ValidationException", [name])
    assert memory.texts(namespacePath="/") == []


def test_an_update_changes_what_is_given_and_keeps_the_rest(memory: Memory) -> None:
    id = memory.made("One.", metadata={"mood": {"stringValue": "glad"}})
    before = memory.got(id)

    outcome = memory.update(id, content={"text": "Two."}, timestamp=NOON + timedelta(days=1))
    after = memory.got(id)

    assert outcome["successfulRecords"] == [{"memoryRecordId": id, "status": "SUCCEEDED"}]
    assert outcome["failedRecords"] == []
    assert after["content"] == {"text": "Two."}
    assert after["timestamp"] == NOON + timedelta(days=1)
    same = ("memoryRecordId", "namespaces", "metadata", "memoryStrategyId", "createdAt")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}


def test_an_update_can_move_a_record_to_another_namespace_and_strategy(memory: Memory) -> None:
    id = memory.made("One.", metadata={"mood": {"stringValue": "glad"}})

    outcome = memory.update(id, namespaces=["/facts/ada/more/"], memoryStrategyId=memory.likes)
    found = memory.got(id)

    assert outcome["failedRecords"] == []
    assert (found["namespaces"], found["memoryStrategyId"]) == (["/facts/ada/more/"], memory.likes)
    assert memory.texts(namespace="/facts/ada/") == []
    assert memory.texts(namespace="/facts/ada/more") == ["One."]


def test_a_record_can_move_to_another_actor(memory: Memory) -> None:
    id = memory.made("One.")

    outcome = memory.update(id, namespaces=["/facts/bob/"])

    assert outcome["failedRecords"] == []
    assert memory.texts(namespace="/facts/ada/") == []
    assert memory.texts(namespace="/facts/bob/") == ["One."]


def test_an_update_fails_for_what_is_not_there_and_does_the_rest(memory: Memory) -> None:
    id = memory.made("One.")
    records = [
        {"memoryRecordId": NOWHERE, "timestamp": NOON, "content": {"text": "No."}},
        {"memoryRecordId": id, "timestamp": NOON, "content": {"text": "Two."}},
        {"memoryRecordId": id, "timestamp": NOON, "content": {"text": "No."}, "sourceNamespaces": ["/facts/bob/"]},
        {"memoryRecordId": id, "timestamp": NOON, "memoryStrategyId": "Gone-0123456789"},
    ]

    outcome = memory.data.batch_update_memory_records(memoryId=memory.id, records=records)

    assert outcome["successfulRecords"] == [{"memoryRecordId": id, "status": "SUCCEEDED"}]
    assert [(one["memoryRecordId"], one["errorCode"]) for one in outcome["failedRecords"]] == [
        (NOWHERE, 404),
        (id, 404),
        (id, 400),
    ]
    assert memory.got(id)["content"] == {"text": "Two."}


def test_an_update_of_a_record_at_its_own_namespace_is_done(memory: Memory) -> None:
    id = memory.made("One.")

    outcome = memory.update(id, content={"text": "Two."}, sourceNamespaces=["/facts/ada"])

    assert outcome["failedRecords"] == []
    assert memory.got(id)["content"] == {"text": "Two."}


def test_a_batch_deletes_what_is_there_and_fails_for_the_rest(memory: Memory) -> None:
    one, two, three = memory.made("One."), memory.made("Two."), memory.made("Three.")
    records = [
        {"memoryRecordId": one},
        {"memoryRecordId": NOWHERE},
        {"memoryRecordId": two, "namespace": "/facts/bob/"},
        {"memoryRecordId": three, "namespace": "/facts/ada/"},
    ]

    outcome = memory.data.batch_delete_memory_records(memoryId=memory.id, records=records)

    assert [found["memoryRecordId"] for found in outcome["successfulRecords"]] == [one, three]
    assert [(found["memoryRecordId"], found["errorCode"]) for found in outcome["failedRecords"]] == [
        (NOWHERE, 404),
        (two, 404),
    ]
    assert memory.texts(namespacePath="/") == ["Two."]


def test_a_deleted_record_is_gone(memory: Memory) -> None:
    id = memory.made("One.")

    assert memory.data.delete_memory_record(memoryId=memory.id, memoryRecordId=id)["memoryRecordId"] == id

    for asked in (memory.data.get_memory_record, memory.data.delete_memory_record):
        with pytest.raises(ClientError) as caught:
            asked(memoryId=memory.id, memoryRecordId=id)
        assert refusal(caught)[:2] == (404, "ResourceNotFoundException")
    assert memory.texts(namespacePath="/") == []


def test_a_record_is_only_there_for_who_names_its_namespace_if_any(memory: Memory) -> None:
    id = memory.made("One.")

    assert memory.got(id, namespace="facts/ada")["memoryRecordId"] == id
    for asked in (memory.data.get_memory_record, memory.data.delete_memory_record):
        with pytest.raises(ClientError) as caught:
            asked(memoryId=memory.id, memoryRecordId=id, namespace="/facts/")
        assert refusal(caught)[:2] == (404, "ResourceNotFoundException")
    assert memory.texts(namespacePath="/") == ["One."]


def test_a_listing_has_the_records_of_a_namespace_or_of_a_path(memory: Memory) -> None:
    for namespace in ("/facts/ada/", "/facts/ada/s1/", "/facts/ada2/", "/likes/ada/", "/plans/"):
        memory.made(f"At {namespace}", namespace)

    assert memory.texts(namespace="/facts/ada") == ["At /facts/ada/"]
    assert sorted(memory.texts(namespacePath="/facts/ada")) == ["At /facts/ada/", "At /facts/ada/s1/"]
    assert len(memory.texts(namespacePath="/facts")) == 3
    assert len(memory.texts(namespacePath="/")) == 5
    assert memory.texts(namespacePath="/fact") == []
    assert memory.texts(namespace="/facts/nobody/") == []


def test_a_listing_goes_on_behind_its_token_whatever_is_deleted_meanwhile(memory: Memory) -> None:
    for number in range(12):
        memory.made(f"Number {number}.")
    asked = {"memoryId": memory.id, "namespacePath": "/facts/"}

    first = memory.data.list_memory_records(**asked, maxResults=5)
    for one in first["memoryRecordSummaries"]:
        memory.data.delete_memory_record(memoryId=memory.id, memoryRecordId=one["memoryRecordId"])
    second = memory.data.list_memory_records(**asked, maxResults=3, nextToken=first["nextToken"])
    third = memory.data.list_memory_records(**asked, maxResults=100, nextToken=second["nextToken"])

    shown = [page["memoryRecordSummaries"] for page in (first, second, third)]
    assert [len(page) for page in shown] == [5, 3, 4]
    assert len({one["memoryRecordId"] for page in shown for one in page}) == 12
    assert "nextToken" not in third
    assert all("score" not in one for page in shown for one in page)


def test_a_page_that_ends_the_listing_has_no_token(memory: Memory) -> None:
    for number in range(4):
        memory.made(f"Number {number}.")

    page = memory.data.list_memory_records(memoryId=memory.id, namespacePath="/", maxResults=4)

    assert len(page["memoryRecordSummaries"]) == 4
    assert "nextToken" not in page


def test_a_page_has_twenty_records_unless_more_or_fewer_are_asked_for(memory: Memory) -> None:
    memory.create(*(draft(f"Number {number}.") for number in range(21)))

    page = memory.data.list_memory_records(memoryId=memory.id, namespacePath="/")

    assert len(page["memoryRecordSummaries"]) == 20


def test_a_listing_can_be_of_one_strategy(memory: Memory) -> None:
    memory.made("One.", memoryStrategyId=memory.facts)
    memory.made("Two.", memoryStrategyId=memory.likes)
    memory.made("Three.")

    assert memory.texts(namespacePath="/", memoryStrategyId=memory.facts) == ["One."]
    assert memory.texts(namespacePath="/", memoryStrategyId="manual") == ["Three."]
    assert memory.texts(namespacePath="/", memoryStrategyId="Gone-0123456789") == []


def test_a_listing_can_be_filtered_by_metadata(memory: Memory) -> None:
    memory.made("One.", metadata={"mood": {"stringValue": "glad"}, "tags": {"stringListValue": ["a", "b"]}})
    memory.made("Two.", metadata={"mood": {"stringValue": "sad"}, "stars": {"numberValue": 3}})
    memory.made("Three.", metadata={"mood": {"dateTimeValue": NOON}})
    past = datetime(2020, 1, 1, tzinfo=timezone.utc)

    def texts(*filters: dict[str, Any]) -> list[str]:
        return sorted(memory.texts(namespacePath="/", metadataFilters=[*filters]))

    assert texts(filtered("mood", "EQUALS_TO", stringValue="glad")) == ["One."]
    assert texts(filtered("stars", "EXISTS")) == ["Two."]
    assert texts(filtered("stars", "NOT_EXISTS")) == ["One.", "Three."]
    assert texts(filtered("tags", "CONTAINS", stringValue="a")) == ["One."]
    assert texts(filtered("tags", "CONTAINS", stringListValue=["b", "a"])) == ["One."]
    assert texts(filtered("tags", "CONTAINS", stringListValue=["a", "c"])) == []
    assert texts(filtered("stars", "GREATER_THAN", numberValue=2.5)) == ["Two."]
    assert texts(filtered("stars", "GREATER_THAN", numberValue=3)) == []
    assert texts(filtered("stars", "GREATER_THAN_OR_EQUALS", numberValue=3)) == ["Two."]
    assert texts(filtered("stars", "LESS_THAN", numberValue=3)) == []
    assert texts(filtered("stars", "LESS_THAN_OR_EQUALS", numberValue=3)) == ["Two."]
    assert texts(filtered("mood", "BEFORE", dateTimeValue=NOON + timedelta(seconds=1))) == ["Three."]
    assert texts(filtered("mood", "AFTER", dateTimeValue=NOON)) == []
    assert texts(filtered("stars", "EXISTS"), filtered("mood", "EQUALS_TO", stringValue="glad")) == []
    assert len(texts(filtered("x-amz-agentcore-memory-createdAt", "AFTER", dateTimeValue=past))) == 3
    assert texts(filtered("x-amz-agentcore-memory-updatedAt", "BEFORE", dateTimeValue=past)) == []
    assert texts(filtered("x-amz-agentcore-memory-recordType", "EQUALS_TO", stringValue="EXTRACTED")) == []


def test_a_filter_on_a_key_that_is_not_indexed_is_refused(memory: Memory) -> None:
    with pytest.raises(ClientError) as caught:
        memory.texts(namespacePath="/", metadataFilters=[filtered("colour", "EXISTS")])

    assert refusal(caught) == (400, "ValidationException", ["metadataFilters.0.left"])


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, ["namespace", "namespacePath"]),
        ({"namespace": "/a/", "namespacePath": "/a/"}, ["namespace", "namespacePath"]),
        ({"namespace": "/facts/*"}, ["namespace"]),
        ({"namespace": "/facts/a b/"}, ["namespace"]),
        ({"namespacePath": "/", "maxResults": 101}, ["maxResults"]),
        ({"namespacePath": "/", "memoryStrategyId": "a/b"}, ["memoryStrategyId"]),
        ({"namespacePath": "/", "metadataFilters": [filtered("mood", "EXISTS")] * 6}, ["metadataFilters"]),
        ({"namespacePath": "/", "metadataFilters": [filtered("mood", "LIKE")]}, ["metadataFilters.0.operator"]),
    ],
)
def test_a_listing_that_cannot_be_is_refused(memory: Memory, given: dict[str, Any], names: list[str]) -> None:
    with pytest.raises(ClientError) as caught:
        memory.data.list_memory_records(memoryId=memory.id, **given)

    assert refusal(caught) == (400, "ValidationException", names)


def test_a_token_of_another_listing_is_refused(memory: Memory) -> None:
    for number in range(3):
        memory.made(f"Number {number}.")
    token = memory.data.list_memory_records(memoryId=memory.id, namespacePath="/", maxResults=1)["nextToken"]

    for given in ({"namespace": "/facts/ada/"}, {"namespacePath": "/", "memoryStrategyId": "x"}):
        with pytest.raises(ClientError) as caught:
            memory.data.list_memory_records(memoryId=memory.id, nextToken=token, **given)
        assert refusal(caught) == (400, "ValidationException", ["nextToken"])
    with pytest.raises(ClientError) as caught:
        memory.data.list_memory_records(memoryId=memory.id, namespacePath="/", nextToken="nonsense")
    assert refusal(caught) == (400, "ValidationException", ["nextToken"])


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"namespaces": ["/a/", "/b/"]}, "namespaces"),
        ({"namespaces": ["/a/*"]}, "namespaces.0"),
        ({"namespaces": ["/a//b/"]}, "namespaces.0"),
        ({"content": {"text": "x" * 16_001}}, "content.text"),
        ({"requestIdentifier": "a b"}, "requestIdentifier"),
        ({"memoryStrategyId": "x" * 101}, "memoryStrategyId"),
        ({"metadata": {f"k{n}": {"stringValue": "v"} for n in range(21)}}, "metadata"),
        ({"metadata": {"k": {"stringListValue": ["v"] * 6}}}, "metadata.k.stringListValue"),
        ({"metadata": {"k": {"stringListValue": ["v" * 65]}}}, "metadata.k.stringListValue.0"),
    ],
)
def test_a_record_out_of_bounds_refuses_the_batch(memory: Memory, given: dict[str, Any], name: str) -> None:
    with pytest.raises(ClientError) as caught:
        memory.create(draft("Fine."), {**draft("One."), **given})

    assert refusal(caught) == (400, "ValidationException", [f"records.1.{name}"])
    assert memory.texts(namespacePath="/") == []


def test_more_than_a_hundred_records_are_refused(memory: Memory) -> None:
    with pytest.raises(ClientError) as caught:
        memory.create(*(draft("One.") for _ in range(101)))

    assert refusal(caught) == (400, "ValidationException", ["records"])


def test_text_that_says_nothing_fails_its_record(memory: Memory) -> None:
    outcome = memory.create(draft("One.", requestIdentifier="a"), draft(" \n ", requestIdentifier="b"))

    assert [one["requestIdentifier"] for one in outcome["successfulRecords"]] == ["a"]
    assert [(one["requestIdentifier"], one["errorCode"]) for one in outcome["failedRecords"]] == [("b", 400)]


def test_an_unknown_memory_is_not_found_by_any_operation(memory: Memory) -> None:
    gone = {"memoryId": "Gone-0123456789"}
    record = {"memoryRecordId": NOWHERE}
    calls: list[Callable[[], Any]] = [
        lambda: memory.data.batch_create_memory_records(**gone, records=[draft("One.")]),
        lambda: memory.data.batch_update_memory_records(**gone, records=[{**record, "timestamp": NOON}]),
        lambda: memory.data.batch_delete_memory_records(**gone, records=[record]),
        lambda: memory.data.get_memory_record(**gone, **record),
        lambda: memory.data.delete_memory_record(**gone, **record),
        lambda: memory.data.list_memory_records(**gone, namespacePath="/"),
        lambda: memory.data.retrieve_memory_records(**gone, namespacePath="/", searchCriteria={"searchQuery": "x"}),
    ]

    for call in calls:
        with pytest.raises(ClientError) as caught:
            call()
        assert refusal(caught)[:2] == (404, "ResourceNotFoundException")


@pytest.mark.parametrize(
    "given", [{"memoryId": "no-id-at-all"}, {"memoryRecordId": "x" * 45}, {"memoryRecordId": "mem-" + "x" * 47}]
)
def test_ids_that_are_none_are_refused(memory: Memory, given: dict[str, str]) -> None:
    with pytest.raises(ClientError) as caught:
        memory.data.get_memory_record(**{"memoryId": memory.id, "memoryRecordId": NOWHERE, **given})

    assert refusal(caught) == (400, "ValidationException", [*given])


def test_a_record_can_be_reached_by_the_arn_of_its_memory(memory: Memory) -> None:
    id = memory.made("One.")
    arn = memory.control.get_memory(memoryId=memory.id)["memory"]["arn"]

    found = memory.data.get_memory_record(memoryId=arn, memoryRecordId=id)

    assert found["memoryRecord"]["content"] == {"text": "One."}
