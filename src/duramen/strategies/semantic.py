"""Facts: what people say of themselves, others and the world, and what the agent says that it did, one memory each."""

from __future__ import annotations

from dataclasses import dataclass

from duramen.language_model import LanguageModel
from duramen.namespaces import SEMANTIC
from duramen.strategies.forms import either
from duramen.strategies.semantic_plain import facts_by_rules
from duramen.strategies.usual import BuiltIn
from duramen.strategy import Made, Trigger, Work

TRIGGER = Trigger(messages=1, history=4)
"""When it begins if nothing else is said: with each message."""


@dataclass(frozen=True, kw_only=True)
class SemanticStrategy(BuiltIn):
    """Keeps single facts, each readable by itself: names for "I" and "you", dates of the calendar for "last week".

    A memory is a `fact`, or an `experience` if the agent itself says what it did, found, decided, recommends or promises;
    the rest of what an agent says is not kept. Questions, small talk, requests, fancies, jokes and secrets make none.
    Where it is not certain who or what is meant, a text stays as it was said. Its `details` are `subject`: whom it is
    about, if it says so.

    Without a language model English is rewritten, by rules; what is said in other languages is kept sentence by
    sentence, with the name of its speaker in front. A document gives its sentences with their headings, and data, which
    nobody says, its lines "key: value".

    Its own instructions are in `prompts/semantic.md`.
    """

    name: str = "semantic"
    namespace: str = SEMANTIC
    trigger: Trigger = TRIGGER

    async def __call__(self, work: Work) -> Made:
        """Make facts of the new events."""
        return await either(work, self._with_model, facts_by_rules)

    async def _with_model(self, work: Work, model: LanguageModel) -> Made:
        # pydantic is loaded only where there is a model.
        from duramen.strategies.semantic_model import facts_by_model

        return await facts_by_model(work, model, prompt=self.prompt)
