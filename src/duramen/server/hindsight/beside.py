"""What is told beside the results of a recall: entities, chunks, and what observations were made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from duramen.engine import MemoryEngine
from duramen.language.tokens import count_tokens
from duramen.server.hindsight.finding import observations_of
from duramen.server.hindsight.routing import Reply
from duramen.server.hindsight.wire import chunk_of
from duramen.types import Hit, Memory
from duramen.views.entities import entity_id

_CHARACTERS = 3  # of a chunk that is cut, for each token: a token has about four


class EntityObservation(Reply):
    """What is known of an entity."""

    text: str
    mentioned_at: str | None = None


class EntityState(Reply):
    """Who or what results speak of."""

    entity_id: str
    canonical_name: str
    observations: list[EntityObservation]


class Chunk(Reply):
    """A piece of a document; `truncated` if it is longer than there was room for."""

    id: str
    text: str
    chunk_index: int
    truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What observations were made from: `of` has the ids by observation; `truncated` if there was no room for all."""

    of: dict[str, list[str]]
    memories: list[Memory]
    truncated: bool


def entities_of(hits: Sequence[Hit], max_tokens: int) -> dict[str, EntityState]:
    """Return the entities of `hits`, those of the best first, with names of at most `max_tokens` together."""
    states: dict[str, EntityState] = {}
    left = max_tokens
    for name in dict.fromkeys(name for hit in hits for name in hit.memory.entities):
        left -= count_tokens(name)
        if left < 0:
            break
        states[name] = EntityState(entity_id=entity_id(name), canonical_name=name, observations=[])
    return states


async def chunks_of(memory: MemoryEngine, bank: str, hits: Sequence[Hit], max_tokens: int) -> dict[str, Chunk]:
    """Return the chunks of `hits`, those of the best first, of at most `max_tokens` together; the last may be cut."""
    chunks: dict[str, Chunk] = {}
    left = max_tokens
    for id in dict.fromkeys(chunk_of(hit.memory) for hit in hits):
        if id is None or left <= 0:
            continue
        chunk = await memory.documents.chunk(bank, id)
        if chunk is None:
            continue
        tokens = count_tokens(chunk.text)
        text = chunk.text if tokens <= left else chunk.text[: left * _CHARACTERS]
        chunks[id] = Chunk(id=id, text=text, chunk_index=chunk.place, truncated=len(text) < len(chunk.text))
        left -= tokens
    return chunks


async def facts_of(memory: MemoryEngine, bank: str, hits: Sequence[Hit], max_tokens: int, each: int) -> Facts:
    """Return what the observations among `hits` were made from.

    Args:
        memory: Where to look.
        bank: Whose they are.
        hits: The results.
        max_tokens: Of the texts of all of them together; -1 for no bound.
        each: Of the texts of one observation; -1 for no bound.
    """
    of: dict[str, list[str]] = {}
    kept: dict[str, Memory] = {}
    truncated = False
    left = float("inf") if max_tokens < 0 else max_tokens
    for observation in observations_of(hits):
        own = float("inf") if each < 0 else each
        ids = of.setdefault(observation.id, [])
        for fact in await memory.observations.sources(bank, observation.id):
            ids.append(fact.id)
            if fact.id in kept:
                continue
            if fact.tokens > min(left, own):
                truncated = True
                continue
            kept[fact.id] = fact
            left -= fact.tokens
            own -= fact.tokens
    return Facts(of=of, memories=list(kept.values()), truncated=truncated)
