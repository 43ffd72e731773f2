from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from duramen.server.hindsight.shapes import NoShapeError, shape_of

PERSON = {
    "type": "object",
    "title": "Person",
    "properties": {
        "name": {"type": "string", "description": "Who."},
        "age": {"type": "integer"},
        "home city": {"type": ["string", "null"]},
        "mood": {"enum": ["good", "bad"]},
        "pets": {"type": "array", "items": {"$ref": "#/$defs/pet"}},
        "model_config": {"anyOf": [{"type": "number"}, {"type": "boolean"}]},
        "more": {"type": "object"},
    },
    "required": ["name", "pets"],
    "$defs": {"pet": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}},
}


def test_what_fits_the_schema_comes_back_under_its_names() -> None:
    given = {
        "name": "Ada",
        "age": 36,
        "home city": None,
        "mood": "good",
        "pets": [{"name": "Miso"}],
        "model_config": 1.5,
        "more": {"a": 1},
    }

    assert shape_of(PERSON).model_validate(given).model_dump(mode="json") == given


def test_what_is_not_required_may_be_left_out() -> None:
    shaped = shape_of(PERSON).model_validate({"name": "Ada", "pets": []})

    assert shaped.model_dump(mode="json")["age"] is None


@pytest.mark.parametrize(
    "given",
    [
        {"name": "Ada"},
        {"name": 3, "pets": []},
        {"name": "Ada", "pets": [{}]},
        {"name": "Ada", "pets": [], "mood": "fine"},
        {"name": "Ada", "pets": [], "age": "old"},
    ],
)
def test_what_does_not_fit_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        shape_of(PERSON).model_validate(given)


def test_the_schema_of_the_shape_names_what_the_client_named() -> None:
    properties = shape_of(PERSON).model_json_schema()["properties"]

    assert list(properties) == list(PERSON["properties"])
    assert properties["name"]["description"] == "Who."


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "array"}, "not of an object"),
        ({"type": "object"}, "not of an object"),
        ({"properties": {"a": {"$ref": "#/$defs/none"}}}, "not in it"),
        ({"properties": {"a": {"$ref": "#"}}}, "not in it"),
        ({"properties": {"a": {"$ref": "#/properties/a"}}}, "refers to itself"),
        ({"properties": {f"p{number}": {} for number in range(300)}}, "more than 200"),
    ],
)
def test_a_schema_that_is_no_shape_is_refused(schema: dict[str, Any], said: str) -> None:
    with pytest.raises(NoShapeError, match=said):
        shape_of(schema)
