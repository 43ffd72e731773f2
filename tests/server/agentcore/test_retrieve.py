"""Retrieving memory records by meaning, through boto3: what is found, with which score, page by page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.conftest import engine
from tests.server.agentcore.parts import clients, ready_memory
from tests.server.agentcore.test_records import NOON, Memory, draft, filtered, refusal
from tests.server.running import running

MOST_SECONDS = 60.0


@pytest.fixture(scope="module")
def planes() -> Iterator[tuple[Any, Any]]:
    with running(engine(":memory:")) as url:
        yield clients(url)


@pytest.fixture
def memory(planes: tuple[Any, Any]) -> Memory:
    return Memory(*planes)


def page(memory: Memory, query: str, **given: Any) -> dict[str, Any]:
    """Retrieve below the root, unless a namespace is given."""
    where = {} if {"namespace", "namespacePath"} & given.keys() else {"namespacePath": "/"}
    paging = {name: given.pop(name) for name in ("maxResults", "nextToken") if name in given}
    places = {name: given.pop(name) for name in ("namespace", "namespacePath") if name in given}
    found: dict[str, Any] = memory.data.retrieve_memory_records(
        memoryId=memory.id, searchCriteria={"searchQuery": query, **given}, **where, **places, **paging
    )
    return found


def texts(memory: Memory, query: str, **given: Any) -> list[str]:
    return [one["content"]["text"] for one in page(memory, query, **given)["memoryRecordSummaries"]]


def until(memory: Memory, query: str, **given: Any) -> list[dict[str, Any]]:
    """Retrieve again and again until something is found."""
    end = time.monotonic() + MOST_SECONDS
    while True:
        found: list[dict[str, Any]] = page(memory, query, **given)["memoryRecordSummaries"]
        if found or time.monotonic() > end:
            return found
        time.sleep(0.05)


def say(memory: Memory, text: str, actor: str = "ada", session: str = "s1", **given: Any) -> None:
    memory.data.create_event(
        memoryId=memory.id,
        actorId=actor,
        sessionId=session,
        eventTimestamp=datetime.now(timezone.utc),
        payload=[{"conversational": {"content": {"text": text}, "role": "USER"}}],
        **given,
    )


def test_what_answers_comes_first_and_each_has_a_score(memory: Memory) -> None:
    memory.made("Ada lives in Lisbon.")
    memory.made("Ada plays the cello on Sundays.")
    memory.made("The train leaves at seven.")

    found = page(memory, "Who plays the cello?")["memoryRecordSummaries"]

    assert found[0]["content"] == {"text": "Ada plays the cello on Sundays."}
    assert all(0 <= one["score"] <= 1 for one in found)
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
    assert found[0]["score"] >= 0.3
    assert found[0]["namespaces"] == ["/facts/ada/"]
    assert found[0]["memoryStrategyId"] == "manual"
    assert found[0]["timestamp"] == NOON


def test_ten_are_retrieved_unless_more_or_fewer_are_asked_for(memory: Memory) -> None:
    memory.create(*(draft(f"Ada likes the cello, reason {number}.") for number in range(25)))

    assert len(texts(memory, "Why the cello?")) == 10
    assert len(texts(memory, "Why the cello?", topK=3)) == 3
    assert len(texts(memory, "Why the cello?", topK=25)) == 20
    assert len(texts(memory, "Why the cello?", topK=25, maxResults=100)) == 25
    assert len(texts(memory, "Why the cello?", maxResults=2)) == 2


def test_pages_have_all_that_is_retrieved_once_and_in_order(memory: Memory) -> None:
    memory.create(*(draft(f"Ada likes the cello, reason {number}.") for number in range(15)))
    whole = texts(memory, "Why the cello?", topK=12, maxResults=12)

    paged, token, sizes = [], None, iter((5, 3, 2, 4))
    while True:
        given: dict[str, Any] = {} if token is None else {"nextToken": token}
        found = page(memory, "Why the cello?", topK=12, maxResults=next(sizes), **given)
        paged += [one["content"]["text"] for one in found["memoryRecordSummaries"]]
        assert found["memoryRecordSummaries"]
        token = found.get("nextToken")
        if token is None:
            break

    assert paged == whole


def test_the_paginator_of_boto3_goes_through_all_pages(memory: Memory) -> None:
    memory.create(*(draft(f"Ada likes the cello, reason {number}.") for number in range(9)))
    pages = memory.data.get_paginator("retrieve_memory_records").paginate(
        memoryId=memory.id,
        namespacePath="/",
        searchCriteria={"searchQuery": "Why the cello?"},
        PaginationConfig={"PageSize": 4},
    )

    assert [len(found["memoryRecordSummaries"]) for found in pages] == [4, 4, 1]


def test_a_page_goes_on_when_what_was_shown_is_deleted(memory: Memory) -> None:
    memory.create(*(draft(f"Ada likes the cello, reason {number}.") for number in range(6)))
    first = page(memory, "Why the cello?", topK=6, maxResults=2)
    for one in first["memoryRecordSummaries"]:
        memory.data.delete_memory_record(memoryId=memory.id, memoryRecordId=one["memoryRecordId"])

    second = page(memory, "Why the cello?", topK=6, maxResults=10, nextToken=first["nextToken"])

    shown = [one["memoryRecordId"] for found in (first, second) for one in found["memoryRecordSummaries"]]
    assert len(shown) == len(set(shown)) == 6
    assert "nextToken" not in second


def test_a_token_of_another_retrieval_is_refused(memory: Memory) -> None:
    memory.create(*(draft(f"Ada likes the cello, reason {number}.") for number in range(3)))
    token = page(memory, "Why the cello?", maxResults=1)["nextToken"]

    for query, given in (
        ("Why the flute?", {"nextToken": token}),
        ("Why the cello?", {"nextToken": token, "topK": 5}),
        ("Why the cello?", {"nextToken": token, "namespace": "/facts/ada/"}),
        ("Why the cello?", {"nextToken": "nonsense"}),
        ("Why the cello?", {"nextToken": "W10="}),
        ("Why the cello?", {"nextToken": "MQ=="}),
    ):
        with pytest.raises(ClientError) as caught:
            page(memory, query, **given)
        assert refusal(caught) == (400, "ValidationException", ["nextToken"])


def test_a_namespace_is_exact_and_a_path_has_all_below_it(memory: Memory) -> None:
    memory.made("Ada plays the cello.", "/facts/ada/")
    memory.made("Ada plays the cello at home.", "/facts/ada/home/")
    memory.made("Bob plays the cello.", "/facts/bob/")

    assert texts(memory, "cello", namespace="/facts/ada") == ["Ada plays the cello."]
    assert len(texts(memory, "cello", namespacePath="/facts/ada")) == 2
    assert len(texts(memory, "cello", namespacePath="/facts/")) == 3
    assert len(texts(memory, "cello", namespacePath="/")) == 3
    assert texts(memory, "cello", namespace="/facts/") == []
    assert texts(memory, "cello", namespacePath="/fact") == []


def test_retrieval_can_be_of_one_strategy(memory: Memory) -> None:
    memory.made("Ada plays the cello.", memoryStrategyId=memory.facts)
    memory.made("Ada loves the cello.", memoryStrategyId=memory.likes)
    memory.made("Ada has a cello.")

    assert texts(memory, "cello", memoryStrategyId=memory.likes) == ["Ada loves the cello."]
    assert texts(memory, "cello", memoryStrategyId="manual") == ["Ada has a cello."]
    assert texts(memory, "cello", memoryStrategyId="Gone-0123456789") == []


def test_filters_hold_before_the_best_are_taken(memory: Memory) -> None:
    memory.create(*(draft(f"Ada plays the cello, note {number}.") for number in range(30)))
    memory.made(
        "Bob, who once sat in a hall, heard a cello from far away.",
        metadata={"mood": {"stringValue": "glad"}, "stars": {"numberValue": 2}},
    )
    glad = filtered("mood", "EQUALS_TO", stringValue="glad")

    assert texts(memory, "Ada plays the cello", topK=1)[0].startswith("Ada")
    assert texts(memory, "Ada plays the cello", topK=1, metadataFilters=[glad])[0].startswith("Bob")
    assert texts(memory, "cello", metadataFilters=[glad, filtered("stars", "LESS_THAN", numberValue=2)]) == []


def test_a_filter_on_a_key_that_is_not_indexed_is_refused(memory: Memory) -> None:
    with pytest.raises(ClientError) as caught:
        page(memory, "cello", metadataFilters=[filtered("colour", "EXISTS")])

    assert refusal(caught) == (400, "ValidationException", ["searchCriteria.metadataFilters.0.left"])


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"namespace": "/a/", "namespacePath": "/a/"}, ["namespace", "namespacePath"]),
        ({"namespacePath": "/facts/*"}, ["namespacePath"]),
        ({"topK": 101}, ["searchCriteria.topK"]),
        ({"maxResults": 101}, ["maxResults"]),
        ({"query": "x" * 10_001}, ["searchCriteria.searchQuery"]),
        ({"query": " \n"}, ["searchCriteria.searchQuery"]),
    ],
)
def test_a_retrieval_that_cannot_be_is_refused(memory: Memory, given: dict[str, Any], names: list[str]) -> None:
    with pytest.raises(ClientError) as caught:
        page(memory, given.pop("query", "cello"), **given)

    assert refusal(caught) == (400, "ValidationException", names)


def test_a_retrieval_of_no_namespace_is_refused(memory: Memory) -> None:
    with pytest.raises(ClientError) as caught:
        memory.data.retrieve_memory_records(memoryId=memory.id, searchCriteria={"searchQuery": "cello"})

    assert refusal(caught) == (400, "ValidationException", ["namespace", "namespacePath"])


def test_what_was_changed_is_found_by_what_it_says_now(memory: Memory) -> None:
    id = memory.made("Ada plays the cello.")
    memory.update(id, content={"text": "Ada keeps bees."})

    (found,) = page(memory, "Who keeps bees?")["memoryRecordSummaries"]

    assert found["content"] == {"text": "Ada keeps bees."}


def test_what_is_deleted_is_not_retrieved(memory: Memory) -> None:
    id = memory.made("Ada plays the cello.")
    memory.data.delete_memory_record(memoryId=memory.id, memoryRecordId=id)

    assert texts(memory, "Who plays the cello?") == []


def test_what_was_said_is_retrieved_from_the_namespace_of_who_said_it(memory: Memory) -> None:
    say(memory, "I am allergic to peanuts.")

    found = until(memory, "What am I allergic to?", namespace="/facts/ada/")

    assert "peanut" in found[0]["content"]["text"].lower()
    assert found[0]["score"] >= 0.3
    assert found[0]["memoryStrategyId"] == memory.facts
    assert found[0]["namespaces"] == ["/facts/ada/"]
    assert texts(memory, "What am I allergic to?", namespace="/facts/bob/") == []
    assert texts(memory, "What am I allergic to?", namespacePath="/facts/bob") == []
    assert texts(memory, "What am I allergic to?", namespacePath="/facts/")


def test_a_preference_is_found_by_the_score_that_clients_ask_for(memory: Memory) -> None:
    say(memory, "I love salmon sushi and I never eat tuna.")

    found = until(memory, "What sushi do I like?", namespacePath="/likes/ada")

    assert found[0]["score"] >= 0.3
    assert "sushi" in found[0]["content"]["text"]
    assert found[0]["memoryStrategyId"] == memory.likes


def test_what_a_strategy_made_can_be_listed_looked_up_changed_and_deleted(memory: Memory) -> None:
    say(memory, "My sister Clara lives in Lisbon.")
    (found, *_) = until(memory, "Where does Clara live?", namespace="/facts/ada/")
    id = found["memoryRecordId"]

    assert 40 <= len(id) <= 50
    assert memory.got(id)["content"] == found["content"]
    assert found["content"]["text"] in memory.texts(namespace="/facts/ada/")
    extracted = [filtered("x-amz-agentcore-memory-recordType", "EQUALS_TO", stringValue="EXTRACTED")]
    assert found["content"]["text"] in memory.texts(namespacePath="/", metadataFilters=extracted)

    memory.update(id, content={"text": "My sister Clara lives in Porto."}, timestamp=NOON + timedelta(days=300))
    assert memory.got(id)["content"] == {"text": "My sister Clara lives in Porto."}
    memory.data.delete_memory_record(memoryId=memory.id, memoryRecordId=id)
    assert "My sister Clara lives in Porto." not in memory.texts(namespacePath="/")


def test_metadata_of_an_event_is_no_metadata_of_its_records_unless_the_schema_has_it(memory: Memory) -> None:
    say(memory, "I am allergic to peanuts.", metadata={"trace": {"stringValue": "t1"}})

    found = until(memory, "What am I allergic to?", namespace="/facts/ada/")

    assert "trace" not in found[0].get("metadata", {})


def test_a_memory_without_strategies_has_the_records_that_were_made_by_hand(planes: tuple[Any, Any]) -> None:
    data, control = planes
    id = ready_memory(control, name=f"Bare{uuid4().hex[:8]}")
    data.batch_create_memory_records(memoryId=id, records=[draft("Ada plays the cello.", "/notes/")])

    found = data.retrieve_memory_records(
        memoryId=id, namespace="/notes", searchCriteria={"searchQuery": "Who plays the cello?"}
    )

    assert [one["content"]["text"] for one in found["memoryRecordSummaries"]] == ["Ada plays the cello."]


def test_what_a_strategy_makes_expires_as_it_said_when_it_was_made(planes: tuple[Any, Any]) -> None:
    data, control = planes
    expiry = {"recordExpirySpecification": {"recordExpiryDurationDays": 31}}
    facts = {"name": "Facts", "namespaceTemplates": ["/facts/{actorId}/"], **expiry}
    id = ready_memory(control, name=f"Short{uuid4().hex[:8]}", memoryStrategies=[{"semanticMemoryStrategy": facts}])
    strategy = control.get_memory(memoryId=id)["memory"]["strategies"][0]["strategyId"]

    def made(actor: str) -> dict[str, Any]:
        said = {"conversational": {"content": {"text": "I am allergic to peanuts."}, "role": "USER"}}
        now = datetime.now(timezone.utc)
        data.create_event(memoryId=id, actorId=actor, sessionId="s1", eventTimestamp=now, payload=[said])
        end = time.monotonic() + MOST_SECONDS
        while True:
            found = data.list_memory_records(memoryId=id, namespace=f"/facts/{actor}/")["memoryRecordSummaries"]
            if found or time.monotonic() > end:
                break
            time.sleep(0.05)
        got: dict[str, Any] = data.get_memory_record(memoryId=id, memoryRecordId=found[0]["memoryRecordId"])
        return got["memoryRecord"]  # type: ignore[no-any-return]  # of an untyped client

    first = made("ada")
    assert abs(first["expiresAt"] - first["createdAt"] - timedelta(days=31)) < timedelta(seconds=1)

    never = {"memoryStrategyId": strategy, "recordExpirySpecification": {"action": "REMOVE"}}
    control.update_memory(memoryId=id, memoryStrategies={"modifyMemoryStrategies": [never]})
    assert "expiresAt" not in made("bob")
    assert data.get_memory_record(memoryId=id, memoryRecordId=first["memoryRecordId"])["memoryRecord"] == first


def test_what_events_were_labelled_with_filters_what_was_made_from_them(planes: tuple[Any, Any]) -> None:
    data, control = planes
    schema = {"metadataSchema": [{"key": "team", "type": "STRING", "extractionType": "STRICTLY_CONSISTENT"}]}
    facts = {"name": "Facts", "namespaceTemplates": ["/facts/{actorId}/"], "memoryRecordSchema": schema}
    id = ready_memory(
        control,
        name=f"Teams{uuid4().hex[:8]}",
        indexedKeys=[{"key": "team", "type": "STRING"}],
        memoryStrategies=[{"semanticMemoryStrategy": facts}],
    )
    for team, thing in (("red", "peanuts"), ("blue", "gluten")):
        said = {"conversational": {"content": {"text": f"I am allergic to {thing}."}, "role": "USER"}}
        data.create_event(
            memoryId=id,
            actorId="ada",
            sessionId="s1",
            eventTimestamp=datetime.now(timezone.utc),
            payload=[said],
            metadata={"team": {"stringValue": team}},
        )

    def found(team: str) -> list[dict[str, Any]]:
        criteria = {
            "searchQuery": "What am I allergic to?",
            "metadataFilters": [filtered("team", "EQUALS_TO", stringValue=team)],
        }
        end = time.monotonic() + MOST_SECONDS
        while True:
            answer = data.retrieve_memory_records(memoryId=id, namespace="/facts/ada/", searchCriteria=criteria)
            records: list[dict[str, Any]] = answer["memoryRecordSummaries"]
            if records or time.monotonic() > end:
                return records
            time.sleep(0.05)

    assert [one["content"]["text"] for one in found("red")] == ["Ada is allergic to peanuts."]
    assert [one["metadata"] for one in found("blue")] == [{"team": {"stringValue": "blue"}}]
    assert all("gluten" in one["content"]["text"] for one in found("blue"))
