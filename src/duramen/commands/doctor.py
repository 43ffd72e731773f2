"""`duramen doctor`: is everything here that the memory needs?"""

from __future__ import annotations

import asyncio
import os
import platform
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.text import Text

import duramen
from duramen.addresses import is_database
from duramen.commands import databases
from duramen.commands.databases import TroubleError, state_at
from duramen.commands.options import DEFAULT_DIRECTORY, Directory, Fast, exists, opened, shown_place
from duramen.errors import DuramenError
from duramen.plain import plain
from duramen.terminal import console, counted

_SAMPLES = ("Ada moved to Lisbon in March 2025.", "", "Où est la bibliothèque ?")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: good, or what is wrong with what to do about it."""

    name: str
    ok: bool
    text: str


def doctor(directory: Directory = DEFAULT_DIRECTORY, fast: Fast = False) -> None:
    """Check that everything the memory needs is here and works; exit with 1 if not."""
    checks: dict[str, Callable[[], str]] = {
        "Python": _python,
        **_of_place(directory),
        "store": lambda: _store(directory, fast=fast),
        "embedder": lambda: _embedder(fast=fast),
        "entities": lambda: _entities(fast=fast),
        "work": lambda: _work(directory, fast=fast),
    }
    out = console()
    findings = [_finding(name, check) for name, check in checks.items()]
    for one in findings:
        mark = ("ok     ", "green") if one.ok else ("TROUBLE", "bold red")
        out.print(Text.assemble(mark, f"  {one.name:<10} {plain(one.text)}"), soft_wrap=True)
    if not all(one.ok for one in findings):
        raise typer.Exit(1)


def _finding(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, check())
    except (DuramenError, OSError, ImportError) as error:
        return Finding(name, False, str(error))


def _python() -> str:
    if sys.version_info < (3, 10):  # noqa: UP036  a wheel can be put on the path of any Python
        raise TroubleError(f"Python {platform.python_version()} is too old. Use 3.10 or newer.")
    return f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}, Duramen {duramen.__version__}"


def _of_place(directory: str) -> dict[str, Callable[[], str]]:
    if not is_database(directory):
        return {"directory": lambda: _directory(directory)}
    return {
        "database": lambda: databases.reach(directory),
        "clock": lambda: databases.clock(directory),
        "schema": lambda: databases.schema(directory),
        "role": lambda: databases.role(directory),
    }


def _directory(directory: str) -> str:
    if "://" in directory or directory == ":memory:":
        return f"{shown_place(directory)} is not a plain path; the store says whether it opens"
    path = Path(directory).expanduser().absolute()
    nearest = next(one for one in (path, *path.parents) if one.exists())
    if not nearest.is_dir():
        raise TroubleError(f"{nearest} is a file. Name a directory with --directory.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise TroubleError(f"{nearest} cannot be written. Change its permissions, or name another with --directory.")
    return f"{path} can be written" if nearest == path else f"{path} is not there yet; the first retain makes it"


def _is_there(directory: str) -> bool:
    """Say whether there is something to open, without making it: nothing is migrated for a look."""
    return exists(directory) and not (is_database(directory) and state_at(directory).pending)


def _store(directory: str, *, fast: bool) -> str:
    if not _is_there(directory):
        return "nothing to open yet"
    with opened(directory, fast=fast) as memory:
        page = memory.banks(limit=1000)
    return f"opens; {'1000 banks or more' if page.next else counted(len(page.items), 'bank')}"


def _embedder(*, fast: bool) -> str:
    return asyncio.run(_embedding(fast=fast))


async def _embedding(*, fast: bool) -> str:
    embedder = duramen.HashingEmbedder() if fast else duramen.MiniLMEmbedder()
    vectors = await embedder.embed(_SAMPLES)
    await embedder.aclose()
    # Reckoned without NumPy's functions, whose import would slow down every other command.
    lengths = [float(length) ** 0.5 for length in (vectors * vectors).sum(axis=1)]
    if vectors.shape != (len(_SAMPLES), embedder.dimensions) or any(abs(length - 1) > 1e-3 for length in lengths):
        raise TroubleError(
            f"{embedder.name} gives vectors of shape {vectors.shape} and lengths {lengths}; "
            f"they must be unit vectors of {embedder.dimensions}. Install the model's package again."
        )
    return f"{embedder.name} loads and gives unit vectors of {embedder.dimensions}"


def _entities(*, fast: bool) -> str:
    finder = duramen.CapitalsEntityFinder() if fast else duramen.SpacyEntityFinder()
    (names,) = finder.find(_SAMPLES[:1])
    if not names:
        raise TroubleError(f"{type(finder).__name__} finds no name in {_SAMPLES[0]!r}. Install its model again.")
    return f"{type(finder).__name__} loads and finds {', '.join(names)}"


def _work(directory: str, *, fast: bool) -> str:
    if not _is_there(directory):
        return "nothing to do yet"
    with opened(directory, fast=fast) as memory:
        status = memory.status()
    if status.failed:
        first = f" The first: {status.failures[0].reason}" if status.failures else ""
        raise TroubleError(
            f"{counted(status.failed, 'event')} failed and cannot be searched.{first} "
            f"Mend the cause and run `duramen retry`; `duramen status` lists them."
        )
    return f"{status.pending} pending, none failed"
