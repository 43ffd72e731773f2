from __future__ import annotations

import io
import zipfile

import pytest

from duramen import MemoryEngine
from duramen.documents import Source
from duramen.errors import BadInputError
from duramen.server.hindsight.archives import Archive, collected, items_of, packed, source_of, unpacked
from duramen.server.hindsight.retaining import kept_metadata


async def filled(memory: MemoryEngine) -> None:
    await memory.documents.retain(
        "a",
        [
            Source(content="Ada lives in Lisbon.", document="home", tags=["t"], metadata={"m": "x"}, context="talk"),
            Source(content="User: I like tea.\nAssistant: Noted.", document="talk", session="s", actor="ada"),
        ],
    )
    await memory.retain("a", [{"role": "assistant", "content": "I booked a table."}], key="k", session="s", tags=["u"])
    await memory.profiles.save("a", mission="Help Ada")


async def test_what_is_taken_from_one_bank_is_the_same_in_another(memory: MemoryEngine) -> None:
    await filled(memory)

    archive = unpacked(packed(await collected(memory, "a", config=True)))
    await memory.documents.retain("b", [source_of(one) for one in archive.documents])
    await memory.retain("b", list(items_of(archive.events)))
    await memory.templates.apply("b", archive.template or {})

    before, _ = await memory.views.listed("a")
    after, _ = await memory.views.listed("b")
    told = [
        sorted((one.text, one.kind, one.document, one.session, one.actor, one.tags, one.mentioned) for one in memories)
        for memories in (before, after)
    ]
    assert told[0] == told[1]
    assert len(told[0]) == 4
    assert (await memory.profiles.get("b")).mission == "Help Ada"


async def test_the_scopes_of_observations_are_moved_with_a_document(memory: MemoryEngine) -> None:
    metadata = kept_metadata({"m": "x"}, [["a"], ["b"]])
    await memory.documents.retain("a", [Source(content="Ada lives in Lisbon.", document="home", metadata=metadata)])

    archive = unpacked(packed(await collected(memory, "a")))
    await memory.documents.retain("b", [source_of(one) for one in archive.documents])

    told = [dict((await memory.events(bank, document="home")).items[0].metadata) for bank in "ab"]
    assert told[0] == told[1] == metadata


async def test_some_documents_are_taken_alone(memory: MemoryEngine) -> None:
    await filled(memory)

    archive = await collected(memory, "a", ids=["home", "none"])

    assert [one["id"] for one in archive.documents] == ["home"]
    assert (archive.events, archive.template) == ([], None)


def zipped(files: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 and no more",
        zipped({}),
        zipped({"archive.json": "{}"}),
        zipped({"archive.json": "[]"}),
        zipped({"archive.json": '{"format": "duramen.archive", "version": 2, "bank": "a"}'}),
        zipped({"archive.json": '{"format": "duramen.archive", "version": 1, "bank": "a"}', "documents.jsonl": "{"}),
        zipped({"archive.json": '{"format": "duramen.archive", "version": 1, "bank": "a"}', "documents.jsonl": "3"}),
        packed(Archive(bank="a", documents=[{"id": "d", "text": "Ada"}]))[:-40],
    ],
)
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(BadInputError):
        unpacked(data)


@pytest.mark.parametrize("document", [{}, {"id": "d"}, {"text": "x"}, {"id": "d", "text": "x", "occurred": "then"}])
def test_what_is_no_document_is_refused(document: dict[str, str]) -> None:
    with pytest.raises(BadInputError):
        source_of(document)
