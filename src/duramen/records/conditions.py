"""What the metadata of a record must say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, get_args

from duramen.errors import BadQueryError
from duramen.records.values import Value, number
from duramen.times import aware

Operator: TypeAlias = Literal[
    "EQUALS_TO",
    "EXISTS",
    "NOT_EXISTS",
    "BEFORE",
    "AFTER",
    "CONTAINS",
    "GREATER_THAN",
    "GREATER_THAN_OR_EQUALS",
    "LESS_THAN",
    "LESS_THAN_OR_EQUALS",
]

CREATED, UPDATED = "duramen:created", "duramen:updated"
"""Keys under which every record has the times when it was made and last changed."""

ORIGIN = "duramen:origin"
"""Key under which every record says where it comes from: `EXTRACTED` by a strategy, or `GIVEN` by hand."""

OWN_KEYS = frozenset({CREATED, UPDATED, ORIGIN})

_NUMBERS: Mapping[str, Callable[[float, float], bool]] = {
    "GREATER_THAN": lambda found, asked: found > asked,
    "GREATER_THAN_OR_EQUALS": lambda found, asked: found >= asked,
    "LESS_THAN": lambda found, asked: found < asked,
    "LESS_THAN_OR_EQUALS": lambda found, asked: found <= asked,
}
_TIMES: Mapping[str, Callable[[datetime, datetime], bool]] = {
    "BEFORE": lambda found, asked: found < asked,
    "AFTER": lambda found, asked: found > asked,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that metadata must say. A key that is not there fails all operators but `NOT_EXISTS`.

    Attributes:
        key: The name of the value.
        operator: `EQUALS_TO` any value of the same type (several texts in any order); `EXISTS` and `NOT_EXISTS` without a
            value; `BEFORE` and `AFTER` a time; the four comparisons with a number; `CONTAINS` one text, or all of several,
            among several texts or as a part of one.
        value: What it is compared with.
    """

    key: str
    operator: Operator
    value: Value | None = None

    def __post_init__(self) -> None:
        """Check that the value fits the operator; raise `BadQueryError` if not."""
        if self.operator not in get_args(Operator):
            raise _bad(self, f"There is no such operator. Take one of {', '.join(get_args(Operator))}.")
        wrong = _wanted(self.operator, self.value)
        if wrong:
            raise _bad(self, wrong)

    def holds(self, metadata: Mapping[str, Value]) -> bool:
        """Tell whether `metadata` says so. A value of another type than the one asked for never does."""
        found = metadata.get(self.key)
        if self.operator == "NOT_EXISTS" or found is None:
            return (self.operator == "NOT_EXISTS") == (found is None)
        if self.operator == "EXISTS":
            return True
        asked = self.value
        if self.operator == "EQUALS_TO":
            return _equal(found, asked)
        if self.operator == "CONTAINS":
            return _contains(found, asked)
        if self.operator in _TIMES:
            return (
                isinstance(found, datetime)
                and isinstance(asked, datetime)
                and _TIMES[self.operator](aware(found), aware(asked))
            )
        return (
            (left := number(found)) is not None
            and (right := number(asked)) is not None
            and _NUMBERS[self.operator](left, right)
        )


def hold(conditions: Sequence[Condition], metadata: Mapping[str, Value]) -> bool:
    """Tell whether `metadata` meets all `conditions`."""
    return all(condition.holds(metadata) for condition in conditions)


def _wanted(operator: str, value: object) -> str:
    """Say what is wrong with a value; empty if nothing is."""
    if operator in ("EXISTS", "NOT_EXISTS"):
        return "" if value is None else "It takes no value."
    if operator in _TIMES:
        return "" if isinstance(value, datetime) else "Give it a time."
    if operator in _NUMBERS:
        return "" if number(value) is not None else "Give it a finite number."
    if operator == "CONTAINS":
        return "" if isinstance(value, str) or (_texts(value) and value) else "Give it one text, or several."
    fits = isinstance(value, (str, datetime)) or _texts(value) or number(value) is not None
    return "" if fits else "Give it text, several texts, a finite number or a time."


def _texts(value: object) -> bool:
    return isinstance(value, (tuple, list)) and all(isinstance(one, str) for one in value)


def _equal(found: Value, asked: object) -> bool:
    if isinstance(found, (tuple, list)):
        return isinstance(asked, (tuple, list)) and sorted(found) == sorted(asked)
    if isinstance(found, datetime):
        return isinstance(asked, datetime) and aware(found) == aware(asked)
    if isinstance(found, str):
        return found == asked
    return number(found) == number(asked)


def _contains(found: Value, asked: object) -> bool:
    wanted = [asked] if isinstance(asked, str) else asked
    if not isinstance(wanted, (tuple, list)) or not isinstance(found, (str, tuple, list)):
        return False
    return all(isinstance(one, str) and one in found for one in wanted)


def _bad(condition: Condition, what_now: str) -> BadQueryError:
    return BadQueryError(
        f"The condition {condition.key!r} {condition.operator} {condition.value!r} makes no sense. {what_now}"
    )
