"""Exports and imports on the command line, through the real commands on a real directory."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import duramen
from duramen.cli import app
from duramen.server.hindsight.archives import Archive, packed
from tests.conftest import engine
from tests.moving.archives import archive

Run = Callable[..., Any]

ADA, BOB = "user:ada", "user:bob"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    env = {"DURAMEN_DIRECTORY": str(tmp_path / "memory"), "DURAMEN_FAST": "1"}

    def invoke(*arguments: str | Path) -> Any:
        return CliRunner().invoke(app, list(map(str, arguments)), env=env, terminal_width=200)

    return invoke


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> Run:
    texts = ("Ada lives in Lisbon.", "Ada drinks tea.")
    with duramen.SyncMemoryEngine(engine(tmp_path / "memory")) as memory:
        memory.retain(ADA, [duramen.Item(content=text, key=text) for text in texts])
        memory.retain(BOB, "Bob sings.")
        memory.flush()
    return run


def test_what_is_exported_is_imported_elsewhere(filled: Run, tmp_path: Path) -> None:
    path, other = tmp_path / "all.jsonl.gz", tmp_path / "other"

    exported = filled("export", "--to", path)
    imported = filled("import", path, "--into", other)
    recalled = filled("recall", ADA, "Where does Ada live?", "--directory", other)

    assert exported.exit_code == imported.exit_code == 0, imported.output
    assert exported.stderr.strip().endswith("all.jsonl.gz")
    assert "2 banks: 3 events" in exported.stderr
    assert imported.stdout == "user:ada: 2 events\nuser:bob: 1 event\n"
    assert "Ada lives in Lisbon." in recalled.stdout


def test_an_export_goes_to_the_standard_output_unless_a_file_is_named(filled: Run) -> None:
    exported = filled("export", BOB)

    header, *rest = map(json.loads, exported.stdout.splitlines())
    assert header["format"] == "duramen.export"
    assert [line["is"] for line in rest] == ["bank", "event", "end"]


def test_a_dry_run_says_what_would_come(filled: Run, tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    filled("export", "--to", path)

    told = filled("import", "--dry-run", path, "--rename", "user:bob=user:robert")
    listed = filled("banks")

    assert told.stdout == "user:ada: 2 events, into what is there\nuser:robert: 1 event\n"
    assert "Nothing was changed." in told.stderr
    assert "user:robert" not in listed.stdout


def test_banks_can_be_renamed_and_the_result_be_json(filled: Run, tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    filled("export", ADA, "--to", path)

    told = filled("import", "file", path, "--rename", "user:ada=user:lovelace", "--json")

    assert json.loads(told.stdout) == {
        "banks": {"user:lovelace": {"bank": 1, "event": 2}},
        "there": [],
        "replaced": 0,
        "dry_run": False,
    }
    assert "Ada drinks tea." in filled("recall", "user:lovelace", "tea").stdout


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("export", "user:nobody"), "There is no bank 'user:nobody'"),
        (("export", "--format", "hindsight", "--to", "x.zip"), "An archive for Hindsight holds one bank"),
        (("export", ADA, "--format", "hindsight"), "An archive for Hindsight holds one bank"),
        (("import", "missing.jsonl"), "cannot be read"),
        (("import", "x", "--rename", "user:ada"), "Give OLD=NEW"),
        (("import", "hindsight", "missing.zip"), "cannot be read"),
        (("import", "hindsight", "x.zip", "--bank", "a", "--bank", "b"), "An archive holds one bank"),
        (("import", "mem0", "missing.json"), "cannot be read"),
        (("import", "langgraph", "missing.db"), "neither a file nor"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_one_clear_line(filled: Run, arguments: tuple[str, ...], why: str) -> None:
    result = filled(*arguments)

    assert result.exit_code == 1
    assert why in result.stderr
    assert "Traceback" not in result.stderr


def test_a_damaged_file_is_named_with_its_line(filled: Run, tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    filled("export", "--to", path)
    path.write_bytes(path.read_bytes()[:-300])

    result = filled("import", path)

    assert result.exit_code == 1
    assert f"{path}, line " in result.stderr


def test_an_archive_for_hindsight_is_written_and_read(filled: Run, tmp_path: Path) -> None:
    path, other = tmp_path / "ada.zip", tmp_path / "other"

    exported = filled("export", ADA, "--format", "hindsight", "--to", path)
    imported = filled("import", "hindsight", path, "--bank", "agent", "--into", other)
    again = filled("import", path, "--into", other)

    assert "user:ada: 2 documents, 2 facts" in exported.stderr
    assert imported.stdout == "agent: 2 documents\n"
    assert again.stdout == "user:ada: 2 documents\n"
    assert zipfile.is_zipfile(path)


def test_notes_are_told_beside_the_result(run: Run, tmp_path: Path) -> None:
    result = run("import", "hindsight", archive(tmp_path / "a.zip"))

    assert result.stdout == "agent-7: 3 documents, 2 memories, 1 observations\n"
    assert "the document 'nothing' has no text" in result.stderr


def test_an_archive_of_a_server_of_ours_is_read(run: Run, tmp_path: Path) -> None:
    document = {"id": "d1", "text": "Ada lives in Lisbon.", "tags": ["home"], "metadata": {}}
    event = {
        "key": "k",
        "position": 0,
        "content": "Ada drinks tea.",
        "kind": "fact",
        "mentioned": "2026-03-01T12:00:00Z",
    }
    template = {"version": "1", "bank": {"name": "Ada's"}}
    path = tmp_path / "own.zip"
    path.write_bytes(packed(Archive(bank=ADA, documents=[document], events=[event], template=template)))

    result = run("import", path)
    recalled = run("recall", ADA, "What does Ada drink?")
    path.write_bytes(packed(Archive(bank=ADA, documents=[{"id": "d2"}])))
    broken = run("import", path, "--bank", "other")

    assert result.stdout == "user:ada: 1 documents, 1 items\n"
    assert "Ada drinks tea." in recalled.stdout
    assert broken.exit_code == 1
    assert "has no id or text" in broken.stderr


def test_mem0_is_read(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mem0.json"
    path.write_text(
        json.dumps({"results": [{"id": "a", "memory": "Likes tea.", "user_id": "ada"}, {"memory": "No one."}]})
    )

    told = run("import", "mem0", path, "--dry-run", "--json")
    result = run("import", "mem0", path)

    assert json.loads(told.stdout)["banks"] == {"user:ada": {"memories": 1}}
    assert result.stdout == "user:ada: 1 memories\n"
    assert "1 entries were left out" in result.stderr
    assert "Likes tea." in run("recall", ADA, "tea").stdout


def test_a_store_of_langgraph_is_read_from_a_module_that_lies_here(run: Run, tmp_path: Path) -> None:
    (tmp_path / "shelf_of_mine.py").write_text(
        "from langgraph.store.memory import InMemoryStore\n"
        "store = InMemoryStore()\n"
        "store.put(('users', 'ada'), 'k', {'text': 'Ada lives in Lisbon.'})\n"
    )
    environment = {**os.environ, "DURAMEN_FAST": "1", "DURAMEN_DIRECTORY": str(tmp_path / "memory")}

    result = subprocess.run(
        [sys.executable, "-m", "duramen", "import", "langgraph", "shelf_of_mine:store", "--bank", "user:{1}"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.stdout == "user:ada: 1 memories\n", result.stderr
    assert "1 items are in the store" in result.stderr
    assert "Lisbon" in run("recall", ADA, "Lisbon").stdout


def test_interrupted_an_export_leaves_no_part_of_a_file(tmp_path: Path) -> None:
    path, directory = tmp_path / "out" / "all.jsonl", tmp_path / "memory"
    path.parent.mkdir()
    with duramen.SyncMemoryEngine(engine(directory)) as memory:
        for part in range(10):
            items = [
                duramen.Item(content=f"{part} {place} " + "word " * 40, key=f"{part}-{place}") for place in range(200)
            ]
            memory.retain(ADA, items)
        memory.flush()
    exporting = subprocess.Popen(
        [sys.executable, "-m", "duramen", "export", "--to", str(path), "--directory", str(directory), "--fast"],
        stderr=subprocess.PIPE,
    )
    while not list(path.parent.iterdir()) and exporting.poll() is None:
        time.sleep(0.001)

    exporting.send_signal(signal.SIGINT)
    exporting.communicate(timeout=60)

    assert list(path.parent.iterdir()) in ([], [path])
    if path.exists():  # it was ready before it was interrupted
        assert sum(json.loads(line).get("is") == "event" for line in path.read_text().splitlines()) == 2000


def test_a_packed_export_is_the_same_as_a_plain_one(filled: Run, tmp_path: Path) -> None:
    filled("export", "--to", tmp_path / "a.jsonl")
    filled("export", "--to", tmp_path / "a.jsonl.gz")

    plain = (tmp_path / "a.jsonl").read_bytes().splitlines()
    packed_lines = gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()).splitlines()
    assert plain[1:] == packed_lines[1:]
