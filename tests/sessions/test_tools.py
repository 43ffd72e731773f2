from __future__ import annotations

from typing import Any

import pytest

from duramen.sessions.tools import NAMELESS, asks, calls_of, results_of, role_of, units_of
from tests.sessions.conversations import FORMATS, Format

CALLS: dict[str, dict[str, Any]] = {
    "openai": {"role": "assistant", "content": None, "tool_calls": [{"id": "c1", "function": {"name": "look"}}]},
    "openai, older": {"role": "assistant", "content": None, "function_call": {"name": "look", "arguments": "{}"}},
    "openai, responses": {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"},
    "anthropic": {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "look", "input": {}}]},
    "anthropic, on its server": {"role": "assistant", "content": [{"type": "server_tool_use", "id": "c1"}]},
    "bedrock": {"role": "assistant", "content": [{"text": "So."}, {"toolUse": {"toolUseId": "c1", "name": "look"}}]},
    "langchain": {"type": "ai", "content": "", "tool_calls": [{"name": "look", "args": {}, "id": "c1"}]},
    "langchain, with data": {"type": "ai", "data": {"content": "", "tool_calls": [{"name": "look", "id": "c1"}]}},
    "both ways at once": {
        "type": "ai",
        "content": [{"type": "tool_use", "id": "c1"}],
        "tool_calls": [{"name": "look", "id": "c1"}],
    },
}
RESULTS: dict[str, dict[str, Any]] = {
    "openai": {"role": "tool", "tool_call_id": "c1", "content": "x"},
    "openai, older": {"role": "function", "name": "look", "content": "x"},
    "openai, responses": {"type": "function_call_output", "call_id": "c1", "output": "x"},
    "anthropic": {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "x"}]},
    "anthropic, on its server": {"role": "assistant", "content": [{"type": "web_search_tool_result", "tool_use_id": "c1"}]},
    "bedrock": {"role": "user", "content": [{"toolResult": {"toolUseId": "c1", "content": []}}]},
    "langchain": {"type": "tool", "content": "x", "tool_call_id": "c1"},
    "langchain, with data": {"type": "tool", "data": {"content": "x", "tool_call_id": "c1"}},
    "both ways at once": {"role": "tool", "content": [{"type": "tool_result", "tool_use_id": "c1"}]},
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_calls_and_results_are_read_in_every_format(name: str) -> None:
    id = NAMELESS if "older" in name else "c1"

    assert calls_of(CALLS[name]) == [id]
    assert results_of(RESULTS[name]) == [id]
    assert results_of(CALLS[name]) == calls_of(RESULTS[name]) == []
    assert not asks(RESULTS[name])


@pytest.mark.parametrize("name", CALLS)
def test_a_call_and_its_result_are_one_unit(name: str) -> None:
    question = {"role": "user", "content": "?"}

    assert units_of([question, CALLS[name], RESULTS[name], question]) == [0, 1, 3]


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"role": "user", "content": None},
        {"role": "user", "content": "toolUse"},
        {"role": "assistant", "content": ["text", 7, None], "tool_calls": None},
        {"role": "assistant", "content": [], "tool_calls": []},
        {"role": "user", "content": [{"text": "tool_result"}, {"toolUse": None}]},
    ],
)
def test_other_messages_neither_call_nor_answer(message: dict[str, Any]) -> None:
    assert calls_of(message) == results_of(message) == []


def test_roles_have_one_name() -> None:
    assert [role_of({"type": kind}) for kind in ("human", "ai", "system", "tool")] == [
        "user",
        "assistant",
        "system",
        "tool",
    ]
    assert [role_of({"role": role}) for role in ("Developer", "model", "function", "critic")] == [
        "system",
        "assistant",
        "tool",
        "critic",
    ]
    assert role_of({}) == "user"


@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)
def test_calls_without_a_result_and_results_without_a_call_stand_alone(write: Format) -> None:
    messages = [write("result", "x", ["c0"]), write("call", "", ["c1"]), write("user", "Go on.", ())]

    assert units_of(messages) == [0, 1, 2]


@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)
def test_an_id_that_is_used_again_belongs_to_the_latest_call(write: Format) -> None:
    round = [write("user", "?", ()), write("call", "", ["c0"]), write("result", "x", ["c0"])]

    assert units_of([*round, *round]) == [0, 1, 3, 4]


@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)
def test_what_is_said_between_a_call_and_its_result_stays_between_them(write: Format) -> None:
    messages = [write("call", "", ["a"]), write("user", "Wait.", ()), write("result", "x", ["a"])]

    assert units_of(messages) == [0]
