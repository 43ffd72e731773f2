"""What is in the files of a store."""

from __future__ import annotations

from pathlib import Path


def commits(directory: Path) -> int:
    """Count the frames of the write-ahead log that end a transaction: those that say how large the database is."""
    log = (directory / "duramen.db-wal").read_bytes()
    return sum(log[start + 4 : start + 8] != bytes(4) for start in range(32, len(log), 24 + 4096))


def files_with(directory: Path, text: str) -> list[str]:
    """Return the names of the files below `directory` that hold `text`."""
    return [path.name for path in directory.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]
