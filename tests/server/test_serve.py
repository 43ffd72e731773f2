"""`duramen serve` as real processes on real sockets."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from duramen.cli import app

Serve = Callable[..., "Server"]

READY_SECONDS = 60


class Server:
    """A server that was started and answers.

    Attributes:
        process: The process that was started, the parent of workers if there are several.
    """

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.client = httpx.Client(base_url=url, timeout=30)
        self.port = int(url.rsplit(":", 1)[1])

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def end(self) -> tuple[int, str]:
        """Return its exit code and the rest of what it logged, after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        _, log = self.process.communicate(timeout=60)
        return self.process.returncode, log


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "memory"


@pytest.fixture
def serve(directory: Path) -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(*arguments: str, **environment: str) -> Server:
            return stack.enter_context(_started(directory, arguments, environment))

        yield start


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that waits half a second for what should come."""
    with _started(tmp_path_factory.mktemp("strict"), (), {"DURAMEN_HEADER_SECONDS": "0.5"}) as server:
        yield server


@contextmanager
def _started(directory: Path, arguments: tuple[str, ...], environment: Mapping[str, str]) -> Iterator[Server]:
    command = [sys.executable, "-m", "duramen", "serve", str(directory), "--fast", "--port", "0", *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment})
    try:
        assert process.stderr is not None
        server = Server(process, process.stderr.readline().split()[-1])
        with server.client:
            _wait_until_ready(server)
            yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)  # so that it ends its workers
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
        process.communicate()


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if server.client.get("/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            assert server.process.poll() is None
        time.sleep(0.1)
    raise AssertionError("The server was not ready in time.")


def duramen(*arguments: str) -> Any:
    """Run a command that comes to an end, in this process."""
    return CliRunner().invoke(app, arguments)


def retained(server: Server, text: str) -> int:
    return server.client.post("/v1/default/banks/user:ada/memories", json={"items": [{"content": text}]}).status_code


def test_what_one_server_retained_the_next_one_recalls(serve: Serve) -> None:
    first = serve()
    status = retained(first, "Ada moved to Lisbon.")
    code, _ = first.end()

    second = serve()
    found = second.client.post("/v1/default/banks/user%3Aada/memories/recall", json={"query": "Where is Ada?"}).json()

    assert (status, code) == (200, 0)
    assert {one["text"] for one in found["results"]} == {"Ada moved to Lisbon."}


def test_a_request_in_the_making_is_answered_before_the_server_ends(serve: Serve) -> None:
    server = serve()
    body = json.dumps({"items": [{"content": "Ada moved to Lisbon."}]}).encode()
    head = (
        "POST /v1/default/banks/a/memories HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with server.connect() as connection:
        connection.sendall(head.encode() + body[:10])
        assert server.client.get("/health/live").status_code == 200  # it has had the time to begin
        server.process.send_signal(signal.SIGTERM)
        _wait_until_refused(server)
        connection.sendall(body[10:])
        answer = connection.makefile("rb").readline()
    server.process.wait(60)

    assert answer.startswith(b"HTTP/1.1 200")
    assert server.process.returncode == 0


def test_requests_and_memory_share_the_time_to_drain(serve: Serve) -> None:
    server = serve(DURAMEN_DRAIN_SECONDS="2", DURAMEN_HEADER_SECONDS="600")
    with server.connect() as connection:
        connection.sendall(
            b"POST /v1/default/banks/a/memories HTTP/1.1\r\nHost: memory\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\n\r\n{"
        )
        assert server.client.get("/health/live").status_code == 200  # it has had the time to begin
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(15)  # raises if the request, which never ends, holds it up

    assert server.process.returncode == 0


def _wait_until_refused(server: Server) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            server.connect().close()
        except OSError:
            return
        time.sleep(0.05)
    raise AssertionError("The server takes connections although it was told to end.")


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /health HTTP/1.1\r\nHost: memo",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea",
    ],
    ids=["nothing", "half a head", "half of the next head"],
)
def test_who_does_not_send_the_head_of_a_request_is_cut_off(strict: Server, sent: bytes) -> None:
    with strict.connect() as connection:
        connection.sendall(sent)

        while connection.recv(65_536):  # ends only when the server closes
            pass

    assert strict.client.get("/health").status_code == 200


def test_who_does_not_send_the_body_is_told_and_cut_off(strict: Server) -> None:
    with strict.connect() as connection:
        connection.sendall(
            b"POST /v1/default/banks/a/memories HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\n\r\n{"
        )

        answer = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert answer.startswith(b"HTTP/1.1 408")


def test_a_body_of_100_megabytes_is_refused(strict: Server) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 1_000_000

    with strict.connect() as connection:
        connection.sendall(
            b"POST /v1/default/banks/a/memories HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100000000\r\n\r\n"
        )
        told = connection.makefile("rb").readline()
    try:
        status: int | None = strict.client.post(
            "/v1/default/banks/a/memories", content=pieces(), headers={"Content-Type": "application/json"}
        ).status_code
    except httpx.WriteError:  # the server had closed already, in the middle of the body
        status = None

    assert told.startswith(b"HTTP/1.1 413")
    assert status in (413, None)
    assert strict.client.get("/v1/default/banks").json()["banks"] == []


def test_two_workers_share_the_memory_and_their_figures(serve: Serve, directory: Path) -> None:
    server = serve("--workers", "2")
    texts = [f"Ada saw {number} herons at the lake." for number in range(12)]
    for text in texts:
        with httpx.Client(base_url=server.client.base_url, timeout=30) as client:  # a connection of its own
            answer = client.post("/v1/default/banks/a/memories", json={"items": [{"content": text}]})
            assert answer.status_code == 200

    listed = server.client.get("/v1/default/banks/a/memories/list").json()
    figures = server.client.get("/metrics").text
    code, _ = server.end()

    assert {one["text"] for one in listed["items"] if one["fact_type"] != "observation"} == set(texts)
    line = 'duramen_http_requests_total{method="POST",route="/v1/default/banks/{bank_id}/memories",status="200"} 12.0'
    assert line in figures.splitlines()
    assert code == 0


def test_a_key_made_and_revoked_on_the_command_line_opens_and_closes_a_server_that_runs(
    serve: Serve, directory: Path
) -> None:
    server = serve("--auth", "on")
    made = json.loads(duramen("keys", "create", "ci", "--json", "-d", str(directory)).stdout)
    server.client.headers["Authorization"] = f"Bearer {made['key']}"
    before = server.client.get("/v1/default/banks").status_code

    assert duramen("keys", "revoke", made["id"], "-d", str(directory)).exit_code == 0
    deadline = time.monotonic() + 30
    while server.client.get("/v1/default/banks").status_code != 401:
        assert time.monotonic() < deadline
        time.sleep(0.2)

    assert before == 200


def test_a_port_that_is_taken_is_told_in_one_line(directory: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        outcome = duramen("serve", str(directory), "--fast", "--port", str(taken.getsockname()[1]))

    assert outcome.exit_code == 1
    assert outcome.stderr.startswith("Error: The server cannot listen at 127.0.0.1:")
    assert "Traceback" not in outcome.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--host", "0.0.0.0", "--auth", "off"), "--insecure"),
        (("--host", "nowhere.invalid"), "no address of this computer"),
        (("--base-path", "memory"), "DURAMEN_BASE_PATH"),
        (("--workers", "0"), "DURAMEN_WORKERS"),
        (("--port", "70000"), "DURAMEN_PORT"),
        (("--workers", "2", "--strategy", "magic"), "magic"),
    ],
)
def test_settings_that_cannot_be_used_are_told_in_one_line(
    directory: Path, arguments: tuple[str, ...], told: str
) -> None:
    outcome = duramen("serve", str(directory), "--fast", *arguments)

    assert outcome.exit_code == 1
    assert told in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert not directory.exists()


def test_a_server_is_not_served_again(directory: Path) -> None:
    outcome = duramen("serve", "http://localhost:1", "--fast", "--port", "0")

    assert outcome.exit_code == 1
    assert "Name a directory" in outcome.stderr


def test_without_the_packages_of_the_server_the_command_says_what_to_install(directory: Path) -> None:
    script = "import sys; sys.modules['fastapi'] = None; from duramen.cli import main; main()"

    outcome = subprocess.run(
        [sys.executable, "-c", script, "serve", str(directory)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert outcome.returncode == 1
    assert (
        outcome.stderr == "Error: The server needs 'fastapi', which is not installed: pip install 'duramen[server]'\n"
    )
