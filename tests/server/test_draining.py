from __future__ import annotations

from duramen.server.draining import Draining


def test_the_time_to_drain_runs_from_the_first_question_on() -> None:
    draining = Draining(1000)

    first = draining.left()
    later = draining.left()

    assert 0 < later <= first <= 1000


def test_there_is_never_less_than_no_time() -> None:
    draining = Draining(0)

    draining.left()

    assert draining.left() == 0
