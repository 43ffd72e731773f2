"""What is brought into the prompt from the namespaces of a harness."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from duramen.block import frame_tokens, line_tokens, render
from duramen.engine import MemoryEngine
from duramen.errors import NamespaceError
from duramen.harness.configuration import MOST_RETRIEVED, Kept, Retrieval
from duramen.namespaces import ACTOR, SESSION, STRATEGY, own_variables, resolve, variables_of
from duramen.types import Hit


@dataclass(frozen=True, slots=True)
class Recalled:
    """Memories, best first, and the block of a prompt that shows them."""

    hits: tuple[Hit, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where to look: a path, what is asked there, and the session that is left out because the prompt holds it.

    Attributes:
        for_all: The path names neither an actor nor a session, so that what was put there by hand is for everybody.
    """

    path: str
    retrieval: Retrieval
    without_session: str | None = None
    for_all: bool = False


def places(
    kept: Kept, variables: Mapping[str, str], *, whole: bool, metadata: Mapping[str, str] | None = None
) -> tuple[list[Place], list[str]]:
    """Return where to look for an actor in a session.

    Where each session has a path of its own, a derived retrieval looks at all sessions of the actor, so that what one
    session taught is known in the next; one that was given looks where it says. Memories of this session are left out as
    long as the prompt holds the `whole` of it. Variables of the user's own have their values from `metadata`; what a value
    is missing for is left out, and the second list says so.
    """
    found, notes = [], []
    for template, retrieval in kept.retrieval.items():
        seen = template if kept.overridden else _above_sessions(template)
        own = {name: metadata[name] for name in own_variables([seen]) if name in metadata} if metadata else {}
        try:
            path = resolve(seen, {**own, STRATEGY: retrieval.strategy or "", **variables})
        except NamespaceError as error:
            notes.append(f"nothing from {template!r}: {error}")
            continue
        found.append(
            Place(
                path=path,
                retrieval=retrieval,
                without_session=variables[SESSION] if whole else None,
                for_all={ACTOR, SESSION}.isdisjoint(variables_of(seen)),
            )
        )
    return found, notes


async def recalled(
    memory: MemoryEngine, bank: str, query: str, wanted: list[Place], *, max_tokens: int, shared: str | None = None
) -> Recalled:
    """Ask for `query` at every place of `bank`, and put what was found together, in at most `max_tokens`.

    At places that are for all, the bank `shared` is asked too, if there is one: it holds what was put there by hand. What
    strategies filed there is asked of the own bank only, since it is what somebody said.
    """
    if not query.strip() or not wanted:
        return Recalled()
    asked = [(bank, place) for place in wanted]
    if shared is not None and shared != bank:
        asked += [(shared, place) for place in wanted if place.for_all]
    answers = await asyncio.gather(*(_asked(memory, at, query, place) for at, place in asked))
    best: dict[str, Hit] = {}
    for hit in (hit for hits in answers for hit in hits):
        if hit.memory.id not in best or best[hit.memory.id].score < hit.score:
            best[hit.memory.id] = hit
    hits: list[Hit] = []
    tokens = frame_tokens()
    for hit in sorted(best.values(), key=lambda hit: -hit.score):
        cost = line_tokens(hit.memory)
        if tokens + cost <= max_tokens:
            hits.append(hit)
            tokens += cost
    return Recalled(tuple(hits), render(hits))


async def _asked(memory: MemoryEngine, bank: str, query: str, place: Place) -> list[Hit]:
    asked = place.retrieval
    found = await memory.recall(
        bank,
        query,
        namespaces=place.path,
        limit=asked.top_k if place.without_session is None and asked.strategy is None else MOST_RETRIEVED,
        min_score=asked.relevance_score,
        max_tokens=100_000,
    )
    return [hit for hit in found.hits if _wanted(hit, place)][: asked.top_k]


def _wanted(hit: Hit, place: Place) -> bool:
    if place.retrieval.strategy not in (None, hit.memory.strategy):
        return False
    return hit.memory.session is None or hit.memory.session != place.without_session


def _above_sessions(template: str) -> str:
    """Return `template` up to the segment that names a session."""
    segments = template.split("/")
    named = [place for place, segment in enumerate(segments) if f"{{{SESSION}}}" in segment]
    return "/".join((*segments[: named[0]], "")) if named else template
