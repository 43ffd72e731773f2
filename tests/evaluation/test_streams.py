import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.errors import BadInputError
from duramen.evaluation.streams import values

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def read(path: Path, text: str) -> list[tuple[int, object]]:
    file = path / "values.json"
    file.write_text(text, encoding="utf-8")
    return list(values(file))


@given(listed=st.lists(anything, max_size=6), indent=st.none() | st.integers(0, 3))
def test_a_list_is_read_element_by_element(
    tmp_path_factory: pytest.TempPathFactory, listed: list[object], indent: int | None
) -> None:
    path = tmp_path_factory.mktemp("values")

    assert [value for _, value in read(path, json.dumps(listed, indent=indent))] == listed


def test_lines_are_read_one_by_one_with_their_numbers(tmp_path: Path) -> None:
    assert read(tmp_path, '{"a": 1}\n\n  {"b":\n 2}\n{"c": 3}') == [(1, {"a": 1}), (3, {"b": 2}), (5, {"c": 3})]


def test_records_longer_than_what_is_read_at_once_come_whole(tmp_path: Path) -> None:
    records = [{"text": letter * 1_500_000} for letter in "abc"]

    assert [value for _, value in read(tmp_path, json.dumps(records))] == records


def test_a_number_may_stand_at_the_end_of_what_is_read_at_once(tmp_path: Path) -> None:
    text = "[" + " " * (2**20 - 3) + "12345]"

    assert read(tmp_path, text) == [(1, 12345)]


def test_a_byte_order_mark_and_an_empty_file_are_no_matter(tmp_path: Path) -> None:
    assert read(tmp_path, '\ufeff[{"a": 1}]') == [(1, {"a": 1})]
    assert read(tmp_path, "") == []
    assert read(tmp_path, " [ ] ") == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[", 1),
        ("[1\n2]", 2),
        ("[1,\n]", 2),
        ("[1]\nx", 2),
        ("[1", 1),
        ('{"a": 1}\n{"b": }', 2),
        ('{"a":\n1,}', 2),
        ("[" * 100_000, 1),
        ("nonsense", 1),
    ],
)
def test_what_is_not_json_is_an_error_that_names_the_line(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(BadInputError) as caught:
        read(tmp_path, text)

    assert f"line {line}" in str(caught.value)
    assert "values.json" in str(caught.value)


def test_a_file_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"none\.json cannot be read"):
        list(values(tmp_path / "none.json"))


def test_a_file_that_is_not_utf8_is_an_error_that_says_so(tmp_path: Path) -> None:
    file = tmp_path / "latin.json"
    file.write_bytes('["é"]'.encode("latin-1"))

    with pytest.raises(BadInputError, match="not UTF-8"):
        list(values(file))
