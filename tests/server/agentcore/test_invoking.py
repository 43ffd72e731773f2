"""Harnesses are invoked by boto3: what the agent is shown, what is streamed, and what is saved."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest
from botocore.exceptions import EventStreamError

from duramen.server.caller import Grant
from duramen.server.keys import Keys
from duramen.server.settings import Settings
from duramen.types import Message
from tests.conftest import engine
from tests.server.agentcore.harnessing import DISABLED, Harnesses, harnessing, managed, session_of, text_of
from tests.server.agentcore.parts import clients
from tests.server.agentcore.talking import named, refused, user
from tests.server.running import running

VEGAN = "I am Ada, and I am vegan."
SECONDS = 20.0

OPENAI = [
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "seats", "arguments": '{"flight":"X1"}'}}],
    },
    {"role": "tool", "tool_call_id": "c1", "content": "12A"},
]
BEDROCK = [
    {"role": "assistant", "content": [{"toolUse": {"toolUseId": "c1", "name": "seats", "input": {"flight": "X1"}}}]},
    {
        "role": "user",
        "content": [{"toolResult": {"toolUseId": "c1", "content": [{"text": "12A"}], "status": "success"}}],
    },
]
ANTHROPIC = [
    {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "seats", "input": {"flight": "X1"}}]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "12A"}]},
]


@pytest.fixture(scope="module")
def server() -> Iterator[Harnesses]:
    with harnessing() as served:
        yield served


@pytest.fixture
def harnesses(server: Harnesses) -> Harnesses:
    """The server, with an agent that says "Noted." """
    server.agent.__init__()  # type: ignore[misc]  # as new
    return server


@pytest.fixture
def made(harnesses: Harnesses) -> dict[str, Any]:
    return harnesses.new()


def own(harnesses: Harnesses, **given: Any) -> dict[str, Any]:
    """Return a harness with a memory that was there before."""
    memory = harnesses.control.create_memory(**named({"eventExpiryDuration": 30}))["memory"]
    return harnesses.new(memory={"agentCoreMemoryConfiguration": {"arn": memory["arn"], **given}})


def memory_id(harness: dict[str, Any]) -> str:
    arn: str = harness["memory"]["agentCoreMemoryConfiguration"]["arn"]
    return arn.rpartition("/")[2]


def failing(harnesses: Harnesses, harness: dict[str, Any], said: str = "Hi.") -> tuple[list[dict[str, Any]], str]:
    """Invoke a harness whose stream fails; return the events before that, and what the error tells."""
    asked = {"runtimeSessionId": session_of("s1"), "messages": [{"role": "user", "content": [{"text": said}]}]}
    stream = harnesses.data.invoke_harness(harnessArn=harness["arn"], actorId="ada", **asked)["stream"]
    events: list[dict[str, Any]] = []
    with contextlib.closing(stream), pytest.raises(EventStreamError) as raised:
        events.extend(stream)
    return events, str(raised.value)


def test_an_answer_is_streamed_as_the_events_that_boto3_knows(harnesses: Harnesses, made: dict[str, Any]) -> None:
    harnesses.agent.answer = lambda messages: iter(["Hello, ", "Ada."])

    *events, last = harnesses.stream(made, "Hi.", actorId="ada")

    assert events == [
        {"messageStart": {"role": "assistant"}},
        {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "Hello, "}}},
        {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "Ada."}}},
        {"contentBlockStop": {"contentBlockIndex": 0}},
        {"messageStop": {"stopReason": "end_turn"}},
    ]
    usage = last["metadata"]["usage"]
    assert usage["inputTokens"] + usage["outputTokens"] == usage["totalTokens"] > 0
    assert last["metadata"]["metrics"]["latencyMs"] >= 0


def test_each_piece_comes_before_the_next_is_said(harnesses: Harnesses, made: dict[str, Any]) -> None:
    heard = threading.Event()

    def agent(messages: list[Message]) -> Iterator[str]:
        yield "first"
        assert heard.wait(SECONDS)
        yield "second"

    harnesses.agent.answer = agent
    messages = [{"role": "user", "content": [{"text": "Hi."}]}]
    stream = harnesses.data.invoke_harness(
        harnessArn=made["arn"], runtimeSessionId=session_of("s1"), messages=messages
    )["stream"]
    events = []
    for event in stream:
        events.append(event)
        if "contentBlockDelta" in event:
            heard.set()

    assert text_of(events) == "firstsecond"


def test_a_session_goes_on_where_it_stopped(harnesses: Harnesses, made: dict[str, Any]) -> None:
    harnesses.say(made, VEGAN, actorId="ada")
    harnesses.say(made, "Who am I?", actorId="ada")

    assert [message["content"] for message in harnesses.agent.shown[-1]][:2] == [VEGAN, "Noted."]
    assert [[one["conversational"]["role"] for one in payload] for payload in harnesses.saved(made, "ada")] == [
        ["USER", "ASSISTANT"],
        ["USER", "ASSISTANT"],
    ]
    assert harnesses.saved(made, "ada")[1][0]["conversational"]["content"]["text"] == VEGAN


def test_another_session_of_the_actor_knows_what_the_first_was_told_and_another_actor_does_not(
    harnesses: Harnesses, made: dict[str, Any]
) -> None:
    harnesses.say(made, VEGAN, "s1", actorId="ada")
    harnesses.learned()

    harnesses.say(made, "Is Ada vegan?", "s2", actorId="ada")
    assert "Ada is vegan" in harnesses.agent.prompt
    harnesses.say(made, "Is Ada vegan?", "s1", actorId="bob")
    assert "Ada is vegan" not in harnesses.agent.prompt
    assert VEGAN not in harnesses.agent.prompt


def test_without_an_actor_a_session_has_a_memory_of_its_own(harnesses: Harnesses, made: dict[str, Any]) -> None:
    harnesses.say(made, VEGAN, "s1", actorId="ada")
    harnesses.say(made, "I am Bob, and I am a pilot.", "s2")
    harnesses.learned()

    harnesses.say(made, "Is Ada vegan?", "s3")
    assert harnesses.agent.shown[-1] == [{"role": "user", "content": "Is Ada vegan?"}]
    harnesses.say(made, "Is Bob a pilot?", "s1", actorId="ada")
    assert "pilot?" in harnesses.agent.prompt
    assert "Bob is a pilot" not in harnesses.agent.prompt
    harnesses.say(made, "Is Bob a pilot?", "s2")
    assert harnesses.agent.shown[-1][0]["content"] == "I am Bob, and I am a pilot."


def test_sessions_of_a_harness_are_sessions_of_its_memory(harnesses: Harnesses, made: dict[str, Any]) -> None:
    harnesses.say(made, VEGAN, "s1", actorId="ada")
    harnesses.say(made, "Hi.", "s2")

    actors = harnesses.data.list_actors(memoryId=managed(made))["actorSummaries"]
    assert actors == [{"actorId": "ada"}]
    sessions = harnesses.data.list_sessions(memoryId=managed(made), actorId="ada")["sessionSummaries"]
    assert [one["sessionId"] for one in sessions] == [session_of("s1")]


def test_the_actor_of_the_configuration_is_meant_unless_the_call_names_one(harnesses: Harnesses) -> None:
    made = own(harnesses, actorId="ada")
    harnesses.say(made, "one")
    harnesses.say(made, "two", actorId="bob")

    actors = harnesses.data.list_actors(memoryId=memory_id(made))["actorSummaries"]

    assert [one["actorId"] for one in actors] == ["ada", "bob"]


def test_two_harnesses_share_a_memory_that_was_there_before(harnesses: Harnesses) -> None:
    first = own(harnesses, actorId="ada")
    second = harnesses.new(memory=first["memory"])
    harnesses.say(first, VEGAN)

    harnesses.say(second, "Hi.")

    assert VEGAN in harnesses.agent.prompt


def test_only_what_the_configuration_names_is_brought(harnesses: Harnesses) -> None:
    strategy = {"semanticMemoryStrategy": {"name": "facts", "namespaceTemplates": ["/facts/{actorId}/"]}}
    memory = harnesses.control.create_memory(**named({"eventExpiryDuration": 30, "memoryStrategies": [strategy]}))
    attached = {"arn": memory["memory"]["arn"], "actorId": "ada"}
    known, other = (
        harnesses.new(memory={"agentCoreMemoryConfiguration": {**attached, "retrievalConfig": {template: {"topK": 1}}}})
        for template in ("/facts/{actorId}/", "/other/{actorId}/")
    )
    harnesses.say(known, VEGAN)
    harnesses.learned()

    harnesses.say(known, "Is Ada vegan?", "s2")
    assert "Ada is vegan" in harnesses.agent.prompt
    harnesses.say(other, "Is Ada vegan?", "s3")
    assert "Ada is vegan" not in harnesses.agent.prompt


def test_what_was_filed_for_everybody_is_brought_and_what_others_said_there_is_not(harnesses: Harnesses) -> None:
    strategy = {"semanticMemoryStrategy": {"name": "facts", "namespaceTemplates": ["/rules/"]}}
    made = named({"eventExpiryDuration": 30, "memoryStrategies": [strategy]})
    memory = harnesses.control.create_memory(**made)["memory"]
    rule = {
        "requestIdentifier": "r1",
        "namespaces": ["/rules/"],
        "content": {"text": "Meals on board are vegan."},
        "timestamp": datetime.now(timezone.utc),
    }
    harnesses.data.batch_create_memory_records(memoryId=memory["id"], records=[rule])
    attached = {"arn": memory["arn"], "retrievalConfig": {"/rules/": {"topK": 5}}}
    known = harnesses.new(memory={"agentCoreMemoryConfiguration": attached})
    harnesses.say(known, VEGAN, actorId="ada")
    harnesses.learned()

    harnesses.say(known, "Are meals vegan? Is Ada vegan?", "s2", actorId="bob")

    assert "Meals on board are vegan." in harnesses.agent.prompt
    assert "Ada is vegan" not in harnesses.agent.prompt


def test_the_history_is_as_long_as_the_configuration_says(harnesses: Harnesses) -> None:
    made = own(harnesses, actorId="ada", messagesCount=2)
    for text in ("one", "two", "three"):
        harnesses.say(made, text)

    assert [message["content"] for message in harnesses.agent.shown[-1]] == ["two", "Noted.", "three"]


def test_a_conversation_is_truncated_as_the_harness_says(harnesses: Harnesses) -> None:
    window = {"strategy": "sliding_window", "config": {"slidingWindow": {"messagesCount": 1}}}
    made = harnesses.new(truncation=window)
    harnesses.say(made, "one", actorId="ada")
    harnesses.say(made, "two", actorId="ada")
    assert len(harnesses.agent.shown[-1]) == 1

    harnesses.update(made, truncation={"strategy": "none"})
    harnesses.say(made, "three", actorId="ada")

    assert [message["content"] for message in harnesses.agent.shown[-1]][:4] == ["one", "Noted.", "two", "Noted."]


def test_a_harness_without_a_memory_answers_and_saves_nothing(harnesses: Harnesses) -> None:
    made = harnesses.new(memory=DISABLED)
    harnesses.say(made, VEGAN, actorId="ada")

    assert harnesses.say(made, "Who am I?", actorId="ada") == "Noted."
    assert harnesses.agent.shown[-1] == [{"role": "user", "content": "Who am I?"}]


def test_an_updated_harness_goes_on_with_its_new_memory(harnesses: Harnesses, made: dict[str, Any]) -> None:
    harnesses.say(made, VEGAN, actorId="ada")
    other = own(harnesses)["memory"]

    updated = harnesses.update(made, memory={"optionalValue": other})
    harnesses.say(updated, "Who am I?", actorId="ada")

    assert VEGAN not in harnesses.agent.prompt
    assert len(harnesses.saved(made, "ada")) == 1


def test_the_system_prompt_is_shown_first_and_may_be_another_for_a_call(harnesses: Harnesses) -> None:
    made = harnesses.new(systemPrompt=[{"text": "Be brief."}, {"text": "Be kind."}])
    harnesses.say(made, "Hi.", actorId="ada")
    assert harnesses.agent.shown[-1][0] == {"role": "system", "content": "Be brief.\nBe kind."}

    harnesses.say(made, "Hi.", actorId="ada", systemPrompt=[{"text": "Be long."}])

    assert harnesses.agent.shown[-1][0] == {"role": "system", "content": "Be long."}
    assert len(harnesses.saved(made, "ada")[0]) == 2


@pytest.mark.parametrize("called", [OPENAI, BEDROCK, ANTHROPIC])
def test_tool_calls_and_their_results_are_streamed_and_stand_in_the_next_prompt(
    harnesses: Harnesses, made: dict[str, Any], called: list[Message]
) -> None:
    harnesses.agent.answer = lambda messages: iter(["Let me look.", *called, "Seat 12A."])

    *events, _ = harnesses.stream(made, "Where do I sit?", actorId="ada")

    assert events == [
        {"messageStart": {"role": "assistant"}},
        {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "Let me look."}}},
        {"contentBlockStop": {"contentBlockIndex": 0}},
        {"contentBlockStart": {"contentBlockIndex": 1, "start": {"toolUse": {"toolUseId": "c1", "name": "seats"}}}},
        {
            "contentBlockDelta": {
                "contentBlockIndex": 1,
                "delta": {"toolUse": {"input": events[4]["contentBlockDelta"]["delta"]["toolUse"]["input"]}},
            }
        },
        {"contentBlockStop": {"contentBlockIndex": 1}},
        {"messageStop": {"stopReason": "tool_use"}},
        {"messageStart": {"role": "user"}},
        {
            "contentBlockStart": {
                "contentBlockIndex": 2,
                "start": {"toolResult": {"toolUseId": "c1", "status": "success"}},
            }
        },
        {"contentBlockDelta": {"contentBlockIndex": 2, "delta": {"toolResult": [{"text": "12A"}]}}},
        {"contentBlockStop": {"contentBlockIndex": 2}},
        {"messageStop": {"stopReason": "tool_result"}},
        {"messageStart": {"role": "assistant"}},
        {"contentBlockDelta": {"contentBlockIndex": 3, "delta": {"text": "Seat 12A."}}},
        {"contentBlockStop": {"contentBlockIndex": 3}},
        {"messageStop": {"stopReason": "end_turn"}},
    ]
    assert events[4]["contentBlockDelta"]["delta"]["toolUse"]["input"].replace(" ", "") == '{"flight":"X1"}'
    harnesses.say(made, "Thanks.", actorId="ada")
    assert harnesses.agent.shown[-1][2:4] == called


def test_results_of_tools_may_be_sent(harnesses: Harnesses, made: dict[str, Any]) -> None:
    harnesses.say(made, BEDROCK, actorId="ada")

    assert harnesses.agent.shown[-1] == BEDROCK


@pytest.mark.parametrize("nothing", ["", [], {"content": ""}])
def test_an_agent_that_says_nothing_gives_an_empty_message(
    harnesses: Harnesses, made: dict[str, Any], nothing: Any
) -> None:
    harnesses.agent.answer = lambda messages: nothing

    *events, _ = harnesses.stream(made, "Hi.", actorId="ada")

    assert events == [{"messageStart": {"role": "assistant"}}, {"messageStop": {"stopReason": "end_turn"}}]


def test_an_agent_that_fails_is_told_of_in_the_stream_and_what_it_was_told_is_saved(
    harnesses: Harnesses, made: dict[str, Any]
) -> None:
    def agent(messages: list[Message]) -> str:
        raise OSError("the password is tulip")

    harnesses.agent.answer = agent

    events, told = failing(harnesses, made)

    assert events == []
    assert "runtimeClientError" in told
    assert "OSError" in told
    assert "is saved" in told
    assert "tulip" not in told
    assert harnesses.saved(made, "ada") == [[user("Hi.")]]


def test_a_session_goes_on_after_a_turn_that_nobody_answered(harnesses: Harnesses, made: dict[str, Any]) -> None:
    def agent(messages: list[Message]) -> str:
        raise OSError

    harnesses.agent.answer = agent
    failing(harnesses, made, "My cat is called Miu.")
    harnesses.agent.answer = lambda messages: "Miu."
    harnesses.say(made, "What is it called?", actorId="ada")

    assert [(one["role"], one["content"].partition("\n\n<")[0]) for one in harnesses.agent.shown[-1]] == [
        ("user", "My cat is called Miu.\n\nWhat is it called?")
    ]
    assert harnesses.saved(made, "bob") == []
    harnesses.learned()
    harnesses.say(made, "How is my cat called?", "another", actorId="ada")
    assert "Miu" in harnesses.agent.prompt


def test_without_an_actor_what_was_not_answered_stays_with_its_session(
    harnesses: Harnesses, made: dict[str, Any]
) -> None:
    def agent(messages: list[Message]) -> str:
        raise OSError

    harnesses.agent.answer = agent
    with pytest.raises(EventStreamError):
        harnesses.say(made, "My cat is called Miu.")
    harnesses.agent.answer = lambda messages: "Well."
    harnesses.learned()

    harnesses.say(made, "How is my cat called?")
    assert "Miu" in harnesses.agent.prompt
    harnesses.say(made, "How is my cat called?", "another")
    assert "Miu" not in harnesses.agent.prompt


def test_an_agent_that_fails_without_a_memory_saves_nothing(harnesses: Harnesses) -> None:
    def agent(messages: list[Message]) -> str:
        raise OSError

    harnesses.agent.answer = agent

    _, told = failing(harnesses, harnesses.new(memory=DISABLED))

    assert "Nothing was to be saved" in told


def test_of_an_agent_that_fails_halfway_nothing_is_saved(harnesses: Harnesses, made: dict[str, Any]) -> None:
    async def agent(messages: list[Message]) -> AsyncIterator[str]:
        yield "Hello, "
        raise ValueError

    harnesses.agent.answer = agent

    events, told = failing(harnesses, made)

    assert text_of(events) == "Hello, "
    assert "ValueError" in told
    assert harnesses.saved(made, "ada") == [[user("Hi.")]]
    harnesses.agent.answer = lambda messages: "Hello."
    harnesses.say(made, "Again.", actorId="ada")
    assert len(harnesses.saved(made, "ada")) == 2


def test_an_agent_that_answers_with_something_else_has_failed(harnesses: Harnesses, made: dict[str, Any]) -> None:
    harnesses.agent.answer = lambda messages: 7

    _, told = failing(harnesses, made)

    assert "runtimeClientError" in told
    assert "returned a int" in told
    assert "Nothing was saved" not in told


@pytest.mark.parametrize(
    "said",
    [
        [{"role": "assistant", "tool_calls": ["seats"]}],
        [{"role": "tool", "content": [{"json": {"seat": float("nan")}}]}],
        [{"role": "tool", "content": [{"json": object()}]}],
        [{"role": "assistant", "content": 7}],
    ],
)
def test_a_message_that_cannot_be_told_is_a_failure_and_nothing_of_it_is_saved(
    harnesses: Harnesses, made: dict[str, Any], said: list[Any]
) -> None:
    harnesses.agent.answer = lambda messages: iter(["Let me look.", *said])

    events, told = failing(harnesses, made)

    assert text_of(events) == "Let me look."
    assert "runtimeClientError" in told
    assert harnesses.saved(made, "ada") == [[user("Hi.")]]


def test_a_turn_that_cannot_be_saved_is_told_of(harnesses: Harnesses, made: dict[str, Any]) -> None:
    harnesses.agent.answer = lambda messages: {"content": "Hello.", "state": object()}

    events, told = failing(harnesses, made)

    assert text_of(events) == "Hello."
    assert "cannot be saved" in told
    assert harnesses.saved(made, "ada") == [[user("Hi.")]]


def test_an_agent_that_takes_too_long_is_stopped_and_nothing_of_it_is_saved(harnesses: Harnesses) -> None:
    made = harnesses.new(timeoutSeconds=600)

    async def agent(messages: list[Message]) -> AsyncIterator[str]:
        yield "Hmm"
        await asyncio.sleep(SECONDS * 10)

    harnesses.agent.answer = agent

    events = harnesses.stream(made, "Hi.", actorId="ada", timeoutSeconds=1)

    assert text_of(events) == "Hmm"
    assert events[-1] == {"messageStop": {"stopReason": "timeout_exceeded"}}
    assert harnesses.saved(made, "ada") == [[user("Hi.")]]


def test_when_the_caller_leaves_the_agent_is_stopped_and_nothing_is_saved(
    harnesses: Harnesses, made: dict[str, Any]
) -> None:
    stopped = threading.Event()

    async def agent(messages: list[Message]) -> AsyncIterator[str]:
        try:
            while True:
                yield "and "
                await asyncio.sleep(0.01)
        finally:
            stopped.set()

    harnesses.agent.answer = agent
    messages = [{"role": "user", "content": [{"text": "Hi."}]}]
    stream = harnesses.data.invoke_harness(
        harnessArn=made["arn"], runtimeSessionId=session_of("s1"), messages=messages, actorId="ada"
    )["stream"]
    next(iter(stream))

    stream.close()

    assert stopped.wait(SECONDS)
    assert harnesses.saved(made, "ada") == []


def test_what_a_call_cannot_change_is_refused(harnesses: Harnesses, made: dict[str, Any]) -> None:
    with refused("ValidationException") as response:
        harnesses.say(made, "Hi.", model={"bedrockModelConfig": {"modelId": "other"}}, maxTokens=5)

    assert [one["name"] for one in response[0]["fieldList"]] == ["model", "maxTokens"]
    assert harnesses.agent.shown == []


@pytest.mark.parametrize("actor", ["ada@x.test", "", "a" * 256])
def test_an_actor_that_cannot_be_one_is_refused(harnesses: Harnesses, made: dict[str, Any], actor: str) -> None:
    with refused("ValidationException"):
        harnesses.say(made, "Hi.", actorId=actor)


@pytest.mark.parametrize(
    "said", [[], [{"role": "user", "content": []}], [{"role": "user", "content": [{"text": " "}]}]]
)
def test_nothing_said_is_refused(harnesses: Harnesses, made: dict[str, Any], said: list[Any]) -> None:
    with refused("ValidationException"):
        harnesses.say(made, said)

    assert harnesses.agent.shown == []


@pytest.mark.parametrize("session", ["s" * 32, "s" * 101, "s" * 40 + ".", None])
def test_a_session_must_have_an_id_of_33_to_100_characters(
    harnesses: Harnesses, made: dict[str, Any], session: str | None
) -> None:
    answer = httpx.post(
        f"{harnesses.url}/harnesses/invoke",
        params={"harnessArn": made["arn"]},
        headers={} if session is None else {"X-Amzn-Bedrock-AgentCore-Runtime-Session-Id": session},
        json={"messages": [{"role": "user", "content": [{"text": "Hi."}]}]},
    )

    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (400, "ValidationException")
    assert answer.json()["fieldList"][0]["name"] == "runtimeSessionId"


def test_there_is_one_endpoint(harnesses: Harnesses, made: dict[str, Any]) -> None:
    assert harnesses.say(made, "Hi.", qualifier="DEFAULT") == "Noted."
    with refused("ResourceNotFoundException"):
        harnesses.say(made, "Hi.", qualifier="other")


def test_a_harness_or_a_memory_that_is_gone_is_not_found(harnesses: Harnesses) -> None:
    made = own(harnesses)
    harnesses.say(made, "Hi.", actorId="ada")
    harnesses.control.delete_memory(memoryId=memory_id(made))
    with refused("ResourceNotFoundException"):
        harnesses.say(made, "Hi.", actorId="ada")

    harnesses.control.delete_harness(harnessId=made["harnessId"])
    with refused("ResourceNotFoundException"):
        harnesses.say(made, "Hi.", actorId="ada")


def test_without_an_agent_the_error_says_how_to_give_one() -> None:
    memory = engine(":memory:")
    with running(memory) as url:
        harnesses = Harnesses(memory, url, *clients(url))
        made = harnesses.new()

        with refused("ValidationException") as response:
            harnesses.say(made, "Hi.")

    assert "DURAMEN_AGENT=module:name" in response[0]["message"]


def answer(messages: list[Message]) -> str:
    """Say what was said last, as an agent that a server is given by its name."""
    return f"You said: {messages[-1]['content']}"


def test_the_agent_of_the_settings_answers() -> None:
    memory = engine(":memory:")
    with running(memory, Settings(agent=f"{__name__}:answer")) as url:
        harnesses = Harnesses(memory, url, *clients(url))

        assert harnesses.say(harnesses.new(), "Hi.") == "You said: Hi."


def test_a_harness_of_another_tenant_cannot_be_invoked() -> None:
    memory = engine(":memory:")
    with running(memory, Settings(auth="on", agent=f"{__name__}:answer")) as url:
        issued = [
            asyncio.run(Keys(memory.shelf).create("ci", scope=Grant(name="", tenant=tenant), aws=True))
            for tenant in ("acme", "other")
        ]
        ours, theirs = (
            Harnesses(memory, url, *clients(url, key=str(key.access_key), secret=secret)) for key, secret in issued
        )
        made = ours.new()

        assert ours.say(made, "Hi.", actorId="ada") == "You said: Hi."
        with refused("ResourceNotFoundException"):
            theirs.say(made, "Hi.", actorId="ada")


def test_who_reaches_a_harness_but_not_its_memory_cannot_invoke_it() -> None:
    memory = engine(":memory:")
    with running(memory, Settings(auth="on", agent=f"{__name__}:answer")) as url:
        scopes = [Grant(name=""), Grant(name="", banks=("Support-*",))]
        issued = [asyncio.run(Keys(memory.shelf).create("ci", scope=scope, aws=True)) for scope in scopes]
        every, some = (
            Harnesses(memory, url, *clients(url, key=str(key.access_key), secret=secret)) for key, secret in issued
        )
        attached = every.control.create_memory(name="Notes", eventExpiryDuration=30)["memory"]
        made = every.new(harnessName="Support", memory={"agentCoreMemoryConfiguration": {"arn": attached["arn"]}})

        with refused("AccessDeniedException"):
            some.say(made, "Hi.", actorId="ada")
        assert every.say(made, "Hi.", actorId="ada") == "You said: Hi."
