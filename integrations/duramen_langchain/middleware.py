"""Memory for `create_agent`: recalled text in each request to the model, retention as the conversation goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from langchain.agents.middleware import AgentState
from langchain.agents.middleware.types import ModelCallResult, ModelRequest, ModelResponse
from langchain_core.messages import SystemMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool
from langgraph.runtime import Runtime
from typing_extensions import Unpack

from duramen.errors import BadInputError
from duramen.recall.asking import Asked
from duramen.status import Stats
from duramen.turns import AnyMemory, Around, Retention, Turns, Whose, question_of
from duramen.turns.conversation import role_of
from duramen.turns.turns import TIMEOUT
from duramen.types import Message, Recall
from duramen_langchain.carrying import NO_CONFIG, Base
from duramen_langchain.messages import Placement, messages_of, place_of, with_memory, with_tail
from duramen_langchain.tools import memory_tools
from duramen_langchain.whose import in_a_tool, lasting, session_of, sources

Trigger: TypeAlias = "Literal['turn', 'question'] | Callable[[ModelRequest[Any]], bool]"
"""Which calls of the model get recalled text: all of a turn, with the tool loop; only those where the newest message is
the user's; or those for which a function of the request says so."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What a hook knows of the run around it.

    Attributes:
        lasting: Whether the ids of its messages name them beyond it.
        retains: Whether what is said in it is retained.
    """

    around: Around
    lasting: bool
    retains: bool


class MemoryMiddleware(Base):
    """Gives an agent of `create_agent` a memory: `create_agent(model, middleware=[MemoryMiddleware(memory)])`.

    Before each call of the model the memory is asked what it knows about the newest message of the user, and the answer
    goes into a copy of the request: into no state, no checkpoint and no stream. What user and agent said is retained
    before each call (so that it is kept even if the model fails), after it, and at the end of the run; each message
    once, however often it is seen. A memory that does not answer costs a turn its memory and never the turn.

    Whose memory it is, the run tells: see `bank`. A thread id is a session and never an identity.

    Args:
        memory: What `duramen.open` or `duramen.open_sync` gave.
        bank: A bank or an identity; or what names one, given the runtime. Else the `user_id` (and `agent_id`,
            `tenant_id`) of the run's context, the authenticated user, or `configurable`, in this order.
        name: Tells several in one agent apart; they need different ones.
        placement: Where recalled text goes; see `Placement`.
        trigger: Which calls of the model get recalled text; see `Trigger`.
        timeout: Seconds that a step waits for the memory.
        strict: Raise `BankResolutionError` where no bank can be named, instead of going on without memory.
        retention: What is retained.
        retain_in_tools: Whether anything is retained where the agent runs inside a tool of another agent, which then
            speaks in the user's place. It recalls there in any case.
        tools: True for tools by which the model itself recalls, retains, reflects and forgets in the same bank; or
            tools made by `memory_tools`.
        asked: Options of every recall, such as `max_tokens`, `limit` and `min_score`; see `MemoryEngine.recall`.

    Raises:
        BadInputError: `memory` is no memory, or an option makes no sense.
    """

    def __init__(  # noqa: PLR0913  the options of the adapter, by name
        self,
        memory: AnyMemory,
        *,
        bank: Whose | None = None,
        name: str | None = None,
        placement: Placement = "user",
        trigger: Trigger = "turn",
        timeout: float = TIMEOUT,
        strict: bool = False,
        retention: Retention | None = None,
        retain_in_tools: bool = False,
        tools: bool | Sequence[BaseTool] = False,
        **asked: Unpack[Asked],
    ) -> None:
        _check("placement", placement, get_args(Placement))
        if not callable(trigger):
            _check("trigger", trigger, ("turn", "question"))
        self._name = name or type(self).__name__
        super().__init__()
        self._turns = Turns(memory, name="langchain", timeout=timeout, strict=strict, retention=retention, **asked)
        self._bank = bank
        self._placement: Placement = placement
        self._trigger: Trigger = trigger
        self._retain_in_tools = retain_in_tools
        if tools is True:
            tools = memory_tools(memory, bank=bank, timeout=timeout, strict=strict, **asked)
        self.tools = list(tools or ())

    @property
    def name(self) -> str:
        """The name given, or that of the class."""
        return self._name

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelCallResult[Any]:
        """Call the model with what is remembered, once what was said so far is retained."""
        run = self._run(request.runtime, self.config_of(request.state))
        if run is None:
            return handler(request)
        asking = self._asking(request, run)
        recall = self._turns.recall_sync(run.around, asking) if asking else None
        self._turns.retain_sync(run.around, self._said(request.state, run, request.response_format is not None))
        return handler(self._with(request, recall))

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]
    ) -> ModelCallResult[Any]:
        """Do what `wrap_model_call` does, with `await`."""
        run = self._run(request.runtime, self.config_of(request.state))
        if run is None:
            return await handler(request)
        asking = self._asking(request, run)
        recall = await self._turns.recall(run.around, asking) if asking else None
        await self._turns.retain(run.around, self._said(request.state, run, request.response_format is not None))
        return await handler(self._with(request, recall))

    def after_model(self, state: AgentState[Any], runtime: Runtime[Any], config: RunnableConfig = NO_CONFIG) -> None:
        """Retain what the model said."""
        run = self._run(runtime, config)
        if run is not None:
            self._turns.retain_sync(run.around, self._said(state, run))

    async def aafter_model(
        self, state: AgentState[Any], runtime: Runtime[Any], config: RunnableConfig = NO_CONFIG
    ) -> None:
        """Do what `after_model` does, with `await`."""
        run = self._run(runtime, config)
        if run is not None:
            await self._turns.retain(run.around, self._said(state, run))

    def after_agent(self, state: AgentState[Any], runtime: Runtime[Any], config: RunnableConfig = NO_CONFIG) -> None:
        """Retain what came since, also where a limit or a guard ended the run, and what other middleware put right."""
        self.after_model(state, runtime, config)

    async def aafter_agent(
        self, state: AgentState[Any], runtime: Runtime[Any], config: RunnableConfig = NO_CONFIG
    ) -> None:
        """Do what `after_agent` does, with `await`."""
        await self.aafter_model(state, runtime, config)

    def flush(self, *, seconds: float | None = None) -> int:
        """Wait until what was retained is on disk, for at most `seconds`; return how many messages are not."""
        return self._turns.flush_sync(seconds=seconds)

    async def aflush(self, *, seconds: float | None = None) -> int:
        """Do what `flush` does, with `await`."""
        return await self._turns.flush(seconds=seconds)

    def stats(self) -> Stats:
        """Return what this middleware did so far."""
        return self._turns.stats()

    def _run(self, runtime: Any, config: Mapping[str, Any] | None) -> _Run | None:
        bank = self._turns.whose(lambda: sources(self._bank, runtime, config))
        if bank is None:
            return None
        # without the config nobody knows what names the messages, and a hook that has it will follow
        retains = config is not None and (self._retain_in_tools or not in_a_tool(config))
        return _Run(Around(bank, session_of(runtime, config)), lasting(config), retains)

    def _asking(self, request: ModelRequest[Any], run: _Run) -> list[Message]:
        """Return the messages that the model is shown, of which the newest of the user asks; none without a trigger."""
        state = request.state["messages"]
        kept = {message.id for message in state}
        # others may show less than there is (what they leave out may be recalled), or words of their own
        shown = messages_of((one for one in request.messages if one.id in kept), lasting=run.lasting)
        messages = shown if question_of(shown) else messages_of(state, lasting=run.lasting)
        return messages if self._triggered(request, messages) else []

    def _triggered(self, request: ModelRequest[Any], messages: Sequence[Message]) -> bool:
        if self._trigger == "turn":
            return True
        if self._trigger == "question":
            return bool(messages) and role_of(messages[-1]) == "user" and not messages[-1].get("source")
        try:
            return self._trigger(request)
        except Exception:  # whatever the caller's function raises, the turn goes on
            self._turns.log.warning("the trigger failed, so this call goes on without memory", exc_info=True)
            return False

    def _said(self, state: AgentState[Any], run: _Run, structured: bool = False) -> list[Message]:
        if not run.retains:
            return []
        structured = structured or "structured_response" in state
        return messages_of(state["messages"], lasting=run.lasting, structured=structured)

    def _with(self, request: ModelRequest[Any], recall: Recall | None) -> ModelRequest[Any]:
        if recall is None or not recall.text:
            return request
        if self._placement == "user" and place_of(request.messages, "user") is not None:
            return request.override(messages=with_memory(request.messages, recall.text))
        system = request.system_message
        tail = SystemMessage(recall.text) if system is None else with_tail(system, recall.text)
        return request.override(system_message=tail)


def _check(option: str, value: object, known: Sequence[str]) -> None:
    if value not in known:
        raise BadInputError(f"`{option}` is {value!r}. Give one of {', '.join(map(repr, known))}.")
