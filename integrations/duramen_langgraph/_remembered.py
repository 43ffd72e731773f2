"""A node that retains: what it was given and what it returned, after it ran, whatever kind of node it is."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar, overload

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from typing_extensions import Unpack

from duramen.errors import BadInputError
from duramen.turns import AnyMemory
from duramen.types import Message
from duramen_langchain.messages import messages_of
from duramen_langgraph._core import Core, Options, core_of
from duramen_langgraph._outputs import Output, before_in
from duramen_langgraph._runs import run_of
from duramen_langgraph.state import read

Function = TypeVar("Function", bound=Callable[..., Any])


@overload
def remembered(
    node: Runnable[Any, Any], memory: AnyMemory | Core, **options: Unpack[Options]
) -> Runnable[Any, Any]: ...
@overload
def remembered(node: Function, memory: AnyMemory | Core, **options: Unpack[Options]) -> Function: ...
def remembered(node: Any, memory: AnyMemory | Core, **options: Unpack[Options]) -> Any:
    """Return `node` such that it retains, each time it ran, what it was given and what it returned.

    A function stays a function that takes and returns what it did; anything else becomes a Runnable. A message without
    an id that it returns gets one, on a copy, by which state and memory know it. What the node raises is raised; what
    it was given is retained then too, also when it is interrupted or cancelled.

    Args:
        node: A function, with `async` or without, a callable object, a generator function, or a Runnable such as a
            compiled graph.
        memory: What `duramen.open` or `duramen.open_sync` gave, or a `GraphMemory`.
        options: As of `GraphMemory`, if `memory` is none.

    Raises:
        BadInputError: `node` is neither a Runnable nor callable, or another argument makes no sense.
    """
    core = core_of(memory, options)
    if isinstance(node, Runnable):
        return _runnable(core, node)
    if not callable(node):
        raise BadInputError(f"The node is a {type(node).__name__}. Give a function, a callable object or a Runnable.")
    call = getattr(node, "__call__", None)  # noqa: B004  what an object of a class is called by
    if any(map(inspect.isgeneratorfunction, (node, call))) or any(map(inspect.isasyncgenfunction, (node, call))):
        return _runnable(core, RunnableLambda(node))
    return _function(core, node)


class _Step:
    """One run of a node."""

    def __init__(self, core: Core, state: object, config: Mapping[str, Any] | None) -> None:
        self._run = run_of(config)
        self._core = core
        self._around = core.retaining(self._run)
        self._before = before_in(state, core.messages_key, self._run)
        self._output = Output(core.messages_key, self._before, self._run)

    def ended(self, output: Any) -> Any:
        """Retain, and return what the node is to return."""
        if self._around is None:
            return output
        output = self._output.read(output)
        self.retain()
        return output

    async def aended(self, output: Any) -> Any:
        """See `ended`."""
        if self._around is None:
            return output
        output = self._output.read(output)
        await self.aretain()
        return output

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Retain what the node was given if it does not return, whatever ends it; that goes on its way."""
        try:
            yield
        except BaseException:  # an interrupt by the keyboard, too: what the user said was said
            self.retain()
            raise

    @asynccontextmanager
    async def afailing(self) -> AsyncIterator[None]:
        """See `failing`."""
        try:
            yield
        except Exception:  # whatever the caller's node raises
            await self.aretain()
            raise
        except BaseException:  # cancelled, which is no time to wait
            self.retain_later()
            raise

    def retain(self) -> None:
        """Retain what is known so far; when the node failed, that is what it was given."""
        if self._around is not None:
            self._core.turns.retain_sync(self._around, self._said())

    async def aretain(self) -> None:
        """See `retain`."""
        if self._around is not None:
            await self._core.turns.retain(self._around, self._said())

    def retain_later(self) -> None:
        """Do what `retain` does, without waiting for it."""
        if self._around is not None:
            self._core.turns.retain_later(self._around, self._said())

    def _said(self) -> list[Message]:
        return messages_of([*read(self._before), *self._output.messages], lasting=self._run.lasting)


def _runnable(core: Core, node: Runnable[Any, Any]) -> Runnable[Any, Any]:
    def run(state: Any, config: RunnableConfig) -> Any:
        step = _Step(core, state, config)
        with step.failing():
            output = node.invoke(state, config)
        return step.ended(output)

    async def arun(state: Any, config: RunnableConfig) -> Any:
        step = _Step(core, state, config)
        async with step.afailing():
            output = await node.ainvoke(state, config)
        return await step.aended(output)

    return RunnableLambda(run, afunc=arun, name=node.get_name())


def _function(core: Core, node: Callable[..., Any]) -> Any:
    """Wrap a plain function in a plain function: only of those does a graph read what they take and return."""
    signature, takes_config = _with_config(inspect.signature(node))

    def begun(args: tuple[Any, ...], given: dict[str, Any]) -> _Step:
        config = given.get("config") if takes_config else given.pop("config", None)
        return _Step(core, args[0] if args else given.get("state"), config)

    def run(*args: Any, **given: Any) -> Any:
        step = begun(args, given)
        with step.failing():
            output = node(*args, **given)
        return step.ended(output)

    async def arun(*args: Any, **given: Any) -> Any:
        step = begun(args, given)
        async with step.afailing():
            output = await node(*args, **given)
        return await step.aended(output)

    wrapper: Any = arun if _is_async(node) else run
    wrapper.__annotations__ = {}
    target: Any = node if inspect.isroutine(node) else getattr(node, "__call__", None)  # noqa: B004  its method
    if inspect.isfunction(target) or inspect.ismethod(target):
        functools.update_wrapper(wrapper, target, updated=())
    wrapper.__name__ = getattr(node, "__name__", type(node).__name__)
    wrapper.__signature__ = signature  # which `inspect.signature`, and so the graph, goes by
    return wrapper


def _with_config(signature: inspect.Signature) -> tuple[inspect.Signature, bool]:
    """Return `signature` with a parameter for the config, and whether it had one."""
    parameters = list(signature.parameters.values())
    if "config" in signature.parameters:
        return signature, True
    config = inspect.Parameter("config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=RunnableConfig)
    place = len(parameters) - any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters)
    return signature.replace(parameters=[*parameters[:place], config, *parameters[place:]]), False


def _is_async(node: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(node) or inspect.iscoroutinefunction(getattr(node, "__call__", None))  # noqa: B004  what an object of a class is called by
