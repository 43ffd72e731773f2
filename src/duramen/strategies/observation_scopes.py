"""Scopes of tags: which observations an event may have a part in, so that what is tagged otherwise never meets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TypeAlias
from urllib.parse import quote

from duramen.errors import BadContentError
from duramen.types import Event

SCOPES = "duramen:observation_scopes"
"""The metadata of an event that says in which scopes it is observed: JSON, as `scopes_of` reads it."""

COMBINED, PER_TAG, ALL_COMBINATIONS, SHARED = "combined", "per_tag", "all_combinations", "shared"

MOST_COMBINED = 5
"""Tags of which all combinations may be taken: 31."""

Scope: TypeAlias = tuple[str, ...]
"""The tags that observations have, sorted, each once; none for those without tags."""


def scopes_of(tags: Sequence[str], wanted: str | None) -> tuple[Scope, ...]:
    r"""Return the scopes in which something with `tags` is observed.

    Args:
        tags: Those of an event.
        wanted: JSON: `"combined"` (one scope, all its tags), `"per_tag"` (one for each), `"all_combinations"` (one for
            each set of them), `"shared"` (one without tags), or a list of scopes, each a list of tags, in which `*`
            stands for any part of a tag that the event has; a scope in which such a pattern fits none is left out. None
            for `"combined"`. What has no tags has one scope without tags, whatever is wanted but a list.

    Returns:
        Each once, at least one.

    Raises:
        BadContentError: It is none of these, or there are more than `MOST_COMBINED` tags to combine.

    >>> scopes_of(["work", "ada"], None)
    (('ada', 'work'),)
    >>> scopes_of(["work", "user:ada"], '[["user:*"], []]')
    (('user:ada',), ())
    """
    own = tuple(sorted(set(tags)))
    read = COMBINED if wanted is None else _read(wanted)
    if not isinstance(read, str):
        return tuple(dict.fromkeys(_listed(read, own))) or ((),)
    if read == SHARED or not own:
        return ((),)
    if read == COMBINED:
        return (own,)
    if read == PER_TAG:
        return tuple((tag,) for tag in own)
    if len(own) > MOST_COMBINED:
        raise BadContentError(
            f"There are {len(own)} tags, and the observation scopes {ALL_COMBINATIONS!r} take at most {MOST_COMBINED}. "
            f"Give fewer tags, or name the scopes one by one."
        )
    return tuple(scope for size in range(1, len(own) + 1) for scope in combinations(own, size))


def scopes_of_event(event: Event, usual: str | None = None) -> tuple[Scope, ...]:
    """Return the scopes of an event, by its metadata `SCOPES`, else by `usual`; see `scopes_of`."""
    return scopes_of(event.tags, event.metadata.get(SCOPES, usual))


def place_of_scope(namespace: str, scope: Iterable[str]) -> str:
    """Return where observations of a scope are filed, below `namespace`; other scopes have other places.

    >>> place_of_scope("/seen/", ["b", "a/c"]), place_of_scope("/seen/", [])
    ('/seen/tagged/a%2Fc,b/', '/seen/untagged/')
    """
    names = ",".join(quote(tag, safe="") for tag in sorted(set(scope)))
    return f"{namespace}tagged/{names}/" if names else f"{namespace}untagged/"


def _read(wanted: str) -> str | list[list[str]]:
    try:
        read = json.loads(wanted)
    except ValueError:
        read = wanted  # the bare word is as clear
    if isinstance(read, str) and read in (COMBINED, PER_TAG, ALL_COMBINATIONS, SHARED):
        return read
    if isinstance(read, list) and read and all(_is_scope(scope) for scope in read):
        return read
    shown = wanted if len(wanted) <= 100 else f"{wanted[:100]}…"
    raise BadContentError(
        f"{shown!r} are no observation scopes. Give {COMBINED!r}, {PER_TAG!r}, {ALL_COMBINATIONS!r}, {SHARED!r}, or a list "
        f"of lists of tags, as JSON."
    )


def _is_scope(given: object) -> bool:
    return isinstance(given, list) and all(isinstance(tag, str) and tag.strip() for tag in given)


def _listed(scopes: Iterable[Sequence[str]], own: Sequence[str]) -> Iterable[Scope]:
    for scope in scopes:
        found = [_fitting(tag, own) for tag in scope]
        if all(found):
            yield tuple(sorted({tag for tags in found for tag in tags}))


def _fitting(tag: str, own: Sequence[str]) -> Sequence[str]:
    if "*" not in tag:
        return (tag,)
    pattern = re.compile(".*".join(re.escape(part) for part in tag.split("*")), re.DOTALL)
    return [one for one in own if pattern.fullmatch(one)]
