from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from langchain_core.chat_history import BaseChatMessageHistory
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import ConfigurableFieldSpec, Runnable, RunnableConfig
from langchain_core.runnables.history import RunnableWithMessageHistory

import duramen_langchain.history
from duramen import BadInputError, BankResolutionError, ClosedError, Identity, SyncMemoryEngine
from duramen_langchain.history import DuramenChatMessageHistory
from tests.conftest import engine
from tests.duramen_langchain.parts import ScriptedModel, calling
from tests.outages import BreakableStore

ADA: RunnableConfig = {"configurable": {"session_id": "s1"}}


@pytest.fixture
def memory(kept: SyncMemoryEngine) -> SyncMemoryEngine:
    return kept


def history_of(memory: SyncMemoryEngine, session: str = "s1", **options: Any) -> DuramenChatMessageHistory:
    return DuramenChatMessageHistory(memory, **{"bank": "user:ada", **options}, session=session)


def said(memory: SyncMemoryEngine, bank: str = "user:ada") -> list[str]:
    return [event.content for event in memory.events(bank).items]


def contents(messages: list[BaseMessage]) -> list[str]:
    return [str(message.content) for message in messages]


def with_history(runnable: Runnable[Any, Any], factory: Any, **keys: Any) -> RunnableWithMessageHistory:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated, and warnings are errors here
        return RunnableWithMessageHistory(runnable, factory, **keys)


def test_messages_come_back_as_they_were(memory: SyncMemoryEngine) -> None:
    messages: list[BaseMessage] = [
        SystemMessage("Be brief.", id="s"),
        HumanMessage([{"type": "text", "text": "Look:"}, {"type": "image_url", "image_url": {"url": "data:,"}}]),
        calling("look_up", query="Lisbon\ud800"),
        ToolMessage("Found.", tool_call_id="call-0-look_up", artifact={"pages": [1, 2]}),
        AIMessageChunk(
            content="Lisbon.", id="a", usage_metadata={"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
        ),
        ChatMessage(content="Hm.", role="critic", additional_kwargs={"why": None}),
    ]

    history_of(memory).add_messages(messages)

    assert history_of(memory).messages == messages


def test_an_artifact_that_json_has_no_form_for_is_kept_as_text(memory: SyncMemoryEngine) -> None:
    history = history_of(memory)

    history.add_messages(
        [ToolMessage("Found.", tool_call_id="c", artifact={"at": Path("a/b"), "of": AIMessage("Hm.")})]
    )

    (message,) = history.messages
    assert isinstance(message, ToolMessage)
    assert message.artifact["at"] == "a/b"
    assert message.artifact["of"]["content"] == "Hm."


async def test_the_twins_do_the_same(memory: SyncMemoryEngine) -> None:
    history = history_of(memory)

    assert isinstance(history, BaseChatMessageHistory)
    history.add_user_message("One.")
    await history.aadd_messages([AIMessage("Two.")])
    history.add_messages([])
    await history.aadd_messages([])
    assert contents(history.messages) == contents(await history.aget_messages()) == ["One.", "Two."]
    assert str(history) == "Human: One.\nAI: Two."
    await history.aclear()
    assert await history.aget_messages() == []
    history.add_ai_message("Three.")
    history.clear()
    assert history.messages == []


def test_banks_and_sessions_have_histories_of_their_own(memory: SyncMemoryEngine) -> None:
    places = [("user:ada", "s1"), ("user:ada", "s2"), ("user:bob", "s1"), (Identity(user="a"), "da:s1")]

    for bank, session in places:
        history_of(memory, session, bank=bank).add_user_message(f"{bank} {session}")
    history_of(memory, "s2").clear()

    assert [contents(history_of(memory, session, bank=bank).messages) for bank, session in places] == [
        [f"{bank} {session}"] if session != "s2" else [] for bank, session in places
    ]


def test_it_outlives_the_memory_that_wrote_it(tmp_path: Path) -> None:
    for number in range(12):
        with SyncMemoryEngine(engine(tmp_path)) as memory:
            history_of(memory, retain=False).add_user_message(str(number))

    with SyncMemoryEngine(engine(tmp_path)) as memory:
        assert contents(history_of(memory).messages) == [str(number) for number in range(12)]


def assert_all_in_order(kept: list[str], names: list[str], count: int) -> None:
    assert len(kept) == 2 * count * len(names)
    assert kept[1::2] == [f"{question}, yes" for question in kept[::2]]
    for name in names:
        assert [text for text in kept[::2] if text.startswith(f"{name} ")] == [f"{name} {n}" for n in range(count)]


def test_processes_that_write_at_once_lose_nothing_and_keep_pairs_together(tmp_path: Path) -> None:
    names = ["one", "two"]
    writers = [
        subprocess.Popen([sys.executable, "-m", "tests.duramen_langchain.history_process", str(tmp_path), name, "20"])
        for name in names
    ]

    codes = [writer.wait() for writer in writers]

    with SyncMemoryEngine(engine(tmp_path)) as memory:
        assert codes == [0, 0]
        assert_all_in_order(contents(history_of(memory).messages), names, 20)


async def test_threads_and_tasks_that_write_at_once_lose_nothing(memory: SyncMemoryEngine) -> None:
    names = [f"writer{number}" for number in range(6)]

    def pair(name: str, number: int) -> list[BaseMessage]:
        return [HumanMessage(f"{name} {number}"), AIMessage(f"{name} {number}, yes")]

    def write(name: str) -> None:
        for number in range(10):
            history_of(memory).add_messages(pair(name, number))

    async def write_soon(name: str) -> None:
        for number in range(10):
            await history_of(memory).aadd_messages(pair(name, number))

    with ThreadPoolExecutor() as pool:
        threads = [asyncio.get_running_loop().run_in_executor(pool, write, name) for name in names[:3]]
        await asyncio.gather(*threads, *map(write_soon, names[3:]))

    assert_all_in_order(contents(history_of(memory).messages), names, 10)
    assert len(said(memory)) == 100  # the first page of them


def test_what_is_said_is_retained_for_other_sessions(memory: SyncMemoryEngine) -> None:
    history = history_of(memory)

    for _ in range(2):
        history.add_messages([SystemMessage("Be brief."), HumanMessage("Yes."), AIMessage("Good.")])
    for _ in range(2):
        history.add_messages([HumanMessage("I live in Lisbon.", id="m1")])

    assert said(memory) == ["Yes.", "Good.", "Yes.", "Good.", "I live in Lisbon."]
    assert {event.session for event in memory.events("user:ada").items} == {"s1"}
    assert "Lisbon" in memory.recall("user:ada", "Where do I live?").text


def test_clearing_takes_the_messages_and_leaves_what_was_learned(memory: SyncMemoryEngine) -> None:
    history = history_of(memory)
    history.add_user_message("I live in Lisbon.")

    history.clear()
    history.add_user_message("I have a dog.")

    assert contents(history.messages) == ["I have a dog."]
    assert said(memory) == ["I live in Lisbon.", "I have a dog."]


async def test_without_retain_nothing_is_learned(memory: SyncMemoryEngine) -> None:
    history = history_of(memory, retain=False)

    history.add_user_message("I live in Lisbon.")
    await history.aadd_messages([AIMessage("Noted.")])

    assert len(history.messages) == 2
    assert said(memory) == []


async def test_an_outage_of_the_bank_leaves_the_history_whole_and_is_caught_up(
    memory: SyncMemoryEngine, store: BreakableStore
) -> None:
    history = history_of(memory)
    store.down = True

    history.add_user_message("I live in Lisbon.")
    kept = contents(await history.aget_messages())
    store.down = False
    await history.aadd_messages([AIMessage("Noted.")])

    assert kept == ["I live in Lisbon."]
    assert said(memory) == ["I live in Lisbon.", "Noted."]


async def test_a_history_that_cannot_be_read_or_written_says_so(memory: SyncMemoryEngine) -> None:
    history = history_of(memory)
    memory.close()

    with pytest.raises(ClosedError):
        history.add_user_message("Hello.")
    with pytest.raises(ClosedError):
        await history.aadd_messages([AIMessage("Hello.")])
    with pytest.raises(ClosedError):
        assert history.messages
    with pytest.raises(ClosedError):
        await history.aget_messages()
    with pytest.raises(ClosedError):
        history.clear()


def test_it_needs_to_know_whose_and_which_conversation_it_is(memory: SyncMemoryEngine) -> None:
    with pytest.raises(BankResolutionError):
        history_of(memory, bank=Identity(user=" "))
    with pytest.raises(BadInputError, match="bank"):
        history_of(memory, bank=None)
    for session in ("", None, 7):
        with pytest.raises(BadInputError, match="session"):
            history_of(memory, session)  # type: ignore[arg-type]


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_runnable_over_a_list_of_messages_goes_on_where_it_stopped(
    memory: SyncMemoryEngine, asynchronous: bool
) -> None:
    memory.retain("user:ada", "Ada lives in Lisbon.")
    model = ScriptedModel(*(AIMessage(f"Answer {number}.", id=f"a{number}") for number in range(3)))
    runnable = with_history(model, lambda session_id: history_of(memory, session_id))

    for number in range(3):
        asked = [HumanMessage(f"Question {number}?")]
        if asynchronous:
            await runnable.ainvoke(asked, ADA)
        else:
            runnable.invoke(asked, ADA)

    spoken = ["Question 0?", "Answer 0.", "Question 1?", "Answer 1.", "Question 2?", "Answer 2."]
    assert contents(history_of(memory).messages) == spoken
    assert [contents(asked) for asked in model.prompts] == [spoken[:1], spoken[:3], spoken[:5]]
    assert said(memory) == ["Ada lives in Lisbon.", *spoken]


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_prompt_with_a_place_for_the_history_keeps_two_users_apart(
    memory: SyncMemoryEngine, asynchronous: bool
) -> None:
    def history_for(user_id: str, session_id: str) -> DuramenChatMessageHistory:
        return history_of(memory, session_id, bank=Identity(user=user_id))

    prompt = ChatPromptTemplate.from_messages([MessagesPlaceholder("past"), ("human", "{question}")])
    model = ScriptedModel(*["Hello."] * 4)
    runnable = with_history(
        prompt | model,
        history_for,
        input_messages_key="question",
        history_messages_key="past",
        history_factory_config=[
            ConfigurableFieldSpec(id="user_id", annotation=str),
            ConfigurableFieldSpec(id="session_id", annotation=str),
        ],
    )

    for user in ("ada", "bob") * 2:
        config: RunnableConfig = {"configurable": {"user_id": user, "session_id": "s1"}}
        values = {"question": f"I am {user}."}
        if asynchronous:
            await runnable.ainvoke(values, config)
        else:
            runnable.invoke(values, config)

    for user in ("ada", "bob"):
        assert contents(history_for(user, "s1").messages) == [f"I am {user}.", "Hello."] * 2
        assert said(memory, f"user:{user}") == [f"I am {user}.", "Hello."] * 2
    assert [contents(asked) for asked in model.prompts[2:]] == [
        [f"I am {user}.", "Hello.", f"I am {user}."] for user in ("ada", "bob")
    ]


def test_where_langchain_has_no_chat_histories_the_error_says_what_to_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain_core.chat_history", None)
    spec = importlib.util.spec_from_file_location("without", Path(str(duramen_langchain.history.__file__)))
    assert spec is not None
    assert spec.loader is not None

    with pytest.raises(ImportError, match="MemoryMiddleware"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
