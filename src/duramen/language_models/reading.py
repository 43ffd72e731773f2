"""Finding the object that was asked for in what a model wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

from duramen.language_model import Shape
from duramen.language_models.prompts import unescaped

_LONGEST = 1_000_000  # characters; an answer of some thousand tokens is far shorter
_PROBLEMS = 5
_THOUGHTS = "</think>"
# A brace without a quoted name after it belongs to prose.
_OBJECT = re.compile(r'\{\s*(?:["}]|\Z)')
_ARRAY = re.compile(r'\[\s*(?:[]["{\d]|\Z)')


class UnreadableError(Exception):
    """What is wrong with an answer, in words that the model is told."""


def read(text: str, shape: type[Shape]) -> Shape:
    """Return the one object of `shape` in `text`, which may stand in prose, in a fence of code or behind thoughts.

    JSON that breaks off is not completed, and an object inside of broken JSON does not pass for the whole. The entities
    that a model copied from its prompt are undone.

    Raises:
        UnreadableError: There is none, it is broken or does not fit, or there are several different ones.
    """
    problem = "the answer held no JSON object"
    fitting: Shape | None = None
    for found in _objects(_answer(text), shape):
        value, wrong = _validated(found, shape)
        problem = wrong or problem
        if value is not None and fitting is not None and value != fitting:
            raise UnreadableError("the answer held several different JSON objects; one is wanted")
        fitting = fitting if value is None else value
    if fitting is None:
        raise UnreadableError(problem)
    return fitting


def _answer(text: str) -> str:
    if len(text) > _LONGEST:
        raise UnreadableError(f"the answer has {len(text):,} characters, which is far too long")
    answer = unescaped(text.rpartition(_THOUGHTS)[2]).strip()
    if not answer:
        raise UnreadableError("the answer was empty")
    if answer.startswith("<think>"):
        raise UnreadableError("the answer broke off while thinking")
    return answer


def _objects(answer: str, shape: type[BaseModel]) -> Iterator[Any]:
    """Yield what stands at the outermost level."""
    opening = _ARRAY if shape.model_json_schema().get("type") == "array" else _OBJECT
    begin = opening.search(answer)
    while begin:
        found, end = _decoded(answer, begin.start())
        yield found
        begin = opening.search(answer, end)


def _decoded(answer: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(answer, at)
    except json.JSONDecodeError as error:
        if error.msg.startswith("Unterminated") or not answer[error.pos :].strip("`\n "):
            raise UnreadableError("the JSON breaks off before its end; be brief") from error
        raise UnreadableError(f"the JSON is broken at character {error.pos - at}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableError("the JSON holds a number that JSON does not know, or is nested too deeply") from error


def _validated(found: Any, shape: type[Shape]) -> tuple[Shape | None, str]:
    names = shape.model_json_schema().get("properties", {})
    if found and names and not names.keys() & found.keys():
        # An aside, which would pass for an empty answer where each field has a default.
        return None, f"the JSON object has none of the fields {', '.join(names)}"
    try:
        # Through JSON, so that a date may be text, and half of a surrogate pair is refused.
        return shape.model_validate_json(json.dumps(found)), ""
    except ValidationError as error:
        return None, _told(error)
    except RecursionError:
        return None, "the JSON is nested too deeply"


def _told(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    told = [
        f"{'.'.join(str(part) for part in problem['loc']) or 'the object'}: {problem['msg']}" for problem in problems
    ]
    more = f"; and {len(told) - _PROBLEMS} more" if len(told) > _PROBLEMS else ""
    return "the JSON does not fit the schema: " + "; ".join(one[:200] for one in told[:_PROBLEMS]) + more


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(strict=False, parse_constant=_no_constant)
