import json
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from duramen.conversations import Conversation, load
from duramen.errors import BadInputError

OURS = Path(str(files("duramen") / "demo" / "conversation.json"))


def sample(**changes: Any) -> dict[str, Any]:
    """A small sample; `changes` go into its conversation, `qa` and `sample_id` into itself."""
    conversation = {
        "speaker_a": "Mira",
        "speaker_b": "Otto",
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_1": [said("D1:1", "Mira", "I found a fox."), said("D1:2", "Otto", "Where?")],
        "session_2_date_time": "9:05 am on 3 June, 2023",
        "session_2": [said("D2:1", "Otto", "And the fox?"), said("D2:2", "Mira", "It left on Sunday.")],
    }
    outside: dict[str, Any] = {name: changes.pop(name) for name in ("qa", "sample_id") if name in changes}
    conversation.update(changes)
    return {"sample_id": "small", "conversation": conversation, "qa": [], **outside}


def said(id: str, speaker: str, text: str) -> dict[str, str]:
    return {"dia_id": id, "speaker": speaker, "text": text}


def question(*evidence: str, **fields: Any) -> dict[str, Any]:
    return {"question": "When did it leave?", "answer": "Sunday", "evidence": list(evidence), "category": 2, **fields}


def written(path: Path, data: object) -> Path:
    file = path / "conversations.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    return file


def loaded(path: Path, **changes: Any) -> Conversation:
    (conversation,) = load(written(path, [sample(**changes)]))
    return conversation


def test_a_conversation_has_its_speakers_sessions_and_turns(tmp_path: Path) -> None:
    conversation = loaded(tmp_path)

    assert conversation.name == "small"
    assert conversation.speakers == ("Mira", "Otto")
    assert [session.number for session in conversation.sessions] == [1, 2]
    assert [turn.text for turn in conversation.sessions[1].turns] == ["And the fox?", "It left on Sunday."]


def test_a_turn_is_dated_by_its_session_and_its_place(tmp_path: Path) -> None:
    first, second = loaded(tmp_path).sessions[0].turns

    assert first.at == datetime(2023, 5, 8, 13, 56, tzinfo=timezone.utc)
    assert second.at - first.at == timedelta(seconds=1)


def test_sessions_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    turns = [said("D10:1", "Mira", "Ten.")]

    conversation = loaded(tmp_path, session_10=turns, session_10_date_time="1:00 pm on 2 July, 2023")

    assert [session.number for session in conversation.sessions] == [1, 2, 10]


def test_an_empty_session_is_left_out(tmp_path: Path) -> None:
    conversation = loaded(tmp_path, session_2=[])

    assert [session.number for session in conversation.sessions] == [1]


def test_the_caption_of_a_picture_stands_for_a_missing_text_and_nothing_else(tmp_path: Path) -> None:
    turns = [
        {**said("D1:1", "Mira", ""), "blip_caption": "a photo of a fox"},
        {**said("D1:2", "Otto", "Lovely!"), "blip_caption": "a photo of a hedge"},
        {**said("D1:3", "Mira", " "), "img_url": ["https://example.org/1.jpg"]},
    ]

    conversation = loaded(tmp_path, session_1=turns)

    assert [(turn.id, turn.text) for turn in conversation.sessions[0].turns] == [
        ("D1:1", "a photo of a fox"),
        ("D1:2", "Lovely!"),
    ]


def test_a_turn_without_an_id_is_named_by_its_place(tmp_path: Path) -> None:
    conversation = loaded(tmp_path, session_1=[{"speaker": "Mira", "text": "Hi."}])

    assert conversation.sessions[0].turns[0].id == "D1:1"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["D1:1; D2:2"], ("D1:1", "D2:2")),
        (["D1:1 D2:2"], ("D1:1", "D2:2")),
        (["D:2:1"], ("D2:1",)),
        (["D02:02"], ("D2:2",)),
        (["D2:01"], ("D2:1",)),
        (["D", "D1:2"], ("D1:2",)),
        (["D1:2", "D9:9"], ("D1:2",)),
        (["D1:2", "D1:2"], ("D1:2",)),
    ],
)
def test_evidence_is_mended_where_it_can_be(tmp_path: Path, given: list[str], meant: tuple[str, ...]) -> None:
    conversation = loaded(tmp_path, qa=[question(*given)])

    assert [one.evidence for one in conversation.questions] == [meant]
    assert (conversation.repaired, conversation.dropped) == (1, 0)


def test_sound_evidence_counts_as_no_repair(tmp_path: Path) -> None:
    conversation = loaded(tmp_path, qa=[question("D2:2", "D1:1")])

    assert conversation.questions[0].evidence == ("D2:2", "D1:1")
    assert conversation.repaired == 0


@pytest.mark.parametrize("evidence", [[], ["D"], ["D9:9"]])
def test_a_question_whose_evidence_names_no_turn_is_left_out_and_counted(tmp_path: Path, evidence: list[str]) -> None:
    conversation = loaded(tmp_path, qa=[question(*evidence), question("D2:2")])

    assert [one.evidence for one in conversation.questions] == [("D2:2",)]
    assert (conversation.repaired, conversation.dropped) == (0, 1)


def test_an_answer_is_text_or_none(tmp_path: Path) -> None:
    unanswerable = {"question": "Why?", "evidence": ["D1:1"], "category": 5, "adversarial_answer": "Hunger"}

    conversation = loaded(tmp_path, qa=[question("D1:1", answer=2022), unanswerable])

    assert [(one.answer, one.category) for one in conversation.questions] == [("2022", 2), (None, 5)]


def test_one_sample_outside_a_list_is_read_too(tmp_path: Path) -> None:
    assert [one.name for one in load(written(tmp_path, sample()))] == ["small"]


def test_a_sample_without_a_name_is_named_by_its_place(tmp_path: Path) -> None:
    assert loaded(tmp_path, sample_id=None).name == "sample-0"


def test_the_conversation_that_ships_is_read_whole() -> None:
    conversations = {one.name: one for one in load(OURS)}

    assert {name: len(one.sessions) for name, one in conversations.items()} == {"ines": 10, "dilan": 8}
    assert all(one.repaired == 0 for one in conversations.values())
    assert all(one.speakers[1] == "Sage" for one in conversations.values())


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"speaker_a": " "}, "speaker_a"),
        ({"session_1": "text"}, "session_1"),
        ({"session_1": ["text"]}, "turn 1"),
        ({"session_1": [{"text": "Who?"}]}, "speaker"),
        ({"session_1_date_time": None}, "session_1_date_time"),
        ({"session_1_date_time": "some day"}, "some day"),
        ({"session_1_date_time": "8 May"}, "no year"),
        ({"session_1": [said("D1:1", "Mira", "a"), said("D1:1", "Otto", "b")]}, "same `dia_id`"),
        ({"session_1": [], "session_2": []}, "session_1"),
        ({"qa": {}}, "qa"),
        ({"qa": ["Why?"]}, "question 0"),
        ({"qa": [question("D1:1", category="2")]}, "category"),
        ({"qa": [question("D1:1", category=True)]}, "category"),
        ({"qa": [question("D1:1", question="")]}, "question"),
        ({"qa": [question(evidence="D1:1")]}, "evidence"),
    ],
)
def test_another_shape_is_an_error_that_says_where(tmp_path: Path, changes: dict[str, Any], where: str) -> None:
    with pytest.raises(BadInputError) as caught:
        loaded(tmp_path, **changes)

    assert where in str(caught.value)
    assert "sample 0" in str(caught.value)


@pytest.mark.parametrize("data", [[], {}, "text", 7, [1], [{}], {"conversation": []}])
def test_json_of_another_kind_is_an_error(tmp_path: Path, data: object) -> None:
    with pytest.raises(BadInputError, match="LoCoMo format"):
        load(written(tmp_path, data))


def test_two_samples_of_one_name_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="small"):
        load(written(tmp_path, [sample(), sample()]))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000])
def test_a_file_that_is_not_json_is_an_error(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file.json"
    file.write_bytes(content)

    with pytest.raises(BadInputError, match=r"file\.json is not"):
        load(file)


def test_a_file_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"none\.json cannot be read"):
        load(tmp_path / "none.json")
