"""Preferences without a language model: what users state, confirm, and choose again, by the patterns of how people talk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from duramen.language.relations import written_name
from duramen.strategies.facts_filter import orders_the_agent
from duramen.strategies.preference_dialogue import Said, answered, repeated
from duramen.strategies.preference_grammar import Stated
from duramen.strategies.preference_reading import read
from duramen.strategies.preference_topics import categories
from duramen.strategy import Candidate, Made, Work
from duramen.types import Event

MOST = 20
"""Preferences that one message may state; who states more pastes a list."""

NOBODY = "The user"
"""Who holds a preference when their name is not known."""

_AGENTS = frozenset({"assistant", "ai", "agent", "model", "tool", "function", "system", "bot"})
_ROLES = frozenset({"user", "human", "customer", "client"})


async def stated_in(work: Work) -> Made:
    """Return the preferences that the new events state, with those before them read only to understand them."""
    before = [_said(event) for event in work.history]
    candidates: list[Candidate] = []
    for event in work.events:
        said = _said(event)
        if not said.of_agent and not is_document(event):
            candidates += _of_event(event, said, before)
        before.append(said)
    return Made(candidates=candidates)


def is_agents(event: Event) -> bool:
    """Tell whether an agent said it, or a tool."""
    return event.kind == "experience" or (event.speaker or "").casefold() in _AGENTS


def is_document(event: Event) -> bool:
    """Tell whether it is a piece of a document that nobody said: its "I" is not the user."""
    return event.document is not None and event.actor is None and event.speaker is None


def holder_of(event: Event) -> str:
    """Return the name of who speaks, or of whose event it is, as a name is written; `NOBODY` if neither is one.

    Who speaks in the bank of somebody else is called by their id if they have no name.
    """
    for id in (event.speaker, event.actor):
        name = (id or "").strip()
        if name and name.casefold() not in _ROLES:
            other = id is event.speaker and event.actor not in (None, id)
            return written_name(name) or (name if other else NOBODY)
    return NOBODY


def _said(event: Event) -> Said:
    return Said(event.id, event.content, is_agents(event), event.speaker)


def _of_event(event: Event, said: Said, before: Sequence[Said]) -> Iterator[Candidate]:
    found: dict[str, tuple[Stated, tuple[str, ...]]] = {}
    prompt = before[-1].text if before and before[-1].of_agent else ""
    for stated in read(event.content, prompt)[:MOST]:
        found.setdefault(stated.says, (stated, ()))
    for stated in answered(said, before):
        found.setdefault(stated.says, (stated, (before[-1].id,)))
    if not found:
        again, ids = repeated(said, before)
        found.update({stated.says: (stated, ids) for stated in again})
    for stated, ids in found.values():
        if not orders_the_agent(stated.context):
            yield _candidate(event, stated, ids)


def _candidate(event: Event, stated: Stated, earlier: tuple[str, ...]) -> Candidate:
    return Candidate(
        text=stated.text(holder_of(event)),
        kind="preference",
        sources=(*earlier, event.id),
        mentioned=event.mentioned,
        # Words that are kept as they were said have an "I", which is its speaker's.
        speaker=event.speaker if stated.form == "quote" else None,
        details={
            "preference": stated.says,
            "context": stated.context,
            "categories": list(categories(stated.says)),
            "explicit": stated.explicit,
            "polarity": stated.polarity,
        },
    )
