from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from duramen import BadQueryError, Item, MemoryEngine
from tests.conftest import engine

NOW = datetime.now(timezone.utc)


@pytest.fixture
async def told(memory: MemoryEngine) -> MemoryEngine:
    await memory.retain(
        "b",
        [
            Item(
                content="Ada likes Quillon tea.", key="k0", actor="ada", session="s1", occurred=NOW - timedelta(days=40)
            ),
            Item(content="Ada likes Brimble cake.", key="k1", actor="ada", session="s2", document="diary"),
            Item(content="Bob likes Quillon tea.", key="k2", actor="bob", session="s3", document="diary"),
        ],
        wait=True,
    )
    return memory


async def left(memory: MemoryEngine, bank: str = "b") -> list[str]:
    events = {event.key for event in (await memory.events(bank)).items}
    memories = {one.key for one in (await memory.memories(bank)).items}
    recalled = {hit.memory.key for hit in (await memory.recall(bank, "Quillon tea Brimble cake")).hits}
    assert events == memories == recalled
    return sorted(events)


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({"key": "k0"}, ["k1", "k2"]),
        ({"document": "diary"}, ["k0"]),
        ({"session": "s3"}, ["k0", "k1"]),
        ({"actor": "ada"}, ["k2"]),
        ({"older_than": timedelta(days=30)}, ["k1", "k2"]),
        ({"before": NOW - timedelta(days=39)}, ["k1", "k2"]),
        ({"actor": "ada", "document": "diary"}, ["k0", "k2"]),
        ({"key": "unheard of"}, ["k0", "k1", "k2"]),
    ],
)
async def test_forget_deletes_what_it_says_and_nothing_else(
    told: MemoryEngine, selection: dict[str, Any], expected: list[str]
) -> None:
    forgotten = await told.forget("b", **selection)

    assert await left(told) == expected
    assert forgotten.memories == forgotten.events == 3 - len(expected)
    assert sorted({"k0", "k1", "k2"} - set(expected)) == sorted(forgotten.keys)


async def test_forgetting_one_memory_deletes_its_event_too(told: MemoryEngine) -> None:
    [one] = (await told.memories("b", key="k0")).items

    forgotten = await told.forget("b", memory=one.id)

    assert (forgotten.memories, forgotten.events) == (1, 1)
    assert await left(told) == ["k1", "k2"]


async def test_forgetting_one_piece_of_a_text_cuts_it_out_of_the_event(memory: MemoryEngine) -> None:
    text = "\n\n".join(f"Part {number}: " + "many words stand here. " * 30 for number in range(4))
    await memory.retain("b", text, key="text", wait=True)
    pieces = (await memory.memories("b")).items

    await memory.forget("b", memory=pieces[1].id)

    [event] = (await memory.events("b")).items
    assert pieces[1].text not in event.content
    assert pieces[2].text in event.content
    assert [one.id for one in (await memory.memories("b")).items] == [p.id for p in pieces if p != pieces[1]]


async def test_names_that_only_the_forgotten_spoke_of_are_gone(told: MemoryEngine) -> None:
    await told.recall("b", "Quillon")

    await told.forget("b", key="k1")

    assert (await told.recall("b", "What of Brimble?")).trace.entities == ()
    assert (await told.recall("b", "What of Quillon?")).trace.entities == ("quillon",)


async def test_forgetting_everything_deletes_the_bank(told: MemoryEngine) -> None:
    await told.retain("other", "Untouched.", wait=True)

    forgotten = await told.forget("b", everything=True)

    assert forgotten.memories == 3
    assert [bank.name for bank in (await told.banks()).items] == ["other"]
    assert "There is no bank" in (await told.recall("b", "tea")).notes[0]


async def test_what_is_pending_can_be_forgotten(memory: MemoryEngine) -> None:
    await memory.retain("b", "Forget me at once.", key="k")

    await memory.forget("b", key="k")
    await memory.flush()

    assert (await memory.events("b")).items == ()
    assert (await memory.memories("b")).items == ()


async def test_forgotten_things_can_be_retained_again(told: MemoryEngine) -> None:
    await told.forget("b", key="k0")

    await told.retain("b", "Ada likes Quillon tea.", key="k0", wait=True)

    assert await left(told) == ["k0", "k1", "k2"]


@pytest.mark.parametrize("selection", [{"key": "turn"}, {"session": "s"}, {"everything": True}], ids=str)
async def test_a_replayed_history_does_not_bring_back_what_was_forgotten(
    memory: MemoryEngine, selection: dict[str, Any]
) -> None:
    turn = Item(content="Ada likes Quillon tea.", key="turn", session="s")
    await memory.retain("b", [turn], replayed=True, wait=True)
    await memory.forget("b", **selection)

    again = await memory.retain("b", [turn, Item(content="Bob is here.", key="next")], replayed=True, wait=True)

    assert (again.forgotten, again.repeated, again.replaced, again.keys) == (1, 0, 0, ("turn", "next"))
    assert [one.key for one in (await memory.memories("b")).items] == ["next"]
    assert [event.key for event in (await memory.events("b")).items] == ["next"]


async def test_a_replayed_history_does_not_restore_a_piece_that_was_forgotten(memory: MemoryEngine) -> None:
    text = "\n\n".join(f"Part {number}: " + "many words stand here. " * 30 for number in range(4))
    await memory.retain("b", text, key="text", wait=True)
    pieces = (await memory.memories("b")).items
    await memory.forget("b", memory=pieces[1].id)

    again = await memory.retain("b", text, key="text", replayed=True, wait=True)

    [event] = (await memory.events("b")).items
    assert again.forgotten == 1
    assert pieces[1].text not in event.content
    assert [one.id for one in (await memory.memories("b")).items] == [p.id for p in pieces if p != pieces[1]]


async def test_a_replay_of_a_forgotten_bank_leaves_no_bank(told: MemoryEngine) -> None:
    await told.forget("b", everything=True)

    again = await told.retain("b", "Ada likes Quillon tea.", key="k0", replayed=True, wait=True)

    assert again.forgotten == 1
    assert (await told.banks()).items == ()


async def test_a_replay_in_another_process_does_not_bring_it_back_either(tmp_path: Path) -> None:
    async with engine(tmp_path) as one:
        await one.retain("b", "Ada likes tea.", key="k", wait=True)
        await one.forget("b", key="k")

    async with engine(tmp_path) as other:
        assert (await other.retain("b", "Ada likes tea.", key="k", replayed=True)).forgotten == 1
        assert (await other.events("b")).items == ()


async def test_what_remembers_the_forgotten_names_nobody(tmp_path: Path) -> None:
    async with engine(tmp_path) as memory:
        await memory.retain("user:zanzibarine", "The secret word is Zanzibarine.", key="zanzibarine", wait=True)
        await memory.forget("user:zanzibarine", everything=True)

        assert (await memory.retain("user:zanzibarine", "Zanzibarine", key="zanzibarine", replayed=True)).forgotten == 1

    assert files_with(b"anzibarine", tmp_path) == []


@pytest.mark.parametrize("selection", [{}, {"everything": True, "key": "k0"}])
async def test_forget_wants_to_be_told_what(told: MemoryEngine, selection: dict[str, Any]) -> None:
    with pytest.raises(BadQueryError, match="Nothing was deleted"):
        await told.forget("b", **selection)

    assert await left(told) == ["k0", "k1", "k2"]


async def test_an_unknown_bank_has_nothing_to_forget(memory: MemoryEngine) -> None:
    assert (await memory.forget("nobody", everything=True)).memories == 0


async def test_what_one_process_forgets_another_no_longer_recalls(tmp_path: Path) -> None:
    async with engine(tmp_path) as one, engine(tmp_path) as other:
        await one.retain(
            "b", [Item(content="Ada likes tea.", key="k0"), Item(content="Ada likes cake.", key="k1")], wait=True
        )
        assert len((await other.recall("b", "Ada likes")).hits) == 2

        await one.forget("b", key="k0")

        assert [hit.memory.key for hit in (await other.recall("b", "Ada likes")).hits] == ["k1"]


async def test_no_file_holds_what_was_forgotten(tmp_path: Path) -> None:
    async with engine(tmp_path) as memory:
        await memory.retain("b", "The secret word is Zanzibarine.", key="k", metadata={"m": "Zanzibarine"}, wait=True)
        await memory.retain("b", "Another thing.", wait=True)
        await memory.forget("b", key="k")

    assert files_with(b"anzibarine", tmp_path) == []
    assert files_with(b"Another thing", tmp_path) != []


def files_with(text: bytes, directory: Path) -> list[Path]:
    return [file for file in directory.rglob("*") if file.is_file() and text in file.read_bytes()]


async def test_listings_page_through_everything_once(memory: MemoryEngine) -> None:
    await memory.retain("b", [Item(content=f"Fact {number}", key=f"k{number}") for number in range(25)], wait=True)

    seen: list[str] = []
    cursor = None
    while True:
        page = await memory.memories("b", cursor=cursor, limit=10)
        seen += [one.key for one in page.items]
        cursor = page.next
        if cursor is None:
            break

    assert seen == [f"k{number}" for number in range(25)]


@pytest.mark.parametrize("options", [{"limit": 0}, {"limit": -1}, {"limit": 1001}, {"cursor": "nonsense"}])
async def test_bad_paging_is_an_error(told: MemoryEngine, options: dict[str, Any]) -> None:
    with pytest.raises(BadQueryError):
        await told.memories("b", **options)


async def said(memory: MemoryEngine) -> list[str]:
    """Return what sessions still hold."""
    found = []
    for actor in (await memory.sessions.actors("b")).items:
        for session in (await memory.sessions.sessions("b", actor)).items:
            found += [str(one["content"]) for one in await memory.sessions.history("b", actor, session.session)]
    return sorted(found)


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({"actor": "ada"}, ["bob s1"]),
        ({"actor": "ada", "session": "s1"}, ["ada s2", "bob s1"]),
        ({"session": "s1"}, ["ada s2"]),
        ({"session": "s2"}, ["ada s1", "bob s1"]),
        ({"before": NOW - timedelta(days=1)}, ["ada s2", "bob s1"]),
        ({"older_than": timedelta(days=1), "actor": "bob"}, ["ada s1", "ada s2", "bob s1"]),
        ({"document": "diary"}, ["ada s1", "ada s2", "bob s1"]),
        ({"actor": "ad"}, ["ada s1", "ada s2", "bob s1"]),
        ({"everything": True}, []),
    ],
)
async def test_sessions_forget_what_is_forgotten(
    memory: MemoryEngine, selection: dict[str, Any], expected: list[str]
) -> None:
    for actor, session, days in (("ada", "s1", 9), ("ada", "s2", 0), ("bob", "s1", 0)):
        at = NOW - timedelta(days=days)
        await memory.sessions.append("b", f"{actor} {session}", actor=actor, session=session, at=at, key="k")

    await memory.forget("b", **selection)

    assert await said(memory) == expected
    assert sorted(event.content for event in (await memory.events("b")).items) == expected


async def test_one_event_of_a_session_is_forgotten_by_its_id(memory: MemoryEngine) -> None:
    first = await memory.sessions.append("b", "Forget me.", actor="ada", session="s", key="k")
    await memory.sessions.append("b", "Keep me.", actor="ada", session="s")

    await memory.forget("b", key=first.id)
    again = await memory.sessions.append("b", "Something else.", actor="ada", session="s", key="k")

    assert again.id != first.id
    assert await said(memory) == ["Keep me.", "Something else."]


async def test_what_was_not_to_be_remembered_is_forgotten_with_its_session(memory: MemoryEngine) -> None:
    await memory.sessions.append("b", "Between us.", actor="ada", session="s", extract=False)

    await memory.forget("b", session="s")

    assert await said(memory) == []


async def test_forgotten_sessions_are_in_none_of_the_files(tmp_path: Path) -> None:
    async with engine(tmp_path) as memory:
        for number in range(3):
            await memory.sessions.append("b", f"Zanzibarine {number}", actor="ada", session=f"s{number}")
        await memory.forget("b", session="s1")
        await memory.forget("b", actor="ada")

    assert files_with(b"anzibarine", tmp_path) == []


async def test_a_memory_that_was_set_aside_is_forgotten_with_its_words(memory: MemoryEngine) -> None:
    await memory.retain("user:ada", "Ada lives in Porto.", wait=True)
    (one,) = (await memory.memories("user:ada")).items
    await memory.curation.invalidate("user:ada", one.id)

    forgotten = await memory.forget("user:ada", memory=one.id)

    assert forgotten.memories == 1
    assert await memory.curation.invalidated("user:ada") == []
    assert [event for event in (await memory.events("user:ada")).items if "Porto" in event.content] == []
