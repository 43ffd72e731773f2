from __future__ import annotations

from pathlib import Path
from typing import Any

from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

import duramen
from duramen import HashingEmbedder
from duramen_langgraph.store import DuramenStore
from tests.conftest import engine


class State(TypedDict, total=False):
    user: str
    said: str
    known: list[str]


def noted(state: State, runtime: Runtime[None]) -> State:
    """Look up, and then keep, what a user said, in a node without `await`."""
    assert runtime.store is not None
    known = runtime.store.search(("users", state["user"]), query=state["said"], limit=1)
    runtime.store.put(("users", state["user"]), state["said"], {"text": state["said"]})
    return {"known": [item.value["text"] for item in known]}


async def anoted(state: State, runtime: Runtime[None]) -> State:
    """Do the same in a node with `await`."""
    assert runtime.store is not None
    known = await runtime.store.asearch(("users", state["user"]), query=state["said"], limit=1)
    await runtime.store.aput(("users", state["user"]), state["said"], {"text": state["said"]})
    return {"known": [item.value["text"] for item in known]}


def graph(node: Any, store: DuramenStore) -> Any:
    builder = StateGraph(State)
    builder.add_node("note", node)
    builder.add_edge(START, "note")
    return builder.compile(store=store)


def test_what_a_node_kept_is_found_by_another_run_after_the_directory_was_opened_again(tmp_path: Path) -> None:
    with duramen.open_sync(tmp_path, embedder=HashingEmbedder()) as memory:
        app = graph(noted, DuramenStore(memory))
        app.invoke({"user": "ada", "said": "I like green tea"})
        app.invoke({"user": "ada", "said": "I drive a red car"})
        app.invoke({"user": "bob", "said": "I like black tea"})

    with duramen.open_sync(tmp_path, embedder=HashingEmbedder()) as memory:
        store = DuramenStore(memory)
        ada = graph(noted, store).invoke({"user": "ada", "said": "Which tea?"})
        eve = graph(noted, store).invoke({"user": "eve", "said": "Which tea?"})

        assert ada["known"] == ["I like green tea"]
        assert eve["known"] == []
        assert store.list_namespaces(prefix=("users",)) == [("users", "ada"), ("users", "bob"), ("users", "eve")]


async def test_it_is_the_same_with_await(tmp_path: Path) -> None:
    async with engine(tmp_path) as memory:
        app = graph(anoted, DuramenStore(memory))
        await app.ainvoke({"user": "ada", "said": "I like green tea"})
        await app.ainvoke({"user": "ada", "said": "I drive a red car"})

    async with engine(tmp_path) as memory:
        answer = await graph(anoted, DuramenStore(memory)).ainvoke({"user": "ada", "said": "Which car?"})

        assert answer["known"] == ["I drive a red car"]


async def test_a_node_without_await_works_inside_a_running_loop(tmp_path: Path) -> None:
    async with engine(tmp_path) as memory:
        app = graph(noted, DuramenStore(memory))

        app.invoke({"user": "ada", "said": "I like green tea"})
        answer = await app.ainvoke({"user": "ada", "said": "Which tea?"})

        assert answer["known"] == ["I like green tea"]
