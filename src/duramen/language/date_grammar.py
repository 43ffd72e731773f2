"""The expressions of time that are understood, each a pattern and what it means.

`dateparser` reads explicit dates; the rest it either lacks or answers with a point where a stretch was meant.
"""

import functools
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from types import ModuleType

from duramen.language.calendar_spans import (
    HOLIDAYS,
    MONTHS,
    WEEKDAYS,
    Moment,
    Span,
    beside,
    day,
    month,
    moved,
    season,
    units_from,
    week_of_month,
    weekday,
    weekend_of_month,
    year,
    yearly,
)

Rule = tuple[re.Pattern[str], Callable[["re.Match[str]", Moment], Span | None]]

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
WEEKDAY = rf"(?:{'|'.join(WEEKDAYS)})"
SEASON = r"(?:spring|summer|autumn|fall|winter)"
HOLIDAY = rf"(?:{'|'.join(HOLIDAYS)})"

_YEAR = r"(?:1[89]|20)\d\d(?![\d%]|[.,]\d)"
_NUMBERS = {word: number for number, word in enumerate("one two three four five six seven eight nine ten".split(), 1)}  # noqa: SIM905 - a row of words
_NUMBERS |= {"a": 1, "an": 1, "eleven": 11, "twelve": 12, "twenty": 20, "thirty": 30}
_FEW = r"(?:a\s+)?(?:few|couple(?:\s+of)?)|several"
_NUMBER = rf"(?:\d{{1,3}}|{_FEW}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_UNIT = r"(?P<unit>day|week(?:end)?|month|year)s?"
_NTH = r"(?:st|nd|rd|th)"
_DAY = rf"(?:[12]\d|3[01]|0?[1-9])(?:{_NTH})?(?![\d:.]\d|\d)"
_TO = r"(?:\s*[-–]\s*|\s+(?:to|and|until|till|through)\s+)"  # noqa: RUF001 - people write ranges with a dash

# One date with its day: "Sunday, 25 May 2023", "May 7th", "2023-05-07", "5/7/2023".
_EXPLICIT = (
    rf"(?:{WEEKDAY},?\s+(?:the\s+)?)?(?:"
    rf"\d{{4}}-\d\d?-\d\d?(?!\d)|\d\d?/\d\d?/(?:\d{{4}}|\d\d)(?![\d/])|\d\d?\.\d\d?\.\d{{4}}(?![\d.])"
    rf"|{_DAY}(?:\s+of)?\s+{MONTH}(?:,?\s+{_YEAR})?"
    rf"|{MONTH}\s+{_DAY}(?:,?\s+{_YEAR})?)"
)

_MOTIONS = {"last": "last", "past": "last", "previous": "last", "next": "next", "coming": "next", "upcoming": "next"}
_MODE = r"(?P<mode>last|past|previous|this|next|coming|upcoming)"
_LOCAL = r"(?:in|since|until|till|by|early|late|mid|during|around|(?:beginning|middle|end)\s+of)"
_AMBIGUOUS = ("may", "mar", "march", "april", "june", "august", "jan", "sep", "dec", "apr", "jun", "jul", "aug", "nov")


def _explicit(text: str, moment: Moment) -> Span | None:
    """Read one explicit date with `dateparser`, which is imported when the first is met: it takes half a second."""
    if not _meant_as_month(text):
        return None
    iso = re.search(r"\d{4}-\d\d?-\d\d?", text)
    if iso:
        return day(date(*map(int, iso[0].split("-"))))
    plain = re.sub(rf"^{WEEKDAY},?\s+(?:the\s+)?|\bof\b", "", text, flags=re.IGNORECASE)
    settings = {
        "RELATIVE_BASE": datetime.combine(moment.today, time()),
        "PREFER_DATES_FROM": "future" if moment.ahead else "past",
        "REQUIRE_PARTS": ["day", "month"],
    }
    found = _dateparser().parse(plain, languages=["en"], settings=settings)
    return day(found.date()) if found else None


@functools.lru_cache(maxsize=1)
def _dateparser() -> ModuleType:
    import dateparser

    return dateparser


def _meant_as_month(text: str) -> bool:
    """Whether a lower-case "may" or "march" stands with an ordinal or a year, and so is a month."""
    return not re.search(r"\b(?:may|mar|march)\b", text) or bool(re.search(rf"\d{_NTH}\b|\d{{4}}", text))


def _mode(match: re.Match[str]) -> str:
    word = (match["mode"] or "").lower()
    return _MOTIONS.get(word, word)


def _amounts(text: str) -> tuple[int, int]:
    words = text.lower()
    if words.isdigit():
        return int(words), int(words)
    if "couple" in words:
        return 2, 2
    if "few" in words or words == "several":
        return 2, 5
    return _NUMBERS[words], _NUMBERS[words]


def _month_first(name: str, number: int) -> date:
    return date(number, MONTHS.index(name[:3].lower()) + 1, 1)


def _months_of(name: str) -> Callable[[int], Span]:
    return lambda number: month(_month_first(name, number))


def _day_of(match: re.Match[str], moment: Moment) -> Span | None:
    return _explicit(match[0], moment)


def _beside_date(match: re.Match[str], moment: Moment) -> Span | None:
    """Without a year, "the Sunday before 25 May" may be past though 25 May is not, so both years are tried."""
    spans = []
    for ahead in (True, False):
        each = Moment(moment.today, ahead)
        span = yearly(_holidays(match["holiday"]), "", each) if match["holiday"] else _explicit(match["date"], each)
        spans.append(span and beside(match["what"].lower(), match["side"].lower(), span))
    coming, latest = spans
    return coming if moment.ahead or (coming and coming[0] <= moment.today) else latest


def _days_in_month(match: re.Match[str], moment: Moment) -> Span | None:
    number = f" {match['year']}" if match["year"] else ""
    first, last = (_explicit(f"{match[side]} {match['month']}{number}", moment) for side in ("first", "last"))
    return (first[0], last[1]) if first and last and first < last else None


def _month_range(match: re.Match[str], moment: Moment) -> Span | None:
    last_year, first_year = match["last_year"], match["first_year"]
    latest = yearly(_months_of(match["last"]), "", moment)
    last = month(_month_first(match["last"], int(last_year))) if last_year else latest
    if last is None or (match["last"] + match["first"]).islower():
        return None
    first = _month_first(match["first"], int(first_year) if first_year else last[0].year)
    if first > last[0] and not first_year:
        first = _month_first(match["first"], last[0].year - 1)
    return (first, last[1]) if first < last[1] else None


def _years(match: re.Match[str], moment: Moment) -> Span | None:
    first, last = int(match["first"]), int(match["last"])
    return (date(first, 1, 1), date(last + 1, 1, 1)) if first < last else None


def _part_of_month(match: re.Match[str], moment: Moment) -> Span | None:
    name, number = match["month"], match["year"]
    span = month(_month_first(name, int(number))) if number else yearly(_months_of(name), "", moment)
    make = weekend_of_month if match["unit"].lower() == "weekend" else week_of_month
    return span and make(match["ordinal"].lower(), span[0])


def _month_and_year(match: re.Match[str], moment: Moment) -> Span | None:
    return month(_month_first(match["month"], int(match["year"])))


def _month_alone(match: re.Match[str], moment: Moment) -> Span | None:
    name = match["month"].rstrip(".")
    placed = match["mode"] or match["local"]
    if not placed and (name.lower() in _AMBIGUOUS or len(name) < 4):
        return None
    if name.islower() and name in _AMBIGUOUS:
        return None
    return yearly(_months_of(name), _mode(match), moment)


def _season(match: re.Match[str], moment: Moment) -> Span | None:
    name, number = match["season"].lower(), match["year"]
    if number:
        return season(name, int(number))
    return yearly(lambda each: season(name, each), _mode(match), moment)


def _holidays(name: str) -> Callable[[int], Span]:
    return lambda number: day(HOLIDAYS[name.lower()](number))


def _holiday(match: re.Match[str], moment: Moment) -> Span | None:
    make = _holidays(match["holiday"])
    return make(int(match["year"])) if match["year"] else yearly(make, _mode(match), moment)


# "I had not seen her in 10 years" measures a time, and names none.
_LASTING = re.compile(r"(?:n['\u2019]t|\b(?:not|never|first|only|best|worst|once))\b[^.!?]*$", re.IGNORECASE)

_DAYS = {
    "day before yesterday": -2, "yesterday": -1, "last night": -1, "today": 0, "tonight": 0, "this morning": 0,
    "this afternoon": 0, "this evening": 0, "tomorrow": 1, "day after tomorrow": 2,
}  # fmt: skip


def _near_day(match: re.Match[str], moment: Moment) -> Span:
    return day(moment.today + timedelta(days=_DAYS[" ".join(match["day"].lower().split())]))


def _ago(match: re.Match[str], moment: Moment) -> Span:
    nearest, farthest = _amounts(match["number"])
    return units_from(moment.today, match["unit"].lower(), -nearest, -farthest)


def _from_now(match: re.Match[str], moment: Moment) -> Span | None:
    if _LASTING.search(match.string, 0, match.start()):
        return None
    nearest, farthest = _amounts(match["number"])
    return units_from(moment.today, match["unit"].lower(), nearest, farthest)


def _stretch(match: re.Match[str], moment: Moment) -> Span | None:
    """The last or next so many units, up to or from today."""
    _, many = _amounts(match["number"])
    if _mode(match) == "next":
        return moment.today, moved(moment.today, match["unit"].lower(), many)
    return moved(moment.today, match["unit"].lower(), -many), moment.today + timedelta(days=1)


def _unit(match: re.Match[str], moment: Moment) -> Span:
    step = {"last": -1, "this": 0, "next": 1}[_mode(match)]
    return units_from(moment.today, match["unit"].lower(), step, step)


def _weekday(match: re.Match[str], moment: Moment) -> Span | None:
    return weekday(match["weekday"].lower(), _mode(match), moment)


def _day_of_month(match: re.Match[str], moment: Moment) -> Span | None:
    number = int(match["number"])
    months = range(4) if moment.ahead else range(0, -4, -1)
    firsts = [moved(moment.today.replace(day=1), "month", step) for step in months]
    days = [day(first.replace(day=number)) for first in firsts if number <= (month(first)[1] - first).days]
    today = moment.today
    return next((span for span in days if (span[0] >= today if moment.ahead else span[0] <= today)), None)


def _year_alone(match: re.Match[str], moment: Moment) -> Span:
    return year(date(int(match["year"]), 1, 1))


def _decade(match: re.Match[str], moment: Moment) -> Span:
    first = int(match["year"])
    first += 0 if first > 99 else 1900 if first >= 30 else 2000
    return date(first, 1, 1), date(first + 10, 1, 1)


def _rule(pattern: str, meaning: Callable[[re.Match[str], Moment], Span | None]) -> Rule:
    return re.compile(rf"(?<![\w.@#/$€£-]){pattern}(?![\w@])", re.IGNORECASE), meaning


_NOT_COUNTED = r"(?!\s*(?:k?m|k?g|miles?|met(?:er|re)s?|people|words|dollars|euros|pounds|steps|times|users)\b)"
_ORDINAL = r"(?P<ordinal>first|second|third|fourth|last)"

RULES: tuple[Rule, ...] = (
    _rule(
        rf"(?:the\s+)?(?P<what>day|week|weekend|{WEEKDAY})\s+(?P<side>before|after|of)\s+"
        rf"(?:(?P<date>{_EXPLICIT})|(?P<holiday>{HOLIDAY}))",
        _beside_date,
    ),
    _rule(
        rf"(?P<first>{_DAY}){_TO}(?P<last>{_DAY})(?:\s+of)?\s+(?P<month>{MONTH})(?:,?\s+(?P<year>{_YEAR}))?",
        _days_in_month,
    ),
    _rule(rf"(?P<month>{MONTH})\s+(?P<first>{_DAY}){_TO}(?P<last>{_DAY})(?:,?\s+(?P<year>{_YEAR}))?", _days_in_month),
    _rule(_EXPLICIT, _day_of),
    _rule(
        rf"(?:between|from)\s+(?P<first>{MONTH})(?:\s+(?P<first_year>{_YEAR}))?(?:{_TO})"
        rf"(?P<last>{MONTH})(?:\s+(?P<last_year>{_YEAR}))?",
        _month_range,
    ),
    _rule(rf"(?:(?:between|from)\s+)?(?P<first>{_YEAR}){_TO}(?P<last>{_YEAR})", _years),
    _rule(
        rf"(?:the\s+)?{_ORDINAL}\s+(?P<unit>week(?:end)?)\s+(?:of|in)\s+(?P<month>{MONTH})(?:,?\s+(?P<year>{_YEAR}))?",
        _part_of_month,
    ),
    _rule(rf"(?P<month>{MONTH}),?\s+(?:of\s+)?(?P<year>{_YEAR})", _month_and_year),
    _rule(
        rf"(?:{_MODE}\s+|(?:on|at|for|since|before|after|over|until|till|by)\s+|(?=[\w' ]{{1,24}}(?:{_YEAR}|\s(?:eve|day)\b)))(?P<holiday>{HOLIDAY})"
        rf"(?:\s+(?:of\s+)?(?P<year>{_YEAR}))?(?!\s+(?:tree|gift|present|party|card|dinner|song|movie)s?\b)",
        _holiday,
    ),
    _rule(
        rf"(?:(?:{_MODE}|(?:in|during|over|since|until)(?:\s+the)?)\s+|(?=\w+\s+(?:of\s+)?{_YEAR}))(?P<season>{SEASON})"
        rf"(?:\s+(?:of\s+)?(?P<year>{_YEAR}))?",
        _season,
    ),
    _rule(r"(?:the\s+)?(?P<day>day\s+before\s+yesterday|day\s+after\s+tomorrow)", _near_day),
    _rule(
        r"(?P<day>yesterday|last\s+night|today|tonight|this\s+(?:morning|afternoon|evening)|tomorrow)(?:['\u2019]s)?",
        _near_day,
    ),
    _rule(rf"(?P<number>{_NUMBER})\s+{_UNIT}\s+(?:ago|back|earlier)", _ago),
    _rule(rf"(?:in\s+(?P<number>{_NUMBER})\s+{_UNIT})(?!\s+(?:ago|of|or|long)\b)", _from_now),
    _rule(rf"(?P<number>{_NUMBER})\s+{_UNIT}\s+from\s+(?:now|today)", _from_now),
    _rule(rf"(?:the\s+)?{_MODE}\s+(?P<number>{_NUMBER})\s+{_UNIT}", _stretch),
    _rule(rf"{_MODE}\s+{_UNIT}", _unit),
    _rule(rf"(?:{_MODE}\s+)?(?<!black )(?<!good )(?<!easter )(?<!ash )(?P<weekday>{WEEKDAY})", _weekday),
    _rule(rf"(?:(?:{_MODE}|(?P<local>{_LOCAL}))\s+)?(?P<month>{MONTH})", _month_alone),
    _rule(
        rf"(?:on|by|until|till|since|before|after)\s+the\s+(?P<number>[12]\d|3[01]|[1-9]){_NTH}"
        rf"(?=\s*(?:[.,!?;:)]|$)|\s+(?:and|at|we|i|he|she|they|with|for|in|to)\b)",
        _day_of_month,
    ),
    _rule(r"(?:the\s+)?(?:early\s+|late\s+|mid-?)?(?P<year>(?:1[89]|20)?\d0)['\u2019]?s", _decade),
    _rule(
        rf"(?:in|during|by|since|until|till|before|after|of|for|early|late|mid|year|around)\s+(?:the\s+year\s+)?"
        rf"(?P<year>{_YEAR}){_NOT_COUNTED}",
        _year_alone,
    ),
)
