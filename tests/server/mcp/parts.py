"""What the tests of tools share: a way to call one over HTTP, and arguments for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from duramen.server.mcp.tool import Tool

HEADERS = {"Accept": "application/json, text/event-stream"}


async def asked(client: httpx.AsyncClient, path: str, method: str, /, **params: Any) -> httpx.Response:
    """Send one message to an endpoint, as every client of the protocol does."""
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return await client.post(path, json=message, headers=HEADERS)


async def called(client: httpx.AsyncClient, path: str, tool: str, /, **arguments: Any) -> dict[str, Any]:
    """Call a tool."""
    answer = await asked(client, path, "tools/call", name=tool, arguments=arguments)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()["result"]
    return result


async def listed(client: httpx.AsyncClient, path: str) -> dict[str, dict[str, Any]]:
    """List the tools by name."""
    answer = await asked(client, path, "tools/list")
    assert answer.status_code == 200, answer.text
    return {one["name"]: one for one in answer.json()["result"]["tools"]}


def text_of(result: Mapping[str, Any]) -> str:
    text: str = result["content"][0]["text"]
    return text


def every_argument_of(tool: Tool) -> dict[str, Any]:
    """Return a value for each argument of a tool."""
    if tool.name == "forget":  # it takes one or the other
        return {"memory_id": "x"}
    return {name: _sample(schema) for name, schema in tool.arguments.items()}


def _sample(schema: Mapping[str, Any]) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "object":
        return {name: _sample(one) for name, one in schema.get("properties", {}).items()}
    if schema["type"] == "array":
        return [_sample(schema["items"])]
    return {"string": "x", "boolean": True, "number": 0.5, "integer": max(schema.get("minimum", 0), 1)}[schema["type"]]
