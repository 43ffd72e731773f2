"""The book of strategies: which of them a bank has, and what each name stands for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from duramen.errors import StrategyError
from duramen.language_model import LanguageModel
from duramen.namespaces import PER_ACTOR
from duramen.shelf import Shelf
from duramen.strategies.definitions import CODE, build
from duramen.strategies.resources import RESOURCES, read_resource, resource_of
from duramen.strategies.usual import check_name
from duramen.strategy import Made, Strategy, Trigger, Unit, Work

Fitting = Callable[[str, Strategy], Awaitable["Strategy | None"]]
"""Returns a strategy as a bank wants it, or None if it is switched off there."""

_ONE = Trigger()


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """Stands for code that this process does not have, so that what it is to work on is noted down for those that do."""

    name: str
    namespace: str = PER_ACTOR
    version: str = ""
    unit: Unit = "session"
    trigger: Trigger = _ONE
    merges: bool = False

    @property
    def namespaces(self) -> Sequence[str]:
        """The one template."""
        return (self.namespace,)

    async def __call__(self, work: Work) -> Made:
        """Refuse, with `StrategyError`."""
        raise StrategyError(
            f"The strategy {self.name!r} is code of the application, and this process does not have it. Register it with "
            f"`StrategyBook.register`; the events wait."
        )


@dataclass(frozen=True, slots=True)
class _Read:
    """The strategies of a resource, and the bytes that they were read from."""

    value: bytes
    strategies: tuple[Strategy, ...]


class StrategyBook:
    """Knows the strategies of every bank.

    A bank that belongs to a memory resource (`resource:{name}:…`) has those of the resource, whichever process set it up;
    every other bank has the engine's own.

    Args:
        shelf: Where the resources are kept.
        strategies: The engine's own.
        models: Language models by name, for strategies of resources that have one of their own.
        fitting: Fits each strategy to a bank, if banks are set up in ways of their own.

    Raises:
        StrategyError: A name that is none, or two strategies of one name.
    """

    def __init__(
        self,
        shelf: Shelf,
        strategies: Iterable[Strategy] = (),
        *,
        models: Mapping[str, LanguageModel] | None = None,
        fitting: Fitting | None = None,
    ) -> None:
        self._shelf = shelf
        self._fitting = fitting
        self._models = dict(models or {})
        self._own = tuple(strategies)
        self._code: dict[str, Strategy] = {}
        self._read: dict[str, _Read] = {}
        for strategy in self._own:
            self.register(strategy, again=False)

    @property
    def own(self) -> Sequence[Strategy]:
        """The engine's own strategies."""
        return self._own

    def register(self, strategy: Strategy, *, again: bool = True) -> None:
        """Make the user's own code known by its name, for the resources that name it.

        Args:
            strategy: What the name stands for in this process.
            again: Whether the very same object may be registered already.

        Raises:
            StrategyError: The name is none, or is another strategy's.
        """
        check_name(strategy.name)
        there = self._code.get(strategy.name)
        if there is not None and not (again and there is strategy):
            raise StrategyError(
                f"There are two strategies called {strategy.name!r}. Give each a name of its own. Nothing was changed."
            )
        self._code[strategy.name] = strategy
        self._read.clear()

    async def active(self, bank: str) -> Sequence[Strategy]:
        """Return the strategies that work on what is retained in `bank`.

        Of code that this process does not have, one stands for it that only has its name: see `find`.

        Raises:
            StrategyError: The bank's resource was set up in a way that this Duramen does not know.
        """
        found = await self._all(bank)
        if self._fitting is None:
            return found
        fitted = [await self._fitting(bank, strategy) for strategy in found]
        return [strategy for strategy in fitted if strategy is not None]

    async def find(self, bank: str, name: str) -> Strategy | None:
        """Return the strategy called `name` that works on `bank`, or None.

        None also if it is code that this process does not have; another may. In a bank without a resource, code that is
        only registered is found too, and so is a strategy that is switched off: what it was to do before is still done.
        """
        for strategy in await self._all(bank):
            if strategy.name == name:
                fitted = None if self._fitting is None else await self._fitting(bank, strategy)
                return None if isinstance(strategy, Elsewhere) else fitted or strategy
        return self._code.get(name) if resource_of(bank) is None else None

    async def _all(self, bank: str) -> Sequence[Strategy]:
        resource = resource_of(bank)
        return self._own if resource is None else await self._of_resource(resource)

    async def _of_resource(self, name: str) -> Sequence[Strategy]:
        (entry,) = await self._shelf.get([(RESOURCES, name)])
        if entry is None:
            self._read.pop(name, None)
            return ()
        read = self._read.get(name)
        if read is None or read.value != entry.value:
            definitions = read_resource(entry).strategies
            read = _Read(entry.value, tuple(self._built(definition) for definition in definitions))
            self._read[name] = read
        return read.strategies

    def _built(self, definition: Mapping[str, object]) -> Strategy:
        name = str(definition.get("name"))
        if definition.get("type") == CODE and name not in self._code:
            check_name(name)
            return Elsewhere(name=name, namespace=str(definition.get("namespace", PER_ACTOR)))
        return build(definition, models=self._models, code=self._code)
