from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from duramen_agentcore.texts import answer_of, spoken


class Answer(BaseModel):
    output: str


class Verdict(BaseModel):
    colour: str
    sure: bool = True


@dataclass
class Result:
    """As some frameworks return it: data with words of its own."""

    stop: str = "end"
    parts: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "in its own words"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("été".encode(), "été"),
        (b"\xff", "\ufffd"),
        ({"prompt": "asked"}, "asked"),
        ({"prompt": "", "text": "fallback"}, "fallback"),
        ({"prompt": {"role": "user", "content": [{"text": "a"}, {"image": {}}, {"text": "b"}]}}, "a\nb"),
        ({"prompt": 3}, "3"),
        ({"prompt": None}, ""),
        ({}, ""),
        (["a", "b"], "a\nb"),
        (SimpleNamespace(prompt="of an object"), "of an object"),
        (None, ""),
        (object(), ""),
    ],
)
def test_the_text_of_a_payload_is_found_wherever_it_is(value: object, text: str) -> None:
    assert spoken(value, "prompt") == text


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("plain", "plain"),
        ({"output": "in the dict"}, "in the dict"),
        ({"output": {"role": "assistant", "content": [{"text": "a message"}]}}, "a message"),
        ({"answer": "élan", "n": {1}}, '{"answer": "élan", "n": "{1}"}'),
        ({}, ""),
        ({"output": ""}, ""),
        (Answer(output="of a model"), "of a model"),
        ({"output": {"colour": "red"}, "id": 7}, '{"colour": "red"}'),
        (Verdict(colour="red"), '{"colour": "red", "sure": true}'),
        (SimpleNamespace(output="of an object"), "of an object"),
        (Result(), "in its own words"),
        ([{"colour": "red"}], '[{"colour": "red"}]'),
        (42, "42"),
        (None, ""),
        (object(), ""),
        (b"", ""),
    ],
)
def test_the_answer_is_found_in_whatever_an_agent_returns(result: Any, text: str) -> None:
    assert answer_of(result, "output") == text
