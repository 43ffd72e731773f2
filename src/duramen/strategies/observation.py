"""Observations: what a bank knows by now, each once, with all that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from duramen.errors import BadContentError
from duramen.language_model import LanguageModel
from duramen.namespaces import OBSERVATIONS
from duramen.strategies.forms import either
from duramen.strategies.observation_scopes import Scope, place_of_scope, scopes_of_event
from duramen.strategies.semantic_plain import facts_by_rules
from duramen.strategies.usual import BuiltIn
from duramen.strategy import Candidate, Made, Trigger, Work
from duramen.types import Event

_TRIGGER = Trigger(messages=1, history=4)

_MISSION = """Of all that you could write down, the owner of this memory wants to know above all what this says. Leave out what \
has nothing to do with it:

"""


@dataclass(frozen=True, kw_only=True)
class ObservationStrategy(BuiltIn):
    """Consolidates what was said into observations, with their evidence: the more often it is said, the more sources.

    An observation is read from what was said as `SemanticStrategy` reads facts, and says one thing. What is said again
    adds a source to it, what is said better takes its place with the sources of both, and what contradicts it supersedes
    it. So `len(memory.sources)` counts its evidence.

    Observations of one scope of tags have exactly those tags, and never learn from what is tagged otherwise, also not
    what "she" means; see `duramen.strategies.observation_scopes`.

    Attributes:
        namespace: The scopes of tags are filed below it.
        mission: What is to be observed, told to a language model beside its instructions.
        scopes: Those of events that do not say theirs; see `scopes_of`.
    """

    name: str = "observation"
    namespace: str = OBSERVATIONS
    trigger: Trigger = _TRIGGER
    mission: str | None = None
    scopes: str | None = None

    @property
    def prompts(self) -> Sequence[str | None]:
        """What may be told in the stead of our instructions, and beside them."""
        return (self.prompt,) if self.mission is None else (self.prompt, self.mission)

    async def __call__(self, work: Work) -> Made:
        """Make observations of the new events.

        Raises:
            BadContentError: The scopes of an event cannot be understood.
        """
        parts = [await self._observed(work, scopes, events) for scopes, events in self._alike(work.events).items()]
        places = {event.id: place for place, event in enumerate(work.events)}
        candidates = [candidate for part in parts for candidate in part.candidates]
        return Made(
            candidates=sorted(candidates, key=lambda candidate: places[candidate.sources[0]]),
            notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
            fallbacks=sum(part.fallbacks for part in parts),
        )

    def _alike(self, events: Sequence[Event]) -> dict[tuple[Scope, ...], list[Event]]:
        found: dict[tuple[Scope, ...], list[Event]] = {}
        for event in events:
            found.setdefault(scopes_of_event(event, self.scopes), []).append(event)
        return found

    async def _observed(self, work: Work, scopes: Sequence[Scope], events: Sequence[Event]) -> Made:
        # To understand a text by one that is tagged otherwise would carry a name from one scope to another.
        shared = [event for event in work.history if self._is_seen_in(scopes, event)]
        made = await either(replace(work, events=events, history=shared), self._with_model, facts_by_rules)
        observations = [_in_scope(one, work.namespace, scope) for one in made.candidates for scope in scopes]
        return replace(made, candidates=observations)

    def _is_seen_in(self, scopes: Sequence[Scope], event: Event) -> bool:
        try:
            return set(scopes) <= set(scopes_of_event(event, self.scopes))
        except BadContentError:  # its own job has failed for that
            return False

    async def _with_model(self, work: Work, model: LanguageModel) -> Made:
        # pydantic is loaded only where there is a model.
        from duramen.language_models.prompts import instructions
        from duramen.strategies.semantic_model import facts_by_model

        told = instructions("duramen.strategies", "semantic", self.prompt)
        if self.mission is not None:
            told = f"{told}\n\n{_MISSION}{self.mission.strip()}"
        return await facts_by_model(work, model, prompt=told)


def _in_scope(candidate: Candidate, namespace: str, scope: Scope) -> Candidate:
    return replace(candidate, kind="observation", namespace=place_of_scope(namespace, scope), tags=scope)
