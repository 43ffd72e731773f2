from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from duramen.client import Reach
from duramen.errors import AddressError, BadQueryError, NotFoundError, StoreUnavailableError
from duramen.moving.hindsight import import_hindsight
from duramen.moving.hindsight_archive import import_archive
from duramen.moving.importing import IMPORTS
from tests.conftest import engine
from tests.moving.archives import LETTER, archive
from tests.serving import Served, free_port, served

MADE = "agent-7"
OWN = "user:ada"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of ours with two banks: one with what a language model made of documents, one that was set up over HTTP."""
    home = tmp_path_factory.mktemp("server")

    async def fill() -> None:
        async with engine(home / "memory") as memory:
            await import_archive(memory, archive(home / "a.zip"))

    asyncio.run(fill())
    with served(home / "memory") as running:
        base = f"{running.url}/v1/default/banks/{OWN}"
        with httpx.Client(base_url=base, timeout=60) as client:
            client.put(base, json={"name": "Ada's", "mission": "Remember.", "disposition": {"skepticism": 5}})
            items = [
                {"content": "Ada lives in Lisbon.", "document_id": "d/1", "timestamp": "2025-04-01T10:00:00Z"},
                {"content": "Ada plays the piano.", "document_id": "wrong", "tags": ["music"], "metadata": {"a": "b"}},
                {"content": "User: My cat is Mia.\nAssistant: Noted.", "document_id": "chat", "context": "a chat"},
            ]
            assert client.post("/memories", json={"items": items}).status_code == 200
            assert client.post("/directives", json={"name": "kind", "content": "Be kind."}).is_success
            listed = client.get("/memories/list", params={"q": "piano"}).json()["items"]
            client.patch(f"/memories/{listed[0]['id']}", json={"state": "invalidated", "reason": "she does not"})
        yield running


async def test_banks_come_with_their_documents_and_how_they_are_set_up(server: Served, address: str) -> None:
    async with engine(address) as memory:
        taken = await import_hindsight(memory, server.url, banks=[OWN])
        await memory.flush()
        profile = await memory.profiles.get(OWN)
        directives, _ = await memory.profiles.directives(OWN)
        chat, first = await memory.documents.get(OWN, "chat"), await memory.documents.get(OWN, "d/1")
        invalid = await memory.curation.invalidated(OWN)
        said = {one.text: one for one in (await memory.memories(OWN, strategy="")).items}
        left = await memory.shelf.scan(IMPORTS, below=True)

    assert taken.banks[OWN]["documents"] == 3
    assert (profile.name, profile.mission, profile.disposition.skepticism) == ("Ada's", "Remember.", 5)
    assert [(one.name, one.content) for one in directives] == [("kind", "Be kind.")]
    assert chat is not None
    assert first is not None
    assert chat.retained["context"] == "a chat"
    assert said["Noted."].kind == "experience"
    assert said["Ada lives in Lisbon."].mentioned.isoformat() == "2025-04-01T10:00:00+00:00"
    assert [(one.memory.text, one.reason) for one in invalid] == [("Ada plays the piano.", "she does not")]
    assert left == []


async def test_what_its_model_made_comes_as_what_it_is(server: Served) -> None:
    async with engine(":memory:") as memory:
        taken = await import_hindsight(memory, server.url, banks=[MADE], rename={MADE: "agent-8"})
        letter, note = await memory.documents.get("agent-8", "letter"), await memory.documents.get("agent-8", "note")
        made = {one.text: one for one in (await memory.memories("agent-8", strategy="hindsight")).items}

    assert taken.banks == {"agent-8": {"documents": 3, "memories": 2, "observations": 1}}
    assert letter is not None
    assert note is not None
    assert letter.text == LETTER
    fact = made["Ada lives in Lisbon since spring 2025"]
    assert (fact.id, fact.sources, fact.kind) == ("0b2e7f4c-0000-4000-8000-000000000001", letter.chunks, "fact")
    assert fact.occurred is not None
    assert made["I was told that Mia the cat fell ill"].kind == "experience"
    assert made["Ada cares for her cat Mia."].sources == (*letter.chunks, *note.chunks)
    assert made["Ada cares for her cat Mia."].kind == "observation"


async def test_all_banks_come_if_none_is_named(server: Served) -> None:
    async with engine(":memory:") as memory:
        taken = await import_hindsight(memory, server.url)

    assert sorted(taken.banks) == [MADE, OWN]


async def test_done_again_it_is_the_same(server: Served) -> None:
    async with engine(":memory:") as memory:
        await import_hindsight(memory, server.url)
        await memory.flush()
        before = [await memory.version(MADE), await memory.version(OWN)]
        again = await import_hindsight(memory, server.url)
        await memory.flush()
        invalid = await memory.curation.invalidated(OWN)

        assert [await memory.version(MADE), await memory.version(OWN)] == before
    assert again.banks[MADE] == {"documents": 3}
    assert len(invalid) == 1


async def test_broken_off_it_goes_on_behind_the_documents_that_it_had(server: Served) -> None:
    def stop(done: int, total: int) -> None:
        if done == 2:
            raise BadQueryError("enough")

    async with engine(":memory:") as memory:
        with pytest.raises(BadQueryError):
            await import_hindsight(memory, server.url, banks=[MADE], progress=stop)
        _, had = await memory.documents.list(MADE)
        taken = await import_hindsight(memory, server.url, banks=[MADE])

    assert had == 2
    assert (taken.banks[MADE]["documents"], taken.banks[MADE]["documents before"]) == (1, 2)


async def test_an_unknown_bank_is_an_error_before_anything_is_done(server: Served) -> None:
    async with engine(":memory:") as memory:
        with pytest.raises(NotFoundError, match="has no bank 'user:nobody'"):
            await import_hindsight(memory, server.url, banks=[OWN, "user:nobody"])

        assert (await memory.banks()).items == ()


async def test_a_server_that_is_away_is_an_error() -> None:
    async with engine(":memory:") as memory:
        with pytest.raises(StoreUnavailableError):
            await import_hindsight(memory, f"http://127.0.0.1:{free_port()}", reach=Reach(retries=0))
        with pytest.raises(AddressError):
            await import_hindsight(memory, "localhost:8888")


async def test_progress_counts_documents(server: Served) -> None:
    seen: list[tuple[int, int]] = []
    async with engine(":memory:") as memory:
        await import_hindsight(memory, server.url, progress=lambda done, total: seen.append((done, total)))

    assert seen == [(done, 6) for done in range(1, 7)]
