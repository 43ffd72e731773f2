"""Bytes that are hardly HTTP, thrown at real servers; longer: `python -m tests.server.fuzz --raw --seconds N`."""

from __future__ import annotations

import contextlib
import random
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.raw_fuzz import KINDS, Throw, head, throw
from tests.serving import Served, served


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory: Path = tmp_path_factory.mktemp("served") / "memory"
    with served(directory, variables={"DURAMEN_STRATEGIES": "", "DURAMEN_HEADER_SECONDS": "5"}) as one:
        yield one


def answers(server: Served, request: bytes) -> bytes:
    """Return all that the server answers until it closes."""
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=30) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_others_are_answered_while_bytes_are_thrown_and_nothing_of_it_stays(server: Served) -> None:
    seed = random.randrange(2**32)

    outcome = throw(server, 6, seed)

    assert sum(outcome.thrown.values()) > 20, f"seed {seed}: {outcome}"
    assert outcome.answered > 0, f"seed {seed}: {outcome}"
    assert outcome.failed == [], f"seed {seed}"
    assert outcome.left_open == 0, f"seed {seed}"
    assert outcome.megabytes[-1] < outcome.megabytes[0] + 300, f"seed {seed}: {outcome}"
    assert "Traceback" not in server.logged(), f"seed {seed}"


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
        head("GET", "/health", X="y" * 1_000_000),
        head("GET", "/health")[:-2] + b"".join(b"x-%d: y\r\n" % n for n in range(40_000)) + b"\r\n",
        head(Content_Length=-1),
        head(Content_Length="5\r\nContent-Length: 6"),
        head(Content_Type="application/json", Transfer_Encoding="chunked") + b"zz\r\n",
    ],
    ids=["TLS", "long header", "40 000 headers", "length below 0", "two lengths", "no chunk"],
)
def test_what_is_no_http_is_told_so_in_the_form_of_all_errors(server: Served, request_: bytes) -> None:
    try:
        told = answers(server, request_)
    except ConnectionResetError:  # it was closed while more was sent
        return

    assert told.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert told.endswith(b"}")
    assert b'{"detail":' in told


def test_a_request_with_two_lengths_is_not_read_as_two_requests(server: Served) -> None:
    told = answers(server, head(Content_Length=5, Transfer_Encoding="chunked") + b"0\r\n\r\n" + head("GET", "/health"))

    assert re.findall(rb"HTTP/1\.1 (\d+)", told) == [b"400"]


def test_requests_that_are_sent_at_once_are_answered_in_their_order(server: Served) -> None:
    last = head("GET", "/version", Connection="close")

    told = answers(server, head("GET", "/health/live") * 20 + head("GET", "/nowhere") + last)

    assert re.findall(rb"HTTP/1\.1 (\d+)", told) == [*[b"200"] * 20, b"404", b"200"]


@pytest.mark.parametrize("throw_once", KINDS.values(), ids=KINDS)
def test_no_sort_of_bytes_keeps_the_next_request_from_its_answer(server: Served, throw_once: Throw) -> None:
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=5) as connection:
        with contextlib.suppress(OSError):  # the server may have closed already
            throw_once(connection, random.Random(1))

        assert answers(server, head("GET", "/health/ready", Connection="close")).startswith(b"HTTP/1.1 200")
