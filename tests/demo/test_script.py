from datetime import datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path

import pytest

from duramen.conversations import Conversation, SessionRecord, Turn, load
from duramen.demo.script import FOREIGN, askings, bank, exchanges, runtime_session

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
OURS = load(Path(str(files("duramen") / "demo" / "conversation.json")))


def session(*speakers: str) -> SessionRecord:
    turns = [
        Turn(f"D1:{place}", speaker, f"{speaker} {place}", NOON + timedelta(seconds=place - 1))
        for place, speaker in enumerate(speakers, start=1)
    ]
    return SessionRecord(1, NOON, tuple(turns))


def test_a_question_and_its_answer_are_one_exchange() -> None:
    (first, second) = exchanges(session("Ann", "Bo", "Ann", "Bo"), "Ann")

    assert (first.prompt, first.reply) == ("Ann 1", "Bo 2")
    assert (second.asked, second.answered) == (("D1:3",), ("D1:4",))
    assert second.at == NOON + timedelta(seconds=2)


def test_what_one_speaker_says_in_several_turns_is_put_together() -> None:
    (first, second) = exchanges(session("Ann", "Ann", "Bo", "Bo", "Ann", "Bo"), "Ann")

    assert (first.prompt, first.reply) == ("Ann 1\nAnn 2", "Bo 3\nBo 4")
    assert (first.asked, first.answered) == (("D1:1", "D1:2"), ("D1:3", "D1:4"))
    assert first.at == NOON
    assert (second.prompt, second.reply) == ("Ann 5", "Bo 6")


def test_a_session_may_begin_and_end_with_either_speaker() -> None:
    opened, last = exchanges(session("Bo", "Ann"), "Ann")

    assert (opened.prompt, opened.reply) == ("", "Bo 1")
    assert (last.prompt, last.reply) == ("Ann 2", "")


@pytest.mark.parametrize("conversation", OURS, ids=lambda conversation: conversation.name)
def test_every_turn_is_in_one_exchange_of_its_own_name(conversation: Conversation) -> None:
    for one in conversation.sessions:
        pairs = exchanges(one, conversation.speakers[0])

        assert [id for pair in pairs for id in (*pair.asked, *pair.answered)] == [turn.id for turn in one.turns]
        assert len({pair.id for pair in pairs}) == len(pairs)


def test_each_session_has_a_runtime_id_of_its_own_which_a_second_demo_finds_again() -> None:
    ids = [runtime_session(one, session.number) for one in OURS for session in one.sessions]

    assert len(set(ids)) == len(ids)
    assert ids[0] == runtime_session(OURS[0], 1)


def test_each_conversation_has_a_bank_of_its_own() -> None:
    assert [bank(one) for one in OURS] == ["user:ines:agent:sage", "user:dilan:agent:sage"]


@pytest.mark.parametrize("count", [1, 2, 8, 13])
def test_as_many_questions_as_wanted_are_asked_of_each_conversation(count: int) -> None:
    chosen = askings(OURS, count)

    assert [sum(one.conversation == place for one in chosen) for place in (0, 1)] == [count, count]
    assert len({(one.conversation, one.text) for one in chosen}) == len(chosen)


def test_the_questions_are_mixed_and_one_is_about_another_user() -> None:
    sorts = [one.sort for one in askings(OURS, 8) if one.conversation == 0]

    assert sorts == ["multi-hop"] * 2 + ["temporal"] * 2 + ["single-hop"] * 2 + ["open", FOREIGN]


def test_a_question_about_another_user_expects_nothing() -> None:
    foreign = next(one for one in askings(OURS, 8) if one.sort == FOREIGN)

    assert foreign.expected.startswith("nothing (Dilan: ")
    assert foreign.evidence == ()


def test_a_conversation_alone_is_asked_only_about_itself() -> None:
    sorts = [one.sort for one in askings(OURS[:1], 8)]

    assert len(sorts) == 8
    assert FOREIGN not in sorts


def test_no_more_questions_are_asked_than_there_are() -> None:
    few = Conversation("few", ("Ann", "Bo"), (session("Ann"),), OURS[0].questions[:3], 0, 0)

    assert [one.text for one in askings([few], 8)] == [one.text for one in few.questions]
