"""A file in the format of LongMemEval as questions: a bank for each question, an item for each turn of its haystack.

Source:
    Wu et al., LongMemEval: Benchmarking Chat Assistants on Long-Term Interactive Memory, ICLR 2025,
    https://arxiv.org/abs/2410.10813
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dateutil import parser

from duramen.evaluation.cases import Case, Data, Material
from duramen.evaluation.place import Place
from duramen.evaluation.streams import values
from duramen.times import aware
from duramen.types import Item

ABSTENTION = "_abs"
"""How the ids of questions end that the haystack cannot answer."""

_MUTE = ("system", "developer")
_WEEKDAY = re.compile(r"\([^)]*\)")


def longmemeval(file: Path) -> Data:
    """Read a file in the LongMemEval format, a question at a time, when it is asked.

    Sessions hold the answer as `answer_session_ids` says, turns as their `has_answer` says; a turn's key is the id of
    its session with its place in it. Turns of both roles are retained. Abstention questions expect nothing and count
    for "nothing known" alone, as the published measures leave them out too.

    Raises:
        BadInputError: Raised while reading: the file cannot be read or has another shape.
    """
    return Data(format="longmemeval", materials=_materials(file), asked={"limit": 50, "max_tokens": 100_000})


def _materials(file: Path) -> Iterator[Material]:
    banks: set[str] = set()
    for line, record in values(file):
        place = Place(file, line, " This is not the LongMemEval format.")
        material = _material(place, record)
        if material.bank in banks:
            raise place.wrong("`question_id` is that of another question too.")
        banks.add(material.bank)
        yield material


def _field(place: Place, record: object, name: str, kind: type, description: str) -> Any:
    if not isinstance(record, Mapping):
        raise place.wrong(f"a {type(record).__name__} stands where an object belongs.")
    value = record.get(name)
    if not isinstance(value, kind) or (isinstance(value, str) and not value.strip()):
        raise place.wrong(f"`{name}` is {str(value)[:60]!r}; it must be {description}.")
    return value


def _material(place: Place, record: object) -> Material:
    id: str = _field(place, record, "question_id", str, "text")
    sessions = _field(place, record, "haystack_sessions", list, "a list of sessions")
    names = [str(name) for name in _field(place, record, "haystack_session_ids", list, "a list of ids")]
    dates = _field(place, record, "haystack_dates", list, "a list of times")
    if not len(sessions) == len(names) == len(dates):
        raise place.wrong(f"there are {len(sessions)} sessions, {len(names)} ids of sessions and {len(dates)} dates.")
    items: list[Item] = []
    marked: list[str] = []
    for number, (name, date, session) in enumerate(zip(names, dates, sessions, strict=True)):
        again = f"{name}#{number}" if name in names[:number] else name
        for key, item, has_answer in _turns(place, session, again, _time(place, date)):
            items.append(Item(content=item["content"], key=key, occurred=item["at"], session=name))
            marked += [key] if has_answer else []
    unanswerable = id.endswith(ABSTENTION)
    answers = [str(name) for name in _field(place, record, "answer_session_ids", list, "a list of ids")]
    answer = record.get("answer") if isinstance(record, Mapping) else None
    case = Case(
        question=_field(place, record, "question", str, "text"),
        id=id,
        category=_field(place, record, "question_type", str, "text"),
        at=_time(place, _field(place, record, "question_date", str, "a time as text")),
        keys=() if unanswerable else tuple(marked),
        sessions=() if unanswerable else tuple(dict.fromkeys(answers)),
        nothing=unanswerable,
        answer=None if answer is None else str(answer),
    )
    return Material(bank=id, items=items, cases=[case], passing=True)


def _turns(place: Place, session: object, name: str, at: datetime) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yield the key, the content with its time, and whether it holds the answer, of each turn with text."""
    if not isinstance(session, list):
        raise place.wrong(f"a session is {str(session)[:60]!r}; it must be a list of turns.")
    for number, turn in enumerate(session):
        role = _field(place, turn, "role", str, "text")
        content = turn.get("content") if isinstance(turn, Mapping) else None
        if not isinstance(content, str):
            raise place.wrong(f"`content` of a turn is {str(content)[:60]!r}; it must be text.")
        if content.strip() and role not in _MUTE:
            said = {"content": [{"role": role, "content": content}], "at": at + timedelta(seconds=number)}
            yield f"{name}_{number + 1}", said, turn.get("has_answer") is True


def _time(place: Place, text: object) -> datetime:
    try:
        return aware(parser.parse(_WEEKDAY.sub(" ", str(text))))
    except (ValueError, OverflowError) as error:
        raise place.wrong(f"the time {text!r} cannot be read ({error}).") from error
