"""Commands that change what is kept: retain, forget, reembed, retry."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.progress import Progress

from duramen.commands.options import DEFAULT_DIRECTORY, Bank, Directory, Fast, Strategies, moment, opened
from duramen.errors import BadQueryError
from duramen.plain import plain
from duramen.terminal import console, counted


def retain(  # noqa: PLR0913  each is an option of the command
    bank: Bank,
    text: Annotated[str, typer.Argument(help="What to keep; - reads it from the standard input.", show_default=False)],
    key: Annotated[str | None, typer.Option(help="Retaining this key again replaces it.")] = None,
    session: Annotated[str | None, typer.Option(help="The conversation it belongs to.")] = None,
    actor: Annotated[str | None, typer.Option(help="Whose conversation it is.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A label to recall by; may be repeated.")] = None,
    document: Annotated[str | None, typer.Option(help="The source that it is a piece of.")] = None,
    occurred: Annotated[
        str | None, typer.Option(help="When it was said or happened, ISO 8601; now if left out.")
    ] = None,
    strategy: Strategies = None,
    directory: Directory = DEFAULT_DIRECTORY,
    fast: Fast = False,
) -> None:
    """Keep a text for good."""
    at = moment(occurred, "--occurred")
    with opened(directory, fast=fast, create=True, strategies=strategy) as memory:
        retained = memory.retain(
            bank,
            sys.stdin.read() if text == "-" else text,
            key=key,
            occurred=at,
            actor=actor,
            session=session,
            tags=tag or (),
            document=document,
            wait=True,
        )
    done = "repeated" if retained.repeated else "replaced" if retained.replaced else "kept"
    console().print(f"{done} in {plain(bank)}: key {plain(retained.keys[0])}", soft_wrap=True)


def forget(  # noqa: PLR0913  each is an option of the command
    bank: Bank,
    memory: Annotated[str | None, typer.Option(help="One memory, by its id.")] = None,
    key: Annotated[str | None, typer.Option(help="All of one item.")] = None,
    document: Annotated[str | None, typer.Option(help="All of one source.")] = None,
    session: Annotated[str | None, typer.Option(help="All of one conversation.")] = None,
    actor: Annotated[str | None, typer.Option(help="All of one actor.")] = None,
    before: Annotated[str | None, typer.Option(help="All that was said before this time, ISO 8601.")] = None,
    everything: Annotated[bool, typer.Option("--everything", help="The whole bank.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    directory: Directory = DEFAULT_DIRECTORY,
    fast: Fast = False,
) -> None:
    """Delete for good what fits all conditions, and all that was made of it."""
    given = {"memory": memory, "key": key, "document": document, "session": session, "actor": actor, "before": before}
    conditions = [f"{name} {plain(value)}" for name, value in given.items() if value is not None]
    if everything == bool(conditions):
        raise BadQueryError(
            "Say what to forget: --memory, --key, --document, --session, --actor or --before; or --everything alone "
            "for the whole bank. Nothing was deleted."
        )
    at = moment(before, "--before")
    with opened(directory, fast=fast) as engine:
        what = "all" if everything else ", ".join(conditions)
        if not yes:
            typer.confirm(f"From {plain(bank)}, forget for good: {what}?", abort=True)
        forgotten = engine.forget(
            bank,
            memory=memory,
            key=key,
            document=document,
            session=session,
            actor=actor,
            before=at,
            everything=everything,
        )
    out = console()
    out.print(
        f"deleted from {plain(bank)}: {counted(forgotten.memories, 'memory', 'memories')}, "
        f"{counted(forgotten.events, 'event')}, {counted(len(forgotten.keys), 'whole item')}",
        soft_wrap=True,
    )
    for one in forgotten.keys:
        out.print(f"  {plain(one)}", soft_wrap=True)


def reembed(bank: Bank, directory: Directory = DEFAULT_DIRECTORY, fast: Fast = False) -> None:
    """Make the memories of a bank anew from its events, with the embedder of today."""
    with opened(directory, fast=fast) as memory, Progress(console=console(stderr=True)) as progress:
        task = progress.add_task("events", total=None)
        count = memory.reembed(bank, progress=lambda done, total: progress.update(task, completed=done, total=total))
    console().print(f"{plain(bank)}: memories made anew from {counted(count, 'event')}", soft_wrap=True)


def retry(
    bank: Annotated[str | None, typer.Argument(help="One bank; all if left out.", show_default=False)] = None,
    directory: Directory = DEFAULT_DIRECTORY,
    fast: Fast = False,
) -> None:
    """Work through the failed events again."""
    with opened(directory, fast=fast) as memory:
        count = memory.retry(bank)
        memory.flush(bank)
        failed = memory.status(bank).failed
    console().print(f"{counted(count, 'event')} tried again; {failed} failed")
    if failed:
        raise typer.Exit(1)
