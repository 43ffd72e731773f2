"""The keys of a metadata schema that a language model is asked for, as the engine has them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_TYPES: Mapping[str, str] = MappingProxyType({"STRING": "text", "STRINGLIST": "texts", "NUMBER": "number"})
_VALIDATED: Mapping[str, str] = MappingProxyType(
    {"stringValidation": "STRING", "stringListValidation": "STRINGLIST", "numberValidation": "NUMBER"}
)


def inferred_label(entry: Mapping[str, Any], indexed: Mapping[str, str]) -> dict[str, Any]:
    """Return an entry of a metadata schema as a label of the engine's: what `duramen.strategies.inferred.read_label` reads.

    Args:
        entry: Of the shape `MetadataSchemaEntry`. Its type is told by itself, by its validation, or by the index.
        indexed: The types of the keys that the memory has indexed.

    >>> inferred_label({"key": "rank", "extractionConfig": {"llmExtractionConfig": {"definition": "How high"}}}, {})
    {'key': 'rank', 'type': 'text', 'plain': True, 'definition': 'How high'}
    """
    told = entry.get("extractionConfig", {}).get("llmExtractionConfig", {})
    ((validated, rules),) = told.get("validation", {"": {}}).items()
    type_ = entry.get("type") or _VALIDATED.get(validated) or indexed.get(entry["key"], "STRING")
    named = {
        "definition": told.get("definition"),
        "instruction": told.get("llmExtractionInstruction"),
        "allowed": rules.get("allowedValues"),
        "most": rules.get("maxItems"),
        "least": rules.get("minValue"),
        "greatest": rules.get("maxValue"),
    }
    given = {name: value for name, value in named.items() if value is not None}
    return {"key": entry["key"], "type": _TYPES[type_], "plain": True, **given}
