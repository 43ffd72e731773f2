"""Records: what strategies made in a memory resource, and what was put beside it by hand."""

from duramen.records.conditions import CREATED, ORIGIN, UPDATED, Condition, Operator
from duramen.records.record import KEEP, Change, Done, Draft, Filed, Keep, Where
from duramen.records.records import Records
from duramen.records.values import Value

__all__ = [
    "CREATED",
    "KEEP",
    "ORIGIN",
    "UPDATED",
    "Change",
    "Condition",
    "Done",
    "Draft",
    "Filed",
    "Keep",
    "Operator",
    "Records",
    "Value",
    "Where",
]
