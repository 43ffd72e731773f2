from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from duramen.curation.editing import marks_before, put_back
from duramen.selecting import FORGOTTEN


@given(st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta"]), min_size=1, max_size=8, unique_by=id), st.data())
def test_what_is_cut_out_is_put_back_in_its_place(words: list[str], data: st.DataObject) -> None:
    numbered = [f"{word}{number}" for number, word in enumerate(words)]
    content = " ".join(numbered)
    marks: dict[str, int] = {}
    left = content
    for word in data.draw(st.permutations(numbered)):
        place = left.index(word)
        mark = marks_before(left, place)
        marks = {other: at + (at >= mark) for other, at in marks.items()}
        marks[word] = mark
        left = left.replace(word, FORGOTTEN, 1)

    for word in data.draw(st.permutations(numbered)):
        mark = marks.pop(word)
        left = put_back(left, mark, word)
        marks = {other: at - (at > mark) for other, at in marks.items()}

    assert left == content


def test_where_nothing_is_cut_out_nothing_is_put_back() -> None:
    assert put_back("as it is", 0, "more") == "as it is"
