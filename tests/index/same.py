"""What it means that two indexes of one bank are the same."""

import numpy as np

from duramen.index.bank import BankIndex
from duramen.index.names import Names
from duramen.index.postings import Postings
from duramen.protocols import Store
from tests.index.writing import BANK

COLUMNS = [
    "numbers",
    "mentioned",
    "start",
    "end",
    "dated",
    "superseded",
    "kinds",
    "tag_counts",
    "actors",
    "sessions",
    "speakers",
    "previous",
    "next",
]


async def fresh(store: Store, bank: str = BANK) -> BankIndex:
    """Return an index of all that the store keeps of the bank, built now."""
    version = await store.version(bank)
    assert version is not None
    return BankIndex.build(version, await store.rows(bank))


def assert_same(index: BankIndex, fresh: BankIndex) -> None:
    """Assert that no search can tell `index` from `fresh`, an index with exact vectors."""
    assert list(index.ids) == list(fresh.ids)
    for name in COLUMNS:
        found, wanted = getattr(index, name), getattr(fresh, name)
        assert found.dtype == wanted.dtype, name
        assert found.tolist() == wanted.tolist(), name
    assert index._labels.keys() == fresh._labels.keys()
    for name, labels in index._labels.items():
        names = [labels.name_of(row) for row in range(len(index))]
        assert names == [fresh._labels[name].name_of(row) for row in range(len(fresh))], name
        assert all(labels.code_of(found) == code for found, code in zip(names, labels.codes, strict=True) if found)
    assert index.vectors.dimensions == fresh.vectors.dimensions
    for axis in np.eye(index.vectors.dimensions, dtype=np.float32):
        tolerance = 0.0 if index.vectors.is_exact else 1e-3
        np.testing.assert_allclose(index.vectors.scores(axis), fresh.vectors.scores(axis), atol=tolerance)
    assert_same_postings(index.terms, fresh.terms)
    assert_same_names(index.entities, fresh.entities)
    assert_same_names(index.tags, fresh.tags)


def assert_same_postings(postings: Postings, fresh: Postings) -> None:
    """Assert that both have the same rows for the same terms, and score alike."""
    codes = terms_of(fresh)
    assert terms_of(postings) == codes
    assert postings.lengths.tolist() == fresh.lengths.tolist()
    for code in codes:
        assert postings.rows_of(code).tolist() == fresh.rows_of(code).tolist()
        assert postings.frequency(code) == fresh.frequency(code)
        assert postings.scores([code]).tolist() == fresh.scores([code]).tolist()
    assert postings.ceiling(codes) == fresh.ceiling(codes)


def assert_same_names(names: Names, fresh: Names) -> None:
    """Assert that both have the same names for the same rows, and find alike."""
    assert len(names) == len(fresh)
    assert dict(names.all()) == dict(fresh.all())
    for row in range(len(names)):
        assert names.names_of(row) == fresh.names_of(row)
    for name in fresh.all():
        assert names.rows_of(name).tolist() == fresh.rows_of(name).tolist()
        if fresh._fold:
            for words in (name.split(), name.split()[:1], name.split()[-1:]):
                assert names.find(words) == fresh.find(words)


def terms_of(postings: Postings) -> list[int]:
    """Return the codes of all terms that some row has, rising."""
    return sorted({code for table in postings._tables for code in table.codes.tolist()} | set(postings._tail))
