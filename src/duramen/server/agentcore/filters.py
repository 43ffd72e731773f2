"""Which records are asked for: one namespace or all below a path, one strategy, and conditions on metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from duramen.errors import NamespaceError
from duramen.namespaces import normal
from duramen.records import CREATED, ORIGIN, UPDATED, Condition, Where
from duramen.records.keeping import BY_HAND as OF_NONE
from duramen.server.agentcore.consistent import RESERVED
from duramen.server.agentcore.failing import Field, WireError, invalid
from duramen.server.agentcore.kept import KeptMemory
from duramen.server.agentcore.metadata import value_of

BY_HAND = "manual"
"""The id of the strategy of records that none made. No strategy has it: theirs end with a hyphen and ten characters."""

_TEXT, _TEXTS, _NUMBER, _TIME = "stringValue", "stringListValue", "numberValue", "dateTimeValue"

_SYSTEM = {
    f"{RESERVED}recordType": (ORIGIN, "STRING"),
    f"{RESERVED}createdAt": (CREATED, "DATETIME"),
    f"{RESERVED}updatedAt": (UPDATED, "DATETIME"),
}
"""The keys that every record has, by their names on the wire: their names in the engine, and their types."""

_COMPARES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "EQUALS_TO": {"STRING": (_TEXT, _TIME), "NUMBER": (_NUMBER,), "DATETIME": (_TIME,)},
    "CONTAINS": {"STRING": (_TEXT,), "STRINGLIST": (_TEXT, _TEXTS)},
    **{name: {"STRING": (_TIME,), "DATETIME": (_TIME,)} for name in ("BEFORE", "AFTER")},
    **{
        name: {"NUMBER": (_NUMBER,)}
        for name in ("GREATER_THAN", "GREATER_THAN_OR_EQUALS", "LESS_THAN", "LESS_THAN_OR_EQUALS")
    },
}
"""By operator: the types of keys that it can be used on, and what each is compared with.

No type of an indexed key is a time, so that metadata that is one may stand under a key that is indexed as STRING.
"""


def where_of(
    kept: KeptMemory,
    params: Mapping[str, Any],
    *,
    strategy: str | None,
    filters: Sequence[Mapping[str, Any]],
    below: str = "",
) -> Where:
    """Return which records are meant.

    Args:
        kept: The memory, for its indexed keys.
        params: What has `namespace` (exact, but for a slash at the end) or `namespacePath` (all below, by segment).
        strategy: The id of a strategy; `manual` for records that none made; None for all.
        filters: Conditions; all must hold.
        below: Where the filters stand in what was sent, for what is told: `searchCriteria.` or nothing.

    Raises:
        WireError: 400: both namespaces or neither, one that is no path, a key that is not indexed, or an operator that
            does not fit the type of the key or what it is compared with.
    """
    namespace, path = params.get("namespace"), params.get("namespacePath")
    if (namespace is None) == (path is None):
        told = "Give exactly one of namespace and namespacePath."
        raise invalid(told, Field("namespace", told), Field("namespacePath", told))
    return Where(
        namespace=None if namespace is None else path_of(namespace, "namespace"),
        path=None if path is None else path_of(path, "namespacePath"),
        strategy=OF_NONE if strategy == BY_HAND else strategy,
        conditions=conditions_of(kept, filters, f"{below}metadataFilters"),
    )


def path_of(given: str, name: str) -> str:
    """Return a namespace that was sent with a slash at both ends.

    Raises:
        WireError: 400: it has a `*`, or an empty segment.
    """
    try:
        return normal(given)
    except NamespaceError as error:
        raise invalid(str(error), Field(name, str(error))) from None


def conditions_of(kept: KeptMemory, filters: Sequence[Mapping[str, Any]], name: str) -> tuple[Condition, ...]:
    """Return conditions on metadata as the engine has them; see `where_of`."""
    indexed = {one["key"]: (one["key"], one["type"]) for one in kept.said.get("indexedKeys", ())}
    return tuple(_condition({**indexed, **_SYSTEM}, one, f"{name}.{place}") for place, one in enumerate(filters))


def _condition(keys: Mapping[str, tuple[str, str]], given: Mapping[str, Any], name: str) -> Condition:
    key, operator = given["left"]["metadataKey"], given["operator"]
    union = given.get("right", {}).get("metadataValue")
    if key not in keys:
        known = ", ".join(sorted(keys))
        raise _wrong(
            f"{name}.left", f"The key {key!r} is not indexed. Filter on one of {known}, or index it by UpdateMemory."
        )
    called, type_ = keys[key]
    if operator in ("EXISTS", "NOT_EXISTS"):
        if union is not None:
            raise _wrong(f"{name}.right", f"{operator} compares with nothing. Leave it out.")
        return Condition(called, operator)
    if union is None:
        raise _wrong(f"{name}.right", f"{operator} needs a value to compare with.")
    _check_compared(key, type_, operator, next(iter(union)), name)
    return Condition(called, operator, value_of(union))


def _check_compared(key: str, type_: str, operator: str, given: str, name: str) -> None:
    by_type = _COMPARES[operator]
    if type_ not in by_type:
        fitting = sorted(one for one, types in _COMPARES.items() if type_ in types)
        raise _wrong(
            f"{name}.operator",
            f"{operator} cannot be used on {key!r}, which is of the type {type_}. Use one of {', '.join(fitting)}, "
            f"EXISTS, NOT_EXISTS.",
        )
    if given not in by_type[type_]:
        raise _wrong(
            f"{name}.right", f"{operator} on {key!r} compares with {' or '.join(by_type[type_])}, not with {given}."
        )


def _wrong(name: str, message: str) -> WireError:
    return invalid(f"{name}: {message}", Field(name, message))
