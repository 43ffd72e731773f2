"""From an error to an answer: the one table of status codes. What went wrong inside is never told outside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from duramen.errors import (
    BadInputError,
    BankResolutionError,
    ChangedError,
    ClosedError,
    ConflictError,
    DuramenError,
    LanguageModelError,
    NotFoundError,
    QuotaError,
    StoreUnavailableError,
)
from duramen.server.caller import ForbiddenError


class Refused(HTTPException):
    """The request is answered with `status` and `detail`, and that is all."""

    def __init__(self, status: int, detail: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, dict(headers) if headers else None)


class SafeJSONResponse(JSONResponse):
    """JSON in ASCII, so that an answer can quote whatever came in, lone surrogates included."""

    def render(self, content: Any) -> bytes:
        """Return the bytes of `content`."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


_UNREADABLE = "There was an error parsing the body"  # as FastAPI says it
_AGAIN = {"Retry-After": "1"}

_TABLE: Sequence[tuple[type[DuramenError], int, str | None, Mapping[str, str]]] = (
    (ForbiddenError, 403, None, {}),
    (NotFoundError, 404, None, {}),
    (ConflictError, 409, None, {}),
    (BadInputError, 422, None, {}),
    (BankResolutionError, 422, None, {}),
    (QuotaError, 429, None, {"Retry-After": "60"}),
    (LanguageModelError, 502, "The language model did not help. Try again, or look at the server's log.", {}),
    (ChangedError, 503, "Somebody else changed this at the same time. Try again.", _AGAIN),
    (StoreUnavailableError, 503, "The store cannot be reached just now. Try again.", _AGAIN),
    (ClosedError, 503, "The server is being ended. Try again.", _AGAIN),
)
"""Which class of error is answered how, the first that fits; with None, the words of the error itself are told."""


def known(error: DuramenError) -> Refused | None:
    """Return how `error` is answered; None for what should not have happened."""
    for kind, status, detail, headers in _TABLE:
        if isinstance(error, kind):
            return Refused(status, detail or str(error), headers)
    return None


def refusal(error: HTTPException) -> Response:
    """Return the answer to a refused request."""
    if error.status_code in (204, 304):
        return Response(status_code=error.status_code, headers=error.headers)
    return SafeJSONResponse({"detail": error.detail}, status_code=error.status_code, headers=error.headers)


def unexpected(request_id: str) -> Response:
    """Return the answer to what should not have happened."""
    return SafeJSONResponse(
        {"detail": f"Something went wrong in the server. Its log says more of request {request_id}."}, status_code=500
    )


def handle(app: FastAPI) -> None:
    """Let `app` answer errors by the table."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(DuramenError, _error)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.detail == _UNREADABLE:
        error = Refused(400, "The body cannot be read. Send JSON in UTF-8 that is not nested too deep.")
    return refusal(error)


async def _invalid(request: Request, error: Exception) -> Response:
    # Without `input` and `ctx`: they hold what was sent, which belongs neither in an answer's log nor on a screen.
    assert isinstance(error, RequestValidationError)
    detail = [{"loc": list(one["loc"]), "msg": _told(one), "type": one["type"]} for one in error.errors()]
    return SafeJSONResponse({"detail": detail}, status_code=422)


def _told(error: Mapping[str, Any]) -> str:
    if (tuple(error["loc"]), error["type"]) == (("body",), "model_attributes_type"):
        return "The body is no JSON object, or is not said to be JSON. Send one, with `Content-Type: application/json`."
    return str(error["msg"])


async def _error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DuramenError)
    answer = known(error)
    if answer is None:
        raise error
    return refusal(answer)
