"""Which suites there are, how each is run, and what is known to fail because of the clients in them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

LANGGRAPH_OPTIONS = ("-o", "addopts=", "-k", "not dynamodb and not bedrock_session")
AWS_OPTIONS = ("--order-scope=module", "-o", "asyncio_mode=auto")
OUR_OPTIONS = ("-c", os.devnull, "--rootdir=.", "--confcutdir=.")
AGENTCORE = "tests/integration_tests/agentcore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A suite.

    Attributes:
        name: What it is called in the table.
        package: The source distribution that it is in; None for what we have in `inside`.
        paths: Its files, for pytest.
        options: What pytest is told beside.
        script: Runs it in place of pytest, and writes how it went to the file that it is given.
        total: How many checks it has in the pinned version.
        faults: Which of them fail or may fail however the server answers, and why.
    """

    name: str
    package: str | None = None
    paths: Sequence[str] = ()
    options: Sequence[str] = ()
    script: str | None = None
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
        script="saver_conformance.py",
        total=58,
        faults={
            "put_writes: test_put_writes_idempotent": "the saver writes another event for the same write",
            "delete_thread: test_delete_thread_removes_all_namespaces": "the saver deletes the root namespace's events only",
        },
    ),
    Suite(name="two agents, one memory", paths=["two_agents.py"], options=OUR_OPTIONS, total=9),
)
