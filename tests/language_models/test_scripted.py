from __future__ import annotations

from datetime import date

import pytest
from pydantic import BaseModel

from duramen.errors import BadAnswerError, ModelUnavailableError, QuotaError
from duramen.language_model import Prompt
from duramen.language_models.scripted import ScriptedModel
from tests.contracts.language_model import GOOD, PROMPT, Fact, Facts, LanguageModelContract, Models

FACTS = Facts(facts=[Fact(text="Ada lives in Lisbon.", since=date(2025, 3, 1))])


class TestScriptedModel(LanguageModelContract):
    @pytest.fixture
    def models(self) -> Models:
        return ScriptedModel


@pytest.mark.parametrize("answer", [FACTS, FACTS.model_dump(), FACTS.model_dump(mode="json"), GOOD])
async def test_an_answer_may_be_given_in_any_form(answer: Facts | dict[str, object] | str) -> None:
    answered = await ScriptedModel([answer]).answer(PROMPT, Facts)

    assert answered.value == FACTS


async def test_a_function_answers_by_prompt_and_shape() -> None:
    def echo(prompt: Prompt, shape: type[BaseModel]) -> dict[str, object]:
        return {"facts": [{"text": f"{shape.__name__}: {prompt.instructions}"}]}

    answered = await ScriptedModel(echo).answer(PROMPT, Facts)

    assert answered.value.facts[0].text == "Facts: Find the facts."


async def test_a_function_may_be_async() -> None:
    async def slow(prompt: Prompt, shape: type[BaseModel]) -> BaseModel:
        return FACTS

    answered = await ScriptedModel(slow).answer(PROMPT, Facts)

    assert answered.value == FACTS


async def test_an_error_in_the_script_is_raised() -> None:
    model = ScriptedModel([QuotaError("no more"), GOOD])

    with pytest.raises(QuotaError, match="no more"):
        await model.answer(PROMPT, Facts)
    assert (await model.answer(PROMPT, Facts)).value == FACTS


async def test_a_mapping_that_does_not_fit_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswerError, match=r"facts\.0\.text: Field required"):
        await ScriptedModel([{"facts": [{}]}, {"facts": "none"}]).answer(PROMPT, Facts)


async def test_a_script_that_is_used_up_is_an_unavailable_model() -> None:
    with pytest.raises(ModelUnavailableError, match="no answer to request 1"):
        await ScriptedModel().answer(PROMPT, Facts)


async def test_it_keeps_what_it_was_asked() -> None:
    model = ScriptedModel(["Hm.", GOOD, GOOD])

    await model.answer(PROMPT, Facts)
    await model.answer(PROMPT, Facts)
    await model.aclose()

    assert model.prompts == [PROMPT, PROMPT]
    assert len(model.requests) == 3
    assert model.closed
