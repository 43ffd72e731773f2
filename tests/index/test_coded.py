import numpy as np
import numpy.typing as npt
import pytest

from duramen.index.coded import BLOCK, KEPT, CodedVectors, encoder, saved
from duramen.index.saved import Loaded
from duramen.index.vectors import Vectors

Matrix = npt.NDArray[np.float32]


def unit(rows: int, dimensions: int = 96, seed: int = 0) -> Matrix:
    """Return unit vectors that differ more in some directions than in others, as those of real texts do."""
    random = np.random.default_rng(seed)
    spread = 1.0 / np.sqrt(np.arange(1, dimensions + 1))
    vectors = random.standard_normal((rows, dimensions)) * spread + 0.05
    unit: Matrix = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


def coded(rows: Matrix) -> CodedVectors:
    vectors = Vectors(rows.shape[1])
    vectors.append(rows)
    parts = saved(len(rows), rows.shape[1], encoder(vectors.reader()))
    return CodedVectors.load(Loaded.of({"vectors": parts})["vectors"], len(rows))


def test_looking_at_some_rows_gives_their_cosines() -> None:
    rows, query = unit(5000), unit(1, seed=1)[0]
    asked = np.array([4999, 0, BLOCK - 1, BLOCK, 17, 17])

    found = coded(rows).exact(query, asked)

    np.testing.assert_allclose(found, rows[asked] @ query, atol=5e-5)
    assert found.dtype == np.float32


def test_scanning_all_rows_gives_about_their_cosines() -> None:
    rows, query = unit(5000), unit(1, seed=1)[0]
    vectors = coded(rows)

    scores = vectors.scores(query)

    errors = scores - rows @ query
    assert scores.shape == (5000,)
    assert np.abs(errors).max() < 0.2
    assert abs(errors.mean()) < 0.01
    assert not vectors.is_exact


def test_the_nearest_are_among_the_best_of_the_scan() -> None:
    rows = unit(20_000)
    vectors = coded(rows)

    for query in unit(20, seed=1):
        nearest = np.argsort(-(rows @ query))[:10]
        first = np.argsort(-vectors.scores(query))[:400]
        assert set(nearest) <= set(first)


def test_vectors_of_few_dimensions_are_scanned_exactly() -> None:
    rows, query = unit(100, KEPT), unit(1, KEPT, seed=1)[0]

    np.testing.assert_allclose(coded(rows).scores(query), rows @ query, atol=1e-4)


@pytest.mark.parametrize("steps", [[1], [BLOCK], [1000, 3096, 1, 5000]])
def test_rows_added_later_are_found_like_the_others(steps: list[int]) -> None:
    rows, query = unit(3000 + sum(steps), KEPT), unit(1, KEPT, seed=1)[0]
    vectors = coded(rows[:3000])

    for step in steps:
        vectors.append(rows[len(vectors) : len(vectors) + step])

    every = np.arange(len(rows))
    np.testing.assert_allclose(vectors.scores(query), rows @ query, atol=1e-4)
    np.testing.assert_allclose(vectors.exact(query, every), rows @ query, atol=5e-5)


def test_rows_that_are_kept_are_found_and_the_others_are_gone() -> None:
    rows, query = unit(9000, KEPT), unit(1, KEPT, seed=1)[0]
    mask = np.random.default_rng(3).random(9000) < 0.5

    kept = coded(rows).kept(mask)

    np.testing.assert_allclose(kept.scores(query), rows[mask] @ query, atol=1e-4)
    np.testing.assert_allclose(kept.exact(query, np.arange(len(kept))), rows[mask] @ query, atol=5e-5)


def test_saving_again_gives_the_same_codes() -> None:
    vectors = coded(unit(5000))

    again = CodedVectors.load(Loaded.of({"vectors": vectors.save()})["vectors"], 5000)

    before, after = vectors.coded_reader()(0, 5000), again.coded_reader()(0, 5000)
    np.testing.assert_array_equal(before[0], after[0])
    np.testing.assert_array_equal(before[1], after[1])


def test_a_vector_of_nothing_scores_nothing() -> None:
    rows = np.zeros((3, KEPT), dtype=np.float32)

    vectors = coded(rows)

    assert vectors.exact(np.ones(KEPT, dtype=np.float32), np.arange(3)).tolist() == [0.0, 0.0, 0.0]


def test_a_query_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a query of shape \(4,\)"):
        coded(unit(10)).scores(np.ones(4, dtype=np.float32))
