"""Reports as JSON: for programs, and kept in a file to compare a later run with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from duramen.errors import BadInputError
from duramen.evaluation.cases import Case, Format
from duramen.evaluation.comparing import Difference
from duramen.evaluation.judging import Result
from duramen.evaluation.report import Report

KIND = "duramen evaluation"
VERSION = 1


def save(report: Report, file: Path) -> None:
    """Keep a report: its questions, where what was expected was found, and nothing of what the bank holds.

    Raises:
        BadInputError: The file cannot be written.
    """
    record = {
        "kind": KIND,
        "version": VERSION,
        "format": report.format,
        "name": report.name,
        "asked": _plain(report.asked),
        "notes": list(report.notes),
        "questions": [question(result) for result in report.results],
    }
    try:
        file.write_text(json.dumps(record, indent=1), encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"{file} cannot be written: {error.strerror or error}.") from error


def load(file: Path) -> Report:
    """Read a report that `save` kept. Its cases have their questions and no expectations, its results no hits.

    Raises:
        BadInputError: The file cannot be read, or is not such a report.
    """
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        if record["kind"] != KIND or record["version"] != VERSION or record["format"] not in get_args(Format):
            raise BadInputError(_not_ours(file, f"it is {record['kind']!r}, version {record['version']!r}"))
        return Report(
            format=record["format"],
            name=str(record["name"]),
            asked=dict(record["asked"]),
            notes=tuple(record["notes"]),
            results=tuple(map(_result, record["questions"])),
        )
    except OSError as error:
        raise BadInputError(f"{file} cannot be read: {error.strerror or error}.") from error
    except (KeyError, TypeError, AttributeError, RecursionError, ValueError) as error:
        if isinstance(error, BadInputError):
            raise
        raise BadInputError(_not_ours(file, f"{type(error).__name__}: {error}")) from error


def question(result: Result) -> dict[str, Any]:
    """Return what came out of one question as JSON has it."""
    return {
        "id": result.case.identity,
        "question": result.case.question,
        "category": result.case.category,
        "nothing": result.case.nothing,
        "places": list(result.places),
        "sessions": list(result.sessions),
        "confident": result.confident,
        "tokens": result.tokens,
        "milliseconds": dict(result.milliseconds),
        "pending": result.pending,
    }


def record_of(report: Report) -> dict[str, Any]:
    """Return a report as JSON has it: figures with their intervals, and each question."""
    nothing = {category: asdict(report.nothing_known(category)) for category in _unanswerable(report)}
    return {
        "name": report.name,
        "format": report.format,
        "asked": _plain(report.asked),
        "questions": len(report.results),
        "scores": {
            level.name: {
                name or "all": {metric: asdict(figure) for metric, figure in report.scores(level, name).items()}
                for name in (None, *report.categories)
                if report.measured(level, name)
            }
            for level in report.levels
        },
        "nothing_known": {"all": asdict(report.nothing_known()), **nothing},
        "tokens": asdict(report.tokens()),
        "milliseconds": {stage: {"p50": p50, "p95": p95} for stage, (p50, p95) in report.stages().items()},
        "warnings": list(report.warnings),
        "results": [{**question(one), "found": [asdict(hit) for hit in one.found]} for one in report.results],
    }


def difference_of(difference: Difference) -> dict[str, Any]:
    """Return a comparison as JSON has it."""
    return asdict(difference)


def _result(record: Mapping[str, Any]) -> Result:
    return Result(
        case=Case(
            id=str(record["id"]),
            question=str(record["question"]),
            category=str(record["category"]),
            nothing=bool(record["nothing"]),
        ),
        places=tuple(map(_place, record["places"])),
        sessions=tuple(map(_place, record["sessions"])),
        confident=bool(record["confident"]),
        tokens=int(record["tokens"]),
        milliseconds={str(stage): float(spent) for stage, spent in record["milliseconds"].items()},
        pending=int(record["pending"]),
    )


def _place(value: object) -> int | None:
    if value is not None and (not isinstance(value, int) or value < 1):
        raise ValueError(f"a place is {value!r}")
    return value


def _unanswerable(report: Report) -> list[str]:
    return list(dict.fromkeys(one.case.category for one in report.results if one.case.nothing and one.case.category))


def _plain(asked: Mapping[str, object]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asked.items()}


def _not_ours(file: Path, why: str) -> str:
    return f"{file} is no saved evaluation of this version ({why}). Make one with `duramen eval … --save {file}`."
