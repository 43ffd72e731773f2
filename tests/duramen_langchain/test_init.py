from __future__ import annotations

import subprocess
import sys

import pytest

import duramen_langchain


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_every_name_is_there_and_in_order() -> None:
    assert duramen_langchain.__all__ == sorted(duramen_langchain.__all__)
    assert dir(duramen_langchain) == duramen_langchain.__all__
    assert [getattr(duramen_langchain, name).__name__ for name in duramen_langchain.__all__] == list(
        duramen_langchain.__all__
    )


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        duramen_langchain.Nothing  # noqa: B018  the access is the act


def test_importing_the_package_imports_no_framework() -> None:
    loaded = run("import sys, duramen_langchain; print(*{name.split('.')[0] for name in sys.modules})").split()

    assert "duramen_langchain" in loaded
    assert {"langchain", "langchain_core", "langgraph", "numpy", "tokenizers"}.isdisjoint(loaded)


@pytest.mark.parametrize("missing", ["langchain", "langgraph", "langchain_core"])
def test_without_the_framework_the_error_names_the_extra(missing: str) -> None:
    said = run(
        f"import sys; sys.modules[{missing!r}] = None\n"
        "import duramen_langchain\n"
        "try: duramen_langchain.MemoryMiddleware\n"
        "except ImportError as error: print(type(error).__name__, error)"
    )

    assert said == "ImportError duramen_langchain needs the 'langchain' extra: pip install 'duramen[langchain]'"
