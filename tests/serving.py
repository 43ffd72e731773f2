"""A real `duramen serve` in processes of its own, to be asked, stopped and killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent
READY_SECONDS = 120.0


def free_port() -> int:
    """Return a port that nobody listens at just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Served:
    """A server over one memory, which may be started again and again at the same URL.

    Args:
        directory: Where its memory lives; its log is beside it.
        address: Where its memory lives instead, such as `postgresql://…`.
        fast: Load no models.
        workers: Processes.
        variables: What else is in its environment.

    Attributes:
        log: The file with all that it logged.
    """

    def __init__(
        self,
        directory: Path,
        *,
        address: str | None = None,
        fast: bool = True,
        workers: int = 1,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.directory = directory.absolute()
        self.address = address or str(self.directory)
        self.log = directory.with_name(f"{directory.name}.log")
        self.url = f"http://127.0.0.1:{free_port()}"
        self._variables = {
            **os.environ,
            "DURAMEN_FAST": str(fast),
            "DURAMEN_WORKERS": str(workers),
            "DURAMEN_PORT": self.url.rpartition(":")[2],
            "DURAMEN_LOG_LEVEL": "warning",
            **(variables or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process that was started; workers are its children."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> float:
        """Start it, and return after how many seconds it was ready."""
        begin = time.perf_counter()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "duramen", "serve", self.address],
                cwd=ROOT,
                env=self._variables,
                stderr=log,
                start_new_session=True,
            )
        with httpx.Client(timeout=2, verify=False) as client:  # without TLS, whose certificates take long to read
            while time.perf_counter() - begin < READY_SECONDS:
                if self._process.poll() is not None:
                    raise RuntimeError(f"the server ended with {self._process.returncode}: {self.logged()[-2000:]}")
                with suppress(httpx.TransportError):
                    if client.get(f"{self.url}/health/ready").status_code == 200:
                        return time.perf_counter() - begin
                time.sleep(0.02)
        raise RuntimeError(f"the server was not ready after {READY_SECONDS} s")

    def logged(self) -> str:
        """Return all that it logged, of all its lives."""
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """End all its processes at once, with SIGKILL."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> int:
        """Ask it to end, wait until it did, and return its exit code."""
        assert self._process is not None
        self._process.terminate()
        code = self._process.wait(timeout=60)
        self._process = None
        return code


@contextmanager
def served(directory: Path, **options: bool | int | str | Mapping[str, str] | None) -> Iterator[Served]:
    """Run a server for as long as the block takes; see `Served`."""
    server = Served(directory, **options)  # type: ignore[arg-type]  # options of `Served`, passed through
    server.start()
    try:
        yield server
    finally:
        server.kill()
