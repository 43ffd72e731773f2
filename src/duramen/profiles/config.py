"""How a bank can be set up: every name that there is, what stands there unless given, and what it does here.

The names are those that clients of Hindsight send, so that what they set up is understood, kept and given back. Where a name
has no effect here, it says why.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from duramen.errors import BadInputError
from duramen.profiles.checking import Schema, faults

LONGEST_TEXT = 20_000
"""Characters of a text in a configuration, such as a mission."""

MOST_BYTES = 200_000
"""Of a whole configuration, as it is kept."""

_PREFIX = "HINDSIGHT_API_"
_LISTED = 5

_WORDS = "what is retained is kept word for word, and rules of this program make memories of it"
_OWN_WORDS = "a strategy has instructions of its own"
_NO_DECISION = "there is no second model that decides what the first is asked"
_PASSED_IN = "the arms look as deep as `budget` says"
_NO_FILTER = "the language model is set up where it is passed in"
_OWN_PACE = "jobs are bundled as the strategies say, and limited by `Limits` of the language model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A name of a configuration.

    Attributes:
        default: What holds unless given.
        schema: What can be given, as a JSON schema; None takes a value away and is not in it.
        does: What it does here; empty if nothing.
        why: Why it does nothing.
    """

    default: Any
    schema: Schema
    does: str = ""
    why: str = ""


def check(updates: Mapping[str, Any]) -> dict[str, Any]:
    """Return `updates` by their plain names, once they are known to be good; None for what is to be as usual again.

    Names may also be given as environment variables: `HINDSIGHT_API_RETAIN_MISSION` is `retain_mission`.

    Raises:
        BadInputError: A name that there is not, with those that are near it, or a value that cannot stand there.
    """
    given: object = updates
    if not isinstance(given, Mapping):
        raise BadInputError(f"The configuration is {updates!r}. Give values by name. Nothing was changed.")
    plain = {_plain(name): value for name, value in updates.items()}
    for name, value in plain.items():
        if name not in KNOWN:
            raise BadInputError(f"{unknown(name)} Nothing was changed.")
        wrong = next(faults(value, KNOWN[name].schema, f"`{name}`"), None) if value is not None else None
        if wrong is not None:
            here = f" Here {KNOWN[name].why}." if KNOWN[name].why else ""
            raise BadInputError(f"{wrong}{here} Nothing was changed.")
    return plain


def check_together(config: Mapping[str, Any]) -> None:
    """Check what is set up in a bank as a whole.

    Raises:
        BadInputError: Two values contradict each other, or it is too much to keep.
    """
    resolved = {**DEFAULTS, **config}
    if resolved["recall_budget_min"] > resolved["recall_budget_max"]:
        raise BadInputError(
            f"`recall_budget_min` ({resolved['recall_budget_min']}) is above `recall_budget_max` "
            f"({resolved['recall_budget_max']}). Give both so that they hold together. Nothing was changed."
        )
    size = len(json.dumps(config, ensure_ascii=False).encode())
    if size > MOST_BYTES:
        raise BadInputError(
            f"The configuration is {size:,} bytes long, and {MOST_BYTES:,} are kept. Shorten it. Nothing was changed."
        )


def unknown(name: object) -> str:
    """Return what to say of a name that is not known: those near it, or some of all."""
    near = difflib.get_close_matches(str(name).lower(), KNOWN, n=_LISTED, cutoff=0.6)
    if near:
        return f"There is nothing called {name!r} to set up. Did you mean {', '.join(map(repr, near))}?"
    some = ", ".join(sorted(KNOWN)[:_LISTED])
    return f"There is nothing called {name!r} to set up in a bank. `KNOWN` has all {len(KNOWN)} names: {some} …"


def _plain(name: object) -> str:
    if isinstance(name, str) and name.upper().startswith(_PREFIX):
        return name[len(_PREFIX) :].lower()
    return str(name)


def _flag(default: bool = True) -> dict[str, Any]:
    return {"default": default, "schema": {"type": "boolean"}}


def _text() -> dict[str, Any]:
    return {"default": None, "schema": {"type": "string", "maxLength": LONGEST_TEXT}}


def _whole(default: int | None, least: int = 1, most: int = 10_000_000) -> dict[str, Any]:
    return {"default": default, "schema": {"type": "integer", "minimum": least, "maximum": most}}


def _share(default: float) -> dict[str, Any]:
    return {"default": default, "schema": {"type": "number", "exclusiveMinimum": 0}}


def _one_of(default: str | None, *words: str) -> dict[str, Any]:
    return {"default": default, "schema": {"type": "string", "enum": list(words)}}


def _object() -> dict[str, Any]:
    return {"default": None, "schema": {"type": "object"}}


def _objects() -> dict[str, Any]:
    return {"default": None, "schema": {"type": "array", "items": {"type": "object"}}}


_TEXTS: Schema = {"type": "array", "items": {"type": "string"}}
_SCOPES: Schema = {
    "anyOf": [
        {"type": "string", "enum": ["per_tag", "combined", "all_combinations", "shared"]},
        {"type": "array", "items": _TEXTS},
    ]
}

_WITH_EFFECT: dict[str, Setting] = {
    "reflect_mission": Setting(
        **_text(), does="What the bank is for: `Profile.mission`. A reflect with a model is told."
    ),
    "disposition_skepticism": Setting(**_whole(3, 1, 5), does="How a reflect with a model takes what was said."),
    "disposition_literalism": Setting(**_whole(3, 1, 5), does="How a reflect with a model reads a question."),
    "disposition_empathy": Setting(**_whole(3, 1, 5), does="How a reflect with a model minds feelings."),
    "enable_text_search": Setting(**_flag(), does="Whether the keyword arm looks."),
    "enable_temporal_retrieval": Setting(**_flag(), does="Whether the temporal arm looks."),
    "enable_graph_retrieval": Setting(**_flag(), does="Whether the graph arm looks."),
    "enable_reranking": Setting(**_flag(), does="Whether a reranker is asked, if there is one."),
    "retain_chunk_size": Setting(**_whole(3000, 100, 100_000), does="Characters of a chunk of a document."),
    "enable_observations": Setting(**_flag(), does="Whether observations are made."),
    "enable_auto_consolidation": Setting(**_flag(), does="Whether observations are made without being asked for."),
    "observations_mission": Setting(**_text(), does="What a language model that makes observations is to look for."),
    "default_observation_scopes": Setting(default=None, schema=_SCOPES, does="Which tags share observations."),
    "mental_model_min_refresh_interval_seconds": Setting(**_whole(0, 0), does="Seconds between refreshes by itself."),
    "recall_prefer_observations": Setting(**_flag(False), does="Whether observations stand for what they rest on."),
    "mcp_enabled_tools": Setting(default=None, schema=_TEXTS, does="The tools that there are over MCP; all if none."),
}

_WITHOUT_EFFECT: dict[str, Setting] = {
    "retain_mission": Setting(**_text(), why=_OWN_WORDS),
    "retain_extraction_mode": Setting(
        **_one_of("concise", "concise", "verbose", "custom", "verbatim", "chunks"), why=_WORDS
    ),
    "retain_custom_instructions": Setting(**_text(), why=_OWN_WORDS),
    "retain_structured_chunk_size": Setting(**_whole(None, 1, 100_000), why="a turn is an event, and kept whole"),
    "retain_max_attachments_per_chunk": Setting(**_whole(8), why="only text is retained"),
    "retain_chunk_batch_size": Setting(**_whole(100, 0), why="chunks are worked through as they come"),
    "retain_default_strategy": Setting(**_text(), why="the strategies of a bank are those of its engine or resource"),
    "retain_strategies": Setting(**_object(), why="the strategies of a bank are those of its engine or resource"),
    "entity_labels": Setting(
        default=None,
        schema={"anyOf": [{"type": "array", "items": {"type": "object"}}, {"type": "object"}]},
        why="entities are found by rules, and given with what is retained",
    ),
    "entities_allow_free_form": Setting(**_flag(), why="entities are not limited to a list"),
    "consolidation_use_decision_model": Setting(**_flag(), why=_NO_DECISION),
    "consolidation_llm_batch_size": Setting(**_whole(8), why=_OWN_PACE),
    "consolidation_llm_parallelism": Setting(**_whole(4), why=_OWN_PACE),
    "consolidation_max_memories_per_round": Setting(**_whole(100, 0), why=_OWN_PACE),
    "consolidation_source_facts_max_tokens": Setting(**_whole(4096, -1), why=_OWN_PACE),
    "consolidation_source_facts_max_tokens_per_observation": Setting(**_whole(256, -1), why=_OWN_PACE),
    "max_observations_per_scope": Setting(**_whole(-1, -1), why="there are as many observations as there is to say"),
    "observation_scope_limits": Setting(**_objects(), why="there are as many observations as there is to say"),
    "consolidation_strategies": Setting(**_objects(), why="all tags are worked through by the same rules"),
    "reflect_use_decision_model": Setting(**_flag(), why=_NO_DECISION),
    "mental_model_refresh_use_decision_model": Setting(**_flag(), why=_NO_DECISION),
    "mental_model_delta_use_decision_model": Setting(**_flag(), why=_NO_DECISION),
    "reflect_source_facts_max_tokens": Setting(**_whole(-1, -1), why="a reflect sees at most 80 memories"),
    "reflect_default_options": Setting(**_object(), why="a reflect takes what it is called with"),
    "recall_include_chunks": Setting(**_flag(), why="what is retained is recalled word for word, so it is its chunk"),
    "recall_max_tokens": Setting(**_whole(2048), why="a recall takes what it is called with"),
    "recall_chunks_max_tokens": Setting(**_whole(1000), why="a recall takes what it is called with"),
    "recall_budget_function": Setting(**_one_of("fixed", "fixed", "adaptive"), why=_PASSED_IN),
    "recall_budget_fixed_low": Setting(**_whole(100), why=_PASSED_IN),
    "recall_budget_fixed_mid": Setting(**_whole(300), why=_PASSED_IN),
    "recall_budget_fixed_high": Setting(**_whole(1000), why=_PASSED_IN),
    "recall_budget_adaptive_low": Setting(**_share(0.025), why=_PASSED_IN),
    "recall_budget_adaptive_mid": Setting(**_share(0.075), why=_PASSED_IN),
    "recall_budget_adaptive_high": Setting(**_share(0.25), why=_PASSED_IN),
    "recall_budget_min": Setting(**_whole(20), why=_PASSED_IN),
    "recall_budget_max": Setting(**_whole(2000), why=_PASSED_IN),
    "llm_gemini_safety_settings": Setting(**_objects(), why=_NO_FILTER),
    "knowledge_page_default_trigger": Setting(**_object(), why="a page is refreshed when it says so itself"),
    # To take these as given and do nothing would promise a protection that is not there.
    "store_document_text": Setting(
        default=True, schema={"type": "boolean", "enum": [True]}, why="what is retained is kept word for word"
    ),
    "memory_defense": Setting(
        default=None,
        schema={"type": "object", "properties": {"enabled": {"type": "boolean", "enum": [False]}}},
        why="what is retained is not searched for secrets",
    ),
    "audit_log_enabled": Setting(**_flag(False), why="what is logged is set up for the whole server"),
}

KNOWN: Mapping[str, Setting] = MappingProxyType({**_WITH_EFFECT, **_WITHOUT_EFFECT})
"""All names, with what holds unless given."""

DEFAULTS: Mapping[str, Any] = MappingProxyType({name: setting.default for name, setting in KNOWN.items()})
"""What holds in a bank in which nothing is set up."""

ARMS: Mapping[str, str] = MappingProxyType(
    {
        "enable_text_search": "keyword",
        "enable_temporal_retrieval": "temporal",
        "enable_graph_retrieval": "graph",
    }
)
"""Which arm of a recall a name switches."""
