"""Recorded conversations: files in the format of LoCoMo, for the demo and the benchmarks.

A file is a JSON list of samples. A sample has `sample_id`, `conversation` (`speaker_a`, `speaker_b`, and for each
session `session_N`, a list of turns, with `session_N_date_time`) and `qa`, questions with the ids of the turns that
hold the answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from os import PathLike
from pathlib import Path
from typing import Any

from dateutil import parser

from duramen.errors import BadInputError
from duramen.times import aware

_SESSION = re.compile(r"session_([1-9]\d{0,5})")
_TURN_ID = re.compile(r"D\s*:?\s*(\d{1,6})\s*:\s*(\d{1,6})")
_NO_YEAR = datetime(1, 1, 1)  # noqa: DTZ001  what `dateutil` fills gaps from; made aware afterwards


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said.

    Attributes:
        id: As the evidence of questions names it, `D{session}:{turn}`.
        at: The time of its session plus one second for each turn before it; aware.
    """

    id: str
    speaker: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One sitting: its number in the file, when it began (aware), and its turns in order, at least one."""

    number: int
    at: datetime
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a conversation.

    Attributes:
        answer: None where the conversation does not answer it.
        evidence: Ids of the turns to be found, each once and each a turn of the conversation; never empty.
        category: 1 multi-hop, 2 temporal, 3 open inference, 4 single-hop, 5 unanswerable.
    """

    text: str
    answer: str | None
    evidence: tuple[str, ...]
    category: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """All sessions of two speakers, by their number, at least one.

    Attributes:
        speakers: `speaker_a` and `speaker_b`.
        repaired: How many of `questions` have evidence that had to be mended.
        dropped: How many questions were left out because their evidence is empty or names no turn.
    """

    name: str
    speakers: tuple[str, str]
    sessions: tuple[SessionRecord, ...]
    questions: tuple[Question, ...]
    repaired: int
    dropped: int


def load(path: str | PathLike[str]) -> list[Conversation]:
    """Read the conversations of a file in the LoCoMo format.

    Turns without text are left out; the caption of a shared picture stands for the text where there is none.

    Raises:
        BadInputError: The file cannot be read or has another shape; the message says where.
    """
    file = Path(path)
    samples = _json(file)
    if isinstance(samples, Mapping):
        samples = [samples]
    if not isinstance(samples, list) or not samples:
        raise BadInputError(f"{file} holds no samples. Give a JSON list of samples in the LoCoMo format.")
    places = [_Place(file, f"sample {number}") for number in range(len(samples))]
    conversations = [_conversation(place, sample) for place, sample in zip(places, samples, strict=True)]
    names: set[str] = set()
    for place, conversation in zip(places, conversations, strict=True):
        if conversation.name in names:
            raise place.wrong(f"another sample is named {conversation.name!r} too.")
        names.add(conversation.name)
    return conversations


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a file we are, for the messages of errors."""

    file: Path
    where: str

    def inside(self, name: str) -> _Place:
        return _Place(self.file, f"{self.where}, {name}")

    def wrong(self, what: str) -> BadInputError:
        return BadInputError(f"{self.file}, {self.where}: {what} This is not the LoCoMo format.")

    def field(self, record: object, name: str, kind: type, description: str) -> Any:
        """Return a field that must be there."""
        if not isinstance(record, Mapping):
            raise self.wrong(f"a {type(record).__name__} stands where an object belongs.")
        value = record.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self.wrong(f"`{name}` is {_short(value)}; it must be {description}.")
        return value


def _json(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadInputError(f"{file} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise BadInputError(f"{file} is not UTF-8 text (byte {error.start}). Give a JSON file.") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadInputError(f"{file} is not JSON: {error}.") from error


def _conversation(place: _Place, sample: object) -> Conversation:
    record = place.field(sample, "conversation", Mapping, "an object with speakers and sessions")
    speakers = (_text(place, record, "speaker_a"), _text(place, record, "speaker_b"))
    numbers = sorted(int(found[1]) for name in record if (found := _SESSION.fullmatch(name)))
    sessions = tuple(
        session for number in numbers if (session := _session(place.inside(f"session_{number}"), record, number)).turns
    )
    if not sessions:
        raise place.wrong("there is no `session_1` with turns in `conversation`.")
    known = {turn.id for session in sessions for turn in session.turns}
    if len(known) < sum(len(session.turns) for session in sessions):
        raise place.wrong("two turns have the same `dia_id`.")
    asked = sample.get("qa", []) if isinstance(sample, Mapping) else []
    if not isinstance(asked, list):
        raise place.wrong(f"`qa` is {_short(asked)}; it must be a list of questions.")
    read = [_question(place.inside(f"question {number}"), one, known) for number, one in enumerate(asked)]
    return Conversation(
        name=_name(place, sample),
        speakers=speakers,
        sessions=sessions,
        questions=tuple(question for question, _ in read if question.evidence),
        repaired=sum(mended for question, mended in read if question.evidence),
        dropped=sum(not question.evidence for question, _ in read),
    )


def _session(place: _Place, record: Mapping[str, Any], number: int) -> SessionRecord:
    turns = place.field(record, f"session_{number}", list, "a list of turns")
    if not turns:
        return SessionRecord(number, aware(_NO_YEAR), ())
    at = _time(place, place.field(record, f"session_{number}_date_time", str, "the time of the session as text"))
    read = [
        _turn(place.inside(f"turn {position}"), turn, f"D{number}:{position}", at + timedelta(seconds=position - 1))
        for position, turn in enumerate(turns, start=1)
    ]
    return SessionRecord(number, at, tuple(turn for turn in read if turn.text))


def _turn(place: _Place, turn: object, default_id: str, at: datetime) -> Turn:
    speaker = place.field(turn, "speaker", str, "the name of who speaks")
    record = turn if isinstance(turn, Mapping) else {}
    said = (record.get(name) for name in ("text", "blip_caption"))
    text = next((words.strip() for words in said if isinstance(words, str) and words.strip()), "")
    return Turn(str(record.get("dia_id") or default_id), speaker, text, at)


def _question(place: _Place, record: object, known: set[str]) -> tuple[Question, bool]:
    """Return the question and whether its evidence had to be mended."""
    given = place.field(record, "evidence", list, "a list of turn ids")
    evidence: list[str] = []
    for one in map(str, given):
        evidence += [one] if one in known else [id for id in _ids_in(one) if id in known]
    kept = tuple(dict.fromkeys(evidence))
    answer = record.get("answer") if isinstance(record, Mapping) else None
    question = Question(
        text=_text(place, record, "question"),
        answer=None if answer is None else str(answer),
        evidence=kept,
        category=place.field(record, "category", int, "a number"),
    )
    return question, list(kept) != given


def _ids_in(text: str) -> list[str]:
    return [f"D{int(session)}:{int(turn)}" for session, turn in _TURN_ID.findall(text)]


def _time(place: _Place, text: str) -> datetime:
    try:
        at = parser.parse(text, default=_NO_YEAR)
    except (ValueError, OverflowError) as error:
        raise place.wrong(f"the time {text!r} cannot be read ({error}).") from error
    if at.year == _NO_YEAR.year:
        raise place.wrong(f"the time {text!r} names no year.")
    return aware(at)


def _text(place: _Place, record: object, name: str) -> str:
    value: str = place.field(record, name, str, "text")
    if not value.strip():
        raise place.wrong(f"`{name}` is blank.")
    return value.strip()


def _name(place: _Place, sample: object) -> str:
    name = sample.get("sample_id") if isinstance(sample, Mapping) else None
    return str(name).strip() if name is not None and str(name).strip() else place.where.replace(" ", "-")


def _short(value: object) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"
