"""Episodes: what was wanted, what was done about it, and how it came out; and reflections, what is learned from several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from duramen.language_model import LanguageModel
from duramen.namespaces import (
    EPISODES,
    REFLECTIONS,
    check_reflections,
    check_template,
    own_variables,
    resolve,
)
from duramen.strategies.episodic_later import amended
from duramen.strategies.episodic_plain import known_again, told
from duramen.strategies.episodic_reflections import reflections
from duramen.strategies.forms import either
from duramen.strategies.usual import BuiltIn
from duramen.strategy import Candidate, Made, Trigger, Work

TRIGGER = Trigger(messages=2, idle_seconds=300, history=4)
"""When it begins if nothing else is said: with an answer, and when nothing came for five minutes."""


@dataclass(frozen=True, kw_only=True)
class EpisodicStrategy(BuiltIn):
    """Keeps the goals that a user pursued with an agent, each as a memory of the kind `episode`, once it has ended.

    An episode has ended when the user says so, by thanks, praise, a good-bye or giving up; when they turn to another
    task; or when nothing came for `trigger.idle_seconds`. The events of one that has not are left, and given again with
    what follows. What nobody wanted anything with, and what no agent did anything about, is no episode.
    If silence ended one, and the user comes back to say how it came out, its assessment is brought up to date.

    Its `details` are `situation`, `intent`, `actions` (a list), `outcome`, `assessment` (`success`, `failure`, `partial`
    or `unknown`), `justification`, and `reflection`: what to do alike or otherwise next time, or nothing.

    A memory of the kind `reflection` says what several episodes of one kind teach. Its `details` are `title`,
    `use_cases`, `hints`, `confidence` in [0.1, 1], `supported` and `contradicted` (how many episodes do either) and
    `episodes`: of each behind it in short `intent`, `action`, `assessment`, `outcome` and the ids of its `sources`. So a
    new episode is compared with it without reading what other sessions have filed. Another such episode brings it up to
    date: it takes the place of the former.

    Attributes:
        reflections: The template of where reflections are filed: that of the episodes, or above it, so that they bring
            the sessions of an actor together, or a `NamespaceError` is raised. None for no reflections.
        reflection_prompt: Says what a language model is to do with new episodes, instead of `prompts/reflection.md`, as
            `prompt` does with a conversation, instead of `prompts/episode.md`.
    """

    name: str = "episodic"
    namespace: str = EPISODES
    trigger: Trigger = TRIGGER
    reflections: str | None = REFLECTIONS
    reflection_prompt: str | None = None

    merges: ClassVar[bool] = False  # two episodes are two, however alike; a reflection says itself what it replaces

    def __post_init__(self) -> None:
        """Refuse reflections that are filed elsewhere than their episodes or deeper."""
        BuiltIn.__post_init__(self)
        if self.reflections is not None:
            check_reflections(self.reflections, self.namespace)
            template = check_template(self.reflections, own_variables([self.reflections]))
            object.__setattr__(self, "reflections", template)

    @property
    def prompts(self) -> Sequence[str | None]:
        """What may be told in the stead of our instructions."""
        return (self.prompt, self.reflection_prompt)

    @property
    def namespaces(self) -> Sequence[str]:
        """The template of the episodes, then that of the reflections."""
        return (self.namespace,) if self.reflections is None else (self.namespace, self.reflections)

    async def __call__(self, work: Work) -> Made:
        """Write the episodes of `work` that have ended, and what they teach."""
        return await either(work, self._with_model, self._without_model)

    async def _without_model(self, work: Work) -> Made:
        found = told(work, idle_seconds=self.trigger.idle_seconds)
        episodes = (*await amended(work), *await known_again(work, found.episodes))
        return Made(candidates=(*episodes, *await self._reflected(work, episodes)), left=found.left)

    async def _reflected(self, work: Work, episodes: Sequence[Candidate]) -> Sequence[Candidate]:
        if self.reflections is None or not episodes:
            return ()
        return await reflections(work, episodes, resolve(self.reflections, work.variables))

    async def _with_model(self, work: Work, model: LanguageModel) -> Made:
        # pydantic is loaded only where there is a model.
        from duramen.strategies.episodic_model import Instructions, made

        where = None if self.reflections is None else resolve(self.reflections, work.variables)
        prompts = Instructions(self.prompt, self.reflection_prompt, self.trigger.idle_seconds)
        return await made(work, model, prompts, where)
