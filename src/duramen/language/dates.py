"""The dates that a text names, as stretches of time."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise

from duramen.language.calendar_spans import MONTHS, WEEKDAYS, Moment

LONGEST_TEXT = 2_000
MOST_DATES = 8

# Nearly every turn of a chat names no date: a look at its words says so before any of the patterns is tried.
_WORD = re.compile(r"[a-z]+|\d")
_GATE = frozenset(
    """
    0 1 2 3 4 5 6 7 8 9 monday tuesday wednesday thursday friday saturday sunday
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec spring summer autumn fall winter
    today tonight yesterday tomorrow morning afternoon evening night day days week weeks weekend weekends month months
    year years christmas halloween thanksgiving easter valentine
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a hundred quoted strings
)
_AHEAD = re.compile(
    r"\b(?:will|won't|shall|next(?!\s+to\b)|tomorrow|upcoming|going\s+to|gonna|plan(?:s|ning)?|hop(?:e|es|ing)"
    r"|looking\s+forward|can't\s+wait|until|till|due|deadline|booked|scheduled)\b|['\u2019]ll\b"
    rf"|\bby\s+(?:the\s+)?(?:\d|(?:{'|'.join((*MONTHS, *WEEKDAYS))})[a-z]*\b)",
    re.IGNORECASE,
)
_SINCE = re.compile(r"\bsince\s+(?:the\s+)?$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?]\s|\n")


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A stretch of time that a text names.

    Attributes:
        start: The first moment, in the time zone of the anchor.
        end: The first moment after: a day, week, month, season or year later, as coarse as the words were.
        text: The words.
    """

    start: datetime
    end: datetime
    text: str


def find_dates(text: str, anchor: datetime) -> list[FoundDate]:
    """Find the English dates and stretches of time named in `text`, relative ones counted from `anchor`.

    What has no year, or no direction ("on Sunday", "in March"), is the latest before the anchor, or the coming one
    when its sentence looks ahead ("will", "next", "until"). Weeks go from Monday to Monday. "Since" runs up to the
    anchor. "A few" is two to five. Seasons are those of the northern half of the earth, by whole months.

    Args:
        text: Any text; only its first 2 000 characters are read.
        anchor: When it was said, with a time zone.

    Returns:
        At most 8, in order of appearance, never overlapping in the text; a date outside the years 1 to 9999 is left
        out.

    Example:
        >>> from datetime import datetime, timezone
        >>> [found] = find_dates("We moved last week.", datetime(2023, 5, 24, tzinfo=timezone.utc))
        >>> found.text, str(found.start.date()), str(found.end.date())
        ('last week', '2023-05-15', '2023-05-22')
    """
    text = text[:LONGEST_TEXT]
    if _GATE.isdisjoint(_WORD.findall(text.lower())):
        return []
    found = sorted(_spans(text, anchor.date()), key=lambda each: each[0])
    return [_dated(text, place, span, anchor) for place, span in found[:MOST_DATES]]


_Place = tuple[int, int]


def _spans(text: str, today: date) -> Iterator[tuple[_Place, tuple[date, date]]]:
    from duramen.language.date_grammar import (
        RULES,
    )  # it compiles for some milliseconds, which many processes never need

    breaks = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text) + 1]
    ahead = [bool(_AHEAD.search(text, start, end)) for start, end in pairwise(breaks)]
    taken: list[_Place] = []
    for pattern, meaning in RULES:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            try:
                span = meaning(match, Moment(today, ahead=ahead[bisect_right(breaks, start) - 1]))
            except (ValueError, OverflowError):
                continue
            if span is not None:
                taken.append((start, end))
                yield (start, end), span


def _dated(text: str, place: _Place, span: tuple[date, date], anchor: datetime) -> FoundDate:
    start, end = (datetime.combine(each, time(), tzinfo=anchor.tzinfo) for each in span)
    words = text[slice(*place)]
    if start < anchor and (words.lower().startswith("since") or _SINCE.search(text, 0, place[0])):
        end = anchor
    return FoundDate(start=start, end=end, text=words)
