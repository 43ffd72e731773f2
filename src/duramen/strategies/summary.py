"""The running summary of a session, in topics: one memory a topic, which every few turns brings up to date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from duramen.errors import NamespaceError
from duramen.language_model import LanguageModel
from duramen.namespaces import SESSION, SUMMARIES, variables_of
from duramen.strategies.forms import either
from duramen.strategies.summary_plain import read, shortened, written
from duramen.strategies.summary_topics import Topic, assign
from duramen.strategies.usual import BuiltIn
from duramen.strategy import Candidate, Made, Trigger, Work
from duramen.types import Memory

MOST_TOPICS = 12
TOPIC_TOKENS = 150
"""About how long the summary of one topic may be."""

_AGING = 0.4
_TRIGGER = Trigger(messages=4, idle_seconds=60, history=2)


@dataclass(frozen=True, kw_only=True)
class SummaryStrategy(BuiltIn):
    """Keeps what was said in a session as a few topics, each a memory of the kind `summary`.

    The text of a memory begins with its topic: "Flight to Porto: Ada: …". Its `details` are `topic`, `summary` (lines,
    "Ada: …") and `turns`, how many turns it was made from. New turns bring the memory of their topic up to date, which
    then takes its place, or open a topic. A topic that grows too long loses its oldest sentences that say least.

    Its own instructions are in `prompts/summary.md`.

    Attributes:
        namespace: Holds `{sessionId}`, or a `NamespaceError` is raised: what was said in two sessions is not one
            conversation.
    """

    name: str = "summary"
    namespace: str = SUMMARIES
    trigger: Trigger = _TRIGGER

    merges: ClassVar[bool] = False  # a candidate says itself what it replaces

    def __post_init__(self) -> None:
        """Refuse a template in which sessions would meet."""
        BuiltIn.__post_init__(self)
        if SESSION not in variables_of(self.namespace):
            raise NamespaceError(
                f"The namespace template {self.namespace!r} of the summary strategy {self.name!r} lacks {{sessionId}}, so "
                f"that the summaries of all sessions would be one. Put it in, as in {SUMMARIES!r}. Nothing was changed."
            )

    async def __call__(self, work: Work) -> Made:
        """Bring the topics of the session up to date."""
        return await either(work, self._with_model, _without_model)

    async def _with_model(self, work: Work, model: LanguageModel) -> Made:
        # pydantic is loaded only where there is a model.
        from duramen.strategies.summary_model import summarised

        known = await _filed(work)
        topics = [_topic(memory) for memory in known]
        notes = await summarised(work, model, topics, known, prompt=self.prompt, most=MOST_TOPICS)
        return Made(candidates=_candidates(topics), notes=notes)


async def _filed(work: Work) -> list[Memory]:
    """Return the topics of the session as they stand, the one kept first first."""
    filed = await work.known.filed(work.namespace)
    return [memory for memory in filed if memory.kind == "summary" and memory.superseded is None]


async def _without_model(work: Work) -> Made:
    topics = [_topic(memory) for memory in await _filed(work)]
    assign(work.events, work.history, topics, most=MOST_TOPICS)
    return Made(candidates=_candidates(topics))


def _topic(memory: Memory) -> Topic:
    """Read a topic from its memory; of a memory that others wrote, its text."""
    named, _, rest = memory.text.partition(": ")
    name = str(memory.details.get("topic") or named)
    summary = str(memory.details.get("summary") or rest or memory.text)
    turns = memory.details.get("turns")
    return Topic(
        name=name,
        memory=memory.id,
        said=read(summary),
        sources=list(memory.sources or (memory.event,)),
        turns=turns if isinstance(turns, int) else len(memory.sources),
        mentioned=memory.mentioned,
    )


def _candidates(topics: Iterable[Topic]) -> list[Candidate]:
    grown = sorted((topic for topic in topics if topic.grown), key=lambda topic: topic.mentioned)
    return [_candidate(topic) for topic in grown]


def _candidate(topic: Topic) -> Candidate:
    summary = written(shortened(topic.said, tokens=TOPIC_TOKENS, aging=_AGING))
    return Candidate(
        text=f"{topic.name}: {' '.join(summary.splitlines())}",
        kind="summary",
        sources=tuple(topic.sources),
        mentioned=topic.mentioned,
        details={"topic": topic.name, "summary": summary, "turns": topic.turns},
        replaces=topic.memory,
    )
