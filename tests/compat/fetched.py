"""The public suites, from PyPI by version and hash, and a virtual environment of their own to run them in."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"
SOURCES = HERE / "sources.txt"

_SOURCE = re.compile(r"^([a-z-]+)==([0-9.]+) --hash=sha256:([0-9a-f]{64})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched.

    Attributes:
        python: The interpreter of the suites' own environment.
        sources: Where each source distribution was unpacked, by the name of its package.
    """

    python: Path
    sources: dict[str, Path]


def fetch(cache: Path) -> Fetched:
    """Fetch what is not yet in `cache`, check it against its hash, and return where it is.

    Raises:
        RuntimeError: `uv` is not there, or what came is not what was asked for.
        CalledProcessError: PyPI, or the mirror that pip and uv are set to, did not give it.
    """
    cache.mkdir(parents=True, exist_ok=True)
    python = _environment(cache / "venv")
    wanted = {name: (version, digest) for name, version, digest in _SOURCE.findall(SOURCES.read_text())}
    archives = {name: _archive(cache, name, version) for name, (version, _) in wanted.items()}
    if not all(path.exists() for path in archives.values()):
        _run(python, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "-r", SOURCES, "-d", cache)
    for name, (_, digest) in wanted.items():
        found = hashlib.sha256(archives[name].read_bytes()).hexdigest()
        if found != digest:
            raise RuntimeError(f"{archives[name]} has sha256 {found}, not {digest}. Delete it, and run again.")
    return Fetched(python, {name: _unpacked(cache, path) for name, path in archives.items()})


def _environment(place: Path) -> Path:
    """Make the environment, unless it is there with the same requirements, and return its interpreter."""
    python = place / "bin" / "python"
    done = place / "requirements.txt"
    if done.exists() and done.read_bytes() == REQUIREMENTS.read_bytes():
        return python
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        raise RuntimeError("uv is not installed, and makes the environment for the suites: pip install uv")
    _run(uv, "venv", "--quiet", "--clear", "--seed", "--python", sys.executable, place)
    _run(uv, "pip", "install", "--quiet", "--python", python, "-r", REQUIREMENTS)
    shutil.copyfile(REQUIREMENTS, done)
    return python


def _archive(cache: Path, name: str, version: str) -> Path:
    return cache / f"{name.replace('-', '_')}-{version}.tar.gz"


def _unpacked(cache: Path, archive: Path) -> Path:
    """Unpack an archive afresh, so that what runs is what was published, and return its directory."""
    place = cache / archive.name.removesuffix(".tar.gz")
    shutil.rmtree(place, ignore_errors=True)
    with tarfile.open(archive) as packed:
        packed.extractall(cache, filter="data")
    return place


def _run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True)
