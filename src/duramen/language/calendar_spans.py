"""Stretches of the calendar, as pairs of dates: the first day, and the first day after."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.easter import easter
from dateutil.relativedelta import MO, TH, relativedelta

Span = tuple[date, date]

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SEASON_STARTS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}


@dataclass(frozen=True, slots=True)
class Moment:
    """From where an expression is read.

    Attributes:
        today: The day of the anchor.
        ahead: Whether the sentence looks ahead, so that "on Sunday" is the coming one.
    """

    today: date
    ahead: bool = False


def day(when: date) -> Span:
    """The day itself."""
    return when, when + timedelta(days=1)


def week(when: date) -> Span:
    """The week of `when`, from Monday to Monday."""
    monday = when - timedelta(days=when.weekday())
    return monday, monday + timedelta(days=7)


def weekend(when: date) -> Span:
    """Saturday and Sunday of the week of `when`."""
    monday, after = week(when)
    return monday + timedelta(days=5), after


def month(when: date) -> Span:
    """The calendar month of `when`."""
    first = when.replace(day=1)
    return first, first + relativedelta(months=1)


def year(when: date) -> Span:
    """The calendar year of `when`."""
    return date(when.year, 1, 1), date(when.year + 1, 1, 1)


def season(name: str, starts_in: int) -> Span:
    """A season of the northern half of the earth by whole months; winter runs into the year after `starts_in`."""
    first = date(starts_in, _SEASON_STARTS[name], 1)
    return first, first + relativedelta(months=3)


UNITS: dict[str, Callable[[date], Span]] = {"day": day, "week": week, "weekend": weekend, "month": month, "year": year}


def units_from(today: date, unit: str, nearest: int, farthest: int) -> Span:
    """From the nearest to the farthest of the days, weeks, weekends, months or years so many away (below 0: ago)."""
    first, last = sorted((nearest, farthest))
    return UNITS[unit](moved(today, unit, first))[0], UNITS[unit](moved(today, unit, last))[1]


def moved(when: date, unit: str, many: int) -> date:
    """The day so many days, weeks (or weekends), months or years later; earlier below 0."""
    if unit in ("month", "year"):
        return when + relativedelta(months=many * (12 if unit == "year" else 1))
    return when + timedelta(days=many * (1 if unit == "day" else 7))


HOLIDAYS: dict[str, Callable[[int], date]] = {
    "christmas eve": lambda number: date(number, 12, 24),
    "christmas": lambda number: date(number, 12, 25),
    "new year's eve": lambda number: date(number, 12, 31),
    "new year's day": lambda number: date(number, 1, 1),
    "new year's": lambda number: date(number, 1, 1),
    "valentine's day": lambda number: date(number, 2, 14),
    "halloween": lambda number: date(number, 10, 31),
    "thanksgiving": lambda number: date(number, 11, 1) + relativedelta(weekday=TH(4)),
    "easter": easter,
}


def yearly(make: Callable[[int], Span], mode: str, moment: Moment) -> Span | None:
    """Choose among what comes once a year: `mode` is "last", "this", "next" or nothing.

    Nothing means the latest that has begun, or the first that is not over when the sentence looks ahead.
    """
    today = moment.today
    spans = [make(number) for number in range(max(1, today.year - 2), min(9998, today.year + 2) + 1)]
    if mode == "this":
        current = [span for span in spans if span[0] <= today < span[1]]
        return _first(current or [span for span in spans if span[0].year == today.year])
    if mode == "next":
        return _first(span for span in spans if span[0] > today)
    if mode == "last":
        return _first(span for span in reversed(spans) if span[1] <= today)
    if moment.ahead:
        return _first(span for span in spans if span[1] > today)
    return _first(span for span in reversed(spans) if span[0] <= today)


def weekday(name: str, mode: str, moment: Moment) -> Span:
    """Choose a day of the week: the one before today, or the one after for "next" and when looking ahead."""
    number = WEEKDAYS.index(name)
    today = moment.today
    if mode == "this":
        return day(week(today)[0] + timedelta(days=number))
    if mode == "next" or (not mode and moment.ahead):
        return day(today + timedelta(days=(number - today.weekday() - 1) % 7 + 1))
    return day(today - timedelta(days=(today.weekday() - number - 1) % 7 + 1))


def beside(unit: str, side: str, span: Span) -> Span:
    """The day, week, weekend, month or weekday called `unit` that lies before, after or around (`of`) `span`."""
    if unit in WEEKDAYS:
        if side == "of":
            return weekday(unit, "this", Moment(span[0]))
        return weekday(unit, "last" if side == "before" else "next", Moment(span[0]))
    if unit == "weekend":
        near = span[0] + relativedelta(weekday=MO(-1))
        return weekend(near + timedelta(days={"before": -7, "of": 0, "after": 7}[side]))
    step = {"before": -1, "of": 0, "after": 1}[side]
    return units_from(span[0], unit, step, step)


def week_of_month(ordinal: str, first: date) -> Span:
    """The first to fourth seven days of a month, or its last seven."""
    if ordinal == "last":
        after = month(first)[1]
        return after - timedelta(days=7), after
    start = first + timedelta(days=7 * ("first", "second", "third", "fourth").index(ordinal))
    return start, start + timedelta(days=7)


def weekend_of_month(ordinal: str, first: date) -> Span:
    """The first to fourth weekend of a month, or its last, by its Saturday."""
    if ordinal == "last":
        last_day = month(first)[1] - timedelta(days=1)
        saturday = last_day - timedelta(days=(last_day.weekday() - 5) % 7)
    else:
        weeks = ("first", "second", "third", "fourth").index(ordinal)
        saturday = first + timedelta(days=(5 - first.weekday()) % 7 + 7 * weeks)
    return saturday, saturday + timedelta(days=2)


def _first(spans: Iterable[Span]) -> Span | None:
    return next(iter(spans), None)
