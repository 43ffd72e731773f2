"""The route for `forget`: one memory, for good."""

from __future__ import annotations

from urllib.parse import quote

from duramen.server.app import create_app
from duramen.server.caller import VERBS, Grant
from duramen.server.keys import Keys
from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.apps import client_of

ITEMS = [
    {"content": "Ada lives in Lisbon.", "document_id": "home"},
    {"content": "Ada plays the cello.", "document_id": "music"},
]
BANK = f"/v1/default/banks/{quote('user:ada', safe='')}"


async def test_a_memory_is_deleted_with_the_words_that_it_was_made_from() -> None:
    memory = engine(":memory:")
    async with client_of(create_app(memory, Settings())) as client:
        await client.post(f"{BANK}/memories", json={"items": ITEMS})
        listed = (await client.get(f"{BANK}/memories/list", params={"document_id": "home"})).json()["items"]

        answer = await client.delete(f"{BANK}/memories/{listed[0]['id']}")

        left = await memory.memories("user:ada")
        document = (await client.get(f"{BANK}/documents/home")).json()

    assert answer.json()["success"] is True
    assert answer.json()["deleted_count"] >= 1
    assert not any("Lisbon" in one.text for one in left.items)
    assert any("cello" in one.text for one in left.items)
    assert "Lisbon" not in (document.get("original_text") or "")


async def test_a_memory_that_is_set_aside_can_be_deleted_too() -> None:
    memory = engine(":memory:")
    async with client_of(create_app(memory, Settings())) as client:
        await client.post(f"{BANK}/memories", json={"items": ITEMS[:1]})
        one = (await client.get(f"{BANK}/memories/list", params={"type": "world"})).json()["items"][0]["id"]
        await client.patch(f"{BANK}/memories/{one}", json={"state": "invalidated"})

        answer = await client.delete(f"{BANK}/memories/{one}")

        after = await client.get(f"{BANK}/memories/{one}")
        document = (await client.get(f"{BANK}/documents/home")).json()

    assert (answer.status_code, after.status_code) == (200, 404)
    assert "Lisbon" not in str(document)


async def test_a_memory_that_there_is_not_is_not_found() -> None:
    async with client_of(create_app(engine(":memory:"), Settings())) as client:
        answer = await client.delete(f"{BANK}/memories/none")

    assert answer.status_code == 404


async def test_to_delete_a_memory_a_key_must_allow_to_forget() -> None:
    memory = engine(":memory:")
    async with client_of(create_app(memory, Settings(auth="on"))) as client:
        scope = Grant(name="", verbs=frozenset(VERBS) - {"forget"})
        _, key = await Keys(memory.shelf).create("somebody", scope=scope)

        answer = await client.delete(f"{BANK}/memories/x", headers={"Authorization": key})

    assert answer.status_code == 403
