"""Reads all times that a text names, one after the other: periods, ranges, and what is open to one side."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Literal, NamedTuple

from duramen.language.calendar_spans import Span, day
from duramen.language.time_counts import ahead_in
from duramen.language.time_foreign import FOREIGN_READERS, ago_before
from duramen.language.time_reading import Period, Reading

_TO = frozenset({"to", "until"})
_DASHES = frozenset("-–—")  # noqa: RUF001 - people write ranges with a dash
_ON = frozenset({"on", "onward", "onwards"})
_JUST = frozenset({"just", "right", "shortly", "soon", "immediately"})
_JUST_DAYS = 14
# "I had not seen her in 10 years" measures a time, and names none; so does "I read it in two days".
_LASTING = frozenset(
    "not never first only best worst once twice times n't didn't haven't hadn't hasn't don't doesn't wasn't".split()  # noqa: SIM905
)


class Named(NamedTuple):
    """A time that a text names.

    Attributes:
        first: Its first day; None from the beginning of time.
        after: The first day after it; None up to the moment of the anchor.
        open: Which end is not named: only "before 2020" or "after 2020" was said.
        start: Where its words begin in the text.
        end: Where they end.
    """

    first: date | None
    after: date | None
    open: Literal["start", "end"] | None
    start: int
    end: int


_Found = tuple["_Times | None", int]


class _Times(NamedTuple):
    first: date | None
    after: date | None
    open: Literal["start", "end"] | None = None


def named_times(reading: Reading) -> Iterator[Named]:
    """Yield the times that are named, in order, never overlapping in the text."""
    at = 0
    while reading.kind(at) != "end":
        read = _EXPRESSIONS.get(reading.kind(at)) or (_plain if reading.kind(at) in FOREIGN_READERS else None)
        times, end = _tried(read, reading, at)
        if times is not None and (times.first is None or times.after is None or times.first < times.after):
            first = at + 1 if reading.kind(at) in ("lead", "of") else at
            yield Named(*times, reading.tokens[first].start, reading.tokens[end - 1].end)
        at = max(end, at + 1)


def _tried(read: Callable[[Reading, int], _Found] | None, reading: Reading, at: int) -> _Found:
    if read is None:
        return None, at + 1
    try:
        return read(reading, at)
    except (ValueError, OverflowError):  # outside the calendar
        return None, at + 1


def _plain(reading: Reading, at: int, lead: str = "") -> _Found:
    """A period, or two with a dash or "to" between."""
    kind = reading.kind(at)
    if kind in ("month", "year_number", "short_weekday") and _joined(reading, at + 1) and reading.kind(at + 2) == kind:
        lead = "range"
    found = reading.period(at, lead)
    if found is None:
        return None, at + 1
    if _joined(reading, found.end):
        last = reading.period(found.end + 1, "range")
        span = _range(reading, found, last, at) if last and last.unit == found.unit else None
        if last and span:
            return _Times(*span), last.end
    return _plain_times(reading, found, at)


def _plain_times(reading: Reading, found: Period, at: int) -> _Found:
    span = reading.settled(found, at)
    return (_Times(*span) if span else None), found.end


def _joined(reading: Reading, at: int) -> bool:
    """Whether a range goes on here: "March to May", "3–5", but not "March and May"."""
    token = reading.tokens[at]
    return (token.kind == "to" and token.value != "and") or token.kind == "until" or token.word in _DASHES


def _range(reading: Reading, first: Period, last: Period, at: int) -> Span | None:
    """From the beginning of the first to the end of the last, which lie as near to each other as they can."""
    if last.cycle is None:
        after = last.span
        before = first.span or (first.cycle.up_to(after[0]) if first.cycle and after else None)
    elif first.cycle is None:
        before = first.span
        after = last.cycle.after(before[0]) if before else None
    elif reading.ahead(at):
        before = first.cycle.coming(reading.today)
        after = last.cycle.after(before[0]) if before else None
    else:
        after = last.cycle.begun(reading.today)
        before = first.cycle.up_to(after[0]) if after else None
    return (before[0], after[1]) if before and after and before[0] < after[1] else None


def _between(reading: Reading, at: int) -> _Found:
    """From X to Y, between X and Y; "from X on" is since X; "from X" alone is X."""
    start = at + 1
    first = _now(reading, start) or reading.period(start, "range")
    if first is None:
        return None, at + 1
    joins = reading.kind(first.end) in _TO or reading.tokens[first.end].word in _DASHES
    last = reading.period(first.end + 1, "range") if joins else None
    if last is not None:
        span = _range(reading, first, last, at)
        return (_Times(*span) if span else None), last.end
    if reading.kind(at) == "between":
        within = reading.settled(first, at)  # "between 3 and 5 May" was read as one
        several = first.unit == "day" and within and (within[1] - within[0]).days > 1
        return (_Times(*within) if within and several else None), first.end
    if reading.tokens[first.end].word in _ON:
        return _since_times(reading, first), first.end + 1
    return _plain(reading, start, "from")


def _now(reading: Reading, at: int) -> Period | None:
    return Period(day(reading.today), None, "day", at + 1) if reading.kind(at) == "now" else None


def _since(reading: Reading, at: int) -> _Found:
    start = reading.skip(at + 1, "lead")
    found = reading.period(start, "since") or ago_before(reading, start - 1, "")
    if found is None:
        return None, at + 1
    if _joined(reading, found.end):
        last = reading.period(found.end + 1, "range")
        span = _range(reading, found, last, at) if last else None
        if last and span:
            return _Times(*span), last.end
    return _since_times(reading, found), found.end


def _since_times(reading: Reading, found: Period) -> _Times | None:
    span = found.span or (found.cycle.begun(reading.today) if found.cycle else None)
    return _Times(span[0], None) if span and span[0] <= reading.today else None


def _bound(reading: Reading, at: int) -> _Found:
    """Before X ends where X begins, until X where X ends; after X begins where X ends, and runs up to the anchor."""
    side = reading.kind(at)
    long_ago = ago_before(reading, at, "") if reading.foreign and side == "before" else None
    if long_ago:
        return _plain_times(reading, long_ago, at)
    start = reading.skip(at + 1, "lead", "of")
    if reading.tokens[at].word == "prior":
        start = reading.skip(start, "to")
    found = reading.period(start, "before")
    span = reading.settled(found, at) if found else None
    if found is None or span is None:
        return None, at + 1
    if side != "until" and at and reading.tokens[at - 1].word in _JUST:
        near = timedelta(days=_JUST_DAYS)
        return (_Times(span[0] - near, span[0]) if side == "before" else _Times(span[1], span[1] + near)), found.end
    if side == "after":
        return _Times(span[1], None if span[1] <= reading.today else date.max, "end"), found.end
    return _Times(None, span[0] if side == "before" else span[1], "start"), found.end  # so "until" and "up to"


def _up_to(reading: Reading, at: int) -> _Found:
    told = reading.tokens[at + 1].value == "to" and reading.kind(at + 2) != "lead"
    return _bound(reading, at + 1) if told else (None, at + 1)


def _led(reading: Reading, at: int) -> _Found:
    """What "in", "on", "during" lead to."""
    word = reading.tokens[at].value
    if word in ("in", "within"):
        found = ahead_in(reading, reading.skip(at + 1, "of"))
        if found:
            return (_Times(*found.span) if found.span and not _lasting(reading, at) else None), found.end
    start = reading.skip(at + 1, "of") if reading.foreign else at + 1
    if word in ("around", "about") and reading.kind(start) == "lead":
        return None, start
    found = reading.period(start, word)
    if found and found.unit == "day" and word == "around" and not _joined(reading, found.end):
        span = reading.settled(found, at)
        near = timedelta(days=2)
        return (_Times(span[0] - near, span[1] + near) if span else None), found.end
    return _plain(reading, start, word)


def _lasting(reading: Reading, at: int) -> bool:
    """Whether "in two weeks" is how long something took."""
    first = at
    while first and reading.tokens[first - 1].word not in (".", "!", "?", "\n"):
        first -= 1
    before = reading.tokens[first:at]
    if any(token.word.replace("’", "'") in _LASTING for token in before):  # noqa: RUF001 - both are written
        return True
    past = any(token.kind == "did" or (token.word.endswith("ed") and len(token.word) > 4) for token in before)
    return past and not reading.ahead(at)


def _every(reading: Reading, at: int) -> _Found:
    """Each Monday and every summer are no dates."""
    if reading.kind(at + 1) in ("weekdays", "units", "seasons", "unit"):
        return None, at + 2
    found = reading.period(at + 1, "range")
    return None, found.end if found and found.cycle else at + 1


def _of(reading: Reading, at: int) -> _Found:
    """The trip of 2016."""
    return _plain(reading, at + 1, "of")


_EXPRESSIONS: Mapping[str, Callable[[Reading, int], _Found]] = {
    "since": _since,
    "before": _bound,
    "until": _bound,
    "up": _up_to,
    "after": _bound,
    "from": _between,
    "between": _between,
    "lead": _led,
    "of": _of,
    "every": _every,
}
