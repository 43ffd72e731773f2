"""What goes over the wire to a server that speaks OpenAI's chat completions, and what comes back.

Source: https://platform.openai.com/docs/api-reference/chat and /docs/guides/structured-outputs
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from duramen.errors import ModelUnavailableError
from duramen.language_model import Usage
from duramen.language_models.structured import Message

Format = Literal["json_schema", "json_object", "none"]
"""How a server is told what to answer with: a schema that it enforces, any JSON object, or by the prompt alone."""

FORMATS: tuple[Format, ...] = ("json_schema", "json_object", "none")

_FORMAT_WORDS = ("response_format", "json_schema", "json_object", "grammar", "structured output", "guided")
_KNOWN_TEXT_FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"})
_LOOSE = frozenset({"oneOf", "allOf", "prefixItems", "patternProperties"})
_NOT_ENFORCED = frozenset({"default", "minLength", "maxLength", "uniqueItems", "examples", "discriminator"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a server and its model understand, as far as they have told."""

    format: Format = "json_schema"
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    temperature: float | None = 0.0

    def without(self, complaint: str) -> Dialect | None:
        """Return the dialect without what a server complains of; None if it complains of something else."""
        said = complaint.lower()
        if self.limit == "max_tokens" and "max_completion_tokens" in said:
            return replace(self, limit="max_completion_tokens")
        if self.temperature is not None and "temperature" in said:
            return replace(self, temperature=None)
        if self.format != "none" and any(word in said for word in _FORMAT_WORDS):
            return replace(self, format=FORMATS[FORMATS.index(self.format) + 1])
        return None

    def request(
        self, model: str, messages: Sequence[Message], schema: Mapping[str, Any], max_tokens: int
    ) -> dict[str, Any]:
        """Return the body of a request."""
        body: dict[str, Any] = {
            "model": model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            self.limit: max_tokens,
        }
        if self.temperature is not None:
            body["temperature"] = self.temperature
        if self.format == "json_object":
            body["response_format"] = {"type": "json_object"}
        if self.format == "json_schema":
            enforced = strict(schema)
            named = {
                "name": "answer",
                "strict": enforced is not None,
                "schema": schema if enforced is None else enforced,
            }
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        return body


def strict(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return `schema` as OpenAI enforces one: each field required, none besides; None where that cannot be said.

    Limits that are not enforced are left out: the answer is validated against the real schema anyway.
    """
    try:
        made: dict[str, Any] = _strict(dict(schema))
    except _LooseError:
        return None
    return made if made.get("type") == "object" else None


def answered(data: bytes) -> tuple[str, Usage | None]:
    """Return the text of an answer and what it took, if the server says so.

    Raises:
        ModelUnavailableError: The model refused, or this is no chat completion.
    """
    try:
        body = json.loads(data)
        choice = body["choices"][0]
        message = choice["message"]
        refusal = message.get("refusal")
        content = message.get("content")
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        raise ModelUnavailableError(
            "The server's answer is no chat completion. Check that `base_url` is that of an OpenAI-compatible API; it "
            "mostly ends with /v1."
        ) from error
    if refusal or choice.get("finish_reason") == "content_filter":
        raise ModelUnavailableError(
            f"The model refused to answer: {str(refusal or 'its filter took the answer out')[:300]}"
        )
    return _text(content), _usage(body.get("usage"))


def complaint(data: bytes) -> str:
    """Return what the body of an error says, or its beginning."""
    text = data[:2_000].decode(errors="replace")
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return text
    error = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(error, dict):
        parts = (error.get("code"), error.get("message") or error.get("detail"))
        return ": ".join(str(part) for part in parts if part) or text
    return str(error)[:2_000]


class _LooseError(Exception):
    """The schema allows for more than can be enforced."""


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(one) for one in node]
    if "$ref" in node:
        return {"$ref": node["$ref"]}
    if not node or node.get("additionalProperties") or not _LOOSE.isdisjoint(node):
        raise _LooseError
    made = {key: _strict_value(key, value) for key, value in node.items() if key not in _NOT_ENFORCED}
    if made.get("format") not in _KNOWN_TEXT_FORMATS:
        made.pop("format", None)
    if made.get("type") == "object":
        made |= {"required": list(made.get("properties", ())), "additionalProperties": False}
    return made


def _strict_value(key: str, value: Any) -> Any:
    if key in {"properties", "$defs"}:
        return {name: _strict(one) for name, one in value.items()}
    return _strict(value) if key in {"items", "anyOf"} else value


def _text(content: object) -> str:
    if isinstance(content, list):
        texts = (part.get("text") for part in content if isinstance(part, dict))
        return "".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else ""


def _usage(usage: object) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    read, written = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if not isinstance(read, int) or not isinstance(written, int) or min(read, written) < 0:
        return None
    return Usage(read=read, written=written)
