from __future__ import annotations

import json
from typing import Any

import pytest

from tests.server.hindsight.conftest import Wire

PAGE = b"<html><body><p>Zoe plays the cello.</p></body></html>"


def sent(wire: Wire, *files: tuple[str, bytes], **said: Any) -> Any:
    parts = [("files", (name, data)) for name, data in files]
    return wire("POST", "/files/retain", files=parts, data={"request": json.dumps(said)} if said else {})


def test_files_become_documents_by_operations_of_their_own(wire: Wire) -> None:
    said = [{"document_id": "page", "tags": ["web"], "context": "music"}, {"metadata": {"m": "x"}}]

    operations = sent(wire, ("a.html", PAGE), ("b.txt", b"Ada likes tea."), files_metadata=said).json()["operation_ids"]

    assert [wire.done(one)["status"] for one in operations] == ["completed", "completed"]
    assert wire.listed() == ["Ada likes tea.", "Zoe plays the cello."]
    (found,) = wire.recall("Who plays the cello?", min_scores={"final": 0.4})["results"]
    assert (found["document_id"], found["tags"], found["context"]) == ("page", ["web"], "music")
    assert found["metadata"] == {"filename": "a.html"}


def test_files_need_nothing_said_of_them(wire: Wire) -> None:
    (operation,) = sent(wire, ("a.html", PAGE)).json()["operation_ids"]

    assert wire.done(operation)["status"] == "completed"
    (listed,) = wire("GET", "/operations").json()["operations"]
    assert listed["filename"] == "a.html"


@pytest.mark.parametrize(
    ("files", "said", "status"),
    [
        ([("a.pdf", b"%PDF")], {}, 422),
        ([("a.txt", b"")], {}, 422),
        ([("a.txt", b"x")], {"files_metadata": [{}, {}]}, 400),
        ([("a.txt", b"x")], {"files_metadata": "x"}, 422),
        ([("a.txt", b"x")], {"files_metadata": [{"timestamp": "soon"}]}, 422),
        ([("a.txt", b"x")] * 11, {}, 400),
        ([], {}, 422),
    ],
)
def test_files_that_cannot_be_kept_are_refused_and_nothing_is_written(
    wire: Wire, files: list[tuple[str, bytes]], said: dict[str, Any], status: int
) -> None:
    answer = sent(wire, *files, **said)

    assert answer.status_code == status
    assert answer.json()["detail"]
    assert wire("GET", "/operations").json()["total"] == 0


def test_a_request_that_is_no_json_is_refused(wire: Wire) -> None:
    answer = wire("POST", "/files/retain", files=[("files", ("a.txt", b"x"))], data={"request": "{"})

    assert answer.status_code == 422


def exported(wire: Wire, path: str, **asked: Any) -> bytes:
    submitted = wire("POST", path, params=asked)
    assert submitted.status_code == 202
    status = wire.done(submitted.json()["operation_id"])
    assert status["status"] == "completed", status
    answer = wire.http.get(status["result_metadata"]["download_url"])
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
    return answer.content


def test_documents_move_from_bank_to_bank(wire: Wire) -> None:
    wire.retain("Ada lives in Lisbon.", document_id="home", tags=["t"], timestamp="2025-03-01T00:00:00Z")
    other = wire.of(f"{wire.bank}:2")
    other.retain("Ada lives in Porto.", document_id="home")
    archive = exported(wire, "/document-transfer/export")

    results = []
    for conflict in ("skip", "replace"):
        answer = other(
            "POST", "/document-transfer", params={"on_conflict": conflict}, files={"file": ("a.zip", archive)}
        )
        results.append((other.done(answer.json()["operation_id"])["result_metadata"], other.listed()))

    assert (results[0][0]["documents_skipped"], results[0][1]) == (1, ["Ada lives in Porto."])
    assert (results[1][0]["documents_imported"], results[1][1]) == (1, ["Ada lives in Lisbon."])
    (found,) = other.recall("Where does Ada live?")["results"]
    assert (found["tags"], found["mentioned_at"]) == (["t"], "2025-03-01T00:00:00+00:00")


def test_a_bank_is_restored_and_cloned_with_all_that_it_is(wire: Wire) -> None:
    wire("PUT", json={"mission": "Help Ada"})
    wire.retain("Ada lives in Lisbon.")
    archive = exported(wire, "/transfer/export")

    names = [f"{wire.bank}:restored", f"{wire.bank}:cloned"]
    restored = wire("POST", "/transfer/import", params={"target_bank_id": names[0]}, files={"file": ("a", archive)})
    cloned = wire("POST", "/clone", params={"target_bank_id": names[1]})
    statuses = [wire.done(answer.json()["operation_id"])["status"] for answer in (restored, cloned)]
    again = wire("POST", "/clone", params={"target_bank_id": names[1]})

    assert statuses == ["completed", "completed"]
    assert again.status_code == 409
    for name in names:
        assert wire.of(name).texts("Where does Ada live?") == ["Ada lives in Lisbon."]
        assert wire.of(name)("GET", "/profile").json()["mission"] == "Help Ada"


def test_an_archive_that_is_none_fails_and_says_why(wire: Wire) -> None:
    no_zip = wire("POST", "/document-transfer", files={"file": ("a.zip", b"text")})
    broken = wire("POST", "/document-transfer", files={"file": ("a.zip", b"PK and no more")})

    status = wire.done(broken.json()["operation_id"])

    assert no_zip.status_code == 422
    assert status["status"] == "failed"
    assert "no archive" in status["error_message"]


@pytest.mark.parametrize("key", ["none", "bm9uZQ.abc", "%F0%9F%99%82", "a.b.c"])
def test_a_file_that_is_not_there_is_not_found(wire: Wire, key: str) -> None:
    assert wire.http.get(f"/v1/default/files/download/{key}").status_code == 404


def test_what_was_set_aside_stays_so_where_it_is_moved_to(wire: Wire) -> None:
    wire.retain(
        "Ed owns a boat.",
        document_id="boat",
        observation_scopes="per_tag",
        tags=["a"],
        timestamp="2025-03-01T00:00:00Z",
    )
    wire.retain("Ed likes tea.", document_id="tea")
    (memory,) = wire("GET", "/memories/list", params={"q": "boat", "type": "world"}).json()["items"]
    aside = wire("PATCH", f"/memories/{memory['id']}", json={"state": "invalidated", "reason": "sold"})
    archive = exported(wire, "/transfer/export")
    names = [f"{wire.bank}:{how}" for how in ("restored", "merged", "cloned")]

    submitted = [
        wire("POST", "/transfer/import", params={"target_bank_id": names[0]}, files={"file": ("a", archive)}),
        wire("POST", "/clone", params={"target_bank_id": names[2]}),
    ]
    merged = wire.of(names[1])("POST", "/document-transfer", files={"file": ("a", archive)})
    for answer in submitted:
        assert wire.done(answer.json()["operation_id"])["status"] == "completed"
    wire.of(names[1]).done(merged.json()["operation_id"])

    assert aside.status_code == 200
    for name in names:
        assert wire.of(name).texts("What does Ed own or like?") == ["Ed likes tea."]
        assert wire.of(name)("GET", "/documents/boat").json()["tags"] == ["a"]
        (invalid,) = wire.of(name)("GET", "/memories/list", params={"state": "invalidated"}).json()["items"]
        assert (invalid["text"], invalid["mentioned_at"]) == ("Ed owns a boat.", "2025-03-01T00:00:00+00:00")


@pytest.mark.parametrize(
    ("path", "option"),
    [
        ("/document-transfer/export", "include_observations"),
        ("/document-transfer/export", "include_knowledge_base"),
        ("/transfer/export", "include_history"),
        ("/clone", "include_history"),
    ],
)
def test_an_option_of_moving_that_changes_nothing_is_told(wire: Wire, path: str, option: str) -> None:
    answers = [
        wire("POST", path, params={option: wanted, "target_bank_id": f"{wire.bank}:{wanted}"})
        for wanted in ("true", "false")
    ]

    told = [answer.headers.get("X-Ignored-Params", "").split(", ") for answer in answers]
    assert [option in one for one in told] == [True, False]
