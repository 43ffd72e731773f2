"""From what an operation returns to the answer, by the shapes of the service models."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from starlette.responses import Response

from duramen.server.agentcore.service import Operation
from duramen.server.errors import SafeJSONResponse


def answer(operation: Operation, result: Mapping[str, Any]) -> Response:
    """Return the answer with `result`, whose times are `datetime`. None is left out, and what the model does not name."""
    if operation.status == 204:
        return Response(status_code=204)
    body = {} if operation.output is None else written(operation.output, result)
    return SafeJSONResponse(body, status_code=operation.status)


def written(shape: Shape, value: Any) -> Any:
    """Return `value` as JSON has it: times as seconds since 1970, or as ISO 8601 where the shape says so.

    Args:
        shape: What it is; documents (any JSON) stay as they are, nulls and all.
        value: The value.
    """
    if getattr(shape, "is_document_type", False):
        return value
    if isinstance(shape, StructureShape):
        told = {
            name: written(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None or (name in value and getattr(member, "is_document_type", False))
        }
        # botocore cannot read a union of which nothing is known but a null, and so none of the answer.
        return {**told, "isNull": True} if shape.is_tagged_union and list(told.values()) == [None] else told
    if isinstance(shape, ListShape):
        return [written(shape.member, one) for one in value]
    if isinstance(shape, MapShape):
        return {key: written(shape.value, one) for key, one in value.items()}
    if isinstance(value, datetime):
        if shape.serialization.get("timestampFormat") == "iso8601":
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return round(value.timestamp(), 3)
    return value
