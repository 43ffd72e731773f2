"""Memory records by hand: made, changed and deleted in batches, of which each record fails by itself; one looked up.

What can be told from a request alone is checked before anything is done, and refuses all of it. What depends on the
memory, such as a strategy or a record that is not there, fails for that record, and the others are done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from duramen.records import KEEP, Change, Done, Draft
from duramen.server.agentcore.failing import Field, invalid, missing
from duramen.server.agentcore.filters import BY_HAND, path_of
from duramen.server.agentcore.kept import KeptMemory, called
from duramen.server.agentcore.metadata import check_metadata, metadata_of, schema_keys
from duramen.server.agentcore.retrieving import output
from duramen.server.agentcore.serving import Call, serves
from duramen.server.agentcore.tokens import once
from duramen.strategies.lasting import MOST_DAYS

_BAD, _ABSENT = 400, 404
_EXPIRY, _DAYS = "recordExpirySpecification", "recordExpiryDurationDays"

_Results = dict[int, dict[str, Any]]


@serves("BatchCreateMemoryRecords", "retain")
async def batch_create(call: Call) -> Mapping[str, Any]:
    """Make records. A replay with the same client token is told what was made first."""
    kept = await called(call)
    given = call.params["records"]
    check_metadata(given)
    namespaces = _paths(given, "namespaces")
    lifetime = _lifetime(call.params)
    if "action" in call.params.get(_EXPIRY, {}):
        told = "REMOVE is for records that are there. Leave the specification out: the records never expire then."
        raise invalid(told, Field(f"{_EXPIRY}.action", told))

    async def make() -> dict[str, Any]:
        results = _without_strategy(kept, given)
        drafts = {
            place: Draft(
                text=one["content"]["text"],
                at=one["timestamp"],
                namespace=namespaces[place],
                strategy=_strategy(one),
                metadata=metadata_of(_fitting(kept, one)),
                lifetime=lifetime,
            )
            for place, one in enumerate(given)
            if place not in results
        }
        made = await call.engine.records.create(call.resource, kept.templates(), [*drafts.values()]) if drafts else []
        for place, done in zip(drafts, made, strict=True):
            results[place] = _result(done, done.id or "", _BAD)
        for place, result in results.items():
            result["requestIdentifier"] = given[place]["requestIdentifier"]
        return _batch(results)

    return await once(call, "BatchCreateMemoryRecords", make)


@serves("BatchUpdateMemoryRecords", "retain")
async def batch_update(call: Call) -> Mapping[str, Any]:
    """Change records: what is left out stays, and an expiry that a record has begins anew, unless it is removed."""
    kept = await called(call)
    given = call.params["records"]
    check_metadata(given)
    namespaces, sources = _paths(given, "namespaces"), _paths(given, "sourceNamespaces")
    lifetime = _lifetime(call.params) if _EXPIRY in call.params else KEEP
    results = _without_strategy(kept, given)
    for place, source in sources.items():
        wanted = given[place]["memoryRecordId"]
        if source is not None and await call.engine.records.get(call.resource, wanted, namespace=source) is None:
            results[place] = _absent(wanted)
    changes = {
        place: Change(
            id=one["memoryRecordId"],
            at=one["timestamp"],
            text=one["content"]["text"] if "content" in one else None,
            namespace=namespaces[place],
            strategy=_strategy(one),
            metadata=metadata_of(_fitting(kept, one)) if "metadata" in one else None,
            lifetime=lifetime,
        )
        for place, one in enumerate(given)
        if place not in results
    }
    made = await call.engine.records.update(call.resource, kept.templates(), [*changes.values()]) if changes else []
    for (place, change), done in zip(changes.items(), made, strict=True):
        there = done.error is None or await call.engine.records.get(call.resource, change.id) is not None
        results[place] = _result(done, change.id, _BAD) if there else _absent(change.id)
    return _batch(results)


@serves("BatchDeleteMemoryRecords", "forget")
async def batch_delete(call: Call) -> Mapping[str, Any]:
    """Delete records. One that is not there, or not at the namespace that is named with it, fails."""
    await called(call)
    given = call.params["records"]
    places: dict[str | None, list[int]] = {}
    for place, one in enumerate(given):
        places.setdefault(_named(one, f"records.{place}."), []).append(place)
    results: _Results = {}
    for namespace, there in places.items():
        ids = [given[place]["memoryRecordId"] for place in there]
        deleted = await call.engine.records.delete(call.resource, ids, namespace=namespace)
        for place, wanted, done in zip(there, ids, deleted, strict=True):
            results[place] = _result(done, wanted, _BAD) if done.error is None else _absent(wanted)
    return _batch(results)


@serves("GetMemoryRecord", "read")
async def get(call: Call) -> Mapping[str, Any]:
    """Look a record up."""
    await called(call)
    wanted = call.params["memoryRecordId"]
    found = await call.engine.records.get(call.resource, wanted, namespace=_named(call.params))
    if found is None:
        raise missing(_not_found(wanted))
    return {"memoryRecord": {**output(found), "expiresAt": found.expires}}


@serves("DeleteMemoryRecord", "forget")
async def delete(call: Call) -> Mapping[str, Any]:
    """Delete a record."""
    await called(call)
    wanted = call.params["memoryRecordId"]
    (done,) = await call.engine.records.delete(call.resource, [wanted], namespace=_named(call.params))
    if done.error is not None:
        raise missing(_not_found(wanted))
    return {"memoryRecordId": wanted}


def _strategy(given: Mapping[str, Any]) -> str | None:
    """Return the strategy that is named with a record; None if none is, or `manual`."""
    wanted: str | None = given.get("memoryStrategyId")
    return None if wanted == BY_HAND else wanted


def _without_strategy(kept: KeptMemory, given: Sequence[Mapping[str, Any]]) -> _Results:
    """Return what is told of the records whose strategy the memory does not have."""
    known = {None, *(one["strategyId"] for one in kept.strategies)}
    return {
        place: _result(
            Done(None, f"Memory strategy not found: {one['memoryStrategyId']}"), one.get("memoryRecordId", ""), _BAD
        )
        for place, one in enumerate(given)
        if _strategy(one) not in known
    }


def _fitting(kept: KeptMemory, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the metadata of a record without what the schema of its strategy does not name, if it has a schema."""
    keys = next((schema_keys(one) for one in kept.strategies if one["strategyId"] == _strategy(given)), None)
    return {key: value for key, value in given.get("metadata", {}).items() if keys is None or key in keys}


def _paths(given: Sequence[Mapping[str, Any]], name: str) -> dict[int, str | None]:
    """Return the one namespace that each record names so, if it does."""
    found = {place: one.get(name) for place, one in enumerate(given)}
    return {place: path_of(one[0], f"records.{place}.{name}.0") if one else None for place, one in found.items()}


def _named(given: Mapping[str, Any], below: str = "") -> str | None:
    namespace = given.get("namespace")
    return None if namespace is None else path_of(namespace, f"{below}namespace")


def _lifetime(params: Mapping[str, Any]) -> timedelta | None:
    days = params.get(_EXPIRY, {}).get(_DAYS)
    if days is not None and days > MOST_DAYS:
        told = f"Must be at most {MOST_DAYS:,}."
        raise invalid(f"{_EXPIRY}.{_DAYS}: {told}", Field(f"{_EXPIRY}.{_DAYS}", told))
    return None if days is None else timedelta(days=days)


def _not_found(wanted: str) -> str:
    return f"Memory record not found: {wanted}"


def _absent(wanted: str) -> dict[str, Any]:
    return _result(Done(None, _not_found(wanted)), wanted, _ABSENT)


def _result(done: Done, record: str, code: int) -> dict[str, Any]:
    if done.error is None:
        return {"memoryRecordId": record, "status": "SUCCEEDED"}
    return {"memoryRecordId": record, "status": "FAILED", "errorCode": code, "errorMessage": done.error}


def _batch(results: _Results) -> dict[str, Any]:
    told = [results[place] for place in sorted(results)]
    return {
        "successfulRecords": [one for one in told if one["status"] == "SUCCEEDED"],
        "failedRecords": [one for one in told if one["status"] == "FAILED"],
    }
