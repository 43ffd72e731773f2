"""The words of time, and a text read as a row of them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

Lexicon = Mapping[str, tuple[str, Any]]
"""What a word is, and what it means: `("month", 5)`."""


class Token(NamedTuple):
    """A word, a number or a mark.

    Attributes:
        kind: What it is to the grammar; "word" for all that has nothing to do with time.
        value: What it means: the number of a month, a count, the mark itself.
        word: The text in lower case, without a possessive 's.
        start: Where it begins.
        end: Where it ends.
        capital: Whether it is written with a capital.
    """

    kind: str
    value: Any
    word: str
    start: int
    end: int
    capital: bool


def lexicon(table: str) -> Lexicon:
    """Read a table of words: `kind value: word word` a line.

    Without a value the words mean their place, from 1 (those with a slash between them alike), or in the kinds of
    `_THEMSELVES` what they are. A value "2-5" is a pair.
    """
    read: dict[str, tuple[str, Any]] = {}
    for line in table.strip().splitlines():
        head, _, words = line.partition(":")
        kind, _, value = head.strip().partition(" ")
        for place, word in enumerate(words.split(), 1):
            for each in word.split("/"):
                read[each] = (kind, _value(value) if value else each if kind in _THEMSELVES else place)
    return read


def _value(text: str) -> Any:
    if text.lstrip("-").isdigit():
        return int(text)
    first, _, last = text.partition("-")
    return (int(first), int(last)) if last else text


_THEMSELVES = frozenset({"lead", "hours", "unit", "to", "mode", "season"})

ENGLISH = lexicon("""
    month: january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sept/sep october/oct november/nov december/dec
    weekday: monday tuesday wednesday thursday friday saturday sunday
    weekdays: mondays tuesdays wednesdays thursdays fridays saturdays sundays
    short_weekday: mon tue/tues wed thu/thur/thurs fri sat sun
    season: spring summer autumn winter
    season autumn: fall
    seasons spring: springs
    seasons summer: summers
    seasons autumn: autumns falls
    seasons winter: winters
    holiday: christmas xmas easter thanksgiving halloween valentine new boxing mother father memorial labor labour independence black cyber ash good st
    holidays: christmases easters thanksgivings halloweens
    unit: day week weekend fortnight month quarter year decade century
    units day: days nights
    units week: weeks
    units weekend: weekends
    units fortnight: fortnights
    units month: months
    units quarter: quarters
    units year: years
    units decade: decades
    brief 1: minute minutes min mins
    brief 60: hour hours
    hours: morning afternoon evening night noon lunchtime midnight
    near -1: yesterday
    near 0: today tonight
    near 1: tomorrow
    mode last: last previous
    mode past: past
    mode this: this these
    mode next: next coming upcoming
    recent: recent
    other: other
    part early: early
    part mid: mid
    part late: late
    part_of early: beginning start
    part_of mid: middle
    part_of late: end
    rest -1: earlier
    rest 1: later
    quarter: q1 q2 q3 q4
    half_year: h1 h2
    decade_word 1950: fifties
    decade_word 1960: sixties
    decade_word 1970: seventies
    decade_word 1980: eighties
    decade_word 1990: nineties
    count: one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    count 20: twenty
    count 30: thirty
    count 40: forty
    count 50: fifty
    article 1: a an
    half: half
    few 2-5: few several handful
    few 2-2: couple
    some 2-5: some
    nth: first second third fourth fifth sixth seventh eighth ninth tenth
    nth -1: final
    the: the
    of: of
    to: and to through
    or: or
    lead: in on at during over by around about throughout within for
    since: since
    before: before prior
    up: up
    until: until till
    after: after
    from: from
    between: between
    ago: ago back
    now: now
    every: every each any per most
    ahead: will won't shall gonna plan plans planning hope hopes hoping booked scheduled
    by_then: due deadline
    did: did was were had went lived stayed worked used ran read made got took came lost won wrote built saw finished learned grew been
""")

_HOLIDAYS: dict[str, tuple[tuple[tuple[str, ...], str, bool], ...]] = {
    "christmas": ((("eve",), "christmas eve", True), (("day",), "christmas", True), ((), "christmas", False)),
    "xmas": (((), "christmas", False),),
    "easter": (
        (("sunday",), "easter", True),
        (("monday",), "easter monday", True),
        ((), "easter", False),
    ),
    "thanksgiving": ((("day",), "thanksgiving", True), ((), "thanksgiving", False)),
    "halloween": (((), "halloween", False),),
    "valentine": ((("day",), "valentine's day", True),),
    "new": (
        (("year", "eve"), "new year's eve", True),
        (("year", "day"), "new year", True),
        (("year",), "new year", False),
    ),
    "boxing": ((("day",), "boxing day", True),),
    "mother": ((("day",), "mother's day", True),),
    "father": ((("day",), "father's day", True),),
    "memorial": ((("day",), "memorial day", True),),
    "labor": ((("day",), "labor day", True),),
    "labour": ((("day",), "labor day", True),),
    "independence": ((("day",), "independence day", True),),
    "st": ((("patrick", "day"), "st patrick's day", True),),
    "black": ((("friday",), "black friday", True),),
    "cyber": ((("monday",), "cyber monday", True),),
    "ash": ((("wednesday",), "ash wednesday", True),),
    "good": ((("friday",), "good friday", True),),
    "christmases": (((), "christmas", False),),
    "easters": (((), "easter", False),),
    "thanksgivings": (((), "thanksgiving", False),),
    "halloweens": (((), "halloween", False),),
}

_TOKEN = re.compile(
    r"(?P<number>\d(?:[\w%]|['’](?=s\b)|[.:/–-](?=\d)|,(?=\d{3}(?!\d)))*)"  # noqa: RUF001 - people write ranges with a dash
    r"|(?P<word>[^\W\d_]\w*(?:['’]\w+)*)|(?P<year>['’]\d\d(?![\w'’]))|(?P<mark>[^\w\s]|\n)"  # noqa: RUF001
)
_CLINGING = frozenset("@#$€£_/\\.")
_NUMBER = re.compile(
    r"(?P<iso>(\d{4})[-/](\d\d?)[-/](\d\d?)(?:T[\d:]+Z?)?)"
    r"|(?P<short>(\d\d?)(?P<sign>[/.-])(\d\d?)(?P=sign)(\d{4}|\d\d))"
    r"|(?P<iso_month>(\d{4})-(0[1-9]|1[0-2]))"
    r"|(?P<month_year>(0?[1-9]|1[0-2])/(\d{4}))"
    r"|(?P<decade>((?:1[89]|20)?\d0)['’]?s)"  # noqa: RUF001
    r"|(?P<ordinal>(\d\d?)(?:st|nd|rd|th|er|º|ª))"
    r"|(?P<range>(\d{4}|\d\d?)(?:st|nd|rd|th)?[-–/](\d{4}|\d\d?)(?:st|nd|rd|th)?)"  # noqa: RUF001
    r"|(?P<plain>\d{1,4})"
)


def read_words(text: str, words: Lexicon = ENGLISH) -> list[Token]:
    """Read `text` as tokens, followed by three of the kind "end"; a word that `words` lacks is of the kind "word"."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        raw = match[0]
        if match.lastgroup == "word":
            word = raw.lower()
            kind, value = words.get(word) or _without_possessive(word, words)
            if kind != "word" and _clings(text, start, end):
                kind = "word"
            tokens.append(Token(kind, value, word, start, end, raw[0].isupper()))
        elif match.lastgroup == "mark":
            tokens.append(Token("mark", raw, raw, start, end, False))
        elif match.lastgroup == "year":
            number = int(raw[1:])
            tokens.append(Token("year", number + (2000 if number < 50 else 1900), raw, start, end, False))
        elif _clings(text, start, end):
            tokens.append(Token("word", None, raw, start, end, False))
        else:
            tokens.extend(_numbers(raw, start, end))
    tokens.extend([Token("end", None, "", len(text), len(text), False)] * 3)
    return tokens


def _without_possessive(word: str, words: Lexicon) -> tuple[str, Any]:
    base = word.replace("’", "'").partition("'")  # noqa: RUF001 - both are written
    if base[2] == "ll":
        return "ahead", None
    return words.get(base[0], ("word", None)) if base[2] == "s" else ("word", None)


def _clings(text: str, start: int, end: int) -> bool:
    """Whether it is a part of an address, an amount of money or a name with signs in it."""
    return (start > 0 and text[start - 1] in _CLINGING) or text[end : end + 1] in ("@", "_", "\\")


def _numbers(raw: str, start: int, end: int) -> Iterator[Token]:
    match = _NUMBER.fullmatch(raw)
    groups = [group for group in match.groups() if group is not None][1:] if match else []
    for kind, value in _MAKERS[(match and match.lastgroup) or ""](groups, raw):
        yield Token(kind, value, raw, start, end, False)


def _iso(groups: Sequence[str], _: str) -> list[tuple[str, Any]]:
    return _date(*map(int, groups[:3]))


def _short(groups: Sequence[str], _: str) -> list[tuple[str, Any]]:
    first, sign, second, year = int(groups[0]), groups[1], int(groups[2]), int(groups[3])
    if len(groups[3]) == 2:
        if sign == ".":
            return [("word", None)]  # a version number, more often than a date
        year += 2000 if year < 50 else 1900
    if sign == "." or first > 12:
        return _date(year, second, first)
    return _date(year, first, second)


def _date(year: int, month: int, day: int) -> list[tuple[str, Any]]:
    try:
        return [("date", date(year, month, day))]
    except ValueError:
        return [("word", None)]


def _range(groups: Sequence[str], raw: str) -> list[tuple[str, Any]]:
    first, last = groups[0], groups[1]
    if len(first) == 4 and len(last) == 2:
        last = first[:2] + last
    if len(last) == 4 and len(first) != 4:
        return [("word", None)]
    kind = "number" if len(first) < 4 else "year_number"
    if len(first) < 4 and "/" in raw:
        return [("word", None)]
    return [(kind, int(first)), ("to", "-"), (kind, int(last))]


def _decade(groups: Sequence[str], _: str) -> list[tuple[str, Any]]:
    first = int(groups[0])
    return [("decade", first)] if first > 99 else [("short_decade", first + (1900 if first >= 30 else 2000))]


def _plain(_: Sequence[str], raw: str) -> list[tuple[str, Any]]:
    number = int(raw)
    return [("year_number" if len(raw) == 4 and 1800 <= number < 2100 else "number", number)]


_MAKERS: Mapping[str, Callable[[Sequence[str], str], list[tuple[str, Any]]]] = {
    "iso": _iso,
    "short": _short,
    "iso_month": lambda groups, _: [("month_year", (int(groups[1]), int(groups[0])))],
    "month_year": lambda groups, _: [("month_year", (int(groups[0]), int(groups[1])))],
    "decade": _decade,
    "ordinal": lambda groups, _: [("ordinal", int(groups[0]))],
    "range": _range,
    "plain": _plain,
    "": lambda groups, raw: [("word", None)],
}


def holiday_at(tokens: Sequence[Token], at: int) -> tuple[str, int, bool] | None:
    """Return the holiday named at `at`, where its name ends, and whether that name means nothing else."""
    if isinstance(tokens[at].value, str):
        return tokens[at].value, at + 1, False
    for rest, name, sure in _HOLIDAYS.get(_base(tokens[at].word), ()):
        if tuple(_base(token.word) for token in tokens[at + 1 : at + 1 + len(rest)]) == rest:
            return name, at + 1 + len(rest), sure
    return None


def _base(word: str) -> str:
    return word.replace("’", "'").removesuffix("'s")  # noqa: RUF001 - both are written
