from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
)

from duramen.turns import Retention
from duramen.turns.conversation import role_of
from duramen_langchain import with_memory
from duramen_langchain.messages import message_of, messages_of, with_tail

BLOCK = "<recalled-memory>\n- Ada lives in Lisbon.\n</recalled-memory>"


@pytest.mark.parametrize(
    ("message", "role"),
    [
        (HumanMessage("Hello"), "user"),
        (AIMessage("Hello"), "assistant"),
        (AIMessageChunk(content="Hello"), "assistant"),
        (ToolMessage("Hello", tool_call_id="1"), "tool"),
        (SystemMessage("Hello"), "system"),
        (ChatMessage(content="Hello", role="assistant"), "assistant"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_message_has_the_role_of_who_said_it(message: BaseMessage, role: str) -> None:
    assert role_of(message_of(message)) == role


def test_a_message_is_named_by_its_id_and_a_tool_answer_by_its_call() -> None:
    assert message_of(HumanMessage("Hello", id="m1"))["id"] == "m1"
    assert message_of(ToolMessage("Sunshine", tool_call_id="call-1"))["id"] == "tool-call-1"
    assert message_of(HumanMessage("Hello"))["id"] is None


def test_an_id_that_does_not_last_names_the_turn_and_not_the_message() -> None:
    message = message_of(HumanMessage("Hello", id="m1"), lasting=False)

    assert (message["id"], message["turn"]) == (None, "m1")


def test_the_name_of_a_user_is_a_speaker_and_that_of_an_agent_is_not() -> None:
    assert message_of(HumanMessage("Hello", name="Ada"))["name"] == "Ada"
    assert message_of(AIMessage("Hello", name="agent-7"))["name"] is None


def test_what_removes_messages_is_none() -> None:
    given: list[object] = [RemoveMessage(id="m1"), HumanMessage("Hello"), ("user", "Hello"), None]

    assert [message["content"] for message in messages_of(given)] == ["Hello"]


@pytest.mark.parametrize(
    "message",
    [
        HumanMessage("Here is a summary …", additional_kwargs={"lc_source": "summarization"}),
        HumanMessage("Here is a summary of the conversation to date:\n\nThey spoke."),
        AIMessage("Model call limits exceeded: run limit (1/1)"),
        AIMessage("Tool call limit reached: run limit exceeded (2/1 calls)."),
        AIMessage("'weather' tool call limit reached: thread limit exceeded (2/1 calls)."),
        AIMessage("Model call failed after 3 attempts with ConnectionError: no route"),
        AIMessage("Let me see.", tool_calls=[{"name": "weather", "args": {}, "id": "1"}]),
        AIMessage("", invalid_tool_calls=[{"name": "weather", "args": "{", "id": "1", "error": None}]),
        AIMessage([{"type": "reasoning", "reasoning": "Hmm."}]),
        ToolMessage("Sunshine", tool_call_id="1"),
        SystemMessage("Be kind."),
        HumanMessage(""),
        HumanMessage([{"type": "image", "url": "https://example.com/a.png"}]),
    ],
    ids=lambda message: str(message.content)[:30],
)
def test_what_neither_user_nor_agent_said_to_the_other_is_not_retained(message: BaseMessage) -> None:
    assert not Retention().wants(message_of(message))


@pytest.mark.parametrize(
    "message",
    [
        HumanMessage("Model call limits exceeded: what does that mean?"),
        AIMessage("A tool call limit reached us."),
        AIMessage('{"place": "the sea"}'),
        HumanMessage([{"type": "text", "text": "Look!"}, {"type": "image", "url": "https://example.com/a.png"}]),
        AIMessage([{"type": "reasoning", "reasoning": "Hmm."}, {"type": "text", "text": "By the sea."}]),
    ],
    ids=lambda message: str(message.content)[:30],
)
def test_what_they_said_is(message: BaseMessage) -> None:
    assert Retention().wants(message_of(message))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('{"place": "the sea"}', False),
        (' [{"place": "the sea"}]\n', False),
        ("{curly} is my nickname", True),
        ("By the sea.", True),
        ("42", True),
    ],
)
def test_results_for_a_program_are_told_from_words_for_the_user(text: str, wanted: bool) -> None:
    assert Retention().wants(message_of(AIMessage(text), structured=True)) is wanted
    assert Retention().wants(message_of(HumanMessage(text), structured=True))


class TestWithMemory:
    def test_the_newest_message_of_the_user_gets_the_text_at_its_tail(self) -> None:
        messages: list[Any] = [HumanMessage("One", id="1"), AIMessage("Two"), HumanMessage("Three", id="3")]

        given = with_memory(messages, BLOCK)

        assert [message.content for message in given] == ["One", "Two", f"Three\n\n{BLOCK}"]
        assert given[2].id == "3"
        assert [message.content for message in messages] == ["One", "Two", "Three"]
        assert given[:2] == messages[:2]

    def test_a_message_made_by_middleware_is_not_the_users(self) -> None:
        notice = HumanMessage("Time is up.", additional_kwargs={"lc_source": "timer"})

        given = with_memory([HumanMessage("One"), notice], BLOCK)

        assert [message.content for message in given] == [f"One\n\n{BLOCK}", "Time is up."]

    def test_the_first_system_message_gets_it_if_wanted(self) -> None:
        given = with_memory([SystemMessage("Be kind."), HumanMessage("One")], BLOCK, placement="system")

        assert [message.content for message in given] == [f"Be kind.\n\n{BLOCK}", "One"]

    @pytest.mark.parametrize("placement", ["user", "system"])
    def test_without_such_a_message_it_goes_in_front(self, placement: Any) -> None:
        given = with_memory([AIMessage("Two")], BLOCK, placement=placement)

        assert given == [SystemMessage(BLOCK), AIMessage("Two")]

    @pytest.mark.parametrize("nothing", ["", None])
    def test_nothing_to_say_changes_nothing(self, nothing: str | None) -> None:
        messages: list[Any] = [HumanMessage("One")]

        given = with_memory(messages, nothing)

        assert given == messages
        assert given is not messages


def test_parts_stay_as_they_are_and_get_one_more() -> None:
    parts: list[Any] = ["Look:", {"type": "image", "url": "https://example.com/a.png"}]
    message = HumanMessage(parts)

    tailed = with_tail(message, BLOCK)

    assert tailed.content == [*parts, {"type": "text", "text": BLOCK}]
    assert message.content == parts


def test_an_empty_message_becomes_the_text() -> None:
    assert with_tail(HumanMessage(""), BLOCK).content == BLOCK
