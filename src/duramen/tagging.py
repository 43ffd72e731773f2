"""Which memories are meant, by their tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

TagsMatch = Literal["any", "all", "any_strict", "all_strict", "exact"]
"""How `tags` of a recall select memories.

`any` and `all` also let untagged memories through; `any_strict` and `all_strict` do not; `exact` wants the very same
set of tags (an empty set: untagged memories only).
"""


@dataclass(frozen=True, slots=True)
class Tagged:
    """Memories that `tags` select in the way of `match`: without any all of them, or with `exact` those without tags."""

    tags: frozenset[str]
    match: TagsMatch = "any_strict"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Memories that every one of `groups` selects; all memories if there are none."""

    groups: tuple[TagGroup, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Memories that at least one of `groups` selects; none if there are none."""

    groups: tuple[TagGroup, ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """Memories that `group` does not select."""

    group: TagGroup


TagGroup: TypeAlias = "Tagged | AllOf | AnyOf | NoneOf"
"""Which memories, by their tags: a selection that can be nested."""
