from __future__ import annotations

import pytest

from duramen.index.bank import BankIndex
from duramen.recall.priors import priors
from duramen.types import BankVersion
from tests.recall.searches import index_of, row_of, search_of, told


def said_by(*speakers: str | None) -> BankIndex:
    return index_of(*(told("tea", speaker=speaker) for speaker in speakers))


def found(index: BankIndex, text: str) -> dict[str, list[float]]:
    return {name: scores.tolist() for name, scores in priors(search_of(index, text)).items()}


def test_what_the_named_speaker_said_is_known_best_by_them() -> None:
    assert found(said_by("Ada", "Ben", None, "Ada"), "What does Ada like?") == {"speaker": [1, 0, 0, 1]}


@pytest.mark.parametrize(
    "text",
    [
        "What does Ada's sister like?",
        "WHAT DOES ADA LIKE?",
        "Does Lovelace like tea?",
        "Does Ada Lovelace like tea?",
        "What would Ada, or Grace, like?",
    ],
)
def test_a_speaker_is_named_by_any_word_of_their_name(text: str) -> None:
    assert found(said_by("Ada Lovelace", "Ben"), text) == {"speaker": [1, 0]}


@pytest.mark.parametrize(
    "text",
    [
        "What does Grace like?",
        "What do Ada and Ben like?",
        "What does Adam like?",
        "What is the like?",
        "?",
    ],
)
def test_without_just_one_speaker_named_nobody_knows_best(text: str) -> None:
    assert found(said_by("Ada", "Ben"), text) == {}


def test_two_of_one_name_are_not_told_apart_by_it() -> None:
    index = said_by("Ada King", "Ada Byron")

    assert found(index, "What does Ada like?") == {}
    assert found(index, "What does Byron like?") == {"speaker": [0, 1]}
    assert found(index, "What does Ada King like?") == {"speaker": [1, 0]}


def test_function_words_of_a_name_name_nobody() -> None:
    index = said_by("The Host", "Ben")

    assert found(index, "What is the tea like?") == {}
    assert found(index, "What does the host like?") == {"speaker": [1, 0]}


def test_who_spoke_later_is_known_too() -> None:
    index = said_by("Ada")
    assert found(index, "What does Ben like?") == {}

    index.extend([row_of(1, told("tea", speaker="Ben"))], BankVersion(1, 2, 0, "e", 2))

    assert found(index, "What does Ben like?") == {"speaker": [0, 1]}


def test_what_the_agent_said_counts_less() -> None:
    index = index_of(told("tea"), told("tea", kind="experience"), told("tea", kind="summary"))

    assert found(index, "Who likes tea?") == {"agent": [0, 1, 0]}


@pytest.mark.parametrize("text", ["What did you say?", "Is that your tea?", "What did the assistant do?", "YOU?"])
def test_unless_the_agent_is_spoken_to(text: str) -> None:
    assert found(index_of(told("tea"), told("tea", kind="experience")), text) == {}


@pytest.mark.parametrize("kind", ["fact", "experience"])
def test_where_all_are_of_one_kind_that_says_nothing(kind: str) -> None:
    assert found(index_of(told("tea", kind=kind), told("wine", kind=kind)), "Who likes tea?") == {}


def test_both_may_be_known() -> None:
    index = index_of(told("tea", speaker="Ada"), told("tea", speaker="assistant", kind="experience"))

    assert found(index, "What does Ada like?") == {"speaker": [1, 0], "agent": [0, 1]}
