"""Events and memories for tests: each builder fills in what a test does not care about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np

from duramen.protocols import Lease, Storage
from duramen.types import Event, Indexed, Memory, Selection

BANK = "user:ada"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
EMBEDDER = "hashing-4"


def event(id: str = "e1", content: str = "Ada moved to Lisbon.", **changes: Any) -> Event:
    """Return an event of `BANK`, said at `NOON`, with the key `key-{id}`."""
    made = Event(id=id, bank=BANK, key=f"key-{id}", content=content, mentioned=NOON, stored=NOON)
    return replace(made, **changes)


def full_event(id: str = "e1", **changes: Any) -> Event:
    """Return an event that leaves no field at its default."""
    everything: dict[str, Any] = {
        "position": 2,
        "kind": "experience",
        "actor": "ada",
        "session": "monday",
        "speaker": "assistant",
        "document": "diary",
        "mentioned": NOON + timedelta(microseconds=7),
        "occurred": datetime(1815, 12, 10, tzinfo=timezone.utc),
        "stored": NOON + timedelta(seconds=1),
        "tags": ("home", "travel"),
        "metadata": {"channel": "chat", "naïve": "été"},
        "entities": ("Ada Lovelace", "Größe"),
        "expires": datetime(2999, 1, 1, tzinfo=timezone.utc),
    }
    return event(id, **{**everything, **changes})


def events(count: int, prefix: str = "e", **changes: Any) -> list[Event]:
    """Return `count` events, one second apart."""
    return [
        event(f"{prefix}{n:04}", f"Entry {n} of {prefix}.", mentioned=NOON + timedelta(seconds=n), **changes)
        for n in range(count)
    ]


def memory(source: Event, id: str | None = None, **changes: Any) -> Memory:
    """Return a memory made of `source`, saying the same; its id is `m-{event id}-{position}`."""
    position = changes.pop("position", 0)
    made = Memory(
        id=id or f"m-{source.id}-{position}",
        bank=source.bank,
        text=source.content,
        kind=source.kind,
        event=source.id,
        key=source.key,
        position=position,
        actor=source.actor,
        session=source.session,
        speaker=source.speaker,
        document=source.document,
        mentioned=source.mentioned,
        stored=source.stored,
        tags=source.tags,
        metadata=source.metadata,
    )
    return replace(made, **changes)


def indexed(source: Event, id: str | None = None, **changes: Any) -> Indexed:
    """Return such a memory with a unit vector of 4 dimensions and three terms, both told apart by its text."""
    return with_vector(memory(source, id, **changes))


def with_vector(made: Memory, dimensions: int = 4) -> Indexed:
    """Give a memory a unit vector and terms that follow from its text."""
    seed = sum(map(ord, made.text)) % 1009
    vector = np.cos(np.arange(dimensions) * seed + seed).astype(np.float32)
    return Indexed(
        memory=made, vector=vector / np.linalg.norm(vector), terms=np.array([seed, seed, 2**32 - 1], dtype=np.uint32)
    )


async def kept(store: Storage, given: Sequence[Event], bank: str = BANK) -> list[Event]:
    """Append events and make one memory of each."""
    await store.append(bank, given)
    await work_through(store, bank)
    return list(given)


async def work_through(store: Storage, bank: str = BANK) -> Sequence[Lease]:
    """Make one memory of each pending event of the bank."""
    leases = await store.lease(limit=100_000, seconds=60, bank=bank)
    await store.put(leases, [indexed(lease.event) for lease in leases], embedder=EMBEDDER)
    return leases


async def texts(store: Storage, selection: Selection | None = None, bank: str = BANK) -> list[str]:
    """Return the texts of the selected memories, by number."""
    page = await store.memories(bank, selection or Selection(), cursor=None, limit=100_000)
    return [one.text for one in page.items]


async def contents(store: Storage, selection: Selection | None = None, bank: str = BANK) -> list[str]:
    """Return the contents of the selected events, by time mentioned."""
    page = await store.events(bank, selection or Selection(), cursor=None, limit=100_000)
    return [one.content for one in page.items]


def ids(found: Iterable[Event | Memory]) -> list[str]:
    """Return their ids, in order."""
    return [one.id for one in found]
