"""`duramen migrate`: the schema of a PostgreSQL database, brought up to this version or looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from duramen.commands.databases import database_at, state_at, version_text, walls_text
from duramen.commands.options import Json
from duramen.commands.parts import postgres_part
from duramen.commands.printing import print_json
from duramen.errors import BadInputError, DuramenError, SchemaVersionError
from duramen.terminal import console, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duramen.stores.postgres.address import PostgresAddress
    from duramen.stores.postgres.migrating import State


def migrate(
    address: Annotated[
        str, typer.Argument(envvar="DURAMEN_DIRECTORY", help="The database, such as postgresql://owner@host/database.")
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit with 1 if something is to be done, with 2 on errors.")
    ] = False,
    distribute: Annotated[
        Literal["citus"] | None, typer.Option(help="Then distribute the tables over the nodes of this extension.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring the schema of a database up to the version that is known here, as a role that may.

    Whoever opens a memory does so too if it may. Servers of the version before go on meanwhile, and afterwards.
    """
    if check:
        _check(address, distribute, as_json)
        return
    place = database_at(address)
    before: State = postgres_part("migrating").migrate(place)
    done = [] if distribute is None else postgres_part("distributing").distribute(address, distribute)
    _tell(place, state_at(address), before.pending, done, as_json)


def _check(address: str, distribute: str | None, as_json: bool) -> None:
    try:
        if distribute is not None:
            raise BadInputError("--check changes nothing, so --distribute does not go with it. Leave one out.")
        state = state_at(address)
        place = database_at(address)
        if state.version > state.known:
            raise SchemaVersionError(place.shown, state.version, state.known)
    except DuramenError as error:
        console(stderr=True).print(f"Error: {error}", style="red", soft_wrap=True)
        raise typer.Exit(2) from error
    _tell(place, state, (), (), as_json)
    if state.pending:
        raise typer.Exit(1)


def _tell(place: PostgresAddress, state: State, made: Sequence[int], done: Sequence[str], as_json: bool) -> None:
    if as_json:
        told = {
            "address": place.shown,
            "schema": place.schema,
            "version": state.version,
            "known": state.known,
            "pending": list(state.pending),
            "migrated": list(made),
            "distributed": list(done),
            "server": version_text(state.server),
            "role": state.role,
            "may_migrate": state.owner,
            "walls_bind": not state.unbound,
            "read_only": state.read_only,
        }
        print_json(told)
        return
    out = console()
    out.print(f"database  {place.shown}, PostgreSQL {version_text(state.server)}", soft_wrap=True)
    out.print(f"schema    {place.schema}: version {state.version}, known {state.known}; {_stands(state, made)}")
    may = "may migrate" if state.owner else "may not migrate"
    out.print(f"role      {state.role}: {may}; {walls_text(state)}", soft_wrap=True)
    for sentence in done:
        out.print(sentence, soft_wrap=True)


def _stands(state: State, made: Sequence[int]) -> str:
    if state.pending:
        return f"{counted(len(state.pending), 'migration')} pending"
    return f"{counted(len(made), 'migration')} made" if made else "nothing is pending"
