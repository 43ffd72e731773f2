"""The manifest of a template: what a bank is told to be and how it is set up, to be written to a file and applied elsewhere.

Its shape is that of Hindsight's bank templates, of version "1".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from duramen.errors import BadInputError
from duramen.profiles.checking import Schema, faults
from duramen.profiles.config import KNOWN, LONGEST_TEXT, check, unknown
from duramen.profiles.directives import PARTS, TAGS

VERSION = "1"

MOST_ENTRIES = 1000
"""Directives of a manifest, and mental models."""

_TOLD = 20
_OF_PROFILE = ("name", "mission", "background")
_MODEL_ID = "^[a-z0-9][a-z0-9-]*$"


def _or_null(schema: Schema) -> Schema:
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    if "enum" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def _described(name: str) -> Schema:
    setting = KNOWN[name]
    said = setting.does or f"No effect: {setting.why}."
    return {**_or_null(setting.schema), "description": said, "default": setting.default}


_NAMED: Schema = {"type": "string", "minLength": 1, "maxLength": 200}

_BANK: Schema = {
    "type": "object",
    "description": "How the bank is to be set up. What is not named stays as it is.",
    "properties": {
        **{name: _described(name) for name in sorted(KNOWN)},
        "background": {"type": ["string", "null"], "maxLength": LONGEST_TEXT, "description": "Who it speaks for."},
        "mission": {"type": ["string", "null"], "maxLength": LONGEST_TEXT, "description": "As `reflect_mission`."},
        "name": {"type": ["string", "null"], "maxLength": 500, "description": "What people call the bank."},
    },
    "additionalProperties": False,
}

_DIRECTIVE: Schema = {
    "type": "object",
    "description": "A rule that answers keep to. One of the same name is changed.",
    "properties": {
        "name": PARTS["name"],
        "content": PARTS["content"],
        "priority": {**_or_null(PARTS["priority"]), "default": 0, "description": "Higher comes first."},
        "is_active": {"type": ["boolean", "null"], "default": True, "description": "Whether it holds."},
        "tags": {**_or_null(TAGS), "description": "Where it holds. Without, one that is there keeps its own."},
    },
    "required": ["name", "content"],
    "additionalProperties": False,
}

_MODEL: Schema = {
    "type": "object",
    "description": "An answer that is kept up to date. One of the same id is changed.",
    "properties": {
        "id": {"type": "string", "pattern": _MODEL_ID, "maxLength": 200},
        "name": _NAMED,
        "source_query": {"type": "string", "minLength": 1, "maxLength": 10_000},
        "tags": {**_or_null(TAGS), "description": "What it is about."},
        "max_tokens": {"type": ["integer", "null"], "minimum": 256, "maximum": 8192, "default": 2048},
        "trigger": {"type": ["object", "null"], "description": "When it is worked out anew."},
    },
    "required": ["id", "name", "source_query"],
    "additionalProperties": False,
}

SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Template of a memory bank",
    "type": "object",
    "properties": {
        "version": {"type": "string", "enum": [VERSION], "description": "Of this shape."},
        "bank": _or_null(_BANK),
        "mental_models": {"type": ["array", "null"], "items": _MODEL, "maxItems": MOST_ENTRIES},
        "directives": {"type": ["array", "null"], "items": _DIRECTIVE, "maxItems": MOST_ENTRIES},
    },
    "patternProperties": {"^\\$": {}},
    "required": ["version"],
    "additionalProperties": False,
}
"""The shape of a manifest, as a JSON schema of the draft 2020-12."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A manifest that can be applied, without what is null in it.

    Attributes:
        profile: The name, mission and background of the bank, those that are given.
        config: What is to be set up in it.
        directives: By name, each with the parts that `Directive` has, but for those not given.
        models: The mental models as they stand in the manifest.
    """

    profile: Mapping[str, str]
    config: Mapping[str, Any]
    directives: Mapping[str, Mapping[str, Any]]
    models: Sequence[Mapping[str, Any]]


def read_manifest(given: Mapping[str, Any]) -> Manifest:
    """Read a manifest.

    Raises:
        BadInputError: It is none; all that is wrong about it is told, each with its place, up to 20.
    """
    wrong = list(_wrong(given))
    if wrong:
        more = f" (and {len(wrong) - _TOLD} more)" if len(wrong) > _TOLD else ""
        raise BadInputError(f"The template cannot be applied. {' '.join(wrong[:_TOLD])}{more} Nothing was changed.")
    bank = _without_null(given.get("bank") or {})
    return Manifest(
        profile={name: bank[name] for name in _OF_PROFILE if name in bank},
        config=check({name: value for name, value in bank.items() if name not in _OF_PROFILE}),
        directives={one["name"].strip(): _parts_of(one) for one in given.get("directives") or ()},
        models=tuple(_without_null(one) for one in given.get("mental_models") or ()),
    )


def _parts_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    parts = {"priority": 0, "is_active": True, **_without_null(entry)}
    return {"active" if name == "is_active" else name: value for name, value in parts.items()}


def _wrong(given: Any) -> Iterator[str]:
    shaped = list(faults(given, SCHEMA, "manifest"))
    # A list of all names of a configuration would bury the one that was meant.
    yield from (fault for fault in shaped if not fault.startswith("manifest.bank has "))
    if isinstance(given, Mapping) and isinstance(given.get("bank"), Mapping):
        yield from (f"manifest.bank: {unknown(name)}" for name in given["bank"] if name not in _BANK["properties"])
    if not shaped:
        yield from _wrong_names(given, "directives", "name")
        yield from _wrong_names(given, "mental_models", "id")


def _wrong_names(given: Mapping[str, Any], what: str, key: str) -> Iterator[str]:
    """Yield what is wrong about what is well formed: texts that are blank, and entries of the same name."""
    seen: set[str] = set()
    for number, entry in enumerate(given.get(what) or ()):
        place = f"manifest.{what}[{number}]"
        blank = [name for name, value in entry.items() if isinstance(value, str) and not value.strip()]
        yield from (f"{place}.{name} is blank. Give text that can be seen." for name in blank)
        if entry[key].strip() in seen:
            yield f"{place}.{key} is {entry[key]!r}, as that of another. Give each a {key} of its own."
        seen.add(entry[key].strip())


def _without_null(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if value is not None}
