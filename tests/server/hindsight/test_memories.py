from __future__ import annotations

from typing import Any

import pytest

from tests.server.hindsight.conftest import Wire

FACT = "Ada lives in Lisbon."
QUESTION = "Where does Ada live?"


def only(wire: Wire) -> dict[str, Any]:
    (one,) = wire("GET", "/memories/list").json()["items"]
    found: dict[str, Any] = one
    return found


def test_a_memory_is_listed_with_its_names_in_one_text(wire: Wire) -> None:
    wire.retain(FACT, context="talk", document_id="d", tags=["t"])

    row = only(wire)

    assert row["entities"] == "Ada, Lisbon"
    assert (row["fact_type"], row["context"], row["document_id"], row["tags"]) == ("world", "talk", "d", ["t"])
    assert (row["proof_count"], row["state"]) == (1, "valid")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"type": "world"}, 2),
        ({"type": "experience"}, 0),
        ({"q": "LISBON"}, 1),
        ({"document_id": "d"}, 1),
        ({"tags": ["t"]}, 2),
        ({"tags": ["t"], "tags_match": "any_strict"}, 1),
        ({"time_field": "mentioned_at", "start_date": "2025-02-01"}, 1),
        ({"time_field": "mentioned_at", "end_date": "2025-02-01"}, 1),
        ({"time_field": "occurred_start", "start_date": "2024-01-01", "end_date": "2025-02-01"}, 1),
        ({"start_date": "2024-01-01"}, 2),
        ({"state": "invalidated"}, 0),
        ({"consolidation_state": "failed"}, 0),
        ({"entity_id": "none"}, 0),
    ],
)
def test_a_list_is_of_what_fits(wire: Wire, asked: dict[str, Any], found: int) -> None:
    wire.retain(FACT, document_id="d", tags=["t"], timestamp="2025-01-01T00:00:00Z")
    wire.retain("Bob lives in Bergen.", timestamp="2025-03-01T00:00:00Z")

    answer = wire("GET", "/memories/list", params=asked).json()

    assert (len(answer["items"]), answer["total"]) == (found, found)


def test_a_list_by_a_time_goes_by_it(wire: Wire) -> None:
    for month in (3, 1, 2):
        wire.retain(f"Month {month}.", timestamp=f"2025-0{month}-01T00:00:00Z")

    rows = wire("GET", "/memories/list", params={"time_field": "mentioned_at"}).json()["items"]

    assert [row["text"] for row in rows] == ["Month 3.", "Month 2.", "Month 1."]


@pytest.mark.parametrize(
    "asked", [{"type": "fact"}, {"limit": -1}, {"offset": -1}, {"limit": "x"}, {"start_date": "x"}, {"tags_match": "x"}]
)
def test_a_list_that_makes_no_sense_is_refused(wire: Wire, asked: dict[str, Any]) -> None:
    assert wire("GET", "/memories/list", params=asked).status_code == 422


def test_a_correction_is_what_is_recalled(wire: Wire) -> None:
    wire.retain(FACT)
    id = only(wire)["id"]

    edited = wire("PATCH", f"/memories/{id}", json={"text": "Ada lives in Porto.", "entities": ["Ada"]}).json()

    assert edited["text"] == "Ada lives in Porto."
    assert wire.texts(QUESTION) == ["Ada lives in Porto."]
    history = wire("GET", f"/memories/{edited['id']}/history").json()
    assert [(one["action"], one["previous_text"]) for one in history] == [("edit", FACT)]


def test_a_time_that_is_null_is_taken_away_and_one_that_is_missing_stays(wire: Wire) -> None:
    wire.retain(FACT)
    id = only(wire)["id"]
    times = {"occurred_start": "2025-03-01T00:00:00Z", "occurred_end": "2025-04-01T00:00:00Z"}

    given = wire("PATCH", f"/memories/{id}", json=times).json()
    kept = wire("PATCH", f"/memories/{id}", json={"context": "talk"}).json()
    gone = wire("PATCH", f"/memories/{id}", json={"occurred_start": None, "occurred_end": None}).json()

    assert given["occurred_start"] == kept["occurred_start"] == "2025-03-01T00:00:00+00:00"
    assert (gone["occurred_start"], gone["context"]) == (None, "talk")


def test_what_is_invalidated_is_found_by_nothing_until_it_is_restored(wire: Wire) -> None:
    wire.retain(FACT)
    id = only(wire)["id"]

    gone = wire("PATCH", f"/memories/{id}", json={"state": "invalidated", "reason": "wrong"}).json()
    hidden = (wire.texts(QUESTION), wire.listed(), wire.listed(state="invalidated"))
    shown = wire("GET", f"/memories/{id}").json()
    wire("PATCH", f"/memories/{id}", json={"state": "valid"})

    assert gone["state"] == "invalidated"
    assert hidden == ([], [], [FACT])
    assert (shown["state"], shown["invalidation_reason"]) == ("invalidated", "wrong")
    assert wire.texts(QUESTION) == [FACT]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/memories/none", None, 404),
        ("GET", "/memories/none/history", None, 404),
        ("PATCH", "/memories/none", {"text": "x"}, 404),
        ("PATCH", "/memories/none", {}, 422),
        ("PATCH", "/memories/none", {"state": "gone"}, 422),
        ("PATCH", "/memories/none", {"fact_type": "observation"}, 422),
        ("DELETE", "/memories/none/observations", None, 404),
        ("GET", "/entities/none", None, 404),
        ("GET", "/documents/none", None, 404),
        ("GET", "/documents/none/chunks", None, 404),
        ("GET", "/documents/none/history", None, 404),
        ("PATCH", "/documents/none", {"tags": []}, 404),
        ("PATCH", "/documents/none", {}, 422),
        ("DELETE", "/documents/none", None, 404),
        ("POST", "/documents/none/reprocess", None, 404),
        ("POST", "/operations/none/retry", None, 404),
        ("DELETE", "/operations/none", None, 404),
        ("DELETE", "/operations/none/delete", None, 404),
        ("GET", "/directives/none", None, 404),
        ("PATCH", "/directives/none", {}, 404),
        ("DELETE", "/directives/none", None, 404),
        ("POST", "/directives", {"name": "", "content": "x"}, 422),
        ("POST", "/directives", {"name": "x"}, 422),
        ("GET", "/mental-models/none", None, 404),
        ("PATCH", "/mental-models/none", {"name": "x"}, 404),
        ("DELETE", "/mental-models/none", None, 404),
        ("POST", "/mental-models/none/refresh", None, 404),
        ("POST", "/mental-models/none/clear", None, 404),
        ("POST", "/mental-models/none/dry-run-refresh", None, 404),
        ("GET", "/mental-models/none/history", None, 404),
        ("POST", "/mental-models", {"name": "x", "source_query": "y", "max_tokens": 3}, 422),
        ("POST", "/mental-models", {"name": "x", "source_query": "y", "trigger": {"refresh_cron": "often"}}, 422),
        ("GET", "/knowledge-base/pages/none", None, 404),
        ("PATCH", "/knowledge-base/nodes/none", {"name": "x"}, 404),
        ("DELETE", "/knowledge-base/nodes/none", None, 404),
        ("POST", "/knowledge-base/folders", {"name": "x", "parent_id": "none"}, 404),
        ("GET", "/knowledge-base/search", None, 422),
        ("PATCH", "/webhooks/none", {"enabled": False}, 404),
        ("DELETE", "/webhooks/none", None, 404),
        ("GET", "/webhooks/none/deliveries", None, 404),
        ("POST", "/webhooks", {"url": "ftp://example.com"}, 422),
        ("POST", "/webhooks", {"url": "https://10.0.0.1/hook"}, 422),
        ("GET", "/audit-logs/none", None, 404),
        ("GET", "/document-transfer", None, 410),
        ("POST", "/entities/none/regenerate", None, 410),
        ("GET", "/nothing", None, 404),
    ],
)
def test_what_is_not_there_or_makes_no_sense_says_so(
    wire: Wire, method: str, path: str, body: Any, status: int
) -> None:
    answer = wire(method, path, json=body)

    assert answer.status_code == status
    assert answer.json()["detail"]
    assert "Traceback" not in answer.text


def test_an_operation_that_there_is_not_is_told_as_a_status(wire: Wire) -> None:
    assert wire("GET", "/operations/none").json()["status"] == "not_found"


def test_memories_are_cleared_by_type_or_all_and_the_profile_stays(wire: Wire) -> None:
    wire("PUT", json={"mission": "Help"})
    wire.retain("User: Ada lives in Lisbon.\nAssistant: Noted.", document_id="d")
    wire.of(wire.bank).retain("Bob lives in Bergen.")

    first = wire("DELETE", "/memories", params={"type": "experience"}).json()
    left = wire.listed()
    second = wire("DELETE", "/memories").json()

    assert (first["deleted_count"], left) == (1, [FACT, "Bob lives in Bergen."])
    assert second["deleted_count"] == 2
    assert wire("GET", "/documents").json()["total"] == 0
    assert wire("GET", "/profile").json()["mission"] == "Help"


def test_clearing_of_a_type_that_there_is_not_is_refused(wire: Wire) -> None:
    assert wire("DELETE", "/memories", params={"type": "fact"}).status_code == 422


def test_the_graph_ties_what_speaks_of_the_same(wire: Wire) -> None:
    wire.retain(FACT, "Ada likes tea.")

    graph = wire("GET", "/graph").json()
    names = wire("GET", "/entities/graph").json()

    ids = {node["data"]["id"] for node in graph["nodes"]}
    assert {edge["data"]["source"] for edge in graph["edges"]} <= ids
    assert (len(ids), graph["total_units"], len(graph["table_rows"])) == (2, 2, 2)
    assert {node["data"]["label"] for node in names["nodes"]} == {"Ada", "Lisbon"}
    assert len(names["edges"]) == names["total_edges"] == 1


def test_what_would_be_drawn_from_a_text_is_told_and_nothing_kept(wire: Wire) -> None:
    talk = "Ada: I moved to Lisbon last week.\nAssistant: Noted."
    body = {"content": talk, "timestamp": "2025-03-10T10:00:00Z", "context": "talk", "entity_labels": []}

    answer = wire("POST", "/memories/dry-run-extract", json=body)

    assert answer.status_code == 200
    told = answer.json()
    assert any("Lisbon" in fact["text"] and fact["fact_type"] == "world" for fact in told["facts"])
    assert sum(chunk["fact_count"] for chunk in told["chunks"]) == len(told["facts"])
    assert wire.listed() == []


@pytest.mark.parametrize("body", [{}, {"content": ""}, {"content": "x", "timestamp": "soon"}])
def test_a_text_that_cannot_be_tried_out_is_refused(wire: Wire, body: dict[str, Any]) -> None:
    assert wire("POST", "/memories/dry-run-extract", json=body).status_code == 422
