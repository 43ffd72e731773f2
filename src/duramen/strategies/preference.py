"""What users prefer, each as a memory: likings, dislikes, habits, and how they want the agent to answer."""

from __future__ import annotations

from dataclasses import dataclass

from duramen.language_model import LanguageModel
from duramen.namespaces import PREFERENCES
from duramen.strategies.forms import either
from duramen.strategies.preference_plain import stated_in
from duramen.strategies.usual import BuiltIn
from duramen.strategy import Made, Trigger, Work

_TRIGGER = Trigger(messages=1, history=4)


@dataclass(frozen=True, kw_only=True)
class PreferenceStrategy(BuiltIn):
    """Keeps what users prefer, one memory of the kind `preference` each.

    The text of a memory can be read by itself: "Ada prefers window seats when flying." Its `details` are `preference`
    (the same without the name), `context` (what was said), `categories` (one to three, such as `travel`), `explicit`
    (stated, not only shown by a habit) and `polarity` (`likes`, `dislikes`, `wants`; `rule` for a standing instruction,
    a diet and the like). What is wanted once, or is politeness, a guess, somebody else's taste, past, or a secret, is no
    preference.

    Its own instructions are in `prompts/preference.md`.
    """

    name: str = "preference"
    namespace: str = PREFERENCES
    trigger: Trigger = _TRIGGER

    async def __call__(self, work: Work) -> Made:
        """Make preferences of the new events."""
        return await either(work, self._with_model, stated_in)

    async def _with_model(self, work: Work, model: LanguageModel) -> Made:
        # pydantic is loaded only where there is a model.
        from duramen.strategies.preference_model import written_of

        return await written_of(work, model, prompt=self.prompt)
