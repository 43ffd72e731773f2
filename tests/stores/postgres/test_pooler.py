"""Behind PgBouncer in transaction pooling, where each transaction has another connection, if PgBouncer is installed."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from tests.conftest import engine
from tests.postgres import PASSWORD, ROLE, SHOWN_PASSWORD, Server, free_port, unprivileged

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")

pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason="PgBouncer is not installed (apt-get install pgbouncer)")

CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
auth_type = plain
auth_file = {directory}/users
pool_mode = transaction
default_pool_size = 2
unix_socket_dir =
logfile = {directory}/pgbouncer.log
"""


@pytest.fixture
def pooled(postgres: Server, database: str) -> Iterator[str]:
    """The address of an empty database by way of a pooler, with fewer connections than are asked for."""
    port, directory = free_port(), postgres.directory
    (directory / "users").write_text(f'"{ROLE}" "{PASSWORD}"\n')
    settings = CONFIGURATION.format(server=postgres.port, port=port, directory=directory)
    (directory / "pgbouncer.ini").write_text(settings)
    command = [str(PGBOUNCER), "-q", str(Path(directory / "pgbouncer.ini"))]
    pooler = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **unprivileged())
    for attempt in Retrying(
        retry=retry_if_exception_type(OSError), wait=wait_fixed(0.02), stop=stop_after_delay(30), reraise=True
    ):
        with attempt:
            socket.create_connection(("127.0.0.1", port)).close()
    yield f"postgresql://{ROLE}:{SHOWN_PASSWORD}@127.0.0.1:{port}/{database.rpartition('/')[2]}?prepare=off&pool_size=8"
    pooler.terminate()
    pooler.wait()


async def test_each_bank_gets_what_is_its_own_though_connections_are_shared(pooled: str) -> None:
    banks = [f"user:{number}" for number in range(6)]
    async with engine(pooled) as memory:
        await asyncio.gather(*(memory.retain(bank, f"The cat is called {bank}.", key=bank) for bank in banks * 3))
        await memory.flush()
        found = await asyncio.gather(*(memory.recall(bank, "What is the cat called?") for bank in banks))

    assert [[hit.memory.text for hit in recall.hits] for recall in found] == [
        [f"The cat is called {one}."] for one in banks
    ]
