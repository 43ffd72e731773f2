"""The tools over streamable HTTP: at `/mcp` for all banks, and at `/mcp/{bank_id}` for one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import httpx
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from duramen.engine import MemoryEngine
from duramen.errors import DuramenError
from duramen.identity import bank_name
from duramen.server.auditing import MCP_CLIENT
from duramen.server.banks import GRANT
from duramen.server.caller import VERBS, Grant, Verb
from duramen.server.errors import Refused, refusal
from duramen.server.mcp.connection import ENABLED, Connection
from duramen.server.mcp.offered import Answered, Offered
from duramen.server.settings import Settings

PATH = "/mcp"
PASSED_ON = ("authorization", "x-api-key", "traceparent", "x-request-id")
"""Headers of a client that its tools show to the API as well."""

_connection: ContextVar[Connection] = ContextVar("connection")


@dataclass(frozen=True, slots=True)
class _Ready:
    client: httpx.AsyncClient
    sessions: Any


class McpEndpoint:
    """Answers clients without keeping anything between two requests, so that any worker may answer the next.

    Args:
        app: The application whose API the tools use, with all that guards it.
        memory: What it serves.
        settings: How.
    """

    def __init__(self, app: ASGIApp, memory: MemoryEngine, settings: Settings) -> None:
        self._app = app
        self._memory = memory
        self._base = settings.base_path
        self._wanted = asyncio.Event()
        self._serving: asyncio.Future[None] | None = None
        self._ready: asyncio.Future[_Ready] | None = None

    @asynccontextmanager
    async def life(self) -> AsyncIterator[None]:
        """Answer for as long as the block takes."""
        self._wanted.clear()
        self._ready = asyncio.get_running_loop().create_future()
        # A task of its own, since what is within must be left by the task that entered it.
        self._serving = asyncio.ensure_future(self._serve(self._ready))
        try:
            yield
        finally:
            self._serving.cancel()
            await asyncio.wait((self._serving,))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; the bank is that of the path, or of the header `X-Bank-Id`."""
        headers = Headers(scope=scope)
        refused = _refused(scope["method"])
        if refused is not None:
            await refusal(refused)(scope, receive, send)
            return
        ready = await self._begun()
        token = _connection.set(self._connected(ready.client, scope, headers))
        try:
            await ready.sessions.handle_request(scope, receive, send)
        finally:
            _connection.reset(token)

    async def _serve(self, ready: asyncio.Future[_Ready]) -> None:
        await self._wanted.wait()
        # Not above, nor before anybody wants it: it takes long to load.
        wiring = await asyncio.to_thread(import_module, "duramen.server.mcp.wiring")
        sessions = wiring.sessions_of(wiring.server_of(Offered(tools=_tools, call=_call)))
        transport = httpx.ASGITransport(app=self._app, raise_app_exceptions=False, client=(MCP_CLIENT, 0))
        async with (
            httpx.AsyncClient(transport=transport, base_url=f"http://localhost{self._base}", timeout=None) as client,
            sessions.run(),
        ):
            ready.set_result(_Ready(client, sessions))
            await asyncio.get_running_loop().create_future()  # until it is cancelled

    async def _begun(self) -> _Ready:
        assert self._serving is not None, "The application has not begun to live."
        assert self._ready is not None
        self._wanted.set()
        await asyncio.wait((self._serving, self._ready), return_when=asyncio.FIRST_COMPLETED)
        if not self._ready.done():
            await self._serving  # tells why it could not begin
        return self._ready.result()

    def _connected(self, client: httpx.AsyncClient, scope: Scope, headers: Headers) -> Connection:
        grant = scope[GRANT]
        assert isinstance(grant, Grant)

        async def allowed(bank: str) -> Collection[str] | None:
            return await self._allowed(grant, bank)

        return Connection(
            client=client,
            bank=scope["path_params"].get("bank_id") or _text(headers.get("x-bank-id")),
            headers={name: headers[name] for name in PASSED_ON if name in headers},
            allowed=allowed,
        )

    async def _allowed(self, grant: Grant, bank: str) -> Collection[str] | None:
        """Return the tools that a bank allows, also to who may not read how it is set up."""
        try:
            verb: Verb = next((verb for verb in VERBS if verb in grant.verbs), "read")
            name = bank_name(grant.bank(bank, verb))
        except DuramenError:
            return None  # not theirs: the API refuses what they ask of it, and nothing of it is told here
        enabled: Collection[str] | None = (await self._memory.profiles.resolved(name)).get(ENABLED)
        return enabled


async def _tools() -> Sequence[Mapping[str, Any]]:
    return await _connection.get().tools()


async def _call(name: str, arguments: Mapping[str, Any]) -> Answered:
    return await _connection.get().call(name, arguments)


def _refused(method: str) -> Refused | None:
    if method == "POST":
        return None
    # Nothing is ever told that was not asked for, and there is no session to end.
    return Refused(405, "Only POST is answered here.", {"Allow": "POST"})


def _text(header: str | None) -> str | None:
    """Return the text of a header that may hold UTF-8."""
    try:
        return header.encode("latin-1").decode() if header else None
    except UnicodeDecodeError:
        return header
