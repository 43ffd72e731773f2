"""What a strategy can look up of what it made before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from duramen import MemoryEngine
from duramen.strategies import Candidate, Work
from tests.conftest import engine
from tests.simple_strategies import later, noted, notes

ADA = "user:ada"

Look = Callable[[Work], Awaitable[Any]]


class Looking:
    """Files what was said, and looks something up first where a test asks for it."""

    def __init__(self) -> None:
        self.look: Look | None = None
        self.looks = 0
        self.found: Any = None

    async def __call__(self, work: Work) -> list[Candidate]:
        if self.look is not None:
            self.found = await self.look(work)
            return []
        return noted(work)

    async def at(self, memory: MemoryEngine, look: Look, bank: str = ADA) -> Any:
        """Return what `look` finds from within the strategy, at work for a bank."""
        self.look = look
        self.looks += 1
        await memory.retain(bank, f"Look {self.looks}.", actor="ada", wait=True)
        return self.found


async def told(memory: MemoryEngine, *said: str, actor: str = "ada") -> None:
    for place, text in enumerate(said):
        await memory.retain(ADA, text, actor=actor, occurred=later(place), wait=True)


async def test_what_is_alike_comes_best_first(address: str) -> None:
    looking = Looking()
    async with engine(address, strategies=[notes(looking)]) as memory:
        await told(memory, "The ferry was late.", "Grace keeps three goats.", "Tomas keeps three sheep.")

        found = await looking.at(
            memory, lambda work: work.known.similar("Grace keeps three goats.", namespace=work.namespace)
        )

    assert found[0][0].text == "Grace keeps three goats."
    assert found[0][1] > 0.999
    assert [cosine for _, cosine in found] == sorted((cosine for _, cosine in found), reverse=True)
    assert all(0.0 <= cosine <= 1.0 for _, cosine in found)


async def test_no_more_come_than_are_wanted(address: str) -> None:
    looking = Looking()
    async with engine(address, strategies=[notes(looking, merges=False)]) as memory:
        await told(memory, *(f"Grace keeps {number} goats." for number in range(5)))

        similar = await looking.at(memory, lambda work: work.known.similar("goats", namespace=work.namespace, limit=2))
        filed = await looking.at(memory, lambda work: work.known.filed(work.namespace, limit=3))

    assert len(similar) == 2
    assert [one.text for one in filed] == [f"Grace keeps {number} goats." for number in range(3)]


async def similar_at(path: str, work: Work) -> Any:
    return await work.known.similar("three goats", namespace=path)


async def filed_at(path: str, work: Work) -> Any:
    return await work.known.filed(path)


async def test_only_what_is_filed_exactly_there_is_found(address: str) -> None:
    looking = Looking()
    async with engine(address, strategies=[notes(looking, namespace="/facts/{actorId}/")]) as memory:
        for actor in ("a1", "a10"):
            await told(memory, f"Of {actor}: three goats.", actor=actor)

        for path, expected in (("/facts/a1/", {"Of a1: three goats."}), ("/facts/", set()), ("/facts/a1/x/", set())):
            similar = await looking.at(memory, partial(similar_at, path))
            filed = await looking.at(memory, partial(filed_at, path))

            assert {one.text for one, _ in similar} == expected
            assert {one.text for one in filed} == expected


async def test_what_was_superseded_is_not_alike_and_still_filed(address: str) -> None:
    looking = Looking()
    async with engine(address, strategies=[notes(looking)]) as memory:
        await told(memory, "Ada lives in Porto.", "Ada lives in Lisbon.")

        similar = await looking.at(memory, lambda work: work.known.similar("Where Ada lives", namespace=work.namespace))
        filed = await looking.at(memory, lambda work: work.known.filed(work.namespace))

    assert [one.text for one, _ in similar] == ["Ada lives in Lisbon."]
    assert {one.text for one in filed} == {"Ada lives in Porto.", "Ada lives in Lisbon."}


async def test_what_other_strategies_filed_at_the_same_place_is_theirs(address: str) -> None:
    looking = Looking()
    strategies = [notes(name="first", namespace="/facts/"), notes(looking, name="second", namespace="/facts/")]
    async with engine(address, strategies=strategies) as memory:
        looking.look = lambda work: work.known.filed("/facts/")
        await told(memory, "Grace keeps goats.")
        found = await looking.at(memory, lambda work: work.known.filed("/facts/"))
        there = await memory.memories(ADA, namespace="/facts/")

    assert "first" in {one.strategy for one in there.items}
    assert list(found) == []


async def test_in_an_empty_or_another_bank_nothing_is_known(address: str) -> None:
    looking = Looking()
    async with engine(address, strategies=[notes(looking)]) as memory:
        await told(memory, "Grace keeps goats.")

        similar = await looking.at(
            memory, lambda work: work.known.similar("Grace keeps goats.", namespace=work.namespace), "user:bob"
        )
        filed = await looking.at(memory, lambda work: work.known.filed(work.namespace), "user:eve")

    assert (list(similar), list(filed)) == ([], [])


async def test_what_was_retained_word_for_word_is_not_among_it(address: str) -> None:
    looking = Looking()
    async with engine(address, strategies=[notes(looking)]) as memory:
        found = await looking.at(memory, lambda work: work.known.similar("Look 1.", namespace=work.namespace))

    assert list(found) == []
