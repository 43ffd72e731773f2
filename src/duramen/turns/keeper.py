"""Retains what a framework shows again and again: each message once, and what an outage kept back later."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import weakref
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from duramen.errors import BadInputError, DuramenError
from duramen.said import text_of
from duramen.status import Tally
from duramen.times import utc_now
from duramen.turns.outage import Outage
from duramen.types import Item

if TYPE_CHECKING:
    from duramen.engine import MemoryEngine

MOST_KNOWN = 100_000
"""Messages that are remembered as retained, so that a history is not written again at each step."""

MOST_ANSWERS = 10_000
"""Answers that are remembered to tell one from its repetition."""

MOST_WAITING = 10_000
"""Messages that wait for a memory that does not answer; beyond that the oldest are given up."""

LONGEST_PAUSE = 60.0
"""Seconds between two attempts to retain what waits, at most."""


class Keeper:
    """Lives on the engine's loop.

    Repeats are harmless without it, because keys make them one; it spares the work, and it waits out an outage.
    """

    def __init__(self, engine: MemoryEngine, tally: Tally, log: logging.Logger, outage: Outage) -> None:
        self._engine = engine
        self._tally = tally
        self._log = log
        self._outage = outage
        self._known: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._answers: OrderedDict[tuple[str, str, bytes], str] = OrderedDict()
        self._waiting: dict[str, OrderedDict[str, Item]] = {}
        self._sending: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()
        self._retrying: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many messages are not on disk yet."""
        return sum(map(len, self._waiting.values()))

    async def keep(self, bank: str, items: Sequence[Item]) -> None:
        """Retain those of `items` that are new, and what was kept back before; raises nothing of the memory's.

        Every item has a key.
        """
        waiting = self._waiting.setdefault(bank, OrderedDict())
        for item in self._without_repeats(bank, items):
            if self._known.get((bank, str(item.key))) != _digest(item):
                waiting[str(item.key)] = item
        if not await self.send(bank):
            self._try_later()

    def hold(self, bank: str, item: Item) -> None:
        """Retain `item`, which has a key and could not be retained just now, as soon as that works, as of now."""
        held = replace(item, occurred=item.occurred or utc_now())
        self._waiting.setdefault(bank, OrderedDict())[str(item.key)] = held
        self._try_later()

    def drop(self, bank: str, key: str) -> None:
        """Hold the item of this key no more: a later state of it is on disk."""
        self._waiting.get(bank, OrderedDict()).pop(key, None)

    async def send(self, bank: str) -> bool:
        """Retain what waits for `bank`; tell whether nothing waits any more."""
        sending = self._sending.setdefault(bank, asyncio.Lock())
        async with sending:
            items = list(self._waiting.get(bank, {}).values())
            try:
                if items:
                    await self._engine.retain(bank, items, replayed=True)
            except BadInputError as error:
                if len(items) > 1:
                    return await self._send_one_by_one(bank, items)
                self._log.warning("a message cannot be retained and is left out: %s", error)
                self._tally.count("lost")
            except (DuramenError, OSError) as error:
                self._tally.count("retain_failures")
                what = "held back until the memory works again: %d of what was said (%s: %s)"
                self._outage.warn("retain", what, len(items), type(error).__name__, error)
                return False
            else:
                self._tally.count("retains", bool(items))
                self._outage.over("retain")
            self._settle(bank, items)
        return True

    async def send_all(self) -> int:
        """Retain what waits for any bank; return how many messages still do."""
        for bank in list(self._waiting):
            await self.send(bank)
        if self.waiting and self._engine.closed:
            self._log.error("messages lost, because the memory was closed while it was down: %d", self.waiting)
            self._tally.count("lost", self.waiting)
        return self.waiting

    def _without_repeats(self, bank: str, items: Sequence[Item]) -> list[Item]:
        """Leave out answers given again, word for word and to the same message, under another id, as a replay does."""
        kept: list[Item] = []
        asked: str | None = None
        for item in items:
            message = item.content[0]
            if isinstance(message, str) or message["role"] == "user":
                asked = str(item.key)
            elif asked is not None:
                answer = (bank, asked, _digest_of(text_of(message["content"])))
                if self._answers.setdefault(answer, str(item.key)) != item.key:
                    continue
            kept.append(item)
        while len(self._answers) > MOST_ANSWERS:
            self._answers.popitem(last=False)
        return kept

    async def _send_one_by_one(self, bank: str, items: Sequence[Item]) -> bool:
        for item in items:
            try:
                await self._engine.retain(bank, [item], replayed=True)
            except BadInputError as error:
                self._log.warning("a message cannot be retained and is left out: %s", error)
                self._tally.count("lost")
            except (DuramenError, OSError):
                self._tally.count("retain_failures")
                return False
            self._settle(bank, [item])
        self._tally.count("retains")
        return True

    def _settle(self, bank: str, items: Sequence[Item]) -> None:
        waiting = self._waiting.get(bank, OrderedDict())
        for item in items:
            key = str(item.key)
            self._known[bank, key] = _digest(item)
            self._known.move_to_end((bank, key))
            if waiting.get(key) is item:
                del waiting[key]
        if not waiting:
            self._waiting.pop(bank, None)
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)

    def _try_later(self) -> None:
        self._give_up_oldest()
        if self._retrying is None and not self._engine.closed:
            self._retrying = asyncio.ensure_future(self._retry())

    def _give_up_oldest(self) -> None:
        surplus = self.waiting - MOST_WAITING
        if surplus <= 0:
            return
        bank = max(self._waiting, key=lambda name: len(self._waiting[name]))
        for _ in range(min(surplus, len(self._waiting[bank]))):
            self._waiting[bank].popitem(last=False)
        self._tally.count("lost", surplus)
        self._log.error("messages lost: %d; more than %d wait for a memory that is down", surplus, MOST_WAITING)

    async def _retry(self) -> None:
        pause = 1.0
        try:
            while self.waiting and not self._engine.closed:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                await self.send_all()
        finally:
            self._retrying = None


def _digest(item: Item) -> bytes:
    said = [item.content, item.actor, sorted(item.tags), sorted(item.metadata.items())]
    return _digest_of(json.dumps(said, default=str))


def _digest_of(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
