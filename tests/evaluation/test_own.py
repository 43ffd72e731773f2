import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from duramen.errors import BadInputError
from duramen.evaluation.cases import Case
from duramen.evaluation.reading import read


def cases(path: Path, text: str, name: str = "questions.txt") -> list[Case]:
    file = path / name
    file.write_text(text, encoding="utf-8")
    data = read(file)
    assert data.format == "own"
    return [case for material in data.materials for case in material.cases]


RECORDS: list[dict[str, Any]] = [
    {"question": "Where does Ada live?", "contains": ["Lisbon"], "category": "home", "at": "2025-05-01T10:00:00Z"},
    {"question": "Who visits?", "keys": ["k1", "k2"], "memories": "m1", "bank": "user:bob", "id": "visit", "answer": 3},
    {"question": "What is her shoe size?", "nothing": True},
    {"question": "When was the sale?", "sessions": ["s1"], "nothing": False},
]
CASES = [
    Case(
        question="Where does Ada live?",
        contains=("Lisbon",),
        category="home",
        at=datetime(2025, 5, 1, 10, tzinfo=timezone.utc),
    ),
    Case(question="Who visits?", keys=("k1", "k2"), memories=("m1",), bank="user:bob", id="visit", answer="3"),
    Case(question="What is her shoe size?", nothing=True),
    Case(question="When was the sale?", sessions=("s1",)),
]


def test_questions_are_read_from_a_json_list(tmp_path: Path) -> None:
    assert cases(tmp_path, json.dumps(RECORDS, indent=2)) == CASES


def test_questions_are_read_from_json_lines(tmp_path: Path) -> None:
    assert cases(tmp_path, "\n".join(map(json.dumps, RECORDS))) == CASES


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_questions_are_read_from_a_table(tmp_path: Path, mark: str) -> None:
    rows = [
        ["question", "contains", "keys", "memories", "sessions", "category", "at", "nothing", "bank", "id", "answer"],
        ["Where does Ada live?", "Lisbon", "", "", "", "home", "2025-05-01T10:00:00Z", "", "", "", ""],
        ["Who visits?", "", "k1 | k2", '["m1"]', "", "", "", "", "user:bob", "visit", "3"],
        ["What is her shoe size?", "", "", "", "", "", "", "Yes", "", "", ""],
        ["", "", "", "", "", "", "", "", "", "", ""],
        ["When was the sale?", "", "", "", "s1", "", "", "no", "", "", ""],
    ]
    quoted = [mark.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]

    assert cases(tmp_path, "\r\n".join(quoted)) == CASES


def test_a_list_in_a_cell_may_hold_what_parts_others(tmp_path: Path) -> None:
    text = 'question,contains\nWhat?,"[""a|b"", ""c""]"\n'

    assert cases(tmp_path, text)[0].contains == ("a|b", "c")


def test_what_is_expected_twice_is_expected_once(tmp_path: Path) -> None:
    assert cases(tmp_path, '{"question": "Who?", "keys": ["a", "b", "a"]}')[0].keys == ("a", "b")


@pytest.mark.parametrize(
    ("record", "wrong"),
    [
        ("text", "an object with `question`"),
        ({"keys": ["a"]}, "`question`"),
        ({"question": " ", "keys": ["a"]}, "`question`"),
        ({"question": "Who?"}, "nothing: true"),
        ({"question": "Who?", "keys": []}, "nothing: true"),
        ({"question": "Who?", "keys": ["a"], "nothing": True}, "something is expected"),
        ({"question": "Who?", "nothing": "maybe"}, "true or false"),
        ({"question": "Who?", "keys": 3}, "`keys` is 3"),
        ({"question": "Who?", "contains": [""]}, "none of them blank"),
        ({"question": "Who?", "key": ["a"]}, "Did you mean `keys`?"),
        ({"question": "Who?", "keys": ["a"], "at": "some day"}, "ISO 8601"),
        ({"question": "Who?", "keys": ["a"], "category": ["x"]}, "`category`"),
    ],
)
def test_a_question_that_cannot_be_used_is_an_error_with_file_line_and_reason(
    tmp_path: Path, record: object, wrong: str
) -> None:
    lines = [json.dumps(RECORDS[0]), json.dumps(record)]

    with pytest.raises(BadInputError) as caught:
        cases(tmp_path, "\n".join(lines))

    assert str(caught.value).startswith(f"{tmp_path / 'questions.txt'}, line 2: ")
    assert wrong in str(caught.value)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("query,keys\nWho?,a\n", "line 1: the first row"),
        ("question,keys\nWho?,a,b\n", "line 2: there are 3 cells"),
        ("question,keys\nWho?,a\nWhen?,\n", "line 3: nothing says"),
        ("question,keys\nWho?,[a\n", "line 2: `keys` begins like a JSON list"),
        ("question,nothing\nWho?,perhaps\n", "line 2: `nothing` is 'perhaps'"),
        ("question,keys\n", "holds no questions"),
        ("", "the first row"),
        ("[]", "holds no questions"),
    ],
)
def test_a_table_that_cannot_be_used_is_an_error_with_its_reason(tmp_path: Path, text: str, wrong: str) -> None:
    with pytest.raises(BadInputError) as caught:
        cases(tmp_path, text)

    assert wrong in str(caught.value)
    assert "questions.txt" in str(caught.value)


def test_a_format_that_is_named_is_not_guessed(tmp_path: Path) -> None:
    file = tmp_path / "questions.json"
    file.write_text(json.dumps(RECORDS), encoding="utf-8")

    with pytest.raises(BadInputError, match="LoCoMo format"):
        read(file, format="locomo")
