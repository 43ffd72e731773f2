"""What went wrong, in the words that AWS's clients know: a status, a code in a header, and a message with what to mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from duramen.errors import (
    BadInputError,
    BankResolutionError,
    ChangedError,
    ClosedError,
    ConflictError,
    DuramenError,
    NotFoundError,
    QuotaError,
    StoreUnavailableError,
)
from duramen.server.caller import ForbiddenError
from duramen.server.errors import SafeJSONResponse

FIELDS = "FieldValidationFailed"
UNREADABLE = "CannotParse"
MISMATCH = "IdempotentParameterMismatchException"
OTHER_SESSION = "EventInOtherSession"
RESOURCE_CONFLICT = "ResourceConflict"
"""Reasons of a `ValidationException`."""

_INSTEAD: Mapping[int, tuple[int, ...]] = MappingProxyType({409: (429, 500)})
"""What an operation says that has no error of a status: what clients try again as well."""


@dataclass(frozen=True, slots=True)
class Field:
    """What is wrong with one part of what was sent: where it is (`payload.0.conversational.role`), and what."""

    name: str
    message: str


class WireError(Exception):
    """A request is answered with this.

    Attributes:
        code: The name of the exception, as clients raise it.
        status: Of the answer.
        reason: Which kind of `ValidationException`.
        fields: What is wrong with which part.
    """

    def __init__(
        self, code: str, status: int, message: str, *, reason: str | None = None, fields: Sequence[Field] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message
        self.reason = reason
        self.fields = tuple(fields)


def invalid(message: str, *fields: Field, reason: str = FIELDS) -> WireError:
    """Return the error for what cannot be used: a `ValidationException`, 400."""
    return WireError("ValidationException", 400, message, reason=reason, fields=fields)


def missing(message: str) -> WireError:
    """Return the error for what is not there: a `ResourceNotFoundException`, 404."""
    return WireError("ResourceNotFoundException", 404, message)


def conflict(message: str) -> WireError:
    """Return the error for what cannot be now: a `ConflictException`, 409, of the control plane."""
    return WireError("ConflictException", 409, message)


def wire_error(error: DuramenError) -> WireError | None:
    """Return how an error of the engine is told; None for what should not have happened. `named` fits it to an operation."""
    if isinstance(error, ForbiddenError):
        return WireError("AccessDeniedException", 403, str(error))
    if isinstance(error, NotFoundError):
        return missing(str(error))
    if isinstance(error, ConflictError):
        return invalid(str(error), reason=RESOURCE_CONFLICT)
    if isinstance(error, (BadInputError, BankResolutionError)):
        return invalid(str(error))
    if isinstance(error, QuotaError):
        return WireError("ThrottledException", 429, str(error))
    if isinstance(error, ChangedError):
        return WireError("RetryableConflictException", 409, "Somebody else changed this at the same time. Try again.")
    if isinstance(error, (StoreUnavailableError, ClosedError)):
        return WireError("ServiceException", 500, "The store cannot be reached just now. Try again.")
    return None


def named(error: WireError, errors: Mapping[str, int]) -> WireError:
    """Return an error as an operation calls it, so that clients raise what they know and try again what may be.

    Args:
        error: What went wrong.
        errors: The status of each error that the operation has, by name.
    """
    if error.code in errors:
        return error
    for status in (error.status, *_INSTEAD.get(error.status, ())):
        for code, known in errors.items():
            if known == status:
                return WireError(code, status, error.message, reason=error.reason, fields=error.fields)
    return error


def refused(error: HTTPException) -> WireError:
    """Return how a request that the server refused before it came to an operation is told."""
    detail: object = error.detail
    text = detail if isinstance(detail, str) else "The request was refused."
    if error.status_code in (401, 403, 421):
        return WireError("AccessDeniedException", 403, text)
    if error.status_code in (404, 405):
        return WireError("UnknownOperationException", 404, text)
    if error.status_code == 429:
        return WireError("ThrottledException", 429, text)
    if error.status_code < 500:
        return WireError("ValidationException", error.status_code, text, reason=UNREADABLE)
    return WireError("ServiceException", 500, text)


def failed(error: WireError) -> Response:
    """Return the answer that tells of `error`."""
    body: dict[str, Any] = {"message": error.message}
    if error.reason is not None:
        body["reason"] = error.reason
    if error.fields:
        body["fieldList"] = [{"name": one.name, "message": one.message} for one in error.fields]
    return SafeJSONResponse(body, status_code=error.status, headers={"x-amzn-ErrorType": error.code})
