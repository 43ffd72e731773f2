from __future__ import annotations

import asyncio

from duramen.language_models.fair import FairSlots


class Work:
    """Notes who began, and ends when it is told to."""

    def __init__(self, slots: int) -> None:
        self.slots = FairSlots(slots)
        self.began: list[str] = []
        self.ends = asyncio.Semaphore(0)

    async def do(self, bank: str) -> None:
        async with self.slots.taken(bank):
            self.began.append(bank)
            await self.ends.acquire()


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_no_more_than_the_slots_go_on_at_once() -> None:
    work = Work(2)
    tasks = [asyncio.create_task(work.do("a")) for _ in range(5)]
    await settled()

    begun = len(work.began)

    assert begun == 2
    for _ in range(5):
        work.ends.release()
    await asyncio.gather(*tasks)
    assert len(work.began) == 5


async def test_banks_take_turns_whoever_came_first() -> None:
    work = Work(1)
    tasks = [asyncio.create_task(work.do(bank)) for bank in "aaaabbc"]
    for _ in tasks:
        await settled()
        work.ends.release()
    await asyncio.gather(*tasks)

    assert "".join(work.began) == "aabcaba"


async def test_who_gives_up_waiting_keeps_no_slot() -> None:
    work = Work(1)
    first, second, third = (asyncio.create_task(work.do(bank)) for bank in "abc")
    await settled()

    second.cancel()
    work.ends.release()
    work.ends.release()
    await asyncio.gather(first, third)

    assert work.began == ["a", "c"]
    async with work.slots.taken("d"):
        assert second.cancelled()


async def test_a_slot_given_to_one_who_gives_up_at_that_moment_goes_on() -> None:
    work = Work(1)
    tasks = [asyncio.create_task(work.do(bank)) for bank in "abc"]
    await settled()

    tasks[0].cancel()
    await asyncio.sleep(0)  # its slot has been given to the second, which does not know yet
    tasks[1].cancel()
    await settled()

    assert work.began == ["a", "c"]
    work.ends.release()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_failing_gives_the_slot_back() -> None:
    slots = FairSlots(1)

    async def fail() -> None:
        async with slots.taken("a"):
            raise ValueError

    await asyncio.gather(fail(), fail(), return_exceptions=True)

    async with slots.taken("b"):
        assert True
