"""The README's examples are run in order, in one namespace, as a reader would; its tables are held against the code."""

from __future__ import annotations

import inspect
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

import duramen_langgraph
from duramen_langgraph import GraphMemory, Retention
from duramen_langgraph._core import Placement
from tests.readmes import readme_of, run_examples

README = readme_of("duramen_langgraph")


async def test_the_examples_run_as_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    names = await run_examples(README)

    assert "I moved to Lisbon." in capsys.readouterr().out
    brain: GraphMemory = names["brain"]
    assert (brain.stats().recall_failures, brain.stats().retain_failures, brain.stats().refused) == (0, 0, 0)
    assert brain.stats().retains > 1
    assert [hit.key for hit in names["hits"]] == ["profile"]
    assert [tool.name for tool in names["tools"]] == ["recall", "retain", "reflect", "forget"]
    assert names["state"].values["messages"][-1].content == "Noted."


def test_what_the_readme_names_is_there() -> None:
    for name in ("retain_in_tools", "placement", "strict", "timeout", "bank", "key", "messages_key", "retention"):
        assert name in inspect.signature(GraphMemory).parameters
        assert f"`{name}" in README or f"{name}=" in README
    for option in fields(Retention):
        assert f"`{option.name}`" in README or f"{option.name}=" in README
    for placement in get_args(Placement):
        assert f'| `"{placement}"`' in README


def test_the_names_of_the_package_are_sorted_there_and_loaded_when_asked_for() -> None:
    names = duramen_langgraph.__all__

    assert names == sorted(names)
    assert all(getattr(duramen_langgraph, name) is not None for name in names)
    with pytest.raises(AttributeError, match="no attribute 'Remembered'"):
        duramen_langgraph.Remembered  # noqa: B018  what is asked for is not there


def test_without_langgraph_the_package_says_what_to_install() -> None:
    code = """
        import sys
        sys.modules["langgraph"] = None
        import duramen_langgraph
        try:
            duramen_langgraph.recall_node
        except ImportError as error:
            print(error)
    """

    run = subprocess.run([sys.executable, "-c", inspect.cleandoc(code)], capture_output=True, text=True, check=False)

    assert "needs the 'langgraph' extra: pip install 'duramen[langgraph]'" in run.stdout, run.stderr
