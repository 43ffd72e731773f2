"""From a JSON schema to a pydantic model, for answers in a form that a client asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from duramen.errors import BadQueryError

MAX_FIELDS = 200
DEEPEST = 8

_PLAIN: Mapping[str, Any] = {"string": str, "integer": int, "number": float, "boolean": bool, "null": type(None)}


class NoShapeError(BadQueryError):
    """The schema cannot be made a shape."""


def shape_of(schema: Mapping[str, Any]) -> type[BaseModel]:
    """Return a model of what `schema` describes: an object, with fields that may be objects, lists and choices.

    Of the words of JSON Schema, `type`, `properties`, `required`, `items`, `enum`, `anyOf`, `oneOf`, `$ref` (to `$defs`
    of the same schema), `title` and `description` are read; others are passed over.

    Raises:
        NoShapeError: It is not of an object, too large, or refers to itself.
    """
    if schema.get("type", "object") != "object" or not isinstance(schema.get("properties"), Mapping):
        raise NoShapeError("`response_schema` is not of an object with properties.")
    return _Reading(schema).model(schema, "Answer", 0)


class _Shape(BaseModel):
    """Is told under the names that the client gave."""

    model_config = ConfigDict(populate_by_name=True)

    def model_dump(self, **options: Any) -> dict[str, Any]:
        return super().model_dump(**{"by_alias": True, **options})


class _Reading:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._fields = 0

    def model(self, schema: Mapping[str, Any], name: str, depth: int) -> type[BaseModel]:
        fields: dict[str, Any] = {}
        required = schema.get("required", ())
        for place, (key, one) in enumerate(schema["properties"].items()):
            self._fields += 1
            if self._fields > MAX_FIELDS:
                raise NoShapeError(f"`response_schema` has more than {MAX_FIELDS} properties.")
            type_ = self.type(one, f"{name}{place}", depth + 1)
            told = one.get("description") if isinstance(one, Mapping) else None
            # the client's name is an alias: as it stands it may be no name of a field
            if key in required:
                fields[f"field_{place}"] = (type_, Field(alias=key, description=told))
            else:
                fields[f"field_{place}"] = (type_ | None, Field(default=None, alias=key, description=told))
        return create_model(name, __base__=_Shape, **fields)

    def type(self, schema: Any, name: str, depth: int) -> Any:
        if not isinstance(schema, Mapping):
            return Any
        if depth > DEEPEST:
            raise NoShapeError(f"`response_schema` is nested deeper than {DEEPEST}, or refers to itself.")
        if "$ref" in schema:
            return self.type(self._referred(schema["$ref"]), name, depth + 1)
        if schema.get("enum"):
            return Literal[tuple(schema["enum"])]
        for choice in ("anyOf", "oneOf"):
            if schema.get(choice):
                return self._any_of([self.type(one, f"{name}o{n}", depth + 1) for n, one in enumerate(schema[choice])])
        return self._typed(schema, name, depth)

    def _typed(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        wanted = schema.get("type")
        if isinstance(wanted, list):
            return self._any_of([self.type({**schema, "type": one}, name, depth + 1) for one in wanted])
        if wanted == "array":
            return list[self.type(schema.get("items"), f"{name}i", depth + 1)]  # type: ignore[misc]  # known at run time
        if wanted == "object" or "properties" in schema:
            return self.model(schema, name, depth) if schema.get("properties") else dict[str, Any]
        return _PLAIN.get(str(wanted), Any)

    def _any_of(self, types: list[Any]) -> Any:
        joined = types[0]
        for one in types[1:]:
            joined = joined | one
        return joined

    def _referred(self, reference: Any) -> Any:
        place: Any = self._root
        for step in str(reference).removeprefix("#/").split("/"):
            place = place.get(step) if isinstance(place, Mapping) else None
        if not isinstance(place, Mapping):
            raise NoShapeError(f"`response_schema` refers to {str(reference)[:100]!r}, which is not in it.")
        return place
