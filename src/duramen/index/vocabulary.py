"""Names and the codes that stand for them in arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from duramen.index.columns import Column
from duramen.index.saved import Loaded, Parts
from duramen.index.texts import Texts

UNKNOWN = -2
"""The code of a name that no row has."""

_Keys = npt.NDArray[np.uint64]
_Codes = npt.NDArray[np.int32]


def fingerprint(text: str) -> int:
    """Return 64 bits that are the same for the same text, in every process, and hardly ever for another."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class Lookup:
    """Codes by the fingerprint of a text, in sorted arrays; several texts may share one.

    Args:
        keys: Fingerprints, rising.
        codes: As many codes.
    """

    def __init__(self, keys: _Keys, codes: _Codes) -> None:
        self.keys = keys
        self.codes = codes

    @classmethod
    def load(cls, loaded: Loaded) -> Lookup:
        """Take a lookup that was saved, where it lies."""
        return cls(loaded["keys"].values, loaded["codes"].values)

    @classmethod
    def of(cls, texts: Iterable[tuple[str, int]]) -> Lookup:
        """Make a lookup of texts with their codes."""
        pairs = [(fingerprint(text), code) for text, code in texts]
        keys = np.array([key for key, _ in pairs], dtype=np.uint64)
        order = np.argsort(keys, kind="stable")
        return cls(keys[order], np.array([code for _, code in pairs], dtype=np.int32)[order])

    def save(self) -> Parts:
        """Tell what to keep of it."""
        return {"keys": self.keys, "codes": self.codes}

    def spans(self, texts: Sequence[str]) -> list[tuple[int, int]]:
        """Return for each of `texts` where the codes begin and end that may be its own."""
        if not len(self.keys):
            return [(0, 0)] * len(texts)
        keys = np.array([fingerprint(text) for text in texts], dtype=np.uint64)
        first, last = (self.keys.searchsorted(keys, side).tolist() for side in ("left", "right"))
        return list(zip(first, last, strict=True))

    def find(self, text: str) -> list[int]:
        """Return the codes that may be those of `text`."""
        ((first, last),) = self.spans([text])
        found: list[int] = self.codes[first:last].tolist()
        return found


class Vocabulary:
    """Names, each with a code, from 0 in the order in which they were added.

    Those that lie in a file are found there; only later ones are in a dictionary.
    """

    def __init__(self, texts: Texts | None = None, lookup: Lookup | None = None) -> None:
        self._texts = Texts() if texts is None else texts
        self._lookup = lookup
        self._names: list[str] = []
        self._codes: dict[str, int] = {}

    @classmethod
    def load(cls, loaded: Loaded) -> Vocabulary:
        """Take a vocabulary that was saved, where it lies."""
        return cls(Texts.load(loaded["texts"]), Lookup.load(loaded["lookup"]))

    def save(self) -> Callable[[], Parts]:
        """Tell what to keep of it: the names that are there now."""
        names = [*self._names]
        return lambda: _saved([*self._texts, *names])

    @property
    def nbytes(self) -> int:
        """Bytes taken, estimated."""
        return self._texts.nbytes + 200 * len(self._codes)

    def __len__(self) -> int:
        return len(self._texts) + len(self._names)

    def __getitem__(self, code: int) -> str:
        name: str = self._texts[code] if code < len(self._texts) else self._names[code - len(self._texts)]
        return name

    def code_of(self, name: str) -> int:
        """Return the code of `name`, or `UNKNOWN`."""
        code = self._codes.get(name)
        if code is None and self._lookup is not None:
            code = next((code for code in self._lookup.find(name) if self._texts[code] == name), None)
        return UNKNOWN if code is None else code

    def add(self, name: str) -> int:
        """Return the code of `name`, giving it the next one if it has none."""
        code = self._codes.get(name)
        if code is None:
            code = self.code_of(name)
            if code == UNKNOWN:
                code = len(self)
                self._names.append(name)
            self._codes[name] = code
        return code

    def used(self, codes: _Codes) -> tuple[Vocabulary, _Codes]:
        """Return the names with one of `codes`, in the order of those, and the new code of each old one.

        The array has one element more, -1, so that a code of -1 stays one.
        """
        first = np.full(len(self), len(codes), dtype=np.int64)
        first[codes[::-1]] = np.arange(len(codes))[::-1]  # of repeated indices the last one counts
        kept = np.flatnonzero(first < len(codes))
        kept = kept[np.argsort(first[kept])]
        renumbered = np.full(len(self) + 1, -1, dtype=np.int32)
        renumbered[kept] = np.arange(len(kept))
        names = Vocabulary()
        for code in kept.tolist():
            names.add(self[code])
        return names, renumbered


def _saved(names: Sequence[str]) -> Parts:
    texts = Texts()
    texts.append(names)
    return {"texts": texts.save(), "lookup": Lookup.of((name, code) for code, name in enumerate(names)).save()}


class Labels:
    """A column of names, kept as codes from 0; -1 where there is none."""

    def __init__(self, names: Vocabulary | None = None, column: Column[np.int32] | None = None) -> None:
        self._names = Vocabulary() if names is None else names
        self._column = Column(np.int32) if column is None else column

    @classmethod
    def load(cls, loaded: Loaded) -> Labels:
        """Take labels that were saved, where they lie."""
        return cls(Vocabulary.load(loaded["names"]), Column.load(np.int32, loaded["codes"]))

    def save(self) -> Parts:
        """Tell what to keep of it."""
        return {"names": self._names.save(), "codes": self.codes}

    @property
    def codes(self) -> npt.NDArray[np.int32]:
        """One code per row."""
        return self._column.values

    @property
    def names(self) -> Vocabulary:
        """The names, by code."""
        return self._names

    @property
    def nbytes(self) -> int:
        """Bytes taken; those of the names are estimated."""
        return self._column.nbytes + self._names.nbytes

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._names)

    def code_of(self, name: str) -> int:
        """Return the code of `name`, or -2, which no row has."""
        return self._names.code_of(name)

    def name_of(self, row: int) -> str | None:
        """Return the name of a row."""
        code = int(self.codes[row])
        return None if code < 0 else self._names[code]

    def append(self, names: Iterable[str | None]) -> None:
        """Add the name of each new row, or None."""
        add = self._names.add
        self._column.append([-1 if name is None else add(name) for name in names])

    def kept(self, mask: npt.NDArray[np.bool_]) -> Labels:
        """Return the rows where `mask` is true, without the names that only the others had."""
        codes = self.codes[mask]
        names, renumbered = self._names.used(codes[codes >= 0])
        return Labels(names, Column(np.int32, renumbered[codes]))
