from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from duramen.index.bank import BankIndex
from duramen.language.claims import find_claims
from duramen.types import ArmRank
from tests.recall.lists import listed
from tests.recall.searches import START, index_of, told


@pytest.fixture
def turns() -> BankIndex:
    """Five turns of one session."""
    return index_of(*(told(f"word{number}", session="s") for number in range(5)))


def test_memories_are_known_by_their_place(turns: BankIndex) -> None:
    found = listed(turns, [3, 0, 2])

    assert len(found) == 3
    assert found.ids == ["3", "0", "2"]
    assert found.numbers == [4, 1, 3]
    assert found.ids_of([2, 0]) == ["2", "3"]


def test_neighbours_are_places_of_the_list(turns: BankIndex) -> None:
    found = listed(turns, [3, 0, 2])

    assert found.before.tolist() == [2, -1, -1]
    assert found.after.tolist() == [-1, -1, 0]


def test_nothing_listed_has_no_neighbours(turns: BankIndex) -> None:
    found = listed(turns, [])

    assert (len(found), found.before.tolist(), found.after.tolist()) == (0, [], [])


def test_what_is_cut_off_is_nobodys_neighbour_any_more(turns: BankIndex) -> None:
    found = listed(turns, [3, 0, 1, 2])

    first = found.first(3)

    assert first.ids == ["3", "0", "1"]
    assert first.before.tolist() == [-1, -1, 1]
    assert first.after.tolist() == [-1, 2, -1]
    assert {len(part) for part in (first.fused, first.meaning, first.sessions, *first.parts.values())} == {3}


def test_the_first_of_fewer_are_all(turns: BankIndex) -> None:
    found = listed(turns, [3, 0])

    assert found.first(2) is found.first(9) is found


def test_arms_are_told_by_id_with_the_rank_among_all(turns: BankIndex) -> None:
    found = listed(turns, [2, 4, 1])
    scores = {"keyword": [0.25, 0.0, 0.5, 0.0, 0.25], "graph": [0.0, 0.0, 0.0, 0.0, 0.75]}
    found.search.found = {name: np.array(each, dtype=np.float32) for name, each in scores.items()}  # type: ignore[misc]

    assert found.arms == {
        "2": {"keyword": ArmRank(1, 0.5)},
        "4": {"keyword": ArmRank(2, 0.25), "graph": ArmRank(1, 0.75)},
        "1": {},
    }
    assert found.arms_of([2]) == {"1": {}}


def test_paths_are_told_by_id(turns: BankIndex) -> None:
    found = listed(turns, [2, 4, 1])
    found.search.paths = {4: ("ada",), 3: ("ben",)}

    assert found.paths == {"4": ("ada",)}
    assert (found.path_to(0), found.path_to(1)) == ((), ("ada",))


def test_what_is_no_longer_so_is_told_by_id() -> None:
    homes = [tuple(find_claims(f"I live in {home}.", "Ada")) for home in ("Porto", "Oslo")]
    found = listed(index_of(*(told("home", claims=claims) for claims in homes)))

    assert found.ends == {"0": START + timedelta(days=1)}
    found.search.query = replace(found.search.query, as_of=START)
    assert found.ends == {}
