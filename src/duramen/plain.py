"""Text of others, fit to be shown."""

from __future__ import annotations


def plain(text: str) -> str:
    r"""Return `text` on one line, without characters that a terminal would act upon.

    >>> plain("one\n two \x1b[31mred")
    'one two [31mred'
    """
    return "".join(character for character in " ".join(text.split()) if character.isprintable())
