"""Answers to what was refused or went wrong, in the language of whoever asked: Hindsight's, or AWS's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import Scope

from duramen.errors import DuramenError
from duramen.server import errors
from duramen.server.agentcore.failing import Field, WireError, failed, invalid, named, refused, wire_error
from duramen.server.errors import Refused, SafeJSONResponse, known

FIRST_SEGMENTS = frozenset({"memories", "harnesses", "tags"})
"""What the paths of AgentCore's operations begin with."""

_OF_MEMORIES: Mapping[str, int] = MappingProxyType({"ThrottledException": 429, "ServiceException": 500})
_OF_OTHERS: Mapping[str, int] = MappingProxyType({"ThrottlingException": 429, "InternalServerException": 500})
"""What AWS calls the same in two ways, by what an operation is about."""

_UNREADABLE = "There was an error parsing the body"  # as FastAPI says it


def asks_as_aws(scope: Scope) -> bool:
    """Tell whether a request is at a path of AgentCore's, and so answered as AWS's clients read it."""
    return _first(scope) in FIRST_SEGMENTS


def refusal(error: HTTPException, scope: Scope) -> Response:
    """Return the answer to a refused request."""
    if not asks_as_aws(scope):
        return errors.refusal(error)
    answer = _failed(refused(error), scope)
    answer.headers.update(error.headers or {})
    return answer


def told(error: DuramenError, scope: Scope) -> Response | None:
    """Return the answer that tells of an error of the engine; None for what should not have happened."""
    if asks_as_aws(scope):
        wired = wire_error(error)
        return None if wired is None else _failed(wired, scope)
    found = known(error)
    return None if found is None else errors.refusal(found)


def unexpected(request_id: str, scope: Scope) -> Response:
    """Return the answer to what should not have happened."""
    if not asks_as_aws(scope):
        return errors.unexpected(request_id)
    text = f"Something went wrong in the server. Its log says more of request {request_id}."
    return _failed(WireError("ServiceException", 500, text), scope)


def _first(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix("/").partition("/")[0]


def _failed(error: WireError, scope: Scope) -> Response:
    """Answer by the names that the operations at a path know."""
    known_there = _OF_MEMORIES if _first(scope) == "memories" else _OF_OTHERS
    return failed(error if error.status not in known_there.values() else named(error, known_there))


def handle(app: FastAPI) -> None:
    """Let `app` answer errors by the table."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(DuramenError, _error)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.detail == _UNREADABLE:
        error = Refused(400, "The body cannot be read. Send JSON in UTF-8 that is not nested too deep.")
    return refusal(error, request.scope)


async def _invalid(request: Request, error: Exception) -> Response:
    # Without `input` and `ctx`: they hold what was sent, which belongs neither in an answer's log nor on a screen.
    assert isinstance(error, RequestValidationError)
    if asks_as_aws(request.scope):
        wrong = [Field(".".join(map(str, one["loc"][1:])), _text(one)) for one in error.errors()]
        return failed(invalid("; ".join(f"{one.name}: {one.message}" for one in wrong), *wrong))
    detail = [{"loc": list(one["loc"]), "msg": _text(one), "type": one["type"]} for one in error.errors()]
    return SafeJSONResponse({"detail": detail}, status_code=422)


def _text(error: Mapping[str, Any]) -> str:
    if (tuple(error["loc"]), error["type"]) == (("body",), "model_attributes_type"):
        return "The body is no JSON object, or is not said to be JSON. Send one, with `Content-Type: application/json`."
    return str(error["msg"])


async def _error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DuramenError)
    answer = told(error, request.scope)
    if answer is None:
        raise error
    return answer
