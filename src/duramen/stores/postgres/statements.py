"""The named queries of PostgreSQL, within one transaction of a connection that is bound to banks, or over all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import psycopg

from duramen.stores.postgres.address import PostgresAddress
from duramen.stores.postgres.connecting import Connection
from duramen.stores.postgres.homes import MARK
from duramen.stores.postgres.texts import SEPARATOR, quoted
from duramen.stores.sql.queries import parse
from duramen.stores.sql.records import late_parameters, memory_parameters, vector_parameters
from duramen.types import Indexed, Memory

Kind = Literal["write", "read", "peek"]

FILES = ("queries.sql", "ledger.sql", "revisions.sql", "shelf.sql", "moving.sql", "copying.sql")

_TO_CHANGE = "_to_change"
"""Ends the name of a query that takes the place of another where a transaction writes: it locks what it reads."""

NUMBERED = {"insert_event": "first_number", "insert_job": "first_job_number"}
"""What inserts a row under the next number, and what finds that number."""

WORTH_A_PLAN = 20
"""Rows from which a plan for all of them saves more than it takes to ask for it."""

_BARE: Mapping[str, Any] = {"vector": None, "terms": None, "claims": None, "late": None}

_BEGIN = {
    "write": "BEGIN",
    "read": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",  # all of one moment
    "peek": "BEGIN READ ONLY",
}

Sent = Callable[[str, Mapping[str, Any], "Binding"], None]

SENT: Sent | None = None
"""Called with each statement as it is sent, for tests that look at what is sent: its SQL, parameters and binding."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a transaction may see: row policies hide all else, whatever its statements say.

    Attributes:
        bank: Whose transaction it is, if it is of one; the parameter `name` of its statements.
        banks: This bank, and the homes of what it needs of the shelf. None at all: it is over all banks.
        tenant: Whose banks these must be; None for anybody's.
        shared: Those of `banks` that several transactions may change at a time, since each changes entries by themselves.
    """

    bank: str | None
    banks: tuple[str, ...]
    tenant: str | None
    shared: frozenset[str] = frozenset()

    @classmethod
    def of(cls, bank: str | None, homes: Sequence[str], tenant: str | None, *, compared: Sequence[str] = ()) -> Binding:
        """Bind to a bank and to homes, each once. Those of nobody are shared, unless something in them is compared."""
        shared = frozenset(home for home in homes if home.startswith(MARK)) - {*compared}
        return cls(bank, tuple(dict.fromkeys([*([] if bank is None else [bank]), *homes])), tenant, shared)

    def locks(self, schema: str) -> dict[int, bool]:
        """Return the numbers of the locks of a transaction that writes, rising, and whether others may have each, too."""
        return dict(sorted((lock_key(schema, bank), bank in self.shared) for bank in self.banks))


@cache
def queries() -> Mapping[str, str]:
    """Return all queries by name."""
    return parse("\n".join(files(__package__).joinpath(file).read_text(encoding="utf-8") for file in FILES))


class LockedError(Exception):
    """Another transaction locks a bank of this one."""


def begin(
    connection: Connection,
    *,
    address: PostgresAddress,
    kind: Kind,
    binding: Binding,
    patience: float | None = None,
) -> None:
    """Begin a transaction, in one message to the server; one that writes locks its banks until it ends.

    Nothing that is set here outlives the transaction, so that a pooler may give each to another connection.

    Args:
        connection: Has no transaction under way.
        address: Says how long statements may take.
        kind: Whether it writes, reads much of one moment, or reads a little.
        binding: What it may see.
        patience: For how many seconds a locked bank is waited for; as long as any statement may take unless given.

    Raises:
        LockedError: It was waited for in vain. The transaction is to be rolled back.
    """
    steps = [_BEGIN[kind], _settings(address, binding)]
    if kind == "write" and binding.banks:
        lock = "pg_try_advisory_xact_lock" if patience == 0 else "pg_advisory_xact_lock"
        locks = binding.locks(address.schema).items()
        taken = "SELECT " + ", ".join(f"{lock}{'_shared' if shared else ''}({key})" for key, shared in locks)
        bound = f"SET LOCAL lock_timeout = {round((patience or 0) * 1000)}"
        steps += [bound, taken, "SET LOCAL lock_timeout = 0"] if patience else [taken]
    try:
        cursor = connection.execute("; ".join(steps).encode(), prepare=False)
    except psycopg.errors.LockNotAvailable as error:
        raise LockedError from error
    while cursor.nextset():
        pass
    if patience == 0 and not all(cursor.fetchone() or ()):
        raise LockedError


def lock_key(schema: str, bank: str) -> int:
    """Return the number of the advisory lock of a bank or of another home."""
    digest = hashlib.blake2b(f"{schema}\0{bank}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _settings(address: PostgresAddress, binding: Binding) -> str:
    schema = address.schema.replace('"', '""')
    milliseconds = max(1, round(address.statement_seconds * 1000))
    values = {
        "search_path": quoted(f'"{schema}", pg_temp'),
        "plan_cache_mode": "'force_custom_plan'",  # a plan made while tables were empty would stay
        "statement_timeout": f"'{milliseconds}'",
        "idle_in_transaction_session_timeout": f"'{milliseconds + 10_000}'",
        "duramen.banks": _joined(binding.banks),
        "duramen.over": "''" if binding.banks else "'all'",
        "duramen.tenant": quoted(binding.tenant or ""),
    }
    return "SELECT " + ", ".join(f"set_config('{name}', {value}, true)" for name, value in values.items())


def _joined(banks: Sequence[str]) -> str:
    """Return the banks as row policies read them; the separator is added as it is, and is in none of them."""
    return f" || E'\\x{ord(SEPARATOR):02x}' || ".join(map(quoted, banks)) or "''"


class PostgresStatements:
    """See `Statements`. Of lists arrays are made; each query gets the bank of the transaction as `name`."""

    def __init__(self, connection: Connection, binding: Binding, known: Mapping[str, str], *, writes: bool) -> None:
        self._connection = connection
        self._binding = binding
        self._queries = known
        self._writes = writes

    def run(self, query: str, parameters: Mapping[str, Any] = {}) -> psycopg.Cursor[tuple[Any, ...]]:
        statement = self._statement(query)
        given = {"name": self._binding.bank, **parameters}
        if SENT is not None:
            SENT(statement, given, self._binding)
        return self._connection.execute(statement, given, binary=True)

    def many(self, query: str, parameters: Sequence[Mapping[str, Any]]) -> int:
        if len(parameters) == 1:
            return max(0, self.run(query, parameters[0]).rowcount)
        if not parameters:
            return 0
        if query in NUMBERED:
            return self._many_numbered(query, parameters)
        statement = self._statement(query)
        given = [{"name": self._binding.bank, **one} for one in parameters]
        if SENT is not None:
            for one in given:
                SENT(statement, one, self._binding)
        with self._connection.cursor(binary=True) as cursor, self._planned_once(statement, len(given)):
            cursor.executemany(statement, given)
            return max(0, cursor.rowcount)

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
        changing = self._queries.get(f"{query}{_TO_CHANGE}") if self._writes else None
        return changing or self._queries[query]


def _vectors(indexed: Indexed) -> dict[str, Any]:
    found = vector_parameters(0, indexed)
    late = late_parameters(0, indexed)["codes"]
    return {"vector": found["vector"], "terms": found["terms"], "claims": found["claims"], "late": late or None}
