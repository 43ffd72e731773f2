from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

import pytest

from duramen import MemoryEngine
from duramen.documents import Documents, Source
from duramen.documents.forgetting import selected
from duramen.selecting import FORGOTTEN
from duramen.shelf import Change
from duramen.types import Memory, Selection
from tests.documents.texts import paragraphs

MARCH = datetime(2026, 3, 1, tzinfo=timezone.utc)


async def _forget(memory: MemoryEngine, selection: Selection, *, of: Memory | None = None) -> Sequence[Change]:
    store = memory._desk.parts.store
    changes = await selected(store.shelf, "bank", selection, memory=of)
    await store.forget("bank", selection, shelved=changes)
    return changes


async def _text(documents: Documents, document: str = "doc") -> str | None:
    kept = await documents.get("bank", document)
    return None if kept is None else kept.text


async def _history(documents: Documents) -> list[str]:
    return [one["action"] for one in await documents.history("bank", "doc")]


@pytest.fixture
async def conversation(memory: MemoryEngine, documents: Documents) -> None:
    for day, text in enumerate(("User: one\nAssistant: two", "User: three")):
        source = Source(
            content=text,
            document="doc",
            mode="append",
            session=f"s{day}",
            actor="ada",
            occurred=MARCH + timedelta(days=day),
        )
        await documents.retain("bank", [source], wait=True)
    await documents.retain("bank", [Source(content="Other.", document="other", session="s0")], wait=True)


@pytest.mark.usefixtures("conversation")
@pytest.mark.parametrize(
    ("selection", "left", "other"),
    [
        (Selection(document="doc"), None, "Other."),
        (Selection(session="s0"), "User: three", None),
        (Selection(session="s1"), "User: one\nAssistant: two", "Other."),
        (Selection(actor="ada"), None, "Other."),
        (Selection(actor="ada", session="s0"), "User: three", "Other."),
        (Selection(before=MARCH + timedelta(hours=1)), "User: three", "Other."),
        (Selection(document="other", session="s1"), "User: one\nAssistant: two\nUser: three", "Other."),
        (Selection(key="nothing"), "User: one\nAssistant: two\nUser: three", "Other."),
        (Selection(strategy="summary"), "User: one\nAssistant: two\nUser: three", "Other."),
        (Selection(), None, None),
    ],
)
async def test_documents_lose_the_text_of_what_is_forgotten(
    memory: MemoryEngine, documents: Documents, selection: Selection, left: str | None, other: str | None
) -> None:
    await _forget(memory, selection)

    assert (await _text(documents), await _text(documents, "other")) == (left, other)
    assert len((await documents.list("bank"))[0]) == sum(text is not None for text in (left, other))
    assert await _history(documents) in ([], ["forgotten"], ["created", "append"])
    chunks = [] if left is None else (await documents.chunks("bank", "doc"))[0]
    remembered = await memory.memories("bank", document="doc")
    assert [one.text for one in remembered.items] == [one.text for one in chunks]


@pytest.mark.usefixtures("conversation")
async def test_an_item_is_forgotten_by_the_key_of_its_chunk(memory: MemoryEngine, documents: Documents) -> None:
    found = await memory.memories("bank", document="doc")

    await _forget(memory, Selection(key=found.items[1].key))

    assert await _text(documents) == "User: one\nUser: three"
    assert await _history(documents) == ["forgotten"]


@pytest.mark.usefixtures("conversation")
async def test_what_is_forgotten_comes_back_only_when_it_is_given_again(
    memory: MemoryEngine, documents: Documents
) -> None:
    await _forget(memory, Selection(session="s0"))

    done = await documents.retain("bank", [Source(content="User: one\nUser: three", document="doc")], wait=True)

    assert len(done.events) == 2  # the other one has another session now
    assert [one.text for one in (await memory.memories("bank", document="doc")).items] == ["one", "three"]


async def test_a_single_memory_takes_its_words_from_the_text(memory: MemoryEngine, documents: Documents) -> None:
    text = "\n\n".join(paragraphs(8, 5))
    await documents.retain("bank", [Source(content=text, document="doc")], wait=True)
    found = (await memory.memories("bank", document="doc")).items
    assert len(found) > 2

    await _forget(memory, Selection(memory=found[1].id), of=found[1])

    assert await _text(documents) == text.replace(found[1].text, FORGOTTEN)
    for one in (found[0], *found[2:]):
        await _forget(memory, Selection(memory=one.id), of=one)
    assert await _text(documents) is None


async def test_a_conversation_in_json_stays_one(memory: MemoryEngine, documents: Documents) -> None:
    said = [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]
    await documents.retain("bank", [Source(content=json.dumps(said), document="doc")], wait=True)
    found = (await memory.memories("bank", document="doc")).items

    await _forget(memory, Selection(memory=found[0].id), of=found[0])

    assert json.loads(await _text(documents) or "") == [{"role": "assistant", "content": "two"}]
