"""From an error to an answer: the one table of status codes. What went wrong inside is never told outside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

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
