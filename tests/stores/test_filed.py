"""What is put by hand in the stores of real engines: found, moved and forgotten like all that strategies make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from duramen import HashingEmbedder, MemoryEngine
from duramen.language.terms import term_codes
from duramen.moving import export, import_file
from duramen.protocols import Storage
from duramen.stores.in_memory import InMemoryStore
from duramen.stores.sqlite import SQLiteStore
from duramen.types import Indexed, Memory
from tests.conftest import engine
from tests.simple_strategies import NOON, notes

ADA = "user:ada"
QUESTION = "Who has a harp?"


async def by_hand(id: str, text: str = "Ada has a harp.", **changes: Any) -> Indexed:
    """Return a memory that rests on no event."""
    memory = Memory(
        id=id,
        bank=ADA,
        text=text,
        event=id,
        key=id,
        mentioned=NOON,
        stored=NOON,
        strategy="records",
        namespace="/records/ada/",
        details={"record": {"metadata": {"n": 1.5}}},
    )
    return Indexed(
        memory=replace(memory, **changes),
        vector=(await HashingEmbedder().embed([text]))[0],
        terms=np.array(term_codes(text), dtype=np.uint32),
    )


async def file(store: Storage, filed: Sequence[Indexed], removed: Sequence[str] = ()) -> None:
    await store.file(ADA, filed, removed, embedder=HashingEmbedder().name)


async def found(memory: MemoryEngine) -> list[str]:
    return [hit.memory.id for hit in (await memory.recall(ADA, QUESTION, namespaces="/records/")).hits]


async def test_engines_of_other_processes_notice(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "memory")
    async with engine(store) as writer, engine(str(tmp_path / "memory")) as reader:
        assert await found(writer) == await found(reader) == []

        await file(store, [await by_hand("r")])
        assert await found(reader) == ["r"]

        await file(store, [await by_hand("r", "Ada has an oboe.")])
        [hit] = (await reader.recall(ADA, "Who has an oboe?", namespaces="/records/")).hits
        assert hit.memory.text == "Ada has an oboe."

        await file(store, [], ["r"])
        assert (await reader.recall(ADA, "Who has an oboe?", namespaces="/")).hits == ()


async def test_it_is_carried_from_store_to_store(tmp_path: Path) -> None:
    store, path = InMemoryStore(), tmp_path / "all.jsonl"
    async with engine(store) as source:
        await source.retain(ADA, "Ada has a harp and an oboe.", key="k")
        await source.flush()
        given = await by_hand("r", actor="ada", session="monday", tags=("home",))
        await file(store, [given])
        await export(source, [ADA], path)

    async with engine(str(tmp_path / "other")) as target:
        await import_file(target, path)
        await target.flush()

        assert (await target.memories(ADA, namespace="/records/")).items == (given.memory,)
        assert await found(target) == ["r"]
        await target.forget(ADA, key="k")
        assert await found(target) == ["r"]


async def test_it_is_forgotten_like_all_else(address: str) -> None:
    store: Storage = InMemoryStore() if address == ":memory:" else SQLiteStore(address)
    async with engine(store) as memory:
        await memory.retain(ADA, "Ada has a harp.", key="k", session="monday")
        await memory.flush()
        own = {"r": {"session": "monday"}, "s": {"actor": "ada"}, "t": {}}
        await file(store, [await by_hand(id, **changes) for id, changes in own.items()])

        await memory.forget(ADA, session="monday")
        assert sorted(await found(memory)) == ["s", "t"]
        await memory.forget(ADA, actor="ada")
        assert await found(memory) == ["t"]
        await memory.forget(ADA, everything=True)
        assert await found(memory) == []
        assert (await memory.banks()).items == ()


async def test_it_does_not_come_back_by_itself(address: str) -> None:
    store: Storage = InMemoryStore() if address == ":memory:" else SQLiteStore(address)
    async with engine(store, strategies=[notes(merges=False)]) as memory:
        await memory.retain(ADA, "Ada has a harp.", key="k1")
        await memory.retain(ADA, "Ada has a sister.", key="k2")
        await memory.wait_idle(ADA)
        made = {one.text: one.id for one in (await memory.memories(ADA, strategy="notes")).items}

        await file(store, [], [made["Ada has a harp."]])
        await memory.retain(ADA, "Ada has a harp case.", key="k3")
        await memory.forget(ADA, key="k2")
        await memory.wait_idle(ADA)

        left = [one.text for one in (await memory.memories(ADA, strategy="notes")).items]
        assert left == ["Ada has a harp case."]
