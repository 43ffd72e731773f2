from __future__ import annotations

import inspect
import json
import logging
from typing import Any

import pytest
from strands import Agent, ToolContext

import duramen
from duramen import Identity, MemoryEngine
from duramen.errors import BadInputError
from duramen.turns.answers import NO_ANSWER, NOT_KNOWN_WHOSE, NOTHING_FOUND
from duramen.turns.tools import TOOL_NAMES, ToolMemory
from duramen_strands import memory_tools
from duramen_strands.session import DuramenSessionManager
from tests.duramen_strands.multi_agents import graph
from tests.duramen_strands.parts import Speaker, Use, agent_of, as_user
from tests.outages import BreakableStore

ADA, BOB = as_user("ada"), as_user("bob")


def results(agent: Agent) -> list[tuple[str, str]]:
    """What the tools of an agent answered: status and text."""
    found = [
        content["toolResult"] for message in agent.messages for content in message["content"] if "toolResult" in content
    ]
    return [(result["status"], result["content"][0]["text"]) for result in found]


async def used(memory: Any, use: Use, state: dict[str, Any], **options: Any) -> tuple[str, str]:
    agent, _ = agent_of(use, tools=memory_tools(memory, **options))
    await agent.invoke_async("Go.", invocation_state=dict(state))
    (result,) = results(agent)
    return result


async def test_a_model_retains_recalls_reflects_and_forgets(memory: MemoryEngine) -> None:
    noted = await used(memory, Use("retain", {"text": "Ada lives in Lisbon."}), ADA)
    await memory.flush()
    (kept,) = (await memory.memories("user:ada")).items
    recalled = await used(memory, Use("recall", {"query": "Where does Ada live?"}), ADA)
    reflected = await used(memory, Use("reflect", {"question": "Where does Ada live?"}), ADA)
    forgotten = await used(memory, Use("forget", {"memories": [kept.id]}), ADA)

    assert noted == ("success", "Noted.")
    assert recalled[0] == reflected[0] == "success"
    assert f"(id {kept.id})" in recalled[1]
    assert "Ada lives in Lisbon." in reflected[1]
    assert forgotten == ("success", "Forgot 1 memory.")
    assert (await memory.memories("user:ada")).items == ()


def test_it_works_without_await(store: BreakableStore) -> None:
    with duramen.open_sync(
        store, embedder=duramen.HashingEmbedder(), entities=duramen.CapitalsEntityFinder()
    ) as memory:
        agent, _ = agent_of(
            Use("retain", {"text": "Ada lives in Lisbon."}),
            Use("recall", {"query": "Where does Ada live?"}, id="call-2"),
            tools=memory_tools(memory),
        )
        agent("Go.", invocation_state=dict(ADA))

        direct = agent.tool.recall(query="Where does Ada live?", user_id="ada", record_direct_tool_call=False)

    assert [status for status, _ in results(agent)] == ["success", "success"]
    assert "Lisbon" in results(agent)[1][1]
    assert "Lisbon" in direct["content"][0]["text"]


def test_the_model_is_shown_one_argument_and_no_identity(store: BreakableStore) -> None:
    specs = {one.tool_name: one.tool_spec for one in memory_tools(duramen.open(store))}

    assert tuple(specs) == TOOL_NAMES
    for spec in specs.values():
        shown = json.dumps(spec).casefold()
        assert len(spec["inputSchema"]["json"]["properties"]) == 1
        for hidden in ("bank", "user_id", "tenant", "tool_context", "identity"):
            assert hidden not in shown


async def test_a_model_cannot_say_whose_memory_it_wants(memory: MemoryEngine) -> None:
    await memory.retain("user:bob", "Bob lives in Bergen.", wait=True)
    smuggled = {
        "query": "Where does Bob live?",
        "user_id": "bob",
        "bank": "user:bob",
        "tool_context": {"user_id": "bob"},
    }

    status, text = await used(memory, Use("recall", smuggled), ADA)

    assert (status, text) == ("success", NOTHING_FOUND)


async def test_two_users_of_one_agent_keep_apart(memory: MemoryEngine) -> None:
    tools = memory_tools(memory)
    for user, city in (("ada", "Lisbon"), ("bob", "Bergen")):
        agent, _ = agent_of(Use("retain", {"text": f"The user lives in {city}."}), tools=tools)
        await agent.invoke_async("Go.", invocation_state=as_user(user))

    for state, city, other in ((ADA, "Lisbon", "Bergen"), (BOB, "Bergen", "Lisbon")):
        status, text = await used(memory, Use("recall", {"query": "Where does the user live?"}), state)
        assert status == "success"
        assert city in text
        assert other not in text


@pytest.mark.parametrize(
    ("state", "bank"),
    [
        ({"user_id": "ada", "tenant_id": "acme", "agent_id": "support"}, "tenant:acme:user:ada:agent:support"),
        ({"user": 7}, "user:7"),
        ({"actor_id": "ada"}, "user:ada"),
    ],
)
async def test_the_invocation_state_says_whose_it_is(memory: MemoryEngine, state: dict[str, Any], bank: str) -> None:
    assert (await used(memory, Use("retain", {"text": "A note."}), state))[0] == "success"

    assert [one.name for one in (await memory.banks()).items] == [bank]


async def test_a_bank_that_was_given_is_used_and_nothing_else(memory: MemoryEngine) -> None:
    def of_tenant(context: ToolContext) -> Identity:
        return Identity(user=context.invocation_state["who"], tenant=context.agent.name)

    for given in ("team", Identity(user="carol"), of_tenant):
        await used(memory, Use("retain", {"text": "A note."}), {**ADA, "who": "dan"}, bank=given)

    assert [one.name for one in (await memory.banks()).items] == [
        "team",
        "tenant:Strands Agents:user:dan",
        "user:carol",
    ]


@pytest.mark.parametrize("state", [{}, {"user_id": " "}, {"user_id": True}, {"session_id": "s"}])
@pytest.mark.parametrize("tool", TOOL_NAMES)
async def test_without_an_identity_a_tool_says_so(
    memory: MemoryEngine, state: dict[str, Any], tool: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "duramen.strands"):
        status, text = await used(
            memory, Use(tool, {"query": "x", "text": "x", "question": "x", "memories": ["x"]}), state
        )

    assert (status, text) == ("error", NOT_KNOWN_WHOSE)
    assert "no memory for this turn" in caplog.text
    assert (await memory.banks()).items == ()
    assert (await memory.status()).turns.refused == 1


async def test_a_bank_that_cannot_be_named_is_none_at_all(memory: MemoryEngine) -> None:
    def broken(context: ToolContext) -> str:
        raise KeyError("no such user")

    assert await used(memory, Use("retain", {"text": "x"}), ADA, bank=broken) == ("error", NOT_KNOWN_WHOSE)
    assert (await memory.banks()).items == ()


@pytest.mark.parametrize("given", [{}, {"query": None}, {"query": 7}, {"query": ["x"]}, {"question": "x"}])
async def test_what_is_no_argument_is_answered_with_what_would_be(memory: MemoryEngine, given: dict[str, Any]) -> None:
    status, text = await used(memory, Use("recall", given), ADA)

    assert status == "error"
    assert text.startswith("This tool takes `query`.")


@pytest.mark.parametrize("how", ["down", "slow"])
@pytest.mark.parametrize("tool", ["recall", "retain", "reflect"])
async def test_an_outage_is_answered_and_the_agent_goes_on(
    memory: MemoryEngine, store: BreakableStore, how: str, tool: str
) -> None:
    await memory.retain("user:ada", "Ada lives in Lisbon.", wait=True)
    setattr(store, how, True)
    agent, _ = agent_of(
        Use(tool, {"query": "x", "text": "x", "question": "x"}),
        "I do not know.",
        tools=memory_tools(memory, timeout=0.05),
    )

    done = await agent.invoke_async("Go.", invocation_state=dict(ADA))

    assert done.stop_reason == "end_turn"
    assert results(agent) == [("error", NO_ANSWER)]


async def test_what_was_said_in_this_conversation_is_not_recalled(memory: MemoryEngine) -> None:
    agent, _ = agent_of(
        Use("recall", {"query": "Where does Ada live?"}),
        tools=memory_tools(memory),
        session_manager=DuramenSessionManager("s1", memory),
        messages=[{"role": "user", "content": [{"text": "Ada lives in Lisbon."}], "tracking_id": "m1"}],
    )
    await memory.retain("user:ada", "Ada lives in Lisbon.", key="s1/m1", session="s1")
    await memory.retain("user:ada", "Ada lives with her cat.", key="s0/m1", session="s0")

    await agent.invoke_async("Go.", invocation_state=dict(ADA))

    ((_, text),) = results(agent)
    assert "cat" in text
    assert "Lisbon" not in text


async def test_a_note_belongs_to_the_session_and_is_taken_once(memory: MemoryEngine) -> None:
    answers = []
    for _ in range(2):
        agent, _ = agent_of(
            Use("retain", {"text": "Ada lives in Lisbon."}),
            tools=memory_tools(memory),
            session_manager=DuramenSessionManager("s1", memory),
        )
        await agent.invoke_async("Go.", invocation_state=dict(ADA))
        answers.append(results(agent)[-1])

    (event,) = (await memory.events("user:ada")).items
    assert (event.session, event.kind, event.metadata) == ("s1", "experience", {"noted_by": "agent"})
    assert answers[1] == ("success", "This was noted before.")


async def test_some_tools_by_other_names(memory: MemoryEngine) -> None:
    tools = [
        *memory_tools(memory, names=["recall"], prefix="team_", bank="team"),
        *memory_tools(memory, names=["recall", "retain"]),
    ]
    await memory.retain("team", "The team meets on Mondays.", wait=True)
    agent, _ = agent_of(Use("team_recall", {"query": "When does the team meet?"}), tools=tools)

    await agent.invoke_async("Go.", invocation_state=dict(ADA))

    assert [one.tool_name for one in tools] == ["team_recall", "recall", "retain"]
    ((status, text),) = results(agent)
    assert status == "success"
    assert "Mondays" in text
    assert "(id " not in text


async def test_the_nodes_of_a_graph_have_the_memory_of_its_caller(memory: MemoryEngine) -> None:
    built = graph(DuramenSessionManager("m", memory), Speaker(Use("retain", {"text": "Ada likes graphs."})))
    built.nodes["write"].executor.tool_registry.process_tools(memory_tools(memory))  # type: ignore[attr-defined]  # a graph

    await built.invoke_async("Go.", invocation_state=dict(ADA))

    assert [event.content for event in (await memory.events("user:ada")).items] == ["Ada likes graphs."]


def test_tools_that_do_not_exist_are_refused(store: BreakableStore) -> None:
    with pytest.raises(BadInputError, match="There is no tool 'remember'"):
        memory_tools(duramen.open(store), names=["remember"])  # type: ignore[list-item]  # on purpose
    with pytest.raises(BadInputError, match=r"duramen\.open"):
        memory_tools("./memory")  # type: ignore[arg-type]  # on purpose


def test_the_options_are_those_of_the_shared_tools() -> None:
    shared, ours = (set(inspect.signature(made).parameters) for made in (ToolMemory, memory_tools))

    assert shared - ours == {"name", "strict"}
    assert ours - shared == {"bank", "prefix"}
