"""The operations that are served, as botocore's own models of the two services describe them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, StructureShape

DATA, CONTROL = "bedrock-agentcore", "bedrock-agentcore-control"

SERVED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        CONTROL: (
            "CreateMemory",
            "GetMemory",
            "ListMemories",
            "UpdateMemory",
            "DeleteMemory",
            "ListTagsForResource",
            "TagResource",
            "UntagResource",
            "CreateHarness",
            "GetHarness",
            "ListHarnesses",
            "UpdateHarness",
            "DeleteHarness",
        ),
        DATA: (
            "CreateEvent",
            "GetEvent",
            "DeleteEvent",
            "ListEvents",
            "ListSessions",
            "ListActors",
            "IngestData",
            "RetrieveMemoryRecords",
            "ListMemoryRecords",
            "GetMemoryRecord",
            "DeleteMemoryRecord",
            "BatchCreateMemoryRecords",
            "BatchUpdateMemoryRecords",
            "BatchDeleteMemoryRecords",
            "ListMemoryExtractionJobs",
            "StartMemoryExtractionJob",
            "InvokeHarness",
        ),
    }
)
"""Names of operations, by service."""


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation.

    Attributes:
        path: As it is routed, with `{memberName}` for what stands in it.
        status: Of the answer, when all is well.
        input: The shape of what is sent; None for nothing. `output` is that of the answer.
        errors: The status of each error that it has, by name.
        model: All that botocore knows of it.
    """

    name: str
    method: str
    path: str
    status: int
    input: StructureShape | None
    output: StructureShape | None
    errors: Mapping[str, int]
    model: OperationModel


@cache
def operations() -> Mapping[str, Operation]:
    """Return the operations that are served, by name. Those that this botocore does not know yet are left out."""
    loader = Loader()
    found: dict[str, Operation] = {}
    for service, names in SERVED.items():
        try:
            model = ServiceModel(loader.load_service_model(service, "service-2"), service)
        except UnknownServiceError:  # an older botocore, that came with something else
            continue
        for name in set(names).intersection(model.operation_names):
            operation = model.operation_model(name)
            found[name] = Operation(
                name=name,
                method=operation.http["method"],
                path=operation.http["requestUri"].partition("?")[0],
                status=operation.http.get("responseCode", 200),
                input=operation.input_shape,
                output=operation.output_shape,
                errors={one.name: one.metadata["error"]["httpStatusCode"] for one in operation.error_shapes},
                model=operation,
            )
    return MappingProxyType(dict(sorted(found.items())))
