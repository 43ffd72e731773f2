"""What is killed over PostgreSQL: workers of a memory that many share, and the database itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection
from contextlib import suppress

import httpx
import psycopg

from tests.faults.kill_server import BANK
from tests.serving import READY_SECONDS, ROOT, free_port

_MARK = re.compile(r"c\d+n\d+")
_TAKEN_OVER = "SELECT count(*) FROM duramen.events WHERE attempts > 1 AND state = 1"


class Worker:
    """A process of its own that works through what others retained, started again and again.

    Args:
        address: Where the memory is.
        quick: Run one with short leases, and not `duramen work`.
    """

    def __init__(self, address: str, *, quick: bool) -> None:
        port = free_port()
        work = ["duramen", "work", address, "--fast", "--health-port", str(port)]
        self._command = [sys.executable, "-m", *(["tests.faults.worker", address] if quick else work)]
        self._url = None if quick else f"http://127.0.0.1:{port}/health/ready"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it; see `wait`."""
        environment = {**os.environ, "DURAMEN_STRATEGIES": "", "DURAMEN_LOG_LEVEL": "error"}
        self._process = subprocess.Popen(self._command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)

    def wait(self) -> None:
        """Wait until it works."""
        assert self._process is not None
        assert self._process.stdout is not None
        if self._url is None:
            assert self._process.stdout.readline() == "ready\n"
            return
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with suppress(httpx.TransportError):
                if httpx.get(self._url, timeout=2).status_code == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"the worker is not ready: {self._process.poll()}")

    def kill(self) -> None:
        """End it at once, with SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def taken_over(address: str) -> int:
    """Return how many events of a memory over PostgreSQL were finished by another worker than the one that began them."""
    if not address.startswith("postgres"):
        return 0
    with psycopg.connect(address) as connection:
        connection.execute("SELECT set_config('duramen.over', 'all', false)")
        found = connection.execute(_TAKEN_OVER).fetchone()
    assert found is not None
    return int(found[0])


def recalled(url: str, marks: Collection[str]) -> Counter[str]:
    """Ask a server for each of `marks`, and return in how many memories of its answer each is."""
    found: Counter[str] = Counter()
    with httpx.Client(base_url=f"{url}/v1/default/banks/{BANK}", timeout=60) as client:
        for mark in marks:
            asked = {"query": f"What does {mark} say about itself?"}
            answer = client.post("/memories/recall", json=asked).raise_for_status().json()
            found[mark] = sum(mark in _MARK.findall(one["text"]) for one in answer["results"])
    return found
