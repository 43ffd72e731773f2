"""The built-in strategies with prompts and models of the user's own, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from importlib import import_module
from typing import Any, Literal

from typing_extensions import TypedDict, Unpack

from duramen.errors import StrategyError
from duramen.language_model import LanguageModel
from duramen.naming import digest
from duramen.strategies.usual import check_name
from duramen.strategies.wrapping import Wrapping
from duramen.strategy import Made, Strategy, Trigger, Work

Base = Literal["semantic", "summary", "preference", "episodic", "observation"]

BASES: Mapping[str, tuple[str, str]] = {
    "semantic": ("duramen.strategies.semantic", "SemanticStrategy"),
    "summary": ("duramen.strategies.summary", "SummaryStrategy"),
    "preference": ("duramen.strategies.preference", "PreferenceStrategy"),
    "episodic": ("duramen.strategies.episodic", "EpisodicStrategy"),
    "observation": ("duramen.strategies.observation", "ObservationStrategy"),
}
"""The built-in strategies by type: module and class. Each is loaded when it is first wanted."""

_CHANGES = ("prompt", "consolidation_prompt", "reflection_prompt", "model")
"""Options that let a strategy make other memories of the same events."""


class Options(TypedDict, total=False):
    """What a `CustomStrategy` may change of its base.

    Attributes:
        prompt: The instructions by which memories are made of events.
        consolidation_prompt: Those by which they are compared with what is there.
        reflection_prompt: Those by which an episodic strategy reflects.
        reflections: The template of where it files its reflections; None for no reflections.
        model: The language model, instead of the engine's.
    """

    prompt: str | None
    consolidation_prompt: str | None
    reflection_prompt: str | None
    reflections: str | None
    model: LanguageModel | None
    namespace: str | None
    trigger: Trigger | None


class CustomStrategy(Wrapping):
    """A built-in strategy with prompts and a model of the user's own. What it makes has the shape of the base's.

    A prompt takes the place of the one that is there. A summary has one prompt: given as either `prompt` or
    `consolidation_prompt`.

    Raises:
        StrategyError: There is no such base, the base has no such prompt, a prompt is blank, or the name is none.
        NamespaceError: The template cannot be used, or not by that base.

    Example:
        >>> strategy = CustomStrategy(base="summary", name="minutes", prompt="Keep the minutes of the meeting.")
        >>> strategy.name, strategy.namespace
        ('minutes', '/strategies/{memoryStrategyId}/actors/{actorId}/sessions/{sessionId}/')
    """

    def __init__(self, *, base: Base, name: str, **options: Unpack[Options]) -> None:
        check_name(name)
        _known_keys(options, Options.__annotations__, f"The custom strategy {name!r}")
        self.base = base
        self.name = name
        self.consolidation_prompt = options.get("consolidation_prompt")
        self.options: Mapping[str, Any] = {
            key: value for key, value in options.items() if value is not None or key == "reflections"
        }
        super().__init__(_of_base(base, name, dict(self.options)))

    @property
    def version(self) -> str:
        """That of the base, with a hash of what was changed."""
        changed = {key: getattr(value, "name", value) for key, value in self.options.items()}
        prompts = [f"{key}={changed[key]}" for key in sorted(changed) if key in _CHANGES]
        return f"{self._strategy.version}+{digest(*prompts)[:8]}" if prompts else self._strategy.version

    @property
    def model(self) -> LanguageModel | None:
        """The language model to use instead of the engine's."""
        model: LanguageModel | None = self.options.get("model")
        return model

    async def __call__(self, work: Work) -> Made:
        """Make memories as the base does."""
        return await self._strategy(work)


def built_in(base: str) -> type[Any]:
    """Return the class of a built-in strategy.

    Raises:
        StrategyError: There is none of that name.
    """
    if base not in BASES:
        raise StrategyError(f"{base!r} is no built-in strategy. There are {', '.join(sorted(BASES))}.")
    module, name = BASES[base]
    found: type[Any] = getattr(import_module(module), name)
    return found


def _of_base(base: str, name: str, options: dict[str, Any]) -> Strategy:
    made = built_in(base)
    if base == "summary" and "consolidation_prompt" in options:
        options.setdefault("prompt", options["consolidation_prompt"])
    for key in ("prompt", "consolidation_prompt", "reflection_prompt"):
        if key in options and not str(options[key]).strip():
            raise StrategyError(f"The {key} of the custom strategy {name!r} is blank. Give text, or leave it out.")
    has = {field.name for field in fields(made)}
    for key in ("reflection_prompt", "reflections"):
        if key in options and key not in has:
            raise StrategyError(f"A {base} strategy does not reflect, so that {name!r} has no use for {key!r}.")
    strategy: Strategy = made(name=name, **{key: value for key, value in options.items() if key in has})
    if "consolidation_prompt" in options and base != "summary" and not strategy.merges:
        raise StrategyError(
            f"What a {base} strategy makes is compared with nothing, so that {name!r} has no use for "
            f"a consolidation prompt."
        )
    return strategy


def _known_keys(given: Mapping[str, object], known: Iterable[str], what: str) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise StrategyError(f"{what} has no {', '.join(map(repr, unknown))}. Known are {', '.join(sorted(known))}.")
