"""`duramen keys` through the real commands, on a real directory."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from duramen.cli import app


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "memory"


def run(directory: Path, *arguments: str) -> Any:
    return CliRunner().invoke(app, ["keys", *arguments], env={"DURAMEN_DIRECTORY": str(directory)})


def listed(directory: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(directory, "list", "--json").stdout)["keys"]
    return found


def test_a_key_is_shown_once_alone_on_the_standard_output(directory: Path) -> None:
    made = run(directory, "create", "ci")

    secret = made.stdout.strip()
    assert made.exit_code == 0
    assert secret.startswith("drm_")
    assert len(secret.split()) == 1
    assert secret.split("_", 2)[2] not in run(directory, "list").stdout + run(directory, "list", "--json").stdout


def test_a_key_of_a_tenant_is_not_for_the_server_as_a_whole(directory: Path) -> None:
    run(directory, "create", "ci", "--tenant", "acme", "--bank", "support-*", "--days", "30")

    (key,) = listed(directory)
    assert (key["name"], key["tenant"], key["banks"]) == ("ci", "acme", ["support-*"])
    assert "admin" not in key["verbs"]
    assert key["expires"] > key["created"]


def test_a_key_without_a_scope_is_for_everything(directory: Path) -> None:
    run(directory, "create", "root")

    assert "admin" in listed(directory)[0]["verbs"]
    assert "everything" in run(directory, "list").stdout


def test_a_rotated_key_keeps_its_id_and_gets_another_secret(directory: Path) -> None:
    first = json.loads(run(directory, "create", "ci", "--json").stdout)

    second = json.loads(run(directory, "rotate", first["id"], "--json").stdout)

    assert first["id"] == second["id"]
    assert first["key"] != second["key"]


def test_a_key_for_aws_is_shown_as_what_a_shell_exports(directory: Path) -> None:
    made = run(directory, "create", "ci", "--aws", "--tenant", "acme")

    names = [line.partition("=")[0] for line in made.stdout.splitlines()]
    access, secret = (line.partition("=")[2] for line in made.stdout.splitlines())
    (key,) = listed(directory)
    assert names == ["export AWS_ACCESS_KEY_ID", "export AWS_SECRET_ACCESS_KEY"]
    assert access == f"DRMA{key['id'].upper()}"
    assert access in run(directory, "list").stdout
    assert secret not in run(directory, "list").stdout + run(directory, "list", "--json").stdout
    assert (key["aws"], key["tenant"]) == (True, "acme")


@pytest.mark.skipif(os.name != "posix", reason="modes say nothing here")
def test_who_makes_a_key_that_others_can_read_is_told_so(directory: Path) -> None:
    own = run(directory, "create", "ci", "--aws")
    directory.chmod(0o755)
    open_to_others = run(directory, "create", "ci", "--aws")
    only_a_digest = run(directory, "create", "ci")

    assert [f"chmod 700 {directory}" in one.stderr for one in (own, open_to_others, only_a_digest)] == [
        False,
        True,
        False,
    ]


def test_a_rotated_key_for_aws_keeps_its_access_key_id(directory: Path) -> None:
    first = json.loads(run(directory, "create", "ci", "--aws", "--json").stdout)

    second = json.loads(run(directory, "rotate", first["id"], "--json").stdout)

    assert first["AWS_ACCESS_KEY_ID"] == second["AWS_ACCESS_KEY_ID"]
    assert first["AWS_SECRET_ACCESS_KEY"] != second["AWS_SECRET_ACCESS_KEY"]


def test_a_revoked_key_is_listed_as_such(directory: Path) -> None:
    made = json.loads(run(directory, "create", "ci", "--json").stdout)

    outcome = run(directory, "revoke", made["id"])

    assert "revoked" in outcome.stdout
    assert listed(directory)[0]["revoked"] is not None


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", " "),
        ("create", "ci", "--verb", "everything"),
        ("create", "ci", "--agent", "support"),
        ("create", "ci", "--days", "0"),
        ("revoke", "nobody"),
        ("rotate", "nobody"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(directory: Path, arguments: tuple[str, ...]) -> None:
    run(directory, "create", "first")

    outcome = run(directory, *arguments)

    assert outcome.exit_code == 1
    assert outcome.stderr.startswith("Error: ")
    assert len(listed(directory)) == 1


def test_keys_of_a_memory_that_is_not_there_are_not_listed_and_nothing_is_made(directory: Path) -> None:
    outcome = run(directory, "list")

    assert outcome.exit_code == 1
    assert not directory.exists()
