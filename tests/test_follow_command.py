"""What strategies have to do and did, on the command line, through the real commands on a real directory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import duramen
from duramen.cli import app
from duramen.retain.worker import Pace
from duramen.strategies import SummaryStrategy, Trigger
from tests.conftest import engine
from tests.simple_strategies import Failing, notes

Run = Callable[..., Any]

BANK = "user:ada"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "memory"


@pytest.fixture
def run(directory: Path) -> Run:
    env = {"DURAMEN_DIRECTORY": str(directory), "DURAMEN_FAST": "1"}

    def invoke(*arguments: str) -> Any:
        return CliRunner().invoke(app, arguments, env=env, terminal_width=200)

    return invoke


def filled(directory: Path, *said: str, strategy: Any = None, **options: Any) -> None:
    """Retain in a directory what a strategy of code works through."""
    parts: dict[str, Any] = {"strategies": [strategy or notes()], **options}
    with duramen.SyncMemoryEngine(engine(directory, **parts)) as memory:
        for place, text in enumerate(said):
            memory.retain(BANK, text, key=f"k{place}", actor="ada", session="s", wait=True)


def test_retain_lets_strategies_work(run: Run) -> None:
    kept = run("retain", BANK, "I live in Lisbon.", "--actor", "ada", "--strategy", "semantic", "--key", "k1")

    told = run("strategies", BANK)
    jobs = run("jobs", BANK)

    assert kept.exit_code == told.exit_code == jobs.exit_code == 0
    assert told.stdout.startswith("user:ada  semantic (version ")
    assert told.stdout.endswith("): 1 memory; jobs: 1 done\n")
    assert jobs.stdout.startswith("k1  semantic ")
    assert ": done " in jobs.stdout


def test_several_strategies_may_be_named(run: Run) -> None:
    run("retain", BANK, "I live in Lisbon.", "--strategy", "semantic", "--strategy", "preference")

    rows = json.loads(run("strategies", BANK, "--json").stdout)["strategies"]

    assert {(row["bank"], row["strategy"], row["done"], row["failed"]) for row in rows} == {
        (BANK, "semantic", 1, 0),
        (BANK, "preference", 1, 0),
    }


def test_strategies_that_are_open_and_did_nothing_are_told_too(run: Run) -> None:
    run("retain", BANK, "I live in Lisbon.")

    told = run("strategies", BANK, "--strategy", "episodic")

    assert told.stdout == "user:ada  episodic: 0 memories; jobs: none\n"


def test_all_banks_are_told_of_if_none_is_named(run: Run) -> None:
    for bank in ("user:ada", "user:bob"):
        run("retain", bank, "I live in Lisbon.", "--strategy", "semantic")

    told = run("strategies")

    assert [line.split()[0] for line in told.stdout.splitlines()] == ["user:ada", "user:bob"]


def test_where_no_strategy_worked_that_is_said(run: Run) -> None:
    run("retain", BANK, "I live in Lisbon.")

    assert run("strategies").stdout == "No strategy has made anything here.\n"
    assert run("jobs", BANK).stdout == "There are no such jobs.\n"
    assert run("revisions", BANK).stdout == "Strategies have done nothing here.\n"
    assert json.loads(run("jobs", BANK, "--json").stdout) == {"jobs": [], "next": None}


def test_what_was_there_before_is_worked_through_when_asked(run: Run) -> None:
    run("retain", BANK, "I live in Lisbon.", "--actor", "ada")

    backfilled = run("strategies", BANK, "--strategy", "semantic", "--backfill", "semantic")

    assert backfilled.exit_code == 0
    assert "1 event for semantic" in backfilled.stderr
    assert "100%" in backfilled.stderr
    assert ": 1 memory; jobs: 1 done" in backfilled.stdout


def test_a_backfill_wants_a_bank_and_a_strategy_that_is_there(run: Run) -> None:
    run("retain", BANK, "I live in Lisbon.")

    nowhere = run("strategies", "--backfill", "semantic")
    unknown = run("strategies", BANK, "--backfill", "semantics")

    assert nowhere.exit_code == 2
    assert "Name the bank to backfill." in nowhere.stderr
    assert unknown.exit_code == 1
    assert unknown.stderr.startswith("Error: Bank 'user:ada' has no strategy 'semantics'")


def test_a_strategy_that_does_not_exist_is_one_clear_line(run: Run) -> None:
    refused = run("retain", BANK, "I live in Lisbon.", "--strategy", "semantics")

    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: ")
    assert "'semantics'. Give one of semantic, summary, preference, episodic," in refused.stderr
    assert "custom" not in refused.stderr


def test_jobs_tell_why_they_failed(run: Run, directory: Path) -> None:
    filled(directory, "Ada keeps bees.", strategy=notes(Failing(99)), pace=Pace(attempts=1))

    failed = run("jobs", BANK, "--state", "failed")

    assert failed.stdout.startswith("k0  notes: failed ")
    assert failed.stdout.endswith(", 1 attempt, RuntimeError: not today\n")


def test_jobs_that_wait_tell_until_when(run: Run, directory: Path) -> None:
    filled(directory, "Ada keeps bees.", strategy=notes(trigger=Trigger(messages=9, idle_seconds=86_400)))

    assert "k0  notes: pending, due 20" in run("jobs", BANK).stdout


def test_jobs_are_chosen_by_strategy_and_paged(run: Run, directory: Path) -> None:
    filled(directory, "One.", "Two.", "Three.")

    none = run("jobs", BANK, "--of", "others")
    page = run("jobs", BANK, "--of", "notes", "--limit", "2")
    cursor = page.stderr.split("--cursor ")[1].strip()
    rest = run("jobs", BANK, "--limit", "2", "--cursor", cursor)

    assert none.stdout == "There are no such jobs.\n"
    assert [line.split()[0] for line in (page.stdout + rest.stdout).splitlines()] == ["k0", "k1", "k2"]


def test_jobs_as_json_are_whole(run: Run, directory: Path) -> None:
    filled(directory, "Ada keeps bees.")

    (job,) = json.loads(run("jobs", BANK, "--json").stdout)["jobs"]

    assert (job["bank"], job["strategy"], job["key"], job["state"]) == (BANK, "notes", "k0", "done")
    assert (job["actor"], job["session"], job["version"], job["attempts"]) == ("ada", "s", "1", 1)
    assert job["finished"].endswith("+00:00")


def test_what_failed_is_tried_again(run: Run, directory: Path) -> None:
    broken = notes(Failing(99), name="semantic")
    filled(directory, "I live in Lisbon.", strategy=broken, pace=Pace(attempts=1))

    again = run("jobs", BANK, "--retry", "--strategy", "semantic")

    assert again.exit_code == 0
    assert "k0  semantic " in again.stdout
    assert ": done " in again.stdout


def test_retrying_code_that_the_command_does_not_have_leaves_it_waiting(run: Run, directory: Path) -> None:
    filled(directory, "I live in Lisbon.", strategy=notes(Failing(99)), pace=Pace(attempts=1))

    again = run("jobs", BANK, "--retry")

    assert again.exit_code == 0
    assert "k0  notes: pending, due " in again.stdout


def test_what_waits_for_more_can_be_finished(run: Run, directory: Path) -> None:
    summary = SummaryStrategy(trigger=Trigger(messages=50, idle_seconds=86_400))
    filled(directory, "I have sold the boat to Grace.", strategy=summary)
    before = run("jobs", BANK)

    finished = run("jobs", BANK, "--finish", "--strategy", "summary")

    assert ": pending" in before.stdout
    assert ": done " in finished.stdout
    assert ": 1 memory; jobs: 1 done" in run("strategies", BANK).stdout


def test_revisions_are_listed_and_taken_back(run: Run, directory: Path) -> None:
    filled(directory, "Ada lives in Porto.", "Ada lives in Lisbon.")

    listed = run("revisions", BANK).stdout.splitlines()
    undone = run("undo", BANK, listed[1].split()[0])
    again = run("undo", BANK, listed[1].split()[0])

    assert [" ".join(line.split()[3:5]) for line in listed] == ["notes: add", "notes: supersede"]
    assert listed[1].endswith("  Ada lives in Lisbon.")
    assert undone.exit_code == 0
    assert undone.stdout.startswith("undone: ")
    assert ", undone  Ada lives in Lisbon." in undone.stdout
    assert again.exit_code == 1
    assert "was undone before" in again.stderr


def test_revisions_of_one_memory_as_json(run: Run, directory: Path) -> None:
    filled(directory, "Ada has a dog.", "Ada has a dog called Rex.", "Grace keeps goats.")
    every = json.loads(run("revisions", BANK, "--json").stdout)["revisions"]

    of_one = json.loads(run("revisions", BANK, "--memory", every[0]["memory"], "--json").stdout)["revisions"]

    assert [one["decision"] for one in every] == ["add", "update", "add"]
    assert [one["number"] for one in of_one] == [one["number"] for one in every[:2]]
    assert of_one[1]["before"]["text"] == "Ada has a dog."


def test_revisions_are_paged(run: Run, directory: Path) -> None:
    filled(directory, "Ada has a dog.", "Grace keeps goats.")

    page = run("revisions", BANK, "--limit", "1")
    rest = run("revisions", BANK, "--cursor", page.stderr.split("--cursor ")[1].strip())

    assert page.stdout.endswith("Ada has a dog.\n")
    assert rest.stdout.endswith("Grace keeps goats.\n")


def test_what_is_not_there_to_be_undone_is_one_clear_line(run: Run, directory: Path) -> None:
    filled(directory, "Ada has a dog.")

    unknown = run("undo", BANK, "999")

    assert unknown.exit_code == 1
    assert unknown.stderr.startswith("Error: Bank 'user:ada' has no revision 999")


def test_what_was_said_cannot_control_the_terminal(run: Run, directory: Path) -> None:
    filled(directory, "Ada \x1b[31mkeeps\x1b[0m bees [bold]now[/bold].")

    listed = run("revisions", BANK)

    assert "\x1b" not in listed.stdout
    assert "[bold]now[/bold]" in listed.stdout


@pytest.mark.parametrize("command", [["strategies"], ["jobs", BANK], ["revisions", BANK], ["undo", BANK, "1"]])
def test_where_there_is_no_memory_nothing_is_made(run: Run, directory: Path, command: list[str]) -> None:
    refused = run(*command)

    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: There is no memory at ")
    assert not directory.exists()
