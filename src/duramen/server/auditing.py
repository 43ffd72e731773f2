"""Who did what in which bank, and when: a trail beside each bank, of what was asked and never of what was said."""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from duramen.engine import MemoryEngine
from duramen.errors import DuramenError
from duramen.server.logs import log
from duramen.shelf import Entry, Path, Put
from duramen.times import from_microseconds, microseconds

Transport = Literal["http", "mcp"]

TRAIL = "duramen.audit"
"""Not among what belongs to a bank: that a bank was deleted stays known after it is."""

KEPT_DAYS = 30
PAGE = 500
MCP_CLIENT = "mcp"
"""Where a request of one of our own tools comes from, as the application sees it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """A request that was answered.

    Attributes:
        action: The operation of the route, as the OpenAPI names it.
        began: In microseconds since 1970 UTC, like `ended`.
        caller: The name of the key or token; None if none was needed.
        request: The id of the request, as in the server's log.
    """

    action: str
    transport: Transport
    began: int
    ended: int
    status: int
    caller: str | None
    request: str
    id: str = ""


class Audit:
    """Keeps and shows the trails of all banks, each entry for 30 days.

    Entries are written beside the answers, which do not wait for them; to look at a trail does, for those of this process.
    """

    def __init__(self, memory: MemoryEngine) -> None:
        self._memory = memory
        self._writing: set[concurrent.futures.Future[None]] = set()

    def note(self, bank: str, entry: Audited) -> None:
        """Add an entry to the trail of `bank`, soon."""
        writing = self._memory.portal.submit(self._write(bank, entry))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)

    async def settled(self) -> None:
        """Wait until all that was noted is written."""
        writing = [asyncio.wrap_future(one) for one in list(self._writing)]
        if writing:
            await asyncio.wait(writing)  # which leaves them alone if whoever waits is cancelled

    async def entries(self, bank: str, since: datetime | None, until: datetime | None) -> AsyncIterator[Audited]:
        """Go through the trail of `bank`, the newest first: what began in the half-open range."""
        await self.settled()
        after = None if until is None else (_trail(bank), _key(microseconds(until)))
        while page := await self._memory.shelf.scan(_trail(bank), after=after, reverse=True, limit=PAGE):
            for found in page:
                entry = _read(found)
                if since is not None and entry.began < microseconds(since):
                    return
                yield entry
            after = page[-1].place

    async def entry(self, bank: str, id: str) -> Audited | None:
        """Return one entry by its id; None if there is none."""
        if not id or "\0" in id:
            return None
        await self.settled()
        (found,) = await self._memory.shelf.get([(_trail(bank), id)])
        return None if found is None else _read(found)

    async def by_time(self, bank: str, since: datetime, step: timedelta, action: str | None) -> list[Counter[str]]:
        """Count the entries since then by action, in steps of time up to now, the earliest first."""
        counts: dict[int, Counter[str]] = {}
        async for entry in self.entries(bank, since, None):
            if action in (None, entry.action):
                place = int((from_microseconds(entry.began) - since) / step)
                counts.setdefault(place, Counter())[entry.action] += 1
        return [counts.get(place, Counter()) for place in range(max(counts, default=-1) + 1)]

    async def _write(self, bank: str, entry: Audited) -> None:
        kept: dict[str, Any] = asdict(entry)
        value = json.dumps({name: told for name, told in kept.items() if name != "id"}).encode()
        key = _key(entry.began) + uuid.uuid4().hex
        try:
            await self._memory.shelf.write(
                [Put(path=_trail(bank), key=key, value=value, lifetime=KEPT_DAYS * 86_400.0)]
            )
        except DuramenError as error:
            log.error("an entry of the audit trail is lost", action=entry.action, reason=type(error).__name__)


def _trail(bank: str) -> Path:
    return (TRAIL, bank)


def _key(moment: int) -> str:
    """Return what keys of this moment begin with: in the order of time."""
    return f"{moment:020d}-"


def _read(found: Entry) -> Audited:
    kept: Mapping[str, Any] = json.loads(found.value)
    return Audited(**kept, id=found.key)
