"""Two workers on one directory, and many clients at once."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.serving import Served, served
from tests.webhooks.receiver import Receiver, receiving

WORKERS = 2
CONNECTIONS = 8


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving(delay=0.02) as one:
        yield one


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Served]:
    directory: Path = tmp_path_factory.mktemp("served") / "memory"
    variables = {"DURAMEN_STRATEGIES": "", "DURAMEN_WEBHOOK_HOSTS": "127.0.0.1"}
    with served(directory, workers=WORKERS, variables=variables) as one:
        yield one


def workers(server: Served) -> list[psutil.Process]:
    """Return the processes that answer."""
    parent = psutil.Process(server.pid)
    return [one for one in parent.children() if any(link.raddr or link.status == "LISTEN" for link in links(one))]


def links(process: psutil.Process) -> list[Any]:
    try:
        return list(process.net_connections("tcp"))
    except psutil.NoSuchProcess:
        return []


@pytest.fixture
def clients(server: Served, request: pytest.FixtureRequest) -> Iterator[list[httpx.Client]]:
    """Clients with a connection each, of which every worker has some; a bank of the test's own."""
    opened: list[httpx.Client] = []
    try:
        while len(opened) < CONNECTIONS or not all(held(server)):
            assert len(opened) < 200, "one of the workers takes no connections"
            client = httpx.Client(base_url=f"{server.url}/v1/default/banks/{request.node.name}", timeout=60)
            client.get("/stats").raise_for_status()
            opened.append(client)
        yield opened
    finally:
        for client in opened:
            client.close()


def held(server: Served) -> list[int]:
    """Return how many connections each worker holds."""
    counts = [sum(link.status == psutil.CONN_ESTABLISHED for link in links(one)) for one in workers(server)]
    return counts if len(counts) == WORKERS else [0]


def retain(client: httpx.Client, content: str, **said: Any) -> httpx.Response:
    told = {name: said.pop(name) for name in ("async", "operation_id") if name in said}
    return client.post("/memories", json={"items": [{"content": content, **said}], **told})


def texts(client: httpx.Client) -> list[str]:
    found = client.get("/memories/list", params={"limit": 10_000}).raise_for_status().json()["items"]
    return sorted(one["text"] for one in found)


def ended(client: httpx.Client, ids: list[str], seconds: float = 120.0) -> dict[str, str]:
    """Wait for operations; return how each ended."""
    deadline = time.monotonic() + seconds
    while True:
        states = {id: client.get(f"/operations/{id}").json()["status"] for id in ids}
        if not {"pending", "processing"} & {*states.values()} or time.monotonic() > deadline:
            return states
        time.sleep(0.05)


def settled(client: httpx.Client, seconds: float = 120.0) -> None:
    """Wait until all that was retained has become memories: a listing does not wait for that many."""
    deadline = time.monotonic() + seconds
    while "X-Pending" in client.post("/memories/recall", json={"query": "all"}).raise_for_status().headers:
        assert time.monotonic() < deadline, "what was retained did not become memories"


def test_what_one_worker_acknowledged_every_worker_finds(clients: list[httpx.Client]) -> None:
    for number in range(16):
        word = f"heron{number}"
        said = retain(clients[number % len(clients)], f"Ada saw the {word} fly.", document_id=word)
        assert said.status_code == 200

        for client in clients:
            found = client.post("/memories/recall", json={"query": word}).json()["results"]
            assert f"Ada saw the {word} fly." in [one["text"] for one in found]
            assert client.get(f"/documents/{word}").status_code == 200


def test_what_one_worker_deleted_no_worker_finds(server: Served, clients: list[httpx.Client]) -> None:
    for number in range(8):
        assert retain(clients[0], f"Ada saw heron{number}.", document_id=f"d{number}").status_code == 200

        assert clients[number % len(clients)].delete(f"/documents/d{number}").status_code == 200, server.logged()

        for client in clients:
            assert client.post("/memories/recall", json={"query": f"heron{number}"}).json()["results"] == []
            assert client.get(f"/documents/d{number}").status_code == 404


def test_fifty_appends_to_one_document_at_once_all_survive(clients: list[httpx.Client]) -> None:
    said = [f"Ada noted number {number}." for number in range(50)]

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(
            pool.map(
                lambda place: retain(
                    clients[place % len(clients)], said[place], document_id="log", update_mode="append"
                ),
                range(len(said)),
            )
        )

    assert {one.status_code for one in answers} == {200}
    text = clients[0].get("/documents/log").json()["original_text"]
    assert [text.count(one) for one in said] == [1] * len(said)
    assert texts(clients[0]) == sorted(said)


def test_twenty_replacements_of_one_document_at_once_leave_one_of_them(clients: list[httpx.Client]) -> None:
    said = [f"Ada lives in city {number}." for number in range(20)]

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(
            pool.map(
                lambda place: retain(clients[place % len(clients)], said[place], document_id="home"), range(len(said))
            )
        )

    assert {one.status_code for one in answers} == {200}
    left = clients[0].get("/documents/home").json()
    assert left["original_text"] in said
    for client in clients:
        assert texts(client) == [left["original_text"]]
        found = client.post("/memories/recall", json={"query": "Where does Ada live?"}).json()["results"]
        assert [one["text"] for one in found] == [left["original_text"]]


def test_one_operation_that_is_sent_by_many_at_once_is_done_once(clients: list[httpx.Client]) -> None:
    operation = "11111111-2222-3333-4444-555555555555"
    told = {"operation_id": operation, "async": True}

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(
            pool.map(
                lambda client: retain(client, "Ada noted it.", document_id="log", update_mode="append", **told), clients
            )
        )

    assert {one.status_code for one in answers} == {200}
    assert {one.json()["operation_id"] for one in answers} == {operation}
    assert ended(clients[0], [operation]) == {operation: "completed"}
    assert texts(clients[0]) == ["Ada noted it."]


def test_an_operation_that_is_cancelled_while_it_waits_is_not_done_and_all_others_are(
    clients: list[httpx.Client],
) -> None:
    ids: dict[str, str] = {}
    cancelled: set[str] = set()
    for start in range(0, 400, 20):  # on a busy machine all may be done before they are cancelled: then once more
        first = {"items": [{"content": f"Grace read page {number}."} for number in range(200)], "async": True}
        clients[0].post("/memories", json=first).raise_for_status()
        given = [f"Ada noted number {number}." for number in range(start, start + 20)]
        with ThreadPoolExecutor(8) as pool:  # faster than they are worked through, which is one by one
            told = pool.map(lambda text: retain(clients[0], text, **{"async": True}).json()["operation_id"], given)
            ids.update(zip(given, told, strict=True))
        for place, text in enumerate(reversed(given)):
            if clients[place % len(clients)].delete(f"/operations/{ids[text]}").status_code == 200:
                cancelled.add(text)
        if cancelled:
            break
    states = ended(clients[0], [*ids.values()])
    settled(clients[0])

    assert cancelled, "the operations were done before they could be cancelled"
    assert {text for text, id in ids.items() if states[id] == "cancelled"} == cancelled
    assert {states[ids[text]] for text in ids.keys() - cancelled} <= {"completed"}
    assert {text for text in texts(clients[0]) if text.startswith("Ada")} == ids.keys() - cancelled


def test_webhooks_are_told_of_everything_and_once_though_a_worker_is_killed(
    server: Served, clients: list[httpx.Client], receiver: Receiver
) -> None:
    hook = {"url": receiver.url(), "event_types": ["retain.completed"], "http_config": {"timeout_seconds": 5}}
    hook_id = clients[0].post("/webhooks", json=hook).raise_for_status().json()["id"]
    told: list[str] = []
    for number in range(40):
        if number == 20:
            os.kill(workers(server)[0].pid, signal.SIGKILL)
        told.append(f"d{number}")
        send(str(clients[0].base_url), told[-1])

    wait_for_deliveries(str(clients[0].base_url), hook_id, len(told))

    events = Counter(event["event_id"] for event in map(body_of, receiver.got))
    documents = Counter(body_of(one)["data"]["document_id"] for one in receiver.got)
    assert documents.keys() == set(told)
    assert len(events) == len(told)
    # The one that was under way when its worker was killed may be told twice, under one id.
    assert sum(documents.values()) <= len(told) + 1


def send(bank: str, document: str) -> None:
    """Retain a document, again when the worker that was asked dies."""
    body = {"items": [{"content": f"This is {document}.", "document_id": document}]}
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            httpx.post(f"{bank}memories", json=body, timeout=30).raise_for_status()
            return
        time.sleep(0.1)
    raise AssertionError("the server does not come back")


def wait_for_deliveries(bank: str, hook: str, count: int) -> None:
    deadline = time.monotonic() + 120
    while True:
        found = httpx.get(f"{bank}webhooks/{hook}/deliveries", params={"limit": 200}).raise_for_status().json()["items"]
        if sum(one["status"] == "completed" for one in found) >= count:
            return
        assert time.monotonic() < deadline, Counter(one["status"] for one in found)
        time.sleep(0.1)


def body_of(received: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(received.body)
    return body
