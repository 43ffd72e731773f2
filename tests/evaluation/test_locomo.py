from datetime import datetime, timezone
from pathlib import Path

from duramen.evaluation.reading import read
from tests.evaluation.talk import LOCOMO, written


def test_each_conversation_is_a_bank_with_an_item_for_each_turn(tmp_path: Path) -> None:
    data = read(written(tmp_path / "talk.json", LOCOMO))

    materials = list(data.materials)
    assert data.format == "locomo"
    assert [material.bank for material in materials] == ["kiln", "choir", ""]
    assert [(item.key, item.session, item.actor) for item in materials[0].items] == [
        ("D1:1", "1", "Runa"),
        ("D1:2", "1", "Pavel"),
        ("D2:1", "2", "Runa"),
    ]


def test_questions_expect_the_turns_of_their_evidence_at_the_time_of_the_last_session(tmp_path: Path) -> None:
    materials = list(read(written(tmp_path / "talk.json", LOCOMO)).materials)

    cases = materials[0].cases
    assert [(case.category, case.keys, case.nothing) for case in cases] == [
        ("multi-hop", ("D1:1", "D2:1"), False),
        ("single-hop", ("D2:1",), False),
        ("adversarial", ("D1:2",), True),
    ]
    assert {case.at for case in cases} == {datetime(2024, 5, 11, 18, 30, tzinfo=timezone.utc)}


def test_every_question_is_asked_to_the_bank_of_another_conversation_too(tmp_path: Path) -> None:
    *_, strangers = read(written(tmp_path / "talk.json", LOCOMO)).materials

    assert [(case.bank, case.question) for case in strangers.cases] == [
        ("choir", "What cracked?"),
        ("choir", "What is the kiln for, and what broke?"),
        ("choir", "When did Runa's bicycle break?"),
        ("kiln", "Where does the choir sing?"),
    ]
    assert all(case.nothing and not case.expected and case.category == "wrong bank" for case in strangers.cases)


def test_a_single_conversation_has_no_wrong_bank(tmp_path: Path) -> None:
    *_, strangers = read(written(tmp_path / "talk.json", LOCOMO[0])).materials

    assert strangers.cases == []


def test_the_notes_say_what_was_left_out_and_mended(tmp_path: Path) -> None:
    notes = " ".join(read(written(tmp_path / "talk.json", LOCOMO)).notes)

    assert "1 question was left out" in notes
    assert "1 question has evidence that had to be mended" in notes
