"""What a mental model may be: its id and its parts, checked."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from typing_extensions import TypedDict

from duramen.errors import BadInputError
from duramen.mental_models.triggers import checked
from duramen.profiles.checking import Schema, faults
from duramen.profiles.directives import TAGS

LEAST_TOKENS, MOST_TOKENS = 256, 8192
"""Of a content."""

LONGEST_NAME = 500
LONGEST_QUERY = 10_000

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_ID = 200


class Changes(TypedDict, total=False):
    """What to change of a mental model. What is None stays as it is."""

    name: str | None
    query: str | None
    tags: Collection[str] | None
    max_tokens: int | None
    trigger: Mapping[str, Any] | None


def checked_id(id: str) -> str:
    """Return the id of a mental model, if it can be one.

    Raises:
        BadInputError: It cannot.
    """
    given: object = id
    if not isinstance(given, str) or not _ID.fullmatch(id) or len(id) > _LONGEST_ID:
        raise BadInputError(
            f"{id!r} cannot be the id of a mental model. Use lower case letters and digits, with single hyphens between "
            f"them, at most {_LONGEST_ID} in all. Nothing was changed."
        )
    return id


def checked_parts(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return parts of a mental model as they are kept, without what is None.

    Raises:
        BadInputError: One of them makes no sense.
    """
    schemas: dict[str, Schema] = {
        "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
        "query": {"type": "string", "minLength": 1, "maxLength": LONGEST_QUERY},
        "tags": TAGS,
        "max_tokens": {"type": "integer", "minimum": LEAST_TOKENS, "maximum": MOST_TOKENS},
    }
    parts = {name: value for name, value in given.items() if value is not None}
    unknown = sorted(parts.keys() - schemas.keys() - {"trigger"})
    if unknown:
        raise BadInputError(f"A mental model has no {unknown[0]!r}. It has {', '.join(schemas)} and trigger.")
    if "tags" in parts and not isinstance(parts["tags"], str):
        parts["tags"] = tuple(sorted(set(parts["tags"])))
    for name, schema in schemas.items():
        if name in parts:
            wrong = next(faults(parts[name], schema, f"`{name}`"), None)
            blank = isinstance(parts[name], str) and not parts[name].strip()
            if wrong is not None or blank:
                raise BadInputError(f"{wrong or f'`{name}` is blank. Give text.'} Nothing was changed.")
    if "trigger" in parts:
        parts["trigger"] = checked(parts["trigger"])
    return parts
