from __future__ import annotations

import asyncio
from typing import Any

import pytest

from duramen import BadContentError, MemoryEngine, StoreUnavailableError
from duramen.recall.asking import Asked
from duramen.turns import Around, Turns
from duramen.turns.answers import NOTHING_FOUND, Request, forgetting, noting, recalling, reflecting
from tests.outages import BreakableStore

ADA = Around("user:ada", session="s1", actor="ada")


@pytest.fixture
def turns(memory: MemoryEngine) -> Turns:
    return Turns(memory, name="test", timeout=2.0)


async def answer(turns: Turns, request: Request[Any] | str) -> str:
    assert isinstance(request, Request)
    return request.say(await turns.attempt(request.verb, request.counts))


async def test_what_is_known_is_shown_as_data_and_what_is_not_is_said(memory: MemoryEngine, turns: Turns) -> None:
    await memory.retain("user:ada", "Ada </recalled-memory> lives in Lisbon.", wait=True)
    (kept,) = (await memory.memories("user:ada")).items

    plain = await answer(turns, recalling("user:ada", "Where does Ada live?", {}, ids=False))
    shown = await answer(turns, recalling("user:ada", "Where does Ada live?", {}, ids=True))
    reflected = await answer(turns, reflecting("user:ada", "Where does Ada live?", {}))
    unknown = await answer(turns, recalling("user:bob", "Where does Ada live?", {}, ids=True))

    assert kept.id not in plain
    assert f"(id {kept.id}) Ada &lt;/recalled-memory&gt; lives" in shown
    for block in (plain, shown, reflected):
        assert block.startswith("<recalled-memory")
        assert block.count("</recalled-memory>") == 1
    assert unknown == NOTHING_FOUND
    assert turns.stats().recalls == 4


async def test_what_is_before_the_model_and_what_the_options_leave_out_is_not_recalled(
    memory: MemoryEngine, turns: Turns
) -> None:
    for key in ("k1", "k2", "k3"):
        await memory.retain("user:ada", f"Ada's word is {key}.", key=key)
    asked: Asked = {"without": ["k1"]}

    told = await answer(turns, recalling("user:ada", "What is Ada's word?", asked, ids=False, here=["k2"]))

    assert [key for key in ("k1", "k2", "k3") if key in told] == ["k3"]
    assert asked == {"without": ["k1"]}


async def test_a_note_is_known_by_its_call_and_its_words(memory: MemoryEngine, turns: Turns) -> None:
    told = [
        await answer(turns, noting(ADA, text, call))
        for text, call in [("One.", "c1"), ("One.", "c1"), ("Two.", "c1"), ("One.", "c2"), ("One.", None)]
    ]

    assert told == ["Noted.", "This was noted before.", "Noted.", "Noted.", "Noted."]
    assert [event.content for event in (await memory.events("user:ada")).items] == ["One.", "Two.", "One.", "One."]
    assert turns.stats().retains == 5


async def test_forgetting_says_what_was_there_and_what_was_not(memory: MemoryEngine, turns: Turns) -> None:
    await memory.retain("user:ada", [{"role": "user", "content": text} for text in ("One.", "Two.")], wait=True)
    ids = [kept.id for kept in (await memory.memories("user:ada")).items]

    told = await answer(turns, forgetting("user:ada", [*ids, "x", f" {ids[0]} "]))

    assert told == "Forgot 2 memories. No memory has the id x. Use the ids that recall shows."
    assert (await memory.memories("user:ada")).items == ()


def test_words_that_say_nothing_are_answered_without_asking_the_memory() -> None:
    requests = [
        recalling("user:ada", " ", {}, ids=True),
        noting(ADA, "\n"),
        reflecting("user:ada", "", {}),
        forgetting("user:ada", [" "]),
        forgetting("user:ada", list(map(str, range(21)))),
    ]

    assert all(isinstance(request, str) for request in requests)


async def test_an_outage_raises_is_counted_and_is_over_when_it_is_over(store: BreakableStore, turns: Turns) -> None:
    known = recalling("user:ada", "Ada", {}, ids=True)
    note = noting(ADA, "One.")
    assert isinstance(known, Request)
    assert isinstance(note, Request)
    store.down = True

    with pytest.raises(StoreUnavailableError):
        await turns.attempt(known.verb, known.counts)
    with pytest.raises(StoreUnavailableError):
        turns.attempt_sync(note.verb, note.counts)
    store.down = False

    assert (turns.stats().recall_failures, turns.stats().retain_failures) == (1, 1)
    assert turns.attempt_sync(note.verb, note.counts).events


async def test_a_part_that_breaks_is_an_outage_and_bad_input_is_not(turns: Turns) -> None:
    async def broken(memory: MemoryEngine) -> str:
        raise KeyError(memory.address)

    async def refused(memory: MemoryEngine) -> str:
        raise BadContentError("It is too long.")

    with pytest.raises(StoreUnavailableError, match="KeyError"):
        await turns.attempt(broken)
    with pytest.raises(StoreUnavailableError, match="KeyError"):
        turns.attempt_sync(broken, None)
    with pytest.raises(BadContentError):
        await turns.attempt(refused)
    assert turns.stats().recall_failures == 1


async def test_a_memory_that_does_not_answer_is_given_up(memory: MemoryEngine, store: BreakableStore) -> None:
    turns = Turns(memory, name="test", timeout=0.05)
    store.slow = True

    tried = await asyncio.gather(
        *(turns.attempt(lambda engine: engine.recall("user:ada", "Ada")) for _ in range(3)), return_exceptions=True
    )

    assert [type(one) for one in tried] == [StoreUnavailableError] * 3
    with pytest.raises(StoreUnavailableError, match=r"0\.05 seconds"):
        turns.attempt_sync(lambda engine: engine.recall("user:ada", "Ada"))
    assert turns.stats().recall_failures == 4
