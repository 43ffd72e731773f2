"""Selections by tags as clients write them: a leaf, or `and`, `or` and `not` of others."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from duramen.errors import BadQueryError
from duramen.profiles.directives import selects
from duramen.types import AllOf, AnyOf, NoneOf, Tagged, TagGroup, TagsMatch

MATCHES = ("any", "all", "any_strict", "all_strict", "exact")

_DEEPEST = 20
_SHAPE = "Give {tags: […], match: …}, {and: […]}, {or: […]} or {not: …}."


def groups_of(groups: Sequence[Any] | None) -> tuple[TagGroup, ...]:
    """Return what `groups` select, all of which must.

    Raises:
        BadQueryError: One of them is not a selection, or they are nested too deep.
    """
    return tuple(_group(one, 0) for one in groups or ())


def groups_in(text: str | None) -> tuple[TagGroup, ...]:
    """Return what is selected by `text`: JSON, as it stands in a query parameter.

    Raises:
        BadQueryError: It is no JSON, or not a list of selections.
    """
    if text is None:
        return ()
    try:
        groups = json.loads(text)
    except (ValueError, RecursionError):
        raise BadQueryError("`tag_groups` is not JSON. Give a list of groups as JSON.") from None
    if not isinstance(groups, list):
        raise BadQueryError("`tag_groups` is not a list. Give a list of groups as JSON.")
    return groups_of(groups)


def selected(groups: Sequence[TagGroup], tags: Collection[str]) -> bool:
    """Tell whether all `groups` select what has `tags`."""
    return all(_selects(group, tags) for group in groups)


def _selects(group: TagGroup, tags: Collection[str]) -> bool:
    if isinstance(group, Tagged):
        return selects(group.tags, group.match, tags)
    if isinstance(group, NoneOf):
        return not _selects(group.group, tags)
    some = (_selects(one, tags) for one in group.groups)
    return all(some) if isinstance(group, AllOf) else any(some)


def _group(group: Any, depth: int) -> TagGroup:
    if not isinstance(group, Mapping) or depth > _DEEPEST:
        raise BadQueryError(f"A tag group is nested too deep, or no object. {_SHAPE}")
    if "tags" in group:
        return _leaf(group)
    for name, all_or_any in (("and", AllOf), ("or", AnyOf)):
        if name in group:
            if not isinstance(group[name], list):
                raise BadQueryError(f"`{name}` of a tag group is not a list. {_SHAPE}")
            return all_or_any(tuple(_group(one, depth + 1) for one in group[name]))
    if "not" in group:
        return NoneOf(_group(group["not"], depth + 1))
    raise BadQueryError(f"A tag group has none of tags, and, or, not. {_SHAPE}")


def _leaf(group: Mapping[str, Any]) -> Tagged:
    tags, match = group["tags"], group.get("match") or "any_strict"
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise BadQueryError(f"`tags` of a tag group is not a list of texts. {_SHAPE}")
    if match not in MATCHES:
        raise BadQueryError(f"`match` of a tag group is {match!r}. Give one of {', '.join(MATCHES)}.")
    return Tagged(frozenset(tags), cast(TagsMatch, match))
