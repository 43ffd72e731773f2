"""`duramen eval`: how good recall is on one's own questions."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

import duramen
from duramen import evaluation
from duramen.commands.options import DEFAULT_DIRECTORY, Directory, Fast, Json, exists
from duramen.errors import AddressError, BadInputError
from duramen.terminal import console
from duramen.types import Budget

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from duramen.engine import MemoryEngine
    from duramen.recall.asking import Asked

_COMPARED = ("budget", "limit", "max_tokens", "min_score")
_UNFINDABLE = 10


def evaluate(  # noqa: PLR0913  each is an option of the command
    file: Annotated[
        Path,
        typer.Argument(
            help="Questions: JSON, JSON lines or CSV of your own, or a file of LoCoMo or LongMemEval.",
            show_default=False,
        ),
    ],
    bank: Annotated[str | None, typer.Option(help="The bank that your own questions are asked to.")] = None,
    directory: Directory = DEFAULT_DIRECTORY,
    budget: Annotated[Literal["low", "mid", "high"] | None, typer.Option(help="How deep to look.")] = None,
    limit: Annotated[int | None, typer.Option(help="At most this many hits.")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="At most this many tokens of text.")] = None,
    min_score: Annotated[float | None, typer.Option(help="Only hits with at least this score, 0 to 1.")] = None,
    compare: Annotated[
        str | None, typer.Option(help="Several settings over the same questions, such as budget=low,mid,high.")
    ] = None,
    embedder: Annotated[str | None, typer.Option(help="module:object, in place of the default embedder.")] = None,
    format: Annotated[
        Literal["own", "locomo", "longmemeval"] | None, typer.Option(help="Of the file, if not what it looks like.")
    ] = None,
    first: Annotated[int | None, typer.Option(help="Only the first so many questions.")] = None,
    failures: Annotated[int, typer.Option(help="Print so many of the worst questions.")] = 0,
    save: Annotated[Path | None, typer.Option(help="Keep the result, to compare with later.")] = None,
    against: Annotated[Path | None, typer.Option(help="Compare with a result that was kept.")] = None,
    as_json: Json = False,
    fast: Fast = False,
) -> None:
    """Measure recall on your own questions, with confidence intervals.

    Your own questions are asked to your own bank, and nothing is retained. The conversations of a LoCoMo or LongMemEval
    file are retained in a temporary memory first.
    """
    asked = _given(budget=budget, limit=limit, max_tokens=max_tokens, min_score=min_score)
    variants = _variants(asked, compare)
    if compare and (save or against):
        raise BadInputError("--compare runs several settings; --save and --against are for one. Leave one of them out.")
    earlier = evaluation.load(against) if against else None
    data = evaluation.read(file, format=format)
    if bank is not None and data.format != "own":
        raise BadInputError(f"--bank is for questions of your own; {file} brings what its questions are asked to.")
    if first is not None:
        data = evaluation.first(data, _positive("--first", first))
    job = _Job(data=data, variants=variants, bank=bank, directory=directory, embedder=embedder, fast=fast)
    reports = asyncio.run(_evaluated(job))
    differences = {f"{one.name} vs {reports[0].name}": evaluation.compared(reports[0], one) for one in reports[1:]}
    if earlier is not None:
        differences = {"now vs earlier": evaluation.compared(earlier, reports[0])}
    if save:
        evaluation.save(reports[0], save)
    if as_json:
        typer.echo(json.dumps(_record(reports, differences), ensure_ascii=True, indent=2))
        return
    evaluation.show(console(), reports, differences=differences, failures=failures)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What is to be evaluated, and with which memory."""

    data: evaluation.Data
    variants: Mapping[str, Asked]
    bank: str | None
    directory: str
    embedder: str | None
    fast: bool

    @property
    def own(self) -> bool:
        return self.data.format == "own"


async def _evaluated(job: _Job) -> list[evaluation.Report]:
    async with _memory(job) as memory:
        data = await _checked(memory, job) if job.own else job.data
        errors = console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        bars = Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)
        tasks: dict[str, TaskID] = {}

        def told(what: str, done: int, of: int | None) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what)
            bars.update(tasks[what], completed=done, total=of)

        with bars:
            return await evaluation.run(memory, data, job.variants, bank=job.bank, progress=told)


@asynccontextmanager
async def _memory(job: _Job) -> AsyncIterator[MemoryEngine]:
    """Open the user's memory for questions of their own, and a temporary one for a file that brings conversations."""
    if job.own and not exists(job.directory):
        raise AddressError(
            f"There is no memory at {job.directory}, so nothing can be asked. "
            f"--directory or DURAMEN_DIRECTORY name another place."
        )
    embedder = evaluation.embedder_at(job.embedder) if job.embedder else None
    with tempfile.TemporaryDirectory(prefix="duramen-eval-") as temporary:
        async with duramen.open(
            job.directory if job.own else temporary,
            embedder=embedder or (duramen.HashingEmbedder() if job.fast else None),
            entities=duramen.CapitalsEntityFinder() if job.fast else None,
            durability="commit" if job.own else "process",
        ) as memory:
            yield memory


async def _checked(memory: MemoryEngine, job: _Job) -> evaluation.Data:
    """Check that the banks are there, and note what is expected and cannot be found because it is not there."""
    materials = list(job.data.materials)
    cases = [case for material in materials for case in material.cases]
    for name in dict.fromkeys(case.bank or job.bank for case in cases):
        if name is None:
            raise BadInputError("Your own questions need a bank to be asked to. Name it with --bank, such as user:ada.")
        if await memory.version(name) is None:
            raise BadInputError(f"There is no bank {name!r} in {job.directory}. `duramen banks` lists those there are.")
    missing = await evaluation.unfindable(memory, cases, bank=job.bank)
    notes = [f"No recall can find this: {one}." for one in missing[:_UNFINDABLE]]
    if len(missing) > _UNFINDABLE:
        notes.append(f"Nor can it find {len(missing) - _UNFINDABLE} other things that are expected and not there.")
    return replace(job.data, materials=materials, notes=(*job.data.notes, *notes))


def _given(**options: Any) -> Asked:
    asked: Asked = {}
    for name, value in options.items():
        if value is not None:
            asked[name] = value  # type: ignore[literal-required]  # the names are those of the options above
    return asked


def _variants(asked: Asked, compare: str | None) -> dict[str, Asked]:
    """Return the options of each run by its name.

    Raises:
        BadInputError: `compare` cannot be read.
    """
    if compare is None:
        return {"": asked}
    name, _, listed = compare.partition("=")
    name = name.strip().replace("-", "_")
    values = list(dict.fromkeys(value.strip() for value in listed.split(",") if value.strip()))
    if name not in _COMPARED or len(values) < 2:
        raise BadInputError(
            f"--compare is {compare!r}. Give one of {', '.join(_COMPARED)} with several values, "
            f"such as budget=low,mid,high."
        )
    return {value: {**asked, **_given(**{name: _value(name, value)})} for value in values}


def _value(name: str, text: str) -> object:
    if name == "budget":
        if text not in get_args(Budget):
            raise BadInputError(f"--compare names the budget {text!r}. Give {', '.join(get_args(Budget))}.")
        return text
    try:
        return float(text) if name == "min_score" else int(text)
    except ValueError as error:
        raise BadInputError(f"--compare names {text!r} for {name}. Give numbers.") from error


def _positive(name: str, value: int) -> int:
    if value < 1:
        raise BadInputError(f"{name} is {value}. Give 1 or more.")
    return value


def _record(
    reports: Sequence[evaluation.Report], differences: Mapping[str, evaluation.Difference]
) -> dict[str, object]:
    return {
        "reports": [evaluation.record_of(report) for report in reports],
        "differences": {name: evaluation.difference_of(one) for name, one in differences.items()},
    }
