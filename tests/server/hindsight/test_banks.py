from __future__ import annotations

from typing import Any

import pytest

from tests.server.hindsight.conftest import Wire

FACT = "Ada lives in Lisbon."


def test_a_bank_is_told_what_it_is_bit_by_bit(wire: Wire) -> None:
    wire("PUT", json={"name": "Ada's", "mission": "Help Ada", "disposition_empathy": 5})
    answer = wire("PATCH", json={"background": "Her agent", "name": None})

    assert answer.json() == {
        "bank_id": wire.bank,
        "name": "Ada's",
        "disposition": {"skepticism": 3, "literalism": 3, "empathy": 5},
        "mission": "Help Ada",
        "background": "Her agent",
    }
    assert wire("GET", "/profile").json() == answer.json()


def test_a_bank_that_was_told_nothing_is_as_usual(wire: Wire) -> None:
    assert wire("GET", "/profile").json() == {
        "bank_id": wire.bank,
        "name": wire.bank,
        "disposition": {"skepticism": 3, "literalism": 3, "empathy": 3},
        "mission": "",
        "background": None,
    }


def test_background_is_added_to_and_the_same_twice_is_once(wire: Wire) -> None:
    said = ("I am Ada's agent.", "I speak French.", "I speak French.")

    answers = [wire("POST", "/background", json={"content": one}).json() for one in said]

    assert answers[-1]["background"] == "I am Ada's agent.\nI speak French."


def test_a_bank_is_listed_once_it_has_a_profile_or_memories(wire: Wire) -> None:
    wire("PUT", json={"mission": "Help"})
    wire.of(f"{wire.bank}:2").retain(FACT)

    answer = wire.http.get("/v1/default/banks", params={"q": wire.bank}).json()

    assert [(one["bank_id"], one["fact_count"]) for one in answer["banks"]] == [(wire.bank, 0), (f"{wire.bank}:2", 1)]
    assert (answer["total"], answer["limit"], answer["offset"]) == (2, 100, 0)


def test_pages_of_banks_go_by_limit_and_offset(wire: Wire) -> None:
    for number in range(3):
        wire.of(f"{wire.bank}:{number}")("PUT", json={})

    pages = [
        wire.http.get("/v1/default/banks", params={"q": wire.bank, "limit": 2, "offset": offset}).json()
        for offset in (0, 2, 4)
    ]

    assert [len(page["banks"]) for page in pages] == [2, 1, 0]
    assert wire.http.get("/v1/default/banks", params={"limit": 0}).json()["banks"] == []


def test_a_deleted_bank_has_nothing_left(wire: Wire) -> None:
    wire("PUT", json={"mission": "Help"})
    wire.retain(FACT, document_id="d")
    wire("POST", "/directives", json={"name": "tone", "content": "Be brief."})

    answer = wire("DELETE").json()

    assert (answer["success"], answer["deleted_count"]) == (True, 1)
    assert wire.listed() == []
    assert wire("GET", "/documents").json()["total"] == 0
    assert wire("GET", "/directives").json()["total"] == 0
    assert wire("GET", "/profile").json()["mission"] == ""
    assert wire("GET", "/documents/d").status_code == 404


def test_what_was_set_up_holds_until_it_is_reset(wire: Wire) -> None:
    changed = wire("PATCH", "/config", json={"updates": {"retain_chunk_size": 500, "enable_observations": False}})
    back = wire("PATCH", "/config", json={"updates": {"enable_observations": None}})
    reset = wire("DELETE", "/config")

    assert changed.json()["overrides"] == {"retain_chunk_size": 500, "enable_observations": False}
    assert back.json()["overrides"] == {"retain_chunk_size": 500}
    assert reset.json()["overrides"] == {}
    assert reset.json()["config"]["retain_chunk_size"] == 3000


@pytest.mark.parametrize(
    ("updates", "status"),
    [
        ({"retain_chunk_sise": 500}, 400),
        ({"retain_chunk_size": "many"}, 400),
        ({"disposition_empathy": 9}, 400),
        (None, 422),
        ("x", 422),
    ],
)
def test_what_cannot_be_set_up_is_refused(wire: Wire, updates: Any, status: int) -> None:
    answer = wire("PATCH", "/config", json={"updates": updates})

    assert answer.status_code == status
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "body", [{"disposition": {"empathy": 9}}, {"disposition_empathy": 0}, {"name": 3}, {"retain_chunk_size": -1}]
)
def test_a_profile_that_makes_no_sense_is_refused(wire: Wire, body: dict[str, Any]) -> None:
    assert wire("PUT", json=body).status_code == 422


def test_chunks_are_as_long_as_the_bank_is_set_up(wire: Wire) -> None:
    wire("PATCH", "/config", json={"updates": {"retain_chunk_size": 500}})
    wire.retain("Ada lives in Lisbon and likes it there. " * 40, document_id="d")

    chunks = wire("GET", "/documents/d/chunks").json()

    assert chunks["total"] > 2
    assert all(len(chunk["chunk_text"]) <= 500 for chunk in chunks["items"])


def test_figures_are_whole_numbers_and_up_to_date(wire: Wire) -> None:
    wire.retain("User: I live in Lisbon.\nAssistant: Noted.", tags=["a"])

    stats = wire("GET", "/stats").json()

    assert (stats["total_nodes"], stats["total_documents"]) == (2, 1)
    assert stats["nodes_by_fact_type"] == {"world": 1, "experience": 1}
    assert stats["last_memory_write_at"] is not None
    assert stats["pending_operations"] == stats["failed_operations"] == 0


@pytest.mark.parametrize(("period", "trunc"), [("1h", "minute"), ("1d", "hour"), ("7d", "day"), ("90d", "day")])
def test_memories_are_counted_by_steps_of_time(wire: Wire, period: str, trunc: str) -> None:
    wire.retain(FACT)

    series = wire("GET", "/stats/memories-timeseries", params={"period": period}).json()

    assert series["trunc"] == trunc
    assert sum(bucket["world"] for bucket in series["buckets"]) == 1


def test_a_period_that_there_is_not_is_refused(wire: Wire) -> None:
    assert wire("GET", "/stats/memories-timeseries", params={"period": "2y"}).status_code == 422


def test_tags_are_found_by_a_pattern(wire: Wire) -> None:
    wire.retain(FACT, tags=["user:ada", "work"])

    assert [one["tag"] for one in wire("GET", "/tags", params={"q": "user:*"}).json()["items"]] == ["user:ada"]


def test_a_template_of_one_bank_sets_up_another(wire: Wire) -> None:
    wire("PUT", json={"mission": "Help Ada"})
    wire("POST", "/directives", json={"name": "tone", "content": "Be brief."})
    other = wire.of(f"{wire.bank}:2")

    manifest = wire("GET", "/export").json()
    tried = other("POST", "/import", params={"dry_run": True}, json=manifest).json()
    nothing = other("GET", "/profile").json()
    applied = other("POST", "/import", json=manifest).json()

    assert (tried["dry_run"], tried["directives_created"], nothing["mission"]) == (True, ["tone"], "")
    assert (applied["bank_id"], applied["config_applied"], applied["directives_created"]) == (
        other.bank,
        True,
        ["tone"],
    )
    assert other("GET", "/profile").json()["mission"] == "Help Ada"
    assert other("GET", "/directives").json()["items"][0]["content"] == "Be brief."


def test_a_template_that_makes_no_sense_is_refused(wire: Wire) -> None:
    assert wire("POST", "/import", json={"version": "9"}).status_code == 400
    assert wire("POST", "/import", json=[]).status_code == 422
