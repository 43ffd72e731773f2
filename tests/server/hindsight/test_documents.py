from __future__ import annotations

from typing import Any

import pytest

from tests.server.hindsight.conftest import Wire

FACT = "Ada lives in Lisbon."


def test_a_document_is_told_with_its_text_and_what_was_said_of_it(wire: Wire) -> None:
    wire.retain(
        FACT, document_id="a/b c", tags=["t"], metadata={"m": "x"}, observation_scopes="per_tag", context="talk"
    )

    document = wire("GET", "/documents/a%2Fb%20c").json()

    assert (document["id"], document["bank_id"], document["original_text"]) == ("a/b c", wire.bank, FACT)
    assert len(document["content_hash"]) == 64
    assert (document["memory_unit_count"], document["nodes_by_fact_type"]) == (1, {"world": 1})
    assert (document["tags"], document["document_metadata"]) == (["t"], {"m": "x"})
    assert document["retain_params"]["context"] == "talk"
    assert document["observation_scopes"] == "per_tag"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["tagged", "untagged"]),
        ({"q": "UNT"}, ["untagged"]),
        ({"tags": ["t"]}, ["tagged"]),
        ({"tags": ["t"], "tags_match": "any"}, ["tagged", "untagged"]),
        ({"time_field": "created_at", "start_date": "2020-01-01"}, ["tagged", "untagged"]),
        ({"time_field": "updated_at", "end_date": "2020-01-01"}, []),
    ],
)
def test_documents_are_listed_by_what_fits(wire: Wire, asked: dict[str, Any], found: list[str]) -> None:
    wire.retain(FACT, document_id="tagged", tags=["t"])
    wire.retain(FACT, document_id="untagged")

    answer = wire("GET", "/documents", params=asked).json()

    assert sorted(item["id"] for item in answer["items"]) == found
    assert (answer["total"], answer["total_is_estimate"]) == (len(found), False)


def test_other_tags_of_a_document_are_those_of_its_memories(wire: Wire) -> None:
    wire.retain(FACT, document_id="d", tags=["old"])

    changed = wire("PATCH", "/documents/d", json={"tags": ["new"]})

    assert changed.json() == {"success": True}
    assert wire.texts("Where does Ada live?", tags=["new"], tags_match="all_strict") == [FACT]
    assert wire.texts("Where does Ada live?", tags=["old"], tags_match="all_strict") == []


def test_a_deleted_document_has_nothing_left(wire: Wire) -> None:
    wire.retain(FACT, document_id="d")
    wire.listed()

    deleted = wire("DELETE", "/documents/d").json()

    assert (deleted["success"], deleted["document_id"], deleted["memory_units_deleted"]) == (True, "d", 1)
    assert wire.listed() == []
    assert wire("GET", "/documents/d").status_code == 404


def test_a_chunk_is_found_by_its_id_alone(wire: Wire) -> None:
    wire.retain(FACT, document_id="d")
    (chunk,) = wire("GET", "/documents/d/chunks").json()["items"]

    alone = wire.http.get(f"/v1/default/chunks/{chunk['chunk_id']}")

    assert alone.json() == chunk
    assert (chunk["chunk_text"], chunk["chunk_index"], chunk["bank_id"]) == (FACT, 0, wire.bank)
    assert wire.http.get("/v1/default/chunks/none").status_code == 404


def test_what_became_of_a_document_is_told(wire: Wire) -> None:
    wire.retain(FACT, document_id="d")
    wire.retain("Ada likes tea.", document_id="d", update_mode="append")
    wire("PATCH", "/documents/d", json={"tags": ["t"]})

    history = wire("GET", "/documents/d/history").json()

    assert [item["kind"] for item in history["items"]] == ["retag", "append", "retain"]
    assert history["total"] == 3


def test_a_document_is_worked_through_again(wire: Wire) -> None:
    wire.retain(FACT, document_id="d")

    operation = wire("POST", "/documents/d/reprocess").json()

    assert wire.done(operation["operation_id"])["status"] == "completed"
    assert wire.listed() == [FACT]


def test_operations_are_listed_and_deleted(wire: Wire) -> None:
    items = [{"content": FACT, "document_id": "d"}]
    operation = wire("POST", "/memories", json={"items": items, "async": True}).json()["operation_id"]
    wire.done(operation)

    listed = wire("GET", "/operations", params={"status": "completed", "type": "retain"}).json()
    cancelled = wire("DELETE", f"/operations/{operation}")
    again = wire("POST", f"/operations/{operation}/retry")
    deleted = wire("DELETE", f"/operations/{operation}/delete")

    (one,) = listed["operations"]
    assert (one["id"], one["operation_id"], one["task_type"], one["operation_type"]) == (
        operation,
        operation,
        "retain",
        "retain",
    )
    assert (one["items_count"], one["error_message"], listed["total"]) == (1, None, 1)
    assert (cancelled.status_code, again.status_code, deleted.status_code) == (409, 409, 200)
    assert wire("GET", f"/operations/{operation}").json()["status"] == "not_found"


@pytest.mark.parametrize("asked", [{"status": "lost"}, {"limit": 0}, {"limit": 101}, {"offset": -1}])
def test_a_list_of_operations_that_makes_no_sense_is_refused(wire: Wire, asked: dict[str, Any]) -> None:
    assert wire("GET", "/operations", params=asked).status_code == 422
