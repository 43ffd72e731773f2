"""The named queries of PostgreSQL, within one transaction of a connection that is bound to banks, or over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg

from duramen.stores.postgres.address import PostgresAddress
from duramen.stores.postgres.beginning import Binding, Kind, begin, begin_if_free, look
from duramen.stores.postgres.connecting import Connection
from duramen.stores.sql.queries import parse
from duramen.stores.sql.records import late_parameters, memory_parameters, vector_parameters
from duramen.types import Indexed, Memory

FILES = ("queries.sql", "ledger.sql", "revisions.sql", "shelf.sql", "moving.sql", "copying.sql")

_TO_CHANGE = "_to_change"
"""Ends the name of a query that takes the place of another where a transaction writes: it locks what it reads."""

NUMBERED = {"insert_event": "first_number", "insert_job": "first_job_number"}
"""What inserts a row under the next number, and what finds that number."""

WORTH_A_PLAN = 20
"""Rows from which a plan for all of them saves more than it takes to ask for it."""

_BARE: Mapping[str, Any] = {"vector": None, "terms": None, "claims": None, "late": None}

Sent = Callable[[str, Mapping[str, Any], "Binding"], None]

SENT: Sent | None = None
"""Called with each statement as it is sent, for tests that look at what is sent: its SQL, parameters and binding."""


@cache
def queries() -> Mapping[str, str]:
    """Return all queries by name."""
    return parse("\n".join(files(__package__).joinpath(file).read_text(encoding="utf-8") for file in FILES))


class PostgresStatements:
    """See `Statements`. Of lists arrays are made; each query gets the bank of the transaction as `name`.

    The first statement is sent together with what begins the transaction. Of one that peeks each statement is bound by
    itself, so that there is nothing to begin or to commit: each costs one message to the server and back.

    Args:
        connection: Has no transaction under way.
        address: Says how long statements may take.
        kind: Whether it writes, reads much of one moment, or peeks.
        binding: What it may see.
        known: The queries by name.
    """

    def __init__(
        self,
        connection: Connection,
        address: PostgresAddress,
        kind: Kind,
        binding: Binding,
        known: Mapping[str, str],
    ) -> None:
        self._connection = connection
        self._address = address
        self._kind = kind
        self._binding = binding
        self._queries = known
        self.begun = False
        """Whether there is a transaction to commit."""

    def begin(self, patience: float | None = None) -> None:
        """Begin without waiting for the first statement; with `patience` see `begin_if_free`."""
        self.begun = True
        if patience is not None:
            begin_if_free(self._connection, self._address, self._binding, patience)
            return
        with self._connection.pipeline():
            begin(self._connection, self._address, self._kind, self._binding)

    def run(self, query: str, parameters: Mapping[str, Any] = {}) -> psycopg.Cursor[tuple[Any, ...]]:
        statement = self._statement(query)
        given = {"name": self._binding.bank, **parameters}
        if SENT is not None:
            SENT(statement, given, self._binding)
        if self.begun:
            return self._connection.execute(statement, given, binary=True)
        with self._connection.pipeline():
            if self._kind == "peek":
                look(self._connection, self._address, self._binding)
            else:
                self.begun = True
                begin(self._connection, self._address, self._kind, self._binding)
            return self._connection.execute(statement, given, binary=True)

    def many(self, query: str, parameters: Sequence[Mapping[str, Any]]) -> int:
        if len(parameters) == 1:
            return max(0, self.run(query, parameters[0]).rowcount)
        if not parameters:
            return 0
        if query in NUMBERED:
            return self._many_numbered(query, parameters)
        if not self.begun:
            self.begin()
        statement = self._statement(query)
        given = [{"name": self._binding.bank, **one} for one in parameters]
        if SENT is not None:
            for one in given:
                SENT(statement, one, self._binding)
        with self._connection.cursor(binary=True) as cursor, self._planned_once(statement, len(given)):
            cursor.executemany(statement, given)
            return max(0, cursor.rowcount)

    def together(self) -> AbstractContextManager[object]:
        """Send what is run within without waiting, and wait once at the end."""
        return self._connection.pipeline()

    def keep(self, memories: Sequence[tuple[int, Indexed]]) -> None:
        self.many(
            "insert_memory", [{**memory_parameters(number, one.memory), **_vectors(one)} for number, one in memories]
        )

    def keep_bare(self, number: int, memory: Memory) -> None:
        self.run("insert_memory", {**memory_parameters(number, memory), **_BARE})

    def move(self, number: int, to: int, superseded: int | None) -> None:
        self.run("move_memory", {"number": number, "to": to, "superseded": superseded})

    def embed(self, number: int, to: int, superseded: int | None, indexed: Indexed) -> None:
        self.run("embed_memory", {**_vectors(indexed), "number": number, "to": to, "superseded": superseded})

    def unembed(self, span: Mapping[str, int]) -> None:
        self.run("unembed", span)

    def mark_erasure(self) -> None:
        """What is deleted is gone from PostgreSQL's files when it is vacuumed, and nothing has to be remembered."""

    def _many_numbered(self, query: str, parameters: Sequence[Mapping[str, Any]]) -> int:
        """Insert rows under numbers that follow each other: finding each by itself takes longer than inserting it."""
        ((first,),) = self.run(NUMBERED[query], {}).fetchall()
        return self.many(
            f"{query}_numbered", [{**one, "number": first + place} for place, one in enumerate(parameters)]
        )

    @contextmanager
    def _planned_once(self, statement: str, times: int) -> Iterator[None]:
        """Let what only inserts values, of which there is one plan, be planned once and not for each row."""
        if times < WORTH_A_PLAN or not statement.startswith("INSERT") or "SELECT" in statement:
            yield
            return
        self._connection.execute("SET LOCAL plan_cache_mode = force_generic_plan", prepare=False)
        yield  # an error ends the transaction, and the setting with it
        self._connection.execute("SET LOCAL plan_cache_mode = force_custom_plan", prepare=False)

    def _statement(self, query: str) -> str:
        changing = self._queries.get(f"{query}{_TO_CHANGE}") if self._kind == "write" else None
        return changing or self._queries[query]


def _vectors(indexed: Indexed) -> dict[str, Any]:
    found = vector_parameters(0, indexed)
    late = late_parameters(0, indexed)["codes"]
    return {"vector": found["vector"], "terms": found["terms"], "claims": found["claims"], "late": late or None}
