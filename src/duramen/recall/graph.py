"""The graph arm: memories tied by the people, places and things they speak of, by the talk, and by the day."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from duramen.index.bank import BankIndex
from duramen.index.columns import Column
from duramen.language.relations import relation_of
from duramen.recall.fusion import best, weighted
from duramen.recall.search import Scores, Search
from duramen.types import KINDS, ArmName, Budget

SEEDS: dict[Budget, int] = {"low": 0, "mid": 5, "high": 20}
"""How many of the best memories of the other arms spread what they name, besides the names in the query itself."""

WORK: dict[Budget, int] = {"low": 100, "mid": 150, "high": 600}
"""Links that are followed at most."""

HUB, FEW = 0.1, 8
"""Names in more than this share of the bank, and in more than so many memories, tie everything to everything."""

CROWD = 100
"""Memories with one name above which it ties them too loosely."""

BUSY = 12
"""Memories of one day above which the day ties them too loosely: those of a chat are tied by their session."""

LATE = 1000
"""Memories that may come before the days are put in order anew."""

NAMED, NAMES, REPLY, DAY = 0.8, 0.7, 0.2, 0.7
"""What passes from a name to its memories, from a memory to its names, to its neighbours, and to those of its day."""

AGENT = 0.3
"""What of that passes to a neighbour that is the agent's, who mostly repeats what it was told or asks about it."""

SAID = 0.2
"""What a memory keeps of it that has a name of the query itself: the keyword arm has found that already."""

OF_NAME, OF_MEMORY = 1.0, 0.5
"""How much less each gets the more there are: 1 shares out what a name has among its memories."""

OWNER = 0.3
"""What Ada counts for in a question about Ada's sister."""

LEAST = 0.06
"""Activation below which nothing is passed on."""

TRACED = 20
"""Memories, the best ones, for which it is told how they were reached."""

_EXPERIENCE = KINDS.index("experience")
_DAY = 24 * 3600 * 1_000_000


class GraphArm:
    """Spreads activation from the names in the query and from the best memories that the arms before it found.

    It passes along names that memories share, to the neighbours in the session, and to what happened on the same day;
    the strongest first, a name of many memories less to each of them, and up to a number of links that does not grow
    with the bank. So it finds what shares no word with the query: Ada's sister is Anna in one memory, and Anna's work
    is in another. How it came to its best memories is left in `Search.paths`.

    Source:
        Collins & Loftus, A spreading-activation theory of semantic processing, Psychological Review 82 (6), 1975,
        https://doi.org/10.1037/0033-295X.82.6.407; in order of strength as in the push method of Andersen, Chung &
        Lang, Local graph partitioning using PageRank vectors, FOCS 2006, https://doi.org/10.1109/FOCS.2006.44.
    """

    name: ArmName = "graph"

    def __call__(self, search: Search) -> Scores | None:
        """Return the activation of every memory, in [0, 1), shape (memories,); None if nothing is tied to the query."""
        walk = _Walk(search.index, WORK[search.query.budget])
        for name, strength in _asked(search.names):
            walk.start(name, strength)
        for row, strength in _seeds(search):
            walk.start(row, strength)
        reached = walk.reached()
        if not reached:
            return None
        scores = np.zeros(len(search.index), dtype=np.float32)
        scores[np.fromiter(reached, dtype=np.intp, count=len(reached))] = np.fromiter(
            reached.values(), dtype=np.float32, count=len(reached)
        )
        for row in heapq.nlargest(TRACED, reached, key=reached.__getitem__):
            search.paths[row] = walk.path(row)
        return scores


_Node = int | str
"""A row, or a name."""


class _Link(NamedTuple):
    """The strongest link to a node: what passed over it, from which node, and what tied the two if no name did."""

    gain: float
    before: int | str
    how: str


class _Walk:
    """One spreading of activation. A node passes on once, what it has when its turn comes."""

    def __init__(self, index: BankIndex, work: int) -> None:
        self._index = index
        self._beside = (index.previous, index.next)
        self._days = _days_of(index)
        self._most = min(CROWD, max(FEW, int(HUB * len(index))))
        self._work = work
        self._active: dict[_Node, float] = {}
        self._starts: set[_Node] = set()
        self._links: dict[_Node, _Link] = {}
        self._done: set[_Node] = set()
        self._waiting: list[tuple[float, int, _Node]] = []
        self._turn = 0

    def start(self, node: _Node, strength: float) -> None:
        self._starts.add(node)
        self._activate(node, strength)

    def reached(self) -> dict[int, float]:
        """Spread, and return what each row got over links, in (0, 1)."""
        rows: dict[int, float] = {}
        while self._waiting and self._work > 0:
            _, _, node = heapq.heappop(self._waiting)
            if node in self._done:
                continue
            self._done.add(node)
            named = isinstance(node, str)
            said = SAID if named and node in self._starts else 1.0
            came = self._links.get(node)
            for to, gain, how in self._from_name(str(node)) if named else self._from_row(int(node)):
                self._work -= 1
                if came is not None and to == came.before:
                    continue
                if isinstance(to, int):
                    rows[to] = _either(rows.get(to, 0.0), said * gain)
                link = self._links.get(to)
                if link is None or gain > link.gain:
                    self._links[to] = _Link(gain, node, how)
                self._activate(to, gain)
        return rows

    def path(self, row: int) -> tuple[str, ...]:
        """Return the way to `row`: names, ids of memories, and "next" or "day" between two that no name ties."""
        steps: list[str] = []
        node: _Node = row
        passed: set[_Node] = set()
        while node not in passed and (node == row or node not in self._starts):
            passed.add(node)
            _, node, how = self._links[node]
            steps += [how] if how else []
            steps.append(node if isinstance(node, str) else self._index.ids[node])
        return tuple(reversed(steps))

    def _from_name(self, name: str) -> Iterator[tuple[_Node, float, str]]:
        rows = self._index.entities.rows_of(name)
        if len(rows) <= self._most:
            yield from _shared(rows.tolist(), NAMED * self._active[name], "", OF_NAME)

    def _from_row(self, row: int) -> Iterator[tuple[_Node, float, str]]:
        strength = self._active[row]
        names = [name for name in self._index.entities.names_of(row) if name not in self._done]
        yield from _shared(names, NAMES * strength, "", OF_MEMORY)
        if REPLY * strength >= LEAST:
            for side in (int(beside[row]) for beside in self._beside):
                if side >= 0:
                    agent = AGENT if self._index.kinds[side] == _EXPERIENCE else 1.0
                    yield side, agent * REPLY * strength, "next"
        if DAY * strength >= LEAST:
            yield from _shared(self._days.like(row), DAY * strength, "day", OF_NAME)

    def _activate(self, node: _Node, gain: float) -> None:
        active = self._active[node] = _either(self._active.get(node, 0.0), gain)
        if active * NAMED >= LEAST and node not in self._done:
            self._turn += 1  # among equals, the first comes first
            heapq.heappush(self._waiting, (-active, self._turn, node))


def _shared(to: Sequence[_Node], strength: float, how: str, steep: float) -> Iterator[tuple[_Node, float, str]]:
    gain = strength / max(1, len(to)) ** steep
    return ((node, gain, how) for node in to) if gain >= LEAST else iter(())


def _either(one: float, other: float) -> float:
    return 1.0 - (1.0 - one) * (1.0 - other)


def _asked(names: Sequence[str]) -> Iterator[tuple[str, float]]:
    owners = {relation[0] for name in names if (relation := relation_of(name)) is not None}
    return ((name, OWNER if name in owners else 1.0) for name in names)


def _seeds(search: Search) -> list[tuple[int, float]]:
    wanted = SEEDS[search.query.budget]
    if not wanted or not search.found:
        return []
    together = weighted(search.found, len(search.index))
    return [(int(row), float(min(1.0, together[row]))) for row in best(together, wanted) if together[row] > 0]


class _Days:
    """The rows of an index by the day on which they say that something was.

    The first ones are in order of their day, those that came later by day in a dictionary. An index only grows, and one
    that shrank is another one.
    """

    def __init__(self) -> None:
        self._of_rows = Column(np.int32)
        self._rows = np.empty(0, dtype=np.int64)
        self._days = np.empty(0, dtype=np.int32)
        self._late: dict[int, list[int]] = {}
        self._ordered = 0

    def follow(self, index: BankIndex) -> None:
        """Take in the rows that are new."""
        known = len(self._of_rows)
        if known == len(index):
            return
        self._of_rows.append(_days_from(index, known))
        days = self._of_rows.values
        if len(days) - self._ordered <= LATE:
            for row in (np.flatnonzero(days[known:] >= 0) + known).tolist():
                self._late.setdefault(int(days[row]), []).append(row)
            return
        dated = np.flatnonzero(days >= 0)
        self._rows = dated[np.argsort(days[dated], kind="stable")]
        self._days = days[self._rows]
        self._late, self._ordered = {}, len(days)

    def like(self, row: int) -> list[int]:
        """Return the other rows of the day of `row`, rising; none if it names no day, or several, or a busy one."""
        day = self._of_rows.values[row]
        if day < 0:
            return []
        first, last = self._days.searchsorted(day), self._days.searchsorted(day, "right")
        late = self._late.get(int(day), [])
        if last - first + len(late) > BUSY:
            return []
        return [other for other in (*self._rows[first:last].tolist(), *late) if other != row]


_known: WeakKeyDictionary[BankIndex, _Days] = WeakKeyDictionary()


def _days_of(index: BankIndex) -> _Days:
    days = _known.get(index)
    if days is None:
        days = _known[index] = _Days()
    days.follow(index)
    return days


def _days_from(index: BankIndex, first: int) -> npt.NDArray[np.int64]:
    """Return the day of each row from `first` on, counted from 1970 UTC; -1 without one."""
    start, end = index.start[first:], index.end[first:]
    told = (end > start) | (index.sessions[first:] < 0)  # a moment in a session is but when it was said
    on_one = index.dated[first:] & told & (end - start <= _DAY) & (start >= 0)
    days: npt.NDArray[np.int64] = np.where(on_one, start // _DAY, -1)
    return days
