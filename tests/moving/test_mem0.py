from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from duramen import MemoryEngine
from duramen.errors import BadFileError
from duramen.moving.mem0 import import_mem0
from duramen.times import parse_time
from duramen.types import Event
from tests.conftest import engine

SUPPORT = "user:ada:agent:support"
SHARED = {"metadata": {"channel": "mail", "n": 3, "deep": {"a": [1]}}, "agent_id": "support", "user_id": "ada"}
ENTRIES: list[dict[str, Any]] = [
    {
        "id": "aa442fdb",
        "memory": "I moved to Lisbon in March.",
        "hash": "bb2fd238",
        "created_at": "2026-03-01T10:00:00+01:00",
        "updated_at": "2026-03-02T10:00:00+01:00",
        "run_id": "s1",
        "role": "user",
        **SHARED,
    },
    {"id": "49b4f235", "memory": "Noted, Lisbon.", "run_id": "s1", "role": "assistant", **SHARED},
    {"id": "0dc9d8cb", "memory": "Likes tea.", "metadata": None, "user_id": "bob", "role": "user"},
    {"id": "59ff7a68", "memory": "Only an agent.", "agent_id": "support", "actor_id": "Carl", "role": "user"},
    {"id": "blank", "memory": " ", "user_id": "bob"},
    {"id": "no one", "memory": "Whose is it?", "user_id": " "},
]


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    path = tmp_path / "mem0.json"
    path.write_text(json.dumps({"results": ENTRIES}))
    return path


async def events_of(memory: MemoryEngine, bank: str) -> dict[str, Event]:
    return {one.key: one for one in (await memory.events(bank)).items}


async def test_entries_go_to_the_banks_of_their_users(exported: Path, address: str) -> None:
    async with engine(address) as memory:
        taken = await import_mem0(memory, exported)
        ada, bob = await events_of(memory, SUPPORT), await events_of(memory, "user:bob")
        recall = await memory.recall(SUPPORT, "Where did I move?")

    assert taken.banks == {SUPPORT: {"memories": 2}, "user:bob": {"memories": 1}}
    said = ada["aa442fdb"]
    assert (said.content, said.session, said.actor) == ("I moved to Lisbon in March.", "s1", "ada")
    assert said.mentioned == parse_time("2026-03-01T09:00:00Z", BadFileError, "x")
    assert said.metadata == {
        "channel": "mail",
        "n": "3",
        "deep": '{"a": [1]}',
        "updated_at": "2026-03-02T10:00:00+01:00",
    }
    assert (ada["49b4f235"].kind, said.kind) == ("experience", "fact")
    assert bob["0dc9d8cb"].content == "Likes tea."
    assert recall.hits[0].memory.text == "I moved to Lisbon in March."


async def test_entries_that_name_no_user_are_left_out_and_counted(exported: Path) -> None:
    async with engine(":memory:") as memory:
        taken = await import_mem0(memory, exported)

    assert taken.notes == (
        "2 entries were left out: they name no user; give the bank that they are to go to",
        "1 entries were left out: they have no text",
    )


async def test_or_go_to_the_bank_that_is_given(exported: Path) -> None:
    async with engine(":memory:") as memory:
        taken = await import_mem0(memory, exported, bank="agents")
        events = await events_of(memory, "agents")

    assert taken.banks["agents"] == {"memories": 2}
    assert events["59ff7a68"].speaker == "Carl"
    assert events["59ff7a68"].metadata["agent_id"] == "support"


async def test_the_same_file_twice_is_one(exported: Path) -> None:
    async with engine(":memory:") as memory:
        await import_mem0(memory, exported)
        await memory.flush()
        before = await memory.version(SUPPORT)
        await import_mem0(memory, exported)
        await memory.flush()

        assert await memory.version(SUPPORT) == before


async def test_a_dry_run_changes_nothing(exported: Path) -> None:
    async with engine(":memory:") as memory:
        taken = await import_mem0(memory, exported, dry_run=True)

        assert (await memory.banks()).items == ()
    assert taken.banks[SUPPORT] == {"memories": 2}


@pytest.mark.parametrize("shape", ["list", "lines", "memories"])
async def test_other_shapes_are_read_too(tmp_path: Path, shape: str) -> None:
    shapes = {
        "list": json.dumps(ENTRIES),
        "lines": "\n".join(json.dumps(entry) for entry in ENTRIES),
        "memories": json.dumps({"memories": ENTRIES}),
    }
    path = tmp_path / "mem0.json"
    path.write_text(shapes[shape])

    async with engine(":memory:") as memory:
        taken = await import_mem0(memory, path)

    assert taken.banks[SUPPORT] == {"memories": 2}


async def test_what_is_none_of_that_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mem0.json"
    async with engine(":memory:") as memory:
        for text in ('{"a": 1}', "[1]", '"text"'):
            path.write_text(text)
            with pytest.raises(BadFileError, match="a list of memories"):
                await import_mem0(memory, path)
        path.write_text('{"id": "a", "memory": "b"}\n{"id"')
        with pytest.raises(BadFileError, match="no JSON") as caught:
            await import_mem0(memory, path)
        with pytest.raises(BadFileError, match="cannot be read"):
            await import_mem0(memory, tmp_path / "missing.json")

    assert caught.value.line == 2


async def test_progress_counts_entries(exported: Path) -> None:
    seen: list[tuple[int, int]] = []
    async with engine(":memory:") as memory:
        await import_mem0(memory, exported, progress=lambda done, total: seen.append((done, total)))

    assert seen == [(2, 6), (3, 6)]
