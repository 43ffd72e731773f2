"""Preferences that are two halves of one: a wish and its reason, what is liked and what is not in its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from duramen.strategies.preference_grammar import Polarity, Stated
from duramen.strategies.preference_topics import OTHER, categories

_POINTS = re.compile(
    r"\b(?:that|there|then|those)$|\b(?:for|before|after|of|with|to) (?:that|then|those)\b|\banything there\b"
)
_FIRST: tuple[Polarity, ...] = ("rule", "wants", "likes", "dislikes")


def joined(found: Sequence[tuple[int, Stated]]) -> list[Stated]:
    """Return what was found with the halves of one preference as one: "wants cotton, and says that wool makes them itch".

    Two are halves of one if they stand in the same sentence or the next, one of them is told of a thing ("wool makes me
    itch") or is a need, and the other is a wish, or the opposite. In two sentences they must also be about the same.

    Args:
        found: What was found, with the number of its sentence, in order.
    """
    left: list[tuple[int, Stated]] = []
    for place, stated in found:
        if left and _are_halves(left[-1], (place, stated)):
            left[-1] = (place - 1, _together(left[-1][1], stated))
        else:
            left.append((place, stated))
    return [stated for _, stated in left]


def _are_halves(first: tuple[int, Stated], second: tuple[int, Stated]) -> bool:
    one, other = first[1], second[1]
    apart = second[0] - first[0]
    opposite = (one.polarity == "dislikes") != (other.polarity == "dislikes")
    if {one.form, other.form} == {"quote"}:
        return apart == 0 and ";" in one.context and opposite
    if apart > 1 or {one.form, other.form} != {"does"} or one.says == other.says or ", and " in one.says:
        return False
    sorts = {one.sort, other.sort}
    if sorts == {"wish"} and one.says.startswith("wants ") and other.says.startswith("wants "):
        return len(other.says.split()) <= 6
    if (apart == 0 and "wish" in sorts) or (other.sort == "order" and _POINTS.search(other.says)):
        return True
    if not (sorts & {"thing", "need"} and (opposite or sorts & {"wish", "order"})):
        return False
    return apart == 0 or _are_alike(one, other)


def _are_alike(one: Stated, other: Stated) -> bool:
    """Tell whether two are about the same, or, if one is a wish, may be."""
    some, others = set(categories(one.says)), set(categories(other.says))
    return bool(some & others - {OTHER}) or ("wish" in (one.sort, other.sort) and OTHER in some | others)


def _together(one: Stated, other: Stated) -> Stated:
    polarity = min(one.polarity, other.polarity, key=_FIRST.index)
    if one.form == "quote":
        return replace(one, says=f"{one.says}; {other.says[0].lower()}{other.says[1:]}", polarity=polarity)
    context = one.context if other.context in one.context else f"{one.context} {other.context}"
    return replace(
        one,
        says=f"{one.says}, and {other.says.removeprefix('wants ') if one.says.startswith('wants ') else other.says}",
        polarity=polarity,
        context=context,
        explicit=one.explicit or other.explicit,
    )
