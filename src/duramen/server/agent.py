"""The agent that the server was given by name."""

from __future__ import annotations

import sys
from functools import reduce
from importlib import import_module
from pathlib import Path

from duramen.harness.answers import Agent
from duramen.server.settings import PREFIX, SettingError

VARIABLE = f"{PREFIX}AGENT"


def agent_of(place: str | None) -> Agent | None:
    """Return what stands at `place`, which is `module:name`; None if there is none.

    The directory that the server was started in is looked at too, behind all others.

    Raises:
        SettingError: The module cannot be imported, or has no such name, or that cannot be called.
    """
    if place is None:
        return None
    module, _, name = place.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    try:
        found: object = reduce(getattr, name.split("."), import_module(module))
    except Exception as error:
        raise SettingError(
            VARIABLE,
            f"is {place!r}, which cannot be imported ({type(error).__name__}: {error}). Start the server where the module is, "
            f"or install it.",
        ) from error
    if not callable(found):
        raise SettingError(
            VARIABLE, f"is {place!r}, a {type(found).__name__}. Name a function that takes chat messages."
        )
    agent: Agent = found
    return agent
