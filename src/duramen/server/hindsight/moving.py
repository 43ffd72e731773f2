"""What moves the documents of a bank, or the whole of it, as operations."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from duramen.documents.writing import until_unchanged
from duramen.engine import MemoryEngine
from duramen.errors import BadInputError, NotFoundError
from duramen.server.hindsight import pieces
from duramen.server.hindsight.archives import (
    Archive,
    collected,
    invalid_in,
    items_of,
    packed,
    source_of,
    unpacked,
)
from duramen.server.hindsight.routing import PREFIX
from duramen.tasks import copies
from duramen.tasks.errors import PermanentError
from duramen.tasks.task import Report, Task

EXPORT_DOCUMENTS, IMPORT_DOCUMENTS = "export_documents", "import_documents"
EXPORT_BANK, IMPORT_BANK, CLONE_BANK = "export_bank", "import_bank", "clone_bank"

IMPORTS = (IMPORT_DOCUMENTS, IMPORT_BANK)
"""They take in what was sent."""

_AT_ONCE = 100
_WAIT_SECONDS = 5.0


class Movers:
    """Does the tasks that move things."""

    def __init__(self, memory: MemoryEngine) -> None:
        self._memory = memory

    def register(self) -> None:
        """Let the tasks of this engine be done here."""
        tasks = self._memory.tasks
        tasks.register(EXPORT_DOCUMENTS, self.export)
        tasks.register(EXPORT_BANK, self.export)
        tasks.register(IMPORT_DOCUMENTS, self.take_in)
        tasks.register(IMPORT_BANK, self.take_in)
        tasks.register(CLONE_BANK, self.clone)

    async def export(self, task: Task, report: Report) -> Mapping[str, Any]:
        """Pack an archive, to be downloaded within a day."""
        try:
            return await until_unchanged(lambda: self._exported(task, report), "The bank")
        except BadInputError as error:
            raise PermanentError(str(error)) from error

    async def take_in(self, task: Task, report: Report) -> Mapping[str, Any]:
        """Retain what is in an archive that was sent."""
        try:
            archive = await asyncio.to_thread(unpacked, await pieces.sent(self._memory, str(task.payload["key"])))
            return await self._retained(archive, task, report)
        except (BadInputError, NotFoundError) as error:
            raise PermanentError(str(error)) from error

    async def clone(self, task: Task, report: Report) -> Mapping[str, Any]:
        """Copy a bank."""
        try:
            result = await self._retained(await self._collected(task, report), task, report)
        except BadInputError as error:
            raise PermanentError(str(error)) from error
        await self._memory.shelf.write([*report.finishing(result)])
        return result

    async def _exported(self, task: Task, report: Report) -> Mapping[str, Any]:
        """Pack an archive of what the bank holds now.

        Raises:
            ChangedError: Something was forgotten meanwhile, or the task is no longer this one's.
        """
        await report.progress("reading")
        key, shelf = str(task.payload["key"]), self._memory.shelf
        unforgotten = await copies.unforgotten(shelf, task.bank, report.holding())
        archive = await self._collected(task, report)
        data = await asyncio.to_thread(packed, archive)
        await pieces.put_made(self._memory, key, data, unforgotten)
        result = {
            "download_url": f"{PREFIX}/files/download/{quote(key, safe='')}",
            "bytes": len(data),
            "documents": len(archive.documents),
            "events": len(archive.events),
        }
        await shelf.write([unforgotten, *report.finishing(result)])
        return result

    async def _collected(self, task: Task, report: Report) -> Archive:
        await report.progress("reading")
        asked = task.payload
        return await collected(
            self._memory,
            task.bank,
            ids=asked.get("document_ids"),
            data=asked.get("include_data", True),
            config=asked.get("include_bank_config", False),
        )

    async def _retained(self, archive: Archive, task: Task, report: Report) -> dict[str, Any]:
        asked, memory = task.payload, self._memory
        bank = str(asked.get("target") or task.bank)
        counts = {"documents_imported": 0, "documents_skipped": 0, "events_imported": 0}
        if archive.template is not None and asked.get("include_bank_config", True):
            await memory.templates.apply(bank, archive.template)
        if not asked.get("include_data", True):
            return counts
        for done, document in enumerate(archive.documents):
            await report.progress("documents", done, len(archive.documents))
            source, invalid = source_of(document), invalid_in(document)
            known = asked.get("on_conflict", "skip") == "skip" and source.document is not None
            if known and await memory.documents.get(bank, str(source.document)) is not None:
                counts["documents_skipped"] += 1
                if not asked.get("fresh"):
                    continue
            else:
                await memory.documents.retain(bank, [source], shelved=report.holding())
                counts["documents_imported"] += 1
            # In a fresh bank, what is there already is of this task, which may have ended before this.
            await self._set_aside(bank, str(source.document), invalid, report)
        await report.progress("events", 0, len(archive.events))
        items = list(items_of(archive.events))
        for at in range(0, len(items), _AT_ONCE):
            await memory.shelf.write(report.holding())
            counts["events_imported"] += len((await memory.retain(bank, items[at : at + _AT_ONCE])).events)
            await report.progress("events", counts["events_imported"], len(archive.events))
        return counts

    async def _set_aside(self, bank: str, document: str, invalid: Mapping[str, str], report: Report) -> None:
        """Let what was invalid in a document be so here too, as soon as it is worked through."""
        if not invalid:
            return
        memory = self._memory
        while await memory.flush(bank, seconds=_WAIT_SECONDS):
            await memory.shelf.write(report.holding())
        for text, reason in invalid.items():
            found, _ = await memory.views.listed(bank, q=text, document=document, limit=_AT_ONCE)
            for one in found:
                if one.text == text and one.strategy is None:
                    await memory.curation.invalidate(bank, one.id, reason=reason)
