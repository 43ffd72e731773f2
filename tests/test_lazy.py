from __future__ import annotations

import subprocess
import sys

import pytest

from duramen.lazy import lazy_names

ADAPTERS = [
    ("langchain", "MemoryMiddleware", "langchain"),
    ("langgraph", "recall_node", "langgraph"),
    ("strands", "MemoryHooks", "strands"),
]


def test_a_name_is_found_in_its_module_and_others_are_no_attribute() -> None:
    find = lazy_names("birds", {"quote": "urllib.parse"})

    assert find("quote")("a b") == "a%20b"
    with pytest.raises(AttributeError, match=r"module 'birds' has no attribute 'wings'"):
        find("wings")


def test_a_module_that_is_missing_for_another_reason_says_so_itself() -> None:
    find = lazy_names("birds", {"fly": "no_such_module_of_birds"}, extra="wings", needs=("feathers",))

    with pytest.raises(ModuleNotFoundError, match="no_such_module_of_birds"):
        find("fly")


@pytest.mark.parametrize("extra", ["agentcore", "langchain", "langgraph", "strands"])
def test_every_public_name_of_an_adapter_is_there_and_in_order(extra: str) -> None:
    program = (
        f"import duramen_{extra} as adapter; names = adapter.__all__; assert names == sorted(names) and set(names) <= "
        "set(dir(adapter)); print(*[getattr(adapter, name) for name in names], sep=chr(10))"
    )

    run = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False)

    assert run.stdout.count("\n") > 3, run.stderr


@pytest.mark.parametrize(("extra", "name", "framework"), ADAPTERS)
def test_without_its_framework_an_adapter_names_the_extra(extra: str, name: str, framework: str) -> None:
    program = f"import sys; sys.modules[{framework!r}] = None; from duramen_{extra} import {name}"

    run = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False)

    assert run.returncode != 0
    assert f"duramen_{extra} needs the '{extra}' extra: pip install 'duramen[{extra}]'" in run.stderr


@pytest.mark.parametrize(("extra", "name", "framework"), ADAPTERS)
def test_an_adapter_alone_loads_neither_its_framework_nor_anything_heavy(extra: str, name: str, framework: str) -> None:
    heavy = ("numpy", "onnxruntime", "spacy", "langchain_core", framework)
    program = f"import sys, duramen_{extra}; print([name for name in {heavy!r} if name in sys.modules])"

    run = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False)

    assert run.stdout.strip() == "[]", run.stderr
