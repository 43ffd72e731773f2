"""Random batches, given to `DuramenStore` and to langgraph's own `InMemoryStore`.

Where they differ on purpose, the reference is brought in line: it forgets the namespaces it was only asked about, and
the vectors of a value that was replaced. Not compared: the order without a query (the reference has none) and the time
of creation (which it loses at an update). Not generated: an order on fields that are missing (the reference raises
`TypeError`), and the same text twice in one batch (it raises `ValueError`).
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph.store.base import GetOp, ListNamespacesOp, MatchCondition, Op, PutOp, SearchOp
from langgraph.store.memory import InMemoryStore

from duramen import HashingEmbedder, MemoryEngine
from duramen_langgraph.store import DuramenStore
from tests.conftest import engine

ALL = 1000
NUMBERS = itertools.count()

labels = st.sampled_from(["a", "b", "ab", "a_", "%", "ä"])
namespaces = st.lists(labels, min_size=1, max_size=3).map(tuple)
prefixes = st.lists(labels, max_size=2).map(tuple)
patterns = st.lists(st.one_of(labels, st.just("*")), min_size=1, max_size=3).map(tuple)
keys = st.sampled_from(["x", "y", "z"])
words = st.lists(st.sampled_from(["tea", "green", "red", "car", "house"]), min_size=1, max_size=3).map(" ".join)
scalars = st.sampled_from([None, True, 0, 1, 2.5, "red", "tea"])
orders = st.dictionaries(st.sampled_from(["$gt", "$gte", "$lt", "$lte"]), st.integers(0, 60), min_size=1, max_size=2)
equalities = st.dictionaries(st.sampled_from(["$eq", "$ne"]), scalars, min_size=1)
on_scalars = st.one_of(scalars, equalities)
filters = st.fixed_dictionaries(
    {},
    optional={
        "n": orders,
        "a": on_scalars,
        "b": on_scalars,
        "deep": st.dictionaries(st.sampled_from(["a", "b"]), on_scalars, max_size=1),
        "list": st.lists(on_scalars, max_size=2),
    },
)


@st.composite
def values(draw: st.DrawFn) -> dict[str, Any]:
    number = next(NUMBERS)
    fields = st.dictionaries(st.sampled_from(["a", "b"]), scalars)
    extra = {"deep": fields, "list": st.lists(scalars, max_size=2)}
    return {
        **draw(fields),
        **draw(st.fixed_dictionaries({}, optional=extra)),
        "n": number % 60,
        "text": f"{draw(words)} u{number}",
    }


nothing = st.none()
puts = st.builds(
    PutOp,
    namespace=namespaces,
    key=keys,
    value=st.one_of(nothing, values(), values()),
    index=st.sampled_from([None, None, False, ["text"]]),
    ttl=nothing,
)
searches = st.builds(
    SearchOp,
    namespace_prefix=prefixes,
    filter=st.one_of(nothing, filters),
    limit=st.just(ALL),
    offset=st.just(0),
    query=st.one_of(nothing, words),
)
conditions = st.builds(MatchCondition, st.sampled_from(["prefix", "suffix"]), patterns)
listings = st.builds(
    ListNamespacesOp,
    match_conditions=st.one_of(nothing, st.lists(conditions, max_size=2).map(tuple)),
    max_depth=st.one_of(nothing, st.integers(1, 3)),
    limit=st.sampled_from([2, ALL]),
    offset=st.integers(0, 3),
)
reads = st.one_of(st.builds(GetOp, namespaces, keys), searches, listings)
batches = st.lists(st.lists(st.one_of(puts, puts, reads), max_size=8), max_size=6)


class Reference:
    """langgraph's own store, without what it does by oversight."""

    def __init__(self) -> None:
        embedder = HashingEmbedder()
        embed = lambda texts: asyncio.run(embedder.embed(list(texts))).tolist()  # noqa: E731  as langgraph wants it
        self._store = InMemoryStore(index={"dims": embedder.dimensions, "embed": embed})

    def batch(self, ops: list[Op]) -> list[Any]:
        writes = [op for op in ops if isinstance(op, PutOp)]
        results = [None if isinstance(op, PutOp) else self._answer([op])[0] for op in ops]
        self._answer([op._replace(value=None) for op in writes])
        self._answer(writes)
        return results

    def _answer(self, ops: Sequence[Op]) -> list[Any]:
        results = self._store.batch(ops)
        for namespace in [namespace for namespace, items in self._store._data.items() if not items]:
            del self._store._data[namespace]
        return results


@pytest.fixture(scope="module", params=["in memory", "sqlite"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MemoryEngine]:
    opened = engine(":memory:" if request.param == "in memory" else tmp_path_factory.mktemp("memory"))
    yield opened
    opened.close()


@settings(max_examples=60, deadline=None)
@given(given=batches, awaited=st.booleans())
def test_random_batches_get_the_answers_that_langgraphs_own_store_gives(
    shared: MemoryEngine, given: list[list[Op]], awaited: bool
) -> None:
    store = DuramenStore(shared, name=f"store {next(NUMBERS)}")
    reference = Reference()

    for ops in given:
        ours = asyncio.run(store.abatch(ops)) if awaited else store.batch(ops)
        theirs = reference.batch(ops)

        assert [type(result) for result in ours] == [type(result) for result in theirs]
        for op, our, their in zip(ops, ours, theirs, strict=True):
            if isinstance(op, SearchOp):
                assert_same_hits(op, our, their)
            elif isinstance(op, GetOp):
                assert plain(our) == plain(their)
            else:
                assert our == their


def assert_same_hits(op: SearchOp, ours: Any, theirs: Any) -> None:
    assert sorted(map(repr, map(plain, ours))) == sorted(map(repr, map(plain, theirs)))
    expected = {(hit.namespace, hit.key): hit.score for hit in theirs}
    for hit in ours:
        score = expected[(hit.namespace, hit.key)]
        assert hit.score == (None if score is None else pytest.approx(score, abs=1e-5))
    scored = [hit.score for hit in ours if hit.score is not None]
    assert scored == sorted(scored, reverse=True)
    assert [hit.score for hit in ours[len(scored) :]] == [None] * (len(ours) - len(scored))
    unscored = [hit.updated_at for hit in ours[len(scored) :]]
    assert unscored == sorted(unscored, reverse=True)


def plain(item: Any) -> Any:
    return None if item is None else (item.namespace, item.key, sorted(item.value.items(), key=lambda pair: pair[0]))
