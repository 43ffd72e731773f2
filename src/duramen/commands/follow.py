"""Commands about strategies: what they have to do and did, and how to take it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer
from rich.progress import Progress

from duramen.commands.options import DEFAULT_DIRECTORY, Bank, Directory, Fast, Json, Strategies, opened
from duramen.commands.printing import print_json
from duramen.plain import plain
from duramen.terminal import console, counted
from duramen.types import Page

if TYPE_CHECKING:
    from duramen.ledger import Job, Revised
    from duramen.sync import SyncMemoryEngine

T = TypeVar("T")

SomeBank = Annotated[str | None, typer.Argument(help="One bank; all if left out.", show_default=False)]
State = Annotated[Literal["pending", "done", "failed"] | None, typer.Option(help="Only those in this state.")]


def strategies(
    bank: SomeBank = None,
    backfill: Annotated[
        str | None, typer.Option(help="Let this strategy work through what the bank held before it was there.")
    ] = None,
    as_json: Json = False,
    strategy: Strategies = None,
    directory: Directory = DEFAULT_DIRECTORY,
    fast: Fast = False,
) -> None:
    """Say what each strategy made, has to do and could not do."""
    if backfill is not None and bank is None:
        raise typer.BadParameter("Name the bank to backfill.")
    with opened(directory, fast=fast, strategies=strategy) as memory:
        if bank is not None and backfill is not None:
            count = memory.backfill(bank, backfill)
            console(stderr=True).print(f"{counted(count, 'event')} for {plain(backfill)}", soft_wrap=True)
            _wait(memory, bank, finish=True)
        names = [bank] if bank is not None else [one.name for one in _all(lambda at: memory.banks(cursor=at))]
        rows = [row for name in names for row in _rows(memory, name)]
    if as_json:
        print_json({"strategies": rows})
        return
    out = console()
    for row in rows:
        told = ", ".join(f"{row[state]} {state}" for state in ("done", "pending", "failed") if row[state])
        versions = f" (version {row['versions']})" if row["versions"] else ""
        made = counted(int(str(row["memories"])), "memory", "memories")
        out.print(
            f"{plain(str(row['bank']))}  {plain(str(row['strategy']))}{versions}: {made}; jobs: {told or 'none'}",
            soft_wrap=True,
        )
    if not rows:
        out.print("No strategy has made anything here.")


def jobs(  # noqa: PLR0913  each is an option of the command
    bank: Bank,
    state: State = None,
    of: Annotated[str | None, typer.Option("--of", help="Only those of this strategy.")] = None,
    retry: Annotated[bool, typer.Option("--retry", help="First try again what failed.")] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="First do all that can be done, also what waits for more to come.")
    ] = False,
    limit: Annotated[int, typer.Option(help="Length of a page, 1 to 1000.")] = 100,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    as_json: Json = False,
    strategy: Strategies = None,
    directory: Directory = DEFAULT_DIRECTORY,
    fast: Fast = False,
) -> None:
    """List which event was worked through by which strategy, when and how; and what is left and why."""
    with opened(directory, fast=fast, strategies=strategy) as memory:
        if retry:
            memory.retry_jobs(bank, strategy=of)
        if retry or finish:
            _wait(memory, bank, finish=finish)
        page = memory.jobs(bank, strategy=of, state=state, cursor=cursor, limit=limit)
    if as_json:
        print_json({"jobs": list(page.items), "next": page.next})
        return
    for one in page.items:
        console().print(_job(one), soft_wrap=True)
    _end(page, "There are no such jobs.")


def revisions(  # noqa: PLR0913  each is an option of the command
    bank: Bank,
    memory: Annotated[str | None, typer.Option(help="Only those of this memory, by its id.")] = None,
    limit: Annotated[int, typer.Option(help="Length of a page, 1 to 1000.")] = 100,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    as_json: Json = False,
    directory: Directory = DEFAULT_DIRECTORY,
    fast: Fast = False,
) -> None:
    """List what strategies did to a bank, each with the number by which `duramen undo` takes it back."""
    with opened(directory, fast=fast) as engine:
        page = engine.revisions(bank, memory=memory, cursor=cursor, limit=limit)
    if as_json:
        print_json({"revisions": list(page.items), "next": page.next})
        return
    for one in page.items:
        console().print(_revision(one), soft_wrap=True)
    _end(page, "Strategies have done nothing here.")


def undo(
    bank: Bank,
    revision: Annotated[int, typer.Argument(help="Its number, from `duramen revisions`.", show_default=False)],
    directory: Directory = DEFAULT_DIRECTORY,
    fast: Fast = False,
) -> None:
    """Take back what a strategy did; what was replaced is there again."""
    with opened(directory, fast=fast) as memory:
        done = memory.undo(bank, revision)
    console().print(f"undone: {_revision(done)}", soft_wrap=True)


def _rows(memory: SyncMemoryEngine, bank: str) -> list[dict[str, object]]:
    known = {one.name: one.version for one in memory.strategies(bank)}
    made = Counter(one.strategy for one in _all(lambda at: memory.memories(bank, namespace="/", cursor=at, limit=1000)))
    jobs = _all(lambda at: memory.jobs(bank, cursor=at, limit=1000))
    states = Counter((one.strategy, one.state) for one in jobs)
    names = dict.fromkeys((*known, *(one.strategy for one in jobs), *(str(name) for name in made if name)))
    return [
        {
            "bank": bank,
            "strategy": name,
            "versions": ", ".join(sorted({one.version for one in jobs if one.strategy == name and one.version})),
            "memories": made[name],
            **{state: states[name, state] for state in ("done", "pending", "failed")},
        }
        for name in names
    ]


def _wait(memory: SyncMemoryEngine, bank: str, *, finish: bool) -> None:
    with Progress(console=console(stderr=True)) as progress:
        task = progress.add_task("jobs", total=None)
        memory.wait_idle(
            bank, finish=finish, progress=lambda done, total: progress.update(task, completed=done, total=total)
        )
        if not progress.tasks[task].total:
            progress.update(task, completed=1, total=1)  # nothing was to do: of nothing, all is done


def _all(listing: Callable[[str | None], Page[T]]) -> list[T]:
    found: list[T] = []
    cursor: str | None = None
    while True:
        page = listing(cursor)
        found += page.items
        cursor = page.next
        if cursor is None:
            return found


def _job(job: Job) -> str:
    when = {"pending": f"due {_moment(job.due)}", "done": "", "failed": f"{counted(job.attempts, 'attempt')}"}[
        job.state
    ]
    at = f" {_moment(job.finished)}" if job.finished is not None else ""
    version = f" {plain(job.version)}" if job.version else ""
    told = "".join(f", {part}" for part in (when, plain(job.reason)) if part)
    return f"{plain(job.key)}  {plain(job.strategy)}{version}: {job.state}{at}{told}"


def _revision(one: Revised) -> str:
    other = f" {one.other}" if one.other else ""
    undone = ", undone" if one.undone else ""
    return f"{one.number}  {_moment(one.at)}  {plain(one.strategy)}: {one.decision}{other} -> {one.memory}{undone}  {plain(one.text)}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _end(page: Page[T], nothing: str) -> None:
    if not page.items:
        console().print(nothing)
    if page.next:
        console(stderr=True).print(f"There is more: --cursor {page.next}", soft_wrap=True)
