"""Texts to cut, made up from few words."""

from __future__ import annotations

import random
from collections.abc import Iterator

_SYLLABLES = ("ka", "lo", "mi", "ne", "ru", "sa", "ti", "vo", "zen", "dar", "el", "pim")


def paragraphs(count: int, seed: int) -> list[str]:
    """Return so many paragraphs of one to seven sentences, the same for the same seed."""
    chance = random.Random(seed)
    return [" ".join(_sentences(chance)) for _ in range(count)]


def _sentences(chance: random.Random) -> Iterator[str]:
    for _ in range(chance.randint(1, 7)):
        words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(chance.randint(4, 18))]
        yield f"{' '.join(words).capitalize()}."
