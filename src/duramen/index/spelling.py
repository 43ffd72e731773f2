"""Which name a misspelt word means."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from duramen.language.stemming import plain

SHORTEST = 4
"""Letters that a word needs to be read as another."""

LONG = 8
"""Letters from which a word may have two mistakes."""

MOST = 50_000
"""Words that are looked through; later ones are left out."""

_WORD = re.compile(r"[^\W\d_]+")
_LETTERS = 64


class Spelling:
    """The words of names, to find the one that a word is a misspelling of.

    A mistake is a letter too many, one missing, one wrong, or two swapped; accents are no mistake. The first letter,
    which people seldom get wrong, has to be right. A known word takes about 150 bytes.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()  # by word: in how many names that were added
        self._shelves: dict[str, _Shelf] = {}

    def __contains__(self, word: str) -> bool:
        return word in self._counts

    def add(self, names: Iterable[str]) -> None:
        """Learn the words of folded `names`. A name that is added again makes its words likelier."""
        for word in (word for name in names for word in _WORD.findall(name)):
            if word not in self._counts:
                if len(self._counts) >= MOST:
                    continue
                bare = plain(word)
                self._shelves.setdefault(bare[:1], _Shelf()).add(word, bare)
            self._counts[word] += 1

    def nearest(self, word: str) -> str | None:
        """Return the known word that a casefolded `word` most likely is, or None; also None for a known word itself.

        Of several as near as each other, the likeliest, then the first by the alphabet.
        """
        asked = plain(word)
        mistakes = 0 if len(asked) < SHORTEST else 1 if len(asked) < LONG else 2
        shelf = self._shelves.get(asked[:1])
        if shelf is None or not mistakes or word in self:
            return None
        found = [
            (distance, -self._counts[known], known)
            for known, bare in shelf.like(asked, mistakes)
            if (distance := edits(asked, bare)) <= mistakes
        ]
        return min(found)[2] if found else None


class _Shelf:
    """Words with the same first letter, without their accents, and for each its length and which letters it has."""

    def __init__(self) -> None:
        self._words: list[tuple[str, str]] = []
        self._letters = np.empty(0, dtype=np.uint64)
        self._lengths = np.empty(0, dtype=np.int32)

    def add(self, word: str, bare: str) -> None:
        """Put a new word on the shelf."""
        self._words.append((word, bare))

    def like(self, asked: str, mistakes: int) -> Sequence[tuple[str, str]]:
        """Return the words that could be `asked` with so many mistakes, and some that could not."""
        new = self._words[len(self._letters) :]
        if new:
            self._letters = np.append(self._letters, np.array([_letters(bare) for _, bare in new], dtype=np.uint64))
            self._lengths = np.append(self._lengths, np.array([len(bare) for _, bare in new], dtype=np.int32))
        # a mistake changes the length by one at most, and which letters there are by two
        near = np.abs(self._lengths - len(asked)) <= mistakes
        near &= np.bitwise_count(self._letters ^ np.uint64(_letters(asked))) <= 2 * mistakes
        return [self._words[place] for place in np.flatnonzero(near)]


def _letters(word: str) -> int:
    found = 0
    for letter in word:
        found |= 1 << ord(letter) % _LETTERS
    return found


def edits(one: str, other: str) -> int:
    """Count the mistakes that turn one word into the other; two swapped letters are one.

    Source:
        Damerau, A technique for computer detection and correction of spelling errors, Communications of the ACM 7 (3),
        1964, https://doi.org/10.1145/363958.363994 (in the form in which no letter is changed twice).

    Example:
        >>> edits("jonh", "john"), edits("lisbn", "lisbon")
        (1, 1)
    """
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    older: list[int] = []
    old = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        row = [place]
        for at, wanted in enumerate(other, 1):
            least = min(old[at] + 1, row[-1] + 1, old[at - 1] + (letter != wanted))
            if place > 1 < at and letter == other[at - 2] and one[place - 2] == wanted:
                least = min(least, older[at - 2] + 1)
            row.append(least)
        older, old = old, row
    return old[-1]
