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

    vectors.append(rows[:300])
    for row in rows[300:]:
        vectors.append(row[None])

    assert np.allclose(vectors.scores(query), rows @ query, atol=1e-5)
    assert vectors.scores(query).dtype == np.float32
    assert len(vectors) == 700


def test_an_empty_bank_gives_no_scores() -> None:
    vectors = Vectors(8)

    vectors.append(some(0, 8))

    assert vectors.scores(np.ones(8, dtype=np.float32)).shape == (0,)


def test_vectors_without_dimensions_score_zero() -> None:
    vectors = Vectors(0)

    vectors.append(np.empty((3, 0), dtype=np.float32))

    assert vectors.scores(np.empty(0, dtype=np.float32)).tolist() == [0.0, 0.0, 0.0]


def test_a_query_of_another_length_is_refused() -> None:
    vectors = Vectors(3)
    vectors.append(np.ones((1, 3), dtype=np.float32))

    with pytest.raises(ValueError, match=r"a query of shape \(4,\) for vectors of 3 dimensions"):
        vectors.scores(np.ones(4, dtype=np.float32))


@pytest.mark.parametrize("dropped", [[], [0], [99], [3, 50, 51], list(range(100)), list(range(5, 100))])
def test_dropped_rows_are_gone_and_the_others_keep_their_order(dropped: list[int]) -> None:
    rows, query = some(100, 4), some(1, 4)[0]
    vectors = Vectors(4)
    vectors.append(rows)
    mask = ~np.isin(np.arange(100), dropped)

    kept = vectors.kept(mask)
    kept.append(rows[:2])

    assert np.allclose(kept.scores(query), np.concatenate([rows[mask], rows[:2]]) @ query, atol=1e-5)


def test_nothing_of_a_dropped_vector_stays_in_memory() -> None:
    vectors = Vectors(2)
    vectors.append(np.array([[1, 1], [2, 2], [77, 77]], dtype=np.float32))

    kept = vectors.kept(np.array([True, True, False]))

    assert [block[:, :2].tolist() for block in kept._blocks] == [[[1, 2], [1, 2]]]
    assert len(kept) == 2


def test_memory_is_given_back_when_most_rows_are_dropped() -> None:
    vectors = Vectors(4)
    vectors.append(some(1000, 4))

    assert vectors.kept(np.arange(1000) < 10).nbytes < 20 * 4 * 4


def test_many_blocks_give_the_same_scores_as_one_product() -> None:
    rows, query = some(1000, 5000), some(1, 5000)[0]
    vectors = Vectors(5000)

    for start in range(0, 1000, 77):
        vectors.append(rows[start : start + 77])

    assert len(vectors._blocks) == 16
    assert np.allclose(vectors.scores(query), rows @ query, atol=1e-3)


def test_scores_of_some_rows_are_those_among_all() -> None:
    rows, query = some(300, 5000), some(1, 5000)[0]
    vectors = Vectors(5000)
    vectors.append(rows)
    asked = np.array([299, 0, 64, 63, 0])

    assert np.allclose(vectors.exact(query, asked), vectors.scores(query)[asked], atol=1e-3)


def test_scores_of_few_rows_of_a_block_are_those_among_all() -> None:
    rows, query = some(2000, 384), some(1, 384)[0]
    vectors = Vectors(384)
    vectors.append(rows)
    asked = np.array([1999, 3, 1024, 1023])

    assert np.allclose(vectors.exact(query, asked), rows[asked] @ query, atol=1e-3)


def test_vectors_can_be_read_while_others_are_added() -> None:
    rows = some(200, 5000)
    vectors = Vectors(5000)
    vectors.append(rows[:100])
    read = vectors.reader()

    vectors.append(rows[100:])

    np.testing.assert_array_equal(read(10, 100), rows[10:100])
