"""One turn of a conversation in a process of its own, which ends without closing anything: `directory words`."""

from __future__ import annotations

import asyncio
import os
import sys

from duramen.sessions.sessions import Sessions
from duramen.stores.sqlite import SQLiteStore
from duramen.times import utc_now
from tests.sessions.parts import AT, Surroundings

if __name__ == "__main__":
    directory, words = sys.argv[1:]

    async def turn() -> None:
        store = SQLiteStore(directory)
        await store.open()
        around = Surroundings()
        sessions = Sessions(store, around.following, around.forgetting, now=utc_now)
        before = await sessions.history(*AT)
        said = [{"role": "user", "content": words}, {"role": "assistant", "content": f"about {words}"}]
        await sessions.append("b", said, actor="ada", session="s1", key=words)
        sys.stdout.write(f"{[message['content'] for message in before]}\n")
        sys.stdout.flush()
        os._exit(0)

    try:
        asyncio.run(turn())
    finally:
        os._exit(1)
