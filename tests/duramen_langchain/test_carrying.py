"""How the config reaches the code around a model call before Python 3.11; it does the same on any."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware.types import ModelCallResult, ModelRequest, ModelResponse
from langgraph.checkpoint.memory import InMemorySaver

from duramen_langchain import carrying
from duramen_langchain.carrying import CarrierByState
from tests.duramen_langchain.parts import Async, ScriptedModel, of, saying


class Noting(CarrierByState):
    """Notes which config it found around each call of the model."""

    def __init__(self, name: str = "Noting") -> None:
        self._name = name
        super().__init__()
        self.found: list[Mapping[str, Any]] = []

    @property
    def name(self) -> str:
        return self._name

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]
    ) -> ModelCallResult[Any]:
        self.found.append((self.config_of(request.state) or {}).get("configurable", {}))
        return await handler(request)

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelCallResult[Any]:
        self.found.append((self.config_of(request.state) or {}).get("configurable", {}))
        return handler(request)


async def test_each_run_finds_its_own_config() -> None:
    noting = Noting()
    agent = create_agent(ScriptedModel(), middleware=[noting])
    runs = [(saying("Hello"), of(user)) for user in ("ada", "bob", "carol", "dora")]

    await Async().at_once(agent, *runs)

    assert sorted(found["user_id"] for found in noting.found) == ["ada", "bob", "carol", "dora"]
    assert all(found["thread_id"] == f"{found['user_id']}-thread" for found in noting.found)


async def test_it_holds_nothing_of_the_run_beside_what_the_caller_gave() -> None:
    noting = Noting()
    agent = create_agent(ScriptedModel(), middleware=[noting], checkpointer=InMemorySaver())

    await agent.ainvoke(saying("Hello"), of("ada"))

    assert set(noting.found[0]) - {"checkpoint_id", "checkpoint_map"} == {
        "user_id",
        "thread_id",
        "checkpoint_ns",
        "__pregel_checkpointer",
    }


async def test_the_state_shows_and_keeps_nothing_of_it() -> None:
    saver = InMemorySaver()
    one, two = Noting("one"), Noting("two")
    agent = create_agent(ScriptedModel(), middleware=[one, two], checkpointer=saver)

    result = await agent.ainvoke(saying("Hello"), of("ada"))

    assert set(result) == {"messages"}
    (ticket,) = one._configs
    (other,) = two._configs
    assert ticket not in repr([saver.storage, saver.blobs])
    assert other not in repr([saver.storage, saver.blobs])


async def test_a_ticket_that_was_made_up_is_no_use() -> None:
    noting = Noting()
    agent = create_agent(ScriptedModel(), middleware=[noting])
    await agent.ainvoke(saying("Hello"), of("bob"))

    given: Any = {**saying("Hello"), "Noting_ticket": "1"}
    await agent.ainvoke(given, of("ada"))

    assert noting.found[1]["user_id"] == "ada"
    assert noting.config_of({"Noting_ticket": "1"}) is None


async def test_only_so_many_are_at_hand() -> None:
    noting = Noting()
    runtime: Any = None
    first = await noting.abefore_model({"messages": []}, runtime, of("ada"))

    later = [await noting.abefore_model({"messages": []}, runtime, of("bob")) for _ in range(carrying.MOST_CARRIED)]

    assert noting.config_of(first) is None
    assert noting.config_of(later[-1]) == noting.config_of(later[0]) == of("bob")


def test_without_await_the_config_is_around_anyway() -> None:
    noting = Noting()
    agent = create_agent(ScriptedModel(), middleware=[noting])

    agent.invoke(saying("Hello"), of("ada"))

    assert noting.found[0]["user_id"] == "ada"
