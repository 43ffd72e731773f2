"""Parts named on a command line: `module:object`, an object or what makes one without arguments."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from duramen.errors import BadInputError
from duramen.protocols import Embedder


def embedder_at(path: str) -> Embedder:
    """Return the embedder that `path` names, such as `mine.models:embedder`.

    Modules are looked for in the current directory too.

    Args:
        path: A module and the name of something in it, which may be an attribute of an attribute: an embedder, or a
            class or function that makes one without arguments.

    Raises:
        BadInputError: There is no such thing, it cannot be made, or it is no embedder.
    """
    part = _made(path, "embedder")
    if not isinstance(part, Embedder):
        raise _not(path, part, "an embedder: it needs `name`, `dimensions`, `embed` and `aclose`")
    name, dimensions = _seen(part.name), _seen(part.dimensions)
    if not isinstance(name, str) or not isinstance(dimensions, int):
        raise _not(path, part, "an embedder: its `name` must be text and its `dimensions` a number")
    return part


def _made(path: str, what: str) -> object:
    found = _found(path, what)
    if not isinstance(found, type) and isinstance(found, Embedder):
        return found
    if not callable(found):
        return found
    try:
        made: object = found()
    except TypeError as error:
        raise BadInputError(
            f"{path!r} cannot be called without arguments ({error}). Name an object, or a function that makes one."
        ) from error
    return made


def _found(path: str, what: str) -> object:
    module, colon, name = path.partition(":")
    if not (module and colon and name):
        raise BadInputError(f"The {what} is {path!r}. Name it as module:object, such as mine.models:{what}.")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found: object = import_module(module)
    except ImportError as error:
        raise BadInputError(f"The {what} {path!r} cannot be imported: {error}.") from error
    for part in name.split("."):
        if not hasattr(found, part):
            raise BadInputError(f"The {what} {path!r} cannot be found: {found!r} has no {part!r}.")
        found = getattr(found, part)
    return found


def _seen(value: object) -> object:
    """Return what is there, whatever the protocol promises."""
    return value


def _not(path: str, part: object, wanted: str) -> BadInputError:
    return BadInputError(f"{path!r} gives {part!r}, which is not {wanted}. See `duramen.protocols`.")
