"""Options that many commands share, and the memory that they name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

import duramen
from duramen.addresses import shown
from duramen.demo.parts import open_memory
from duramen.errors import AddressError, BadInputError
from duramen.plain import plain
from duramen.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from duramen.sync import SyncMemoryEngine

Bank = Annotated[str, typer.Argument(help="The bank, such as user:ada.", show_default=False)]
Directory = Annotated[
    str,
    typer.Option(
        "--directory", "-d", envvar="DURAMEN_DIRECTORY", help="Where the memory lives: a directory, or a database."
    ),
]
Fast = Annotated[
    bool,
    typer.Option(
        "--fast",
        envvar="DURAMEN_FAST",
        help="Load no models: quicker to start, recalls less. A bank stays with what it began with.",
    ),
]
Strategies = Annotated[
    list[str] | None,
    typer.Option(
        "--strategy",
        envvar="DURAMEN_STRATEGIES",
        help="A strategy that makes memories: semantic, summary, preference, episodic; may be repeated.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

Served = Annotated[
    str | None, typer.Argument(envvar="DURAMEN_DIRECTORY", help="Where the memory lives.", show_default="./memory")
]
Model = Annotated[str | None, typer.Option(help="A language model, by its name at --model-url.")]
ModelUrl = Annotated[str | None, typer.Option(help="Where it is, such as http://localhost:11434/v1.")]
LogFormat = Annotated[Literal["json", "console"] | None, typer.Option(help="How to log.", show_default="json")]

DEFAULT_DIRECTORY = "./memory"


def opened(
    directory: str, *, fast: bool, create: bool = False, strategies: Sequence[str] | None = None
) -> SyncMemoryEngine:
    """Open the memory at `directory`.

    Raises:
        AddressError: There is none, and `create` does not ask for one.
    """
    if not create and not exists(directory):
        raise AddressError(
            f"There is no memory at {directory}. `duramen retain` makes one there; "
            f"--directory or DURAMEN_DIRECTORY name another place."
        )
    return duramen.SyncMemoryEngine(open_memory(directory, fast=fast, strategies=strategies or ()))


def exists(directory: str) -> bool:
    """Say whether there is something at a plain path; addresses with a scheme are left for `duramen.open` to judge."""
    return "://" in directory or directory == ":memory:" or Path(directory).expanduser().exists()


def shown_place(address: str) -> str:
    r"""Return an address without its passwords, fit for a terminal.

    >>> shown_place("./one\n two")
    './one two'
    """
    return plain(shown(address))


def moment(text: str | None, name: str) -> datetime | None:
    """Read the time given to an option.

    Raises:
        BadInputError: It is not ISO 8601.
    """
    return None if text is None else parse_time(text, BadInputError, name)
