from __future__ import annotations

import asyncio

import pytest

from duramen.stages import listen, stage


def test_a_stage_is_told_with_its_verb_when_it_began_and_how_long_it_took() -> None:
    told: list[tuple[str, str, float, float]] = []
    unlisten = listen(lambda *heard: told.append(heard))
    try:
        with stage("retain", "embed"):
            assert told == []
    finally:
        unlisten()

    ((verb, name, begin, seconds),) = told
    assert (verb, name) == ("retain", "embed")
    assert begin > 0
    assert seconds >= 0


def test_a_stage_that_ends_with_an_error_is_told_and_the_error_goes_on() -> None:
    told: list[str] = []
    unlisten = listen(lambda verb, name, begin, seconds: told.append(name))
    try:
        with pytest.raises(ZeroDivisionError), stage("reflect", "think"):
            _ = 1 / 0
    finally:
        unlisten()

    assert told == ["think"]


def test_who_listens_no_more_is_told_no_more_and_the_others_are() -> None:
    one: list[str] = []
    other: list[str] = []
    first = listen(lambda verb, name, begin, seconds: one.append(name))
    second = listen(lambda verb, name, begin, seconds: other.append(name))
    try:
        first()
        first()
        with stage("forget", "select"):
            pass
    finally:
        second()
    with stage("forget", "delete"):
        pass

    assert (one, other) == ([], ["select"])


async def test_stages_of_other_threads_are_told_too() -> None:
    told: list[str] = []
    unlisten = listen(lambda verb, name, begin, seconds: told.append(name))

    def work(name: str) -> None:
        with stage("tasks", name):
            pass

    try:
        await asyncio.gather(*(asyncio.to_thread(work, str(number)) for number in range(20)))
    finally:
        unlisten()

    assert sorted(told, key=int) == [str(number) for number in range(20)]
