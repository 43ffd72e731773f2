"""`duramen aws-env` through the real command, and its lines through a real shell."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from typer.testing import CliRunner

from duramen.cli import app
from duramen.server.keys import Keys
from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.running import running

BLANK = dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "DURAMEN_PORT"))
LIST = "import boto3; print(boto3.client('bedrock-agentcore-control').list_memories()['memories'])"


def run(*arguments: str, **environment: str) -> Any:
    return CliRunner().invoke(app, ["aws-env", *arguments], env={**BLANK, **environment})


def told(*arguments: str, **environment: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(run(*arguments, "--format", "json", **environment).stdout)
    return found


def test_it_names_the_server_of_this_computer_for_both_planes() -> None:
    told_of = told("--port", "9999")

    assert told_of == {
        "AWS_ENDPOINT_URL_BEDROCK_AGENTCORE": "http://127.0.0.1:9999",
        "AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL": "http://127.0.0.1:9999",
        "AWS_ACCESS_KEY_ID": "duramen",
        "AWS_SECRET_ACCESS_KEY": "duramen",
        "AWS_REGION": "us-west-2",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def test_another_place_and_region_are_taken() -> None:
    told_of = told("--url", "https://memory.example/base/", AWS_DEFAULT_REGION="eu-central-1")

    assert told_of["AWS_ENDPOINT_URL_BEDROCK_AGENTCORE"] == "https://memory.example/base"
    assert (told_of["AWS_REGION"], told_of["AWS_DEFAULT_REGION"]) == ("eu-central-1", "eu-central-1")


def test_an_access_key_of_a_server_is_left_alone_and_not_shown() -> None:
    told_of = told(AWS_ACCESS_KEY_ID="DRMA0123456789ABCDEF", AWS_SECRET_ACCESS_KEY="its-secret")

    assert "AWS_ACCESS_KEY_ID" not in told_of
    assert "its-secret" not in str(told_of)


@pytest.mark.parametrize("key", ["ASIA0123456789ABCDEF", "DRMA0123456789ABCDEF"])
def test_the_token_of_a_session_at_aws_is_not_sent_here(key: str) -> None:
    lines = run(AWS_ACCESS_KEY_ID=key, AWS_SESSION_TOKEN="of-an-account").stdout

    assert "export AWS_SESSION_TOKEN=''" in lines
    assert "of-an-account" not in lines


def test_each_form_has_the_same_variables() -> None:
    names = list(told())

    lines = run().stdout.splitlines()
    powershell = run("--format", "powershell").stdout.splitlines()

    assert [line.removeprefix("export ").partition("=")[0] for line in lines] == names
    assert [line.removeprefix("$env:").partition(" = ")[0] for line in powershell] == names
    assert powershell[-1] == "$env:AWS_EC2_METADATA_DISABLED = 'true'"


@pytest.mark.parametrize("url", ["localhost:8888", "ftp://localhost", "http://", "http://localhost/?a=b", ""])
def test_what_is_no_address_is_one_clear_line(url: str) -> None:
    outcome = run("--url", url)

    assert outcome.exit_code == 1
    assert outcome.stderr.startswith("Error: ")


@pytest.mark.parametrize(("value", "warned"), [("true", True), ("True", True), ("false", False), ("", False)])
def test_it_warns_if_clients_would_pass_over_what_it_says(value: str, warned: bool) -> None:
    outcome = run(AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=value)

    assert ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" in outcome.stderr) is warned
    assert "IGNORE" not in outcome.stdout


def shell(script: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", script], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs a shell")
def test_boto3_finds_a_server_with_nothing_but_these_lines_and_a_key() -> None:
    memory = engine(":memory:")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DURAMEN_"))}
    with running(memory, Settings(auth="on")) as url:
        key, secret = asyncio.run(Keys(memory.shelf).create("ci", aws=True))
        lead = f'eval "$({sys.executable} -m duramen aws-env --url {url})"'
        issued = f"export AWS_ACCESS_KEY_ID={key.access_key} AWS_SECRET_ACCESS_KEY={secret}"
        ask = f'{sys.executable} -c "{LIST}"'

        known = shell(f"{issued}; {lead}; {ask}", clean)
        unknown = shell(f"{lead}; {ask}", clean)

    assert known.stdout.strip() == "[]", known.stderr
    assert "AccessDeniedException" in unknown.stderr
