"""Episodes: what was wanted, what was done about it, and how it came out; and reflections, what is learned from several."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from duramen.language_model import LanguageModel
from duramen.namespaces import EPISODES, REFLECTIONS, check_reflections, resolve
from duramen.strategies.episodic_later import amended
from duramen.strategies.episodic_plain import known_again, told
from duramen.strategies.episodic_reflections import reflections
from duramen.strategies.forms import either
from duramen.strategy import Candidate, Made, Trigger, Unit, Work

TRIGGER = Trigger(messages=2, idle_seconds=300, history=4)
"""When it begins if nothing else is said: with an answer, and when nothing came for five minutes."""


@dataclass(frozen=True, kw_only=True)
class EpisodicStrategy:
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
            the sessions of an actor together. None for no reflections.
        prompt: Says what a language model is to do with a conversation, instead of `prompts/episode.md`;
            `reflection_prompt` with new episodes, instead of `prompts/reflection.md`.
        model: The language model of this strategy, if it is another than the engine's.
    """

    name: str = "episodic"
    namespace: str = EPISODES
    reflections: str | None = REFLECTIONS
    prompt: str | None = None
    reflection_prompt: str | None = None
    model: LanguageModel | None = None
    trigger: Trigger = TRIGGER

    def __post_init__(self) -> None:
        """Refuse reflections that are filed elsewhere than their episodes or deeper, with `NamespaceError`."""
        if self.reflections is not None:
            check_reflections(self.reflections, self.namespace)

    @property
    def version(self) -> str:
        """Changes with what it does, and with the prompts."""
        if self.prompt is None and self.reflection_prompt is None:
            return "1"
        return f"1-{hashlib.sha256(repr((self.prompt, self.reflection_prompt)).encode()).hexdigest()[:8]}"

    @property
    def namespaces(self) -> Sequence[str]:
        """The template of the episodes, then that of the reflections."""
        return (self.namespace,) if self.reflections is None else (self.namespace, self.reflections)

    @property
    def unit(self) -> Unit:
        """The new events of a session together."""
        return "session"

    @property
    def merges(self) -> bool:
        """No: two episodes are two, however alike, and a reflection says itself what it replaces."""
        return False

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
