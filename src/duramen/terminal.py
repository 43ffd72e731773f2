"""Text for terminals: consoles that print what they are given, and counted nouns."""

from __future__ import annotations

from rich.console import Console


def console(*, stderr: bool = False) -> Console:
    """Return a console on the standard output (or error output) of now, which reads no markup in what it prints."""
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return the number with its noun; `many` is `one` with an s unless given.

    >>> counted(1, "event"), counted(2, "event"), counted(0, "memory", "memories")
    ('1 event', '2 events', '0 memories')
    """
    return f"{number} {one if number == 1 else many or one + 's'}"
