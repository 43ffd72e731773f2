import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duramen.errors import BadInputError
from duramen.language.tokens import count_tokens
from duramen.retain.split import split

WORDS = st.sampled_from(
    ["one", "two.", "three!", "\n\n", "\n", "\u6771\u4eac\u90fd\u3002", "q" * 90, "Ada,", "\x0c", "\ud800"]
)
TEXTS = st.one_of(st.text(st.characters(exclude_categories=[])), st.lists(WORDS, max_size=60).map(" ".join))


@given(TEXTS, st.integers(1, 30))
@settings(deadline=None)
def test_pieces_are_the_text_in_order_up_to_whitespace(text: str, max_tokens: int) -> None:
    pieces = split(text, max_tokens)

    position = 0
    for piece in pieces:
        found = text.index(piece, position)
        assert text[position:found].strip() == ""
        position = found + len(piece)
    assert text[position:].strip() == ""


@given(TEXTS, st.integers(1, 30))
@settings(deadline=None)
def test_no_piece_is_blank_or_too_long(text: str, max_tokens: int) -> None:
    pieces = split(text, max_tokens)

    assert all(piece.strip() for piece in pieces)
    assert all(count_tokens(piece) <= max_tokens or len(piece) == 1 for piece in pieces)


@given(st.text(max_size=200))
@settings(deadline=None)
def test_a_text_that_fits_stays_whole(text: str) -> None:
    pieces = split(text, max(1, count_tokens(text)))

    assert pieces == ([text.strip()] if text.strip() else [])


@pytest.mark.parametrize("text", ["", "  ", "\n\n\t"])
def test_a_blank_text_has_no_pieces(text: str) -> None:
    assert split(text) == []


def test_paragraphs_are_kept_whole_before_sentences_are() -> None:
    text = "One two. Three four.\n\nFive six. Seven eight."

    pieces = split(text, max_tokens=7)

    assert pieces == ["One two. Three four.", "Five six. Seven eight."]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    pieces = split('He said "go now!" Then we left. It rained', max_tokens=8)

    assert pieces == ['He said "go now!"', "Then we left. It rained"]


def test_a_long_sentence_is_cut_between_words() -> None:
    pieces = split("one two three four five six seven", max_tokens=3)

    assert pieces == ["one two three", "four five six", "seven"]


def test_text_without_spaces_is_cut_to_size() -> None:
    text = "\u6771\u4eac" * 500

    pieces = split(text, max_tokens=200)

    assert "".join(pieces) == text
    assert [len(piece) for piece in pieces] == [200] * 5


def test_chinese_sentences_are_cut_after_their_full_stop() -> None:
    pieces = split("\u6771\u4eac\u90fd\u3002\u5927\u962a\u5e9c\u3002", max_tokens=5)

    assert pieces == ["\u6771\u4eac\u90fd\u3002", "\u5927\u962a\u5e9c\u3002"]


def test_a_text_of_megabytes_loses_nothing() -> None:
    text = "Ada walked to the harbour. " * 20_000 + "q" * 100_000 + "\n" * 50_000 + "The end."

    pieces = split(text)

    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert pieces[-1].endswith("The end.")


def test_a_size_below_one_is_refused() -> None:
    with pytest.raises(BadInputError, match="at least 1"):
        split("text", 0)
