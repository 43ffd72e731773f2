from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from duramen import MemoryEngine
from duramen.desk import place_of
from duramen.documents import Documents, Source
from duramen.documents.reserved import context_of, plain
from duramen.errors import BadContentError, BadInputError, BadQueryError, ChangedError, NotFoundError
from duramen.shelf import Expect, Put
from duramen.types import Memory
from tests.conftest import engine
from tests.documents.texts import paragraphs

MARCH = datetime(2026, 3, 1, tzinfo=timezone.utc)


async def _memories(memory: MemoryEngine, document: str) -> list[Memory]:
    await memory.flush("bank")
    return [*(await memory.memories("bank", document=document)).items]


async def _texts(memory: MemoryEngine, document: str) -> list[str]:
    return [one.text for one in await _memories(memory, document)]


async def _retained(documents: Documents, content: str, document: str = "doc", **options: object) -> None:
    await documents.retain("bank", [Source(content=content, document=document, **options)], wait=True)  # type: ignore[arg-type]


async def test_a_document_is_kept_with_its_chunks_and_can_be_recalled(
    memory: MemoryEngine, documents: Documents
) -> None:
    source = Source(
        content="Ada moved to Porto.",
        document="notes/ü %2F.md",
        tags=["b", "a"],
        metadata={"from": "mail"},
        context="a letter",
        entities=["Porto"],
        session="s1",
        actor="ada",
        occurred=MARCH,
    )

    done = await documents.retain("bank", [source], wait=True)

    kept = await documents.get("bank", "notes/ü %2F.md")
    assert kept is not None
    assert (kept.text, kept.tags, kept.metadata) == ("Ada moved to Porto.", ("a", "b"), {"from": "mail"})
    assert kept.retained["context"] == "a letter"
    assert kept.chunks == done.events
    (hit,) = (await memory.recall("bank", "Where did Ada move?")).hits
    assert (hit.memory.event, hit.memory.document) == (done.events[0], "notes/ü %2F.md")
    assert (hit.memory.session, hit.memory.actor, hit.memory.mentioned) == ("s1", "ada", MARCH)
    assert context_of(hit.memory.metadata) == "a letter"
    assert plain(hit.memory.metadata) == {"from": "mail"}


async def test_replacing_keeps_the_chunks_that_are_in_the_new_text_too(
    memory: MemoryEngine, documents: Documents
) -> None:
    written = paragraphs(60, 1)
    await _retained(documents, "\n\n".join(written))
    before = {one.id: one for one in await _memories(memory, "doc")}
    old = await documents.get("bank", "doc")
    written[30] = "Something else stands here now."

    done = await documents.retain("bank", [Source(content="\n\n".join(written), document="doc")], wait=True)

    new = await documents.get("bank", "doc")
    assert old is not None
    assert new is not None
    assert done.kept >= len(old.chunks) - 4 > 0
    assert done.removed == len(old.chunks) - done.kept
    assert set(done.events) == set(new.chunks) - set(old.chunks)
    after = {one.id: one for one in await _memories(memory, "doc")}
    assert all(after[id] == one for id, one in before.items() if one.event in new.chunks)
    assert {one.event for one in after.values()} == set(new.chunks)
    assert "Something else stands here now." in " ".join(one.text for one in after.values())
    assert (new.created, new.text) == (old.created, "\n\n".join(written))


async def test_replacing_by_less_leaves_nothing_of_the_rest(memory: MemoryEngine, documents: Documents) -> None:
    await _retained(documents, "User: one\nUser: two\nUser: three")

    await _retained(documents, "User: two")

    assert await _texts(memory, "doc") == ["two"]


async def test_the_same_thing_twice_is_one_thing(memory: MemoryEngine, documents: Documents) -> None:
    first = await documents.retain("bank", [Source(content="Ada moved.")], wait=True)

    again = await documents.retain("bank", [Source(content="Ada moved.")], wait=True)

    assert (again.documents, again.events, again.kept) == (first.documents, (), 1)
    assert await _texts(memory, first.documents[0]) == ["Ada moved."]


async def test_equal_chunks_are_told_apart_and_keep_their_order(memory: MemoryEngine, documents: Documents) -> None:
    await _retained(documents, "User: yes\nAssistant: no\nUser: yes\nUser: done", occurred=MARCH)

    found = await _memories(memory, "doc")

    assert [(one.speaker, one.text) for one in sorted(found, key=lambda one: one.mentioned)] == [
        ("user", "yes"),
        ("assistant", "no"),
        ("user", "yes"),
        ("user", "done"),
    ]
    assert len({one.event for one in found}) == 4


async def test_what_is_appended_follows_what_was_there(memory: MemoryEngine, documents: Documents) -> None:
    await _retained(documents, "User: Hi", tags=["a"], occurred=MARCH)

    await _retained(documents, "Assistant: Hello\nUser: Bye", mode="append", tags=["b"], occurred=MARCH)

    kept = await documents.get("bank", "doc")
    assert kept is not None
    assert (kept.text, kept.tags) == ("User: Hi\nAssistant: Hello\nUser: Bye", ("a", "b"))
    found = sorted(await _memories(memory, "doc"), key=lambda one: one.mentioned)
    assert [(one.text, one.tags) for one in found] == [("Hi", ("a",)), ("Hello", ("b",)), ("Bye", ("b",))]


async def test_messages_in_json_are_appended_to_their_list(documents: Documents) -> None:
    await _retained(documents, json.dumps([{"role": "user", "content": "Hi"}]))

    await _retained(documents, json.dumps([{"role": "assistant", "content": "Hello"}]), mode="append")

    kept = await documents.get("bank", "doc")
    assert kept is not None
    assert [message["content"] for message in json.loads(kept.text)] == ["Hi", "Hello"]


async def test_sources_of_one_call_with_one_document_are_one_after_the_other(
    memory: MemoryEngine, documents: Documents
) -> None:
    await _retained(documents, "Before.")

    await documents.retain("bank", [Source(content=text, document="doc") for text in ("One.", "Two.", "Three.")])

    kept = await documents.get("bank", "doc")
    assert kept is not None
    assert kept.text == "One.\n\nTwo.\n\nThree."
    assert await _texts(memory, "doc") == ["One.", "Two.", "Three."]


async def test_of_a_batch_all_is_kept_or_none(documents: Documents) -> None:
    with pytest.raises(BadContentError):
        await documents.retain("bank", [Source(content="Good.", document="a"), Source(content=" ", document="b")])

    assert await documents.list("bank") == ([], 0)


async def test_kept_chunks_keep_their_times_unless_others_are_given(memory: MemoryEngine, documents: Documents) -> None:
    await _retained(documents, "Ada moved.", occurred=MARCH)

    await _retained(documents, "Ada moved.")
    (kept,) = await _memories(memory, "doc")
    await _retained(documents, "Ada moved.", occurred=MARCH + timedelta(days=1))
    (moved,) = await _memories(memory, "doc")

    assert (kept.mentioned, moved.mentioned) == (MARCH, MARCH + timedelta(days=1))
    assert kept.id == moved.id


async def test_replacing_with_other_tags_and_metadata_gives_them_to_all_chunks(
    memory: MemoryEngine, documents: Documents
) -> None:
    await _retained(documents, "User: one\nUser: two", tags=["a"], metadata={"v": "1"})

    await _retained(documents, "User: one\nUser: two\nUser: three", tags=["b"], metadata={"v": "2"})

    found = await _memories(memory, "doc")
    assert {(one.text, one.tags, one.metadata["v"]) for one in found} == {
        ("one", ("b",), "2"),
        ("two", ("b",), "2"),
        ("three", ("b",), "2"),
    }


async def test_retagging_reaches_the_memories_also_of_a_document_not_given_whole(
    memory: MemoryEngine, documents: Documents
) -> None:
    await _retained(documents, "User: one\nUser: two", tags=["a"])
    await memory.retain("bank", "Loose.", document="loose", tags=["a"], wait=True)

    whole, loose = await documents.retag("bank", "doc", ["z"]), await documents.retag("bank", "loose", ["z"])

    assert (whole.tags, loose.tags) == (("z",), ("z",))
    assert {one.tags for one in [*await _memories(memory, "doc"), *await _memories(memory, "loose")]} == {("z",)}


async def test_documents_are_listed_by_the_newest_change(documents: Documents) -> None:
    for id, tags in (("Alpha", ["x"]), ("beta", ["x", "y"]), ("gamma", [])):
        await _retained(documents, f"About {id}.", id, tags=tags)
    await _retained(documents, "More.", "Alpha", mode="append", tags=["x"])

    page, total = await documents.list("bank", limit=2)
    strict, _ = await documents.list("bank", tags=["y", "x"], tags_match="all_strict")
    named, _ = await documents.list("bank", q="ALPH")
    rest, _ = await documents.list("bank", limit=2, offset=2)

    assert ([one.id for one in page], total) == (["Alpha", "gamma"], 3)
    assert [one.id for one in rest] == ["beta"]
    assert [one.id for one in strict] == ["beta"]
    assert [one.id for one in named] == ["Alpha"]
    with pytest.raises(BadQueryError):
        await documents.list("bank", limit=0)


async def test_chunks_are_paged_and_found_by_their_ids(memory: MemoryEngine, documents: Documents) -> None:
    done = await documents.retain("bank", [Source(content="User: one\nUser: two\nUser: three", document="doc")])

    page, total = await documents.chunks("bank", "doc", limit=1, offset=1)
    found = await documents.chunk("bank", done.events[2])
    await memory.flush("bank")
    found_later = await documents.chunk("bank", done.events[2])

    assert [(one.place, one.text, one.id) for one in page] == [(1, "two", done.events[1])]
    assert total == 3
    assert found == found_later
    assert found is not None
    assert (found.place, found.text, found.document) == (2, "three", "doc")
    assert await documents.chunk("bank", "nothing") is None
    with pytest.raises(NotFoundError):
        await documents.chunks("bank", "nothing")


async def test_the_size_of_chunks_can_be_chosen(documents: Documents) -> None:
    text = "\n\n".join(paragraphs(20, 3))

    await documents.retain("bank", [Source(content=text, document="doc")], chunk_characters=500)

    chunks, total = await documents.chunks("bank", "doc", limit=1000)
    assert total == len(chunks) > 5
    assert max(len(one.text) for one in chunks) <= 500
    with pytest.raises(BadInputError):
        await documents.retain("bank", [Source(content=text)], chunk_characters=99)


async def test_deleting_leaves_nothing(memory: MemoryEngine, documents: Documents) -> None:
    await _retained(documents, "User: one\nUser: two")
    await _retained(documents, "Other.", "other")

    assert await documents.delete("bank", "doc") == 2

    assert await documents.get("bank", "doc") is None
    assert await documents.history("bank", "doc") == []
    assert await _texts(memory, "doc") == []
    assert await _texts(memory, "other") == ["Other."]
    with pytest.raises(NotFoundError):
        await documents.delete("bank", "doc")


async def test_reprocessing_makes_the_same_memories_anew(memory: MemoryEngine, documents: Documents) -> None:
    await _retained(documents, "User: one\nUser: two")
    before = await _memories(memory, "doc")
    rows = await memory._desk.parts.store.numbers("bank")

    done = await documents.reprocess("bank", "doc")
    after = await _memories(memory, "doc")

    assert [(one.id, one.text) for one in after] == [(one.id, one.text) for one in before]
    assert set(done.events) == {one.event for one in before}
    assert not set(rows) & set(await memory._desk.parts.store.numbers("bank"))
    again = await documents.retain("bank", [Source(content="User: one\nUser: two", document="doc")])
    assert (again.kept, again.events) == (2, ())
    with pytest.raises(NotFoundError):
        await documents.reprocess("bank", "nothing")


async def test_a_document_that_was_not_given_whole_is_made_up_from_its_events(
    memory: MemoryEngine, documents: Documents
) -> None:
    await memory.retain("bank", "First.", document="loose", occurred=MARCH, tags=["a"], metadata={"x": "y"})
    await memory.retain("bank", "Second.", document="loose", occurred=MARCH + timedelta(days=1), wait=True)

    kept = await documents.get("bank", "loose")
    chunks, total = await documents.chunks("bank", "loose")

    assert kept is not None
    assert (kept.text, kept.tags, kept.metadata) == ("First.\n\nSecond.", ("a",), {"x": "y"})
    assert [(one.id, one.text) for one in chunks] == [*zip(kept.chunks, ("First.", "Second."), strict=True)]
    assert total == 2
    assert len((await documents.reprocess("bank", "loose")).events) == 2
    assert await _texts(memory, "loose") == ["First.", "Second."]
    await _retained(documents, "Third.", "loose")
    assert await _texts(memory, "loose") == ["Third."]
    assert await documents.delete("bank", "loose") == 1


async def test_memories_are_counted_by_kind(memory: MemoryEngine, documents: Documents) -> None:
    await _retained(documents, "User: one\nAssistant: two\nUser: three")

    assert await documents.memories_of("bank", "doc") == {"fact": 2, "experience": 1}
    assert await documents.memories_of("bank", "nothing") == {}


async def test_its_history_says_what_was_done_and_holds_no_text(documents: Documents) -> None:
    await _retained(documents, "The secret is blue.")
    await _retained(documents, "And green.", mode="append")
    await _retained(documents, "Nothing.")
    await documents.retag("bank", "doc", ["a"])

    told = await documents.history("bank", "doc")

    assert [one["action"] for one in told] == ["created", "append", "replace", "retagged"]
    assert [one["characters"] for one in told] == [19, 31, 8, 8]
    assert "secret" not in json.dumps(told)


async def test_changes_of_the_shelf_ride_along_or_nothing_is_kept(memory: MemoryEngine, documents: Documents) -> None:
    source = [Source(content="Ada moved.", document="doc")]
    told = Put(path=("outbox",), key="1", value=b"told")

    await documents.retain("bank", source, shelved=[told])

    (entry,) = await memory.shelf.get([(("outbox",), "1")])
    assert entry is not None
    with pytest.raises(ChangedError):
        await documents.retain(
            "bank",
            [Source(content="More.", document="doc", mode="append")],
            shelved=[Expect(path=("outbox",), key="1", value=b"else")],
        )
    kept = await documents.get("bank", "doc")
    assert kept is not None
    assert kept.text == "Ada moved."


async def test_of_twenty_appends_at_once_none_is_lost(memory: MemoryEngine, address: str) -> None:
    several = [Documents(memory._desk) for _ in range(4)]

    await asyncio.gather(
        *(
            several[number % 4].retain("bank", [Source(content=f"Said {number}.", document="doc", mode="append")])
            for number in range(20)
        )
    )

    kept = await several[0].get("bank", "doc")
    assert kept is not None
    assert sorted(kept.text.split("\n\n")) == sorted(f"Said {number}." for number in range(20))
    assert sorted(await _texts(memory, "doc")) == sorted(f"Said {number}." for number in range(20))


async def test_what_was_acknowledged_is_there_after_opening_anew(tmp_path: Path) -> None:
    async with engine(tmp_path / "memory") as memory:
        await Documents(memory._desk).retain("bank", [Source(content="Ada moved.", document="doc")])

    async with engine(tmp_path / "memory") as memory:
        kept = await Documents(memory._desk).get("bank", "doc")
        texts = await _texts(memory, "doc")

    assert kept is not None
    assert texts == [kept.text] == ["Ada moved."]


async def test_a_bank_that_is_deleted_leaves_nothing_on_the_shelf(memory: MemoryEngine, documents: Documents) -> None:
    await _retained(documents, "Ada moved.")

    await memory.forget("bank", everything=True)

    assert await memory.shelf.paths(place_of("bank", "documents")[:2]) == []


async def test_who_said_a_text_can_be_given_beside_it(memory: MemoryEngine, documents: Documents) -> None:
    said = Source(content="The train leaves at nine.", document="d", speaker="Grace", kind="experience")

    await documents.retain("user:ada", [said], wait=True)

    (found,) = (await memory.memories("user:ada")).items
    assert (found.speaker, found.kind) == ("Grace", "experience")
