"""The command line, through its real commands on a real directory, with the parts that load no model."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import duramen
from duramen.cli import app

HEAVY = ["duramen.engine", "numpy", "onnxruntime", "spacy"]


class Outcome:
    """What a command printed and how it ended."""

    def __init__(self, result: Any) -> None:
        self.code: int = result.exit_code
        self.out: str = result.stdout
        self.error: str = result.stderr


Run = Callable[..., Outcome]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "memory"


@pytest.fixture
def run(directory: Path) -> Run:
    def invoke(*arguments: str, **options: Any) -> Outcome:
        env = {"DURAMEN_DIRECTORY": str(directory), "DURAMEN_FAST": "1", **options.pop("env", {})}
        return Outcome(CliRunner().invoke(app, arguments, env=env, **options))

    return invoke


def found(outcome: Outcome) -> list[str]:
    return [hit["text"] for hit in json.loads(outcome.out)["hits"]]


def test_what_was_retained_is_recalled_with_date_score_and_text(run: Run) -> None:
    retained = run("retain", "user:ada", "Ada moved to Lisbon.", "--occurred", "2025-03-02T10:00:00+01:00")

    recalled = run("recall", "user:ada", "Where is Lisbon?")

    assert retained.code == recalled.code == 0
    assert retained.out.startswith("kept in user:ada: key ")
    assert "2025-03-02  Ada moved to Lisbon." in recalled.out


def test_a_trace_says_which_arms_found_a_hit(run: Run) -> None:
    run("retain", "user:ada", "Ada moved to Lisbon.")

    traced = run("recall", "user:ada", "Where is Lisbon?", "--trace")

    assert "keyword 1 (" in traced.out
    assert "searched 1 memory;" in traced.out


def test_json_holds_the_hits_and_the_block_and_the_trace_only_when_asked(run: Run) -> None:
    run("retain", "user:ada", "Ada moved to Lisbon.", "--key", "k1", "--tag", "home", "--tag", "city")

    plain = json.loads(run("recall", "user:ada", "Lisbon", "--json").out)
    traced = json.loads(run("recall", "user:ada", "Lisbon", "--json", "--trace").out)

    assert [(hit["key"], hit["tags"]) for hit in plain["hits"]] == [("k1", ["city", "home"])]
    assert plain["hits"][0]["mentioned"].endswith("+00:00")
    assert "Ada moved to Lisbon." in plain["text"]
    assert "trace" not in plain
    assert "keyword" in traced["trace"]["arms"][plain["hits"][0]["id"]]


def test_a_limit_bounds_the_hits(run: Run) -> None:
    for place in range(3):
        run("retain", "user:ada", f"Lisbon, part {place}.")

    assert len(found(run("recall", "user:ada", "Lisbon", "--limit", "2", "--json"))) == 2


def test_text_is_read_from_the_standard_input(run: Run) -> None:
    run("retain", "user:ada", "-", input="Ada keeps bees.\n")

    assert "Ada keeps bees." in run("memories", "user:ada").out


def test_a_key_makes_a_retain_a_replacement(run: Run) -> None:
    run("retain", "user:ada", "Ada lives in Porto.", "--key", "home")

    again = run("retain", "user:ada", "Ada lives in Lisbon.", "--key", "home")

    assert again.out.startswith("replaced ")
    assert [one["text"] for one in json.loads(run("memories", "user:ada", "--json").out)["memories"]] == [
        "Ada lives in Lisbon."
    ]


def test_reflect_answers_with_sources(run: Run) -> None:
    run("retain", "user:ada", "Lisbon")

    answer = run("reflect", "user:ada", "Lisbon", "--json")
    nothing = run("reflect", "user:bob", "Lisbon")

    assert [source["text"] for source in json.loads(answer.out)["sources"]] == ["Lisbon"]
    assert nothing.out == "Nothing is known about this.\n"


def test_memories_are_listed_in_pages_and_by_session(run: Run) -> None:
    for number in range(3):
        run("retain", "user:ada", f"Fact {number}.", "--session", f"s{number % 2}")

    page = run("memories", "user:ada", "--limit", "2")
    cursor = page.error.rsplit("--cursor ", 1)[1].strip()

    assert [line[-7:] for line in page.out.splitlines()] == ["Fact 0.", "Fact 1."]
    assert run("memories", "user:ada", "--cursor", cursor).out.endswith("Fact 2.\n")
    assert len(run("memories", "user:ada", "--session", "s0").out.splitlines()) == 2


def test_banks_are_listed_with_what_they_hold(run: Run) -> None:
    run("retain", "user:ada", "One.")
    run("retain", "user:bob", "Two.")

    listed = run("banks").out.splitlines()

    assert [line.split("  ")[0] for line in listed] == ["user:ada", "user:bob"]
    assert "1 memory of 1 event," in listed[0]
    assert "hashing" in listed[0]


def test_a_store_without_banks_says_so(run: Run, directory: Path) -> None:
    directory.mkdir()

    assert run("banks").out == "No banks yet.\n"


def test_status_counts_what_is_pending_and_failed(run: Run, directory: Path) -> None:
    run("retain", "user:ada", "One.")

    status = run("status")

    assert status.code == 0
    assert [line.split()[0] for line in status.out.splitlines()] == ["address", "embedder", "pending", "failed"]
    assert str(directory) in status.out


@pytest.mark.parametrize(
    "condition",
    [
        ["--key", "k1"],
        ["--session", "s1"],
        ["--actor", "ada"],
        ["--document", "d1"],
        ["--before", "2025-01-01"],
    ],
)
def test_forget_deletes_what_fits_the_condition_and_says_what(run: Run, condition: list[str]) -> None:
    where = ["--key", "k1", "--session", "s1", "--actor", "ada", "--document", "d1", "--occurred", "2024-05-01"]
    run("retain", "user:ada", "Ada lives in Porto.", *where)
    run("retain", "user:ada", "Bees swarm in May.", "--key", "k2", "--occurred", "2026-01-01")

    forgotten = run("forget", "user:ada", *condition, "--yes")

    assert "1 memory, 1 event" in forgotten.out
    assert "k1" in forgotten.out
    assert "Porto" not in run("memories", "user:ada").out
    assert "Bees" in run("memories", "user:ada").out


def test_forget_deletes_one_memory_by_the_id_that_memories_prints(run: Run) -> None:
    run("retain", "user:ada", "Ada lives in Porto.")
    id = run("memories", "user:ada").out.split()[0]

    forgotten = run("forget", "user:ada", "--memory", id, "--yes")

    assert "1 memory," in forgotten.out
    assert run("memories", "user:ada").out == "Nothing is kept here.\n"


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_forget_asks_and_takes_no_for_an_answer(run: Run, answer: str) -> None:
    run("retain", "user:ada", "Ada lives in Porto.")

    refused = run("forget", "user:ada", "--everything", input=answer)

    assert refused.code == 1
    assert "forget for good: all?" in refused.out
    assert "Porto" in run("memories", "user:ada").out


def test_forget_deletes_the_whole_bank_when_told_yes(run: Run) -> None:
    run("retain", "user:ada", "Ada lives in Porto.")

    run("forget", "user:ada", "--everything", input="y\n")

    assert run("banks").out == "No banks yet.\n"


@pytest.mark.parametrize("conditions", [[], ["--everything", "--key", "k1"]])
def test_forget_wants_conditions_or_everything(run: Run, conditions: list[str]) -> None:
    run("retain", "user:ada", "Ada lives in Porto.")

    refused = run("forget", "user:ada", *conditions, "--yes")

    assert refused.code == 1
    assert "Nothing was deleted" in refused.error


def test_reembed_moves_a_bank_to_another_embedder(run: Run) -> None:
    run("retain", "user:ada", "Ada moved to Lisbon.")
    models = {"DURAMEN_FAST": "0"}
    refused = run("recall", "user:ada", "Lisbon", env=models)

    reembedded = run("reembed", "user:ada", env=models)

    assert refused.code == 1
    assert "duramen reembed" in refused.error
    assert reembedded.out == "user:ada: memories made anew from 1 event\n"
    assert found(run("recall", "user:ada", "Lisbon", "--json", env=models)) == ["Ada moved to Lisbon."]


def test_retry_says_how_many_there_were(run: Run) -> None:
    run("retain", "user:ada", "Ada moved to Lisbon.")

    assert run("retry").out == "0 events tried again; 0 failed\n"


def test_doctor_finds_a_sound_installation_sound(run: Run) -> None:
    run("retain", "user:ada", "Ada moved to Lisbon.")

    checked = run("doctor", env={"DURAMEN_FAST": "0"})

    assert checked.code == 0
    assert [line.split()[:2] for line in checked.out.splitlines()] == [
        ["ok", name] for name in ("Python", "directory", "store", "embedder", "entities", "work")
    ]


def test_doctor_makes_nothing_where_there_is_no_memory_yet(run: Run, directory: Path) -> None:
    checked = run("doctor")

    assert checked.code == 0
    assert not directory.exists()


def test_doctor_says_what_to_do_about_a_directory_that_is_a_file(run: Run, directory: Path) -> None:
    directory.write_text("not a directory")

    checked = run("doctor")

    assert checked.code == 1
    assert any(line.startswith("TROUBLE") and "--directory" in line for line in checked.out.splitlines())


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_doctor_says_what_to_do_about_a_directory_that_cannot_be_written(run: Run, directory: Path) -> None:
    directory.mkdir(mode=0o500)

    checked = run("doctor")

    assert checked.code == 1
    assert "cannot be written" in checked.out


def test_doctor_finds_a_foreign_file_in_the_place_of_the_store(run: Run, directory: Path) -> None:
    run("retain", "user:ada", "Ada moved to Lisbon.")
    for file in directory.rglob("*"):
        if file.is_file():
            file.write_bytes(b"foreign" * 1000)

    checked = run("doctor")

    assert checked.code == 1
    assert any(line.split()[:2] == ["TROUBLE", "store"] for line in checked.out.splitlines())


def test_looking_where_there_is_no_memory_is_an_error_and_makes_none(run: Run, directory: Path) -> None:
    looked = run("recall", "user:ada", "Lisbon")

    assert looked.code == 1
    assert "There is no memory at" in looked.error
    assert not directory.exists()


def test_an_unknown_bank_gives_no_hits_and_a_note(run: Run) -> None:
    run("retain", "user:ada", "Ada moved to Lisbon.")

    looked = run("recall", "user:bob", "Lisbon")

    assert (looked.code, looked.out) == (0, "")
    assert "no bank 'user:bob'" in looked.error


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["retain", "user:ada", "  "], "holds no text"),
        (["retain", " ", "Hi."], "bank"),
        (["retain", "user:ada", "Hi.", "--occurred", "soon"], "--occurred"),
        (["retain", "user:ada", "Hi.", "--directory", "ftp://host/memory"], "ftp"),
        (["recall", "user:ada", "hi", "--limit", "0"], "limit"),
        (["recall", "user:ada", " "], "query"),
        (["memories", "user:ada", "--cursor", "nonsense"], "cursor"),
    ],
)
def test_what_cannot_be_used_is_one_clear_line_and_no_traceback(run: Run, arguments: list[str], complaint: str) -> None:
    run("retain", "user:other", "Something.")

    refused = run(*arguments)

    assert refused.code == 1
    assert refused.error.startswith("Error: ")
    assert len(refused.error.splitlines()) == 1
    assert complaint in refused.error
    assert "Traceback" not in refused.error


def test_what_is_printed_cannot_steer_a_terminal(run: Run) -> None:
    run("retain", "user:ada", "Red \x1b[31malert\x07 and [bold]markup[/bold].\nAda: forged line")

    printed = run("recall", "user:ada", "alert").out + run("memories", "user:ada").out

    assert "\x1b" not in printed
    assert "\x07" not in printed
    assert "[bold]markup[/bold]" in printed
    assert len(printed.splitlines()) == 2


def test_the_version_is_printed(run: Run) -> None:
    assert run("--version").out == f"duramen {duramen.__version__}\n"


def test_without_a_command_the_commands_are_listed(run: Run) -> None:
    listed = run()

    for name in ("demo", "retain", "recall", "reflect", "memories", "banks", "status", "forget", "doctor"):
        assert name in listed.out + listed.error


def test_python_m_duramen_is_the_same_command_line(directory: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "duramen", *arguments, "--directory", str(directory), "--fast"],
            capture_output=True,
            text=True,
            check=False,
        )

    retained = run("retain", "user:ada", "Ada moved to Lisbon.")
    recalled = run("recall", "user:ada", "Lisbon")
    refused = run("recall", "user:ada", "")

    assert (retained.returncode, recalled.returncode, refused.returncode) == (0, 0, 1)
    assert "Ada moved to Lisbon." in recalled.stdout
    assert "Traceback" not in refused.stderr


def test_the_command_line_loads_the_engine_only_when_it_is_used() -> None:
    program = f"import sys, duramen.cli; print([name for name in {HEAVY!r} if name in sys.modules])"

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"
