"""Public names that are loaded when they are first asked for (PEP 562), so that importing a package loads little."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from typing import Any


def lazy_names(
    package: str, homes: Mapping[str, str], *, extra: str | None = None, needs: Collection[str] = ()
) -> Callable[[str], Any]:
    """Return a `__getattr__` for `package` that finds names in their modules.

    Args:
        package: Its name.
        homes: The module of each name.
        extra: The extra of `duramen` that brings what those modules need.
        needs: The packages that the extra brings: where one is missing, the `ImportError` names the extra.
    """

    def named(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            return getattr(import_module(homes[name]), name)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] in needs:
                raise ImportError(f"{package} needs the {extra!r} extra: pip install 'duramen[{extra}]'") from error
            raise

    return named
