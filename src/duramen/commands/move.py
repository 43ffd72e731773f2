"""`duramen export` and `duramen import`: all that a memory holds to a file and back, and what other memories hold."""

from __future__ import annotations

import concurrent.futures
import sys
import zipfile
from collections.abc import Callable, Coroutine, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer
from rich.progress import Progress
from typer.core import TyperGroup

from duramen.commands.options import DEFAULT_DIRECTORY, Directory, Fast, Json, Strategies, opened
from duramen.commands.parts import part
from duramen.commands.printing import print_json
from duramen.errors import BadInputError
from duramen.plain import plain
from duramen.terminal import console, counted

if TYPE_CHECKING:
    from duramen.following import Progress as Told
    from duramen.moving import Exported, Imported
    from duramen.moving.taking import Taken
    from duramen.moving.to_hindsight import Archived
    from duramen.sync import SyncMemoryEngine

T = TypeVar("T")

Into = Annotated[
    str,
    typer.Option(
        "--into", "--directory", "-d", envvar="DURAMEN_DIRECTORY", help="Where the memory lives, or is to: a directory."
    ),
]
Rename = Annotated[
    list[str] | None, typer.Option("--rename", help="OLD=NEW: another name for a bank; may be repeated.")
]
Work = Callable[["SyncMemoryEngine", "Told"], Coroutine[Any, Any, T]]

_MANY = {"memory": "memories", "entry": "entries", "memories": "memories"}


def export(
    bank: Annotated[list[str] | None, typer.Argument(help="Which banks; all if left out.", show_default=False)] = None,
    to: Annotated[
        str, typer.Option("--to", "-o", help="The file, packed if it ends with .gz; - for the standard output.")
    ] = "-",
    format: Annotated[
        Literal["duramen", "hindsight"],
        typer.Option(
            help="duramen: all that there is, to be imported again. hindsight: documents of one bank, as a ZIP."
        ),
    ] = "duramen",
    secrets: Annotated[bool, typer.Option("--secrets", help="With secrets and headers of webhooks.")] = False,
    directory: Directory = DEFAULT_DIRECTORY,
    fast: Fast = False,
) -> None:
    """Write all that banks hold to a file, but for vectors: JSON Lines that `duramen import` reads."""
    if format == "hindsight":
        _to_hindsight(bank or [], to, directory, fast=fast)
        return
    moving = import_module("duramen.moving")
    done: Exported = _run(
        directory, lambda memory, told: moving.export(memory, bank or None, to, secrets=secrets, progress=told), fast
    )
    where = "" if to == "-" else f", in {plain(to)}"
    told = _counts({**done.lines, "bank": 0}) or "nothing"
    console(stderr=True).print(f"{counted(len(done.banks), 'bank')}: {told}{where}", soft_wrap=True)


def _to_hindsight(banks: list[str], to: str, directory: str, *, fast: bool) -> None:
    if len(banks) != 1 or to == "-":
        raise BadInputError("An archive for Hindsight holds one bank, in a file: duramen export BANK --to FILE.zip")
    moving = import_module("duramen.moving.to_hindsight")
    done: Archived = _run(
        directory, lambda memory, told: moving.export_to_hindsight(memory, banks[0], to, progress=told), fast
    )
    counts = {"document": done.documents, "fact": done.facts, "observation": done.observations}
    console(stderr=True).print(f"{plain(done.bank)}: {_counts(counts) or 'nothing'}, in {plain(to)}", soft_wrap=True)
    _notes(done.notes)


class _Sources(TyperGroup):
    """Commands, of which `file` is meant where none is named: `duramen import all.jsonl`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["file", *args]
        return super().parse_args(ctx, args)


imports = typer.Typer(
    name="import",
    cls=_Sources,
    help="Take in a file that `duramen export` wrote, or what another memory holds.",
    no_args_is_help=True,
)


@imports.command()
def file(  # noqa: PLR0913  each is an option of the command
    path: Annotated[str, typer.Argument(metavar="FILE", help="What was exported.", show_default=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would come.")] = False,
    rename: Rename = None,
    bank: Annotated[str | None, typer.Option(help="Of a ZIP archive: where to, if not as it is called there.")] = None,
    as_json: Json = False,
    into: Into = DEFAULT_DIRECTORY,
    fast: Fast = False,
) -> None:
    """Take in a file that `duramen export` wrote, or a ZIP archive of a server. This is meant if no source is named."""
    if _is_zip(path):
        _take_in_zip(path, bank, into, as_json=as_json, fast=fast)
        return
    moving, names = import_module("duramen.moving"), _pairs(rename)
    done: Imported = _run(
        into,
        lambda memory, told: moving.import_file(memory, path, rename=names, dry_run=dry_run, progress=told),
        fast,
        create=True,
        flushes=not dry_run,
    )
    if as_json:
        print_json(
            {
                "banks": {name: dict(counts) for name, counts in done.banks.items()},
                "there": list(done.there),
                "replaced": done.replaced,
                "dry_run": dry_run,
            }
        )
        return
    out = console()
    for name, counts in done.banks.items():
        there = ", into what is there" if name in done.there else ""
        out.print(f"{plain(name)}: {_counts({**counts, 'bank': 0}) or 'empty'}{there}", soft_wrap=True)
    if done.before:
        console(stderr=True).print(f"It went on behind line {done.before} of {done.lines}.")
    if dry_run:
        console(stderr=True).print("Nothing was changed.")


@imports.command()
def hindsight(  # noqa: PLR0913  each is an option of the command
    source: Annotated[
        str, typer.Argument(metavar="URL|FILE", help="A server, or an archive that one exported.", show_default=False)
    ],
    api_key: Annotated[str | None, typer.Option(envvar="HINDSIGHT_API_KEY", help="For the server.")] = None,
    bank: Annotated[list[str] | None, typer.Option(help="Only this bank; may be repeated.")] = None,
    rename: Rename = None,
    as_json: Json = False,
    strategy: Strategies = None,
    into: Into = DEFAULT_DIRECTORY,
    fast: Fast = False,
) -> None:
    """Take in banks of a server that speaks Hindsight's API, or an archive of documents of one."""
    if not source.startswith(("http://", "https://")):
        if len(bank or ()) > 1:
            raise BadInputError("An archive holds one bank. Give --bank once, to say where to.")
        _take_in_zip(source, bank[0] if bank else None, into, as_json=as_json, fast=fast)
        return
    moving, transport = import_module("duramen.moving.hindsight"), import_module("duramen.client.transport")
    reach, names = transport.Reach(api_key=api_key), _pairs(rename)
    taken = _run(
        into,
        lambda memory, told: moving.import_hindsight(
            memory, source, banks=bank or None, rename=names, reach=reach, progress=told
        ),
        fast,
        create=True,
        flushes=True,
        strategies=strategy,
    )
    _tell(taken, as_json=as_json)


@imports.command()
def mem0(  # noqa: PLR0913  each is an option of the command
    path: Annotated[str, typer.Argument(metavar="FILE", help="JSON of `Memory.get_all()`, or of the hosted export.")],
    bank: Annotated[str | None, typer.Option(help="Where entries go that name no user.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would come.")] = False,
    as_json: Json = False,
    strategy: Strategies = None,
    into: Into = DEFAULT_DIRECTORY,
    fast: Fast = False,
) -> None:
    """Take in what mem0 gave, each entry into the bank of its user."""
    moving = import_module("duramen.moving.mem0")
    taken = _run(
        into,
        lambda memory, told: moving.import_mem0(memory, path, bank=bank, dry_run=dry_run, progress=told),
        fast,
        create=True,
        flushes=not dry_run,
        strategies=strategy,
    )
    _tell(taken, as_json=as_json)


@imports.command()
def langgraph(  # noqa: PLR0913  each is an option of the command
    store: Annotated[
        str, typer.Argument(metavar="PATH|MODULE:ATTR", help="A file of `SqliteStore`, or a store in a module.")
    ],
    bank: Annotated[
        str | None,
        typer.Option(help="Retain their texts as well: a bank such as 'user:{1}', {0} being the first label."),
    ] = None,
    field: Annotated[list[str] | None, typer.Option(help="Where the text is, such as text or value.text.")] = None,
    items: Annotated[bool, typer.Option("--items/--no-items", help="Put the items into a DuramenStore.")] = True,
    name: Annotated[str, typer.Option(help="Of that store.")] = "default",
    as_json: Json = False,
    strategy: Strategies = None,
    into: Into = DEFAULT_DIRECTORY,
    fast: Fast = False,
) -> None:
    """Take in the items of a store of LangGraph."""
    moving = part("duramen.moving.langgraph", "This", "duramen[langgraph]")
    sys.path.insert(0, str(Path.cwd()))  # as `python -m` has it, so that MODULE may lie here
    taken = _run(
        into,
        lambda memory, told: moving.import_langgraph(
            memory, store, keep=items, bank=bank, fields=field or ("text",), name=name, progress=told
        ),
        fast,
        create=True,
        flushes=True,
        strategies=strategy,
    )
    _tell(taken, as_json=as_json)


def _take_in_zip(path: str, bank: str | None, into: str, *, as_json: bool, fast: bool) -> None:
    if _is_own(path):
        take = part("duramen.moving.own_archive", "This", "duramen[server]").import_own_archive
    else:
        take = import_module("duramen.moving.hindsight_archive").import_archive
    taken: Taken = _run(
        into,
        lambda memory, told: take(memory, path, bank=bank, progress=told),
        fast,
        create=True,
        flushes=True,
    )
    _tell(taken, as_json=as_json)


def _run(
    directory: str,
    work: Work[T],
    fast: bool,
    *,
    create: bool = False,
    flushes: bool = False,
    strategies: list[str] | None = None,
) -> T:
    """Do `work` with a bar of its progress; Ctrl-C ends it where it is."""
    with (
        opened(directory, fast=fast, create=create, strategies=strategies) as memory,
        Progress(console=console(stderr=True), transient=True) as bar,
    ):
        task = bar.add_task("moving", total=None)
        moved = memory.engine.portal.submit(
            work(memory, lambda done, total: bar.update(task, completed=done, total=total or None))
        )
        try:
            result = moved.result()
        except KeyboardInterrupt:
            moved.cancel()
            concurrent.futures.wait([moved], timeout=5.0)
            raise
        if flushes:
            bar.update(task, description="making memories", completed=0, total=None)
            while memory.flush(seconds=0.5):
                pass
    return result


def _pairs(rename: list[str] | None) -> dict[str, str]:
    pairs = [one.partition("=") for one in rename or ()]
    wrong = [old for old, sign, new in pairs if not (old and sign and new)]
    if wrong:
        raise BadInputError(f"--rename {wrong[0]!r} is none. Give OLD=NEW, such as user:ada=user:lovelace.")
    return {old: new for old, _, new in pairs}


def _is_zip(path: str) -> bool:
    return zipfile.is_zipfile(Path(path).expanduser())


def _is_own(path: str) -> bool:
    if not _is_zip(path):
        return False
    with zipfile.ZipFile(Path(path).expanduser()) as archive:
        return "archive.json" in archive.namelist()


def _tell(taken: Taken, *, as_json: bool) -> None:
    if as_json:
        print_json({"banks": {name: dict(counts) for name, counts in taken.banks.items()}, "notes": list(taken.notes)})
        return
    for name, counts in taken.banks.items():
        told = ", ".join(f"{count} {what}" for what, count in counts.items())
        console().print(f"{plain(name)}: {told or 'nothing new'}", soft_wrap=True)
    _notes(taken.notes)


def _notes(notes: tuple[str, ...]) -> None:
    for note in notes:
        console(stderr=True).print(plain(note), soft_wrap=True)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(counted(count, what, _MANY.get(what)) for what, count in counts.items() if count)
