"""From the archives that a server of ours gives over HTTP. Needs what the server needs."""

from __future__ import annotations

import asyncio
from os import PathLike, fspath
from pathlib import Path

from duramen.errors import BadFileError, BadInputError
from duramen.following import Progress
from duramen.identity import bank_name
from duramen.moving.taking import Taken
from duramen.server.hindsight.archives import items_of, source_of, unpacked
from duramen.turns.source import AnyMemory, engine_of

_AT_ONCE = 100


async def import_own_archive(
    memory: AnyMemory,
    path: str | PathLike[str],
    *,
    bank: str | None = None,
    progress: Progress | None = None,
) -> Taken:
    """Take in an archive of a server of ours: its documents, what else was retained, and how the bank is set up.

    Args:
        memory: Where to.
        path: The file.
        bank: Where to; the bank that it is from if None.
        progress: Called with how many documents and events are done, and how many there are.

    Raises:
        BadFileError: It is no such archive, or is damaged, or of a newer Duramen. What came before is kept.
    """
    engine, name, done = engine_of(memory), fspath(path), 0
    try:
        archive = await asyncio.to_thread(lambda: unpacked(Path(name).expanduser().read_bytes()))
        where, items = bank_name(bank or archive.bank), list(items_of(archive.events))
        total = len(archive.documents) + len(items)
        for document in archive.documents:
            await engine.documents.retain(where, [source_of(document)])
            done += 1
            if progress is not None:
                progress(done, total)
    except OSError as error:
        raise BadFileError(name, f"the file cannot be read: {error.strerror or error}.") from error
    except BadInputError as error:
        raise BadFileError(name, str(error)) from error
    for begin in range(0, len(items), _AT_ONCE):
        await engine.retain(where, items[begin : begin + _AT_ONCE])
        done += len(items[begin : begin + _AT_ONCE])
        if progress is not None:
            progress(done, total)
    if archive.template is not None:
        await engine.templates.apply(where, archive.template)
    counts = {"documents": len(archive.documents), "items": len(items)}
    return Taken(banks={where: {what: count for what, count in counts.items() if count}})
