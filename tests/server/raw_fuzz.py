"""Bytes that are hardly HTTP, thrown at a server while somebody else goes on to ask it."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import psutil

from tests.serving import Served

THROWERS = 4
SILENT = 500
PATH = "/v1/default/banks/raw/memories"
_PATIENCE = 0.1  # seconds that a thrower waits for an answer
_LETTERS = bytes(range(256))

Throw = Callable[[socket.socket, random.Random], None]


@dataclass
class Outcome:
    """What became of a server that bytes were thrown at.

    Attributes:
        thrown: How many of each kind.
        answered: What others asked meanwhile, and was answered; `failed` what was not.
        slowest: The longest that one of them waited, in seconds.
        megabytes: What the server held before, in the middle and afterwards.
        left_open: Connections that the server still held afterwards, beyond those it held before.
    """

    thrown: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    failed: list[str] = field(default_factory=list)
    slowest: float = 0.0
    megabytes: list[float] = field(default_factory=list)
    left_open: int = 0


def throw(server: Served, seconds: float, seed: int, silent: int = SILENT) -> Outcome:
    """Throw bytes at `server` for so long, with `silent` connections that say nothing, and ask it all the while."""
    outcome = Outcome()
    over = threading.Event()
    open_before = _connections(server)
    outcome.megabytes.append(_megabytes(server))
    throwers = [
        threading.Thread(target=_throwing, args=(server, random.Random(seed + place), over, outcome.thrown))
        for place in range(THROWERS)
    ]
    asker = threading.Thread(target=_asking, args=(server, over, outcome))
    with _silent(server, silent):
        for thread in (*throwers, asker):
            thread.start()
        for _ in range(2):
            time.sleep(seconds / 2)
            outcome.megabytes.append(_megabytes(server))
        over.set()
        for thread in (*throwers, asker):
            thread.join()
    deadline = time.monotonic() + 60
    while (left := _connections(server) - open_before) > 0 and time.monotonic() < deadline:
        time.sleep(0.1)
    outcome.left_open = max(0, left)
    return outcome


def _address(server: Served) -> tuple[str, int]:
    return "127.0.0.1", int(server.url.rpartition(":")[2])


def _processes(server: Served) -> list[psutil.Process]:
    parent = psutil.Process(server.pid)
    return [parent, *parent.children(recursive=True)]


def _connections(server: Served) -> int:
    found = 0
    for one in _processes(server):
        found += sum(link.status == psutil.CONN_ESTABLISHED for link in one.net_connections("tcp"))
    return found


def _megabytes(server: Served) -> float:
    return float(sum(one.memory_full_info().uss for one in _processes(server)) / 2**20)


@contextmanager
def _silent(server: Served, count: int) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(socket.create_connection(_address(server), timeout=30))
        yield


def _asking(server: Served, over: threading.Event, outcome: Outcome) -> None:
    bank = f"{server.url}/v1/default/banks/quiet"
    with httpx.Client(timeout=30) as client:
        while not over.is_set():
            begin = time.perf_counter()
            try:
                said = client.post(
                    f"{bank}/memories", json={"items": [{"content": "Ada likes tea.", "document_id": "a"}]}
                )
                found = client.post(f"{bank}/memories/recall", json={"query": "What does Ada like?"})
                good = said.status_code == found.status_code == 200 and bool(found.json()["results"])
            except httpx.TransportError as error:
                outcome.failed.append(repr(error))
                continue
            outcome.slowest = max(outcome.slowest, time.perf_counter() - begin)
            outcome.answered += 1
            if not good:
                outcome.failed.append(f"{said.status_code} {found.status_code} {found.text[:200]}")
            time.sleep(0.02)


def _throwing(server: Served, chance: random.Random, over: threading.Event, thrown: Counter[str]) -> None:
    while not over.is_set():
        name = chance.choice(sorted(KINDS))
        # What the server does not like it cuts off, at any moment.
        with contextlib.suppress(OSError), socket.create_connection(_address(server), timeout=_PATIENCE) as connection:
            KINDS[name](connection, chance)
            while connection.recv(65_536):
                pass
        thrown[name] += 1


def head(method: str = "POST", path: str = PATH, **headers: object) -> bytes:
    """Return the head of a request; underscores in names of headers are hyphens."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join((*lines, "", "")).encode()


def _body(chance: random.Random) -> bytes:
    return json.dumps({"items": [{"content": f"Number {chance.random()}.", "document_id": "d"}]}).encode()


def garbage(connection: socket.socket, chance: random.Random) -> None:
    connection.sendall(bytes(chance.choices(_LETTERS, k=chance.choice((1, 100, 10_000, 200_000)))))


def half_garbage(connection: socket.socket, chance: random.Random) -> None:
    """A sound request with some bytes exchanged."""
    request = bytearray(head(Content_Type="application/json", Content_Length=60) + _body(chance))
    for _ in range(chance.randint(1, 5)):
        request[chance.randrange(len(request))] = chance.randrange(256)
    connection.sendall(request)


def split(connection: socket.socket, chance: random.Random) -> None:
    body = _body(chance)
    for byte in head(Content_Type="application/json", Content_Length=len(body)) + body:
        connection.sendall(bytes((byte,)))


def pipelined(connection: socket.socket, chance: random.Random) -> None:
    body = _body(chance)
    once = head(Content_Type="application/json", Content_Length=len(body)) + body
    connection.sendall((once + head("GET", "/health/live")) * chance.choice((1, 20)))


def wrong_length(connection: socket.socket, chance: random.Random) -> None:
    length = chance.choice((0, 1, 10, 10_000, -1, "x", "1, 2", "0x10", 10**30, "+5", "5\r\nContent-Length: 6"))
    connection.sendall(head(Content_Type="application/json", Content_Length=length) + _body(chance))


def both_lengths(connection: socket.socket, chance: random.Random) -> None:
    connection.sendall(head(Content_Length=5, Transfer_Encoding="chunked") + b"0\r\n\r\n" + head("GET", "/health"))


def chunks(connection: socket.socket, chance: random.Random) -> None:
    sizes = (
        b"zz\r\n",
        b"ffffffffffffffffffff\r\n",
        b"-1\r\n",
        b"5;" + b"x" * 100_000 + b"\r\n",
        b"5\r\nab",
        b"\r\n\r\n",
    )
    begin = b"5\r\n[1,2,\r\n" * chance.randint(0, 3)
    connection.sendall(
        head(Content_Type="application/json", Transfer_Encoding="chunked") + begin + chance.choice(sizes)
    )
    connection.sendall(bytes(chance.choices(_LETTERS, k=500)))


def many_headers(connection: socket.socket, chance: random.Random) -> None:
    connection.sendall(head("GET", "/health")[:-2] + b"".join(b"x-%d: y\r\n" % n for n in range(10_000)) + b"\r\n")


def long_header(connection: socket.socket, chance: random.Random) -> None:
    connection.sendall(head("GET", "/health", X="y" * 1_000_000))


def long_path(connection: socket.socket, chance: random.Random) -> None:
    connection.sendall(head("GET", "/" + "x" * chance.choice((10_000, 60_000, 1_000_000))))


def endless_head(connection: socket.socket, chance: random.Random) -> None:
    connection.sendall(b"GET / HTTP/1.1\r\n")
    for _ in range(200):
        connection.sendall(b"X: " + b"y" * 5000 + b"\r\n")


def half_closed(connection: socket.socket, chance: random.Random) -> None:
    body = _body(chance)
    request = head(Content_Type="application/json", Content_Length=len(body)) + body
    connection.sendall(request[: chance.choice((10, len(request) - 5, len(request)))])
    connection.shutdown(socket.SHUT_WR)


def reset(connection: socket.socket, chance: random.Random) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    body = _body(chance)
    request = head(Content_Type="application/json", Content_Length=len(body)) + body
    connection.sendall(request[: chance.choice((10, len(request) - 5, len(request)))])
    connection.close()


def unread(connection: socket.socket, chance: random.Random) -> None:
    """Answers that nobody takes."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.sendall(head("GET", "/openapi.json") * 20)
    time.sleep(_PATIENCE)
    connection.close()


def strange(connection: socket.socket, chance: random.Random) -> None:
    strange: Mapping[str, bytes] = {
        "of old": b"GET /\r\n\r\n",
        "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "method": head("BREW", PATH),
        "long method": head("X" * 50_000, "/"),
        "tunnel": head("CONNECT", "example.org:443"),
        "star": head("OPTIONS", "*"),
        "whole": head("GET", "http://localhost/health"),
        "socket": head("GET", "/health", Upgrade="websocket", Connection="Upgrade", Sec_WebSocket_Key="x"),
        "continue": head(Expect="100-continue", Content_Length=10),
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
        "no host": b"GET /health HTTP/1.1\r\n\r\n",
        "version": b"GET /health HTTP/9.9\r\nHost: x\r\n\r\n",
        "NUL": head("GET", "/health", X="\0"),
        "folded": b"GET /health HTTP/1.1\r\nHost: x\r\nX: y\r\n z\r\n\r\n",
        "smuggled": head("GET", "/health", X="y\nContent-Length: 9"),
    }
    connection.sendall(strange[chance.choice(sorted(strange))])


KINDS: Mapping[str, Throw] = {
    throw.__name__: throw
    for throw in (
        garbage,
        half_garbage,
        split,
        pipelined,
        wrong_length,
        both_lengths,
        chunks,
        many_headers,
        long_header,
        long_path,
        endless_head,
        half_closed,
        reset,
        unread,
        strange,
    )
}
