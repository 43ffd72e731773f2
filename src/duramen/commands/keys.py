"""`duramen keys`: who may use a server over this memory."""

from __future__ import annotations

import asyncio
import os
import shlex
import stat
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from duramen.commands.options import DEFAULT_DIRECTORY, Directory, Json, exists
from duramen.commands.parts import server_part
from duramen.commands.printing import print_json
from duramen.errors import AddressError, BadInputError
from duramen.plain import plain
from duramen.terminal import console, counted

if TYPE_CHECKING:
    from duramen.server.keys import Key, Keys

T = TypeVar("T")

Id = Annotated[str, typer.Argument(help="The key's id, from `duramen keys list`.", show_default=False)]

keys = typer.Typer(name="keys", help="Make, list and revoke the keys of a server.", no_args_is_help=True)


@keys.command()
def create(  # noqa: PLR0913  each is an option of the command
    name: Annotated[str, typer.Argument(help="What to call it.", show_default=False)],
    tenant: Annotated[str | None, typer.Option(help="Only what is of this tenant.")] = None,
    user: Annotated[str | None, typer.Option(help="Only the banks of this user.")] = None,
    agent: Annotated[str | None, typer.Option(help="Only those with this agent.")] = None,
    bank: Annotated[
        list[str] | None, typer.Option(help="Only banks of this name, such as 'support-*'; may be repeated.")
    ] = None,
    verb: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this: recall, retain, reflect, forget, read, manage, admin; may be repeated; admin is for keys without a scope."
        ),
    ] = None,
    days: Annotated[float | None, typer.Option(help="How long it is good; for ever if left out.")] = None,
    aws: Annotated[
        bool, typer.Option("--aws", help="For boto3 and other clients of AWS: an access key id and its secret.")
    ] = False,
    as_json: Json = False,
    directory: Directory = DEFAULT_DIRECTORY,
) -> None:
    """Make a key, and show it this once."""
    caller = server_part("caller")
    unknown = sorted(set(verb or ()) - set(caller.VERBS))
    if unknown:
        raise BadInputError(f"There is no verb {unknown[0]!r}. Give some of {', '.join(caller.VERBS)}.")
    whole = tenant is None and user is None and not bank
    scope = caller.Grant(
        name=name,
        tenant=tenant,
        user=user,
        agent=agent,
        banks=tuple(bank) if bank else None,
        verbs=frozenset(verb or (caller.VERBS if whole else set(caller.VERBS) - {"admin"})),
    )
    lifetime = None if days is None else timedelta(days=days)
    made, secret = _with_keys(
        directory, lambda all: all.create(name, scope=scope, lifetime=lifetime, aws=aws), create=True
    )
    _show(made, secret, as_json=as_json)
    if aws and _others_read(directory):
        console(stderr=True).print(
            f"Others on this computer can read {plain(directory)}, and so sign with this key. Keep them out: "
            f"chmod 700 {plain(shlex.quote(directory))}",
            style="yellow",
            soft_wrap=True,
        )


@keys.command("list")
def listed(as_json: Json = False, directory: Directory = DEFAULT_DIRECTORY) -> None:
    """List the keys, without their secrets."""
    found = _with_keys(directory, lambda all: all.list())
    if as_json:
        print_json({"keys": [_record(one) for one in found]})
        return
    for one in found:
        console().print(_line(one), soft_wrap=True)
    if not found:
        console().print("There are no keys. `duramen keys create NAME` makes one.")


@keys.command()
def rotate(
    id: Id,
    grace_hours: Annotated[float, typer.Option(help="How long the old secret is good, too.")] = 24.0,
    as_json: Json = False,
    directory: Directory = DEFAULT_DIRECTORY,
) -> None:
    """Give a key a new secret, and show it this once."""
    made, secret = _with_keys(directory, lambda all: all.rotate(id, grace=timedelta(hours=grace_hours)))
    _show(made, secret, as_json=as_json)


@keys.command()
def revoke(id: Id, as_json: Json = False, directory: Directory = DEFAULT_DIRECTORY) -> None:
    """Refuse a key from now on; servers that run know of it within 5 seconds."""
    found = _with_keys(directory, lambda all: all.revoke(id))
    if as_json:
        print_json(_record(found))
    else:
        console().print(_line(found), soft_wrap=True)


def _with_keys(directory: str, work: Callable[[Keys], Awaitable[T]], *, create: bool = False) -> T:
    if not create and not exists(directory):
        raise AddressError(f"There is no memory at {directory}. Name another place with --directory.")
    return asyncio.run(_done(directory, work))


async def _done(directory: str, work: Callable[[Keys], Awaitable[T]]) -> T:
    async with server_part("keeping").keys_at(directory) as found:
        return await work(found)


def _others_read(directory: str) -> bool:
    """Tell whether a directory is open to others than its owner, as far as modes tell."""
    path = Path(directory).expanduser()
    return os.name == "posix" and path.is_dir() and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _show(key: Key, secret: str, *, as_json: bool) -> None:
    shown = {"AWS_ACCESS_KEY_ID": key.access_key, "AWS_SECRET_ACCESS_KEY": secret} if key.aws else {"key": secret}
    if as_json:
        print_json({**shown, **_record(key)})
        return
    typer.echo("\n".join(f"export {name}={value}" for name, value in shown.items()) if key.aws else secret)
    kept = "who can read the directory can sign with it" if key.aws else "only a digest of it is kept"
    console(stderr=True).print(f"{_line(key)}\nThe key is shown this once; {kept}.", soft_wrap=True)


def _record(key: Key) -> dict[str, Any]:
    secret = ("digest", "former")
    record = {name: value for name, value in asdict(key).items() if name not in secret}
    return {**record, "used": None if key.used is None else key.used.isoformat()}


def _line(key: Key) -> str:
    named = {"tenant": key.tenant, "user": key.user, "agent": key.agent}
    scope = [f"{what} {plain(whom)}" for what, whom in named.items() if whom is not None]
    scope += [f"banks {plain(', '.join(key.banks))}"] if key.banks is not None else []
    state = "revoked" if key.revoked is not None else f"until {key.expires:%Y-%m-%d}" if key.expires else "for ever"
    used = f"last used {key.used}" if key.used is not None else "never used"
    verbs = counted(len(key.verbs), "verb") if len(key.verbs) > 3 else ", ".join(key.verbs)
    what = f"{'; '.join(scope) or 'everything'}{', signs as ' + key.access_key if key.aws else ''}"
    return f"{key.id}  {plain(key.name)}  {what}  {verbs}  {state}, {used}"
