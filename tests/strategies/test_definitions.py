import json
from typing import Any

import pytest

from duramen.errors import NamespaceError, StrategyError
from duramen.language_models.scripted import ScriptedModel
from duramen.strategies import CustomStrategy, EpisodicStrategy, FunctionStrategy, SummaryStrategy, Trigger
from duramen.strategies.custom import BASES, built_in
from duramen.strategies.definitions import build, check, define
from duramen.strategy import Strategy

STRATEGIES: list[Strategy] = [
    SummaryStrategy(),
    SummaryStrategy(name="minutes", prompt="Keep the minutes.", namespace="/{team}/{actorId}/{sessionId}/"),
    SummaryStrategy(trigger=Trigger(messages=2, tokens=300, idle_seconds=1.5, history=0)),
    EpisodicStrategy(),
    EpisodicStrategy(reflections=None, reflection_prompt="Learn."),
    EpisodicStrategy(namespace="/notes/{actorId}/{sessionId}/", reflections="/notes/{actorId}/"),
    CustomStrategy(base="summary", name="minutes"),
    CustomStrategy(base="summary", name="minutes", prompt="Keep.", trigger=Trigger(messages=9)),
    CustomStrategy(base="episodic", name="notes", reflections=None, namespace="/a/"),
]
SUMMARY = {"type": "summary", "name": "summary"}
ATTRIBUTES = ("name", "version", "namespace", "namespaces", "unit", "trigger", "merges")


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda one: f"{type(one).__name__}-{one.name}")
def test_another_process_builds_the_same_strategy(strategy: Strategy) -> None:
    built = build(json.loads(json.dumps(define(strategy))))

    assert type(built) is type(strategy)
    assert [getattr(built, name) for name in ATTRIBUTES] == [getattr(strategy, name) for name in ATTRIBUTES]
    assert define(built) == define(strategy)


@pytest.mark.parametrize("base", BASES)
def test_every_built_in_strategy_can_be_written_down(base: str) -> None:
    strategy = built_in(base)()

    built = build(json.loads(json.dumps(define(strategy))))

    assert built == strategy


@pytest.mark.parametrize("base", BASES)
def test_a_type_and_a_name_are_enough(base: str) -> None:
    assert build({"type": base, "name": base}) == built_in(base)(name=base)
    assert build({"type": base}) == built_in(base)()


def test_a_definition_says_what_there_is_to_say() -> None:
    assert define(STRATEGIES[1]) == {
        "type": "summary",
        "name": "minutes",
        "namespace": "/{team}/{actorId}/{sessionId}/",
        "prompt": "Keep the minutes.",
        "trigger": {"messages": 4, "tokens": None, "idle_seconds": 60, "history": 2},
        "variables": ["team"],
    }


def test_of_the_users_own_code_only_its_name_and_place_are_written_down() -> None:
    strategy = FunctionStrategy(name="mine", function=str, namespace="/mine/")

    assert define(strategy) == {"type": "code", "name": "mine", "namespace": "/mine/"}


def test_a_subclass_is_the_users_own_code() -> None:
    class Shouting(SummaryStrategy):
        pass

    assert define(Shouting())["type"] == "code"


def test_code_is_found_among_what_the_process_has() -> None:
    strategy = FunctionStrategy(name="mine", function=str)

    assert build(define(strategy), code={"mine": strategy}) is strategy


def test_code_that_the_process_does_not_have_cannot_be_built() -> None:
    with pytest.raises(StrategyError, match="'mine' is code of the application"):
        build({"type": "code", "name": "mine"}, code={"other": FunctionStrategy(name="other", function=str)})


@pytest.mark.parametrize(
    "strategy", [SummaryStrategy, lambda model: CustomStrategy(base="summary", name="a", model=model)]
)
def test_a_model_is_kept_by_name(strategy: Any) -> None:
    model = ScriptedModel(name="large")

    definition = json.loads(json.dumps(define(strategy(model=model))))

    assert definition["model"] == "large"
    assert getattr(build(definition, models={"large": model}), "model", None) is model
    assert getattr(build(definition), "model", None) is None


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ([], "is no mapping"),
        (
            {},
            "type None, which is not known. Known are semantic, summary, preference, episodic, observation, custom, delivered, code",
        ),
        ({"type": "facts", "name": "facts"}, "type 'facts', which is not known"),
        ({"type": ["summary"], "name": "a"}, "which is not known"),
        ({"type": "summary", "name": "a b"}, "cannot name a strategy"),
        ({"type": "custom"}, "cannot name a strategy"),
        ({"type": "custom", "name": "a"}, "has no `base`"),
        ({"type": "custom", "name": "a", "base": "facts"}, "no built-in strategy"),
        (
            {**SUMMARY, "promt": "Typo."},
            "'promt', which is not known. Known are apart, inferred, keeps, model, name, namespace, prompt",
        ),
        ({**SUMMARY, "reflection_prompt": "Learn."}, "'reflection_prompt', which is not known"),
        ({**SUMMARY, "prompt": 7}, "prompt=7"),
        ({**SUMMARY, "namespace": ["/a/"]}, "namespace="),
        ({**SUMMARY, "trigger": 4}, "The trigger of 'summary' is 4"),
        ({**SUMMARY, "trigger": {"message": 4}}, "'message', which is not known. Known are messages"),
        ({**SUMMARY, "trigger": {"messages": 0}}, "messages=0"),
        ({**SUMMARY, "trigger": {"messages": None}}, "messages=None"),
        ({**SUMMARY, "trigger": {"messages": 1.5}}, "messages=1.5"),
        ({**SUMMARY, "trigger": {"tokens": True}}, "tokens=True"),
        ({**SUMMARY, "trigger": {"idle_seconds": -1}}, "idle_seconds=-1"),
        ({**SUMMARY, "variables": "team"}, "Give a list of names"),
        ({**SUMMARY, "variables": ["Team"]}, "'Team' cannot name a variable"),
        ({**SUMMARY, "variables": ["team_a"]}, "'team_a' cannot name a variable"),
        ({**SUMMARY, "variables": ["a", "b", "c", "d", "e", "f"]}, "has 6 variables; it may have 5"),
        ({**SUMMARY, "namespace": "/{team}/{sessionId}/", "variables": ["tema"]}, "use 'team', which `variables`"),
        ({**SUMMARY, "namespace": "/{Team}/{sessionId}/"}, "'Team' cannot name a variable"),
    ],
)
def test_a_definition_that_is_none_is_refused_with_what_is_known(definition: Any, message: str) -> None:
    with pytest.raises(StrategyError, match=message.replace("(", r"\(").replace("[", r"\[")):
        build(definition)


def test_a_template_that_is_none_is_refused() -> None:
    with pytest.raises(NamespaceError):
        build({**SUMMARY, "namespace": "/minutes/"})


def test_variables_that_no_template_uses_may_be_declared() -> None:
    assert build({**SUMMARY, "variables": ["team", "org2"]}) == SummaryStrategy()


def test_code_is_checked_without_having_it() -> None:
    check({"type": "code", "name": "mine", "namespace": "/mine/{actorId}/"})

    with pytest.raises(StrategyError, match="'prompt', which is not known"):
        check({"type": "code", "name": "mine", "prompt": "Do."})
    with pytest.raises(NamespaceError):
        check({"type": "code", "name": "mine", "namespace": "/mine/{actorId/"})
