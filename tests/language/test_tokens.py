import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.language.tokens import count_tokens, count_tokens_batch, encodable, wordpiece


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        (" \n\t", 0),
        ("hello world", 2),
        ("Hello, World!", 4),
        ("caf\u00e9", 1),
        ("\u6771\u4eac", 2),
    ],
)
def test_tokens_are_those_of_the_vocabulary(text: str, expected: int) -> None:
    assert count_tokens(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("\U0001f600", 2), ("\U0001f600\U0001f600 hello", 4), ("q" * 300, 100), ("\ue000\ue001", 2), ("\x00", 1)],
)
def test_what_the_vocabulary_lacks_counts_a_third_of_its_bytes(text: str, expected: int) -> None:
    assert count_tokens(text) == expected


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_can_be_counted(text: str) -> None:
    assert count_tokens(text) >= 0


@given(st.lists(st.text(max_size=20), max_size=8))
def test_a_batch_counts_as_its_texts_do_alone(texts: list[str]) -> None:
    assert count_tokens_batch(texts) == [count_tokens(text) for text in texts]


def test_a_batch_larger_than_one_call_keeps_its_order() -> None:
    texts = ["hello " * (number % 5) for number in range(1_300)]

    counts = count_tokens_batch(texts)

    assert counts == [number % 5 for number in range(1_300)]


def test_a_huge_text_is_counted_whole() -> None:
    assert count_tokens("word " * 100_000) == 100_000


def test_a_lone_surrogate_becomes_a_question_mark_and_the_rest_stays() -> None:
    assert encodable("caf\u00e9 \ud800!") == "caf\u00e9 ?!"


def test_the_shared_tokenizer_is_built_once_and_wraps_a_text() -> None:
    tokenizer = wordpiece()

    encoding = tokenizer.encode("Hello")

    assert wordpiece() is tokenizer
    assert encoding.tokens == ["[CLS]", "hello", "[SEP]"]
    assert tokenizer.truncation is None
    assert tokenizer.padding is None
