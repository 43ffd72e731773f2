"""Writes to a store as an engine makes them, with tiny vectors."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

import numpy as np

from duramen.language.terms import term_codes
from duramen.protocols import Storage
from duramen.types import Event, Indexed, Memory

BANK = "user:ada"
START = datetime(2025, 3, 1, tzinfo=timezone.utc)


async def remember(
    store: Storage, key: str, texts: Sequence[str], *, session: str | None = None, minute: int = 0, bank: str = BANK
) -> None:
    """Keep one event with a memory for each of `texts`, in place of an earlier event of the same key."""
    said = START + timedelta(minutes=minute)
    content = "\n".join(texts)
    event = Event(id=key, bank=bank, key=key, content=content, session=session, mentioned=said, stored=START)
    await store.append(bank, [event])
    await work(store, bank=bank)


async def work(store: Storage, *, dimensions: int = 3, bank: str = BANK) -> None:
    """Make memories of all events that wait in the bank."""
    leases = await store.lease(limit=10_000, seconds=60, bank=bank)
    events = [lease.event for lease in leases]
    memories = [
        indexed_of(event, place, text, dimensions)
        for event in events
        for place, text in enumerate(event.content.split("\n"))
    ]
    await store.put(leases, memories, embedder=f"embedder-{dimensions}")


def indexed_of(event: Event, position: int, text: str, dimensions: int) -> Indexed:
    memory = Memory(
        id=f"{event.id}/{position}",
        bank=event.bank,
        text=text,
        event=event.id,
        key=event.key,
        position=position,
        session=event.session,
        speaker="ada" if position % 2 else None,
        mentioned=event.mentioned,
        stored=event.stored,
        tags=(event.key[:1],),
        entities=tuple(word for word in text.split() if word[:1].isupper()),
        tokens=len(text),
    )
    vector = np.random.default_rng(len(text)).standard_normal(dimensions, dtype=np.float32)
    return Indexed(memory=memory, vector=vector, terms=term_codes(text))
