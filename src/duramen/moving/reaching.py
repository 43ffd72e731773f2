"""The desk of the memory that things are moved from or to."""

from __future__ import annotations

from duramen.desk import Desk
from duramen.errors import UnsupportedError
from duramen.turns.source import AnyMemory, engine_of


def desk_of(memory: AnyMemory) -> Desk:
    """Return the desk of a memory that is opened here.

    Raises:
        UnsupportedError: It is behind a server.
        BadInputError: It is no memory.
    """
    desk: object = getattr(engine_of(memory), "_desk", None)
    if not isinstance(desk, Desk):
        raise UnsupportedError(
            "Moving all that a memory holds",
            "Run it where the memory lives, with its directory; `duramen import hindsight URL` reads from a server.",
        )
    return desk
