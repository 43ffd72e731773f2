"""Graphs, checkpoints and shelves for the tests of the saver."""

from __future__ import annotations

import operator
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import Annotated, Any, TypeAlias

from langchain_core.messages import AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import set_config_context
from langgraph.checkpoint.base import BaseCheckpointSaver, Checkpoint, CheckpointTuple
from langgraph.checkpoint.base.id import uuid6
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import interrupt
from typing_extensions import TypedDict

from duramen import MemoryEngine
from duramen.shelf import Change, Entry, Path, Place, Shelf
from duramen_langgraph._checkpoints import KINDS

Graph: TypeAlias = "CompiledStateGraph[Any, Any, Any, Any]"
Saver: TypeAlias = "BaseCheckpointSaver[Any]"


class Talk(TypedDict):
    messages: Annotated[list[AnyMessage], add_messages]
    notes: Annotated[list[str], operator.add]


def thread(name: str = "t", **more: str) -> RunnableConfig:
    return {"configurable": {"thread_id": name, **more}}


def lane(name: str = "t", namespace: str = "", **more: str) -> RunnableConfig:
    """Return a config as langgraph hands it to a saver."""
    return thread(name, checkpoint_ns=namespace, **more)


def said(text: str) -> dict[str, Any]:
    return {"messages": [HumanMessage(text)]}


def echo(saver: Saver, **compiled: Any) -> Graph:
    """Return a graph of two steps: one answers, one notes how many messages there are."""

    def answer(state: Talk) -> dict[str, Any]:
        return {"messages": [("ai", f"You said: {state['messages'][-1].content}")]}

    def note(state: Talk) -> dict[str, Any]:
        return {"notes": [f"{len(state['messages'])} messages"]}

    builder = StateGraph(Talk)
    builder.add_node("answer", answer)
    builder.add_node("note", note)
    builder.add_edge(START, "answer")
    builder.add_edge("answer", "note")
    builder.add_edge("note", END)
    return builder.compile(checkpointer=saver, **compiled)


class Asking(TypedDict):
    answers: Annotated[list[str], operator.add]


def asking(saver: Saver) -> Graph:
    """Return a graph that asks a person in its second step, in a subgraph."""

    def ask(state: Asking, config: RunnableConfig) -> dict[str, Any]:
        # Python 3.10 does not hand the context of a graph that is awaited to its nodes, and an interrupt looks there.
        with set_config_context(config) as context:
            return {"answers": [context.run(interrupt, "What is your name?")]}

    inner = StateGraph(Asking)
    inner.add_node("ask", ask)
    inner.add_edge(START, "ask")
    outer = StateGraph(Asking)
    outer.add_node("greet", lambda state: {"answers": ["hello"]})
    outer.add_node("person", inner.compile())
    outer.add_edge(START, "greet")
    outer.add_edge("greet", "person")
    return outer.compile(checkpointer=saver)


def contents(values: dict[str, Any]) -> list[str]:
    return [message.content for message in values["messages"]]


Run: TypeAlias = Callable[[Graph, Any, RunnableConfig], Awaitable[dict[str, Any]]]


async def by_invoke(graph: Graph, given: Any, config: RunnableConfig) -> dict[str, Any]:
    """Run without await, in the loop that runs already."""
    return dict(graph.invoke(given, config))


async def by_ainvoke(graph: Graph, given: Any, config: RunnableConfig) -> dict[str, Any]:
    return dict(await graph.ainvoke(given, config))


def checkpoint(id: str | None = None, values: dict[str, Any] | None = None, **versions: str) -> Checkpoint:
    """Return a checkpoint as langgraph makes them."""
    return Checkpoint(
        v=4,
        id=id or str(uuid6()),
        ts="2026-01-01T00:00:00+00:00",
        channel_values=values or {},
        channel_versions=dict(versions),
        versions_seen={},
        updated_channels=None,
    )


def ids(listed: Iterable[CheckpointTuple]) -> list[str]:
    return [one.checkpoint["id"] for one in listed]


async def kept(memory: MemoryEngine, thread: str | None = None) -> list[Entry]:
    """Return all that savers keep, of one thread or of all."""
    below = () if thread is None else (thread,)
    return [entry for kind in KINDS for entry in await memory.shelf.scan((kind, *below), below=True)]


async def values_of(memory: MemoryEngine, channel: str) -> list[Entry]:
    return [entry for entry in await kept(memory) if entry.path[0] == KINDS[1] and entry.path[-1] == channel]


class Watched:
    """A shelf that counts what it gives out, and lets something happen before the values of a checkpoint are read."""

    def __init__(self, shelf: Shelf, meanwhile: Sequence[Callable[[], Awaitable[None]]] = ()) -> None:
        self.scanned = 0
        self._shelf = shelf
        self._meanwhile = list(meanwhile)

    async def write(self, changes: Sequence[Change]) -> None:
        await self._shelf.write(changes)

    async def get(self, places: Sequence[Place]) -> list[Entry | None]:
        if self._meanwhile:
            await self._meanwhile.pop(0)()
        return await self._shelf.get(places)

    async def scan(
        self,
        path: Path,
        *,
        below: bool = False,
        after: Place | None = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[Entry]:
        entries = await self._shelf.scan(path, below=below, after=after, reverse=reverse, limit=limit)
        self.scanned += len(entries)
        return entries

    async def paths(self, path: Path) -> list[Path]:
        return await self._shelf.paths(path)

    async def segments(self, path: Path, *, prefix: str = "") -> list[str]:
        return await self._shelf.segments(path, prefix=prefix)

    async def across(self, path: Path, segments: Collection[str], rest: Path = ()) -> list[Entry]:
        return await self._shelf.across(path, segments, rest)
