from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import pytest
from pydantic import AnyUrl, BaseModel, ConfigDict, Field, RootModel

from duramen.language_models.openai_wire import Dialect, complaint, strict
from duramen.language_models.structured import Message, schema_of


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    name: str = Field(min_length=1, max_length=9)


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    chases: Cat | None = Field(default=None, description="A cat.")


class Household(BaseModel):
    since: date | None = None
    site: AnyUrl | None = None
    first: Cat = Field(description="The eldest.")
    pets: list[Cat | Dog] = Field(default=[], max_length=3)


class Tree(BaseModel):
    branches: list[Tree]


class Sizes(BaseModel):
    sizes: dict[str, int]


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str


class Anything(BaseModel):
    thing: object


class Tagged(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]


class Place(BaseModel):
    at: tuple[float, float]


class Names(RootModel[list[str]]):
    pass


def test_a_strict_schema_requires_each_field_and_allows_no_other() -> None:
    schema = strict(schema_of(Household))

    assert schema is not None
    assert schema["required"] == ["since", "site", "first", "pets"]
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["Dog"]["required"] == ["kind", "chases"]
    assert schema["properties"]["pets"]["maxItems"] == 3


def test_a_strict_schema_holds_only_what_is_enforced() -> None:
    schema = strict(schema_of(Household))

    assert schema is not None
    assert schema["properties"]["first"] == {"$ref": "#/$defs/Cat"}
    assert schema["properties"]["since"] == {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}
    assert schema["properties"]["site"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert schema["$defs"]["Cat"]["properties"]["name"] == {"type": "string"}


@pytest.mark.parametrize("shape", [Sizes, Open, Anything, Tagged, Place, Names, Tree])
def test_what_cannot_be_enforced_is_sent_as_it_is(shape: type[BaseModel]) -> None:
    body = Dialect().request("small", [Message("user", "x")], schema_of(shape), 9)

    assert body["response_format"]["json_schema"] == {"name": "answer", "strict": False, "schema": schema_of(shape)}


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("This response_format type is unavailable now", Dialect("json_object")),
        ("failed to parse grammar", Dialect("json_object")),
        ("Use 'max_completion_tokens' instead", Dialect(limit="max_completion_tokens")),
        ("Unsupported value: 'temperature'", Dialect(temperature=None)),
        ("The prompt has 9000 tokens, 8192 is the most", None),
    ],
)
def test_what_a_server_complains_of_is_left_out(said: str, left: Dialect | None) -> None:
    assert Dialect().without(said) == left


def test_what_is_left_out_already_cannot_be_complained_of() -> None:
    plain = Dialect("none", "max_completion_tokens", None)

    assert plain.without("response_format, max_completion_tokens and temperature") is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": {"message": "No.", "code": "nope"}}', "nope: No."),
        (b'{"error": "No."}', "No."),
        (b'{"detail": "Not Found"}', "Not Found"),
        (b'{"object": "error", "message": "No."}', "No."),
        (b'["No."]', "['No.']"),
        (b'{"why": 1}', '{"why": 1}'),
        (b"Bad Gateway \xff", "Bad Gateway \ufffd"),
        (b"", ""),
    ],
)
def test_the_words_of_an_error_are_found(body: bytes, said: str) -> None:
    assert complaint(body) == said
