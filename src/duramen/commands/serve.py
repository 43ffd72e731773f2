"""`duramen serve`: the memory behind HTTP, for many callers and for clients of Hindsight."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from duramen.commands.options import Fast, LogFormat, Model, ModelUrl, Served, Strategies, shown_place
from duramen.commands.parts import server_part
from duramen.server.settings import variables
from duramen.terminal import console

if TYPE_CHECKING:
    from duramen.server.settings import Settings


_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Read by NumPy when it is loaded: on more threads than one it does what a recall asks no sooner, and wears out a second
core. Requests and workers are what goes on at once here."""

SETTINGS = f"In the environment: {', '.join(variables())}. README.md says what each means."
"""What the help of the command ends with."""


def serve(  # noqa: PLR0913  each is an option of the command
    directory: Served = None,
    host: Annotated[str | None, typer.Option(help="Address to listen at.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 for any free one.", show_default="8888")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that share the memory.", show_default="1")] = None,
    auth: Annotated[
        Literal["auto", "on", "off"] | None,
        typer.Option(help="Need a key; auto: when others can reach the host.", show_default="auto"),
    ] = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Allow --auth off where others reach it.")] = False,
    base_path: Annotated[str | None, typer.Option(help="What all paths begin with, such as /memory.")] = None,
    model: Model = None,
    model_url: ModelUrl = None,
    log_format: LogFormat = None,
    strategy: Strategies = None,
    fast: Fast = False,
) -> None:
    """Serve a memory over HTTP, to Hindsight's clients too. Every option, and more, can be set as DURAMEN_…."""
    one_thread()
    running = server_part("running")
    settings: Settings = server_part("settings").read(
        os.environ,
        directory=directory,
        host=host,
        port=port,
        workers=workers,
        auth=auth,
        insecure=insecure or None,
        base_path=base_path,
        model=model,
        model_url=model_url,
        log_format=log_format,
        strategies=None if strategy is None else tuple(strategy),
        fast=fast or None,
    )
    running.check(settings)
    listening = running.listen(settings)
    _greet(settings, *listening.getsockname()[:2])
    running.run(settings, listening)


def one_thread() -> None:
    """Let NumPy reckon on one thread, if it is not loaded yet; see `_ONE_THREAD`."""
    for name in _ONE_THREAD:
        os.environ.setdefault(name, "1")


def _greet(settings: Settings, host: str, port: int) -> None:
    out = console(stderr=True)
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{port}{settings.base_path}"
    place = shown_place(settings.directory)
    out.print(f"Serving {place} at {url}", soft_wrap=True)
    if settings.guarded:
        out.print(f"Callers need a key: duramen keys create NAME --directory {place}", soft_wrap=True)
        key = ", api_key='drm_…'"
    else:
        out.print("Callers need no key." + ("" if settings.loopback else " Others can reach this server!"))
        key = ""
    out.print(f"Clients: Hindsight('{url}'{key}), or duramen.open('{url}'{key})", soft_wrap=True)
