from duramen.evaluation.cases import Case
from duramen.evaluation.judging import Found, places, session_places

FOUND = (
    Found("m1", "k1", "monday", "Ada moved  to\nLisbon.", 0.9),
    Found("m2", "k1", "monday", "She likes it.", 0.8),
    Found("m3", "k2", None, "The STRASSE is steep.", 0.7),
    Found("m4", "k3", "friday", "Ada left.", 0.6),
)


def test_each_expected_thing_has_the_rank_of_the_first_hit_that_is_it() -> None:
    case = Case(question="?", keys=("k1", "k9", "k3"), memories=("m2",))

    assert places(case, FOUND) == (1, None, 4, 2)


def test_a_text_is_found_whatever_its_case_and_white_space() -> None:
    case = Case(question="?", contains=("moved to lisbon", "Straße", "Porto"))

    assert places(case, FOUND) == (1, 3, None)


def test_sessions_are_ranked_by_their_best_hit_each_once() -> None:
    case = Case(question="?", sessions=("friday", "monday", "sunday"))

    assert session_places(case, FOUND) == (3, 1, None)


def test_without_hits_nothing_is_found() -> None:
    case = Case(question="?", keys=("k1",), contains=("a",), sessions=("monday",))

    assert places(case, ()) == (None, None)
    assert session_places(case, ()) == (None,)


def test_the_identity_of_a_case_changes_with_what_it_asks_and_expects() -> None:
    case = Case(question="Who?", keys=("a",))

    assert case.identity == Case(question="Who?", keys=("a",), category="other", answer="Ada").identity
    others = [
        Case(question="Who?", memories=("a",)),
        Case(question="Who?", keys=("b",)),
        Case(question="What?", keys=("a",)),
        Case(question="Who?", keys=("a",), bank="b"),
    ]
    assert len({case.identity, *(other.identity for other in others)}) == 5
    assert Case(question="Who?", id="mine").identity == "mine"
