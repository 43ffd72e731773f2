"""`duramen work` as a real process: it does what servers leave to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

import duramen
import duramen.commands.serve
import duramen.commands.work
from duramen import commands
from duramen.cli import app
from duramen.commands.options import shown_place
from duramen.retain.worker import Pace
from duramen.server.settings import Settings
from tests.serving import served

BEGIN_SECONDS = 60.0
SAID = [{"content": "Ada moved to Lisbon in March 2025.", "context": "talk"}]


class Working:
    """A worker that was begun, with a client of its probes."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.client = httpx.Client(base_url=url, timeout=30)

    def end(self) -> tuple[int, str]:
        """Return its exit code and what it logged, after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        _, log = self.process.communicate(timeout=60)
        return self.process.returncode, log


@contextmanager
def working(place: Path | str) -> Iterator[Working]:
    """Run a worker for as long as the block takes."""
    command = [sys.executable, "-m", "duramen", "work", str(place), "--fast", "--health-port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "DURAMEN_WORK": "off"})
    try:
        assert process.stderr is not None
        assert process.stderr.readline() == f"Working for {shown_place(str(place))}\n"
        worker = Working(process, process.stderr.readline().split()[-1])
        with worker.client:
            until(lambda: _ready(worker))
            yield worker
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def _ready(worker: Working) -> bool:
    assert worker.process.poll() is None
    try:
        return worker.client.get("/health/ready").status_code == 200
    except httpx.TransportError:
        return False


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds that no one tells of."""
    deadline = time.monotonic() + BEGIN_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_worker_does_what_a_server_leaves_to_it(database: str, tmp_path: Path) -> None:
    left_to_others = {"DURAMEN_WORK": "off"}
    with (
        served(tmp_path / "server", address=database, variables=left_to_others) as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        left, asked = "/v1/default/banks/left", "/v1/default/banks/asked"
        sent = client.post(f"{left}/memories", json={"items": SAID, "async": True})
        operation = f"{left}/operations/{sent.json()['operation_id']}"
        client.post(f"{asked}/memories", json={"items": SAID})
        waited_for = found(client, asked)
        waiting = client.get(operation).json()["status"]

        with working(database) as worker:
            until(lambda: client.get(operation).json()["status"] == "completed")
            until(lambda: "duramen_events_pending 0.0" in worker.client.get("/metrics").text)
            figures = worker.client.get("/metrics").text
        done = found(client, left)

    assert waited_for == done == [SAID[0]["content"]]
    assert waiting == "pending"
    assert 'duramen_stage_seconds_count{stage="put",verb="retain"} 1.0' in figures


def found(client: httpx.Client, bank: str) -> list[str]:
    answer = client.post(f"{bank}/memories/recall", json={"query": "Where is Ada?", "types": ["world"]})
    return [one["text"] for one in answer.json()["results"]]


def test_a_worker_answers_probes_alone_and_finishes_what_is_pending_when_it_is_told_to_end(tmp_path: Path) -> None:
    place = tmp_path / "memory"
    with working(place) as worker:
        paths = ("/health/live", "/version", "/openapi.json", "/v1/default/banks")
        answers = {path: worker.client.get(path).status_code for path in paths}
        told = worker.client.get("/v1/default/banks").json()["detail"]
        with idle(place) as memory:
            for number in range(100):
                memory.retain("user:ada", f"Note {number}.")
        code, log = worker.end()

    with idle(place) as memory:
        pending = memory.status("user:ada").pending
        kept = memory.memories("user:ada", limit=1000).items
    assert answers == {"/health/live": 200, "/version": 200, "/openapi.json": 404, "/v1/default/banks": 404}
    assert "duramen serve" in told
    assert (code, pending, len(kept)) == (0, 0, 100)
    assert json.loads(log.splitlines()[-1])["event"] == f"Finished server process [{worker.process.pid}]"


def idle(place: Path) -> duramen.SyncMemoryEngine:
    """Open a memory that does nothing by itself."""
    embedder, entities = duramen.HashingEmbedder(), duramen.CapitalsEntityFinder()
    return duramen.open_sync(place, embedder=embedder, entities=entities, pace=Pace(background=False))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["http://localhost:8888"], "DURAMEN_DIRECTORY is that of a server"),
        ([":memory:", "--strategy", "magic"], "magic"),
        ([":memory:", "--health-port", "70000"], "DURAMEN_PORT is '70000'"),
    ],
)
def test_what_cannot_work_is_refused_before_it_begins(arguments: list[str], told: str) -> None:
    done = CliRunner().invoke(app, ["work", *arguments])

    assert done.exit_code == 1
    assert told in done.stderr


def test_no_password_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(directory="postgresql://duramen:b4rk@db:5432/memory?sslpassword=b4rk", host="0.0.0.0")

    commands.work._greet(settings, ("127.0.0.1", 8888))
    commands.serve._greet(settings, "127.0.0.1", 8888)

    told = capsys.readouterr().err
    assert "Working for postgresql://duramen:…@db:5432/memory?sslpassword=…\n" in told
    assert "Serving postgresql://duramen:…@db:5432/memory?sslpassword=… at http://127.0.0.1:8888\n" in told
    assert "b4rk" not in told + repr(settings)
