"""The demo end to end: real processes, a cut-down copy of the conversation that ships, parts that load no model."""

import json
import re
import shlex
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import duramen
from duramen.cli import app
from duramen.conversations import load
from duramen.demo.parts import Job, open_memory
from duramen.demo.replay import ask, replay
from duramen.demo.script import FOREIGN, askings, bank, runtime_session
from duramen.errors import DuramenError

SESSIONS = 2


def cut_down() -> list[dict[str, Any]]:
    """The first sessions of each user, with the questions that they answer."""
    samples = json.loads((files("duramen") / "demo" / "conversation.json").read_text(encoding="utf-8"))
    for sample in samples:
        kept = [f"session_{number}{end}" for number in range(1, SESSIONS + 1) for end in ("", "_date_time")]
        conversation = sample["conversation"]
        sample["conversation"] = {name: conversation[name] for name in ("speaker_a", "speaker_b", *kept)}
        said = {turn["dia_id"] for name in kept[::2] for turn in conversation[name]}
        sample["qa"] = [one for one in sample["qa"] if one["evidence"] and said.issuperset(one["evidence"])]
    return samples  # type: ignore[no-any-return]  # as `json` read it


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("data") / "conversation.json"
    file.write_text(json.dumps(cut_down()), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "memory"


@pytest.fixture(scope="module")
def shown(data: Path, directory: Path) -> Result:
    arguments = ["demo", "--data", str(data), "--directory", str(directory), "--questions", "4", "--fast"]
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def job(data: Path, directory: Path, shown: Result) -> Job:
    """The memory that the demo left behind."""
    return Job(data=str(data), address=str(directory), fast=True, questions=4)


def test_the_demo_ends_well(shown: Result) -> None:
    assert shown.exit_code == 0, shown.output
    assert shown.stderr == ""


def test_every_turn_is_retained_once_with_its_own_time_and_session(job: Job) -> None:
    conversations = load(job.data)

    with duramen.SyncMemoryEngine(open_memory(job.address, fast=True)) as memory:
        kept = {one.name: memory.events(bank(one), limit=1000).items for one in conversations}

    for one in conversations:
        turns = [(turn.text, session) for session in one.sessions for turn in session.turns]
        sessions = {runtime_session(one, session.number): session for session in one.sessions}
        assert sorted(event.content for event in kept[one.name]) == sorted(text for text, _ in turns)
        assert {event.session for event in kept[one.name]} == set(sessions)
        assert all(event.mentioned.date() == sessions[str(event.session)].at.date() for event in kept[one.name])


def test_later_sessions_begin_with_what_earlier_processes_left(shown: Result) -> None:
    assert f"carried over {2 * (SESSIONS - 1)} of {2 * (SESSIONS - 1)} later sessions" in squeezed(shown.stdout)


def test_a_question_is_shown_with_its_answer_and_the_hits_with_date_score_and_arms(shown: Result, job: Job) -> None:
    (first, *_) = askings(load(job.data), 4)

    text = squeezed(shown.stdout)

    assert f"Ines, {first.sort}: {first.text}" in text
    assert f"expected: {squeezed(first.expected)}" in text
    assert re.search(r" 1 0\.\d\d 2026-0\d-\d\d \S+ \[\w+ \d+", text)
    assert "holds the answer" in text


def test_the_summary_counts_what_was_found_and_that_nothing_crossed(shown: Result) -> None:
    text = squeezed(shown.stdout)

    assert re.search(r"found [1-6] of 6 questions have a turn with the answer", text)
    assert re.search(r"kept apart 0 of [1-9]\d* recalled lines belong to another user", text)


def test_the_command_to_try_next_works(shown: Result) -> None:
    command = shown.stdout.strip().splitlines()[-1]

    assert command.strip().startswith("duramen recall ")
    asked = CliRunner().invoke(app, shlex.split(command)[1:])

    assert asked.exit_code == 0
    assert asked.stdout.strip()


def test_without_a_terminal_there_are_no_control_characters(shown: Result) -> None:
    assert set(re.findall(r"[\x00-\x1f\x7f]", shown.stdout)) == {"\n"}
    assert "turns retained" in shown.stdout


async def test_a_second_demo_on_the_same_memory_keeps_nothing_twice(job: Job) -> None:
    conversations = load(job.data)
    turns: list[int] = []

    lived = await replay(conversations, job, lambda _, count: turns.append(count))

    assert [(one.conversation, one.session) for one in lived] == [(0, 1), (0, 2), (1, 1), (1, 2)]
    assert sum(turns) == sum(one.turns for one in lived)
    assert all(one.kept == one.turns for one in lived)


async def test_a_question_about_another_user_recalls_none_of_that_users_turns(job: Job) -> None:
    chosen = askings(load(job.data), 4)

    answers = await ask(job)

    assert [answer.place for answer in answers] == list(range(len(chosen)))
    foreign = [answer for answer in answers if chosen[answer.place].sort == FOREIGN]
    assert len(foreign) == 2
    assert not any(line.crossed for answer in foreign for line in answer.lines)


async def test_a_memory_in_the_wrong_bank_is_counted_as_crossed(job: Job, tmp_path: Path) -> None:
    conversations = load(job.data)
    ines, dilan = (one.sessions[0].turns[0].text for one in conversations)
    elsewhere = Job(data=job.data, address=str(tmp_path / "memory"), fast=True, questions=1)
    async with open_memory(elsewhere.address, fast=True) as memory:
        await memory.retain(bank(conversations[0]), ines, metadata={"user_id": "ines"})
        await memory.retain(bank(conversations[0]), dilan, metadata={"user_id": "ines"})

    answers = await ask(elsewhere)

    crossed = {line.text: line.crossed for line in answers[0].lines}
    assert crossed == {ines: False, dilan: True}


async def test_a_process_that_fails_ends_the_demo_with_what_it_said(job: Job, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    elsewhere = Job(data=job.data, address=str(blocked), fast=True)

    with pytest.raises(DuramenError, match=str(blocked)):
        await replay(load(job.data), elsewhere, lambda _place, _turns: None)


async def test_two_people_may_talk_in_any_order(tmp_path: Path) -> None:
    speakers = ["Bo", "Ann", "Ann", "Bo", "Bo", "Ann"]
    turns = [
        {"dia_id": f"D1:{place}", "speaker": speaker, "text": f"Remark {place} about foxes."}
        for place, speaker in enumerate(speakers, start=1)
    ]
    talk = {"speaker_a": "Ann", "speaker_b": "Bo", "session_1": turns, "session_1_date_time": "1:00 pm on 2 July, 2023"}
    asked = [{"question": "What about foxes?", "answer": "6", "evidence": ["D1:6"], "category": 4}]
    file = tmp_path / "talk.json"
    file.write_text(json.dumps([{"sample_id": "talk", "conversation": talk, "qa": asked}]))
    job = Job(data=str(file), address=str(tmp_path / "memory"), fast=True, questions=1)

    (lived,) = await replay(load(file), job, lambda _place, _turns: None)
    (answer,) = await ask(job)

    assert (lived.turns, lived.kept) == (6, 4)
    assert {turn for line in answer.lines for turn in line.turns} == {f"D1:{place}" for place in range(1, 7)}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--questions", "0"], "--questions is 0"),
        (["--data", "none.json"], "none.json cannot be read"),
    ],
)
def test_what_cannot_be_played_is_one_clear_line(arguments: list[str], complaint: str) -> None:
    refused = CliRunner().invoke(app, ["demo", *arguments, "--fast"])

    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: ")
    assert complaint in refused.stderr


def squeezed(text: str) -> str:
    return " ".join(text.split())
