"""What a topic of a conversation is called: "Flight to Porto". No language model is asked."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from duramen.language.stemming import content, guess
from duramen.language.terms import terms
from duramen.strategies.summary_plain import names_in

LONGEST_NAME = 60

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|\S")  # noqa: RUF001 - both apostrophes are written
_DETERMINERS = frozenset("the a an my our your his her their some another any this".split())  # noqa: SIM905
_LINKS = frozenset("to for of in from with at about on".split())  # noqa: SIM905
_LONGEST_RUN = 3
_VAGUE = frozenset(
    """
    able also bit close couple day days done early few first following good hour hours idea kind last late least left little
    lot lots low high minute minutes moment month months morning afternoon evening night new next nice old one ones order
    part people person place point problem question reason right same second short size small sort start stuff sure thing
    things time times today tomorrow tonight yesterday week weekend weeks whole year years best better big great long number
    end top name way today's maybe already again soon back away please thanks really very too most much many everything
    zero two three four five six seven eight nine ten eleven twelve dozen hundred thousand first third once twice
    something anything nothing someone everyone monday tuesday wednesday thursday friday saturday sunday assistant user
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a hundred quoted strings
)
_VERBS = frozenset(
    """
    agree agreed ask asked begin began book booked buy bought call called came come comes cost costs decide decided do does
    did drive drove eat ended feel felt find fly flew found gave get gets give go goes gone got had has have hear heard help
    is keep kept know knew learn learned leave left like likes live lived lives look looks love loved make makes made mean
    means meet met move moved need needs pay paid plan put ran read run said saw say says see seem seems sell send sent show
    start started starts stay stayed suit suits take takes talk tell think thought told took travel tried try turn turned
    use used visit visited wait walk want wanted wants was went were will wish work worked works write wrote am are be been
    being can could may might must should would don't didn't doesn't can't won't isn't wasn't i'm i've i'll it's that's let's
    """.split()  # noqa: SIM905 - as above
)


_NOT_TELLING = frozenset(term for word in (*_VAGUE, *_VERBS) for term in terms(word))


@dataclass(frozen=True, slots=True)
class _Phrase:
    words: tuple[str, ...]
    led: bool
    """Whether "the" or "my" stands before it, which tells a noun from a verb."""

    def __str__(self) -> str:
        return " ".join(self.words)


def telling(text: str) -> set[str]:
    """Return the terms of a text that tell what it is about: neither numbers nor "week", "thing", "good" or "go"."""
    return {term for term in terms(text) if term not in _NOT_TELLING and not term.isdigit()}


def names_of(texts: Sequence[str], without: Collection[str] = ()) -> list[str]:
    """Return what a topic may be called, the best first, at least one.

    Nouns are told by where they stand, in English; in other languages the words said most give the name.

    Args:
        texts: Its sentences, at least one.
        without: Names that it is not called by, casefolded: of those who speak.

    Example:
        >>> names_of(["I need a flight to Porto.", "The flight leaves at nine."])[0]
        'Flight to Porto'
    """
    text = "\n".join(texts)
    language = guess([word.casefold() for word in _TOKEN.findall(text)])
    counts = Counter(term for word in _TOKEN.findall(text) if (term := _term(word, language, without)))
    names = names_in(text, without)
    phrases = list(dict.fromkeys(phrase for each in texts for phrase in _phrases(each, language, without)))
    best = sorted(phrases, key=lambda phrase: -_score(phrase, counts, names, language))  # of equals the first
    found = [_beside(str(phrase), names) for phrase in best]
    return [_titled(name) for name in [*found, ", ".join(names[:2]), texts[0]] if name]


def _phrases(text: str, language: str, without: Collection[str]) -> Iterator[_Phrase]:
    """Give the runs of words that may be nouns, and those with "to" or "for" and a name behind them."""
    tokens = _TOKEN.findall(text)
    runs = list(_runs(tokens, language, without))
    ends = {start: (phrase, end) for start, end, phrase in runs}
    for _, end, phrase in runs:
        yield phrase
        after = end + 1
        if end < len(tokens) and tokens[end].casefold() in _LINKS:
            after += after < len(tokens) and tokens[after].casefold() in _DETERMINERS
            further = ends.get(after)
            if further is not None and further[0].words[0][:1].isupper():
                yield _Phrase((*phrase.words, *tokens[end:after], *further[0].words), phrase.led)


def _runs(tokens: Sequence[str], language: str, without: Collection[str]) -> Iterator[tuple[int, int, _Phrase]]:
    """Give runs with their places; of one without an article only the last two words, as the first may be a verb."""
    start = 0
    for place, word in enumerate([*tokens, "."]):
        if _term(word, language, without):
            continue
        led = start > 0 and tokens[start - 1].casefold() in _DETERMINERS
        first = max(start, place - (_LONGEST_RUN if led else 2))
        if place > start and not _is_deed(tokens[place - 1], alone=place - first == 1 and not led):
            yield first, place, _Phrase(tuple(tokens[first:place]), led)
        start = place + 1


def _is_deed(word: str, *, alone: bool) -> bool:
    return word.endswith("ly") or (alone and word.endswith(("ing", "ed")))


def _term(word: str, language: str, without: Collection[str]) -> str:
    """Return the stem of a word that may be in a name, or nothing."""
    folded = word.casefold().replace("’", "'")  # noqa: RUF001 - both apostrophes are written
    if len(word) < 2 or not word[0].isalpha() or folded in _VAGUE or folded in _VERBS or folded in without:
        return ""
    return content(folded, language)


def _score(phrase: _Phrase, counts: Counter[str], names: Sequence[str], language: str) -> float:
    often = math.sqrt(sum(counts[_term(word, language, ())] for word in phrase.words))
    return often + 0.6 * phrase.led + 0.5 * (len(phrase.words) > 1) + any(name in str(phrase) for name in names)


def _beside(phrase: str, names: Sequence[str]) -> str:
    """One word says little: a name beside it says more."""
    if " " in phrase or not names or phrase in names[0]:
        return phrase
    return f"{phrase}, {names[0]}"


def _titled(name: str) -> str:
    name = " ".join(name[:LONGEST_NAME].rstrip(" .,;:!?").split())
    return name[:1].upper() + name[1:]
