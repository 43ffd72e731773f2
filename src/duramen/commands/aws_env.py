"""`duramen aws-env`: the variables with which boto3, and all that is built on it, talks to a server here."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

import typer

from duramen.commands.printing import print_json
from duramen.errors import AddressError
from duramen.terminal import console

REGION = "us-west-2"
_OWN = "DRMA"  # what an access key id of a server begins with
_SESSION = ("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")  # of an account of AWS: nothing that a server here should see
_IGNORING = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"


def aws_env(
    url: Annotated[
        str | None, typer.Option(help="Where the server is, if elsewhere than at --port of this computer.")
    ] = None,
    port: Annotated[int, typer.Option(envvar="DURAMEN_PORT", min=1, max=65_535, help="The server's port.")] = 8888,
    form: Annotated[
        Literal["env", "powershell", "json"], typer.Option("--format", help="For which shell, or as JSON.")
    ] = "env",
) -> None:
    """Print what leads AWS's clients of AgentCore Memory to a server: eval "$(duramen aws-env)"."""
    variables = _variables(_checked(url) if url is not None else f"http://127.0.0.1:{port}", os.environ)
    if form == "json":
        print_json(variables)
    elif form == "powershell":
        for name, value in variables.items():
            typer.echo(f"$env:{name} = '{value.replace(chr(39), chr(39) * 2)}'")
    else:
        for name, value in variables.items():
            typer.echo(f"export {name}={shlex.quote(value)}")
    if os.environ.get(_IGNORING, "").strip().casefold() == "true":
        console(stderr=True).print(
            f"{_IGNORING} is true: AWS's clients will pass over these addresses and ask AWS. Unset it.",
            style="yellow",
            soft_wrap=True,
        )


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise AddressError(f"{url!r} is no address of a server. Give one such as http://localhost:8888.")
    return url.rstrip("/")


def _variables(url: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables. An access key of a server that is there already is left alone, and its secret not shown.

    The token of a session at AWS would be sent with each request: it is blanked.
    """
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or REGION
    keys = {"AWS_ACCESS_KEY_ID": "duramen", "AWS_SECRET_ACCESS_KEY": "duramen"}
    return {
        "AWS_ENDPOINT_URL_BEDROCK_AGENTCORE": url,
        "AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL": url,
        **({} if environment.get("AWS_ACCESS_KEY_ID", "").startswith(_OWN) else keys),
        **{name: "" for name in _SESSION if environment.get(name)},
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
