import asyncio
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from duramen.errors import SchemaVersionError, StoreCorruptError, StoreUnavailableError
from duramen.protocols import Appended
from duramen.shelf import Put
from duramen.stores.sql.queries import parse
from duramen.stores.sqlite import SQLiteStore
from duramen.stores.sqlite.schema import APPLICATION, migrate, migrations, use_log
from duramen.stores.sqlite.statements import SQL
from duramen.types import Claim, Selection
from tests.stores.examples import BANK, EMBEDDER, event, events, indexed, kept, texts
from tests.stores.making import add, outcome

_TO_FOURTH = ("DROP INDEX events_of_key", "ALTER TABLE events DROP COLUMN entities", "PRAGMA user_version = 4")
_TO_THIRD = (
    *_TO_FOURTH,
    *(f"DROP TABLE {table}" for table in ("revisions", "jobs", "queues", "unembedded", "sources")),
    *(f"DROP INDEX {index}" for index in ("memories_filed", "memories_made", "events_expiring")),
    *(f"ALTER TABLE memories DROP COLUMN {column}" for column in ("details", "namespace", "strategy")),
    "ALTER TABLE events DROP COLUMN expires",
    *(f"ALTER TABLE banks DROP COLUMN {column}" for column in ("revised", "made")),
    "PRAGMA user_version = 3",
)
_TO_SECOND = (
    *_TO_THIRD,
    *("ALTER TABLE vectors DROP COLUMN claims", "DROP TABLE late", "PRAGMA user_version = 2"),
)

FRAGMENTS = {
    *("event_columns", "memory_columns", "backlog_columns", "held", "has_tags", "event_fits", "memory_fits"),
    *("entry_columns", "alive", "between", "one_longer", "behind_longer", "row_columns"),
    *("of_event_done", "job_of_lease", "job_columns", "job_fits", "free", "expired", "revision_columns"),
    *("first_due_of_events", "in_places"),
}


@pytest.fixture
def migrated(tmp_path: Path) -> Path:
    path = tmp_path / "migrated.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, path, 1)
    return path


def test_the_migrations_end_in_the_schema(migrated: Path, tmp_path: Path) -> None:
    path = tmp_path / "schema.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(files("duramen.stores.sqlite").joinpath("schema.sql").read_text(encoding="utf-8"))

    assert _shape(migrated) == _shape(path)


def test_the_migrations_are_numbered_without_gaps() -> None:
    assert list(migrations()) == list(range(1, len(migrations()) + 1))


def test_migrating_twice_changes_nothing(migrated: Path) -> None:
    before = migrated.read_bytes()

    with closing(sqlite3.connect(migrated, isolation_level=None)) as connection:
        migrate(connection, migrated, 1)

    assert migrated.read_bytes() == before


async def test_a_store_of_the_first_version_is_taken_over_with_all_it_holds(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)
    await store.open()
    given = await kept(store, events(20))
    await store.append(BANK, [event("pending")])
    before = await texts(store)
    await store.aclose()
    _run(tmp_path / "duramen.db", *_TO_SECOND, "DROP TABLE shelf", "DROP TABLE forgotten", "PRAGMA user_version = 1")
    _version(tmp_path / "first.db", 1)
    assert _shape(tmp_path / "duramen.db") == _shape(tmp_path / "first.db")

    await store.open()

    assert before == await texts(store) == [one.content for one in given]
    assert (await store.backlog()).pending == 1
    await store.shelf.write([Put(path=("a",), key="k", value=b"v")])
    assert [entry.value for entry in await store.shelf.scan(("a",))] == [b"v"]
    await store.aclose()
    assert _shape(tmp_path / "duramen.db")["user_version"] == len(migrations())


async def test_a_store_of_the_second_version_is_taken_over_with_all_it_holds(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)
    await store.open()
    given = await kept(store, events(20))
    await store.shelf.write([Put(path=("a",), key="k", value=b"v")])
    before = [row.vector.tolist() for row in await store.rows(BANK)]
    await store.aclose()
    _run(tmp_path / "duramen.db", *_TO_SECOND)
    _version(tmp_path / "second.db", 2)
    assert _shape(tmp_path / "duramen.db") == _shape(tmp_path / "second.db")

    await store.open()

    rows = await store.rows(BANK)
    assert await texts(store) == [one.content for one in given]
    assert [row.vector.tolist() for row in rows] == before
    assert {row.claims for row in rows} == {()}
    assert list(await store.late(BANK, [1, 20])) == [b"", b""]
    assert [entry.value for entry in await store.shelf.scan(("a",))] == [b"v"]
    await store.append(BANK, [event("new")])
    leases = await store.lease(limit=1, seconds=60)
    claims = (Claim(1, 2, ends=True),)
    await store.put(leases, [replace(indexed(leases[0].event), late=b"codes", claims=claims)], embedder=EMBEDDER)
    assert [row.claims for row in await store.rows(BANK, after=20)] == [claims]
    assert list(await store.late(BANK, [20, 21])) == [b"", b"codes"]
    await store.aclose()
    assert _shape(tmp_path / "duramen.db")["user_version"] == len(migrations())


async def test_a_store_of_the_third_version_is_taken_over_with_all_it_holds(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)
    await store.open()
    given = await kept(store, events(20))
    await store.forget(BANK, Selection(key="key-e0007"))
    await store.append(BANK, [event("pending")])
    version = await store.version(BANK)
    before = await store.rows(BANK)
    await store.aclose()
    _run(tmp_path / "duramen.db", *_TO_THIRD)
    _version(tmp_path / "third.db", 3)
    assert _shape(tmp_path / "duramen.db") == _shape(tmp_path / "third.db")

    await store.open()

    assert await store.version(BANK) == version
    assert await texts(store) == [one.content for one in given if one.id != "e0007"]
    assert [row.id for row in await store.rows(BANK)] == [row.id for row in before]
    assert await store.rows(BANK, made=True) == []
    assert (await store.backlog()).pending == 1
    assert (await store.job_backlog()).pending == 0
    assert await store.backfill(BANK, "semantic", version="1") == 20
    assignment = await store.lease_jobs(seconds=60, limit=100)
    assert assignment is not None
    assert [one.expires for one in assignment.events] == [None] * 19
    revisions = [add("a", "e0000"), add("b", "e0001", "e0002")]
    assert await store.revise(assignment, revisions, outcome(assignment))
    assert [row.id for row in await store.rows(BANK, made=True)] == ["a", "b"]
    assert (await store.forget(BANK, Selection(key="key-e0002"))).memories == 2
    (summary,) = (await store.banks(cursor=None, limit=9)).items
    assert (summary.memories, summary.events) == (19, 19)
    await store.aclose()
    assert _shape(tmp_path / "duramen.db")["user_version"] == len(migrations())


async def test_a_store_of_the_fourth_version_is_taken_over_with_all_it_holds(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)
    await store.open()
    given = await kept(store, events(20))
    await store.append(BANK, [event("pending")])
    version = await store.version(BANK)
    await store.aclose()
    _run(tmp_path / "duramen.db", *_TO_FOURTH)
    _version(tmp_path / "fourth.db", 4)
    assert _shape(tmp_path / "duramen.db") == _shape(tmp_path / "fourth.db")

    await store.open()

    assert await store.version(BANK) == version
    listed = (await store.events(BANK, Selection(), cursor=None, limit=30)).items
    assert sorted(listed, key=lambda one: one.id) == [*given, event("pending")]
    repeated = await store.append(BANK, [*given, event("pending")])
    assert repeated == Appended(repeated=21)
    named = event("e0007", given[7].content, mentioned=given[7].mentioned, entities=("Entry",))
    assert await store.append(BANK, [named]) == Appended(replaced=1)
    assert [lease.event for lease in await store.lease(limit=9, seconds=60)] == [event("pending"), named]
    await store.aclose()
    assert _shape(tmp_path / "duramen.db")["user_version"] == len(migrations())


def test_a_store_is_marked_as_ours(migrated: Path) -> None:
    assert _shape(migrated)["application_id"] == APPLICATION


async def test_stores_opened_at_once_make_one_schema(tmp_path: Path) -> None:
    stores = [SQLiteStore(tmp_path) for _ in range(8)]

    await asyncio.gather(*(store.open() for store in stores))

    for number, store in enumerate(stores):
        await store.append(f"bank{number}", [event()])
    assert len((await stores[0].banks(cursor=None, limit=100)).items) == 8
    for store in stores:
        await store.aclose()
    assert _shape(tmp_path / "duramen.db")["user_version"] == len(migrations())


def test_a_newer_version_that_got_there_first_is_refused(migrated: Path) -> None:
    with closing(sqlite3.connect(migrated, isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version = 99")

        with pytest.raises(SchemaVersionError):
            migrate(connection, migrated, 1)


def test_migrating_gives_up_when_another_process_holds_the_file(tmp_path: Path) -> None:
    path = tmp_path / "busy.db"
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as holder,
        closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection,
    ):
        holder.execute("BEGIN EXCLUSIVE")

        with pytest.raises(sqlite3.OperationalError, match="locked"):
            migrate(connection, path, 0.01)


def test_a_file_that_cannot_have_a_log_is_refused() -> None:
    with (
        closing(sqlite3.connect(":memory:", isolation_level=None)) as connection,
        pytest.raises(StoreUnavailableError, match="local disk"),
    ):
        use_log(connection, Path("memory"), 1)


def test_memories_at_a_namespace_are_found_by_an_index(migrated: Path) -> None:
    query = SQL["list_memories_filed"]

    with closing(sqlite3.connect(migrated)) as connection:
        found = connection.execute(f"EXPLAIN QUERY PLAN {query}", dict.fromkeys(re.findall(r":(\w+)", query), 1))
        plan = [line[3] for line in found]

    assert any("INDEX memories_filed (<expr>=? AND namespace>? AND namespace<?)" in line for line in plan), plan


@pytest.mark.parametrize("name", sorted(set(SQL) - FRAGMENTS))
def test_each_query_fits_the_schema(migrated: Path, name: str) -> None:
    parameters = dict.fromkeys(re.findall(r":(\w+)", SQL[name]))

    with closing(sqlite3.connect(migrated)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {SQL[name]}", parameters).fetchall()

    assert plan or name.startswith(("add", "insert", "make", "mark", "put", "ready_queue"))


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("bank_version", "INDEX sqlite_autoindex_banks_1 (name=?)"),
        ("event_digests", "INDEX events_by_id (bank=? AND id=?)"),
        ("held_events", "INDEX events_by_id (bank=? AND id=?)"),
        ("anything_due", "COVERING INDEX events_pending"),
        ("anything_due_in_bank", "COVERING INDEX events_pending_in_bank (bank=?)"),
        ("due_events", "INDEX events_pending"),
        ("due_events_in_bank", "INDEX events_pending_in_bank (bank=?)"),
        ("count_backlog", "COVERING INDEX events_pending"),
        ("count_backlog_in_bank", "COVERING INDEX events_pending_in_bank (bank=?)"),
        ("list_events", "INDEX events_by_time (bank=? AND (mentioned,id)>(?,?))"),
        ("list_events_of_session", "INDEX events_of_session (bank=? AND session=? AND (mentioned,id)>(?,?))"),
        ("read_numbers", "memories USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        ("read_rows", "memories USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        ("get_memories", "memories USING INTEGER PRIMARY KEY (rowid=?)"),
        ("get_late", "late USING INTEGER PRIMARY KEY (rowid=?)"),
        ("list_memories", "memories USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        ("list_memories_by_id", "INDEX memories_by_id (id=? AND rowid>? AND rowid<?)"),
        ("list_memories_of_document", "INDEX memories_of_document (document=? AND rowid>? AND rowid<?)"),
        ("list_memories_of_session", "INDEX memories_of_session (session=? AND rowid>? AND rowid<?)"),
        ("list_memories_of_actor", "INDEX memories_of_actor (actor=? AND rowid>? AND rowid<?)"),
        ("has_memories", "INDEX memories_of_event (event=? AND rowid>? AND rowid<?)"),
        ("delete_memories_of_events", "INDEX memories_of_event (event=? AND rowid>? AND rowid<?)"),
        ("delete_memories_by_id", "INDEX memories_by_id (id=? AND rowid>? AND rowid<?)"),
        ("list_events_back", "INDEX events_by_time (bank=? AND (mentioned,id)<(?,?))"),
        ("list_events_of_session_back", "INDEX events_of_session (bank=? AND session=? AND (mentioned,id)<(?,?))"),
        ("read_rows_made", "INDEX memories_made (number>? AND number<?)"),
        ("read_numbers_made", "COVERING INDEX memories_made (number>? AND number<?)"),
        ("list_memories_made", "INDEX memories_made (number>? AND number<?)"),
        ("find_made", "INDEX memories_by_id (id=? AND rowid>? AND rowid<?)"),
        ("delete_made", "INDEX memories_by_id (id=? AND rowid>? AND rowid<?)"),
        ("get_memories", "COVERING INDEX sources_of_memory (bank=? AND memory=?)"),
        ("sources_of", "COVERING INDEX sources_of_memory (bank=? AND memory=?)"),
        ("remove_source", "INDEX sources_by_event (bank=? AND event=? AND memory=?)"),
        ("remove_sources", "INDEX sources_of_memory (bank=? AND memory=?)"),
        ("made_from", "COVERING INDEX sources_by_event (bank=? AND event=?)"),
        ("anything_ready", "COVERING INDEX queues_by_ready (ready<?)"),
        ("anything_ready_in_bank", "queues USING PRIMARY KEY (bank=?)"),
        ("ready_queues", "COVERING INDEX queues_by_ready (ready<?)"),
        ("next_queue", "INDEX queues_by_ready"),
        ("next_queue", "COVERING INDEX jobs_pending (bank=? AND strategy=?)"),
        ("put_off_queue", "COVERING INDEX jobs_pending (bank=? AND strategy=? AND due>?)"),
        ("ready_queues_of_events", "queues USING PRIMARY KEY (bank=?)"),
        ("ready_queues_of_events", "INDEX jobs_of_event (bank=? AND event=? AND strategy=?)"),
        ("first_due_job", "INDEX jobs_pending (bank=? AND strategy=? AND due<?)"),
        ("first_due_job", "INDEX events_by_id (bank=? AND id=?)"),
        ("anything_due_in_queue", "COVERING INDEX jobs_pending (bank=? AND strategy=? AND due<?)"),
        ("jobs_beside", "jobs_beside (bank=? AND strategy=? AND actor=? AND session=? AND document=?)"),
        ("held_queue", "queues USING PRIMARY KEY (bank=? AND strategy=?)"),
        ("has_job_of_lease", "INDEX jobs_of_event (bank=? AND event=? AND strategy=?)"),
        ("finish_job", "INDEX jobs_of_event (bank=? AND event=? AND strategy=?)"),
        ("free_queue", "COVERING INDEX jobs_pending (bank=? AND strategy=?)"),
        ("delete_jobs_of_events", "INDEX jobs_of_event (bank=? AND event=?)"),
        ("think_again", "INDEX jobs_of_event (bank=? AND event=? AND strategy=?)"),
        ("list_jobs", "INDEX jobs_in_bank (bank=? AND number>?)"),
        ("any_jobs_left", "INDEX jobs_failed"),
        ("count_jobs_in_bank", "COVERING INDEX jobs_pending (bank=?)"),
        ("list_revisions", "INDEX revisions_in_bank (bank=? AND number>?)"),
        ("undone_skips", "INDEX revisions_undone_skips (bank=?)"),
        ("anything_expired", "INDEX events_expiring (expires<?)"),
        ("delete_expired", "INDEX events_expiring (expires<?)"),
        ("is_forgotten", "INDEX events_by_id (bank=? AND id=?)"),
        ("is_forgotten", "forgotten USING PRIMARY KEY (digest=?)"),
        ("unmark_forgotten", "forgotten USING PRIMARY KEY (digest=?)"),
        ("get_entry", "INDEX shelf_by_place (path=? AND key=?)"),
        ("touch_entry", "INDEX shelf_by_place (path=? AND key=?)"),
        ("remove_entry", "INDEX shelf_by_place (path=? AND key=?)"),
        ("remove_entries", "INDEX shelf_by_place (path>? AND path<?)"),
        ("sweep_entries", "COVERING INDEX shelf_by_expiry (expires<?)"),
        ("scan_entries", "INDEX shelf_by_place ((path,key)>(?,?) AND (path,key)<(?,?))"),
        ("scan_entries_back", "INDEX shelf_by_place ((path,key)>(?,?) AND (path,key)<(?,?))"),
        ("shelf_paths", "COVERING INDEX shelf_by_place (path>? AND path<?)"),
        ("shelf_segments", "COVERING INDEX shelf_by_place (path>? AND path<?)"),
        ("entries_across", "INDEX shelf_by_place (path=?)"),
    ],
)
def test_each_query_finds_its_rows_by_an_index(migrated: Path, query: str, index: str) -> None:
    parameters = dict.fromkeys(re.findall(r":(\w+)", SQL[query]), 1)

    with closing(sqlite3.connect(migrated)) as connection:
        plan = [line[3] for line in connection.execute(f"EXPLAIN QUERY PLAN {SQL[query]}", parameters)]

    assert any(index in line for line in plan), plan
    assert not any("TEMP B-TREE" in line for line in plan), plan


def test_an_unknown_fragment_is_an_error() -> None:
    with pytest.raises(KeyError, match="missing"):
        parse("-- name: query\nSELECT {missing};")


async def test_a_newer_store_is_refused_untouched(tmp_path: Path) -> None:
    await _make(tmp_path, "PRAGMA user_version = 99")
    before = _bytes(tmp_path)

    with pytest.raises(SchemaVersionError, match="pip install --upgrade duramen") as caught:
        await SQLiteStore(tmp_path).open()

    assert (caught.value.found, caught.value.known) == (99, len(migrations()))
    assert _bytes(tmp_path) == before


async def test_a_database_of_another_program_is_refused_untouched(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "duramen.db")) as connection:
        connection.execute("CREATE TABLE notes (text)")
    before = _bytes(tmp_path)

    with pytest.raises(StoreCorruptError, match="another program"):
        await SQLiteStore(tmp_path).open()

    assert _bytes(tmp_path) == before


@pytest.mark.parametrize(
    "content", [b"x", b"These are my notes.\n" * 500, bytes(10_000)], ids=["tiny", "text", "zeros"]
)
async def test_a_file_that_is_no_database_is_refused_untouched(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "duramen.db").write_bytes(content)

    with pytest.raises(StoreCorruptError, match="not a database"):
        await SQLiteStore(tmp_path).open()

    assert _bytes(tmp_path) == {"duramen.db": content}


@pytest.mark.parametrize("size", [1, 511, 512, 4096, 10_000])
async def test_a_truncated_file_is_refused_untouched(tmp_path: Path, size: int) -> None:
    await _make(tmp_path)
    path = tmp_path / "duramen.db"
    path.write_bytes(path.read_bytes()[:size])
    before = _bytes(tmp_path)

    with pytest.raises(StoreCorruptError, match="Nothing was changed"):
        await SQLiteStore(tmp_path).open()

    assert _bytes(tmp_path) == before


async def test_an_emptied_file_with_a_log_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "duramen.db").write_bytes(b"")
    (tmp_path / "duramen.db-wal").write_bytes(b"committed")

    with pytest.raises(StoreCorruptError, match="write-ahead log"):
        await SQLiteStore(tmp_path).open()

    assert _bytes(tmp_path) == {"duramen.db": b"", "duramen.db-wal": b"committed"}


async def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "duramen.db").write_bytes(b"")
    store = SQLiteStore(tmp_path)

    await store.open()

    assert await store.version("bank") is None
    await store.aclose()


async def test_a_store_that_could_not_be_opened_can_be_once_it_is_repaired(tmp_path: Path) -> None:
    (tmp_path / "duramen.db").write_bytes(b"no database")
    store = SQLiteStore(tmp_path)
    with pytest.raises(StoreCorruptError):
        await store.open()
    (tmp_path / "duramen.db").unlink()

    await store.open()

    assert await store.version("bank") is None
    await store.aclose()


def _shape(path: Path) -> dict[str, object]:
    with closing(sqlite3.connect(path)) as connection:
        shape: dict[str, object] = {
            f"{kind} {name}": re.sub(r"\s*([(),])\s*", r"\1", " ".join(re.sub(r"--[^\n]*", "", sql or "").split()))
            for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_schema")
        }
        for name in ("application_id", "user_version"):
            ((shape[name],),) = connection.execute(f"PRAGMA {name}").fetchall()
    return shape


async def _make(directory: Path, *statements: str) -> None:
    store = SQLiteStore(directory)
    await store.open()
    await store.aclose()
    _run(directory / "duramen.db", *statements)


def _run(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def _version(path: Path, number: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for known in range(1, number + 1):
            connection.executescript(migrations()[known])
        connection.execute(f"PRAGMA user_version = {number}")


def _bytes(directory: Path) -> dict[str, bytes]:
    """Read the files, but for the scratch files that looking at a database leaves: an empty log and its index."""
    return {
        path.name: path.read_bytes()
        for path in directory.iterdir()
        if not path.name.endswith("-shm") and (path.suffix == ".db" or path.stat().st_size)
    }
