from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duramen.strategies.episodic_feeling import feeling
from duramen.strategies.episodic_plain import Told, told
from duramen.strategies.episodic_reports import outcome, report
from duramen.strategies.episodic_writing import lesson
from tests.strategies.episodic_cases import ENDED, GOING_ON, NOTHING
from tests.strategies.episodic_talks import talk, work


def _assessed(said: str) -> list[str]:
    return [str(episode.details["assessment"]) for episode in _told(said).episodes]


def _told(said: str) -> Told:
    return told(work(said), idle_seconds=300)


def test_episodes_that_ended_are_found_and_assessed() -> None:
    found = [(_assessed(said), expected) for said, expected in ENDED]

    wanted = sum(len(expected) for _, expected in found)
    matched = sum(min(len(made), len(expected)) for made, expected in found)
    right = sum(made == expected for made, expected in found)
    assert len(ENDED) >= 40
    assert matched / wanted >= 0.95
    assert right / len(found) >= 0.95


def test_what_is_no_episode_or_goes_on_gives_none() -> None:
    wrong = [said for said in (*NOTHING, *GOING_ON) if _assessed(said)]

    assert len(NOTHING) >= 40
    assert len(GOING_ON) >= 40
    assert len(wrong) / (len(NOTHING) + len(GOING_ON)) <= 0.02


def test_what_goes_on_is_left_from_its_request_on() -> None:
    lost = [said for said in GOING_ON if not _told(said).left]

    assert len(lost) / len(GOING_ON) <= 0.02


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.sampled_from([*NOTHING, *GOING_ON, *(said for said, _ in ENDED)]), min_size=1, max_size=3), st.data()
)
def test_no_event_is_in_two_episodes_unless_it_ends_one_and_begins_the_next(
    chosen: list[str], data: st.DataObject
) -> None:
    events = talk("\n".join(said.removesuffix("\n…") for said in chosen))
    cut = data.draw(st.integers(1, len(events)))

    found = told(work(events[:cut]), idle_seconds=300)

    told_of = [place for one in found.episodes for place in one.sources] + list(found.left)
    assert len(told_of) - len(set(told_of)) <= len(found.episodes)
    assert set(told_of) <= {event.id for event in events[:cut]}


@settings(max_examples=50, deadline=None)
@given(st.sampled_from([said for said, _ in ENDED if not said.endswith("…")]), st.data())
def test_an_episode_given_in_pieces_is_the_same_as_in_one(said: str, data: st.DataObject) -> None:
    events = talk(said)
    cut = data.draw(st.integers(0, len(events) - 1))
    whole = told(work(events), idle_seconds=300)

    first = told(work(events[:cut]), idle_seconds=300) if cut else Told()
    again = [event for event in events if event.id in first.left] + events[cut:]
    history = [event for event in events[:cut] if event.id not in first.left]
    second = told(work(again, history=history), idle_seconds=300)

    ended = [episode.sources[-1] for episode in (*first.episodes, *second.episodes)]
    assert ended == [episode.sources[-1] for episode in whole.episodes]


@pytest.mark.parametrize(
    ("said", "signs"),
    [
        ("it's not working yet", (-1,)),
        ("it doesn't crash anymore", (2,)),
        ("the error is gone", (2,)),
        ("couldn't be happier", (2,)),
        ("works, but the export is still broken", (2, -1)),
        ("if it fails again I'll let you know", ()),
        ("is it fixed?", ()),
        ("why is it still failing?", (-1,)),
        ("Thanks for nothing", (-1,)),
        ("That would be great", ()),
        ("funktioniert leider immer noch nicht", (-1,)),
        ("ça marche, merci", (2,)),
        ("todavía no funciona", (-1,)),
        ("ora funziona", (2,)),
        ("não funcionou", (-1,)),
    ],
)
def test_praise_and_complaint_are_told_apart_also_when_negated(said: str, signs: tuple[int, ...]) -> None:
    assert feeling(said).signs == signs


@pytest.mark.parametrize(
    ("said", "came_out"),
    [
        ("I booked the 18:40 for you.", 2),
        ("I booked the flight, but the hotel is sold out.", 1),
        ("I converted 31 of 40 photos.", 1),
        ("I could not find a direct flight, so I booked one via Madrid.", 2),
        ("Unfortunately there are no seats left.", -1),
        ("The payment failed because the card expired. Use another card.", 0),
        ("It takes two hours.", 0),
        ("I fixed 23 errors in the text.", 2),
    ],
)
def test_what_an_agent_reports_is_read_with_what_came_later(said: str, came_out: int) -> None:
    assert outcome(report(said).signs) == came_out


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("Done. Is there anything else I can help with?", "anything else"),
        ("I reset it. Does it work now?", "all right"),
        ("I can book the 7 or the 8 o'clock. Which one would you like?", "to go on"),
        ("Booked! Would you like the receipt by mail?", "anything else"),
        ("Could you send me your order number?", "to go on"),
        ("It is closed on Mondays.", "nothing"),
    ],
)
def test_what_an_agent_asks_at_the_end_tells_what_a_thank_you_means(said: str, asks: str) -> None:
    assert report(said).asks == asks


def test_a_tool_reports_by_codes_as_well_as_words() -> None:
    assert report("HTTP 503 service unavailable", tool=True).signs == (-1,)
    assert report('{"status": "ok", "errors": 0}', tool=True).signs == (1,)
    assert report("42 rows", tool=True).signs == ()


def test_a_lesson_is_drawn_only_from_what_came_out_somehow() -> None:
    assert lesson("reset the router", ["I restarted it."], "unknown") == ""
    assert lesson("reset the router", [], "success") == ""
    assert lesson("reset the router", ["I restarted it."], "partial").startswith(
        "To reset the router, this was only a part"
    )
