"""Banks that hold a bit of everything, and ways to look at what was moved."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from duramen import Item, MemoryEngine
from duramen.documents.source import Source
from duramen.sessions.events import Said
from duramen.strategies import Candidate, Work
from tests.simple_strategies import NOON, notes

ADA, BOB = "user:ada", "user:bob"
QUESTIONS = ("Where does Ada live?", "What does Ada drink?", "Who is Grace?", "When did they meet in Porto?")


def homes(work: Work) -> list[Candidate]:
    """Make a fact of each event that tells where somebody lives."""
    return [
        Candidate(text=event.content, kind="preference", sources=(event.id,), mentioned=event.mentioned)
        for event in work.events
        if "live" in event.content or "tea" in event.content
    ]


STRATEGIES = (notes(homes, name="homes", merges=True), notes(name="notes"))


async def fill(memory: MemoryEngine) -> None:
    """Retain, think over, set up and converse in the banks of Ada and Bob."""
    said = [
        ("Ada lives in Lisbon.", "k1", None),
        ("Ada drinks green tea \u00e0 la menthe.", "k2", "diary"),
        ("Ada lives in Porto now, she says.", "k3", None),
        ("Grace Hopper met Ada in Porto on 3 March 2025.", "k4", "diary"),
    ]
    for place, (text, key, document) in enumerate(said):
        await memory.retain(
            ADA,
            [
                Item(
                    content=text,
                    key=key,
                    occurred=NOON.replace(minute=place),
                    actor="ada",
                    session="s1",
                    tags=["home"] if place % 2 else [],
                    metadata={"channel": "chat"},
                    document=document,
                    entities=["Ada Lovelace"] if place == 3 else [],
                )
            ],
            wait=True,
        )
    await memory.retain(
        BOB, [{"role": "user", "content": "I live in Bern."}, {"role": "assistant", "content": "Noted."}]
    )
    await memory.documents.retain(
        ADA,
        [Source(content="A letter about tea.\n\nAda likes it hot.", document="letter", context="mail", tags=["tea"])],
    )
    await memory.flush()
    await memory.profiles.save(
        ADA, name="Ada's", mission="Remember where she lives.", config={"retain_chunk_size": 900}
    )
    await memory.profiles.add_directive(ADA, "kind", "Always be kind.", priority=2)
    await memory.sessions.append(ADA, [Said("user", "Good morning \ud83d")], actor="ada", session="s1", key="m1")
    await memory.profiles.save("user:eve", name="Only a profile")
    await memory.wait_idle(finish=True)


def lines(path: Path) -> list[dict[str, Any]]:
    """Return the lines of an export."""
    raw = path.read_bytes()
    text = gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
    return [json.loads(line) for line in text.splitlines()]


def body(path: Path) -> list[dict[str, Any]]:
    """Return the lines of an export but the time at which it was written."""
    return [{name: value for name, value in line.items() if name != "time"} for line in lines(path)]


def of_kind(path: Path, kind: str) -> list[dict[str, Any]]:
    """Return the lines of one kind."""
    return [line for line in lines(path) if line.get("is") == kind]


async def rankings(memory: MemoryEngine, bank: str = ADA) -> list[list[tuple[str, float]]]:
    """Return what is recalled of a bank, in order, with its scores: what was said, and what strategies made of it."""
    found = []
    for question in QUESTIONS:
        recall = await memory.recall(bank, question, at=NOON)
        found.append([(hit.memory.text, round(hit.score, 6)) for hit in (*recall.hits, *recall.made)])
    return found
