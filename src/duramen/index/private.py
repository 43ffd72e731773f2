"""Index files that only this machine has, of a store that others change from elsewhere."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

from duramen.index.bank import BankIndex
from duramen.index.saved import Parts
from duramen.index.segment import Segments, delete
from duramen.types import BankVersion

try:
    import fcntl
except ImportError:  # Windows, where nobody else may open what a killed process left
    fcntl = None  # type: ignore[assignment]

PREFIX = "duramen-indexes-"
"""What the names of directories in the temporary place begin with."""

MOST_BYTES = 8 * 2**30
"""What all files may take on the disk, unless said otherwise."""

SWEEP_SECONDS = 60.0
"""How long a file may show what another machine removed from its bank, while nobody here asks for that bank."""

_OWNER_ONLY = 0o700


class PrivateSegments(Segments):
    """Segments in a directory for this user alone, within bounds. It is made when the first is written.

    Whoever removes something from a bank on another machine does not reach them: they are looked through now and then.

    Args:
        directory: Where they are kept from one start to the next; processes of this machine may share it. None for a
            directory of this process alone, in the system's temporary place, which is gone when this is closed; what a
            killed process left there, the next one deletes.
        of: Names the store, whose files have a directory of their own in `directory`; such as its address.
        most_bytes: What all files may take on the disk: those that were read least lately go. The last one stays.
    """

    sweep_seconds = SWEEP_SECONDS

    def __init__(self, directory: Path | None = None, *, of: str = "", most_bytes: int = MOST_BYTES) -> None:
        self._is_own = directory is None
        self._lock: int | None = None
        self._most_bytes = most_bytes
        if directory is None:
            super().__init__(_unused())
        else:
            super().__init__(directory / blake2b(of.encode(), digest_size=8).hexdigest())

    def load(self, bank: str, version: BankVersion) -> BankIndex | None:
        """See `Segments.load`."""
        found = super().load(bank, version)
        if found is not None:
            with contextlib.suppress(OSError):
                os.utime(self._path(version.number))
        return found

    def write(self, bank: str, version: BankVersion, parts: Parts, stopped: Callable[[], bool]) -> Path | None:
        """See `Segments.write`."""
        try:
            self._make()
        except OSError:
            return None
        return super().write(bank, version, parts, stopped)

    def publish(self, written: Path, version: BankVersion) -> bool:
        """See `Segments.publish`. Others go, if all are too large together."""
        published = super().publish(written, version)
        if published:
            self._bound(self._path(version.number))
        return published

    def close(self) -> None:
        """Delete the directory, if it is of this process alone."""
        if self._is_own and self._lock is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            os.close(self._lock)
            self._lock = None

    def _make(self) -> None:
        if not self._is_own:
            self._directory.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
        elif self._lock is None:
            _sweep(self._directory.parent)
            while self._lock is None:
                self._lock = _made(self._directory)
                if self._lock is None:
                    self._directory = _unused()

    def _bound(self, last: Path) -> None:
        """Delete files until they are small enough together, but not the `last`. One that is mapped lives until it is let go."""
        files = []
        for path in self._listed():
            if path.suffix != last.suffix:
                continue
            with contextlib.suppress(OSError):
                told = path.stat()
                files.append((path == last, told.st_mtime, getattr(told, "st_blocks", told.st_size / 512) * 512, path))
        over = sum(taken for *_, taken, _ in files) - self._most_bytes
        for is_last, _, taken, path in sorted(files):
            if over > 0 and not is_last:
                delete(path)
                over -= taken


def _unused() -> Path:
    return Path(tempfile.gettempdir()) / f"{PREFIX}{secrets.token_hex(16)}"


def _made(directory: Path) -> int | None:
    """Make a directory that is in use for as long as the descriptor that is returned is open; None if it is not ours."""
    try:
        directory.mkdir(mode=_OWNER_ONLY)
    except FileExistsError:
        return None
    if fcntl is None:
        return os.open(os.devnull, os.O_RDONLY)
    lock = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), directory.stat()):
            return lock
    except OSError:  # another process took it for left behind, before it was locked
        pass
    os.close(lock)
    return None


def _sweep(place: Path) -> None:
    """Delete the directories of this user that no process uses any more."""
    if fcntl is None:
        return
    for directory in place.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if os.fstat(lock).st_uid == os.getuid():
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(directory, ignore_errors=True)
            finally:
                os.close(lock)
