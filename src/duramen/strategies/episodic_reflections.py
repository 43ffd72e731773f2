"""Reflections without a language model: for each kind of task, what worked and what did not, and how often."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from duramen.language.function_words import ENGLISH
from duramen.language.terms import terms
from duramen.strategies.episodic_assessing import quoted
from duramen.strategies.episodic_writing import brief
from duramen.strategy import Candidate, Work
from duramen.types import Memory

MOST_EPISODES = 12
"""Episodes that a reflection keeps the brief of; of older ones only how many there were."""

ALIKE = 0.5
"""The share of the words of the shorter of two intents that the other must have, too, and at least two of them."""

_LOOKED_AT = 20
_TITLE = 80
_NAME = re.compile(r"(?<=[\w,;] )(?:[A-Z][\w'-]+|\S*\d\S*)")


@dataclass(slots=True)
class Kept:
    """A reflection while episodes are added to it.

    Attributes:
        memory: The id of the memory that it is a new state of; None if it is new.
        episodes: The briefs of the episodes behind it, oldest first, each with the ids of its `sources`.
        earlier: How many episodes before those succeeded and failed.
        grown: It says something else than before.
    """

    memory: str | None
    episodes: list[dict[str, Any]]
    earlier: dict[str, int]
    mentioned: datetime
    grown: bool = False

    def count(self, assessment: str) -> int:
        """How many of all its episodes came out so."""
        return self.earlier.get(assessment, 0) + [one["assessment"] for one in self.episodes].count(assessment)


def confidence(supported: int, contradicted: int) -> float:
    """Say how sure a reflection is, in [0.1, 1]: `supported / (supported + contradicted + 2)`.

    So one episode gives 0.33, two that agree 0.5, ten 0.83, and each that contradicts takes from it.

    >>> confidence(1, 0), confidence(2, 0), confidence(2, 2), confidence(0, 0)
    (0.33, 0.5, 0.33, 0.1)
    """
    return round(min(1.0, max(0.1, supported / (supported + contradicted + 2))), 2)


async def reflections(work: Work, episodes: Sequence[Candidate], namespace: str) -> list[Candidate]:
    """Draw reflections from new episodes, and from what those filed at `namespace` say of earlier ones.

    An episode whose outcome is not known says nothing. One that was there before, made of the same events, takes the
    place of its former self, so that it does not count twice.
    """
    kept: list[Kept] = []
    for made in episodes:
        if made.details["assessment"] == "unknown":
            continue
        entry = {**brief(made.details), "sources": list(made.sources)}
        found = _closest(kept, entry) or _closest(await _filed(work, made, namespace, kept), entry)
        if found is None:
            found = Kept(None, [], {}, made.mentioned)
        if found not in kept:
            kept.append(found)
        _add(found, entry, made.mentioned)
    return [_candidate(one, namespace) for one in kept if one.grown]


def alike(intent: str, other: str) -> float:
    """Say how much of one intent is in the other, by stems of their words without names and numbers, in [0, 1].

    >>> alike("rebook the cancelled flight to Porto", "rebook a flight to Berlin"), alike("reset the router", "reset it")
    (1.0, 0.0)
    """
    ours, theirs = _kind(intent), _kind(other)
    shared, least = len(ours & theirs), min(len(ours), len(theirs))
    if not least or (shared < 2 and max(len(ours), len(theirs)) > 1):
        return 0.0
    return shared / least


def read(memory: Memory) -> Kept:
    """Read a reflection from its memory."""
    details = memory.details
    listed = details.get("episodes")
    earlier = details.get("earlier")
    return Kept(
        memory.id,
        [_entry(one) for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else [],
        {str(name): int(count) for name, count in earlier.items()} if isinstance(earlier, Mapping) else {},
        memory.mentioned,
    )


def _entry(given: Mapping[str, Any]) -> dict[str, Any]:
    entry = {name: str(given.get(name) or "") for name in ("intent", "action", "assessment", "outcome")}
    sources = given.get("sources")
    return {**entry, "sources": [str(one) for one in sources] if isinstance(sources, list) else []}


def _kind(intent: str) -> frozenset[str]:
    common = frozenset(terms(_NAME.sub(" ", intent)))
    words = common if len(common) > 1 else frozenset(terms(intent))
    return words - ENGLISH or words


async def _filed(work: Work, made: Candidate, namespace: str, kept: Iterable[Kept]) -> list[Kept]:
    begun = {one.memory for one in kept}
    near = await work.known.similar(str(made.details["intent"]), namespace=namespace, limit=_LOOKED_AT)
    return [read(memory) for memory, _ in near if memory.kind == "reflection" and memory.id not in begun]


def _closest(kept: Sequence[Kept], entry: Mapping[str, Any]) -> Kept | None:
    best, found = 0.0, None
    for one in kept:
        if any(_same(entry, known) for known in one.episodes):
            return one
        share = max((alike(entry["intent"], known["intent"]) for known in one.episodes), default=0.0)
        if share >= ALIKE and share > best:
            best, found = share, one
    return found


def _same(entry: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    shared = set(entry["sources"]) & set(known["sources"])
    return 2 * len(shared) > min(len(entry["sources"]), len(known["sources"]))


def _add(kept: Kept, entry: dict[str, Any], mentioned: datetime) -> None:
    if entry in kept.episodes:
        return
    kept.episodes = [known for known in kept.episodes if not _same(entry, known)]
    kept.episodes.append(entry)
    kept.mentioned = max(kept.mentioned, mentioned)
    kept.grown = True
    while len(kept.episodes) > MOST_EPISODES:
        gone = kept.episodes.pop(0)["assessment"]
        kept.earlier[gone] = kept.earlier.get(gone, 0) + 1


def _candidate(kept: Kept, namespace: str) -> Candidate:
    worked, failed = kept.count("success"), kept.count("failure")
    holds = "success" if worked >= failed and worked else "failure" if failed else "partial"
    supported, contradicted = (worked, failed) if holds == "success" else (failed, worked)
    entry = next((one for one in reversed(kept.episodes) if one["assessment"] == holds), kept.episodes[-1])
    details: dict[str, Any] = {
        "title": _title(entry["intent"]),
        "use_cases": "; ".join(dict.fromkeys(one["intent"] for one in kept.episodes if one["intent"])),
        "hints": " ".join(dict.fromkeys(map(_hint, kept.episodes))),
        "confidence": confidence(supported, contradicted),
        "supported": supported,
        "contradicted": contradicted,
        "episodes": kept.episodes,
    }
    if kept.earlier:
        details["earlier"] = kept.earlier
    return Candidate(
        text=_insight(entry, holds, supported, supported + contradicted),
        kind="reflection",
        sources=tuple(dict.fromkeys(source for one in kept.episodes for source in one["sources"])),
        mentioned=kept.mentioned,
        details=details,
        namespace=namespace,
        replaces=kept.memory,
        settled=True,
    )


def _insight(entry: Mapping[str, Any], holds: str, times: int, all_times: int) -> str:
    goal = entry["intent"].rstrip(".?!") or "do this"
    did = (entry["action"] or entry["outcome"]).rstrip(".!")
    if holds == "partial":
        return f"When the task was “{goal}”, this did a part of it: {did}."
    how = "worked" if holds == "success" else "did not work"
    return f"When the task was “{goal}”, this {how} ({times} of {all_times} times): {did}."


def _title(intent: str) -> str:
    short = quoted(intent.rstrip(".?!"), _TITLE)
    return short[:1].upper() + short[1:]


def _hint(entry: Mapping[str, Any]) -> str:
    did = (entry["action"] or entry["outcome"]).rstrip(".!")
    how = {"success": "Worked", "failure": "Did not work", "partial": "Worked in part"}.get(entry["assessment"], "Done")
    return f"{how}: {did}."
