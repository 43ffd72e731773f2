"""Strategies: the rules that make memories from events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from duramen.lazy import lazy_names

if TYPE_CHECKING:
    from duramen.strategies.custom import CustomStrategy
    from duramen.strategies.episodic import EpisodicStrategy
    from duramen.strategies.observation import ObservationStrategy
    from duramen.strategies.own_code import FunctionStrategy, SelfManaged, SelfManagedStrategy
    from duramen.strategies.preference import PreferenceStrategy
    from duramen.strategies.semantic import SemanticStrategy
    from duramen.strategies.summary import SummaryStrategy
    from duramen.strategy import Candidate, Made, Strategy, Trigger, Work

__all__ = [
    "Candidate",
    "CustomStrategy",
    "EpisodicStrategy",
    "FunctionStrategy",
    "Made",
    "ObservationStrategy",
    "PreferenceStrategy",
    "SelfManaged",
    "SelfManagedStrategy",
    "SemanticStrategy",
    "Strategy",
    "SummaryStrategy",
    "Trigger",
    "Work",
]

__getattr__ = lazy_names(
    __name__,
    {
        "Candidate": "duramen.strategy",
        "CustomStrategy": "duramen.strategies.custom",
        "EpisodicStrategy": "duramen.strategies.episodic",
        "FunctionStrategy": "duramen.strategies.own_code",
        "Made": "duramen.strategy",
        "ObservationStrategy": "duramen.strategies.observation",
        "PreferenceStrategy": "duramen.strategies.preference",
        "SelfManaged": "duramen.strategies.own_code",
        "SelfManagedStrategy": "duramen.strategies.own_code",
        "SemanticStrategy": "duramen.strategies.semantic",
        "Strategy": "duramen.strategy",
        "SummaryStrategy": "duramen.strategies.summary",
        "Trigger": "duramen.strategy",
        "Work": "duramen.strategy",
    },
)


def __dir__() -> list[str]:
    return __all__
