"""Strategies of a memory: as they are asked for, as they are kept and shown, and as definitions of the engine's own."""

from __future__ import annotations

import copy
import re
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from duramen.namespaces import ACTOR, PER_ACTOR, PER_SESSION, SESSION, variables_of
from duramen.server.agentcore.failing import Field, WireError, invalid
from duramen.server.agentcore.labels import inferred_label
from duramen.strategies.lasting import MOST_DAYS

_LETTERS = string.ascii_letters + string.digits
_REFLECTING = "episodicReflectionConfiguration"
_CUSTOM, _EPISODIC, _SELF_MANAGED = "CUSTOM", "EPISODIC", "SELF_MANAGED"


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of strategy: how it is told, what does it in the engine, and where it files if nothing is said."""

    type: str
    base: str
    template: str


_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "semanticMemoryStrategy": _Kind("SEMANTIC", "semantic", PER_ACTOR),
        "summaryMemoryStrategy": _Kind("SUMMARIZATION", "summary", PER_SESSION),
        "userPreferenceMemoryStrategy": _Kind("USER_PREFERENCE", "preference", PER_ACTOR),
        "episodicMemoryStrategy": _Kind(_EPISODIC, "episodic", PER_SESSION),
    }
)
_OVERRIDES: Mapping[str, _Kind] = MappingProxyType(
    {
        "semanticOverride": _Kind("SEMANTIC_OVERRIDE", "semantic", PER_ACTOR),
        "summaryOverride": _Kind("SUMMARY_OVERRIDE", "summary", PER_SESSION),
        "userPreferenceOverride": _Kind("USER_PREFERENCE_OVERRIDE", "preference", PER_ACTOR),
        "episodicOverride": _Kind("EPISODIC_OVERRIDE", "episodic", PER_SESSION),
        "selfManagedConfiguration": _Kind(_SELF_MANAGED, "", PER_ACTOR),
    }
)
_WORDS: Mapping[str, str] = MappingProxyType(
    {kind.type: name.removesuffix("Override") for name, kind in _OVERRIDES.items() if kind.base}
)
_SUMMARIZING = {"messages": 4, "tokens": None, "idle_seconds": 1.0, "history": 2}
"""When a session is summarised: clients expect a summary soon after the last word, and not after a minute."""

_BASES: Mapping[str, str] = MappingProxyType(
    {kind.type: kind.base for kind in (*_KINDS.values(), *_OVERRIDES.values()) if kind.base}
)
STRICT = "STRICTLY_CONSISTENT"
"""The extraction type of metadata that is copied from events, and by which records are kept apart."""

_NOTHING: Mapping[str, str] = MappingProxyType({})

_DAYS = "recordExpiryDurationDays"

_PARTS = ("extraction", "consolidation", "reflection")

_TRIGGERS: list[dict[str, Any]] = [
    {"messageBasedTrigger": {"messageCount": 6}},
    {"tokenBasedTrigger": {"tokenCount": 5000}},
    {"timeBasedTrigger": {"idleSessionTimeout": 20}},
]
_HISTORY = 4
_MOST_MESSAGES = 50


def suffixed(name: str) -> str:
    """Return an id for what is called `name`: it, `-`, and ten letters or digits by chance."""
    return f"{name}-{''.join(secrets.choice(_LETTERS) for _ in range(10))}"


def created(given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return a new strategy as it is kept: the output shape `MemoryStrategy`, its times in ISO 8601.

    Args:
        given: The input shape `MemoryStrategyInput`: one of its members.
        now: When it is made.

    Raises:
        WireError: 400: what it says does not go together.
    """
    ((union, said),) = given.items()
    name = said["name"]
    override = None if union in _KINDS else _override_of(name, said)
    kind = _KINDS[union] if override is None else _OVERRIDES[override]
    templates = _templates(name, said) or [kind.template]
    kept: dict[str, Any] = {
        "strategyId": suffixed(name),
        "name": name,
        "type": _CUSTOM if override else kind.type,
        "namespaces": templates,
        "namespaceTemplates": templates,
        "status": "ACTIVE",
        "createdAt": now.isoformat(),
        "updatedAt": now.isoformat(),
    }
    kept |= {key: said[key] for key in ("description", "memoryRecordSchema") if key in said}
    if override is not None:
        kept["configuration"] = _overriding(name, override, said["configuration"][override], templates)
    elif kind.type == _EPISODIC:
        kept["configuration"] = {
            "reflection": {_REFLECTING: _reflecting(name, said.get("reflectionConfiguration", {}), templates)}
        }
    if "action" in said.get("recordExpirySpecification", {}):
        raise _bad(name, "recordExpirySpecification", "has `action`, and nothing to remove yet. Leave it out.")
    return _with_expiry(kept, said)


def modified(kept: Mapping[str, Any], given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return `kept` as it is after a `ModifyMemoryStrategyInput`. What is not given stays.

    Raises:
        WireError: 400: what it says does not go together, or not with what is there.
    """
    name = kept["name"]
    changed = {**copy.deepcopy(dict(kept)), "updatedAt": now.isoformat()}
    changed |= {key: given[key] for key in ("description", "memoryRecordSchema") if key in given}
    templates = _templates(name, given) or list(kept["namespaceTemplates"])
    changed["namespaces"] = changed["namespaceTemplates"] = templates
    configuration = changed.setdefault("configuration", {})
    _follow(configuration, kept["namespaceTemplates"], templates)
    said = given.get("configuration", {})
    for part in _PARTS:
        if part in said:
            configuration[part] = _part(changed, part, said[part])
    if "selfManagedConfiguration" in said:
        if configuration.get("type") != _SELF_MANAGED:
            raise _bad(
                name, "configuration.selfManagedConfiguration", "is for self-managed strategies, and it is none."
            )
        before = configuration["selfManagedConfiguration"]
        configuration["selfManagedConfiguration"] = _self_managed(name, said["selfManagedConfiguration"], before)
    if not configuration:
        del changed["configuration"]
    return _with_expiry(changed, given)


def definition_of(
    kept: Mapping[str, Any], memory_id: str, self_managed_to: str | None, indexed: Mapping[str, str] = _NOTHING
) -> dict[str, Any] | None:
    """Return what the engine's `Resource` is to have of a kept strategy; None for one that nothing can run.

    Its name is the id of the strategy, so that `{memoryStrategyId}` in a template stands for that.

    Args:
        kept: The strategy.
        memory_id: Of its memory.
        self_managed_to: A directory or an address that self-managed strategies deliver to. In the directory each bucket
            is one. Without it nothing is delivered: there is no AWS behind the bucket.
        indexed: The types of the keys that its memory has indexed; a key of a schema that says no type has that one.
    """
    configuration = kept.get("configuration", {})
    type_ = configuration.get("type", kept["type"])
    if type_ == _SELF_MANAGED:
        return None if self_managed_to is None else _delivered(kept, memory_id, self_managed_to)
    base = _BASES[type_]
    definition: dict[str, Any] = {"type": base, "name": kept["strategyId"], "namespace": kept["namespaceTemplates"][0]}
    if base == "episodic":
        (reflecting,) = _inner(configuration["reflection"])
        definition["reflections"] = reflecting["namespaceTemplates"][0]
    definition |= _labels(kept, indexed)
    if _DAYS in kept:
        definition["record_days"] = kept[_DAYS]
    if base == "summary":
        definition["trigger"] = _SUMMARIZING
    if kept["type"] != _CUSTOM:
        return definition
    leaves = {part: _leaf(configuration[part]) for part in _PARTS if part in configuration}
    told = {
        "prompt": leaves.get("extraction", {}).get("appendToPrompt"),
        # An episode is compared with none, so that there is nothing to tell about that.
        "consolidation_prompt": leaves.get("consolidation", {}).get("appendToPrompt") if base != "episodic" else None,
        "reflection_prompt": leaves.get("reflection", {}).get("appendToPrompt"),
        "model": next((leaf["modelId"] for leaf in leaves.values() if "modelId" in leaf), None),
    }
    return definition | {"type": "custom", "base": base} | {key: one for key, one in told.items() if one is not None}


def _delivered(kept: Mapping[str, Any], memory_id: str, to: str) -> dict[str, Any]:
    managed = kept["configuration"]["selfManagedConfiguration"]
    triggers = {
        name: one for union in managed["triggerConditions"] for each in union.values() for name, one in each.items()
    }
    bucket = managed["invocationConfiguration"]["payloadDeliveryBucketName"]
    return {
        "type": "delivered",
        "name": kept["strategyId"],
        "namespace": kept["namespaceTemplates"][0],
        "to": to if to.startswith("http") else f"{to.rstrip('/')}/{bucket}",
        "memory": memory_id,
        "trigger": {
            "messages": triggers.get("messageCount", _MOST_MESSAGES),
            "tokens": triggers.get("tokenCount"),
            "idle_seconds": triggers.get("idleSessionTimeout"),
            "history": managed["historicalContextWindowSize"],
        },
    }


def output_of(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return a kept strategy as it is answered: its times are `datetime`."""
    times = {name: datetime.fromisoformat(kept[name]) for name in ("createdAt", "updatedAt")}
    return {**kept, **times}


def base_of(kept: Mapping[str, Any]) -> str:
    """Return what does a kept strategy in the engine: `semantic`, `summary`, `preference`, `episodic`, or nothing."""
    return _BASES.get(kept.get("configuration", {}).get("type", kept["type"]), "")


def schemas_of(kept: Mapping[str, Any]) -> list[list[Mapping[str, Any]]]:
    """Return the metadata schemas of a kept strategy: of its records, and of its reflections if they have their own."""
    reflecting = _inner(kept.get("configuration", {}).get("reflection", {}))
    found = [one.get("memoryRecordSchema", {}) for one in (kept, *reflecting)]
    return [list(one["metadataSchema"]) for one in found if "metadataSchema" in one]


def _labels(kept: Mapping[str, Any], indexed: Mapping[str, str]) -> dict[str, list[Any]]:
    """Return the metadata of records: copied from their events, what keeps them apart, and what a model gives them."""
    entries = [entry for schema in schemas_of(kept) for entry in schema]
    strict = list(dict.fromkeys(entry["key"] for entry in entries if entry.get("extractionType") == STRICT))
    schemas = [
        one.get("memoryRecordSchema", {}).get("metadataSchema", ())
        for one in (kept, *_inner(kept.get("configuration", {}).get("reflection", {})))
    ]
    # Without a schema of their own, reflections have that of their episodes.
    kinds = ("episode", "reflection") if all(schemas) and len(schemas) > 1 else (None, "reflection")
    inferred = [
        inferred_label(entry, indexed) | ({} if kind is None else {"kind": kind})
        for kind, schema in zip(kinds, schemas, strict=False)
        for entry in schema
        if entry["key"] not in strict
    ]
    labels = {"keeps": strict, "apart": strict, "inferred": inferred}
    return {name: found for name, found in labels.items() if found}


def _override_of(name: str, said: Mapping[str, Any]) -> str:
    if "configuration" not in said:
        raise _bad(name, "configuration", f"Must be given for a custom strategy: one of {', '.join(_OVERRIDES)}.")
    (override,) = said["configuration"]
    return str(override)


def _overriding(name: str, override: str, said: Mapping[str, Any], templates: list[str]) -> dict[str, Any]:
    kind = _OVERRIDES[override]
    if kind.type == _SELF_MANAGED:
        return {"type": _SELF_MANAGED, "selfManagedConfiguration": _self_managed(name, said, {})}
    configuration: dict[str, Any] = {"type": kind.type}
    for part in ("extraction", "consolidation"):
        if part in said:
            configuration[part] = {_custom(part): {_key(kind.type, part): dict(said[part])}}
    if "reflection" in said:
        leaf = {**said["reflection"], **_reflecting(name, said["reflection"], templates)}
        configuration["reflection"] = {_custom("reflection"): {_key(kind.type, "reflection"): leaf}}
    elif kind.base == "episodic":
        configuration["reflection"] = {_REFLECTING: _reflecting(name, {}, templates)}
    return configuration


def _part(kept: Mapping[str, Any], part: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return a part of the configuration of `kept` as it is to be, in the stead of what is there."""
    name, configuration = kept["name"], kept["configuration"]
    ((union, inner),) = said.items()
    where = f"configuration.{part}.{union}"
    if union == _REFLECTING:
        if base_of(kept) != "episodic":
            raise _bad(name, where, "is for episodic strategies, and it is none.")
        former, key, leaf = configuration["reflection"], "", inner
    else:
        ((key, leaf),) = inner.items()
        if key != _key(configuration.get("type", kept["type"]), part):
            raise _bad(name, f"{where}.{key}", "does not fit its type. A built-in strategy has no overrides.")
        former = configuration.get(part, {})
    if part == "reflection":
        (there,) = _inner(former)
        leaf = {**leaf, **_reflecting(name, {**_places(there), **leaf}, kept["namespaceTemplates"])}
    return {union: {key: dict(leaf)} if key else dict(leaf)}


def _places(there: Mapping[str, Any]) -> dict[str, Any]:
    return {"namespaceTemplates": there["namespaceTemplates"]}


def _follow(configuration: dict[str, Any], before: list[str], now: list[str]) -> None:
    """Let reflections that were filed where nobody said follow their episodes."""
    for one in _inner(configuration.get("reflection", {})):
        if one["namespaceTemplates"] == [_above_sessions(before[0])]:
            one["namespaces"] = one["namespaceTemplates"] = [_above_sessions(now[0])]


def _reflecting(name: str, said: Mapping[str, Any], templates: list[str]) -> dict[str, Any]:
    found = _templates(name, said) or [_above_sessions(templates[0])]
    schema = {"memoryRecordSchema": said["memoryRecordSchema"]} if "memoryRecordSchema" in said else {}
    return {"namespaces": found, "namespaceTemplates": found, **schema}


def _above_sessions(template: str) -> str:
    """Return where reflections are filed if nobody says: above the sessions of the actor, if the template has them.

    >>> _above_sessions("/a/{actorId}/sessions/{sessionId}/"), _above_sessions("/of/{sessionId}/")
    ('/a/{actorId}/', '/of/{sessionId}/')
    """
    above = template.partition(f"{{{SESSION}}}")[0]
    above = re.sub(r"/sessions?$", "", above.rpartition("/")[0])
    return f"{above}/" if ACTOR in variables_of(above) and above != template else template


def _inner(reflection: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what says where reflections are filed: one, or none."""
    if _REFLECTING in reflection:
        return [reflection[_REFLECTING]]
    return list(reflection.get(_custom("reflection"), {}).values())


def _leaf(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the prompt and the model that a part has."""
    ((union, inner),) = part.items()
    found: Mapping[str, Any] = inner if union == _REFLECTING else next(iter(inner.values()))
    return found


def _custom(part: str) -> str:
    return f"custom{part.capitalize()}Configuration"


def _key(type_: str, part: str) -> str:
    return f"{_WORDS.get(type_, '')}{part.capitalize()}Override"


def _self_managed(name: str, said: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    triggers = said.get("triggerConditions", before.get("triggerConditions", _TRIGGERS))
    kinds = [next(iter(one)) for one in triggers]
    if len(set(kinds)) < len(kinds):
        raise _bad(name, "configuration.selfManagedConfiguration.triggerConditions", "Must have each trigger once.")
    return {
        "triggerConditions": triggers,
        "invocationConfiguration": {
            **before.get("invocationConfiguration", {}),
            **said.get("invocationConfiguration", {}),
        },
        "historicalContextWindowSize": said.get(
            "historicalContextWindowSize", before.get("historicalContextWindowSize", _HISTORY)
        ),
    }


def _templates(name: str, said: Mapping[str, Any]) -> list[str] | None:
    """Return the namespace templates that were given, by their new name or by their old one; None if there are none."""
    new, old = said.get("namespaceTemplates"), said.get("namespaces")
    if new is not None and old is not None and new != old:
        raise _bad(name, "namespaces", "differs from namespaceTemplates. Give namespaceTemplates alone.")
    found: list[str] | None = old if new is None else new
    return found


def _with_expiry(kept: dict[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    expiry = said.get("recordExpirySpecification", {})
    if _DAYS in expiry:
        if expiry[_DAYS] > MOST_DAYS:
            raise _bad(kept["name"], f"recordExpirySpecification.{_DAYS}", f"Must be at most {MOST_DAYS:,}.")
        kept[_DAYS] = expiry[_DAYS]
    elif expiry:
        kept.pop(_DAYS, None)
    return kept


def _bad(name: str, where: str, what: str) -> WireError:
    return invalid(f"The strategy {name}: {where}: {what}", Field(f"memoryStrategies.{name}.{where}", what))
