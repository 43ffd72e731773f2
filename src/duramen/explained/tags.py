"""What a query asks of tags, in words."""

from __future__ import annotations

from collections.abc import Mapping, Set

from duramen.plain import plain
from duramen.types import AllOf, NoneOf, Tagged, TagGroup, TagsMatch

MATCHES: Mapping[TagsMatch, str] = {
    "any": "one of, or no tags",
    "all": "all of, or no tags",
    "any_strict": "one of",
    "all_strict": "all of",
    "exact": "exactly",
}
"""How tags are to match."""

LONGEST = 300
"""Characters of a group in words; of a longer one the end is left out."""


def wanted(tags: Set[str], match: TagsMatch) -> str:
    """Return what tags are asked for.

    >>> wanted({"b", "a"}, "any"), wanted(frozenset(), "exact")
    ('one of, or no tags: a, b', 'exactly: none')
    """
    return f"{MATCHES[match]}: {', '.join(map(plain, sorted(tags))) or 'none'}"


def grouped(groups: tuple[TagGroup, ...]) -> str:
    """Return what tag groups ask for, all of them together, on one line.

    >>> home, work = Tagged(frozenset({"home"})), Tagged(frozenset({"work", "old"}), "all")
    >>> grouped((home, NoneOf(work)))
    '(one of: home) and not (all of, or no tags: old, work)'
    """
    words = _told(AllOf(groups)) if len(groups) > 1 else "".join(map(_told, groups))
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"


def _told(group: TagGroup) -> str:
    if isinstance(group, Tagged):
        return wanted(group.tags, group.match) if group.tags or group.match == "exact" else "anything"
    if isinstance(group, NoneOf):
        return f"not ({_told(group.group)})"
    every = isinstance(group, AllOf)
    parts = [_told(part) if isinstance(part, NoneOf) else f"({_told(part)})" for part in group.groups]
    return (" and " if every else " or ").join(parts) or ("anything" if every else "nothing")
