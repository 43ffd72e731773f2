"""How the memory of a harness is described, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from duramen.errors import NamespaceError, StrategyError
from duramen.harness import (
    ExistingMemory,
    Harness,
    ManagedMemory,
    NoTruncation,
    Retrieval,
    SlidingWindow,
    Summarization,
)
from duramen.harness.configuration import Kept, derived
from duramen.sessions.truncation import Truncation
from duramen.strategies import SummaryStrategy
from duramen.strategy import Strategy
from tests.harness.calls import NOTES, opened, say
from tests.harness.conftest import Echo
from tests.simple_strategies import notes

MANAGED = "resource:harness h:actor:ada"

PLAIN = ManagedMemory(strategies=["summary"])


@pytest.mark.parametrize(
    "truncation", [SlidingWindow(messages=7), Summarization(ratio=0.4, prompt="Brief!"), NoTruncation()]
)
@pytest.mark.parametrize("overridden", [True, False])
def test_a_configuration_is_read_as_it_was_written(truncation: Truncation, overridden: bool) -> None:
    kept = Kept(
        memory="existing",
        resource="näme",
        actor="ada",
        messages=5,
        retrieval={"/notes/{actorId}/": Retrieval(top_k=3, relevance_score=0.5, strategy="notes")},
        overridden=overridden,
        truncation=truncation,
    )

    assert Kept.read(kept.written()) == kept


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Retrieval(top_k=101),
        lambda: Retrieval(top_k=True),
        lambda: Retrieval(top_k="3"),  # type: ignore[arg-type]  # what is wrong about it
        lambda: Retrieval(relevance_score=-0.1),
        lambda: Retrieval(relevance_score=True),
        lambda: Retrieval(relevance_score=float("nan")),
        lambda: ManagedMemory(event_days=366),
        lambda: ManagedMemory(event_days=True),
        lambda: ManagedMemory(strategies=[""]),
        lambda: ManagedMemory(strategies=["SEMANTIC", "semantic"]),
        lambda: ManagedMemory(strategies=["summary", SummaryStrategy()]),
        lambda: ManagedMemory(messages=0),
        lambda: ManagedMemory(top_k=0),
        lambda: ManagedMemory(relevance_score=2.0),
        lambda: ExistingMemory(resource="m", messages=True),
        lambda: ExistingMemory(resource="m", actor=" "),
        lambda: ExistingMemory(resource="m", retrieval={"/": {"top_k": 0}}),
        lambda: ExistingMemory(resource="m", retrieval={"/": {"depth": 1}}),
        lambda: ExistingMemory(resource="m", retrieval={"/": 3}),  # type: ignore[dict-item]  # what is wrong about it
        lambda: ExistingMemory(resource="m", retrieval=["/"]),  # type: ignore[arg-type]  # likewise
    ],
)
def test_values_out_of_bounds_are_refused(wrong: Any) -> None:
    with pytest.raises(StrategyError):
        wrong()


@pytest.mark.parametrize("template", ["", "/{actorId", "/a//b/", "/{actorId}{sessionId}/", "/*/"])
def test_a_template_that_is_none_is_refused(template: str) -> None:
    with pytest.raises(NamespaceError):
        ExistingMemory(resource="m", retrieval={template: Retrieval()})


@pytest.mark.parametrize("name", ["SUMMARIZATION", "Summary", "summary"])
def test_strategies_may_be_named_in_any_case(name: str) -> None:
    (definition,) = ManagedMemory(strategies=[name]).definitions()

    assert definition == {"type": "summary", "name": "summary"}


def test_strategies_may_be_objects() -> None:
    strategies: list[str | Strategy] = [SummaryStrategy(name="minutes"), notes(namespace="/notes/{actorId}/")]

    first, second = ManagedMemory(strategies=strategies).definitions()

    assert (first["type"], first["name"]) == ("summary", "minutes")
    assert second == NOTES


def test_two_strategies_that_share_a_template_are_both_brought() -> None:
    strategies = [SummaryStrategy(name="a"), SummaryStrategy(name="b")]

    assert list(derived(strategies)) == [
        "/strategies/a/actors/{actorId}/sessions/{sessionId}/",
        "/strategies/b/actors/{actorId}/sessions/{sessionId}/",
    ]


async def test_the_users_own_strategies_work_in_a_managed_memory(address: str) -> None:
    strategies = [notes(namespace="/notes/{actorId}/", merges=False)]
    async with opened(address) as memory:
        harness = Harness(memory, "h", Echo(), configuration=ManagedMemory(strategies=strategies))
        await say(harness, "Ada keeps bees in the orchard.")

        answer = await say(harness, "Where does Ada keep bees?", session="s2")

    assert [hit.memory.text for hit in answer.recalled] == ["Ada keeps bees in the orchard."]


def test_a_retrieval_may_be_given_as_a_mapping() -> None:
    given = ExistingMemory(resource="m", retrieval={"/a/": {"top_k": 3}, "/b/": Retrieval(strategy="x")})

    assert given.retrievals() == {"/a/": Retrieval(top_k=3), "/b/": Retrieval(strategy="x")}
