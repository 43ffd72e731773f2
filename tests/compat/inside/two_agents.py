"""What one agent was told, the other recalls: Strands and LangGraph, each with AWS's own parts, share a memory and an actor."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import boto3  # type: ignore[import-untyped]  # has no types
import pytest
from agents import ANSWER, REGION, Shown, Turn, graph_turn, strands_turn  # type: ignore[import-not-found]  # beside this
from bedrock_agentcore.memory import MemoryClient
from patience import idle  # type: ignore[import-not-found]  # beside this

SECONDS = 60.0
MOVED = "I moved to Lisbon last spring, and I work as a nurse."
CLARA = "My daughter Clara is allergic to peanuts."
SEATS = "I prefer window seats on trains."
STRATEGIES = [
    {"semanticMemoryStrategy": {"name": "facts", "namespaceTemplates": ["/facts/{actorId}/"]}},
    {"userPreferenceMemoryStrategy": {"name": "preferences", "namespaceTemplates": ["/preferences/{actorId}/"]}},
]


@pytest.fixture(scope="module")
def memory() -> Iterator[str]:
    client = MemoryClient(region_name=REGION)
    id: str = client.create_memory_and_wait(name=f"shared{uuid.uuid4().hex[:8]}", strategies=STRATEGIES)["id"]
    yield id
    client.delete_memory(id)


@pytest.fixture(scope="module")
def ada(memory: str) -> str:
    """An actor who told something to both, once all of it can be recalled."""
    actor = "user-17"
    strands_turn(Turn(memory, actor, "strands-monday"), MOVED)
    graph_turn(Turn(memory, actor, "graph-monday"), CLARA)
    graph_turn(Turn(memory, actor, "graph-monday"), SEATS)
    until(lambda: {"Lisbon", "peanuts"} <= words(memory, f"/facts/{actor}/"))
    until(lambda: "window" in words(memory, f"/preferences/{actor}/"))
    return actor


def data() -> Any:
    return boto3.client("bedrock-agentcore", region_name=REGION)


def records(memory: str, path: str = "/") -> list[str]:
    """The texts of all records below a path, of all pages."""
    pages = data().get_paginator("list_memory_records").paginate(memoryId=memory, namespacePath=path)
    return [record["content"]["text"] for page in pages for record in page["memoryRecordSummaries"]]


def words(memory: str, path: str) -> set[str]:
    return {word.strip('.,:"') for text in records(memory, path) for word in text.split()}


def sessions(memory: str, actor: str) -> list[str]:
    found = data().list_sessions(memoryId=memory, actorId=actor)["sessionSummaries"]
    return [session["sessionId"] for session in found]


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < deadline, f"not after {SECONDS:.0f} s"
        time.sleep(0.1)


def elsewhere(turn: Callable[[Turn, str], Shown], where: Turn, said: str) -> Shown:
    """Do a turn in a new process, which shares nothing with this one."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        return other.submit(turn, where, said).result(SECONDS)


def test_the_graph_is_shown_what_strands_agent_was_told(memory: str, ada: str) -> None:
    shown = graph_turn(Turn(memory, ada, "graph-tuesday"), "Which city do I live in now?")

    assert [role for role, _ in shown] == ["system", "human"]
    assert "Lisbon" in shown[0][1]


def test_strands_agent_is_shown_what_the_graph_was_told(memory: str, ada: str) -> None:
    shown = strands_turn(Turn(memory, ada, "strands-tuesday"), "What is Clara allergic to?")

    assert [role for role, _ in shown] == ["user"]
    assert shown[0][1].startswith("<user_context>")
    assert "peanuts" in shown[0][1]


def test_strands_agent_is_shown_a_preference_that_the_graph_was_told(memory: str, ada: str) -> None:
    shown = strands_turn(Turn(memory, ada, "strands-wednesday"), "Which seat should you book for me on the train?")

    assert "window" in shown[0][1]


def test_another_actor_is_shown_neither(memory: str, ada: str) -> None:
    eve = "user-1"  # whose namespaces begin as Ada's do
    asked = "Where does Ada live, and what is Clara allergic to?"

    by_strands = strands_turn(Turn(memory, eve, "strands-monday"), asked)
    by_graph = graph_turn(Turn(memory, eve, "graph-monday"), asked)

    assert by_strands == [("user", asked)]
    assert by_graph == [("human", asked)]


def test_strands_agent_goes_on_in_a_new_process(memory: str, ada: str) -> None:
    shown = elsewhere(strands_turn, Turn(memory, ada, "strands-monday"), "Where was I?")

    assert shown[:2] == [("user", MOVED), ("assistant", ANSWER)]
    assert len(shown) == 3


def test_the_graph_resumes_its_thread_in_a_new_process(memory: str, ada: str) -> None:
    shown = elsewhere(graph_turn, Turn(memory, ada, "graph-monday"), "Where was I?")

    said = [told for told in shown if told[0] != "system"]
    assert said == [("human", CLARA), ("ai", ANSWER), ("human", SEATS), ("ai", ANSWER), ("human", "Where was I?")]


def test_checkpoints_become_no_memories_and_disturb_no_session(memory: str) -> None:
    actor, shared = "bob", "both"
    here = Turn(memory, actor, shared)

    graph_turn(here, CLARA, long_term=False)
    first = strands_turn(here, MOVED)
    resumed = graph_turn(here, SEATS, long_term=False)
    restored = strands_turn(here, "Where was I?")
    until(lambda: idle(os.environ["COMPAT_METRICS"]))

    assert first == [("user", MOVED)]
    assert resumed == [("human", CLARA), ("ai", ANSWER), ("human", SEATS)]
    assert restored[:2] == [("user", MOVED), ("assistant", ANSWER)]
    assert sessions(memory, actor) == [shared]
    assert not {"Clara", "peanuts", "window"} & words(memory, f"/facts/{actor}/")
    assert words(memory, f"/facts/{actor}/") >= {"Lisbon", "nurse"}


def test_records_are_words_and_no_envelopes_of_a_framework(memory: str, ada: str) -> None:
    facts = records(memory, f"/facts/{ada}/")

    assert facts
    assert not [text for text in facts if "{" in text]


def test_each_session_is_listed_once(memory: str, ada: str) -> None:
    found = sessions(memory, ada)

    assert [found.count(one) for one in ("strands-monday", "graph-monday")] == [1, 1]
    assert sessions(memory, "nobody") == []
