"""The search terms of a text: what keyword search matches on."""

import functools
import hashlib
import re
import threading
import unicodedata

import numpy as np
import numpy.typing as npt
import regex
import snowballstemmer

LONGEST_TERM = 64
"""Characters of a word that count; the rest of a longer unbroken run (base64, a hash) is ignored."""

STOP_WORDS = frozenset(
    """
    a about above after again against all also am an and any are as at be because been before being below between
    both but by can could did do does doing done down during each either else ever few for from further get gets got
    had has have having he her here hers herself him himself his how i if in into is it its itself just let
    may me might mine more most much must my myself neither no nor not now of off oh ok okay on once only onto or
    other ought our ours ourselves out over own per quite rather really s same shall she should since so some still
    such than that the their theirs them themselves then there these they this those though through to too under
    until up upon very was we were what when where whether which while who whom whose why will with within
    without would yes yet you your yours yourself yourselves
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a hundred quoted strings
)

# Only the letters after the apostrophe are dropped: "ada's" is ada, "we'll" is we, "didn't" is did.
_CONTRACTION = re.compile(r"(?:n't|'(?:s|m|d|t|re|ve|ll))$")
_IRREGULAR = {"can't": "can", "won't": "will", "shan't": "shall", "ain't": "is"}

_ASCII_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
# Variation selectors and the keycap belong to emoji though Unicode calls them marks.
_LETTER = rf"[[\p{{L}}\p{{N}}]--[{_UNSPACED}]]"
_INNER = rf"[[\p{{L}}\p{{N}}\p{{M}}]--[{_UNSPACED}\uFE00-\uFE0F\u20E3]]"
_WORD = regex.compile(
    rf"(?P<unspaced>[[{_UNSPACED}]&&[\p{{L}}\p{{N}}\p{{M}}]]+)|{_LETTER}{_INNER}*+(?:'{_INNER}++)*+", regex.VERSION1
)

_english = snowballstemmer.stemmer("english")
_stemming = threading.Lock()  # a snowball stemmer works in its own fields, and searches run on several threads


def terms(text: str) -> list[str]:
    """Read the search terms of `text`, in order and with repeats.

    Words are NFKC-normalised, casefolded and stemmed (English snowball); digits are kept. Function words are left
    out unless the text has nothing else. Scripts written without spaces give overlapping pairs of characters, or
    the character itself where it stands alone. Punctuation, emoji, NULs and lone surrogates give nothing.

    Args:
        text: Any text, also an empty or malformed one.

    Returns:
        Terms of at most `LONGEST_TERM` characters; empty if the text has no word.

    Example:
        >>> terms("Ada's moving to Lisbon in 2025!")
        ['ada', 'move', 'lisbon', '2025']
        >>> terms("Who are you?")
        ['who', 'are', 'you']
    """
    words = _words(text)
    kept = [term for word in words if (term := _content(word[:LONGEST_TERM]))]
    return kept or [_stem(word[:LONGEST_TERM]) for word in words]


def term_codes(text: str) -> npt.NDArray[np.uint32]:
    """Hash each of the `terms` of `text` to a stable 32-bit code, in the same order and with repeats.

    Hashes need no vocabulary table in each bank: nothing to keep in step between processes, and no list of words
    that would outlive what was forgotten. The price is that a query term meets one of the `V` distinct terms of a
    bank by accident with probability about `V / 2**32`: one in 43 000 for a bank of 100 000 terms.

    Args:
        text: Any text.

    Returns:
        uint32, shape (number of terms,); the same in every process and version of Python.
    """
    found = terms(text)
    return np.fromiter(map(_code, found), dtype=np.uint32, count=len(found))


def _words(text: str) -> list[str]:
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    normal = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    if normal.isascii():
        return _ASCII_WORD.findall(normal)
    words: list[str] = []
    for match in _WORD.finditer(normal):
        word = match[0]
        if match.lastgroup is None or len(word) == 1:
            words.append(word)
        else:
            words.extend(map(str.__add__, word, word[1:]))
    return words


@functools.lru_cache(maxsize=65536)
def _content(word: str) -> str:
    """The term of `word`, or nothing for a function word."""
    return "" if word in STOP_WORDS or _uncontracted(word) in STOP_WORDS else _stem(word)


@functools.lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    bare = _uncontracted(word).replace("'", "")
    with _stemming:
        return str(_english.stemWord(bare)) or bare


def _uncontracted(word: str) -> str:
    if "'" not in word:
        return word
    return _IRREGULAR.get(word) or _CONTRACTION.sub("", word) or word


@functools.lru_cache(maxsize=65536)
def _code(term: str) -> int:
    digest = hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "little")
