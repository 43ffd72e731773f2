"""Facts: what people say of themselves, others and the world, and what the agent says that it did, one memory each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from duramen.errors import StrategyError
from duramen.language_model import LanguageModel
from duramen.namespaces import SEMANTIC, check_template, own_variables
from duramen.naming import digest
from duramen.strategies.custom import check_name
from duramen.strategies.forms import either
from duramen.strategies.semantic_plain import facts_by_rules
from duramen.strategy import Made, Trigger, Unit, Work

TRIGGER = Trigger(messages=1, history=4)
"""When it begins if nothing else is said: with each message."""


@dataclass(frozen=True, kw_only=True)
class SemanticStrategy:
    """Keeps single facts, each readable by itself: names for "I" and "you", dates of the calendar for "last week".

    A memory is a `fact`, or an `experience` if the agent itself says what it did, found, decided, recommends or promises;
    the rest of what an agent says is not kept. Questions, small talk, requests, fancies, jokes and secrets make none.
    Where it is not certain who or what is meant, a text stays as it was said. Its `details` are `subject`: whom it is
    about, if it says so.

    Without a language model English is rewritten, by rules; what is said in other languages is kept sentence by
    sentence, with the name of its speaker in front. A document gives its sentences with their headings.

    Attributes:
        namespace: The template of where it files.
        prompt: Says what a language model is to do, instead of `prompts/semantic.md`. The shape of the answer stays.
        model: The language model of this strategy, if it is another than the engine's, which passes the one to use
            with the work.

    Raises:
        StrategyError: The name is none, or the prompt is blank.
        NamespaceError: The template cannot be used.
    """

    name: str = "semantic"
    namespace: str = SEMANTIC
    prompt: str | None = None
    model: LanguageModel | None = None
    trigger: Trigger = TRIGGER

    def __post_init__(self) -> None:
        """Refuse what cannot be used."""
        check_name(self.name)
        if self.prompt is not None and not self.prompt.strip():
            raise StrategyError(f"The prompt of the strategy {self.name!r} is blank. Give text, or leave it out.")
        object.__setattr__(self, "namespace", check_template(self.namespace, own_variables([self.namespace])))

    @property
    def version(self) -> str:
        """Changes with what it does, and with the prompt."""
        return "1" if self.prompt is None else f"1-{digest(self.prompt)[:8]}"

    @property
    def namespaces(self) -> Sequence[str]:
        """The one template."""
        return (self.namespace,)

    @property
    def unit(self) -> Unit:
        """The new events of a session together."""
        return "session"

    @property
    def merges(self) -> bool:
        """Facts are compared with those that are there."""
        return True

    async def __call__(self, work: Work) -> Made:
        """Make facts of the new events."""
        chosen = work if work.model is not None else replace(work, model=self.model)
        return await either(chosen, self._with_model, facts_by_rules)

    async def _with_model(self, work: Work, model: LanguageModel) -> Made:
        # pydantic is loaded only where there is a model.
        from duramen.strategies.semantic_model import facts_by_model

        return await facts_by_model(work, model, prompt=self.prompt)
