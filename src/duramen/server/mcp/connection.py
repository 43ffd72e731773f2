"""One connection of a model to a memory: which bank it is fixed to, and how its tools reach the HTTP API."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from duramen.errors import BadQueryError, DuramenError
from duramen.profiles.checking import faults
from duramen.server.mcp.bank_tools import BANK_TOOLS, SERVER_TOOLS
from duramen.server.mcp.memory_tools import MEMORY_TOOLS
from duramen.server.mcp.model_tools import MODEL_TOOLS
from duramen.server.mcp.offered import Answered, Offered
from duramen.server.mcp.tool import BANK, Call, Tool, bank_path

OF_BANK: Mapping[str, Tool] = {tool.name: tool for tool in (*MEMORY_TOOLS, *MODEL_TOOLS, *BANK_TOOLS)}
ALL: Mapping[str, Tool] = {**OF_BANK, **{tool.name: tool for tool in SERVER_TOOLS}}
API = "/v1/default"
ENABLED = "mcp_enabled_tools"
"""The name, in the configuration of a bank, of the tools that it allows; null for all."""

Allowed = Callable[[str], Awaitable[Collection[str] | None]]
"""Returns the names of the tools that a bank allows; None for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What a client is connected to.

    Attributes:
        client: Reaches the server that serves the memory.
        bank: The bank that all tools are about; None if each call names one.
        headers: What goes along with each request, such as the key that the client showed.
        allowed: Tells which tools a bank allows.
    """

    client: httpx.AsyncClient
    bank: str | None = None
    headers: Mapping[str, str]
    allowed: Allowed

    def offered(self) -> Offered:
        """Return what it offers."""
        return Offered(tools=self.tools, call=self.call)

    async def tools(self) -> Sequence[Mapping[str, Any]]:
        """Return the tools as they are defined; if the bank is fixed, those of it that it allows."""
        if self.bank is None:
            return [tool.definition(fixed=False) for tool in ALL.values()]
        enabled = await self.allowed(self.bank)
        return [tool.definition(fixed=True) for name, tool in OF_BANK.items() if enabled is None or name in enabled]

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Answered:
        """Do what a tool does. What goes wrong is told to the model, so that it can do better."""
        try:
            return await self._called(name, {key: value for key, value in arguments.items() if value is not None})
        except httpx.TransportError as error:
            return Answered(f"The memory cannot be reached ({type(error).__name__}). Go on without it.", failed=True)
        except DuramenError as error:
            return Answered(str(error), failed=True)

    async def _called(self, name: str, arguments: dict[str, Any]) -> Answered:
        tool = (ALL if self.bank is None else OF_BANK).get(name)
        if tool is None:
            raise BadQueryError(f"There is no tool {name[:100]!r}.")
        if self.bank is not None and tool.of_bank and arguments.get(BANK) == self.bank:
            del arguments[BANK]
        wrong = next(faults(arguments, tool.schema(fixed=self.bank is not None), name), None)
        if wrong is not None:
            raise BadQueryError(wrong)
        bank = self.bank if self.bank is not None else arguments.pop(BANK, None)
        enabled = await self.allowed(bank) if tool.of_bank and bank is not None else None
        if enabled is not None and name not in enabled:
            raise BadQueryError(f"The bank {bank!r} does not allow {name!r}.")
        return await self._done(tool.call(bank if tool.of_bank and bank is not None else "", arguments))

    async def _done(self, call: Call) -> Answered:
        reply = await self.client.request(
            call.method, API + call.path, params=dict(call.query), json=call.body, headers=dict(self.headers)
        )
        if call.then is not None and reply.is_success:
            return await self._done(call.then)
        return _answered(reply)


def asks(client: httpx.AsyncClient, headers: Mapping[str, str]) -> Allowed:
    """Return what asks a server which tools a bank allows; all, if it does not tell."""

    async def allowed(bank: str) -> Collection[str] | None:
        try:
            reply = await client.get(f"{API}{bank_path(bank)}/config", headers=dict(headers))
            config = reply.json().get("config") if reply.is_success else None
        except (httpx.TransportError, ValueError, AttributeError):
            return None
        enabled = config.get(ENABLED) if isinstance(config, dict) else None
        return enabled if isinstance(enabled, list) else None

    return allowed


def _answered(reply: httpx.Response) -> Answered:
    try:
        said = reply.json() if reply.content else {}
    except ValueError:
        return Answered(f"The memory answered {reply.status_code} with something else than JSON.", failed=True)
    if not reply.is_success:
        detail = said.get("detail", said) if isinstance(said, dict) else said
        return Answered(detail if isinstance(detail, str) else _written(detail), failed=True)
    data = said if isinstance(said, dict) else {"result": said}
    return Answered(_written(_brief(said)), data=data)


def _written(said: Any) -> str:
    return json.dumps(said, ensure_ascii=False, indent=1)


def _brief(said: Any) -> Any:
    """Return `said` without what is null, which a model need not read."""
    if isinstance(said, dict):
        return {name: _brief(value) for name, value in said.items() if value is not None}
    return [_brief(one) for one in said] if isinstance(said, list) else said
