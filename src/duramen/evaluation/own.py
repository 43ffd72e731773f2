"""A user's own questions: a JSON list, JSON lines, or a table (CSV) with a header."""

from __future__ import annotations

import csv
import difflib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from duramen.errors import BadInputError
from duramen.evaluation.cases import Case
from duramen.evaluation.place import Place
from duramen.evaluation.streams import opened, values
from duramen.times import parse_time

LISTS = ("keys", "memories", "contains", "sessions")
TEXTS = ("category", "answer", "bank", "id")
FIELDS = ("question", *LISTS, "nothing", "at", *TEXTS)

_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def cases_in(file: Path, *, table: bool) -> list[Case]:
    """Read the questions of a file.

    Args:
        file: UTF-8 text.
        table: It is a table: one question a row, the fields named in the first; several values of one cell are parted
            by `|`, or are a JSON list. Otherwise it is JSON.

    Raises:
        BadInputError: The file cannot be read, or a question is not as it must be; the message names the line.
    """
    records = _rows(file) if table else values(file)
    cases = [_case(Place(file, line), record) for line, record in records]
    if not cases:
        raise BadInputError(f"{file} holds no questions. Give at least one; the fields are {', '.join(FIELDS)}.")
    return cases


def _rows(file: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield the rows of a table, each with its line, as JSON would have them."""
    try:
        with opened(file) as stream:
            header = stream.readline()
            mark = max(",;\t", key=header.count)
            names = [name.strip() for name in next(csv.reader([header], delimiter=mark), [])]
            if "question" not in names:
                raise Place(file, 1).wrong(
                    f"the first row is {header.strip()[:60]!r}. It must name the columns, one of them `question`."
                )
            reader = csv.reader(stream, delimiter=mark)
            for cells in reader:
                if any(map(str.strip, cells)):
                    yield reader.line_num + 1, _record(Place(file, reader.line_num + 1), names, cells)
    except csv.Error as error:
        raise BadInputError(f"{file} is not a table: {error}.") from error


def _record(place: Place, names: list[str], cells: list[str]) -> dict[str, object]:
    if len(cells) > len(names):
        raise place.wrong(
            f"there are {len(cells)} cells under {len(names)} names of columns. Put quotes around commas."
        )
    filled = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if cell.strip()}
    return {name: _cell(place, name, cell) for name, cell in filled.items()}


def _cell(place: Place, name: str, cell: str) -> object:
    if name == "nothing":
        return _TRUTHS.get(cell.casefold(), cell)
    if name not in LISTS:
        return cell
    if not cell.startswith("["):
        return [part.strip() for part in cell.split("|") if part.strip()]
    try:
        read: object = json.loads(cell)
    except (json.JSONDecodeError, RecursionError) as error:
        raise place.wrong(f"`{name}` begins like a JSON list and is none ({error}).") from error
    return read


def _case(place: Place, record: object) -> Case:
    if not isinstance(record, Mapping):
        raise place.wrong(f"a {type(record).__name__} stands where a question belongs, an object with `question`.")
    for name in record:
        if name not in FIELDS:
            meant = difflib.get_close_matches(str(name), FIELDS, n=1)
            hint = f"Did you mean `{meant[0]}`? " if meant else ""
            raise place.wrong(f"there is no field `{name}`. {hint}The fields are {', '.join(FIELDS)}.")
    question = record.get("question")
    if not isinstance(question, str) or not question.strip():
        raise place.wrong(f"`question` is {question!r}; it must be text.")
    keys, memories, contains, sessions = (_texts(place, record, name) for name in LISTS)
    category, answer, bank, id = (_text(place, record, name) for name in TEXTS)
    nothing = _nothing(place, record, expected=bool(keys or memories or contains or sessions))
    return Case(
        question=question,
        keys=keys,
        memories=memories,
        contains=contains,
        sessions=sessions,
        nothing=nothing,
        at=_moment(place, record),
        category=category or "",
        answer=answer,
        bank=bank,
        id=id or "",
    )


def _nothing(place: Place, record: Mapping[str, object], *, expected: bool) -> bool:
    nothing = record.get("nothing")
    if nothing is not None and not isinstance(nothing, bool):
        raise place.wrong(f"`nothing` is {nothing!r}; it must be true or false.")
    if nothing and expected:
        raise place.wrong(
            "`nothing` says that the bank cannot answer, and yet something is expected. Give one of them."
        )
    if not nothing and not expected:
        raise place.wrong(
            f"nothing says what is expected. Give {', '.join(f'`{name}`' for name in LISTS)}, "
            f"or `nothing: true` if the bank cannot answer."
        )
    return bool(nothing)


def _texts(place: Place, record: Mapping[str, object], name: str) -> tuple[str, ...]:
    given = record.get(name)
    if given is None:
        return ()
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list) or not all(isinstance(one, str) and one.strip() for one in listed):
        raise place.wrong(f"`{name}` is {given!r}; it must be a text or a list of texts, none of them blank.")
    return tuple(dict.fromkeys(listed))


def _text(place: Place, record: Mapping[str, object], name: str) -> str | None:
    given = record.get(name)
    if given is not None and not isinstance(given, str | int | float):
        raise place.wrong(f"`{name}` is {given!r}; it must be text.")
    return None if given is None else str(given)


def _moment(place: Place, record: Mapping[str, object]) -> datetime | None:
    at = record.get("at")
    if at is None:
        return None
    try:
        return parse_time(at, BadInputError, "at")
    except BadInputError as error:
        raise place.wrong(str(error)) from error
