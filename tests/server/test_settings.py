from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from duramen.cli import app
from duramen.server.settings import SettingError, Settings, read, variables

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_has_every_setting_in_its_table() -> None:
    rows = [line.split("`")[1] for line in README.read_text().splitlines() if line.startswith("| `DURAMEN_")]

    assert rows == variables()


def test_the_help_names_every_variable() -> None:
    told = CliRunner().invoke(app, ["serve", "--help"], env={"COLUMNS": "200"}).output

    assert [name for name in variables() if name not in told] == []


def test_a_flag_wins_over_the_environment_and_that_over_the_default() -> None:
    settings = read({"DURAMEN_PORT": "9000", "DURAMEN_HOST": "::1"}, port=9001, workers=None)

    assert (settings.port, settings.host, settings.workers) == (9001, "::1", 1)


def test_settings_go_through_the_environment_to_another_process() -> None:
    settings = Settings(
        directory="/tmp/a b", strategies=(), rate=60, jwt_audience="memory", jwt_key_file="k", auth="on"
    )

    again = read(settings.environment())

    assert again == settings


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("DURAMEN_PORT", "70000"),
        ("DURAMEN_PORT", "http"),
        ("DURAMEN_WORKERS", "0"),
        ("DURAMEN_AUTH", "maybe"),
        ("DURAMEN_INSECURE", "perhaps"),
        ("DURAMEN_REQUEST_SECONDS", "0"),
        ("DURAMEN_REQUEST_SECONDS", "nan"),
        ("DURAMEN_BASE_PATH", "memory"),
        ("DURAMEN_BASE_PATH", "/a//b"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_the_name_of_its_variable(variable: str, text: str) -> None:
    with pytest.raises(SettingError, match=f"^{variable} is") as caught:
        read({variable: text})

    assert caught.value.name == variable


def test_an_empty_variable_is_as_good_as_none_but_for_a_list() -> None:
    settings = read({"DURAMEN_PORT": " ", "DURAMEN_STRATEGIES": ""})

    assert settings.port == 8888
    assert settings.strategies == ()


def test_lists_are_read_with_commas() -> None:
    assert read({"DURAMEN_STRATEGIES": "observation, semantic"}).strategies == ("observation", "semantic")


@pytest.mark.parametrize(
    ("host", "guarded"),
    [
        ("127.0.0.1", False),
        ("::1", False),
        ("localhost", False),
        ("127.9.9.9", False),
        ("0.0.0.0", True),
        ("::", True),
        ("memory.example", True),
    ],
)
def test_callers_need_a_key_as_soon_as_others_can_reach_the_host(host: str, guarded: bool) -> None:
    assert Settings(host=host).guarded is guarded


def test_without_keys_where_others_can_reach_it_the_server_does_not_start() -> None:
    with pytest.raises(SettingError, match="--insecure"):
        Settings(host="0.0.0.0", auth="off")


def test_without_keys_where_others_can_reach_it_is_possible_when_asked_for() -> None:
    assert not Settings(host="0.0.0.0", auth="off", insecure=True).guarded


@pytest.mark.parametrize(
    "given",
    [
        {"jwt_jwks_url": "https://issuer/keys"},
        {"jwt_audience": "memory"},
        {"jwt_issuer": "https://issuer"},
        {"jwt_audience": "memory", "jwt_jwks_url": "https://issuer/keys", "jwt_key_file": "key.pem"},
        {"model": "small"},
        {"model_url": "http://localhost:1/v1"},
    ],
)
def test_settings_that_need_each_other_are_given_together_or_refused(given: dict[str, Any]) -> None:
    with pytest.raises(SettingError):
        Settings(**given)


def test_the_key_of_a_language_model_is_not_shown() -> None:
    settings = Settings(model="m", model_url="http://localhost:1/v1", model_key="s3cret")

    assert "s3cret" not in repr(settings)
