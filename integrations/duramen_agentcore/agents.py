"""Agents as they come: async, sync, or streaming; with the memory as an argument, or without."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from typing import Any

Agent = Callable[..., Any]
"""Called with the payload and the recalled text, by position or as `memory_context`, or with the payload alone."""

_END = object()


async def call_agent(agent: Agent, payload: object, memory_context: str) -> Any:
    """Return what `agent` returns; a generator of any sort as an async generator.

    A plain function runs in a thread, with the caller's context variables, so that it cannot hold up the loop. What
    the agent raises is raised unchanged.
    """
    args, options = _arguments(agent, payload, memory_context)
    if _is_async(agent):
        result = agent(*args, **options)
    else:
        result = await asyncio.to_thread(agent, *args, **options)
    if inspect.isawaitable(result):
        result = await result
    if inspect.isgenerator(result):
        return _in_threads(result)
    if isinstance(result, AsyncIterator) and not inspect.isasyncgen(result):
        return _as_generator(result)
    return result


def _arguments(agent: Agent, payload: object, memory_context: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    try:
        signature = inspect.signature(agent)
    except (TypeError, ValueError):  # some built-in callables do not tell
        return (payload, memory_context), {}
    for args, options in (
        ((payload, memory_context), {}),
        ((payload,), {"memory_context": memory_context}),
        ((payload,), {}),
    ):
        try:
            signature.bind(*args, **options)
        except TypeError:
            continue
        return args, options
    return (payload, memory_context), {}


def _is_async(agent: Agent) -> bool:
    plain: Any = agent
    while isinstance(plain, functools.partial):
        plain = plain.func
    return any(
        inspect.iscoroutinefunction(one) or inspect.isasyncgenfunction(one)
        for one in (plain, getattr(plain, "__call__", None))  # noqa: B004  an object may be called through an async method
    )


async def _in_threads(chunks: Iterator[Any]) -> AsyncGenerator[Any, None]:
    try:
        while (chunk := await asyncio.to_thread(next, chunks, _END)) is not _END:
            yield chunk
    finally:
        chunks.close()  # type: ignore[attr-defined]  # it is a generator


async def _as_generator(chunks: AsyncIterator[Any]) -> AsyncGenerator[Any, None]:
    async for chunk in chunks:
        yield chunk
