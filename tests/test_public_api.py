from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import duramen

ROOT = Path(__file__).parent.parent
HEAVY = (
    "numpy",
    "onnxruntime",
    "tokenizers",
    "spacy",
    "torch",
    "httpx",
    "starlette",
    "langchain",
    "langgraph",
    "strands",
    "boto3",
    "pydantic",
    "sqlite3",
    "typer",
    "rich",
    "asyncio",
)


def test_public_names_are_sorted_few_and_there() -> None:
    assert duramen.__all__ == sorted(duramen.__all__)
    assert len(duramen.__all__) <= 40
    for name in duramen.__all__:
        assert getattr(duramen, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'opne'"):
        _ = duramen.opne


def test_importing_duramen_loads_nothing_heavy() -> None:
    code = f"import sys, json, duramen; print(json.dumps([m for m in {HEAVY} if m in sys.modules]))"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert json.loads(printed) == []


def test_the_newest_entry_of_the_changelog_is_this_version_or_unreleased() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert headings[0] in ("Unreleased", duramen.__version__)


def test_modules_stay_readable() -> None:
    long = {
        path.name: lines
        for folder in ("src", "integrations")
        for path in (ROOT / folder).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 400
    }

    assert long == {}


def test_the_wheel_is_whole(tmp_path: Path) -> None:
    """Unpack the built wheel and use it from there, without the tree."""
    wheels = sorted((ROOT / "dist").glob("duramen-*.whl"))
    assert wheels, "There is no wheel in dist/. `make wheel` builds one, and `make test` does so first."
    zipfile.ZipFile(wheels[-1]).extractall(tmp_path)
    code = (
        "import duramen, duramen_agentcore, pathlib\n"
        f"assert pathlib.Path(duramen.__file__).is_relative_to({str(tmp_path)!r}), duramen.__file__\n"
        "parts = dict(embedder=duramen.HashingEmbedder(), entities=duramen.CapitalsEntityFinder())\n"
        "with duramen.open_sync('kept', **parts) as memory:\n"
        "    memory.retain('user:ada', 'Ada moved to Lisbon in March 2025.')\n"
        "    print(memory.recall('user:ada', 'Where does Ada live?').text)\n"
    )

    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        check=False,
    )

    assert "Ada moved to Lisbon" in run.stdout, run.stderr
    names = zipfile.ZipFile(wheels[-1]).namelist()
    assert "duramen/py.typed" in names
    assert any(name.endswith("schema.sql") for name in names)
    assert any(name.endswith("bert-base-uncased.txt") for name in names)
    assert any(name.endswith("conversation.json") for name in names)
