import asyncio
import json
import threading
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from duramen.errors import NamespaceError, StrategyError
from duramen.strategies import Candidate, FunctionStrategy, Made, SelfManaged, SelfManagedStrategy, Trigger, Work
from duramen.strategies.own_code import payload
from tests.strategies.summary_talks import GUITAR, MONDAY, NAMESPACE, TRIP, turns, work

SAID = turns([("user", "I live in Ghent."), ("assistant", "Noted."), ("tool", "ok")])


def candidate(**changes: Any) -> Candidate:
    return Candidate(
        **{"text": "Ada lives in Ghent.", "kind": "fact", "sources": ("e0",), "mentioned": MONDAY, **changes}
    )


def returning(given: Any) -> FunctionStrategy:
    return FunctionStrategy(name="mine", function=lambda work: given, kind="observation")


async def test_a_function_is_given_the_work() -> None:
    seen: list[Work] = []
    given = work(SAID)

    made = await FunctionStrategy(name="mine", function=seen.append)(given)

    assert made == Made()
    assert seen == [given]


async def test_an_async_function_is_awaited_in_the_loop() -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def function(work: Work) -> list[str]:
        loops.append(asyncio.get_running_loop())
        return [f"{len(work.events)} turns"]

    made = await FunctionStrategy(name="mine", function=function)(work(SAID))

    assert [one.text for one in made.candidates] == ["3 turns"]
    assert loops == [asyncio.get_running_loop()]


async def test_an_object_with_an_async_call_is_awaited_too() -> None:
    class Counts:
        async def __call__(self, work: Work) -> str:
            return f"{len(work.events)} turns"

    made = await FunctionStrategy(name="mine", function=Counts())(work(SAID))

    assert [one.text for one in made.candidates] == ["3 turns"]


async def test_a_plain_function_does_not_hold_up_the_loop() -> None:
    threads: list[int] = []

    def function(work: Work) -> None:
        threads.append(threading.get_ident())

    await FunctionStrategy(name="mine", function=function)(work(SAID))

    assert threads[0] != threading.get_ident()


async def test_texts_become_candidates_made_from_all_that_was_given() -> None:
    made = await returning([" Ada lives in Ghent. ", "", "\n"])(work(SAID))

    (one,) = made.candidates
    assert one == candidate(kind="observation", sources=("e0", "e1", "e2"), mentioned=SAID[-1].mentioned)


@pytest.mark.parametrize("given", ["Ada lives in Ghent.", ("Ada lives in Ghent.",), {"Ada lives in Ghent."}])
async def test_one_text_or_any_collection_of_texts_will_do(given: Any) -> None:
    made = await returning(given)(work(SAID))

    assert [one.text for one in made.candidates] == ["Ada lives in Ghent."]


async def test_candidates_are_taken_as_they_are_and_get_the_sources_that_they_lack() -> None:
    first, second = candidate(), candidate(text="Ada is in Ghent.", sources=())

    made = await returning([first, second])(work(SAID))

    assert list(made.candidates) == [first, candidate(text="Ada is in Ghent.", sources=("e0", "e1", "e2"))]


async def test_a_whole_made_is_passed_on() -> None:
    made = Made(candidates=[candidate()], left=["e2"], notes=["odd"], fallbacks=2)

    assert await returning(made)(work(SAID)) is made


@pytest.mark.parametrize("given", [7, {"text": "a"}, b"bytes", [7], object()])
async def test_anything_else_is_refused_by_its_type(given: Any) -> None:
    with pytest.raises(StrategyError, match=r"code of the strategy 'mine' returned (int|dict|bytes|object)"):
        await returning(given)(work(SAID))


def test_a_function_has_the_attributes_of_a_strategy() -> None:
    strategy = FunctionStrategy(name="mine", function=str, version="7", namespace="mine/{actorId}")

    assert (strategy.version, strategy.unit, strategy.merges) == ("7", "session", True)
    assert strategy.namespaces == (strategy.namespace,) == ("/mine/{actorId}/",)


@pytest.mark.parametrize("namespace", ["", "/{actorId/", "/a//b/"])
def test_a_template_that_is_none_is_refused(namespace: str) -> None:
    with pytest.raises(NamespaceError):
        FunctionStrategy(name="mine", function=str, namespace=namespace)
    with pytest.raises(NamespaceError):
        SelfManagedStrategy(name="mine", callback=str, namespace=namespace)


async def test_a_callback_is_given_what_is_new_and_what_came_before_as_plain_data() -> None:
    seen: list[SelfManaged] = []

    await SelfManagedStrategy(name="mine", callback=seen.append)(work(SAID, history=turns(TRIP, first=-6)[-1:]))

    (given,) = seen
    assert given["memoryId"] == "user:ada"
    assert given["strategyId"] == "summary"
    assert (given["actorId"], given["sessionId"], given["namespace"]) == ("ada", "monday", NAMESPACE)
    assert [turn["role"] for turn in given["currentContext"]] == ["USER", "ASSISTANT", "USER"]
    assert given["currentContext"][0] == {
        "eventId": "e0",
        "eventTimestamp": "2026-03-02T09:00:00.000+00:00",
        "role": "USER",
        "name": "user",
        "content": {"text": "I live in Ghent."},
        "metadata": {},
    }
    assert [turn["eventId"] for turn in given["historicalContext"]] == ["e-1"]
    assert json.loads(json.dumps(given)) == given


def test_what_a_tool_said_is_told_apart() -> None:
    user, agent = turns([("user", "Find it."), ("assistant", "42 results")])

    given = payload(work([user, replace(agent, speaker="tool"), replace(user, speaker=None, actor=None)]))

    assert [turn["role"] for turn in given["currentContext"]] == ["USER", "TOOL", "OTHER"]


def test_a_job_that_is_tried_again_has_the_same_id() -> None:
    first, again, other = payload(work(SAID)), payload(work(SAID)), payload(work(turns(GUITAR)))

    assert first["jobId"] == again["jobId"] != other["jobId"]


async def test_what_a_callback_returns_is_filed_without_being_compared() -> None:
    async def callback(given: SelfManaged) -> list[str]:
        return [turn["content"]["text"].upper() for turn in given["currentContext"][:1]]

    strategy = SelfManagedStrategy(name="mine", callback=callback, kind="observation")

    made = await strategy(work(SAID))

    assert [(one.text, one.kind) for one in made.candidates] == [("I LIVE IN GHENT.", "observation")]
    assert not strategy.merges


async def test_what_a_callback_raises_is_passed_on() -> None:
    def callback(given: SelfManaged) -> None:
        raise ConnectionError("the pipeline is down")

    with pytest.raises(ConnectionError, match="the pipeline is down"):
        await SelfManagedStrategy(name="mine", callback=callback)(work(SAID))


def test_it_begins_as_documented() -> None:
    strategy = SelfManagedStrategy(name="mine", callback=str)

    assert strategy.trigger == Trigger(messages=6, tokens=5000, idle_seconds=20, history=4)


@pytest.mark.parametrize(
    "trigger",
    [
        {"messages": 1, "history": 0},
        {"messages": 50, "history": 50},
        {"tokens": 100, "idle_seconds": 10},
        {"tokens": 500_000, "idle_seconds": 3000},
        {"tokens": None, "idle_seconds": None},
    ],
)
def test_triggers_within_bounds_are_taken(trigger: dict[str, Any]) -> None:
    assert SelfManagedStrategy(name="mine", callback=str, trigger=Trigger(**trigger)).trigger == Trigger(**trigger)


@pytest.mark.parametrize(
    "trigger",
    [
        {"messages": 0},
        {"messages": 51},
        {"messages": True},
        {"messages": "6"},
        {"tokens": 99},
        {"tokens": 500_001},
        {"idle_seconds": 9.9},
        {"idle_seconds": 3001},
        {"idle_seconds": float("nan")},
        {"history": -1},
        {"history": 51},
    ],
)
def test_triggers_out_of_bounds_are_refused_with_the_bounds(trigger: dict[str, Any]) -> None:
    (name,) = trigger

    with pytest.raises(StrategyError, match=rf"'mine' has {name}=.* Give a number from"):
        SelfManagedStrategy(name="mine", callback=str, trigger=Trigger(**trigger))


def test_a_turn_keeps_its_milliseconds() -> None:
    at = datetime(2026, 3, 2, 9, 0, 0, 123_456, tzinfo=timezone.utc)

    given = payload(work(turns([("user", "Hello")], at=at)))

    assert given["currentContext"][0]["eventTimestamp"] == "2026-03-02T09:00:00.123+00:00"
