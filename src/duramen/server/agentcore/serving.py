"""The routes: each operation with the function that does it, who may, and in which memory."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.exceptions import HTTPException

from duramen.engine import MemoryEngine
from duramen.errors import DuramenError
from duramen.server.agentcore.failing import WireError, failed, missing, named, refused, wire_error
from duramen.server.agentcore.reading import params_of
from duramen.server.agentcore.service import Operation, operations
from duramen.server.agentcore.writing import answer
from duramen.server.banks import declares, doing, grant_of, memory_of
from duramen.server.caller import Grant, Verb

_ARN = re.compile(r"arn:aws[a-z-]*:bedrock-agentcore:[a-z0-9-]+:\d{12}:memory/(.+)")


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """An operation as it was called.

    Attributes:
        engine: The memory behind the server.
        grant: What the caller may do.
        verb: What the operation does.
        params: What was sent, checked, by the names of the service model; `memoryId` is never an ARN.
        resource: The name of the memory resource that `memoryId` names, for this caller; empty if there is none.
        request: The request, for what is not in the model.
    """

    engine: MemoryEngine
    grant: Grant
    verb: Verb
    params: Mapping[str, Any]
    resource: str
    request: Request

    def resource_of(self, memory_id: str) -> str:
        """Return the name of the resource that the caller means by the id of a memory.

        Raises:
            ForbiddenError: It is not theirs.
        """
        return self.grant.bank(memory_id, self.verb)


Handler = Callable[[Call], Awaitable[Mapping[str, Any] | Response]]

_HANDLERS: dict[str, tuple[Verb, Handler]] = {}


def serves(operation: str, verb: Verb) -> Callable[[Handler], Handler]:
    """Let the decorated function do `operation`, for callers who may `verb`. It returns the output by name."""

    def keep(handler: Handler) -> Handler:
        assert operation not in _HANDLERS, operation
        _HANDLERS[operation] = (verb, handler)
        return handler

    return keep


def router() -> APIRouter:
    """Return the routes of all operations that something serves and botocore knows."""
    routes = APIRouter(tags=["AgentCore"])
    for operation in operations().values():
        if operation.name in _HANDLERS:
            verb, handler = _HANDLERS[operation.name]
            routes.add_api_route(
                operation.path.removesuffix("/") or "/",
                _endpoint(operation, verb, handler),
                methods=[operation.method],
                operation_id=operation.name,
                status_code=operation.status,
                response_model=None,
                dependencies=[Depends(declares(verb))],
            )
    return routes


def _endpoint(operation: Operation, verb: Verb, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            grant = grant_of(request)
            grant.may(verb)
            params = await params_of(operation, request)
            memory = params.get("memoryId")
            resource = ""
            if memory is not None:
                params["memoryId"] = memory = memory_id(memory)
                resource = grant.bank(memory, verb)
            call = Call(memory_of(request), grant, verb, params, resource, request)
            async with doing(request, verb, resource or None):
                result = await handler(call)
            return result if isinstance(result, Response) else answer(operation, result)
        except WireError as error:
            return failed(named(error, operation.errors))
        except HTTPException as error:
            answered = failed(named(refused(error), operation.errors))
            answered.headers.update(error.headers or {})
            return answered
        except DuramenError as error:
            known = wire_error(error)
            if known is None:
                raise
            return failed(named(known, operation.errors))

    endpoint.__name__ = operation.name
    endpoint.__doc__ = f"{operation.name}, as Amazon Bedrock AgentCore has it."
    return endpoint


def memory_id(given: str) -> str:
    """Return the id of a memory, given by its id or its ARN.

    >>> memory_id("arn:aws:bedrock-agentcore:us-west-2:123456789012:memory/notes-0123456789")
    'notes-0123456789'
    """
    found = _ARN.fullmatch(given)
    return given if found is None else found[1]


def gone(memory: str) -> WireError:
    """Return the error for a memory that there is not, or not for this caller."""
    return missing(f"Memory not found: {memory}")
