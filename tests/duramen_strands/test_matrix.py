"""What users of Strands do with an agent, each with and without `await`: how much is retained, and where nothing shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import pytest
from strands import Agent
from strands.event_loop._retry import ModelRetryStrategy
from strands.hooks import BeforeToolCallEvent
from strands.multiagent import GraphBuilder
from strands.session.file_session_manager import FileSessionManager
from strands.types.exceptions import ModelThrottledException

from duramen import MemoryEngine
from duramen_strands import MemoryHooks
from tests.duramen_strands.parts import FACTS, FENCE, QUESTION, Speaker, Use, agent_of, as_user, kept, look_up, seed
from tests.outages import BreakableStore

ANSWER = "In a town by the sea."
SAID = [f"user: {QUESTION}", f"assistant: {ANSWER}"]


class Stage:
    """Runs agents one of the two ways, and keeps all that they show on the way."""

    def __init__(self, memory: MemoryEngine, way: Literal["sync", "async"], folder: Path) -> None:
        self.memory = memory
        self.way = way
        self.folder = folder
        self.hooks = MemoryHooks(memory)
        self.events: list[str] = []
        self.models: list[Speaker] = []
        self.agents: list[Agent] = []

    def agent(self, *lines: Any, **options: Any) -> tuple[Agent, Speaker]:
        agent, model = agent_of(*lines, **{"hooks": [self.hooks], **options})
        if options.get("callback_handler") is None:
            agent.callback_handler = self.show
        self.agents.append(agent)
        self.models.append(model)
        return agent, model

    def session(self) -> FileSessionManager:
        return FileSessionManager("trip", storage_dir=str(self.folder))

    def show(self, **event: Any) -> None:
        self.events.append(repr(event))

    async def ask(self, agent: Any, prompt: Any = QUESTION, user: str = "ada") -> Any:
        if self.way == "sync":
            return agent(prompt, invocation_state=as_user(user))
        return await agent.invoke_async(prompt, invocation_state=as_user(user))

    def check(self) -> None:
        """Nothing recalled is in any conversation, any file of a session, or any event; and all of it is one's own."""
        assert FENCE not in repr([agent.messages for agent in self.agents])
        files = [file for file in self.folder.rglob("*") if file.is_file()]
        assert all(FENCE not in file.read_text() for file in files)
        assert self.events
        assert all(FENCE not in event for event in self.events)
        assert all(
            FACTS["user:bob"] not in model.texts(call) for model in self.models for call in range(len(model.shown))
        )


def recalled(model: Speaker, *, calls: int) -> bool:
    """Tell whether the model was called so often, and shown what the memory knows each time."""
    return len(model.shown) == calls and all(FACTS["user:ada"] in model.texts(call) for call in range(calls))


@pytest.fixture(params=["sync", "async"])
async def stage(request: pytest.FixtureRequest, memory: MemoryEngine, tmp_path: Path) -> AsyncIterator[Stage]:
    await seed(memory)
    made = Stage(memory, request.param, tmp_path / "sessions")
    yield made
    made.check()
    assert await kept(memory, "user:bob") == []


async def test_a_plain_turn_is_recalled_for_and_retained(stage: Stage) -> None:
    agent, model = stage.agent(ANSWER, session_manager=stage.session())

    await stage.ask(agent)

    assert recalled(model, calls=1)
    assert await kept(stage.memory) == SAID


async def test_a_loop_of_tools_is_one_turn(stage: Stage) -> None:
    steps = [Use("look_up", {"city": "Porto"}, id=f"call-{step}", text="One moment.") for step in range(3)]
    agent, model = stage.agent(*steps, ANSWER, tools=[look_up], session_manager=stage.session())

    await stage.ask(agent)

    assert recalled(model, calls=4)
    assert stage.hooks.stats().recalls == 1
    assert await kept(stage.memory) == SAID


async def test_a_stream_shows_nothing_recalled(stage: Stage) -> None:
    agent, model = stage.agent(ANSWER, session_manager=stage.session())

    if stage.way == "async":
        async for event in agent.stream_async(QUESTION, invocation_state=as_user("ada")):
            stage.show(**event)
    else:
        agent(QUESTION, invocation_state=as_user("ada"))

    assert any("sea" in event for event in stage.events)
    assert recalled(model, calls=1)
    assert await kept(stage.memory) == SAID


async def test_an_abandoned_stream_leaves_the_question_and_no_half_answer(stage: Stage) -> None:
    agent, model = stage.agent(ANSWER, ANSWER)

    await abandon(stage, agent)
    left = await kept(stage.memory)
    await stage.ask(agent)

    assert left == SAID[:1]
    assert recalled(model, calls=2)
    assert await kept(stage.memory) == SAID


async def abandon(stage: Stage, agent: Agent) -> None:
    if stage.way == "async":
        stream: Any = agent.stream_async(QUESTION, invocation_state=as_user("ada"))
        async for event in stream:
            stage.show(**event)
            if "data" in event:
                break
        await stream.aclose()
        return

    def interrupted(**event: Any) -> None:
        stage.show(**event)
        if "data" in event:
            raise ConnectionAbortedError

    agent.callback_handler = interrupted
    with pytest.raises(ConnectionAbortedError):
        agent(QUESTION, invocation_state=as_user("ada"))
    agent.callback_handler = stage.show


def approval(event: BeforeToolCallEvent) -> None:
    if event.interrupt("approval") != "yes":
        event.cancel_tool = "refused"


async def test_an_interrupted_turn_goes_on_where_it_stopped(stage: Stage) -> None:
    options: dict[str, Any] = {"hooks": [stage.hooks, approval], "tools": [look_up]}
    agent, before = stage.agent(Use("look_up", {"city": "Porto"}), session_manager=stage.session(), **options)

    stopped = await stage.ask(agent)
    # Somebody else goes on with it later, in another process for all it knows.
    again, after = stage.agent(ANSWER, session_manager=stage.session(), **options)
    await stage.ask(again, [{"interruptResponse": {"interruptId": stopped.interrupts[0].id, "response": "yes"}}])

    assert stopped.stop_reason == "interrupt"
    assert recalled(before, calls=1)
    assert recalled(after, calls=1)
    assert "It rains in Porto." in after.texts()
    assert await kept(stage.memory) == SAID


async def test_a_call_that_fails_twice_is_retained_once(stage: Stage) -> None:
    failures = [ModelThrottledException("slow down"), ModelThrottledException("slow down")]
    again = ModelRetryStrategy(max_attempts=3, initial_delay=0, max_delay=0)
    agent, model = stage.agent(*failures, ANSWER, retry_strategy=again)

    await stage.ask(agent)

    assert recalled(model, calls=3)
    assert stage.hooks.stats().recalls == 1
    assert await kept(stage.memory) == SAID


async def test_a_restored_session_retains_only_what_is_new(stage: Stage) -> None:
    agent, _ = stage.agent(ANSWER, session_manager=stage.session())
    await stage.ask(agent)

    restored, model = stage.agent("By train.", session_manager=stage.session())
    await stage.ask(restored, "How do I get there from where I live?")

    assert recalled(model, calls=1)
    assert ANSWER in model.texts()
    assert await kept(stage.memory) == [*SAID, "user: How do I get there from where I live?", "assistant: By train."]


async def test_a_history_that_is_run_again_is_retained_once_and_a_fork_adds_what_it_says(stage: Stage) -> None:
    def history(*texts: str) -> list[Any]:
        roles = ("user", "assistant")
        return [{"role": roles[place % 2], "content": [{"text": text}]} for place, text in enumerate(texts)]

    first, _ = stage.agent("By train.")
    again, _ = stage.agent("By train.")
    fork, model = stage.agent("By boat.")
    await stage.ask(first, history(QUESTION, ANSWER, "How do I get there?"))
    await stage.ask(again, history(QUESTION, ANSWER, "How do I get there?"))
    await stage.ask(again, history(QUESTION, ANSWER, "How do I get there?", "By train.", "When do I live there?"))

    replayed = await kept(stage.memory)
    await stage.ask(fork, history(QUESTION, ANSWER, "How do I get home to where I live?"))

    asked = [
        *SAID,
        "user: How do I get there?",
        "assistant: By train.",
        "user: When do I live there?",
        "assistant: Done.",
    ]
    assert sorted(replayed) == sorted(asked)
    assert FACTS["user:ada"] in model.texts()
    assert sorted(await kept(stage.memory)) == sorted(
        [*asked, "user: How do I get home to where I live?", "assistant: By boat."]
    )


async def test_parallel_branches_of_a_graph_retain_the_task_once(stage: Stage) -> None:
    left, left_model = stage.agent("North.", name="left")
    right, right_model = stage.agent("South.", name="right")
    last, last_model = stage.agent(ANSWER, name="last")
    builder = GraphBuilder().set_execution_timeout(60)
    for node in (left, right, last):
        builder.add_node(node, node.name)
    builder.add_edge("left", "last")
    builder.add_edge("right", "last")
    builder.set_hook_providers([stage.hooks])

    await stage.ask(builder.build())

    assert recalled(left_model, calls=1)
    assert recalled(right_model, calls=1)
    assert recalled(last_model, calls=1)
    assert "Inputs from previous nodes" in last_model.texts()
    assert stage.hooks.stats().recalls == 1
    assert await kept(stage.memory) == SAID


async def test_a_sub_agent_is_a_step_of_the_agent_that_calls_it(stage: Stage) -> None:
    helper, helped = stage.agent("It rains.", name="helper")
    agent, model = stage.agent(Use("helper", {"input": "Find out where they live."}), ANSWER, tools=[helper.as_tool()])

    await stage.ask(agent)

    assert recalled(model, calls=2)
    assert FENCE not in helped.texts()
    assert await kept(stage.memory) == SAID


async def test_an_outage_costs_the_turn_its_memory_and_nothing_else(stage: Stage, store: BreakableStore) -> None:
    agent, model = stage.agent(ANSWER, "Hello again.")
    store.down = True

    answered = await stage.ask(agent)
    store.down = False
    during = await kept(stage.memory)
    await stage.ask(agent, "Where do I live now?")
    await stage.hooks.flush()

    assert ANSWER in str(answered)
    assert FENCE not in model.texts(0)
    assert during == []
    assert FACTS["user:ada"] in model.texts(1)
    assert sorted(await kept(stage.memory)) == sorted([*SAID, "user: Where do I live now?", "assistant: Hello again."])
    assert stage.hooks.stats().lost == 0


@pytest.mark.parametrize("way", ["sync", "async"])
async def test_two_users_at_once_see_only_their_own(memory: MemoryEngine, way: str) -> None:
    await seed(memory)
    hooks = MemoryHooks(memory)
    made = {user: agent_of(hooks=[hooks]) for user in ("ada", "bob")}

    def call(user: str) -> None:
        made[user][0](f"I am {user}. {QUESTION}", invocation_state=as_user(user))

    if way == "sync":
        await asyncio.gather(*(asyncio.to_thread(call, user) for user in made))
    else:
        await asyncio.gather(
            *(
                agent.invoke_async(f"I am {user}. {QUESTION}", invocation_state=as_user(user))
                for user, (agent, _) in made.items()
            )
        )

    for user, other in (("ada", "bob"), ("bob", "ada")):
        shown = made[user][1].texts()
        assert FACTS[f"user:{user}"] in shown
        assert FACTS[f"user:{other}"] not in shown
        assert await kept(memory, f"user:{user}") == [f"user: I am {user}. {QUESTION}", "assistant: Done."]


@pytest.mark.parametrize("way", ["sync", "async"])
async def test_one_agent_serves_one_user_after_the_other(memory: MemoryEngine, way: str) -> None:
    await seed(memory)
    agent, model = agent_of(hooks=[MemoryHooks(memory)])

    for user in ("ada", "bob", "ada"):
        if way == "sync":
            agent(f"I am {user}. {QUESTION}", invocation_state=as_user(user))
        else:
            await agent.invoke_async(f"I am {user}. {QUESTION}", invocation_state=as_user(user))

    for call, (user, other) in enumerate((("ada", "bob"), ("bob", "ada"), ("ada", "bob"))):
        assert FACTS[f"user:{user}"] in model.texts(call)
        assert FACTS[f"user:{other}"] not in model.texts(call)
    assert len(await kept(memory)) == 4
    assert await kept(memory, "user:bob") == [f"user: I am bob. {QUESTION}", "assistant: Done."]
