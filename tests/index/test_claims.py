from collections.abc import Sequence
from datetime import datetime, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.index.bank import BankIndex
from duramen.index.claims import NEVER, Claims
from duramen.index.saved import Loaded
from duramen.types import Claim
from tests.index.rows import row, version

HOME, JOB, DOG = 1, 2, 3
PORTO, LISBON, MADRID = 11, 12, 13
YES, NO = 1, 2

Said = Sequence[Claim]


def ends(*said: Said, mentioned: Sequence[int] | None = None) -> list[int | None]:
    """Return since when each of the rows is contradicted; they are mentioned at 10, 20, 30 … if nothing else is said."""
    claims = Claims()
    claims.append(said)
    times = np.array(mentioned or range(10, 10 * len(said) + 1, 10), dtype=np.int64)
    found = claims.until(times, np.full(len(said), NEVER)).tolist()
    return [None if end == NEVER else end for end in found]


def test_a_later_value_takes_the_place_of_an_earlier_one() -> None:
    assert ends([Claim(HOME, PORTO)], [Claim(HOME, LISBON)], [Claim(HOME, MADRID)]) == [20, 30, None]


def test_a_repeat_contradicts_nothing_and_ends_with_the_first() -> None:
    assert ends([Claim(HOME, PORTO)], [Claim(HOME, PORTO)], [Claim(HOME, LISBON)]) == [30, 30, None]


def test_going_back_does_not_undo_what_was_ended() -> None:
    assert ends([Claim(HOME, PORTO)], [Claim(HOME, LISBON)], [Claim(HOME, PORTO)]) == [20, 30, None]


def test_other_slots_are_left_alone() -> None:
    assert ends([Claim(HOME, PORTO)], [Claim(JOB, LISBON)], [], [Claim(HOME, LISBON)]) == [40, None, None, None]


def test_the_order_is_that_of_mentioning() -> None:
    assert ends([Claim(HOME, PORTO)], [Claim(HOME, LISBON)], mentioned=[50, 20]) == [None, 50]


def test_of_what_was_mentioned_at_once_the_row_behind_is_the_later() -> None:
    assert ends([Claim(HOME, PORTO)], [Claim(HOME, LISBON)], mentioned=[10, 10]) == [10, None]


def test_an_end_ends_its_value_only() -> None:
    assert ends([Claim(HOME, PORTO)], [Claim(HOME, LISBON, ends=True)]) == [None, None]
    assert ends([Claim(HOME, PORTO)], [Claim(HOME, PORTO, ends=True)]) == [20, None]


def test_an_end_without_a_value_ends_any() -> None:
    assert ends([Claim(HOME, PORTO)], [Claim(HOME, 0, ends=True)], [Claim(HOME, LISBON)]) == [20, None, None]


def test_an_end_is_contradicted_by_its_value_coming_back() -> None:
    assert ends([Claim(HOME, PORTO, ends=True)], [Claim(HOME, LISBON)], [Claim(HOME, PORTO)]) == [30, 30, None]


def test_a_row_holds_as_long_as_one_of_its_statements() -> None:
    both = [Claim(HOME, PORTO, statement=0), Claim(JOB, 5, statement=1)]

    assert ends(both, [Claim(HOME, LISBON)]) == [None, None]
    assert ends(both, [Claim(HOME, LISBON)], [Claim(JOB, 6)]) == [30, None, None]


def test_a_statement_ends_with_the_first_of_its_claims() -> None:
    tuesday_at_three = [Claim(4, 1), Claim(5, 3)]

    assert ends(tuesday_at_three, [Claim(5, 4)], [Claim(4, 2)]) == [20, None, None]


def test_endings_beside_a_claim_do_not_keep_a_row_alive() -> None:
    moved = [Claim(HOME, PORTO, ends=True), Claim(HOME, LISBON, statement=1)]

    assert ends([Claim(HOME, PORTO)], moved, [Claim(HOME, MADRID)]) == [20, 30, None]


def test_what_one_row_says_does_not_contradict_itself() -> None:
    assert ends([Claim(DOG, YES), Claim(DOG, NO)], [Claim(JOB, 5)]) == [None, None]


def test_it_is_known_which_row_contradicts_first() -> None:
    claims = Claims()
    claims.append([[Claim(HOME, PORTO)], [Claim(HOME, LISBON)], [Claim(HOME, MADRID)]])

    found = claims.contradicted(np.array([10, 30, 20]))

    assert (found.rows.tolist(), found.since.tolist(), found.by.tolist()) == ([0, 2], [20, 30], [2, 1])
    assert [claims.end_of(place, np.array([10, 30, 20])) for place in range(3)] == [20, NEVER, 30]


def test_an_end_that_is_kept_counts_when_it_is_earlier() -> None:
    claims = Claims()
    claims.append([[Claim(HOME, PORTO)], [Claim(HOME, LISBON)], [Claim(HOME, MADRID)]])

    found = claims.until(np.array([10, 20, 30]), np.array([15, 99, 99]))

    assert found.tolist() == [15, 30, 99]
    assert claims.until(np.array([10, 20, 30]), np.array([15, 99, 99])) is found


def test_without_claims_what_is_kept_is_handed_on_as_it_is() -> None:
    claims = Claims()
    claims.append([[], []])
    kept = np.array([5, NEVER])

    assert claims.until(np.array([1, 2]), kept) is kept
    assert claims.nbytes == 0


slots, statements = st.sampled_from([HOME, JOB]), st.integers(0, 1)
holding = st.builds(Claim, slots, st.integers(1, 3), statement=statements)
ending = st.builds(Claim, slots, st.integers(0, 3), st.just(True), statement=statements)
entries = st.lists(
    st.tuples(st.integers(0, 10**6), st.lists(holding | ending, max_size=3)),
    max_size=12,
    unique_by=lambda entry: entry[0],
)


def plainly(said: Sequence[tuple[int, Said]]) -> dict[int, int]:
    """Return by time what is contradicted when, looking at every pair."""

    def contradicts(new: Claim, old: Claim) -> bool:
        if new.slot != old.slot or (new.ends and old.ends):
            return False
        if new.ends:
            return new.value in (0, old.value)
        return (new.value == old.value) == old.ends

    found: dict[int, int] = {}
    for when, claims in said:
        counted = [claim for claim in claims if not claim.ends] or claims
        statements: dict[int, int] = {}
        for claim in counted:
            later = [at for at, news in said if at > when and any(contradicts(new, claim) for new in news)]
            statements[claim.statement] = min([*later, statements.get(claim.statement, NEVER)])
        if statements and max(statements.values()) != NEVER:
            found[when] = max(statements.values())
    return found


@given(entries, st.data())
def test_arrival_does_not_matter_and_forgetting_undoes(said: list[tuple[int, Said]], data: st.DataObject) -> None:
    arrived = data.draw(st.permutations(said))
    claims = Claims()
    for part in (arrived[:4], arrived[4:]):
        claims.append([claimed for _, claimed in part])
        claims.contradicted(_times(arrived[: len(claims)]))
    gone = data.draw(st.sets(st.sampled_from(range(len(said))))) if said else set()
    mask = np.array([place not in gone for place in range(len(said))], dtype=np.bool_)
    left = [entry for place, entry in enumerate(arrived) if place not in gone]

    every = claims.until(_times(arrived), np.full(len(said), NEVER))
    kept = claims.kept(mask).until(_times(left), np.full(len(left), NEVER))

    assert _by_time(arrived, every) == plainly(said)
    assert _by_time(left, kept) == plainly(left)


def test_an_index_marks_what_its_rows_claim_and_unmarks_it() -> None:
    rows = [
        row(1, mentioned=10, claims=(Claim(HOME, PORTO),)),
        row(2, mentioned=20, claims=(Claim(HOME, LISBON),)),
        row(3, mentioned=30),
    ]
    index = BankIndex.build(version(3), rows)

    forgotten = index.kept([1, 3], version(3, removals=1))
    index.extend([row(4, mentioned=15, claims=(Claim(HOME, MADRID),))], version(4))

    assert index.superseded.tolist() == [15, NEVER, NEVER, 20]
    assert index.superseded_at(0) == datetime.fromtimestamp(15e-6, timezone.utc)
    assert index.superseded_at(1) is None
    assert forgotten.superseded.tolist() == [NEVER, NEVER]


def test_claims_that_were_saved_are_loaded_as_they_were() -> None:
    claims = Claims()
    claims.append([[Claim(HOME, PORTO)], [], [Claim(HOME, PORTO, ends=True, statement=200)]])

    loaded = Claims.load(Loaded.of(claims.save()()), 3)
    loaded.append([[Claim(HOME, PORTO)]])

    assert len(loaded) == 4
    assert loaded.until(np.array([1, 2, 3, 4]), np.full(4, NEVER)).tolist() == [3, NEVER, 4, NEVER]


@pytest.mark.parametrize("count", [0, 1])
def test_claims_of_nothing_are_saved_too(count: int) -> None:
    claims = Claims()
    claims.append([[]] * count)

    loaded = Claims.load(Loaded.of(claims.save()()), count)

    assert loaded.until(np.zeros(count, dtype=np.int64), np.full(count, NEVER)).tolist() == [NEVER] * count


def _times(said: Sequence[tuple[int, Said]]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([when for when, _ in said], dtype=np.int64)


def _by_time(said: Sequence[tuple[int, Said]], found: np.ndarray[tuple[int], np.dtype[np.int64]]) -> dict[int, int]:
    return {when: end for (when, _), end in zip(said, found.tolist(), strict=True) if end != NEVER}
