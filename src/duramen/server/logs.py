"""Logs as records, one a line: what was asked of the server and what came of it; never what anybody said, and no key."""

from __future__ import annotations

import logging
import re
import sys
import uuid
from typing import Any, Literal

import structlog
from structlog.typing import EventDict, Processor

from duramen.naming import digest

_PLAIN = re.compile(r"[\w .-]{1,40}")
_ERROR = re.compile(r"(\w+(?:Error|Exception))\b")
_ID = re.compile(r"[A-Za-z0-9._:+/=-]{1,128}")
_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)

log: structlog.stdlib.BoundLogger = structlog.wrap_logger(
    logging.getLogger("duramen.server"),
    processors=[
        structlog.stdlib.filter_by_level,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.render_to_log_kwargs,
    ],
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=False,
)
"""What the server itself has to say; with the standard library's logging below, as everything else that logs."""


class Discreet(logging.Filter):
    """Leaves out of what the engine logs what it quotes: the words of errors, and names of banks."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, those of the engine with the kinds of errors and the marks of names."""
        if record.name.startswith("duramen") and record.name != log.name and isinstance(record.args, tuple):
            record.args = tuple(_discreet(value) for value in record.args)
        return True


def _discreet(value: object) -> object:
    if isinstance(value, BaseException):
        return type(value).__name__
    if not isinstance(value, str) or _PLAIN.fullmatch(value):
        return value
    error = _ERROR.match(value)
    return error[1] if error else f"…{digest(value)[:8]}"


def configure(level: str, shape: Literal["json", "console"]) -> None:
    """Write all logs of this process to the standard error output, in one shape."""
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if shape == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    rendering: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _uncoloured]
    if shape == "json":
        rendering.append(structlog.processors.format_exc_info)
    handler = logging.StreamHandler()
    handler.addFilter(Discreet())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_SHARED, structlog.stdlib.ExtraAdder()], processors=[*rendering, renderer]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    # It would log paths, and so banks and what was searched for.
    access = logging.getLogger("uvicorn.access")
    access.handlers.clear()
    access.propagate = False
    for chatty in ("httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def request_id(given: str | None) -> str:
    """Return the id that a caller gave its request, if it is one that can stand in a log, else a new one.

    >>> request_id("7f3a")
    '7f3a'
    """
    return given if given is not None and _ID.fullmatch(given) else uuid.uuid4().hex


def _uncoloured(logger: Any, method: str, event: EventDict) -> EventDict:
    event.pop("color_message", None)  # Uvicorn's message once more
    return event


def plainly(**told: Any) -> dict[str, Any]:
    """Return what is told without what is not known.

    >>> plainly(status=200, verb=None)
    {'status': 200}
    """
    return {name: value for name, value in told.items() if value is not None}
