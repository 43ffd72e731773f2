"""Whether a value is what a JSON schema says: the few words of it that `config` and `manifest` use.

Source:
    JSON Schema 2020-12, https://json-schema.org/draft/2020-12/json-schema-validation
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]
"""Of the words of JSON Schema: `type`, `enum`, `anyOf`, `minimum`, `exclusiveMinimum`, `maximum`, `minLength`, `maxLength`,
`pattern`, `items`, `maxItems`, `properties`, `required`, `additionalProperties`, `patternProperties` that allow anything."""

_DEEP = 500
"""Characters of a place below which nothing is looked at: so deep is nothing that is meant."""

_HUGE = 1e300

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "array": lambda value: isinstance(value, list | tuple),
    "object": lambda value: isinstance(value, Mapping) and all(isinstance(name, str) for name in value),
    "null": lambda value: value is None,
}

_WORDS = {
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "names with values",
    "null": "null",
}


def faults(value: Any, schema: Schema, place: str) -> Iterator[str]:
    """Yield what is wrong about `value`, each as `place`, what stands there and what should; nothing if it fits.

    Text that cannot be stored (NUL, lone surrogates), also in names, is a fault whatever the schema says.

    >>> list(faults({"a": [1, "x"]}, {"properties": {"a": {"items": {"type": "integer"}}}}, "it"))
    ["it.a[1] is 'x'. Give a whole number."]
    """
    if len(place) > _DEEP:
        yield f"{place[:80]}… goes too deep. Give less in one another."
        return
    if not _fits(value, schema):
        yield _told(place, value, schema)
    if isinstance(value, str) and _UNSTORABLE.search(value):
        yield f"{place} holds a NUL character or a lone surrogate, which cannot be kept. Leave it out."
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from faults(one, schema.get("items", {}), f"{place}[{number}]")
    elif isinstance(value, Mapping):
        yield from _of_names(value, schema, place)


def wanted(schema: Schema) -> str:
    """Return in words what a value of `schema` is.

    >>> wanted({"type": ["integer", "null"], "minimum": 1, "maximum": 5})
    'a whole number from 1 to 5, or null'
    """
    if "anyOf" in schema:
        return ", or ".join(wanted(one) for one in schema["anyOf"])
    if "enum" in schema:
        shown = ", ".join(repr(one) for one in schema["enum"])
        return shown if len(schema["enum"]) == 1 else f"one of {shown}"
    types = _types(schema)
    words = ", or ".join(_WORDS[one] + (_bounds(schema) if one != "null" else "") for one in types)
    return words or "something that JSON can hold"


def _told(place: str, value: Any, schema: Schema) -> str:
    shown = repr(value)
    return f"{place} is {shown if len(shown) <= 80 else f'{shown[:77]}…'}. Give {wanted(schema)}."


def _types(schema: Schema) -> tuple[str, ...]:
    types = schema.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def _bounds(schema: Schema) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        return f" above {schema['exclusiveMinimum']}"
    if least is not None:
        return f" of {least} or more" if most is None else f" from {least} to {most}"
    if "maxLength" in schema:
        return f" of {schema.get('minLength', 0)} to {schema['maxLength']} characters"
    return f" that matches {schema['pattern']}" if "pattern" in schema else ""


def _fits(value: Any, schema: Schema) -> bool:
    if "anyOf" in schema:
        return any(next(faults(value, one, ""), None) is None for one in schema["anyOf"])
    types = _types(schema)
    if types and not any(_TYPES[one](value) for one in types):
        return False
    if "enum" in schema:
        return any(value == one and type(value) is type(one) for one in schema["enum"])
    if isinstance(value, str):
        long_enough = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        return long_enough and ("pattern" not in schema or re.search(schema["pattern"], value) is not None)
    if isinstance(value, int | float) and not isinstance(value, bool):
        least, most = schema.get("minimum", value), schema.get("maximum", value)
        above = "exclusiveMinimum" not in schema or value > schema["exclusiveMinimum"]
        return bool(least <= value <= most) and above and abs(value) < _HUGE  # what is not a number is not less, either
    return not isinstance(value, list | tuple) or len(value) <= schema.get("maxItems", len(value))


def _of_names(value: Mapping[Any, Any], schema: Schema, place: str) -> Iterator[str]:
    known = schema.get("properties", {})
    free = tuple(schema.get("patternProperties", ()))
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{place} has no {name!r}. Give {wanted(known.get(name, {}))}."
    for name, one in value.items():
        if _UNSTORABLE.search(str(name)):
            yield f"{place} has a name with a NUL character or a lone surrogate, which cannot be kept. Leave it out."
        elif name in known:
            yield from faults(one, known[name], f"{place}.{name}")
        elif schema.get("additionalProperties") is False and not any(re.search(one, str(name)) for one in free):
            yield f"{place} has {name!r}, which is not known there. Known are {', '.join(sorted(known))}."
        else:
            yield from faults(one, {}, f"{place}.{name}")
