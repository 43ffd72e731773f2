"""Whether a statement can be sent to the one place where its bank is kept, and what Citus would refuse of it.

Read from the statement itself, by its tree, and not from a list: see `faults` and `refusals`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from duramen.stores.postgres.beginning import Binding
from duramen.stores.postgres.distributing import DISTRIBUTED
from duramen.stores.postgres.homes import MARK
from duramen.stores.postgres.statements import FILES, queries

COLUMN = "bank"
PARAMETERS = ("name", "home")
"""What a statement calls its bank, or the home of its entries."""

_OVER_ALL = re.compile(r"(?:^|\. )Over all (?:banks|homes)\b(?:, like the (next|one below|two below|three below)\b)?")
_BELOW = {"next": 1, "one below": 1, "two below": 2, "three below": 3}

_LEVELS = (exp.Select, exp.Insert, exp.Update, exp.Delete)
_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge)
_VOLATILE = {"clock_timestamp", "random", "gen_random_uuid", "uuidv4", "uuidv7", "nextval", "timeofday", "rand", "uuid"}
_STABLE = {"now", "transaction_timestamp", "statement_timestamp", "current_setting", "currenttimestamp"}


class Watch:
    """Sees statements as they are sent, and tells of those that one bank does not route.

    Args:
        only: The statements that it looks at; all unless given. Tests of the database alone send their own.
    """

    def __init__(self, only: Collection[str] | None = None) -> None:
        self._only = only
        self.sent: dict[tuple[str, bool], None] = {}
        self._strayed: list[str] = []

    def __call__(self, statement: str, parameters: Mapping[str, Any], binding: Binding) -> None:
        """Be told of a statement. Called in the threads that send them."""
        if self._only is not None and statement not in self._only:
            return
        self.sent[statement, bool(binding.banks)] = None
        for name in PARAMETERS if binding.banks else ():
            bank = parameters.get(name)
            if f"%({name})s" in statement and bank not in binding.banks and not _of_nobody(bank, statement):
                self._strayed.append(f"{bank!r} is none of {binding.banks}: {statement}")

    def faults(self) -> list[str]:
        found = [f"{fault}: {sent}" for sent, bound in list(self.sent) for fault in _faults(sent, bound)]
        return [*found, *self._strayed]


def _of_nobody(home: Any, statement: str) -> bool:
    """Tell whether what stands in a home of no bank, which has no walls, is only read."""
    return str(home).startswith(MARK) and statement.lstrip().startswith("SELECT")


@cache
def _faults(statement: str, bound: bool) -> tuple[str, ...]:
    return tuple(faults(statement, DISTRIBUTED, bound=bound, overlooks=statement in _overlooking()))


@cache
def _overlooking() -> frozenset[str]:
    """Return the statements whose comments say that they look over all banks."""
    folder = Path(str(files("duramen.stores.postgres")))
    return frozenset(queries()[name] for name in over_all(*(folder / file for file in FILES)))


def parse(statement: str) -> exp.Expr:
    """Return the tree of one statement of PostgreSQL."""
    (tree,) = sqlglot.parse(statement, read="postgres")
    assert tree is not None, f"nothing in {statement!r}"
    return tree


def over_all(*files: Path) -> set[str]:
    """Return the names of the queries whose comments say that they look over all banks, or over all homes."""
    found = set()
    for file in files:
        _, *parts = re.split(r"^-- name: (\w+)\n", file.read_text(), flags=re.MULTILINE)
        names = parts[::2]
        for place, body in enumerate(parts[1::2]):
            comment = " ".join(line[2:].strip() for line in body.splitlines() if line.startswith("--"))
            if said := _OVER_ALL.search(comment):
                found |= set(names[place : place + 1 + _BELOW.get(said[1], 0)])
    return found


def faults(statement: str, tables: Collection[str], *, bound: bool, overlooks: bool = False) -> list[str]:
    """Return what keeps a statement from being routed by one bank; nothing if it can be.

    Args:
        statement: With its parameters as `%(…)s`.
        tables: Those that are kept by bank.
        bound: Whether its transaction is bound to banks.
        overlooks: Whether it is said of the query that it looks over all banks.
    """
    tree = parse(statement)
    touched = _touched(tree, tables)
    if not touched and isinstance(tree, exp.Select) and not list(_tables(tree)):
        return []
    found = [f"{table} is kept nowhere by bank" for table in sorted(_strangers(tree, tables))]
    found += _changed_banks(tree)
    if bound:
        found += ["it looks over all banks in a transaction of some"] if overlooks else []
        return found + _unbound(tree, tables, {})
    found += [] if overlooks else ["no bank, and its comment does not say that it looks over all banks"]
    found += ["it changes rows, and is of no bank"] if any(True for _ in tree.find_all(*_CHANGES)) else []
    found += ["it locks rows, and is of no bank"] if any(True for _ in tree.find_all(exp.Lock)) else []
    return found


def refusals(statement: str, *, bound: bool) -> list[str]:
    """Return what Citus is known to refuse of a statement on distributed tables; it cannot be asked here."""
    tree = parse(statement)
    found = []
    for insert in tree.find_all(exp.Insert):
        found += _refused_insert(insert)
    for change in tree.find_all(exp.Update, exp.Delete):
        found += ["a volatile function in a change"] if _calls(change, _VOLATILE) else []
    if not bound and any(True for _ in tree.find_all(exp.Lock)):
        found.append("locks rows in several places")
    return found


def _refused_insert(insert: exp.Insert) -> list[str]:
    found = []
    source = insert.expression
    conflict, returning = insert.args.get("conflict"), insert.args.get("returning")
    if isinstance(source, exp.Values) and source.find(exp.Select):
        found.append("a subquery in VALUES")
    if returning is not None and returning.find(exp.Select):
        found.append("a subquery in RETURNING")
    if conflict is not None and conflict.args.get("expressions") and _calls(conflict, _VOLATILE | _STABLE):
        found.append("a function that is not immutable in DO UPDATE")
    if isinstance(source, exp.Select) and conflict is None and returning is None:
        given = _given(insert, source)
        if not isinstance(given, exp.Column) or _calls(source, _VOLATILE):
            found.append("INSERT … SELECT by way of COPY, which row policies refuse")
    return found


def _calls(tree: exp.Expr, names: Collection[str]) -> bool:
    called = (node.name if isinstance(node, exp.Anonymous) else type(node).__name__ for node in tree.find_all(exp.Func))
    return any(name.lower() in names for name in called)


# What is touched.


def _tables(tree: exp.Expr) -> Iterator[exp.Table]:
    """Yield what is named as a table, anywhere, but no CTE and no function."""
    common = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and table.name not in common:
            yield table


def _touched(tree: exp.Expr, tables: Collection[str]) -> set[str]:
    return {table.name for table in _tables(tree)} & set(tables)


def _strangers(tree: exp.Expr, tables: Collection[str]) -> set[str]:
    return {table.name for table in _tables(tree)} - set(tables)


def _changed_banks(tree: exp.Expr) -> list[str]:
    """Return a fault for each assignment to a row's bank."""
    found = []
    for node in tree.find_all(exp.Update, exp.OnConflict):
        for each in node.args.get("expressions") or []:
            target = each.this if isinstance(each, exp.EQ) else each
            if any(column.name == COLUMN for column in target.find_all(exp.Column)):
                found.append("it changes the bank of rows")
    return found


# Levels of a query: each SELECT, INSERT, UPDATE and DELETE with what stands directly in it.


def _directly(level: exp.Expr) -> Iterator[exp.Expr]:
    """Yield what is in a level, and the levels right below it, but nothing of those."""
    for node in level.walk(prune=lambda node: node is not level and isinstance(node, _LEVELS)):
        if node is not level:
            yield node


def _below(node: exp.Expr) -> Iterator[exp.Expr]:
    return (each for each in _directly(node) if isinstance(each, _LEVELS))


def _unbound(node: exp.Expr, tables: Collection[str], outer: dict[str, bool]) -> list[str]:
    """Return a fault for each table at a level, or below it, whose bank is not the one that is given."""
    if not isinstance(node, _LEVELS):
        return [fault for level in _below(node) for fault in _unbound(level, tables, outer)]
    known = {**outer, **_known(node, tables, outer)}
    found = [
        f"the bank of {name if name == table else f'{table} ({name})'} is not given"
        for name, table in _real(node, tables).items()
        if not known[name]
    ]
    if isinstance(node, exp.Insert) and (conflict := node.args.get("conflict")) is not None:
        keys = [column.name for key in conflict.args.get("conflict_keys") or [] for column in key.find_all(exp.Column)]
        found += ["ON CONFLICT without the bank"] if keys and keys[0] != COLUMN else []
    return found + [fault for level in _below(node) for fault in _unbound(level, tables, known)]


def _real(level: exp.Expr, tables: Collection[str]) -> dict[str, str]:
    """Return the tables at a level by what they are called there."""
    return {table.alias_or_name: table.name for table in _sources(level) if table.name in tables}


def _sources(level: exp.Expr) -> list[exp.Table]:
    return [node for node in _directly(level) if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier)]


def _known(level: exp.Expr, tables: Collection[str], outer: dict[str, bool]) -> dict[str, bool]:
    """Tell of what is read at a level, by its name there, whether its `bank` is the one that is given."""
    known = dict.fromkeys(_real(level, tables), False)
    known |= _derived(level, tables, outer)
    if isinstance(level, exp.Insert):
        known |= {_target(level): _inserts_the_bank(level, tables, outer)}
        return {**known, "excluded": known[_target(level)]}
    where = level.args.get("where")
    joins: Sequence[exp.Join] = level.args.get("joins") or []
    inner = [join.args["on"] for join in joins if join.args.get("on") and not join.side]
    conditions = [*([where.this] if where is not None else []), *inner]
    _spread(conditions, known, outer, set(known))
    for join in joins:
        if join.side == "LEFT" and join.args.get("on"):
            _spread([join.args["on"]], known, outer, {join.this.alias_or_name})
    return known


def _spread(
    conditions: Sequence[exp.Expr], known: dict[str, bool], outer: dict[str, bool], may: Collection[str]
) -> None:
    """Note in `known` what equalities with the parameter, or with a bank that is known, say of those that `may`."""
    pairs = [pair for condition in conditions for pair in _equalities(condition)]
    changed = True
    while changed:
        changed = False
        for left, right in [*pairs, *((right, left) for left, right in pairs)]:
            name = _whose(left, known)
            if (
                name in may
                and not known[name]
                and (_is_parameter(right) or {**outer, **known}.get(_whose(right, known)))
            ):
                known[name] = changed = True


def _equalities(condition: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    """Yield what has to be equal for a condition to hold: of AND both sides, of OR and NOT none."""
    if isinstance(condition, exp.Paren):
        yield from _equalities(condition.this)
    elif isinstance(condition, exp.And):
        yield from _equalities(condition.left)
        yield from _equalities(condition.right)
    elif isinstance(condition, exp.EQ):
        left, right = condition.left, condition.right
        if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
            yield from zip(left.expressions, right.expressions, strict=True)
        else:
            yield left, right


def _bare(value: exp.Expr | None) -> exp.Expr | None:
    while isinstance(value, exp.Paren | exp.Cast | exp.Collate | exp.Alias):
        value = value.this
    return value


def _is_parameter(value: exp.Expr | None) -> bool:
    value = _bare(value)
    return isinstance(value, exp.Placeholder) and value.name in PARAMETERS


def _whose(value: exp.Expr | None, known: dict[str, bool]) -> str:
    """Return the name of the table whose `bank` a value is, or nothing."""
    value = _bare(value)
    if not isinstance(value, exp.Column) or value.name != COLUMN:
        return ""
    if value.table:
        return str(value.table)
    return next(iter(known)) if len(known) == 1 else ""


def _derived(level: exp.Expr, tables: Collection[str], outer: dict[str, bool]) -> dict[str, bool]:
    """Tell of subqueries in FROM, and of CTEs that are read, whether the `bank` they give is the given one."""
    common = {cte.alias: cte.this for cte in level.root().find_all(exp.CTE)}
    found = {
        table.alias_or_name: _gives_the_bank(common[table.name], tables, {})
        for table in _sources(level)
        if table.name in common and level.find_ancestor(exp.CTE) is not common[table.name].parent
    }
    for node in _directly(level):
        if isinstance(node, exp.Subquery) and node.alias and isinstance(node.parent, exp.From | exp.Join):
            found[node.alias] = _gives_the_bank(node.this, tables, outer)
    return found


def _gives_the_bank(query: exp.Expr, tables: Collection[str], outer: dict[str, bool]) -> bool:
    if isinstance(query, exp.SetOperation):
        return _gives_the_bank(query.left, tables, outer) and _gives_the_bank(query.right, tables, outer)
    known = _known(query, tables, outer)
    returning = query.args.get("returning")
    given = query.selects if isinstance(query, exp.Select) else returning.expressions if returning is not None else []
    return any(
        _is_parameter(each) or {**outer, **known}.get(_whose(each, known), False)
        for each in given
        if each.alias_or_name == COLUMN
    )


def _target(insert: exp.Insert) -> str:
    table = insert.find(exp.Table)
    assert table is not None
    return str(table.alias_or_name)


def _given(insert: exp.Insert, row: exp.Expr) -> exp.Expr | None:
    """Return what a row that is inserted gives as its bank."""
    columns = [column.name for column in insert.this.expressions] if isinstance(insert.this, exp.Schema) else []
    values = row.selects if isinstance(row, exp.Select) else row.expressions
    place = columns.index(COLUMN) if COLUMN in columns else None
    return _bare(values[place]) if place is not None and place < len(values) else None


def _inserts_the_bank(insert: exp.Insert, tables: Collection[str], outer: dict[str, bool]) -> bool:
    source = insert.expression
    if isinstance(source, exp.Values):
        return bool(source.expressions) and all(_is_parameter(_given(insert, row)) for row in source.expressions)
    if not isinstance(source, exp.Select):
        return False
    given, known = _given(insert, source), _known(source, tables, outer)
    return _is_parameter(given) or known.get(_whose(given, known), False)
