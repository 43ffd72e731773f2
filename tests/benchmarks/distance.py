"""A database as far away as on another machine: `python -m tests.benchmarks.distance PORT MILLISECONDS` is a way to a port.

It says at which port it listens, and passes everything on after half of the time of a round trip.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

from tests.serving import ROOT


@contextmanager
def far(port: int, milliseconds: float) -> Iterator[int]:
    """Give a port at which `port` answers that much later; itself if that is 0."""
    if not milliseconds:
        yield port
        return
    command = [sys.executable, "-m", "tests.benchmarks.distance", str(port), str(milliseconds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


def pass_on(source: socket.socket, target: socket.socket, seconds: float) -> None:
    """Send to one end what comes from the other, each piece so much later."""
    under_way: SimpleQueue[tuple[float, bytes]] = SimpleQueue()

    def arrive() -> None:
        while True:
            due, data = under_way.get()
            time.sleep(max(0.0, due - time.perf_counter()))
            if not data:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(data)

    threading.Thread(target=arrive, daemon=True).start()
    while data := source.recv(2**16):
        under_way.put((time.perf_counter() + seconds, data))
    under_way.put((0.0, b""))


def main() -> None:
    """Listen until killed."""
    port, seconds = int(sys.argv[1]), float(sys.argv[2]) / 2000
    listening = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    while True:
        ends = [listening.accept()[0], socket.create_connection(("127.0.0.1", port))]
        for end in ends:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for source, target in (ends, reversed(ends)):
            threading.Thread(target=pass_on, args=(source, target, seconds), daemon=True).start()


if __name__ == "__main__":
    main()
