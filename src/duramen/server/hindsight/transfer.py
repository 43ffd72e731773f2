"""Moving documents and banks over HTTP: exports and imports are operations, archives are downloaded."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Depends, File, Query, Request, Response, UploadFile, status
from pydantic import StringConstraints

from duramen.errors import BadQueryError, ConflictError, NotFoundError
from duramen.identity import bank_name
from duramen.server.banks import AskedBank, Refused, grant_of, granted, memory_of
from duramen.server.caller import Grant
from duramen.server.hindsight import pieces
from duramen.server.hindsight.moving import (
    CLONE_BANK,
    EXPORT_BANK,
    EXPORT_DOCUMENTS,
    IMPORT_BANK,
    IMPORT_DOCUMENTS,
    IMPORTS,
)
from duramen.server.hindsight.routing import BANK, Managed, Read, Reply, Retained, router, without_effect
from duramen.tasks.content import Content

ROUTER = router("Document Transfer")

_LATER = status.HTTP_202_ACCEPTED

Upload = Annotated[UploadFile, File(description="The archive.")]
Ids = Annotated[list[Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]] | None, Query()]


class Submitted(Reply):
    """The operation that does it."""

    operation_id: str
    status: str = "pending"


@ROUTER.post(
    f"{BANK}/document-transfer/export", operation_id="export_documents", response_model=Submitted, status_code=_LATER
)
async def export_documents(
    request: Request,
    bank: Read,
    document_id: Ids = None,
    include_observations: bool = False,
    include_knowledge_base: bool = False,
) -> Submitted:
    """Pack documents into an archive. What strategies made of them is made anew where they are taken in."""
    without_effect(include_observations=include_observations, include_knowledge_base=include_knowledge_base)
    payload: dict[str, Any] = {"document_ids": document_id}
    return await _submitted(request, bank, EXPORT_DOCUMENTS, {**payload, "key": pieces.key_for(bank.name)})


@ROUTER.post(f"{BANK}/document-transfer", operation_id="import_documents", response_model=Submitted, status_code=_LATER)
async def import_documents(
    request: Request, bank: Retained, file: Upload, on_conflict: Literal["skip", "replace"] = "skip"
) -> Submitted:
    """Retain the documents of an archive; one that is there already is left alone, or replaced."""
    payload = {"on_conflict": on_conflict, "include_bank_config": False}
    return await _submitted(request, bank, IMPORT_DOCUMENTS, {**payload, "key": await _kept(request, bank, file)})


@ROUTER.get(f"{BANK}/document-transfer", operation_id="export_documents_sync_removed")
async def export_at_once(request: Request, bank: Read) -> None:
    """Answer 410: exports are operations."""
    raise Refused(410, "An export is an operation: POST …/document-transfer/export, then download what it names.")


@ROUTER.get("/files/download/{key}", operation_id="download_file")
async def download(request: Request, grant: Annotated[Grant, Depends(granted("read"))], key: str) -> Response:
    """Return an archive that an operation made."""
    if grant.shown(pieces.bank_in(key)) is None:
        raise NotFoundError(f"There is no file {key[:200]!r}.")
    data = await pieces.made(memory_of(request), key)
    headers = {"Content-Disposition": 'attachment; filename="export.zip"'}
    return Response(data, media_type="application/zip", headers=headers)


@ROUTER.post(
    f"{BANK}/transfer/export", operation_id="export_bank_transfer", response_model=Submitted, status_code=_LATER
)
async def export_bank(
    request: Request,
    bank: Read,
    include_data: bool = True,
    include_bank_config: bool = True,
    include_history: bool = False,
    document_id: Ids = None,
) -> Submitted:
    """Pack a bank into an archive: what was retained, and how it is set up."""
    without_effect(include_history=include_history)
    payload = {
        "include_data": include_data,
        "include_bank_config": include_bank_config,
        "document_ids": document_id,
        "key": pieces.key_for(bank.name),
    }
    return await _submitted(request, bank, EXPORT_BANK, payload)


@ROUTER.post(
    f"{BANK}/transfer/import", operation_id="import_bank_transfer", response_model=Submitted, status_code=_LATER
)
async def import_bank(  # noqa: PLR0913  each is one query parameter
    request: Request,
    bank: Managed,
    file: Upload,
    mode: Literal["restore", "merge"] = "restore",
    target_bank_id: str | None = None,
    document_conflict: Literal["skip", "replace"] = "skip",
    include_data: bool | None = None,
    include_bank_config: bool | None = None,
    include_history: bool | None = None,
) -> Submitted:
    """Make a bank of an archive; with `restore` there must be none of that name yet."""
    without_effect(include_history=include_history)
    target = await _target(request, target_bank_id or bank.asked, fresh=mode == "restore")
    payload = {
        "target": target,
        "fresh": mode == "restore",
        "on_conflict": document_conflict,
        "include_data": include_data is not False,
        "include_bank_config": include_bank_config is not False,
        "key": await _kept(request, bank, file),
    }
    return await _submitted(request, bank, IMPORT_BANK, payload)


@ROUTER.post(f"{BANK}/clone", operation_id="clone_bank", response_model=Submitted, status_code=_LATER)
async def clone_bank(
    request: Request,
    bank: Managed,
    target_bank_id: str,
    include_data: bool = True,
    include_bank_config: bool = True,
    include_history: bool = False,
) -> Submitted:
    """Copy a bank into one that is not there yet. What is invalid stays so; what strategies made is made anew."""
    without_effect(include_history=include_history)
    target = await _target(request, target_bank_id, fresh=True)
    payload = {
        "target": target,
        "fresh": True,
        "include_data": include_data,
        "include_bank_config": include_bank_config,
    }
    return await _submitted(request, bank, CLONE_BANK, payload)


async def _submitted(request: Request, bank: AskedBank, type: str, payload: dict[str, Any]) -> Submitted:
    content = Content(uploads=[pieces.sent_path(payload["key"])]) if type in IMPORTS else None
    task = await memory_of(request).tasks.submit(bank.name, type, payload, content=content)
    return Submitted(operation_id=task.id)


async def _kept(request: Request, bank: AskedBank, file: UploadFile) -> str:
    data = await file.read()
    if not data.startswith(b"PK"):
        raise BadQueryError("`file` is no ZIP file. Send an archive that an export made.")
    key = pieces.key_for(bank.name)
    await pieces.put_sent(memory_of(request), key, data)
    return key


async def _target(request: Request, asked: str, *, fresh: bool) -> str:
    grant = grant_of(request)
    grant.may("retain")
    target = bank_name(grant.bank(asked, "manage"))
    if fresh and await memory_of(request).profiles.exists(target):
        raise ConflictError(f"There is a bank {asked!r} already. Name one that is not there yet.")
    return target
