"""Metadata that Duramen writes itself: names that begin with `duramen:`, which nobody else may give."""

from __future__ import annotations

from collections.abc import Mapping

from duramen.retain.pipeline import OCCURRED as OCCURRED

PREFIX = "duramen:"
CONTEXT = "duramen:context"
"""What a source is about."""

TIMELESS = "duramen:timeless"
"""Stands at what nothing is to be dated by."""

PLACE = "duramen:place"
"""Where something stands in what it was given in."""

MADE = "duramen:made"
"""Counts how often memories were made anew of an event that did not change."""


class _Reserved(dict[str, str]):
    """Metadata that `with_reserved` made; whoever passes it on may keep the reserved names in it."""


def with_reserved(
    metadata: Mapping[str, str], *, context: str | None = None, timeless: bool = False, place: int | None = None
) -> dict[str, str]:
    """Return `metadata` with what is said beside it under reserved names.

    >>> dict(with_reserved({"channel": "mail"}, context="the garden", timeless=True))
    {'channel': 'mail', 'duramen:context': 'the garden', 'duramen:timeless': 'true'}
    """
    made = _Reserved(metadata)
    if context:
        made[CONTEXT] = context
    if timeless:
        made[TIMELESS] = "true"
    if place is not None:
        made[PLACE] = str(place)
    return made


def may_reserve(metadata: Mapping[str, str]) -> bool:
    """Tell whether `metadata` was made here."""
    return isinstance(metadata, _Reserved)


def context_of(metadata: Mapping[str, str]) -> str | None:
    """Return what it is about, if that was said."""
    return metadata.get(CONTEXT)


def is_timeless(metadata: Mapping[str, str]) -> bool:
    """Tell whether nothing is to be dated by its time."""
    return TIMELESS in metadata


def plain(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return `metadata` without the reserved names: what the caller gave.

    >>> plain({"channel": "mail", "duramen:context": "the garden"})
    {'channel': 'mail'}
    """
    return {name: value for name, value in metadata.items() if not name.startswith(PREFIX)}
