"""The values of metadata, and how they are kept."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

from duramen.errors import BadContentError, BadInputError
from duramen.times import aware, parse_time

Value: TypeAlias = "str | tuple[str, ...] | float | datetime"
"""What stands in the metadata of a record under one name. Times are aware."""

_TIME = "time"


def written(metadata: Mapping[str, Value]) -> dict[str, Any]:
    """Return metadata as JSON has it.

    Raises:
        BadContentError: A name or a value cannot be kept.
    """
    return {_text(name): _written(name, value) for name, value in metadata.items()}


def read(kept: Mapping[str, Any]) -> dict[str, Value]:
    """Return what `written` wrote. What is no value of metadata is left out."""
    found = {name: _read(value) for name, value in kept.items()}
    return {name: value for name, value in found.items() if value is not None}


def number(value: object) -> float | None:
    """Return a finite number; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _written(name: str, value: object) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, datetime):
        return {_TIME: aware(value).isoformat()}
    if isinstance(value, (tuple, list)):
        return [_text(one) for one in value]
    if number(value) is None:
        raise BadContentError(
            f"The metadata {name!r} is {value!r}. Give text, several texts, a finite number or a time. Nothing was kept."
        )
    return value


def _read(value: Any) -> Value | None:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return tuple(str(one) for one in value)
    if isinstance(value, Mapping):
        try:
            return parse_time(value.get(_TIME), BadInputError, _TIME)
        except BadInputError:
            return None
    return number(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadContentError(f"The metadata holds {value!r}, which is not text. Nothing was kept.")
    return checked(value, "metadata")


def checked(text: str, name: str) -> str:
    """Return text that can be kept.

    Raises:
        BadContentError: It holds a NUL or a lone surrogate.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadContentError(f"The {name} holds a lone surrogate. Leave it out; nothing was kept.") from None
    if "\0" in text:
        raise BadContentError(f"The {name} holds a NUL character. Leave it out; nothing was kept.")
    return text
