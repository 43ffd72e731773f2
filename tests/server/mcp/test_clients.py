"""Every tool, by the real clients and servers of both generations of the `mcp` package."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from duramen.server.mcp.connection import ALL, OF_BANK
from tests.conftest import engine
from tests.server.hindsight.environments import python_with
from tests.server.mcp.tool_walk import BANK
from tests.server.running import running

WALK = Path(__file__).with_name("tool_walk.py")
FIRST = "mcp==1.30.0"
DURAMEN = [sys.executable, "-m", "duramen"]
MCP = [*DURAMEN, "mcp", "--fast", "--directory"]


def walk(python: Path | str, *way: str, variables: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Use all tools; `variables` are for the programs that are started on the way, too."""
    done = subprocess.run([str(python), str(WALK), *way], capture_output=True, text=True, check=False, env=variables)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def first() -> tuple[Path, dict[str, str]]:
    """Return a Python with the first generation, and variables by which this one has it too."""
    python = python_with(FIRST)
    place = next((python.parent.parent / "lib").glob("python*/site-packages"))
    return python, {**os.environ, "PYTHONPATH": os.fspath(place)}


@contextmanager
def serving(directory: Path, variables: Mapping[str, str]) -> Iterator[str]:
    """Run `duramen serve`; yield its URL."""
    command = [*DURAMEN, "serve", str(directory), "--fast", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=variables) as server:
        assert server.stderr is not None
        try:
            yield next(url[1] for line in server.stderr if (url := re.search(r" at (http://\S+)", line)))
        finally:
            server.terminate()
            server.communicate()


def check(told: dict[str, Any]) -> None:
    """Check what came of the walk."""
    everything, one = told["all"], told["one"]
    assert set(everything["tools"]) == set(everything["answers"]) == set(ALL)
    assert set(one["tools"]) == set(OF_BANK)
    for name, tool in everything["tools"].items():
        assert {**tool["annotations"], "title": None} == {
            **ALL[name].definition(fixed=False)["annotations"],
            "title": None,
        }
        assert tool["inputSchema"] == ALL[name].schema(fixed=False)
    failed = {name: answer["text"] for name, answer in everything["answers"].items() if answer["failed"]}
    assert list(failed) == ["cancel_operation"]
    assert "is completed" in failed["cancel_operation"]
    check_answers({name: answer["data"] for name, answer in everything["answers"].items()})
    assert [answer["failed"] for answer in everything["wrong"].values()] == [True] * len(everything["wrong"])
    assert one["answers"]["recall"]["data"]["results"][0]["text"] == "Grace lives in Porto."
    assert "Grace lives in Porto." in one["answers"]["recall"]["text"]


def check_answers(data: dict[str, Any]) -> None:
    assert data["recall"]["results"][0]["text"] == "Ada plays the cello."
    assert data["recall"]["results"][0]["metadata"] == {"source": "test"}
    assert data["recall"]["chunks"]
    assert data["recall"]["entities"]
    assert "cello" in data["reflect"]["text"]
    assert data["reflect"]["based_on"]["memories"]
    assert data["update_memory"]["text"] == data["invalidate_memory"]["text"] == "Ada plays the viola."
    assert data["get_document"]["original_text"] == "Ada has a red bicycle."
    assert data["delete_document"]["memory_units_deleted"] >= 1
    assert data["forget"]["deleted_count"] >= 1
    assert data["get_bank"]["mission"] == "Know Ada."
    assert data["get_bank"]["bank_id"] == BANK
    assert data["list_directives"]["items"][0]["content"] == "Answer briefly."
    assert data["get_mental_model"]["source_query"] == "Where does Ada live?"
    assert data["update_mental_model"]["trigger"]["mode"] == "full"
    assert data["get_knowledge_base_tree"]["roots"][0]["children"][0]["name"] == "Ada"
    assert data["update_knowledge_node"]["parent_id"] is None
    assert [one["bank_id"] for one in data["list_banks"]["banks"]] == [BANK]


def test_every_tool_works_over_http(tmp_path: Path) -> None:
    with running(engine(tmp_path / "memory")) as url:
        check(walk(sys.executable, "http", url))


def test_every_tool_works_over_standard_input_and_output(tmp_path: Path) -> None:
    check(walk(sys.executable, "stdio", *MCP, str(tmp_path / "memory")))


def test_every_tool_works_over_standard_input_and_output_with_a_server_behind_it(tmp_path: Path) -> None:
    with running(engine(tmp_path / "memory")) as url:
        check(walk(sys.executable, "stdio", *DURAMEN, "mcp", "--url", url))


def test_every_tool_works_for_a_client_of_the_first_generation(tmp_path: Path) -> None:
    python, _ = first()
    with running(engine(tmp_path / "memory")) as url:
        told = walk(python, "http", url)

    assert told["version"].startswith("1.")
    check(told)


def test_every_tool_works_in_a_server_of_the_first_generation(tmp_path: Path) -> None:
    _, variables = first()
    with serving(tmp_path / "memory", variables) as url:
        check(walk(sys.executable, "http", url))


def test_every_tool_works_where_all_is_of_the_first_generation(tmp_path: Path) -> None:
    python, variables = first()
    told = walk(python, "stdio", *MCP, str(tmp_path / "memory"), variables=variables)

    assert told["version"].startswith("1.")
    check(told)


@pytest.mark.parametrize("url", ["localhost:8888", "nowhere", ""])
def test_what_is_no_address_of_a_server_is_said_in_one_line(url: str) -> None:
    done = subprocess.run([*DURAMEN, "mcp", "--url", url], capture_output=True, text=True, check=False, input="")

    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert done.stdout == ""
