"""Tags of memories and of harnesses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from duramen.server.agentcore.consistent import MOST_TAGS, within
from duramen.server.agentcore.failing import missing
from duramen.server.agentcore.harness_kept import saving
from duramen.server.agentcore.harnesses import named_by
from duramen.server.agentcore.kept import KeptMemory, called
from duramen.server.agentcore.serving import Call, memory_id, serves
from duramen.server.agentcore.settling import change


@serves("ListTagsForResource", "read")
async def list_tags(call: Call) -> Mapping[str, Any]:
    """Show the tags of what an ARN names."""
    harness = await named_by(call, call.params["resourceArn"])
    kept = harness or await called(_of_memory(call))
    return {"tags": kept.said.get("tags", {})}


@serves("TagResource", "manage")
async def tag(call: Call) -> Mapping[str, Any]:
    """Give tags to what an ARN names. Those of the same keys are replaced, the others stay."""

    def added(tags: Mapping[str, str]) -> dict[str, str]:
        wanted = {**tags, **call.params["tags"]}
        within(len(wanted), MOST_TAGS, "tags")
        return wanted

    return await _retagged(call, added)


@serves("UntagResource", "manage")
async def untag(call: Call) -> Mapping[str, Any]:
    """Take tags off what an ARN names. Those that are not there are passed over."""
    return await _retagged(
        call, lambda tags: {key: value for key, value in tags.items() if key not in call.params["tagKeys"]}
    )


async def _retagged(call: Call, retagged: Callable[[Mapping[str, str]], dict[str, str]]) -> Mapping[str, Any]:
    def changed(kept: KeptMemory) -> KeptMemory:
        return replace(kept, said={**kept.said, "tags": retagged(kept.said.get("tags", {}))})

    harness = await named_by(call, call.params["resourceArn"])
    if harness is None:
        await change(_of_memory(call), changed)
    else:
        said = {**harness.said, "tags": retagged(harness.said.get("tags", {}))}
        await call.engine.shelf.write(saving(replace(harness, said=said)))
    return {}


def _of_memory(call: Call) -> Call:
    """Return the call as one about the memory that its ARN names.

    Raises:
        WireError: 404: it names none.
    """
    arn = call.params["resourceArn"]
    name = memory_id(arn)
    if name == arn:
        raise missing(f"Resource not found: {arn}")
    return replace(call, params={**call.params, "memoryId": name}, resource=call.resource_of(name))
