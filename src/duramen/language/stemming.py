"""Words brought to the stem that their forms share, each language by its own rules."""

from __future__ import annotations

import functools
import re
import threading
import unicodedata
from collections.abc import Collection, Mapping, Sequence

import snowballstemmer

from duramen.language.function_words import ALSO_ENGLISH, ENGLISH, LATIN, OTHER

DEFAULT = "english"
"""The language of a text in Latin letters that shows no other."""

LANGUAGES = (DEFAULT, *LATIN)
"""The languages in Latin letters that are told apart by their words, as snowball names them."""

_SCRIPTS = (
    ("\u0370", "\u03ff", "greek"),
    ("\u0400", "\u052f", "russian"),
    ("\u0600", "\u06ff", "arabic"),
    ("\u1f00", "\u1fff", "greek"),
)
_LAST_LATIN = "\u024f"

VOTES = 2520
"""What a sign of a language counts, shared by the languages that have it. Whole numbers add up alike in any order."""

ENOUGH = VOTES // 2
"""Votes that a language must have more of: one word that two languages share is no sign."""

# Letters that few languages use, for texts of few words; common ones like é are left out.
_TELLING = {
    "ä": "german swedish finnish",
    "ö": "german swedish finnish turkish hungarian",
    "ü": "german turkish hungarian",
    "å": "swedish danish norwegian",
    "ø": "danish norwegian",
    "æ": "danish norwegian",
    "ê": "french portuguese",
    "á": "spanish portuguese hungarian",
    "í": "spanish portuguese hungarian",
    "ó": "spanish portuguese hungarian",
    "ú": "spanish portuguese hungarian",
    "è": "french italian",
    "à": "french italian",
    "ù": "french italian",
    "ò": "italian",
    "ì": "italian",
    "î": "french romanian",
    "ç": "french portuguese turkish",
    "œ": "french",
    "ñ": "spanish",
    "ã": "portuguese",
    "õ": "portuguese",
    "â": "portuguese romanian french",
    "ă": "romanian",
    "ș": "romanian",
    "ț": "romanian",
    "ğ": "turkish",
    "ş": "turkish",
    "\u0131": "turkish",
    "ő": "hungarian",
    "ű": "hungarian",
}

# Only the letters after the apostrophe are dropped: "ada's" is ada, "we'll" is we, "didn't" is did.
_CONTRACTION = re.compile(r"(?:n't|'(?:s|m|d|t|re|ve|ll))$")
_IRREGULAR = {"can't": "can", "won't": "will", "shan't": "shall", "ain't": "is"}
_ELISION = re.compile(
    r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quelqu|un|quest|quell|(?:d|n)?ell|(?:d|s)?all|sull|dov|com)'(?=.)"
)
_POSSESSIVE = re.compile(r"'s$")

_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]")
_LETTERS = str.maketrans({"ø": "o", "œ": "oe", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"})

SHORTEST_VERB = 4
"""Letters of a German stem that stays as it is."""

_stemming = threading.Lock()  # a snowball stemmer works in its own fields, and searches run on several threads


def plain(word: str) -> str:
    """Return a casefolded word without its accents, so that it is the same however carefully it was typed.

    Example:
        >>> plain("müller"), plain("ёлка"), plain("smørrebrød")
        ('muller', 'елка', 'smorrebrod')
    """
    if word.isascii():
        return word
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", word))
    return unicodedata.normalize("NFC", bare).translate(_LETTERS)


_FUNCTION_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(map(plain, words)) for language, words in ({DEFAULT: ENGLISH} | LATIN | OTHER).items()
}


def _signs() -> Mapping[str, tuple[str, ...]]:
    speakers = {letter: languages.split() for letter, languages in _TELLING.items()}
    for language in LANGUAGES:
        for word in _FUNCTION_WORDS[language]:
            speakers.setdefault(word, []).append(language)
    for word in ALSO_ENGLISH - _FUNCTION_WORDS[DEFAULT]:
        speakers[word].append(DEFAULT)
    return {sign: tuple(languages) for sign, languages in speakers.items()}


_SIGNS = _signs()
_WORTH = {sign: VOTES // len(languages) for sign, languages in _SIGNS.items()}
_ONLY_ENGLISH = frozenset(sign for sign, languages in _SIGNS.items() if languages == (DEFAULT,))
_FOREIGN = _SIGNS.keys() - _ONLY_ENGLISH


def guess(words: Sequence[str], among: Collection[str] = LANGUAGES) -> str:
    """Say in which language most of the casefolded `words` in Latin letters are; `DEFAULT` where nothing tells.

    Each function word votes for the languages it is of, the more the fewer they are; so does each letter that few
    languages use. It takes about a microsecond per word.

    Args:
        words: Words of a text.
        among: The languages to choose from, besides `DEFAULT`.
    """
    signs = set(words)
    for word in words:
        if not word.isascii():
            signs.add(plain(word))
            signs.update(_TELLING.keys() & set(word))
    votes: dict[str, int] = {}
    for sign in signs & _FOREIGN:
        for language in _SIGNS[sign]:
            votes[language] = votes.get(language, 0) + _WORTH[sign]
    best, most = DEFAULT, max(ENOUGH, votes.get(DEFAULT, 0) + VOTES * len(signs & _ONLY_ENGLISH))
    for language in LANGUAGES:
        if votes.get(language, 0) > most and language in among:
            best, most = language, votes[language]
    return best


@functools.lru_cache(maxsize=65536)
def content(word: str, language: str) -> str:
    """Return the `stem` of a casefolded `word` of a text in `language`, or nothing if it is a function word there."""
    spoken = _spoken(word, language)
    words = _FUNCTION_WORDS[spoken]
    return "" if plain(word) in words or plain(_bare(word, spoken)) in words else stem(word, language)


@functools.lru_cache(maxsize=65536)
def stem(word: str, language: str) -> str:
    """Return the stem of a casefolded `word`, without accents and apostrophes; never empty if the word has a letter.

    Args:
        word: A word in any script. Greek, Cyrillic and Arabic letters tell their language by themselves; a word in a
            script that no stemmer knows stays as it is.
        language: One of `LANGUAGES`, for words in Latin letters.
    """
    spoken = _spoken(word, language)
    bare = _bare(word, spoken).replace("'", "").replace("i\u0307", "i")
    if bare[:1] > _LAST_LATIN and spoken == language:
        return bare
    with _stemming:
        found = str(_stemmer(spoken).stemWord(plain(bare) if spoken == DEFAULT else bare))
    return _verb(plain(found)) if spoken == "german" else plain(found) or bare


def _verb(stemmed: str) -> str:
    """Bring the forms of a German verb together, which snowball keeps apart: wohn-t, wohn-en, ge-wohn-t.

    Source:
        Weissweiler & Fraser, Developing a Stemmer for German Based on a Comparative Analysis of Publicly Available
        Stemmers, 2017, https://doi.org/10.1007/978-3-319-73706-5_8
    """
    if len(stemmed) > SHORTEST_VERB and stemmed.endswith("t"):
        stemmed = stemmed[:-1]
    return stemmed[2:] if len(stemmed) > SHORTEST_VERB + 1 and stemmed.startswith("ge") else stemmed


def _spoken(word: str, language: str) -> str:
    if not word.isascii():
        for first, last, spoken in _SCRIPTS:
            if first <= word[0] <= last:
                return spoken
    return language


def _bare(word: str, language: str) -> str:
    """Drop what an apostrophe ties to a word."""
    if "'" not in word:
        return word
    if language == DEFAULT:
        return _IRREGULAR.get(word) or _CONTRACTION.sub("", word) or word
    if language in ("french", "italian"):
        return _ELISION.sub("", word)
    if language in ("turkish", "finnish"):
        return word.partition("'")[0] or word
    return _POSSESSIVE.sub("", word) or word


@functools.cache
def _stemmer(language: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(language)
