"""Modules that commands need only now and then, and some of which come with an extra."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from duramen.errors import DuramenError


class ExtraMissingError(DuramenError):
    """The command needs packages that are not installed."""


def server_part(name: str) -> Any:
    """Return a module of the server; raises as `part`."""
    return part(f"duramen.server.{name}", "The server", "duramen[server]")


def postgres_part(name: str) -> Any:
    """Return a module of the store over PostgreSQL; raises as `part`."""
    return part(f"duramen.stores.postgres.{name}", "PostgreSQL", "duramen[postgres]")


def part(module: str, needing: str, package: str) -> Any:
    """Return a module that needs what `package` brings.

    Raises:
        ExtraMissingError: That is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("duramen"):
            raise
        raise ExtraMissingError(
            f"{needing} needs {error.name!r}, which is not installed: pip install '{package}'"
        ) from error
