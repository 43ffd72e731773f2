"""From a request to what an operation is given: read from path, query, headers and body, and checked."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from starlette.requests import Request

from duramen.errors import BadInputError
from duramen.server.agentcore.checking import is_finite, problems
from duramen.server.agentcore.failing import UNREADABLE, invalid
from duramen.server.agentcore.service import Operation
from duramen.times import parse_time

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SAID = 10
_DEEPEST = 250
"""How deep a body may be nested: what is deeper can be read, but perhaps not written."""

_MOST_DIGITS = 30


async def params_of(operation: Operation, request: Request) -> dict[str, Any]:
    """Return what `request` gives to `operation`, by the names of the service model.

    Times are `datetime` with a zone. What the model does not name is left out, and so is null, but for documents (any
    JSON), where it says something.

    Raises:
        WireError: 400: the body is no JSON, or a part is missing or out of bounds; each is listed, up to ten.
    """
    if operation.input is None:
        return {}
    body = await _body(request)
    params: dict[str, Any] = {}
    for name, shape in operation.input.members.items():
        found = _located(name, shape, request, body)
        if found is not None or (name in body and _document(shape)):
            params[name] = _parsed(shape, found)
    wrong = list(problems(operation.input, params))
    if wrong:
        told = "; ".join(f"{one.name}: {one.message}" for one in wrong[:_SAID])
        raise invalid(f"{len(wrong)} validation error{'s' * (len(wrong) > 1)} detected: {told}", *wrong[:_SAID])
    return params


async def _body(request: Request) -> Mapping[str, Any]:
    sent = await request.body()
    if not sent.strip():
        return {}
    try:
        body = json.loads(sent, parse_constant=_number, parse_float=_number)
    except (ValueError, RecursionError):
        told = "The body cannot be read. Send JSON in UTF-8, whose numbers are finite."
        raise invalid(told, reason=UNREADABLE) from None
    if not isinstance(body, dict):
        raise invalid("The body is no JSON object. Send one.", reason=UNREADABLE)
    if sent.count(b"{") + sent.count(b"[") > _DEEPEST and _is_deep(body):
        raise invalid(f"The body is nested more than {_DEEPEST} levels deep. Send it flatter.", reason=UNREADABLE)
    return body


def _number(text: str) -> float:
    """Return the number that `text` says; not what Python takes for one, and no JSON can hold, nor what is too large."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _is_deep(body: Mapping[str, Any]) -> bool:
    level: list[Any] = [body]
    for _ in range(_DEEPEST):
        inner = (each for one in level for each in (one.values() if isinstance(one, dict) else one))
        level = [each for each in inner if isinstance(each, (dict, list))]
        if not level:
            return False
    return True


def _located(name: str, shape: Shape, request: Request, body: Mapping[str, Any]) -> Any:
    where = shape.serialization.get("location")
    called = shape.serialization.get("name", name)
    if where == "uri":
        return request.path_params.get(called)
    if where == "querystring":
        if isinstance(shape, ListShape):
            return request.query_params.getlist(called) or None
        return _of_text(shape, request.query_params.get(called))
    if where == "header":
        return _of_text(shape, request.headers.get(called))
    return body.get(called)


def _of_text(shape: Shape, text: str | None) -> Any:
    if text is None:
        return None
    if shape.type_name == "boolean":
        return {"true": True, "false": False}.get(text.casefold(), text)
    if shape.type_name in ("integer", "long"):
        digits = text.removeprefix("-")
        return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS else text
    return text


def _document(shape: Shape) -> bool:
    return bool(getattr(shape, "is_document_type", False))


def _parsed(shape: Shape, value: Any) -> Any:
    """Return `value` with its times parsed, and without nulls that say nothing. What is of another shape stays."""
    if _document(shape):
        return value
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        return {
            name: _parsed(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None or (name in value and _document(member))
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_parsed(shape.member, one) for one in value]
    if isinstance(shape, MapShape) and isinstance(value, Mapping):
        return {key: _parsed(shape.value, one) for key, one in value.items()}
    return _time(value) if shape.type_name == "timestamp" else value


def _time(value: Any) -> Any:
    """Return the time that seconds since 1970 or ISO 8601 say; anything else as it is."""
    if is_finite(value):
        try:
            return _EPOCH + timedelta(microseconds=round(value * 1_000_000))
        except OverflowError:
            return value
    if isinstance(value, str):
        try:
            return parse_time(value, BadInputError, "time")
        except BadInputError:
            return value
    return value
