"""What working out a mental model anew would change, as it is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duramen.mental_models import MentalModel
from duramen.server.hindsight.routing import Reply
from duramen.times import utc_now

_OUTCOMES = {"unchanged": "content_preserved_no_new_facts"}  # the word that clients of all versions know
_FALLBACKS = {
    "there was no content": "no_baseline_content",
    "something else is asked than the last time": "source_query_changed",
}
"""Why a delta was a full refresh after all, in the words of the wire; all else is told among the warnings."""


class Scope(Reply):
    """What was looked at."""

    tags: list[str] | None = None
    tags_match: str
    fact_types: list[str] | None = None
    exclude_mental_models: bool
    exclude_mental_model_ids: list[str] | None = None


class Window(Reply):
    """Up to when memories were looked at."""

    created_after: str | None = None
    created_before: str
    watermark: str | None = None


class Counts(Reply):
    """How many memories were found, and how many the answer rests on, by type."""

    retrieved: dict[str, int]
    used: dict[str, int]


class RefreshTrace(Reply):
    """How it went."""

    effective_mode: str
    outcome: str


class DryRun(Reply):
    """What working it out anew would say."""

    mental_model_id: str
    name: str
    requested_mode: str
    effective_mode: str
    mode_fallback_reason: str | None = None
    outcome: str
    would_persist: bool
    scope: Scope
    window: Window
    facts: Counts
    based_on: dict[str, list[dict[str, Any]]] | None = None
    current_content: str
    candidate_content: str
    preview_content: str
    diff: str
    trace: RefreshTrace
    duration_ms: int = 0
    warnings: list[str] | None = None


def dry_run_of(model: MentalModel, run: Mapping[str, Any]) -> DryRun:
    """Return the dry run of a mental model as it is told."""
    scope: Mapping[str, Any] = run["scope"]
    used = {"memories": [{"id": id} for id in run["sources"]]}
    reason: str | None = run["mode_fallback_reason"]
    outcome = _OUTCOMES.get(run["outcome"], "content_written")
    return DryRun(
        mental_model_id=model.id,
        name=model.name,
        requested_mode=run["requested_mode"],
        effective_mode=run["effective_mode"],
        mode_fallback_reason=_FALLBACKS.get(reason or ""),
        outcome=outcome,
        would_persist=run["would_persist"],
        scope=Scope(
            tags=list(scope["tags"]),
            tags_match=scope["tags_match"],
            fact_types=scope["fact_types"],
            exclude_mental_models=True,
            exclude_mental_model_ids=model.trigger.get("exclude_mental_model_ids"),
        ),
        window=Window(created_before=utc_now().isoformat()),
        facts=Counts(retrieved={}, used={type: int(count) for type, count in run["used"].items()}),
        based_on=used,
        current_content=run["current_content"],
        candidate_content=run["candidate_content"],
        preview_content=run["preview_content"],
        diff=run["diff"],
        trace=RefreshTrace(effective_mode=run["effective_mode"], outcome=outcome),
        warnings=[*run["notes"], *([f"worked out in full: {reason}"] if reason else [])],
    )
