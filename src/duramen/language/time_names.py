"""Reads what the calendar has names for: days, months, seasons, holidays, years."""

from collections.abc import Mapping
from datetime import date, timedelta

from duramen.language.calendar_spans import (
    Cycle,
    Span,
    day,
    days_of_month,
    days_of_year,
    holidays,
    month,
    months,
    moved,
    seasons,
    unit_of,
    weekdays,
    years,
)
from duramen.language.time_reading import Period, Reader, Reading, beside, fixed, made
from duramen.language.time_words import holiday_at

_NAMES = frozenset({"april", "may", "june", "august", "march"})
"""Months that are names or other words too: they count only where something leads to them."""
_DOUBTFUL = frozenset({"may", "mar", "march"})
_COUNTED = frozenset(
    "km m kg g miles meters metres people words dollars euros pounds steps times users percent pages".split()  # noqa: SIM905
)
_NO_HOLIDAY = frozenset(
    [
        "tree",
        "trees",
        "gift",
        "gifts",
        "present",
        "presents",
        "party",
        "card",
        "cards",
        "dinner",
        "song",
        "songs",
        "movie",
        "movies",
    ]
)
_HOLIDAYS = frozenset({"weekend", "holiday", "holidays", "break"})
_DAY_ENDS = frozenset("and or at we i he she they with for in to was".split())  # noqa: SIM905 - a row of words

_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_MONTH_LEADS = frozenset("in since until before after by during around throughout part range".split())  # noqa: SIM905
_DAY_LEADS = frozenset({"on", "by", "around", "since", "before", "range", "from"})
_SEASON_LEADS = _MONTH_LEADS | {"over", "at"}
_YEAR_LEADS = _MONTH_LEADS | {"for", "of"}
_HOLIDAY_LEADS = _SEASON_LEADS | {"on", "for"}


def _date(reading: Reading, at: int, lead: str) -> Period | None:
    return fixed(day(reading.tokens[at].value), "day", at + 1)


def _month_year(reading: Reading, at: int, lead: str) -> Period | None:
    return fixed(month(*reading.tokens[at].value), "month", at + 1)


def _month(reading: Reading, at: int, lead: str) -> Period | None:
    token = reading.tokens[at]
    after = reading.skip(at + 1, ".") if len(token.word) < 5 else at + 1
    dated = _days_after_month(reading, at, reading.skip(after, "the"), lead)
    if dated:
        return dated
    cycle, sure = months(token.value), token.capital or reading.foreign or token.word not in _DOUBTFUL
    row = after  # of "in March and April 2021", both are in 2021
    while lead != "range" and _goes_on(reading, row) and reading.kind(row + 1) == "month":
        row += 2
    bound = in_year(reading, row, cycle, "month") if sure or lead or reading.kind(after) == "year_number" else None
    if bound:
        return bound if row == after else bound._replace(end=after)
    if lead or reading.kind(at - 1) == "the":
        bound = beside(reading, at + 1, cycle, "month")
        if bound:
            return bound
    return Period(None, cycle, "month", at + 1) if _is_month(reading, at, lead) else None


def _is_month(reading: Reading, at: int, lead: str) -> bool:
    token = reading.tokens[at]
    if token.word.endswith("s") and token.word.partition("'")[0] in _NAMES:
        return False  # "April's wedding"
    if lead in _MONTH_LEADS or _listed(reading, at):
        return token.word != "may" or reading.tokens[at + 1].word not in ("be", "have", "not")
    return token.capital and not lead and len(token.word) > 4 and token.word not in _NAMES


def _listed(reading: Reading, at: int) -> bool:
    """Whether it goes on in a row: "in June, July and August"."""
    first = at
    while first > 1 and reading.kind(first - 2) == "month" and _goes_on(reading, first - 1):
        first -= 2
    return first < at and reading.tokens[first - 1].value in _MONTH_LEADS


def _goes_on(reading: Reading, at: int) -> bool:
    return reading.tokens[at].word in (",", "and", "or")


def _days_after_month(reading: Reading, month_at: int, at: int, lead: str) -> Period | None:
    """The day in "May 3", "May the 3rd", "May 3-5", with a year if one follows."""
    if reading.kind(at) not in ("number", "ordinal") or reading.tokens[at + 1].word in _COUNTED:
        return None
    last, end = at, at + 1
    if reading.kind(end) == "to" and reading.kind(end + 1) in ("number", "ordinal"):
        last, end = end + 1, end + 2
    return _days(reading, month_at, (at, last, end), lead)


def _days(reading: Reading, month_at: int, places: tuple[int, int, int], lead: str) -> Period | None:
    """The days from the first to the last of a month, whose numbers are at those places; what follows is a year."""
    first, last = (int(reading.tokens[place].value) for place in places[:2])
    token, end = reading.tokens[month_at], places[2]
    if not 1 <= first <= last <= _LONGEST[token.value - 1]:
        return None
    cycle = days_of_year(token.value, first, last)
    bound = in_year(reading, end, cycle, "day")
    if bound:
        return bound
    sure = token.capital or reading.foreign or token.word not in _DOUBTFUL
    return Period(None, cycle, "day", end) if sure or lead or reading.kind(places[0]) == "ordinal" else None


def in_year(reading: Reading, at: int, cycle: Cycle, unit: str) -> Period | None:
    """What comes once a year, in the year that is named at `at`: ", 2021", "of last year", "two years ago"."""
    after = reading.skip(at, ",", "of")
    if reading.tokens[after].value == "in":
        after += 1
    kind = reading.kind(after)
    if kind in ("year_number", "year"):
        named = _year(reading, after, "range")
    elif kind == "mode" or (kind in ("the", "count", "number", "article") and reading.kind(at) != "mark"):
        named = reading.one(after, "range")
    else:
        return None
    if named is None or named.span is None or named.unit != "year":
        return None
    return made(cycle, named.span[0].year, unit, named.end)


def numbered_day(reading: Reading, at: int, lead: str) -> Period | None:
    """The day in "3 May", "3rd of May", "3-5 May", "first of May", with a year if one follows."""
    after, last = at + 1, at
    if reading.kind(after) == "to":
        other = reading.skip(after + 1, "the")
        if reading.kind(other) in ("number", "ordinal"):
            last, after = other, other + 1
    if reading.foreign:  # "3. bis 5. Mai"
        after = reading.skip(after, ".")
        if reading.kind(after) in ("to", "until") and reading.kind(after + 1) == "number":
            last, after = after + 1, reading.skip(after + 2, ".")
    month_at = reading.skip(after, "of")
    if reading.kind(month_at) != "month":
        return None
    end = reading.skip(month_at + 1, ".") if len(reading.tokens[month_at].word) < 4 else month_at + 1
    return _days(reading, month_at, (at, last, end), lead)


def ordinal_alone(reading: Reading, at: int, lead: str) -> Period | None:
    """The 3rd of last month, the 19th century, on the 3rd."""
    number, after = int(reading.tokens[at].value), reading.tokens[at + 1]
    if reading.kind(at - 1) != "the" or number < 1:
        return None
    if after.value == "century":
        return fixed(years(max(1, 100 * (number - 1)), 100), "century", at + 2)
    if number > 31:
        return None
    if after.kind == "of":
        whole = _the_month(reading, at + 2)
        if whole is None or whole.span is None:
            return None
        there = whole.span[0] + timedelta(days=number - 1)
        return fixed(day(there), "day", whole.end) if there < whole.span[1] else None
    if reading.kind(at) != "ordinal" or lead not in _DAY_LEADS:
        return None
    ended = after.kind in ("end", "mark", "to") or after.word in _DAY_ENDS
    return Period(None, days_of_month(number), "day", at + 1) if ended else None


def _the_month(reading: Reading, at: int) -> Period | None:
    if reading.kind(at) == "the" and reading.tokens[at + 1].word == "month":
        return fixed(unit_of("month", reading.today), "month", at + 2)
    found = reading.one(at, "range")
    return found if found and found.unit == "month" else None


def _weekday(reading: Reading, at: int, lead: str) -> Period | None:
    token = reading.tokens[at]
    dated = _dated_weekday(reading, at, lead)
    if dated:
        return dated
    vague = reading.kind(at - 1) in ("article", "count")  # "on a Sunday in April"
    if vague or (token.kind == "short_weekday" and not (lead and token.capital)):
        return None
    cycle, end = weekdays(token.value - 1), reading.skip(at + 1, "hours")
    placed = beside(reading, end, cycle, "day")
    if placed:
        return placed
    week_at = reading.skip(end, ",")
    week = reading.one(week_at, "range") if reading.kind(week_at) in ("mode", "the", "count", "number") else None
    if week and week.span and week.unit == "week":
        return made(cycle, cycle.number(week.span[0]), "day", week.end)
    return Period(None, cycle, "day", end)


def _dated_weekday(reading: Reading, at: int, lead: str) -> Period | None:
    """The date in "Sunday, 25 May", "Sun May 25" and "Sunday the 25th"; the weekday adds nothing to the first two."""
    after = reading.skip(reading.skip(at + 1, "."), ",")
    the = reading.skip(after, "the")
    if reading.kind(the) not in ("number", "ordinal", "nth", "month", "date"):
        return None
    named = _READS_DATES[reading.kind(the)](reading, the, lead or "on")
    if named and named.unit == "day":
        return named
    if reading.kind(the) == "ordinal" and 1 <= reading.tokens[the].value <= 31:
        cycle = days_of_month(reading.tokens[the].value, reading.tokens[at].value - 1)
        return Period(None, cycle, "day", the + 1)
    return None


def _season(reading: Reading, at: int, lead: str) -> Period | None:
    cycle = seasons(reading.tokens[at].value)
    bound = in_year(reading, at + 1, cycle, "season") or beside(reading, at + 1, cycle, "season")
    if bound:
        across = reading.kind(bound.end) == "to" and reading.kind(bound.end + 1) == "year_number"
        return bound._replace(end=bound.end + 2 * across)  # "winter 2021/22"
    return Period(None, cycle, "season", at + 1) if lead in _SEASON_LEADS else None


def _holiday(reading: Reading, at: int, lead: str) -> Period | None:
    named = holiday_at(reading.tokens, at)
    if named is None:
        return None
    name, end, sure = named
    days = reading.tokens[end].word in _HOLIDAYS
    end, sure = end + days, sure or days
    cycle = holidays(name, whole=lead == "over" or days)
    bound = in_year(reading, end, cycle, "day") or beside(reading, end, cycle, "day")
    if bound:
        return bound
    next_word = reading.tokens[end].word
    told = sure or lead in _HOLIDAY_LEADS or next_word in ("was", "is", "will")
    return Period(None, cycle, "day", end) if told and next_word not in _NO_HOLIDAY else None


def _year(reading: Reading, at: int, lead: str) -> Period | None:
    token, after = reading.tokens[at], reading.tokens[at + 1]
    before = reading.tokens[at - 1].word if at else ""
    owned = before in ("the", "my", "our", "that") and after.kind == "word" and token.value % 100
    alone = at == 0 and (after.kind in ("end", "mark"))
    if after.word in _COUNTED or not (lead in _YEAR_LEADS or owned or alone or _after_year(reading, at)):
        return None
    return fixed(years(token.value), "year", at + 1)


def _after_year(reading: Reading, at: int) -> bool:
    return at > 1 and reading.kind(at - 2) == "year_number" and _goes_on(reading, at - 1)


def _decade(reading: Reading, at: int, lead: str) -> Period | None:
    """The 1990s; the 90s, '90s, but not "in my 20s"."""
    token = reading.tokens[at]
    told = token.kind == "decade" or lead == "part" or reading.kind(at - 1) == "the" or _quoted(reading, at)
    return fixed(years(token.value, 10), "decade", at + 1) if told else None


def _quoted(reading: Reading, at: int) -> bool:
    return at > 0 and reading.tokens[at - 1].word in ("'", "\u2019", "\u2018")


def _quarter(reading: Reading, at: int, lead: str) -> Period | None:
    token = reading.tokens[at]
    many = 3 if token.kind == "quarter" else 6

    def make(year: int) -> Span:
        first = date(year, many * (token.value - 1) + 1, 1)
        return first, moved(first, "month", many)

    cycle = Cycle("year", make, "quarter")
    bound = in_year(reading, at + 1, cycle, "quarter")
    return bound or (Period(None, cycle, "quarter", at + 1) if many == 3 else None)


_READS_DATES: Mapping[str, Reader] = {
    "number": numbered_day,
    "ordinal": numbered_day,
    "nth": numbered_day,
    "month": _month,
    "date": _date,
}

NAMES: Mapping[str, Reader] = {
    "date": _date,
    "month_year": _month_year,
    "month": _month,
    "weekday": _weekday,
    "short_weekday": _weekday,
    "season": _season,
    "holiday": _holiday,
    "year_number": _year,
    "year": _year,
    "decade": _decade,
    "short_decade": _decade,
    "decade_word": _decade,
    "quarter": _quarter,
    "half_year": _quarter,
}
"""The readers by the kind of the token that they begin at."""
