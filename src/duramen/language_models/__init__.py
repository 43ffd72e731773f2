"""Language models: an improvement wherever they are used, and never a condition.

Each gives answers in a shape that was asked for, checked, and asked for once more when they do not fit. A model is loaded
when it is first named; this package alone loads nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from duramen.lazy import lazy_names

if TYPE_CHECKING:
    from duramen.language_models.bedrock import BedrockModel
    from duramen.language_models.lent import FunctionModel, LangChainModel, StrandsModel
    from duramen.language_models.limits import Limits, Metered, Spent
    from duramen.language_models.openai_compatible import OpenAICompatibleModel
    from duramen.language_models.scripted import ScriptedModel

__all__ = [
    "BedrockModel",
    "FunctionModel",
    "LangChainModel",
    "Limits",
    "Metered",
    "OpenAICompatibleModel",
    "ScriptedModel",
    "Spent",
    "StrandsModel",
]

__getattr__ = lazy_names(
    __name__,
    {
        "BedrockModel": "duramen.language_models.bedrock",
        "FunctionModel": "duramen.language_models.lent",
        "LangChainModel": "duramen.language_models.lent",
        "Limits": "duramen.language_models.limits",
        "Metered": "duramen.language_models.limits",
        "OpenAICompatibleModel": "duramen.language_models.openai_compatible",
        "ScriptedModel": "duramen.language_models.scripted",
        "Spent": "duramen.language_models.limits",
        "StrandsModel": "duramen.language_models.lent",
    },
)


def __dir__() -> list[str]:
    return __all__
