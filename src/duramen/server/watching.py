"""Around each request: its id, its line in the log, its figures and its span; and an answer, whatever goes wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duramen.errors import DuramenError
from duramen.server.answering import refusal, told, unexpected
from duramen.server.auditing import MCP_CLIENT, Audit, Audited
from duramen.server.errors import Refused
from duramen.server.logs import log, plainly, request_id
from duramen.server.metrics import Metrics
from duramen.server.seen import SEEN, Seen, seeing
from duramen.server.tracing import Tracing, describe
from duramen.times import microseconds, utc_now

LEFT = 499
"""The status in logs and figures of a request whose caller left before it was answered."""

NO_ROUTE = "(none)"


class CallerLeftError(Exception):
    """The caller left before the answer."""


class Watched:
    """The outermost layer.

    Args:
        app: What answers.
        metrics: Where figures go.
        tracing: Where spans go.
        route: Names the route of a scope that was answered, as `/v1/default/banks/{bank_id}`.
        audit: Where it is kept who did what, if it is.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        tracing: Tracing,
        route: Callable[[Scope], str | None],
        audit: Audit | None = None,
    ) -> None:
        self.app = app
        self.audit = audit
        self.metrics = metrics
        self.tracing = tracing
        self.route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope[SEEN] = request = Seen(request_id=request_id(headers.get("x-request-id")))
        answer = _Answer(send, request.request_id)
        method: str = scope["method"]
        began = time.perf_counter()
        self.metrics.began()
        with _in_logs(request.request_id), seeing(request), self.tracing.request(headers) as span:
            request.span = span
            try:
                await self._answered(scope, receive, answer)
            except asyncio.CancelledError:
                answer.status = answer.status or LEFT
                raise
            finally:
                route = self.route(scope) or NO_ROUTE
                seconds = time.perf_counter() - began
                status = answer.status or LEFT
                describe(span, method, route, status)
                self.metrics.ended(method, route, status, seconds)
                _tell(request, method, route, status, seconds)
                if self.audit is not None and request.name is not None:
                    self.audit.note(request.name, _audited(scope, request, status, seconds))

    async def _answered(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        """Let the rest of the server answer; what it raises is answered here, if nothing was yet."""
        try:
            await self.app(scope, receive, answer)
        except CallerLeftError:
            return
        except Refused as error:
            response = refusal(error, scope)
        except DuramenError as error:
            found = told(error, scope)
            if found is None:
                log.exception("unexpected error")
            response = found or unexpected(answer.request_id, scope)
        except Exception:  # noqa: BLE001  whatever it is, the caller gets an answer and the log gets the traceback
            log.exception("unexpected error")
            response = unexpected(answer.request_id, scope)
        else:
            return
        if answer.status is None:
            await response(scope, receive, answer)


class _Answer:
    """Sends on, with the id of the request, and remembers the status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self.status: int | None = None
        self.request_id = request_id
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self.request_id
            headers.setdefault("x-content-type-options", "nosniff")
        await self._send(message)


def _audited(scope: Scope, request: Seen, status: int, seconds: float) -> Audited:
    ended = microseconds(utc_now())
    return Audited(
        action=request.action,
        transport="mcp" if (scope.get("client") or ("",))[0] == MCP_CLIENT else "http",
        began=ended - round(seconds * 1e6),
        ended=ended,
        status=status,
        caller=request.caller,
        request=request.request_id,
    )


@contextmanager
def _in_logs(request_id: str) -> Iterator[None]:
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        yield


def _tell(request: Seen, method: str, route: str, status: int, seconds: float) -> None:
    tell = log.error if status >= 500 else log.debug if route.startswith("/health") else log.info
    tell(
        "request",
        method=method,
        route=route,
        status=status,
        ms=round(seconds * 1000, 1),
        **plainly(verb=request.verb, bank=request.bank, caller=request.caller, request_id=request.request_id),
    )
