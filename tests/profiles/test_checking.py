"""Our reading of JSON schemas against a full one."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as some

from duramen.profiles.checking import faults, wanted
from duramen.profiles.config import KNOWN
from duramen.profiles.manifest import SCHEMA

TEXT = some.text(some.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
VALUES = some.recursive(
    some.none() | some.booleans() | some.integers(-10, 10_000) | some.floats(-5, 5).filter(lambda x: x % 1 != 0) | TEXT,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
WORDS = some.sampled_from(["concise", "custom", "shared", "adaptive", "1", "bank", "x-1"])


@given(some.sampled_from(sorted(KNOWN)), VALUES | WORDS)
def test_values_fit_exactly_where_a_full_reading_says_so(name: str, value: Any) -> None:
    schema = KNOWN[name].schema

    fits = not list(faults(value, schema, name))

    assert fits == jsonschema.Draft202012Validator(schema).is_valid(value)


@given(
    some.fixed_dictionaries(
        {"version": some.sampled_from(["1", "2", 1])},
        optional={
            "bank": VALUES | some.fixed_dictionaries({"retain_chunk_size": VALUES}),
            "directives": VALUES
            | some.lists(some.fixed_dictionaries({"name": VALUES, "content": TEXT}, optional={"tags": VALUES})),
            "mental_models": VALUES
            | some.lists(some.fixed_dictionaries({"id": WORDS, "name": TEXT, "source_query": VALUES})),
            "$schema": TEXT,
            "else": VALUES,
        },
    )
)
def test_manifests_fit_exactly_where_a_full_reading_says_so(manifest: dict[str, Any]) -> None:
    assert (not list(faults(manifest, SCHEMA, "it"))) == jsonschema.Draft202012Validator(SCHEMA).is_valid(manifest)


def test_the_schema_of_manifests_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "number", "exclusiveMinimum": 0}, "a number above 0"),
        ({"type": "integer", "minimum": 2}, "a whole number of 2 or more"),
        ({"type": "string", "minLength": 1, "maxLength": 5}, "text of 1 to 5 characters"),
        ({"type": "string", "pattern": "^a$"}, "text that matches ^a$"),
        ({"enum": ["a", "b"]}, "one of 'a', 'b'"),
        ({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, "true or false, or null"),
        ({}, "something that JSON can hold"),
    ],
)
def test_what_is_wanted_is_said_in_words(schema: dict[str, Any], words: str) -> None:
    assert wanted(schema) == words


def test_a_fault_says_where_it_is_and_shows_no_more_than_a_line() -> None:
    (fault,) = faults({"bank": {"retain_mission": ["x" * 500]}, "version": "1"}, SCHEMA, "it")

    assert fault.startswith("it.bank.retain_mission is ['xxx")
    assert len(fault) < 200
