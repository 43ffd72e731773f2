import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from duramen.errors import BadInputError
from duramen.evaluation.cases import Case
from duramen.evaluation.comparing import compared
from duramen.evaluation.judging import Found, Result
from duramen.evaluation.records import difference_of, load, record_of, save
from duramen.evaluation.report import Report

AT = datetime(2025, 5, 1, tzinfo=timezone.utc)
REPORT = Report(
    name="mid",
    asked={"limit": 20, "at": AT},
    notes=("A note.",),
    results=(
        Result(
            case=Case(question="Who?", keys=("a", "b"), sessions=("s",), category="x", at=AT),
            places=(1, None),
            sessions=(2,),
            found=(Found("m", "a", "s", "The secret of the bank.", 0.7),),
            tokens=40,
            milliseconds={"embed": 1.5},
            pending=1,
        ),
        Result(case=Case(question="What?", nothing=True, category="y"), places=(), confident=False),
    ),
)


def test_a_report_that_was_kept_has_the_same_figures(tmp_path: Path) -> None:
    save(REPORT, tmp_path / "run.json")

    kept = load(tmp_path / "run.json")

    assert [one.case.identity for one in kept.results] == [one.case.identity for one in REPORT.results]
    assert [level.name for level in kept.levels] == ["hits", "sessions"]
    assert all(kept.scores(level) == REPORT.scores(level) for level in REPORT.levels)
    assert kept.nothing_known() == REPORT.nothing_known()
    assert (kept.tokens(), kept.stages(), kept.warnings) == (REPORT.tokens(), REPORT.stages(), REPORT.warnings)


def test_a_report_that_was_kept_is_compared_question_by_question(tmp_path: Path) -> None:
    save(REPORT, tmp_path / "run.json")

    difference = compared(load(tmp_path / "run.json"), REPORT)

    assert (difference.paired, difference.unpaired) == (2, 0)
    assert {figure.value for scores in difference.scores.values() for figure in scores.values()} == {0.0}


def test_nothing_that_the_bank_holds_is_kept_in_the_file(tmp_path: Path) -> None:
    save(REPORT, tmp_path / "run.json")

    assert "secret" not in (tmp_path / "run.json").read_text(encoding="utf-8")


def test_a_report_as_json_has_figures_by_level_and_category_and_every_question() -> None:
    record = json.loads(json.dumps(record_of(REPORT)))

    assert record["questions"] == 2
    assert record["scores"]["hits"]["all"]["recall@10"] == {"value": 0.5, "low": 0.5, "high": 0.5, "n": 1}
    assert record["scores"]["sessions"].keys() == {"all", "x"}
    assert record["nothing_known"]["all"]["recognised"]["value"] == 1.0
    assert record["milliseconds"]["embed"] == {"p50": 1.5, "p95": 1.5}
    assert record["asked"] == {"limit": 20, "at": "2025-05-01T00:00:00+00:00"}
    assert record["results"][0]["places"] == [1, None]
    assert record["results"][0]["found"][0]["key"] == "a"


def test_a_difference_as_json_has_its_figures() -> None:
    record = json.loads(json.dumps(difference_of(compared(REPORT, REPORT))))

    assert record["paired"] == 2
    assert record["scores"]["hits"]["MRR"]["value"] == 0.0


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "other"},
        {"version": 99},
        {"format": "csv"},
        {"questions": [{}]},
        {"questions": None},
        {"questions": [{**record_of(REPORT)["results"][0], "places": [0]}]},
        {"questions": [{**record_of(REPORT)["results"][0], "milliseconds": 3}]},
    ],
)
def test_another_file_is_an_error_that_says_what_to_do(tmp_path: Path, changes: dict[str, Any]) -> None:
    file = tmp_path / "run.json"
    save(REPORT, file)
    file.write_text(json.dumps({**json.loads(file.read_text(encoding="utf-8")), **changes}), encoding="utf-8")

    with pytest.raises(BadInputError, match=r"run\.json is no saved evaluation.*--save"):
        load(file)


@pytest.mark.parametrize("content", ["", "[]", "3", "[" * 100_000])
def test_a_file_that_is_no_record_is_an_error(tmp_path: Path, content: str) -> None:
    file = tmp_path / "run.json"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(BadInputError, match="no saved evaluation"):
        load(file)


def test_files_that_cannot_be_read_or_written_are_errors_that_name_them(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"none\.json cannot be read"):
        load(tmp_path / "none.json")
    with pytest.raises(BadInputError, match=r"run\.json cannot be written"):
        save(REPORT, tmp_path / "none" / "run.json")
