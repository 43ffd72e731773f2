"""Memories that are deleted while something goes wrong: in the end they are gone, with all that they held."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from duramen.errors import StoreUnavailableError
from duramen.records.homes import ACTORS, MARKS
from duramen.server.agentcore.harness_kept import HARNESSES
from duramen.server.agentcore.kept import MEMORIES, load, save
from duramen.server.agentcore.settling import NAMES
from duramen.sessions.places import EVENTS
from duramen.shelf import Change, Entry, Remove, Shelf
from duramen.shelf import Path as Place
from duramen.stores.in_memory import InMemoryStore
from duramen.strategies.resources import RESOURCES
from tests.conftest import engine
from tests.server.agentcore.dying import die
from tests.server.agentcore.harnessing import ROLE
from tests.server.agentcore.parts import clients, ready_memory
from tests.server.agentcore.talking import NOON, refused, user
from tests.server.running import running
from tests.serving import served

SECONDS = 60.0
ROOTS: tuple[Place, ...] = (MEMORIES, NAMES, RESOURCES, HARNESSES, (ACTORS,), (MARKS,), (EVENTS,))


class Failing(InMemoryStore):
    """Keeps everything in memory; its shelf cannot be reached for some writes that take things away."""

    def __init__(self) -> None:
        super().__init__()
        self.fails = 0
        self._failing = _FailingShelf(self, super().shelf)

    @property
    def shelf(self) -> Shelf:
        return self._failing


class _FailingShelf:
    def __init__(self, store: Failing, shelf: Shelf) -> None:
        self._store = store
        self._shelf = shelf

    async def write(self, changes: Sequence[Change]) -> None:
        if self._store.fails and any(isinstance(one, Remove) for one in changes):
            self._store.fails -= 1
            raise StoreUnavailableError("The store is down, for the sake of a test.")
        await self._shelf.write(changes)

    async def get(self, places: Sequence[tuple[Place, str]]) -> list[Entry | None]:
        return await self._shelf.get(places)

    async def scan(self, path: Place, **options: Any) -> list[Entry]:
        return await self._shelf.scan(path, **options)

    async def paths(self, path: Place) -> list[Place]:
        return await self._shelf.paths(path)

    async def segments(self, path: Place, *, prefix: str = "") -> list[str]:
        return await self._shelf.segments(path, prefix=prefix)

    async def across(self, path: Place, segments: Collection[str], rest: Place = ()) -> list[Entry]:
        return await self._shelf.across(path, segments, rest)


def told(data: Any, memory: str) -> None:
    """Say something of two actors."""
    for actor in ("ada", "bob"):
        payload = [user(f"I am {actor} and live in Lisbon.")]
        data.create_event(memoryId=memory, actorId=actor, sessionId="s", eventTimestamp=NOON, payload=payload)


def gone(control: Any, memory: str) -> bool:
    """Wait until a memory is no longer there."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            assert control.get_memory(memoryId=memory)["memory"]["status"] == "DELETING"
        except ClientError as error:
            return bool(error.response["Error"]["Code"] == "ResourceNotFoundException")
        time.sleep(0.02)
    return False


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def left(directory: Path, name: str) -> list[str]:
    """Return what is left of a memory or a harness."""

    async def names() -> list[str]:
        async with engine(str(directory)) as opened:
            banks = [bank.name for bank in (await opened.banks()).items]
            paths = [path for root in ROOTS for path in await opened.shelf.paths(root)]
            return banks + [f"{path} {one.key}" for path in paths for one in await opened.shelf.scan(path)]

    return [one for one in asyncio.run(names()) if name in one]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "memory"


def test_a_deletion_goes_on_by_itself_when_the_server_starts_again(directory: Path) -> None:
    with running(engine(str(directory))) as url:
        data, control = clients(url)
        memory, other = ready_memory(control, name="Notes"), ready_memory(control, name="Others")
        told(data, memory)
    die(directory, "after", 1, ("DELETE", f"/memories/{memory}/delete", ""))
    assert left(directory, memory)

    with served(directory, workers=2) as server:
        _, control = clients(server.url)
        until(lambda: [one["id"] for one in control.list_memories()["memories"]] == [other])
        assert ready_memory(control, name="Notes") != memory
        assert server.stop() == 0

    assert left(directory, memory) == []


def test_a_deletion_that_was_broken_off_goes_on_when_the_memory_is_looked_at() -> None:
    memory = engine(":memory:")
    with running(memory) as url:
        data, control = clients(url)
        made = ready_memory(control)
        told(data, made)
        kept = memory.portal.call(load(memory, made))
        assert kept is not None
        memory.portal.call(save(memory, replace(kept, said={**kept.said, "status": "DELETING"})))

        with refused("ResourceNotFoundException"):
            data.list_actors(memoryId=made)
        with refused("ConflictException"):
            control.update_memory(memoryId=made, description="x")

        assert gone(control, made)


def test_a_deletion_goes_on_when_the_store_can_be_reached_again() -> None:
    store = Failing()
    with running(engine(store)) as url:
        data, control = clients(url)
        made = ready_memory(control)
        told(data, made)
        store.fails = 2

        deleted = control.delete_memory(memoryId=made, clientToken="t")

        assert deleted["status"] == "DELETING"
        until(lambda: control.list_memories()["memories"] == [])
        assert control.delete_memory(memoryId=made, clientToken="t")["status"] == "DELETING"
        with refused("ResourceNotFoundException"):
            control.delete_memory(memoryId=made, clientToken="u")


def test_a_harness_and_its_memory_are_deleted_as_one(directory: Path) -> None:
    with running(engine(str(directory))) as url:
        _, control = clients(url)
        made = control.create_harness(harnessName="Mine", executionRoleArn=ROLE)["harness"]
        memory = made["memory"]["managedMemoryConfiguration"]["arn"].rpartition("/")[2]
    die(directory, "before", 2, ("DELETE", f"/harnesses/{made['harnessId']}", ""))

    with running(engine(str(directory))) as url:
        _, control = clients(url)
        assert control.list_harnesses()["harnesses"] == []
        assert gone(control, memory)
        control.create_harness(harnessName="Mine", executionRoleArn=ROLE)

    assert left(directory, memory) == left(directory, made["harnessId"]) == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_memory_created_as_the_server_dies_is_there_once_when_it_is_asked_for_again(
    directory: Path, when: str
) -> None:
    body = {"name": "Notes", "eventExpiryDuration": 3, "clientToken": "t"}
    die(directory, when, 1, ("POST", "/memories/create", json.dumps(body)))

    with running(engine(str(directory))) as url:
        _, control = clients(url)
        there = [one["id"] for one in control.list_memories()["memories"]]
        made = control.create_memory(**body)["memory"]
        assert [made["id"]] == [one["id"] for one in control.list_memories()["memories"]]
        assert there == ([made["id"]] if when == "after" else [])
        assert control.get_memory(memoryId=made["id"])["memory"] == made


def test_an_update_made_as_the_server_dies_is_made_once_when_it_is_asked_for_again(directory: Path) -> None:
    with running(engine(str(directory))) as url:
        memory = ready_memory(clients(url)[1])
    added = {"semanticMemoryStrategy": {"name": "facts"}}
    body = {"memoryStrategies": {"addMemoryStrategies": [added]}, "clientToken": "t"}
    die(directory, "after", 1, ("PUT", f"/memories/{memory}/update", json.dumps(body)))

    with running(engine(str(directory))) as url:
        _, control = clients(url)
        updated = control.update_memory(memoryId=memory, **body)["memory"]
        assert [one["name"] for one in updated["strategies"]] == ["facts"]
        assert control.get_memory(memoryId=memory)["memory"] == updated


def test_a_harness_created_as_the_server_dies_is_there_once_when_it_is_asked_for_again(directory: Path) -> None:
    body = {"harnessName": "Mine", "executionRoleArn": ROLE, "clientToken": "t" * 33}
    die(directory, "after", 1, ("POST", "/harnesses", json.dumps(body)))

    with running(engine(str(directory))) as url:
        _, control = clients(url)
        made = control.create_harness(**body)["harness"]
        assert [one["harnessId"] for one in control.list_harnesses()["harnesses"]] == [made["harnessId"]]
        (memory,) = control.list_memories()["memories"]
        assert made["memory"]["managedMemoryConfiguration"]["arn"] == memory["arn"]
