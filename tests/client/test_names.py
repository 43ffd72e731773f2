from __future__ import annotations

from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from duramen.client.names import document_of, meant, position_in, safe, segment

NAMES = st.text(st.sampled_from("ab/#%25F23.f") | st.characters(exclude_categories=["Cs"]), max_size=12)


@given(NAMES, NAMES)
def test_no_two_names_become_alike(one: str, other: str) -> None:
    assert (safe(one) == safe(other)) == (one == other)


@given(NAMES)
def test_a_safe_name_can_be_read_back_and_holds_nothing_unsafe(name: str) -> None:
    assert meant(safe(name)) == name
    assert not set("/#") & set(safe(name))


@given(NAMES, st.integers(0, 10_000), NAMES, st.integers(0, 10_000))
def test_a_document_belongs_to_one_place_of_one_key(key: str, place: int, other: str, elsewhere: int) -> None:
    same = (key, place) == (other, elsewhere)

    assert (document_of(key, place) == document_of(other, elsewhere)) == same
    assert position_in(document_of(key, place)) == place


def test_an_overlong_key_has_a_document_of_a_bounded_name() -> None:
    names = {document_of("k" * 2000, 0), document_of("k" * 2001, 0), document_of("k" * 2000, 1)}

    assert len(names) == 3
    assert max(map(len, names)) < 100


@given(NAMES.filter(bool))
def test_a_segment_is_one_segment(name: str) -> None:
    assert unquote(segment(name)) == name
    assert "/" not in segment(name)
    assert segment(name) not in (".", "..")
