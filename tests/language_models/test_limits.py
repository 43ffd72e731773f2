from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from duramen.errors import BadAnswerError, BadInputError, ModelUnavailableError, QuotaError
from duramen.language.tokens import count_tokens
from duramen.language_model import Answered, LanguageModel, Prompt, Shape, Usage
from duramen.language_models.lent import FunctionModel
from duramen.language_models.limits import Limits, Metered, Spent
from duramen.language_models.scripted import ScriptedModel
from tests.contracts.language_model import GOOD, PROMPT, Facts, LanguageModelContract, Models

READ = count_tokens(PROMPT.instructions) + count_tokens(PROMPT.data)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 23, 58, 30, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.now


class Counting:
    """Answers by itself, without the help of `structured`, and took what it is told to have taken."""

    name = "counting"

    def __init__(self, usage: Usage) -> None:
        self.usage = usage

    async def answer(self, prompt: Prompt, shape: type[Shape], *, max_tokens: int = 4_000) -> Answered[Shape]:
        return Answered(value=shape.model_validate_json(GOOD), usage=self.usage)

    async def aclose(self) -> None:
        """Has nothing open."""


class Strange(Counting):
    """Raises what its library likes."""

    name = "strange"

    def __init__(self) -> None:
        super().__init__(Usage())

    async def answer(self, prompt: Prompt, shape: type[Shape], *, max_tokens: int = 4_000) -> Answered[Shape]:
        raise KeyError("choices")


class TestMeteredModel(LanguageModelContract):
    @pytest.fixture
    def models(self) -> Models:
        def of(texts: Sequence[str]) -> LanguageModel:
            return Metered(ScriptedModel(texts), Limits(tokens_per_day=100_000)).for_bank("user:ada")

        return of


async def hang(system: str, user: str, max_tokens: int) -> str:
    return str(await asyncio.get_running_loop().create_future())


async def test_what_a_bank_used_is_counted_apart_from_others() -> None:
    metered = Metered(Counting(Usage(read=2_000, written=100)), Limits(dollars_per_million=(1.0, 10.0)))

    await metered.for_bank("user:ada").answer(PROMPT, Facts)
    await metered.for_bank("user:ada").answer(PROMPT, Facts)

    assert metered.usage("user:ada") == Spent(calls=2, read=4_000, written=200, dollars=0.006)
    assert metered.usage("user:ben") == Spent()


async def test_a_repair_is_counted_also_when_it_fails() -> None:
    model = ScriptedModel(["one two three", "four five"])
    metered = Metered(model)

    with pytest.raises(BadAnswerError):
        await metered.for_bank("user:ada").answer(PROMPT, Facts)

    spent = metered.usage("user:ada")
    assert (spent.calls, spent.failures, spent.written) == (1, 1, 5)
    assert spent.read > 2 * READ


@pytest.mark.parametrize(
    ("limits", "wait", "anew"),
    [
        (Limits(tokens_per_day=5_000), timedelta(minutes=2), "2026-03-02 00:00"),
        (Limits(tokens_per_minute=5_000), timedelta(seconds=30), "2026-03-01 23:59"),
        (
            Limits(dollars_per_day=0.005, dollars_per_million=(1.0, 1.0)),
            timedelta(minutes=2),
            "2026-03-02 00:00",
        ),
    ],
)
async def test_what_is_used_up_is_said_before_the_call_and_begins_anew(
    limits: Limits, wait: timedelta, anew: str
) -> None:
    clock = Clock()
    model = Counting(Usage(read=4_000, written=990))
    metered = Metered(model, limits, clock=clock)
    bank = metered.for_bank("user:ada")
    await bank.answer(PROMPT, Facts)

    with pytest.raises(QuotaError, match=rf"'user:ada' has used up .*begins anew at {anew} UTC"):
        await bank.answer(PROMPT, Facts)

    assert metered.usage("user:ada").refused == 1
    assert metered.usage("user:ada").calls == 1
    await metered.for_bank("user:ben").answer(PROMPT, Facts)
    clock.now += wait
    await bank.answer(PROMPT, Facts)


async def test_prompts_that_are_being_answered_count() -> None:
    metered = Metered(FunctionModel(hang), Limits(tokens_per_day=2 * READ, concurrency=9, timeout=0.2))
    bank = metered.for_bank("user:ada")

    results = await asyncio.gather(*(bank.answer(PROMPT, Facts) for _ in range(5)), return_exceptions=True)

    assert sorted(type(result).__name__ for result in results) == ["ModelUnavailableError"] * 2 + ["QuotaError"] * 3


async def test_a_bank_that_waited_for_its_turn_is_checked_again() -> None:
    model = Counting(Usage(read=900, written=0))
    bank = Metered(model, Limits(tokens_per_day=1_000, concurrency=1)).for_bank("user:ada")

    results = await asyncio.gather(*(bank.answer(PROMPT, Facts) for _ in range(5)), return_exceptions=True)

    assert sum(isinstance(result, QuotaError) for result in results) >= 3
    assert isinstance(results[0], Answered)


async def test_a_model_that_hangs_is_given_up_and_counted() -> None:
    metered = Metered(FunctionModel(hang), Limits(timeout=0.05))

    with pytest.raises(ModelUnavailableError, match=r"within 0\.05 s and was given up"):
        await metered.for_bank("user:ada").answer(PROMPT, Facts)

    assert metered.usage("user:ada") == Spent(calls=1, failures=1, read=READ)


async def test_a_failure_costs_nothing_and_is_counted() -> None:
    metered = Metered(ScriptedModel([ModelUnavailableError("gone"), ValueError("a mistake"), GOOD]))
    bank = metered.for_bank("user:ada")

    for _ in range(2):
        with pytest.raises(ModelUnavailableError, match=r"gone|ValueError: a mistake"):
            await bank.answer(PROMPT, Facts)

    assert metered.usage("user:ada") == Spent(calls=2, failures=2)
    assert (await bank.answer(PROMPT, Facts)).value.facts


async def test_what_a_model_of_ones_own_raises_makes_it_unavailable() -> None:
    metered = Metered(Strange())

    with pytest.raises(ModelUnavailableError, match="The model 'strange' failed: KeyError: 'choices'"):
        await metered.for_bank("user:ada").answer(PROMPT, Facts)

    assert metered.usage("user:ada").failures == 1


async def test_no_more_than_so_many_calls_go_on_at_once() -> None:
    now: list[int] = []
    most: list[int] = []

    async def function(system: str, user: str, max_tokens: int) -> str:
        now.append(1)
        most.append(len(now))
        await asyncio.sleep(0)
        now.pop()
        return GOOD

    metered = Metered(FunctionModel(function), Limits(concurrency=3))

    await asyncio.gather(*(metered.for_bank(f"user:{n % 4}").answer(PROMPT, Facts) for n in range(12)))

    assert max(most) == 3


async def test_closing_a_bank_leaves_the_model_to_the_others() -> None:
    model = ScriptedModel([])
    metered = Metered(model)

    await metered.for_bank("user:ada").aclose()
    closed_by_a_bank = model.closed
    await metered.aclose()

    assert not closed_by_a_bank
    assert model.closed


@pytest.mark.parametrize(
    "options",
    [
        {"tokens_per_day": -1},
        {"tokens_per_minute": -1},
        {"dollars_per_day": float("nan"), "dollars_per_million": (1.0, 1.0)},
        {"dollars_per_day": 1.0},
        {"dollars_per_million": (-1.0, 0.0)},
        {"concurrency": 0},
        {"timeout": 0.0},
    ],
)
def test_limits_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(BadInputError):
        replace(Limits(), **options)
