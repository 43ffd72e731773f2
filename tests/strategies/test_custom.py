from typing import Any

import pytest

from duramen.errors import NamespaceError, StrategyError
from duramen.language_models.scripted import ScriptedModel
from duramen.strategies import CustomStrategy, EpisodicStrategy, SummaryStrategy, Trigger
from duramen.strategies.custom import BASES, Base, built_in
from duramen.strategies.usual import check_name
from tests.strategies.summary_talks import TRIP, turns, work

OF_EPISODES: dict[str, Any] = {"namespace": "/notes/{actorId}/{sessionId}/", "reflections": "/notes/{actorId}/"}


@pytest.mark.parametrize("base", BASES)
def test_a_custom_strategy_is_as_its_base_where_nothing_is_said(base: Base) -> None:
    plain = built_in(base)(name="mine")

    custom = CustomStrategy(base=base, name="mine")

    for attribute in ("name", "version", "namespace", "namespaces", "unit", "trigger", "merges"):
        assert getattr(custom, attribute) == getattr(plain, attribute)


async def test_it_works_as_its_base() -> None:
    plain = await SummaryStrategy()(work(turns(TRIP)))

    made = await CustomStrategy(base="summary", name="minutes")(work(turns(TRIP)))

    assert made == plain


@pytest.mark.parametrize("key", ["prompt", "consolidation_prompt"])
async def test_the_prompt_is_the_users(key: str) -> None:
    model = ScriptedModel([{"topics": []}])
    options: dict[str, Any] = {key: "Keep the minutes."}
    custom = CustomStrategy(base="summary", name="minutes", **options)

    await custom(work(turns(TRIP), model=model))

    assert model.prompts[0].instructions == "Keep the minutes."


def test_the_worker_finds_its_prompts_and_its_model() -> None:
    model = ScriptedModel()

    custom = CustomStrategy(base="semantic", name="facts", consolidation_prompt="Keep all.", model=model)

    assert custom.consolidation_prompt == "Keep all."
    assert custom.model is model


def test_its_templates_and_trigger_are_the_users() -> None:
    custom = CustomStrategy(base="episodic", name="notes", trigger=Trigger(messages=9), **OF_EPISODES)

    assert custom.namespaces == (OF_EPISODES["namespace"], OF_EPISODES["reflections"])
    assert custom.trigger == Trigger(messages=9)


def test_an_episodic_one_may_do_without_reflections() -> None:
    custom = CustomStrategy(base="episodic", name="notes", reflections=None)

    assert custom.namespaces == EpisodicStrategy(reflections=None).namespaces


def test_every_change_of_what_it_would_make_is_another_version() -> None:
    def version(**options: Any) -> str:
        return CustomStrategy(base="semantic", name="facts", **options).version

    versions = [
        version(),
        version(prompt="a"),
        version(prompt="b"),
        version(consolidation_prompt="a"),
        version(model=ScriptedModel(name="large")),
        version(model=ScriptedModel(name="small")),
    ]

    assert len(set(versions)) == len(versions)
    assert version(prompt="a") == version(prompt="a", trigger=Trigger(messages=3))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"base": "facts", "name": "mine"}, "There are episodic, observation, preference, semantic, summary"),
        ({"base": "summary", "name": "my minutes"}, "cannot name a strategy"),
        ({"base": "summary", "name": "minutes", "prompt": "  "}, "prompt of the custom strategy 'minutes' is blank"),
        ({"base": "summary", "name": "minutes", "reflection_prompt": "Learn."}, "does not reflect"),
        ({"base": "summary", "name": "minutes", "reflections": "/"}, "does not reflect"),
        ({"base": "episodic", "name": "notes", "consolidation_prompt": "Merge."}, "compared with nothing"),
        ({"base": "summary", "name": "minutes", "promt": "Typo."}, "has no 'promt'. Known are consolidation_prompt"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(StrategyError, match=message):
        CustomStrategy(**options)


def test_the_template_has_to_suit_the_base() -> None:
    with pytest.raises(NamespaceError, match="sessionId"):
        CustomStrategy(base="summary", name="minutes", namespace="/minutes/{actorId}/")


@pytest.mark.parametrize("name", ["a", "9", "Facts-2_b", "x" * 100])
def test_a_name_is_letters_digits_dashes_and_underscores(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize("name", ["", "-a", "_a", "a b", "a/b", "é", "a\n", "x" * 101, None, 7])
def test_anything_else_is_no_name(name: Any) -> None:
    with pytest.raises(StrategyError, match="cannot name a strategy"):
        check_name(name)
