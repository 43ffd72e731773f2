"""What reading words of time stands on: the tokens, today, and the readers that call each other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from duramen.language.calendar_spans import Cycle, Span, day, unit_of, units_from
from duramen.language.time_words import Token

Reader = Callable[["Reading", int, str], "Period | None"]

_ENDS = frozenset(".!?\n")
_BINDS = {"year": frozenset({"month", "season", "holiday", "number", "ordinal"}), "week": frozenset({"weekday"})}
_DEEPEST = 8
_BEGINS = frozenset({"beginning", "starting", "commencing"})
SIZES = ("day", "weekend", "week", "fortnight", "month", "quarter", "season", "half", "year", "decade", "century")


class Period(NamedTuple):
    """One stretch of time that was read.

    Attributes:
        span: Which one; None if it comes again and nothing says which.
        cycle: What comes again, then.
        unit: How long it is.
        end: The place of the first token after it.
    """

    span: Span | None
    cycle: Cycle | None
    unit: str
    end: int


class Amount(NamedTuple):
    """How many: at least and at most, "and a half", and the place of the first token after."""

    least: int
    most: int
    half: bool
    end: int


class Reading:
    """One text that is read.

    The readers take the place of a token and the word that leads to it ("in", "since"; empty if there is none, and
    then "may" is no month), and return what is named from there on, or None. A place before the first token, and up
    to three after the last word, is a token of the kind "end".
    """

    def __init__(
        self, tokens: Sequence[Token], anchor: datetime, readers: Mapping[str, Reader], *, foreign: bool = False
    ) -> None:
        self.tokens = tokens
        self.anchor = anchor
        self.today: date = anchor.date()
        self.foreign = foreign
        self._readers = readers
        self._ahead: dict[int, bool] = {}
        self._depth = 0

    def one(self, at: int, lead: str = "") -> Period | None:
        """Read a period; None where it is wrapped into more others than anybody says."""
        reader = self._readers.get(self.tokens[at].kind)
        if reader is None or self._depth == _DEEPEST:
            return None
        self._depth += 1
        try:
            return reader(self, at, lead)
        finally:
            self._depth -= 1

    def period(self, at: int, lead: str = "") -> Period | None:
        """Read a period, with what it holds behind it: "last year in March", "last week on Tuesday"."""
        found = self.one(at, lead)
        binds = _BINDS.get(found.unit) if found else None
        if found is None or found.span is None or binds is None:
            return found
        after = self.skip(found.end, "lead", ",")
        inner = self.one(after, "range") if self.tokens[after].kind in binds else None
        if inner is None or inner.cycle is None:
            return found
        return made(inner.cycle, inner.cycle.number(found.span[0]), inner.unit, inner.end) or found

    def settled(self, found: Period, at: int) -> Span | None:
        """Return the span of what was read at `at`: the latest of a cycle, or the coming one in a sentence ahead."""
        if found.cycle is None:
            return found.span
        return found.cycle.coming(self.today) if self.ahead(at) else found.cycle.begun(self.today)

    def ahead(self, at: int) -> bool:
        """Whether the sentence around the token looks ahead."""
        first = at
        while first and self.tokens[first - 1].word not in _ENDS:
            first -= 1
        if first not in self._ahead:
            last = at
            while self.tokens[last].kind != "end" and self.tokens[last].word not in _ENDS:
                last += 1
            self._ahead[first] = _looks_ahead(self.tokens[first : last + 1])
        return self._ahead[first]

    def kind(self, at: int) -> str:
        """The kind of the token; "end" before the first."""
        return self.tokens[at].kind if at >= 0 else "end"

    def skip(self, at: int, *kinds: str) -> int:
        """The next place if the token is of one of the kinds, or one of the marks; else this one."""
        token = self.tokens[at]
        return at + 1 if token.kind in kinds or (token.kind == "mark" and token.word in kinds) else at

    def amount(self, at: int) -> Amount | None:
        """Read how many: "a", "two", "2-3", "a couple of", "two and a half", "half a"."""
        token = self.tokens[at]
        if token.kind == "half":
            return Amount(0, 0, True, at + 2) if self.kind(at + 1) == "article" else None
        if token.kind == "article" and self.kind(at + 1) == "few":
            at, token = at + 1, self.tokens[at + 1]
        if token.kind == "few":
            return Amount(token.value[0], token.value[1], False, self.skip(at + 1, "of"))
        if token.kind not in ("number", "count", "article"):
            return None
        least, end = self._whole(at)
        most = least
        if self.kind(end) in ("or", "to") and self.kind(end + 1) in ("number", "count"):
            most, end = self._whole(end + 1)
        half = [each.kind for each in self.tokens[end : end + 3]] == ["to", "article", "half"]
        return Amount(least, max(least, most), half, end + 3 * half)

    def _whole(self, at: int) -> tuple[int, int]:
        value, after = int(self.tokens[at].value), self.skip(at + 1, "-")
        tail = self.tokens[after]
        if self.kind(at) == "count" and value >= 20 and tail.kind == "count" and tail.value < 10:
            return value + int(tail.value), after + 1
        return value, at + 1


def fixed(span: Span | None, unit: str, end: int) -> Period | None:
    """A period that is known, or None if there is no span."""
    return Period(span, None, unit, end) if span else None


def made(cycle: Cycle, number: int, unit: str, end: int) -> Period | None:
    """The one of a cycle with that number, or None if there is none, as on 29 February."""
    try:
        return Period(cycle.make(number), None, unit, end)
    except (ValueError, OverflowError):
        return None


def mapped(base: Period, make: Callable[[Span], Span | None], unit: str) -> Period | None:
    """What lies at `base` by the rule of `make`; what comes again if `base` does."""
    cycle = base.cycle
    if cycle is None:
        return fixed(make(base.span) if base.span else None, unit, base.end)

    def of(number: int) -> Span:
        span = make(cycle.make(number))
        if span is None:
            raise ValueError(f"there is none in {number}")
        return span

    return Period(None, Cycle(cycle.every, of, unit), unit, base.end)


def beside(reading: Reading, at: int, cycle: Cycle | None, unit: str) -> Period | None:
    """Read what lies before, after or around something: the week of 5 June, the Sunday before Easter.

    The place is that of "before", "after" or "of". What is looked for is one of `cycle`, if given, else a `unit`.
    """
    side = "of" if reading.tokens[at].word in _BEGINS else reading.kind(at)
    if side not in ("before", "after", "of"):
        return None
    base = reading.period(at + 1, "range")
    if base is None:
        return _before_last(reading, at, cycle, unit)
    if side == "of":
        return _around(base, cycle, unit)
    before = side == "before"

    def make(span: Span) -> Span | None:
        if cycle is not None:
            return cycle.ago(span[0]) if before else cycle.after(span[1])
        if unit == "day":
            return day(span[0] - timedelta(days=1) if before else span[1])
        return units_from(span[0], unit, *((-1, -1) if before else (1, 1)))

    return mapped(base, make, unit)


def _before_last(reading: Reading, at: int, cycle: Cycle | None, unit: str) -> Period | None:
    """The week before last, the summer before last, the Monday after next."""
    sides = (reading.kind(at), reading.tokens[at + 1].value)
    if sides not in (("before", "last"), ("after", "next")) or reading.kind(at + 2) in ("unit", "word"):
        return None
    step = -2 if sides[0] == "before" else 2
    if cycle is None:
        return fixed(units_from(reading.today, unit, step, step), unit, at + 2)
    return fixed(cycle.ago(reading.today, 2) if step < 0 else cycle.ahead(reading.today, 2), unit, at + 2)


def _around(base: Period, cycle: Cycle | None, unit: str) -> Period | None:
    if base.unit == unit and cycle is None:
        return base
    if SIZES.index(base.unit) > SIZES.index("week" if cycle else unit):
        return None
    if cycle is None:
        return mapped(base, lambda span: unit_of(unit, span[0]), unit)
    if cycle.every != "week":
        return None
    return mapped(base, lambda span: cycle.make(cycle.number(span[0])), unit)


def _looks_ahead(sentence: Sequence[Token]) -> bool:
    words = {token.word for token in sentence}
    if any(token.kind == "ahead" or (token.kind == "near" and token.value > 0) for token in sentence):
        return True
    if not words.isdisjoint(_LOOKS) and _phrase(sentence):
        return True
    until = any(token.kind == "until" for token in sentence) and not words.isdisjoint(_WHO)
    due = until or any(token.kind == "by_then" for token in sentence) or _by_a_day(sentence)
    return due and not any(token.kind == "did" or token.word.endswith("ed") for token in sentence)


_LOOKS = frozenset("next coming upcoming going looking wait".split()) | {  # noqa: SIM905 - a row of words
    *("meeting", "leaving", "flying", "visiting", "moving", "starting", "seeing", "travelling", "traveling"),
    *("returning", "arriving", "planned"),
}
_PHRASES = frozenset(
    {("going", "to"), ("looking", "forward"), ("can't", "wait"), ("planned", "for"), ("is", "planned")}
)
_BE = frozenset("i'm am are is we're you're they're he's she's".split())  # noqa: SIM905 - a row of words
_WHO = _BE | frozenset("i we you he she they it it's i'll".split())  # noqa: SIM905


def _phrase(sentence: Sequence[Token]) -> bool:
    for first, second in zip(sentence, sentence[1:]):  # noqa: B905, RUF007 - the shorter one ends it
        if first.kind == "mode" and first.value == "next" and second.word != "to":
            return True
        pair = (first.word.replace("’", "'"), second.word)  # noqa: RUF001 - both are written
        if pair in _PHRASES or (pair[0] in _BE and pair[1] in _LOOKS):
            return True
    return False


def _by_a_day(sentence: Iterable[Token]) -> bool:
    """Whether something is to be done "by Friday"."""
    before = ""
    for token in sentence:
        if token.kind != "the":
            if before == "by" and token.kind in ("month", "weekday", "number", "ordinal", "date"):
                return True
            before = token.word
    return False
