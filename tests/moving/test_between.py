import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from duramen.commands.between import move as command
from duramen.errors import AddressError, NotFoundError
from duramen.moving.between import check, move
from duramen.stores.in_memory import InMemoryStore
from duramen.stores.sqlite import SQLiteStore
from duramen.types import Selection
from tests.conftest import engine
from tests.moving import between_examples, examples
from tests.moving.between_examples import told
from tests.stores.examples import BANK, events, kept, work_through

KILLS = 3

app = typer.Typer()
app.command()(command)


async def filled(directory: Path, count: int = 0) -> Path:
    """Let a directory hold something of everything."""
    store = SQLiteStore(directory, durability="process")
    await store.open()
    await between_examples.fill(store)
    if count:
        await kept(store, events(count, "many"))
    await store.aclose()
    return directory


async def told_at(address: Path) -> dict[str, object]:
    store = SQLiteStore(address, durability="process")
    await store.open()
    found = await told(store)
    await store.aclose()
    return found


async def test_from_sqlite_to_postgresql_and_back_the_same_is_recalled(tmp_path: Path, database: str) -> None:
    first, back = tmp_path / "first", tmp_path / "back"
    async with engine(first, strategies=examples.STRATEGIES) as memory:
        await examples.fill(memory)
        before = [await examples.rankings(memory, bank) for bank in (examples.ADA, examples.BOB)]

    there = await move(first, database)
    again = await move(database, back)

    assert not there.mismatched
    assert not again.mismatched
    assert await told_at(first) == await told_at(back)
    for address in (database, back):
        async with engine(str(address), strategies=examples.STRATEGIES) as memory:
            after = [await examples.rankings(memory, bank) for bank in (examples.ADA, examples.BOB)]
            profile = await memory.profiles.get(examples.ADA)
        assert after == before
        assert profile.mission == "Remember where she lives."


async def test_a_move_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    source, target = await filled(tmp_path / "source", 150), tmp_path / "target"
    given = [sys.executable, "-m", "tests.moving.kill_move", str(source), str(target)]
    there = 0

    for kill in range(KILLS):
        with subprocess.Popen(given, stdout=subprocess.PIPE) as process:  # noqa: ASYNC220  nothing else waits
            assert process.stdout is not None
            for _ in range(3 + 2 * kill):
                process.stdout.readline()
            process.kill()
        store = SQLiteStore(target, durability="process")
        await store.open()
        count = len(await store.copied_events(BANK, limit=1000))
        await store.aclose()
        assert count >= there
        there = count
    left = await move(source, target)

    assert there > 0
    assert left.banks[BANK].get("events", 0) < 161
    assert await told_at(target) == await told_at(source)
    assert not left.mismatched


async def test_a_source_that_is_written_meanwhile_is_caught_up_with(tmp_path: Path) -> None:
    source = SQLiteStore(await filled(tmp_path / "source", 300), durability="process")
    target = InMemoryStore()
    await source.open()
    stop = asyncio.Event()

    async def write() -> int:
        count = 0
        while not stop.is_set():
            count += 1
            await kept(source, events(3, f"w{count}-"))
            await source.forget(BANK, Selection(key=f"key-many{count:04}"))
            await source.append(BANK, events(1, "replaced", document=str(count)), strategies=["semantic"])
        return count

    writing = asyncio.create_task(write())
    await asyncio.sleep(0)
    first = await move(source, target, passes=2)
    stop.set()
    assert await writing > 0
    await work_through(source)
    last = await move(source, target)

    assert not first.mismatched
    assert not last.mismatched
    assert not last.newer
    assert await told(target) == await told(source)
    await source.aclose()


async def test_what_is_newer_at_the_source_is_told(tmp_path: Path) -> None:
    target = InMemoryStore()

    class Busy(InMemoryStore):
        """Somebody retains whenever its banks are listed."""

        async def places(self, bank: str):  # type: ignore[no-untyped-def]  # as in its base
            found = await super().places(bank)
            await self.append(BANK, events(1, f"n{self._order}-"))
            return found

    source = Busy()
    await source.open()
    await between_examples.fill(source)

    moved = await move(source, target, passes=2)

    assert moved.newer[BANK]["events"] > 0
    assert moved.passes == 2
    assert not moved.mismatched


async def test_the_same_store_no_store_and_servers_are_refused(tmp_path: Path) -> None:
    source = await filled(tmp_path / "source")

    with pytest.raises(AddressError, match="the same"):
        await move(source, f"sqlite://{source}")
    with pytest.raises(NotFoundError, match="no memory"):
        await move(tmp_path / "nothing", tmp_path / "target")
    with pytest.raises(AddressError):
        await move(source, "http://localhost:8888")
    assert not (tmp_path / "target").exists()


async def test_checking_makes_no_target(tmp_path: Path) -> None:
    source = await filled(tmp_path / "source")

    compared = await check(source, tmp_path / "target")
    dry = await move(source, tmp_path / "target", dry_run=True)

    assert [one.bank for one in compared if one.differing] == [BANK, between_examples.OTHER, "user:eve", None]
    assert dry.banks[BANK]["events"] == 11
    assert not (tmp_path / "target").exists()


async def test_of_two_moves_at_once_each_piece_comes_once(tmp_path: Path) -> None:
    source, target = await filled(tmp_path / "source", 100), tmp_path / "target"

    found = await asyncio.gather(*(move(source, target) for _ in range(2)), return_exceptions=True)
    await move(source, target)

    assert any(not isinstance(one, BaseException) for one in found)
    assert await told_at(target) == await told_at(source)


def test_the_command_moves_checks_and_tells(tmp_path: Path) -> None:
    source, target = asyncio.run(filled(tmp_path / "source")), tmp_path / "target"
    runner = CliRunner()

    dry = runner.invoke(app, [str(source), str(target), "--dry-run"])
    before = runner.invoke(app, [str(source), str(target), "--check"])
    moved = runner.invoke(app, [str(source), str(target), "--json"])
    again = runner.invoke(app, [str(source), str(target)])
    after = runner.invoke(app, [str(source), str(target), "--check", "--json"])

    assert (dry.exit_code, before.exit_code, moved.exit_code, again.exit_code, after.exit_code) == (0, 1, 0, 0, 0)
    assert "user:ada: 11 events, 13 memories" in dry.output
    assert "Nothing was changed." in dry.output
    assert "user:ada: events differ (11 at the source, 0 at the target)" in before.output
    told = json.loads(moved.stdout)
    assert told["same"]
    assert {"bank": "user:bob", "events": 2} in told["copied"]
    assert {"bank": None, "marks": 1, "entries": 2} in told["copied"]
    assert "There was nothing to move." in again.output
    assert json.loads(after.stdout)["same"]
