"""What is brought into the prompt, from where, and how much."""

from __future__ import annotations

from typing import Any

import pytest

from duramen.harness import ExistingMemory, Retrieval, SlidingWindow
from duramen.harness.configuration import Kept
from duramen.harness.retrieving import places, recalled
from duramen.language.tokens import count_tokens
from duramen.namespaces import ACTOR, SESSION
from tests.harness.calls import BANK, harness_of, opened, say, shared
from tests.harness.conftest import Echo
from tests.simple_strategies import made

HERE = {ACTOR: "ada", SESSION: "s1"}


def kept(*templates: str, overridden: bool = False) -> Kept:
    retrieval = {template: Retrieval(strategy="notes") for template in templates}
    return Kept(memory="existing", resource="notes", retrieval=retrieval, overridden=overridden)


@pytest.mark.parametrize(
    ("template", "derived", "given"),
    [
        ("/notes/{actorId}/", "/notes/ada/", "/notes/ada/"),
        ("/notes/{actorId}/{sessionId}/", "/notes/ada/", "/notes/ada/s1/"),
        ("/{sessionId}/notes/", "/", "/s1/notes/"),
        ("/notes/s-{sessionId}/x/", "/notes/", "/notes/s-s1/x/"),
        ("/strategies/{memoryStrategyId}/", "/strategies/notes/", "/strategies/notes/"),
        ("/all/", "/all/", "/all/"),
    ],
)
def test_what_is_derived_looks_at_all_sessions_and_what_is_given_where_it_says(
    template: str, derived: str, given: str
) -> None:
    ((by_itself,), _) = places(kept(template), HERE, whole=True)
    ((as_told,), _) = places(kept(template, overridden=True), HERE, whole=True)

    assert (by_itself.path, as_told.path) == (derived, given)


def test_this_session_is_left_out_only_while_the_prompt_holds_all_of_it() -> None:
    ((whole,), _) = places(kept("/notes/{actorId}/"), HERE, whole=True)
    ((cut,), _) = places(kept("/notes/{actorId}/"), HERE, whole=False)

    assert (whole.without_session, cut.without_session) == ("s1", None)


async def test_what_this_session_taught_is_not_repeated_while_it_is_in_the_prompt(address: str) -> None:
    async with opened(address) as memory:
        harness = await harness_of(memory)
        await say(harness, "Ada keeps bees in the orchard.")

        here = await say(harness, "Where does Ada keep bees?")
        elsewhere = await say(harness, "Where does Ada keep bees?", session="s2")

    assert here.recalled == ()
    assert "Ada keeps bees in the orchard." in [hit.memory.text for hit in elsewhere.recalled]


async def test_what_was_cut_from_the_prompt_is_brought_back(address: str) -> None:
    async with opened(address) as memory:
        harness = await harness_of(memory, truncation=SlidingWindow(messages=3))
        await say(harness, "Ada keeps bees in the orchard.", "And now?", "And then?")

        answer = await say(harness, "Where does Ada keep bees?")

    assert "Ada keeps bees in the orchard." in [hit.memory.text for hit in answer.recalled]


async def test_what_was_not_loaded_is_brought_back(address: str) -> None:
    async with opened(address) as memory:
        await shared(memory)
        harness = await harness_of(memory, configuration=ExistingMemory(resource="notes", messages=2))
        await say(harness, "Ada keeps bees in the orchard.", "And now?", "And then?")

        answer = await say(harness, "Where does Ada keep bees?")

    assert "Ada keeps bees in the orchard." in [hit.memory.text for hit in answer.recalled]


async def test_this_session_takes_no_place_from_others(address: str) -> None:
    retrieval = {"/notes/{actorId}/": Retrieval(top_k=1, relevance_score=0.0)}
    async with opened(address) as memory:
        await shared(memory)
        harness = await harness_of(memory, configuration=ExistingMemory(resource="notes", retrieval=retrieval))
        await say(harness, "The bees sleep in winter.", session="s0")
        await say(harness, *(f"Where does Ada keep her bees in year {year}?" for year in range(5)))

        answer = await say(harness, "Where does Ada keep her bees?")

    assert [hit.memory.session for hit in answer.recalled] == ["s0"]


@pytest.mark.parametrize("top_k", [1, 3])
async def test_at_most_so_many_are_brought(address: str, top_k: int) -> None:
    retrieval = {"/notes/{actorId}/": Retrieval(top_k=top_k, relevance_score=0.0)}
    async with opened(address) as memory:
        await shared(memory)
        harness = await harness_of(memory, configuration=ExistingMemory(resource="notes", retrieval=retrieval))
        await say(harness, *(f"Ada has {number} bees." for number in range(2, 8)))

        answer = await say(harness, "How many bees does Ada have?", session="s2")

    assert len(answer.recalled) == top_k


async def test_a_strategy_that_is_named_brings_only_what_it_made(address: str) -> None:
    strategies = [{"type": one, "name": one, "namespace": "/all/{actorId}/"} for one in ("semantic", "preference")]
    async with opened(address) as memory:
        await shared(memory, strategies=strategies)
        brought = []
        for name in ("semantic", "preference", None):
            retrieval = {"/all/{actorId}/": Retrieval(strategy=name, relevance_score=0.0)}
            configuration = ExistingMemory(resource="notes", retrieval=retrieval)
            harness = await harness_of(memory, name=f"h {name}", configuration=configuration)
            await say(harness, "I live in Rome and I never eat meat.")
            answer = await harness.invoke("Rome, or meat?", session="s2", actor="ada")
            brought.append({hit.memory.strategy for hit in answer.recalled})

    assert brought == [{"semantic"}, {"preference"}, {"semantic", "preference"}]


async def test_what_is_less_relevant_than_asked_for_stays_out(address: str) -> None:
    retrieval = {"/notes/{actorId}/": Retrieval(relevance_score=0.99)}
    async with opened(address) as memory:
        await shared(memory)
        harness = await harness_of(memory, configuration=ExistingMemory(resource="notes", retrieval=retrieval))
        await say(harness, "The ferry was late.")

        answer = await say(harness, "Where does Ada keep bees?", session="s2")

    assert answer.recalled == ()


async def test_what_several_places_know_is_brought_once_and_best_first(address: str) -> None:
    every: dict[str, Any] = {path: Retrieval(relevance_score=0.0) for path in ("/notes/{actorId}/", "/notes/", "/")}
    async with opened(address) as memory:
        await shared(memory)
        harness = await harness_of(memory, configuration=ExistingMemory(resource="notes", retrieval=every))
        await say(harness, "Ada keeps bees in the orchard.", "The ferry was late.")

        answer = await say(harness, "Where does Ada keep bees?", session="s2")

    ids = [hit.memory.id for hit in answer.recalled]
    scores = [hit.score for hit in answer.recalled]
    assert len(ids) == len(set(ids)) > 0
    assert scores == sorted(scores, reverse=True)
    assert answer.recalled[0].memory.text == "Ada keeps bees in the orchard."


@pytest.mark.parametrize("max_tokens", [1, 60, 90, 300])
async def test_the_block_takes_no_more_tokens_than_it_may(address: str, max_tokens: int) -> None:
    async with opened(address) as memory:
        agent = Echo()
        harness = await harness_of(memory, agent, max_tokens=max_tokens)
        await say(
            harness, *(f"Ada keeps {number} hives of bees in the orchard behind the mill." for number in range(9))
        )

        answer = await say(harness, "Where does Ada keep hives of bees?", session="s2")

    block = str(agent.shown[-1][-1]["content"]).partition("\n\n")[2]
    assert count_tokens(block) <= max_tokens
    assert bool(block) is bool(answer.recalled) is (max_tokens > 1)


async def test_nothing_is_asked_without_a_question_or_a_place(address: str) -> None:
    async with opened(address) as memory:
        ((place,), _) = places(kept("/notes/{actorId}/"), HERE, whole=True)

        blank = await recalled(memory, BANK, " ", [place], max_tokens=100)
        nowhere = await recalled(memory, BANK, "Where?", [], max_tokens=100)

        assert (await memory.banks()).items == ()
    assert (blank.hits, blank.text, nowhere.hits, nowhere.text) == ((), "", (), "")


async def test_what_the_users_own_code_files_is_brought_too(address: str) -> None:
    async with opened(address) as memory:
        harness = await harness_of(memory)
        await say(harness, "Ada keeps bees in the orchard.")

        retrieval = await harness.retrieval()

        assert retrieval == {"/notes/{actorId}/": Retrieval(strategy="notes")}
        assert {one.namespace for one in await made(memory, BANK)} == {"/notes/ada/"}
