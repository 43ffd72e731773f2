from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from duramen.documents import Documents
from tests.conftest import engine

ROOT = Path(__file__).parents[2]


def _started(directory: Path, name: str, count: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.documents.appending_process", str(directory), name, str(count)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


async def _kept(directory: Path) -> tuple[list[str], list[str]]:
    """Return what the document says, and what is remembered of it, sorted."""
    async with engine(directory) as memory:
        await memory.flush("bank")
        kept = await Documents(memory._desk).get("bank", "doc")
        found = await memory.memories("bank", document="doc", limit=1000)
    assert kept is not None
    return sorted(kept.text.split("\n\n")), sorted(one.text for one in found.items)


async def test_what_two_processes_append_at_once_is_all_kept(tmp_path: Path) -> None:
    processes = [_started(tmp_path, name, 25) for name in ("Ada", "Ben")]

    for process in processes:
        _go(process)
    outputs = [process.communicate(timeout=120)[0] for process in processes]

    said = sorted(f"{name} said {number}." for name in ("Ada", "Ben") for number in range(25))
    assert [process.returncode for process in processes] == [0, 0]
    assert all(output.split() == [str(number) for number in range(25)] for output in outputs)
    assert await _kept(tmp_path) == (said, said)


async def test_what_a_killed_process_had_acknowledged_is_kept_and_nothing_by_halves(tmp_path: Path) -> None:
    process = _started(tmp_path, "Ada", 100_000)
    _go(process)
    assert process.stdout is not None
    for _ in range(20):
        process.stdout.readline()

    process.kill()
    acknowledged = 20 + len(process.communicate()[0].splitlines())

    text, remembered = await _kept(tmp_path)
    assert {f"Ada said {number}." for number in range(acknowledged)} <= set(text)
    assert text == remembered
