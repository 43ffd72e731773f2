import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from duramen.index.saved import Loaded
from duramen.index.texts import Texts

some_texts = st.lists(st.text(st.characters(), max_size=5))  # lone surrogates too


def texts_of(*batches: list[str]) -> Texts:
    texts = Texts()
    for batch in batches:
        texts.append(batch)
    return texts


@given(some_texts, some_texts)
def test_texts_are_those_that_were_added(first: list[str], second: list[str]) -> None:
    texts = texts_of(first, second)

    assert list(texts) == first + second
    assert len(texts) == len(first + second)
    assert texts.of(np.arange(len(texts))[::-1]) == (first + second)[::-1]
    assert texts[:3] == (first + second)[:3]
    assert [texts[-place] for place in range(1, len(texts) + 1)] == (first + second)[::-1]


@given(st.lists(st.tuples(st.text(max_size=5), st.booleans())))
def test_texts_that_are_kept_stay_in_order(rows: list[tuple[str, bool]]) -> None:
    kept = texts_of([text for text, _ in rows]).kept(np.array([stays for _, stays in rows], dtype=np.bool_))

    assert list(kept) == [text for text, stays in rows if stays]


@given(some_texts, some_texts)
def test_texts_that_were_saved_go_on(first: list[str], second: list[str]) -> None:
    texts = Texts.load(Loaded.of({"ids": texts_of(first).save()})["ids"])

    texts.append(second)

    assert list(texts) == first + second
