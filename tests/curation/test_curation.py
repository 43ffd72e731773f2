from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta, timezone

import pytest

from duramen import MemoryEngine
from duramen.curation import Curation
from duramen.documents import Documents, Source
from duramen.documents.reserved import context_of
from duramen.errors import BadContentError, ConflictError, NotFoundError
from duramen.types import Memory
from tests.conftest import engine
from tests.documents.texts import paragraphs
from tests.simple_strategies import notes

MARCH = datetime(2026, 3, 1, tzinfo=timezone.utc)


async def _retained(memory: MemoryEngine, text: str, **options: object) -> Memory:
    await memory.retain("bank", text, wait=True, **options)  # type: ignore[arg-type]  # options of `retain`
    return (await _all(memory))[-1]


async def _all(memory: MemoryEngine) -> list[Memory]:
    return [*(await memory.memories("bank", limit=1000)).items]


async def _found(memory: MemoryEngine, query: str) -> list[str]:
    return [hit.memory.text for hit in (await memory.recall("bank", query)).hits]


async def test_an_edited_memory_says_the_new_words_under_its_old_id(memory: MemoryEngine, curation: Curation) -> None:
    old = await _retained(memory, "Ada lives in Lisbon.", tags=["a"], session="s", actor="ada", occurred=MARCH)

    new = await curation.edit("bank", old.id, text="Ada lives in Porto.")

    assert (new.id, new.event, new.text) == (old.id, old.event, "Ada lives in Porto.")
    assert (new.tags, new.session, new.actor, new.mentioned) == (old.tags, old.session, old.actor, old.mentioned)
    assert await _found(memory, "Where does Ada live?") == ["Ada lives in Porto."]
    (event,) = (await memory.events("bank")).items
    assert event.content == "Ada lives in Porto."


async def test_an_edit_outlasts_a_reembedding(memory: MemoryEngine, curation: Curation) -> None:
    old = await _retained(memory, "Ada lives in Lisbon.")
    await curation.edit("bank", old.id, text="Ada lives in Porto.")

    await memory.reembed("bank")

    assert [one.text for one in await _all(memory)] == ["Ada lives in Porto."]


async def test_what_was_before_is_told(memory: MemoryEngine, curation: Curation) -> None:
    old = await _retained(memory, "Ada lives in Lisbon.")
    await curation.edit("bank", old.id, text="Ada lives in Porto.", context="moving")
    await curation.invalidate("bank", old.id, reason="a rumour")
    await curation.restore("bank", old.id)

    told = await curation.history("bank", old.id)

    assert [(one["action"], one["before"]["text"], one["reason"]) for one in told] == [
        ("edit", "Ada lives in Lisbon.", ""),
        ("invalidate", "Ada lives in Porto.", "a rumour"),
        ("restore", "Ada lives in Porto.", ""),
    ]
    assert [one["before"]["context"] for one in told] == [None, "moving", "moving"]
    assert all(datetime.fromisoformat(one["at"]) for one in told)


async def test_kind_context_time_and_names_can_be_edited(memory: MemoryEngine, curation: Curation) -> None:
    old = await _retained(memory, "She lives there.")

    new = await curation.edit(
        "bank", old.id, kind="experience", context="a call", occurred=(MARCH, MARCH), entities=["Ada"]
    )

    assert (new.id, new.text, new.kind, context_of(new.metadata)) == (old.id, old.text, "experience", "a call")
    assert new.occurred is not None
    assert new.occurred.start == MARCH
    (event,) = (await memory.events("bank")).items
    assert event.occurred == MARCH


async def test_an_edit_that_changes_nothing_is_none(memory: MemoryEngine, curation: Curation) -> None:
    old = await _retained(memory, "Ada lives in Lisbon.")

    new = await curation.edit("bank", old.id, text="Ada lives in Lisbon.", kind="fact")

    assert new == old
    assert await curation.history("bank", old.id) == []


async def test_one_of_the_memories_of_a_long_text_is_edited_alone(memory: MemoryEngine, curation: Curation) -> None:
    await memory.retain("bank", "\n\n".join(paragraphs(12, 7)), wait=True)
    before = await _all(memory)
    assert len(before) > 3
    words = before[1].text.replace(before[1].text.split()[0], "Zanzibar", 1)

    new = await curation.edit("bank", before[1].id, text=words)

    assert new.text == words
    after = await _all(memory)
    assert {one.id: one.text for one in after} == {**{one.id: one.text for one in before}, new.id: words}


async def test_an_edit_changes_the_document_too(memory: MemoryEngine, curation: Curation, documents: Documents) -> None:
    await documents.retain("bank", [Source(content="User: Lisbon it is.\nAssistant: Good.", document="d")], wait=True)
    old, *_ = await _all(memory)

    new = await curation.edit("bank", old.id, text="Porto it is, after all.", kind="experience")

    kept = await documents.get("bank", "d")
    assert kept is not None
    assert kept.text == "User: Porto it is, after all.\nAssistant: Good."
    assert (new.id, new.text, new.kind, new.event) == (old.id, "Porto it is, after all.", "experience", kept.chunks[0])
    again = await documents.retain("bank", [Source(content=kept.text, document="d")], wait=True)
    assert (again.kept, again.events) == (2, ())
    assert {one.kind for one in await _all(memory)} == {"experience"}
    assert [one["action"] for one in await documents.history("bank", "d")] == ["created", "edited", "replace"]


async def test_an_edit_changes_a_conversation_in_json(
    memory: MemoryEngine, curation: Curation, documents: Documents
) -> None:
    said = [{"role": "user", "content": "Lisbon."}, {"role": "assistant", "content": "Good."}]
    await documents.retain("bank", [Source(content=json.dumps(said), document="d")], wait=True)
    old, *_ = await _all(memory)

    await curation.edit("bank", old.id, text="Porto.")

    kept = await documents.get("bank", "d")
    assert kept is not None
    assert json.loads(kept.text)[0]["content"] == "Porto."


async def test_edits_at_the_same_time_are_all_kept(
    memory: MemoryEngine, curation: Curation, documents: Documents
) -> None:
    lines = "\n".join(f"User: number {number}" for number in range(8))
    await documents.retain("bank", [Source(content=lines, document="d")], wait=True)
    several = [Curation(memory._desk) for _ in range(4)]

    await asyncio.gather(
        *(
            several[number % 4].edit("bank", one.id, text=f"{one.text} edited")
            for number, one in enumerate(await _all(memory))
        )
    )

    kept = await documents.get("bank", "d")
    assert kept is not None
    assert kept.text == "\n".join(f"User: number {number} edited" for number in range(8))
    assert {one.text for one in await _all(memory)} == {f"number {number} edited" for number in range(8)}


async def test_an_invalid_memory_is_found_by_nothing(memory: MemoryEngine, curation: Curation) -> None:
    old = await _retained(memory, "Ada lives in Lisbon.")

    told = await curation.invalidate("bank", old.id, reason="wrong")

    assert told == old
    assert await _found(memory, "Where does Ada live?") == []
    assert await _all(memory) == []
    assert (await memory.events("bank")).items == ()
    (invalid,) = await curation.invalidated("bank")
    assert (invalid.memory, invalid.reason) == (old, "wrong")
    assert await curation.invalidate("bank", old.id) == old
    with pytest.raises(ConflictError):
        await curation.edit("bank", old.id, text="Ada lives in Porto.")


async def test_what_is_restored_is_as_it_was(memory: MemoryEngine, curation: Curation) -> None:
    old = await _retained(
        memory, "Ada lives in Lisbon.", tags=["a"], metadata={"x": "y"}, actor="ada", session="s", occurred=MARCH
    )
    (event,) = (await memory.events("bank")).items
    await curation.invalidate("bank", old.id)

    new = await curation.restore("bank", old.id)

    assert new == old
    assert (await memory.events("bank")).items == (event,)
    assert await curation.invalidated("bank") == []
    assert await _found(memory, "Where does Ada live?") == ["Ada lives in Lisbon."]
    assert await curation.restore("bank", old.id) == old


async def test_one_of_the_memories_of_a_long_text_is_invalid_and_restored_alone(
    memory: MemoryEngine, curation: Curation
) -> None:
    await memory.retain("bank", "\n\n".join(paragraphs(12, 7)), wait=True)
    before = {one.id: one.text for one in await _all(memory)}
    (event,) = (await memory.events("bank")).items
    second, third = [*before][1:3]

    await curation.invalidate("bank", third)
    await curation.invalidate("bank", second)

    assert {one.id for one in await _all(memory)} == {*before} - {second, third}
    await curation.restore("bank", third)
    await curation.restore("bank", second)
    assert {one.id: one.text for one in await _all(memory)} == before
    assert (await memory.events("bank")).items[0].content == event.content


async def test_all_memories_of_a_text_are_invalid_and_restored_in_any_order(
    memory: MemoryEngine, curation: Curation
) -> None:
    await memory.retain("bank", "\n\n".join(paragraphs(8, 7)), wait=True)
    before = {one.id: one.text for one in await _all(memory)}
    (event,) = (await memory.events("bank")).items

    for id in sorted(before):
        await curation.invalidate("bank", id)
    assert (await memory.events("bank")).items == ()
    for id in sorted(before, reverse=True):
        await curation.restore("bank", id)

    assert {one.id: one.text for one in await _all(memory)} == before
    assert (await memory.events("bank")).items[0].content == event.content


async def test_what_is_invalid_in_a_document_stays_so_when_that_is_given_again(
    memory: MemoryEngine, curation: Curation, documents: Documents
) -> None:
    text = "User: one\nUser: two\nUser: three"
    await documents.retain("bank", [Source(content=text, document="d")], wait=True)
    first, second, _ = await _all(memory)
    await curation.invalidate("bank", second.id)

    again = await documents.retain("bank", [Source(content=f"{text}\nUser: four", document="d", tags=["t"])], wait=True)

    assert again.kept == 1
    assert [one.text for one in sorted(await _all(memory), key=lambda one: one.mentioned)] == ["one", "three", "four"]
    restored = await curation.restore("bank", second.id)
    assert (restored.id, restored.text, restored.tags) == (second.id, "two", ("t",))
    kept = await documents.get("bank", "d")
    assert kept is not None
    assert {one.event for one in await _all(memory)} == set(kept.chunks)
    assert first.event in kept.chunks


async def test_what_is_invalid_in_a_long_chunk_stays_so_when_the_document_is_given_again(
    memory: MemoryEngine, curation: Curation, documents: Documents
) -> None:
    text = "\n\n".join(paragraphs(8, 7))
    await documents.retain("bank", [Source(content=text, document="d")], wait=True)
    before = {one.id: one.text for one in await _all(memory)}
    second = [*before][1]
    await curation.invalidate("bank", second)

    again = await documents.retain("bank", [Source(content=text, document="d")], wait=True)

    assert (again.kept, again.events) == (1, ())
    assert {one.id for one in await _all(memory)} == {*before} - {second}
    await curation.restore("bank", second)
    assert {one.id: one.text for one in await _all(memory)} == before


async def test_the_rest_of_a_document_can_go_when_all_else_of_it_is_invalid(
    memory: MemoryEngine, curation: Curation, documents: Documents
) -> None:
    await documents.retain("bank", [Source(content="User: one\nUser: two", document="d")], wait=True)
    first, _ = await _all(memory)
    await curation.invalidate("bank", first.id)

    await documents.retain("bank", [Source(content="User: one", document="d")], wait=True)

    assert await _all(memory) == []
    await curation.restore("bank", first.id)
    assert [one.text for one in await _all(memory)] == ["one"]


async def test_what_a_document_no_longer_says_cannot_be_restored(
    memory: MemoryEngine, curation: Curation, documents: Documents
) -> None:
    await documents.retain("bank", [Source(content="User: one\nUser: two", document="d")], wait=True)
    first, _ = await _all(memory)
    await curation.invalidate("bank", first.id)
    await documents.retain("bank", [Source(content="User: two", document="d")], wait=True)

    with pytest.raises(ConflictError):
        await curation.restore("bank", first.id)


async def test_what_was_retained_again_is_valid_again(memory: MemoryEngine, curation: Curation) -> None:
    old = await _retained(memory, "Ada lives in Lisbon.", key="k")
    await curation.invalidate("bank", old.id)
    await _retained(memory, "Ada lives in Lisbon.", key="k")

    await curation.restore("bank", old.id)

    assert await curation.invalidated("bank") == []
    assert [one.id for one in await _all(memory)] == [old.id]


async def test_what_was_retained_again_can_be_invalidated_again(memory: MemoryEngine, curation: Curation) -> None:
    old = await _retained(memory, "Ada lives in Lisbon.", key="k")
    await curation.invalidate("bank", old.id)
    await _retained(memory, "Ada lives in Lisbon.", key="k")

    await curation.invalidate("bank", old.id, reason="still wrong")

    assert await _all(memory) == []
    assert [one.reason for one in await curation.invalidated("bank")] == ["still wrong"]


async def test_what_strategies_made_cannot_be_corrected_and_tells_its_revisions(address: str) -> None:
    async with engine(address, strategies=[notes()]) as memory:
        curation = Curation(memory._desk)
        await memory.retain("bank", "Ada lives in Lisbon.", wait=True)
        made = next(one for one in await _all(memory) if one.strategy is not None)
        raw = next(one for one in await _all(memory) if one.strategy is None)

        with pytest.raises(ConflictError):
            await curation.edit("bank", made.id, text="x")
        with pytest.raises(ConflictError):
            await curation.invalidate("bank", made.id)
        told = await curation.history("bank", made.id)
        await curation.edit("bank", raw.id, text="Ada lives in Porto.")
        await memory.wait_idle("bank")
        after = [one.text for one in await _all(memory) if one.strategy is not None]

    assert [(one["action"], one["before"]) for one in told] == [("add", {})]
    assert after
    assert all("Porto" in text for text in after)


async def test_what_is_not_there_is_said_to_be_missing(memory: MemoryEngine, curation: Curation) -> None:
    await _retained(memory, "Ada lives in Lisbon.")

    for asked in (
        curation.edit("bank", "nothing", text="x"),
        curation.invalidate("bank", "nothing"),
        curation.restore("bank", "nothing"),
        curation.history("bank", "nothing"),
        curation.edit("no bank", "nothing", text="x"),
    ):
        with pytest.raises(NotFoundError):
            await asked


@pytest.mark.parametrize(
    "options",
    [
        {"text": "  "},
        {"text": 7},
        {"context": 7},
        {"kind": "observation"},
        {"entities": "Ada"},
        {"entities": [""]},
        {"occurred": "2026"},
        {"occurred": (MARCH, MARCH - timedelta(days=1))},
        {"occurred": ("soon", None)},
    ],
)
async def test_what_cannot_be_kept_is_refused(curation: Curation, options: dict[str, object]) -> None:
    with pytest.raises(BadContentError):
        await curation.edit("bank", "any", **options)  # type: ignore[arg-type]  # that is what is tried


async def test_corrections_outlast_the_process(tmp_path: object) -> None:
    async with engine(f"{tmp_path}/memory") as memory:
        old = await _retained(memory, "Ada lives in Lisbon.")
        await Curation(memory._desk).invalidate("bank", old.id)

    async with engine(f"{tmp_path}/memory") as memory:
        new = await Curation(memory._desk).restore("bank", old.id)

    assert new == old
