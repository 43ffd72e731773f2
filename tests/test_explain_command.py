"""Why a memory is a hit, and why another is not: on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from duramen.cli import app

Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    env = {"DURAMEN_DIRECTORY": str(tmp_path / "memory"), "DURAMEN_FAST": "1"}

    def invoke(*arguments: str) -> Any:
        return CliRunner().invoke(app, arguments, env=env)

    for place, text in enumerate(("Ada moved to Lisbon.", "Ada keeps bees.", "The bees sleep.")):
        invoke("retain", "user:ada", text, "--key", f"k{place}")
    return invoke


def test_the_command_says_why_and_why_not(run: Run) -> None:
    explained = run("explain", "user:ada", "Who keeps bees?", "--key", "k0", "--limit", "1")

    lines = explained.stdout.splitlines()
    assert explained.exit_code == 0
    assert any(line.startswith("1. 0.") and line.endswith("Ada keeps bees.") for line in lines)
    assert any(line.startswith("   1st in semantic (") for line in lines)
    assert "What you asked about:" in lines
    assert any("beyond the limit of 1: ranked 3rd" in line for line in lines)


def test_the_command_accounts_for_a_memory_by_its_id(run: Run) -> None:
    id = run("memories", "user:ada", "--key", "k2").stdout.split()[0]

    explained = json.loads(run("explain", "user:ada", "Who keeps bees?", "--memory", id, "--json").stdout)

    assert [one["id"] for one in explained["why_not"]] == [id]
    assert explained["why_not"][0]["memory"]["text"] == "The bees sleep."


def test_the_command_draws_a_page(run: Run, tmp_path: Path) -> None:
    explained = run("explain", "user:ada", "Who keeps <bees>?", "--html", str(tmp_path / "page.html"))

    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert explained.exit_code == 0
    assert page.startswith("<!doctype html>")
    assert "<title>Who keeps &lt;bees&gt;?</title>" in page
    assert "Ada keeps bees." in page


def test_a_page_that_cannot_be_written_is_one_clear_line(run: Run, tmp_path: Path) -> None:
    refused = run("explain", "user:ada", "Who keeps bees?", "--html", str(tmp_path / "no" / "page.html"))

    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: `--html`")


def test_the_command_says_that_there_is_no_such_bank(run: Run) -> None:
    explained = run("explain", "user:bob", "Who keeps bees?")

    assert "Nothing was found." in explained.stdout
    assert "no bank 'user:bob'" in explained.stderr


def test_a_traced_recall_tells_what_was_understood_and_dropped(run: Run) -> None:
    traced = run("recall", "user:ada", "Where does Ada live now?", "--trace", "--limit", "1")

    assert "searched 3 memories; names: ada; time: now; dropped: " in traced.stdout
    assert "; milliseconds: wait " in traced.stdout
