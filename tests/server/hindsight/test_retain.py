from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.server.hindsight.conftest import Wire

FACT = "Ada lives in Lisbon."


def test_what_was_retained_is_acknowledged_with_all_keys(wire: Wire) -> None:
    answer = wire.retain(FACT, "Bob lives in Bergen.").json()

    assert answer == {
        "success": True,
        "bank_id": wire.bank,
        "items_count": 2,
        "async": False,
        "operation_id": None,
        "operation_ids": None,
        "usage": {
            "input_tokens": 0,
            "output_tokens": 0,
            "total_tokens": 0,
            "cached_tokens": 0,
            "thoughts_tokens": 0,
        },
    }


def test_unknown_names_in_body_and_query_are_told_and_no_error(wire: Wire) -> None:
    item = {"content": FACT, "colour": "blue"}
    answer = wire("POST", "/memories?shape=round", json={"items": [item], "speed": 3})

    assert answer.status_code == 200
    assert answer.headers["X-Ignored-Params"] == "colour, shape, speed"


def test_nothing_is_said_of_unknown_names_when_there_are_none(wire: Wire) -> None:
    assert "X-Ignored-Params" not in wire.retain(FACT).headers


def test_nulls_in_an_item_are_as_good_as_not_there(wire: Wire) -> None:
    names = ("timestamp", "context", "metadata", "document_id", "entities", "tags", "observation_scopes", "strategy")
    wire.retain(FACT, **dict.fromkeys(names), update_mode=None)

    assert wire.listed() == [FACT]


def test_a_document_is_replaced_by_what_is_retained_with_its_id(wire: Wire) -> None:
    wire.retain("Ada lives in Porto.", document_id="home")
    wire.retain(FACT, document_id="home")

    assert wire.listed() == [FACT]


def test_a_document_is_appended_to_when_asked(wire: Wire) -> None:
    wire.retain("Ada lives in Porto.", document_id="home")
    wire.retain("Ada has a cat.", document_id="home", update_mode="append")

    assert wire.listed() == ["Ada has a cat.", "Ada lives in Porto."]


def test_two_items_of_one_document_both_stay(wire: Wire) -> None:
    wire.retain("Ada lives in Porto.", "Ada has a cat.", document_id="home")

    assert wire.listed() == ["Ada has a cat.", "Ada lives in Porto."]


def test_the_same_text_twice_without_a_document_is_one(wire: Wire) -> None:
    wire.retain(FACT, timestamp="2025-03-01T10:00:00Z")
    wire.retain(FACT, timestamp="2025-03-01T10:00:00Z")

    assert wire.listed() == [FACT]


def test_a_timestamp_is_when_it_was_said(wire: Wire) -> None:
    wire.retain(FACT, timestamp="2025-03-01T10:00:00+02:00")

    (found,) = wire.recall("Where does Ada live?")["results"]
    assert found["mentioned_at"] == "2025-03-01T08:00:00+00:00"


def test_what_is_timeless_has_no_time(wire: Wire) -> None:
    wire.retain(FACT, timestamp="unset")

    (found,) = wire.recall("Where does Ada live?")["results"]
    assert (found["mentioned_at"], found["occurred_start"]) == (None, None)


def test_content_may_be_blocks_of_text(wire: Wire) -> None:
    blocks = [{"type": "text", "text": "Ada lives"}, {"type": "text", "text": "in Lisbon."}]
    wire("POST", "/memories", json={"items": [{"content": blocks}]})

    assert wire.listed() == ["Ada lives\nin Lisbon."]


def test_what_the_agent_said_is_an_experience(wire: Wire) -> None:
    wire.retain("User: I live in Lisbon.\nAssistant: I booked a table.")

    assert wire.listed(type="experience") == ["I booked a table."]
    assert wire.listed(type="world") == ["I live in Lisbon."]


def test_tags_of_the_batch_are_those_of_every_item(wire: Wire) -> None:
    wire("POST", "/memories", json={"items": [{"content": FACT, "tags": ["a"]}], "document_tags": ["b"]})

    assert wire("GET", "/tags").json()["items"] == [{"tag": "a", "count": 1}, {"tag": "b", "count": 1}]


def test_entities_that_are_given_are_known(wire: Wire) -> None:
    wire.retain("she said so", entities=[{"text": "Grace Hopper", "type": "person"}])

    names = [one["canonical_name"] for one in wire("GET", "/entities").json()["items"]]
    assert names == ["Grace Hopper"]


def test_reserved_metadata_is_not_to_be_had_from_outside(wire: Wire) -> None:
    wire.retain(FACT, metadata={"duramen:context": "forged", "channel": "mail"})

    (found,) = wire.recall("Where does Ada live?")["results"]
    assert (found["context"], found["metadata"]) == (None, {"channel": "mail"})


@pytest.mark.parametrize(
    "item",
    [
        {"content": ""},
        {"content": " \n\t"},
        {"content": []},
        {"content": 3},
        {},
        {"content": FACT, "timestamp": "the day before"},
        {"content": FACT, "tags": [f"t{number}" for number in range(10_000)]},
        {"content": FACT, "tags": ["x" * 10_000]},
        {"content": FACT, "tags": [" "]},
        {"content": FACT, "tags": "a"},
        {"content": FACT, "metadata": {"n": 3}},
        {"content": FACT, "update_mode": "merge"},
        {"content": FACT, "entities": ["Ada"]},
        {"content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}]},
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_written(wire: Wire, item: dict[str, Any]) -> None:
    answer = wire("POST", "/memories", json={"items": [{"content": "Bob lives in Bergen."}, item]})

    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert wire.listed() == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"items": []}', b'{"items": {}}', b"\xff\xfe", b"null"])
def test_a_body_that_is_no_request_is_refused(wire: Wire, body: bytes) -> None:
    answer = wire("POST", "/memories", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422


def test_text_that_no_store_can_hold_is_refused_or_mended(wire: Wire) -> None:
    body = b'{"items": [{"content": "NUL \\u0000 and half a pair \\ud800 in Lisbon"}]}'
    answer = wire("POST", "/memories", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code in (200, 422)


def submitted(wire: Wire, operation: str | None, content: str = FACT) -> dict[str, Any]:
    body = {"items": [{"content": content}], "async": True, "operation_id": operation}
    answer = wire("POST", "/memories", json=body)
    return {"status": answer.status_code, **answer.json()}


def test_an_operation_is_the_same_when_it_is_sent_again(wire: Wire) -> None:
    id = str(uuid.uuid4())

    first, second = submitted(wire, id), submitted(wire, id)

    assert first == second
    assert first["operation_ids"] == [id]
    assert wire.done(id)["status"] == "completed"
    assert submitted(wire, id)["status"] == 200
    assert wire.listed() == [FACT]


def test_an_operation_with_another_payload_is_a_conflict(wire: Wire) -> None:
    id = str(uuid.uuid4())
    submitted(wire, id)

    assert submitted(wire, id, "Bob lives in Bergen.")["status"] == 409
    wire.done(id)
    assert submitted(wire, id, "Bob lives in Bergen.")["status"] == 409
    assert wire.listed() == [FACT]


def test_an_operation_id_that_is_no_uuid_is_refused(wire: Wire) -> None:
    assert submitted(wire, "mine")["status"] == 422


def test_an_append_at_once_with_an_operation_id_is_done_once(wire: Wire) -> None:
    body = {
        "items": [{"content": FACT, "document_id": "d", "update_mode": "append"}],
        "operation_id": str(uuid.uuid4()),
    }

    answers = [wire("POST", "/memories", json=body).json() for _ in range(2)]

    assert [answer["async"] for answer in answers] == [False, False]
    assert wire("GET", "/documents/d").json()["original_text"] == FACT


def test_what_an_operation_was_given_is_not_kept_when_it_is_done(wire: Wire) -> None:
    id = submitted(wire, None)["operation_id"]
    status = wire.done(id)

    whole = wire("GET", f"/operations/{id}", params={"include_payload": True})

    assert status["result_metadata"]["items_count"] == 1
    assert FACT not in whole.text


def test_bank_ids_may_hold_any_characters(wire: Wire) -> None:
    for bank in ("a/b", "tenant:x:user:y", "50%", "Zürich ☕", "a?b#c", "memories"):
        other = wire.of(bank)
        answer = other.retain(f"{bank} was here.").json()

        assert answer["bank_id"] == bank
        assert other.listed() == [f"{bank} was here."]
        other("DELETE")


def test_a_bank_id_may_come_unquoted(wire: Wire) -> None:
    wire.of("tenant:x:user:raw").retain(FACT)

    answer = wire.http.get("/v1/default/banks/tenant:x:user:raw/memories/list")

    assert answer.json()["total"] == 1
