from __future__ import annotations

from typing import Any

import pytest

from duramen.block import render
from duramen.turns import Retention, key_of, question_of
from duramen.turns.conversation import keys_of
from duramen.types import Message


def user(text: Any, **rest: Any) -> Message:
    return {"role": "user", "content": text, **rest}


def agent(text: Any, **rest: Any) -> Message:
    return {"role": "assistant", "content": text, **rest}


@pytest.mark.parametrize(
    "message",
    [
        {"role": "system", "content": "Be kind."},
        {"role": "developer", "content": "Be brief."},
        {"role": "tool", "content": "22 degrees"},
        user("   "),
        user([{"type": "image_url", "image_url": {"url": "data:"}}]),
        user([{"toolResult": {"content": [{"text": "22 degrees"}]}}]),
        user("Delegated: find flights", source="agent"),
        user("Here is a summary of the conversation to date:\n\nThey met."),
        agent("Let me look that up.", tool_calls=True),
        agent([{"type": "reasoning", "text": "She may mean Lisbon."}]),
        agent([{"reasoningContent": {"reasoningText": {"text": "Hm."}}}]),
        user("<recalled-memory note='x'>\n- [2025-01-01] Ada: I live in Lisbon\n</recalled-memory>"),
    ],
)
def test_what_neither_the_user_nor_the_agent_said_is_not_worth_retaining(message: Message) -> None:
    assert not Retention().wants(message)


@pytest.mark.parametrize(
    "message",
    [
        user("I live in Lisbon."),
        {"role": "human", "content": "I live in Lisbon."},
        agent("Noted."),
        {"role": "ai", "content": [{"type": "text", "text": "Noted."}]},
        user([{"type": "image", "url": "x"}, {"type": "text", "text": "What is this?"}]),
        user("Where do I live?\n\n<recalled-memory>\n- [2025-01-01] Lisbon\n</recalled-memory>"),
    ],
)
def test_what_the_user_and_the_agent_said_is(message: Message) -> None:
    assert Retention().wants(message)


def test_tools_and_steps_are_kept_on_request_and_the_last_word_is_the_callers() -> None:
    everything = Retention(roles=("user", "assistant", "tool"), steps=True, accept=lambda one: "secret" not in str(one))

    assert everything.wants({"role": "tool", "content": "22 degrees"})
    assert everything.wants(agent("Let me look that up.", tool_calls=True))
    assert not everything.wants(user("a secret"))


def test_only_the_text_of_a_message_goes_into_its_item_under_a_key_with_its_session() -> None:
    said = [user("I live in Lisbon.", id="m1", tool_calls=False), agent("Noted.", id="m2", extra=object())]

    items = Retention(tags=("chat",), metadata={"app": "x"}).items(said, session="s/1", actor="ada")

    assert [item.key for item in items] == ["s%2F1/m1", "s%2F1/m2"]
    assert [list(item.content) for item in items] == [
        [{"role": "user", "content": "I live in Lisbon."}],
        [{"role": "assistant", "content": "Noted."}],
    ]
    assert {(item.session, item.actor, item.tags, item.metadata["app"]) for item in items} == {
        ("s/1", "ada", ("chat",), "x")
    }


def test_messages_without_ids_have_the_same_keys_when_shown_again_and_twice_the_same_words_are_two() -> None:
    said = [user("Yes."), agent("Sure?"), user("Yes.")]

    keys = keys_of(said, "s")

    assert len(set(keys)) == 3
    assert keys_of(said, "s") == keys
    assert keys_of([*said, agent("Done.")], "s")[:3] == keys


def test_no_two_pairs_of_session_and_name_share_a_key() -> None:
    pairs = [("c", "a/b"), ("b/c", "a"), ("a%2Fb", "c"), ("c", None), ("", "c"), ("b/c", None)]

    assert len({key_of(name, session) for name, session in pairs}) == len(pairs)


def test_the_newest_words_of_the_user_ask() -> None:
    said = [
        user("Where do I live?", id="m1"),
        agent("", tool_calls=True),
        {"role": "tool", "content": "Lisbon"},
        user("Here is a summary of the conversation to date: nothing."),
        user("Write a haiku", source="agent"),
    ]

    assert question_of(said) == ("Where do I live?", "m1")
    assert question_of([agent("Hello!")]) is None
    assert question_of([]) is None


def test_a_block_in_a_question_is_not_asked_about() -> None:
    asked = question_of([user(f"Where do I live?\n\n<recalled-memory>{render(())}\nold</recalled-memory>")])

    assert asked is not None
    assert asked[0] == "Where do I live?"
