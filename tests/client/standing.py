"""A peer that stands beside a test in a process of its own, and can be killed, started again and told to fail."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from tests.serving import ROOT, free_port


class Standing:
    """Starts a peer at the same address whenever it is asked to; not before."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-m", "tests.client.peer", str(self.file), str(self.port)]
        self._process = subprocess.Popen(command, cwd=ROOT)
        with httpx.Client(timeout=5, verify=False) as client:  # without TLS, whose certificates take long to read
            for _ in range(600):
                with contextlib.suppress(httpx.TransportError):
                    client.get(f"{self.address}/ready")
                    return
                if self._process.poll() is not None:
                    break
                time.sleep(0.05)
        raise AssertionError("the peer does not start")

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def fail(self, *faults: dict[str, Any]) -> None:
        """Let the next requests fail so, one each, or all of them with `always`."""
        with sqlite3.connect(self.file, timeout=30) as database:
            database.executemany("INSERT INTO faults (fault) VALUES (?)", [(json.dumps(one),) for one in faults])
        database.close()

    def mend(self) -> None:
        """Let nothing fail any more."""
        self._rows("DELETE FROM faults")

    def contents(self, bank: str = "b") -> list[str]:
        """Return what is kept in a bank, in the order in which it was last written."""
        rows = self._rows("SELECT item FROM documents WHERE bank = ? ORDER BY number", bank)
        return [json.loads(row[0])["content"] for row in rows]

    def posts(self) -> list[list[str]]:
        """Return the documents of each retain that was taken."""
        return [json.loads(row[0]) for row in self._rows("SELECT ids FROM posts ORDER BY number")]

    def requests(self) -> list[str]:
        """Return the requests so far, without those by which it was waited for."""
        return [row[0] for row in self._rows("SELECT line FROM requests ORDER BY number") if row[0] != "GET /ready"]

    def keys(self) -> set[str]:
        """Return the headers by which requests said who they are."""
        return {row[0] for row in self._rows("SELECT authorization FROM requests WHERE line <> 'GET /ready'")}

    def _rows(self, query: str, *values: str) -> list[Any]:
        with sqlite3.connect(self.file, timeout=30) as database:
            rows = database.execute(query, values).fetchall()
        database.close()
        return rows
