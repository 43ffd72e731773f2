"""`duramen move`: banks from one store to another as they stand."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from duramen.commands.options import Json
from duramen.commands.printing import print_json
from duramen.plain import plain
from duramen.terminal import console, counted

if TYPE_CHECKING:
    from duramen.copying import Part
    from duramen.moving.between import Compared, Moved

_ONE: Mapping[str, tuple[str, str | None]] = {
    "events": ("event", None),
    "memories": ("memory", "memories"),
    "sources": ("memory with sources", "memories with sources"),
    "records": ("revision", None),
    "jobs": ("job", None),
    "entries": ("entry of the shelf", "entries of the shelf"),
    "marks": ("mark of what was forgotten", "marks of what was forgotten"),
}


def move(  # noqa: PLR0913  each is an option of the command
    source: Annotated[str, typer.Argument(metavar="FROM", help="A directory, or postgresql://…", show_default=False)],
    target: Annotated[str, typer.Argument(metavar="TO", help="Likewise; made if it is not there.", show_default=False)],
    bank: Annotated[list[str] | None, typer.Option(help="Only this bank; may be repeated.")] = None,
    shelf: Annotated[
        bool, typer.Option("--shelf/--no-shelf", help="With what stands on the shelf beside the banks.")
    ] = True,
    check: Annotated[bool, typer.Option("--check", help="Only compare both sides.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be moved.")] = False,
    as_json: Json = False,
) -> None:
    """Move banks to another store as they stand, with their vectors, and compare both sides.

    The source is only read, and may be in use. Run it again to catch up with what came since; only that is copied. Let
    nobody use the banks at the target before the last run. Exits with 1 if the two sides differ.
    """
    between = import_module("duramen.moving.between")
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("opening", total=None)

        def told(doing: str, done: int, total: int) -> None:
            bar.update(task, description=doing, completed=done, total=total or None)

        if check:
            compared = asyncio.run(between.check(source, target, banks=bank, shelf=shelf, told=told))
            moved = None
        else:
            moved = asyncio.run(between.move(source, target, banks=bank, shelf=shelf, dry_run=dry_run, told=told))
            compared = moved.mismatched
    differing = [one for one in compared if one.differing]
    if as_json:
        print_json(_as_json(moved, compared, dry_run=dry_run))
    else:
        _tell(moved, compared, dry_run=dry_run)
    if differing:
        raise typer.Exit(1)


def _as_json(moved: Moved | None, compared: Sequence[Compared], *, dry_run: bool) -> dict[str, Any]:
    all_compared = compared if moved is None else moved.compared
    told: dict[str, Any] = {
        "same": not any(one.differing for one in compared),
        "compared": [
            {"bank": one.bank, "source": _sums(one.source), "target": _sums(one.target), "differing": one.differing}
            for one in all_compared
        ],
    }
    if moved is None:
        return told
    return {
        "source": moved.source,
        "target": moved.target,
        "dry_run": dry_run,
        "passes": moved.passes,
        "copied": _by_bank(moved.banks),
        "gone": _by_bank(moved.gone),
        "newer": _by_bank(moved.newer),
        **told,
    }


def _by_bank(counts: Mapping[str | None, Mapping[Part, int]]) -> list[dict[str, Any]]:
    """Return counts by bank; what stands beside the banks has null for its name."""
    return [
        {"bank": bank, **{str(part): count for part, count in parts.items()}}
        for bank, parts in counts.items()
        if any(parts.values())
    ]


def _sums(sums: Mapping[Part, Any]) -> dict[str, Any]:
    return {part: {"count": one.count, "sum": one.sum} for part, one in sums.items() if one.count}


def _tell(moved: Moved | None, compared: Sequence[Compared], *, dry_run: bool) -> None:
    if moved is not None:
        _tell_moved(moved)
    _tell_differing(compared)
    if dry_run:
        console(stderr=True).print("Nothing was changed.")
    elif not any(one.differing for one in compared):
        checked = compared if moved is None else moved.compared
        pieces = sum((Counter({part: each.count for part, each in one.source.items()}) for one in checked), Counter())
        newer = "" if moved is None or not moved.newer else ", but for what is newer"
        told = f"Both sides hold the same{newer}: {_counts(pieces) or 'nothing'}."
        console(stderr=True).print(told, soft_wrap=True)


def _tell_moved(moved: Moved) -> None:
    out, aside = console(), console(stderr=True)
    copied = {bank: parts for bank, parts in moved.banks.items() if any(parts.values())}
    for bank, parts in copied.items():
        out.print(f"{_name(bank)}: {_counts(parts)}", soft_wrap=True)
    for bank, parts in moved.gone.items():
        out.print(f"{_name(bank)}: {_counts(parts)} gone at the source", soft_wrap=True)
    if not copied and not moved.gone:
        out.print("There was nothing to move.")
    for bank, parts in moved.newer.items():
        aside.print(f"{_name(bank)}: {_counts(parts)} newer at the source; move again to catch up.", soft_wrap=True)


def _tell_differing(compared: Sequence[Compared]) -> None:
    for one in compared:
        for part in one.differing:
            counts = [side[part].count if part in side else 0 for side in (one.source, one.target)]
            told = f"{_name(one.bank)}: {part} differ ({counts[0]} at the source, {counts[1]} at the target)"
            console(stderr=True).print(told, style="red", soft_wrap=True)


def _name(bank: str | None) -> str:
    return "beside the banks" if bank is None else plain(bank)


def _counts(parts: Mapping[Any, int]) -> str:
    return ", ".join(counted(count, *_ONE[part]) for part, count in parts.items() if count)
