"""What a server is sent that makes no sense: it says so, and nothing is written."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from duramen.server.caller import Grant
from duramen.server.keeping import keys_at
from tests.serving import Served, served

BANK = "/v1/default/banks/a"
MEMORIES = f"{BANK}/memories"
RECALL = f"{MEMORIES}/recall"
DEEP = 100_000
STATE = ("/memories/list", "/documents", "/operations", "/webhooks", "/directives", "/mental-models", "/config")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served") / "memory", variables={"DURAMEN_STRATEGIES": ""}) as one:
        yield one


@pytest.fixture(scope="module")
def client(server: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as one:
        kept = {"content": "Ada moved to Lisbon.", "document_id": "kept"}
        assert one.post(MEMORIES, json={"items": [kept]}).status_code == 200
        yield one


def state(client: httpx.Client) -> list[Any]:
    """Return all that there is in the bank, and which banks there are."""
    banks = [one["bank_id"] for one in client.get("/v1/default/banks").json()["banks"]]
    return [banks, *(client.get(f"{BANK}{path}").raise_for_status().json() for path in STATE)]


def raw(server: Served, path: str, method: str = "GET") -> tuple[int, bytes]:
    """Ask by a path that is sent as it is."""
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=30) as connection:
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def checked(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text[:1000]
    detail = answer.json()["detail"]
    assert detail
    assert isinstance(detail, str) or all(one["msg"] and one["loc"] for one in detail)
    assert "Traceback" not in answer.text
    assert len(answer.text) < 5000


def item(**said: Any) -> dict[str, Any]:
    return {"items": [{"content": "Grace likes tea.", **said}]}


RETAINS: Mapping[str, Any] = {
    "nothing": {},
    "null": None,
    "a list": [],
    "a text": "Ada",
    "no items": {"items": []},
    "items that are a text": {"items": "Ada"},
    "an item that is a text": {"items": ["Ada"]},
    "an item without content": {"items": [{"document_id": "x"}]},
    "an item without content among others": {"items": [{"content": "x"}, {}]},
    "content that is null": {"items": [{"content": None}]},
    "content that is a number": {"items": [{"content": 5}]},
    "content that is blank": {"items": [{"content": " \n\t"}]},
    "content that is empty": {"items": [{"content": ""}]},
    "a picture": {"items": [{"content": [{"type": "image", "data": "x"}]}]},
    "too many items": {"items": [{"content": "x"}] * 1001},
    "tags that are a text": item(tags="x"),
    "tags that are numbers": item(tags=[1]),
    "a blank tag": item(tags=[" "]),
    "10 000 tags": item(tags=[f"tag-{n}" for n in range(10_000)]),
    "10 000 tags of all": {**item(), "document_tags": [f"tag-{n}" for n in range(10_000)]},
    "a tag of 2000 characters": item(tags=["x" * 2000]),
    "10 000 entities": item(entities=[{"text": f"E{n}"} for n in range(10_000)]),
    "an entity that is a text": item(entities=["Ada"]),
    "metadata that is a list": item(metadata=["x"]),
    "metadata of numbers": item(metadata={"x": 1}),
    "a time that is none": item(timestamp="yesterday"),
    "a time beyond the calendar": item(timestamp="99999-01-01"),
    "a time that is a number": item(timestamp=1_700_000_000),
    "an unknown mode": item(update_mode="merge"),
    "a blank document": item(document_id=" "),
    "a document with NUL": item(document_id="\0"),
    "a document with NUL, later": {**item(document_id="a\0b"), "async": True},
    "a document of 2000 characters": item(document_id="x" * 2000),
    "an operation that is no UUID": {**item(), "operation_id": "x", "async": True},
    "async that is a text": {**item(), "async": "perhaps"},
    "scopes that are unknown": item(observation_scopes="everything"),
}

RECALLS: Mapping[str, tuple[Any, int]] = {
    "no query": ({}, 422),
    "a query that is null": ({"query": None}, 422),
    "a query that is a list": ({"query": ["x"]}, 422),
    "a blank query": ({"query": "  "}, 422),
    "a query without words": ({"query": "?!"}, 422),
    "a query of 5000 words": ({"query": "word " * 5000}, 400),
    "a query of 5 MB": ({"query": "w" * 5_000_000}, 400),
    "an unknown budget": ({"query": "x", "budget": "huge"}, 422),
    "tokens below 0": ({"query": "x", "max_tokens": -1}, 422),
    "too many tokens": ({"query": "x", "max_tokens": 10**18}, 422),
    "tokens that are a text": ({"query": "x", "max_tokens": "many"}, 422),
    "an unknown type": ({"query": "x", "types": ["dream"]}, 422),
    "a time that is none": ({"query": "x", "query_timestamp": "now"}, 400),
    "a window that ends before it begins": (
        {"query": "x", "temporal_window": {"start": "2026-02-01", "end": "2026-01-01"}},
        422,
    ),
    "half a window": ({"query": "x", "temporal_window": {"start": "2026-02-01"}}, 422),
    "an unknown match": ({"query": "x", "tags": ["y"], "tags_match": "some"}, 422),
    "tags and groups": ({"query": "x", "tags": ["y"], "tag_groups": [{"tags": ["z"]}]}, 422),
    "a group that is none": ({"query": "x", "tag_groups": [{"xor": []}]}, 422),
    "10 000 groups": ({"query": "x", "tag_groups": [{"tags": [f"t{n}"]} for n in range(10_000)]}, 422),
    "include that is a list": ({"query": "x", "include": []}, 422),
}

OTHERS: Mapping[str, tuple[str, str, Any, int]] = {
    "an unknown route": ("GET", "/v1/default/nothing", None, 404),
    "an unknown route of a bank": ("GET", f"{BANK}/nothing", None, 404),
    "another version": ("POST", "/v2/default/banks/a/memories", {}, 404),
    "a slash too many": ("GET", f"{BANK}/stats/", None, 404),
    "two slashes": ("GET", "/v1/default/banks//stats", None, 404),
    "a method that is not there": ("PUT", MEMORIES, {}, 405),
    "an unknown document": ("GET", f"{BANK}/documents/x", None, 404),
    "an unknown document to delete": ("DELETE", f"{BANK}/documents/x", None, 404),
    "an unknown document to reprocess": ("POST", f"{BANK}/documents/x/reprocess", None, 404),
    "an unknown document to change": ("PATCH", f"{BANK}/documents/x", {"tags": ["y"]}, 404),
    "no change of a document": ("PATCH", f"{BANK}/documents/kept", {}, 422),
    "an unknown memory": ("GET", f"{MEMORIES}/x", None, 404),
    "an unknown memory to change": ("PATCH", f"{MEMORIES}/x", {"text": "y"}, 404),
    "an unknown memory in a state that is none": ("PATCH", f"{MEMORIES}/x", {"state": "asleep"}, 422),
    "an unknown chunk": ("GET", "/v1/default/chunks/x", None, 404),
    "an unknown operation to cancel": ("DELETE", f"{BANK}/operations/x", None, 404),
    "an unknown operation to do anew": ("POST", f"{BANK}/operations/x/retry", None, 404),
    "an unknown entity": ("GET", f"{BANK}/entities/x", None, 404),
    "an unknown webhook": ("PATCH", f"{BANK}/webhooks/x", {"url": "https://hooks.invalid/"}, 404),
    "an unknown directive": ("DELETE", f"{BANK}/directives/x", None, 404),
    "an unknown mental model": ("GET", f"{BANK}/mental-models/x", None, 404),
    "an unknown file": ("GET", "/v1/default/files/download/x", None, 404),
    "a limit below 0": ("GET", f"{MEMORIES}/list?limit=-1", None, 422),
    "a limit that is a text": ("GET", f"{MEMORIES}/list?limit=many", None, 422),
    "a limit beyond all bounds": ("GET", f"{MEMORIES}/list?limit={10**30}", None, 422),
    "an offset below 0": ("GET", f"{BANK}/documents?offset=-1", None, 422),
    "a time that is none": ("GET", f"{MEMORIES}/list?time_field=created_at&start_date=soon", None, 422),
    "a webhook to this machine": ("POST", f"{BANK}/webhooks", {"url": "http://127.0.0.1/"}, 422),
    "a webhook to a cloud's own address": ("POST", f"{BANK}/webhooks", {"url": "http://169.254.169.254/"}, 422),
    "a webhook to a file": ("POST", f"{BANK}/webhooks", {"url": "file:///etc/passwd"}, 422),
    "a directive without content": ("POST", f"{BANK}/directives", {"name": "x"}, 422),
    "a mental model without a question": ("POST", f"{BANK}/mental-models", {"name": "x"}, 422),
    "a disposition beyond 5": ("PUT", BANK, {"disposition": {"skepticism": 6}}, 422),
    "a configuration of nothing": ("PATCH", f"{BANK}/config", {"updates": {"retain_chunk_size": "large"}}, 400),
    "a blank bank": ("PUT", "/v1/default/banks/%20", {}, 422),
    "a bank to copy to that is blank": ("POST", f"{BANK}/clone?target_bank_id=%20", None, 422),
    "a bank to copy to that is there": ("POST", f"{BANK}/clone?target_bank_id=a", None, 409),
    "no files": ("POST", f"{BANK}/files/retain", {}, 422),
}

BODIES: Mapping[str, tuple[bytes, int]] = {
    "nothing": (b"", 422),
    "no JSON": (b"items=[]", 422),
    "half of it": (b'{"items":[{"content":"x"', 422),
    "more behind it": (b'{"items":[{"content":"x"}]}{}', 422),
    "not a number": (b'{"items":[{"content":NaN}]}', 422),
    "no number in metadata": (b'{"items":[{"content":"x","metadata":{"a":Infinity}}]}', 422),
    "open brackets": (b"[" * DEEP, 400),
    "brackets": (b"[" * DEEP + b"]" * DEEP, 400),
    "objects": (b'{"items":' * DEEP + b"1" + b"}" * DEEP, 400),
    "no UTF-8": (b'{"items":[{"content":"\xff\xfe"}]}', 400),
    "a number of 5000 digits": (b'{"items":[{"content":"x"}],"z":' + b"9" * 5000 + b"}", 400),
    "packed": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", 400),
    "the first of two keys": (b'{"items":[{"content":"x"}],"items":[]}', 422),
    "a lone surrogate in an id": (b'{"items":[{"content":"x","document_id":"\\ud800"}]}', 422),
    "a lone surrogate as a time": (b'{"items":[{"content":"x","timestamp":"\\udfff"}]}', 422),
    "a lone surrogate as a name": (b'{"items":[{"content":"x","\\ud800":1}]}', 422),
}

PATHS: Mapping[str, int] = {
    "/v1/default/banks/a%/stats": 400,
    "/v1/default/banks/%zz/stats": 400,
    "/v1/default/banks/a%00b/stats": 400,
    "/v1/default/banks/%ff/stats": 400,
    "/v1/default/banks/%ed%a0%80/stats": 400,
    "/v1/default/banks/a/b/stats": 404,
    "/v1/default/banks/../banks/a/stats": 404,
    "/v1/default/banks/%0A/stats": 422,
    f"/v1/default/banks/a/documents/{'x' * 2000}": 422,
    f"/v1/default/banks/a/memories/{'x' * 2000}": 404,
    f"/v1/default/banks/a/operations/{'%F0%9F%98%80' * 500}/retry": 405,
}

IDS = (
    *("a/b", "/", "//", ".", "..", "a.b", "../..", "a\\b", "%", "%2F", "%00", "100%", "a?b#c", "a&b=c", "a+b", "a b"),
    *(
        "a\nb",
        "a\tb",
        "é",
        "e\u0301",
        "😀",
        "👩‍👩‍👧",
        "\u202eabc",
        "名前",
        "İ",
        "A",
        "tenant:a:bank:b",
        "x" * 1000,
        '"',
        "'",
    ),
)
"""Ids that documents, and banks, may have: no two of them are one."""


@pytest.mark.parametrize("body", RETAINS.values(), ids=RETAINS)
def test_what_cannot_be_retained_is_refused_and_nothing_is_written(client: httpx.Client, body: Any) -> None:
    before = state(client)

    answer = client.post(MEMORIES, json=body)

    checked(answer, 422)
    assert state(client) == before


@pytest.mark.parametrize(("body", "status"), RECALLS.values(), ids=RECALLS)
def test_what_cannot_be_asked_is_refused(client: httpx.Client, body: Any, status: int) -> None:
    checked(client.post(RECALL, json=body), status)


@pytest.mark.parametrize(("method", "path", "body", "status"), OTHERS.values(), ids=OTHERS)
def test_what_is_not_there_or_makes_no_sense_is_refused_and_nothing_is_written(
    client: httpx.Client, method: str, path: str, body: Any, status: int
) -> None:
    before = state(client)

    answer = client.request(method, path, json=body)

    checked(answer, status)
    assert state(client) == before


@pytest.mark.parametrize(("body", "status"), BODIES.values(), ids=BODIES)
def test_a_body_that_cannot_be_read_is_refused_and_nothing_is_written(
    client: httpx.Client, body: bytes, status: int
) -> None:
    before = state(client)

    answer = client.post(MEMORIES, content=body, headers={"Content-Type": "application/json"})

    checked(answer, status)
    assert state(client) == before


def test_a_body_that_is_not_said_to_be_json_is_refused_with_the_header_that_it_wants(client: httpx.Client) -> None:
    answer = client.post(MEMORIES, content=json.dumps(item()).encode(), headers={"Content-Type": "text/plain"})

    checked(answer, 422)
    assert "application/json" in answer.text


@pytest.mark.parametrize(("path", "status"), PATHS.items(), ids=[path[:60] for path in PATHS])
def test_a_path_that_makes_no_sense_is_refused(server: Served, path: str, status: int) -> None:
    told, body = raw(server, path)

    assert told == status, body[:500]
    assert json.loads(body)["detail"]


def test_documents_of_strange_ids_are_each_their_own(server: Served, client: httpx.Client) -> None:
    for id in IDS:
        said = {"content": f"This is {IDS.index(id)}.", "document_id": id}
        assert client.post("/v1/default/banks/strange/memories", json={"items": [said]}).status_code == 200, id

    for id in IDS:
        status, body = raw(server, f"/v1/default/banks/strange/documents/{quote(id, safe='').replace('.', '%2E')}")
        assert status == 200, id
        assert json.loads(body)["id"] == id
        assert json.loads(body)["original_text"] == f"This is {IDS.index(id)}."


def test_banks_of_strange_names_are_each_their_own(server: Served, client: httpx.Client) -> None:
    ids = [id for id in IDS if id != "tenant:a:bank:b"]
    for id in ids:
        path = f"/v1/default/banks/{quote(id, safe='').replace('.', '%2E')}/memories"
        body = json.dumps({"items": [{"content": f"This is {IDS.index(id)}."}]}).encode()
        told = client.build_request("POST", server.url, content=body, headers={"Content-Type": "application/json"})
        told.url = told.url.copy_with(raw_path=path.encode())
        assert client.send(told).status_code == 200, id

    for id in ids:
        _, body_ = raw(server, f"/v1/default/banks/{quote(id, safe='').replace('.', '%2E')}/memories/list")
        assert [one["text"] for one in json.loads(body_)["items"]] == [f"This is {IDS.index(id)}."], id


@pytest.mark.parametrize("text", ["Ada \ud800 moved", "Ada \0 moved", "\udfff\ud800 Ada", "Ada\u2028moved"])
def test_a_text_with_what_is_no_text_is_kept_without_it_and_found(client: httpx.Client, text: str) -> None:
    bank = "/v1/default/banks/surrogates/memories"

    headers = {"Content-Type": "application/json"}
    kept = json.dumps({"items": [{"content": text, "tags": [text], "metadata": {text: text}}]})

    said = client.post(bank, content=kept, headers=headers)
    found = client.post(f"{bank}/recall", content=json.dumps({"query": text, "tags": [text]}), headers=headers)

    assert (said.status_code, found.status_code) == (200, 200)
    assert any("Ada" in one["text"] for one in found.json()["results"])


def test_a_body_of_100_megabytes_is_refused_whether_its_length_is_told_or_not(
    server: Served, client: httpx.Client
) -> None:
    before = state(client)

    def pieces() -> Iterator[bytes]:
        yield b'{"items":[{"content":"'
        for _ in range(100):
            yield b"x" * 1_000_000

    told = raw_head(server, "Content-Length: 100000000")
    try:
        status = client.post(MEMORIES, content=pieces(), headers={"Content-Type": "application/json"}).status_code
    except httpx.WriteError:  # the server had closed already
        status = 413

    assert told.startswith(b"HTTP/1.1 413")
    assert status == 413
    assert state(client) == before


def raw_head(server: Served, length: str) -> bytes:
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=30) as connection:
        connection.sendall(
            f"POST {MEMORIES} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{length}\r\n\r\n".encode()
        )
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_who_sends_a_body_byte_by_byte_is_cut_off_and_keeps_nobody_waiting(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    variables = {"DURAMEN_REQUEST_SECONDS": "3", "DURAMEN_HEADER_SECONDS": "2", "DURAMEN_STRATEGIES": ""}
    body = json.dumps(item()).encode()
    head = f"POST {MEMORIES} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body) + 1000}\r\n\r\n"
    with served(tmp_path_factory.mktemp("slow") / "memory", variables=variables) as server:
        address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
        senders = [socket.create_connection(address, timeout=60) for _ in range(20)]
        for sender in senders:
            sender.sendall(head.encode())
        for place in range(30):
            for sender in senders:
                with contextlib.suppress(OSError):  # it was cut off
                    sender.sendall(body[place : place + 1])
            assert httpx.get(f"{server.url}/health/ready", timeout=30).status_code == 200
            time.sleep(0.1)
        told = [b"".join(iter(lambda one=sender: one.recv(65_536), b"")) for sender in senders]  # type: ignore[misc]
        for sender in senders:
            sender.close()
        listed = httpx.get(f"{server.url}{BANK}/documents").json()

    assert {one.split()[1] for one in told if one} <= {b"408", b"504"}
    assert listed["total"] == 0


async def made(directory: Path) -> Mapping[str, str]:
    """Make keys, of which only the first opens the bank to write."""
    async with keys_at(str(directory)) as keys:
        known, revoked = await keys.create("revoked")
        await keys.revoke(known.id)
        return {
            "good": (await keys.create("good"))[1],
            "expired": (await keys.create("expired", lifetime=timedelta(microseconds=1)))[1],
            "revoked": revoked,
            "other": (await keys.create("other", scope=Grant(name="", banks=("b-*",))))[1],
            "looks": (await keys.create("looks", scope=Grant(name="", verbs=frozenset({"read"}))))[1],
        }


def test_a_key_that_is_wrong_expired_revoked_or_of_another_bank_opens_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    directory = tmp_path_factory.mktemp("guarded") / "memory"
    with served(directory, variables={"DURAMEN_AUTH": "on", "DURAMEN_STRATEGIES": ""}) as server:
        keys = asyncio.run(made(directory))
        good = keys["good"]
        changed = good[:-2] + ("aa" if good[-2:] != "aa" else "bb")
        wrong = ["x", "Bearer x", "", changed, good[:-1], f"{good} {good}", "é" * 10_000, "Basic YTpi"]
        shown = [[key] for key in (*wrong, keys["expired"], keys["revoked"])]
        with httpx.Client(base_url=server.url, timeout=30) as client:
            client.headers["Authorization"] = f"Bearer {good}"
            before = state(client)

            statuses = [
                client.post(
                    MEMORIES, json=item(), headers=[(b"Authorization", key.encode()) for key in some]
                ).status_code
                for some in (*shown, [good, keys["other"]])
            ]
            forbidden = [
                client.post(MEMORIES, json=item(), headers={"Authorization": keys[name]}).status_code
                for name in ("other", "looks")
            ]

            assert state(client) == before
        log = server.logged()

    assert statuses == [401] * len(statuses)
    assert forbidden == [403, 403]
    assert not any(key.split("_", 2)[2] in log for key in keys.values())


def test_nothing_of_all_this_left_a_traceback_or_a_word_in_the_log(server: Served) -> None:
    log = server.logged()

    assert "Traceback" not in log
    assert "Grace likes tea" not in log
