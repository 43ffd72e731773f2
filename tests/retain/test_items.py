from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from duramen.errors import BadContentError
from duramen.retain.items import MAX_ENTITIES, MAX_ENTITY, given
from duramen.types import Item

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def test_each_event_of_an_item_expires_with_it() -> None:
    messages = [{"role": "user", "content": "Hello."}, {"role": "assistant", "content": "Hello, Ada."}]

    made = given("bank", [Item(content=messages, expires=NOON), Item(content="Kept.")], now=NOON)

    assert [event.expires for event in made.events] == [NOON, NOON, None]


@pytest.mark.parametrize(
    "moment",
    [NOON.replace(tzinfo=None), NOON.astimezone(timezone(timedelta(hours=3))), "2026-03-01T12:00:00Z"],
    ids=["naive", "elsewhere", "text"],
)
def test_an_expiry_is_an_aware_moment(moment: Any) -> None:
    (event,) = given("bank", [Item(content="Hello.", expires=moment)], now=NOON).events

    assert event.expires == NOON
    assert event.expires.utcoffset() == timedelta(0)


@pytest.mark.parametrize("moment", [30, timedelta(days=30), "soon", ""])
def test_an_expiry_that_is_no_time_is_an_error(moment: Any) -> None:
    with pytest.raises(BadContentError, match=r"`expires` is .* Give a datetime"):
        given("bank", [Item(content="Hello.", expires=moment)], now=NOON)


def test_entities_are_cleaned_and_each_is_there_once() -> None:
    item = Item(
        content=[{"role": "user", "content": "Hello."}, {"role": "assistant", "content": "Hello, Ada."}],
        entities=["  Ada   Lovelace ", "Oslo", "ada LOVELACE", "Gr\0\ud800ße", "Oslo"],
    )

    made = given("bank", [item, Item(content="Other.")], now=NOON)

    names = ("Ada Lovelace", "Oslo", "Gr\ufffd\ufffdße")
    assert [event.entities for event in made.events] == [names, names, ()]


def test_entities_do_not_make_another_key() -> None:
    plain = given("bank", [Item(content="Hello.")], now=NOON)

    named = given("bank", [Item(content="Hello.", entities=["Ada"])], now=NOON)

    assert named.keys == plain.keys


@pytest.mark.parametrize("entities", ["Ada", [""], ["Ada", " \n"], [7], [None], None, 3, b"Ada"])
def test_entities_that_are_no_list_of_names_are_an_error(entities: Any) -> None:
    with pytest.raises(BadContentError, match=r"`entities` is .* Give a list of names, none of them blank"):
        given("bank", [Item(content="Hello.", entities=entities)], now=NOON)


@pytest.mark.parametrize(
    "entities", [[f"Ada {n}" for n in range(MAX_ENTITIES + 1)], ["A" * (MAX_ENTITY + 1)]], ids=["many", "long"]
)
def test_too_much_of_entities_is_an_error(entities: list[str]) -> None:
    with pytest.raises(BadContentError, match=r"Give at most 1,000 names of at most 500 characters"):
        given("bank", [Item(content="Hello.", entities=entities)], now=NOON)


def test_as_many_entities_as_are_allowed_are_kept() -> None:
    names = [f"{n:04}" + "A" * (MAX_ENTITY - 4) for n in range(MAX_ENTITIES)]

    (event,) = given("bank", [Item(content="Hello.", entities=names)], now=NOON).events

    assert event.entities == tuple(names)
