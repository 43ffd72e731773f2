"""Who asks: what strategies made speaks of people by their names, and a question says "I"."""

from __future__ import annotations

import re

from duramen.identity import actor_of
from duramen.language.relations import person

USER = "the user"
"""What somebody without a name is called."""

_FIRST = re.compile(r"\b(?:(I)(?:['\u2019](m|ve|d|ll))?|(me|myself)|(my|mine))\b", re.IGNORECASE)
_CONTRACTED = {"m": " is", "ve": " has", "d": " would", "ll": " will"}


_OVERVIEW = re.compile(
    r"\bwhat(?: else)? (?:do|did|can|have) you (?:still |already |actually )?(?:know|remember|recall|learn(?:ed|t)?|stored?)\b"
    r"[^?.!]*\b(?:about|of|on) (?:me|my|us|our)\b|\bwho am i\b|\btell me (?:everything|what you know) about (?:me|myself)\b",
    re.IGNORECASE,
)


def asks_for_all(query: str) -> bool:
    """Tell whether `query` asks what is known of the asker at all, which no memory answers better than another.

    >>> asks_for_all("What do you remember about my preferences?"), asks_for_all("What do I like?")
    (True, False)
    """
    return _OVERVIEW.search(query) is not None


def asker(bank: str) -> str:
    """Return how what strategies made calls the user of `bank`: by a name, or as "the user"."""
    return person(actor_of(bank)) or USER


def told_of(query: str, who: str) -> str:
    """Return `query` with its first person as `who`, in English; the words need no grammar to be found by.

    >>> told_of("Where do I live, and who is my doctor?", "Ada")
    "Where do Ada live, and who is Ada's doctor?"
    """
    return _FIRST.sub(lambda found: _third(found, who), query)


def _third(found: re.Match[str], who: str) -> str:
    if found[4]:
        return f"{who}'s"
    return who + _CONTRACTED.get((found[2] or "").lower(), "")
