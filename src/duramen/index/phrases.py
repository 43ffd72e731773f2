"""Names by the words they are made of, to find them in text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from duramen.index.saved import Loaded, Parts
from duramen.index.vocabulary import Lookup, Vocabulary
from duramen.language.relations import relation_of
from duramen.language.terms import STOP_WORDS

_WORD = re.compile(r"\w+")

SHORTEST_PART = 3
"""Letters that a word needs to stand for a longer name that it is part of."""

MOST_SHARED = 5
"""Names that may share a word that still stands for each of them; "county" in hundreds of names says nothing."""

_Words = tuple[str, ...]


class Phrases:
    """Folded names, by all their words together and by each of them.

    Those that lie in a file are found there; only later ones are in dictionaries.
    """

    def __init__(self, names: Vocabulary) -> None:
        self._names = names
        self._whole: dict[_Words, list[int]] = {}
        self._part: dict[str, list[int]] = {}
        self._lengths: set[int] = set()  # how many words the names have
        self._saved: tuple[Lookup, Lookup, Lookup] | None = None  # by all words, by the first, by each that is spoken

    @classmethod
    def load(cls, names: Vocabulary, loaded: Loaded) -> Phrases:
        """Take what was saved, where it lies."""
        phrases = cls(names)
        phrases._saved = Lookup.load(loaded["whole"]), Lookup.load(loaded["first"]), Lookup.load(loaded["part"])
        phrases._lengths = set(loaded["lengths"].values.tolist())
        return phrases

    def save(self) -> Callable[[], Parts]:
        """Tell what to keep of it: the names that are there now."""
        lengths, count = sorted(self._lengths), len(self._names) if self._lengths else 0

        def parts() -> Parts:
            names = [self._names[code] for code in range(count)]
            read = [(words, code) for code, name in enumerate(names) if (words := words_of(name))]
            spoken = ((word, code) for code, name in enumerate(names) for word in dict.fromkeys(_spoken(name)))
            return {
                "whole": Lookup.of((_JOINT.join(words), code) for words, code in read).save(),
                "first": Lookup.of({words[0]: code for words, code in read}.items()).save(),
                "part": Lookup.of(spoken).save(),
                "lengths": np.array(lengths, dtype=np.int32),
            }

        return parts

    @property
    def nbytes(self) -> int:
        """Bytes taken, estimated."""
        return 300 * len(self._whole) + 200 * len(self._part)

    def add(self, code: int) -> None:
        """Add the name that has this code."""
        words = words_of(self._names[code])
        if words:
            self._lengths.add(len(words))
            self._whole.setdefault(words, []).append(code)
        for word in dict.fromkeys(_spoken(self._names[code])):
            self._part.setdefault(word, []).append(code)

    def find(self, folded: str) -> list[str]:
        """Find names in a text; see `Names.find`."""
        words = words_of(folded)
        first, parts = self._first_of(words), self._parts_of(words)
        found: dict[str, None] = {}
        spoken: set[int] = set()
        for length in sorted(self._lengths, reverse=True):
            for start in range(len(words) - length + 1):
                names = self._whole_of(words[start : start + length], first)
                found.update(dict.fromkeys(names))
                spoken.update(range(start, start + length) if names and length > 1 else ())
        for word in (word for place, word in enumerate(words) if place not in spoken):
            found.update(dict.fromkeys(self._telling(word, parts.get(word, ()))))
        return list(found)

    def _first_of(self, words: _Words) -> set[str]:
        """Return the words that some saved name begins with."""
        distinct = list(dict.fromkeys(words))
        spans = self._saved[1].spans(distinct) if self._saved is not None else []
        return {word for word, (first, last) in zip(distinct, spans, strict=False) if last > first}

    def _parts_of(self, words: _Words) -> dict[str, Sequence[int]]:
        """Return the words that are part of some name, with the codes of those names; some may be others'."""
        distinct = list(dict.fromkeys(words))
        parts: dict[str, Sequence[int]] = {word: self._part[word] for word in distinct if word in self._part}
        if self._saved is not None:
            codes = self._saved[2].codes
            for word, (first, last) in zip(distinct, self._saved[2].spans(distinct), strict=True):
                if last > first:
                    parts[word] = [*parts.get(word, ()), *codes[first : min(last, first + 2 * MOST_SHARED)].tolist()]
        return parts

    def _whole_of(self, words: _Words, first: set[str]) -> list[str]:
        names = [self._names[code] for code in self._whole.get(words, ())]
        if self._saved is not None and words[0] in first:
            saved = (self._names[code] for code in self._saved[0].find(_JOINT.join(words)))
            names += [name for name in saved if words_of(name) == words]
        return sorted(names)

    def _telling(self, word: str, codes: Sequence[int]) -> Iterable[str]:
        """Return the names that `word` alone stands for."""
        if len(word) < SHORTEST_PART or not word.isalpha() or word in STOP_WORDS or len(codes) > MOST_SHARED:
            return ()
        names = [self._names[code] for code in codes]
        return sorted(name for name in names if word in _spoken(name))


_JOINT = "\0"


def _spoken(name: str) -> _Words:
    """Return the words that stand for a name: of "ada's sister", Ada alone says nothing."""
    tie = relation_of(name)
    return words_of(tie[1] if tie else name)


def words_of(folded: str) -> _Words:
    """Return the words of a folded text."""
    return tuple(_WORD.findall(folded))
