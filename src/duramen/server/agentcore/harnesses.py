"""The control plane of harnesses: they are created, shown, listed, updated and deleted, with their memories."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from duramen.server.agentcore.failing import missing
from duramen.server.agentcore.harness_kept import (
    MANAGED,
    KeptHarness,
    changed,
    every,
    load,
    load_version,
)
from duramen.server.agentcore.harness_memory import settle, shown_memory, unsettle
from duramen.server.agentcore.memories import arn_of
from duramen.server.agentcore.paging import page_of
from duramen.server.agentcore.serving import Call, serves
from duramen.server.agentcore.strategies import suffixed
from duramen.server.agentcore.tokens import Noted, once_in_one

MODEL = "duramen.agent"
"""What a harness says of its model if nobody gave one: the agent that the server was given has its own."""

_USUAL: Mapping[str, Any] = {
    "model": {"bedrockModelConfig": {"modelId": MODEL}},
    "systemPrompt": [],
    "tools": [],
    "skills": [],
    "allowedTools": ["*"],
    "truncation": {"strategy": "sliding_window", "config": {"slidingWindow": {"messagesCount": 40}}},
    "environment": {"agentCoreRuntimeEnvironment": {}},
}
_SAID = (
    *_USUAL,
    "executionRoleArn",
    "environmentArtifact",
    "environmentVariables",
    "authorizerConfiguration",
    "hooks",
    "maxIterations",
    "maxTokens",
    "timeoutSeconds",
    "tags",
)
_WRAPPED, _MEMORY = "optionalValue", "memory"
_UNWRAPPED = ("environmentArtifact", "authorizerConfiguration")
_READY, _DELETING = "READY", "DELETING"
_USUAL_PAGE = 100

_ARN = re.compile(r"arn:[^:]*:bedrock-agentcore:[a-z0-9-]+:\d{12}:harness/([^/]+)")


@serves("CreateHarness", "manage")
async def create(call: Call) -> Mapping[str, Any]:
    """Create a harness, ready at once. Unless it says otherwise, it manages a memory of its own."""

    async def work(noted: Noted) -> Mapping[str, Any]:
        harness_id = suffixed(call.params["harnessName"])
        said = {**_USUAL, **{name: call.params[name] for name in _SAID if name in call.params}, _MEMORY: {}}
        wanted = KeptHarness(key=call.resource_of(harness_id), id=harness_id, said=said)
        memory = call.params.get(_MEMORY, {MANAGED: {}})
        return _told(call, await settle(call, wanted, memory, beside=lambda made: noted(_told(call, made))))

    return await once_in_one(call, "CreateHarness", work)


@serves("GetHarness", "read")
async def get(call: Call) -> Mapping[str, Any]:
    """Show a harness, as it is or as it was in a version."""
    kept = await called(call)
    version = call.params.get("harnessVersion")
    if version is not None:
        found = await load_version(call.engine, kept.key, version)
        if found is None:
            raise missing(f"The harness {kept.id} has no version {version}; the newest is {kept.version}.")
        kept = found
    return {"harness": shown(call, kept)}


@serves("ListHarnesses", "read")
async def list_all(call: Call) -> Mapping[str, Any]:
    """List the harnesses of the caller, by id."""

    async def read(after: str, limit: int) -> list[KeptHarness]:
        return await every(call.engine, after=after, limit=limit)

    found, token = await page_of(call, "ListHarnesses", _USUAL_PAGE, read, lambda kept: kept.key)
    return {"harnesses": [shown(call, kept) for kept in found], "nextToken": token}


@serves("UpdateHarness", "manage")
async def update(call: Call) -> Mapping[str, Any]:
    """Make the next version of a harness. What is not given stays; what is replaces what was there, memory as a whole."""

    async def work(noted: Noted) -> Mapping[str, Any]:
        before = await called(call)
        wanted = changed(before, _updated(before.said, call.params))
        given = call.params.get(_MEMORY)
        memory = None if given is None else given.get(_WRAPPED, {MANAGED: {}})
        return _told(call, await settle(call, wanted, memory, before, beside=lambda made: noted(_told(call, made))))

    await called(call)
    return await once_in_one(call, "UpdateHarness", work)


@serves("DeleteHarness", "manage")
async def delete(call: Call) -> Mapping[str, Any]:
    """Delete a harness, and the memory that it manages with all that this knows, unless that is to stay."""

    async def work(noted: Noted) -> Mapping[str, Any]:
        kept = await called(call)
        deleted = {"harness": shown(call, kept, _DELETING)}
        await unsettle(call, kept, delete_managed=call.params.get("deleteManagedMemory", True), beside=noted(deleted))
        return deleted

    return await once_in_one(call, "DeleteHarness", work)


async def called(call: Call) -> KeptHarness:
    """Return the harness that `call` is about.

    Raises:
        WireError: 404: there is none, or not for this caller.
    """
    return await called_by(call, call.params["harnessId"])


async def called_by(call: Call, harness_id: str) -> KeptHarness:
    """Return the harness of that id; see `called`."""
    found = await load(call.engine, call.resource_of(harness_id))
    if found is None:
        raise missing(f"Harness not found: {harness_id}")
    return found


async def named_by(call: Call, arn: str) -> KeptHarness | None:
    """Return the harness that an ARN names; None for an ARN of something else. See `called`."""
    found = _ARN.fullmatch(arn)
    return None if found is None else await called_by(call, found[1])


def shown(call: Call, kept: KeptHarness, status: str = _READY) -> dict[str, Any]:
    """Return a harness as the wire shows it."""
    runtime = {
        "agentRuntimeArn": arn_of(call, kept.id, "runtime"),
        "agentRuntimeName": kept.name,
        "agentRuntimeId": kept.id,
        "lifecycleConfiguration": {},
        "networkConfiguration": {"networkMode": "PUBLIC"},
    }
    ((environment, given),) = kept.said["environment"].items()
    return {
        **kept.said,
        "environment": {environment: {**runtime, **given}},
        _MEMORY: shown_memory(call, kept),
        "harnessId": kept.id,
        "harnessName": kept.name,
        "arn": arn_of(call, kept.id, "harness"),
        "status": status,
        "harnessVersion": str(kept.version),
        "createdAt": kept.created,
        "updatedAt": kept.updated,
    }


def _told(call: Call, kept: KeptHarness) -> dict[str, Any]:
    return {"harness": shown(call, kept)}


def _updated(said: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a harness says after an update, but for its memory. What is wrapped and empty is taken away."""
    new = {name: given[name] for name in _SAID if name in given}
    for name in _UNWRAPPED:
        if name in new:
            new[name] = new[name].get(_WRAPPED)
    return {name: one for name, one in {**said, **new}.items() if one is not None}
