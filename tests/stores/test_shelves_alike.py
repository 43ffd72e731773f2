"""The shelves do the same, whatever is done to them: the in-memory one is the measure."""

import asyncio
import tempfile
from collections.abc import Sequence
from typing import TypeAlias

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from duramen.errors import ChangedError
from duramen.protocols import Storage
from duramen.shelf import Change, Expect, Path, Place, Put, Remove, Touch
from duramen.stores.in_memory import InMemoryStore
from duramen.stores.sqlite import SQLiteStore
from tests.contracts.shelf import Clock

few = st.sampled_from
segments = few(["a", "ab", "b", "", "é", "\uffff", "\U0001f600"]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=3
)
paths: st.SearchStrategy[Path] = st.lists(few(["a", "a", "ab", ""]) | segments, min_size=1, max_size=3).map(tuple)
keys = few(["k", "l", ""]) | segments
lifetimes = st.none() | few([1.0, 2.5, 10, 0.0000025])
changes: st.SearchStrategy[Change] = st.one_of(
    st.builds(Put, path=paths, key=keys, value=st.binary(max_size=3), lifetime=lifetimes, keep=st.booleans()),
    st.builds(Put, path=paths, key=keys, value=st.binary(max_size=3)),
    st.builds(Touch, path=paths, key=keys),
    st.builds(Remove, path=paths, key=st.none() | keys, below=st.booleans()),
    st.builds(Expect, path=paths, key=keys, value=st.none() | st.binary(max_size=1)),
)
Step: TypeAlias = "tuple[list[Change], float]"
steps = st.lists(st.tuples(st.lists(changes, max_size=6), few([0.0, 0.000001, 1.0, 3.0])), max_size=12)
Question: TypeAlias = "tuple[Path, bool, Place | None, bool, int | None]"
questions = st.lists(
    st.tuples(paths, st.booleans(), st.none() | st.tuples(paths, keys), st.booleans(), st.none() | st.integers(1, 3)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps, questions)
@example([([Put(path=("a",), key="k", value=b"", lifetime=0.5e-6)], 0.0)], [(("a",), True, None, False, None)])
def test_the_shelves_do_the_same(steps: Sequence[Step], questions: Sequence[Question]) -> None:
    clocks = Clock(), Clock()
    with tempfile.TemporaryDirectory() as directory:
        kept = asyncio.run(_run(InMemoryStore(clock=clocks[0]), clocks[0], steps, questions))
        store = SQLiteStore(directory, durability="process", clock=clocks[1])
        written = asyncio.run(_run(store, clocks[1], steps, questions))

    assert written == kept


async def _run(store: Storage, clock: Clock, steps: Sequence[Step], questions: Sequence[Question]) -> list[object]:
    await store.open()
    seen: list[object] = []
    for written, seconds in steps:
        try:
            await store.shelf.write(written)
        except ChangedError as error:
            seen.append(str(error))
        clock.move(seconds)
        for path, below, after, reverse, limit in questions:
            found = await store.shelf.scan(path, below=below, after=after, reverse=reverse, limit=limit)
            seen += [found, await store.shelf.paths(path), await store.shelf.segments(path)]
            seen.append(await store.shelf.segments(path, prefix=path[-1][:1]))
            seen.append(await store.shelf.across(path[:1], ["a", "ab", *path], path[1:]))
            seen.append(await store.shelf.get([(change.path, change.key or "") for change in written]))
    await store.aclose()
    return seen
