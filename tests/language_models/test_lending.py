"""Language models lent to the work for each bank."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from pydantic import BaseModel

from duramen.errors import QuotaError
from duramen.language_model import LanguageModel, Prompt
from duramen.language_models.lending import LentModels
from duramen.language_models.limits import Limits
from duramen.language_models.scripted import ScriptedModel

ASKED = Prompt(instructions="Answer.", data="A few words.")


class Said(BaseModel):
    text: str


def scripted(name: str = "scripted") -> ScriptedModel:
    return ScriptedModel(lambda prompt, shape: {"text": "So it is."}, name=name)


def lent(models: LentModels, bank: str = "user:ada", model: LanguageModel | None = None) -> LanguageModel:
    found = models.for_bank(bank, model)
    assert found is not None
    return found


def test_where_there_is_none_none_is_lent() -> None:
    assert LentModels(None).for_bank("user:ada") is None
    assert LentModels(None, Limits(tokens_per_day=1)).for_bank("user:ada") is None
    assert LentModels(None).spent("user:ada") == {}


async def test_the_engines_model_answers_and_is_counted_by_bank() -> None:
    models = LentModels(scripted())

    answered = await lent(models).answer(ASKED, Said)
    await lent(models).answer(ASKED, Said)
    await lent(models, "user:bob").answer(ASKED, Said)

    assert answered.value.text == "So it is."
    assert models.spent("user:ada")["scripted"].calls == 2
    assert models.spent("user:bob")["scripted"].calls == 1
    assert models.spent("user:eve")["scripted"].calls == 0


async def test_a_model_of_a_strategys_own_comes_before_the_engines() -> None:
    engines, own = scripted("engine's"), scripted("own")
    models = LentModels(engines)

    await lent(models, model=own).answer(ASKED, Said)

    assert (len(engines.prompts), len(own.prompts)) == (0, 1)
    assert lent(models, model=own).name == "own"
    assert models.spent("user:ada")["own"].calls == 1


async def test_a_model_of_a_strategys_own_is_lent_where_the_engine_has_none() -> None:
    models = LentModels(None)

    await lent(models, model=scripted("own")).answer(ASKED, Said)

    assert models.spent("user:ada")["own"].calls == 1


async def used_up(models: LentModels) -> None:
    """Ask for so much that a small limit is reached."""
    for _ in range(20):
        await lent(models).answer(ASKED, Said)


async def test_each_bank_has_a_limit_of_its_own_for_each_model() -> None:
    own = scripted("own")
    models = LentModels(scripted("engine's"), Limits(tokens_per_day=40))
    with pytest.raises(QuotaError):
        await used_up(models)

    await lent(models, model=own).answer(ASKED, Said)
    await lent(models, "user:bob").answer(ASKED, Said)

    assert len(own.prompts) == 1
    assert models.spent("user:ada")["engine's"].refused > 0


async def test_a_strategy_that_lends_the_same_model_again_goes_on_counting() -> None:
    own = scripted("own")
    models = LentModels(None)

    for _ in range(3):
        await lent(models, model=own).answer(ASKED, Said)

    assert models.spent("user:ada")["own"].calls == 3


async def test_two_models_of_one_name_are_counted_together() -> None:
    models = LentModels(scripted("same"))

    await lent(models).answer(ASKED, Said)
    await lent(models, model=scripted("same")).answer(ASKED, Said)

    assert models.spent("user:ada")["same"].calls == 2


async def test_closing_what_was_lent_closes_it_for_nobody() -> None:
    model = scripted()

    await lent(LentModels(model)).aclose()

    assert not model.closed


def test_without_a_model_nothing_of_pydantic_is_loaded() -> None:
    program = (
        "import sys\n"
        "from duramen.language_models.lending import LentModels\n"
        "assert LentModels(None).for_bank('b') is None\n"
        "print([name for name in sys.modules if name.startswith('pydantic')])"
    )

    done: Any = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)

    assert done.stdout == "[]\n"
