"""Relative dates in what somebody said, put as dates of the calendar: "last week" as "in the week of 24 February 2025"."""

from __future__ import annotations

from datetime import datetime, timedelta

import regex

from duramen.language.dates import FoundDate, PlacedDate, placed_dates, told_date
from duramen.strategies.facts_verbs import is_past
from duramen.types import Interval

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_YEAR = regex.compile(r"\b(?:1[89]|20|21)\d\d\b")
_NAMED = regex.compile(
    r"(?:(?:the )?\d{1,2}(?:st|nd|rd|th)?(?: of)? )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?: (?:the )?\d{1,2}(?:st|nd|rd|th)?)?",
    regex.IGNORECASE,
)
_ADVERBIAL = regex.compile(
    r"(?:yesterday|today|tomorrow|the day before yesterday|the day after tomorrow|.+ ago|(?:last|this|next|this past|this coming|the following|the previous)"
    r" (?:week|month|year|weekend|spring|summer|autumn|fall|winter|(?:mon|tues|wednes|thurs|fri|satur|sun)day|\w+uary|march|april|may|june|july|august|\w+ber))",
    regex.IGNORECASE,
)
_LEANS = regex.compile(
    r"(?:\b(?:on|in|since|for|over|during|by|until|till|before|after|from|of|at|around|about|within|the|and|to|through|than|as|every|each|almost|exactly|over|just|only|like|nearly|roughly|late|early|earlier|later|that|between)|['\u2019]s|-)\s*$",
    regex.IGNORECASE,
)
_PART_OF_DAY = regex.compile(
    r"\s+(?:early\s+|late\s+)?(?:morning|afternoon|evening|night|lunchtime|noon)\b", regex.IGNORECASE
)
_GOES_ON = regex.compile(
    rf"{_PART_OF_DAY.pattern}|\s+(?:was|is|were|are|has|had|will|would|felt|went|and|or|at)\b", regex.IGNORECASE
)
_HABIT = regex.compile(r"\b(?:every|each|most|any)\s+(?:other\s+|single\s+)?$", regex.IGNORECASE)
_USUAL = regex.compile(
    r"^(?!.*\b(?:last|ago|yesterday|since|tomorrow)\b).*\b(?:usually|always|often|normally|generally|typically|as a rule)\b|^(?!.*\b(?:last|this|next|today|tomorrow)\b).*\b(?:birthday|anniversary)\b[^.]*\bis\b",
    regex.IGNORECASE,
)
_SEASON = regex.compile(r"\b(spring|summer|autumn|fall|winter)\b", regex.IGNORECASE)
_COMING = regex.compile(
    r"\b(?:starts?|begins?|leaves?|departs?|fly|flies|arrives?|moves?|travels?|returns?|opens?|closes?|expires?|ends?|deadline|due|until|till|by|wants?|needs?|hopes?|plans?|appointment|exams?|interview|flight|meeting|scheduled|booked|planned|(?:am|'m|is|'s|are|'re) (?:\w+ )?\w+ing)\b",
    regex.IGNORECASE,
)
_PAST = frozenset("was were had did didn't ago yesterday last since every each".split())  # noqa: SIM905 - a row of words
_TO_COME = frozenset(
    """
    scheduled booked planned postponed moved married engaged excited interested tired need needed
    """.split()  # noqa: SIM905 - as above
)
_QUOTATION = regex.compile(r"\"[^\"\n]{1,300}+\"|“[^”\n]{1,300}+”")


def dated(sentence: str, said: datetime) -> str:
    """Return `sentence` with its relative dates put as dates, or explained in parentheses where they cannot be replaced.

    Dates with a year, and those within quotations, stay as they are; so does what comes back.

    Args:
        sentence: In English; dates of other languages are not put in other words.
        said: What the dates are relative to; with a time zone.

    Example:
        >>> from datetime import timezone
        >>> dated("We moved last week; last year's fire was bad.", datetime(2025, 3, 4, tzinfo=timezone.utc))
        "We moved in the week of 24 February 2025; last year's (2024) fire was bad."
    """
    if _USUAL.search(sentence):
        return sentence
    quoted = [found.span() for found in _QUOTATION.finditer(sentence)]
    for placed in reversed(placed_dates(_ahead(sentence), said)):
        if not any(start < placed.start < end for start, end in quoted):
            sentence = _put(sentence, placed)
    return sentence


def occurred(sentence: str, said: datetime) -> Interval | None:
    """Return when it was what `sentence` tells, if it says so; None for what comes back."""
    told = None if _USUAL.search(sentence) else told_date(_ahead(sentence), said)
    if told is None or _HABIT.search(sentence[: sentence.find(told.text)]):
        return None
    return Interval(told.start, told.end)


def in_words(found: FoundDate) -> str:
    """Return a stretch of time in words, as short as it can be said: a year, a month, a week, a day, or two days."""
    start, last = found.start, found.end - timedelta(days=1)
    season = _SEASON.search(found.text)
    if (start.day, start.month, last.day, last.month) == (1, 1, 31, 12):
        return str(start.year) if start.year == last.year else f"{start.year} to {last.year}"
    if season and (last - start).days > 80:
        return f"the {season[1].lower()} of {last.year}"
    if start.day == 1 and found.end.day == 1:
        return _month(start) if _month(start) == _month(last) else f"{_month(start)} to {_month(last)}"
    days = (found.end - found.start).days
    if days <= 1:
        return _day(start)
    if days == 7 and start.weekday() == 0:
        return f"the week of {_day(start)}"
    if "weekend" in found.text.lower() and days == 2:
        return f"the weekend of {_day(start)}"
    return f"{_day(start)} to {_day(last)}"


def _ahead(sentence: str) -> str:
    """Return `sentence` so that what is said to come is looked for ahead: "I start on 3 April" is about the coming one."""
    if not _COMING.search(sentence):
        return sentence
    words = set(sentence.lower().replace(".", " ").replace(",", " ").split()) - _TO_COME
    if words & _PAST or any(is_past(word) for word in words):
        return sentence
    return f"{sentence.rstrip(' .!')} will"


def _put(sentence: str, placed: PlacedDate) -> str:
    found, before, after = placed.found, sentence[: placed.start], sentence[placed.end :]
    if _YEAR.search(found.text) or _SEASON.fullmatch(found.text) or _HABIT.search(before):
        return sentence
    if found.open and found.text.endswith("'s"):
        return sentence
    if found.open:
        said = f"before {_day(found.end)}" if found.open == "start" else f"from {_day(found.start)}"
        return f"{before}{found.text} ({said}){after}"
    said = in_words(found)
    if _NAMED.fullmatch(found.text):
        return f"{before}{said}{after}"
    if _ADVERBIAL.fullmatch(found.text) and " to " not in said and not (_GOES_ON.match(after) or _LEANS.search(before)):
        preposition = "on" if (found.end - found.start).days <= 2 else "in"
        preposition = preposition if before.strip() else preposition.capitalize()
        return f"{before}{preposition} {said}{after}"
    part = _PART_OF_DAY.match(after)
    words = found.text + (part[0] if part else "")
    rest = after[part.end() :] if part else after
    if found.text.lower().startswith("since"):
        said = f"from {_day(found.start)}"
    return f"{before}{words} ({said}){rest}"


def _day(day: datetime) -> str:
    return f"{day.day} {_month(day)}"


def _month(day: datetime) -> str:
    return f"{_MONTHS[day.month - 1]} {day.year}"
