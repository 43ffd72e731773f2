from __future__ import annotations

from duramen.client.breaker import LONGEST_REST, Breaker


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def broken(clock: Clock) -> Breaker:
    breaker = Breaker(after=3, seconds=2.0, clock=clock)
    for _ in range(3):
        breaker.failed()
    return breaker


def test_it_lets_through_until_enough_have_failed_in_a_row() -> None:
    breaker = Breaker(after=3, clock=Clock())

    breaker.failed()
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    breaker.failed()
    still = breaker.refusal()
    breaker.failed()

    assert still is None
    assert breaker.refusal() == 2.0


def test_after_its_rest_one_probe_goes_and_the_others_wait_for_it() -> None:
    clock = Clock()
    breaker = broken(clock)

    clock.now = 2.0

    assert breaker.refusal() is None
    assert breaker.refusal() == 0.0
    breaker.succeeded()
    assert breaker.refusal() is None


def test_each_failed_probe_doubles_the_rest_up_to_the_longest() -> None:
    clock = Clock()
    breaker = broken(clock)
    rests: list[float | None] = []

    for _ in range(5):
        clock.now += breaker.refusal() or 0.0
        assert breaker.refusal() is None
        breaker.failed()
        rests.append(breaker.refusal())

    assert rests == [4.0, 8.0, LONGEST_REST, LONGEST_REST, LONGEST_REST]


def test_a_probe_that_was_given_up_lets_another_go() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now = 2.0
    breaker.refusal()

    breaker.left()

    assert breaker.refusal() is None


def test_the_server_may_ask_for_a_longer_rest() -> None:
    breaker = Breaker(clock=Clock())

    breaker.rest(90.0)

    assert breaker.refusal() == 90.0
