"""An answer without a language model: the sentences that answer best, with their sources."""

from __future__ import annotations

from dataclasses import dataclass

from duramen.language.terms import terms
from duramen.recall.pipeline import RecallPipeline
from duramen.retain.split import split
from duramen.types import Hit, Query, Reflection

NOTHING = "Nothing is known about this."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReflectPipeline:
    """Recalls, and answers in the words of what was recalled.

    Attributes:
        least: Hits below this score are no answer.
        sources: At most this many are cited.
        sentence_tokens: Of a longer memory only the piece of about this size that fits the question best is quoted.
    """

    recall: RecallPipeline
    least: float = 0.3
    sources: int = 6
    sentence_tokens: int = 40

    async def __call__(self, bank: str, query: Query) -> Reflection:
        """Answer from the best hits, best first, each with date, speaker and the number of its source."""
        recall = await self.recall(bank, query)
        sources = tuple(hit for hit in recall.hits if hit.score >= self.least)[: self.sources]
        if not sources:
            return Reflection(bank=bank, question=query.text, text=NOTHING)
        wanted = set(terms(query.text))
        lines = [f"{self._quote(hit, wanted)} [{number}]" for number, hit in enumerate(sources, start=1)]
        return Reflection(bank=bank, question=query.text, text="\n".join(lines), sources=sources)

    def _quote(self, hit: Hit, wanted: set[str]) -> str:
        memory = hit.memory
        pieces = split(memory.text, self.sentence_tokens)
        best = max(pieces, key=lambda piece: len(wanted & set(terms(piece))))
        said = f"{memory.mentioned:%Y-%m-%d}" + (f", {memory.speaker}" if memory.speaker else "")
        return f"{said}: {' '.join(best.split())}"
