"""Conversations with tools in the formats of several frameworks, to order and at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from hypothesis import strategies as st

Format: TypeAlias = Callable[[str, str, Sequence[str]], dict[str, Any]]
"""Writes a message: role ("user", "assistant", "call" or "result"), text, and the ids of calls."""


def openai(role: str, text: str, ids: Sequence[str]) -> dict[str, Any]:
    if role == "call":
        calls = [{"id": id, "type": "function", "function": {"name": "look", "arguments": "{}"}} for id in ids]
        return {"role": "assistant", "content": text or None, "tool_calls": calls}
    if role == "result":
        return {"role": "tool", "tool_call_id": ids[0], "content": text}
    return {"role": role, "content": text}


def bedrock(role: str, text: str, ids: Sequence[str]) -> dict[str, Any]:
    if role == "call":
        calls = [{"toolUse": {"toolUseId": id, "name": "look", "input": {}}} for id in ids]
        return {"role": "assistant", "content": [{"text": text}, *calls]}
    if role == "result":
        results = [{"toolResult": {"toolUseId": id, "content": [{"text": text}]}} for id in ids]
        return {"role": "user", "content": results}
    return {"role": role, "content": [{"text": text}]}


def anthropic(role: str, text: str, ids: Sequence[str]) -> dict[str, Any]:
    if role == "call":
        calls = [{"type": "tool_use", "id": id, "name": "look", "input": {}} for id in ids]
        return {"role": "assistant", "content": [{"type": "text", "text": text}, *calls]}
    if role == "result":
        results = [{"type": "tool_result", "tool_use_id": id, "content": text} for id in ids]
        return {"role": "user", "content": results}
    return {"role": role, "content": text}


def langchain(role: str, text: str, ids: Sequence[str]) -> dict[str, Any]:
    if role == "call":
        calls = [{"name": "look", "args": {}, "id": id, "type": "tool_call"} for id in ids]
        return {"type": "ai", "data": {"type": "ai", "content": text, "tool_calls": calls}}
    if role == "result":
        return {"type": "tool", "data": {"type": "tool", "content": text, "tool_call_id": ids[0]}}
    kind = {"user": "human", "assistant": "ai"}.get(role, role)
    return {"type": kind, "data": {"type": kind, "content": text}}


FORMATS: dict[str, Format] = {"openai": openai, "bedrock": bedrock, "anthropic": anthropic, "langchain": langchain}
ONE_RESULT_A_MESSAGE = ("openai", "langchain")


def ids_of(message: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the calls and the results of a message written above."""
    said = message.get("data", message)
    parts = said["content"] if isinstance(said["content"], list) else []
    calls = [call["id"] for call in said.get("tool_calls", [])]
    calls += [part["toolUse"]["toolUseId"] for part in parts if "toolUse" in part]
    calls += [part["id"] for part in parts if part.get("type") == "tool_use"]
    results = [said["tool_call_id"]] if "tool_call_id" in said else []
    results += [part["toolResult"]["toolUseId"] for part in parts if "toolResult" in part]
    results += [part["tool_use_id"] for part in parts if part.get("type") == "tool_result"]
    return calls, results


def words_of(message: dict[str, Any]) -> str:
    """Return the text of a message written above."""
    content = message.get("data", message)["content"]
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return content or ""


@st.composite
def conversations(draw: st.DrawFn, *, system: bool = True) -> list[dict[str, Any]]:
    """Draw a conversation of one format: questions, answers and rounds of tools, in any order."""
    name = draw(st.sampled_from(sorted(FORMATS)))
    write = FORMATS[name]
    steps = draw(st.lists(st.sampled_from(["user", "assistant", "one tool", "two tools", "no answer"]), max_size=14))
    messages = [write("system", "Be brief.", ())] if system and draw(st.booleans()) else []
    for number, step in enumerate(steps):
        text = f"{number} " + "word " * draw(st.integers(0, 30))
        ids = [f"c{number}a", f"c{number}b"][: 2 if step == "two tools" else 1]
        if step in ("user", "assistant"):
            messages.append(write(step, text, ()))
            continue
        messages.append(write("call", text, ids))
        if step == "no answer":
            continue
        if name in ONE_RESULT_A_MESSAGE:
            messages.extend(write("result", text, [id]) for id in ids)
        else:
            messages.append(write("result", text, ids))
    return messages
