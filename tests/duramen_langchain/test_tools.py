from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import BaseMessage, HumanMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, ToolRuntime

from duramen import BadInputError, BankResolutionError, Identity, MemoryEngine, SyncMemoryEngine
from duramen.turns.answers import NO_ANSWER, NOT_KNOWN_WHOSE, NOTHING_FOUND
from duramen_langchain.tools import memory_tools
from tests.duramen_langchain.parts import ScriptedModel, calling
from tests.outages import BreakableStore

ADA: RunnableConfig = {"configurable": {"user_id": "ada"}}


@pytest.fixture
def memory(kept: SyncMemoryEngine) -> SyncMemoryEngine:
    kept.retain("user:ada", "Ada is allergic to nuts.", key="nuts", wait=True)
    kept.retain("user:bob", "Bob is allergic to milk.", key="milk", wait=True)
    return kept


def tools_of(memory: SyncMemoryEngine | MemoryEngine, **options: Any) -> dict[str, BaseTool]:
    return {tool.name: tool for tool in memory_tools(memory, **options)}


def ids_in(text: str) -> list[str]:
    return re.findall(r"\(id (\w+)\)", text)


def results(messages: list[BaseMessage]) -> list[str]:
    return [str(message.content) for message in messages if isinstance(message, ToolMessage)]


@dataclass
class Caller:
    user_id: str


def test_there_are_four_tools_whose_schemas_ask_the_model_for_nothing_but_words(memory: SyncMemoryEngine) -> None:
    tools = tools_of(memory)

    schemas = {name: convert_to_openai_tool(tool)["function"]["parameters"] for name, tool in tools.items()}

    assert {name: (list(schema["properties"]), schema["required"]) for name, schema in schemas.items()} == {
        "recall": (["query"], ["query"]),
        "retain": (["text"], ["text"]),
        "reflect": (["question"], ["question"]),
        "forget": (["memories"], ["memories"]),
    }


async def test_what_is_recalled_is_fenced_data_with_ids(memory: SyncMemoryEngine) -> None:
    recall = tools_of(memory)["recall"]

    now = recall.invoke({"query": "What is Ada allergic to?"}, ADA)
    later = await recall.ainvoke({"query": "What is Ada allergic to?"}, ADA)

    assert now == later
    assert now.startswith("<recalled-memory")
    assert now.endswith("</recalled-memory>")
    assert "Ada is allergic to nuts." in now
    assert len(ids_in(now)) == 1


def test_a_query_may_be_given_as_plain_text(memory: SyncMemoryEngine) -> None:
    assert "nuts" in tools_of(memory)["recall"].invoke("allergic to", ADA)


def test_without_a_tool_to_forget_ids_are_not_shown(memory: SyncMemoryEngine) -> None:
    tools = tools_of(memory, names=("recall", "retain"))

    found = tools["recall"].invoke({"query": "What is Ada allergic to?"}, ADA)

    assert list(tools) == ["recall", "retain"]
    assert "nuts" in found
    assert ids_in(found) == []


async def test_a_note_is_an_experience_of_the_agent_in_its_session(memory: SyncMemoryEngine) -> None:
    retain = tools_of(memory)["retain"]
    config: RunnableConfig = {"configurable": {"user_id": "ada", "thread_id": "t1"}}

    first = retain.invoke({"text": "Ada wants the report on Fridays."}, config)
    again = await retain.ainvoke({"text": "Ada wants the report on Fridays."}, config)

    memory.flush()
    (note,) = memory.memories("user:ada", session="t1").items
    assert (first, again) == ("Noted.", "This was noted before.")
    assert (note.kind, note.speaker, note.metadata) == ("experience", "assistant", {"noted_by": "agent"})


async def test_reflecting_answers_with_sources_and_as_data(memory: SyncMemoryEngine) -> None:
    reflect = tools_of(memory)["reflect"]

    now = reflect.invoke({"question": "What is Ada allergic to?"}, ADA)
    later = await reflect.ainvoke({"question": "What is the capital of Peru?"}, ADA)

    assert "Ada is allergic to nuts. [1]" in now
    assert now.startswith("<recalled-memory")
    assert later == NOTHING_FOUND


async def test_only_what_recall_listed_is_forgotten(memory: SyncMemoryEngine) -> None:
    tools = tools_of(memory)
    memory.retain("user:ada", "Ada has a dog.", wait=True)
    (nuts,) = [memory.id for memory in memory.memories("user:ada", key="nuts").items]

    assert nuts in ids_in(tools["recall"].invoke("What is Ada allergic to?", ADA))
    gone = tools["forget"].invoke({"memories": [nuts, nuts]}, ADA)
    unknown = await tools["forget"].ainvoke({"memories": nuts}, ADA)

    assert gone == "Forgot 1 memory."
    assert unknown == f"No memory has the id {nuts}. Use the ids that recall shows."
    assert [memory.text for memory in memory.memories("user:ada").items] == ["Ada has a dog."]


def test_the_memories_of_others_cannot_be_forgotten(memory: SyncMemoryEngine) -> None:
    (milk,) = [memory.id for memory in memory.memories("user:bob").items]

    told = tools_of(memory)["forget"].invoke({"memories": [milk]}, ADA)

    assert told.startswith("No memory has the id")
    assert len(memory.memories("user:bob").items) == 1


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("recall", {"query": " "}, "Say in words what to look for"),
        ("recall", {}, "This tool takes `query`."),
        ("retain", {"text": ""}, "Say what to note"),
        ("retain", {"text": {"no": "text"}}, "This tool takes `text`."),
        ("reflect", {"question": "\n"}, "Ask a question in words"),
        ("forget", {"memories": []}, "Give the ids of the memories to forget"),
        ("forget", {"memories": "all of them"}, "No memory has the id all of them."),
        ("forget", {"memories": [str(number) for number in range(21)]}, "Give at most 20 ids at a time."),
        ("forget", {"memories": 7}, "This tool takes `memories`."),
    ],
)
async def test_bad_input_is_answered_with_what_to_give(
    memory: SyncMemoryEngine, tool: str, arguments: dict[str, Any], told: str
) -> None:
    tools = tools_of(memory)

    assert str(tools[tool].invoke(dict(arguments), ADA)).startswith(told)
    assert str(await tools[tool].ainvoke(dict(arguments), ADA)).startswith(told)
    memory.flush()
    assert len(memory.memories("user:ada").items) == 1


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("recall", {"query": "Ada"}),
        ("retain", {"text": "Ada has a dog."}),
        ("reflect", {"question": "What about Ada?"}),
        ("forget", {"memories": ["x"]}),
    ],
)
async def test_an_outage_is_told_in_a_plain_sentence_and_counted(
    memory: SyncMemoryEngine, store: BreakableStore, tool: str, arguments: dict[str, Any]
) -> None:
    called = tools_of(memory)[tool]
    if tool == "forget":
        memory.close()
    store.down = True

    now = called.invoke(dict(arguments), ADA)
    later = await called.ainvoke(dict(arguments), ADA)

    store.down = False
    assert now == later == NO_ANSWER
    stats = memory.engine.tally.stats()
    assert stats.recall_failures == (2 if tool in ("recall", "reflect") else 0)
    assert stats.retain_failures == (2 if tool == "retain" else 0)


async def test_a_memory_that_does_not_answer_is_not_waited_for(memory: SyncMemoryEngine, store: BreakableStore) -> None:
    recall = tools_of(memory, timeout=0.05)["recall"]
    store.slow = True

    now = recall.invoke("Ada", ADA)
    later = await recall.ainvoke("Ada", ADA)

    store.slow = False
    assert now == later == NO_ANSWER
    assert "nuts" in recall.invoke("What is Ada allergic to?", ADA)


def test_without_an_identity_there_is_no_memory_and_with_strict_an_error(memory: SyncMemoryEngine) -> None:
    thread: RunnableConfig = {"configurable": {"thread_id": "ada"}}

    told = [
        tools_of(memory)[name].invoke({argument: value}, thread)
        for name, argument, value in [
            ("recall", "query", "Ada"),
            ("retain", "text", "Ada has a dog."),
            ("reflect", "question", "What about Ada?"),
        ]
    ]

    assert told == [NOT_KNOWN_WHOSE] * 3
    assert memory.engine.tally.stats().refused == 3
    assert {bank.name for bank in memory.banks().items} == {"user:ada", "user:bob"}
    with pytest.raises(BankResolutionError):
        tools_of(memory, strict=True)["recall"].invoke("Ada", thread)


def test_no_argument_of_the_model_names_the_bank(memory: SyncMemoryEngine) -> None:
    recall = tools_of(memory)["recall"]
    bob = {"user_id": "bob", "context": {"user_id": "bob"}, "configurable": {"user_id": "bob"}}
    forged = {"query": "Who is allergic to what?", "bank": "user:bob", "runtime": bob, "config": bob, **bob}

    assert "nuts" in recall.invoke(dict(forged), ADA)
    assert "milk" not in recall.invoke(dict(forged), ADA)
    assert recall.invoke(dict(forged)) == NOT_KNOWN_WHOSE


def test_a_bank_given_is_the_bank_whoever_runs_it(memory: SyncMemoryEngine) -> None:
    fixed = tools_of(memory, bank=Identity(user="bob"))["recall"]
    chosen = tools_of(memory, bank=lambda config: f"user:{config['configurable']['customer']}")["recall"]

    assert "milk" in fixed.invoke("Who is allergic to what?", ADA)
    assert "milk" in chosen.invoke("Who is allergic to what?", {"configurable": {"customer": "bob"}})


def test_unknown_names_and_options_are_refused_at_once(memory: SyncMemoryEngine) -> None:
    with pytest.raises(BadInputError, match="There is no tool 'remember'"):
        memory_tools(memory, names=("recall", "remember"))  # type: ignore[arg-type]
    with pytest.raises(BadInputError, match="limit"):
        memory_tools(memory, limit=0)
    with pytest.raises(BadInputError, match="memory"):
        memory_tools("./memory")  # type: ignore[arg-type]


def test_two_memories_have_tools_of_different_names(memory: SyncMemoryEngine) -> None:
    tools = [*memory_tools(memory), *memory_tools(memory, bank="team:x", prefix="team_", names=("recall",))]

    node = ToolNode(tools)

    assert list(node.tools_by_name) == ["recall", "retain", "reflect", "forget", "team_recall"]


async def test_an_agent_remembers_for_two_users_at_once(memory: SyncMemoryEngine) -> None:
    tools = memory_tools(memory)

    async def ask(user: str) -> str:
        model = ScriptedModel(calling("recall", query="Who is allergic to what?", user_id="bob"), "Thanks.")
        agent = create_agent(model, tools=tools, context_schema=Caller)
        state = await agent.ainvoke({"messages": [HumanMessage("What can I eat?")]}, context=Caller(user))
        return results(state["messages"])[0]

    ada, bob, *more = await asyncio.gather(*(ask(user) for user in ("ada", "bob") * 5))

    assert "nuts" in ada
    assert "milk" not in ada
    assert "milk" in bob
    assert "nuts" not in bob
    assert more == [ada, bob] * 4


def test_an_agent_notes_recalls_and_forgets(memory: SyncMemoryEngine) -> None:
    tools = memory_tools(memory)
    (nuts,) = [memory.id for memory in memory.memories("user:ada").items]
    model = ScriptedModel(
        calling("retain", text="Ada moved to Lisbon in March 2025."),
        calling("recall", query="Where does Ada live?"),
        calling("forget", memories=[nuts]),
        calling("reflect", question="What is Ada allergic to?"),
        "Done.",
    )
    agent = create_agent(model, tools=tools)

    state = agent.invoke({"messages": [HumanMessage("I moved to Lisbon.")]}, ADA)

    noted, recalled, forgot, reflected = results(state["messages"])
    assert noted == "Noted."
    assert "assistant: Ada moved to Lisbon in March 2025." in recalled
    assert forgot == "Forgot 1 memory."
    assert "nuts" not in reflected


def test_a_note_made_again_on_a_replay_is_one_note(memory: SyncMemoryEngine) -> None:
    model = ScriptedModel(calling("retain", text="Ada has a dog."), "Noted.", "Noted.")
    saver = InMemorySaver()
    agent = create_agent(model, tools=memory_tools(memory), checkpointer=saver)
    config: RunnableConfig = {"configurable": {"user_id": "ada", "thread_id": "t1"}}
    agent.invoke({"messages": [HumanMessage("I have a dog.")]}, config)
    before = next(state for state in agent.get_state_history(config) if state.next == ("tools",))
    replayed: RunnableConfig = {"configurable": {**before.config["configurable"], "user_id": "ada"}}

    state = agent.invoke(None, replayed)

    assert results(state["messages"]) == ["This was noted before."]
    memory.flush()
    assert len(memory.memories("user:ada", session="t1").items) == 1


async def test_a_tool_node_passes_the_run_and_not_what_the_model_says_about_it(memory: SyncMemoryEngine) -> None:
    seen: list[object] = []

    def whose(runtime: Any) -> Identity:
        seen.append(runtime)
        return Identity(user=runtime.context.user_id)

    graph = StateGraph(MessagesState, context_schema=Caller)
    graph.add_node("tools", ToolNode(memory_tools(memory, bank=whose)))
    graph.add_edge(START, "tools")
    graph.add_edge("tools", END)
    compiled = graph.compile()
    forged = {"context": {"user_id": "bob"}, "config": {}, "state": {}}
    call = calling("recall", query="Who is allergic to what?", runtime=forged, user_id="bob")

    now = compiled.invoke({"messages": [call]}, context=Caller("ada"))
    later = await compiled.ainvoke({"messages": [call]}, context=Caller("ada"))

    for state in (now, later):
        assert "nuts" in results(state["messages"])[0]
        assert "milk" not in results(state["messages"])[0]
    assert len(seen) == 2
    assert all(isinstance(runtime, ToolRuntime) for runtime in seen)


def test_what_the_conversation_holds_is_not_recalled_from_it(memory: SyncMemoryEngine) -> None:
    memory.retain("user:ada", [{"role": "user", "content": "I am allergic to cats too.", "id": "m1"}], key="t1/m1")
    model = ScriptedModel(calling("recall", query="What is Ada allergic to?"), "Nuts and cats.")
    agent = create_agent(model, tools=memory_tools(memory), checkpointer=InMemorySaver())
    asked = [HumanMessage("I am allergic to cats too.", id="m1"), HumanMessage("What may I not eat?", id="m2")]

    here = agent.invoke({"messages": [*asked]}, {"configurable": {"user_id": "ada", "thread_id": "t1"}})

    (recalled,) = results(here["messages"])
    assert "nuts" in recalled
    assert "cats" not in recalled


async def test_an_outage_does_not_end_an_agents_run(memory: SyncMemoryEngine, store: BreakableStore) -> None:
    model = ScriptedModel(calling("recall", query="Ada"), calling("retain", text="Ada has a dog."), "Well.")
    agent = create_agent(model, tools=memory_tools(memory.engine))
    store.down = True

    state = await agent.ainvoke({"messages": [HumanMessage("Hello")]}, ADA)

    store.down = False
    assert results(state["messages"]) == [NO_ANSWER, NO_ANSWER]
    assert [message.status for message in state["messages"] if isinstance(message, ToolMessage)] == ["error", "error"]
    assert state["messages"][-1].content == "Well."
