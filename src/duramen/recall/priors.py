"""What speaks for a memory before its words are compared: who said it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from weakref import WeakKeyDictionary

import numpy as np

from duramen.index.bank import BankIndex
from duramen.language.terms import STOP_WORDS
from duramen.recall.search import Scores, Search
from duramen.types import KINDS

_WORD = re.compile(r"\w+")
_TO_THE_AGENT = re.compile(r"\b(?:you|your|yours|assistant|agent)\b", re.IGNORECASE)
_EXPERIENCE = KINDS.index("experience")

_Speakers = dict[str, set[int]]
_known: WeakKeyDictionary[BankIndex, tuple[int, _Speakers]] = WeakKeyDictionary()


def priors(search: Search) -> Mapping[str, Scores]:
    """Return what is known of every memory beforehand, by name of the prior, each of shape (memories,); none if nothing.

    - `speaker`: 1 for what the one said whom the query names, if it names just one of the speakers. What Ada likes is
      better known from Ada than from whoever she talks to.
    - `agent`: 1 for what the agent itself said or did, unless the query speaks to the agent. It counts against a
      memory: an agent answers at length, and mostly of what it was told.
    """
    index = search.index
    found: dict[str, Scores] = {}
    named = _named(search)
    if named is not None:
        found["speaker"] = (index.speakers == named).astype(np.float32)
    if not _TO_THE_AGENT.search(search.query.text):
        own = index.kinds == _EXPERIENCE
        if own.any() and not own.all():
            found["agent"] = own.astype(np.float32)
    return found


def _named(search: Search) -> int | None:
    """Return the code of the speaker whom the query names, if it is just one: "Ada King" is not Ada Byron."""
    speakers = _speakers(search.index)
    words = dict.fromkeys(search.words or _WORD.findall(search.query.text.casefold()))
    named = Counter(code for word in words if word in speakers for code in speakers[word])
    first = named.most_common(2)
    return first[0][0] if first and (len(first) == 1 or first[0][1] > first[1][1]) else None


def _speakers(index: BankIndex) -> _Speakers:
    """Return the speakers by each word of their names."""
    names = index.speaker_names
    size, speakers = _known.get(index, (0, {}))
    if size < len(names):
        for code in range(size, len(names)):
            for word in _WORD.findall(names[code].casefold()):
                if word not in STOP_WORDS:
                    speakers.setdefault(word, set()).add(code)
        _known[index] = (len(names), speakers)
    return speakers
