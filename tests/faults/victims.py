"""What is killed over PostgreSQL: workers of a memory that many share, and the database itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Sequence

import httpx
import psycopg

from tests.faults.kill_server import BANK
from tests.serving import ROOT

_MARK = re.compile(r"c\d+n\d+")
_TAKEN_OVER = "SELECT count(*) FROM duramen.events WHERE attempts > 1 AND state = 1"


class Worker:
    """A process of its own that works through what others retained, started again and again.

    Args:
        command: What is run with this Python.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = [sys.executable, *command]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; whether it is ready is not waited for, so that a kill may hit that, too."""
        environment = {**os.environ, "DURAMEN_STRATEGIES": "", "DURAMEN_LOG_LEVEL": "warning"}
        self._process = subprocess.Popen(self._command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)

    def kill(self) -> bool:
        """End it at once, with SIGKILL; return whether it lived until then."""
        if self._process is None:
            return False
        lived = self._process.poll() is None
        self._process.kill()
        self._process.wait()
        self._process = None
        return lived


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
