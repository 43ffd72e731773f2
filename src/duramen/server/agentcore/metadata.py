"""The metadata of memory records: the unions of the wire, and the plain values of the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from duramen.records import Value
from duramen.server.agentcore.consistent import RESERVED
from duramen.server.agentcore.failing import Field, invalid
from duramen.server.agentcore.strategies import schemas_of


def value_of(union: Mapping[str, Any]) -> Value:
    """Return the value that a union holds, which was checked by its shape.

    >>> value_of({"stringListValue": ["a", "b"]})
    ('a', 'b')
    """
    ((name, value),) = union.items()
    if name == "stringListValue":
        return tuple(value)
    if name == "numberValue":
        return float(value)
    text_or_time: Value = value
    return text_or_time


def union_of(value: Value) -> dict[str, Any]:
    """Return a value as the wire has it.

    >>> union_of(2.0)
    {'numberValue': 2.0}
    """
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, datetime):
        return {"dateTimeValue": value}
    if isinstance(value, (int, float)):
        return {"numberValue": float(value)}
    return {"stringListValue": list(value)}


def metadata_of(given: Mapping[str, Mapping[str, Any]]) -> dict[str, Value]:
    """Return the metadata that was sent with a record, as the engine keeps it."""
    return {key: value_of(union) for key, union in given.items()}


def written_metadata(metadata: Mapping[str, Value]) -> dict[str, Any] | None:
    """Return metadata as the wire has it; None if there is none, since the wire has no empty one."""
    return {key: union_of(value) for key, value in metadata.items()} or None


def check_metadata(records: list[Mapping[str, Any]]) -> None:
    """Check that no record that was sent has metadata under a key that only the service writes.

    Raises:
        WireError: 400, with each such key.
    """
    wrong = list(_reserved(records))
    if wrong:
        raise invalid(
            f"Keys of metadata that begin with `{RESERVED}` are written by the service. Use other keys; nothing was "
            f"changed.",
            *wrong,
        )


def schema_keys(strategy: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the keys of metadata that the records of a kept strategy may have; None for any, as it has no schema.

    The schema of an episodic strategy's reflections counts too: they are records of the same strategy.
    """
    keys = frozenset(entry["key"] for schema in schemas_of(strategy) for entry in schema)
    return keys or None


def _reserved(records: list[Mapping[str, Any]]) -> Iterator[Field]:
    for place, record in enumerate(records):
        for key in record.get("metadata", {}):
            if key.startswith(RESERVED):
                yield Field(f"records.{place}.metadata.{key}", "This key is reserved.")
