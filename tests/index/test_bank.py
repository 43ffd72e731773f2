import pickle
from dataclasses import replace
from random import Random
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.index.bank import BankIndex
from duramen.types import KINDS, BankVersion, Kind, Row
from tests.index.rows import row, version
from tests.index.same import COLUMNS, assert_same


def index_of(*rows: Row, last: int = 100) -> BankIndex:
    return BankIndex.build(version(last), rows)


def test_an_empty_bank_has_empty_columns() -> None:
    index = BankIndex(BankVersion(1, 0, 0, None, 0))

    assert len(index) == 0
    assert all(len(getattr(index, name)) == 0 for name in COLUMNS)
    assert index.vectors.scores(np.empty(0, dtype=np.float32)).shape == (0,)
    assert index.terms.scores([1]).shape == (0,)
    assert list(index.ids) == []


def test_rows_are_read_into_columns() -> None:
    index = index_of(
        row(2, kind="preference", mentioned=50, tokens=9, position=3, tags=("x", "y", "x")),
        row(5, mentioned=60, occurred=(10, 20), superseded=70),
    )

    assert index.numbers.tolist() == [2, 5]
    assert list(index.ids) == ["memory-2", "memory-5"]
    assert [KINDS[code] for code in index.kinds] == ["preference", "fact"]
    assert index.mentioned.tolist() == [50, 60]
    assert index.dated.tolist() == [False, True]
    assert index.start.tolist() == [50, 10]
    assert index.end.tolist() == [50, 20]
    assert index.superseded.tolist() == [np.iinfo(np.int64).max, 70]
    assert index.tag_counts.tolist() == [2, 0]


def test_columns_have_the_types_that_were_promised() -> None:
    index = index_of(row(1))

    assert {name: str(getattr(index, name).dtype) for name in COLUMNS} == {
        **dict.fromkeys(["numbers", "mentioned", "start", "end", "superseded"], "int64"),
        **dict.fromkeys(["actors", "sessions", "speakers", "tag_counts"], "int32"),
        **dict.fromkeys(["previous", "next"], "int32"),
        "dated": "bool",
        "kinds": "int8",
    }


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_cannot_be_written(name: str) -> None:
    index = index_of(row(1, tags=("x",)))

    with pytest.raises(ValueError, match="read-only"):
        getattr(index, name)[0] = 0


def test_actors_sessions_and_speakers_are_codes() -> None:
    index = index_of(
        row(1, actor="ada", session="monday", speaker="ada"),
        row(2, actor="grace", session="monday", speaker=None),
        row(3, actor="ada", session=None, speaker="assistant"),
    )

    assert index.actors.tolist() == [index.code_of_actor(name) for name in ("ada", "grace", "ada")]
    assert index.sessions.tolist() == [index.code_of_session("monday")] * 2 + [-1]
    speaker = index.speaker_names.code_of
    assert index.speakers.tolist() == [speaker("ada"), -1, speaker("assistant")]
    assert index.code_of_actor("alan") == index.code_of_session("ada") == speaker("grace") == -2


def test_neighbours_are_those_of_the_session_by_time_said() -> None:
    index = index_of(
        row(1, session="a", mentioned=30), row(2, session="b", mentioned=1), row(3, session="a", mentioned=10)
    )

    assert index.previous.tolist() == [2, -1, -1]
    assert index.next.tolist() == [-1, -1, 0]


def test_without_a_session_neighbours_are_the_pieces_of_one_text() -> None:
    index = index_of(
        row(1, event="a", position=1, mentioned=1),
        row(2, event="a", position=0, mentioned=9),
        row(3, event="b", position=2),
        row(4, session="a", event="a", position=3),
    )

    assert index.previous.tolist() == [1, -1, -1, -1]
    assert index.next.tolist() == [-1, 0, -1, -1]


def test_a_session_named_like_an_event_is_another_group() -> None:
    index = index_of(row(1, session="a", event="x"), row(2, session=None, event="a"))

    assert index.previous.tolist() == [-1, -1]


def test_a_vector_of_another_length_is_refused_and_nothing_is_added() -> None:
    index = index_of(row(1))

    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        index.extend([row(2), row(3, vector=np.ones(2, dtype=np.float32))], version(3))

    assert_same(index, index_of(row(1)))


@pytest.mark.parametrize("numbers", [[1], [3, 2], [2, 2]])
def test_numbers_that_do_not_rise_are_refused(numbers: list[int]) -> None:
    index = index_of(row(1))

    with pytest.raises(ValueError, match="must rise from 1"):
        index.extend([row(number) for number in numbers], version(3))

    assert len(index) == 1


def test_an_index_cannot_change_its_dimensions() -> None:
    index = index_of(row(1))

    with pytest.raises(ValueError, match="build it anew"):
        index.extend([], replace(version(1), dimensions=4))
    with pytest.raises(ValueError, match="build it anew"):
        index.kept([1], replace(version(1), dimensions=4))


def test_the_version_is_that_of_the_last_change() -> None:
    index = index_of(row(1), row(2))

    index.extend([row(3)], version(3))
    kept = index.kept([3], version(3, removals=2))
    index.seen(version(4))

    assert (kept.version, index.version) == (version(3, removals=2), version(4))
    assert (kept.numbers.tolist(), index.numbers.tolist()) == ([3], [1, 2, 3])


def test_numbers_to_keep_that_are_not_there_are_passed_over() -> None:
    index = index_of(row(1), row(4))

    assert index.kept([1, 2, 9], version(9)).numbers.tolist() == [1]


def test_nothing_of_a_dropped_row_stays_in_memory() -> None:
    texts = {"actor": "ACTOR", "session": "SESSION", "speaker": "SPEAKER", "tags": ("TAG",), "entities": ("entity",)}
    index = index_of(row(1), row(2, id="ID", event="EVENT", **texts), row(3))
    index.extend([row(4, id="ID4", event="EVENT4", **texts)], version(4))
    before = pickle.dumps(index)

    kept = index.kept([1, 3], version(4, removals=2))

    after = pickle.dumps(kept)
    for text in (b"ACTOR", b"SESSION", b"SPEAKER", b"TAG", b"entity", b"ID"):
        assert text in before
        assert text not in after


def test_bytes_cover_at_least_the_vectors_and_the_text() -> None:
    index = index_of(*(row(number, id="i" * 1000) for number in range(1, 11)))

    assert index.nbytes > 10 * (1000 + 3 * 4)
    assert index.kept([1], version(100, removals=9)).nbytes < 10 * 1000


kinds: tuple[Kind, ...] = get_args(Kind)
names = st.sampled_from(["Ada", "Ada Lovelace", "Grace", "grace"])
changes = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(kinds),
        "event": st.sampled_from(["e1", "e2", "e3"]),
        "position": st.integers(0, 3),
        "actor": st.sampled_from([None, "ada", "grace"]),
        "session": st.sampled_from([None, "e1", "s2"]),
        "speaker": st.sampled_from([None, "ada", "assistant"]),
        "mentioned": st.integers(-5, 5),
        "occurred": st.none() | st.tuples(st.integers(-9, 0), st.integers(0, 9)),
        "superseded": st.none() | st.integers(0, 9),
        "tags": st.lists(names, max_size=2).map(tuple),
        "entities": st.lists(names, max_size=3).map(tuple),
    }
)
steps = st.lists(st.tuples(st.lists(changes, max_size=5), st.booleans(), st.randoms(use_true_random=False)), max_size=6)


@given(steps)
def test_any_mix_of_extending_and_dropping_equals_building_anew(
    steps: list[tuple[list[dict[str, Any]], bool, Random]],
) -> None:
    index, rows, last = BankIndex(version(0)), list[Row](), 0

    for added, asks, random in steps:
        new = [row(last + place, **values) for place, values in enumerate(added, 1)]
        last += len(new) + random.randrange(3)
        index.extend(new, version(last))
        if asks:
            index.previous.max(initial=-1)
        rows = [row for row in [*rows, *new] if random.random() < 0.7]
        index = index.kept([row.number for row in rows], version(last))

    assert_same(index, BankIndex.build(version(last), rows))
