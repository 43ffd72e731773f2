"""Checking tag groups as a caller gives them."""

from __future__ import annotations

from collections.abc import Collection
from reprlib import repr
from typing import Any, get_args

from duramen.errors import BadQueryError
from duramen.types import AllOf, AnyOf, NoneOf, Tagged, TagGroup, TagsMatch

DEEPEST = 10
"""Groups that may stand in each other."""

MOST_TAGS = 1000
"""Tags in all groups of a query together; a group of none counts as one."""


def groups_of(given: Any) -> tuple[TagGroup, ...]:
    """Check tag groups: one, or a list of some that must all select a memory; None for none.

    Raises:
        BadQueryError: One of them is no group or is malformed, or there is too much of it.
    """
    if given is None:
        return ()
    return _Checker().each((given,) if isinstance(given, Tagged | AllOf | AnyOf | NoneOf) else given, 1)


class _Checker:
    """Goes through groups, and stops where there are too many tags: the same group may stand in others often."""

    def __init__(self) -> None:
        self._tags = 0

    def each(self, groups: Any, depth: int) -> tuple[TagGroup, ...]:
        if isinstance(groups, str) or not isinstance(groups, Collection):
            raise BadQueryError(
                f"`tag_groups` has {repr(groups)} for groups. Give a list of `Tagged`, `AllOf` and so on."
            )
        if depth > 1:
            self._count(0 if groups else 1)
        return tuple(self._checked(group, depth) for group in groups)

    def _checked(self, group: Any, depth: int) -> TagGroup:
        """Return a group that stands `depth` deep."""
        if depth > DEEPEST:
            raise BadQueryError(f"`tag_groups` is nested more than {DEEPEST} deep. Put fewer groups in each other.")
        if isinstance(group, Tagged):
            return self._tagged(group)
        if isinstance(group, NoneOf):
            return NoneOf(self._checked(group.group, depth + 1))
        if isinstance(group, AllOf | AnyOf):
            return type(group)(self.each(group.groups, depth + 1))
        raise BadQueryError(f"`tag_groups` holds {repr(group)}. Give groups: `Tagged`, `AllOf`, `AnyOf` or `NoneOf`.")

    def _tagged(self, group: Tagged) -> Tagged:
        tags: Any = group.tags
        is_list = isinstance(tags, Collection) and not isinstance(tags, str | bytes)
        if not is_list or not all(isinstance(tag, str) and tag.strip() for tag in tags):
            raise BadQueryError(f"`tag_groups` has the tags {repr(tags)}. Give a list of texts, none of them blank.")
        known = get_args(TagsMatch)
        if group.match not in known:
            raise BadQueryError(
                f"`tag_groups` is to match {repr(group.match)}. Give one of {', '.join(map(repr, known))} as `match`."
            )
        self._count(max(1, len(tags)))
        return Tagged(frozenset(tags), group.match)

    def _count(self, tags: int) -> None:
        self._tags += tags
        if self._tags > MOST_TAGS:
            raise BadQueryError(f"`tag_groups` has more than {MOST_TAGS:,} tags in all. Give fewer.")
