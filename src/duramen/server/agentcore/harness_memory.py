"""The memory of a harness: one that it manages, one that is there, or none; and what the engine is told of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from duramen.harness.configuration import Configuration, ExistingMemory, NoMemory
from duramen.namespaces import STRATEGY, variables_of
from duramen.server.agentcore.checking import problems
from duramen.server.agentcore.deleting import unmake
from duramen.server.agentcore.failing import Field, WireError, conflict, invalid
from duramen.server.agentcore.harness_kept import DISABLED, MANAGED, OWN, KeptHarness, removing, saving, taken
from duramen.server.agentcore.kept import KeptMemory, load, templates_of
from duramen.server.agentcore.memories import arn_of
from duramen.server.agentcore.service import operations
from duramen.server.agentcore.serving import Call, memory_id
from duramen.server.agentcore.settling import change, make
from duramen.server.agentcore.strategies import created, suffixed
from duramen.sessions.truncation import NoTruncation, SlidingWindow, Summarization, Truncation
from duramen.shelf import Change
from duramen.times import utc_now

_STRATEGIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "SEMANTIC": ("semanticMemoryStrategy", "semantic"),
        "SUMMARIZATION": ("summaryMemoryStrategy", "summarization"),
        "USER_PREFERENCE": ("userPreferenceMemoryStrategy", "user_preference"),
        "EPISODIC": ("episodicMemoryStrategy", "episodic"),
    }
)
"""What a managed memory can have: the member of the union that asks for it, and what it is called there."""

_USUAL: Mapping[str, Any] = MappingProxyType({"strategies": ["SEMANTIC", "SUMMARIZATION"], "eventExpiryDuration": 30})
_OWNER, _KEY, _DAYS = "managedByResourceArn", "encryptionKeyArn", "eventExpiryDuration"
_MOST_OF_NAME = 36

Beside = Callable[[KeptHarness], Sequence[Change]]


async def settle(
    call: Call,
    harness: KeptHarness,
    given: Mapping[str, Any] | None,
    before: KeptHarness | None = None,
    *,
    beside: Beside,
) -> KeptHarness:
    """Keep a harness together with its memory, and return it.

    Args:
        call: Who asks, and where.
        harness: As it is to be, but for its memory.
        given: The union that says which memory it is to have; None to leave it as it is.
        before: The harness as it was; None for a new one. A managed memory that it leaves becomes one like others.
        beside: Given the harness, returns what else is written in the same transaction.

    Raises:
        WireError: 400: it cannot be like that. 409: there is one of that name.
        StrategyError, NamespaceError: Likewise, in the words of the engine. Nothing was changed.
        ChangedError: Somebody else changed it at the same time.
    """
    if before is None and await taken(call.engine, harness):
        raise conflict(f"There is a harness called {harness.name} already. Update it, or choose another name.")
    truncation_of(harness)

    def changes(wanted: KeptHarness) -> list[Change]:
        return [*saving(wanted), *beside(wanted)]

    if given is not None and MANAGED in given:
        if before is not None and before.manages:
            return await _adapted(call, harness, given[MANAGED], changes)
        return await _with_managed(call, harness, given[MANAGED], changes)
    wanted = harness if given is None else await _with_other(call, harness, given)
    if before is not None and before.manages and not wanted.manages:
        await _let_go(call, before, changes(wanted))
    else:
        await call.engine.shelf.write(changes(wanted))
    return wanted


async def unsettle(call: Call, harness: KeptHarness, *, delete_managed: bool, beside: Sequence[Change]) -> None:
    """Let go of a harness: with the memory that it manages, or so that this becomes one like others.

    It is gone as soon as its memory is no longer to be used; `beside` is written in the same transaction.

    Raises:
        ChangedError: Somebody else changed it at the same time.
    """
    changes = [*removing(harness), *beside]
    if harness.manages and not delete_managed:
        await _let_go(call, harness, changes)
        return
    memory = await load(call.engine, str(harness.memory)) if harness.manages else None
    if memory is None:
        await call.engine.shelf.write(changes)
    else:
        await unmake(call.engine, memory, *changes)


def shown_memory(call: Call, harness: KeptHarness) -> dict[str, Any]:
    """Return the union that says which memory a harness has."""
    if not harness.manages:
        return dict(harness.said["memory"])
    return {MANAGED: {**harness.said["memory"][MANAGED], "arn": arn_of(call, str(harness.memory_id))}}


def configuration_of(harness: KeptHarness) -> Configuration:
    """Return what the engine's harness is told of the memory.

    Raises:
        StrategyError, NamespaceError: It cannot be like that.
    """
    if harness.memory is None:
        return NoMemory()
    own = harness.said["memory"].get(OWN, {})
    given = own.get("retrievalConfig")
    return ExistingMemory(
        resource=harness.memory,
        actor=own.get("actorId"),
        messages=own.get("messagesCount"),
        retrieval=None if given is None else {template: _retrieval(template, one) for template, one in given.items()},
    )


def truncation_of(harness: KeptHarness) -> Truncation:
    """Return what the engine's harness is told of truncation.

    Raises:
        WireError: 400: what is said is of another strategy.
        StrategyError: It is out of bounds.
    """
    said = harness.said["truncation"]
    strategy, config = said["strategy"], said.get("config", {})
    fitting = {"sliding_window": "slidingWindow", "summarization": "summarization"}.get(strategy)
    if set(config) - {fitting}:
        raise _bad("truncation.config", f"Is not of the strategy {strategy}, which has {fitting or 'none'}.")
    if strategy == "none":
        return NoTruncation()
    told = config.get(fitting, {})
    if strategy == "sliding_window":
        return SlidingWindow(messages=told["messagesCount"]) if "messagesCount" in told else SlidingWindow()
    usual = Summarization()
    recent = told.get("preserveRecentMessages", usual.keep_recent)
    return Summarization(
        ratio=told.get("summaryRatio", usual.ratio),
        keep_recent=recent,
        prompt=told.get("summarizationSystemPrompt"),
        messages=max(usual.messages or 0, 2 * recent),
    )


def check_actor(actor: str) -> None:
    """Check that an actor can be one of a memory.

    Raises:
        WireError: 400: it cannot.
    """
    shape = operations()["CreateEvent"].input
    assert shape is not None
    wrong = list(problems(shape.members["actorId"], actor, "actorId"))
    if wrong:
        raise invalid(f"{wrong[0].name}: {wrong[0].message}", *wrong)


async def _with_managed(call: Call, harness: KeptHarness, given: Mapping[str, Any], changes: Beside) -> KeptHarness:
    """Make the memory, and keep the harness with it."""
    config = {**_USUAL, **{name: given[name] for name in given if name != "arn"}}

    def settled(memory: KeptMemory) -> KeptHarness:
        said = {**harness.said, "memory": {MANAGED: config}}
        return replace(harness, said=said, memory=memory.resource, memory_id=memory.id)

    wanted: dict[str, Any] = {
        "name": suffixed(harness.name[:_MOST_OF_NAME]).replace("-", "_"),
        "description": f"The memory of the harness {harness.name}.",
        _DAYS: config[_DAYS],
        "memoryStrategies": [_strategy(one) for one in dict.fromkeys(config["strategies"])],
    }
    if _KEY in config:
        wanted[_KEY] = config[_KEY]
    owner = arn_of(call, harness.id, "harness")
    return settled(await make(call, wanted, managed_by=owner, beside=lambda memory: changes(settled(memory))))


async def _adapted(call: Call, harness: KeptHarness, given: Mapping[str, Any], changes: Beside) -> KeptHarness:
    """Change the memory that a harness manages, and keep the harness with it. What is not given stays."""
    before = harness.said["memory"][MANAGED]
    if _KEY in given and given[_KEY] != before.get(_KEY):
        raise _bad(f"memory.{MANAGED}.{_KEY}", "Cannot be changed once the memory is made. Leave it out.")
    config = {**before, **{name: given[name] for name in ("strategies", _DAYS) if name in given}}
    wanted = replace(harness, said={**harness.said, "memory": {MANAGED: config}})

    def adapted(memory: KeptMemory) -> KeptMemory:
        there = [one for one in memory.strategies if one["type"] in config["strategies"]]
        missing = [one for one in dict.fromkeys(config["strategies"]) if one not in {each["type"] for each in there}]
        strategies = [*there, *(created(_strategy(one), utc_now()) for one in missing)]
        now = {one for strategy in strategies for one in templates_of(strategy)}
        return replace(
            memory,
            said={**memory.said, _DAYS: given.get(_DAYS, memory.said[_DAYS])},
            strategies=strategies,
            former=[one for one in memory.templates() if one not in now],
        )

    await change(_about(call, harness), adapted, beside=lambda _: changes(wanted))
    return wanted


async def _with_other(call: Call, harness: KeptHarness, given: Mapping[str, Any]) -> KeptHarness:
    """Return a harness with a memory that is there, or with none."""
    if DISABLED in given:
        return replace(harness, said={**harness.said, "memory": {DISABLED: {}}}, memory=None, memory_id=None)
    own = given[OWN]
    name = memory_id(own["arn"])
    resource = call.resource_of(name)
    memory = await load(call.engine, resource)
    if memory is None or memory.deleting:
        raise _bad(f"memory.{OWN}.arn", f"There is no memory {name}. Create it first.")
    if "actorId" in own:
        check_actor(own["actorId"])
    wanted = replace(harness, said={**harness.said, "memory": {OWN: own}}, memory=resource, memory_id=name)
    configuration_of(wanted)
    return wanted


async def _let_go(call: Call, harness: KeptHarness, beside: Sequence[Change]) -> None:
    """Make the memory that a harness managed one like others, in one transaction with `beside`."""

    def free(memory: KeptMemory) -> KeptMemory:
        return replace(memory, said={name: one for name, one in memory.said.items() if name != _OWNER})

    memory = await load(call.engine, str(harness.memory))
    if memory is None or memory.deleting:
        await call.engine.shelf.write(beside)
    else:
        await change(_about(call, harness), free, beside=lambda _: beside)


def _about(call: Call, harness: KeptHarness) -> Call:
    """Return the call as one about the memory of a harness."""
    return replace(call, params={"memoryId": harness.memory_id}, resource=str(harness.memory))


def _strategy(kind: str) -> dict[str, Any]:
    union, name = _STRATEGIES[kind]
    return {union: {"name": name}}


def _retrieval(template: str, given: Mapping[str, Any]) -> dict[str, Any]:
    names = {"topK": "top_k", "relevanceScore": "relevance_score", "strategyId": "strategy"}
    if STRATEGY in variables_of(template) and "strategyId" not in given:
        raise _bad(
            f"memory.{OWN}.retrievalConfig.{template}",
            f"Has {{{STRATEGY}}}, but no strategyId to stand there. Give one.",
        )
    return {names[name]: one for name, one in given.items()}


def _bad(where: str, what: str) -> WireError:
    return invalid(f"{where}: {what}", Field(where, what))
