"""The command that says why a recall gave what it gave, and not something else."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from duramen.commands.look import Budget, MaxTokens, Query
from duramen.commands.options import DEFAULT_DIRECTORY, Bank, Directory, Fast, Json, opened
from duramen.errors import BadInputError
from duramen.explained.account import Account
from duramen.explained.understood import spent, understood
from duramen.plain import plain
from duramen.terminal import console

if TYPE_CHECKING:
    from duramen.explained.explanation import Explanation


def explain(  # noqa: PLR0913  each is an option of the command
    bank: Bank,
    query: Query,
    memory: Annotated[str | None, typer.Option(help="Also say what became of one memory, by its id.")] = None,
    key: Annotated[str | None, typer.Option(help="Also say what became of the memories of one item.")] = None,
    limit: Annotated[int, typer.Option(help="At most this many hits.")] = 20,
    budget: Budget = "mid",
    max_tokens: MaxTokens = 1500,
    as_json: Json = False,
    drawn: Annotated[Path | None, typer.Option("--html", help="Also draw it into this file.")] = None,
    directory: Directory = DEFAULT_DIRECTORY,
    fast: Fast = False,
) -> None:
    """Say why a bank gives its hits, and what became of a memory that you expected."""
    with opened(directory, fast=fast) as engine:
        found = engine.explain(bank, query, memory=memory, key=key, limit=limit, budget=budget, max_tokens=max_tokens)
    if drawn is not None:
        _draw(found, drawn)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=True, indent=2))
        return
    _print(console(), found)
    for note in found.recall.notes:
        console(stderr=True).print(f"Note: {plain(note)}", soft_wrap=True)


def _print(out: Console, found: Explanation) -> None:
    for name, said in understood(found.recall).items():
        out.print(Text.assemble((f"{name}: ", "bold"), said), soft_wrap=True)
    out.print(spent(found.recall), style="dim", soft_wrap=True)
    for account in found.why:
        out.print()
        _print_account(out, f"{account.hit}. {account.score:.2f}  ", account)
    if not found.why:
        out.print("Nothing was found.")
    if found.why_not:
        out.print("\nWhat you asked about:", style="bold")
    for account in found.why_not:
        _print_account(out, "- ", account)


def _print_account(out: Console, label: str, account: Account) -> None:
    out.print(Text.assemble((label, "bold"), account.title()), soft_wrap=True)
    for line in account.lines():
        out.print(f"   {line}", style="dim", soft_wrap=True)


def _draw(found: Explanation, path: Path) -> None:
    title = html.escape(found.recall.query.text)
    page = f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title><body>{found.html()}</body></html>\n'
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise BadInputError(
            f"`--html` is {str(path)!r}, which cannot be written: {error}. Name another file."
        ) from error
