"""Connections: closed when the head of a request does not come, which otherwise would hold them for ever."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from duramen.server.draining import DRAINING, Draining


class PromptProtocol(H11Protocol):
    """Uvicorn's HTTP, with a bound on how long the head of a request may take to come.

    Args:
        head_seconds: The bound, from the connection or from the first byte of the next request on it.
        parts: As `H11Protocol`.
    """

    def __init__(self, *, head_seconds: float, **parts: Any) -> None:
        super().__init__(**parts)
        self._head_seconds = head_seconds
        self._closing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what came; wait on as long as it is no whole head, or what is left of a body that nobody reads."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE or self._answered_early():
            self._wait()
        else:
            self._stop()

    def on_response_complete(self) -> None:
        """Do not wait for ever for the body of a request that was answered before it came, or for the rest of a next head."""
        super().on_response_complete()
        half_a_head = self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])
        if half_a_head or self._answered_early():
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Finish the request under way, and take no more; from now on the time to drain runs."""
        draining = self.app_state.get(DRAINING)
        if isinstance(draining, Draining):
            draining.left()
        super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, in the form of all errors, and close; an answer that has begun already is broken off."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = b'{"detail":"This is no HTTP request, or its head is too long."}'
            length = str(len(body)).encode()
            headers = [
                (b"content-type", b"application/json"),
                (b"content-length", length),
                (b"connection", b"close"),
            ]
            for event in (
                h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _answered_early(self) -> bool:
        return self.conn.our_state is h11.DONE and self.conn.their_state is h11.SEND_BODY

    def _wait(self) -> None:
        if self._closing is None:
            self._closing = self.loop.call_later(self._head_seconds, self._close)

    def _stop(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None

    def _close(self) -> None:
        self._closing = None
        if not self.transport.is_closing():
            self.transport.close()
