from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duramen.index.bank import BankIndex
from duramen.index.saved import Loaded
from duramen.index.token_codes import Decoded
from duramen.language.claims import find_claims
from duramen.recall.fusion import WEIGHTS, calibrated
from duramen.recall.ranking import (
    AGAIN,
    CLOSER,
    CONFIDENT,
    COPIED,
    FADED,
    MOST_WITHOUT,
    SPARE,
    TOLD_BY_OTHERS,
    VOICES,
    Ranked,
    ranked,
    shortlist,
)
from duramen.recall.search import Scores, Search
from tests.recall.lists import along, asked, decoded, listed
from tests.recall.searches import DAY, START, index_of, search_of, told

NOTHING = decoded()


def of(*values: float) -> Scores:
    return np.array(values, dtype=np.float32)


def plain(count: int) -> BankIndex:
    """Return an index of memories that tie nothing to each other."""
    return index_of(*(told(f"word{number}") for number in range(count)))


def homes(*places: str) -> BankIndex:
    """Return an index of what Ada said of her home, day by day; nothing of it where a place is empty."""
    claims = [tuple(find_claims(f"I live in {place}.", "Ada")) if place else () for place in places]
    return index_of(*(told(f"word{day}", claims=claim) for day, claim in enumerate(claims)))


def fused(search: Search, *scores: float, depth: int = 0, mask: Sequence[bool] | None = None) -> list[int]:
    """Return which rows are listed for such scores."""
    found = shortlist(search, of(*scores), None if mask is None else np.array(mask), depth)
    return found.rows.tolist()  # type: ignore[no-any-return]  # numpy does not say


def test_the_best_are_listed_first() -> None:
    assert fused(search_of(plain(3), "anything"), 0.2, 0.9, 0.5) == [1, 2, 0]


def test_more_are_listed_than_asked_for_since_not_all_will_fit() -> None:
    search = search_of(plain(40), "anything")
    search.query = replace(search.query, limit=3)

    assert len(fused(search, *np.linspace(1, 0, 40))) == 3 + SPARE
    assert len(fused(search, *np.linspace(1, 0, 40), depth=20)) == 20
    assert len(fused(search, *np.linspace(1, 0, 40), depth=5)) == 3 + SPARE


@pytest.mark.parametrize(("unwanted", "more"), [(4, 4), (MOST_WITHOUT + 5, MOST_WITHOUT)])
def test_others_are_listed_in_place_of_unwanted_ones(unwanted: int, more: int) -> None:
    size = MOST_WITHOUT + 30
    search = search_of(plain(size), "anything")
    search.query = replace(search.query, limit=1, without=frozenset(map(str, range(unwanted))))

    assert len(fused(search, *[0.5] * size)) == 1 + SPARE + more


def test_only_what_passes_the_filters_is_listed_and_counted() -> None:
    search = search_of(plain(3), "anything")

    found = shortlist(search, of(0.9, 0.5, 0.0), np.array([False, True, True]), 10)

    assert found.rows.tolist() == [1, 2]
    assert found.searched == 2


def test_filters_may_leave_nothing() -> None:
    search = search_of(plain(2), "anything")

    found = shortlist(search, of(0.9, 0.5), np.array([False, False]), 10)
    order = ranked(found, asked(search.index, "word0"), NOTHING)

    assert (order.places, order.scores, order.confident) == ([], [], False)


def test_what_the_named_speaker_said_is_listed_before_what_others_said() -> None:
    index = index_of(told("tea", speaker="Ben"), told("tea", speaker="Ada"))

    assert fused(search_of(index, "What does Ada like?"), 0.5, 0.5) == [1, 0]


def test_what_the_agent_said_is_listed_behind_what_people_said() -> None:
    index = index_of(told("tea", kind="experience"), told("tea"))

    assert fused(search_of(index, "Who likes tea?"), 0.5, 0.5) == [1, 0]
    assert fused(search_of(index, "What did you say of tea?"), 0.5, 0.5) == [0, 1]


def test_the_list_says_what_each_arm_and_each_prior_gave() -> None:
    index = index_of(told("tea", speaker="Ben"), told("tea", speaker="Ada"))
    search = search_of(index, "What does Ada like?")
    search.found = {"keyword": of(0.1, 0.7)}

    found = shortlist(search, of(0.1, 0.7), None, 0)

    assert found.parts["keyword"].tolist() == pytest.approx([0.7, 0.1])
    assert found.parts["speaker"].tolist() == [1.0, 0.0]


def test_what_holds_now_is_listed_with_what_it_contradicts() -> None:
    search = search_of(homes("Porto", *[""] * 20, "Oslo"), "anything")
    search.query = replace(search.query, limit=1)

    rows = fused(search, 1.0, *[0.5] * 20, 0.1)

    assert rows == [*range(1 + SPARE), 21]


def test_meaning_is_listed_unless_it_points_away() -> None:
    index = index_of(told("near", vector=(0.6, 0.8)), told("away", vector=(-1.0, 0.0)))

    assert listed(index).meaning.tolist() == pytest.approx([0.6, 0.0])


def test_the_scores_of_a_large_bank_are_put_right() -> None:
    vectors = [(0.0, 1.0), (0.6, 0.8), (1.0, 0.0)]
    index = index_of(*(told("tea", vector=vector) for vector in vectors))
    coded = BankIndex.load(index.version, Loaded.of(index.save()))
    search = search_of(coded, "anything")
    search.found = {"semantic": of(0.9, 0.5, 0.1)}

    found = shortlist(search, np.float32(WEIGHTS["semantic"]) * search.found["semantic"], None, 0)

    assert not coded.vectors.is_exact
    assert found.rows.tolist() == [2, 1, 0]
    assert found.fused.tolist() == pytest.approx([WEIGHTS["semantic"] * share for share in (1.0, 0.6, 0.0)], abs=1e-5)


def test_of_a_large_bank_without_the_semantic_arm_only_what_was_found_is_listed() -> None:
    index = index_of(*(told("tea", vector=vector) for vector in [(0.6, 0.8), (0.0, 1.0), (1.0, 0.0)]))
    coded = BankIndex.load(index.version, Loaded.of(index.save()))
    search = search_of(coded, "anything")
    search.query = replace(search.query, arms={"semantic": False})
    search.found = {"keyword": of(0.5, 0.0, 0.9)}

    found = shortlist(search, search.found["keyword"], None, 10)

    assert found.rows.tolist() == [2, 0]
    assert found.fused.tolist() == pytest.approx([0.9, 0.5])
    assert found.meaning.tolist() == pytest.approx([1.0, 0.6], abs=1e-3)


def test_without_tokens_the_fused_scores_order() -> None:
    found = listed(plain(3), [2, 0, 1])

    order = ranked(found, None, NOTHING)

    assert order.best(3) == list(zip("201", calibrated(found.fused).tolist(), strict=True))
    assert order.numbers(2) == [3, 1]
    assert order.closer == {}


def test_without_any_codes_the_fused_scores_order() -> None:
    found = listed(plain(3))

    order = ranked(found, asked(found.search.index, "word2"), decoded([], [], []))

    assert order.scores == calibrated(found.fused).tolist()
    assert order.closer == {}


def test_without_tokens_of_the_query_the_fused_scores_order() -> None:
    found = listed(plain(2))

    order = ranked(found, asked(found.search.index), decoded([along(0)], [along(1)]))

    assert order.scores == calibrated(found.fused).tolist()
    assert order.closer == {}


def test_a_closer_look_puts_the_answer_first() -> None:
    found = listed(plain(3))

    order = ranked(found, asked(found.search.index, "word2"), decoded([along(1)], [along(1)], [along(0)]))

    assert order.best(1)[0][0] == "2"
    assert order.closer["own"].tolist() == [0.0, 0.0, 1.0]


def test_what_was_not_looked_at_comes_behind() -> None:
    found = listed(plain(4))

    order = ranked(found, asked(found.search.index, "word1"), decoded([along(1)], [along(0)]))

    assert order.places == [1, 0, 2, 3]
    assert order.scores[1] >= order.scores[2]


def test_the_gain_of_a_closer_look_is_told_by_name() -> None:
    index = index_of(told("tea", speaker="Ben"), told("tea", speaker="Ada"), told("wine"))
    found = listed(index, [1, 0, 2], "What tea does Ada like?")

    order = ranked(found, asked(index, "tea"), decoded([along(0)], [along(0, 0.5)]))

    assert found.ids == ["1", "0", "2"]
    assert order.gained(0) == pytest.approx({name: CLOSER[name] for name in ("own", "near", "session", "speaker")})
    assert order.gained(1) == pytest.approx({name: CLOSER[name] / 2 for name in ("own", "near", "session")})
    assert order.gained(2) == {}


def test_a_copy_comes_behind_what_says_something_new() -> None:
    found = listed(plain(3))
    said = [along(0, 0.9), along(1, 0.9)]
    more = [*said, along(2), along(2)]

    order = ranked(found, asked(found.search.index, "word0", "word1"), decoded(said, said[::-1], more))

    assert order.places == [0, 2, 1]


def test_a_copy_keeps_its_share() -> None:
    found = listed(plain(2))
    once = ranked(found, asked(found.search.index, "word0"), decoded([along(0)], [along(1)]))

    twice = ranked(found, asked(found.search.index, "word0"), decoded([along(0)], [along(0)]))

    assert twice.scores[0] == once.scores[0]
    assert 0.9 * COPIED * twice.scores[0] < twice.scores[1] <= COPIED * twice.scores[0]


def test_memories_without_codes_are_no_copies_of_each_other() -> None:
    found = listed(plain(3))

    order = ranked(found, asked(found.search.index, "word0"), decoded([along(0, 0.1)], [], []))

    assert order.places == [1, 2, 0]
    assert order.scores[1] > 0.9 * order.scores[0]


def test_what_holds_now_comes_before_what_held() -> None:
    found = listed(homes("Porto", "", "Oslo"))

    order = ranked(found, None, NOTHING)

    before = calibrated(found.fused).tolist()
    assert dict(order.best(3)) == pytest.approx({"2": before[0], "1": before[1], "0": FADED * before[0]})


def test_the_score_passes_on_to_the_last_change() -> None:
    order = ranked(listed(homes("Porto", "Oslo", "Ghent"), [0, 2, 1]), None, NOTHING)

    assert order.best(1)[0][0] == "2"


def test_what_holds_now_comes_first_after_a_closer_look_too() -> None:
    found = listed(homes("Porto", "Oslo"))

    order = ranked(found, asked(found.search.index, "word0"), decoded([along(0)], [along(1)]))

    assert order.places == [1, 0]


def test_a_change_of_something_else_than_what_is_asked_takes_nothing_over() -> None:
    found = listed(homes("Porto", "Oslo", ""))
    query = asked(found.search.index, "word2")
    apart = ranked(replace(found, changes=()), query, decoded([along(1)], [along(2)], [along(0)]))

    order = ranked(found, query, decoded([along(1)], [along(2)], [along(0)]))

    assert found.changes == [(0, 1)]
    assert order.best(3) == apart.best(3)


def test_what_holds_now_takes_nothing_over_where_it_is_about_something_else() -> None:
    claims = [tuple(find_claims(f"I live in {home}.", "Ada")) for home in ("Porto", "Oslo")]
    index = index_of(told("word0", claims=claims[0]), told("word1", claims=claims[1], vector=(0.0, 1.0)))

    order = ranked(listed(index), asked(index, "word0"), decoded([along(0)], [along(1)]))

    assert order.places == [0, 1]


def test_what_was_superseded_by_the_time_asked_for_is_left_out_and_lends_its_score() -> None:
    search = search_of(homes("Porto", "", "Oslo", ""), "anything")
    search.query = replace(search.query, as_of=START + 2 * DAY)

    found = shortlist(search, of(0.9, 0.5, 0.1, 0.0), None, 0)
    order = ranked(found, None, NOTHING)

    assert found.searched == 3
    assert order.best(2) == [("2", calibrated(of(0.9)).item()), ("1", calibrated(of(0.5)).item())]
    assert "0" not in dict(order.best(4))


def several(question: str, *sessions: str | None) -> list[str]:
    """Return the order in which memories that answer alike come, each better than the next by a little."""
    index = index_of(*(told(f"word{number}", session=session) for number, session in enumerate(sessions)))
    found = listed(index, text=question)
    found = replace(found, fused=np.linspace(0.1, 0.09, len(sessions), dtype=np.float32))
    tokens = [[along(0, 0.5), [0.0, side, up, 0.0]] for side, up in [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)]]
    return [id for id, _ in ranked(found, asked(index, "word0"), decoded(*tokens[: len(sessions)])).best(len(sessions))]


def test_who_asks_for_several_things_hears_from_several_sessions() -> None:
    sessions = ("a", "a", "a", "b")

    assert several("Which cities has Ada been to?", *sessions) == ["0", "3", "1", "2"]
    assert several("Where does Ada live?", *sessions) == ["0", "1", "2", "3"]


def test_memories_without_a_session_give_way_to_none() -> None:
    assert several("Which cities has Ada been to?", None, None, None, "b") == ["0", "1", "2", "3"]


def test_memories_give_way_to_a_few_others_at_most() -> None:
    index = index_of(*(told(f"word{number}", session="s") for number in range(AGAIN + 5)))
    found = replace(listed(index, text="Which cities?"), fused=np.full(len(index), 0.1, dtype=np.float32))

    order = ranked(found, asked(index, "word0"), decoded(*([along(0, share)] for share in [0.5] * len(index))))

    assert len({*order.scores}) == 1 + AGAIN


@settings(deadline=None)
@given(st.data())
def test_scores_fall_from_one_to_zero(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 8))
    drawn = st.lists(st.integers(0, 2), min_size=count, max_size=count)
    sessions, homes_of, counts = data.draw(drawn), data.draw(drawn), data.draw(drawn)
    index = index_of(
        *(
            told(f"word{day}", session=(None, "a", "b")[session], claims=claims(home), kind=kind)
            for day, (session, home) in enumerate(zip(sessions, homes_of, strict=True))
            for kind in [data.draw(st.sampled_from(["fact", "experience"]))]
        )
    )
    question = data.draw(st.sampled_from(["Where does Ada live?", "Which cities are there?"]))
    scores = data.draw(st.lists(st.floats(0, 3, width=32), min_size=count, max_size=count))
    found = shortlist(search_of(index, question), of(*scores), None, count)
    looked_at = counts[: data.draw(st.integers(0, count))]
    tokens = np.random.default_rng(count).standard_normal((sum(looked_at), 4)).astype(np.float32)
    tokens /= np.linalg.norm(tokens, axis=1, keepdims=True)

    order = ranked(found, asked(index, "word0", "word1"), Decoded(tokens, np.array(looked_at, dtype=np.intp)))

    assert sorted(order.places) == list(range(count))
    assert order.scores == sorted(order.scores, reverse=True)
    assert all(0.0 <= score <= 1.0 for score in order.scores)
    score = dict(zip(order.places, order.scores, strict=True))
    assert order.closer or all(score[newer] >= score[older] for older, newer in found.changes)


def claims(home: int) -> tuple[object, ...]:
    return tuple(find_claims(f"I live in {('', 'Porto', 'Oslo')[home]}.", "Ada")) if home else ()


def order_of(*scores: float, **closer: Scores) -> Ranked:
    found = listed(plain(len(scores)))
    return Ranked(places=[*range(len(scores))], scores=scores, listed=found, closer=closer, weights=CLOSER)


@pytest.mark.parametrize(("scores", "confident"), [((CONFIDENT, 0.1), True), ((CONFIDENT - 0.01,), False), ((), False)])
def test_a_bank_is_confident_if_its_best_scores_like_an_answer(scores: tuple[float, ...], confident: bool) -> None:
    assert order_of(*scores).confident is confident


def voices(hers: Sequence[float], others: Sequence[float]) -> Ranked:
    """Return an order in which she whom the query names fits it so well, and others fit it so well."""
    speaker = of(*[1.0] * len(hers), *[0.0] * len(others))
    return order_of(*[0.9] * len(speaker), speaker=speaker, own=of(*hers, *others))


def test_a_bank_is_not_confident_of_what_others_said_than_the_one_who_is_asked_about() -> None:
    more = 0.5 + 2 * TOLD_BY_OTHERS

    assert not voices([0.5] * VOICES, [more] * VOICES).confident
    assert voices([more] * VOICES, [0.5] * VOICES).confident
    assert voices([0.5] * VOICES, [0.5 + TOLD_BY_OTHERS / 2] * VOICES).confident


def test_the_best_fits_of_each_are_compared() -> None:
    assert not voices([0.5] * VOICES + [0.0] * 9, [0.9] * VOICES + [0.0] * 20).confident
    assert voices([0.9] * VOICES + [0.0] * 20, [0.5] * (VOICES + 9)).confident


def test_a_few_fits_do_not_tell_who_is_meant() -> None:
    assert voices([0.5] * (VOICES - 1), [0.9] * VOICES).confident
    assert voices([0.5] * VOICES, [0.9] * (VOICES - 1)).confident


def test_without_a_speaker_in_the_query_nobody_is_meant() -> None:
    assert order_of(0.9, 0.9, own=of(0.9, 0.1)).confident
