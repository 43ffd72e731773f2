"""What users prefer, each as a memory: likings, dislikes, habits, and how they want the agent to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from duramen.errors import StrategyError
from duramen.language_model import LanguageModel
from duramen.namespaces import PREFERENCES, check_template, own_variables
from duramen.naming import digest
from duramen.strategies.usual import check_name
from duramen.strategies.forms import either
from duramen.strategies.preference_plain import stated_in
from duramen.strategy import Made, Trigger, Unit, Work

_TRIGGER = Trigger(messages=1, history=4)


@dataclass(frozen=True, kw_only=True)
class PreferenceStrategy:
    """Keeps what users prefer, one memory of the kind `preference` each.

    The text of a memory can be read by itself: "Ada prefers window seats when flying." Its `details` are `preference`
    (the same without the name), `context` (what was said), `categories` (one to three, such as `travel`), `explicit`
    (stated, not only shown by a habit) and `polarity` (`likes`, `dislikes`, `wants`; `rule` for a standing instruction,
    a diet and the like). What is wanted once, or is politeness, a guess, somebody else's taste, past, or a secret, is no
    preference.

    Attributes:
        namespace: The template of where they are filed.
        prompt: Says what a language model is to do, instead of `prompts/preference.md`.
        model: The language model of this strategy, if it is another than the engine's.
    """

    name: str = "preference"
    namespace: str = PREFERENCES
    prompt: str | None = None
    model: LanguageModel | None = None
    trigger: Trigger = _TRIGGER

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            NamespaceError: The template cannot be used.
            StrategyError: The name is none, the prompt is blank, or the trigger never begins.
        """
        check_name(self.name)
        namespace = check_template(self.namespace, own_variables([self.namespace]))
        if self.prompt is not None and not self.prompt.strip():
            raise StrategyError(
                f"The prompt of the preference strategy {self.name!r} is blank. Give text, or None for ours."
            )
        if self.trigger.messages < 1 or self.trigger.history < 0:
            raise StrategyError(
                f"The trigger of the preference strategy {self.name!r} has messages={self.trigger.messages} and "
                f"history={self.trigger.history}. Give 1 or more messages, and 0 or more of history."
            )
        object.__setattr__(self, "namespace", namespace)

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
        """The new turns of a session together."""
        return "session"

    @property
    def merges(self) -> bool:
        """Yes: a preference that is there already is not kept twice, and a changed one takes its place."""
        return True

    async def __call__(self, work: Work) -> Made:
        """Make preferences of the new events."""
        given = work if work.model is not None else replace(work, model=self.model)
        return await either(given, self._with_model, stated_in)

    async def _with_model(self, work: Work, model: LanguageModel) -> Made:
        # pydantic is loaded only where there is a model.
        from duramen.strategies.preference_model import written_of

        return await written_of(work, model, prompt=self.prompt)
