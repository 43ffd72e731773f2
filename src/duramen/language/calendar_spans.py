"""Stretches of the calendar, as pairs of dates: the first day, and the first day after."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from dateutil.easter import easter

Span = tuple[date, date]

_MONTHS_IN = {"month": 1, "quarter": 3, "half": 6, "year": 12, "decade": 120, "century": 1200}
_DAYS_IN = {"day": 1, "week": 7, "weekend": 7, "fortnight": 14}
_SEASON_STARTS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
_DEEPEST = 9
"""How many of a cycle are tried around a day: 29 February may be eight years away."""

_DAY = timedelta(days=1)


def moved(when: date, unit: str, many: int) -> date:
    """The day so many units later, earlier below 0; in a shorter month its last day.

    Raises:
        ValueError, OverflowError: There is no such day in the years 1 to 9999.
    """
    days = _DAYS_IN.get(unit)
    if days is not None:
        return when + timedelta(days=many * days)
    months = when.year * 12 + when.month - 1 + many * _MONTHS_IN[unit]
    year, place = divmod(months, 12)
    try:
        return when.replace(year=year, month=place + 1)
    except ValueError:
        return date(year + (place == 11), (place + 1) % 12 + 1, 1) - _DAY


def day(when: date) -> Span:
    """The day itself."""
    return when, when + _DAY


def unit_of(unit: str, when: date) -> Span:
    """The day, week (from Monday), weekend, month, quarter, half, year, decade or century of `when`."""
    if unit == "day":
        return day(when)
    if unit in _DAYS_IN:
        monday = when - timedelta(days=when.weekday())
        return monday + timedelta(days=5 if unit == "weekend" else 0), monday + timedelta(days=7)
    if unit in ("month", "quarter", "half"):
        first = when.replace(day=1, month=when.month - (when.month - 1) % _MONTHS_IN[unit])
    else:
        many = _MONTHS_IN[unit] // 12
        first = date(when.year - when.year % many or 1, 1, 1)
    return first, moved(first, unit, 1)


def units_from(today: date, unit: str, nearest: int, farthest: int) -> Span:
    """From the nearest to the farthest of the units so many away, below 0 before `today`, as whole units."""
    first, last = sorted((nearest, farthest))
    return unit_of(unit, moved(today, unit, first))[0], unit_of(unit, moved(today, unit, last))[1]


def month(number: int, year: int) -> Span:
    """The month `number`, from 1, of a year."""
    first = date(year, number, 1)
    return first, moved(first, "month", 1)


def season(name: str, year: int) -> Span:
    """A season of the northern half of the earth by whole months; winter runs into the year after."""
    first = date(year, _SEASON_STARTS[name], 1)
    return first, moved(first, "month", 3)


def years(first: int, many: int = 1) -> Span:
    """So many calendar years."""
    return date(first, 1, 1), date(first + many, 1, 1)


def _nth_weekday(weekday: int, month_number: int, nth: int) -> Callable[[int], date]:
    def of(year: int) -> date:
        first = date(year, month_number, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))

    return of


HOLIDAYS: dict[str, Callable[[int], date]] = {
    "christmas eve": lambda year: date(year, 12, 24),
    "christmas": lambda year: date(year, 12, 25),
    "boxing day": lambda year: date(year, 12, 26),
    "new year's eve": lambda year: date(year, 12, 31),
    "new year": lambda year: date(year, 1, 1),
    "valentine's day": lambda year: date(year, 2, 14),
    "st patrick's day": lambda year: date(year, 3, 17),
    "independence day": lambda year: date(year, 7, 4),
    "halloween": lambda year: date(year, 10, 31),
    "mother's day": _nth_weekday(6, 5, 2),
    "father's day": _nth_weekday(6, 6, 3),
    "memorial day": lambda year: date(year, 5, 31) - timedelta(days=date(year, 5, 31).weekday()),
    "labor day": _nth_weekday(0, 9, 1),
    "thanksgiving": _nth_weekday(3, 11, 4),
    "black friday": lambda year: _nth_weekday(3, 11, 4)(year) + _DAY,
    "cyber monday": lambda year: _nth_weekday(3, 11, 4)(year) + timedelta(days=4),
    "ash wednesday": lambda year: easter(year) - timedelta(days=46),
    "good friday": lambda year: easter(year) - timedelta(days=2),
    "easter": easter,
    "easter monday": lambda year: easter(year) + _DAY,
}

_AROUND = {"easter": (2, 2), "christmas": (1, 2), "new year": (1, 2), "thanksgiving": (0, 4)}
"""How many days before a holiday, and after its beginning, "over Easter" takes in."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """What comes again: a weekday, a month, a season, 5 May.

    Attributes:
        every: How often.
        make: The one of a year, or of a month or week counted from the beginning of the calendar. It raises
            ValueError where there is none, as on 29 February.
        unit: How long one of them is.
        strict: Whether today's own does not count when none is named: "on Friday", said on a Friday.
    """

    every: Literal["year", "month", "week"]
    make: Callable[[int], Span]
    unit: str
    strict: bool = False

    def number(self, when: date) -> int:
        """The year, month or week of `when`, as `make` wants it."""
        if self.every == "year":
            return when.year
        return when.year * 12 + when.month - 1 if self.every == "month" else (when.toordinal() - 1) // 7

    def begun(self, today: date) -> Span | None:
        """The latest that has begun."""
        return next((one for one in self._down(today) if one[0] < today or (one[0] == today and not self.strict)), None)

    def coming(self, today: date) -> Span | None:
        """The first that is not over."""
        return next((one for one in self._up(today) if (one[0] > today if self.strict else one[1] > today)), None)

    def up_to(self, when: date) -> Span | None:
        """The latest that begins at `when` at the latest."""
        return next((one for one in self._down(when) if one[0] <= when), None)

    def after(self, when: date) -> Span | None:
        """The first that begins at `when` or after."""
        return next((one for one in self._up(when) if one[0] >= when), None)

    def ago(self, today: date, many: int = 1) -> Span | None:
        """The latest that is over, or the one so many before."""
        over = (one for one in self._down(today, _DEEPEST + many) if one[1] <= today)
        return next((one for place, one in enumerate(over, 1) if place == many), None)

    def ahead(self, today: date, many: int = 1) -> Span | None:
        """The first that has not begun yet, or the one so many later."""
        to_come = (one for one in self._up(today, _DEEPEST + many) if one[0] > today)
        return next((one for place, one in enumerate(to_come, 1) if place == many), None)

    def this(self, today: date) -> Span | None:
        """The one of today, else of this year, month or week."""
        now = next((one for one in self._down(today) if one[0] <= today), None)
        if now is not None and today < now[1]:
            return now
        return next(_spans(self.make, [self.number(today)]), None)

    def _down(self, today: date, deepest: int = _DEEPEST) -> Iterator[Span]:
        number = self.number(today)
        return _spans(self.make, range(number + 1, number - deepest, -1))

    def _up(self, today: date, deepest: int = _DEEPEST) -> Iterator[Span]:
        number = self.number(today)
        return _spans(self.make, range(number - 1, number + deepest))


def _spans(make: Callable[[int], Span], numbers: Iterator[int] | range | list[int]) -> Iterator[Span]:
    return (one for number in numbers if (one := _made(make, number)) is not None)


def _made(make: Callable[[int], Span], number: int) -> Span | None:
    try:
        return make(number)
    except (ValueError, OverflowError):
        return None


def weekdays(number: int) -> Cycle:
    """A day of the week, from Monday, 0."""
    return Cycle("week", lambda week: day(date.fromordinal(7 * week + 1 + number)), "day", strict=True)


def weekends() -> Cycle:
    """Saturday and Sunday."""
    return Cycle("week", lambda week: (date.fromordinal(7 * week + 6), date.fromordinal(7 * week + 8)), "weekend")


def months(number: int) -> Cycle:
    """The month `number`, from 1."""
    return Cycle("year", lambda year: month(number, year), "month")


def days_of_year(month_number: int, first: int, last: int | None = None) -> Cycle:
    """A day of the year, or the days from the first to the last of a month."""
    return Cycle(
        "year",
        lambda year: (date(year, month_number, first), date(year, month_number, last or first) + _DAY),
        "day",
    )


def days_of_month(number: int, weekday: int | None = None) -> Cycle:
    """A day of the month by its number; only those that are such a weekday, if one is given."""

    def make(place: int) -> Span:
        when = date(place // 12, place % 12 + 1, number)
        if weekday is not None and when.weekday() != weekday:
            raise ValueError(f"{when} is another day of the week")
        return day(when)

    return Cycle("month", make, "day")


def seasons(name: str) -> Cycle:
    """A season."""
    return Cycle("year", lambda year: season(name, year), "season")


def holidays(name: str, *, whole: bool = False) -> Cycle:
    """A holiday of `HOLIDAYS`; if `whole`, with the days off around it."""
    before, after = _AROUND.get(name, (0, 1)) if whole else (0, 1)

    def make(year: int) -> Span:
        when = HOLIDAYS[name](year)
        return when - timedelta(days=before), when + timedelta(days=after)

    return Cycle("year", make, "day")


def part_of(part: str, span: Span, unit: str) -> Span:
    """The early, mid or late third of a span; of a month in tens of days, of a week Friday to Sunday are late."""
    start, end = span
    if unit in ("week", "fortnight", "day", "weekend"):
        days = (end - start).days
        cuts = [start + timedelta(days=days * third // 7) for third in (2, 4)]
    elif unit == "month":
        cuts = [start + timedelta(days=10), start + timedelta(days=20)]
    else:
        many = (end.year - start.year) * 12 + end.month - start.month
        cuts = [moved(start, "month", round(many * third / 3)) for third in (1, 2)]
    first, second = cuts
    return {"early": (start, first), "mid": (first, second), "late": (second, end)}[part]


def nth_in(span: Span, unit: str, nth: int, many: int = 1, weekday: int | None = None) -> Span | None:
    """The so-many-th `many` units of a span, counted from its end below 0; None if they do not fit in.

    Weeks of a month are its sevens of days, weekends those whose Saturday is in it.
    """
    start, end = span
    if unit in ("weekday", "weekend"):
        wanted = 5 if unit == "weekend" else weekday or 0
        if nth > 0:
            first = start + timedelta(days=(wanted - start.weekday()) % 7 + 7 * (nth - 1))
        else:
            first = end - _DAY - timedelta(days=((end - _DAY).weekday() - wanted) % 7 - 7 * (nth + 1))
        found = first, first + timedelta(days=2 if unit == "weekend" else 1)
    elif nth > 0:
        first = moved(start, unit, nth - 1)
        found = first, moved(first, unit, many)
    else:
        last = moved(end, unit, nth + 1)
        found = moved(last, unit, -many), last
    return found if start <= found[0] < end else None
