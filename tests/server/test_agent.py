"""The agent that a server is given by its name."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from duramen.server.agent import agent_of
from duramen.server.running import check
from duramen.server.settings import SettingError, Settings, read


def test_a_function_of_a_module_is_found() -> None:
    assert agent_of("json:dumps") is json.dumps
    assert agent_of("collections:Counter.fromkeys") == Counter.fromkeys


def test_without_a_name_there_is_none() -> None:
    assert agent_of(Settings().agent) is None


def test_the_module_may_stand_where_the_server_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_agent_of_a_test.py").write_text("def answer(messages):\n    return 'Hello.'\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))

    agent = agent_of("my_agent_of_a_test:answer")

    assert agent is not None
    assert agent([]) == "Hello."


@pytest.mark.parametrize("place", ["no_such_module:answer", "json:no_such_name", "json:__name__"])
def test_what_cannot_be_called_is_refused_before_the_server_starts(place: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=f"^DURAMEN_AGENT is '{place}'") as caught:
        check(Settings(agent=place, directory=str(tmp_path / "memory"), fast=True))

    assert caught.value.name == "DURAMEN_AGENT"


@pytest.mark.parametrize("place", ["json", "json:", ":dumps", "json.dumps", "a b:c", "a:b:c", "./a:b"])
def test_what_names_no_function_of_a_module_is_refused(place: str) -> None:
    with pytest.raises(SettingError, match="module:name"):
        read({"DURAMEN_AGENT": place})


def test_a_name_is_read_from_the_environment() -> None:
    assert read({"DURAMEN_AGENT": " my.agents:support.answer "}).agent == "my.agents:support.answer"
