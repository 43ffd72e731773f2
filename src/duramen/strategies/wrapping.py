"""Strategies around another strategy."""

from __future__ import annotations

from collections.abc import Sequence

from duramen.strategy import Strategy, Trigger, Unit


class Wrapping:
    """Is what the strategy inside is, as far as a subclass does not say otherwise. Its name and version are its own.

    Args:
        strategy: The one inside.
    """

    def __init__(self, strategy: Strategy) -> None:
        self._strategy = strategy

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
