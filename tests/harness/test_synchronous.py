"""The harness for code without `await`."""

from __future__ import annotations

import asyncio
import inspect
from pathlib import Path

import pytest

import duramen
from duramen import CapitalsEntityFinder, HashingEmbedder, SyncMemoryEngine
from duramen.harness import (
    ExistingMemory,
    Harness,
    NoMemory,
    Resource,
    SlidingWindow,
    SyncHarness,
    SyncResources,
    delete_resource,
    list_resources,
    load_resource,
    save_resource,
)
from duramen.types import Message
from tests.harness.conftest import Echo

METHODS = sorted(name for name, _ in inspect.getmembers(Harness, inspect.isfunction) if not name.startswith("_"))


def opened(address: str | Path) -> SyncMemoryEngine:
    return duramen.open_sync(address, embedder=HashingEmbedder(), entities=CapitalsEntityFinder())


@pytest.mark.parametrize("method", METHODS)
def test_it_has_every_method_with_the_same_signature(method: str) -> None:
    ours = inspect.signature(getattr(SyncHarness, method))

    assert ours == inspect.signature(getattr(Harness, method))
    assert not inspect.iscoroutinefunction(getattr(SyncHarness, method))


def test_it_is_made_as_the_other_is_but_for_the_memory() -> None:
    ours, theirs = inspect.signature(SyncHarness).parameters, inspect.signature(Harness).parameters

    assert list(ours) == list(theirs)
    assert [ours[name] for name in ours if name != "memory"] == [theirs[name] for name in theirs if name != "memory"]


@pytest.mark.parametrize(
    ("method", "function"),
    [
        (SyncResources.save, save_resource),
        (SyncResources.load, load_resource),
        (SyncResources.every, list_resources),
        (SyncResources.delete, delete_resource),
    ],
)
def test_resources_take_what_their_functions_take(method: object, function: object) -> None:
    ours, theirs = inspect.signature(method), inspect.signature(function)  # type: ignore[arg-type]  # functions, all of them

    assert list(ours.parameters.values())[1:] == list(theirs.parameters.values())[1:]
    assert ours.return_annotation == theirs.return_annotation


def test_a_call_goes_on_where_the_session_stopped(address: str) -> None:
    with opened(address) as memory:
        harness = SyncHarness(memory, "h", Echo("Hello."), truncation=SlidingWindow(messages=9))

        first = harness.invoke("Hi.", session="s1", actor="ada", metadata={"from": "web"})
        second = harness.invoke("Hi again.", session="s1", actor="ada")
        left = harness.send_all()

    assert (first.text, first.saved, second.loaded, left) == ("Hello.", True, 2, 0)


async def test_it_works_inside_a_running_loop() -> None:
    async def agent(messages: list[Message]) -> str:
        await asyncio.sleep(0)
        return f"{len(messages)} messages"

    memory = opened(":memory:")
    harness = SyncHarness(memory, "h", agent)
    said = [harness.invoke("Hi.", session="s1", actor="ada").text for _ in range(2)]
    memory.close()

    assert said == ["1 messages", "3 messages"]


def test_it_is_set_up_changed_and_deleted(address: str) -> None:
    with opened(address) as memory:
        resources = SyncResources(memory)
        saved = resources.save(Resource(name="notes", strategies=[{"type": "summary", "name": "summary"}]))
        harness = SyncHarness(memory, "h", Echo(), configuration=ExistingMemory(resource="notes"))

        before, resource = harness.retrieval(), harness.resource()
        after = harness.update(configuration=NoMemory())
        harness.delete(delete_managed_memory=False)

        assert (resources.load("notes"), resources.every()) == (saved, [saved])
        assert resources.delete("notes")
        assert resources.every() == []
    assert (list(before), resource, after) == (
        ["/strategies/summary/actors/{actorId}/sessions/{sessionId}/"],
        saved,
        {},
    )
