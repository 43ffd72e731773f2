"""Reads what is counted from today or from something named: last week, two days after Easter, the end of May."""

from collections.abc import Mapping
from datetime import timedelta

from duramen.language.calendar_spans import (
    Cycle,
    Span,
    day,
    holidays,
    moved,
    nth_in,
    part_of,
    seasons,
    unit_of,
    units_from,
    weekdays,
    weekends,
)
from duramen.language.time_names import NAMES, numbered_day, ordinal_alone
from duramen.language.time_reading import SIZES, Amount, Period, Reader, Reading, beside, fixed, mapped
from duramen.language.time_words import holiday_at


def _the(reading: Reading, at: int, lead: str) -> Period | None:
    token = reading.tokens[at + 1]
    if token.kind == "other" and reading.kind(at + 2) in ("unit", "hours"):
        return _the_other(reading, at + 2)
    found = reading.one(at + 1, lead)
    if found is None and token.kind == "unit" and token.value == "weekend" and lead:
        return Period(None, weekends(), "weekend", at + 2)
    return found


def _the_other(reading: Reading, at: int) -> Period | None:
    """The other day: one to seven days ago; the other week or weekend: one to four of them."""
    unit = reading.tokens[at].value if reading.kind(at) == "unit" else "day"
    if unit not in ("day", "week", "weekend"):
        return None
    return fixed(units_from(reading.today, unit, -1, -7 if unit == "day" else -4), unit, at + 1)


def _near(reading: Reading, at: int, lead: str) -> Period | None:
    there = reading.today + timedelta(days=reading.tokens[at].value)
    return fixed(day(there), "day", reading.skip(at + 1, "hours"))


def _unit(reading: Reading, at: int, lead: str) -> Period | None:
    """The week of 5 June, the day before yesterday, the year before last, the year 2016."""
    unit = reading.tokens[at].value if reading.kind(at) == "unit" else "day"
    if unit == "year" and reading.kind(at + 1) == "year_number":
        return NAMES["year_number"](reading, at + 1, "range")
    return beside(reading, at + 1, weekends() if unit == "weekend" else None, unit)


def _units(reading: Reading, at: int, lead: str) -> Period | None:
    """The days after Easter: up to five."""
    if reading.kind(at + 1) not in ("before", "after"):
        return None
    return _off(reading, Amount(1, 5, False, at), reading.tokens[at].value, at + 1, stretch=True)


# -- last, this, next -------------------------------------------------------------------------------------------------


def _mode(reading: Reading, at: int, lead: str) -> Period | None:
    """Last week, this past weekend, the last ten days, next Monday."""
    counted = _nth(reading, at, lead) if reading.tokens[at].value == "last" else None
    if counted:
        return counted
    the = reading.kind(at - 1) == "the" and not reading.foreign
    mode, after = reading.tokens[at].value, at + 1
    if reading.kind(after) == "mode":
        mode, after = reading.tokens[after].value, after + 1
    return last_or_next(reading, mode, after, the=the)


def last_or_next(reading: Reading, mode: str, after: int, *, the: bool = False) -> Period | None:
    """What stands at `after` as the mode says: the last, past, this or next one; with `the`, "the last week" rolls."""
    token = reading.tokens[after]
    amount = reading.amount(after)
    if token.kind == "units" and mode == "this":
        return None  # "these days"
    if amount or token.kind == "units":
        return _rolling(reading, mode, amount or Amount(5, 5, False, after))
    if token.kind == "hours":
        return _hours(reading, mode, after)
    if token.kind == "unit" and token.value != "weekend":
        return _whole_unit(reading, mode, after, the=the)
    return _one_of(reading, mode, after)


def _hours(reading: Reading, mode: str, at: int) -> Period | None:
    if reading.tokens[at].value == "night" and mode in ("last", "past") and reading.kind(at + 1) != "of":
        return fixed(day(reading.today - timedelta(days=1)), "day", at + 1)
    return fixed(day(reading.today), "day", at + 1) if mode == "this" else None


def _whole_unit(reading: Reading, mode: str, at: int, *, the: bool) -> Period | None:
    """Last week is a calendar week; the last week, or the past week, runs up to today."""
    unit = reading.tokens[at].value
    placed = beside(reading, at + 1, None, unit) if mode == "last" and reading.kind(at + 1) == "before" else None
    if placed or unit in ("day", "century") or reading.kind(at + 1) == "of":
        return placed
    if mode != "this" and (the or mode == "past" or unit == "fortnight"):
        return _rolling(reading, mode, Amount(1, 1, False, at))
    step = {"last": -1, "past": -1, "this": 0, "next": 1}[mode]
    return fixed(units_from(reading.today, unit, step, step), unit, at + 1)


def _rolling(reading: Reading, mode: str, amount: Amount) -> Period | None:
    token = reading.tokens[amount.end]
    if token.kind not in ("unit", "units") or reading.kind(amount.end + 1) == "of":
        return None
    sign = 1 if mode == "next" else -1
    there = moved(reading.today, token.value, sign * amount.most)
    if amount.half and token.value == "year":
        there = moved(there, "month", sign * 6)
    span = (reading.today, there) if sign > 0 else (there, reading.today + timedelta(days=1))
    return fixed(span, token.value, amount.end + 1)


def _one_of(reading: Reading, mode: str, at: int) -> Period | None:
    """The last, this or the next of what comes again."""
    found = _again(reading, at)
    token = reading.tokens[at]
    if found is None or found.cycle is None or (mode == "this" and token.word == "may" and not token.capital):
        return None
    if mode == "last" and reading.kind(found.end) in ("before", "after"):
        placed = beside(reading, found.end, found.cycle, found.unit)
        if placed:
            return placed  # "the last Sunday before Easter"
    choose = {"this": found.cycle.this, "next": found.cycle.ahead}.get(mode, found.cycle.ago)
    return fixed(choose(reading.today), found.unit, found.end)


def _again(reading: Reading, at: int) -> Period | None:
    """What comes again, named alone: a weekday, a weekend, a month, a day of a month, a season, a holiday."""
    token = reading.tokens[at]
    if token.kind == "unit" and token.value == "weekend":
        return Period(None, weekends(), "weekend", at + 1)
    if token.kind == "weekday":
        return Period(None, weekdays(token.value - 1), "day", reading.skip(at + 1, "hours"))
    return NAMES[token.kind](reading, at, "range") if token.kind in ("month", "season", "holiday") else None


def _recent(reading: Reading, at: int, lead: str) -> Period | None:
    return _rolling(reading, "last", Amount(5, 5, False, at + 1)) if reading.kind(at + 1) == "units" else None


# -- parts ------------------------------------------------------------------------------------------------------------


def _nth(reading: Reading, at: int, lead: str) -> Period | None:
    """The first week of June, the last two days of 2021, the second half of March, the first Monday in May."""
    nth = -1 if reading.kind(at) == "mode" else int(reading.tokens[at].value)
    amount = reading.amount(at + 1) if reading.kind(at + 1) in ("count", "number", "few") else None
    many, unit_at = (amount.most, amount.end) if amount else (1, at + 1)
    token = reading.tokens[unit_at]
    if token.kind not in ("unit", "units", "weekday", "half") or not nth:
        return None
    if reading.kind(unit_at + 1) != "of" and reading.tokens[unit_at + 1].value != "in":
        return None
    whole = _whole(reading, unit_at + 2)
    if whole is None:
        return None
    unit = token.value if token.kind in ("unit", "units") else token.kind
    if unit in SIZES and unit != "half" and SIZES.index(unit) >= SIZES.index(whole.unit):
        return None

    def make(span: Span) -> Span | None:
        if unit == "half":
            return _half(span, nth)
        return nth_in(span, unit, nth, many, token.value - 1 if unit == "weekday" else None)

    return mapped(whole, make, "day" if unit == "weekday" else unit)


def _whole(reading: Reading, at: int) -> Period | None:
    """What something is a part of: a period, or the week, month, quarter or year of today."""
    if reading.kind(at) == "the" and reading.kind(at + 1) == "unit":
        unit = reading.tokens[at + 1].value
        if unit in ("week", "weekend", "month", "quarter", "year") and reading.kind(at + 2) not in ("of", "before"):
            return fixed(unit_of(unit, reading.today), unit, at + 2)
    return reading.one(at, "part")


def _half(span: Span, nth: int) -> Span | None:
    start, end = span
    months = (end.year - start.year) * 12 + end.month - start.month
    middle = moved(start, "month", months // 2) if months > 1 else start + (end - start) // 2
    return {1: (start, middle), 2: (middle, end), -1: (middle, end)}.get(nth)


def _part(reading: Reading, at: int, lead: str) -> Period | None:
    """Early 2021, mid-May, the end of last year, early in the week."""
    part, after = reading.tokens[at].value, reading.skip(at + 1, "-")
    of = reading.kind(after) == "of" or reading.tokens[after].value == "in"
    if reading.kind(at) == "part_of" and not of and not reading.foreign:
        return None
    whole = _whole(reading, after + of)
    if whole is None or whole.unit in ("day", "weekend"):
        return whole  # late on Friday is Friday
    return mapped(whole, lambda span: part_of(part, span, whole.unit), whole.unit)


def _rest(reading: Reading, at: int, lead: str) -> Period | None:
    """Earlier this year, later in the month: the part of it up to today, or from tomorrow."""
    after = at + 2 if reading.tokens[at + 1].value == "in" else at + 1
    if reading.kind(after) not in ("mode", "near", "the"):
        return None
    whole = _whole(reading, after)
    if whole is None or whole.span is None or not whole.span[0] <= reading.today < whole.span[1]:
        return None
    start, end = whole.span
    rest = (start, reading.today) if reading.tokens[at].value < 0 else (reading.today + timedelta(days=1), end)
    return fixed(rest if rest[0] < rest[1] else whole.span, whole.unit, whole.end)


# -- so many ----------------------------------------------------------------------------------------------------------


def _number(reading: Reading, at: int, lead: str) -> Period | None:
    return numbered_day(reading, at, lead) or _counted(reading, at, lead)


def _ordinal(reading: Reading, at: int, lead: str) -> Period | None:
    return _nth(reading, at, lead) or numbered_day(reading, at, lead) or ordinal_alone(reading, at, lead)


def _counted(reading: Reading, at: int, lead: str) -> Period | None:
    """So many units ago, from now, or before and after something."""
    amount = reading.amount(at)
    if amount is None:
        return None
    token = reading.tokens[amount.end]
    if token.kind == "brief" and reading.kind(amount.end + 1) == "ago":
        then = reading.anchor - timedelta(minutes=token.value * amount.most)
        return fixed(day(then.date()), "day", amount.end + 2)
    if token.kind not in ("unit", "units"):
        return _cycles_ago(reading, amount)
    the = reading.kind(at - 1) == "the"
    amount, after = _amended(reading, amount)
    return _offset(reading, amount, token.value, after, the=the)


def _some(reading: Reading, at: int, lead: str) -> Period | None:
    """Some weeks ago."""
    least, most = reading.tokens[at].value
    amount = Amount(least, most, False, at + 1)
    if reading.kind(at + 1) != "units" or reading.kind(at + 2) != "ago":
        return None
    return ago(reading, amount, reading.tokens[at + 1].value, at + 3)


def _amended(reading: Reading, amount: Amount) -> tuple[Amount, int]:
    """Read on after the unit: "a year and a half", "a week or two", "a year or so"."""
    after = amount.end + 1
    kinds = [each.kind for each in reading.tokens[after : after + 3]]
    if kinds == ["to", "article", "half"]:
        return amount._replace(half=True), after + 3
    if kinds[0] == "or" and (kinds[1] == "count" or reading.tokens[after + 1].word == "so"):
        more = reading.tokens[after + 1].value if kinds[1] == "count" else amount.most
        return amount._replace(most=max(amount.most, more)), after + 2
    return amount, after


def _offset(reading: Reading, amount: Amount, unit: str, after: int, *, the: bool) -> Period | None:
    kind = reading.kind(after)
    if kind == "ago" or (kind == "rest" and reading.tokens[after].value == -1):
        return ago(reading, amount, unit, after + 1)
    if kind == "from":
        return _from(reading, amount, unit, after + 1)
    if kind in ("before", "after"):
        return _off(reading, amount, unit, after, stretch=the and amount.most > 1)
    return None


def ago(reading: Reading, amount: Amount, unit: str, end: int) -> Period | None:
    """So many units ago, as whole units; "a year ago today" is a day."""
    if reading.kind(end) == "near" and reading.tokens[end].value == 0:
        return fixed(day(moved(reading.today, unit, -amount.most)), "day", end + 1)
    if amount.half and unit == "year":
        many = 12 * amount.most + 6
        return fixed(units_from(reading.today, "month", -many - 1, 1 - many), "month", end)
    if not amount.most:
        return None
    return fixed(units_from(reading.today, unit, -amount.least, -amount.most), unit, end)


def _from(reading: Reading, amount: Amount, unit: str, at: int) -> Period | None:
    """A week from now, two days from Monday."""
    now = fixed(day(reading.today), "day", at + 1) if reading.kind(at) == "now" else None
    base = now or reading.one(at, "range")
    if base is None:
        return None
    start = base.span or (base.cycle and base.cycle.coming(reading.today))
    return fixed(units_from(start[0], unit, amount.least, amount.most), unit, base.end) if start else None


def _off(reading: Reading, amount: Amount, unit: str, at: int, *, stretch: bool) -> Period | None:
    """Three days after Easter; the three days after Easter are a stretch."""
    before = reading.kind(at) == "before"
    base = reading.period(at + 1, "range")
    if base is None:
        return None

    def make(span: Span) -> Span:
        if stretch and before:
            return moved(span[0], unit, -amount.most), span[0]
        if stretch:
            return span[1], moved(span[1], unit, amount.most)
        start = span[1] - timedelta(days=1) if unit == "day" and not before else span[0]
        sign = -1 if before else 1
        return units_from(start, unit, sign * amount.least, sign * amount.most)

    return mapped(base, make, unit)


def _cycles_ago(reading: Reading, amount: Amount) -> Period | None:
    """Two summers ago, two Christmases ago."""
    named = _plural(reading, amount.end)
    if named is None or named.cycle is None or reading.kind(named.end) != "ago":
        return None
    return fixed(named.cycle.ago(reading.today, amount.most), named.unit, named.end + 1)


def _plural(reading: Reading, at: int) -> Period | None:
    token = reading.tokens[at]
    cycle: Cycle | None = None
    if token.kind == "seasons":
        cycle = seasons(token.value)
    elif token.kind == "weekdays":
        cycle = weekdays(token.value - 1)
    elif token.kind == "holidays":
        holiday = holiday_at(reading.tokens, at)
        cycle = holidays(holiday[0]) if holiday else None
    return Period(None, cycle, cycle.unit, at + 1) if cycle else _again(reading, at)


def ahead_in(reading: Reading, at: int) -> Period | None:
    """What the words after "in" or "within" put ahead: "in two weeks", "in a year or two"."""
    amount = reading.amount(at)
    if amount is None or reading.kind(amount.end) not in ("unit", "units"):
        return None
    unit = reading.tokens[amount.end].value
    amount, end = _amended(reading, amount)
    if reading.kind(end) in ("ago", "of", "or", "before", "after") or reading.tokens[end].word == "long":
        return None
    if amount.half:
        many = 12 * amount.most + 6
        return fixed(units_from(reading.today, "month", many - 1, many + 1), "month", end) if unit == "year" else None
    return fixed(units_from(reading.today, unit, amount.least, amount.most), unit, end)


READERS: Mapping[str, Reader] = {
    **NAMES,
    "the": _the,
    "near": _near,
    "unit": _unit,
    "units": _units,
    "hours": _unit,
    "mode": _mode,
    "recent": _recent,
    "nth": _ordinal,
    "ordinal": _ordinal,
    "part": _part,
    "part_of": _part,
    "rest": _rest,
    "number": _number,
    "count": _counted,
    "article": _counted,
    "few": _counted,
    "some": _some,
    "half": _counted,
}
"""All readers by the kind of the token that they begin at."""
