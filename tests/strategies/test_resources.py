from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.errors import BankResolutionError, NamespaceError, StrategyError
from duramen.identity import bank_of
from duramen.protocols import Storage
from duramen.shelf import Put, Shelf
from duramen.stores.in_memory import InMemoryStore
from duramen.stores.sqlite import SQLiteStore
from duramen.strategies import EpisodicStrategy, SummaryStrategy
from duramen.strategies.definitions import define
from duramen.strategies.resources import (
    RESOURCES,
    Resource,
    bank_of_resource,
    delete_resource,
    list_resources,
    load_resource,
    resource_of,
    save_resource,
)
from duramen.types import Identity

SUPPORT = Resource(
    name="support",
    strategies=[define(SummaryStrategy()), define(EpisodicStrategy())],
    event_days=60,
    description="Wünsche & Fragen",
    shared=True,
    managed_by="helpdesk",
)
NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])).filter(
    lambda text: any(character.isprintable() and not character.isspace() for character in text)
) | st.sampled_from(["a", "a:actor:b", "a%3Aactor%3Ab", "shared", "actor:b", "a:shared", "%", ":", "a:", ":a"])


@pytest.fixture(params=["in memory", "sqlite"])
async def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shelf]:
    store: Storage = InMemoryStore() if request.param == "in memory" else SQLiteStore(tmp_path / "memory")
    await store.open()
    yield store.shelf
    await store.aclose()


async def test_a_resource_comes_back_as_it_was_saved(shelf: Shelf) -> None:
    saved = await save_resource(shelf, SUPPORT)

    loaded = await load_resource(shelf, "support")

    assert loaded == saved
    assert (saved.strategies, saved.event_days, saved.description) == (
        tuple(SUPPORT.strategies),
        60,
        "Wünsche & Fragen",
    )
    assert (saved.shared, saved.managed_by) == (True, "helpdesk")
    assert saved.created == saved.updated


async def test_a_resource_saved_again_keeps_when_it_was_created(shelf: Shelf) -> None:
    first = await save_resource(shelf, SUPPORT)

    again = await save_resource(shelf, Resource(name="support"))

    assert again.created == first.created
    assert again.updated > first.updated - timedelta(microseconds=1)
    assert await load_resource(shelf, "support") == again


async def test_resources_are_listed_by_name(shelf: Shelf) -> None:
    for name in ("b", "a:b", "ä", "a"):
        await save_resource(shelf, Resource(name=name))

    assert [resource.name for resource in await list_resources(shelf)] == ["a", "a:b", "b", "ä"]


async def test_a_deleted_resource_is_gone(shelf: Shelf) -> None:
    await save_resource(shelf, SUPPORT)

    assert await delete_resource(shelf, "support")
    assert await load_resource(shelf, "support") is None
    assert not await delete_resource(shelf, "support")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "cannot name a memory"),
        ({"name": " \n"}, "cannot name a memory"),
        ({"name": "a\0b"}, "cannot name a memory"),
        ({"name": "\ud800"}, "cannot name a memory"),
        ({"name": None}, "cannot name a memory"),
        ({"event_days": 2}, "from 3 to 3,650"),
        ({"event_days": 3651}, "from 3 to 3,650"),
        ({"event_days": 30.5}, "from 3 to 3,650"),
        ({"event_days": True}, "from 3 to 3,650"),
        ({"strategies": [{"type": "facts", "name": "facts"}]}, "'facts', which is not known"),
        (
            {"strategies": [{"type": "summary"}, {"type": "code", "name": "summary"}]},
            "several strategies called 'summary'",
        ),
    ],
)
async def test_a_resource_that_makes_no_sense_is_not_saved(shelf: Shelf, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(StrategyError, match=message):
        await save_resource(shelf, Resource(**{"name": "support", **changes}))

    assert await list_resources(shelf) == []


async def test_a_resource_with_a_bad_template_is_not_saved(shelf: Shelf) -> None:
    with pytest.raises(NamespaceError):
        await save_resource(shelf, Resource(name="a", strategies=[{"type": "summary", "namespace": "/all/"}]))

    assert await list_resources(shelf) == []


@pytest.mark.parametrize("value", [b"", b"\xff", b"[]", b"{}", b'{"strategies": null}'])
async def test_what_is_no_resource_is_an_error_that_says_what_to_do(shelf: Shelf, value: bytes) -> None:
    await shelf.write([Put(path=RESOURCES, key="support", value=value)])

    with pytest.raises(StrategyError, match=r"'support' cannot be read .* set it up anew, or upgrade"):
        await load_resource(shelf, "support")


def test_a_bank_is_named_by_resource_and_actor() -> None:
    assert bank_of_resource("support", "ada") == "resource:support:actor:ada"
    assert bank_of_resource("support", "ada", shared=True) == "resource:support:shared"


@pytest.mark.parametrize("actor", [None, "", " ", "\ud800", 7])
def test_without_an_actor_there_is_no_bank(actor: Any) -> None:
    with pytest.raises(BankResolutionError):
        bank_of_resource("support", actor)


@given(first=st.tuples(NAMES, NAMES, st.booleans()), second=st.tuples(NAMES, NAMES, st.booleans()))
def test_no_two_resources_or_actors_share_a_bank(first: tuple[str, str, bool], second: tuple[str, str, bool]) -> None:
    one, other = (bank_of_resource(name, actor, shared) for name, actor, shared in (first, second))
    same = first[0] == second[0] and first[2] == second[2] and (first[2] or first[1] == second[1])

    assert (one == other) == same


@given(name=NAMES, actor=NAMES, shared=st.booleans())
def test_a_bank_tells_its_resource(name: str, actor: str, shared: bool) -> None:
    assert resource_of(bank_of_resource(name, actor, shared)) == name


@given(user=NAMES)
def test_the_bank_of_a_user_belongs_to_no_resource(user: str) -> None:
    assert resource_of(bank_of(Identity(user=user))) is None


@pytest.mark.parametrize(
    "bank", ["resource", "resource:", "resource::actor:a", "resource:a", "a:resource:b:c", "resource:%00:a"]
)
def test_other_banks_belong_to_no_resource(bank: str) -> None:
    assert resource_of(bank) is None
