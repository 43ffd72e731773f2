"""How each bank wants to be observed: whether, when, in which scopes, and what for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from duramen.desk import place_of
from duramen.profiles.records import profile_place, resolved
from duramen.shelf import Place, Put, Remove, Shelf
from duramen.strategies.custom import CustomStrategy
from duramen.strategies.observation import ObservationStrategy
from duramen.strategy import Strategy, Trigger

ASKED_SECONDS = 60.0
"""How long after it was last asked for a consolidation works through what would wait."""

_BY_REQUEST = Trigger(messages=2**31, history=4)
_CONSOLIDATING = "consolidating"


def observes(strategy: Strategy) -> bool:
    """Tell whether a strategy makes observations."""
    base = isinstance(strategy, CustomStrategy) and strategy.base == "observation"
    return base or isinstance(strategy, ObservationStrategy)


class Fitting:
    """Fits strategies that observe to a bank, by its profile; see `StrategyBook`.

    Not with `enable_observations` switched off; with `enable_auto_consolidation` switched off only when a consolidation
    is asked for; else with `observations_mission` and `default_observation_scopes`, where the strategy has none itself.

    Args:
        shelf: Where the profiles are.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    async def __call__(self, bank: str, strategy: Strategy) -> Strategy | None:
        """Return `strategy` as `bank` wants it, or None if it is switched off there."""
        if not observes(strategy):
            return strategy
        profile, asked = await self._shelf.get([profile_place(bank), _place(bank)])
        config = {} if profile is None else resolved(profile.value)
        if not config.get("enable_observations", True):
            return None
        changes: dict[str, Any] = {}
        if asked is not None:
            changes["trigger"] = replace(strategy.trigger, messages=1)
        elif not config.get("enable_auto_consolidation", True):
            changes["trigger"] = _BY_REQUEST
        return _changed(strategy, changes | _told(strategy, config))


def asking(bank: str) -> Put:
    """Return what lets observations of `bank` be made now, whatever they would wait for, for `ASKED_SECONDS`."""
    path, key = _place(bank)
    return Put(path=path, key=key, value=b"", lifetime=ASKED_SECONDS)


def asked(bank: str) -> Remove:
    """Return what ends `asking`."""
    path, key = _place(bank)
    return Remove(path=path, key=key)


def _place(bank: str) -> Place:
    return place_of(bank, _CONSOLIDATING), _CONSOLIDATING


def _told(strategy: Strategy, config: Any) -> dict[str, Any]:
    if not isinstance(strategy, ObservationStrategy):
        return {}
    mission, scopes = config.get("observations_mission"), config.get("default_observation_scopes")
    told: dict[str, Any] = {}
    if strategy.mission is None and mission and mission.strip():
        told["mission"] = mission
    if strategy.scopes is None and scopes:
        told["scopes"] = json.dumps(scopes)
    return told


def _changed(strategy: Strategy, changes: dict[str, Any]) -> Strategy:
    if not changes:
        return strategy
    if isinstance(strategy, CustomStrategy):
        options: Callable[..., CustomStrategy] = CustomStrategy
        return options(base=strategy.base, name=strategy.name, **{**strategy.options, **changes})
    assert isinstance(strategy, ObservationStrategy)  # nothing else observes
    return replace(strategy, **changes)
