"""The language models of an engine, lent to the work for each bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from duramen.language_model import LanguageModel

if TYPE_CHECKING:
    from duramen.language_models.limits import Limits, Metered, Spent


class LentModels:
    """Lends the engine's model, or one that a strategy brings, and counts what each bank uses; see `Limits`.

    Args:
        model: The engine's; None if it has none.
        limits: What each bank may use of each model.
    """

    def __init__(self, model: LanguageModel | None, limits: Limits | None = None) -> None:
        self._model = model
        self._limits = limits
        self._metered: dict[int, Metered] = {}

    def for_bank(self, bank: str, model: LanguageModel | None = None) -> LanguageModel | None:
        """See `duramen.language_model.Models`."""
        chosen = model if model is not None else self._model
        if chosen is None:
            return None
        metered = self._metered.get(id(chosen))
        if metered is None:
            from duramen.language_models.limits import Metered  # loads pydantic, which only a model needs

            metered = self._metered[id(chosen)] = Metered(chosen, self._limits)
        return metered.for_bank(bank)

    def spent(self, bank: str) -> dict[str, Spent]:
        """Return what `bank` has used of each model, by the model's name; models of one name are counted together."""
        spent: dict[str, Spent] = {}
        for metered in self._metered.values():
            used, name = metered.usage(bank), metered.model.name
            spent[name] = spent[name] + used if name in spent else used
        return spent
