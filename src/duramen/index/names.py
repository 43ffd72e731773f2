"""Which names each row of a bank has, for its entities and its tags."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from duramen.index.columns import Column
from duramen.index.phrases import Phrases
from duramen.index.postings import Postings
from duramen.index.saved import Loaded, Parts
from duramen.index.vocabulary import Vocabulary


class Names:
    """A column of sets of names, found both by row and by name. A name without rows left is gone.

    Args:
        fold: Take names that differ only in case, in spaces or in how Unicode encodes them for one, and let `find`
            look for them in text.
    """

    def __init__(self, *, fold: bool) -> None:
        self._fold = fold
        self._names = Vocabulary()
        self._phrases = Phrases(self._names)
        self._codes = Column(np.int32)  # those of all rows, one row after the other, in the order given
        self._ends = Column(np.int64)
        self._postings = Postings()

    @classmethod
    def load(cls, loaded: Loaded, *, fold: bool) -> Names:
        """Take names that were saved, where they lie."""
        names = cls(fold=fold)
        names._names = Vocabulary.load(loaded["names"])
        names._phrases = Phrases.load(names._names, loaded["phrases"])
        names._codes = Column.load(np.int32, loaded["codes"])
        names._ends = Column.load(np.int64, loaded["ends"])
        names._postings = Postings.load(loaded["postings"])
        return names

    def save(self) -> Parts:
        """Tell what to keep of it."""
        return {
            "names": self._names.save(),
            "phrases": self._phrases.save(),
            "codes": self._codes.values,
            "ends": self._ends.values,
            "postings": self._postings.save(),
        }

    def __len__(self) -> int:
        return len(self._ends)

    @property
    def lengths(self) -> npt.NDArray[np.int32]:
        """How many different names each row has; shape (rows,)."""
        return self._postings.lengths

    @property
    def nbytes(self) -> int:
        """Bytes taken, estimated."""
        columns = self._codes.nbytes + self._ends.nbytes
        return self._postings.nbytes + columns + self._names.nbytes + self._phrases.nbytes

    def append(self, names_per_row: Sequence[tuple[str, ...]]) -> None:
        """Add the names of each new row; of repeated ones the first counts."""
        read: dict[tuple[str, ...], list[int]] = {}  # many rows have the same names
        for names in names_per_row:
            if names not in read:
                read[names] = [self._add(name) for name in dict.fromkeys(map(fold, names) if self._fold else names)]
        rows = [read[names] for names in names_per_row]
        lengths = np.fromiter(map(len, rows), dtype=np.int32, count=len(rows))
        codes = np.fromiter(chain.from_iterable(rows), dtype=np.int32, count=int(lengths.sum()))
        last = int(self._ends.values[-1]) if len(self) else 0
        self._codes.append(codes)
        self._ends.append(last + np.cumsum(lengths, dtype=np.int64))
        self._postings.append_flat(codes.astype(np.uint32), lengths)

    def kept(self, mask: npt.NDArray[np.bool_]) -> Names:
        """Return the rows where `mask` is true, in order, without the names that only the others had."""
        kept = Names(fold=self._fold)
        lengths = np.diff(self._ends.values, prepend=0)
        codes = self._codes.values[np.repeat(mask, lengths)]
        kept._names, renumbered = self._names.used(codes)
        kept._phrases = Phrases(kept._names)
        if self._fold:
            for code in range(len(kept._names)):
                kept._phrases.add(code)
        codes = renumbered[codes]
        kept._codes, kept._ends = Column(np.int32, codes), Column(np.int64, np.cumsum(lengths[mask]))
        kept._postings.append_flat(codes.astype(np.uint32), lengths[mask].astype(np.int32))
        return kept

    def rows_of(self, name: str) -> npt.NDArray[np.int32]:
        """Return the rows that have `name`, rising; empty for an unknown one."""
        code = self._code_of(name)
        return np.empty(0, dtype=np.int32) if code < 0 else self._postings.rows_of(code)

    def names_of(self, row: int) -> tuple[str, ...]:
        """Return the names of a row in the order given, folded if this column folds."""
        first = int(self._ends.values[row - 1]) if row else 0
        codes = self._codes.values[first : int(self._ends.values[row])].tolist()
        return tuple(self._names[code] for code in codes)

    def count(self, name: str) -> int:
        """Return how many rows have `name`."""
        code = self._code_of(name)
        return 0 if code < 0 else self._postings.frequency(code)

    def all(self) -> Mapping[str, int]:
        """Return a live view of all names, folded if this column folds, with how many rows have each."""
        return _Counts(self._names, self._postings)

    def find(self, text_words: Sequence[str]) -> list[str]:
        """Find the names that a text speaks of: whole, as adjacent words, or by one telling word.

        A word alone stands for the longer names that it is part of ("ada" for "ada lovelace") if it has at least
        `phrases.SHORTEST_PART` letters, is no function word, is part of at most `phrases.MOST_SHARED` names, and is not itself spoken
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
        return self._phrases.find(fold(" ".join(text_words)))

    def _code_of(self, name: str) -> int:
        return self._names.code_of(fold(name) if self._fold else name)

    def _add(self, name: str) -> int:
        known = len(self._names)
        code = self._names.add(name)
        if code == known and self._fold:
            self._phrases.add(code)
        return code


class _Counts(Mapping[str, int]):
    """Names with their counts, looked up when asked for."""

    def __init__(self, names: Vocabulary, postings: Postings) -> None:
        self._names = names
        self._postings = postings

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return (self._names[code] for code in range(len(self._names)))

    def __getitem__(self, name: str) -> int:
        if (code := self._names.code_of(name)) < 0:
            raise KeyError(name)
        return self._postings.frequency(code)


def fold(name: str) -> str:
    """Bring a name to the form in which it is compared: NFKC, casefolded, with single spaces.

    Example:
        >>> fold(" Ada  LOVELACE ")
        'ada lovelace'
    """
    plain = name if name.isascii() else unicodedata.normalize("NFKC", name)
    return " ".join(plain.casefold().split())
