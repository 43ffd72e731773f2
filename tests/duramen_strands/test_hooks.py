from __future__ import annotations

import asyncio
import gc
import inspect
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel
from strands import Agent, tool
from strands.agent.conversation_manager import SlidingWindowConversationManager, SummarizingConversationManager
from strands.hooks import AfterInvocationEvent, BeforeInvocationEvent, BeforeModelCallEvent
from strands.types.exceptions import ContextWindowOverflowException

import duramen
from duramen import BadInputError, MemoryEngine
from duramen.types import Message
from duramen_strands import MemoryHooks, Retention
from tests.duramen_strands.parts import FACTS, FENCE, QUESTION, TakenBack, Use, agent_of, as_user, kept, look_up
from tests.outages import BreakableStore

pytestmark = pytest.mark.usefixtures("seeded")

FACT = FACTS["user:ada"]

IN_THE_BACKGROUND: list[Any] = (
    [({"background_tasks": {"always": ["look_up"]}}, ["It is under way.", "Wet."])]
    if "background_tasks" in inspect.signature(Agent).parameters
    else []
)


@pytest.mark.parametrize(
    "options",
    [
        lambda hooks: {"hooks": [hooks]},
        lambda hooks: {"plugins": [hooks]},
        lambda hooks: {"hooks": [hooks, hooks], "plugins": [hooks]},
        lambda hooks: {},
    ],
    ids=["hooks", "a plugin", "both, twice", "added later"],
)
async def test_however_it_is_installed_it_is_there_once(
    memory: MemoryEngine, options: Callable[[MemoryHooks], dict[str, Any]]
) -> None:
    hooks = MemoryHooks(memory)
    agent, model = agent_of("Hi.", **options(hooks))
    agent.hooks.add_hook(hooks)

    await agent.invoke_async(QUESTION, invocation_state=as_user("ada"))

    assert model.texts().count(FENCE) == 1
    assert hooks.stats().recalls == 1
    assert len(await kept(memory)) == 2


async def test_two_memories_of_one_agent_keep_apart(memory: MemoryEngine) -> None:
    await memory.retain("team", "The office in Porto is where they live and work.")
    mine, team = MemoryHooks(memory), MemoryHooks(memory, bank="team", retention=Retention(roles=()))
    agent, model = agent_of("Hi.", hooks=[mine, team])

    await agent.invoke_async(QUESTION, invocation_state=as_user("ada"))

    assert model.texts().count(FENCE) == 2
    assert FACT in model.texts()
    assert "office in Porto" in model.texts()
    assert len(await kept(memory)) == 2
    assert len(await kept(memory, "team")) == 1


@pytest.mark.parametrize("per_turn", [True, False])
async def test_what_a_window_drops_is_retained_all_the_same(memory: MemoryEngine, per_turn: bool) -> None:
    window = SlidingWindowConversationManager(window_size=2, per_turn=per_turn)
    agent, _ = agent_of(
        *(f"Answer {turn}." for turn in range(4)), hooks=[MemoryHooks(memory)], conversation_manager=window
    )

    for turn in range(4):
        await agent.invoke_async(f"Question {turn}?", invocation_state=as_user("ada"))

    assert len(agent.messages) <= 3
    assert len(await kept(memory)) == 8


async def test_a_summary_in_place_of_messages_is_not_retained(memory: MemoryEngine) -> None:
    manager = SummarizingConversationManager(summary_ratio=0.5, preserve_recent_messages=2)
    lines: list[Any] = [
        *(f"Answer {turn}." for turn in range(3)),
        ContextWindowOverflowException("full"),
        "They chatted.",
        "Last.",
    ]
    agent, model = agent_of(*lines, hooks=[MemoryHooks(memory)], conversation_manager=manager)

    for turn in range(4):
        await agent.invoke_async(f"Question {turn}?", invocation_state=as_user("ada"))

    assert "They chatted." in model.texts()
    assert [line for line in await kept(memory) if "chatted" in line] == []
    assert len(await kept(memory)) == 8


async def test_only_words_are_retained(memory: MemoryEngine) -> None:
    picture: dict[str, Any] = {"image": {"format": "png", "source": {"bytes": b"\x89PNG"}}}
    agent, model = agent_of("A cat.", hooks=[MemoryHooks(memory)])

    prompt: Any = [{"text": "What is this, and"}, picture, {"text": "where do I live?"}]
    await agent.invoke_async(prompt, invocation_state=as_user("ada"))

    assert FACT in model.texts()
    assert sum("image" in block for block in model.shown[0][0]["content"]) == 1
    assert await kept(memory) == ["user: What is this, and\nwhere do I live?", "assistant: A cat."]


async def test_words_beside_tools_and_what_tools_say_are_retained_on_demand(memory: MemoryEngine) -> None:
    hooks = MemoryHooks(memory, retention=Retention(roles=("user", "assistant", "tool"), steps=True))
    agent, _ = agent_of(Use("look_up", {"city": "Porto"}, text="One moment."), "Wet.", hooks=[hooks], tools=[look_up])

    await agent.invoke_async(QUESTION, invocation_state=as_user("ada"))

    said = ["assistant: One moment.", "assistant: It rains in Porto.", "assistant: Wet."]
    assert await kept(memory) == [f"user: {QUESTION}", *said]


@pytest.mark.parametrize(("options", "answers"), [({}, ["It is under way."]), *IN_THE_BACKGROUND])
async def test_what_a_tool_brings_later_changes_nothing_that_was_said(
    memory: MemoryEngine, options: dict[str, Any], answers: list[str]
) -> None:
    asked = threading.Event()

    @tool
    async def look_up() -> str:
        """Look up the weather."""
        await asyncio.to_thread(asked.wait)
        return "It rains."

    async def await_second_call() -> None:
        if len(model.shown) == 2 or not options:
            asked.set()

    lines = (Use("look_up"), "It is under way.", "Wet.")
    agent, model = agent_of(*lines, hooks=[MemoryHooks(memory)], tools=[look_up], **options)
    model.before = await_second_call

    await agent.invoke_async(QUESTION, invocation_state=as_user("ada"))

    assert all(FACT in model.texts(call) for call in range(len(model.shown)))
    assert await kept(memory) == [f"user: {QUESTION}", *(f"assistant: {answer}" for answer in answers)]


class Town(BaseModel):
    """Where somebody lives."""

    name: str = "Lisbon"


async def test_what_strands_asks_for_the_sake_of_a_structure_is_not_the_users(memory: MemoryEngine) -> None:
    hooks = MemoryHooks(memory)
    agent, model = agent_of("In Lisbon.", Use("Town", {"name": "Lisbon"}), hooks=[hooks])

    result = await agent.invoke_async(QUESTION, invocation_state=as_user("ada"), structured_output_model=Town)

    assert result.structured_output == Town(name="Lisbon")
    assert len(model.shown) == 2
    assert hooks.stats().recalls == 1
    assert model.texts(1).count(FENCE) == 1
    assert await kept(memory) == [f"user: {QUESTION}", "assistant: In Lisbon."]


async def test_what_a_guardrail_takes_back_is_not_remembered(memory: MemoryEngine) -> None:
    agent, _ = agent_of(TakenBack(), hooks=[MemoryHooks(memory)])

    await agent.invoke_async("My secret word is swordfish.", invocation_state=as_user("ada"))

    assert await kept(memory) == ["user: [taken back]", "assistant: I cannot talk about that."]


async def test_an_answer_that_the_model_did_not_give_is_not_retained(memory: MemoryEngine) -> None:
    def deny(event: BeforeModelCallEvent) -> None:
        event.cancel = "not today"

    def deny_all(event: BeforeInvocationEvent) -> None:
        event.cancel = "never"

    denied, _ = agent_of(hooks=[deny, MemoryHooks(memory)])
    refused, _ = agent_of(hooks=[deny_all, MemoryHooks(memory)])
    cancelled, model = agent_of("Never said.", hooks=[MemoryHooks(memory)])

    async def cancel() -> None:
        cancelled.cancel()

    model.before = cancel
    for agent in (denied, refused, cancelled):
        await agent.invoke_async(f"{QUESTION} {id(agent)}", invocation_state=as_user("ada"))

    assert [str(agent.messages[-1]["role"]) for agent in (denied, refused, cancelled)] == ["assistant"] * 3
    assert sorted(await kept(memory)) == sorted(f"user: {QUESTION} {id(agent)}" for agent in (denied, cancelled))


async def test_what_a_hook_goes_on_with_is_not_the_users(memory: MemoryEngine) -> None:
    def check(event: AfterInvocationEvent) -> None:
        if event.result is not None and "Lisbon" not in str(event.result):
            event.resume = "Be more precise."

    hooks = MemoryHooks(memory)
    agent, model = agent_of("Somewhere.", "In Lisbon.", "In Lisbon, by the river.", hooks=[check, hooks])

    await agent.invoke_async(QUESTION, invocation_state=as_user("ada"))
    await agent.invoke_async("Be more precise.", invocation_state=as_user("ada"))

    assert FACT in model.texts(1)
    assert model.texts(1).count(FENCE) == 1
    said = [f"user: {QUESTION}", "assistant: Somewhere.", "assistant: In Lisbon."]
    assert await kept(memory) == [*said, "user: Be more precise.", "assistant: In Lisbon, by the river."]


async def test_tools_that_code_calls_by_itself_are_not_a_conversation(memory: MemoryEngine) -> None:
    agent, model = agent_of("Wet.", hooks=[MemoryHooks(memory)], tools=[look_up])

    agent.tool.look_up(city="Porto")
    await agent.invoke_async(QUESTION, invocation_state=as_user("ada"))

    assert len(agent.messages) == 6
    assert FACT in repr(model.shown[0][-1])
    assert await kept(memory) == [f"user: {QUESTION}", "assistant: Wet."]


async def test_a_question_asked_again_after_a_failure_is_one_question(memory: MemoryEngine) -> None:
    agent, model = agent_of(OSError("down"), OSError("down"), "In Lisbon.", "Yes.", "Yes!", hooks=[MemoryHooks(memory)])

    for _ in range(2):
        with pytest.raises(Exception, match="down"):
            await agent.invoke_async(QUESTION, invocation_state=as_user("ada"))
    await agent.invoke_async(QUESTION, invocation_state=as_user("ada"))
    await agent.invoke_async("Sure?", invocation_state=as_user("ada"))
    await agent.invoke_async("Sure?", invocation_state=as_user("ada"))

    assert FACT in model.texts(2)
    said = [f"user: {QUESTION}", "assistant: In Lisbon.", "user: Sure?", "assistant: Yes."]
    assert await kept(memory) == [*said, "user: Sure?", "assistant: Yes!"]


async def test_nothing_that_goes_wrong_in_a_memory_reaches_the_agent(
    memory: MemoryEngine, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> Any:
        raise ZeroDivisionError

    broken = [
        MemoryHooks(memory, bank=fail),
        MemoryHooks(memory, trigger=fail),
        MemoryHooks(memory, retention=Retention(accept=fail)),
    ]
    agent, model = agent_of("Hi.", hooks=broken)

    result = await agent.invoke_async(QUESTION, invocation_state=as_user("ada"))

    assert str(result) == "Hi.\n"
    assert model.texts().count(FENCE) == 1  # that of the one which only cannot retain
    assert "ZeroDivisionError" in caplog.text
    assert broken[2].stats().retain_failures > 0


async def test_a_memory_that_does_not_answer_is_not_waited_for(memory: MemoryEngine, store: BreakableStore) -> None:
    hooks = MemoryHooks(memory, timeout=0.05)
    agent, model = agent_of("Hi.", hooks=[hooks])
    store.slow = True

    await agent.invoke_async(QUESTION, invocation_state=as_user("ada"))
    store.slow = False
    left = await hooks.flush(seconds=30)

    assert left == 0
    assert FENCE not in model.texts()
    assert hooks.stats().recall_failures == 1
    assert await kept(memory) == [f"user: {QUESTION}", "assistant: Hi."]


async def test_a_closed_memory_costs_only_the_memory(memory: MemoryEngine, caplog: pytest.LogCaptureFixture) -> None:
    agent, _ = agent_of("Hi.", hooks=[MemoryHooks(memory)])
    await memory.aclose()

    result = await agent.invoke_async(QUESTION, invocation_state=as_user("ada"))

    assert str(result) == "Hi.\n"
    assert "closed" in caplog.text


async def test_each_call_may_have_a_loop_of_its_own(memory: MemoryEngine) -> None:
    agent, model = agent_of("One.", "Two.", hooks=[MemoryHooks(memory)])

    def run(question: str) -> None:
        asyncio.run(agent.invoke_async(question, invocation_state=as_user("ada")))

    await asyncio.to_thread(run, QUESTION)
    await asyncio.to_thread(run, "And where else do I live?")

    assert FACT in model.texts(1)
    assert len(await kept(memory)) == 4


async def test_a_stream_may_be_read_from_several_tasks(memory: MemoryEngine) -> None:
    agent, model = agent_of(Use("look_up", {"city": "Porto"}), "Wet.", hooks=[MemoryHooks(memory)], tools=[look_up])
    stream = agent.stream_async(QUESTION, invocation_state=as_user("ada")).__aiter__()

    async def step() -> bool:
        try:
            await stream.__anext__()
        except StopAsyncIteration:
            return False
        return True

    while await asyncio.create_task(step()):
        pass

    assert FACT in model.texts(1)
    assert await kept(memory) == [f"user: {QUESTION}", "assistant: Wet."]


async def test_calls_that_run_in_each_other_keep_their_users_apart(memory: MemoryEngine) -> None:
    agent, model = agent_of(hooks=[MemoryHooks(memory)], concurrent_invocation_mode="unsafe_reentrant")
    both = asyncio.Barrier(2) if hasattr(asyncio, "Barrier") else None

    async def meet() -> None:
        if both is not None:
            await both.wait()

    model.before = meet
    await asyncio.gather(
        *(agent.invoke_async(f"I am {user}. {QUESTION}", invocation_state=as_user(user)) for user in ("ada", "bob"))
    )

    for user in ("ada", "bob"):
        assert sorted(await kept(memory, f"user:{user}")) == ["assistant: Done.", f"user: I am {user}. {QUESTION}"]


async def test_agents_and_conversations_are_not_kept_alive(memory: MemoryEngine) -> None:
    hooks = MemoryHooks(memory)
    agent, _ = agent_of("Hi.", hooks=[hooks])
    await agent.invoke_async(QUESTION, invocation_state=as_user("ada"))
    gone = weakref.ref(agent)

    del agent
    gc.collect()

    assert gone() is None


async def test_what_is_said_is_on_disk_before_the_model_is_called(memory: MemoryEngine) -> None:
    agent, model = agent_of("Hi.", hooks=[MemoryHooks(memory)])
    seen: list[str] = []

    async def look() -> None:
        seen.extend(await kept(memory))

    model.before = look
    await agent.invoke_async(QUESTION, invocation_state=as_user("ada"))

    assert seen == [f"user: {QUESTION}"]


async def test_what_was_recalled_and_said_back_is_not_retained(memory: MemoryEngine) -> None:
    recalled = (await memory.recall("user:ada", QUESTION)).text
    agent, _ = agent_of(f"You told me:\n{recalled}", hooks=[MemoryHooks(memory)])

    await agent.invoke_async(QUESTION, invocation_state=as_user("ada"))

    assert await kept(memory) == [f"user: {QUESTION}", "assistant: You told me:\n"]


async def test_only_what_is_wanted_is_retained(memory: MemoryEngine) -> None:
    def wanted(message: Message) -> bool:
        return "secret" not in repr(message["content"])

    agent, _ = agent_of("Ok.", "Ok.", hooks=[MemoryHooks(memory, retention=Retention(accept=wanted, tags=["chat"]))])

    await agent.invoke_async("This is secret.", invocation_state=as_user("ada"))
    await agent.invoke_async("This is not.", invocation_state=as_user("ada"))

    assert await kept(memory) == ["assistant: Ok.", "user: This is not.", "assistant: Ok."]
    assert {event.tags for event in (await memory.events("user:ada")).items if event.key != "fact"} == {("chat",)}


@pytest.mark.parametrize(
    "options", [{"agents": "everyone"}, {"placement": "top"}, {"trigger": "often"}, {"timeout": 0}]
)
def test_an_option_that_makes_no_sense_is_an_error_that_says_so(options: dict[str, Any]) -> None:
    with duramen.open_sync(":memory:") as memory, pytest.raises(BadInputError, match=next(iter(options))):
        MemoryHooks(memory, **options)
