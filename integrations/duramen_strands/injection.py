"""Puts recalled text before the model, for one call and nowhere else, in the way this version of Strands has."""

from __future__ import annotations

import weakref
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, get_args

from strands.hooks import AfterInvocationEvent, AfterModelCallEvent, BeforeModelCallEvent, HookOrder, HookRegistry
from strands.injection import InjectionContext
from strands.vended_plugins.context_injector import ContextInjector

from duramen.errors import BadInputError
from duramen_strands.guard import fail_open
from duramen_strands.messages import Message, Placement, place_of, with_instruction, with_memory

try:
    from strands.middleware import InvokeModelStage
except ImportError:  # before 1.62
    InvokeModelStage = None  # type: ignore[assignment]  # Strands has no public name for it yet

Trigger: TypeAlias = "Literal['turn', 'question'] | Callable[[InjectionContext], bool]"
"""Which calls of the model get recalled text: all of a turn, with the tool loop; only those where the newest message is
the user's; or those for which a function of Strands' `InjectionContext` says so."""


@dataclass(frozen=True, slots=True)
class Found:
    """Recalled text, and the message that asked for it, if that is in the conversation."""

    text: str
    asked: Message | None


class Ask(Protocol):
    """Is told of each call of a model of `agent`, before it is made."""

    def __call__(self, agent: Any, state: object, wanted: bool) -> Awaitable[Found | None]:
        """Return what to add, if that is wanted; None for nothing."""


class Injection:
    """Adds recalled text to what the models of agents are given, never to what the agents keep.

    From Strands 1.62 on by its middleware. Before that by its `ContextInjector`, which has a place of its own (before or
    after the words of the newest message in the user's role); at the system prompt by exchanging it for the length of
    a call of the model.

    Raises:
        BadInputError: An option is unknown.
    """

    def __init__(self, ask: Ask, *, placement: Placement, trigger: Trigger) -> None:
        if placement not in get_args(Placement):
            raise BadInputError(f"`placement` is {placement!r}. Give one of {', '.join(get_args(Placement))}.")
        if not callable(trigger) and trigger not in ("turn", "question"):
            raise BadInputError(f"`trigger` is {trigger!r}. Give 'turn', 'question' or a function.")
        self._ask = ask
        self._placement = placement
        self._trigger: Trigger = trigger
        self._agents: weakref.WeakSet[Any] = weakref.WeakSet()
        self._exchanged: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()

    def register(self, registry: HookRegistry) -> None:
        """Register what is needed beside `install`."""
        if InvokeModelStage is None and self._placement == "system":
            registry.add_callback(BeforeModelCallEvent, self._exchange, order=HookOrder.SDK_LAST)
            registry.add_callback(AfterModelCallEvent, self._restore, order=HookOrder.SDK_FIRST)
            registry.add_callback(AfterInvocationEvent, self._restore, order=HookOrder.SDK_FIRST)

    def install(self, agent: Any) -> None:
        """Begin to add recalled text to what the model of `agent` is given; once, however often this is called."""
        if agent in self._agents:
            return
        self._agents.add(agent)
        if hasattr(agent, "add_middleware"):
            agent.add_middleware(InvokeModelStage.Input, self._add)
        elif InvokeModelStage is None and self._placement == "user":
            ContextInjector(self._render, trigger="everyTurn", name="duramen").init_agent(agent)

    @fail_open
    async def _add(self, context: Any) -> Any:
        found = await self._found(context.agent, context.messages, context.invocation_state)
        if found is None:
            return context
        if self._placement == "system":
            return context.replace(system_prompt=with_instruction(context.system_prompt, found.text))
        place = place_of(context.messages, found.asked)
        if place is None:
            return context
        at_the_end = place == len(context.messages) - 1  # there, it is not to be part of the cached prompt
        return context.replace(
            messages=with_memory(context.messages, place, found.text),
            dynamic_trailing_blocks=context.dynamic_trailing_blocks + at_the_end,
        )

    async def _render(self, context: InjectionContext) -> str | None:
        found = await self._found(context.agent, context.messages, None)
        return f"\n\n{found.text}\n\n" if found else None

    @fail_open
    async def _exchange(self, event: BeforeModelCallEvent) -> None:
        self._restore(event)
        agent = event.agent
        found = None if event.cancel else await self._found(agent, agent.messages, event.invocation_state)
        if found is not None:
            kept = agent.system_prompt_content
            agent.system_prompt = with_instruction(kept, found.text)
            self._exchanged[agent] = kept

    def _restore(self, event: Any) -> None:
        if event.agent in self._exchanged:
            event.agent.system_prompt = self._exchanged.pop(event.agent)

    async def _found(self, agent: Any, messages: Any, state: object) -> Found | None:
        if callable(self._trigger):
            wanted = self._trigger(InjectionContext(messages=list(messages), state=agent.state, agent=agent))
        else:
            wanted = self._trigger == "turn" or place_of(messages[-1:], None) is not None
        return await self._ask(agent, state, wanted)
