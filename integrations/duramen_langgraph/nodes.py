"""The two nodes: one recalls before the model is called, one retains after it."""

from __future__ import annotations

from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from typing_extensions import Unpack

from duramen.turns import AnyMemory
from duramen.types import Message
from duramen_langchain.messages import messages_of
from duramen_langgraph._core import Core, Options, core_of
from duramen_langgraph._outputs import before_in
from duramen_langgraph._runs import Run, run_of
from duramen_langgraph.state import read


def recall_node(memory: AnyMemory | Core, **options: Unpack[Options]) -> Runnable[Any, Any]:
    """Return a node, called "recall", that puts what is recalled about the newest message of the user into the state.

    It always writes: "" when nothing is known, so that nothing recalled for an earlier message is left. Never cache it:
    a cache of langgraph knows nodes by their input, and not by whose turn it is.

    Args:
        memory: What `duramen.open` or `duramen.open_sync` gave, or a `GraphMemory`.
        options: As of `GraphMemory`, if `memory` is none.

    Raises:
        BadInputError: An argument makes no sense.
        BankResolutionError: Within the run, with `strict`: nothing says whose it is.
    """
    core = core_of(memory, options)

    def recall(state: Any, config: RunnableConfig) -> dict[str, Any] | None:
        return core.update(state, core.text(state, run_of(config)))

    async def arecall(state: Any, config: RunnableConfig) -> dict[str, Any] | None:
        return core.update(state, await core.atext(state, run_of(config)))

    return RunnableLambda(recall, afunc=arecall, name="recall")


def retain_node(memory: AnyMemory | Core, **options: Unpack[Options]) -> Runnable[Any, None]:
    """Return a node, called "retain", that retains the messages of the state that were not retained before.

    It changes nothing in the state. Where parallel branches meet, add it with `defer=True`, so that it runs once.

    Args:
        memory: What `duramen.open` or `duramen.open_sync` gave, or a `GraphMemory`.
        options: As of `GraphMemory`, if `memory` is none.

    Raises:
        BadInputError: An argument makes no sense.
        BankResolutionError: Within the run, with `strict`: nothing says whose it is.
    """
    core = core_of(memory, options)

    def said(state: Any, run: Run) -> list[Message]:
        return messages_of(read(before_in(state, core.messages_key, run)), lasting=run.lasting)

    def retain(state: Any, config: RunnableConfig) -> None:
        run = run_of(config)
        around = core.retaining(run)
        if around is not None:
            core.turns.retain_sync(around, said(state, run))

    async def aretain(state: Any, config: RunnableConfig) -> None:
        run = run_of(config)
        around = core.retaining(run)
        if around is not None:
            await core.turns.retain(around, said(state, run))

    return RunnableLambda(retain, afunc=aretain, name="retain")
