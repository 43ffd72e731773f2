"""What is sent otherwise when the other end is Citus; see `distributing.py` for how tables are spread over it.

It passes on to its nodes what `SET LOCAL` sets, by which their row policies go, and it refuses to insert what it would
have to ask for in the same statement. It could not be run where this was written: a test says the same to PostgreSQL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import sql

from duramen.stores.postgres.address import PostgresAddress
from duramen.stores.postgres.beginning import Binding, Kind
from duramen.stores.postgres.connecting import Connection
from duramen.stores.postgres.statements import NUMBERED, PostgresStatements
from duramen.stores.postgres.texts import SEPARATOR, written

_NEXT_NUMBER = re.compile(
    r"greatest\(\s*\(SELECT coalesce\(max\(number\), 0\) \+ 1 FROM \w+ WHERE [^()]*(?:%\(\w+\)s[^()]*)+\),"
    r"\s*\(extract\(epoch FROM clock_timestamp\(\)\) \* 1000000\)::bigint\s*\)"
)


def pass_on(connection: Connection, binding: Binding) -> None:
    """Bind the transaction under way on the nodes, too."""
    settings = {
        "duramen.banks": "".join(written(bank) + SEPARATOR for bank in binding.banks),
        "duramen.over": "" if binding.banks else "all",
        "duramen.tenant": written(binding.tenant or ""),
    }
    for statement in passed_on(settings):
        connection.execute(statement.encode(), prepare=False)


def passed_on(settings: Mapping[str, str]) -> list[str]:
    """Return the statements that set what row policies go by, here and on the nodes.

    Citus passes on what `SET LOCAL` sets, not what `set_config` does; and the text of a message as a whole, so that each
    of these has to be a message of its own, after BEGIN.
    """
    values = {"citus.propagate_set_commands": "local", **settings}
    return [f"SET LOCAL {name} = {sql.Literal(value).as_string(None)}" for name, value in values.items()]


class CitusStatements(PostgresStatements):
    """Draws the number of a new row before it inserts it. The bank is locked, so that nobody draws the same one."""

    def __init__(
        self,
        connection: Connection,
        address: PostgresAddress,
        kind: Kind,
        binding: Binding,
        known: Mapping[str, str],
    ) -> None:
        taken, self._draws = _as_taken(tuple(known.items()))
        super().__init__(connection, address, kind, binding, taken)

    def begin(self, patience: float | None = None) -> None:
        super().begin(patience)
        pass_on(self._connection, self._binding)

    def run(self, query: str, parameters: Mapping[str, Any] = {}) -> psycopg.Cursor[tuple[Any, ...]]:
        if not self.begun:
            self.begin()
        if query in self._draws:
            parameters = {**parameters, "number": self._drawn(query, parameters)}
        return super().run(query, parameters)

    def many(self, query: str, parameters: Sequence[Mapping[str, Any]]) -> int:
        if query not in self._draws or query in NUMBERED or len(parameters) < 2:
            return super().many(query, parameters)
        if query == "add_source":  # numbered by memory
            return sum(self.run(query, one).rowcount for one in parameters)
        first = self._drawn(query, parameters[0])
        return super().many(query, [{**one, "number": first + place} for place, one in enumerate(parameters)])

    def _drawn(self, query: str, parameters: Mapping[str, Any]) -> int:
        found = super().run(self._draws[query], parameters).fetchone()
        assert found is not None
        return int(found[0])


@lru_cache(maxsize=8)
def _as_taken(known: tuple[tuple[str, str], ...]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the queries as Citus takes them, and of those that insert a row under the next number what draws it."""
    taken, draws = dict(known), {}
    for name, text in known:
        if not text.startswith("INSERT "):
            continue
        number = _NEXT_NUMBER.search(text)
        if number is not None and "VALUES (" in text:
            taken[name] = text.replace(number[0], "%(number)s")
            draws[name] = f"next number of {name}"
            taken[draws[name]] = f"SELECT {number[0]}"
        elif "VALUES (" not in text and " ON CONFLICT" not in text.replace("\n", " "):
            taken[name] = f"{text} ON CONFLICT DO NOTHING"  # or it would be copied, which row policies refuse
    return taken, draws


def queries_for_citus(known: Mapping[str, str]) -> Mapping[str, str]:
    """Return all queries by name, as they are sent to Citus."""
    return _as_taken(tuple(known.items()))[0]
