"""Which public suites there are, how each is run, and what is known to fail because of the clients in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

LANGGRAPH_OPTIONS = ("-o", "addopts=", "-k", "not dynamodb and not bedrock_session")
AWS_OPTIONS = ("--order-scope=module", "-o", "asyncio_mode=auto")
AGENTCORE = "tests/integration_tests/agentcore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A public suite.

    Attributes:
        name: What it is called in the table.
        package: The source distribution that it is in; None for the conformance kit, which is a package itself.
        paths: Its files.
        options: What pytest is told beside.
        total: How many checks it has in the pinned version.
        faults: Which of them fail or may fail however the server answers, and why.
    """

    name: str
    package: str | None = None
    paths: Sequence[str] = ()
    options: Sequence[str] = ()
    total: int
    faults: Mapping[str, str] = field(default_factory=dict)


def _langgraph(name: str, path: str, total: int, faults: Mapping[str, str] | None = None) -> Suite:
    return Suite(
        name=f"langgraph-checkpoint-aws: {name}",
        package="langgraph-checkpoint-aws",
        paths=[path],
        options=LANGGRAPH_OPTIONS,
        total=total,
        faults=faults or {},
    )


SUITES = (
    Suite(
        name="bedrock-agentcore: memory",
        package="bedrock-agentcore",
        paths=["tests_integ/memory"],
        options=AWS_OPTIONS,
        total=49,
    ),
    _langgraph("saver", f"{AGENTCORE}/test_saver.py", 16),
    _langgraph("snapshot", f"{AGENTCORE}/test_snapshot.py", 8),
    _langgraph("batch_flush", f"{AGENTCORE}/test_batch_flush.py", 12),
    _langgraph(
        "async_store",
        f"{AGENTCORE}/test_async_store.py",
        8,
        {
            "TestAgentCoreMemoryStoreAsyncIntegration::test_concurrent_aput_overlaps": "five puts at once must take less than 0.75 of five times one put: a "
            "matter of the network's latency, of which there is none here",
        },
    ),
    _langgraph("store", f"{AGENTCORE}/test_store.py", 15),
    _langgraph("deferred_saver", "tests/integration_tests/test_deferred_saver.py", 22),
    Suite(
        name="langgraph-checkpoint-conformance: AWS's saver",
        total=58,
        faults={
            "put_writes: test_put_writes_idempotent": "the saver writes another event for the same write",
            "delete_thread: test_delete_thread_removes_all_namespaces": "the saver deletes the root namespace's events only",
        },
    ),
)
