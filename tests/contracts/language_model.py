"""What every language model must do; an inheriting class gives the fixture `models`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import date

import pytest
from pydantic import BaseModel, Field

from duramen.errors import BadAnswerError
from duramen.language_model import LanguageModel, Prompt
from duramen.language_models.prompts import fenced


class Fact(BaseModel):
    text: str
    since: date | None = None


class Facts(BaseModel):
    facts: list[Fact] = Field(min_length=1)


PROMPT = Prompt(instructions="Find the facts.", data=fenced("text", "Ada has lived in Lisbon since 2025-03-01."))
GOOD = json.dumps({"facts": [{"text": "Ada lives in Lisbon.", "since": "2025-03-01"}]})
USELESS = {
    "nothing": "",
    "prose": "Ada lives in Lisbon.",
    "another language": "\u30a8\u30a4\u30c0\u306f\u30ea\u30b9\u30dc\u30f3\u306b\u4f4f\u3093\u3067\u3044\u307e\u3059\u3002",
    "half a JSON": GOOD[:-2],
    "another shape": '{"people": ["Ada"]}',
    "no facts": '{"facts": []}',
    "a wrong date": GOOD.replace("03-01", "13-41"),
    "YAML": "facts:\n  - text: Ada lives in Lisbon.",
    "half a surrogate pair": GOOD.replace("Ada", "\\ud800"),
}

Models = Callable[[Sequence[str]], LanguageModel]
"""Gives a model that writes these texts, one a request."""


class LanguageModelContract:
    async def test_an_answer_has_the_shape_that_was_asked_for(self, models: Models) -> None:
        answered = await models([GOOD]).answer(PROMPT, Facts)

        assert answered.value == Facts(facts=[Fact(text="Ada lives in Lisbon.", since=date(2025, 3, 1))])

    async def test_what_an_answer_took_is_told(self, models: Models) -> None:
        answered = await models([GOOD]).answer(PROMPT, Facts)

        assert answered.usage.read > 0
        assert answered.usage.written > 0

    async def test_a_model_has_a_name(self, models: Models) -> None:
        assert models([]).name

    @pytest.mark.parametrize("useless", USELESS.values(), ids=USELESS)
    async def test_a_useless_answer_is_asked_for_once_more(self, models: Models, useless: str) -> None:
        once = await models([GOOD]).answer(PROMPT, Facts)

        twice = await models([useless, GOOD]).answer(PROMPT, Facts)

        assert twice.value == once.value
        assert twice.usage.read > once.usage.read

    @pytest.mark.parametrize("useless", USELESS.values(), ids=USELESS)
    async def test_two_useless_answers_are_an_error_that_says_what_was_wrong(
        self, models: Models, useless: str
    ) -> None:
        model = models([useless, "I would rather not."])

        with pytest.raises(BadAnswerError, match=r"gave no usable Facts.*held no JSON object.*try"):
            await model.answer(PROMPT, Facts)

    async def test_prose_around_an_answer_is_passed_over(self, models: Models) -> None:
        prose = f"<think>Is it {{a}} fact?</think>Sure! Here you are:\n```json\n{GOOD}\n```\nAnything else?"

        answered = await models([prose]).answer(PROMPT, Facts)

        assert answered.value.facts[0].text == "Ada lives in Lisbon."

    async def test_many_answers_may_be_asked_for_at_once(self, models: Models) -> None:
        model = models([GOOD] * 8)

        answered = await asyncio.gather(*(model.answer(PROMPT, Facts) for _ in range(8)))

        assert len(answered) == 8

    async def test_closing_twice_is_closing_once(self, models: Models) -> None:
        model = models([GOOD])
        await model.answer(PROMPT, Facts)

        await model.aclose()
        await model.aclose()
