"""The named queries of SQLite, within one transaction of a connection."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.resources import files
from typing import Any

from duramen.stores.sql.queries import parse
from duramen.stores.sql.records import late_parameters, memory_parameters, span_of, vector_parameters
from duramen.types import Indexed, Memory

SQL: Mapping[str, str] = parse(
    "\n".join(
        files(__package__).joinpath(file).read_text(encoding="utf-8")
        for file in ("queries.sql", "ledger.sql", "revisions.sql", "shelf.sql", "moving.sql", "copying.sql")
    )
)


class SQLiteStatements:
    """See `Statements`. Of lists JSON is made, over which SQLite goes by `json_each`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, query: str, parameters: Mapping[str, Any]) -> sqlite3.Cursor:
        return self._connection.execute(SQL[query], _written(parameters))

    def many(self, query: str, parameters: Sequence[Mapping[str, Any]]) -> int:
        return max(0, self._connection.executemany(SQL[query], map(_written, parameters)).rowcount)

    def together(self) -> AbstractContextManager[object]:
        return nullcontext()

    def keep(self, memories: Sequence[tuple[int, Indexed]]) -> None:
        self.many("insert_memory", [memory_parameters(number, one.memory) for number, one in memories])
        self.many("insert_vector", [vector_parameters(number, one) for number, one in memories])
        self.many("insert_late", [late_parameters(number, one) for number, one in memories if one.late])

    def keep_bare(self, number: int, memory: Memory) -> None:
        self.run("insert_memory", memory_parameters(number, memory))
        self.run("insert_unembedded", {"number": number})

    def move(self, number: int, to: int, superseded: int | None) -> None:
        places = {**span_of(number), "number": number, "to": to, "superseded": superseded}
        for query in ("move_memory", "move_vector", "move_late", "move_unembedded", "delete_memory"):
            self.run(query, places)

    def embed(self, number: int, to: int, superseded: int | None, indexed: Indexed) -> None:
        places = {**span_of(number), "number": number, "to": to, "superseded": superseded}
        for query in ("delete_unembedded", "move_memory", "delete_memory"):
            self.run(query, places)
        self.run("insert_vector", vector_parameters(to, indexed))
        if indexed.late:
            self.run("insert_late", late_parameters(to, indexed))

    def unembed(self, span: Mapping[str, int]) -> None:
        for query in ("unembed", "delete_vectors_unembedded", "delete_late_unembedded"):
            self.run(query, span)

    def mark_erasure(self) -> None:
        self.run("mark_erasure", {})
        self.run("clear_older_erasures", {})


def _written(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    if not any(type(value) is list for value in parameters.values()):
        return parameters
    return {
        name: json.dumps(value, ensure_ascii=False) if type(value) is list else value
        for name, value in parameters.items()
    }
