from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

import pytest

from duramen.errors import ModelUnavailableError, NamespaceError, StrategyError
from duramen.language_model import LanguageModel
from duramen.language_models.scripted import ScriptedModel
from duramen.strategies.semantic import SemanticStrategy
from duramen.strategy import Strategy, Trigger, Work
from duramen.types import Event, Memory

SAID = datetime(2025, 3, 4, 18, tzinfo=timezone.utc)


class Nothing:
    """Nothing was made before."""

    async def similar(self, text: str, *, namespace: str, limit: int = 10) -> Sequence[tuple[Memory, float]]:
        return []

    async def filed(self, namespace: str, *, limit: int = 1000) -> Sequence[Memory]:
        return []


def work(*contents: str, model: LanguageModel | None = None) -> Work:
    events = [
        Event(
            id=f"x{number}",
            bank="b",
            key="k",
            position=number,
            content=content,
            speaker="Ada",
            mentioned=SAID,
            stored=SAID,
        )
        for number, content in enumerate(contents, start=1)
    ]
    return Work(
        bank="b", strategy="semantic", events=events, history=[], namespace="/facts/", variables={}, known=Nothing(),
        model=model, now=SAID,
    )  # fmt: skip


def answer(text: str) -> dict[str, object]:
    return {"facts": [{"text": text, "sources": ["e1"]}]}


async def test_without_a_model_rules_make_the_facts() -> None:
    made = await SemanticStrategy()(work("I moved to Lisbon."))

    assert [candidate.text for candidate in made.candidates] == ["Ada moved to Lisbon."]
    assert (made.fallbacks, list(made.notes)) == (0, [])


async def test_with_a_model_it_makes_them() -> None:
    made = await SemanticStrategy()(work("I moved to Lisbon.", model=ScriptedModel([answer("Ada lives in Lisbon.")])))

    assert [candidate.text for candidate in made.candidates] == ["Ada lives in Lisbon."]


async def test_a_model_that_fails_is_done_without() -> None:
    model = ScriptedModel([ModelUnavailableError("gone")])

    made = await SemanticStrategy()(work("I moved to Lisbon.", model=model))

    assert [candidate.text for candidate in made.candidates] == ["Ada moved to Lisbon."]
    assert made.fallbacks == 1
    assert "gone" in made.notes[0]


async def test_a_prompt_takes_the_place_of_the_instructions() -> None:
    model = ScriptedModel([answer("Ada lives in Lisbon.")])

    await SemanticStrategy(prompt="Only where people live.")(work("I moved to Lisbon.", model=model))

    assert model.prompts[0].instructions == "Only where people live."
    assert "I moved to Lisbon." in model.prompts[0].data


def test_it_is_a_strategy_with_sensible_defaults() -> None:
    strategy: Strategy = SemanticStrategy()

    assert (strategy.name, strategy.unit, strategy.merges) == ("semantic", "session", True)
    assert strategy.trigger == Trigger(messages=1, history=4)
    assert strategy.namespaces == (strategy.namespace,) == ("/strategies/{memoryStrategyId}/actors/{actorId}/",)


def test_the_version_changes_with_the_prompt_alone() -> None:
    versions = {SemanticStrategy(prompt=prompt).version for prompt in (None, "One.", "Two.")}

    assert len(versions) == 3
    assert SemanticStrategy(prompt="One.", name="other").version in versions


def test_a_namespace_gets_its_slashes() -> None:
    assert SemanticStrategy(namespace="facts/{actorId}").namespace == "/facts/{actorId}/"


@pytest.mark.parametrize("name", ["", "a b", "-a", "a" * 101, "ä"])
def test_a_bad_name_is_refused(name: str) -> None:
    with pytest.raises(StrategyError):
        SemanticStrategy(name=name)


def test_a_blank_prompt_is_refused() -> None:
    with pytest.raises(StrategyError, match="blank"):
        SemanticStrategy(prompt=" \n")


@pytest.mark.parametrize("namespace", ["", "/a//b/", "/{nobody/", "/{actorId}{sessionId}/"])
def test_a_bad_namespace_is_refused(namespace: str) -> None:
    with pytest.raises(NamespaceError):
        SemanticStrategy(namespace=namespace)


@pytest.mark.parametrize("namespace", [None, 3, ["/facts/"]])
def test_a_template_that_is_not_text_is_refused(namespace: Any) -> None:
    with pytest.raises(NamespaceError, match="is not text"):
        SemanticStrategy(namespace=namespace)


@pytest.mark.parametrize("trigger", [None, 4, {"messages": 4}])
def test_what_is_no_trigger_is_refused(trigger: Any) -> None:
    with pytest.raises(StrategyError, match=r"The trigger of the strategy 'semantic' is .*Give a `Trigger`"):
        SemanticStrategy(trigger=trigger)


@pytest.mark.parametrize("name", ["messages", "tokens", "idle_seconds", "history"])
def test_a_trigger_of_text_is_refused(name: str) -> None:
    given: dict[str, Any] = {name: "4"}

    with pytest.raises(StrategyError, match=f"The trigger of the strategy 'semantic' has .*{name}='4'"):
        SemanticStrategy(trigger=Trigger(**given))
