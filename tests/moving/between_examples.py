"""Banks with something of everything at a store, and ways to compare two stores piece by piece."""

from __future__ import annotations

from typing import Any

from duramen.copying import CopyingStorage
from duramen.moving.between_parts import PARTS, entries_beside, marks, pieces
from duramen.moving.places import banks_on
from duramen.shelf import Put
from duramen.types import Selection
from tests.stores.examples import BANK, event, events, full_event, kept, work_through
from tests.stores.making import add, jobs, skip, supersede, think, undo_last, update

OTHER = "user:bob"


async def fill(store: Any) -> None:
    """Let a store hold pending, failed, cut and forgotten events, and what a strategy made, replaced and undid."""
    await think(store, add("a", "e1"), supersede("a", "b", "e2"), skip("b", "b again", "e3"), update("b", "c", "e4"))
    await think(store, add("d", "e5"))
    await undo_last(store)
    await kept(store, events(5, "k"))
    await store.forget(BANK, Selection(key="key-k0001"))
    await store.append(
        BANK, [full_event("full"), event("odd", "An\x00odd \U0001f600 \udcff text".replace("\udcff", "?"))]
    )
    await work_through(store)
    await store.append(OTHER, [event("f", bank=OTHER), event("p", "Pending.", bank=OTHER)])
    lease, *_ = await store.lease(limit=1, seconds=60, bank=OTHER)
    await store.fail(lease, "It broke.", retry_at=None)
    await store.shelf.write(
        [
            Put(path=("duramen.banks", BANK, "documents"), key="d", value=b"a document"),
            Put(path=("duramen.banks", "user:eve", "profile"), key="", value=b"only a profile"),
            Put(path=("duramen.sessions", BANK, "s1"), key="1", value=b"said", lifetime=9999.5),
            Put(path=("duramen.keys",), key="k", value=b"a key of the server"),
            Put(path=("langgraph.checkpoints", "t1"), key="c", value=bytes(range(256))),
        ]
    )


async def told(store: CopyingStorage) -> dict[str, Any]:
    """Return the digests of all pieces of a store, in order."""
    found: dict[str, Any] = {"marks": [mark async for mark in marks(store)]}
    page = await store.banks(cursor=None, limit=1000)
    names = sorted({*(one.name for one in page.items), *await banks_on(store.shelf)})
    for bank in names:
        for part in PARTS:
            if part != "marks":
                listed = [one.digest async for one in pieces(store, bank, part)]
                found[f"{bank} {part}"] = sorted(listed) if part in ("sources", "entries") else listed
    found["beside"] = sorted([entry.place async for entry in entries_beside(store)])
    found["banks"] = [
        (one.name, one.memories, one.events, one.pending, one.created, one.embedder) for one in page.items
    ]
    found["left"] = [(job.event, job.state) for job in await jobs(store)]
    return found
