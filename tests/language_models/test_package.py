from __future__ import annotations

import subprocess
import sys

import duramen.language_models

_HEAVY = {"pydantic", "httpx", "tenacity", "boto3", "langchain_core", "strands", "tokenizers"}


def test_the_package_alone_loads_nothing_heavy() -> None:
    code = (
        f"import sys, duramen.language_models, duramen.language_models.prompts; print({_HEAVY!r} & sys.modules.keys())"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "set()"


def test_lent_models_load_no_framework() -> None:
    code = (
        "import sys, duramen.language_models.lent; print({'langchain_core', 'strands', 'boto3'} & sys.modules.keys())"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "set()"


def test_each_public_name_is_there() -> None:
    names = duramen.language_models.__all__

    assert names == sorted(names) == dir(duramen.language_models)
    assert all(getattr(duramen.language_models, name).__name__ == name for name in names)
