"""Where entries of the shelf belong: with a bank, or with others of their kind."""

from __future__ import annotations

from duramen.shelf import OF_BANKS, Path

MARK = "\x1e"
"""What the homes begin with that are no banks."""


def home_of(path: Path, *, below: bool = False) -> str | None:
    r"""Return the home of entries at `path`, or with `below` of those there and below it; None if they have several.

    >>> home_of(("duramen.banks", "ada", "documents"))
    'ada'
    >>> home_of(("langgraph.store", "users", "ada"))
    '\x1elanggraph.store\x1eusers'
    """
    first, *others = path
    if not others:
        return None if below else MARK + first
    if first in OF_BANKS and others[0] and not others[0].startswith(MARK):
        return others[0]
    return MARK + first + MARK + others[0]
