"""Transactions, threads and connections of one database, and what they are bound to."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Mapping
from typing import Any

import psycopg
import pytest

from duramen.errors import ClosedError, StoreError, StoreUnavailableError
from duramen.stores.postgres import statements
from duramen.stores.postgres.beginning import Binding, LockedError
from duramen.stores.sql.statements import Statements
from tests.postgres import Server
from tests.stores.postgres.small import add_one, as_admin, count, made, opened


@pytest.fixture(autouse=True)
def watch() -> None:
    """Where statements of the small schema are sent is of no interest."""


async def test_what_is_written_is_read_and_an_error_undoes_all_of_its_transaction(database: str) -> None:
    def fail(sql: Statements) -> None:
        add_one(sql)
        raise KeyError("mine")

    async with opened(database) as store:
        await store.write(lambda sql: sql.run("make", {}), bank="ada")
        await store.write(add_one, bank="ada")
        with pytest.raises(KeyError, match="mine"):
            await store.write(fail, bank="ada")

        assert await count(store, "ada") == 1


async def test_writes_of_a_bank_come_one_after_the_other_from_all_processes(database: str) -> None:
    async with opened(database, pool_size=4) as one, opened(database, pool_size=4) as other:
        await one.write(lambda sql: sql.run("make", {}), bank="ada")

        numbers = await asyncio.gather(*(store.write(add_one, bank="ada") for store in [one, other] * 15))

        assert sorted(numbers) == list(range(1, 31))


async def test_a_bank_that_is_locked_is_passed_over_if_that_is_asked_for(database: str) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold(sql: Statements) -> str:
        sql.run("counter", {})
        entered.set()
        leave.wait(30)
        return "held"

    async with opened(database) as store:
        holding = asyncio.create_task(store.write(hold, bank="ada"))
        await asyncio.to_thread(entered.wait, 30)
        for patience in (0, 0.01):
            with pytest.raises(LockedError):
                await store.write_if_free(lambda sql: "done", bank="ada", patience=patience)
        beside = await store.write_if_free(lambda sql: "done", bank="ben")
        waiting = asyncio.create_task(store.write_if_free(lambda sql: "done", bank="ada", patience=30))
        leave.set()

        assert (beside, await holding, await waiting) == ("done", "held", "done")
        assert await store.write_if_free(lambda sql: "done", bank="ada") == "done"


async def test_what_is_run_together_is_read_afterwards(database: str) -> None:
    def change(sql: Statements) -> list[Any]:
        with sql.together():
            before = sql.run("counter", {})
            sql.many("add", [{"bank": "ada"}] * 3)
            after = sql.run("counter", {})
        return [before.fetchone(), after.fetchone()]

    def fail(sql: Statements) -> None:
        with sql.together():
            sql.run("add", {"bank": "ada"})
            sql.run("make", {})
            sql.run("add", {"bank": "ada"})

    async with opened(database) as store:
        await store.write(lambda sql: sql.run("make", {}), bank="ada")

        assert await store.write(change, bank="ada") == [(0,), (3,)]
        with pytest.raises(StoreError, match="23505"):
            await store.write(fail, bank="ada")
        assert await count(store, "ada") == 3


async def test_each_statement_of_a_peek_is_bound_by_itself(database: str) -> None:
    async with opened(database, pool_size=1) as store:
        for bank in ("ada", "ben"):
            await store.write(lambda sql: sql.run("make", {}), bank=bank)

        def look(sql: Statements) -> list[Any]:
            return [sql.run("banks", {}).fetchall() for _ in range(2)]

        assert await store.peek(look, bank="ada") == [[("ada",)]] * 2
        assert await store.peek(look, homes=["ben"]) == [[("ben",)]] * 2
        assert await store.peek(look) == [[("ada",), ("ben",)]] * 2
        with store._connections.take() as connection:
            left = connection.execute("SELECT current_setting('duramen.banks', true)").fetchone()
        assert left in ((None,), ("",))


async def test_all_that_is_read_is_of_one_moment(database: str) -> None:
    def counters(sql: Statements) -> list[Any]:
        before = sql.run("counter", {}).fetchall()
        asyncio.run_coroutine_threadsafe(store.write(add_one, bank="ada"), loop).result(30)
        return [*before, *sql.run("counter", {}).fetchall()]

    loop = asyncio.get_running_loop()
    async with opened(database) as store:
        await store.write(lambda sql: sql.run("make", {}), bank="ada")

        assert await store.read(counters, bank="ada") == [(0,), (0,)]
        assert await count(store, "ada") == 1


async def test_closing_lets_what_was_begun_finish(database: str) -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow(sql: Statements) -> int:
        sql.run("counter", {})
        entered.set()
        leave.wait(30)
        return add_one(sql)

    async with opened(database, pool_size=1) as store:
        await store.write(lambda sql: sql.run("make", {}), bank="ada")
        begun = [asyncio.create_task(store.write(slow, bank="ada")), asyncio.create_task(store.write(slow, bank="ada"))]
        await asyncio.to_thread(entered.wait, 30)
        closing = asyncio.create_task(store.aclose())
        await asyncio.sleep(0)

        with pytest.raises(ClosedError, match=r"was closed\. Call `open\(\)`"):
            await store.peek(add_one, bank="ada")
        leave.set()
        await closing

        assert await asyncio.gather(*begun) == [1, 2]
        await store.aclose()
    assert as_admin(database, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'duramen'") == [(0,)]


async def test_one_that_is_closed_before_it_was_opened_lets_go_of_all(database: str) -> None:
    store = made(database)

    await store.aclose()

    assert store.closed
    with pytest.raises(ClosedError):
        await store.write(add_one, bank="ada")


async def test_a_forked_process_is_told_and_does_no_harm(database: str) -> None:
    async with opened(database) as store:
        await store.write(lambda sql: sql.run("make", {}), bank="ada")
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:  # no more than this: the threads of the parent are not here
            try:
                store.check()
            except ClosedError as error:
                os.write(writing, str(error).encode())
            finally:
                os._exit(0)
        await asyncio.to_thread(os.waitpid, child, 0)

        assert "before this process forked" in os.read(reading, 1000).decode()
        assert await store.write(add_one, bank="ada") == 1
        os.close(reading)
        os.close(writing)


async def test_who_stops_waiting_stops_neither_the_transaction_nor_the_others(database: str) -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow(sql: Statements) -> int:
        sql.run("counter", {})
        entered.set()
        leave.wait(30)
        return add_one(sql)

    async with opened(database, pool_size=1) as store:
        await store.write(lambda sql: sql.run("make", {}), bank="ada")
        begun = asyncio.create_task(store.write(slow, bank="ada"))
        await asyncio.to_thread(entered.wait, 30)
        waiting = asyncio.create_task(store.write(add_one, bank="ada"))
        await asyncio.sleep(0)
        for task in (begun, waiting):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        leave.set()

        # What had begun is finished, what had not is never begun.
        assert await store.write(add_one, bank="ada") == 2


async def test_it_may_be_used_from_other_event_loops(database: str) -> None:
    async with opened(database) as store:
        await store.write(lambda sql: sql.run("make", {}), bank="ada")

        assert await asyncio.to_thread(lambda: asyncio.run(store.write(add_one, bank="ada"))) == 1


async def test_when_all_connections_are_in_use_the_others_are_told(database: str) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold(sql: Statements) -> None:
        sql.run("counter", {})
        entered.set()
        leave.wait(30)

    async with opened(database, pool_size=1, pool_seconds=0.1) as store:
        holding = asyncio.create_task(store.write(hold, bank="ada"))
        await asyncio.to_thread(entered.wait, 30)

        with pytest.raises(StoreUnavailableError, match=r"All 1 connections .* 0\.1 seconds .* larger `pool_size`"):
            await store.peek(lambda sql: None, bank="ada")
        leave.set()
        await holding
        assert await store.peek(lambda sql: "again", bank="ada") == "again"


async def test_a_bank_that_many_wait_for_keeps_no_other_waiting(database: str) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold(sql: Statements) -> None:
        sql.run("counter", {})
        entered.set()
        leave.wait(30)

    async with opened(database) as other, opened(database, pool_size=2) as store:
        for bank in ("ada", "ben"):
            await store.write(lambda sql: sql.run("make", {}), bank=bank)
        holding = asyncio.create_task(other.write(hold, bank="ada"))
        await asyncio.to_thread(entered.wait, 30)
        waiting = [asyncio.create_task(store.write(add_one, bank="ada")) for _ in range(5)]
        waiting[3].cancel()

        assert [await store.write(add_one, bank="ben") for _ in range(3)] == [1, 2, 3]
        assert not any(task.done() for task in waiting if task is not waiting[3])
        leave.set()
        await holding
        numbers = await asyncio.gather(*waiting, return_exceptions=True)
        assert [number for number in numbers if isinstance(number, int)] == [1, 2, 3, 4]


async def test_closing_lets_all_finish_that_wait_for_one_bank(database: str) -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow(sql: Statements) -> int:
        sql.run("counter", {})
        entered.set()
        leave.wait(30)
        return add_one(sql)

    async with opened(database, pool_size=2) as store:
        await store.write(lambda sql: sql.run("make", {}), bank="ada")
        begun = [asyncio.create_task(store.write(slow, bank="ada")) for _ in range(4)]
        await asyncio.to_thread(entered.wait, 30)
        closing = asyncio.create_task(store.aclose())
        await asyncio.sleep(0)
        leave.set()
        await closing

        assert await asyncio.gather(*begun) == [1, 2, 3, 4]


async def test_who_is_not_bound_by_row_policies_is_warned(
    database: str, postgres: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "duramen"):
        async with opened(database):
            assert not caplog.messages
        async with opened(database.replace("//duramen:", "//postgres:")):
            (message,) = caplog.messages

    assert "whom row policies do not bind" in message


ODD = ["a\0b", "\x01", "\x01\x02", "a\x1fb", "it's", "back\\slash", 'quo"te', "é𝄞", "%(name)s", "%"]


async def test_texts_that_postgresql_cannot_hold_are_kept_all_the_same(database: str) -> None:
    async with opened(database) as store:
        for text in ODD:
            await store.write(lambda sql: sql.run("make", {}), bank=text)
        found = await store.read(lambda sql: sql.run("among", {"banks": ODD}).fetchall())

        assert {bank for (bank,) in found} == set(ODD)


@pytest.mark.parametrize("bank", ODD)
async def test_a_name_binds_to_its_own_bank_alone(database: str, bank: str) -> None:
    others = ["a", "b", "ada", *(odd for odd in ODD if odd != bank)]
    async with opened(database) as store:
        for name in [bank, *others]:
            await store.write(lambda sql: sql.run("make", {}), bank=name)

        assert await store.read(lambda sql: sql.run("banks", {}).fetchall(), bank=bank) == [(bank,)]
        two = await store.read(lambda sql: sql.run("banks", {}).fetchall(), bank=bank, homes=["ada"])
        assert sorted(two) == sorted([(bank,), ("ada",)])


async def test_nothing_outlives_a_transaction_so_that_a_pooler_may_stand_between(database: str) -> None:
    names = ("search_path", "duramen.banks", "duramen.over", "statement_timeout", "plan_cache_mode")
    session = "SELECT " + ", ".join(f"current_setting('{name}', true)" for name in names)
    async with opened(database, prepare="off", pool_size=1) as store:
        await store.write(lambda sql: sql.run("make", {}), bank="ada")
        for _ in range(10):
            await store.write(add_one, bank="ada")
        prepared = await store.read(lambda sql: sql.run("prepared", {}).fetchall(), bank="ada")
        connection = store._connections.take()
        after = connection.execute(session.encode()).fetchone()
        store._connections.give(connection)

    with psycopg.connect(database) as fresh:
        usual = fresh.execute(session.encode()).fetchone()
    assert prepared == [(0,)]
    assert after is not None
    assert usual is not None
    assert [value or None for value in after] == [value or None for value in usual]


async def test_statements_are_remembered_by_the_server_unless_the_address_says_otherwise(database: str) -> None:
    async with opened(database, pool_size=1) as store:
        await store.write(lambda sql: sql.run("make", {}), bank="ada")
        for _ in range(10):
            await store.write(add_one, bank="ada")

        assert await store.read(lambda sql: sql.run("prepared", {}).fetchone()[0], bank="ada") >= 2


async def test_each_statement_can_be_seen_as_it_is_sent(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, Mapping[str, Any], Binding]] = []
    monkeypatch.setattr(statements, "SENT", lambda *sent: seen.append(sent))
    async with opened(database) as store:
        await store.write(lambda sql: sql.many("make_named", [{"bank": "ada"}, {"bank": "x"}]), bank="ada", homes=["x"])

    bound = Binding("ada", ("ada", "x"), None)
    assert [(sent[1]["bank"], sent[1]["name"], sent[2]) for sent in seen] == [
        ("ada", "ada", bound),
        ("x", "ada", bound),
    ]
    assert all(sent[0].startswith("INSERT INTO banks") for sent in seen)
