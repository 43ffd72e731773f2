"""Tool calls and their results in chat messages, whichever framework wrote them.

Read are OpenAI's `tool_calls` and `tool_call_id` (and its older `function_call`), the content parts of Anthropic
(`tool_use`, `tool_result`) and of Bedrock and Strands (`toolUse`, `toolResult`), and LangChain's messages as
dictionaries, with or without their `data`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from duramen.types import Message

NAMELESS = ""
"""Stands for the id of a call or result that has none."""

_ROLES = {"human": "user", "ai": "assistant", "model": "assistant", "developer": "system", "function": "tool"}
_CALL_ITEMS = frozenset({"function_call", "tool_call"})
_RESULT_ITEMS = frozenset({"function_call_output"})


def inner(message: Message) -> Mapping[str, Any]:
    """Return what `message` says of itself: LangChain writes that under `data`."""
    data = message.get("data")
    return data if isinstance(data, Mapping) and "type" in message else message


def role_of(message: Message) -> str:
    """Return "user", "assistant", "tool" or "system" for the role or type of `message`, else what it is."""
    role = str(message.get("role") or message.get("type") or "user").casefold()
    return _ROLES.get(role, role)


def calls_of(message: Message) -> list[str]:
    """Return the ids of the tools that `message` calls, in order."""
    said = inner(message)
    calls = [_id(call, "id") for call in _mappings(said.get("tool_calls"))]
    if said.get("function_call") or said.get("type") in _CALL_ITEMS:
        calls.append(_id(said, "call_id"))
    for part in _mappings(said.get("content")):
        if isinstance(part.get("toolUse"), Mapping):
            calls.append(_id(part["toolUse"], "toolUseId"))
        elif str(part.get("type")).endswith("tool_use"):
            calls.append(_id(part, "id"))
    return list(dict.fromkeys(calls))  # LangChain writes the calls of Anthropic twice


def results_of(message: Message) -> list[str]:
    """Return the ids of the calls that `message` has results of, in order."""
    said = inner(message)
    results: list[str] = []
    for part in _mappings(said.get("content")):
        if isinstance(part.get("toolResult"), Mapping):
            results.append(_id(part["toolResult"], "toolUseId"))
        elif str(part.get("type")).endswith("tool_result"):
            results.append(_id(part, "tool_use_id"))
    if not results and (role_of(message) == "tool" or said.get("type") in _RESULT_ITEMS):
        results.append(_id(said, "tool_call_id", "call_id"))
    return results


def asks(message: Message) -> bool:
    """Tell whether the user speaks in `message`: some frameworks give the results of tools in the user's role."""
    return role_of(message) == "user" and not results_of(message)


def turns_of(messages: Sequence[Message]) -> list[tuple[Message, ...]]:
    """Return `messages` cut where the user speaks; what comes before that is a turn of its own."""
    begins = [place for place, message in enumerate(messages) if place == 0 or asks(message)]
    return [tuple(messages[first:last]) for first, last in pairwise([*begins, len(messages)])]


def units_of(messages: Sequence[Message]) -> list[int]:
    """Return where `messages` may be cut: the places of those before which no call waits for its result, rising."""
    called: dict[str, int] = {}
    latest: int | None = None
    reach = list(range(len(messages)))
    for place, message in enumerate(messages):
        for result in results_of(message):
            call = latest if result == NAMELESS else called.get(result, called.get(NAMELESS))
            if call is not None:
                reach[call] = place
        for call_id in calls_of(message):
            called[call_id] = latest = place
    begins: list[int] = []
    until = 0
    for place, last in enumerate(reach):
        if place >= until:
            begins.append(place)
        until = max(until, last + 1)
    return begins


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        yield from (part for part in value if isinstance(part, Mapping))


def _id(value: Mapping[str, Any], *names: str) -> str:
    return next((str(value[name]) for name in names if value.get(name) is not None), NAMELESS)
