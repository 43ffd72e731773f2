"""What a server found, as recalls and reflections of ours: filtered, cut to the budget, rendered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from duramen.block import render
from duramen.client.wire import memory_of
from duramen.explained.account import Account
from duramen.explained.explanation import Explanation
from duramen.recall.fitting import fit
from duramen.trace import ArmName, ArmRank, Trace
from duramen.types import Hit, Memory, Query, Recall, Reflection

ANSWERS = 0.2
"""The least score, of a server of ours, of what may answer a query."""

_LEAST = 1e-6
_ARMS: Sequence[ArmName] = ("semantic", "keyword")


def nothing_in(bank: str, query: Query) -> Recall:
    """Return the recall from a bank that is not there."""
    note = f"There is no bank {bank!r}. `retain` creates a bank at its first use; `banks()` lists those there are."
    return Recall(bank=bank, query=query, notes=(note,), confident=False)


def found(bank: str, query: Query, reply: Mapping[str, Any], *, ours: bool, milliseconds: float = 0.0) -> Recall:
    """Return what a recall found.

    Args:
        bank: Where it was looked.
        query: What was asked, of which this applies what the API cannot.
        reply: The answer of the server.
        ours: Whether its scores are calibrated; those of others say what is better, and nothing more.
        milliseconds: How long it took.
    """
    results: Sequence[Mapping[str, Any]] = reply.get("results") or ()
    memories = [memory_of(bank, result, mentioned=query.at) for result in results]
    wanted = {one.id: one for one in memories if is_wanted(one, query)}
    scores = _scores(results, memories)
    cut = query if ours else replace(query, min_score=0.0)
    hits, tokens, dropped = fit([(id, scores[id]) for id in scores if id in wanted], wanted, cut)
    return Recall(
        bank=bank,
        query=query,
        hits=tuple(hits),
        text=render(hits),
        tokens=tokens,
        notes=_notes(bank, query, (len(memories), len(memories) - len(wanted)), ours=ours),
        confident=bool(hits) and (not ours or hits[0].score >= ANSWERS),
        trace=Trace(
            arms=_arms(results, {hit.memory.id for hit in hits}),
            parts=(query.text,),
            searched=len(memories),
            milliseconds={"server": milliseconds},
            dropped=dict(Counter(dropped.values())),
        ),
    )


def is_wanted(memory: Memory, query: Query) -> bool:
    """Tell whether `memory` passes the filters that servers do not have."""
    if query.actor is not None and memory.actor != query.actor:
        return False
    if query.session is not None and memory.session != query.session:
        return False
    if query.kinds is not None and memory.kind not in query.kinds:
        return False
    return _is_within(memory.mentioned, memory.mentioned, query) or (
        memory.occurred is not None and _is_within(memory.occurred.start, memory.occurred.end, query)
    )


def reflected(bank: str, query: Query, reply: Mapping[str, Any]) -> Reflection:
    """Return an answer of the server, whose sources are the memories that it says it is based on."""
    based: Mapping[str, Any] = reply.get("based_on") or {}
    facts: Sequence[Mapping[str, Any]] = based.get("memories") or ()
    error = reply.get("structured_output_error")
    return Reflection(
        bank=bank,
        question=query.text,
        text=str(reply.get("text") or ""),
        sources=tuple(Hit(memory_of(bank, fact, mentioned=query.at), 1.0) for fact in facts[: query.limit]),
        data=reply.get("structured_output"),
        notes=(str(error),) if error else (),
        steps=tuple(
            f"{call.get('tool')}: {call.get('input')}" for call in (reply.get("trace") or {}).get("tool_calls") or ()
        ),
    )


def explained(recall: Recall, wanted: Sequence[Memory], missing: Sequence[str]) -> Explanation:
    """Account for the hits by what the server tells of them, and for the memories that were `wanted`."""
    places = {hit.memory.id: place for place, hit in enumerate(recall.hits, 1)}
    scores = {hit.memory.id: hit.score for hit in recall.hits}

    def account(memory: Memory) -> Account:
        hit = places.get(memory.id)
        return Account(
            id=memory.id,
            memory=memory,
            part=recall.query.text,
            hit=hit,
            score=scores.get(memory.id),
            arms=dict(recall.trace.arms.get(memory.id, {})),
            reason=None if hit else "shortlist",
            told="" if hit else "the server did not find it among the best; it does not say why",
        )

    gone = (
        Account(id=name, part=recall.query.text, reason="unknown", told="the server knows no such memory")
        for name in missing
    )
    return Explanation(
        recall=recall,
        why=tuple(account(hit.memory) for hit in recall.hits),
        why_not=(*map(account, wanted), *gone),
    )


def _scores(results: Sequence[Mapping[str, Any]], memories: Sequence[Memory]) -> dict[str, float]:
    """Return a score in (0, 1] for each memory, in the order of the server: ranks where it gives no scores."""
    scores: dict[str, float] = {}
    for rank, (result, memory) in enumerate(zip(results, memories, strict=True), 1):
        final = (result.get("scores") or {}).get("final")
        scores[memory.id] = 1.0 / rank if final is None else min(1.0, max(_LEAST, float(final)))
    return scores


def _arms(results: Sequence[Mapping[str, Any]], ids: set[str]) -> dict[str, dict[ArmName, ArmRank]]:
    arms: dict[str, dict[ArmName, ArmRank]] = {}
    for arm in _ARMS:
        scored = [(str(one.get("id")), (one.get("scores") or {}).get(arm)) for one in results]
        given = sorted(((score, id) for id, score in scored if score is not None), reverse=True)
        for rank, (score, id) in enumerate(given, 1):
            if id in ids:
                arms.setdefault(id, {})[arm] = ArmRank(rank, float(score))
    return arms


def _notes(bank: str, query: Query, counts: tuple[int, int], *, ours: bool) -> tuple[str, ...]:
    found, left_out = counts
    notes: list[str] = []
    if not found:
        notes.append(
            f"Nothing was found in bank {bank!r}, or there is none of that name: `banks()` lists those there are."
        )
    if left_out:
        notes.append(f"{left_out} memories that the server found were left out here, since it has no such filter.")
    if query.min_score > 0 and not ours:
        notes.append("`min_score` was not applied: the scores of this server are not calibrated.")
    return tuple(notes)


def _is_within(start: datetime, end: datetime, query: Query) -> bool:
    return (query.since is None or end >= query.since) and (query.until is None or start < query.until)
