from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from strands import Agent, ToolContext, tool
from strands.agent.conversation_manager import SlidingWindowConversationManager, SummarizingConversationManager
from strands.hooks import BeforeToolCallEvent, HookProvider, HookRegistry
from strands.session import FileSessionManager
from strands.types.content import ContentBlock, Messages
from strands.types.exceptions import SessionException

import duramen
from duramen.errors import BadInputError
from duramen_strands.session import DuramenSessionManager
from tests.conftest import engine
from tests.duramen_strands.parts import ROOT, Speaker, TakenBack, Use, answer, texts


@pytest.fixture
def memory(lasting: duramen.MemoryEngine) -> duramen.MemoryEngine:
    return lasting


def agent(manager: Any, *lines: Any, **options: Any) -> Agent:
    given = {"agent_id": "a", "callback_handler": None, **options}
    return Agent(model=Speaker(*lines), session_manager=manager, **given)


def stored(manager: DuramenSessionManager, agent_id: str = "a") -> list[str]:
    return texts([message.to_message() for message in manager.list_messages(manager.session_id, agent_id)])


def test_an_agent_goes_on_where_it_stopped(memory: duramen.MemoryEngine) -> None:
    first = agent(DuramenSessionManager("s", memory), "Hello Ada.", state={"visits": 1})
    first("I am Ada.")
    first.state.set("visits", 2)
    first("Bye.")

    second = agent(DuramenSessionManager("s", memory), "Of course, Ada.")
    second("Do you know me?")

    assert texts(second.messages) == ["I am Ada.", "Hello Ada.", "Bye.", "Done.", "Do you know me?", "Of course, Ada."]
    assert second.messages[:4] == first.messages
    assert second.state.get() == {"visits": 2}
    assert texts(second.model.shown[0]) == texts(second.messages)[:5]  # type: ignore[attr-defined]  # ours


async def test_an_async_agent_on_the_loop_that_opened_the_memory_goes_on(tmp_path: Path) -> None:
    async with engine(tmp_path) as memory:
        first = agent(DuramenSessionManager("s", memory), "One.")
        await first.invoke_async("first")
        second = agent(DuramenSessionManager("s", memory), "Two.")

        async for _ in second.stream_async("second"):
            pass

    assert texts(second.messages) == ["first", "One.", "second", "Two."]


def test_an_agent_goes_on_after_its_process_ended(tmp_path: Path) -> None:
    counts = []
    for prompt, reply in (("first", "One."), ("second", "Two."), ("third", "Three.")):
        run = subprocess.run(
            [sys.executable, "-m", "tests.duramen_strands.session_process", str(tmp_path), prompt, reply],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        counts.append(int(run.stdout))

    assert counts == [2, 4, 6]
    with duramen.open_sync(str(tmp_path), embedder=duramen.HashingEmbedder()) as memory:
        resumed = agent(DuramenSessionManager("s", memory))
    assert texts(resumed.messages) == ["first", "One.", "second", "Two.", "third", "Three."]
    assert resumed.state.get("from") == "One."


def test_a_turn_that_failed_is_kept_as_far_as_it_went(memory: duramen.MemoryEngine) -> None:
    broken = agent(DuramenSessionManager("s", memory), RuntimeError("no model today"))
    with pytest.raises(RuntimeError, match="no model today"):
        broken("hello")

    assert texts(agent(DuramenSessionManager("s", memory)).messages) == ["hello"]


def test_messages_given_at_the_start_are_kept(memory: duramen.MemoryEngine) -> None:
    given: Messages = [{"role": "user", "content": [{"text": "a"}]}, {"role": "assistant", "content": [{"text": "b"}]}]
    agent(DuramenSessionManager("s", memory), messages=given)("c")

    assert stored(DuramenSessionManager("s", memory)) == ["a", "b", "c", "Done."]


def test_two_agents_of_one_session_keep_apart(memory: duramen.MemoryEngine) -> None:
    manager = DuramenSessionManager("s", memory)
    one, two = agent(manager, "I am one."), agent(manager, "I am two.", agent_id="b")
    one("who?")
    two("and you?")

    again = DuramenSessionManager("s", memory)
    assert texts(agent(again).messages) == ["who?", "I am one."]
    assert texts(agent(again, agent_id="b").messages) == ["and you?", "I am two."]
    with pytest.raises(SessionException, match="must be unique in a session"):
        agent(again)


def test_names_keep_sessions_of_one_id_apart(memory: duramen.MemoryEngine) -> None:
    agent(DuramenSessionManager("s", memory, name="acme"), "From acme.")("hello")
    agent(DuramenSessionManager("s", memory, name="globex"), "From globex.")("hello")

    assert stored(DuramenSessionManager("s", memory, name="acme")) == ["hello", "From acme."]
    assert DuramenSessionManager("s", memory).list_sessions()[0].session_id == "s"
    with pytest.raises(SessionException, match="Agent a in session s does not exist"):
        stored(DuramenSessionManager("s", memory))


async def test_sessions_that_run_at_once_keep_apart(memory: duramen.MemoryEngine) -> None:
    agents = {
        name: agent(DuramenSessionManager(name, memory), *(f"{name}: {turn}" for turn in range(5)))
        for name in ("s1", "s2", "s3")
    }

    async def talk(name: str) -> None:
        for turn in range(5):
            await agents[name].invoke_async(f"{name}? {turn}")

    await asyncio.gather(*map(talk, agents))

    for name in agents:
        expected = [text for turn in range(5) for text in (f"{name}? {turn}", f"{name}: {turn}")]
        assert stored(DuramenSessionManager(name, memory)) == expected


async def test_opening_a_session_at_once_makes_one(memory: duramen.MemoryEngine) -> None:
    managers = await asyncio.gather(
        *(asyncio.to_thread(DuramenSessionManager, "s", memory, name="default") for _ in range(8))
    )

    assert {manager.session.created_at for manager in managers} == {managers[0].list_sessions()[0].created_at}


def test_what_a_guardrail_took_back_is_not_read_again(memory: duramen.MemoryEngine) -> None:
    agent(DuramenSessionManager("s", memory), TakenBack())("my password is swordfish")

    resumed = agent(DuramenSessionManager("s", memory))

    assert texts(resumed.messages) == ["[taken back]", "I cannot talk about that."]
    entries = memory.portal.call(memory.shelf.scan(("strands.sessions",), below=True))
    assert b"swordfish" not in b"".join(entry.value for entry in entries)


def test_a_sliding_window_goes_on_where_it_was(memory: duramen.MemoryEngine) -> None:
    window = SlidingWindowConversationManager(window_size=4)
    first = agent(DuramenSessionManager("s", memory), conversation_manager=window)
    for turn in range(6):
        first(f"turn {turn}")

    resumed = SlidingWindowConversationManager(window_size=4)
    second = agent(DuramenSessionManager("s", memory), conversation_manager=resumed)

    assert window.removed_message_count == 8
    assert resumed.removed_message_count == 8
    assert texts(second.messages) == texts(first.messages) == ["turn 4", "Done.", "turn 5", "Done."]
    assert len(stored(DuramenSessionManager("s", memory))) == 12


def test_a_summary_stands_for_what_it_replaced(memory: duramen.MemoryEngine) -> None:
    def summarizing() -> SummarizingConversationManager:
        return SummarizingConversationManager(summary_ratio=0.5, preserve_recent_messages=2)

    first = agent(DuramenSessionManager("s", memory), conversation_manager=summarizing())
    for turn in range(4):
        first(f"turn {turn}")
    first.model.lines.append("Ada counted turns.")  # type: ignore[attr-defined]  # ours
    first.conversation_manager.reduce_context(first)
    first("turn 4")

    second = agent(DuramenSessionManager("s", memory), conversation_manager=summarizing())

    assert "Ada counted turns." in texts(second.messages)[0]
    assert texts(second.messages) == texts(first.messages)
    assert len(second.messages) == 7


def test_an_interrupted_agent_goes_on_with_the_answer(memory: duramen.MemoryEngine) -> None:
    answers: list[str] = []

    @tool(context=True)
    def delete(what: str, tool_context: ToolContext) -> str:
        """Delete something."""
        answers.append(tool_context.interrupt("confirm", reason=f"Delete {what}?"))
        return f"deleted {what}"

    first = agent(DuramenSessionManager("s", memory), Use("delete", {"what": "it"}), tools=[delete])
    stopped = first("Delete it.")
    assert stopped.stop_reason == "interrupt"
    assert stopped.interrupts is not None

    second = agent(DuramenSessionManager("s", memory), "It is gone.", tools=[delete])
    done = second(answer(stopped.interrupts[0].id, "yes"))

    assert done.stop_reason == "end_turn"
    assert answers == ["yes"]
    results = [
        content["toolResult"]
        for message in second.messages
        for content in message["content"]
        if "toolResult" in content
    ]
    assert [result["content"] for result in results] == [[{"text": "deleted it"}]]
    assert texts(agent(DuramenSessionManager("s", memory)).messages) == ["Delete it.", "It is gone."]


def test_an_interrupt_by_a_hook_is_kept_too(memory: duramen.MemoryEngine) -> None:
    class Ask(HookProvider):
        def register_hooks(self, registry: HookRegistry, **options: Any) -> None:
            registry.add_callback(BeforeToolCallEvent, self.ask)

        def ask(self, event: BeforeToolCallEvent) -> None:
            if event.interrupt("may-i", reason={"tool": event.tool_use["name"]}) != "yes":
                event.cancel_tool = "not allowed"

    @tool
    def noop() -> str:
        """Do nothing."""
        return "did nothing"

    first = agent(DuramenSessionManager("s", memory), Use("noop", {}), tools=[noop], hooks=[Ask()])
    stopped = first("Go.")
    assert stopped.interrupts is not None

    second = agent(DuramenSessionManager("s", memory), tools=[noop], hooks=[Ask()])
    done = second(answer(stopped.interrupts[0].id, "yes"))

    assert done.stop_reason == "end_turn"
    assert "did nothing" in str(second.messages)


def test_a_tool_call_without_a_result_is_mended_as_strands_does(memory: duramen.MemoryEngine) -> None:
    broken: Messages = [
        {"role": "user", "content": [{"text": "go"}]},
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t1", "name": "x", "input": {}}}]},
        {"role": "user", "content": [{"text": "well?"}]},
    ]
    agent(DuramenSessionManager("s", memory), messages=broken)

    resumed = agent(DuramenSessionManager("s", memory))

    results = [
        content["toolResult"]["toolUseId"] for content in resumed.messages[2]["content"] if "toolResult" in content
    ]
    assert results == ["t1"]


def test_pictures_come_back_as_bytes(memory: duramen.MemoryEngine) -> None:
    picture = bytes(range(256)) * 4096
    first = agent(DuramenSessionManager("s", memory))
    look: list[ContentBlock] = [{"text": "Look."}, {"image": {"format": "png", "source": {"bytes": picture}}}]
    first(look)

    second = agent(DuramenSessionManager("s", memory))

    assert second.messages[0]["content"][1]["image"]["source"]["bytes"] == picture


def test_it_keeps_what_the_file_session_manager_keeps(memory: duramen.MemoryEngine, tmp_path: Path) -> None:
    @tool
    def add(a: int, b: int) -> int:
        """Add."""
        return a + b

    def run(manager: Any) -> list[Any]:
        one = agent(manager, Use("add", {"a": 1, "b": 2}), "Three.", tools=[add], state={"n": 1})
        one("How much is 1 + 2?")
        return [message.to_dict() for message in manager.list_messages("s", "a")]

    ours = run(DuramenSessionManager("s", memory))
    theirs = run(FileSessionManager("s", str(tmp_path / "files")))

    for message in (*ours, *theirs):
        for varying in ("created_at", "updated_at"):
            assert message.pop(varying)
        message["message"].pop("tracking_id", None)
        message["message"].get("metadata", {}).get("metrics", {}).clear()
    assert ours == theirs


def test_a_memory_that_is_gone_stops_the_turn_with_an_error_of_the_session(memory: duramen.MemoryEngine) -> None:
    one = agent(DuramenSessionManager("s", memory), "One.", "Two.")
    one("first")
    memory.close()

    with pytest.raises(SessionException, match="The memory that keeps the sessions cannot be used"):
        one("second")


def test_a_session_that_was_deleted_begins_anew(memory: duramen.MemoryEngine) -> None:
    manager = DuramenSessionManager("s", memory)
    one = agent(manager)
    one("hello")
    manager.delete_session("s")

    with pytest.raises(SessionException, match="Agent a in session s does not exist"):
        one("are you there?")

    assert agent(DuramenSessionManager("s", memory)).messages == []


def test_of_a_session_that_was_deleted_nothing_is_left_on_disk(tmp_path: Path) -> None:
    memory = engine(tmp_path)
    manager = DuramenSessionManager("s", memory)
    agent(manager, "I will not tell.", state={"code": "swordfish"})("The password is swordfish.")
    assert "swordfish" in stored(manager)[0]

    manager.delete_session("s")
    memory.close()

    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not any(b"swordfish" in content for content in files)


@pytest.mark.parametrize("name", ["", " ", "a\0b", None, 3])
def test_a_session_id_that_is_none_is_refused(memory: duramen.MemoryEngine, name: Any) -> None:
    with pytest.raises(BadInputError, match="The session_id"):
        DuramenSessionManager(name, memory)


def test_nothing_of_a_session_is_recalled(memory: duramen.MemoryEngine) -> None:
    agent(DuramenSessionManager("s", memory))("I am allergic to peanuts.")

    assert memory.portal.call(memory.banks()).items == ()
