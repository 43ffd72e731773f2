"""What a question asks of time: dates, the latest or the first, the present, before or after something told of."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal

from duramen.language.dates import LONGEST_TEXT, WORDS, FoundDate, PlacedDate, placed_dates

Order = Literal["latest", "earliest"]
Relation = Literal["before", "after", "since", "during"]

MOST_EVENTS = 2
LONGEST_EVENT = 80
"""Characters of the words of an event; a longer clause tells more than when it was."""


@dataclass(frozen=True, slots=True)
class EventAnchor:
    """Something that was told of, by which a question says when.

    Attributes:
        relation: What is asked for lies before it, after it, after it up to now, or within it.
        text: Its words: "the wedding", "she moved to Lisbon".
    """

    relation: Relation
    text: str


@dataclass(frozen=True, slots=True)
class TimeIntent:
    """What a question asks of time.

    Attributes:
        dates: The stretches of time that it names.
        order: Whether it asks for the latest or for the earliest.
        current: Whether it asks how things are now.
        events: What it asks to come before, after or within.
    """

    dates: tuple[FoundDate, ...] = ()
    order: Order | None = None
    current: bool = False
    events: tuple[EventAnchor, ...] = ()

    def __bool__(self) -> bool:
        """Whether it asks anything of time."""
        return bool(self.dates or self.order or self.current or self.events)

    def describe(self) -> str:
        """Say it in words: "2023-05-15 to 2023-05-22; latest"; empty if it asks nothing of time."""
        said = [*map(str, self.dates), *(f'{event.relation} "{event.text}"' for event in self.events)]
        said += [self.order] if self.order else []
        return "; ".join([*said, "now"] if self.current else said)


# A look at the words of a query says whether any of the patterns below can match.
_ORDER_WORDS = frozenset(
    "last latest newest recent recently first earliest original originally initially".split()  # noqa: SIM905
)
_NOW_WORDS = frozenset(
    ["now", "currently", "current", "nowadays", "these", "moment", "present", "presently", "lately", "recently", "still", "anymore", "longer", "today", "is", "are", "am", "does", "do", "s"]
)  # fmt: skip
_EVENT_WORDS = frozenset({"before", "after", "since", "during", "while", "prior", "until", "till"})

_UNITS = r"(?:day|night|morning|afternoon|evening|week|weekend|month|quarter|season|term|semester|year|decade|century|minute|hour)s?"
_NO_LAST = rf"(?:names?|minute|straw|resort|words?|chance|supper|call|but|one|ones|of|to|in|at|for|and|or|{_UNITS}|few|couple|several)"
_NO_FIRST = (
    r"(?:names?|glance|sight|place|aid|class|floor|lady|grade|persons?|hand|impressions?|language|world|of|half|"
    r"responders?|degree|to|in|at|and|or|come|cousins?|day|week|month|year)"
)
_DID = r"(?:did|does|do|has|have|had|was|were|is)"
_LATEST = re.compile(
    r"\b(?:most\s+recent(?:ly)?|latest|newest)\b"
    rf"|\b(?:the|my|your|his|her|their|our|its|'s)\s+last\s+(?!{_NO_LAST}\b)[a-z]"
    rf"|\b{_DID}\b[^.?!,]{{1,60}}\blast\s+(?!{_NO_LAST}\b)[a-z]"
    rf"|\bwhen\s+{_DID}\b[^.?!,]{{1,60}}\blast\s*[?]",
    re.IGNORECASE,
)
_EARLIEST = re.compile(
    r"\bearliest\b|\boriginally\b|\binitially\b|\bthe\s+original\b"
    rf"|\b(?:the|my|your|his|her|their|our|its|'s)\s+(?:very\s+)?first\s+(?!{_NO_FIRST}\b)[a-z]"
    rf"|\b{_DID}\b[^.?!,]{{1,60}}\bfirst\s+(?!{_NO_FIRST}\b)[a-z]"
    rf"|\bwhen\s+{_DID}\b[^.?!,]{{1,60}}\bfirst\s*[?]",
    re.IGNORECASE,
)

_NOW = re.compile(
    r"\b(?:currently|nowadays|presently|lately|recently|these\s+days|at\s+the\s+moment|at\s+present|right\s+now|as\s+of\s+now"
    r"|up[\s-]to[\s-]date|my\s+current|the\s+current|\w+'s\s+current|(?:his|her|their|your|our)\s+current)\b"
    r"|(?<!by )(?<!until )(?<!from )(?<!till )\bnow\b(?!\s+that\b)"
    r"|\b(?:do|does|is|are|am|has|have)\b[^.?!]{1,40}\bstill\b(?!\s+(?:life|lifes|water))"
    r"|\b(?:anymore|any\s+longer|no\s+longer)\b"
    r"|\b(?:do|does|is|are|am)\b[^.?!]{1,40}\btoday\b",
    re.IGNORECASE,
)
_WHOSE = r"(?:my|your|his|her|their|our|\w+(?:'s|s'))"
_ONE = r"(?:(?:the|my|your|his|her|their|our)\s+)?[\w'-]+(?:\s+[\w'-]+){0,2}?"
_RELATIVES = (
    r"(?:boss|manager|supervisor|partner|boyfriend|girlfriend|husband|wife|spouse|fianc[eé]e?|roommate|flatmate|landlord"
    r"|teacher|coach|doctor|dentist|therapist|mentor|employer|assistant|contact|accountant|lawyer|best\s+friend)"
)
_STATES = (
    r"(?:job|occupation|profession|role|position|title|employer|company|address|phone|phone\s+number|number|e-?mail"
    r"|salary|rent|status|plan|diet|schedule|timezone|time\s+zone|weight|age|major|budget|deadline|subscription)"
)
_STATE = re.compile(
    rf"\bwhere\s+(?:do|does)\s+{_ONE}\s+(?:live|work|study|teach|stay|volunteer|reside)\b"
    rf"|\bwhere\s+(?:is|are|am)\s+{_ONE}\s+(?:living|working|studying|teaching|staying|based|employed)\b"
    rf"|\bwho(?:\s+is|\s+are|'s)\s+{_WHOSE}\s+(?:\w+\s+)?{_RELATIVES}\b"
    rf"|\bwho\s+is\s+{_ONE}\s+(?:dating|seeing|married\s+to|engaged\s+to|living\s+with|working\s+(?:for|with))"
    rf"|\bwho\s+(?:do|does)\s+{_ONE}\s+(?:live\s+with|work\s+(?:for|with)|report\s+to)\b"
    rf"|\bwhat(?:\s+is|\s+are|'s)\s+{_WHOSE}\s+(?:\w+\s+)?{_STATES}\b"
    rf"|\bwhat\s+(?:do|does)\s+{_ONE}\s+do\s+for\s+(?:a\s+living|work)\b"
    rf"|\bhow\s+old\s+(?:is|are|am)\b"
    rf"|\b(?:which|what)\s+(?:company|city|country|town|school|university|team)\s+(?:do|does|is|are)\b"
    rf"|^\W*(?:is|are|am)\s+{_ONE}\s+(?:married|single|employed|unemployed|retired|pregnant|engaged|vegetarian|vegan)\b",
    re.IGNORECASE,
)

_EVENT = re.compile(
    r"\b(?P<relation>before|prior\s+to|after|since|during|while|until|till)\s+(?P<words>[^.?!,;:\n]+)", re.IGNORECASE
)
_RELATIONS: dict[str, Relation] = {
    "before": "before", "prior": "before", "until": "before", "till": "before", "after": "after", "since": "since",
    "during": "during", "while": "during",
}  # fmt: skip
_IDIOM = re.compile(
    r"(?:all|long|that|this|it|then|now|which|when|what|me|you|him|her|us|them|hours|hand|ever|work|school|class|lunch|dinner"
    r"|breakfast|bed|dark|midnight|noon|a\s+while|the\s+fact|and|or|birth)\s*$",
    re.IGNORECASE,
)
_CARED_FOR = re.compile(
    r"\b(?:look|looks|looked|looking|named|takes?|took|day|week|year|night|ever|one)\s+$", re.IGNORECASE
)
_ASKS_ON = re.compile(
    r"\s+(?:and\s+)?(?:what|who|whom|where|when|which|why|how)\b.*$|\s+(?:and\s+|or\s+)?(?:did|does|do)\s+\w+.*$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"\b(?:he|she|they|we|i|it|you|was|were|had|went|got|moved|came|left|began|met|took|bought|\w{2,}ed)\b",
    re.IGNORECASE,
)


def read_time(text: str, anchor: datetime) -> TimeIntent:
    """Read what a question asks of time.

    Args:
        text: The question; only its first 2 000 characters are read. What is asked of order, of now and of events is
            understood in English.
        anchor: When it is asked, with a time zone.

    Returns:
        What was understood; false if that is nothing. "The last week" and "her first name" ask for no order, and what
        names a date of the past does not ask for now. A date in a clause belongs to the clause: "after she moved in 2019"
        names an event, and no date.

    Example:
        >>> from datetime import datetime, timezone
        >>> read_time("What did Ada last read before the trip to Rome?", datetime(2023, 5, 24, tzinfo=timezone.utc))
        TimeIntent(dates=(), order='latest', current=False, events=(EventAnchor(relation='before', text='the trip to Rome'),))
    """
    text = text[:LONGEST_TEXT]
    words = WORDS.findall(text.lower())
    dates = placed_dates(text, anchor, words)
    known = set(words)
    if known.isdisjoint(_ORDER_WORDS) and known.isdisjoint(_NOW_WORDS) and known.isdisjoint(_EVENT_WORDS):
        return TimeIntent(tuple(placed.found for placed in dates))
    plain = text.replace("\u2019", "'")
    order = None if known.isdisjoint(_ORDER_WORDS) else _order(plain, dates)
    events = () if known.isdisjoint(_EVENT_WORDS) else tuple(islice(_events(plain, dates), MOST_EVENTS))
    current = not order and not known.isdisjoint(_NOW_WORDS) and _current(plain, dates, anchor)
    return TimeIntent(tuple(one.found for one in dates if not _told_in(one, events)), order, current, events)


def _told_in(date: PlacedDate, events: Sequence[EventAnchor]) -> bool:
    return any(date.found.text in event.text for event in events)


def _order(text: str, dates: Sequence[PlacedDate]) -> Order | None:
    latest, earliest = _outside(_LATEST, text, dates), _outside(_EARLIEST, text, dates)
    if latest == earliest:
        return None  # neither, or "the first and the last"
    return "latest" if latest else "earliest"


def _outside(pattern: re.Pattern[str], text: str, dates: Sequence[PlacedDate]) -> bool:
    """Whether the pattern matches somewhere that is not the word of a date, as "the last two weeks"."""
    return any(
        not any(date.start < match.end() <= date.end or match.start() <= date.start < match.end() for date in dates)
        for match in pattern.finditer(text)
    )


def _current(text: str, dates: Sequence[PlacedDate], anchor: datetime) -> bool:
    if any(date.found.end <= anchor or date.found.start > anchor for date in dates):
        return False
    return bool(_NOW.search(text) or _STATE.search(text))


def _events(text: str, dates: Sequence[PlacedDate]) -> Iterator[EventAnchor]:
    for match in _EVENT.finditer(text):
        start, end = match.span("words")
        if any(date.start <= match.start() < date.end or start <= date.start <= start + 4 for date in dates):
            continue
        words = _ASKS_ON.sub("", text[start:end])
        inside = [date for date in dates if start <= date.start < start + len(words)]
        if inside and not _CLAUSE.search(words):
            words = re.sub(r"\s+(?:in|on|at|of|for|from|during|over)?\s*$", "", words[: inside[0].start - start])
        words = words.strip()
        if 3 <= len(words) <= LONGEST_EVENT and not _IDIOM.fullmatch(words) and not _spoken(text, match.start()):
            yield EventAnchor(_RELATIONS[match["relation"].lower().split()[0]], words)


def _spoken(text: str, at: int) -> bool:
    return bool(_CARED_FOR.search(text, 0, at))
