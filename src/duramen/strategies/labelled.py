"""Strategies whose memories carry labels: of what they were made from, or as a language model finds them in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from duramen.errors import LanguageModelError, StrategyError
from duramen.language_model import LanguageModel
from duramen.naming import digest
from duramen.strategies.inferred import InferredLabel, LabelValue
from duramen.strategies.lasting import check_days
from duramen.strategies.wrapping import Wrapping
from duramen.strategy import Candidate, Made, Strategy, Work
from duramen.types import Event, Memory

MOST_APART = 3
MOST_KEPT = 20
MOST_INFERRED = 40

LABELS = "metadata"
"""The detail of a memory that holds the values of its inferred labels, by key."""


class LabelledStrategy(Wrapping):
    """A strategy that gives what it makes the metadata of the events that it was made from, or what a model finds there.

    The values of `inferred` labels stand in the details of a memory, under `metadata`. A language model is asked for them
    once the memories are made, in one request for all of a work's. What it does not say, or says so that it does not fit,
    is copied from the last event that has a value that fits, as it is where there is no model; else what a memory had
    before that this one is a new state of; else the label is not there. A model that did not help to make the memories
    is not asked.

    Args:
        strategy: What makes the memories.
        keeps: Keys of metadata. A memory has for each the value of the last of its events that has one.
        apart: Those of `keeps` by which memories are kept apart as well: events that differ in one are never worked on
            together, and what is made of them is only compared with what has the same values. So two tenants, or
            projects, of one actor feed no memory together. An event without a value is apart from those with one.
        inferred: Labels that a language model gives; none of them is among `keeps`.
        record_days: After how many days a memory expires as a record, from when it is made; None for never.

    Raises:
        StrategyError: `record_days` is out of bounds, there are too many keys, one is no text, one of `apart` is not among
            `keeps`, or one of `inferred` is, or is there twice.
    """

    def __init__(
        self,
        strategy: Strategy,
        keeps: Sequence[str] = (),
        apart: Sequence[str] = (),
        inferred: Sequence[InferredLabel] = (),
        record_days: int | None = None,
    ) -> None:
        _check(strategy.name, keeps, apart)
        check_days(strategy.name, record_days)
        _check_inferred(strategy.name, inferred, keeps)
        super().__init__(strategy)
        self.keeps = tuple(dict.fromkeys(keeps))
        self.apart = tuple(dict.fromkeys(apart))
        self.inferred = tuple(inferred)
        self.record_days = record_days

    @property
    def plain(self) -> Strategy:
        """What makes the memories."""
        return self._strategy

    @property
    def name(self) -> str:
        return self._strategy.name

    @property
    def version(self) -> str:
        """That of what makes the memories, with a hash of what a model is asked about them."""
        if not self.inferred:
            return self._strategy.version
        return f"{self._strategy.version}+{digest(*(repr(label) for label in self.inferred))[:8]}"

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
        """Make memories, and find their labels."""
        made = await self._strategy(work)
        if not self.inferred or not made.candidates:
            return made
        model = None if made.fallbacks else work.model
        said = _Said([{} for _ in made.candidates]) if model is None else await self._said(work, made.candidates, model)
        candidates = [
            await self._labelled(one, values, work) for one, values in zip(made.candidates, said.values, strict=True)
        ]
        notes = (*made.notes, *said.notes)
        return replace(made, candidates=candidates, notes=notes, fallbacks=made.fallbacks + said.fallbacks)

    async def _said(self, work: Work, candidates: Sequence[Candidate], model: LanguageModel) -> _Said:
        """Ask for the labels of candidates, those that have the same ones together."""
        # pydantic is loaded only where there is a model.
        from duramen.strategies.inferred_model import infer

        groups: dict[tuple[InferredLabel, ...], list[int]] = {}
        for place, candidate in enumerate(candidates):
            labels = self._labels_for(candidate)
            if labels and candidate.sources and candidate.text.strip():
                groups.setdefault(labels, []).append(place)
        said = _Said([{} for _ in candidates])
        for labels, places in groups.items():
            try:
                found = await infer([candidates[place] for place in places], work.events, labels, model)
            except LanguageModelError as error:
                said.notes.append(f"labels copied from events, since {model.name} did not help: {error}")
                said.fallbacks = 1
                break
            for place, values in zip(places, found.values, strict=True):
                said.values[place] = values
            if found.wrong:
                said.notes.append(f"{found.wrong} labels of {model.name} were left out, since they do not fit")
        return said

    async def _labelled(self, candidate: Candidate, said: Mapping[str, LabelValue], work: Work) -> Candidate:
        labels = self._labels_for(candidate)
        values = {**_copied(candidate, labels, work.events), **said}
        if candidate.replaces is not None and any(label.key not in values for label in labels):
            before = await work.known.filed(candidate.namespace or work.namespace)
            former = next((memory for memory in before if memory.id == candidate.replaces), None)
            values = {**_fitting(labels, values_of(former)), **values}
        own = candidate.details.get(LABELS)
        values |= own if isinstance(own, Mapping) else {}
        return replace(candidate, details={**candidate.details, LABELS: values}) if values else candidate

    def _labels_for(self, candidate: Candidate) -> tuple[InferredLabel, ...]:
        return tuple(label for label in self.inferred if label.kind in (None, candidate.kind))


@dataclass(slots=True)
class _Said:
    """What a model said of candidates, in their order, and what was unusual about it."""

    values: list[Mapping[str, LabelValue]]
    notes: list[str] = field(default_factory=list)
    fallbacks: int = 0


def values_of(memory: Memory | None) -> dict[str, Any]:
    """Return the values of the inferred labels of a memory, or what was put in their place by hand; none of None."""
    if memory is None:
        return {}
    record = memory.details.get("record")
    by_hand = record.get(LABELS) if isinstance(record, Mapping) else None
    found = memory.details.get(LABELS) if by_hand is None else by_hand
    return dict(found) if isinstance(found, Mapping) else {}


def _copied(candidate: Candidate, labels: Sequence[InferredLabel], events: Sequence[Event]) -> dict[str, LabelValue]:
    """Return the values that the sources of a candidate have themselves, those that fit."""
    found: dict[str, LabelValue] = {}
    for event in events:
        if event.id in candidate.sources:
            found |= _fitting(labels, event.metadata)
    return found


def _fitting(labels: Sequence[InferredLabel], given: Mapping[str, Any]) -> dict[str, LabelValue]:
    fitting = {label.key: label.fitting(given.get(label.key)) for label in labels}
    return {key: value for key, value in fitting.items() if value is not None}


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


def _check_inferred(name: str, inferred: Sequence[InferredLabel], keeps: Sequence[str]) -> None:
    if len(inferred) > MOST_INFERRED:
        raise StrategyError(f"The strategy {name!r} has {len(inferred)} labels to infer; it may have {MOST_INFERRED}.")
    for place, label in enumerate(inferred):
        if label.key in keeps:
            raise StrategyError(
                f"The strategy {name!r} copies {label.key!r} from events, so that it cannot be inferred. Name it once."
            )
        others = [one for one in inferred[:place] if one.key == label.key]
        if any(one.kind is None or label.kind is None or one.kind == label.kind for one in others):
            raise StrategyError(f"The strategy {name!r} has two labels {label.key!r} for one memory. Name it once.")
