"""Which names each row of a bank has, for its entities and its tags."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, compress
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from duramen.index.postings import Postings
from duramen.language.terms import STOP_WORDS

_WORD = re.compile(r"\w+")

SHORTEST_PART = 3
"""Letters that a word needs to stand for a longer name that it is part of."""

MOST_SHARED = 5
"""Names that may share a word that still stands for each of them; "county" in hundreds of names says nothing."""


class Names:
    """A column of sets of names, found both by row and by name. A name without rows left is gone.

    Args:
        fold: Take names that differ only in case, in spaces or in how Unicode encodes them for one, and let `find`
            look for them in text.
    """

    def __init__(self, *, fold: bool) -> None:
        self._fold = fold
        self._by_row: list[tuple[str, ...]] = []
        self._postings = Postings()
        self._codes: dict[str, int] = {}
        self._given = 0  # codes are never given twice, so that postings of a name that is gone cannot come back
        self._counts: dict[str, int] = {}
        self._phrases = _Phrases()

    def __len__(self) -> int:
        return len(self._by_row)

    @property
    def lengths(self) -> npt.NDArray[np.int32]:
        """How many different names each row has; shape (rows,)."""
        return self._postings.lengths

    @property
    def nbytes(self) -> int:
        """Bytes taken, estimated."""
        return self._postings.nbytes + 72 * len(self) + (900 if self._fold else 300) * len(self._codes)

    def append(self, names_per_row: Sequence[tuple[str, ...]]) -> None:
        """Add the names of each new row; of repeated ones the first counts."""
        read: dict[tuple[str, ...], tuple[str, ...]] = {}  # many rows have the same names
        for names in names_per_row:
            if names not in read:
                read[names] = tuple(dict.fromkeys(map(fold, names) if self._fold else names))
        rows = [read[names] for names in names_per_row]
        self._by_row.extend(rows)
        flat = list(chain.from_iterable(rows))
        for name, count in Counter(flat).items():
            self._add(name, count)
        codes = np.fromiter(map(self._codes.__getitem__, flat), dtype=np.uint32, count=len(flat))
        self._postings.append_flat(codes, np.fromiter(map(len, rows), dtype=np.int32, count=len(rows)))

    def keep(self, mask: npt.NDArray[np.bool_]) -> None:
        """Keep the rows where `mask` is true, in order, and forget the names that only the others had."""
        lost = Counter(chain.from_iterable(compress(self._by_row, ~mask)))
        self._by_row = list(compress(self._by_row, mask))
        self._postings.keep(mask)
        for name, count in lost.items():
            self._counts[name] -= count
            if not self._counts[name]:
                del self._counts[name], self._codes[name]
                if self._fold:
                    self._phrases.discard(name)

    def rows_of(self, name: str) -> npt.NDArray[np.int32]:
        """Return the rows that have `name`, rising; empty for an unknown one."""
        code = self._codes.get(fold(name) if self._fold else name)
        return np.empty(0, dtype=np.int32) if code is None else self._postings.rows_of(code)

    def names_of(self, row: int) -> tuple[str, ...]:
        """Return the names of a row in the order given, folded if this column folds."""
        return self._by_row[row]

    def count(self, name: str) -> int:
        """Return how many rows have `name`."""
        return self._counts.get(fold(name) if self._fold else name, 0)

    def all(self) -> Mapping[str, int]:
        """Return a live view of all names, folded if this column folds, with how many rows have each."""
        return MappingProxyType(self._counts)

    def find(self, text_words: Sequence[str]) -> list[str]:
        """Find the names that a text speaks of: whole, as adjacent words, or by one telling word.

        A word alone stands for the longer names that it is part of ("ada" for "ada lovelace") if it has at least
        `SHORTEST_PART` letters, is no function word, is part of at most `MOST_SHARED` names, and is not itself spoken
        as part of a longer known name ("ada byron"). The cost grows with the text, not with the names known.

        Args:
            text_words: The words of the text in order, in any case, with or without their punctuation.

        Returns:
            Folded names, each once: those found whole, longest first, then those found by one word; otherwise as spoken.

        Raises:
            ValueError: This column does not fold.
        """
        if not self._fold:
            raise ValueError("only a column that folds names finds them in text")
        return self._phrases.find(_words(fold(" ".join(text_words))))

    def _add(self, name: str, count: int) -> None:
        if name not in self._codes:
            self._codes[name] = self._given
            self._given += 1
            self._counts[name] = 0
            if self._fold:
                self._phrases.add(name)
        self._counts[name] += count


class _Phrases:
    """Names by the words they are made of."""

    def __init__(self) -> None:
        self._whole: dict[tuple[str, ...], set[str]] = {}
        self._part: dict[str, set[str]] = {}
        self._lengths: Counter[int] = Counter()  # how many phrases have how many words

    def add(self, name: str) -> None:
        words = _words(name)
        if words not in self._whole:
            self._lengths[len(words)] += 1
        self._whole.setdefault(words, set()).add(name)
        for word in words:
            self._part.setdefault(word, set()).add(name)

    def discard(self, name: str) -> None:
        words = _words(name)
        self._whole[words].discard(name)
        if not self._whole[words]:
            del self._whole[words]
            self._lengths[len(words)] -= 1
            self._lengths += Counter()  # drops lengths that no phrase has any more
        for word in dict.fromkeys(words):
            self._part[word].discard(name)
            if not self._part[word]:
                del self._part[word]

    def find(self, words: tuple[str, ...]) -> list[str]:
        found: dict[str, None] = {}
        spoken: set[int] = set()
        for length in sorted(self._lengths, reverse=True):
            for start in range(len(words) - length + 1):
                names = self._whole.get(words[start : start + length]) if length else None
                if names:
                    found.update(dict.fromkeys(sorted(names)))
                    spoken.update(range(start, start + length) if length > 1 else ())
        found.update(dict.fromkeys(self._by_part(word for place, word in enumerate(words) if place not in spoken)))
        return list(found)

    def _by_part(self, words: Iterable[str]) -> Iterable[str]:
        for word in words:
            names = self._part.get(word, ())
            telling = len(word) >= SHORTEST_PART and word.isalpha() and word not in STOP_WORDS
            if telling and len(names) <= MOST_SHARED:
                yield from sorted(names)


def fold(name: str) -> str:
    """Bring a name to the form in which it is compared: NFKC, casefolded, with single spaces.

    Example:
        >>> fold(" Ada  LOVELACE ")
        'ada lovelace'
    """
    plain = name if name.isascii() else unicodedata.normalize("NFKC", name)
    return " ".join(plain.casefold().split())


def _words(folded: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(folded))
