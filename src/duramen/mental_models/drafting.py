"""What a mental model would say now: a reflect over its bank, changing nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from duramen.desk import Desk
from duramen.mental_models.forgetting import mark_of, memories_by_id
from duramen.mental_models.model import Kept, Sentence, content_of, seen_of, source_ids
from duramen.mental_models.sentences import Content, delta, full, sentences_of, source_of
from duramen.mental_models.triggers import groups_in, kinds_in
from duramen.profiles import Profiles
from duramen.recall.asking import query_of
from duramen.recall.validity import with_validity
from duramen.reflect.pipeline import NOTHING
from duramen.types import Page, Query, Reflection

MOST = 30
"""Memories that are cited without a model."""

MADE = 30
"""Of them, those that strategies made."""

_LIMIT = 60
_READ = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a mental model would say.

    Attributes:
        content: With the mode that it was worked out in.
        answer: The whole answer, also if only a part of it is news.
        seen: The bank's version before it was read, and `mark` what it says of forgetting.
        over: The ids of the memories that the model rests on, and that do not say so any longer.
        used: How many memories of each kind the answer rests on.
    """

    content: Content
    answer: tuple[Sentence, ...]
    seen: tuple[int, ...]
    mark: str
    over: tuple[str, ...]
    used: Mapping[str, int]
    notes: tuple[str, ...]
    trace: Mapping[str, Any]

    def outcome(self, kept: Kept) -> str:
        """Say what becomes of the content: `unchanged`, `emptied` or `written`."""
        if self.content.sentences == kept.sentences:
            return "unchanged"
        return "written" if self.content.sentences else "emptied"


async def draft(desk: Desk, profiles: Profiles, bank: str, kept: Kept, *, mode: str | None = None) -> Draft:
    """Work out what `kept` would say now.

    Args:
        desk: Where the memories are.
        profiles: Say what an answer is to keep to.
        bank: See above.
        kept: The mental model.
        mode: "full" or "delta"; that of its trigger if None.
    """
    worker = await desk.life.worker()
    await worker.catch_up(bank, desk.parts.catch_up_seconds)
    version = await desk.parts.store.version(bank)
    query = await query_for(profiles, bank, kept)
    guidance = await profiles.guidance(bank, tags=kept.tags)
    reflection = await replace(desk.parts.reflect, most=MOST)(bank, query, None, guidance)
    answer = sentences_of(reflection)
    over = await _over(desk, bank, kept)
    content = _content(kept, answer, over, mode or kept.trigger.get("mode", "full"))
    return Draft(
        content=content,
        answer=answer,
        seen=seen_of(version),
        mark=mark_of(version),
        over=tuple(sorted(over)),
        used=Counter(hit.memory.kind for hit in reflection.sources),
        notes=_notes(reflection, content),
        trace=_trace(reflection, query, content),
    )


async def query_for(profiles: Profiles, bank: str, kept: Kept) -> Query:
    """Return what is asked to work out a mental model."""
    trigger = kept.trigger
    groups = groups_in(trigger)
    query = query_of(
        kept.query,
        **{"limit": _LIMIT, "made": MADE, **await profiles.asking(bank)},
        budget=trigger.get("budget", "mid"),
        max_tokens=trigger.get("recall_max_tokens") or max(_READ, 2 * kept.max_tokens),
        kinds=kinds_in(trigger),
        tags=None if groups else kept.tags,
        tags_match=tags_match(kept),
    )
    return replace(query, tag_groups=groups)


def tags_match(kept: Kept) -> Any:
    """Return how the tags of a mental model select memories."""
    return kept.trigger.get("tags_match") or ("all_strict" if kept.tags else "any")


def _content(kept: Kept, answer: tuple[Sentence, ...], over: Collection[str], mode: str) -> Content:
    if mode == "full":
        return full(answer, kept.max_tokens)
    if not kept.sentences:
        return full(answer, kept.max_tokens, "there was no content")
    if kept.basis != kept.asked():
        return full(answer, kept.max_tokens, "something else is asked than the last time")
    return delta(kept.sentences, answer, over=over, max_tokens=kept.max_tokens)


async def _over(desk: Desk, bank: str, kept: Kept) -> set[str]:
    """Return the ids of what a mental model rests on that is gone, says something else, or is no longer so."""
    parts = desk.parts
    there = await memories_by_id(parts.store, bank, source_ids(kept.sentences))
    page = await with_validity(Page(tuple(there.values())), bank, parts.indexes, parts.made_indexes)
    holds = {source_of(memory.id, memory.text) for memory in page.items if memory.superseded is None}
    return {source.id for one in kept.sentences for source in one.sources if source not in holds}


def _notes(reflection: Reflection, content: Content) -> tuple[str, ...]:
    notes = list(reflection.notes)
    if not reflection.statements:
        notes.append(NOTHING)
    if content.left_out:
        notes.append(f"{content.left_out} statements were left out, since there was no room for them")
    return tuple(notes)


def _trace(reflection: Reflection, query: Query, content: Content) -> dict[str, Any]:
    return {
        "effective_mode": content.mode,
        "mode_fallback_reason": content.fallback or None,
        "model": reflection.model,
        "steps": list(reflection.steps),
        "used": dict(Counter(hit.memory.kind for hit in reflection.sources)),
        "statements": len(content_of(sentences_of(reflection)).splitlines()),
        "budget": query.budget,
    }
