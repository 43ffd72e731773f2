from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.hindsight.environments import python_with
from tests.serving import served

WALK = Path(__file__).with_name("client_walk.py")


@pytest.fixture
def base_url(tmp_path: Path) -> Iterator[str]:
    with served(tmp_path / "memory", fast=True) as server:
        yield server.url


def walk(python: Path, base_url: str, mode: str) -> dict[str, Any]:
    done = subprocess.run([str(python), str(WALK), base_url, mode], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_every_method_of_the_client_works(base_url: str) -> None:
    python = Path(sys.executable)

    called = [walk(python, base_url, mode) for mode in ("sync", "async")]

    assert set(called[0]["called"]) | set(called[1]["called"]) == set(called[0]["known"])


def test_every_method_of_the_client_before_works(base_url: str) -> None:
    python = python_with("hindsight-client==0.9.1")

    called = [walk(python, base_url, mode) for mode in ("sync", "async")]

    assert set(called[0]["called"]) | set(called[1]["called"]) == set(called[0]["known"])
