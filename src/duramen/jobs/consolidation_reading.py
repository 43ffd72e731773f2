"""What a memory states, taken apart to be compared: its subject, the meanings of its words, its dates, and what changed."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from duramen.jobs.consolidation_phrases import DATE, MARKS, NUMBERS, expanded, with_marks
from duramen.jobs.consolidation_words import LIGHT, ONLY_ONE, base, irregular, is_known, is_verb
from duramen.language.dates import FoundDate, placed_dates
from duramen.types import Memory

LONGEST_TEXT = 600
"""Characters of a memory that are read."""

Sort = Literal["word", "name", "number", "clock", "weekday"]
Tense = Literal["past", "perfect", "present", "future"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word that counts.

    Attributes:
        term: Its meaning; equal terms mean the same.
        before: The preposition that its phrase stands behind, or "".
        subject: Whether it stands before the verb.
        aside: Whether it stands in a part that gives a reason or a circumstance.
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
        plain: The text in a form that is equal for what is literally the same.
        words: Those that count, in order.
        heads: What its subject is: `sister` in "Ada's sister", both names in "Noor and Idris"; empty if there is none.
        verb: The meaning of its first verb, or "".
        marks: Of change; see `consolidation_phrases.MARKS`.
        denied: Whether it says that something is not so.
        dates: When it was, those of "since …" apart, in `since`.
        copula: Its verb is "is", and says what something is. `definite`: the only one of its sort.
    """

    plain: str
    words: tuple[Word, ...] = ()
    heads: frozenset[str] = frozenset()
    verb: str = ""
    tense: Tense = "present"
    marks: frozenset[str] = frozenset()
    denied: bool = False
    dates: tuple[FoundDate, ...] = ()
    since: FoundDate | None = None
    copula: bool = False
    definite: bool = False

    @property
    def terms(self) -> frozenset[str]:
        """All its terms."""
        return frozenset(word.term for word in self.words)

    @property
    def subject(self) -> frozenset[str]:
        """The terms before its verb."""
        return frozenset(word.term for word in self.words if word.subject)


class _Token:
    """A word as written, with its form in lower case; `own` if it is a possessive."""

    __slots__ = ("low", "own", "text")

    def __init__(self, text: str) -> None:
        low = text.casefold()
        self.own = low.endswith(("'s", "s'"))
        self.text = text
        self.low = low.removesuffix("'s").removesuffix("'") if self.own else low


_TOKEN = re.compile(r"xclock[\d:]+|\d+(?:[.,]\d+)*(?![^\W_])|[^\W_]+(?:['.&@:/-][^\W_]+)*(?:'|\+\+?|#)?|[,;.]")
_SINCE = re.compile(r"(?:since|as of|from)\b", re.IGNORECASE)
_LEAD = re.compile(
    r"(?P<lead>(?:(?:since|with|in|on|at|from|as of|after|before|for|during|until|by|when|if|to)\b[^,.;]{1,60},"
    r"|(?:(?:since|in|on|at|from|as of|after|before|for|during|until|by) )?xdate,?"
    r"|(?:xnow|then|also|actually|in fact|well|so|and|but|unfortunately|luckily|sadly|today|once again),?))\s+",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"(mon|tue|wedne|thur|fri|satur|sun)s?days?")
_FILLERS = frozenset("not also xnow still already just never always actually again both all then soon".split())
_BE = frozenset(["is", "are", "am", "was", "were", "be", "been", "being"])
_AUXILIARIES = _BE | frozenset(["has", "have", "had", "will", "would", "can", "could", "may", "might", "must", "should", "shall", "does", "do", "did"])
_NOT = frozenset(["not", "no", "never", "without", "nobody", "nothing", "none", "neither", "nor", "hardly", "cannot"])
_ME = frozenset(["i", "me", "my", "mine", "myself", "we", "our", "us", "ours"])
_PREPOSITIONS = frozenset(
    ["in", "on", "at", "to", "of", "for", "from", "with", "without", "by", "as", "into", "onto", "over", "under", "behind", "near", "between", "during", "after", "before", "about", "than", "per", "via", "through", "above", "below", "against", "around"]
)
_DETERMINERS = frozenset(["the", "a", "an", "his", "her", "their", "its", "my", "our", "your", "this", "that", "these", "those", "every", "each", "some"])
_BEFORE_PLURALS = frozenset(["i", "we", "you", "they", "and"])
_ENDS_ASIDE = frozenset(";.")
_ENDS_OLD = frozenset(["to", "but", "xbecause", "so", "for", "with", "by", "since", "after", "when", "while", "xdate", "xnow", "xold", "will", "is", "are", "has", "have", ".", ";"])
_STARTS_OLD = frozenset({"xold", "xstop", "xlose", "xleave", "xcancel"})
_ASIDE = frozenset({"xbecause", "so", "although", "though"})


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
    """Return `text` in a form that is equal for what is literally the same."""
    return " ".join(re.findall(r"[^\W_]+(?:[.:'-][^\W_]+)*|[+%\u20ac$\u00a3]", text.casefold().replace("\u2019", "'")))


@functools.lru_cache(4096)
def _read(text: str, holder: str, at: datetime) -> Statement:
    plain, dates = _without_dates(expanded(text), at)
    plain = with_marks(plain)
    while lead := _LEAD.match(plain):
        plain = f"{plain[lead.end() :].rstrip(' .')} , {lead['lead'].rstrip(',')}"
        if not plain.strip(" ,"):
            break
    since = next((date for date in dates if _SINCE.match(date.text)), None)
    made = _Maker(list(map(_Token, _TOKEN.findall(plain))), holder).made()
    return replace(made, plain=same_words(text), dates=tuple(date for date in dates if date is not since), since=since)


def _without_dates(text: str, at: datetime) -> tuple[str, list[FoundDate]]:
    parts: list[str] = []
    end = 0
    placed = placed_dates(text, at)
    for one in placed:
        parts += [text[end : one.start], DATE]
        end = one.end
    return "".join((*parts, text[end:])), [one.found for one in placed]


class _Maker:
    """Makes a statement of tokens."""

    def __init__(self, tokens: Sequence[_Token], holder: str) -> None:
        self._tokens = tokens
        self._holder = holder.casefold().split()[0] if holder.split() else "user"
        self._verb = self._main_verb()

    def made(self) -> Statement:
        """Return it, still without text and dates."""
        words = tuple(self._words())
        if self._verb == 0:
            words = (Word(self._holder, "name", subject=True), *words)
        lows = [token.low for token in self._tokens]
        rest = lows[self._verb :]
        verb, copula = self._meaning(rest)
        after = next((place for place, low in enumerate(rest) if low not in _AUXILIARIES | _FILLERS), len(rest))
        definite = copula and self._is_the_one(self._tokens[self._verb + after :])
        marks = frozenset(low for low in lows if low in MARKS)
        return Statement(
            plain="",
            words=words,
            heads=self._heads(words),
            verb=verb,
            tense=self._tense(rest),
            marks=marks | ({"xnow"} if definite and "new" in rest else set()),
            denied=bool(_NOT.intersection(lows)),
            copula=copula,
            definite=definite,
        )

    def _main_verb(self) -> int:
        """Return the place of the first verb; the number of tokens if there is none."""
        for place, token in enumerate(self._tokens):
            low = token.low
            if low in _AUXILIARIES or low in _NOT or (low in MARKS and low != "xnow"):
                return place
            if place and not token.own and self._may_be_verb(place):
                return place
            if place == 0 and low not in _DETERMINERS and low not in _ME and is_verb(low) and low.endswith(("s", "ed")):
                following = self._tokens[1].low if len(self._tokens) > 1 else ""
                if not is_verb(following) and following not in _AUXILIARIES:
                    return 0
        return len(self._tokens)

    def _may_be_verb(self, place: int) -> bool:
        low, before = self._tokens[place].low, self._tokens[place - 1]
        if before.low in _DETERMINERS or before.own or before.low in _PREPOSITIONS:
            return False
        if self._tokens[place].text[0].isupper():
            return False
        if before.low == "user" or before.low in ("i", "we", "he", "she", "they", "you"):
            return low not in ("and", "or", ",") and (is_verb(low) or low.endswith("s"))
        if not is_verb(low):
            return before.text[0].isupper() and low.endswith("s") and low not in LIGHT and low != "as"
        finite = low.endswith(("s", "ed")) or irregular(low) is not None
        return finite or before.low in _BEFORE_PLURALS or before.low.endswith("s")

    def _meaning(self, rest: Sequence[str]) -> tuple[str, bool]:
        """Return the meaning of the verb, and whether it is no more than "is"."""
        chain = [low for low in rest if low not in _FILLERS][:5]
        if not chain:
            return "", False
        first = next((low for low in chain if low not in _AUXILIARIES and low not in MARKS), "")
        if chain[0] in _AUXILIARIES or chain[0] in MARKS:
            if is_verb(first):
                return base(first), False
            return ("be", True) if chain[0] in _BE or _BE.intersection(chain[:3]) else ("have", False)
        return base(chain[0]), False

    def _is_the_one(self, tokens: Sequence[_Token]) -> bool:
        """Tell whether a thing is what there is one of: "the caretaker", "Ola's wife"."""
        if not tokens:
            return False
        owned = [place for place, token in enumerate(tokens[:3]) if token.own]
        return tokens[0].low == "the" or any(self._term(token) in ONLY_ONE for place in owned for token in tokens[place + 1 : place + 3])

    def _tense(self, rest: Sequence[str]) -> Tense:
        first = rest[0] if rest else ""
        if first in ("has", "have") and len(rest) > 1:
            following = next((low for low in rest[1:] if low not in LIGHT or low in MARKS or low in _BE), "")
            done = following.endswith("ed") or following in ("been", "gone") or (irregular(following) is not None)
            return "perfect" if done or following in MARKS else "present"
        if first in MARKS:
            return "perfect"
        if first in ("will", "shall"):
            return "future"
        past = first in ("was", "were", "had", "did") or first.endswith("ed")
        return "past" if past or (irregular(first) is not None and first not in _BE and not first.endswith("s")) else "present"

    def _heads(self, words: Sequence[Word]) -> frozenset[str]:
        """Return what the subject is: the last word before a preposition or the verb, or all names of a row."""
        named: list[str] = []
        last = ""
        for token in self._tokens[: self._verb]:
            if token.low in _PREPOSITIONS:
                break
            term = self._term(token)
            if token.own or token.low in MARKS or (token.low in LIGHT and token.low not in _ME):
                continue
            if token.text[0].isupper() and token.low not in _DETERMINERS:
                named.append(term)
            last = term
        if not last:
            return frozenset(word.term for word in words if word.subject)
        return frozenset(named) if last in named else frozenset({last})

    def _words(self) -> Iterator[Word]:
        before, aside, old, changed = "", False, False, False
        for place, token in enumerate(self._tokens):
            low = token.low
            if low in _STARTS_OLD:
                old = True
            elif low in ("xchange", "xmove"):
                changed = True
                old = self._is_given_up(place)
            elif low in _ENDS_OLD:
                old = False
            elif low == "from" and changed:
                old = True
            elif low == "and" and old and self._goes_on_as_clause(place):
                old = False
            aside = low not in _ENDS_ASIDE and (aside or low in _ASIDE)
            if low in _PREPOSITIONS:
                before = low
            elif low in (",", ";", ".", "and", "but", "or"):
                before = before if low in (",", "and", "or") else ""
            elif place == self._verb:
                before = ""
            yield from self._parts(token, before, place < self._verb, aside, old)

    def _parts(self, token: _Token, before: str, subject: bool, aside: bool, old: bool) -> Iterator[Word]:
        low = token.low
        if low in ",;." or low in _PREPOSITIONS or low == DATE or low == "xold" or low == "xbecause" or low in MARKS:
            return
        lows = [low]
        if "-" in low or "/" in low:
            joined = re.sub("[-/]", "", low)
            lows = [joined] if is_known(joined) else re.split("[-/]", low)
        for part in lows:
            if (part and part not in LIGHT) or part in _ME:
                yield Word(self._term_of(part), self._sort(token, part), before, subject, aside, old)

    def _term(self, token: _Token) -> str:
        return self._term_of(token.low)

    def _term_of(self, low: str) -> str:
        if low in _ME:
            return self._holder
        if found := _WEEKDAY.fullmatch(low):
            return found[1]
        if low in NUMBERS:
            return NUMBERS[low]
        if low[0].isdigit():
            return re.sub(r"(?<=\d),(?=\d{3})", "", low)
        if low.startswith("xclock"):
            return low
        joined = re.sub("[-/]", "", low)
        return base(joined if is_known(joined) else low)

    def _sort(self, token: _Token, low: str) -> Sort:
        if low.startswith("xclock"):
            return "clock"
        if _WEEKDAY.fullmatch(low):
            return "weekday"
        if low in NUMBERS or low[0].isdigit():
            return "number"
        return "name" if token.text[0].isupper() and low not in _ME and low not in ("user",) else "word"

    def _is_given_up(self, place: int) -> bool:
        """Tell whether what follows a change is what was before: "replaced X with Y", not "changed from X to Y"."""
        for token in self._tokens[place + 1 : place + 9]:
            if token.low in ("from", "to", "into"):
                return False
            if token.low in ("with", "for", "by"):
                return True
        return False

    def _goes_on_as_clause(self, place: int) -> bool:
        following = [token.low for token in self._tokens[place + 1 : place + 3]]
        return any(low in _AUXILIARIES or (is_verb(low) and low.endswith(("s", "ed"))) or irregular(low) for low in following)
