"""A scripted model, banks with something to recall, and graphs with memory in every way there is."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from pydantic import Field, PrivateAttr

from duramen import MemoryEngine
from duramen.said import text_of
from duramen_langgraph import GraphMemory, MemoryState
from tests.conftest import engine
from tests.outages import BreakableStore

Graph: TypeAlias = "CompiledStateGraph[Any, Any, Any, Any]"
Builder: TypeAlias = "StateGraph[Any, Any, Any, Any]"

QUESTION = "What is my cat called?"
CATS = {"ada": "Miso", "bob": "Tofu"}
BLOCK = "<recalled-memory"

ROLES = {"fact": "user", "experience": "assistant"}


@dataclass
class User:
    """The context of a run."""

    user_id: str


class Scripted(BaseChatModel):
    """Answers by a script, and then by "Answer 1.", "Answer 2." …, and keeps every prompt; raises what is to be raised."""

    script: list[Any] = Field(default_factory=list)
    prompts: list[list[BaseMessage]] = Field(default_factory=list)
    _numbers: Iterator[int] = PrivateAttr(default_factory=lambda: itertools.count(1))

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._next(messages))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> Iterator[ChatGenerationChunk]:
        answer = self._next(messages)
        for word in str(answer.content).split(" "):
            yield ChatGenerationChunk(message=AIMessageChunk(content=f"{word} "))

    def _next(self, messages: list[BaseMessage]) -> AIMessage:
        number = next(self._numbers)
        line = self.script[number - 1] if number <= len(self.script) else f"Answer {number}."
        self.prompts.append(list(messages))
        if isinstance(line, Exception):
            raise line
        return line.model_copy() if isinstance(line, AIMessage) else AIMessage(line)

    def seen(self) -> list[str]:
        """Return the text of each prompt."""
        return ["\n".join(text_of(message.content) for message in prompt) for prompt in self.prompts]


class Face(Protocol):
    """A graph's methods with `await`, or without."""

    awaits: bool

    async def invoke(self, graph: Graph, given: Any, **how: Any) -> Any: ...
    def stream(self, graph: Graph, given: Any, **how: Any) -> AsyncGenerator[Any, None]: ...


class WithoutAwait:
    """Calls a graph in the thread of the running event loop, as a notebook does."""

    awaits = False

    async def invoke(self, graph: Graph, given: Any, **how: Any) -> Any:
        return graph.invoke(given, **how)

    async def stream(self, graph: Graph, given: Any, **how: Any) -> AsyncGenerator[Any, None]:
        parts = graph.stream(given, **how)
        try:
            for part in parts:
                yield part
        finally:
            parts.close()  # type: ignore[attr-defined]  # it is a generator


class WithAwait:
    awaits = True

    async def invoke(self, graph: Graph, given: Any, **how: Any) -> Any:
        return await graph.ainvoke(given, **how)

    async def stream(self, graph: Graph, given: Any, **how: Any) -> AsyncGenerator[Any, None]:
        parts = graph.astream(given, **how)
        try:
            async for part in parts:
                yield part
        finally:
            await parts.aclose()  # type: ignore[attr-defined]  # it is a generator


FACES: list[Face] = [WithoutAwait(), WithAwait()]


class Pair:
    """A node before, and a node behind."""

    def node(self, memory: GraphMemory, node: Any) -> Any:
        return node

    def enclose(self, memory: GraphMemory, builder: Builder, first: str, last: Sequence[str]) -> None:
        builder.add_node("recall", memory.recall_node())
        builder.add_node("retain", memory.retain_node(), defer=True)
        builder.add_edge(START, "recall")
        builder.add_edge("recall", first)
        for one in last:
            builder.add_edge(one, "retain")
        builder.add_edge("retain", END)

    def config(self, memory: GraphMemory, user: str) -> RunnableConfig:
        return {}


class Remembered:
    """Each node wrapped; what is recalled comes with the prompt."""

    def node(self, memory: GraphMemory, node: Any) -> Any:
        return memory.remembered(node)

    def enclose(self, memory: GraphMemory, builder: Builder, first: str, last: Sequence[str]) -> None:
        builder.add_edge(START, first)
        for one in last:
            builder.add_edge(one, END)

    def config(self, memory: GraphMemory, user: str) -> RunnableConfig:
        return {}


class Callback(Remembered):
    """Nothing in the graph knows of memory but its prompts."""

    def node(self, memory: GraphMemory, node: Any) -> Any:
        return node

    def config(self, memory: GraphMemory, user: str) -> RunnableConfig:
        return {"callbacks": [memory.callback(bank=f"user:{user}")]}


Way: TypeAlias = "Pair | Remembered"
WAYS: list[Way] = [Pair(), Remembered(), Callback()]


@dataclass
class Setting:
    """Ada and Bob, each with a cat in memory, and a graph for them to talk to."""

    way: Way
    face: Face
    store: BreakableStore = field(default_factory=BreakableStore)
    saver: InMemorySaver = field(default_factory=InMemorySaver)
    model: Scripted = field(default_factory=Scripted)
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engine: MemoryEngine = engine(self.store)
        self.memory = GraphMemory(self.engine)

    async def seed(self) -> None:
        for user, cat in CATS.items():
            await self.engine.retain(f"user:{user}", f"The cat of {user.title()} is called {cat}.", key="seed")

    def talk(self, before: Callable[[], object] = lambda: None) -> Any:
        """Return a node that calls the model, as plain as a node can be."""

        def talk(state: MemoryState, config: RunnableConfig) -> dict[str, Any]:
            before()
            return {"messages": [self.model.invoke(self.memory.messages(state, config), config)]}

        async def atalk(state: MemoryState, config: RunnableConfig) -> dict[str, Any]:
            before()
            return {"messages": [await self.model.ainvoke(await self.memory.amessages(state, config), config)]}

        return atalk if self.face.awaits else talk

    def graph(self, nodes: Mapping[str, Any], edges: Callable[[Builder], Sequence[str]], **node_options: Any) -> Graph:
        """Return a graph of `nodes`, with memory in its way; `edges` returns which nodes are last."""
        builder: Builder = StateGraph(MemoryState, context_schema=User)
        for name, node in nodes.items():
            builder.add_node(name, self.way.node(self.memory, node), **node_options)
        self.way.enclose(self.memory, builder, next(iter(nodes)), edges(builder))
        return builder.compile(checkpointer=self.saver)

    def talking(self, **node_options: Any) -> Graph:
        """Return a graph that answers."""
        return self.graph({"talk": self.talk()}, lambda builder: ["talk"], **node_options)

    def how(self, user: str = "ada", thread: str | None = None, **more: Any) -> dict[str, Any]:
        """Return what a run of `user` is called with."""
        config: Any = {"configurable": {"thread_id": thread or user}, **self.way.config(self.memory, user)}
        return {"config": config, "context": User(user), **more}

    async def say(self, graph: Graph, given: Any = QUESTION, **how: Any) -> None:
        """Run the graph on the words of a user, or on what is given, and listen to its messages."""
        if isinstance(given, str):
            given = {"messages": [("user", given)]}
        async for message, _ in self.face.stream(graph, given, stream_mode="messages", **self.how(**how)):
            self.heard.append(text_of(message.content))

    async def retained(self, user: str = "ada") -> list[tuple[str, str]]:
        """Return who said what, as far as it was retained since the beginning, in any order."""
        events = (await self.engine.events(f"user:{user}", limit=1000)).items
        return sorted((ROLES[event.kind], event.content.strip()) for event in events if event.key != "seed")

    def prompted(self) -> list[int]:
        """Return how many blocks each prompt held."""
        return [prompt.count(BLOCK) for prompt in self.model.seen()]

    def kept(self) -> str:
        """Return all that the checkpointer holds."""
        return repr((self.saver.storage, self.saver.writes, self.saver.blobs))

    def check(self) -> None:
        """Assert that nothing recalled is in what is kept and what was heard, and nobody else's in a prompt."""
        for word in (BLOCK, *CATS.values()):
            assert word not in self.kept()
            assert word not in "".join(self.heard)
        for prompt in self.model.seen():
            assert ("bob" in prompt.casefold()) == (CATS["bob"] in prompt)

    async def end(self) -> None:
        self.store.down = self.store.slow = False
        await self.engine.aclose()


def in_threads(*calls: Callable[[], object]) -> Any:
    """Return an awaitable of all `calls`, each in a thread of its own."""
    return asyncio.gather(*(asyncio.to_thread(call) for call in calls))
