"""From events to memories that can be searched: split > extract > embed. The worker puts what comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from duramen.errors import BadInputError
from duramen.index.token_codes import encode
from duramen.language.claims import claims_of
from duramen.language.dates import told_date
from duramen.language.entities import merged
from duramen.language.relations import named_entities, relations
from duramen.language.terms import term_codes
from duramen.language.tokens import count_tokens_batch
from duramen.naming import word_id
from duramen.protocols import AskedEmbedder, EntityFinder, TokenVectors
from duramen.retain.split import split
from duramen.selecting import FORGOTTEN
from duramen.stages import stage
from duramen.times import parse_time
from duramen.types import Claim, Event, Indexed, Interval, Memory

OCCURRED = "duramen:occurred"
"""In the metadata of an event: when it was true, as somebody corrected it."""

EMBEDDED_AT_ONCE = 32
"""Texts a call of the embedder; between calls, the queries of recalls get their turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetainPipeline:
    """Makes memories from events. Its fields are its steps; it keeps nothing and may be run again at will."""

    embedder: AskedEmbedder
    entities: EntityFinder
    split: Callable[[str], Sequence[str]] = split

    async def __call__(self, events: Sequence[Event]) -> list[Indexed]:
        """Return the memories of all `events`, in order; the same events give the same ids."""
        with stage("retain", "extract"):
            memories = await asyncio.to_thread(self._extract, events)
        with stage("retain", "embed"):
            return await self.indexed(memories)

    async def indexed(self, memories: Sequence[Memory]) -> list[Indexed]:
        """Return `memories`, complete as they are, with what they are searched by, in order."""
        searched = [searchable(memory.text, _said_by(memory)) for memory in memories]
        vectors: list[npt.NDArray[np.float32]] = []
        late: list[bytes] = []
        for at in range(0, len(searched), EMBEDDED_AT_ONCE):
            given = await self.embedder.embed_tokens(searched[at : at + EMBEDDED_AT_ONCE])
            vectors.extend(given.vectors)
            late.extend(await asyncio.to_thread(_encoded, given, self.embedder.token_model))
        codes = await asyncio.to_thread(lambda: [term_codes(text) for text in searched])
        claims = await asyncio.to_thread(lambda: [_claims(memory) for memory in memories])
        return [
            Indexed(memory=memory, vector=vector, terms=terms, claims=claimed, late=tokens)
            for memory, vector, terms, claimed, tokens in zip(memories, vectors, codes, claims, late, strict=True)
        ]

    async def warm_up(self) -> None:
        """Load what the first event would load."""
        _, given = await asyncio.gather(
            asyncio.to_thread(self.entities.find, ["Ada"]), self.embedder.embed_tokens(["Ada"])
        )
        await asyncio.to_thread(_encoded, given, self.embedder.token_model)

    async def completed(self, memories: Sequence[Memory]) -> list[Indexed]:
        """Return memories that somebody else made of events, in order, with their names, tokens and all to search by."""

        def complete() -> list[Memory]:
            texts = [memory.text for memory in memories]
            named, tokens = self.entities.find(texts), count_tokens_batch(texts)
            return [
                replace(memory, entities=merged(names, relations(memory.text)), tokens=count)
                for memory, names, count in zip(memories, named, tokens, strict=True)
            ]

        return await self.indexed(await asyncio.to_thread(complete))

    def _pieces(self, content: str) -> Iterator[tuple[int, str]]:
        """Go through the pieces of an event with their places; what was forgotten of it keeps its own."""
        position = 0
        for number, part in enumerate(content.split(FORGOTTEN)):
            position += number > 0
            for text in self.split(part):
                yield position, text
                position += 1

    def _extract(self, events: Sequence[Event]) -> list[Memory]:
        pieces = [(event, position, text) for event in events for position, text in self._pieces(event.content)]
        texts = [text for _, _, text in pieces]
        tokens = count_tokens_batch(texts)
        names = self.entities.find(texts)
        return [
            _memory(event, position, text, names[place], tokens[place])
            for place, (event, position, text) in enumerate(pieces)
        ]


def _corrected(event: Event) -> Interval | None:
    """Return when it was true as somebody corrected it: two moments with a slash between, one of which may be missing."""
    first, _, last = event.metadata.get(OCCURRED, "").partition("/")
    moments = [parse_time(moment, BadInputError, OCCURRED) for moment in (first, last) if moment]
    return Interval(moments[0], moments[-1]) if moments else None


def _encoded(given: TokenVectors, model: str) -> list[bytes]:
    return [encode(tokens, words, model) for tokens, words in zip(given.tokens, given.words, strict=True)]


def searchable(text: str, speaker: str | None) -> str:
    """Return what a memory is found by: its text with its speaker, since "I" in it means them."""
    return f"{speaker}: {text}" if speaker else text


def _claims(memory: Memory) -> tuple[Claim, ...]:
    """Return what contradicts others; of what a strategy made that was decided when it was filed, and may be undone."""
    return claims_of(memory) if memory.strategy is None else ()


def _said_by(memory: Memory) -> str | None:
    """Return who says it; of what a strategy made and is no plain fact, what it is: that may be asked for."""
    if memory.strategy is None or memory.kind in ("fact", "experience"):
        return memory.speaker
    return memory.kind


def _memory(event: Event, position: int, text: str, entities: tuple[str, ...], tokens: int) -> Memory:
    return Memory(
        id=word_id(event.id, position),
        bank=event.bank,
        text=text,
        kind=event.kind,
        event=event.id,
        key=event.key,
        position=position,
        actor=event.actor,
        session=event.session,
        speaker=event.speaker,
        document=event.document,
        mentioned=event.mentioned,
        occurred=_occurred(event, text),
        stored=event.stored,
        tags=event.tags,
        metadata=event.metadata,
        entities=merged(event.entities, named_entities(event, text, entities)),
        tokens=tokens,
    )


def _occurred(event: Event, text: str) -> Interval | None:
    """Say when it was true: what somebody corrected it to, else the date that the text tells of, else what the caller said."""
    corrected = _corrected(event)
    if corrected is not None:
        return corrected
    told = told_date(text, event.mentioned)
    if told is not None:
        return Interval(told.start, told.end)
    return Interval(event.occurred, event.occurred) if event.occurred is not None else None
