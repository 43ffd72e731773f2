"""Reflect: an answer with its sources, from a language model where there is one that helps, else in the memories' words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from duramen.errors import LanguageModelError
from duramen.language.terms import terms
from duramen.language_model import LanguageModel, Models, Prompt
from duramen.language_models.prompts import fenced
from duramen.protocols import Store
from duramen.recall.beside import RecallBoth
from duramen.reflect.gathering import Gathered, cited_text, hits_of
from duramen.reflect.guidance import NONE, Guidance, best_prepared, guided, not_followed, step_of
from duramen.retain.split import split
from duramen.stages import stage
from duramen.types import Hit, Query, Reflection, Statement

if TYPE_CHECKING:
    from pydantic import BaseModel

NOTHING = "Nothing is known about this."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReflectPipeline:
    """Recalls, and answers from what was recalled.

    Attributes:
        least: Hits below this score are no answer.
        most: At most this many are cited without a model.
        sentence_tokens: Of a longer memory only the piece of about this size that fits the question best is quoted.
    """

    recall: RecallBoth
    store: Store
    models: Models
    least: float = 0.3
    most: int = 6
    sentence_tokens: int = 40

    async def __call__(
        self, bank: str, query: Query, shape: type[BaseModel] | None = None, guidance: Guidance | None = None
    ) -> Reflection:
        """Answer `query` from `bank`, with the answer in `shape` as well if there is one, keeping to `guidance`.

        Without a model the answer is in the words of the memories, after a prepared one to such a question if there is
        one; no directive is kept to then, which a note says.
        """
        guidance = guidance or NONE
        with stage("reflect", "recall"):
            recall = await self.recall(bank, query)
        model = self.models.for_bank(bank)
        if model is None:
            note = ("`shape` needs a language model: `duramen.open(…, model=…)`",) if shape is not None else ()
            return self._without_model(bank, query, hits_of(recall), guidance, note)
        from duramen.reflect.thinking import think  # loads pydantic, for which a memory without a model need not wait

        gathered = Gathered(bank, self.recall, self.store, hits_of(recall))
        try:
            with stage("reflect", "think"):
                reflection = await think(model, query, gathered, guidance, nothing=NOTHING)
                return reflection if shape is None else await self._shaped(model, reflection, shape, guidance)
        except LanguageModelError as error:
            note = (f"in the words of the memories, since {model.name} did not help: {error}",)
            return replace(self._without_model(bank, query, hits_of(recall), guidance, note), fallbacks=1)

    async def _shaped(
        self, model: LanguageModel, reflection: Reflection, shape: type[BaseModel], guidance: Guidance
    ) -> Reflection:
        """Add the answer in the shape that was asked for; one about which nothing is known has none."""
        if not reflection.statements:
            return reflection
        data = "\n\n".join((fenced("question", reflection.question), fenced("statements", reflection.text)))
        prompt = Prompt(instructions=guided("shape", guidance), data=data)
        try:
            answered = await model.answer(prompt, shape)
        except LanguageModelError as error:
            note = f"not in the shape that was asked for, since {model.name} did not help: {error}"
            return replace(reflection, notes=(*reflection.notes, note), fallbacks=1)
        return replace(reflection, data=answered.value.model_dump(mode="json"))

    def _without_model(
        self, bank: str, query: Query, hits: Sequence[Hit], guidance: Guidance, notes: tuple[str, ...]
    ) -> Reflection:
        """Answer in the words of the memories, after a prepared answer if there is one to such a question."""
        with stage("reflect", "extract"):
            reflection = self._extract(bank, query, hits)
        notes = (*notes, *not_followed(guidance))
        prepared = best_prepared(guidance, query.text)
        if prepared is None or not prepared.content.strip():
            return replace(reflection, notes=notes)
        told = f"the answer begins with what was worked out before: {prepared.name!r}"
        text = prepared.content.strip() + (f"\n\n{reflection.text}" if reflection.statements else "")
        return replace(reflection, text=text, notes=(*notes, told), steps=(step_of(prepared),))

    def _extract(self, bank: str, query: Query, hits: Sequence[Hit]) -> Reflection:
        """Answer from the best hits, best first, each with date, speaker and the number of its source."""
        sources = tuple(hit for hit in hits if hit.score >= self.least)[: self.most]
        wanted = set(terms(query.text))
        statements = tuple(Statement(self._quote(hit, wanted), (place,)) for place, hit in enumerate(sources, start=1))
        return Reflection(
            bank=bank,
            question=query.text,
            text=cited_text(statements) or NOTHING,
            sources=sources,
            statements=statements,
        )

    def _quote(self, hit: Hit, wanted: set[str]) -> str:
        memory = hit.memory
        pieces = split(memory.text, self.sentence_tokens)
        best = max(pieces, key=lambda piece: len(wanted & set(terms(piece))))
        said = f"{memory.mentioned:%Y-%m-%d}" + (f", {memory.speaker}" if memory.speaker else "")
        until = f" (until {memory.superseded:%Y-%m-%d})" if memory.superseded else ""
        return f"{said}: {' '.join(best.split())}{until}"
