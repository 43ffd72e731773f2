"""The tools over standard input and output, for one client that started the process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TextIO

import anyio
import httpx
from mcp.server.stdio import stdio_server

from duramen.server.mcp.connection import Connection, asks
from duramen.server.mcp.wiring import server_of


async def serve(
    opening: AbstractAsyncContextManager[httpx.AsyncClient], *, bank: str | None, key: str | None = None
) -> None:
    """Answer until standard input ends.

    Args:
        opening: Gives the client that reaches the memory.
        bank: The bank that all tools are about; None if each call names one.
        key: What the server that keeps the memory is shown.
    """
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    with _output() as out:
        async with opening as client, stdio_server(stdout=anyio.wrap_file(out)) as (read, write):
            connection = Connection(client=client, bank=bank, headers=headers, allowed=asks(client, headers))
            server = server_of(connection.offered())
            await server.run(read, write, server.create_initialization_options())


@contextmanager
def _output() -> Iterator[TextIO]:
    """Give standard output to the protocol alone: what else is printed meanwhile goes to standard error."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with open(kept, "w", encoding="utf-8", newline="\n", closefd=False) as out:
            yield out
    finally:
        os.dup2(kept, 1)
        os.close(kept)
