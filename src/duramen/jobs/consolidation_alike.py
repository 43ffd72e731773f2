"""What two statements share: their words, their subject, their dates."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from typing import Literal

from duramen.jobs.consolidation_parsing import Sort, Statement, Word
from duramen.jobs.consolidation_phrases import MARKS
from duramen.jobs.consolidation_words import base, is_weak, kinds, meanings
from duramen.language.dates import FoundDate
from duramen.language.relations import LIVING

VALUES: Collection[Sort] = frozenset({"number", "clock", "weekday"})
"""What is exact: another one is never the same in other words."""

ENDS = MARKS - {"xnow", "xchange", "xmove"}
"""Marks that say that something is over."""

_CARRYING = frozenset({"work", "come", "stay"})
_BEING = frozenset({"be", "have", "work", "locate", ""})
_SYMMETRIC = frozenset({"be", "name", "marry", "engage", "meet", "have", ""})
_NAMING = frozenset({"be", "name", "marry"})

When = Literal["same", "narrower", "wider", "apart"]


def lacking(one: Statement, other: Statement) -> list[Word]:
    """Return the words of `one` that say something which `other` does not say.

    What `other` tells to be over, or only as a reason, does not count as said.
    """
    said = {word.term for word in other.words if not word.aside and not word.old}
    asides = {word.term for word in other.words if word.aside}
    said |= {
        word.term
        for word in one.words
        if (word.old and word.term in other.terms) or (word.aside and word.term in asides)
    }
    if other.tense == "future" and "marry" in said:
        said.add("engage")
    implied = {kind for term in said for kind in kinds(term)}
    return [
        word
        for word in one.words
        if word.term not in said and (word.sort in VALUES or not (word.term in implied or _says_little(word, other)))
    ]


def _says_little(word: Word, other: Statement) -> bool:
    """Tell whether a word is not missed: "works as a pilot" is "is a pilot", but "works there" is not "likes it there"."""
    return is_weak(word.term) and (word.term not in _CARRYING or other.verb in _BEING)


def has_value(words: Collection[Word], sorts: Collection[Sort] = VALUES) -> bool:
    """Tell whether there is an exact value among `words`."""
    return any(word.sort in sorts for word in words)


def same_subject(one: Statement, other: Statement) -> bool:
    """Tell whether two statements may be about the same, however they are turned."""
    if one.heads & other.heads or not one.heads or not other.heads:
        return True
    if (one.heads | other.heads) & _kin():
        return _names(one) and _names(other) and one.heads <= other.terms and other.heads <= one.terms
    if not (one.heads <= other.terms or other.heads <= one.terms):
        return False
    if one.heads <= other.terms and other.heads <= one.terms:
        return one.verb != other.verb or one.verb in _SYMMETRIC or _is_by(one, other) or _is_by(other, one)
    return not has_names(one) or not has_names(other)


def has_names(one: Statement) -> bool:
    """Tell whether the subject is named."""
    return any(word.subject and word.sort == "name" for word in one.words)


def exactly_one_subject(one: Statement, other: Statement) -> bool:
    """Tell whether two statements have the same subject, told as closely."""
    if not one.heads & other.heads:
        return False
    mine, others = _subject(one), _subject(other)
    named = {word.term for word in (*one.words, *other.words) if word.subject and word.sort == "name"}
    return mine == others or ((mine <= others or others <= mine) and mine ^ others <= named and not _owned(one, other))


def time(one: Statement, other: Statement) -> When:
    """Say how the dates of `one` lie to those of `other`: `narrower` tells more, `wider` less."""
    if not one.dates and not other.dates:
        return "same"
    if not one.dates:
        return "wider"
    if not other.dates:
        return "narrower"
    if not any(_meet(mine, its) for mine in one.dates for its in other.dates):
        return "apart"
    mine, its = one.dates[0], other.dates[0]
    longer = (mine.end - mine.start) - (its.end - its.start)
    return "same" if not longer else "wider" if longer.total_seconds() > 0 else "narrower"


def predicate(words: Sequence[Word]) -> list[Word]:
    """Return those of `words` behind the verb that give no reasons."""
    return [word for word in words if not word.subject and not word.aside]


@functools.cache
def several() -> frozenset[str]:
    """Return the meanings of relations of which one may have several: another sister is no change of the first."""
    return meanings(
        "brother sister sibling son daughter child twin friend cousin aunt uncle niece nephew grandson granddaughter colleague"
        " neighbour dog cat pet horse rabbit teacher client roommate flatmate"
    )


def _meet(one: FoundDate, other: FoundDate) -> bool:
    return one.start < other.end and other.start < one.end


def _subject(one: Statement) -> frozenset[str]:
    return frozenset(
        word.term for word in one.words if word.subject and not (is_weak(word.term) and word.sort == "word")
    )


def _owned(one: Statement, other: Statement) -> bool:
    """Tell whether only one of two is about what somebody has."""
    return bool((one.heads | other.heads) & _kin())


def _names(one: Statement) -> bool:
    return one.copula or one.verb in _NAMING


def _is_by(one: Statement, other: Statement) -> bool:
    """Tell whether `one` says in the passive what the subject of `other` does."""
    return any(word.before == "by" and word.term in other.heads for word in one.words)


@functools.cache
def _kin() -> frozenset[str]:
    return frozenset(base(word) for word in LIVING)
