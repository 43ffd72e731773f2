"""Reading a query: what the arms go by, found in its text and in the bank that it is asked of."""

from __future__ import annotations

from duramen.index.bank import BankIndex
from duramen.language.time_intent import read_time
from duramen.protocols import Asked
from duramen.recall.planning import expansion, names_asked
from duramen.recall.search import Search
from duramen.recall.wording import wording
from duramen.types import Interval, Query


def read(query: Query, index: BankIndex, asked: Asked) -> Search:
    """Read out of the query's text what the arms go by."""
    time = read_time(query.text, query.at)
    words = wording(query.text, index)
    names = names_asked(index, words.words, query.text, query.actor)
    return Search(
        index=index,
        query=query,
        vector=asked.vector,
        unrelated=asked.unrelated,
        words=words.words,
        codes=words.codes,
        variants=words.variants,
        pairs=words.pairs,
        corrected=words.corrected,
        dates=tuple(Interval(found.start, found.end) for found in time.dates),
        time=time,
        names=names,
        expansion=expansion(index, names),
    )
