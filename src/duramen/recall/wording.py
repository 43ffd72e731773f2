"""What the words of a query are in the bank that it is asked of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from duramen.index.bank import BankIndex
from duramen.index.names import fold
from duramen.index.spelling import SHORTEST, Spelling
from duramen.language.terms import LANGUAGE_CODES, code_of, forms, readings
from duramen.language.tokens import wordpiece
from duramen.types import BankVersion

_WORD = re.compile(r"\w+")
_CAPITAL = re.compile(r"(?<=\w)\W+([^\W\d_]\w*)")

SPOKEN = 500
"""One memory in so many, and a bank speaks a language. Fewer are short texts taken for one, mostly."""

FIRST = 20_000
"""Memories, the latest ones, whose names are learnt from a bank when its spelling is first asked for: about 50 ms."""


@dataclass(slots=True)
class _Speech:
    """What is known of how a bank speaks, as of some version of it."""

    version: BankVersion
    languages: tuple[str, ...]
    spelling: Spelling
    learnt: int = 0
    """How many memories, the first ones, `spelling` has the names of."""


_speeches: WeakKeyDictionary[BankIndex, _Speech] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of a query, as the bank has them.

    Attributes:
        words: All words of the query in order, casefolded, those that were misspelt put right.
        codes: The distinct codes of its terms, one a word.
        variants: The codes of further forms that the bank has of the same words.
        pairs: The codes of terms that stand side by side in the query, of which the bank has both.
        corrected: Words that the bank does not know, each with the word of a name that it was read as.
    """

    words: tuple[str, ...]
    codes: npt.NDArray[np.uint32]
    variants: npt.NDArray[np.uint32]
    pairs: tuple[tuple[int, int], ...]
    corrected: tuple[tuple[str, str], ...]


def wording(text: str, index: BankIndex) -> Wording:
    """Read the words of a query `text` as words of the bank that `index` shows.

    A word that the bank does not have, and that is no ordinary one, is read as the word of a name that it is most like.
    """
    text = text if text.isascii() else unicodedata.normalize("NFKC", text)
    languages = _speech(index).languages
    read = readings(text, languages)
    known = [_known(reading.forms, index) for reading in read]
    corrected: dict[str, str] = {}
    for place, reading in enumerate(read):
        word = max(reading.word.split("'"), key=len)
        if not known[place] and (name := corrected.get(word) or _named(word, text, index)):
            corrected[word] = name
            known[place] = _known(forms(name, languages), index)
    codes = [found[0] if found else code_of(reading.forms[0]) for reading, found in zip(read, known, strict=True)]
    variants = {code for found in known for code in found[1:]}
    return Wording(
        words=tuple(corrected.get(word, word) for word in _WORD.findall(text.casefold())),
        codes=np.unique(np.array(codes, dtype=np.uint32)),
        variants=np.array(sorted(variants - set(codes)), dtype=np.uint32),
        pairs=_pairs(known),
        corrected=tuple(corrected.items()),
    )


def _known(terms: Sequence[str], index: BankIndex) -> tuple[int, ...]:
    """Return the codes of those of `terms` that the bank has, each once."""
    return tuple(code for code in dict.fromkeys(map(code_of, terms)) if index.terms.frequency(code))


def _pairs(known: Sequence[tuple[int, ...]]) -> tuple[tuple[int, int], ...]:
    pairs = ((one, other) for left, right in pairwise(known) for one in left for other in right if one != other)
    return tuple(dict.fromkeys(pairs))


def _named(word: str, text: str, index: BankIndex) -> str | None:
    """Return the word of a name that `word` is a misspelling of.

    Of two ordinary English words neither is a misspelling of the other: "live" is not Clive, nor Marie Maria. An
    ordinary one with a capital may be a name that a memory has wrong. What is ordinary in other languages is not
    known, so there too only a word with a capital may be a name.
    """
    if len(word) < SHORTEST or not word.isalpha():
        return None
    speech = _speech(index)
    ordinary = _is_ordinary(word)
    if ordinary or speech.languages or not word.isascii():
        capital = {found.casefold() for found in _CAPITAL.findall(text) if found[0].isupper()}
        if word not in capital:
            return None
    name = _spelling(index, speech).nearest(word)
    return None if name is not None and ordinary and _is_ordinary(name) else name


def _is_ordinary(word: str) -> bool:
    return wordpiece().token_to_id(word) is not None


def _spelling(index: BankIndex, speech: _Speech) -> Spelling:
    """Learn the names of the memories that are new; an index only grows, and one that shrank is another one."""
    first = speech.learnt or max(0, len(index) - FIRST)
    for row in range(first, len(index)):
        speech.spelling.add(index.entities.names_of(row))
        speech.spelling.add(map(fold, filter(None, [index.speaker_of(row)])))
    speech.learnt = len(index)
    return speech.spelling


def _speech(index: BankIndex) -> _Speech:
    known = _speeches.get(index)
    if known is not None and known.version == index.version:
        return known
    least = max(1, len(index) // SPOKEN)
    languages = tuple(language for language, code in LANGUAGE_CODES.items() if index.terms.frequency(code) >= least)
    if known is None:
        known = _speeches[index] = _Speech(index.version, languages, Spelling())
    known.version, known.languages = index.version, languages
    return known
