"""Reads what other languages put elsewhere: "la semana pasada", "hace dos semanas", "vor zwei Wochen"."""

from collections.abc import Mapping
from datetime import timedelta

from duramen.language.calendar_spans import day
from duramen.language.time_counts import READERS, ago, last_or_next
from duramen.language.time_reading import Period, Reader, Reading, fixed


def _then_mode(reading: Reading, at: int, lead: str) -> Period | None:
    """The mode after its unit: "la semaine dernière", "el lunes pasado", "l'été dernier"."""
    after = reading.skip(at + 1, "hours")
    if reading.kind(after) == "mode" and reading.kind(after + 1) not in ("unit", "weekday", "month", "season"):
        found = last_or_next(reading, str(reading.tokens[after].value), at)
        return found._replace(end=after + 1) if found and found.end <= after else found
    if reading.kind(at) == "weekday" and reading.kind(at - 1) == "the" and not lead:
        lead = "on"  # "el lunes", "le lundi"
    return READERS[reading.kind(at)](reading, at, lead)


def _near(reading: Reading, at: int, lead: str) -> Period | None:
    """Yesterday; "gestern Morgen" is not tomorrow."""
    found = READERS["near"](reading, at, lead)
    return found._replace(end=found.end + 1) if found and reading.kind(found.end) == "near" else found


def ago_before(reading: Reading, at: int, lead: str) -> Period | None:
    """The amount after its word: "hace dos semanas", "il y a trois ans", "vor zwei Wochen"."""
    amount = reading.amount(at + 1)
    if amount is None:
        return None
    token = reading.tokens[amount.end]
    if token.kind == "brief":
        then = reading.anchor - timedelta(minutes=token.value * amount.most)
        return fixed(day(then.date()), "day", amount.end + 1)
    return ago(reading, amount, token.value, amount.end + 1) if token.kind == "unit" else None


FOREIGN_READERS: Mapping[str, Reader] = {
    **READERS,
    "unit": _then_mode,
    "weekday": _then_mode,
    "month": _then_mode,
    "season": _then_mode,
    "near": _near,
    "ago_before": ago_before,
}
"""The readers for other languages than English."""
