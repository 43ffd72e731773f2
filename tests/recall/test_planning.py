from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.index.bank import BankIndex
from duramen.language.terms import code_of
from duramen.recall.planning import ALIAS, MOST_PARTS, aliases, combine, expansion, in_turns, names_asked, plan
from tests.recall.searches import index_of, told


@pytest.mark.parametrize(
    "text",
    [
        "Where does Ada live?",
        "When did Ada meet her friends, family, and mentors?",
        "What did Ada and her sister do in Rome?",
        "Where and when will Ada get married?",
        "When did Ada develop a course to teach how to sew and what not to do?",
        "What do I owe and when is the rent due?",
        "What does Bob like about Lisbon and why did he move there?",
        "Who did Ada and Bob meet, and what did they say?",
        "What do Ada and Bob both have in common?",
        "Was the date met, and by how much?",
        "My sister is visiting. Any restaurant ideas?",
        "Ada moved. Bob stayed.",
        "lisbon",
        "?",
        "",
    ],
)
def test_what_does_not_ask_two_things_stays_as_it_is(text: str) -> None:
    assert plan(text).parts == (text,)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "Where does Ada live and what does she do for work?",
            ("Where does Ada live?", "what does Ada do for work?"),
        ),
        ("When did Ada move, and why did her boss leave?", ("When did Ada move?", "why did Ada's boss leave?")),
        (
            "Where does Ada's sister live and what does she do?",
            ("Where does Ada's sister live?", "what does Ada's sister do?"),
        ),
        (
            "What is my dog's name, and when did we get him?",
            ("What is my dog's name?", "when did we get my dog?"),
        ),
        ("Who is Tom? Where does he live?", ("Who is Tom?", "Where does Tom live?")),
        (
            "Where did Ada live, what did she study?",
            ("Where did Ada live, what did she study?",),
        ),
    ],
)
def test_two_questions_are_asked_apart_each_with_its_name(text: str, parts: tuple[str, ...]) -> None:
    assert plan(text).parts == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("What do Ada and Bob both like?", ("What does Ada like?", "What does Bob like?")),
        ("Which films have both Ada and Bob seen?", ("Which films has Ada seen?", "Which films has Bob seen?")),
        ("Did Ada and Bob both dance?", ("Did Ada dance?", "Did Bob dance?")),
        ("Where were Ada Lovelace and Bob each born?", ("Where was Ada Lovelace born?", "Where was Bob born?")),
    ],
)
def test_what_is_asked_of_both_is_asked_of_each(text: str, parts: tuple[str, ...]) -> None:
    assert plan(text).parts == parts


def test_greetings_and_remarks_are_taken_out() -> None:
    planned = plan("Hey, do you remember where Ada lives? I forgot.")

    assert planned.parts == ("where Ada lives?",)
    assert planned.taken == ("Hey, do you remember", "I forgot.")


def test_a_remark_names_whom_the_question_means() -> None:
    planned = plan("I'm meeting Grace tomorrow. What does she like? And when is her birthday?")

    assert planned.parts == ("What does Grace like?", "when is Grace's birthday?")


def test_of_a_pasted_text_the_last_question_is_asked() -> None:
    mail = "Dear all, the meeting about the bridge is moved. Does anybody mind? " * 10

    planned = plan(f"{mail}\n\nWhat did Ada say about the bridge?")

    assert planned.parts == ("What did Ada say about the bridge?",)


def test_many_questions_are_cut_to_the_last_ones() -> None:
    planned = plan(" ".join(f"Where is Ada{number}?" for number in range(9)))

    assert len(planned.parts) == MOST_PARTS
    assert planned.parts[-1] == "Where is Ada8?"


def test_the_names_are_those_of_the_questions() -> None:
    assert plan("It rained in Rome. Where does Ada Lovelace live?").names == ("Ada Lovelace",)


@given(st.text(st.characters(exclude_categories=[]), max_size=300))
def test_any_text_has_a_plan(text: str) -> None:
    parts = plan(text).parts

    assert 1 <= len(parts) <= MOST_PARTS


def family() -> BankIndex:
    return index_of(
        told("my sister Anna came", entities=["Anna", "Ada's sister"]),
        told("Anna is at Nokia", entities=["Anna", "Nokia"]),
        told("my mum called", entities=["Ada Lovelace's mother"]),
        told("my dog", entities=["Ada's dog"]),
        told("my dog", entities=["Bob's dog"]),
        told("Ada laughed", entities=["Ada"]),
    )


@pytest.mark.parametrize(
    ("text", "actor", "names"),
    [
        ("Where does Ada's sister work?", None, ("ada's sister", "ada")),
        ("where does ada's sis work?", None, ("ada's sister", "ada")),
        ("Where does my sister work?", "Ada", ("ada's sister",)),
        ("Where does my sister work?", "Bob", ()),
        ("Where does my sister work?", None, ("ada's sister",)),
        ("How is the sister?", None, ("ada's sister",)),
        ("How is my dog?", "Bob", ("bob's dog",)),
        ("How is my dog?", None, ()),
        ("How is your dog?", "Bob", ()),
        ("How is Ada's mother?", None, ("ada lovelace's mother", "ada")),
        ("What did Ada give her sister?", None, ("ada's sister", "ada")),
        ("What did Anna give her sister?", None, ("anna",)),
        ("Where does Ada work?", None, ("ada",)),
        ("How is Ada's sister's husband?", None, ("ada's sister", "ada")),
    ],
)
def test_who_is_somebodys_is_found_by_whose_they_are(text: str, actor: str | None, names: tuple[str, ...]) -> None:
    index = family()

    assert names_asked(index, text.casefold().replace("?", "").split(), text, actor) == names


def test_a_relation_and_who_it_is_are_aliases() -> None:
    index = family()

    assert [name for name, _ in aliases(index, "ada's sister")] == ["anna"]
    assert [name for name, _ in aliases(index, "anna")] == ["ada's sister"]


def test_names_that_seldom_come_together_are_no_aliases() -> None:
    index = index_of(
        told("my sister met Anna", entities=["Anna", "Ada's sister"]),
        *[told("Anna", entities=["Anna"]) for _ in range(9)],
    )

    assert aliases(index, "ada's sister") == []


def test_a_query_is_expanded_with_what_the_bank_says_of_its_names() -> None:
    weights = expansion(family(), ["ada's sister", "nokia"])

    assert set(weights) == {code_of("anna")}
    assert 0.0 < weights[code_of("anna")] < ALIAS


def test_a_name_is_expanded_with_the_relation_and_not_with_whose_it_is() -> None:
    assert set(expansion(family(), ["anna"])) == {code_of("sister")}


def test_each_part_has_its_share_of_the_best() -> None:
    many = [(f"a{place}", 0.9 - place / 100) for place in range(20)]
    few = [("b0", 0.4), ("b1", 0.3)]

    combined = combine([few, many])

    assert [key for key, _ in combined[:4]] == ["a0", "b0", "a1", "b1"]


def test_one_part_stays_as_it_is() -> None:
    found = [("a", 0.5), ("b", 0.2)]

    assert combine([found]) == found


@given(st.lists(st.dictionaries(st.integers(0, 30), st.floats(0, 1)), max_size=4))
def test_combining_keeps_every_key_once_and_scores_fall(parts: list[dict[int, float]]) -> None:
    combined = combine([sorted(part.items(), key=lambda one: -one[1]) for part in parts])

    scores = [score for _, score in combined]
    assert sorted(key for key, _ in combined) == sorted({key for part in parts for key in part})
    assert scores == sorted(scores, reverse=True)
    assert max(scores, default=0.0) == max((score for part in parts for score in part.values()), default=0.0)


def test_lists_that_run_out_are_passed_over() -> None:
    assert in_turns([[1, 2, 3], [], [1]]) == [1, 2, 3]
