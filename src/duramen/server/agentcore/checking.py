"""Checks what was sent against the shapes of the service models: all that AWS checks, and botocore does not before it sends."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from duramen.server.agentcore.failing import Field

_SHOWN = 100
_UNITS = {"string": "characters", "list": "items", "map": "entries", "blob": "bytes"}


def problems(shape: Shape, value: Any, name: str = "") -> Iterator[Field]:
    """Go through what is wrong with `value`, which is to be of `shape`; nothing if it is sound.

    Args:
        shape: A shape of a service model. Documents (any JSON) are always sound.
        value: As it was parsed: times are `datetime`.
        name: Where it stands, for what is told.
    """
    if getattr(shape, "is_document_type", False):
        return
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, name)
    elif isinstance(shape, ListShape):
        yield from _list(shape, value, name)
    elif isinstance(shape, MapShape):
        yield from _map(shape, value, name)
    else:
        yield from _scalar(shape, value, name)


def _structure(shape: StructureShape, value: Any, name: str) -> Iterator[Field]:
    if not isinstance(value, Mapping):
        yield Field(name, "Must be an object.")
        return
    for member in shape.required_members:
        if value.get(member) is None and not _null(shape, value, member):
            yield Field(_below(name, member), "Must be given.")
    given = [member for member in shape.members if value.get(member) is not None or _null(shape, value, member)]
    if shape.is_tagged_union and len(given) != 1:
        yield Field(name, f"Must have exactly one of {', '.join(shape.members)}.")
    for member in given:
        yield from problems(shape.members[member], value[member], _below(name, member))


def _null(shape: StructureShape, value: Mapping[str, Any], member: str) -> bool:
    """Whether null was given, and says something there."""
    return member in value and bool(getattr(shape.members[member], "is_document_type", False))


def _list(shape: ListShape, value: Any, name: str) -> Iterator[Field]:
    if not isinstance(value, list):
        yield Field(name, "Must be a list.")
        return
    yield from _length(shape, len(value), name)
    for place, one in enumerate(value):
        yield from problems(shape.member, one, _below(name, str(place)))


def _map(shape: MapShape, value: Any, name: str) -> Iterator[Field]:
    if not isinstance(value, Mapping):
        yield Field(name, "Must be an object.")
        return
    yield from _length(shape, len(value), name)
    for key, one in value.items():
        yield from problems(shape.key, key, _below(name, key[:_SHOWN]))
        yield from problems(shape.value, one, _below(name, key[:_SHOWN]))


_KINDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "string": (lambda value: isinstance(value, str), "Must be text."),
    "integer": (lambda value: isinstance(value, int) and not isinstance(value, bool), "Must be a whole number."),
    "double": (lambda value: is_finite(value), "Must be a number."),
    "boolean": (lambda value: isinstance(value, bool), "Must be true or false."),
    "timestamp": (lambda value: isinstance(value, datetime), "Must be a time: seconds since 1970, or ISO 8601."),
}
_KINDS = {**_KINDS, "long": _KINDS["integer"], "float": _KINDS["double"]}


def is_finite(value: object) -> bool:
    """Tell whether a value is a number that a float can hold."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number of 400 digits
        return False


def _scalar(shape: Shape, value: Any, name: str) -> Iterator[Field]:
    fits, told = _KINDS.get(shape.type_name, (lambda value: True, ""))
    if not fits(value):
        yield Field(name, told)
    elif isinstance(shape, StringShape):
        yield from _string(shape, value, name)
    elif shape.type_name not in ("boolean", "timestamp"):
        yield from _bounds(shape, value, name)


def _string(shape: StringShape, value: str, name: str) -> Iterator[Field]:
    if shape.enum and value not in shape.enum:
        yield Field(name, f"Must be one of {', '.join(shape.enum)}.")
        return
    wrong = [*_length(shape, len(value), name)]
    yield from wrong
    pattern = shape.metadata.get("pattern")
    if pattern is not None and not wrong and not _compiled(pattern).fullmatch(value):
        yield Field(name, f"Must match {pattern}")


def _length(shape: Shape, length: int, name: str) -> Iterator[Field]:
    unit = _UNITS.get(shape.type_name, "items")
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and length < least:
        yield Field(name, f"Must have at least {least:,} {unit}; it has {length:,}.")
    if most is not None and length > most:
        yield Field(name, f"Must have at most {most:,} {unit}; it has {length:,}.")


def _bounds(shape: Shape, value: float, name: str) -> Iterator[Field]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and value < least:
        yield Field(name, f"Must be at least {least:,}.")
    if most is not None and value > most:
        yield Field(name, f"Must be at most {most:,}.")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _below(name: str, member: str) -> str:
    return f"{name}.{member}" if name else member
