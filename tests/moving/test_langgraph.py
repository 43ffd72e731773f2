from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from langgraph.store.memory import InMemoryStore

from duramen.errors import BadInputError
from duramen.moving.langgraph import import_langgraph, opened
from duramen_langgraph import DuramenStore
from tests.conftest import engine

BANK = "user:{1}"
ITEMS = ("langgraph.store", "default", "items")


@pytest.fixture
def store() -> InMemoryStore:
    store = InMemoryStore()
    store.put(("memories", "ada"), "m1", {"text": "Ada lives in Lisbon.", "n": 1})
    store.put(("memories", "ada"), "m2", {"value": {"said": "Ada drinks tea."}})
    store.put(("memories", "b:ob"), "m1", {"text": "Bob plays chess."})
    store.put(("memories", "ada", "deep"), "m1", {"text": "Ada has a cat."})
    store.put(("settings",), "theme", {"dark": True})
    for place in range(120):
        store.put(("many", "carl"), f"k{place}", {"text": f"Carl counted {place} birds."})
    return store


@pytest.fixture
def module(tmp_path: Path) -> Iterator[str]:
    """A module with stores in it, which can be imported."""
    (tmp_path / "shop_stores.py").write_text(
        "from langgraph.store.memory import InMemoryStore\n"
        "store = InMemoryStore()\n"
        "store.put(('users', 'ada'), 'k', {'text': 'Ada lives in Lisbon.'})\n"
        "def make():\n    return store\n"
        "number = 7\n"
    )
    sys.path.insert(0, str(tmp_path))
    yield "shop_stores"
    sys.path.remove(str(tmp_path))
    sys.modules.pop("shop_stores", None)


async def test_items_come_with_their_values_and_times(store: InMemoryStore, address: str) -> None:
    async with engine(address) as memory:
        taken = await import_langgraph(memory, store)
        mine = DuramenStore(memory)
        for namespace in store.list_namespaces():
            theirs = sorted(store.search(namespace, limit=500), key=lambda one: (one.namespace, one.key))
            ours = sorted(mine.search(namespace, limit=500), key=lambda one: (one.namespace, one.key))
            assert [one.dict() | {"score": None} for one in ours] == [one.dict() | {"score": None} for one in theirs]
        nearest = await mine.asearch(("memories",), query="Bob plays chess.", limit=1)
        banks = (await memory.banks()).items

    assert taken.notes == ("125 items are in the store",)
    assert taken.banks == {}
    assert banks == ()
    assert nearest[0].value["text"] == "Bob plays chess."


async def test_their_texts_are_retained_in_the_banks_of_their_namespaces(store: InMemoryStore) -> None:
    async with engine(":memory:") as memory:
        taken = await import_langgraph(memory, store, keep=False, bank=BANK, fields=["text", "value.said"])
        ada = {one.key: one for one in (await memory.events("user:ada")).items}
        recall = await memory.recall("user:b%3Aob", "What does Bob play?")
        kept = await DuramenStore(memory).alist_namespaces()

    assert taken.banks == {
        "user:ada": {"memories": 3},
        "user:b%3Aob": {"memories": 1},
        "user:carl": {"memories": 120},
    }
    assert taken.notes == ("1 items were not retained: their namespaces have not all that 'user:{1}' names",)
    assert ada['["memories", "ada", "m1"]'].metadata == {"namespace": "memories/ada", "key": "m1"}
    theirs = store.get(("memories", "ada"), "m1")
    assert theirs is not None
    assert ada['["memories", "ada", "m1"]'].mentioned == theirs.created_at
    assert recall.hits[0].memory.text == "Bob plays chess."
    assert kept == []


async def test_items_without_text_are_counted(store: InMemoryStore) -> None:
    async with engine(":memory:") as memory:
        taken = await import_langgraph(memory, store, keep=False, bank="all:{0}")

    assert taken.notes == ("2 items were not retained: they have no text at text",)


async def test_the_same_store_twice_is_one(store: InMemoryStore) -> None:
    async with engine(":memory:") as memory:
        await import_langgraph(memory, store, bank=BANK)
        await memory.flush()
        before = await memory.version("user:ada"), await memory.shelf.scan(ITEMS, below=True)
        await import_langgraph(memory, store, bank=BANK)
        await memory.flush()
        after = await memory.version("user:ada"), await memory.shelf.scan(ITEMS, below=True)

    assert after == before


@pytest.mark.parametrize("template", ["user:{name}", "user:{", "user:{}"])
async def test_a_template_that_names_no_label_is_refused(store: InMemoryStore, template: str) -> None:
    async with engine(":memory:") as memory:
        with pytest.raises(BadInputError, match="Nothing was changed"):
            await import_langgraph(memory, store, bank=template)

        assert await memory.shelf.paths(("langgraph.store",)) == []


@pytest.mark.parametrize("attribute", ["store", "make"])
async def test_a_store_is_found_by_its_name(module: str, attribute: str) -> None:
    async with engine(":memory:") as memory:
        taken = await import_langgraph(memory, f"{module}:{attribute}", bank=BANK)

    assert taken.banks == {"user:ada": {"memories": 1}}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("shop_stores:number", "is a int, not a store"),
        ("shop_stores:nothing", "cannot be imported"),
        ("no_such_shop:store", "cannot be imported"),
        ("./nothing.db", "neither a file nor"),
    ],
)
def test_what_is_no_store_is_refused(module: str, name: str, why: str) -> None:
    with pytest.raises(BadInputError, match=why):
        opened(name)


def test_a_file_needs_the_store_that_wrote_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.db"
    path.touch()
    monkeypatch.setitem(sys.modules, "langgraph.store.sqlite", None)  # as if it were not installed, which it may be

    with pytest.raises(BadInputError, match="pip install langgraph-checkpoint-sqlite"):
        opened(str(path))
