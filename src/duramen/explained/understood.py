"""What a recall understood of its query, and what it took, in words."""

from __future__ import annotations

from duramen.explained.account import day, quoted
from duramen.explained.tags import grouped
from duramen.plain import plain
from duramen.trace import Trace
from duramen.types import Query, Recall


def understood(recall: Recall) -> dict[str, str]:
    """Return what was read out of the query and asked of it beside its text, in words by what it is; only what is there."""
    trace = recall.trace
    parts = [quoted(part) for part in trace.parts] if len(trace.parts) > 1 else []
    corrected = [f"{quoted(wrong)} as {quoted(right)}" for wrong, right in trace.corrected]
    found = {
        "Asks": ", ".join(parts),
        "Names": ", ".join(map(plain, trace.entities)),
        "Read": ", ".join(corrected),
        "Time": plain(trace.time) or _dates(trace),
        "Filters": ", ".join(asked_for(recall.query)),
    }
    return {name: said for name, said in found.items() if said}


def asked_for(query: Query) -> list[str]:
    """Return the filters of a query in words."""
    said = [
        ("kinds", None if query.kinds is None else ", ".join(sorted(query.kinds))),
        ("tags", None if query.tags is None else f"{', '.join(sorted(query.tags)) or 'none'} ({query.tags_match})"),
        ("tags", grouped(query.tag_groups) if query.tag_groups else None),
        ("actor", query.actor),
        ("session", query.session),
        ("since", None if query.since is None else day(query.since)),
        ("until", None if query.until is None else day(query.until)),
        ("as of", None if query.as_of is None else day(query.as_of)),
        ("without", f"{len(query.without)} keys" if query.without else None),
        ("min_score", f"{query.min_score:.2f}" if query.min_score else None),
        *((f"min_{arm}", f"{least:.2f}") for arm, least in query.min_arm_scores.items()),
        ("arms without", ", ".join(arm for arm, is_on in query.arms.items() if not is_on) or None),
        ("without", None if query.rerank else "the reranker"),
    ]
    return [f"{name} {plain(value)}" for name, value in said if value is not None]


def spent(recall: Recall) -> str:
    """Say what was searched, how long each stage took, and what was dropped."""
    trace = recall.trace
    memories = "1 memory" if trace.searched == 1 else f"{trace.searched} memories"
    stages = ", ".join(f"{stage} {took:.1f}" for stage, took in trace.milliseconds.items())
    whole = f"Searched {memories} in {sum(trace.milliseconds.values()):.1f} ms" + (f" ({stages})" if stages else "")
    dropped = ", ".join(f"{count} for {reason}" for reason, count in trace.dropped.items())
    return f"{whole}; dropped {dropped}." if dropped else f"{whole}."


def _dates(trace: Trace) -> str:
    return "; ".join(f"{day(one.start)} to {day(one.end)}" for one in trace.dates)
