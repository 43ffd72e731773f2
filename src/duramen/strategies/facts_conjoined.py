"""Verbs that share a subject: of "I live in Graz and work for a bank" it is both that change with "I" (English)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import regex

from duramen.language.function_words import ENGLISH
from duramen.strategies.facts_verbs import (
    ADVERBS,
    ALIKE,
    EITHER_VERBS,
    FREQUENCY,
    NO_VERBS,
    SURE_VERBS,
    is_adverb,
    is_past,
    present,
)

Governs = Literal["", "not", "base"]

_TOKEN = regex.compile(r"\"[^\"\n]{1,300}+\"|[\p{L}\p{N}]++(?:['\-][\p{L}\p{N}]++)*+|[^\p{L}\p{N}\"]++|.")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENDS = _words("""
    i he she they we you there who whom whose that which what how why whether because when whenever if unless while whereas where wherever
    although though until so than let lets help helps helped makes can could will would should may might must they're we're he's she's it's that's there's who's what's i'm i've i'll i'd
    they've we've you're you've they'll we'll it'll
""")
"""Words that another clause begins with, whose verbs are of somebody else."""

_LOOSE = _words("why what how which whom")
"""Words before "I" that leave it open whether what is behind "and" belongs to that "I"."""

_LINKS = _words("and but or then")
_MODALS = _words(
    "can could will would shall should may might must ought 'll 'd won't wouldn't couldn't shouldn't mustn't had"
)
_NEGATED = _words("don't can't cannot didn't haven't")
_DETERMINERS = _words("the a an any all these those")
_FINITE = _words("am don't can't cannot haven't won't didn't")
_PERFECT = _words("have 've haven't had has")
"""Verbs that no "to" and no "can" stands before."""

_HERE_AND_NOW = _words("am have do love hate like need know prefer enjoy live own feel think want")
"""What one does all along, so that "but" takes it out of the reach of a "to" before."""

_BEFORE_NOUN = _words("""
    the a an my our your his her its their this these those some any no it them him us me myself each both one two three four five six seven
    eight nine ten several many
""")
"""What stands before a noun, or instead of it, and so behind a verb and not behind a noun."""

_TIMES = _words(
    "morning afternoon evening night week month year time day weekend most best least same whole other way lot bit summer winter"
)
"""What is said after "a" and "the" of how often or how much: "tea and coffee a day" """

_PREPOSITIONS = _words(
    "to in at on for with from by near into as around through about until over under across along without like after before during"
)
_PARTICLES = _words(
    "up out off away down back well badly late early hard alone there here together home outside abroad daily weekly more less too"
)
_NO_VERB_ENDS = regex.compile(r"(?:(?<![su])s|(?<!e)ed|ing|ness|tion|ment|ity|ship|ance|ence)$")
_GOES = _words(
    "go goes went come came get got drive walk cycle commute travel head run ride return bike hurry move moved take bring drop"
)
_PLACES = _words("work school bed church college university town sleep lunch dinner breakfast class court")
_TAKES_TO = _words("""
    allergic addicted close similar married related next due according thanks engaged attached sensitive intolerant prone exposed opposed
    listen listening talk speak relate belong subscribe subscribed reply object used
""")


@dataclass(frozen=True, slots=True)
class _Place:
    """A word that may be a verb: where it is, and what links it to the verb before."""

    at: int
    link: int
    adverb: bool


def agreed(predicate: str) -> str:
    """Return a predicate whose first verb is in the third person with the others in it as well.

    >>> agreed("gets up at five, feeds the cats and drive to work")
    'gets up at five, feeds the cats and drives to work'
    """
    tokens = _TOKEN.findall(predicate)
    first = next((at for at, word in enumerate(tokens) if _is_word(word) and not _is_adverb(word.lower())), None)
    if first is None:
        return predicate
    for at in conjoined(tokens, first):
        tokens[at] = present(tokens[at])
    return "".join(tokens)


def conjoined(tokens: Sequence[str], verb: int, *, beside: bool = False) -> list[int]:
    """Return the places of the verbs that share the subject of the one at `verb`, and change with its person.

    A verb that hangs on a "to", a "can" or a "don't" does not: "wants to quit and start anew".

    Args:
        tokens: Words, and what stands between them, of a clause with its verbs as "I" has them.
        verb: The place of its first verb.
        beside: Only those count that are next to each other: "what I do and love".
    """
    found: list[int] = []
    listed: list[int] = []
    last, governs = verb, _governed_by(tokens, verb)
    past = is_past(tokens[verb].lower()) or _is_perfect(tokens, verb)
    at = verb + 1
    while (
        at < len(tokens)
        and not _ends(tokens, at)
        and not (beside and _is_word(tokens[at]) and tokens[at] not in _LINKS)
    ):
        low = tokens[at].lower()
        comma = low.strip() == ","
        if low == "to" and _is_infinitive(tokens, at, last):
            governs = "base"
        elif low in _LINKS or comma:
            place = _candidate(tokens, at)
            if place is not None and _is_verb(tokens, place, last, past=past):
                if not governs or _is_free(tokens, place, last, governs):
                    listed.append(place.at)
                    governs = _governed_by(tokens, place.at)
                    if tokens[place.link].strip() != ",":  # of "a, b and c" the "and" shows that all are verbs
                        found, listed = [*found, *listed], []
                last = at = place.at
        at += 1
    return found


def is_loose(before: Sequence[str]) -> bool:
    """Tell whether a verb behind "and" may be another one's, from the words before its subject.

    So it is with "why I run" and "the chances I get".
    """
    words = [word.lower() for word in before if _is_word(word)]
    noun = bool(words) and words[-1].isalpha() and words[-1] not in ENGLISH
    return bool(words) and (words[-1] in _LOOSE or (noun and not _DETERMINERS.isdisjoint(words[-4:-1])))


def _ends(tokens: Sequence[str], at: int) -> bool:
    """Tell whether the clause ends: at a mark, or where another one begins."""
    low = tokens[at].lower()
    if low in _ENDS or any(mark in low for mark in ";.:!?\u2014\u2013") or low.startswith(" - "):
        return True
    following = _next(tokens, at)
    return low in ("it", "this", "everyone", "everything") and following.endswith("s") and len(following) > 2


def _is_perfect(tokens: Sequence[str], verb: int) -> bool:
    following = _next(tokens, verb)
    return tokens[verb].lower() in _PERFECT and (
        is_past(following) or following in ("been", "done", "gone", "had", "become")
    )


def _governed_by(tokens: Sequence[str], verb: int) -> Governs:
    """Tell whether the verb at `verb` has other verbs behind it in their base form."""
    low = tokens[verb].lower()
    if low in _NEGATED:
        return "not"
    if low in ("do", "does", "can") and _next(tokens, verb) == "not":
        return "not"
    helps = low.startswith("help") and _next(tokens, verb) in SURE_VERBS | EITHER_VERBS
    return "base" if low in _MODALS or low.startswith("let") or helps else ""


def _is_infinitive(tokens: Sequence[str], to: int, verb: int) -> bool:
    """Tell the "to" of "to swim" from that of "to Rome"."""
    at = next((at for at in range(to + 1, len(tokens)) if _is_word(tokens[at]) and not _is_adverb(tokens[at].lower())), None)  # fmt: skip
    if at is None or not tokens[at].islower() or not tokens[at].isalpha():
        return False
    low = tokens[at]
    if low in ("be", "do", "have", "get"):
        return True
    if low in NO_VERBS or low in _BEFORE_NOUN or (low.endswith("ing") and low not in SURE_VERBS):
        return False
    before = next((tokens[back].lower() for back in range(to - 1, -1, -1) if _is_word(tokens[back])), "")
    if low in _PLACES and (before in _GOES or tokens[verb].lower() in _GOES):
        return False
    if low in SURE_VERBS:
        return True
    return before not in _TAKES_TO and (low in EITHER_VERBS or _NO_VERB_ENDS.search(low) is None)


def _candidate(tokens: Sequence[str], link: int) -> _Place | None:
    """Return the first word behind a link that is no adverb."""
    adverb = tokens[link].lower() == "then"
    for at in range(link + 1, min(link + 9, len(tokens))):
        low = tokens[at].lower()
        if not _is_word(tokens[at]):
            if tokens[at].strip():
                return None
        elif low in _LINKS:
            link = at
            adverb = adverb or low == "then"
        elif low in ADVERBS or is_adverb(low):
            adverb = adverb or low in FREQUENCY
        else:
            return _Place(at, link, adverb)
    return None


def _is_verb(tokens: Sequence[str], place: _Place, last: int, *, past: bool) -> bool:
    """Tell whether a word behind a link is a verb in its base form, by what it is and by what stands around it."""
    word = tokens[place.at]
    low = word.lower()
    if low in _FINITE:
        return True
    if not word.islower() or not word.isalpha() or low in NO_VERBS or len(low) < 2:
        return False
    if is_past(low) or (past and low in ALIKE):
        return False
    return low in SURE_VERBS or (
        low not in ENGLISH and _NO_VERB_ENDS.search(low) is None and _is_used_as_verb(tokens, place, last)
    )


def _is_used_as_verb(tokens: Sequence[str], place: _Place, last: int) -> bool:
    """Tell a verb from a noun by the words around it."""
    low, comma = tokens[place.at].lower(), tokens[place.link].strip() == ","
    between = [word for word in tokens[last + 1 : place.link] if word.strip(" ,")]
    if not between and (not comma or place.at == place.link + 1):
        return True
    if _takes_object(tokens, place.at):
        return True
    if low not in EITHER_VERBS or comma:
        return False
    return place.adverb or tokens[place.link].lower() in ("but", "then") or _goes_on(tokens, place, between)


def _takes_object(tokens: Sequence[str], at: int) -> bool:
    """Tell whether behind the word there is what stands behind a verb and hardly ever behind a noun: "the", "my", "them"."""
    following = [word.lower() for word in tokens[at + 1 : at + 6] if _is_word(word)]
    return _next(tokens, at) in _BEFORE_NOUN and not (len(following) > 1 and following[1] in _TIMES)


def _goes_on(tokens: Sequence[str], place: _Place, between: Sequence[str]) -> bool:
    """Tell a verb from a noun of the same form: a noun is beside one like it, "bread and butter"; a verb has more behind it."""
    following = _next(tokens, place.at)
    if not following or following in _LINKS or (following in NO_VERBS and following not in _PREPOSITIONS):
        return False
    if following in _PARTICLES or is_adverb(following):
        return True
    before = between[-1]
    alone = len(between) == 1 or between[-2].lower() in ("of", "for", "about", "with", "without")
    noun = before.islower() and not (before in _PARTICLES or before in _BEFORE_NOUN or _is_adverb(before))
    like = alone and noun and not before.endswith("s")
    return not like and tokens[place.link].lower() != "or"


def _is_free(tokens: Sequence[str], place: _Place, last: int, governs: Governs) -> bool:
    """Tell whether a verb is out of the reach of the "to", "can" or "don't" before it."""
    low, link = tokens[place.at].lower(), tokens[place.link].lower()
    if low in _FINITE:
        return True
    if governs == "base":
        return link == "but" and (low in _HERE_AND_NOW or tokens[last].lower() == "can")
    if link == "but":
        return True
    words = [word for word in tokens[last + 1 : place.link] if _is_word(word)]
    return link == "and" and (place.adverb or len(words) > 1) and not (words and words[0] in _GOES)


def _next(tokens: Sequence[str], at: int) -> str:
    """Return the word that follows at once, in lower case; "" before a mark or the end."""
    for word in tokens[at + 1 : at + 3]:
        if _is_word(word):
            return word.lower()
        if word.strip():
            return ""
    return ""


def _is_word(token: str) -> bool:
    return token[:1].isalpha() or token[:1] == "'"


def _is_adverb(low: str) -> bool:
    return low in ADVERBS or is_adverb(low)
