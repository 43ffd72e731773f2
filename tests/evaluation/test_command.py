"""`duramen eval` through the real command line, on a real directory, with the parts that load no model."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

import duramen
from duramen.cli import app
from tests.conftest import engine
from tests.evaluation.talk import LOCOMO, haystack, written

Run = Callable[..., Result]

QUESTIONS: list[dict[str, Any]] = [
    {"question": "Where is the lighthouse?", "keys": ["light"], "category": "place"},
    {"question": "Who paints boats?", "contains": ["Marit"], "category": "person"},
    {"question": "Who plays the tuba?", "nothing": True},
]


@pytest.fixture
async def directory(tmp_path: Path) -> Path:
    async with engine(tmp_path / "memory") as memory:
        await memory.retain("user:marit", "The lighthouse is on Vaeroy.", key="light")
        await memory.retain("user:marit", "Marit paints boats.", key="boats", wait=True)
    return tmp_path / "memory"


@pytest.fixture
def run(directory: Path) -> Run:
    def invoke(*arguments: object, **env: str) -> Any:
        settings = {"DURAMEN_DIRECTORY": str(directory), "DURAMEN_FAST": "1", "COLUMNS": "200", **env}
        return CliRunner().invoke(app, ["eval", *map(str, arguments)], env=settings)

    return invoke


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return written(tmp_path / "questions.json", QUESTIONS)


def scores(result: Result) -> list[float]:
    reports = json.loads(result.stdout)["reports"]
    return [report["scores"]["hits"]["all"]["recall@10"]["value"] for report in reports]


def test_ones_own_questions_are_measured_on_ones_own_bank(run: Run, questions: Path) -> None:
    result = run(questions, "--bank", "user:marit")

    assert result.exit_code == 0, result.output
    assert "3 questions, 1 of which cannot be answered" in result.stdout
    assert "recall@10  1.000 [1.000, 1.000]" in result.stdout
    assert "place" in result.stdout
    assert "Nothing known" in result.stdout
    assert "Only 2 answerable questions" in result.stdout


def test_nothing_is_added_to_the_bank(run: Run, questions: Path, directory: Path) -> None:
    with duramen.open_sync(directory, embedder=duramen.HashingEmbedder()) as memory:
        before = memory.version("user:marit")

    run(questions, "--bank", "user:marit")

    with duramen.open_sync(directory, embedder=duramen.HashingEmbedder()) as memory:
        assert memory.version("user:marit") == before


def test_json_holds_figures_and_every_question(run: Run, questions: Path) -> None:
    result = run(questions, "--bank", "user:marit", "--json", "--limit", "5", "--budget", "low", "--min-score", "0.01")

    (report,) = json.loads(result.stdout)["reports"]
    assert report["asked"] == {"budget": "low", "limit": 5, "min_score": 0.01}
    assert [one["question"] for one in report["results"]] == [one["question"] for one in QUESTIONS]
    assert scores(result) == [1.0]


def test_several_settings_are_compared_pair_by_pair(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "q.json", [{"question": "Marit's lighthouse, boats?", "keys": ["light", "boats"]}])

    compared = run(file, "--bank", "user:marit", "--compare", "limit=1,2", "--json")
    shown = run(file, "--bank", "user:marit", "--compare", "limit=1,2")

    assert scores(compared) == [0.5, 1.0]
    differences = json.loads(compared.stdout)["differences"]
    assert differences["2 vs 1"]["scores"]["hits"]["recall@10"]["value"] == 0.5
    assert "2 vs 1" in shown.stdout
    assert "+.500 [+.500, +.500]" in shown.stdout


def test_a_later_run_is_compared_with_one_that_was_kept(run: Run, questions: Path, tmp_path: Path) -> None:
    kept = tmp_path / "run.json"
    run(questions, "--bank", "user:marit", "--save", kept, "--limit", "1")

    again = run(questions, "--bank", "user:marit", "--against", kept, "--json")

    difference = json.loads(again.stdout)["differences"]["now vs earlier"]
    assert (difference["paired"], difference["unpaired"]) == (3, 0)
    assert difference["scores"]["hits"]["recall@10"]["value"] == 0.0


def test_the_worst_questions_are_printed_with_what_was_found_instead(run: Run, tmp_path: Path) -> None:
    file = written(
        tmp_path / "q.json",
        [{"question": "Who paints boats?", "keys": ["light"]}, {"question": "Who?", "nothing": True}],
    )

    result = run(file, "--bank", "user:marit", "--limit", "1", "--failures", "1")

    assert "The worst questions" in result.stdout
    assert "expected light: not found" in result.stdout
    assert "Marit paints boats." in result.stdout


def test_what_cannot_be_found_because_it_is_not_there_is_noted(run: Run, tmp_path: Path) -> None:
    missing = [{"question": "Who?", "keys": [f"missing {number}" for number in range(12)]}]

    result = run(written(tmp_path / "q.json", missing), "--bank", "user:marit")

    assert "no item has the key 'missing 0'" in result.stdout
    assert "2 other things" in result.stdout


def test_only_the_first_questions_are_asked(run: Run, questions: Path) -> None:
    result = run(questions, "--bank", "user:marit", "--first", "1", "--json")

    assert json.loads(result.stdout)["reports"][0]["questions"] == 1


def test_a_locomo_file_is_measured_in_a_memory_of_its_own(run: Run, tmp_path: Path) -> None:
    result = run(written(tmp_path / "talk.json", LOCOMO), DURAMEN_DIRECTORY=str(tmp_path / "none"))

    assert result.exit_code == 0, result.output
    assert "8 questions, 5 of which cannot be answered" in result.stdout
    assert "turns: 3 answerable questions" in result.stdout
    assert "wrong bank" in result.stdout
    assert not (tmp_path / "none").exists()


def test_a_bank_makes_no_sense_for_a_file_that_brings_its_own(run: Run, tmp_path: Path) -> None:
    result = run(written(tmp_path / "talk.json", LOCOMO), "--bank", "user:marit")

    assert result.exit_code == 1
    assert "--bank is for questions of your own" in result.stderr


def test_a_longmemeval_file_is_measured_by_its_official_measures(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "haystacks.json", [haystack("q1"), haystack("q2_abs")])

    result = run(file)

    assert result.exit_code == 0, result.output
    assert "sessions: 1 answerable question" in result.stdout
    assert "recall_any@5" in result.stdout
    assert "ndcg_any@10" in result.stdout


def test_an_embedder_of_ones_own_is_used(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "talk.json", LOCOMO)

    result = run(file, "--embedder", "tests.evaluation.parts_of_mine:made", "--json")

    assert result.exit_code == 0, result.output


def test_the_bank_of_another_embedder_is_an_error_that_says_so(run: Run, questions: Path) -> None:
    result = run(questions, "--bank", "user:marit", "--embedder", "tests.evaluation.parts_of_mine:made")

    assert result.exit_code == 1
    assert "hashing-256" in result.stderr


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ((), "Name it with --bank"),
        (("--bank", "user:nobody"), "no bank 'user:nobody'"),
        (("--bank", "user:marit", "--compare", "budget"), "--compare is 'budget'"),
        (("--bank", "user:marit", "--compare", "colour=red,blue"), "Give one of budget"),
        (("--bank", "user:marit", "--compare", "budget=low,deep"), "the budget 'deep'"),
        (("--bank", "user:marit", "--compare", "limit=1,many"), "'many' for limit"),
        (("--bank", "user:marit", "--compare", "limit=1,2", "--save", "run.json"), "Leave one of them out"),
        (("--bank", "user:marit", "--first", "0"), "--first is 0"),
        (("--bank", "user:marit", "--limit", "0"), "`limit` is 0"),
        (("--bank", "user:marit", "--against", "none.json"), "none.json cannot be read"),
        (("--bank", "user:marit", "--embedder", "nowhere"), "module:object"),
    ],
)
def test_an_option_that_makes_no_sense_is_one_clear_line(
    run: Run, questions: Path, options: tuple[str, ...], wrong: str
) -> None:
    result = run(questions, *options)

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert wrong in result.stderr
    assert "Traceback" not in result.output


def test_where_there_is_no_memory_nothing_is_made(run: Run, questions: Path, tmp_path: Path) -> None:
    result = run(questions, "--bank", "user:marit", "--directory", tmp_path / "none")

    assert result.exit_code == 1
    assert "There is no memory at" in result.stderr
    assert not (tmp_path / "none").exists()
