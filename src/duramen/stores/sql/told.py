"""Between rows and what is told of strategies: jobs and revisions. See `records.py`."""

from __future__ import annotations

import json
from typing import Any

from duramen.ledger import Job, Record, Revised
from duramen.stores.common import JOB_STATES, STATES
from duramen.stores.sql.common import optional_moment
from duramen.stores.sql.records import as_json, memory_of, memory_parameters
from duramen.times import from_microseconds, microseconds
from duramen.types import Memory

_COLUMNS = [
    "number",
    "id",
    "text",
    "kind",
    "event",
    "key",
    "position",
    "actor",
    "session",
    "speaker",
    "document",
    "mentioned",
    "occurred_start",
    "occurred_end",
    "stored",
    "superseded",
    "tags",
    "metadata",
    "entities",
    "tokens",
    "strategy",
    "namespace",
    "details",
]
"""`memory_columns` up to the sources."""


def job_of(bank: str, columns: tuple[Any, ...]) -> Job:
    """Read `job_columns`."""
    return Job(
        bank=bank,
        strategy=columns[1],
        event=columns[2],
        key=columns[3],
        actor=columns[4],
        session=columns[5],
        document=columns[6],
        state=STATES[columns[7]],
        version=columns[8],
        attempts=columns[9],
        reason=columns[10],
        created=from_microseconds(columns[11]),
        due=from_microseconds(columns[12]),
        finished=optional_moment(columns[13]),
    )


def job_parameters(job: Job) -> dict[str, Any]:
    """Return the columns of a job by name, without its bank."""
    return {
        "strategy": job.strategy,
        "event": job.event,
        "key": job.key,
        "actor": job.actor,
        "session": job.session,
        "document": job.document,
        "state": JOB_STATES[job.state],
        "due": microseconds(job.due),
        "attempts": job.attempts,
        "reason": job.reason,
        "version": job.version,
        "created": microseconds(job.created),
        "finished": None if job.finished is None else microseconds(job.finished),
    }


def record_parameters(record: Record) -> dict[str, Any]:
    """Return the columns of a revision by name, without its bank and its number."""
    told = record.told
    return {
        "strategy": told.strategy,
        "version": told.version,
        "decision": told.decision,
        "memory": told.memory,
        "other": told.other,
        "since": None if record.since is None else microseconds(record.since),
        "at": microseconds(told.at),
        "sources": as_json(record.sources),
        "added": as_json(record.added),
        "reason": told.reason,
        "text": told.text,
        "before": None if told.before is None else _written(told.before),
    }


def record_of(bank: str, columns: tuple[Any, ...]) -> Record:
    """Read `revision_columns`."""
    told = Revised(
        number=columns[0],
        bank=bank,
        strategy=columns[1],
        version=columns[2],
        decision=columns[3],
        memory=columns[4],
        other=columns[5],
        at=from_microseconds(columns[7]),
        undone=bool(columns[8]),
        reason=columns[11],
        text=columns[12],
        before=None if columns[13] is None else _read(bank, columns[13]),
    )
    return Record(
        told=told,
        since=optional_moment(columns[6]),
        sources=tuple(json.loads(columns[9])),
        added=tuple(json.loads(columns[10])),
    )


def _written(memory: Memory) -> str:
    return json.dumps(memory_parameters(0, memory) | {"sources": list(memory.sources)})


def _read(bank: str, text: str) -> Memory:
    columns = json.loads(text)
    return memory_of(bank, (*(columns[name] for name in _COLUMNS), json.dumps(columns["sources"])))
