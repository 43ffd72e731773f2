"""Environments with another version of a client, made once and kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

UV = Path(sys.executable).parent / "uv"


def python_with(requirement: str) -> Path:
    """Return a Python that has `requirement`, such as `hindsight-client==0.9.1`, and what that needs."""
    name = requirement.replace("==", "-")
    place = Path(tempfile.gettempdir()) / "duramen-tests" / f"{name}-py{sys.version_info[0]}{sys.version_info[1]}"
    python = place / "bin" / "python"
    if (place / "ready").exists():
        return python
    place.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=place.parent))
    try:
        _uv("venv", "--quiet", "--relocatable", "--clear", "--python", sys.executable, str(made))
        _uv("pip", "install", "--quiet", "--python", str(made / "bin" / "python"), requirement)
        (made / "ready").touch()
        shutil.rmtree(place, ignore_errors=True)
        made.rename(place)
    except subprocess.CalledProcessError as error:
        if _is_offline(error.stderr):
            pytest.skip(f"{requirement} cannot be installed, since PyPI cannot be reached: {error.stderr[-300:]}")
        raise AssertionError(error.stderr) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return python


def _uv(*arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    subprocess.run([str(UV), *arguments], check=True, capture_output=True, text=True, env=environment)


def _is_offline(said: str) -> bool:
    return any(sign in said for sign in ("dns error", "Connection refused", "error sending request", "timed out"))
