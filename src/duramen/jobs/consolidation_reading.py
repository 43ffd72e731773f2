"""What a memory states, taken apart to be compared: its subject, the meanings of its words, its dates, and what changed."""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from datetime import datetime, timedelta

from duramen.jobs.consolidation_parsing import Statement, parsed
from duramen.jobs.consolidation_phrases import DATE, expanded, with_marks
from duramen.language.dates import FoundDate, placed_dates
from duramen.language.stemming import DEFAULT, guess
from duramen.types import Memory

LONGEST_TEXT = 600
"""Characters of a memory that are taken apart."""

_WORD = re.compile(r"[^\W_]+(?:[.:'-][^\W_]+)*|[+%\u20ac$\u00a3]")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_LAST_LATIN = "\u024f"
_SINCE = re.compile(r"(?:since|as of|starting)\b", re.IGNORECASE)
_UNTIL = re.compile(r"(?:until|till)\b", re.IGNORECASE)
_SAYS_WHEN = re.compile(r"\d{4}|\b(?:last|ago|yesterday|past|previous|earlier|this|today|since)\b", re.IGNORECASE)
_HABITS = frozenset({"like", "dislike", "prefer"})
_MARGIN = timedelta(days=30)
_LEAP_DAY = (2, 29)
_LEAD = re.compile(
    r"(?P<lead>(?:(?:since|with|in|on|at|from|as of|after|before|for|during|until|by|when|if|to)\b[^,.;]{1,60},"
    r"|(?:(?:since|in|on|at|from|as of|after|before|for|during|until|by) )?xdate,?"
    r"|(?:xnow|then|also|actually|in fact|well|so|and|but|unfortunately|luckily|sadly|today|once again),?))\s+",
    re.IGNORECASE,
)


def read(memory: Memory) -> Statement:
    """Take a memory apart. What is said of "I" is said of its speaker, or of "the user" if that is nobody by name."""
    holder = memory.speaker or ""
    if holder.casefold() in ("", "human", "user"):
        holder = "user"
    found = _read(memory.text[:LONGEST_TEXT], holder, memory.mentioned)
    if memory.occurred is None or found.dates:
        return found
    return replace(found, dates=(FoundDate(memory.occurred.start, memory.occurred.end, ""),))


def same_words(text: str) -> str:
    """Return `text` in a form that is equal for what is literally the same.

    >>> same_words("Ada  lives in Lisbon!") == same_words("ada lives in Lisbon.")
    True
    """
    return " ".join(_WORD.findall(text.casefold().replace("\u2019", "'")))


@functools.lru_cache(4096)
def _read(text: str, holder: str, at: datetime) -> Statement:
    plain, dates, aimed = _without_dates(expanded(text), at)
    found = parsed(_subject_first(with_marks(plain)), holder)
    since = next((date for date in dates if _SINCE.match(date.text)), None)
    looks_ahead = found.tense in ("present", "future") and found.verb not in _HABITS
    told = tuple(_ahead(date, at) if looks_ahead or date in aimed else date for date in dates if date is not since)
    return replace(found, dates=told, since=since, english=_is_english(text))


def _is_english(text: str) -> bool:
    words = _LETTERS.findall(text.casefold())
    return all(word[0] <= _LAST_LATIN for word in words) and guess(words) == DEFAULT


def _subject_first(text: str) -> str:
    """Return `text` with what leads up to its subject at the end: "Since March, …", "From now on …"."""
    while lead := _LEAD.match(text):
        text = f"{text[lead.end() :].rstrip(' .')} , {lead['lead'].rstrip(',')}"
        if not text.strip(" ,"):
            break
    return text


def _without_dates(text: str, at: datetime) -> tuple[str, list[FoundDate], list[FoundDate]]:
    """Return `text` with a word in place of each date, the dates, and those of them that something is moved to."""
    parts: list[str] = []
    dates: list[FoundDate] = []
    aimed: list[FoundDate] = []
    end = 0
    for one in placed_dates(text, at):
        found = one.found
        before = text[end : one.start]
        if found.open == "start":
            found = replace(found, start=found.end - timedelta(days=1))
        parts += [before, "until " if _UNTIL.match(found.text) else "", DATE]
        dates.append(found)
        if before.casefold().endswith((" to ", " until ")):
            aimed.append(found)
        end = one.end
    return "".join((*parts, text[end:])), dates, aimed


def _ahead(date: FoundDate, at: datetime) -> FoundDate:
    """Return the next such date, if it has no year: "the deadline is 15 May" looks ahead."""
    if date.end > at - _MARGIN or _SAYS_WHEN.search(date.text):
        return date
    return replace(date, start=_next_year(date.start), end=_next_year(date.end))


def _next_year(moment: datetime) -> datetime:
    return moment.replace(year=moment.year + 1, day=28 if (moment.month, moment.day) == _LEAP_DAY else moment.day)
