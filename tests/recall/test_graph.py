from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duramen import HashingEmbedder, Item
from duramen.index.bank import BankIndex
from duramen.language.terms import term_codes
from duramen.recall.graph import BUSY, WORK, GraphArm
from duramen.recall.keyword import KeywordArm
from duramen.recall.search import Search
from duramen.types import BankVersion, Budget
from tests.conftest import engine
from tests.recall.searches import DAY, START, index_of, row_of, search_of, told


def found_by_words(index: BankIndex, text: str, *, budget: Budget = "mid") -> Search:
    search = search_of(index, text, budget=budget)
    scores = KeywordArm()(search)
    assert scores is not None
    search.found["keyword"] = scores
    return search


def test_memories_of_a_named_entity_are_found_without_a_shared_word() -> None:
    index = index_of(told("She sold a bicycle", entities=["Grace"]), told("It rained"), told("Tea"))

    scores = GraphArm()(search_of(index, "What did grace do?", budget="low"))

    assert scores is not None
    assert scores[0] > 0
    assert scores[1:].tolist() == [0.0, 0.0]


def test_a_rare_name_ties_more_than_a_common_one() -> None:
    common = [told("x", entities=["Ada"]) for _ in range(8)]
    index = index_of(*common, told("y", entities=["Grace"]), told("z"))

    scores = GraphArm()(search_of(index, "Ada and Grace", budget="low"))

    assert scores is not None
    assert scores[8] > scores[0] > 0


def test_it_goes_one_step_from_what_other_arms_found() -> None:
    index = index_of(
        told("Ada met a zebra keeper", entities=["Otto"]),
        told("He lives by the harbour", entities=["Otto"]),
        *[told(f"filler {number}") for number in range(20)],
    )
    search = found_by_words(index, "zebra keeper")

    scores = GraphArm()(search)

    assert search.found["keyword"][1] == 0.0
    assert scores is not None
    assert scores[1] > 0
    assert not scores[2:].any()


def test_it_reaches_the_reply_in_the_session() -> None:
    index = index_of(told("Where is the zebra?", session="s"), told("Behind the barn", session="s"), told("Else"))
    search = found_by_words(index, "zebra")

    scores = GraphArm()(search)

    assert scores is not None
    assert scores[1] > scores[2] == 0.0


@pytest.mark.parametrize("budget", ["low", "mid", "high"])
def test_nothing_tied_is_no_answer(budget: Budget) -> None:
    index = index_of(told("Tea", entities=["Ada"]), told("Cake"))

    assert GraphArm()(search_of(index, "zebra", budget=budget)) is None


def test_a_name_in_most_of_the_bank_is_not_followed() -> None:
    index = index_of(told("zebra", entities=["Hub"]), *[told(f"filler {n}", entities=["Hub"]) for n in range(30)])
    search = found_by_words(index, "zebra")

    assert GraphArm()(search) is None


def test_scores_stay_below_one() -> None:
    index = index_of(*[told("zebra", entities=["Ada", "Grace", "Otto"], session="s") for _ in range(3)])
    search = found_by_words(index, "zebra Ada Grace Otto", budget="high")

    scores = GraphArm()(search)

    assert scores is not None
    assert 0.0 < scores.max() < 1.0


def test_two_steps_lead_from_whose_to_who_to_what() -> None:
    index = index_of(
        told("my sister Anna came", entities=["Anna", "Ada's sister"]),
        told("Anna is an engineer at Nokia", entities=["Anna", "Nokia"]),
        *[told(f"filler {number}", entities=["Rome"]) for number in range(20)],
    )
    search = search_of(index, "Where does Ada's sister work?")

    scores = GraphArm()(search)

    assert scores is not None
    assert scores[1] > 0
    assert not scores[2:].any()
    assert search.paths[1] == ("ada's sister", "0", "anna")


def test_what_is_named_in_the_query_itself_scores_less_than_what_is_only_tied_to_it() -> None:
    index = index_of(
        told("Anna laughed", entities=["Anna", "Nokia"]),
        told("the new office is loud", entities=["Nokia"]),
        *[told("filler") for _ in range(9)],
    )

    scores = GraphArm()(search_of(index, "Anna", budget="low"))

    assert scores is not None
    assert scores[1] > scores[0] > 0


def test_the_owner_of_what_is_asked_for_counts_less() -> None:
    index = index_of(
        told("x", entities=["Ada"]),
        told("y", entities=["Ada's sister"]),
        *[told("filler") for _ in range(9)],
    )

    scores = GraphArm()(search_of(index, "Ada's sister", budget="low"))

    assert scores is not None
    assert scores[1] > scores[0] > 0


def dated(text: str, day: int, **more: Any) -> dict[str, object]:
    start = START + day * DAY
    return told(text, occurred=(start, start + DAY), **more)


def test_what_was_on_the_same_day_is_reached() -> None:
    index = index_of(
        dated("the exam zebra", 7), dated("a flood", 7), dated("a parade", 8), *[told("filler") for _ in range(9)]
    )
    search = found_by_words(index, "zebra")

    scores = GraphArm()(search)

    assert scores is not None
    assert scores[1] > scores[2] == 0.0
    assert search.paths[1] == ("0", "day")


def test_days_are_known_of_memories_that_come_later() -> None:
    memories = [dated("the exam zebra", 7), dated("a flood", 7), told("filler"), dated("a storm", 7)]
    index = index_of(*memories[:2])
    GraphArm()(found_by_words(index, "zebra"))

    index.extend([row_of(2, memories[2]), row_of(3, memories[3])], BankVersion(1, 4, 0, "e", 2))
    scores = GraphArm()(found_by_words(index, "zebra"))

    assert scores is not None
    assert scores[3] == scores[1] > scores[2]


def test_a_day_of_many_memories_ties_none() -> None:
    index = index_of(dated("the exam zebra", 7), *[dated(f"filler {number}", 7) for number in range(BUSY)])

    assert GraphArm()(found_by_words(index, "zebra")) is None


def test_what_was_said_in_a_session_is_not_of_the_day_on_which_it_was_said() -> None:
    index = index_of(
        told("zebra", session="s", occurred=(START, START)), told("tea", session="t", occurred=(START, START))
    )

    assert GraphArm()(found_by_words(index, "zebra")) is None


def test_a_stretch_of_several_days_is_no_day() -> None:
    index = index_of(told("zebra", occurred=(START, START + 2 * DAY)), dated("tea", 0))

    assert GraphArm()(found_by_words(index, "zebra")) is None


def test_the_words_of_the_agent_take_less_from_their_neighbours() -> None:
    rows = [row_of(place, told("zebra" if place == 1 else "x", session="s")) for place in range(3)]
    rows[2] = replace(rows[2], kind="experience")
    index = BankIndex.build(BankVersion(1, 3, 0, "e", 2), rows)

    scores = GraphArm()(found_by_words(index, "zebra"))

    assert scores is not None
    assert scores[0] > scores[2] > 0


@pytest.mark.parametrize("budget", ["low", "mid", "high"])
def test_the_work_does_not_grow_with_the_bank(budget: Budget) -> None:
    names = [f"Name{number}" for number in range(40)]
    small, large = (
        index_of(*[told("x", entities=[names[row % 40], names[row * 7 % 40]], session="s") for row in range(size)])
        for size in (200, 400)
    )

    found = [GraphArm()(search_of(index, " ".join(names), budget=budget)) for index in (small, large)]

    assert all(scores is not None and 0 < np.count_nonzero(scores) <= WORK[budget] for scores in found)


@given(
    st.lists(st.lists(st.sampled_from(["Ada", "Bob", "Rome", "Ada's sister"]), max_size=3), min_size=1, max_size=12),
    st.sampled_from(["zebra Ada", "zebra of Bob in Rome", "Ada's sister zebra"]),
)
@settings(deadline=None)
def test_every_score_is_below_one_and_has_a_path(entities: list[list[str]], text: str) -> None:
    index = index_of(*[told("zebra", entities=names, session="s") for names in entities])
    search = found_by_words(index, text)

    scores = GraphArm()(search)

    assert scores is None or 0.0 < scores.max() < 1.0
    reached = [] if scores is None else np.flatnonzero(scores).tolist()
    assert sorted(search.paths) == reached
    assert all(search.paths.values())


class ByWords(HashingEmbedder):
    """Nothing but the words counts, so that texts that share none have nothing in common."""

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            vector[term_codes(text) % self.dimensions] = 1.0
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


NOISE = (
    "Work starts an hour earlier from Monday on",
    "I got rid of the old newspapers",
    "A driving lesson costs more than last year",
    "The dishwasher rattles again",
    "Ramen near the station was superb",
    "Two deadlines this week",
    "Fixed the squeaky door in the hallway",
    "Baking sourdough takes patience",
    "Octopuses have three hearts",
    "Sitting all day hurts my back",
    "The bus was late this morning",
    "Repotted the ficus",
    "Bought a used camera lens",
    "A loud party on Saturday",
    "Thinking about switching phone plans",
    "Lentil soup for the whole week",
    "Rain every single day",
    "Cleaned the windows after months",
    "The blue mug broke",
    "Signed up for a pottery class",
    "The printer never prints",
    "Read half of a thick novel about whales",
    "The corner bakery closed for good",
    "Running in the park before breakfast",
    "We need a new vacuum cleaner",
    "Lost an umbrella on the tram",
    "The concert was cancelled",
    "Painted the kitchen wall yellow",
    "Excellent cheese from the market",
    "Updated all the passwords",
    "A train to the coast broke down",
    "Renewing a passport takes ages",
    "The dentist found nothing wrong",
    "Chess at noon, and lost again",
    "Tomatoes on the balcony are ripe",
)


@pytest.mark.parametrize(
    ("first", "answer", "question", "way", "arms"),
    [
        pytest.param(
            "My sister Anna came over",
            "Anna started at Nokia as an engineer",
            "Where does Ada's sister work?",
            ("ada's sister", "anna"),
            {"graph", "keyword"},  # the bank knows the name, which is then searched for as well
            id="whose sister it is",
        ),
        pytest.param(
            "My mom, Ingrid, called twice",
            "Ingrid sold a farm in Jutland",
            "What did Ada's mother get rid of?",
            ("ada's mother", "ingrid"),
            {"graph", "keyword"},  # the bank knows the name, which is then searched for as well
            id="another word for it",
        ),
        pytest.param(
            "We adopted a puppy called Rex",
            "Rex swallowed a sock, surgery tomorrow",
            "Has Ada's dog been ill?",
            ("ada's dog", "rex"),
            {"graph", "keyword"},  # the bank knows the name, which is then searched for as well
            id="a pet",
        ),
        pytest.param(
            "Tom introduced me to Priya",
            "Priya repairs church organs",
            "Whom does Tom know with an unusual profession?",
            ("tom", "priya"),
            {"graph"},
            id="two names",
        ),
        pytest.param(
            "I passed the driving exam on 3 March 2026",
            "A storm flooded that cellar, 2026-03-03",
            "What else happened when Ada passed her driving exam?",
            ("day",),
            {"graph"},
            id="the same day",
        ),
    ],
)
async def test_what_shares_nothing_with_the_question_is_found_over_another_memory(
    first: str, answer: str, question: str, way: tuple[str, ...], arms: set[str]
) -> None:
    told_by = [Item(content=text, key=str(place), actor="Otto") for place, text in enumerate(NOISE)]
    items = [*told_by[:9], Item(content=first, key="first", actor="Ada"), *told_by[9:]]
    items.insert(22, Item(content=answer, key="answer", actor="Otto"))

    async with engine(":memory:", embedder=ByWords(2**14)) as memory:
        await memory.retain("b", items, wait=True)
        recall = await memory.recall("b", question)

    hit = next(hit for hit in recall.hits[:5] if hit.memory.key == "answer")
    bridge = next(hit for hit in recall.hits if hit.memory.key == "first").memory.id
    assert set(recall.trace.arms[hit.memory.id]) == arms
    path = recall.trace.paths[hit.memory.id]
    assert path[-1] == way[-1]
    assert bridge in path
    assert set(way) | {bridge} >= set(path)
