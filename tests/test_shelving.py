import asyncio
from pathlib import Path

import pytest

import duramen
from duramen import CapitalsEntityFinder, ClosedError, HashingEmbedder, MemoryEngine
from duramen.shelf import Put, Remove, Shelf, Touch
from tests.conftest import engine

AT = ("notes", "ada")


def shelf_of(memory: MemoryEngine) -> Shelf:
    """Return the shelf, as its type says."""
    return memory.shelf


async def test_an_engine_opens_for_its_shelf(address: str) -> None:
    memory = engine(address)

    await shelf_of(memory).write([Put(path=AT, key="k", value=b"v", lifetime=60), Put(path=AT, key="l", value=b"w")])

    found = await memory.shelf.get([(AT, "k"), (AT, "none")])
    assert [entry and entry.value for entry in found] == [b"v", None]
    scanned = await memory.shelf.scan(("notes",), below=True, after=(AT, "l"), reverse=True, limit=1)
    assert [entry.key for entry in scanned] == ["k"]
    assert await memory.shelf.paths(("notes",)) == [AT]
    assert await memory.shelf.segments(("notes",), prefix="a") == ["ada"]
    assert [entry.key for entry in await memory.shelf.across(("notes",), ["ada"])] == ["k", "l"]
    await memory.aclose()


async def test_the_shelf_is_used_from_any_loop(memory: MemoryEngine) -> None:
    await memory.shelf.write([Put(path=AT, key="here", value=b"")])

    def elsewhere() -> None:
        asyncio.run(memory.shelf.write([Touch(path=AT, key="here"), Put(path=AT, key="there", value=b"")]))

    await asyncio.to_thread(elsewhere)

    assert [entry.key for entry in await memory.shelf.scan(AT)] == ["here", "there"]


def test_the_shelf_is_used_without_a_loop(tmp_path: Path) -> None:
    parts = {"embedder": HashingEmbedder(), "entities": CapitalsEntityFinder()}
    with duramen.open_sync(tmp_path, **parts) as memory:  # type: ignore[arg-type]  # options of `open`
        shelf, portal = memory.engine.shelf, memory.engine.portal

        portal.call(shelf.write([Put(path=AT, key="k", value=b"v")]))

        assert [entry.value for entry in portal.call(shelf.scan(AT))] == [b"v"]


async def test_forgetting_everything_leaves_the_shelf_alone(memory: MemoryEngine) -> None:
    await memory.retain("b", "Ada likes tea.")
    await memory.shelf.write([Put(path=AT, key="k", value=b"v")])

    await memory.forget("b", everything=True)

    assert await memory.shelf.paths(("notes",)) == [AT]


async def test_the_shelf_of_a_closed_engine_says_so(address: str) -> None:
    memory = engine(address)
    await memory.shelf.write([Remove(path=AT)])
    await memory.aclose()

    with pytest.raises(ClosedError, match=r"duramen\.open"):
        await memory.shelf.paths(AT)
