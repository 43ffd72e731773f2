"""Statements: a plain text taken apart, without its dates, into words that count and how they stand to each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from duramen.jobs.consolidation_phrases import DATE, MARKS, NUMBERS
from duramen.jobs.consolidation_words import (
    DENYING,
    LIGHT,
    ONLY_ONE,
    PREPOSITIONS,
    base,
    irregular,
    is_known,
    is_verb,
    words_of,
)
from duramen.language.dates import FoundDate

Sort = Literal["word", "name", "number", "clock", "weekday"]
Tense = Literal["past", "perfect", "present", "future"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word that counts.

    Attributes:
        term: Its meaning; equal terms mean the same.
        before: The preposition that its phrase stands behind, or "".
        subject: Whether it stands before the verb.
        aside: Whether it stands in a part that gives a reason.
        old: Whether it is told to be over: "no longer in Porto", "from Slack to", "rather than green".
    """

    term: str
    sort: Sort
    before: str = ""
    subject: bool = False
    aside: bool = False
    old: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """A text as it is compared.

    Attributes:
        words: Those that count, in order.
        heads: What its subject is: `sister` in "Ada's sister", both names in "Noor and Idris"; empty if there is none.
        verb: The meaning of its first verb, or "".
        marks: Of change; see `consolidation_phrases.MARKS`.
        denied: Whether it says that something is not so.
        copula: Its verb is "is", and says what something is. `definite`: the only one of its sort.
        unsure: Whether it says only that something may be so.
        dates: When it was, those of "since …" apart, in `since`.
        english: Whether it can be read at all; of other languages only the words are compared.
    """

    words: tuple[Word, ...] = ()
    heads: frozenset[str] = frozenset()
    verb: str = ""
    tense: Tense = "present"
    marks: frozenset[str] = frozenset()
    denied: bool = False
    unsure: bool = False
    copula: bool = False
    definite: bool = False
    dates: tuple[FoundDate, ...] = ()
    since: FoundDate | None = None
    english: bool = True

    @property
    def terms(self) -> frozenset[str]:
        """All its terms."""
        return frozenset(word.term for word in self.words)

    @property
    def subject(self) -> frozenset[str]:
        """The terms before its verb."""
        return frozenset(word.term for word in self.words if word.subject)


@dataclass(frozen=True, slots=True)
class _Token:
    """A word as written, and in lower case; `own` if it is a possessive."""

    text: str
    low: str
    own: bool

    @property
    def named(self) -> bool:
        return self.text[0].isupper()


_TOKEN = re.compile(r"xclock[\d:]+|\d+(?:[.,]\d+)*(?![^\W_])|[^\W_]+(?:['.&@:/-][^\W_]+)*(?:'|\+\+?|#)?|[,;.]")
_WEEKDAY = re.compile(r"(mon|tue|wedne|thur|fri|satur|sun)s?days?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_JOINT = re.compile(r"[-/]")

_UNSURE = words_of("might may could would should perhaps maybe probably possibly if unless whether If Maybe Perhaps")
_FILLERS = words_of("not also xnow still already just never always actually again both all then soon")
_BE = words_of("is are am was were be been being")
_AUXILIARIES = _BE | words_of("has have had will would can could may might must should shall does do did")
_ME = words_of("i me my mine myself we our us ours")
_DETERMINERS = words_of("the a an his her their its my our your this that these those every each some")
_PRONOUNS = words_of("user i we he she they you")
_BEFORE_PLURALS = words_of("i we you they and")
_STARTS_OLD = words_of("xold xstop xlose xleave xcancel")
_ENDS_OLD = words_of("to but xbecause so for with by since after when while xdate xnow xold will is are has have . ;")
_ENDS_CLAUSE = words_of("but ; xbecause although though")
_ASIDE = words_of("xbecause so although though")
_SKIPPED = MARKS | PREPOSITIONS | DENYING | {DATE, "xold", "xbecause", ",", ";", "."}


def parsed(text: str, holder: str) -> Statement:
    """Take a text apart that `with_marks` made plain; `holder` is whom "I" means."""
    tokens = [_token(word) for word in _TOKEN.findall(text)]
    name = holder.casefold().split()[0] if holder.split() else "user"
    return _Parser(tokens, name, _main_verb(tokens)).statement()


def _token(text: str) -> _Token:
    low = text.casefold()
    own = low.endswith(("'s", "s'"))
    return _Token(text, low.removesuffix("'s").removesuffix("'") if own else low, own)


def _main_verb(tokens: Sequence[_Token]) -> int:
    """Return the place of the first verb; the number of tokens if there is none."""
    for place, token in enumerate(tokens):
        low = token.low
        if low in _AUXILIARIES or low in DENYING or (low in MARKS and low != "xnow"):
            return place
        if _may_be_verb(tokens, place) if place else _begins_with_verb(tokens):
            return place
    for place, token in enumerate(tokens[2:], start=2):
        before = tokens[place - 1]
        free = not before.own and before.low not in _DETERMINERS | PREPOSITIONS
        plural = before.low.endswith("s") and tokens[0].low in _DETERMINERS
        if free and not token.own and (plural or token.low.endswith(("s", "ed"))):
            return place
    return len(tokens)


def _begins_with_verb(tokens: Sequence[_Token]) -> bool:
    """Tell whether a text has no subject: "Prefers trains to planes"."""
    low = tokens[0].low
    following = tokens[1].low if len(tokens) > 1 else ""
    if low in _DETERMINERS or low in _ME or not is_verb(low) or not low.endswith(("s", "ed")):
        return False
    return following not in _AUXILIARIES and (following.endswith("s") or not is_verb(following))


def _may_be_verb(tokens: Sequence[_Token], place: int) -> bool:
    token, before = tokens[place], tokens[place - 1]
    low = token.low
    if token.own or token.named or before.own or before.low in _DETERMINERS | PREPOSITIONS:
        return False
    if before.low in _PRONOUNS:
        return is_verb(low) or (low.endswith("s") and low not in LIGHT)
    if not is_verb(low):
        return before.named and low.endswith("s") and low not in LIGHT
    finite = low.endswith(("s", "ed")) or irregular(low) is not None
    return finite or before.low in _BEFORE_PLURALS or before.low.endswith("s")


@dataclass(frozen=True, slots=True)
class _Parser:
    """Makes a statement of tokens.

    Attributes:
        holder: Whom "I" means.
        verb: The place of the first verb.
    """

    tokens: Sequence[_Token]
    holder: str
    verb: int

    def statement(self) -> Statement:
        words = tuple(self._words())
        if self.verb == 0:
            words = (Word(self.holder, "name", subject=True), *words)
        lows = [token.low for token in self.tokens]
        rest = lows[self.verb :]
        verb, copula = _meaning(rest)
        after = next((place for place, low in enumerate(rest) if low not in _AUXILIARIES | _FILLERS), len(rest))
        definite = copula and self._is_the_one(self.tokens[self.verb + after :])
        marks = MARKS.intersection(lows)
        return Statement(
            words=words,
            heads=self._heads() or frozenset(word.term for word in words if word.subject),
            verb=verb,
            tense=_tense(rest),
            marks=marks | {"xnow"} if definite and "new" in rest else marks,
            denied=not DENYING.isdisjoint(self._first_clause()),
            unsure=not _UNSURE.isdisjoint(token.text for token in self.tokens),
            copula=copula,
            definite=definite,
        )

    def _first_clause(self) -> list[str]:
        """Return the words up to where something else is told: "was in an accident but was not hurt"."""
        lows = [token.low for token in self.tokens]
        for place in range(self.verb + 1, len(lows)):
            if lows[place] in _ENDS_CLAUSE or (lows[place] == "and" and self._clause(place)):
                return lows[:place]
        return lows

    def _heads(self) -> frozenset[str]:
        """Return the last word of the subject that no preposition stands before, or all names of a row."""
        named: list[str] = []
        last, noun = "", ""
        for token in self.tokens[: self.verb]:
            if token.low in PREPOSITIONS:
                break
            if token.own or token.low in MARKS or (token.low in LIGHT and token.low not in _ME):
                continue
            term = self._term(token.low)
            if token.named and token.low not in _DETERMINERS:
                named += [noun, term] if noun and last == noun else [term]
            else:
                noun = term
            last = term
        return frozenset(named if last in named else [last] if last else [])

    def _is_the_one(self, tokens: Sequence[_Token]) -> bool:
        """Tell whether a thing is what there is one of: "the caretaker", "Ola's wife"."""
        if not tokens or tokens[0].low == "the":
            return bool(tokens)
        owned = [place for place, token in enumerate(tokens[:3]) if token.own]
        return any(self._term(token.low) in ONLY_ONE for place in owned for token in tokens[place + 1 : place + 3])

    def _words(self) -> Iterator[Word]:
        over = list(self._over())
        before, aside = "", False
        for place, token in enumerate(self.tokens):
            low = token.low
            aside = low not in (";", ".") and (aside or low in _ASIDE)
            if low in PREPOSITIONS:
                before = low
            elif place == self.verb or low in (";", ".", "but"):
                before = ""
            for part in _parts(low):
                term = self._term(part)
                yield Word(term, _sort(token, part), before, place < self.verb, aside, over[place])

    def _over(self) -> Iterator[bool]:
        """Say of each token whether it is told to be over."""
        over = changed = stopped = False
        for place, token in enumerate(self.tokens):
            low = token.low
            starts = place > 0 and self.tokens[place - 1].low in _STARTS_OLD
            stopped = low == "xstop" or (stopped and low not in _STARTS_OLD)
            if low in _STARTS_OLD or (low == "from" and changed):
                over = True
            elif low in ("xchange", "xmove"):
                changed, over = True, self._is_given_up(place)
            elif low == "and":
                over = over and not self._clause(place)
            elif low in _ENDS_OLD and not (starts and low in PREPOSITIONS):
                over = over and stopped and self._goes_on(place)
            yield over

    def _goes_on(self, place: int) -> bool:
        """Tell whether what has stopped is still being told: "no longer lives with her sister"."""
        following = self.tokens[place + 1].low if place + 1 < len(self.tokens) else ""
        return self.tokens[place].low in ("for", "with", "by", "to") and not (
            self.tokens[place].low == "to" and is_verb(following)
        )

    def _is_given_up(self, place: int) -> bool:
        """Tell whether what follows a change is what was before: "replaced X with Y", not "changed from X to Y"."""
        for token in self.tokens[place + 1 : place + 9]:
            if token.low in ("from", "to", "into"):
                return False
            if token.low in ("with", "for", "by"):
                return True
        return False

    def _clause(self, place: int) -> bool:
        """Tell whether a verb follows the "and" there."""
        following = [token.low for token in self.tokens[place + 1 : place + 3]]
        return any(
            low in _AUXILIARIES or irregular(low) or (is_verb(low) and low.endswith(("s", "ed"))) for low in following
        )

    def _term(self, low: str) -> str:
        if low in _ME:
            return self.holder
        if found := _WEEKDAY.fullmatch(low):
            return found[1]
        if low in NUMBERS:
            return NUMBERS[low]
        if low[0].isdigit():
            return _THOUSANDS.sub("", low)
        joined = _JOINT.sub("", low)
        return low if low.startswith("xclock") else base(joined if is_known(joined) else low)


def _parts(low: str) -> list[str]:
    """Return the words of a token that count: both of "low-salt", none of "the"."""
    if low in _SKIPPED:
        return []
    joined = _JOINT.sub("", low)
    parts = [low] if joined == low or low.startswith("xclock") else [joined] if is_known(joined) else _JOINT.split(low)
    return [part for part in parts if part and (part in _ME or part not in LIGHT)]


def _sort(token: _Token, low: str) -> Sort:
    if low.startswith("xclock"):
        return "clock"
    if _WEEKDAY.fullmatch(low):
        return "weekday"
    if low in NUMBERS or low[0].isdigit():
        return "number"
    return "name" if token.named and low not in _ME and low != "user" else "word"


def _meaning(rest: Sequence[str]) -> tuple[str, bool]:
    """Return the meaning of the verb that a text goes on with, and whether it is no more than "is"."""
    chain = [low for low in rest if low not in _FILLERS][:5]
    if not chain:
        return "", False
    if chain[0] not in _AUXILIARIES and chain[0] not in MARKS:
        return base(chain[0]), False
    first = next((low for low in chain if low not in _AUXILIARIES and low not in MARKS), "")
    if is_verb(first) or (chain[0] in ("has", "have", "had") and first.endswith("ed")):
        return base(first), False
    is_copula = not _BE.isdisjoint(chain[:3])
    return ("be" if is_copula else "have"), is_copula


def _tense(rest: Sequence[str]) -> Tense:
    first = rest[0] if rest else ""
    if first in ("has", "have"):
        following = next((low for low in rest[1:] if low in _BE | MARKS or low not in LIGHT | DENYING), "")
        done = following in MARKS | {"been"} or following.endswith("ed") or irregular(following) is not None
        return "perfect" if done else "present"
    if first in MARKS:
        return "perfect"
    if first in ("will", "shall"):
        return "future"
    if first in ("was", "were", "had", "did") or first.endswith("ed"):
        return "past"
    return "past" if irregular(first) is not None and first not in _BE and not first.endswith("s") else "present"
