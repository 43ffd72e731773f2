"""What an adapter adds to a turn: `python -m tests.benchmarks.adapters [--quick]`.

For each framework the same turn with and without memory, in turns in the same loop: a real graph or agent, a model that
answers at once, a bank on disk. Between two turns the user thinks: what was retained is worked through, untimed.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read by NumPy when it is loaded, so before anything else

import argparse
import asyncio
import tempfile
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import duramen
from duramen import MemoryEngine
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.timing import Times, machine

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the frameworks about each other
    import strands
    from langchain.agents import create_agent
    from langchain_core.language_models import GenericFakeChatModel
    from langchain_core.messages import AIMessage, HumanMessage
    from langgraph.graph import END, START, StateGraph
    from strands.models import Model

    from duramen_agentcore import RuntimeAdapter, TurnContext
    from duramen_langchain import MemoryMiddleware
    from duramen_langgraph import MemoryState, recall_node, retain_node
    from duramen_strands import MemoryHooks

BANK = "user:ada"
ANSWER = "I see. Tell me more about it."
WARM_UP = 5
THINKING_SECONDS = 0.05

Turn = Callable[[str], Awaitable[object]]
"""Takes what the user says."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: `turns` a framework, over a bank of `memories`."""

    turns: int = 200
    memories: int = 1_000


QUICK = Plan(turns=30, memories=200)


def graphs(memory: MemoryEngine) -> tuple[Turn, Turn]:
    """LangGraph: a node that answers, alone and between the two of memory."""

    async def answer(state: MemoryState) -> dict[str, Any]:
        return {"messages": [AIMessage(ANSWER)]}

    alone = StateGraph(MemoryState).add_node("answer", answer).add_edge(START, "answer").add_edge("answer", END)
    around = (
        StateGraph(MemoryState)
        .add_node("recall", recall_node(memory, bank=BANK))
        .add_node("answer", answer)
        .add_node("retain", retain_node(memory, bank=BANK))
        .add_edge(START, "recall")
        .add_edge("recall", "answer")
        .add_edge("answer", "retain")
        .add_edge("retain", END)
    )
    return _asked(alone.compile()), _asked(around.compile())


def agents(memory: MemoryEngine) -> tuple[Turn, Turn]:
    """LangChain: `create_agent` without and with the middleware."""

    def model() -> GenericFakeChatModel:
        return GenericFakeChatModel(messages=iter(lambda: AIMessage(ANSWER), None))

    return _asked(create_agent(model())), _asked(
        create_agent(model(), middleware=[MemoryMiddleware(memory, bank=BANK)])
    )


class Scripted(Model):
    """A model for Strands that answers at once."""

    def update_config(self, **config: Any) -> None:
        """Nothing can be set."""

    def get_config(self) -> dict[str, Any]:
        """Nothing is set."""
        return {}

    def structured_output(self, *given: Any, **options: Any) -> Any:
        """Nothing here asks for it."""
        raise ValueError("this model only talks")

    async def stream(self, *given: Any, **options: Any) -> AsyncIterator[Any]:
        """Say the answer."""
        yield {"messageStart": {"role": "assistant"}}
        yield {"contentBlockStart": {"start": {}}}
        yield {"contentBlockDelta": {"delta": {"text": ANSWER}}}
        yield {"contentBlockStop": {}}
        yield {"messageStop": {"stopReason": "end_turn"}}


def strands_agents(memory: MemoryEngine) -> tuple[Turn, Turn]:
    """Strands: a new agent a turn, without and with the hooks."""

    async def alone(text: str) -> object:
        return await strands.Agent(model=Scripted(), callback_handler=None).invoke_async(text)

    async def around(text: str) -> object:
        hooks = MemoryHooks(memory, bank=BANK)
        return await strands.Agent(model=Scripted(), callback_handler=None, hooks=[hooks]).invoke_async(text)

    return alone, around


def runtimes(memory: MemoryEngine) -> tuple[Turn, Turn]:
    """AgentCore Runtime: an agent called by itself and through the adapter."""
    adapter = RuntimeAdapter("support", memory=memory)

    async def agent(payload: Mapping[str, Any], memory_context: str) -> dict[str, str]:
        return {"output": ANSWER}

    async def alone(text: str) -> object:
        return await agent({"prompt": text}, "")

    async def around(text: str) -> object:
        turn = TurnContext(runtime_session_id="s" * 33, user_id="ada")
        return await adapter.run_turn(turn, {"prompt": text}, agent_callable=agent)

    return alone, around


FRAMEWORKS: dict[str, Callable[[MemoryEngine], tuple[Turn, Turn]]] = {
    "LangGraph, two nodes": graphs,
    "LangChain, middleware": agents,
    "Strands, hooks": strands_agents,
    "AgentCore Runtime, run_turn": runtimes,
}


def _asked(graph: Any) -> Turn:
    return lambda text: graph.ainvoke({"messages": [HumanMessage(text)]})


async def measured(directory: Path, plan: Plan) -> Table:
    """Return a table with a row for each framework."""
    corpus = Corpus()
    turns = corpus.turns(plan.memories)
    table = Table("turn", "alone p50", "p95", "with memory p50", "p95", "added p50", "p95", title="ms a turn")
    async with duramen.open(directory) as memory:
        for bank in (BANK, "user:ada:agent:support"):
            await memory.retain(bank, turns)
        await memory.flush()
        for name, made in FRAMEWORKS.items():
            alone, around = made(memory)
            bare, remembering = Times(), Times()
            for number, question in enumerate(corpus.questions(turns, WARM_UP + plan.turns)):
                timed = number >= WARM_UP
                for turn, times in ((alone, bare), (around, remembering)):
                    with (times if timed else Times()).measured():
                        await turn(question)
                await asyncio.sleep(THINKING_SECONDS)  # what is retained in the background is begun by then
                await memory.flush()
            added = [f"{remembering.at(percent) - bare.at(percent):.2f}" for percent in (50, 95)]
            table.add_row(name, *bare.spread(), *remembering.spread(), *added)
    return table


async def main(plan: Plan, console: Console) -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as directory:
        console.print(await measured(Path(directory), plan))
    console.print(f"{plan.turns} turns each over a bank of {plan.memories} memories. {machine()}", highlight=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What an adapter adds to a turn.")
    parser.add_argument("--quick", action="store_true", help="fewer turns, a smaller bank")
    asyncio.run(main(QUICK if parser.parse_args().quick else Plan(), Console()))
