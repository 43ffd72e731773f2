"""Items as bytes on the shelf, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from langgraph.store.base import Item, SearchItem

from duramen.errors import BadInputError
from duramen.shelf import Entry


def packed(value: Mapping[str, Any], key: str) -> bytes:
    """Return `value` as JSON in UTF-8. Tuples become lists, as in every JSON.

    Raises:
        BadInputError: It is no mapping, or something in it has no form in JSON that would come back the same.
    """
    given: object = value
    if not isinstance(given, Mapping):
        raise _refusal(key, f"it is a {type(given).__name__}, not a dictionary")
    try:
        text = json.dumps(dict(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        _check_fields(value)
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:  # the last for what is nested too deep
        raise _refusal(key, str(error)) from error


def loaded(value: bytes) -> dict[str, Any]:
    """Return what was packed; a new one each time."""
    unpacked: dict[str, Any] = json.loads(value)
    return unpacked


def item_of(entry: Entry, namespace: tuple[str, ...]) -> Item:
    """Return what stands on the shelf as langgraph's item."""
    return Item(
        value=loaded(entry.value),
        key=entry.key,
        namespace=namespace,
        created_at=entry.created,
        updated_at=entry.updated,
    )


def found_item(entry: Entry, namespace: tuple[str, ...], score: float | None) -> SearchItem:
    """Return the same as a hit of a search."""
    return SearchItem(
        value=loaded(entry.value),
        key=entry.key,
        namespace=namespace,
        created_at=entry.created,
        updated_at=entry.updated,
        score=score,
    )


def seconds_of(minutes: float | None, what: str = "ttl") -> float | None:
    """Return a time to live in seconds; None for ever.

    Raises:
        BadInputError: It is not a finite number above 0.
    """
    if minutes is None:
        return None
    given: object = minutes
    if not isinstance(given, int | float) or not math.isfinite(given) or given <= 0:
        raise BadInputError(f"`{what}` is {minutes!r}. Give minutes above 0, or None to keep it for ever.")
    return minutes * 60.0


def _check_fields(value: Any) -> None:
    """Raise `TypeError` for a field whose name is no text: JSON would make it one without a word."""
    if isinstance(value, Mapping):
        for name, nested in value.items():
            if not isinstance(name, str):
                raise TypeError(f"the field name {name!r} is a {type(name).__name__}, not text")
            _check_fields(nested)
    elif isinstance(value, list | tuple):
        for nested in value:
            _check_fields(nested)


def _refusal(key: str, reason: str) -> BadInputError:
    return BadInputError(
        f"The value of {key!r} cannot be kept as JSON: {reason}. Give a dictionary of text, numbers, booleans, None, "
        "lists and dictionaries with text as field names. Nothing was written."
    )
