"""A server of the `mcp` package around our tools, of its first or its second generation."""

from __future__ import annotations

from typing import Any

from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from duramen.server.mcp.offered import Answered, Offered
from duramen.version import __version__


def server_of(offered: Offered) -> Any:
    """Return an `mcp.server.lowlevel.Server` that offers the tools.

    The first generation registers handlers by decorators and by type, the second takes them when it is made.
    """
    made: Any = Server
    if hasattr(made, "list_tools"):
        return _of_first(made("duramen", version=__version__, instructions=offered.instructions), offered)

    async def on_list_tools(_context: Any, _asked: Any) -> types.ListToolsResult:
        return await _listed(offered)

    async def on_call_tool(_context: Any, asked: Any) -> types.CallToolResult:
        return _result(await offered.call(asked.name, asked.arguments or {}))

    return made(
        "duramen",
        version=__version__,
        instructions=offered.instructions,
        on_list_tools=on_list_tools,
        on_call_tool=on_call_tool,
    )


def sessions_of(server: Any) -> StreamableHTTPSessionManager:
    """Return what answers requests over HTTP, each by itself."""
    return StreamableHTTPSessionManager(app=server, stateless=True, json_response=True)


def _of_first(server: Any, offered: Offered) -> Any:
    all_types: Any = types

    async def on_list_tools(_asked: Any) -> Any:
        return all_types.ServerResult(await _listed(offered))

    async def on_call_tool(asked: Any) -> Any:
        given = asked.params
        return all_types.ServerResult(_result(await offered.call(given.name, given.arguments or {})))

    server.request_handlers[all_types.ListToolsRequest] = on_list_tools
    server.request_handlers[all_types.CallToolRequest] = on_call_tool
    return server


async def _listed(offered: Offered) -> types.ListToolsResult:
    return types.ListToolsResult.model_validate({"tools": [dict(one) for one in await offered.tools()]})


def _result(answered: Answered) -> types.CallToolResult:
    return types.CallToolResult.model_validate(
        {
            "content": [{"type": "text", "text": answered.text}],
            "structuredContent": None if answered.data is None else dict(answered.data),
            "isError": answered.failed,
        }
    )
