"""Copying, pruning and deleting, and the channels whose values are made from writes."""

import operator
from typing import Annotated, Any

import pytest
from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict

from duramen import BadInputError, MemoryEngine
from duramen_langgraph._checkpoints import CHANNELS, CHECKPOINTS, WRITES
from duramen_langgraph.saver import DuramenSaver
from tests.duramen_langgraph.saving import (
    Graph,
    Run,
    Saver,
    by_ainvoke,
    by_invoke,
    checkpoint,
    contents,
    echo,
    ids,
    kept,
    lane,
    said,
    thread,
    values_of,
)

CHANNELS_OF_LISTS: dict[str, Any] = {"stored whole": operator.add}

try:
    from langgraph.channels.delta import DeltaChannel
except ImportError:
    pass  # langgraph before 1.2 stores every value whole
else:
    CHANNELS_OF_LISTS["snapshot now and then"] = DeltaChannel(
        lambda state, writes: state + [one for write in writes for one in write], snapshot_frequency=4
    )
    CHANNELS_OF_LISTS["never snapshot"] = DeltaChannel(
        lambda state, writes: state + [one for write in writes for one in write]
    )

both_ways = pytest.mark.parametrize("run", [by_invoke, by_ainvoke])
every_channel = pytest.mark.parametrize("channel", list(CHANNELS_OF_LISTS))


def counting(saver: Saver, channel: str) -> Graph:
    """Return a graph that adds how long its list is, twice a run."""

    class State(TypedDict):
        seen: Annotated[list[int], CHANNELS_OF_LISTS[channel]]
        last: int

    def count(given: State) -> dict[str, Any]:
        return {"seen": [len(given["seen"])], "last": len(given["seen"])}

    schema: Any = State
    builder: Any = StateGraph(schema)
    builder.add_node("one", count)
    builder.add_node("two", count)
    builder.add_edge(START, "one")
    builder.add_edge("one", "two")
    graph: Graph = builder.compile(checkpointer=saver)
    return graph


async def ran(graph: Graph, times: int, run: Run = by_ainvoke, name: str = "t") -> None:
    for _ in range(times):
        await run(graph, {"seen": []}, thread(name))


@every_channel
@both_ways
async def test_every_state_of_the_past_can_be_read(run: Run, channel: str, saver: DuramenSaver) -> None:
    graph = counting(saver, channel)

    await ran(graph, 6, run)

    assert graph.get_state(thread()).values["seen"] == [*range(12)]
    seen = [state.values["seen"] async for state in graph.aget_state_history(thread()) if not state.next]
    assert seen == [[*range(count)] for count in range(12, 0, -2)]


@every_channel
@both_ways
async def test_a_pruned_thread_goes_on_where_it_was(run: Run, channel: str, saver: DuramenSaver) -> None:
    graph = counting(saver, channel)
    await ran(graph, 5, run)

    await saver.aprune(["t", "unknown"])

    assert graph.get_state(thread()).values == {"seen": [*range(10)], "last": 9}
    await ran(graph, 3, run)
    assert (await graph.aget_state(thread())).values["seen"] == [*range(16)]


@every_channel
async def test_a_run_that_is_kept_only_at_its_end_has_all_values(channel: str, saver: DuramenSaver) -> None:
    graph = counting(saver, channel)

    for _ in range(3):
        await graph.ainvoke({"seen": []}, thread(), durability="exit")
    saver.prune(["t"])
    await graph.ainvoke({"seen": []}, thread(), durability="exit")

    assert graph.get_state(thread()).values["seen"] == [*range(8)]


@every_channel
async def test_a_copied_thread_goes_on_by_itself(channel: str, saver: DuramenSaver) -> None:
    graph = counting(saver, channel)
    await ran(graph, 5)

    saver.copy_thread("t", "copy")
    await saver.adelete_thread("t")
    await ran(graph, 1, name="copy")

    assert graph.get_state(thread("copy")).values["seen"] == [*range(12)]
    assert graph.get_state(thread()).values == {}


@every_channel
async def test_deleting_an_old_run_leaves_the_state_as_it_is(channel: str, saver: DuramenSaver) -> None:
    graph = counting(saver, channel)
    for number in range(5):
        await graph.ainvoke({"seen": []}, {**thread(), "metadata": {"run_id": f"run {number}"}})

    saver.delete_for_runs(["run 1", "run 3"])

    assert graph.get_state(thread()).values["seen"] == [*range(10)]


async def test_deleting_the_last_run_rolls_it_back(memory: MemoryEngine, saver: DuramenSaver) -> None:
    graph = echo(saver)
    await graph.ainvoke(said("one"), {**thread(), "metadata": {"run_id": "r1"}})
    before = await kept(memory)
    await graph.ainvoke(said("two"), {**thread(), "metadata": {"run_id": "r2"}})

    await saver.adelete_for_runs(["r2", "unknown"])

    assert await kept(memory) == before
    assert contents(graph.get_state(thread()).values) == ["one", "You said: one"]


async def test_no_run_and_a_nameless_run_delete_nothing(memory: MemoryEngine, saver: DuramenSaver) -> None:
    await echo(saver).ainvoke(said("one"), thread())
    before = await kept(memory)

    await saver.adelete_for_runs([])
    saver.delete_for_runs([""])

    assert await kept(memory) == before


async def test_pruning_removes_what_only_old_checkpoints_have(memory: MemoryEngine, saver: DuramenSaver) -> None:
    graph = echo(saver)
    await graph.aupdate_state(thread(), {"notes": ["kept all along"]}, as_node="note")
    for number in range(4):
        await graph.aupdate_state(thread(), said(str(number)), as_node="note")
    neighbour = await saver.aput(lane("u"), checkpoint("1"), {}, {})

    saver.prune(["t"])

    assert len(ids(saver.list(thread()))) == 1
    assert len(await values_of(memory, "messages")) == len(await values_of(memory, "notes")) == 1
    assert {entry.path[0] for entry in await kept(memory, "t")} == {CHECKPOINTS, CHANNELS}
    assert graph.get_state(thread()).values["notes"] == ["kept all along"]
    assert saver.get_tuple(neighbour) is not None


async def test_pruning_with_delete_leaves_nothing(memory: MemoryEngine, saver: DuramenSaver) -> None:
    for name in ("a", "b", "c"):
        await echo(saver).ainvoke(said("one"), thread(name))

    await saver.aprune(["a", "b"], strategy="delete")

    assert {entry.path[1] for entry in await kept(memory)} == {"c"}


async def test_pruning_keeps_no_ancestor_that_no_channel_needs(memory: MemoryEngine, saver: DuramenSaver) -> None:
    counters: Any = {"counters_since_delta_snapshot": {"never written": (0, 3), "d": (1, 1)}}
    config = lane()
    for number, values in enumerate([{"d": "whole"}, {"d": "whole again"}, {}]):
        versions: Any = {"d": str(number)}
        one = checkpoint(str(number), values, **versions)
        config = await saver.aput(config, one, {} if values else counters, versions)
        await saver.aput_writes(config, [("d", f"write {number}"), ("other", "x")], "task")

    saver.prune(["t"])

    history = await saver.aget_delta_channel_history(config=thread(), channels=["d", "never written"])
    assert history == {
        "d": {"writes": [("task", "d", "write 1")], "seed": "whole again"},
        "never written": {"writes": []},
    }
    assert ids(saver.list(thread())) == ["2", "1"]
    assert len([entry for entry in await kept(memory) if entry.path[0] == WRITES]) == 4


async def test_a_history_follows_the_parents_and_not_the_time(saver: DuramenSaver) -> None:
    root = await saver.aput(lane(), checkpoint("1", {"d": 0}, d="1"), {}, {"d": "1"})
    left = await saver.aput(root, checkpoint("2", None, d="2"), {}, {"d": "2"})
    right = await saver.aput(root, checkpoint("3", None, d="3"), {}, {"d": "3"})
    await saver.aput_writes(root, [("d", "both")], "task")
    await saver.aput_writes(left, [("d", "left")], "task")
    await saver.aput_writes(right, [("d", "right")], "task")
    tip = await saver.aput(left, checkpoint("4", None, d="4"), {}, {"d": "4"})

    history = saver.get_delta_channel_history(config=tip, channels=["d"])

    assert history == {"d": {"writes": [("task", "d", "both"), ("task", "d", "left")], "seed": 0}}
    assert saver.get_delta_channel_history(config=tip, channels=[]) == {}
    assert saver.get_delta_channel_history(config=thread("none"), channels=["d"]) == {"d": {"writes": []}}


async def test_a_checkpoint_that_is_its_own_ancestor_ends_a_history(saver: DuramenSaver) -> None:
    one = await saver.aput(lane(checkpoint_id="2"), checkpoint("1"), {}, {})
    two = await saver.aput(one, checkpoint("2"), {"counters_since_delta_snapshot": {"d": (1, 1)}}, {})

    assert saver.get_delta_channel_history(config=two, channels=["d"]) == {"d": {"writes": []}}
    saver.prune(["t"])
    assert saver.get_tuple(two) is not None


async def test_a_copy_is_added_to_what_the_target_has(memory: MemoryEngine, saver: DuramenSaver) -> None:
    await saver.aput(lane("a"), checkpoint("1", {"x": 1}, x="1"), {}, {"x": "1"})
    await saver.aput(lane("b"), checkpoint("2", {"x": 2}, x="2"), {}, {"x": "2"})

    await saver.acopy_thread("a", "b")
    saver.copy_thread("b", "b")

    assert [one.checkpoint["channel_values"] for one in saver.list(lane("b"))] == [{"x": 2}, {"x": 1}]
    assert len(await kept(memory, "a")) == 2


async def test_a_long_thread_is_copied_whole(memory: MemoryEngine, saver: DuramenSaver) -> None:
    graph = echo(saver)
    for number in range(30):
        await graph.ainvoke(said(str(number)), thread())

    await saver.acopy_thread("t", "copy")

    source, copy = [await kept(memory, name) for name in ("t", "copy")]
    assert [(one.path[2:], one.key, one.value) for one in source] == [
        (one.path[2:], one.key, one.value) for one in copy
    ]


async def test_a_text_is_no_list_of_threads_or_runs(saver: DuramenSaver) -> None:
    await echo(saver).ainvoke(said("one"), thread("t"))

    with pytest.raises(BadInputError, match="thread_ids"):
        saver.prune("t", strategy="delete")
    with pytest.raises(BadInputError, match="run_ids"):
        await saver.adelete_for_runs("t")
    with pytest.raises(BadInputError, match="keep_latest"):
        await saver.aprune(["t"], strategy="keep_none")

    assert saver.get_tuple(thread("t")) is not None
