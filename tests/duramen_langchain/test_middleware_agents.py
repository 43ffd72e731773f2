"""Memory in agents of every build: with structured output, several memories, tools, and agents in agents."""

from __future__ import annotations

import pytest
from langchain.agents import create_agent
from langchain.agents.structured_output import ProviderStrategy, ToolStrategy
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from pydantic import BaseModel

from duramen import MemoryEngine
from duramen_langchain import MemoryMiddleware, Retention
from tests.duramen_langchain.parts import (
    ADA,
    ANSWER,
    ASKS,
    BOB,
    SEEDS,
    Face,
    ScriptedModel,
    Sync,
    calling,
    leaks,
    of,
    said,
    saying,
    weather,
)

pytestmark = pytest.mark.usefixtures("seeded")


class Trip(BaseModel):
    """Where to go."""

    place: str


class TestStructuredOutput:
    async def test_by_a_tool_is_not_retained(self, memory: MemoryEngine, face: Face) -> None:
        model = ScriptedModel(calling("Trip", nowhere="at all"), calling("Trip", place="the sea"))
        agent = create_agent(model, middleware=[MemoryMiddleware(memory)], response_format=ToolStrategy(Trip))

        result = await face.invoke(agent, saying(ASKS), of("ada"))

        assert result["structured_response"] == Trip(place="the sea")
        assert [SEEDS[ADA] in shown for shown in model.shown] == [True, True]
        assert await said(memory) == [ASKS]

    async def test_by_the_provider_is_not_retained_and_its_words_are(self, memory: MemoryEngine, face: Face) -> None:
        model = ScriptedModel('{"place": "the sea"}', calling("weather", words="Let me see."), '{"place": "the hills"}')
        agent = create_agent(
            model,
            [weather],
            middleware=[MemoryMiddleware(memory, retention=Retention(steps=True))],
            response_format=ProviderStrategy(Trip),
            checkpointer=InMemorySaver(),
        )

        first = await face.invoke(agent, saying(ASKS), of("ada"))
        second = await face.invoke(agent, saying("And where else?"), of("ada"))

        assert [first["structured_response"].place, second["structured_response"].place] == ["the sea", "the hills"]
        assert await said(memory) == [ASKS, "And where else?", "Let me see."]

    async def test_json_that_an_agent_says_to_its_user_is_retained(self, memory: MemoryEngine, face: Face) -> None:
        agent = create_agent(ScriptedModel('{"place": "the sea"}'), middleware=[MemoryMiddleware(memory)])

        await face.invoke(agent, saying(ASKS), of("ada"))

        assert await said(memory) == [ASKS, '{"place": "the sea"}']


class TestSeveral:
    async def test_two_in_one_agent_each_show_and_keep_their_own(self, memory: MemoryEngine, face: Face) -> None:
        await memory.retain("team:sales", "The weekend offer ends in June.", key="seed")
        model = ScriptedModel(calling("weather"), ANSWER)
        saver = InMemorySaver()
        own = MemoryMiddleware(memory)
        of_the_team = MemoryMiddleware(
            memory, bank="team:sales", name="team", placement="system", retention=Retention(roles=("assistant",))
        )
        agent = create_agent(model, [weather], middleware=[own, of_the_team], checkpointer=saver)

        await face.invoke(agent, saying(ASKS), of("ada"))

        assert [message.text.count("June") for message in model.prompts[1]] == [1, 0, 0, 0]
        assert [message.text.count(SEEDS[ADA]) for message in model.prompts[1]] == [0, 1, 0, 0]
        assert await said(memory) == [ASKS, ANSWER]
        assert await said(memory, "team:sales") == [ANSWER]
        assert leaks(saver) == []
        assert "June" not in repr(saver.blobs)

    async def test_both_in_the_same_place(self, memory: MemoryEngine, face: Face) -> None:
        model = ScriptedModel(ANSWER)
        middleware = [MemoryMiddleware(memory), MemoryMiddleware(memory, bank=BOB, name="bob")]
        agent = create_agent(model, middleware=middleware)

        await face.invoke(agent, saying("Where could Ada and Bob meet?"), of("ada"))

        assert [model.shown[0].count(text) for text in SEEDS.values()] == [1, 1]
        assert await said(memory) == await said(memory, BOB) == ["Where could Ada and Bob meet?", ANSWER]

    def test_need_different_names(self, memory: MemoryEngine) -> None:
        with pytest.raises(AssertionError, match="duplicate"):
            create_agent(ScriptedModel(), middleware=[MemoryMiddleware(memory), MemoryMiddleware(memory, bank=BOB)])


class TestAgentsInOthers:
    async def test_one_that_a_tool_runs_retains_if_it_is_told_to(self, memory: MemoryEngine) -> None:
        inner = create_agent(
            ScriptedModel("Fine."),
            middleware=[MemoryMiddleware(memory, bank="agent:specialist", retain_in_tools=True)],
        )

        @tool
        def ask() -> str:
            """Ask the specialist."""
            return str(inner.invoke(saying("Assess the coast."))["messages"][-1].content)

        agent = create_agent(ScriptedModel(calling("ask"), ANSWER), [ask], middleware=[MemoryMiddleware(memory)])

        await Sync().invoke(agent, saying(ASKS), of("ada"))

        assert await said(memory) == [ASKS, ANSWER]
        assert await said(memory, "agent:specialist") == ["Assess the coast.", "Fine."]

    async def test_one_that_is_a_node_of_a_graph_speaks_with_the_user(self, memory: MemoryEngine, face: Face) -> None:
        model = ScriptedModel(calling("weather"), ANSWER)
        agent = create_agent(model, [weather], middleware=[MemoryMiddleware(memory)])
        builder = StateGraph(MessagesState)
        builder.add_node("agent", agent)
        builder.add_edge(START, "agent")
        builder.add_edge("agent", END)
        saver = InMemorySaver()
        graph = builder.compile(checkpointer=saver)

        chunks = await face.stream(graph, saying(ASKS), of("ada"), stream_mode=["values", "messages"], subgraphs=True)

        assert await said(memory) == [ASKS, ANSWER]
        assert [shown.count(SEEDS[ADA]) for shown in model.shown] == [1, 1]
        assert leaks(saver, chunks) == []


class TestTools:
    async def test_the_model_gets_them_and_they_know_whose_memory_it_is(self, memory: MemoryEngine, face: Face) -> None:
        model = ScriptedModel(calling("retain", text="Ada wants a quiet place."), ANSWER)
        agent = create_agent(model, middleware=[MemoryMiddleware(memory, tools=True)], checkpointer=InMemorySaver())

        await face.invoke(agent, saying(ASKS), of("ada"))

        assert sorted(await said(memory)) == sorted([ASKS, ANSWER, "Ada wants a quiet place."])
        assert await said(memory, BOB) == []

    async def test_there_are_none_unless_wanted(self, memory: MemoryEngine) -> None:
        own = MemoryMiddleware(memory, tools=[weather])

        assert list(MemoryMiddleware(memory).tools) == []
        assert [one.name for one in MemoryMiddleware(memory, tools=True).tools] == [
            "recall",
            "retain",
            "reflect",
            "forget",
        ]
        assert list(own.tools) == [weather]
