"""Files over HTTP: their text is retained as documents, by operations."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import File, Form, Request, UploadFile
from pydantic import ValidationError

from duramen.errors import BadContentError
from duramen.server.banks import Refused, memory_of
from duramen.server.hindsight.file_texts import text_of_file
from duramen.server.hindsight.handlers import RETAIN
from duramen.server.hindsight.retaining import RetainItem, check, sources_of
from duramen.server.hindsight.routing import BANK, Body, Reply, Retained, router

ROUTER = router("Files")

MAX_FILES = 10
MAX_BYTES = 100_000_000
"""Of all files of a request together."""


class FileSaid(Body):
    """What is said of one file, in the words of an item to retain."""

    context: str | None = None
    document_id: str | None = None
    tags: list[str] | None = None
    metadata: dict[str, str] | None = None
    timestamp: str | None = None
    strategy: str | None = None
    update_mode: str | None = None


class FilesRequest(Body):
    """What is said of the files: of each by itself, in their order."""

    files_metadata: list[FileSaid] | None = None
    parser: Any = None
    document_tags: list[str] | None = None


class FilesReply(Reply):
    """The operations that retain the files, in their order."""

    operation_ids: list[str]


@ROUTER.post(f"{BANK}/files/retain", operation_id="file_retain", response_model=FilesReply)
async def retain_files(
    request: Request,
    bank: Retained,
    files: Annotated[list[UploadFile], File(description="The files.")],
    said: Annotated[str, Form(alias="request", description="`FilesRequest` as JSON.")] = "{}",
) -> FilesReply:
    """Retain the text of files, each as a document, by an operation of its own; none of them if one cannot be read."""
    asked = _asked(said, len(files))
    items = [await _item(file, one) for file, one in zip(files, asked.files_metadata or (), strict=True)]
    content = await asyncio.to_thread(check, bank.name, sources_of(items, asked.document_tags))
    tasks = memory_of(request).tasks
    operations: list[str] = []
    for n, (file, item) in enumerate(zip(files, items, strict=True)):
        payload = {
            "items": [item.model_dump(mode="json", exclude_unset=True)],
            "document_tags": asked.document_tags,
            "filename": file.filename,
            "document_id": item.document_id,
            "bank_id": bank.asked,
        }
        operations.append((await tasks.submit(bank.name, RETAIN, payload, total=1, content=content.only([n]))).id)
    return FilesReply(operation_ids=operations)


def _asked(said: str, count: int) -> FilesRequest:
    if not 0 < count <= MAX_FILES:
        raise Refused(400, f"There are {count} files. Send 1 to {MAX_FILES}.")
    try:
        asked = FilesRequest.model_validate_json(said or "{}")
    except ValidationError as error:
        first = error.errors()[0]
        raise Refused(422, f"`request` is no such JSON: {first['msg']} at {list(first['loc'])}.") from error
    given = asked.files_metadata
    if given is not None and len(given) != count:
        raise Refused(400, f"`files_metadata` has {len(given)} entries for {count} files. Give one for each.")
    return asked.model_copy(update={"files_metadata": given or [FileSaid() for _ in range(count)]})


async def _item(file: UploadFile, said: FileSaid) -> RetainItem:
    name = file.filename or "file.txt"
    if file.size is not None and file.size > MAX_BYTES:
        raise Refused(413, f"{name!r} has more than {MAX_BYTES:,} bytes.")
    text = await asyncio.to_thread(text_of_file, name, await file.read())
    given = said.model_dump(exclude_unset=True, include=set(FileSaid.model_fields))
    metadata = {"filename": name, **(said.metadata or {})}
    try:
        return RetainItem(**{**given, "content": text, "metadata": metadata})
    except ValidationError as error:
        raise BadContentError(f"What is said of {name!r} cannot be used: {error.errors()[0]['msg']}.") from error
