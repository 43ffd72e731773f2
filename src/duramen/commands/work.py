"""`duramen work`: what is to be done in the background, in a process of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from duramen.commands.options import Fast, LogFormat, Model, ModelUrl, Served, Strategies, shown_place
from duramen.commands.parts import server_part
from duramen.commands.serve import one_thread
from duramen.terminal import console

if TYPE_CHECKING:
    from duramen.server.settings import Settings


def work(  # noqa: PLR0913  each is an option of the command
    address: Served = None,
    workers: Annotated[int | None, typer.Option(help="Processes that share the work.", show_default="1")] = None,
    health_port: Annotated[
        int | None, typer.Option(help="Answer /health, /version and /metrics at this port; 0 for any free one.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address of that port.", show_default="127.0.0.1")] = None,
    model: Model = None,
    model_url: ModelUrl = None,
    log_format: LogFormat = None,
    strategy: Strategies = None,
    fast: Fast = False,
) -> None:
    """Make memories of what servers retain, and do their operations, until the process is told to end.

    For servers that run with DURAMEN_WORK=off. The settings of the server mean the same here; what it is told of
    strategies, models, webhooks and streams must be told here too. On SIGTERM what was begun is finished, for
    DURAMEN_DRAIN_SECONDS at most.
    """
    one_thread()
    running = server_part("running")
    settings: Settings = server_part("settings").read(
        os.environ,
        directory=address,
        workers=workers,
        port=0 if health_port is None else health_port,
        host=host,
        model=model,
        model_url=model_url,
        log_format=log_format,
        strategies=None if strategy is None else tuple(strategy),
        fast=fast or None,
        work=True,
        mcp=False,
    )
    running.check(settings)
    listening = None if health_port is None else running.listen(settings)
    _greet(settings, None if listening is None else listening.getsockname()[:2])
    running.work(settings, listening)


def _greet(settings: Settings, probes: tuple[str, int] | None) -> None:
    out = console(stderr=True)
    out.print(f"Working for {shown_place(settings.directory)}", soft_wrap=True)
    if probes is not None:
        host, port = probes
        out.print(f"Probes are answered at http://{f'[{host}]' if ':' in host else host}:{port}", soft_wrap=True)
