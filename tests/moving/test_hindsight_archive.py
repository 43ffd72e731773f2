from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from duramen import Item
from duramen.documents.source import Source
from duramen.errors import BadFileError, NotFoundError
from duramen.moving.hindsight_archive import import_archive
from duramen.moving.to_hindsight import export_to_hindsight
from duramen.times import parse_time
from duramen.types import Memory
from tests.conftest import engine
from tests.moving.archives import LETTER, MANIFEST, archive
from tests.moving.examples import ADA, STRATEGIES, fill
from tests.simple_strategies import NOON

BANK = "agent-7"


def moment(text: str) -> object:
    return parse_time(text, BadFileError, "a time")


async def test_documents_and_what_was_made_of_them_are_taken_in(tmp_path: Path, address: str) -> None:
    path = archive(tmp_path / "a.zip")

    async with engine(address) as memory:
        taken = await import_archive(memory, path)
        await memory.flush()
        letter, note = await memory.documents.get(BANK, "letter"), await memory.documents.get(BANK, "note")
        bare = await memory.documents.get(BANK, "bare")
        made = {one.text: one for one in (await memory.memories(BANK, strategy="hindsight")).items}
        said = {one.text: one for one in (await memory.memories(BANK, strategy="")).items}

    assert taken.banks == {BANK: {"documents": 3, "memories": 2, "observations": 1}}
    assert taken.notes == (
        "the document 'nothing' has no text, and was left out",
        "an observation without sources was left out",
    )
    assert letter is not None
    assert note is not None
    assert bare is not None
    assert (letter.text, letter.tags, letter.metadata) == (LETTER, ("home",), {"channel": "mail"})
    assert letter.retained["context"] == "a letter"
    assert note.retained["timeless"] is True
    assert bare.text == "Only a chunk is left."
    assert said[LETTER].mentioned == moment("2025-04-01T10:00:00Z")
    assert "Ada" in said[LETTER].entities
    fact = made["Ada lives in Lisbon since spring 2025"]
    assert (fact.id, fact.kind, fact.document) == ("0b2e7f4c-0000-4000-8000-000000000001", "fact", "letter")
    assert (fact.sources, fact.tags, fact.metadata) == (letter.chunks, ("home",), {"a": "b"})
    assert fact.occurred is not None
    assert fact.occurred.start == fact.occurred.end == moment("2025-04-01T00:00:00Z")
    assert {"Ada", "Lisbon"} <= set(fact.entities)
    assert made["I was told that Mia the cat fell ill"].kind == "experience"
    seen = made["Ada cares for her cat Mia."]
    assert (seen.kind, seen.sources, seen.details) == ("observation", (*letter.chunks, *note.chunks), {"evidence": 2})


async def test_what_was_made_goes_with_its_document_and_can_be_undone(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip")

    async with engine(":memory:") as memory:
        await import_archive(memory, path)
        (first, *_) = (await memory.revisions(BANK)).items
        await memory.undo(BANK, first.number)
        undone = [one.text for one in (await memory.memories(BANK, strategy="hindsight")).items]
        await memory.documents.delete(BANK, "note")
        left = [one.text for one in (await memory.memories(BANK, strategy="hindsight")).items]

    assert undone == ["I was told that Mia the cat fell ill", "Ada cares for her cat Mia."]
    assert left == []


async def test_the_same_archive_twice_is_one(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip")

    async with engine(":memory:") as memory:
        await import_archive(memory, path, bank="other")
        await memory.flush()
        before = await memory.version("other")
        again = await import_archive(memory, path, bank="other")
        await memory.flush()

        assert await memory.version("other") == before
    assert again.banks == {"other": {"documents": 3}}


async def test_what_is_not_taken_in_is_told(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", mental_models=[{"id": "m"}])

    async with engine(":memory:") as memory:
        taken = await import_archive(memory, path)

    assert taken.notes[-1].startswith("mental_models.json was left out")


async def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    async with engine(":memory:") as memory:
        path.write_bytes(b"PK hello")
        with pytest.raises(BadFileError, match="damaged, or is none"):
            await import_archive(memory, path)
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("a.txt", "hello")
        with pytest.raises(BadFileError, match="damaged, or is none"):
            await import_archive(memory, path)
        with pytest.raises(BadFileError, match="of version 1"):
            await import_archive(memory, archive(path, {**MANIFEST, "schema_version": 2}))
        with pytest.raises(BadFileError):
            await import_archive(memory, tmp_path / "missing.zip")

        assert (await memory.banks()).items == ()


async def test_what_is_exported_for_hindsight_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "ada.zip"
    async with engine(":memory:", strategies=STRATEGIES) as memory:
        await fill(memory)
        done = await export_to_hindsight(memory, ADA, path)
        said = (await memory.memories(ADA, strategy="")).items
        holding = [one for one in (await memory.memories(ADA, namespace="/")).items if one.superseded is None]
        before = await memory.documents.get(ADA, "letter")
    async with engine(":memory:") as memory:
        taken = await import_archive(memory, path)
        await memory.flush()
        again = (await memory.memories(ADA, strategy="")).items
        observed = (await memory.memories(ADA, strategy="hindsight")).items
        after = await memory.documents.get(ADA, "letter")
        loose = await memory.documents.get(ADA, "k4")

    assert before is not None
    assert after is not None
    assert loose is not None
    assert (done.documents, taken.banks[ADA]["documents"]) == (6, 6)
    assert sorted(map(told, said)) == sorted(map(told, again))
    assert {one.text for one in observed} <= {one.text for one in holding}
    assert len(observed) == done.observations
    assert (after.text, after.tags, after.retained["context"]) == (before.text, before.tags, "mail")
    assert loose.text == "Grace Hopper met Ada in Porto on 3 March 2025."


def told(memory: Memory) -> tuple[str, str, tuple[str, ...]]:
    return memory.text, memory.kind, memory.tags


async def test_messages_of_one_item_are_documents_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "ada.zip"
    messages = [{"role": "user", "content": "I live in Bern."}, {"role": "assistant", "content": "Noted."}]
    async with engine(":memory:") as memory:
        await memory.retain(ADA, [Item(content=messages, key="chat", occurred=NOON)])
        await memory.documents.retain(ADA, [Source(content="Old.", document="old", timeless=True)])

        await export_to_hindsight(memory, ADA, path)

    async with engine(":memory:") as memory:
        await import_archive(memory, path)
        documents, _ = await memory.documents.list(ADA)
        old = await memory.documents.get(ADA, "old")

    assert {one.id: one.text for one in documents} == {"chat": "I live in Bern.", "chat#1": "Noted.", "old": "Old."}
    assert old is not None
    assert old.retained["timeless"] is True


async def test_a_bank_without_anything_retained_is_an_error(tmp_path: Path) -> None:
    async with engine(":memory:") as memory:
        with pytest.raises(NotFoundError):
            await export_to_hindsight(memory, ADA, tmp_path / "ada.zip")

    assert not (tmp_path / "ada.zip").exists()
