from __future__ import annotations

import subprocess
import sys

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from duramen.index.token_codes import WIDTH, decode, encode, shortened, whole_words, worth_comparing

Matrix = npt.NDArray[np.float32]
MODEL = "a model"
DIMENSIONS = (1, 2, 3, 7, 64, WIDTH - 1, WIDTH, WIDTH + 1, 384, 1023)

counts = st.integers(1, 20)
seeds = st.integers(0, 2**32 - 1)
dimensions = st.sampled_from(DIMENSIONS)
unhurried = settings(deadline=None)  # the first of so many dimensions finds their subspace


@st.composite
def unit_rows(draw: st.DrawFn) -> Matrix:
    """Rows of any shape: flat ones, and such as point along an axis."""
    shape = draw(st.tuples(st.integers(1, 6), dimensions))
    drawn = draw(arrays.arrays(np.float32, shape, elements=st.floats(-1, 1, width=32)))
    drawn[np.linalg.norm(drawn, axis=1) < 1e-3, 0] = 1.0
    return scaled(drawn)


def spread(count: int, dimensions: int, *, seed: int = 0) -> Matrix:
    """Return rows as models give them: no axis stands out."""
    return scaled(np.random.default_rng(seed).standard_normal((count, dimensions)).astype(np.float32))


def scaled(rows: Matrix) -> Matrix:
    unit: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def encoded(rows: Matrix, model: str = MODEL) -> bytes:
    return encode(rows, ["word"] * len(rows), model)


@unhurried
@given(unit_rows())
def test_no_number_is_off_by_more_than_half_a_step_of_seven_up_to_the_largest(rows: Matrix) -> None:
    kept = decode([encoded(rows)], MODEL).tokens

    expected = shortened(rows)
    steps = np.abs(expected).max(axis=1, keepdims=True) / 7
    assert (np.abs(kept[:, : expected.shape[1]] - expected) <= 0.51 * steps + 1e-6).all()
    assert not kept[:, expected.shape[1] :].any()


@unhurried
@given(counts, dimensions, seeds)
def test_tokens_point_nearly_where_they_pointed(count: int, dimensions: int, seed: int) -> None:
    rows = spread(count, dimensions, seed=seed)

    kept = decode([encoded(rows)], MODEL).tokens

    expected = shortened(rows)
    cosines = (scaled(kept)[:, : expected.shape[1]] * expected).sum(axis=1)
    assert cosines.min() > 0.97
    assert np.linalg.norm(kept, axis=1) == pytest.approx(1.0, abs=0.15)


@unhurried
@given(seeds, st.sampled_from([n for n in DIMENSIONS if n > WIDTH]))
def test_angles_between_long_tokens_are_kept(seed: int, dimensions: int) -> None:
    common, *others = spread(20, dimensions, seed=seed)
    rows = scaled(np.array([share * common + other for share, other in enumerate(others)]))

    short = shortened(rows)

    off = np.abs(short @ short.T - rows @ rows.T)
    assert short.shape == (len(rows), WIDTH)
    assert np.linalg.norm(short, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert off.max() < 0.4
    assert off.mean() < 0.08


def test_tokens_that_are_short_enough_stay_as_they_are() -> None:
    rows = spread(3, WIDTH)

    assert shortened(rows) == pytest.approx(rows, abs=1e-6)


@unhurried
@given(counts, dimensions)
def test_a_token_takes_two_bytes_and_half_a_byte_a_number(count: int, dimensions: int) -> None:
    size = len(encoded(spread(count, dimensions)))

    assert size == 4 + count * (2 + (min(dimensions, WIDTH) + 1) // 2)
    assert size <= 66 * count + 4


@unhurried
@given(st.lists(st.integers(0, 5), max_size=8), dimensions)
def test_each_memory_gets_its_own_tokens_back(counts: list[int], dimensions: int) -> None:
    texts = [spread(count, dimensions, seed=seed) for seed, count in enumerate(counts)]

    together = decode([encoded(rows) for rows in texts], MODEL)

    assert together.counts.tolist() == counts
    alone = [decode([encoded(rows)], MODEL).tokens for rows in texts if len(rows)]
    assert together.tokens.tolist() == [row for tokens in alone for row in tokens.tolist()]


def test_no_tokens_take_no_bytes() -> None:
    assert encode(np.empty((0, 384), dtype=np.float32), [], MODEL) == b""
    assert encode(np.empty((0, 0), dtype=np.float32), [], MODEL) == b""


@pytest.mark.parametrize("codes", [[], [b""], [b"", b""]])
def test_codes_of_nothing_have_no_tokens(codes: list[bytes]) -> None:
    decoded = decode(codes, MODEL)

    assert decoded.counts.tolist() == [0] * len(codes)
    assert len(decoded.tokens) == 0


def test_codes_of_another_model_have_no_tokens() -> None:
    codes = [encoded(spread(2, 8), "another model"), encoded(spread(3, 8)), b""]

    assert decode(codes, MODEL).counts.tolist() == [0, 3, 0]
    assert decode(codes, "another model").counts.tolist() == [2, 0, 0]
    assert decode(codes, "a third").counts.tolist() == [0, 0, 0]


def test_codes_of_another_format_have_no_tokens() -> None:
    code = encoded(spread(2, 8))
    later = bytes([code[0] + 1]) + code[1:]

    assert decode([later, code], MODEL).counts.tolist() == [0, 2]


def test_codes_of_another_width_than_the_first_have_no_tokens() -> None:
    decoded = decode([encoded(spread(2, 8)), encoded(spread(2, 6))], MODEL)

    assert decoded.counts.tolist() == [2, 0]
    assert decoded.tokens.shape == (2, 8)


def test_only_tokens_worth_comparing_are_kept() -> None:
    rows = spread(4, 8)

    code = encode(rows, ["the", "gui", "##tar", "."], MODEL)

    assert code == encoded(rows[1:3])


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        (["her", "gui", "##tar", "##s", "."], ["her", "guitars", "guitars", "guitars", "."]),
        (["##ing", "##s", "a"], ["ings", "ings", "a"]),
        (["\u2581Her", "\u2581guitar"], ["her", "guitar"]),
        (["\u0120Her", "\u0120GUITAR"], ["her", "guitar"]),
        ([], []),
    ],
)
def test_each_token_belongs_to_a_whole_word(words: list[str], whole: list[str]) -> None:
    assert whole_words(words) == whole


@pytest.mark.parametrize(
    ("words", "worth"),
    [
        (["where", "is", "the", "gui", "##tar", "?"], [False, False, False, True, True, False]),
        (["The", "the", "##ory"], [False, True, True]),
        (["\u2581The", "\u2581guitar", "\u2581"], [False, True, False]),
        (["'", "\u6771", "!", "7"], [False, True, False, True]),
        (["it", "is", "."], [True, True, True]),
        (["?", "!"], [True, True]),
        ([], []),
    ],
)
def test_function_words_and_punctuation_are_left_out_unless_there_is_nothing_else(
    words: list[str], worth: list[bool]
) -> None:
    assert worth_comparing(words).tolist() == worth


_ENCODING = f"""
import numpy as np
from duramen.index.token_codes import encode
rows = np.cos(np.arange(5 * {2 * WIDTH}, dtype=np.float32)).reshape(5, -1)
print(encode(rows, ["word"] * 5, {MODEL!r}).hex())
"""


def test_a_new_process_gives_the_same_codes() -> None:
    printed = subprocess.run([sys.executable, "-c", _ENCODING], capture_output=True, text=True, check=True).stdout

    rows = np.cos(np.arange(5 * 2 * WIDTH, dtype=np.float32)).reshape(5, -1)
    assert printed.strip() == encoded(rows).hex()


def test_the_subspace_never_changes_since_what_is_kept_lies_in_it() -> None:
    along_axes = shortened(np.eye(384, dtype=np.float32))

    assert along_axes[0, :4] == pytest.approx([-0.06532363, 0.0782373, 0.07744993, 0.06925299], abs=1e-4)
    assert along_axes[383, -4:] == pytest.approx([-0.09467512, 0.05572578, -0.10104006, -0.14628267], abs=1e-4)


def test_a_damaged_code_has_no_tokens_and_spoils_no_other() -> None:
    whole = encoded(spread(3, WIDTH))

    decoded = decode([whole[:-1], whole, whole[:3], b"\x01"], MODEL)

    assert decoded.counts.tolist() == [0, 3, 0, 0]
