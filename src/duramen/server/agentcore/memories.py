"""The control plane: memories are created, shown, listed, updated and deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from duramen.errors import ChangedError
from duramen.server.agentcore.deleting import go_on, unmake
from duramen.server.agentcore.failing import Field, conflict, invalid, missing
from duramen.server.agentcore.kept import DELETING, KeptMemory, every, load, templates_of
from duramen.server.agentcore.paging import page_of
from duramen.server.agentcore.serving import Call, gone, serves
from duramen.server.agentcore.settling import TRIES, change, make, standing
from duramen.server.agentcore.strategies import created, modified, output_of
from duramen.server.agentcore.tokens import Noted, once_in_one
from duramen.times import utc_now

REGION, ACCOUNT = "us-west-2", "000000000000"
"""What ARNs say if the request does not tell, and whose account they name: there is none here."""

_SCOPE = re.compile(r"AWS4-HMAC-SHA256\s.*Credential=[^/\s]+/\d{8}/([a-z0-9-]+)/")
_USUAL_PAGE = 10
_CHANGED = ("description", "eventExpiryDuration", "memoryExecutionRoleArn", "namespaceKeys", "streamDeliveryResources")
_SECRET = ("description", "configuration", "memoryRecordSchema")
"""Members that AWS encrypts with the key of the memory, and leaves out if it may not use that."""


@serves("CreateMemory", "manage")
async def create(call: Call) -> Mapping[str, Any]:
    """Create a memory; it is ready at once. Its name is its own among those of the tenant."""

    async def work(noted: Noted) -> Mapping[str, Any]:
        return _told(call, await make(call, call.params, beside=lambda made: noted(_told(call, made))))

    return await once_in_one(call, "CreateMemory", work)


@serves("GetMemory", "read")
async def get(call: Call) -> Mapping[str, Any]:
    """Show a memory, also one that is being deleted. Without decryption, what the owner wrote in their words is left out."""
    kept = await load(call.engine, call.resource)
    if kept is None:
        raise gone(call.params["memoryId"])
    if kept.deleting:
        go_on(call.engine, kept.resource)
    memory = shown(call, kept)
    if call.params.get("view") == "without_decryption":
        strategies = [_without(one, _SECRET) for one in memory["strategies"]]
        memory = {**_without(memory, _SECRET), "strategies": strategies}
    return {"memory": memory}


@serves("ListMemories", "read")
async def list_all(call: Call) -> Mapping[str, Any]:
    """List the memories of the caller, by id."""

    async def read(after: str, limit: int) -> list[KeptMemory]:
        return await every(call.engine, after=after, limit=limit)

    found, token = await page_of(call, "ListMemories", _USUAL_PAGE, read, lambda kept: kept.resource)
    return {"memories": [_summary(call, kept) for kept in found], "nextToken": token}


@serves("UpdateMemory", "manage")
async def update(call: Call) -> Mapping[str, Any]:
    """Change a memory. What is not given stays; namespace keys are replaced as a whole, indexed keys only added to."""

    def changed(kept: KeptMemory) -> KeptMemory:
        return _changed(kept, call.params)

    async def work(noted: Noted) -> Mapping[str, Any]:
        return _told(call, await change(call, changed, beside=lambda made: noted(_told(call, made))))

    await standing(call)
    return await once_in_one(call, "UpdateMemory", work)


@serves("DeleteMemory", "manage")
async def delete(call: Call) -> Mapping[str, Any]:
    """Delete a memory with its events, its records and all else that it holds. A harness deletes its own itself."""

    async def work(noted: Noted) -> Mapping[str, Any]:
        deleted = {"memoryId": call.params["memoryId"], "status": DELETING}
        for _ in range(TRIES):
            kept = await load(call.engine, call.resource)
            if kept is None:
                raise gone(call.params["memoryId"])
            if not kept.deleting:
                check_free(kept)
            with suppress(ChangedError):
                await unmake(call.engine, kept, *noted(deleted))
                return deleted
        raise conflict("Others are changing this memory. Try again.")

    return await once_in_one(call, "DeleteMemory", work)


def shown(call: Call, kept: KeptMemory) -> dict[str, Any]:
    """Return a memory as the wire shows it."""
    return {
        **kept.said,
        "id": kept.id,
        "arn": arn_of(call, kept.id),
        "strategies": [output_of(strategy) for strategy in kept.strategies],
        "createdAt": kept.created,
        "updatedAt": kept.updated,
    }


def _told(call: Call, kept: KeptMemory) -> dict[str, Any]:
    return {"memory": shown(call, kept)}


def arn_of(call: Call, name: str, kind: str = "memory") -> str:
    """Return the ARN of a memory, or of what else `kind` says, in the region that the request was signed for."""
    found = _SCOPE.match(call.request.headers.get("authorization", ""))
    return f"arn:aws:bedrock-agentcore:{found[1] if found else REGION}:{ACCOUNT}:{kind}/{name}"


def check_free(kept: KeptMemory) -> None:
    """Check that a memory belongs to no harness.

    Raises:
        WireError: 409: it does, and only that may change its strategies or delete it.
    """
    owner = kept.said.get("managedByResourceArn")
    if owner is not None:
        raise conflict(
            f"The memory {kept.id} is managed by {owner}. Change its strategies, or delete it, through that."
        )


def _changed(kept: KeptMemory, given: Mapping[str, Any]) -> KeptMemory:
    said = {**kept.said, **{name: given[name] for name in _CHANGED if name in given}}
    if "addIndexedKeys" in given:
        said["indexedKeys"] = [*kept.said.get("indexedKeys", ()), *given["addIndexedKeys"]]
    strategies: Sequence[Mapping[str, Any]] = kept.strategies
    if "memoryStrategies" in given:
        check_free(kept)
        strategies = _strategies(kept, given["memoryStrategies"])
    before = dict.fromkeys((*kept.former, *(one for strategy in kept.strategies for one in templates_of(strategy))))
    now = {one for strategy in strategies for one in templates_of(strategy)}
    return replace(kept, said=said, strategies=strategies, former=[one for one in before if one not in now])


def _strategies(kept: KeptMemory, given: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the strategies of a memory when some were deleted, modified and added, in this order."""
    now = utc_now()
    strategies = {strategy["strategyId"]: strategy for strategy in kept.strategies}
    deleted = [one["memoryStrategyId"] for one in given.get("deleteMemoryStrategies", ())]
    changes = given.get("modifyMemoryStrategies", ())
    named = [*deleted, *(one["memoryStrategyId"] for one in changes)]
    for strategy in named:
        if strategy not in strategies:
            raise missing(f"Memory strategy not found: {strategy}, in the memory {kept.id}.")
        if named.count(strategy) > 1:
            told = f"{strategy} is named twice. Say once what is to become of it."
            raise invalid(told, Field("memoryStrategies", told))
    for one in changes:
        strategies[one["memoryStrategyId"]] = modified(strategies[one["memoryStrategyId"]], one, now)
    left = [strategy for name, strategy in strategies.items() if name not in deleted]
    return [*left, *(created(one, now) for one in given.get("addMemoryStrategies", ()))]


def _summary(call: Call, kept: KeptMemory) -> dict[str, Any]:
    members = ("id", "arn", "status", "createdAt", "updatedAt", "managedByResourceArn")
    memory = shown(call, kept)
    return {name: memory[name] for name in members if name in memory}


def _without(value: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: one for name, one in value.items() if name not in names}
