"""Tools by which a model itself recalls, retains, reflects and forgets, in the bank of the call and in no other."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from strands import ToolContext, tool
from strands.types.tools import AgentTool
from typing_extensions import Unpack

from duramen.recall.asking import Asked
from duramen.turns import AnyMemory, Around, Whose
from duramen.turns.conversation import keys_of
from duramen.turns.tools import TOOL_NAMES, WORDS, Caller, Told, ToolMemory, ToolName
from duramen.turns.turns import TIMEOUT
from duramen_strands.messages import said_in
from duramen_strands.whose import session_of, sources


def memory_tools(
    memory: AnyMemory,
    *,
    bank: Whose | None = None,
    names: Collection[ToolName] = TOOL_NAMES,
    prefix: str = "",
    timeout: float = TIMEOUT,
    **asked: Unpack[Asked],
) -> list[AgentTool]:
    """Return the tools of `names`, in their order, for `Agent(tools=…)`.

    A tool works in one bank: `bank`, else that of the `user_id` (with `agent_id` and `tenant_id`) in the invocation
    state. No argument of the model has a say in it. Whatever happens to the memory, a tool answers with a sentence
    that the model can use, and with the status "error" where what was asked for was not done.

    Args:
        memory: What `duramen.open` or `duramen.open_sync` gave.
        bank: A bank or an identity; or what names one, given the `ToolContext`.
        names: Which tools. Ids of memories are shown only if "forget" is among them.
        prefix: Stands before each name, to tell the tools of two memories apart.
        timeout: Seconds that a call waits for the memory.
        asked: Options of every recall and reflect; see `MemoryEngine.recall`. `limit` is 10 unless given.

    Raises:
        BadInputError: `memory` is no memory, an option makes no sense, or there is no tool of a name.
    """
    tools = ToolMemory(memory, name="strands", names=names, timeout=timeout, **asked)
    return [_tool(tools, name, prefix, bank) for name in tools.names]


def _tool(tools: ToolMemory, name: ToolName, prefix: str, bank: Whose | None) -> AgentTool:
    words = WORDS[name]

    # One function for each name of an argument, as Strands goes by the signature; the schema says what belongs in it,
    # and what a model sends instead is answered by a sentence of ours.
    async def told(context: ToolContext, given: Any) -> dict[str, Any]:
        return _result(await tools.call(name, _caller(tools, bank, context), given))

    async def recall(tool_context: ToolContext, query: Any = None) -> dict[str, Any]:
        return await told(tool_context, query)

    async def retain(tool_context: ToolContext, text: Any = None) -> dict[str, Any]:
        return await told(tool_context, text)

    async def reflect(tool_context: ToolContext, question: Any = None) -> dict[str, Any]:
        return await told(tool_context, question)

    async def forget(tool_context: ToolContext, memories: Any = None) -> dict[str, Any]:
        return await told(tool_context, memories)

    function = {"recall": recall, "retain": retain, "reflect": reflect, "forget": forget}[name]
    decorated = tool(
        name=prefix + name, description=words.description, inputSchema={"json": words.schema()}, context="tool_context"
    )
    return decorated(function)


def _caller(tools: ToolMemory, bank: Whose | None, context: ToolContext) -> Caller | None:
    """Return where a tool was called, or None if it cannot be told whose call that is."""
    own = tools.turns.whose(lambda: sources(bank, context))
    if own is None:
        return None
    session = session_of(context)
    here = keys_of([said_in(message) for message in context.agent.messages], session)
    return Caller(Around(own, session), context.tool_use["toolUseId"], frozenset(here))


def _result(told: Told) -> dict[str, Any]:
    return {"status": "error" if told.failed else "success", "content": [{"text": told.text}]}
