"""The directives of a bank: checked, in order, and which of them hold where."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict, get_args

from duramen.errors import BadInputError
from duramen.profiles.checking import Schema, faults
from duramen.profiles.profile import Directive
from duramen.profiles.records import directives_path, read_directive
from duramen.shelf import Entry, Shelf
from duramen.times import utc_now
from duramen.types import TagsMatch

LONGEST_NAME = 200
LONGEST_CONTENT = 10_000
MOST_TAGS = 100

TAGS: Schema = {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 500}, "maxItems": MOST_TAGS}
"""The tags of something, as a JSON schema."""

PARTS: Mapping[str, Schema] = {
    "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
    "content": {"type": "string", "minLength": 1, "maxLength": LONGEST_CONTENT},
    "priority": {"type": "integer", "minimum": -1_000_000, "maximum": 1_000_000},
    "active": {"type": "boolean"},
    "tags": TAGS,
}
"""What can be said of a directive, by the names that `Directive` has for it, as JSON schemas."""


class DirectiveChanges(TypedDict, total=False):
    """What to change of a directive. What is None stays as it is."""

    name: str | None
    content: str | None
    priority: int | None
    active: bool | None
    tags: Collection[str] | None


def new_directive(bank: str, given: Mapping[str, Any]) -> Directive:
    """Return a directive of `bank` that was not there before, once what is `given` is known to be good.

    Raises:
        BadInputError: It cannot be kept as it is.
    """
    now = utc_now()
    return Directive(id=str(uuid.uuid4()), bank=bank, created=now, updated=now, **checked(given))


def changed(directive: Directive, given: Mapping[str, Any]) -> Directive:
    """Return `directive` with what is `given`; the very same if that changes nothing.

    Raises:
        BadInputError: It cannot be kept as it is.
    """
    other = replace(directive, **checked({name: value for name, value in given.items() if value is not None}))
    return directive if other == directive else replace(other, updated=utc_now())


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return parts of a directive as they are kept: tags once each, in the order given, the name without space around.

    Raises:
        BadInputError: There is no part of that name, or it cannot stand there.
    """
    parts: dict[str, Any] = {name: list(value) if _is_collection(value) else value for name, value in given.items()}
    for name, value in parts.items():
        wrong = _wrong(name, value)
        if wrong is not None:
            raise BadInputError(f"{wrong} Nothing was changed.")
    if "tags" in parts:
        parts["tags"] = tuple(dict.fromkeys(parts["tags"]))
    if "name" in parts:
        parts["name"] = parts["name"].strip()
    return parts


async def directives_of(shelf: Shelf, bank: str) -> list[Directive]:
    """Return all directives of `bank`, those of higher priority first, older ones before newer ones of the same."""
    return in_order(read_entry(bank, entry) for entry in await shelf.scan(directives_path(bank)))


def read_entry(bank: str, entry: Entry) -> Directive:
    """Return the directive that stands at `entry`."""
    return read_directive(bank, entry.key, entry.value)


def in_order(directives: Iterable[Directive]) -> list[Directive]:
    """Return `directives` in the order in which they are read; see `directives_of`."""
    return sorted(directives, key=lambda one: (-one.priority, one.created, one.id))


def holding(directives: Sequence[Directive], tags: Collection[str], *, everywhere: bool = False) -> list[Directive]:
    """Return those that hold where `tags` are asked about: active, and untagged or with one of them.

    Args:
        directives: Of a bank.
        tags: What is asked about; of none, tagged directives hold nowhere.
        everywhere: All active ones hold, whatever their tags.
    """
    wanted = set(tags)
    return [one for one in directives if one.active and (everywhere or not one.tags or wanted & set(one.tags))]


def selects(tags: Collection[str] | None, match: TagsMatch, carried: Collection[str]) -> bool:
    """Tell whether `tags` select what carries some; see `TagsMatch`. None selects all, and so do none but for `exact`.

    Raises:
        BadInputError: There is no such way to match.
    """
    if match not in get_args(TagsMatch):
        known = ", ".join(map(repr, get_args(TagsMatch)))
        raise BadInputError(f"`tags_match` is {match!r}. Give one of {known}.")
    if tags is None or (not tags and match != "exact"):
        return True
    if match == "exact":
        return set(tags) == set(carried)
    if not carried:
        return match in ("any", "all")
    return bool(set(tags) & set(carried)) if match in ("any", "any_strict") else set(tags) <= set(carried)


def _wrong(name: str, value: Any) -> str | None:
    if name not in PARTS:
        return f"A directive has no {name!r}. Its parts are {', '.join(PARTS)}."
    if isinstance(value, str) and not value.strip():
        return f"`{name}` of a directive is blank. Give text that can be seen."
    return next(faults(value, PARTS[name], f"`{name}` of a directive"), None)


def _is_collection(value: object) -> bool:
    return isinstance(value, Collection) and not isinstance(value, str | bytes | Mapping)
