"""From mem0: what its `get_all` returns, or its hosted export, as JSON."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from duramen.errors import BadFileError, BankResolutionError
from duramen.following import Progress
from duramen.identity import Bank, bank_name, bank_of
from duramen.moving.shapes import metadata_in, moment_in
from duramen.moving.taking import Taken
from duramen.turns.source import AnyMemory, engine_of
from duramen.types import Identity, Item

_AT_ONCE = 100
_OURS = frozenset({"id", "memory", "text", "content", "data", "metadata", "created_at", "user_id", "run_id", "role"})
"""What of an entry has a place of its own here; the rest that is there goes into the metadata, but the hash."""

_LEFT = frozenset({"hash", "score"})


async def import_mem0(
    memory: AnyMemory,
    path: str | PathLike[str],
    *,
    bank: Bank | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Taken:
    """Take in what mem0 gave: `{"results": [{"id", "memory", "user_id", …}]}`, a list of such entries, or a line each.

    Each entry becomes an item with its id as key, so that the same file twice is one. `user_id` and `agent_id` name the
    bank as `duramen.bank_of` does, `run_id` is the session, `created_at` when it was said, and `metadata` stays, what is no
    text as JSON. What an assistant said is an experience.

    Args:
        memory: Where to.
        path: The file.
        bank: Where entries go that name no user. Without, they are left out and counted: nothing stands in for a user.
        dry_run: Change nothing, and return what would come.
        progress: Called with how many entries are done, and how many there are.

    Raises:
        BadFileError: The file is none of that. Nothing was changed.
    """
    name = None if bank is None else bank_name(bank)
    entries = await asyncio.to_thread(_entries, fspath(path))
    sorted_out = _SortedOut()
    for number, entry in enumerate(entries, 1):
        sorted_out.add(entry, number, name)
    engine, done = engine_of(memory), 0
    for where, items in sorted_out.items.items():
        for some in () if dry_run else _pieces(items):
            await engine.retain(where, some)
            done += len(some)
            if progress is not None:
                progress(done, len(entries))
    counts = {where: {"memories": len(items)} for where, items in sorted_out.items.items()}
    return Taken(banks=counts, notes=tuple(_told(sorted_out.left_out)))


@dataclass(slots=True)
class _SortedOut:
    """Items by bank, and why others are not among them."""

    items: dict[str, list[Item]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)

    def add(self, entry: Mapping[str, Any], number: int, bank: str | None) -> None:
        text = next(
            (entry[name] for name in ("memory", "text", "content", "data") if isinstance(entry.get(name), str)), ""
        )
        where = _bank_of(entry) or bank
        if not text.strip():
            self.left_out["have no text"] += 1
        elif where is None:
            self.left_out["name no user; give the bank that they are to go to"] += 1
        else:
            self.items.setdefault(where, []).append(_item(entry, text, number))


def _bank_of(entry: Mapping[str, Any]) -> str | None:
    user, agent = entry.get("user_id"), entry.get("agent_id")
    if user is None:
        return None
    try:
        return bank_of(Identity(user=user, agent=agent))
    except BankResolutionError:
        return None


def _item(entry: Mapping[str, Any], text: str, number: int) -> Item:
    role = entry.get("role")
    rest = {name: value for name, value in entry.items() if name not in _OURS | _LEFT}
    if entry.get("user_id") is not None:
        rest.pop("agent_id", None)  # it is in the name of the bank
    speaker = {"name": str(entry["actor_id"])} if entry.get("actor_id") else {}
    return Item(
        content=[{"role": str(role), "content": text, **speaker}] if role in ("user", "assistant") else text,
        key=str(entry.get("id") or f"mem0:{number}"),
        occurred=moment_in(entry.get("created_at")),
        actor=_text(entry.get("user_id")),
        session=_text(entry.get("run_id")),
        metadata={**metadata_in(rest), **metadata_in(entry.get("metadata"))},
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _entries(path: str) -> list[Mapping[str, Any]]:
    try:
        raw = Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFileError(path, f"the file cannot be read: {error}.") from error
    try:
        given = json.loads(raw)
    except ValueError:
        given = [_line(path, number, line) for number, line in enumerate(raw.splitlines(), 1) if line.strip()]
    if isinstance(given, Mapping):
        given = given.get("results", given.get("memories"))
    if not isinstance(given, list) or not all(isinstance(entry, Mapping) for entry in given):
        raise BadFileError(path, "this is not what mem0's `get_all` or its export gives: a list of memories.")
    return given


def _line(path: str, number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise BadFileError(path, "this line is no JSON.", line=number) from error


def _pieces(items: list[Item]) -> Iterator[list[Item]]:
    return (items[begin : begin + _AT_ONCE] for begin in range(0, len(items), _AT_ONCE))


def _told(left_out: Counter[str]) -> Iterator[str]:
    return (f"{count} entries were left out: they {why}" for why, count in left_out.items())
