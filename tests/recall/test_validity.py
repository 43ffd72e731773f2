from dataclasses import replace
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from duramen.index.bank import BankIndex
from duramen.index.cache import IndexCache
from duramen.language.claims import find_claims
from duramen.protocols import Asked
from duramen.recall.reading import read
from duramen.recall.validity import changes_from, ends_of, marked, with_validity
from duramen.stores.in_memory import InMemoryStore
from duramen.times import from_microseconds, microseconds
from duramen.types import Page, Query, Selection
from tests.index.rows import row, version
from tests.stores.examples import BANK, EMBEDDER, NOON, event, indexed

NOW = datetime(2026, 3, 2, tzinfo=timezone.utc)
QUERY = Query(text="Where does Ada live?", at=NOW)


def homes(*places: str) -> BankIndex:
    """Return an index of what Ada said of her home, 10 microseconds apart."""
    rows = [
        row(place, mentioned=10 * place, claims=tuple(find_claims(f"I live in {home}.", "Ada") if home else ()))
        for place, home in enumerate(places, 1)
    ]
    return BankIndex.build(version(len(rows)), rows)


def changes(index: BankIndex, rows: list[int], query: Query = QUERY, mask: list[bool] | None = None) -> list[list[int]]:
    search = read(query, index, Asked(np.zeros(index.vectors.dimensions, dtype=np.float32)))
    found = changes_from(search, np.array(rows), None if mask is None else np.array(mask))
    return [list(pair) for pair in found]


def test_a_row_is_followed_to_what_holds_now() -> None:
    index = homes("Porto", "", "Lisbon", "Oslo")

    assert changes(index, [0, 1]) == changes(index, [2, 1, 0]) == [[0, 2], [2, 3]]
    assert changes(index, [2]) == [[2, 3]]
    assert changes(index, [1, 3]) == []


def test_changes_come_in_the_order_in_which_things_changed() -> None:
    rows = [
        row(place, mentioned=said, claims=tuple(find_claims(f"I live in {home}.", "Ada")))
        for place, (said, home) in enumerate([(30, "Oslo"), (10, "Porto"), (20, "Lisbon")], 1)
    ]

    assert changes(BankIndex.build(version(3), rows), [0, 1, 2]) == [[1, 2], [2, 0]]


def test_what_was_said_later_than_asked_for_is_no_change() -> None:
    then = replace(QUERY, as_of=from_microseconds(25))

    assert changes(homes("Porto", "Lisbon", "Oslo"), [0, 1, 2], then) == [[0, 1]]


def test_what_the_filters_hold_back_is_no_change() -> None:
    assert changes(homes("Porto", "Lisbon", "Oslo"), [0, 1, 2], mask=[True, True, False]) == [[0, 1]]


AUTUMN = datetime(2026, 10, 20, tzinfo=timezone.utc)
MOVED = datetime(2026, 7, 9, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("question", "counts"),
    [
        ("Where do I live?", True),
        ("Where did I live?", True),
        ("Where did I live until the summer?", False),
        ("Where did I live until July 2026?", False),
        ("Where did I live before June 2026?", False),
        ("Where did I live last spring?", False),
        ("Where did I live before the flood?", False),
        ("Where did I live originally?", False),
        ("Where did I live last summer?", True),
        ("Where did I live until September?", True),
        ("Where did I live in spring and in August 2026?", True),
        ("Where did I live after the flood?", True),
        ("Where have I lived since May?", True),
    ],
)
def test_a_change_counts_unless_it_came_after_the_time_asked_for(question: str, counts: bool) -> None:
    rows = [
        row(place, mentioned=microseconds(said), claims=tuple(find_claims(f"I live in {home}.", "Ada")))
        for place, (said, home) in enumerate([(MOVED - timedelta(days=365), "Porto"), (MOVED, "Oslo")], 1)
    ]

    found = changes(BankIndex.build(version(2), rows), [0, 1], Query(text=question, at=AUTUMN))

    assert found == ([[0, 1]] if counts else [])


def test_superseded_rows_are_told_by_id() -> None:
    index = homes("Porto", "Lisbon")

    assert ends_of(index, np.array([0, 1]), QUERY) == {"memory-1": from_microseconds(20)}
    assert ends_of(index, np.array([1]), QUERY) == {}
    assert ends_of(index, np.array([0, 1]), replace(QUERY, as_of=from_microseconds(15))) == {}


def test_memories_are_marked_by_id() -> None:
    one, other = indexed(event("a")).memory, indexed(event("b")).memory

    assert marked([one, other], {other.id: NOON}) == [one, replace(other, superseded=NOON)]


async def test_a_page_of_memories_says_what_is_superseded() -> None:
    store = InMemoryStore()
    await store.open()
    said = [
        event("a", "I live in Porto.", mentioned=NOON),
        event("b", "I live in Oslo.", mentioned=NOON.replace(hour=13)),
        event("c", "I like tea.", mentioned=NOON),
    ]
    await store.append(BANK, said)
    made = [replace(indexed(one), claims=tuple(find_claims(one.content))) for one in said]
    await store.put(await store.lease(limit=9, seconds=60), made, embedder=EMBEDDER)
    page = await store.memories(BANK, Selection(), cursor=None, limit=2)

    found = await with_validity(page, BANK, IndexCache(store))

    assert [one.superseded for one in found.items] == [NOON.replace(hour=13), None]
    assert (found.next, len(found.items)) == (page.next, 2)


async def test_a_page_of_nothing_stays_as_it_is() -> None:
    store = InMemoryStore()
    await store.open()

    assert await with_validity(Page(()), "nobody", IndexCache(store)) == Page(())
