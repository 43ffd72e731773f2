"""Tools by which a model itself recalls, retains, reflects and forgets, in the bank of the run and in no other."""

# Without postponed annotations: older versions look for `ToolRuntime` and `RunnableConfig` themselves, not their names.
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, InjectedToolArg, StructuredTool, ToolException
from langgraph.prebuilt import ToolRuntime
from pydantic import BaseModel, BeforeValidator, Field, create_model
from typing_extensions import Unpack

from duramen.recall.asking import Asked
from duramen.turns import AnyMemory, Around, Whose
from duramen.turns.conversation import keys_of
from duramen.turns.tools import TOOL_NAMES, WORDS, Caller, Told, ToolMemory, ToolName, Words
from duramen.turns.turns import TIMEOUT
from duramen_langchain.messages import messages_of
from duramen_langchain.whose import lasting, session_of, sources

_NONE: Any = None  # an optional `ToolRuntime` would not be recognised as one that the runtime fills in

# Older tool nodes look for it in the schema only. It is hidden from the model, and not copied at each call.
_FROM_THE_RUNTIME: Any = (Annotated[Any, InjectedToolArg], Field(default=None, exclude=True))

_ONE_OR_MORE = BeforeValidator(lambda given: [given] if isinstance(given, str) else given)


def memory_tools(
    memory: "AnyMemory",
    *,
    bank: "Whose | None" = None,
    names: Sequence[ToolName] = TOOL_NAMES,
    prefix: str = "",
    timeout: float = TIMEOUT,
    strict: bool = False,
    **asked: Unpack[Asked],
) -> list[BaseTool]:
    """Return the tools of `names`, in their order, for `create_agent`, a `ToolNode` or `bind_tools`.

    A tool works in one bank, which the runtime names: `bank`, else the run's context, the authenticated user, or the
    `configurable` values. No argument of the model has a say in it. Whatever happens to the memory, a tool answers
    with a sentence that the model can use, and with the status "error" where what was asked for was not done.

    Args:
        memory: What `duramen.open` or `duramen.open_sync` gave.
        bank: A bank or an identity; or what names one, given the `ToolRuntime`, or the config where there is none.
        names: Which tools. Ids of memories are shown only if "forget" is among them.
        prefix: Stands before each name, to tell the tools of two memories apart.
        timeout: Seconds that a call waits for the memory.
        strict: Raise `BankResolutionError` where no bank can be named, instead of saying that there is no memory.
        asked: Options of every recall and reflect; see `MemoryEngine.recall`. `limit` is 10 unless given.

    Raises:
        BadInputError: `memory` is no memory, an option makes no sense, or there is no tool of a name.
    """
    tools = ToolMemory(memory, name="langchain", names=names, timeout=timeout, strict=strict, **asked)
    return [_tool(tools, name, prefix, bank) for name in tools.names]


def _tool(tools: ToolMemory, name: ToolName, prefix: str, bank: "Whose | None") -> BaseTool:
    words = WORDS[name]

    # What a model gives comes by name, and by place where LangChain is given plain text.
    def func(*given: Any, config: RunnableConfig, runtime: ToolRuntime[Any, Any] = _NONE, **named: Any) -> str:
        caller = _caller(tools, bank, runtime, config)
        return _said(tools.call_sync(name, caller, _given(words, given, named)))

    async def coroutine(
        *given: Any, config: RunnableConfig, runtime: ToolRuntime[Any, Any] = _NONE, **named: Any
    ) -> str:
        caller = _caller(tools, bank, runtime, config)
        return _said(await tools.call(name, caller, _given(words, given, named)))

    return StructuredTool.from_function(
        func=func,
        coroutine=coroutine,
        name=prefix + name,
        description=words.description,
        args_schema=_schema(name, words),
        handle_tool_error=True,
        handle_validation_error=f"This tool takes `{words.argument}`. {words.about}",
    )


def _schema(name: str, words: Words) -> type[BaseModel]:
    kind: Any = Annotated[list[str], _ONE_OR_MORE] if words.many else str
    fields: dict[str, Any] = {words.argument: (kind, Field(description=words.about)), "runtime": _FROM_THE_RUNTIME}
    return create_model(name.capitalize(), __doc__=words.description, **fields)


def _caller(tools: ToolMemory, bank: "Whose | None", runtime: Any, config: RunnableConfig) -> Caller | None:
    """Return where a tool was called, or None if it cannot be told whose run that is."""
    given = runtime if isinstance(runtime, ToolRuntime) else None  # a model could send anything by this name
    own = tools.turns.whose(lambda: sources(bank, given, config))
    if own is None:
        return None
    session = session_of(given, config)
    here = keys_of(messages_of(_messages(given), lasting=lasting(config)), session)
    return Caller(Around(own, session), None if given is None else given.tool_call_id, frozenset(here))


def _messages(runtime: ToolRuntime[Any, Any] | None) -> list[object]:
    state = None if runtime is None else runtime.state
    said = state.get("messages") if isinstance(state, Mapping) else getattr(state, "messages", state)
    return said if isinstance(said, list) else []


def _given(words: Words, given: Sequence[Any], named: Mapping[str, Any]) -> Any:
    return given[0] if given else named.get(words.argument)


def _said(told: Told) -> str:
    if told.failed:
        raise ToolException(told.text)  # which LangChain turns into the answer, with the status "error"
    return told.text
