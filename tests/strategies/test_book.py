from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from duramen.errors import StrategyError
from duramen.language_models.scripted import ScriptedModel
from duramen.protocols import Storage
from duramen.shelf import Put, Shelf
from duramen.stores.in_memory import InMemoryStore
from duramen.stores.sqlite import SQLiteStore
from duramen.strategies import FunctionStrategy, SummaryStrategy
from duramen.strategies.book import StrategyBook
from duramen.strategies.definitions import define
from duramen.strategies.resources import RESOURCES, Resource, bank_of_resource, delete_resource, save_resource
from duramen.strategy import Strategy
from tests.strategies.summary_talks import TRIP, turns, work

OWN = "user:ada"
BANK = bank_of_resource("support", "ada")
MINE = FunctionStrategy(name="mine", function=lambda work: None, namespace="/mine/{actorId}/")


@pytest.fixture(params=["in memory", "sqlite"])
async def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shelf]:
    store: Storage = InMemoryStore() if request.param == "in memory" else SQLiteStore(tmp_path / "memory")
    await store.open()
    yield store.shelf
    await store.aclose()


def names(strategies: Sequence[Strategy]) -> list[str]:
    return [strategy.name for strategy in strategies]


async def save(shelf: Shelf, *strategies: Strategy, name: str = "support") -> None:
    await save_resource(shelf, Resource(name=name, strategies=[define(strategy) for strategy in strategies]))


async def test_a_bank_without_a_resource_has_the_strategies_of_the_engine(shelf: Shelf) -> None:
    book = StrategyBook(shelf, [SummaryStrategy(), MINE])

    assert names(await book.active(OWN)) == ["summary", "mine"]
    assert await book.find(OWN, "mine") is MINE
    assert await book.find(OWN, "semantic") is None
    assert names(book.own) == ["summary", "mine"]


async def test_a_bank_of_a_resource_has_those_of_the_resource(shelf: Shelf) -> None:
    book = StrategyBook(shelf, [SummaryStrategy()])
    await save(shelf, SummaryStrategy(name="minutes"), SummaryStrategy(name="gist"))

    assert names(await book.active(BANK)) == ["minutes", "gist"]
    assert await book.find(BANK, "gist") == SummaryStrategy(name="gist")
    assert await book.find(BANK, "summary") is None
    assert names(await book.active(OWN)) == ["summary"]


async def test_resources_have_strategies_of_their_own(shelf: Shelf) -> None:
    book = StrategyBook(shelf)
    await save(shelf, SummaryStrategy(name="minutes"))
    await save(shelf, SummaryStrategy(name="gist"), name="support:actor")

    assert names(await book.active(bank_of_resource("support", "actor:ada"))) == ["minutes"]
    assert names(await book.active(bank_of_resource("support:actor", None, shared=True))) == ["gist"]


async def test_what_another_process_changes_is_seen_at_once(shelf: Shelf) -> None:
    book = StrategyBook(shelf)
    seen = [names(await book.active(BANK))]

    for strategies in ([SummaryStrategy()], [SummaryStrategy(), MINE], []):
        await save(shelf, *strategies)
        seen.append(names(await book.active(BANK)))
    await save(shelf, SummaryStrategy())
    await delete_resource(shelf, "support")
    seen.append(names(await book.active(BANK)))

    assert seen == [[], ["summary"], ["summary", "mine"], [], []]


async def test_what_did_not_change_is_built_once(shelf: Shelf) -> None:
    book = StrategyBook(shelf)
    await save(shelf, SummaryStrategy())

    first, again = [await book.active(BANK) for _ in range(2)]

    assert first[0] is again[0]


async def test_code_is_found_by_its_name_where_it_is_registered(shelf: Shelf) -> None:
    book = StrategyBook(shelf)
    await save(shelf, MINE)
    book.register(MINE)

    assert await book.active(BANK) == (MINE,)
    assert await book.find(BANK, "mine") is MINE


async def test_code_that_is_elsewhere_is_active_but_not_found(shelf: Shelf) -> None:
    book = StrategyBook(shelf)
    await save(shelf, MINE)

    (there,) = await book.active(BANK)

    assert (there.name, there.namespaces) == ("mine", ("/mine/{actorId}/",))
    assert await book.find(BANK, "mine") is None
    with pytest.raises(StrategyError, match="Register it"):
        await there(work(turns(TRIP)))


async def test_code_that_is_registered_later_is_found_from_then_on(shelf: Shelf) -> None:
    book = StrategyBook(shelf)
    await save(shelf, MINE)
    before = await book.find(BANK, "mine")

    book.register(MINE)

    assert before is None
    assert await book.find(BANK, "mine") is MINE


async def test_registered_code_is_found_without_being_active(shelf: Shelf) -> None:
    book = StrategyBook(shelf)
    book.register(MINE)

    assert await book.find(OWN, "mine") is MINE
    assert await book.active(OWN) == ()
    assert await book.find(BANK, "mine") is None


async def test_the_models_of_strategies_are_lent_by_name(shelf: Shelf) -> None:
    model = ScriptedModel(name="large")
    book = StrategyBook(shelf, models={"large": model})
    await save(shelf, SummaryStrategy(model=model))

    found = await book.find(BANK, "summary")

    assert found == SummaryStrategy(model=model)


def test_two_strategies_of_one_name_are_refused() -> None:
    with pytest.raises(StrategyError, match="two strategies called 'summary'"):
        StrategyBook(InMemoryStore().shelf, [SummaryStrategy(), SummaryStrategy(prompt="Briefly.")])


def test_the_same_strategy_twice_is_refused_too() -> None:
    with pytest.raises(StrategyError, match="two strategies called 'mine'"):
        StrategyBook(InMemoryStore().shelf, [MINE, MINE])


def test_other_code_cannot_be_registered_under_a_name_that_is_taken() -> None:
    book = StrategyBook(InMemoryStore().shelf, [SummaryStrategy()])
    book.register(MINE)

    book.register(MINE)
    with pytest.raises(StrategyError, match="two strategies called 'mine'"):
        book.register(FunctionStrategy(name="mine", function=str))
    with pytest.raises(StrategyError, match="two strategies called 'summary'"):
        book.register(FunctionStrategy(name="summary", function=str))


def test_a_strategy_needs_a_name_that_can_be_one() -> None:
    with pytest.raises(StrategyError, match="cannot name a strategy"):
        StrategyBook(InMemoryStore().shelf, [SummaryStrategy(name="my summary")])


async def test_a_resource_of_a_newer_duramen_is_an_error(shelf: Shelf) -> None:
    book = StrategyBook(shelf)
    await save(shelf, SummaryStrategy())
    (entry,) = await shelf.scan(RESOURCES)
    await shelf.write([Put(path=RESOURCES, key="support", value=entry.value.replace(b'"summary"', b'"dream"', 1))])

    with pytest.raises(StrategyError, match="'dream', which is not known"):
        await book.active(BANK)
