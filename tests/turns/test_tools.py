from __future__ import annotations

import asyncio
from typing import Any, Literal

import pytest

from duramen import MemoryEngine
from duramen.errors import BadInputError
from duramen.turns import Around
from duramen.turns.answers import NO_ANSWER, NOT_KNOWN_WHOSE, NOTHING_FOUND
from duramen.turns.tools import TOOL_NAMES, WORDS, Caller, Told, ToolMemory, ToolName
from tests.outages import BreakableStore

ADA = Caller(Around("user:ada", session="s1", actor="ada"), call="call-1")
BOB = Caller(Around("user:bob"))
Face = Literal["async", "sync"]


@pytest.fixture(params=["async", "sync"])
def face(request: pytest.FixtureRequest) -> Any:
    return request.param


async def call(tools: ToolMemory, face: Face, tool: ToolName, caller: Caller | None, given: object) -> Told:
    if face == "async":
        return await tools.call(tool, caller, given)
    return await asyncio.to_thread(tools.call_sync, tool, caller, given)


async def test_each_tool_does_what_it_says(memory: MemoryEngine, face: Face) -> None:
    tools = ToolMemory(memory, name="test")

    noted = await call(tools, face, "retain", ADA, "Ada lives in Lisbon.")
    await memory.flush()
    (kept,) = (await memory.memories("user:ada")).items
    recalled = await call(tools, face, "recall", ADA, "Where does Ada live?")
    reflected = await call(tools, face, "reflect", ADA, "Where does Ada live?")
    forgotten = await call(tools, face, "forget", ADA, [kept.id])

    assert noted == Told("Noted.")
    assert (kept.session, kept.actor) == ("s1", "ada")
    assert f"(id {kept.id})" in recalled.text
    for shown in (recalled, reflected):
        assert shown.text.startswith("<recalled-memory")
        assert "Ada lives in Lisbon." in shown.text
        assert not shown.failed
    assert forgotten == Told("Forgot 1 memory.")
    assert (await memory.memories("user:ada")).items == ()
    assert (await memory.events("user:ada")).items == ()


async def test_what_nobody_told_is_no_failure(memory: MemoryEngine) -> None:
    tools = ToolMemory(memory, name="test")

    assert await tools.call("recall", ADA, "Where does Ada live?") == Told(NOTHING_FOUND)
    assert await tools.call("reflect", ADA, "Where does Ada live?") == Told(NOTHING_FOUND)


async def test_nobody_forgets_or_finds_what_is_anothers(memory: MemoryEngine) -> None:
    tools = ToolMemory(memory, name="test")
    await tools.call("retain", ADA, "Ada lives in Lisbon.")
    await memory.flush()
    (kept,) = (await memory.memories("user:ada")).items

    told = await tools.call("forget", BOB, [kept.id])
    found = await tools.call("recall", BOB, "Where does Ada live?")

    assert "No memory has the id" in told.text
    assert found.text == NOTHING_FOUND
    assert (await memory.memories("user:ada")).items == (kept,)


async def test_a_note_taken_twice_by_one_call_is_one(memory: MemoryEngine) -> None:
    tools = ToolMemory(memory, name="test")

    await tools.call("retain", ADA, "Ada lives in Lisbon.")
    again = await tools.call("retain", ADA, "Ada lives in Lisbon.")

    assert again == Told("This was noted before.")
    assert len((await memory.events("user:ada")).items) == 1


async def test_what_the_model_has_before_it_is_not_recalled(memory: MemoryEngine) -> None:
    tools = ToolMemory(memory, name="test")
    await memory.retain("user:ada", "Ada lives in Lisbon.", key="m1")

    here = Caller(ADA.around, here=frozenset({"m1"}))

    assert (await tools.call("recall", here, "Where does Ada live?")).text == NOTHING_FOUND


async def test_ids_are_shown_only_to_whom_can_forget(memory: MemoryEngine) -> None:
    tools = ToolMemory(memory, name="test", names=["recall"])
    await memory.retain("user:ada", "Ada lives in Lisbon.", wait=True)

    recalled = await tools.call("recall", ADA, "Where does Ada live?")

    assert tools.names == ("recall",)
    assert "Lisbon" in recalled.text
    assert "(id " not in recalled.text


@pytest.mark.parametrize("tool", TOOL_NAMES)
@pytest.mark.parametrize("given", [None, 7, {"text": "x"}, [1, 2], [None], b"bytes", True])
async def test_what_is_no_argument_is_answered_with_what_would_be(
    memory: MemoryEngine, face: Face, tool: ToolName, given: object
) -> None:
    told = await call(ToolMemory(memory, name="test"), face, tool, ADA, given)

    assert told.failed
    assert told.text.startswith(f"This tool takes `{WORDS[tool].argument}`. ")


@pytest.mark.parametrize("tool", TOOL_NAMES)
@pytest.mark.parametrize("given", ["", " \n"])
async def test_a_blank_argument_is_answered_with_a_sentence(memory: MemoryEngine, tool: ToolName, given: str) -> None:
    told = await ToolMemory(memory, name="test").call(tool, ADA, given)

    assert told.failed
    assert told.text.endswith(".")


async def test_one_id_need_not_be_a_list(memory: MemoryEngine) -> None:
    tools = ToolMemory(memory, name="test")
    await memory.retain("user:ada", "Ada lives in Lisbon.", wait=True)
    (kept,) = (await memory.memories("user:ada")).items

    assert await tools.call("forget", ADA, kept.id) == Told("Forgot 1 memory.")


@pytest.mark.parametrize("tool", TOOL_NAMES)
async def test_without_an_owner_nothing_is_done_and_that_is_said(
    memory: MemoryEngine, face: Face, tool: ToolName
) -> None:
    told = await call(ToolMemory(memory, name="test"), face, tool, None, "Ada lives in Lisbon.")

    assert told == Told(NOT_KNOWN_WHOSE, failed=True)
    assert (await memory.banks()).items == ()


@pytest.mark.parametrize("how", ["down", "slow", "closed"])
async def test_an_outage_is_said_and_counted(memory: MemoryEngine, store: BreakableStore, face: Face, how: str) -> None:
    tools = ToolMemory(memory, name="test", timeout=0.05)
    if how == "closed":
        await memory.aclose()
    else:
        setattr(store, how, True)

    recalled = await call(tools, face, "recall", ADA, "Where does Ada live?")
    noted = await call(tools, face, "retain", ADA, "Ada lives in Lisbon.")

    assert recalled == noted == Told(NO_ANSWER, failed=True)
    assert (tools.turns.stats().recall_failures, tools.turns.stats().retain_failures) == (1, 1)


async def test_a_memory_that_is_back_answers(memory: MemoryEngine, store: BreakableStore) -> None:
    tools = ToolMemory(memory, name="test")
    store.down = True
    await tools.call("retain", ADA, "Ada lives in Lisbon.")
    store.down = False

    assert await tools.call("retain", ADA, "Ada lives in Lisbon.") == Told("Noted.")
    assert (await memory.status()).turns.retains == 1


@pytest.mark.parametrize("names", [["recall", "remember"], "recall", ["Recall"]])
def test_a_tool_that_does_not_exist_is_refused(memory: MemoryEngine, names: Any) -> None:
    with pytest.raises(BadInputError, match=r"There is no tool .*recall, retain, reflect, forget"):
        ToolMemory(memory, name="test", names=names)


def test_an_option_that_makes_no_sense_is_refused_at_once(memory: MemoryEngine) -> None:
    with pytest.raises(BadInputError, match="limit"):
        ToolMemory(memory, name="test", limit=0)


async def test_options_are_those_of_recall(memory: MemoryEngine) -> None:
    for number in range(12):
        await memory.retain("user:ada", f"Ada lives at address {number}.", tags=["home"] if number < 3 else [])
    few, tagged = (
        ToolMemory(memory, name="test"),
        ToolMemory(memory, name="test", tags=["home"], tags_match="all_strict"),
    )

    assert (await few.call("recall", ADA, "Where does Ada live?")).text.count("(id ") == 10
    assert (await tagged.call("recall", ADA, "Where does Ada live?")).text.count("(id ") == 3


@pytest.mark.parametrize("tool", TOOL_NAMES)
def test_the_schema_has_one_argument_that_says_what_it_takes(tool: ToolName) -> None:
    schema = WORDS[tool].schema()

    ((name, argument),) = schema["properties"].items()
    assert schema["required"] == [name] == [WORDS[tool].argument]
    assert argument["description"].endswith(".")
    assert WORDS[tool].read("x") == (["x"] if argument["type"] == "array" else "x")
