"""Codes of token vectors held in memory, for banks that are asked again and again."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

from duramen.index.bank import BankIndex
from duramen.protocols import Store

MOST = 4096
"""Memories of one bank whose codes are held, about 4 MB: the latest that were among the best for some question."""


class KeptCodes:
    """Reads the codes of memories from the store once.

    They are held as long as the index of their bank: when something was forgotten, the index is another one.

    Args:
        store: Where they are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: WeakKeyDictionary[BankIndex, dict[int, bytes]] = WeakKeyDictionary()

    async def get(self, bank: str, index: BankIndex, numbers: Sequence[int]) -> list[bytes]:
        """Return the codes of the memories of these row numbers, in order; empty where there are none."""
        kept = self._kept.setdefault(index, {})
        missing = [number for number in numbers if number not in kept]
        if missing:
            if len(kept) + len(missing) > MOST:
                kept = self._kept[index] = {}  # others may be waiting for what they have in the one before
                missing = [*numbers]
            kept.update(zip(missing, await self._store.late(bank, missing), strict=True))
        return [kept[number] for number in numbers]
