"""Texts are kept so that they come back as they were, in the same order, and so that none holds what sets banks apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from duramen.stores.postgres.texts import SEPARATOR, read, written

TEXTS = st.text(st.sampled_from("\0\x01\x02\x03\x04\x1e\x1f ab'\\\"é𝄞")) | st.text(st.characters(codec="utf-8"))


@given(TEXTS)
def test_what_is_written_is_read(text: str) -> None:
    assert read(written(text)) == text


@given(TEXTS)
def test_nothing_that_is_written_holds_nul_or_the_separator(text: str) -> None:
    assert not {"\0", SEPARATOR} & set(written(text))


@given(TEXTS, TEXTS)
def test_two_texts_are_never_written_alike_and_stay_in_order(one: str, other: str) -> None:
    assert (written(one) == written(other)) == (one == other)
    if SEPARATOR not in one + other:
        assert (written(one) < written(other)) == (one < other)
