"""The dates that a text names, as stretches of time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Literal

from duramen.language.time_languages import FOREIGN_GATE, language_of
from duramen.language.time_words import ENGLISH

LONGEST_TEXT = 2_000
MOST_DATES = 8

BEGINNING = date(1, 1, 2)
"""From where "before 2020" runs; a day inside the calendar, so that it is a date in every time zone."""
END = date(9999, 12, 30)
"""Up to where "after 2030" runs, said before."""

# Nearly every turn of a chat names no date: a look at its words says so before any of them is read.
WORDS = re.compile(r"[^\W\d_]+|\d")
_REST_OF_WORD = re.compile(r"\w*")
_TIMELY = {"month", "weekday", "weekdays", "short_weekday", "season", "seasons", "unit", "units", "near", "hours", "brief",
           "holidays", "decade_word"}  # fmt: skip
_GATE = frozenset(word for word, (kind, _) in ENGLISH.items() if kind in _TIMELY) | frozenset(
    "0 1 2 3 4 5 6 7 8 9 christmas xmas easter thanksgiving halloween".split()  # noqa: SIM905 - a row of words
)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A stretch of time that a text names.

    Attributes:
        start: The first moment, in the time zone of the anchor.
        end: The first moment after: a day, week, month, season or year later, as coarse as the words were.
        text: The words.
        open: Which end is not named. "Before 2020" is open at its start, which is then `BEGINNING`; "after 2020" at
            its end, which is the anchor, or `END` if it comes after the anchor. "Since 2020" is not open: it says "up
            to now".
    """

    start: datetime
    end: datetime
    text: str
    open: Literal["start", "end"] | None = None

    def __str__(self) -> str:
        """Say it in words: "2023-05-15 to 2023-05-22", the end excluded; a single day by itself."""
        start, end = f"{self.start:%Y-%m-%d}", f"{self.end:%Y-%m-%d}"
        if self.open == "start":
            return f"before {end}"
        if self.open == "end":
            return f"after {start}"
        return start if (self.end - self.start).days == 1 else f"{start} to {end}"


@dataclass(frozen=True, slots=True)
class PlacedDate:
    """A date with the place of its words in the text."""

    found: FoundDate
    start: int
    end: int


def find_dates(text: str, anchor: datetime) -> list[FoundDate]:
    """Find the dates and stretches of time named in `text`, relative ones counted from `anchor`.

    What has no year, or no direction ("on Sunday", "in March"), is the latest before the anchor, or the coming one
    when its sentence looks ahead ("will", "next", "by Friday"). Weeks go from Monday to Monday. "Last week" is a week
    of the calendar, "the last week" or "the past week" the seven days up to the anchor. "Since" runs up to the anchor,
    "until" to the end of what is named, "before" to its beginning. "A few" is two to five. Seasons are those of the
    northern half of the earth, by whole months. The hour of the day is not read. 5/7/2023 is 7 May, 5.7.2023 5 July.

    English is read whole; of German, Spanish, French, Italian, Portuguese and Dutch the usual expressions.

    Args:
        text: Any text; only its first 2 000 characters are read.
        anchor: When it was said, with a time zone.

    Returns:
        At most 8, in order of appearance, never overlapping in the text; a date outside the years 1 to 9999 is left
        out.

    Example:
        >>> from datetime import datetime, timezone
        >>> [found] = find_dates("We moved last week.", datetime(2023, 5, 24, tzinfo=timezone.utc))
        >>> found.text, str(found)
        ('last week', '2023-05-15 to 2023-05-22')
    """
    return [placed.found for placed in placed_dates(text, anchor)]


def told_date(text: str, anchor: datetime) -> FoundDate | None:
    """Say when it was what a text tells: the first date in it that has a beginning and an end.

    A later one that lies within the first says it better: "Last year was hard. In March 2022 I lost my job." An open
    one says too little ("before 2020"), but "until Friday", said before, is from then until Friday.

    Args:
        text: Any text.
        anchor: When it was said, with a time zone.

    Returns:
        One stretch, not `open`; None if the text names none.
    """
    dates = find_dates(text, anchor)
    closed = [one for one in dates if one.open is None]
    if not closed:
        coming = next((one for one in dates if one.open == "start" and one.end > anchor), None)
        words = coming.text.lower() if coming else ""
        return FoundDate(anchor, coming.end, coming.text) if coming and not words.startswith("before") else None
    first = closed[0]
    return next((one for one in closed[1:] if _within(one, first)), first)


def _within(inner: FoundDate, outer: FoundDate) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end and inner.end - inner.start < outer.end - outer.start


def placed_dates(text: str, anchor: datetime, words: Sequence[str] | None = None) -> list[PlacedDate]:
    """Find dates as `find_dates` does, with their places; `words` are those of `WORDS` in the text, in lower case."""
    text = text[:LONGEST_TEXT]
    words = WORDS.findall(text.lower()) if words is None else words
    foreign = None if FOREIGN_GATE.isdisjoint(words) else language_of(words)
    if foreign is None and _GATE.isdisjoint(words):
        return []
    # What reads is imported when there is something to read: many processes never need it.
    from duramen.language.date_grammar import named_times
    from duramen.language.time_counts import READERS
    from duramen.language.time_foreign import FOREIGN_READERS
    from duramen.language.time_reading import Reading
    from duramen.language.time_words import read_words

    if foreign is None:
        reading = Reading(read_words(text), anchor, READERS)
    else:
        reading = Reading(read_words(foreign.plain(text), foreign.words), anchor, FOREIGN_READERS, foreign=True)
    found: list[PlacedDate] = []
    for named in islice(named_times(reading), MOST_DATES):
        start = _moment(named.first or BEGINNING, anchor)
        end = anchor if named.after is None else _moment(named.after, anchor)
        if start < end:
            last = _REST_OF_WORD.match(text, named.end)
            stop = last.end() if last else named.end
            found.append(PlacedDate(FoundDate(start, end, text[named.start : stop], named.open), named.start, stop))
    return found


def _moment(when: date, anchor: datetime) -> datetime:
    return datetime.combine(min(when, END), time(), tzinfo=anchor.tzinfo)
