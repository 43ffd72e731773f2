"""What the answers of a server mean, as errors of ours."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from duramen.errors import (
    AccessError,
    BadInputError,
    ConflictError,
    DuramenError,
    NotFoundError,
    StoreUnavailableError,
)
from duramen.plain import plain

PASSING = frozenset({408, 425, 429, 499, 500, 502, 503, 504})
"""Statuses that may be others later. A server of Hindsight also answers 500 to writes that met another."""

_SHOWN = 500


class AwayError(Exception):
    """A request that may do better later: `after` so many seconds, if the server says so. `down` if it failed."""

    def __init__(self, message: str, *, after: float | None = None, down: bool = True) -> None:
        self.after = after
        self.down = down
        super().__init__(message)


def refusal(status: int, data: bytes, where: str) -> DuramenError:
    """Return the error for an answer of this status, with the server's own words."""
    said = detail_of(data)
    told = f"The server {where} answered {status}: {said}" if said else f"The server {where} answered {status}."
    if status in (401, 403):
        return AccessError(f"{told} Check `api_key`, and what it may do. Nothing was read or written.", status=status)
    if status in (404, 410):
        return NotFoundError(told)
    if status == 409:
        return ConflictError(told)
    if status in (400, 402, 413, 415, 422):
        return BadInputError(told)
    return StoreUnavailableError(f"{told} Is the address that of a memory server?")


def detail_of(data: bytes) -> str:
    """Return what an answer says went wrong, on one line and not too long; "" for nothing."""
    try:
        detail: Any = json.loads(data)
    except ValueError:
        detail = data[: 4 * _SHOWN].decode(errors="replace")
    if isinstance(detail, Mapping):
        detail = detail.get("detail", detail)
    if isinstance(detail, list):
        detail = "; ".join(map(_problem, detail))
    return plain(detail if isinstance(detail, str) else json.dumps(detail))[:_SHOWN].strip()


def retry_after(header: str | None) -> float | None:
    """Read seconds, or a date (RFC 9110, 10.2.3); None for neither."""
    try:
        seconds = float(header or "")
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header or "").timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _problem(problem: Any) -> str:
    if not isinstance(problem, Mapping):
        return str(problem)
    where = ".".join(str(part) for part in problem.get("loc", ()) if part != "body")
    return f"{where}: {problem.get('msg', problem)}" if where else str(problem.get("msg", problem))
