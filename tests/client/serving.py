"""A server of ours in a process of its own, over one directory, with the parts that need nothing.

python -m tests.client.serving DIRECTORY PORT
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import httpx
import uvicorn

from duramen.server.app import create_app
from duramen.server.settings import Settings
from tests.client.standing import ROOT, free_port
from tests.conftest import engine


class Serving:
    """Starts it at the same address whenever it is asked to; not before."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._port = free_port()
        self.address = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        command = [sys.executable, "-m", "tests.client.serving", str(self._directory), str(self._port)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        for _ in range(1200):
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.address}/health", timeout=5).is_success:
                    return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError("the server does not start")

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


if __name__ == "__main__":
    app = create_app(engine(sys.argv[1]), Settings())
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="critical")
