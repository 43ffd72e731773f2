"""PostgreSQL does the same as the in-memory store, whatever is done to it; a few examples of what SQLite gets more of."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from duramen.protocols import Storage
from duramen.stores.in_memory import InMemoryStore
from duramen.stores.postgres import PostgresStore, database
from duramen.stores.postgres.statements import queries
from duramen.types import BankVersion
from tests.contracts.shelf import Clock
from tests.stores import test_alike, test_ledgers_alike, test_shelves_alike
from tests.stores.postgres.emptied import Migrated

few = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def counted(migrated: Migrated, monkeypatch: pytest.MonkeyPatch) -> Iterator[Migrated]:
    """A database in which revisions are counted from 1, as the other stores do."""
    text = queries()["insert_revision"]
    start, end = text.index("greatest("), text.index("%(strategy)s")
    known: Mapping[str, str] = {**queries(), "insert_revision": f"{text[:start]}nextval('counted'), {text[end:]}"}
    monkeypatch.setattr(database, "queries", lambda: known)
    migrated.superuser.execute("CREATE SEQUENCE duramen.counted; GRANT ALL ON SEQUENCE duramen.counted TO PUBLIC")
    yield migrated
    migrated.superuser.execute("DROP SEQUENCE duramen.counted")


@few
@given(test_alike.steps)
def test_the_stores_do_the_same(migrated: Migrated, steps: Sequence[tuple[Any, ...]]) -> None:
    migrated.empty()

    kept, written = (
        asyncio.run(test_alike._run(store, steps)) for store in (InMemoryStore(), PostgresStore(migrated.url))
    )

    assert _unnumbered(written) == _unnumbered(kept)


@few
@given(test_ledgers_alike.steps)
def test_the_ledgers_do_the_same(counted: Migrated, steps: Sequence[tuple[Any, ...]]) -> None:
    counted.empty()
    counted.superuser.execute("ALTER SEQUENCE duramen.counted RESTART")

    kept, written = (
        asyncio.run(test_ledgers_alike._run(store, steps)) for store in (InMemoryStore(), PostgresStore(counted.url))
    )

    assert _unnumbered(written) == _unnumbered(kept)


@few
@given(test_shelves_alike.steps, test_shelves_alike.questions)
def test_the_shelves_do_the_same(
    migrated: Migrated, steps: Sequence[test_shelves_alike.Step], questions: Sequence[test_shelves_alike.Question]
) -> None:
    migrated.empty()

    def run(store: Storage, clock: Clock) -> list[object]:
        return asyncio.run(test_shelves_alike._run(store, clock, steps, questions))

    clocks = Clock(), Clock()
    kept = run(InMemoryStore(clock=clocks[0]), clocks[0])

    assert run(PostgresStore(migrated.url, clock=clocks[1]), clocks[1]) == kept


def _unnumbered(seen: object) -> object:
    """Leave out the numbers of banks, which are drawn."""
    if isinstance(seen, BankVersion):
        return replace(seen, number=0)
    if type(seen) in (list, tuple):
        return [_unnumbered(each) for each in seen]  # type: ignore[attr-defined]  # it is one of both
    return seen
