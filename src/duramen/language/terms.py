"""The search terms of a text: what keyword search matches on."""

import functools
import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import regex

from duramen.language.function_words import ENGLISH
from duramen.language.stemming import DEFAULT, LANGUAGES, content, guess, stem

LONGEST_TERM = 64
"""Characters of a word that count; the rest of a longer unbroken run (base64, a hash) is ignored."""

STOP_WORDS = ENGLISH
"""English words that say nothing by themselves."""

_ASCII_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
_LONG = "\u30fc"  # draws out a vowel of katakana, and is in no script for Unicode
_KANJI_KANA = rf"\p{{Han}}\p{{Hiragana}}\p{{Katakana}}{_LONG}"
_CLUSTERED = r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_UNSPACED = rf"{_KANJI_KANA}\p{{Hangul}}{_CLUSTERED}"
# Variation selectors and the keycap belong to emoji though Unicode calls them marks.
_LETTER = rf"[[\p{{L}}\p{{N}}]--[{_UNSPACED}]]"
_INNER = rf"[[\p{{L}}\p{{N}}\p{{M}}]--[{_UNSPACED}\uFE00-\uFE0F\u20E3]]"
_WORD = regex.compile(
    rf"(?P<kanji>[[{_KANJI_KANA}]&&[\p{{L}}\p{{N}}\p{{M}}]]+)|(?P<hangul>[\p{{Hangul}}&&[\p{{L}}\p{{N}}\p{{M}}]]+)"
    rf"|(?P<clustered>[[{_CLUSTERED}]&&[\p{{L}}\p{{N}}\p{{M}}]]+)|{_LETTER}{_INNER}*+(?:'{_INNER}++)*+",
    regex.VERSION1,
)
_HAN = regex.compile(r"\p{Han}")
_CLUSTER = regex.compile(r"\X")
_PARTICLE = re.compile(
    "(?<=..)(?:에서|에게|한테|부터|까지|으로|이랑|처럼|보다|은|는|이|가|을|를|에|의|로|와|과|도|만)$"
)


class _Text(NamedTuple):
    words: Sequence[str]
    """Words set apart by spaces, whose endings say how they stand in the sentence."""

    parts: Sequence[str | None]
    """Terms of scripts without spaces, in order, and None for the next of `words`."""


class Reading(NamedTuple):
    """What stands for a term of a query."""

    word: str
    """The word, casefolded, or nothing for a part of a text without spaces."""

    forms: tuple[str, ...]
    """The terms that it may be in a memory, the likeliest first; some may be there twice."""


def terms(text: str) -> list[str]:
    """Read the search terms of `text`, in order and with repeats.

    Words are NFKC-normalised, casefolded, stemmed in the language of the text as `guess` finds it, and freed of
    accents; digits are kept. Function words of that language are left out unless the text has nothing else. Scripts
    written without spaces, and Korean, give overlapping pairs of characters besides what stands alone. Punctuation,
    emoji, NULs and lone surrogates give nothing.

    Args:
        text: Any text, also an empty or malformed one.

    Returns:
        Terms of at most `LONGEST_TERM` characters; empty if the text has no word.

    Example:
        >>> terms("Ada's moving to Lisbon in 2025!")
        ['ada', 'move', 'lisbon', '2025']
        >>> terms("Wir wohnen in Zürich.")
        ['wohn', 'zurich']
        >>> terms("Who are you?")
        ['who', 'are', 'you']
    """
    read = _read(text)
    return [reading.forms[0] for reading in _readings(read, guess(read.words), ())]


def term_codes(text: str) -> npt.NDArray[np.uint32]:
    """Hash what a memory of `text` is found by to stable 32-bit codes: its `terms`, and its language.

    Hashes need no vocabulary table in each bank: nothing to keep in step between processes, and no list of words
    that would outlive what was forgotten. The price is that a query term meets one of the `V` distinct terms of a
    bank by accident with probability about `V / 2**32`: one in 43 000 for a bank of 100 000 terms.

    Args:
        text: Any text.

    Returns:
        uint32, the codes of the terms in the same order and with repeats, then, if the text is in another language
        than `DEFAULT`, the code of that language; the same in every process and version of Python.
    """
    read = _read(text)
    language = guess(read.words)
    found = [code_of(reading.forms[0]) for reading in _readings(read, language, ())]
    if language != DEFAULT:
        found.append(LANGUAGE_CODES[language])
    return np.array(found, dtype=np.uint32)


def readings(text: str, languages: Collection[str]) -> list[Reading]:
    """Read what a query asks for in a bank whose memories are in `languages`, or in `DEFAULT`.

    A short query seldom shows its language, and a name in it may stand in memories of any: so each word is stemmed by
    the rules of all languages of the bank.

    Args:
        text: The query.
        languages: Of `LANGUAGES`.

    Returns:
        What stands for each term of the query, in order and with repeats.

    Example:
        >>> [reading.forms for reading in readings("Jonas' Reisen", ["german"])]
        [('jona', 'jona', 'jonas'), ('reisen', 'reisen', 'reis')]
    """
    read = _read(text)
    return _readings(read, guess(read.words, languages), languages)


def forms(word: str, languages: Iterable[str]) -> tuple[str, ...]:
    """Return the stems of a casefolded word in `DEFAULT` and in each of `languages`; some may be there twice."""
    return (stem(word, DEFAULT), *(stem(word, language) for language in languages))


@functools.lru_cache(maxsize=65536)
def code_of(term: str) -> int:
    """Hash a term to the code that `term_codes` gives it, in [0, 2**32)."""
    digest = hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "little")


# No text gives these as terms, since a term has no space.
LANGUAGE_CODES = {language: code_of(f"in {language}") for language in LANGUAGES if language != DEFAULT}
"""By language: the code that a memory in it has besides its terms."""


def _read(text: str) -> _Text:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    if text.isascii():
        words = _ASCII_WORD.findall(text.lower())
        return _Text(words, [None] * len(words))
    words = []
    parts: list[str | None] = []
    for match in _WORD.finditer(text):
        if match.lastgroup is None:
            words.append(match[0])
            parts.append(None)
        else:
            parts.extend(_SPLIT[match.lastgroup](match[0]))
    return _Text(words, parts)


def _readings(read: _Text, language: str, others: Collection[str]) -> list[Reading]:
    """Read each term in `language` and the `others`, without function words unless there is nothing else."""
    words = [word[:LONGEST_TERM] for word in read.words]
    stems = [content(word, language) for word in words]
    if len(read.parts) == len(words) and not any(stems):
        stems = [stem(word, language) for word in words]
    spoken = iter(zip(words, stems, strict=True))
    found: list[Reading] = []
    for part in read.parts:
        if part is not None:
            found.append(Reading("", (part,)))
            continue
        word, first = next(spoken)
        if first:
            found.append(Reading(word, (first, *forms(word, others)) if others else (first,)))
    return found


def _kanji(run: str) -> Iterator[str]:
    """Pairs, and besides them each character that is a word in itself."""
    if len(run) > 1:
        yield from map(str.__add__, run, run[1:])
        yield from _HAN.findall(run)
    else:
        yield run


def _hangul(run: str) -> Iterator[str]:
    """Pairs, without a particle at the end; of two syllables also the first, since the second may be an ending."""
    bare = _PARTICLE.sub("", run)
    if len(bare) <= 2:
        yield bare[0]
    yield from map(str.__add__, bare, bare[1:])


def _clusters(run: str) -> Iterator[str]:
    """Pairs of consonants, each with the signs that it carries."""
    clusters = _CLUSTER.findall(run)
    if len(clusters) > 1:
        yield from map(str.__add__, clusters, clusters[1:])
    else:
        yield from clusters


_SPLIT = {"kanji": _kanji, "hangul": _hangul, "clustered": _clusters}
