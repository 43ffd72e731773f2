from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np

from duramen.index.bank import BankIndex
from duramen.recall.kept_codes import MOST, KeptCodes
from duramen.stores.in_memory import InMemoryStore
from tests.index.rows import row, version


class CountingStore(InMemoryStore):
    """A store that remembers which codes it was asked for; those of the number 7 are `b"7"`. It can be held back."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def late(self, bank: str, numbers: Sequence[int]) -> Sequence[bytes]:
        self.asked.append(list(numbers))
        await self.gate.wait()
        return [_code(number) for number in numbers]


def _code(number: int) -> bytes:
    return str(number).encode()


def index() -> BankIndex:
    return BankIndex.build(version(3), [row(1), row(2), row(3)])


async def test_the_store_is_asked_once() -> None:
    store, held = CountingStore(), index()
    codes = KeptCodes(store)

    first = await codes.get("b", held, [3, 1])
    second = await codes.get("b", held, [1, 2, 3])

    assert (first, second) == ([b"3", b"1"], [b"1", b"2", b"3"])
    assert store.asked == [[3, 1], [2]]


async def test_that_there_are_none_is_known_too() -> None:
    store, held = InMemoryStore(), index()
    await store.open()

    assert await KeptCodes(store).get("nobody", held, [1, 2]) == [b"", b""]


async def test_nothing_is_asked_for_nothing() -> None:
    store = CountingStore()

    assert await KeptCodes(store).get("b", index(), []) == []
    assert store.asked == []


async def test_each_bank_has_its_own() -> None:
    store, one, other = CountingStore(), index(), index()
    codes = KeptCodes(store)

    await codes.get("one", one, [1])
    await codes.get("other", other, [1])

    assert store.asked == [[1], [1]]


async def test_codes_go_with_the_index_from_which_something_was_removed() -> None:
    store, held = CountingStore(), index()
    codes = KeptCodes(store)
    await codes.get("b", held, [1, 2])

    held = held.kept([1, 3], version(3, removals=1))
    await codes.get("b", held, [1, 3])

    assert store.asked == [[1, 2], [1, 3]]
    assert len(codes._kept) == 1


async def test_no_more_are_held_than_are_to_be() -> None:
    store, held = CountingStore(), index()
    codes = KeptCodes(store)
    await codes.get("b", held, range(MOST))

    last = await codes.get("b", held, [5, MOST])
    await codes.get("b", held, [5, MOST])

    assert last == [b"5", _code(MOST)]
    assert [len(numbers) for numbers in store.asked] == [MOST, 2]
    assert len(codes._kept[held]) == 2


async def test_who_waits_for_the_store_keeps_what_was_there_when_others_need_the_room() -> None:
    store, held = CountingStore(), index()
    codes = KeptCodes(store)
    await codes.get("b", held, [1])
    store.gate.clear()

    waiting = asyncio.create_task(codes.get("b", held, [1, 2]))
    others = asyncio.create_task(codes.get("b", held, np.arange(10, 10 + MOST).tolist()))
    await asyncio.sleep(0)
    store.gate.set()

    assert await waiting == [b"1", b"2"]
    assert len(await others) == MOST
