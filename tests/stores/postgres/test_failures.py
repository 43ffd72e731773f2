"""What is in the way of a transaction, and whether it is tried again or told: by a real server each time."""

from __future__ import annotations

import asyncio
import threading
from functools import partial

import psycopg
import pytest

from duramen.errors import ClosedError, StoreCorruptError, StoreError, StoreUnavailableError
from duramen.stores.sql.statements import Statements
from tests.postgres import PASSWORD
from tests.stores.postgres.small import FIRST, add_one, as_admin, count, made, opened


@pytest.fixture(autouse=True)
def watch() -> None:
    """Where statements of the small schema are sent is of no interest."""


async def test_a_deadlock_is_tried_again(database: str) -> None:
    meeting = threading.Barrier(2)
    runs: list[str] = []

    def change(first: str, second: str, sql: Statements) -> None:
        runs.append(first)
        sql.run("add", {"bank": first})
        if len(runs) <= 2:
            meeting.wait(30)
        sql.run("add", {"bank": second})

    async with opened(database) as store:
        for bank in ("ada", "ben"):
            await store.write(lambda sql: sql.run("make", {}), bank=bank)

        there, back = partial(change, "ada", "ben"), partial(change, "ben", "ada")
        await asyncio.gather(store.write(there), store.write(back))

        assert len(runs) >= 3
        assert (await count(store, "ada"), await count(store, "ben")) == (2, 2)


async def test_a_serialization_failure_is_tried_again(database: str) -> None:
    as_admin(
        database,
        "ALTER DATABASE " + database.rpartition("/")[2] + " SET default_transaction_isolation = 'serializable'",
    )
    meeting = threading.Barrier(2)
    runs: list[int] = []

    def change(sql: Statements) -> None:
        ((counter,),) = sql.run("counter_of", {"bank": "ada"}).fetchall()
        runs.append(counter)
        if len(runs) <= 2:
            meeting.wait(30)
        sql.run("add", {"bank": "ada"})

    async with opened(database) as store:
        await store.write(lambda sql: sql.run("make", {}), bank="ada")

        await asyncio.gather(store.write(change), store.write(change))

        assert (runs[:2], runs[-1]) == ([0, 0], 1)
        assert await count(store, "ada") == 2


async def test_a_statement_that_takes_too_long_is_ended(database: str) -> None:
    async with opened(database, statement_seconds=0.1) as store:
        with pytest.raises(StoreUnavailableError, match="longer than `statement_seconds`"):
            await store.read(lambda sql: sql.run("wait", {"seconds": 60.0}), bank="ada")

        assert await store.read(lambda sql: "again", bank="ada") == "again"


async def test_who_waits_too_long_for_a_bank_is_told(database: str) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold(sql: Statements) -> None:
        sql.run("counter", {})
        entered.set()
        leave.wait(30)

    async with opened(database, statement_seconds=0.1) as store, opened(database) as other:
        holding = asyncio.create_task(other.write(hold, bank="ada"))
        await asyncio.to_thread(entered.wait, 30)

        with pytest.raises(StoreUnavailableError, match="longer than `statement_seconds`"):
            await store.write(add_one, bank="ada")
        leave.set()
        await holding


async def test_a_connection_that_is_lost_before_the_commit_is_made_again(database: str) -> None:
    runs: list[int] = []

    def change(sql: Statements) -> int:
        ((backend,),) = sql.run("backend", {}).fetchall()
        runs.append(backend)
        number = add_one(sql)
        if len(runs) == 1:
            as_admin(database, f"SELECT pg_terminate_backend({backend}, 10000)")
        return number

    async with opened(database) as store:
        await store.write(lambda sql: sql.run("make", {}), bank="ada")

        assert await store.write(change, bank="ada") == 1
        assert len(set(runs)) == 2
        assert await count(store, "ada") == 1


async def test_connections_that_were_lost_while_nobody_used_them_are_not_noticed(database: str) -> None:
    async with opened(database) as store:
        await store.write(lambda sql: sql.run("make", {}), bank="ada")
        await asyncio.gather(
            *(store.peek(lambda sql: sql.run("wait", {"seconds": 0.05}), bank="ada") for _ in range(5))
        )
        as_admin(database, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'duramen'")

        numbers = await asyncio.gather(*(store.write(add_one, bank="ada") for _ in range(5)))
        assert sorted(numbers) == [1, 2, 3, 4, 5]


LOST_AT_COMMIT = """
CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN IF NEW.counter = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$;
CREATE CONSTRAINT TRIGGER lose AFTER UPDATE ON banks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lose();
"""


async def test_what_is_lost_at_the_commit_is_not_done_twice_and_said_to_be_unknown(database: str) -> None:
    runs: list[int] = []

    def change(sql: Statements) -> None:
        runs.append(add_one(sql))

    async with opened(database, {1: FIRST + LOST_AT_COMMIT}) as store:
        await store.write(lambda sql: sql.run("make", {}), bank="ada")

        with pytest.raises(StoreUnavailableError, match="It may be kept, or not"):
            await store.write(change, bank="ada")

        assert runs == [1]
        assert await count(store, "ada") == 0


async def test_a_server_that_is_no_longer_written_to_is_left_for_the_one_that_is(database: str) -> None:
    runs: list[int] = []

    def change(sql: Statements) -> int:
        ((backend,),) = sql.run("backend", {}).fetchall()
        runs.append(backend)
        if len(runs) == 1:
            sql.run("read_only", {})
        return add_one(sql)

    async with opened(database) as store:
        await store.write(lambda sql: sql.run("make", {}), bank="ada")

        assert await store.write(change, bank="ada") == 1
        assert len(set(runs)) == 2


FULL = """
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER fill BEFORE UPDATE ON banks FOR EACH ROW EXECUTE FUNCTION fill();
"""


async def test_when_the_disk_is_full_it_is_said_and_can_still_be_read(database: str) -> None:
    async with opened(database, {1: FIRST + FULL}) as store:
        await store.write(lambda sql: sql.run("make", {}), bank="ada")

        with pytest.raises(StoreUnavailableError, match=r"No space left .* Free some space on the server's disk"):
            await store.write(add_one, bank="ada")

        assert await count(store, "ada") == 0


async def test_an_error_that_was_passed_over_is_not_taken_for_success(database: str) -> None:
    def passes_over(sql: Statements) -> None:
        with pytest.raises(psycopg.Error):
            sql.run("missing", {})

    async with opened(database) as store:
        with pytest.raises(StoreError, match=r"gave a transaction up .* Nothing was changed"):
            await store.write(passes_over, bank="ada")


@pytest.mark.parametrize(
    ("query", "error", "says"),
    [
        ("missing", StoreCorruptError, "is not a sound Duramen store.*no_such_table"),
        ("wrong", StoreError, r"refused a statement \(22012\): division by zero"),
    ],
)
async def test_what_the_server_refuses_is_an_error_of_the_store(
    database: str, query: str, error: type[StoreError], says: str
) -> None:
    async with opened(database) as store:
        await store.write(lambda sql: sql.run("make", {}), bank="ada")

        with pytest.raises(error, match=says) as caught:
            await store.read(lambda sql: sql.run(query, {"zero": 0}), bank="ada")

        assert isinstance(caught.value.__cause__, psycopg.Error)
        assert await count(store, "ada") == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("bark%20and", "bite%20and"), "password authentication failed.*Check the user and the password"),
        (("//duramen:", "//nobody:"), "authentication failed.*Check the user"),
        (("/test_", "/tset_"), "does not exist.*Create the database"),
        (("?", "?sslmode=require&"), "SSL.*Check `sslmode`"),
        (("?", "?sslmode=verify-full&sslrootcert=/nowhere.pem&"), "Check `sslmode`"),
        (("127.0.0.1", "nohost.invalid"), "resolve.*Check the name of the host"),
    ],
)
async def test_a_database_that_lets_nobody_in_says_why_and_never_the_password(
    database: str, change: tuple[str, str], says: str
) -> None:
    address = f"{database}?pool_seconds=0.1".replace(*change)
    store = made(address)

    with pytest.raises(StoreUnavailableError, match=rf"(?s){says}") as caught:
        await store.opened()

    assert PASSWORD not in repr(caught.value) + repr(caught.value.__cause__)
    assert store.closed
    with pytest.raises(ClosedError):
        store.check()
    await store.aclose()


async def test_a_server_with_too_many_connections_is_waited_for(database: str) -> None:
    name = database.rpartition("/")[2]
    as_admin(database, f"ALTER DATABASE {name} CONNECTION LIMIT 0")

    with pytest.raises(StoreUnavailableError, match=r"too many connections .*`max_connections`"):
        await made(database, pool_seconds=0.1).opened()
    later = made(database)
    as_admin(database, f"ALTER DATABASE {name} CONNECTION LIMIT -1")
    await later.opened()
    await later.aclose()
