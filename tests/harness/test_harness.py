"""What a harness does around an agent: load, bring, call, save."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from duramen.errors import BadContentError, BankResolutionError, StrategyError
from duramen.harness import ExistingMemory, Harness, NoMemory, Retrieval
from duramen.types import Message
from tests.harness.calls import BANK, harness_of, history, opened, say, shared, words
from tests.harness.conftest import Echo
from tests.simple_strategies import texts

CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "seats", "arguments": '{"flight": "X1"}'}}],
}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "12A"}


async def test_a_turn_is_saved_and_stands_in_the_next_prompt(address: str) -> None:
    async with opened(address) as memory:
        agent = Echo("Hello, Ada.", "You are Ada.")
        harness = await harness_of(memory, agent)

        first = await say(harness, "I am Ada.")
        second = await say(harness, "Who am I?")

        assert words(await history(memory)) == ["I am Ada.", "Hello, Ada.", "Who am I?", "You are Ada."]
    assert (first.text, first.loaded, first.saved, first.notes) == ("Hello, Ada.", 0, True, ())
    assert (second.text, second.loaded, second.messages) == (
        "You are Ada.",
        2,
        ({"role": "assistant", "content": "You are Ada."},),
    )
    assert [message["role"] for message in agent.shown[1]] == ["user", "assistant", "user"]


async def test_what_is_recalled_is_neither_saved_nor_learned(address: str) -> None:
    async with opened(address) as memory:
        agent = Echo()
        harness = await harness_of(memory, agent)
        await say(harness, "Ada keeps bees in the orchard.")

        answer = await say(harness, "Where does Ada keep bees?", session="s2")
        third = await say(harness, "And where does Ada keep bees in winter?", session="s2")

        assert "<recalled-memory" in str(agent.shown[1][-1]["content"])
        assert "bees in the orchard" in str(agent.shown[1][-1]["content"])
        assert "recalled-memory" not in str(await history(memory, "s2"))
        assert "recalled-memory" not in str(agent.shown[2][:-1])
        assert not [text for text in await texts(memory, BANK) if "recalled-memory" in text]
    assert [hit.memory.text for hit in answer.recalled] == ["Ada keeps bees in the orchard."]
    assert third.loaded == 2


async def test_calls_and_results_of_tools_survive_in_the_history(address: str) -> None:
    turns: list[Any] = [[CALL, RESULT, {"role": "assistant", "content": "Seat 12A is yours."}], "You have seat 12A."]
    shown: list[list[Message]] = []

    def agent(messages: list[Message]) -> Any:
        shown.append(messages)
        return turns[len(shown) - 1]

    async with opened(address) as memory:
        harness = await harness_of(memory, agent)

        first = await say(harness, "Book me a seat.")
        await say(harness, "Which one is it?")

    assert first.text == "Seat 12A is yours."
    assert shown[1][1:4] == [CALL, RESULT, {"role": "assistant", "content": "Seat 12A is yours."}]


async def test_a_turn_of_more_messages_than_an_event_holds_is_saved_whole(address: str) -> None:
    steps = [{"role": "assistant", "content": f"Step {number}."} for number in range(230)]
    async with opened(address) as memory:
        answer = await say(await harness_of(memory, lambda messages: steps), "Go on.")

        assert words(await history(memory)) == ["Go on.", *(step["content"] for step in steps)]
    assert answer.saved


async def test_content_in_parts_is_shown_saved_and_recalled_by(address: str) -> None:
    asked: Message = {
        "role": "user",
        "content": [
            {"type": "text", "text": "Where does Ada keep bees?"},
            {"type": "image_url", "image_url": {"url": "x"}},
        ],
    }
    async with opened(address) as memory:
        agent = Echo()
        harness = await harness_of(memory, agent)
        await say(harness, "Ada keeps bees in the orchard.")

        await harness.invoke(asked, session="s2", actor="ada")

        assert (await history(memory, "s2"))[0]["content"] == asked["content"]
    parts = agent.shown[-1][-1]["content"]
    assert parts[:2] == asked["content"]
    assert "bees in the orchard" in parts[2]["text"]
    assert len(asked["content"]) == 2


async def test_several_new_messages_may_be_given_at_once(address: str) -> None:
    given: list[Message] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello."}]
    async with opened(address) as memory:
        agent = Echo("Hi.")

        await (await harness_of(memory, agent)).invoke(given, session="s1", actor="ada")

        assert words(await history(memory)) == ["Be brief.", "Hello.", "Hi."]
    assert agent.shown == [given]


async def test_an_agent_that_raises_saves_nothing_and_can_be_called_again(address: str) -> None:
    answers: list[Any] = [ConnectionError("the model is down"), "Hello."]

    def agent(messages: list[Message]) -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    async with opened(address) as memory:
        harness = await harness_of(memory, agent)
        with pytest.raises(ConnectionError, match="the model is down"):
            await harness.invoke("Hi.", session="s1", actor="ada")
        nothing = await history(memory)

        again = await harness.invoke("Hi.", session="s1", actor="ada")

        assert (nothing, words(await history(memory))) == ([], ["Hi.", "Hello."])
    assert again.saved


async def test_something_that_is_no_message_is_refused_and_nothing_is_saved(address: str) -> None:
    async with opened(address) as memory:
        harness = await harness_of(memory, lambda messages: 7)

        with pytest.raises(BadContentError, match="returned a int"):
            await harness.invoke("Hi.", session="s1", actor="ada")

        assert await history(memory) == []


async def test_a_turn_that_cannot_be_kept_is_noted_and_holds_up_no_other(address: str) -> None:
    answers: list[Any] = [{"content": "Here.", "attachment": b"bytes"}, "Fine."]
    async with opened(address) as memory:
        harness = await harness_of(memory, lambda messages: answers.pop(0))

        lost = await harness.invoke("Send me the file.", session="s1", actor="ada")
        kept = await harness.invoke("Thanks.", session="s1", actor="ada")

        assert words(await history(memory)) == ["Thanks.", "Fine."]
    assert (lost.text, lost.saved, kept.saved, kept.notes) == ("Here.", False, True, ())
    assert "a bytes, which cannot be kept as JSON" in lost.notes[0]
    assert memory.tally.stats().lost == 1


@pytest.mark.parametrize("blank", ["", "  \n", [], {"role": "user", "content": ""}, [{"role": "user", "content": " "}]])
async def test_a_blank_message_is_refused_before_the_agent_is_called(address: str, blank: Any) -> None:
    async with opened(address) as memory:
        agent = Echo()

        with pytest.raises(BadContentError, match="Say something"):
            await (await harness_of(memory, agent)).invoke(blank, session="s1", actor="ada")

    assert agent.shown == []


async def test_an_actor_that_cannot_name_a_bank_is_refused(address: str) -> None:
    async with opened(address) as memory:
        agent = Echo()

        with pytest.raises(BankResolutionError):
            await (await harness_of(memory, agent)).invoke("Hi.", session="s1", actor="a\0b")

    assert agent.shown == []


@pytest.mark.parametrize("name", ["", " ", None, 7])
async def test_a_harness_has_a_name(address: str, name: Any) -> None:
    async with opened(address) as memory:
        with pytest.raises(StrategyError, match="cannot name a harness"):
            Harness(memory, name, Echo())


async def test_the_actor_of_the_configuration_speaks_where_a_call_names_none(address: str) -> None:
    async with opened(address) as memory:
        configuration = (await shared(memory)).__class__(resource="notes", actor="ada")
        harness = await harness_of(memory, configuration=configuration)

        await say(harness, "Ada keeps bees.", actor=None)
        await say(harness, "Bob keeps goats.", actor="bob")

        assert await texts(memory, BANK) == ["Ada keeps bees.", "Noted."]


async def test_a_shared_resource_has_one_memory_and_its_namespaces_keep_actors_apart(address: str) -> None:
    async with opened(address) as memory:
        agent = Echo()
        harness = await harness_of(memory, agent, configuration=await shared(memory, shared=True))
        await say(harness, "Ada keeps bees.", actor="ada")
        await say(harness, "Bob keeps goats.", actor="bob")

        answer = await say(harness, "Who keeps what, bees or goats?", session="s2", actor="bob")
        bank = "resource:notes:shared"

        assert {bank} == {one.name for one in (await memory.banks()).items}
        assert words(await history(memory, "s1", bank, "ada")) == ["Ada keeps bees.", "Noted."]
    assert {hit.memory.actor for hit in answer.recalled} == {"bob"}


async def test_harnesses_that_share_a_memory_go_on_with_each_others_sessions(address: str) -> None:
    async with opened(address) as memory:
        configuration = await shared(memory)
        one = await harness_of(memory, name="one", configuration=configuration)
        agent = Echo()
        other = await harness_of(memory, agent, name="other", configuration=configuration)
        await say(one, "I am Ada.")

        answer = await say(other, "Who am I?")

    assert answer.loaded == 2
    assert words(agent.shown[0])[0] == "I am Ada."


async def test_calls_at_once_are_all_saved_once(address: str) -> None:
    async with opened(address) as memory:
        one, other = await harness_of(memory, name="one"), await harness_of(memory, name="other")

        answers = await asyncio.gather(
            *(
                (one if number % 2 else other).invoke(f"Call {number}.", session="s1", actor="ada")
                for number in range(12)
            )
        )

        said = words(await history(memory))
        failures = memory.tally.stats().retain_failures
    assert all(answer.saved for answer in answers)
    assert ({answer.notes for answer in answers}, failures) == ({()}, 0)
    assert sorted(said) == sorted([*(f"Call {number}." for number in range(12)), *["Noted."] * 12])
    assert all(said[place + 1] == "Noted." for place in range(0, 24, 2))


PROCESS = """
import asyncio, sys
from tests.harness.calls import *

async def main():
    async with opened(sys.argv[1]) as memory:
        harness = await harness_of(memory, Echo(sys.argv[3]))
        answer = await say(harness, sys.argv[2])
        print(answer.loaded, answer.saved)

asyncio.run(main())
"""


def test_another_process_goes_on_with_a_session(tmp_path: Path) -> None:
    def call(said: str, answer: str) -> str:
        command = [sys.executable, "-c", PROCESS, str(tmp_path / "memory"), said, answer]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[2])
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    first = call("I am Ada.", "Hello, Ada.")
    second = call("Who am I?", "You are Ada.")

    assert (first, second) == ("0 True", "2 True")


async def test_a_limit_of_messages_loads_the_latest(address: str) -> None:
    async with opened(address) as memory:
        configuration = (await shared(memory)).__class__(resource="notes", messages=2)
        agent = Echo()
        harness = await harness_of(memory, agent, configuration=configuration)

        answer = await say(harness, "One.", "Two.", "Three.")

    assert words(agent.shown[-1])[:2] == ["Two.", "Noted."]
    assert answer.loaded == 2


BANK_OF_TWO = "resource:notes:shared"


async def test_without_an_actor_a_session_of_a_shared_resource_has_a_memory_of_its_own(address: str) -> None:
    async with opened(address) as memory:
        harness = await harness_of(memory, configuration=await shared(memory, shared=True))
        await say(harness, "The secret of the bees is Xanthe.", session="alice", actor=None)

        others = [
            await say(harness, "What is the secret of the bees?", session=session, actor=actor)
            for session, actor in (("bob", None), ("bob", "-"), ("alice", "-"), ("alice", "zed"))
        ]
        again = await say(harness, "What is it?", session="alice", actor=None)

        assert "Xanthe" not in str(await texts(memory, BANK_OF_TWO))
    assert [(other.recalled, other.loaded) for other in others] == [((), 0)] * 4
    assert again.loaded == 2


@pytest.mark.parametrize("whether_shared", [True, False])
async def test_an_actor_called_as_nobody_is_never_meets_nobody(address: str, whether_shared: bool) -> None:
    async with opened(address) as memory:
        agent = Echo()
        harness = await harness_of(memory, agent, configuration=await shared(memory, shared=whether_shared))
        await say(harness, "Dash keeps bees.", session="s1", actor="-")

        nobody = await say(harness, "Who keeps bees?", session="s1", actor=None)
        dash = await say(harness, "Who keeps bees?", session="s2", actor="-")

    assert (nobody.recalled, nobody.loaded) == ((), 0)
    assert "Dash keeps bees." in [hit.memory.text for hit in dash.recalled]


@pytest.mark.parametrize("actor", ["", " ", "\u200b"])
async def test_a_blank_actor_is_called_that(address: str, actor: str) -> None:
    async with opened(address) as memory:
        with pytest.raises(BankResolutionError, match=r"actor .* is blank"):
            await (await harness_of(memory)).invoke("Hi.", session="s1", actor=actor)


async def test_a_message_of_a_picture_alone_is_answered_and_saved(address: str) -> None:
    picture: Message = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}
    async with opened(address) as memory:
        agent = Echo()

        answer = await (await harness_of(memory, agent)).invoke(picture, session="s1", actor="ada")

        assert words(await history(memory)) == [picture["content"], "Noted."]
    assert (agent.shown, answer.saved, answer.notes) == ([[picture]], True, ())


async def test_metadata_fills_the_users_own_variables_and_is_saved(address: str) -> None:
    own = {"type": "semantic", "name": "facts", "namespace": "/{tenant}/facts/{actorId}/"}
    async with opened(address) as memory:
        harness = await harness_of(memory, configuration=await shared(memory, strategies=[own]))
        await harness.invoke("I moved to Lisbon.", session="s1", actor="ada", metadata={"tenant": "acme"})
        await memory.wait_idle(finish=True)

        same = await harness.invoke("Lisbon?", session="s2", actor="ada", metadata={"tenant": "acme"})
        other = await harness.invoke("Lisbon?", session="s3", actor="ada", metadata={"tenant": "umbrella"})
        (event,) = (await memory.sessions.events(BANK, "ada", "s1")).items

    assert [hit.memory.namespace for hit in same.recalled] == ["/acme/facts/ada/"]
    assert (other.recalled, other.saved, other.notes) == ((), True, ())
    assert event.metadata == {"tenant": "acme"}


@pytest.mark.parametrize("metadata", [None, {}, {"actorId": "bob"}, {"tenant": " "}])
async def test_a_place_that_a_value_is_missing_for_is_left_out_and_noted(
    address: str, metadata: dict[str, str] | None
) -> None:
    retrieval = {"/{tenant}/{actorId}/": Retrieval(), "/notes/{actorId}/": Retrieval(relevance_score=0.0)}
    async with opened(address) as memory:
        await shared(memory)
        configuration = ExistingMemory(resource="notes", retrieval=retrieval)
        harness = await harness_of(memory, configuration=configuration)
        await say(harness, "Ada keeps bees.", actor="ada")

        answer = await harness.invoke("Who keeps bees?", session="s2", actor="ada", metadata=metadata)

    assert {hit.memory.actor for hit in answer.recalled} == {"ada"}
    assert (answer.saved, len(answer.notes)) == (True, 1)
    assert answer.notes[0].startswith("nothing from '/{tenant}/{actorId}/'")


async def test_without_a_memory_the_agent_is_called_all_the_same(address: str) -> None:
    async with opened(address) as memory:
        agent = Echo()
        harness = Harness(memory, "h", agent, configuration=NoMemory())

        answer = await say(harness, "Hi.")

    assert agent.shown == [[{"role": "user", "content": "Hi."}]]
    assert (answer.saved, answer.recalled, answer.loaded, answer.notes) == (False, (), 0, ())


async def test_a_streamed_answer_is_heard_as_it_comes_and_saved_as_a_whole(address: str) -> None:
    async def agent(messages: list[Message]) -> AsyncIterator[Any]:
        for piece in ("Hello, ", "Ada."):
            assert await history(memory) == []
            yield piece

    async with opened(address) as memory:
        harness = await harness_of(memory, agent)
        heard: list[str | Message] = []

        answer = await harness.invoke("I am Ada.", session="s1", actor="ada", heard=heard.append)

        assert words(await history(memory)) == ["I am Ada.", "Hello, Ada."]
    assert heard == ["Hello, ", "Ada."]
    assert (answer.text, answer.saved) == ("Hello, Ada.", True)


async def test_an_agent_that_fails_halfway_leaves_nothing(address: str) -> None:
    async def agent(messages: list[Message]) -> AsyncIterator[str]:
        yield "Hello, "
        raise OSError("The line is dead.")

    async with opened(address) as memory:
        harness = await harness_of(memory, agent)

        with pytest.raises(OSError, match="dead"):
            await harness.invoke("I am Ada.", session="s1", actor="ada")

        assert await history(memory) == []
