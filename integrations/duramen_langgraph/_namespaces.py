"""Namespaces: which are refused, where they stand on the shelf, and which of them a listing asks for."""

from __future__ import annotations

from collections.abc import Sequence

from langgraph.store import base
from langgraph.store.base import (
    GetOp,
    InvalidNamespaceError,
    ListNamespacesOp,
    MatchCondition,
    Op,
    PutOp,
    SearchOp,
)

from duramen.errors import BadInputError
from duramen.shelf import Path

ROOT = "langgraph.store"
ANY = "*"

_official_check = getattr(base, "validate_op_namespace", None)  # since langgraph-checkpoint 4


class Shelving:
    """Where the items of one store stand, and their vectors. Raises `BadInputError` for a name that cannot be kept."""

    def __init__(self, name: str) -> None:
        given: object = name
        if not isinstance(given, str) or not name.strip() or "\0" in name:
            raise BadInputError(f"The store's `name` is {name!r}. Give a text, such as 'default'.")
        self._items = (ROOT, name, "items")
        self._vectors = (ROOT, name, "vectors")

    def items(self, namespace: Sequence[str]) -> Path:
        """Return the path of the items in `namespace`."""
        return (*self._items, *namespace)

    def vectors(self, namespace: Sequence[str]) -> Path:
        """Return the path of their vectors."""
        return (*self._vectors, *namespace)

    def namespace(self, path: Path) -> tuple[str, ...]:
        """Return the namespace of a path that `items` or `vectors` gave."""
        return path[len(self._items) :]


def check_namespaces(op: Op) -> None:
    """Refuse what langgraph refuses, also in an op given straight to `batch` and under versions that did not look.

    Raises:
        InvalidNamespaceError: A label is empty, no text, or holds a period or NUL; or the namespace is a text itself.
    """
    if isinstance(op, GetOp | PutOp):
        _check_labels(op.namespace)
    elif isinstance(op, SearchOp):
        _check_labels(op.namespace_prefix)
    elif isinstance(op, ListNamespacesOp):
        for condition in op.match_conditions or ():
            _check_labels(condition.path)
    if _official_check is not None:
        _official_check(op)


def listed(namespaces: Sequence[tuple[str, ...]], op: ListNamespacesOp) -> list[tuple[str, ...]]:
    """Return those of `namespaces` that `op` asks for, cut to its depth, each once, in order."""
    fitting = (name for name in namespaces if all(_fits(name, wanted) for wanted in op.match_conditions or ()))
    cut = sorted({name[: op.max_depth] for name in fitting})
    return cut[op.offset : op.offset + op.limit]


def common_prefix(op: ListNamespacesOp) -> tuple[str, ...]:
    """Return the labels that every namespace asked for must begin with: as much of one prefix as has no wildcard."""
    for condition in op.match_conditions or ():
        if condition.match_type == "prefix":
            path = tuple(condition.path)
            return path[: path.index(ANY)] if ANY in path else path
    return ()


def _fits(namespace: tuple[str, ...], condition: MatchCondition) -> bool:
    path = tuple(condition.path)
    if condition.match_type not in ("prefix", "suffix"):
        raise BadInputError(f"The match type is {condition.match_type!r}. Give 'prefix' or 'suffix'.")
    if len(path) > len(namespace):
        return False
    part = namespace[: len(path)] if condition.match_type == "prefix" else namespace[len(namespace) - len(path) :]
    return all(wanted in (ANY, label) for wanted, label in zip(path, part, strict=True))


def _check_labels(namespace: Sequence[object]) -> None:
    if isinstance(namespace, str):
        raise InvalidNamespaceError(
            f"The namespace is the text {namespace!r}. Give a tuple of labels: ({namespace!r},)."
        )
    for label in namespace:
        if not isinstance(label, str) or not label or "." in label or "\0" in label:
            raise InvalidNamespaceError(
                f"The label {label!r} in the namespace {namespace!r} cannot be used: a label is a text, "
                "not empty, without a period ('.') and without NUL."
            )
