"""Runs what the README of an adapter shows, in order and in one namespace, as a reader would."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any

INTEGRATIONS = Path(__file__).parents[1] / "integrations"


def readme_of(package: str) -> str:
    return (INTEGRATIONS / package / "README.md").read_text()


async def run_examples(readme: str, **given: Any) -> dict[str, Any]:
    """Run the Python examples of a README, where `await` may stand outside a function.

    Args:
        readme: Its text.
        given: The names that the examples use and do not make.

    Returns:
        All names there are at the end.
    """
    names: dict[str, Any] = {"__name__": "readme", **given}
    for example in re.findall(r"```python\n(.*?)```", readme, re.DOTALL):
        code = compile(example, "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        result = eval(code, names)
        if inspect.isawaitable(result):
            await result
    return names
