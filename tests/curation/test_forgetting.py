from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from duramen import MemoryEngine
from duramen.curation import Curation
from duramen.curation.forgetting import named, selected
from duramen.desk import place_of
from duramen.documents import Documents, Source
from duramen.documents.forgetting import selected as selected_documents
from duramen.types import Memory, Selection

MARCH = datetime(2026, 3, 1, tzinfo=timezone.utc)


async def _forget(memory: MemoryEngine, selection: Selection) -> None:
    store = memory._desk.parts.store
    of = None if selection.memory is None else await named(store, "bank", selection.memory)
    changes = [
        *await selected_documents(store.shelf, "bank", selection, memory=of),
        *await selected(store.shelf, "bank", selection),
    ]
    await store.forget("bank", selection, shelved=changes)


async def _on_shelf(memory: MemoryEngine) -> str:
    entries = await memory.shelf.scan(place_of("bank", "curation")[:2], below=True)
    return "\n".join(entry.value.decode() for entry in entries)


@pytest.fixture
async def corrected(memory: MemoryEngine, curation: Curation) -> tuple[Memory, Memory]:
    """Retain two items, correct one, and invalidate the other."""
    await memory.retain(
        "bank", "The blue secret.", key="k1", session="s1", actor="ada", document="d1", occurred=MARCH, wait=True
    )
    await memory.retain(
        "bank",
        "The green secret.",
        key="k2",
        session="s2",
        actor="ben",
        document="d2",
        occurred=MARCH + timedelta(days=2),
        wait=True,
    )
    first, second = (await memory.memories("bank")).items
    await curation.edit("bank", first.id, text="The red secret.")
    return first, await curation.invalidate("bank", second.id)


@pytest.mark.parametrize(
    ("selection", "blue", "green"),
    [
        (Selection(key="k1"), False, True),
        (Selection(key="k2"), True, False),
        (Selection(session="s1"), False, True),
        (Selection(session="s2"), True, False),
        (Selection(actor="ada"), False, True),
        (Selection(actor="ben", session="s1"), True, True),
        (Selection(document="d1"), False, True),
        (Selection(document="d2"), True, False),
        (Selection(before=MARCH + timedelta(days=1)), False, True),
        (Selection(before=MARCH + timedelta(days=3)), False, False),
        (Selection(strategy="summary"), True, True),
        (Selection(), False, False),
    ],
)
@pytest.mark.usefixtures("corrected")
async def test_what_was_before_goes_with_what_is_forgotten(
    memory: MemoryEngine, selection: Selection, blue: bool, green: bool
) -> None:
    await _forget(memory, selection)

    left = await _on_shelf(memory)
    assert ("blue" in left, "green" in left) == (blue, green)


async def test_a_single_memory_takes_what_it_was_before_with_it(
    memory: MemoryEngine, corrected: tuple[Memory, Memory]
) -> None:
    for one in corrected:
        await _forget(memory, Selection(memory=one.id))

    assert "secret" not in await _on_shelf(memory)


async def test_an_invalid_memory_that_is_forgotten_cannot_be_had_back(
    memory: MemoryEngine, curation: Curation, documents: Documents
) -> None:
    await documents.retain("bank", [Source(content="User: one secret\nUser: two", document="d")], wait=True)
    first, _ = (await memory.memories("bank")).items
    await curation.invalidate("bank", first.id)

    await _forget(memory, Selection(memory=first.id))

    kept = await documents.get("bank", "d")
    assert kept is not None
    assert kept.text == "User: two"
    assert await curation.invalidated("bank") == []
    assert "secret" not in await _on_shelf(memory)


async def test_corrections_go_with_their_document(
    memory: MemoryEngine, curation: Curation, documents: Documents
) -> None:
    await documents.retain("bank", [Source(content="User: one secret\nUser: two secret", document="d")], wait=True)
    first, second = (await memory.memories("bank")).items
    await curation.edit("bank", first.id, text="other")
    await curation.invalidate("bank", second.id)

    await documents.delete("bank", "d")

    assert await _on_shelf(memory) == ""
    assert await curation.invalidated("bank") == []
