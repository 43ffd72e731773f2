"""The tree of folders and pages: one entry, so that whatever is changed in it is right as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from duramen.desk import place_of
from duramen.errors import BadInputError, ConflictError, NotFoundError, StoreError
from duramen.shelf import Change, Entry, Expect, Place, Put

LONGEST_NAME = 200
DEEPEST = 20
"""Folders that may stand in each other."""

NodeKind = Literal["folder", "page"]

_TREE = "knowledge_tree"


@dataclass(frozen=True, slots=True)
class Node:
    """A folder, or a page, whose id is that of its mental model; at the top if `parent` is None."""

    kind: NodeKind
    name: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Tree:
    """Nodes by id. Within one folder no two have one name."""

    nodes: Mapping[str, Node]
    raw: bytes | None = None

    def node(self, id: str, kind: NodeKind | None = None) -> Node:
        """Return a node.

        Raises:
            NotFoundError: There is none of that id, or it is of another kind.
        """
        found = self.nodes.get(id)
        if found is None or kind not in (None, found.kind):
            raise NotFoundError(f"There is no {kind or 'folder or page'} {id!r}. Nothing was changed.")
        return found

    def with_node(self, id: str, node: Node) -> Tree:
        """Return the tree with a node added, or in the stead of the one of that id.

        Raises:
            NotFoundError: Its folder is not there.
            ConflictError: Another one in that folder has its name, or it would stand in itself, or too deep.
        """
        _check_name(node.name)
        if node.parent is not None:
            self.node(node.parent, "folder")
        for other, there in self.nodes.items():
            if other != id and there.parent == node.parent and there.name == node.name:
                raise ConflictError(
                    f"There is a {there.kind} called {node.name!r} in that folder already. Give another name. "
                    f"Nothing was changed."
                )
        after = replace(self, nodes={**self.nodes, id: node})
        below = {one for one in after.below(id) if after.nodes[one].kind == "folder"}
        if node.parent in below or node.parent == id:
            raise ConflictError(f"{node.name!r} cannot stand in itself. Nothing was changed.")
        if max((len(after.path(one)) for one in {id, *below}), default=0) > DEEPEST:
            raise ConflictError(f"Folders stand in each other at most {DEEPEST} deep. Nothing was changed.")
        return after

    def below(self, id: str) -> list[str]:
        """Return the ids of all that stands in a folder, and in the folders in it."""
        children: dict[str | None, list[str]] = {}
        for one, node in self.nodes.items():
            children.setdefault(node.parent, []).append(one)
        found: list[str] = []
        left = list(children.get(id, ()))
        while left:
            one = left.pop()
            if one != id and one not in found:
                found.append(one)
                left += children.get(one, ())
        return found

    def without(self, ids: Sequence[str]) -> Tree:
        """Return the tree without some nodes."""
        return replace(self, nodes={id: node for id, node in self.nodes.items() if id not in set(ids)})

    def path(self, id: str) -> list[str]:
        """Return the names from the top to a node, its own last."""
        return list(reversed([node.name for node in self._upwards(id)]))

    def written(self, bank: str) -> list[Change]:
        """Return what keeps it, unless somebody else changed it since it was read."""
        path, key = tree_place(bank)
        nodes = {id: [node.kind, node.name, node.parent] for id, node in self.nodes.items()}
        value = json.dumps(nodes, ensure_ascii=False).encode()
        return [Expect(path=path, key=key, value=self.raw), Put(path=path, key=key, value=value)]

    def _upwards(self, id: str) -> Iterator[Node]:
        seen: set[str] = set()
        next_one: str | None = id
        while next_one is not None and next_one in self.nodes and next_one not in seen:
            seen.add(next_one)
            yield self.nodes[next_one]
            next_one = self.nodes[next_one].parent


def tree_place(bank: str) -> Place:
    """Return where the tree of a bank stands."""
    return place_of(bank, _TREE), _TREE


def read_tree(entry: Entry | None) -> Tree:
    """Read a tree from what is kept; an empty one if nothing is.

    Raises:
        StoreError: It was kept by something else, or by a newer Duramen.
    """
    if entry is None:
        return Tree({})
    try:
        nodes = {id: Node(*told) for id, told in json.loads(entry.value).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise StoreError(
            f"The tree of pages cannot be read ({type(error).__name__}: {error}). It may have been kept by a newer "
            f"Duramen; upgrade."
        ) from error
    return Tree(nodes, entry.value)


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadInputError(
            f"{name!r} cannot name a folder or a page. Give 1 to {LONGEST_NAME} printable characters. Nothing was changed."
        )
