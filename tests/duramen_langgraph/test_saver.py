from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.channels import UntrackedValue
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, Send
from typing_extensions import TypedDict

import duramen
from duramen import BadInputError, CapitalsEntityFinder, ClosedError, HashingEmbedder, MemoryEngine
from duramen.errors import StoreUnavailableError
from duramen_langgraph.saver import DuramenSaver
from tests.conftest import engine
from tests.duramen_langgraph.saving import (
    Run,
    asking,
    by_ainvoke,
    by_invoke,
    contents,
    echo,
    ids,
    kept,
    said,
    thread,
    values_of,
)

SECRET = "the recalled text that nobody may keep"
ODD_THREADS = ["a/b", "ü", "a\x1fb", "a b ", "%", "_", "a'; DROP TABLE shelf; --", "🦉", "a\nb", "()", "a" * 2000]

both_ways = pytest.mark.parametrize("run", [by_invoke, by_ainvoke])


@both_ways
async def test_a_conversation_goes_on_in_a_new_engine(run: Run, tmp_path: Path) -> None:
    async with engine(tmp_path / "memory") as memory:
        await run(echo(DuramenSaver(memory)), said("I am Ada."), thread())

    async with engine(tmp_path / "memory") as memory:
        values = await run(echo(DuramenSaver(memory)), said("Who am I?"), thread())

    assert contents(values) == ["I am Ada.", "You said: I am Ada.", "Who am I?", "You said: Who am I?"]
    assert values["notes"] == ["2 messages", "4 messages"]


@both_ways
async def test_its_history_is_that_of_langgraphs_own_saver(run: Run, saver: DuramenSaver) -> None:
    ours, theirs = echo(saver), echo(InMemorySaver())
    for graph in (ours, theirs):
        await run(graph, said("one"), thread())
        await run(graph, said("two"), thread())
        graph.update_state(thread(), {"notes": ["by hand"]}, as_node="note")

    def told(graph: Any) -> list[Any]:
        return [
            (contents(state.values), state.values.get("notes"), state.next, state.metadata)
            for state in graph.get_state_history(thread())
            if state.values
        ]

    assert len(told(ours)) == 9
    assert told(ours) == told(theirs)


@both_ways
async def test_an_interrupted_graph_is_resumed_in_a_new_engine(run: Run, tmp_path: Path) -> None:
    async with engine(tmp_path / "memory") as memory:
        graph = asking(DuramenSaver(memory))
        stopped = await run(graph, {"answers": []}, thread())
        again = await run(graph, None, thread())

    async with engine(tmp_path / "memory") as memory:
        state = asking(DuramenSaver(memory)).get_state(thread())
        values = await run(asking(DuramenSaver(memory)), Command(resume="Ada"), thread())

    assert [one.value for one in stopped["__interrupt__"]] == ["What is your name?"]
    assert [one.value for one in again["__interrupt__"]] == ["What is your name?"]
    assert state.next == ("person",)
    assert [one.value for one in state.tasks[0].interrupts] == ["What is your name?"]
    assert values["answers"] == ["hello", "hello", "Ada"]


async def test_what_a_process_that_was_killed_had_kept_is_resumed_by_another(tmp_path: Path) -> None:
    directory = str(tmp_path / "memory")
    command = [sys.executable, "-W", "ignore", "-m", "tests.duramen_langgraph.saver_process", directory]

    ended = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)

    assert ended.returncode == 9, ended.stderr
    async with engine(directory) as memory:
        values = await asking(DuramenSaver(memory)).ainvoke(Command(resume="Ada"), thread())
    assert values["answers"][-1] == "Ada"


async def test_two_engines_on_one_directory_see_each_others_checkpoints(tmp_path: Path) -> None:
    async with engine(tmp_path / "memory") as one, engine(tmp_path / "memory") as other:
        await echo(DuramenSaver(one)).ainvoke(said("one"), thread())
        await echo(DuramenSaver(other)).ainvoke(said("two"), thread())

        values = await echo(DuramenSaver(one)).ainvoke(said("three"), thread())

    assert contents(values)[::2] == ["one", "two", "three"]


@both_ways
async def test_a_run_from_an_old_checkpoint_forks_and_leaves_the_rest_as_it_was(run: Run, saver: DuramenSaver) -> None:
    graph = echo(saver)
    await run(graph, said("one"), thread())
    first = graph.get_state(thread())
    await run(graph, said("two"), thread())
    second = graph.get_state(thread())

    forked = await run(graph, said("other"), first.config)

    assert contents(forked) == ["one", "You said: one", "other", "You said: other"]
    assert contents(graph.get_state(second.config).values) == ["one", "You said: one", "two", "You said: two"]
    assert contents(graph.get_state(thread()).values) == contents(forked)


async def test_two_forks_of_one_checkpoint_keep_their_own_values(saver: DuramenSaver) -> None:
    graph = echo(saver)
    await graph.ainvoke(said("one"), thread())
    base = (await graph.aget_state(thread())).config

    forks = [await graph.aupdate_state(base, {"notes": [name]}, as_node="note") for name in ("left", "right")]

    notes = [(await graph.aget_state(fork)).values["notes"] for fork in forks]
    assert notes == [["2 messages", "left"], ["2 messages", "right"]]
    assert (await graph.aget_state(base)).values["notes"] == ["2 messages"]


@pytest.mark.parametrize("durability", ["exit", "async", "sync"])
async def test_every_durability_of_langgraph_ends_with_the_same_state(durability: Any, saver: DuramenSaver) -> None:
    graph = echo(saver)

    await graph.ainvoke(said("one"), thread(), durability=durability)
    graph.invoke(said("two"), thread(), durability=durability)

    assert graph.get_state(thread()).values["notes"] == ["2 messages", "4 messages"]


async def test_a_failed_step_is_done_again_and_its_neighbour_is_not(saver: DuramenSaver) -> None:
    done: list[str] = []

    class State(TypedDict):
        done: Annotated[list[str], lambda old, new: old + new]

    def works(state: State) -> dict[str, Any]:
        done.append("works")
        return {"done": ["works"]}

    def fails(state: State) -> dict[str, Any]:
        done.append("fails")
        if done.count("fails") == 1:
            raise ConnectionError("down")
        return {"done": ["fails"]}

    builder = StateGraph(State)
    builder.add_node("works", works)
    builder.add_node("fails", fails)
    builder.add_edge(START, "works")
    builder.add_edge(START, "fails")
    graph = builder.compile(checkpointer=saver)
    with pytest.raises(ConnectionError):
        await graph.ainvoke({"done": []}, thread(), durability="sync")

    values = await graph.ainvoke(None, thread())

    assert sorted(values["done"]) == ["fails", "works"]
    assert done.count("fails") == 2


async def test_many_conversations_at_once_stay_apart(saver: DuramenSaver) -> None:
    graph = echo(saver)
    names = [f"thread {number}" for number in range(16)]

    await asyncio.gather(*(graph.ainvoke(said(name), thread(name)) for name in names))
    values = await asyncio.gather(
        *(asyncio.to_thread(graph.invoke, said(f"{name} again"), thread(name)) for name in names)
    )

    assert [contents(one)[::2] for one in values] == [[name, f"{name} again"] for name in names]


@pytest.mark.parametrize("name", ODD_THREADS)
async def test_a_thread_may_have_any_name(name: str, saver: DuramenSaver) -> None:
    graph = echo(saver)
    await graph.ainvoke(said("neighbour"), thread("a"))
    await graph.ainvoke(said("mine"), thread(name))

    values = (await graph.aget_state(thread(name))).values
    await saver.adelete_thread(name)

    assert contents(values) == ["mine", "You said: mine"]
    assert await saver.aget_tuple(thread(name)) is None
    assert await saver.aget_tuple(thread("a")) is not None


async def test_a_thread_id_that_is_a_number_is_its_digits(saver: DuramenSaver) -> None:
    graph = echo(saver)

    await graph.ainvoke(said("one"), {"configurable": {"thread_id": 7}})

    assert contents((await graph.aget_state(thread("7"))).values) == ["one", "You said: one"]


async def test_deleting_a_thread_leaves_nothing_of_it_and_all_of_those_whose_names_begin_alike(
    memory: MemoryEngine, saver: DuramenSaver
) -> None:
    graph = asking(saver)
    for name in ("users", "users2", "users/2", "user"):
        await graph.ainvoke({"answers": []}, thread(name))
    others = [entry for entry in await kept(memory) if entry.path[1] != "users"]

    saver.delete_thread("users")

    assert await kept(memory) == others
    assert {entry.path[1] for entry in others} == {"users2", "users/2", "user"}


async def test_a_value_is_stored_once_however_many_checkpoints_have_it(
    memory: MemoryEngine, saver: DuramenSaver
) -> None:
    graph = echo(saver)
    config = await graph.aupdate_state(thread(), {"messages": [HumanMessage("a long letter " * 1000)]}, as_node="note")

    for number in range(20):
        config = await graph.aupdate_state(config, {"notes": [f"note {number}"]}, as_node="note")

    assert len(await values_of(memory, "messages")) == 1
    assert len(await values_of(memory, "notes")) == 20
    assert sum(len(entry.value) for entry in await kept(memory)) < 4 * 14_000


async def test_a_big_state_comes_back_whole(saver: DuramenSaver) -> None:
    graph = echo(saver)
    long = "".join(chr(0x100 + number % 20_000) for number in range(1_000_000))

    await graph.ainvoke(said(long), thread())

    assert contents((await graph.aget_state(thread())).values) == [long, f"You said: {long}"]


async def test_messages_come_back_as_what_they_were(saver: DuramenSaver) -> None:
    graph = echo(saver)
    call = {"name": "look", "args": {"at": "the sky"}, "id": "c1", "type": "tool_call"}
    message = AIMessage("", id="m1", tool_calls=[call], response_metadata={"model": "scripted"})

    await graph.aupdate_state(thread(), {"messages": [message]}, as_node="note")

    assert graph.get_state(thread()).values["messages"] == [message]


async def test_what_is_declared_untracked_never_reaches_the_disk(memory: MemoryEngine, saver: DuramenSaver) -> None:
    class State(TypedDict):
        answer: str
        recalled: Annotated[str, UntrackedValue(str)]

    def recall(state: State) -> dict[str, Any]:
        return {"recalled": SECRET}

    def answer(state: State) -> dict[str, Any]:
        return {"answer": str(len(state["recalled"]))}

    builder = StateGraph(State)
    builder.add_node("recall", recall)
    builder.add_node("answer", answer)
    builder.add_edge(START, "recall")
    builder.add_conditional_edges("recall", lambda state: Send("answer", state), ["answer"])
    builder.add_edge("answer", END)
    graph = builder.compile(checkpointer=saver)
    values = await by_ainvoke(graph, {"answer": ""}, thread())

    entries = await kept(memory)
    assert values["answer"] == str(len(SECRET))

    assert entries
    assert not [entry for entry in entries if SECRET.encode() in entry.value]


def test_the_sync_memory_serves_as_well(tmp_path: Path) -> None:
    parts = {"embedder": HashingEmbedder(), "entities": CapitalsEntityFinder()}
    with duramen.open_sync(tmp_path / "memory", **parts) as memory:  # type: ignore[arg-type]  # options of `open`
        graph = echo(DuramenSaver(memory))
        graph.invoke(said("one"), thread())

        history = list(graph.get_state_history(thread()))

    assert contents(history[0].values) == ["one", "You said: one"]
    assert len(history) == 4


async def test_what_one_loop_kept_another_reads(saver: DuramenSaver) -> None:
    await echo(saver).ainvoke(said("one"), thread())

    def elsewhere() -> Any:
        return asyncio.run(echo(saver).ainvoke(said("two"), thread()))

    assert contents(await asyncio.to_thread(elsewhere))[::2] == ["one", "two"]


async def test_checkpoints_are_not_memories(memory: MemoryEngine, saver: DuramenSaver) -> None:
    await echo(saver).ainvoke(said("Ada moved to Lisbon."), thread("user:ada"))

    assert not (await memory.recall("user:ada", "Where does Ada live?")).hits
    assert not (await memory.banks()).items


@pytest.mark.parametrize("wrong", [None, "./memory", InMemorySaver(), object()])
def test_only_a_memory_will_do(wrong: Any) -> None:
    with pytest.raises(BadInputError, match=r"duramen\.open"):
        DuramenSaver(wrong)


@pytest.mark.parametrize(
    "config",
    [
        {"configurable": {}},
        {"configurable": {"thread_id": None}},
        {"configurable": {"thread_id": " "}},
        {"metadata": {"thread_id": "elsewhere"}},
    ],
)
async def test_a_config_without_a_thread_is_an_error_that_says_what_to_give(config: Any, saver: DuramenSaver) -> None:
    with pytest.raises(BadInputError, match="'thread_id': 'conversation-1'"):
        saver.get_tuple(config)
    with pytest.raises(BadInputError, match="thread id"):
        await saver.aput_writes(config, [], "task")
    with pytest.raises(BadInputError, match="thread id"):
        saver.list(config)


async def test_a_thread_id_that_cannot_be_stored_is_an_error(saver: DuramenSaver) -> None:
    with pytest.raises(BadInputError, match="NUL"):
        await echo(saver).ainvoke(said("one"), thread("a\0b"))


@both_ways
async def test_an_outage_stops_the_run_and_a_later_one_works(run: Run, tmp_path: Path) -> None:
    directory = tmp_path / "memory"
    directory.write_text("in the way")
    memory = engine(directory)
    graph = echo(DuramenSaver(memory))
    with pytest.raises(StoreUnavailableError):
        await run(graph, said("one"), thread())
    directory.unlink()

    values = await run(graph, said("two"), thread())

    assert contents(values) == ["two", "You said: two"]
    await memory.aclose()


async def test_a_closed_memory_says_so(tmp_path: Path) -> None:
    memory = engine(tmp_path / "memory")
    saver = DuramenSaver(memory)
    await memory.aclose()

    with pytest.raises(ClosedError):
        await saver.aget_tuple(thread())
    with pytest.raises(ClosedError):
        ids(saver.list(None))


def test_versions_grow_and_none_is_given_twice(saver: DuramenSaver) -> None:
    versions = [saver.get_next_version(None, None)]
    for _ in range(12):
        versions.append(saver.get_next_version(versions[-1], None))

    assert versions == sorted(set(versions))
    assert saver.get_next_version(versions[0], None) != versions[1]
    assert saver.get_next_version(41, None).startswith("0" * 30 + "42.")  # type: ignore[arg-type]  # another saver's
