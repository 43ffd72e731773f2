"""The command line: which commands there are, and how errors are told.

Modules that it imports load no model, no engine and no NumPy, so that `duramen --version` answers at once.
"""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from duramen.commands.aws_env import aws_env
from duramen.commands.between import move
from duramen.commands.demo import demo
from duramen.commands.doctor import doctor
from duramen.commands.evaluate import evaluate
from duramen.commands.explain import explain
from duramen.commands.follow import jobs, revisions, strategies, undo
from duramen.commands.keep import forget, reembed, retain, retry
from duramen.commands.keys import keys
from duramen.commands.look import banks, memories, recall, reflect, status
from duramen.commands.mcp import mcp
from duramen.commands.migrate import migrate
from duramen.commands.move import export, imports
from duramen.commands.serve import SETTINGS, serve
from duramen.commands.work import work
from duramen.errors import DuramenError
from duramen.terminal import console
from duramen.version import __version__


class _Commands(TyperGroup):
    """Commands whose expected errors are one clear line and exit code 1, with no traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except DuramenError as error:
            console(stderr=True).print(f"Error: {error}", style="red", soft_wrap=True)
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=_Commands,
    name="duramen",
    help="Durable memory for AI agents, in one local directory.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"duramen {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Durable memory for AI agents, in one local directory."""


for command in (
    demo,
    retain,
    recall,
    explain,
    reflect,
    memories,
    banks,
    status,
    forget,
    reembed,
    retry,
    export,
    move,
    mcp,
    migrate,
    doctor,
):
    app.command()(command)
for name, follow in (("strategies", strategies), ("jobs", jobs), ("revisions", revisions), ("undo", undo)):
    app.command(name)(follow)
app.command("eval")(evaluate)
app.command("aws-env")(aws_env)
for place in (serve, work):
    app.command(epilog=SETTINGS)(place)
app.add_typer(imports)
app.add_typer(keys)


def main() -> None:
    """Run the command line; a console that cannot show a character shows another in its place."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()
