"""Filters of a search, over values as they are kept (JSON)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from duramen.errors import BadInputError

_EQUALITIES: dict[str, Callable[[Any, Any], bool]] = {"$eq": operator.eq, "$ne": operator.ne}
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}
_OPERATORS = (*_EQUALITIES, *_ORDERS)


def check_filter(conditions: Mapping[str, Any] | None) -> None:
    """Raise `BadInputError`, a `ValueError`, for an operator that is not known, before anything is read."""
    for wanted in (conditions or {}).values():
        _check(wanted)


def passes(value: Mapping[str, Any], conditions: Mapping[str, Any] | None) -> bool:
    """Say whether `value` meets all `conditions`.

    A condition is a value to be equal to, a list of conditions (item by item, of the same length), a dictionary of
    conditions for the fields of a nested object, or one of operators: `$eq`, `$ne`, `$gt`, `$gte`, `$lt`, `$lte`.
    A field that is missing counts as None. Order is by number, of texts that are no numbers by code point (so times in
    ISO format can be compared); what has no order, such as None, is neither above nor below anything.
    """
    return all(_fits(value.get(field), wanted) for field, wanted in (conditions or {}).items())


def _fits(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        if _has_operators(wanted):
            return all(_holds(found, name, operand) for name, operand in wanted.items())
        return isinstance(found, dict) and passes(found, wanted)
    if isinstance(wanted, list | tuple):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(_fits, found, wanted))
    return bool(found == wanted)


def _holds(found: Any, name: str, operand: Any) -> bool:
    if name in _EQUALITIES:
        return bool(_EQUALITIES[name](found, list(operand) if isinstance(operand, tuple) else operand))
    numbers = _number(found), _number(operand)
    if None not in numbers:
        return _ORDERS[name](*numbers)
    return isinstance(found, str) and isinstance(operand, str) and _ORDERS[name](found, operand)


def _number(value: Any) -> float | None:
    if not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _has_operators(wanted: Mapping[str, Any]) -> bool:
    return any(str(name).startswith("$") for name in wanted)


def _check(wanted: Any) -> None:
    if isinstance(wanted, Mapping):
        unknown = [name for name in wanted if name not in _OPERATORS] if _has_operators(wanted) else []
        if unknown:
            raise BadInputError(
                f"The filter operator {unknown[0]!r} is not known. Use {', '.join(_OPERATORS)}; nothing was read."
            )
        for nested in () if _has_operators(wanted) else wanted.values():
            _check(nested)
    elif isinstance(wanted, list | tuple):
        for nested in wanted:
            _check(nested)
