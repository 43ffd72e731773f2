import numpy as np
import numpy.typing as npt
import pytest

from duramen.index.vectors import Vectors

Matrix = npt.NDArray[np.float32]


def some(rows: int, dimensions: int) -> Matrix:
    return np.random.default_rng(rows).standard_normal((rows, dimensions), dtype=np.float32)


def test_scores_are_the_inner_products_in_order_of_row() -> None:
    rows, query = some(700, 8), some(1, 8)[0]
    vectors = Vectors(8)

    vectors.append(list(rows[:300]))
    for row in rows[300:]:
        vectors.append([row])

    assert np.allclose(vectors.scores(query), rows @ query, atol=1e-5)
    assert vectors.scores(query).dtype == np.float32
    assert len(vectors) == 700


def test_an_empty_bank_gives_no_scores() -> None:
    vectors = Vectors(8)

    vectors.append([])

    assert vectors.scores(np.ones(8, dtype=np.float32)).shape == (0,)


def test_vectors_without_dimensions_score_zero() -> None:
    vectors = Vectors(0)

    vectors.append([np.empty(0, dtype=np.float32)] * 3)

    assert vectors.scores(np.empty(0, dtype=np.float32)).tolist() == [0.0, 0.0, 0.0]


def test_a_vector_of_another_length_is_refused_and_nothing_is_added() -> None:
    vectors = Vectors(3)

    with pytest.raises(ValueError, match=r"shape \(4,\) among vectors of shape \(3,\)"):
        vectors.append([np.ones(3, dtype=np.float32), np.ones(4, dtype=np.float32)])

    assert len(vectors) == 0


def test_a_query_of_another_length_is_refused() -> None:
    vectors = Vectors(3)
    vectors.append([np.ones(3, dtype=np.float32)])

    with pytest.raises(ValueError, match="matmul"):
        vectors.scores(np.ones(4, dtype=np.float32))


@pytest.mark.parametrize("dropped", [[], [0], [99], [3, 50, 51], list(range(100)), list(range(5, 100))])
def test_dropped_rows_are_gone_and_the_others_keep_their_order(dropped: list[int]) -> None:
    rows, query = some(100, 4), some(1, 4)[0]
    vectors = Vectors(4)
    vectors.append(list(rows))
    mask = ~np.isin(np.arange(100), dropped)

    vectors.keep(mask)
    vectors.append(list(rows[:2]))

    assert np.allclose(vectors.scores(query), np.concatenate([rows[mask], rows[:2]]) @ query, atol=1e-5)


def test_nothing_of_a_dropped_vector_stays_in_memory() -> None:
    vectors = Vectors(2)
    vectors.append([np.full(2, value, dtype=np.float32) for value in (1, 2, 77)])

    vectors.keep(np.array([True, True, False]))

    assert 77 not in vectors._matrix


def test_memory_is_given_back_when_most_rows_are_dropped() -> None:
    vectors = Vectors(4)
    vectors.append(list(some(1000, 4)))

    vectors.keep(np.arange(1000) < 10)

    assert vectors.nbytes == 10 * 4 * 4
