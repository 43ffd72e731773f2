"""Records as JSON, for other programs to read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime

import typer


def print_json(record: Mapping[str, object]) -> None:
    """Print a record as JSON, in ASCII; times as ISO 8601."""
    typer.echo(json.dumps(record, default=_jsonable, ensure_ascii=True, indent=2))


def _jsonable(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)
