"""The store as it talks to Citus, on a PostgreSQL where a stand-in has its name; see `test_distributing.py`.

What Citus would refuse is read from what is sent. The contracts run on it in `test_on_citus.py`, where there is one.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from duramen.shelf import Put
from duramen.stores.postgres import PostgresStore
from duramen.stores.postgres.citus import queries_for_citus
from duramen.stores.postgres.distributing import DISTRIBUTED, distribute
from duramen.stores.postgres.statements import queries
from duramen.types import Selection
from tests.postgres import Server
from tests.stores.examples import BANK, EMBEDDER, events, indexed
from tests.stores.postgres.routing import Watch, refusals
from tests.stores.postgres.test_distributing import create_stand_in

STRATEGY = "facts"


@pytest.fixture
async def store(postgres: Server, database: str) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(f"{database}?pool_size=2")
    await store.open()
    await store.aclose()
    create_stand_in(postgres, database, "12.1")
    distribute(database)
    await store.open()
    yield store
    await store.aclose()


async def test_what_is_sent_is_nothing_that_citus_refuses(store: PostgresStore, watch: Watch) -> None:
    first, second = events(3), [replace(one, key=f"again {one.key}") for one in events(4, "f")]

    await store.append(BANK, first, strategies=[STRATEGY], shelved=[Put(path=("threads", "ada"), key="k", value=b"v")])
    await store.append(BANK, second)
    leases = await store.lease(limit=10, seconds=60)
    await store.put(leases, [indexed(lease.event) for lease in leases], embedder=EMBEDDER)
    made = await store.backfill(BANK, STRATEGY, version="2")
    forgotten = await store.forget(BANK, Selection(key=first[0].key))

    assert [lease.event.id for lease in leases] == [one.id for one in (*first, *second)]
    assert made == 4
    assert forgotten.events == 1
    page = await store.jobs(BANK, cursor=None, limit=10)
    assert [job.event for job in page.items] == [one.id for one in (*first[1:], *second)]
    assert len(watch.sent) > 20
    assert [statement for statement, bound in watch.sent if refusals(statement, bound=bound)] == []
    assert any("%(number)s" in statement and "INTO events" in statement for statement, _ in watch.sent)


async def test_transactions_are_bound_on_the_nodes_too(store: PostgresStore) -> None:
    def settings(sql: Any) -> list[str]:
        sql.begin()
        names = ("citus.propagate_set_commands", "duramen.banks", "duramen.over", "duramen.tenant")
        shown = ", ".join(f"current_setting('{name}')" for name in names)
        return list(sql._connection.execute(f"SELECT {shown}").fetchone())

    assert await store.database.read(settings, bank="o'brien\\") == ["local", "o'brien\\\x1f", "", ""]
    assert await store.database.write(settings) == ["local", "", "all", ""]


async def test_a_schema_that_is_made_on_citus_has_policies_that_it_takes(postgres: Server, database: str) -> None:
    create_stand_in(postgres, database, "12.1")

    store = PostgresStore(f"{database}?pool_size=2")
    await store.open()
    await store.aclose()

    with psycopg.connect(database) as connection:
        found = connection.execute("SELECT pg_get_expr(polqual, polrelid) FROM pg_policy").fetchall()
    assert len(found) == len(DISTRIBUTED)
    assert [policy for (policy,) in found if "SELECT" in policy] == []


def test_nothing_that_citus_refuses_is_left_of_the_queries() -> None:
    def refused(known: Mapping[str, str]) -> set[str]:
        whole = {name: text for name, text in known.items() if re.match("SELECT|INSERT|UPDATE|DELETE|WITH", text)}
        return {name for name, text in whole.items() if refusals(text, bound=True)}

    assert "insert_event" in refused(queries())
    assert refused(queries_for_citus(queries())) == set()
