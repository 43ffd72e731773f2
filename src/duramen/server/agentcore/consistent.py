"""Checks of a memory that its shapes cannot say: whether its strategies, keys and namespaces go together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from duramen.namespaces import KNOWN_VARIABLES, own_variables
from duramen.server.agentcore.failing import Field, WireError, invalid
from duramen.server.agentcore.kept import KeptMemory, templates_of
from duramen.server.agentcore.strategies import STRICT, base_of, schemas_of

MOST_STRATEGIES = 6
MOST_INDEXED = 10
MOST_TAGS = 50
MOST_STRICT = 3

RESERVED = "x-amz-agentcore-memory-"
"""What the keys of a record's own metadata begin with; nobody else's do."""

_FITTING = {"stringValidation": "STRING", "stringListValidation": "STRINGLIST", "numberValidation": "NUMBER"}


def check(kept: KeptMemory) -> None:
    """Check that a memory can be as it is.

    Raises:
        WireError: 400, with each thing that does not go together; 402: it has too many strategies or indexed keys.
    """
    indexed = {one["key"]: one["type"] for one in kept.said.get("indexedKeys", ())}
    within(len(kept.strategies), MOST_STRATEGIES, "strategies")
    within(len(indexed), MOST_INDEXED, "indexed keys")
    wrong = [*_names(kept.strategies), *_indexed(kept.said.get("indexedKeys", ())), *_namespace_keys(kept)]
    for strategy in kept.strategies:
        for schema in schemas_of(strategy):
            wrong += _schema(strategy, schema, indexed)
    if wrong:
        raise invalid("; ".join(f"{one.name}: {one.message}" for one in wrong), *wrong)


def within(number: int, most: int, what: str) -> None:
    """Check that a memory does not have too many of something.

    Raises:
        WireError: 402: it has.
    """
    if number > most:
        told = f"A memory may have {most} {what}; this one would have {number}."
        raise WireError("ServiceQuotaExceededException", 402, told)


def _names(strategies: Sequence[Mapping[str, Any]]) -> Iterator[Field]:
    names = [strategy["name"] for strategy in strategies]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Field("memoryStrategies", f"Several strategies are called {name}. Give each a name of its own.")


def _indexed(given: Sequence[Mapping[str, Any]]) -> Iterator[Field]:
    keys = [one["key"] for one in given]
    for key in dict.fromkeys(keys):
        if keys.count(key) > 1:
            yield Field("indexedKeys", f"{key} is there already. What is indexed stays as it is.")
        if key.startswith(RESERVED):
            yield Field("indexedKeys", f"{key} begins with {RESERVED}, which is reserved.")


def _namespace_keys(kept: KeptMemory) -> Iterator[Field]:
    given = kept.said.get("namespaceKeys", ())
    keys = [one["key"] for one in given]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Field("namespaceKeys", f"{key} is there twice.")
    for one in given:
        pattern = one.get("validation", {}).get("regexPattern")
        if pattern is not None and not _compiles(pattern):
            yield Field("namespaceKeys", f"The regexPattern of {one['key']} is no regular expression.")
    for strategy in kept.strategies:
        for name in own_variables(templates_of(strategy)):
            if name not in keys:
                known = ", ".join((*KNOWN_VARIABLES, *keys))
                told = f"uses {{{name}}}, which is not among the namespaceKeys. Known are {known}."
                yield Field(f"memoryStrategies.{strategy['name']}.namespaceTemplates", told)


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def _schema(
    strategy: Mapping[str, Any], schema: Sequence[Mapping[str, Any]], indexed: Mapping[str, str]
) -> Iterator[Field]:
    where = f"memoryStrategies.{strategy['name']}.memoryRecordSchema.metadataSchema"
    keys = [entry["key"] for entry in schema]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Field(where, f"{key} is there twice.")
    strict = [entry for entry in schema if entry.get("extractionType") == STRICT]
    if len(strict) > MOST_STRICT:
        yield Field(where, f"Must have at most {MOST_STRICT} keys that are {STRICT}; it has {len(strict)}.")
    if strict and base_of(strategy) == "summary":
        yield Field(where, f"The keys of a summary cannot be {STRICT}.")
    for entry in schema:
        for told in _entry(entry, indexed):
            yield Field(f"{where}.{entry['key']}", told)


def _entry(entry: Mapping[str, Any], indexed: Mapping[str, str]) -> Iterator[str]:
    key, type_ = entry["key"], entry.get("type")
    if key.startswith(RESERVED):
        yield f"The key begins with {RESERVED}, which is reserved."
    if type_ is not None and indexed.get(key, type_) != type_:
        yield f"It is indexed as {indexed[key]}, so that it cannot be {type_}."
    if entry.get("extractionType") == STRICT:
        if (type_ or indexed.get(key, "STRING")) != "STRING":
            yield f"Must be a STRING to be {STRICT}."
        if key not in indexed:
            yield f"Must be among the indexedKeys to be {STRICT}."
        if "extractionConfig" in entry:
            yield f"Is copied from events as {STRICT}, so that extractionConfig says nothing. Leave it out."
    yield from _validation(
        entry.get("extractionConfig", {}).get("llmExtractionConfig", {}).get("validation", {}), type_
    )


def _validation(validation: Mapping[str, Any], type_: str | None) -> Iterator[str]:
    for name, given in validation.items():
        if type_ is not None and _FITTING[name] != type_:
            yield f"{name} is for {_FITTING[name]}, and it is {type_}."
        least, most = given.get("minValue"), given.get("maxValue")
        if least is not None and most is not None and least > most:
            yield f"The minValue {least} is above the maxValue {most}."
