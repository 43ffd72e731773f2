"""`duramen mcp`: the memory as tools, over standard input and output."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from duramen.addresses import is_remote
from duramen.commands.options import DEFAULT_DIRECTORY, Directory, Fast, Strategies
from duramen.commands.parts import server_part
from duramen.errors import AddressError

if TYPE_CHECKING:
    import httpx

    from duramen.server.settings import Settings

Fixed = Annotated[
    str | None,
    typer.Option(
        "--bank", "-b", envvar="DURAMEN_MCP_BANK", help="The bank that all tools are about; else each names one."
    ),
]
Url = Annotated[str | None, typer.Option("--url", help="A server that keeps the memory, instead of a directory.")]
Key = Annotated[str | None, typer.Option("--api-key", envvar="DURAMEN_API_KEY", help="The key for that server.")]

_SECONDS = 300.0  # for an answer of a server


def mcp(
    directory: Directory = DEFAULT_DIRECTORY,
    bank: Fixed = None,
    url: Url = None,
    api_key: Key = None,
    fast: Fast = False,
    strategy: Strategies = None,
) -> None:
    """Offer a memory to a model as tools, over standard input and output (Model Context Protocol)."""
    stdio = server_part("mcp.stdio")
    server_part("logs").configure("warning", "json")
    if url is not None:
        asyncio.run(stdio.serve(_remote(url), bank=bank, key=api_key))
        return
    settings: Settings = server_part("settings").read(
        os.environ,
        directory=directory,
        fast=fast,
        strategies=None if strategy is None else tuple(strategy),
        host="127.0.0.1",
        auth="off",  # who can start this process can read the directory
        base_path="",
        mcp=False,
    )
    asyncio.run(stdio.serve(_local(settings), bank=bank))


@asynccontextmanager
async def _remote(url: str) -> AsyncIterator[httpx.AsyncClient]:
    import httpx

    if not is_remote(url):
        raise AddressError(f"{url!r} is not the address of a server. Give one such as http://localhost:8888.")
    async with httpx.AsyncClient(base_url=url.rstrip("/"), timeout=_SECONDS) as client:
        yield client


@asynccontextmanager
async def _local(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    import httpx

    app = server_part("app").create_app(server_part("running").memory_for(settings), settings)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=None) as client,
    ):
        yield client
