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
from tests.server.nonsense import BANK, BODIES, IDS, MEMORIES, OTHERS, PATHS, RECALL, RECALLS, RETAINS, item
from tests.serving import Served, served

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
