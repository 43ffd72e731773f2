"""The arguments that many tools take."""

from __future__ import annotations

from typing import Any

from duramen.mental_models.triggers import KNOWN

Schema = dict[str, Any]


def text(description: str, **more: Any) -> Schema:
    """Return the schema of a text."""
    return {"type": "string", "description": description, **more}


def whole(description: str, default: int, low: int = 0, high: int = 1_000_000) -> Schema:
    """Return the schema of a whole number."""
    return {"type": "integer", "description": description, "default": default, "minimum": low, "maximum": high}


def texts(description: str) -> Schema:
    """Return the schema of a list of texts."""
    return {"type": "array", "items": {"type": "string"}, "description": description}


def one_of(description: str, *known: str, default: str | None = None) -> Schema:
    """Return the schema of one of some words."""
    return {"type": "string", "enum": [*known], "description": description, **({"default": default} if default else {})}


def flag(description: str, *, default: bool = False) -> Schema:
    """Return the schema of true or false."""
    return {"type": "boolean", "description": description, "default": default}


def matching(default: str) -> Schema:
    """Return the schema of how tags select."""
    return one_of(
        "How tags select: any or all of them; the strict forms leave out what has no tags; exact wants the same set.",
        "any",
        "all",
        "any_strict",
        "all_strict",
        "exact",
        default=default,
    )


TAGS = texts("Labels.")
ONLY_TAGS = texts("Only those with these labels.")
TAGS_MATCH = matching("any")
TAG_GROUPS: Schema = {
    "type": "array",
    "items": {"type": "object"},
    "description": 'Instead of `tags`: {"tags": […], "match": "any"}, or such in {"and": […]}, {"or": […]}, {"not": {…}}.',
}
TYPES: Schema = {
    "type": "array",
    "items": {"type": "string", "enum": ["world", "experience", "observation"]},
    "description": "Only memories of these types; all if left out.",
}
TYPE = one_of("Only of this type.", "world", "experience", "observation")
BUDGET = ("low", "mid", "high")
TRIGGER: Schema = {
    "type": "object",
    "description": "When and from what it is worked out anew by itself.",
    "properties": {
        name: KNOWN[name]
        for name in (
            "mode",
            "refresh_after_consolidation",
            "refresh_cron",
            "full_refresh_cron",
            "min_refresh_interval_seconds",
            "fact_types",
            "tags_match",
            "tag_groups",
            "budget",
            "recall_max_tokens",
            "keep_trace",
        )
    },
}


def page(default: int = 100, most: int = 1000) -> dict[str, Schema]:
    """Return the arguments that say which part of a list."""
    return {
        "limit": whole("At most so many.", default, 1, most),
        "offset": whole("How many to pass over.", 0, 0, 2**53),
    }


PAGE = page()
