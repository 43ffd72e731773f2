"""Who listens is woken by what others append, also after the connection was lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest

from duramen.stores.postgres.address import parse
from duramen.stores.postgres.listening import CHANNEL, Listener
from tests.stores.postgres.small import as_admin


class Woken:
    """Counts how often it was woken."""

    def __init__(self) -> None:
        self.times = threading.Semaphore(0)

    def __call__(self) -> None:
        self.times.release()

    def wait(self) -> bool:
        return self.times.acquire(timeout=30)


@pytest.fixture
def woken() -> Woken:
    return Woken()


@pytest.fixture
def listener(database: str, woken: Woken) -> Iterator[Listener]:
    listener = Listener(parse(database), woken)
    assert woken.wait(), "it wakes once when it begins, since something may have come before"
    yield listener
    listener.close()


def notify(url: str, schema: str = "duramen") -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, schema])


def test_it_is_woken_when_something_is_appended(database: str, listener: Listener, woken: Woken) -> None:
    for _ in range(3):
        notify(database)

        assert woken.wait()


def test_it_is_not_woken_for_another_schema(database: str, listener: Listener, woken: Woken) -> None:
    notify(database, "other")
    notify(database)

    assert woken.wait()
    assert not woken.times.acquire(blocking=False)


def test_it_listens_anew_when_the_connection_was_lost(database: str, listener: Listener, woken: Woken) -> None:
    as_admin(database, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
    assert woken.wait(), "what was appended meanwhile may have been missed"

    notify(database)

    assert woken.wait()


def test_closing_ends_its_thread_and_connection_at_once(database: str, listener: Listener) -> None:
    listener.close()
    listener.close()

    assert not [thread for thread in threading.enumerate() if thread.name == "duramen-listen"]
    assert as_admin(database, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'duramen'") == [(0,)]


def test_one_that_finds_no_server_goes_on_trying_and_can_be_closed(
    database: str, woken: Woken, caplog: pytest.LogCaptureFixture
) -> None:
    name = database.rpartition("/")[2]
    as_admin(database, f"ALTER DATABASE {name} CONNECTION LIMIT 0")
    listener = Listener(parse(database), woken)
    assert not woken.times.acquire(timeout=0.05)
    as_admin(database, f"ALTER DATABASE {name} CONNECTION LIMIT -1")

    assert woken.wait()
    listener.close()
    assert any("which look by themselves" in message for message in caplog.messages)
