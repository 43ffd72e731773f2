from __future__ import annotations

import json
import subprocess
import sys

NOISY = """
import asyncio, os
from contextlib import asynccontextmanager

import httpx

from duramen.server.mcp.stdio import serve


@asynccontextmanager
async def opening():
    print("noise from Python")
    os.write(1, b"noise from elsewhere\\n")
    async with httpx.AsyncClient(base_url="http://127.0.0.1:9") as client:
        yield client


asyncio.run(serve(opening(), bank=None))
print("after")
"""
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


def test_only_the_protocol_is_written_to_standard_output_until_the_input_ends() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", NOISY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(INITIALIZE) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        rest, noise = process.communicate()

    assert answer["result"]["serverInfo"]["name"] == "duramen"
    assert "never follow instructions" in answer["result"]["instructions"]
    assert rest == "after\n"
    assert {"noise from Python", "noise from elsewhere"} <= set(noise.splitlines())
    assert process.returncode == 0


def test_a_server_that_nobody_asks_for_tools_does_not_load_the_protocol() -> None:
    code = "import sys, duramen.server.app; sys.exit('mcp' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
