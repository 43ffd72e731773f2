"""Operations over HTTP: the tasks of a bank, told in the words of the wire."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request

from duramen.server.banks import memory_of
from duramen.server.hindsight.routing import BANK, Managed, Offset, Read, Reply, router
from duramen.server.hindsight.wire import iso
from duramen.tasks.task import Task, TaskState

ROUTER = router("Operations")


class Progress(Reply):
    """How far an operation is."""

    stage: str
    at: str
    processed: int | None = None
    total: int | None = None
    detail: dict[str, int] | None = None


class Operation(Reply):
    """An operation as it is listed."""

    id: str
    task_type: str
    operation_id: str
    operation_type: str
    items_count: int
    document_id: str | None = None
    filename: str | None = None
    mental_model_id: str | None = None
    created_at: str
    updated_at: str | None = None
    status: str
    error_message: str | None
    retry_count: int = 0
    next_retry_at: str | None = None
    progress: Progress | None = None


class Operations(Reply):
    """A page of operations, the newest first."""

    bank_id: str
    total: int
    limit: int
    offset: int
    operations: list[Operation]


class ChildOperation(Reply):
    """A part of an operation."""

    operation_id: str
    status: str
    sub_batch_index: int | None = None
    items_count: int | None = None
    error_message: str | None = None


class OperationStatus(Reply):
    """How an operation stands; `not_found` is a status."""

    operation_id: str
    status: str
    operation_type: str | None = None
    id: str | None = None
    task_type: str | None = None
    mental_model_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    completed_at: str | None = None
    error_message: str | None = None
    retry_count: int | None = None
    next_retry_at: str | None = None
    progress: Progress | None = None
    result_metadata: dict[str, Any] | None = None
    child_operations: list[ChildOperation] | None = None
    task_payload: dict[str, Any] | None = None


class OperationDone(Reply):
    """What was to be done with an operation was."""

    success: bool = True
    message: str
    operation_id: str


@ROUTER.get(f"{BANK}/operations", operation_id="list_operations", response_model=Operations)
async def list_operations(  # noqa: PLR0913  each is one query parameter
    request: Request,
    bank: Read,
    status: TaskState | None = None,
    type: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Offset = 0,
    exclude_parents: bool = False,
) -> Operations:
    """Page through the operations of a bank; an operation with parts is listed with them, so none is left out."""
    tasks, total = await memory_of(request).tasks.list(bank.name, state=status, type=type, limit=limit, offset=offset)
    return Operations(
        bank_id=bank.asked, total=total, limit=limit, offset=offset, operations=[_listed(task) for task in tasks]
    )


@ROUTER.get(f"{BANK}/operations/{{operation_id}}", operation_id="get_operation_status", response_model=OperationStatus)
async def get_operation(
    request: Request, bank: Read, operation_id: str, include_payload: bool = False
) -> OperationStatus:
    """Return how an operation stands."""
    tasks = memory_of(request).tasks
    task = await tasks.get(bank.name, operation_id)
    if task is None:
        return OperationStatus(operation_id=operation_id, status="not_found")
    parts, _ = await tasks.list(bank.name, parent=task.id, hidden=True, limit=1000)
    return OperationStatus(
        operation_id=task.id,
        status=task.state,
        operation_type=task.type,
        id=task.id,
        task_type=task.type,
        mental_model_id=_text(task, "mental_model_id"),
        created_at=iso(task.created),
        updated_at=iso(task.updated),
        completed_at=iso(task.finished),
        error_message=task.reason or None,
        retry_count=_retries(task),
        next_retry_at=_next(task),
        progress=_progress(task),
        result_metadata=dict(task.result) or None,
        child_operations=[_part(n, one) for n, one in enumerate(parts)] or None,
        task_payload=dict(task.payload) if include_payload else None,
    )


@ROUTER.delete(f"{BANK}/operations/{{operation_id}}", operation_id="cancel_operation", response_model=OperationDone)
async def cancel_operation(request: Request, bank: Managed, operation_id: str) -> OperationDone:
    """Cancel an operation that was not begun."""
    task = await memory_of(request).tasks.cancel(bank.name, operation_id)
    return OperationDone(message=f"Operation {task.id} was cancelled.", operation_id=task.id)


@ROUTER.post(f"{BANK}/operations/{{operation_id}}/retry", operation_id="retry_operation", response_model=OperationDone)
async def retry_operation(request: Request, bank: Managed, operation_id: str) -> OperationDone:
    """Do an operation anew that failed or was cancelled."""
    task = await memory_of(request).tasks.retry(bank.name, operation_id)
    return OperationDone(message=f"Operation {task.id} is done anew.", operation_id=task.id)


@ROUTER.delete(
    f"{BANK}/operations/{{operation_id}}/delete", operation_id="delete_operation", response_model=OperationDone
)
async def delete_operation(request: Request, bank: Managed, operation_id: str) -> OperationDone:
    """Delete what is known of an operation that has ended."""
    await memory_of(request).tasks.delete(bank.name, operation_id)
    return OperationDone(message=f"Operation {operation_id} was deleted.", operation_id=operation_id)


def _listed(task: Task) -> Operation:
    return Operation(
        id=task.id,
        task_type=task.type,
        operation_id=task.id,
        operation_type=task.type,
        items_count=task.total or 1,
        document_id=_text(task, "document_id"),
        filename=_text(task, "filename"),
        mental_model_id=_text(task, "mental_model_id"),
        created_at=task.created.isoformat(),
        updated_at=iso(task.updated),
        status=task.state,
        error_message=task.reason or None,
        retry_count=_retries(task),
        next_retry_at=_next(task),
        progress=_progress(task),
    )


def _text(task: Task, name: str) -> str | None:
    value = task.payload.get(name)
    return value if isinstance(value, str) else None


def _retries(task: Task) -> int:
    return max(0, task.attempts - 1)


def _next(task: Task) -> str | None:
    return iso(task.due) if task.state == "pending" and task.attempts else None


def _progress(task: Task) -> Progress | None:
    if not task.stage:
        return None
    return Progress(stage=task.stage, at=task.updated.isoformat(), processed=task.processed, total=task.total)


def _part(place: int, task: Task) -> ChildOperation:
    return ChildOperation(
        operation_id=task.id,
        status=task.state,
        sub_batch_index=place,
        items_count=task.total,
        error_message=task.reason or None,
    )
