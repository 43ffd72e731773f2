"""Strategies whose memories carry labels of what they were made from, and are kept apart by some of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from duramen.errors import StrategyError
from duramen.language_model import LanguageModel
from duramen.strategy import Made, Strategy, Trigger, Unit, Work
from duramen.types import Event

MOST_APART = 3
MOST_KEPT = 20


class LabelledStrategy:
    """A strategy that gives what it makes the metadata of the events that it was made from.

    Args:
        strategy: What makes the memories.
        keeps: Keys of metadata. A memory has for each the value of the last of its events that has one.
        apart: Those of `keeps` by which memories are kept apart as well: events that differ in one are never worked on
            together, and what is made of them is only compared with what has the same values. So two tenants, or
            projects, of one actor feed no memory together. An event without a value is apart from those with one.

    Raises:
        StrategyError: There are too many keys, one is no text, or one of `apart` is not among `keeps`.
    """

    def __init__(self, strategy: Strategy, keeps: Sequence[str], apart: Sequence[str] = ()) -> None:
        _check(strategy.name, keeps, apart)
        self._strategy = strategy
        self.keeps = tuple(dict.fromkeys(keeps))
        self.apart = tuple(dict.fromkeys(apart))

    @property
    def plain(self) -> Strategy:
        """What makes the memories."""
        return self._strategy

    @property
    def name(self) -> str:
        return self._strategy.name

    @property
    def version(self) -> str:
        """That of what makes the memories: labels change nothing of what they say."""
        return self._strategy.version

    @property
    def namespace(self) -> str:
        return self._strategy.namespace

    @property
    def namespaces(self) -> Sequence[str]:
        return self._strategy.namespaces

    @property
    def unit(self) -> Unit:
        return self._strategy.unit

    @property
    def trigger(self) -> Trigger:
        return self._strategy.trigger

    @property
    def merges(self) -> bool:
        return self._strategy.merges

    @property
    def model(self) -> LanguageModel | None:
        """The language model to use instead of the engine's."""
        model: LanguageModel | None = getattr(self._strategy, "model", None)
        return model

    @property
    def consolidation_prompt(self) -> str | None:
        """The instructions by which memories are compared, if they are other than ours."""
        prompt: str | None = getattr(self._strategy, "consolidation_prompt", None)
        return prompt

    async def __call__(self, work: Work) -> Made:
        """Make memories."""
        return await self._strategy(work)


def labels_of(strategy: Strategy, events: Sequence[Event]) -> dict[str, str]:
    """Return the labels that `strategy` gives to what is made of `events`, by key."""
    found: dict[str, str] = {}
    for event in events:
        found |= {key: event.metadata[key] for key in _keys(strategy, "keeps") if key in event.metadata}
    return dict(sorted(found.items()))


def apart_by(strategy: Strategy, metadata: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the values in `metadata` by which `strategy` keeps memories apart; None for what is not there."""
    return {key: metadata.get(key) for key in _keys(strategy, "apart")}


def _keys(strategy: Strategy, which: str) -> tuple[str, ...]:
    keys: tuple[str, ...] = getattr(strategy, which, ())
    return keys


def _check(name: str, keeps: object, apart: object) -> None:
    for what, keys, most in (("keeps", keeps, MOST_KEPT), ("apart", apart, MOST_APART)):
        texts = isinstance(keys, Sequence) and not isinstance(keys, str) and all(isinstance(key, str) for key in keys)
        if not texts:
            raise StrategyError(f"The strategy {name!r} has {what}={keys!r}. Give a list of keys of metadata.")
        assert isinstance(keys, Sequence)
        if len(set(keys)) > most:
            raise StrategyError(f"The strategy {name!r} has {len(set(keys))} keys in `{what}`; it may have {most}.")
    assert isinstance(keeps, Sequence)
    assert isinstance(apart, Sequence)
    unkept = sorted(set(apart) - set(keeps))
    if unkept:
        raise StrategyError(
            f"The strategy {name!r} keeps memories apart by {', '.join(map(repr, unkept))}, which `keeps` does not name."
        )
