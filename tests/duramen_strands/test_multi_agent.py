from __future__ import annotations

import asyncio
import inspect
import itertools
from typing import Any

import pytest
from strands import Agent, tool
from strands.hooks import BeforeToolCallEvent
from strands.multiagent import GraphBuilder, Swarm
from strands.tools.executors import SequentialToolExecutor

from duramen import MemoryEngine
from duramen_strands import MemoryHooks
from tests.duramen_strands.parts import FACTS, FENCE, QUESTION, Use, agent_of, as_user, kept, look_up

pytestmark = pytest.mark.usefixtures("seeded")

FACT = FACTS["user:ada"]
ADA = as_user("ada")
DELEGATES: list[dict[str, Any]] = (
    [{"delegate": True}] if "delegate" in inspect.signature(Agent.as_tool).parameters else []
)


def chain(*nodes: Any, hooks: MemoryHooks | None = None, plugin: bool = False) -> Any:
    builder = GraphBuilder().set_execution_timeout(60)
    names = [builder.add_node(node, f"node-{place}").node_id for place, node in enumerate(nodes)]
    for begin, end in itertools.pairwise(names):
        builder.add_edge(begin, end)
    if hooks is not None and plugin:
        builder.set_plugins([hooks])
    elif hooks is not None:
        builder.set_hook_providers([hooks])
    return builder.build()


def handing_over(hooks: MemoryHooks) -> tuple[Swarm, list[Any]]:
    handoff = Use("handoff_to_agent", {"agent_name": "expert", "message": "Please help the user with their home."})
    made = [
        agent_of(handoff, "I asked the expert.", name="first", hooks=[hooks]),
        agent_of("In Lisbon.", name="expert", hooks=[hooks]),
    ]
    return Swarm([agent for agent, _ in made], hooks=[hooks]), [model for _, model in made]


@pytest.mark.parametrize("plugin", [False, True])
async def test_a_graph_with_the_hooks_has_the_users_task_and_one_answer(memory: MemoryEngine, plugin: bool) -> None:
    hooks = MemoryHooks(memory)
    (first, one), (last, two) = agent_of("Notes.", hooks=[hooks]), agent_of("In Lisbon.", hooks=[hooks])

    await chain(first, last, hooks=hooks, plugin=plugin).invoke_async(QUESTION, ADA)

    assert FACT in one.texts()
    assert FACT in two.texts()
    assert hooks.stats().recalls == 1
    assert await kept(memory) == [f"user: {QUESTION}", "assistant: In Lisbon."]


async def test_a_graph_without_them_leaves_what_it_composes_alone(memory: MemoryEngine) -> None:
    hooks = MemoryHooks(memory)
    (first, one), (last, two) = agent_of("Notes.", hooks=[hooks]), agent_of("In Lisbon.", hooks=[hooks])

    await chain(first, last).invoke_async(QUESTION, ADA)

    assert FACT in one.texts()
    assert "Original Task" in two.texts()
    assert FENCE not in two.texts()
    assert await kept(memory) == [f"user: {QUESTION}", "assistant: Notes."]


async def test_hooks_on_the_graph_alone_retain_and_do_not_recall(memory: MemoryEngine) -> None:
    hooks = MemoryHooks(memory)
    only, model = agent_of("In Lisbon.")

    await chain(only, hooks=hooks).invoke_async([{"text": "Tell me:"}, {"text": QUESTION}], ADA)

    assert FENCE not in model.texts()
    assert await kept(memory) == [f"user: Tell me:\n{QUESTION}", "assistant: In Lisbon."]


async def test_a_swarm_is_one_conversation_with_the_user(memory: MemoryEngine) -> None:
    hooks = MemoryHooks(memory)
    swarm, models = handing_over(hooks)

    await swarm.invoke_async(QUESTION, ADA)

    assert "Please help the user" in models[1].texts()
    assert all(FACT in model.texts(0) for model in models)
    assert hooks.stats().recalls == 1
    assert await kept(memory) == [f"user: {QUESTION}", "assistant: In Lisbon."]


async def test_a_swarm_inside_a_graph_is_a_part_of_it(memory: MemoryEngine) -> None:
    hooks = MemoryHooks(memory)
    swarm, models = handing_over(hooks)
    last, model = agent_of("In Lisbon, they say.", hooks=[hooks])

    await chain(swarm, last, hooks=hooks).invoke_async(QUESTION, ADA)

    assert all(FACT in one.texts(0) for one in [*models, model])
    assert await kept(memory) == [f"user: {QUESTION}", "assistant: In Lisbon, they say."]


def approval(event: BeforeToolCallEvent) -> None:
    event.interrupt("approval")


async def test_a_graph_that_was_interrupted_retains_its_task_once_and_its_answer_at_the_end(
    memory: MemoryEngine,
) -> None:
    hooks = MemoryHooks(memory)
    first, model = agent_of(Use("look_up", {"city": "Porto"}), "Wet.", hooks=[hooks, approval], tools=[look_up])
    last, _ = agent_of("In Lisbon.", hooks=[hooks])
    graph = chain(first, last, hooks=hooks)

    stopped = await graph.invoke_async(QUESTION, ADA)
    before = await kept(memory)
    responses = [{"interruptResponse": {"interruptId": one.id, "response": "yes"}} for one in stopped.interrupts]
    await graph.invoke_async(responses, ADA)

    assert len(responses) == 1
    assert before == [f"user: {QUESTION}"]
    assert all(FACT in model.texts(call) for call in range(2))
    assert await kept(memory) == [f"user: {QUESTION}", "assistant: In Lisbon."]


async def test_a_task_given_again_after_a_failure_is_one_task_and_given_anew_another(memory: MemoryEngine) -> None:
    hooks = MemoryHooks(memory)
    agent, _ = agent_of(OSError("down"), "In Lisbon.", "Still in Lisbon.", hooks=[hooks], retry_strategy=None)
    graph = chain(agent, hooks=hooks)

    with pytest.raises(Exception, match="down"):
        await graph.invoke_async(QUESTION, ADA)
    await graph.invoke_async(QUESTION, ADA)
    once = await kept(memory)
    await graph.invoke_async(QUESTION, ADA)

    assert once == [f"user: {QUESTION}", "assistant: In Lisbon."]
    assert await kept(memory) == [*once, f"user: {QUESTION}", "assistant: Still in Lisbon."]


async def test_nodes_that_all_answer_are_all_retained(memory: MemoryEngine) -> None:
    hooks = MemoryHooks(memory)
    builder = GraphBuilder().set_execution_timeout(60).set_hook_providers([hooks])
    for name in ("north", "south"):
        builder.add_node(agent_of(f"Go {name}.", hooks=[hooks])[0], name)

    await builder.build().invoke_async(QUESTION, ADA)

    assert sorted(await kept(memory)) == ["assistant: Go north.", "assistant: Go south.", f"user: {QUESTION}"]


@pytest.mark.parametrize("executor", [None, SequentialToolExecutor()])
async def test_all_agents_may_have_a_memory_that_of_whoever_calls_them(memory: MemoryEngine, executor: Any) -> None:
    hooks = MemoryHooks(memory, agents="all")
    helper, helped = agent_of("It rains.", name="helper", hooks=[hooks])
    agent, model = agent_of(
        Use("helper", {"input": "Where does Ada live?"}),
        "In Lisbon, where it rains.",
        tools=[helper.as_tool()],
        hooks=[hooks],
        tool_executor=executor,
    )

    await agent.invoke_async(QUESTION, invocation_state=ADA)
    await agent.invoke_async("Thanks!", invocation_state=ADA)

    assert FACT in model.texts(0)
    assert FACT in helped.texts()
    said = [f"user: {QUESTION}", "assistant: It rains.", "assistant: In Lisbon, where it rains."]
    assert await kept(memory) == [*said, "user: Thanks!", "assistant: Done."]


async def test_all_nodes_of_a_graph_may_be_retained_each_answer_once(memory: MemoryEngine) -> None:
    hooks = MemoryHooks(memory, agents="all")
    first, last = agent_of("Notes.", hooks=[hooks])[0], agent_of("In Lisbon.", hooks=[hooks])[0]

    await chain(first, last, hooks=hooks).invoke_async(QUESTION, ADA)

    assert await kept(memory) == [f"user: {QUESTION}", "assistant: Notes.", "assistant: In Lisbon."]


async def test_the_agents_named_are_those_with_a_memory(memory: MemoryEngine) -> None:
    hooks = MemoryHooks(memory, agents={"helper"}, bank="user:ada")
    helper, helped = agent_of("It rains.", name="helper", hooks=[hooks])
    call = Use("helper", {"input": "Where does Ada live?"})
    agent, model = agent_of(call, "In Lisbon.", tools=[helper.as_tool()], hooks=[hooks])

    await agent.invoke_async(QUESTION)

    assert FENCE not in model.texts()
    assert FACT in helped.texts()
    assert await kept(memory) == ["assistant: It rains."]
    assert hooks.stats().refused == 0


@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_an_agent_that_a_function_calls_is_no_conversation_with_the_user(memory: MemoryEngine, kind: str) -> None:
    hooks = MemoryHooks(memory)
    helper, helped = agent_of("It rains.", hooks=[hooks])

    @tool
    def ask_helper(question: str) -> str:
        """Ask the helper."""
        return str(helper(question, invocation_state=ADA))

    @tool
    async def await_helper(question: str) -> str:
        """Ask the helper."""
        return str(await helper.invoke_async(question, invocation_state=ADA))

    call = Use("ask_helper" if kind == "sync" else "await_helper", {"question": QUESTION})
    agent, _ = agent_of(call, "In Lisbon.", tools=[ask_helper, await_helper], hooks=[hooks])
    await agent.invoke_async(QUESTION, invocation_state=ADA)
    inside = len(helped.shown), FENCE in helped.texts()
    await helper.invoke_async(QUESTION, invocation_state=ADA)

    assert inside == (1, False)
    assert FACT in helped.texts()
    said = [f"user: {QUESTION}", "assistant: In Lisbon."]
    assert await kept(memory) == [*said, f"user: {QUESTION}", "assistant: Done."]


@pytest.mark.parametrize("options", [{}, *DELEGATES])
async def test_what_a_sub_agent_answers_in_the_agents_place_is_the_answer(
    memory: MemoryEngine, options: dict[str, Any]
) -> None:
    hooks = MemoryHooks(memory)
    helper, _ = agent_of("In Lisbon.", name="helper", hooks=[hooks])
    agent, _ = agent_of(
        Use("helper", {"input": "Answer that."}), "In Lisbon.", tools=[helper.as_tool(**options)], hooks=[hooks]
    )

    result = await agent.invoke_async(QUESTION, invocation_state=ADA)

    assert str(result) == "In Lisbon.\n"
    assert await kept(memory) == [f"user: {QUESTION}", "assistant: In Lisbon."]


async def test_graphs_of_two_users_at_once_keep_apart(memory: MemoryEngine) -> None:
    hooks = MemoryHooks(memory)
    made = {}
    for user in ("ada", "bob"):
        nodes = [agent_of("Notes.", hooks=[hooks]), agent_of(f"Dear {user}.", hooks=[hooks])]
        made[user] = (chain(*(agent for agent, _ in nodes), hooks=hooks), [model for _, model in nodes])

    await asyncio.gather(*(graph.invoke_async(QUESTION, as_user(user)) for user, (graph, _) in made.items()))

    for user, other in (("ada", "bob"), ("bob", "ada")):
        for model in made[user][1]:
            assert FACTS[f"user:{user}"] in model.texts()
            assert FACTS[f"user:{other}"] not in model.texts()
        assert await kept(memory, f"user:{user}") == [f"user: {QUESTION}", f"assistant: Dear {user}."]


async def test_a_graph_without_an_identity_has_no_memory(memory: MemoryEngine) -> None:
    hooks = MemoryHooks(memory)
    agent, model = agent_of("Hi.", hooks=[hooks])

    await chain(agent, hooks=hooks).invoke_async(QUESTION)

    assert FENCE not in model.texts()
    assert await kept(memory) == []
