from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from duramen.errors import BadInputError
from duramen.evaluation.cases import Material
from duramen.evaluation.reading import read
from tests.evaluation.talk import haystack, written


def materials(path: Path, *records: object) -> list[Material]:
    data = read(written(path / "haystacks.json", list(records)))
    assert data.format == "longmemeval"
    return list(data.materials)


def test_each_question_has_a_bank_of_its_own_that_may_be_forgotten(tmp_path: Path) -> None:
    first, second = materials(tmp_path, haystack("q1"), haystack("q2"))

    assert (first.bank, second.bank) == ("q1", "q2")
    assert first.passing
    assert [(item.key, item.session) for item in first.items] == [
        ("s1_1", "s1"),
        ("s1_2", "s1"),
        ("s2_1", "s2"),
        ("s2_2", "s2"),
    ]
    assert first.items[0].occurred == datetime(2024, 5, 4, 10, tzinfo=timezone.utc)
    assert first.items[0].content == [{"role": "user", "content": "I bought a kiln for the shed."}]


def test_a_question_expects_its_sessions_and_the_turns_that_have_the_answer(tmp_path: Path) -> None:
    (material,) = materials(tmp_path, haystack("q1"))

    (case,) = material.cases
    assert (case.id, case.category, case.answer) == ("q1", "single-session-user", "a kiln")
    assert (case.sessions, case.keys, case.nothing) == (("s1",), ("s1_1",), False)
    assert case.at == datetime(2024, 5, 20, 12, tzinfo=timezone.utc)


def test_an_abstention_question_expects_nothing(tmp_path: Path) -> None:
    (material,) = materials(tmp_path, haystack("q1_abs"))

    (case,) = material.cases
    assert case.nothing
    assert (case.sessions, case.keys) == ((), ())


def test_turns_without_text_are_left_out_and_keep_the_places_of_the_others(tmp_path: Path) -> None:
    session = [{"role": "user", "content": " "}, {"role": "user", "content": "Hello.", "has_answer": True}]

    (material,) = materials(tmp_path, haystack("q1", haystack_sessions=[session, []]))

    assert [item.key for item in material.items] == ["s1_2"]
    assert material.cases[0].keys == ("s1_2",)


def test_a_session_that_is_there_twice_has_keys_of_its_own_each_time(tmp_path: Path) -> None:
    (material,) = materials(tmp_path, haystack("q1", haystack_session_ids=["s1", "s1"]))

    assert len({item.key for item in material.items}) == 4
    assert {item.session for item in material.items} == {"s1"}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"question_id": ""}, "question_id"),
        ({"question": None}, "question"),
        ({"question_type": 3}, "question_type"),
        ({"question_date": "some day"}, "some day"),
        ({"haystack_dates": ["2024/05/04 (Sat) 10:00"]}, "1 dates"),
        ({"haystack_sessions": ["a", "b"]}, "list of turns"),
        ({"haystack_sessions": [["a"], []]}, "object"),
        ({"haystack_sessions": [[{"role": "user"}], []]}, "`content`"),
        ({"answer_session_ids": "s1"}, "answer_session_ids"),
    ],
)
def test_another_shape_is_an_error_that_says_where(tmp_path: Path, changes: dict[str, Any], wrong: str) -> None:
    with pytest.raises(BadInputError) as caught:
        materials(tmp_path, haystack("q1"), haystack("q2", **changes))

    assert wrong in str(caught.value)
    assert "haystacks.json, line 1" in str(caught.value)


def test_two_questions_of_one_id_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="another question"):
        materials(tmp_path, haystack("q1"), haystack("q1"))


def test_records_are_read_when_they_are_needed(tmp_path: Path) -> None:
    data = read(written(tmp_path / "haystacks.json", [haystack("q1"), {"haystack_sessions": "broken"}]))

    assert next(iter(data.materials)).bank == "q1"
