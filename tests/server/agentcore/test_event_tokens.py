"""Client tokens of events: one event in all the memory, with its first effects, whoever sends it and however often."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.server.agentcore.parts import clients, ready_memory
from tests.server.agentcore.talking import FACTS, NOON, Talk, refused, talking, user
from tests.serving import Served, served


@pytest.fixture(scope="module")
def server() -> Iterator[Talk]:
    with talking() as talk:
        yield talk


@pytest.fixture
def talk(server: Talk) -> Talk:
    return server.new(memoryStrategies=[FACTS])


@pytest.mark.parametrize("other", [{"sessionId": "s2"}, {"actorId": "bea"}, {"actorId": "bea", "sessionId": "s2"}])
def test_a_token_with_another_session_or_actor_is_a_mismatch(talk: Talk, other: dict[str, Any]) -> None:
    first = talk.say("I like figs.", clientToken="t-1")

    with refused("ValidationException", "IdempotentParameterMismatchException"):
        talk.say("I like figs.", clientToken="t-1", **other)

    assert talk.events(**other)["events"] == []
    assert [one["actorId"] for one in talk.data.list_actors(memoryId=talk.id)["actorSummaries"]] == ["ada"]
    assert talk.say("I like figs.", clientToken="t-1") == first


def test_a_token_that_came_without_a_session_is_not_for_another_actor(talk: Talk) -> None:
    said = {"memoryId": talk.id, "eventTimestamp": NOON, "payload": [user("hi")], "clientToken": "t-1"}
    first = talk.data.create_event(**said, actorId="ada")["event"]

    with refused("ValidationException", "IdempotentParameterMismatchException"):
        talk.data.create_event(**said, actorId="bea")
    with refused("ValidationException", "IdempotentParameterMismatchException"):
        talk.data.create_event(**said, actorId="ada", sessionId="s1")

    assert talk.data.create_event(**said, actorId="ada", sessionId=first["sessionId"])["event"] == first


def test_an_event_that_was_deleted_is_created_again_with_its_token(talk: Talk) -> None:
    first = talk.say("I like figs.", clientToken="t-1")
    talk.data.delete_event(memoryId=talk.id, actorId="ada", sessionId="s1", eventId=first["eventId"])

    again = talk.say("I like figs.", clientToken="t-1")

    assert talk.events()["events"] == [again]


def test_what_is_refused_does_not_use_its_token_up(talk: Talk) -> None:
    with refused("ValidationException"):
        talk.say("I like figs.", clientToken="t-1", branch={"name": "nowhere"})

    assert talk.say("I like figs.", clientToken="t-1", sessionId="s2")["sessionId"] == "s2"


@pytest.mark.parametrize("token", ["\x00", "é" * 500, "../x", " "])
def test_a_token_may_be_any_text(talk: Talk, token: str) -> None:
    assert talk.say(clientToken=token) == talk.say(clientToken=token)


def test_a_token_that_two_workers_get_at_once_is_one_event_in_one_session(tmp_path: Path) -> None:
    with served(tmp_path / "memory", workers=2) as server:
        _, control = clients(server.url)
        memory = ready_memory(control, memoryStrategies=[FACTS])

        def say(number: int) -> tuple[int, str]:
            data, _ = clients(server.url)  # a connection of its own, to whichever worker takes it
            said = {"memoryId": memory, "actorId": "ada", "eventTimestamp": NOON, "payload": [user("I like figs.")]}
            try:
                event = data.create_event(**said, sessionId=f"s{number % 2}", clientToken=f"t{number // 8}")["event"]
            except ClientError as error:
                return number, str(error.response["reason"])
            return number, str(event["eventId"])

        with ThreadPoolExecutor(8) as threads:
            told = list(threads.map(say, range(48)))
        data, _ = clients(server.url)
        kept = {
            event["eventId"]
            for session in ("s0", "s1")
            for event in data.list_events(memoryId=memory, actorId="ada", sessionId=session, maxResults=100)["events"]
        }

    mismatch = "IdempotentParameterMismatchException"
    by_token = [{answer for number, answer in told if number // 8 == token} for token in range(6)]
    assert [len(answers) for answers in by_token] == [2] * 6
    assert kept == set().union(*by_token) - {mismatch}
    assert sum(answer == mismatch for _, answer in told) == 24


def killed_while_saying(server: Served, memory: str, said: dict[str, Any]) -> None:
    """Send an event again and again, and kill the server meanwhile."""
    data, _ = clients(server.url)
    with ThreadPoolExecutor(1) as threads:
        sent = threads.submit(data.create_event, **said)
        server.kill()
        sent.exception()
    server.start()


def test_a_server_that_is_killed_meanwhile_keeps_one_event_or_none(tmp_path: Path) -> None:
    with served(tmp_path / "memory") as server:
        memory = ready_memory(clients(server.url)[1], memoryStrategies=[FACTS])
        said = {
            "memoryId": memory,
            "actorId": "ada",
            "sessionId": "s1",
            "eventTimestamp": NOON,
            "payload": [user("I like figs.")],
            "clientToken": "t-1",
        }
        killed_while_saying(server, memory, said)
        data, _ = clients(server.url)

        event = data.create_event(**said)["event"]

        assert data.create_event(**said)["event"] == event
        assert data.list_events(memoryId=memory, actorId="ada", sessionId="s1")["events"] == [event]
