from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from duramen.errors import BadInputError
from duramen_agentcore import AgentCoreConfig, RuntimeAdapter, configure, get_config, reset_config
from duramen_agentcore.config import current_config


def test_configure_returns_and_keeps_what_was_configured() -> None:
    before = get_config()

    config = configure(recall_budget="high", recall_max_tokens=300, timeout=2.5, tags=["team:x"], verbose=True)

    assert before is None
    assert get_config() is config
    assert config == AgentCoreConfig(
        recall_budget="high", recall_max_tokens=300, timeout=2.5, tags=("team:x",), verbose=True
    )


def test_the_defaults_are_embedded_memory_and_the_documented_values() -> None:
    config = configure()

    assert config.url == config.hindsight_api_url == "./memory"
    assert config.api_key is None
    assert (config.recall_budget, config.recall_max_tokens) == ("mid", 1500)
    assert config.retain_async is True
    assert config.timeout == 15.0
    assert config.tags == ()
    assert config.verbose is False


def test_the_last_call_wins_and_reset_forgets() -> None:
    configure(timeout=1)
    configure(timeout=2)

    config = get_config()
    reset_config()

    assert config is not None
    assert config.timeout == 2
    assert get_config() is None


@pytest.mark.parametrize(
    ("arguments", "variables", "url"),
    [
        ({"url": "./a", "hindsight_api_url": "./b"}, {"DURAMEN_URL": "./c"}, "./a"),
        ({"hindsight_api_url": "./b"}, {"DURAMEN_URL": "./c"}, "./b"),
        ({}, {"DURAMEN_URL": "./c", "HINDSIGHT_API_URL": "./d"}, "./c"),
        ({}, {"HINDSIGHT_API_URL": "./d"}, "./d"),
        ({}, {"DURAMEN_URL": "  ", "HINDSIGHT_API_URL": ""}, "./memory"),
        ({"url": Path("a")}, {}, "a"),
    ],
)
def test_the_address_is_the_first_that_is_given(
    monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any], variables: dict[str, str], url: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert configure(**arguments).url == url


@pytest.mark.parametrize(
    ("argument", "variables", "key"),
    [
        ("a", {"DURAMEN_API_KEY": "b"}, "a"),
        (None, {"DURAMEN_API_KEY": "b", "HINDSIGHT_API_KEY": "c"}, "b"),
        (None, {"HINDSIGHT_API_KEY": "c", "HINDSIGHT_API_TOKEN": "d"}, "c"),
        (None, {"HINDSIGHT_API_TOKEN": "d"}, "d"),
        (None, {}, None),
    ],
)
def test_the_key_is_the_first_that_is_given_and_is_never_shown(
    monkeypatch: pytest.MonkeyPatch, argument: str | None, variables: dict[str, str], key: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    config = configure(api_key=argument)

    assert config.api_key == key
    assert "api_key" not in repr(config)


def test_the_environment_counts_also_without_configure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HINDSIGHT_API_URL", "./from-the-environment")

    assert current_config().url == "./from-the-environment"
    assert get_config() is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"recall_budget": "deep"},
        {"recall_max_tokens": 0},
        {"recall_max_tokens": True},
        {"recall_max_tokens": 1.5},
        {"timeout": 0},
        {"timeout": -1},
        {"timeout": float("inf")},
        {"timeout": float("nan")},
        {"timeout": "15"},
        {"tags": "one"},
        {"tags": ["", "x"]},
        {"tags": [3]},
        {"url": " "},
    ],
)
def test_a_value_without_sense_is_refused_by_name_and_changes_nothing(wrong: dict[str, Any]) -> None:
    before = configure(timeout=3)
    name = next(iter(wrong))

    with pytest.raises(BadInputError, match=f"`{name}` is"):
        configure(**wrong)

    assert get_config() is before


def test_configure_and_the_config_have_the_same_options() -> None:
    options = {name for name, one in inspect.signature(configure).parameters.items() if one.kind is one.KEYWORD_ONLY}

    assert options == {*AgentCoreConfig.__dataclass_fields__, "hindsight_api_url"}


def test_an_adapter_keeps_what_was_configured_when_it_was_made(tmp_path: Path) -> None:
    configure(url=tmp_path / "a", tags=["first"])
    adapter = RuntimeAdapter("support")

    configure(url=tmp_path / "b", tags=["second"])

    assert adapter._config.url == str(tmp_path / "a")
    assert adapter._config.tags == ("first",)
