"""Events between the wire and the engine: payloads, metadata, namespace variables."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from duramen.namespaces import own_variables
from duramen.naming import digest
from duramen.server.agentcore.failing import Field, invalid
from duramen.server.agentcore.kept import KeptMemory, templates_of
from duramen.server.agentcore.matching import matches
from duramen.sessions.events import Blob, Json, Payload, Role, Said, SessionEvent
from duramen.sessions.spoken import spoken_places

MAX_JSON = 100 * 1024
"""The most bytes of one `json` item, and of all that is ingested at once."""

_VARIABLES = "extractionConfig.namespaceVariables"
_ROLES: Mapping[str, Role] = MappingProxyType(
    {"USER": "user", "ASSISTANT": "assistant", "TOOL": "tool", "OTHER": "other"}
)


def payload_of(given: Sequence[Mapping[str, Any]], name: str = "payload") -> list[Payload]:
    """Return the payload that was sent as a list of `PayloadType`.

    Args:
        given: What was sent; `name` is where it stood.
        name: See `given`.

    Raises:
        WireError: 400: an item of `json` is over `MAX_JSON` bytes.
    """
    wrong = [
        Field(f"{name}.{place}.json.content", f"Must have at most {MAX_JSON:,} bytes as JSON.")
        for place, item in enumerate(given)
        if "json" in item and size_of(item["json"].get("content")) > MAX_JSON
    ]
    if wrong:
        raise invalid(f"{wrong[0].name}: {wrong[0].message} Keep what is larger as `blob`.", *wrong)
    return [_item(item) for item in given]


def size_of(value: object) -> int:
    """Return how many bytes `value` takes as JSON in UTF-8."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def metadata_of(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the metadata that was sent: text by name."""
    return {key: value["stringValue"] for key, value in given.get("metadata", {}).items()}


def shown(memory: str, event: SessionEvent, *, root: str | None = None, payload: bool = True) -> dict[str, Any]:
    """Return an event as the output shape `Event`.

    Args:
        memory: The id of its memory.
        event: The event.
        root: Of its branch, if the event itself does not tell.
        payload: Whether its payload is wanted.
    """
    told: dict[str, Any] = {
        "memoryId": memory,
        "actorId": event.actor,
        "sessionId": event.session,
        "eventId": event.id,
        "eventTimestamp": event.at,
    }
    if payload:
        told["payload"] = [_shown(item) for item in event.payload]
    if event.branch is not None:
        told["branch"] = {"name": event.branch, "rootEventId": event.root or root}
    if event.metadata:
        told["metadata"] = {key: {"stringValue": value} for key, value in event.metadata.items()}
    return told


def session_for(*parts: str) -> str:
    """Return the id of a session that was not named: the same for the same parts, so that a replay comes to it again."""
    return digest("session", *parts)


async def namespace_variables(
    memory: KeptMemory, given: Mapping[str, Any], payload: Sequence[Payload], *, extract: bool = True
) -> dict[str, str]:
    """Return the namespace variables that were sent, checked against what the memory declares and needs.

    Args:
        memory: The memory.
        given: What was sent to the operation.
        payload: What is to be remembered.
        extract: Whether it is to be.

    Raises:
        WireError: 400: a key is not declared, its value is not allowed or also metadata with another value, or a
            template needs one that is missing. Nothing stands in for it.
    """
    found: Mapping[str, str] = given.get("extractionConfig", {}).get("namespaceVariables", {})
    wrong = [*[one async for one in _undeclared(memory, found)], *_contradicting(found, metadata_of(given))]
    if extract and spoken_places(payload):
        wrong += _missing(memory, found)
    if wrong:
        raise invalid("; ".join(f"{one.name}: {one.message}" for one in wrong), *wrong)
    return dict(found)


async def _undeclared(memory: KeptMemory, found: Mapping[str, str]) -> AsyncIterator[Field]:
    declared = {one["key"]: one.get("validation", {}) for one in memory.said.get("namespaceKeys", ())}
    for key, value in found.items():
        if key not in declared:
            known = ", ".join(sorted(declared)) or "none"
            yield Field(f"{_VARIABLES}.{key}", f"Is not among the namespaceKeys of the memory ({known}).")
            continue
        allowed, pattern = declared[key].get("allowedValues"), declared[key].get("regexPattern")
        if allowed is not None and value not in allowed:
            yield Field(f"{_VARIABLES}.{key}", f"Must be one of {', '.join(allowed)}.")
        if pattern is not None and not await matches(pattern, value):
            yield Field(f"{_VARIABLES}.{key}", f"Must match {pattern}")


def _contradicting(found: Mapping[str, str], metadata: Mapping[str, str]) -> Iterator[Field]:
    for key, value in found.items():
        if metadata.get(key, value) != value:
            yield Field(f"{_VARIABLES}.{key}", "Is metadata with another value too. Give both the same one.")


def _missing(memory: KeptMemory, found: Mapping[str, str]) -> Iterator[Field]:
    templates = [one for strategy in memory.strategies for one in templates_of(strategy)]
    for key in own_variables(templates):
        if key not in found:
            yield Field(f"{_VARIABLES}.{key}", "Must be given: a namespace template of the memory needs it.")


def _item(given: Mapping[str, Any]) -> Payload:
    if "blob" in given:
        return Blob(given["blob"])
    if "json" in given:
        return Json(given["json"].get("content"))
    said = given["conversational"]
    return Said(_ROLES[said["role"]], said["content"]["text"])


def _shown(item: Payload) -> dict[str, Any]:
    if isinstance(item, Blob):
        return {"blob": item.value}
    if isinstance(item, Json):
        return {"json": {"content": item.value}}
    return {"conversational": {"content": {"text": item.text}, "role": item.role.upper()}}
