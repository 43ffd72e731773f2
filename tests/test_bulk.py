from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from duramen.bulk import BulkStore, Rows, gathered
from duramen.stores.in_memory import InMemoryStore
from duramen.stores.sqlite import SQLiteStore
from duramen.types import Row
from tests.index.rows import DIMENSIONS, row
from tests.index.writing import BANK, remember


def values(rows: Rows) -> dict[str, list[object]]:
    return {field.name: [*map(plain, getattr(rows, field.name))] for field in fields(rows)}


def plain(value: object) -> object:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def some_rows() -> Sequence[Row]:
    return [
        row(3, kind="preference", session="monday", mentioned=5, tags=("x",)),
        row(7, occurred=(1, 2), superseded=9, terms=np.array([4], dtype=np.uint32)),
        row(8, entities=("Ada",), terms=np.array([], dtype=np.uint32)),
    ]


def test_rows_are_turned_into_their_fields() -> None:
    rows = gathered(some_rows(), DIMENSIONS)

    assert len(rows) == 3
    assert rows.numbers.tolist() == [3, 7, 8]
    assert rows.kinds == ["preference", "fact", "fact"]
    assert (rows.start, rows.end) == ([None, 1, None], [None, 2, None])
    assert rows.vectors[1].tolist() == [7, 1, -7]
    assert (rows.terms.tolist(), rows.lengths.tolist()) == ([3, 3, 7, 4], [3, 1, 0])


def test_no_rows_have_empty_fields() -> None:
    rows = gathered([], DIMENSIONS)

    assert len(rows) == 0
    assert rows.vectors.shape == (0, DIMENSIONS)
    assert [str(array.dtype) for array in (rows.terms, rows.lengths)] == ["uint32", "int32"]


@pytest.mark.parametrize(("start", "stop"), [(0, 3), (1, 2), (2, 9), (1, 1)])
def test_a_part_is_what_its_rows_alone_would_be(start: int, stop: int) -> None:
    part = gathered(some_rows(), DIMENSIONS).part(start, stop)

    assert values(part) == values(gathered(some_rows()[start:stop], DIMENSIONS))


def test_a_vector_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(2,\) among vectors of shape \(3,\)"):
        gathered([row(1, vector=np.ones(2, dtype=np.float32))], DIMENSIONS)


async def test_a_store_on_disk_gives_the_same_rows_page_by_page(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)
    await store.open()
    for key in "abc":
        await remember(store, key, ["Ada lives in Lisbon", "She likes tea"], session="monday" if key == "b" else None)
    assert isinstance(store, BulkStore)

    pages, last = list[Rows](), 0
    while not pages or len(pages[-1]):
        pages.append(await store.bulk(BANK, after=last, limit=4))
        last = int(pages[-1].numbers[-1]) if len(pages[-1]) else last

    rows = await store.rows(BANK)
    assert list(map(len, pages)) == [4, 2, 0]
    assert values(pages[0]) == values(gathered(rows[:4], DIMENSIONS))
    assert values(pages[1]) == values(gathered(rows[4:], DIMENSIONS))
    assert len(await store.bulk("nobody", limit=4)) == 0
    await store.aclose()


def test_a_store_need_not_read_in_bulk() -> None:
    assert not isinstance(InMemoryStore(), BulkStore)
