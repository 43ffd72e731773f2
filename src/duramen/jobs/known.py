"""What strategies made before in a bank, found by likeness: what candidates are compared with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from duramen.index.bank import BankIndex
from duramen.index.cache import IndexCache
from duramen.index.claims import NEVER
from duramen.protocols import Embedder, Store
from duramen.strategies.lasting import is_over
from duramen.times import utc_now
from duramen.types import Memory, Selection

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class KnownInBank:
    """A `duramen.strategy.Known` for one strategy in one bank: what others filed at the same place is theirs.

    What has expired as a record is not known any more, so that what says it again is a new record.

    Attributes:
        indexes: Those of what strategies made.
        apart: Metadata that a memory must have to be known; None where it must have none. See `LabelledStrategy`.
    """

    bank: str
    strategy: str
    store: Store
    indexes: IndexCache
    embedder: Embedder
    apart: Mapping[str, str | None] = field(default_factory=dict)

    async def similar(self, text: str, *, namespace: str, limit: int = 10) -> Sequence[tuple[Memory, float]]:
        """See `Known.similar`."""
        (vector,) = await self.embedder.embed([text])
        return await self.near(vector, namespace, limit=limit)

    async def near(
        self, vector: Vector, namespace: str, *, limit: int = 10, without: Collection[str] = ()
    ) -> list[tuple[Memory, float]]:
        """Return current memories filed exactly at `namespace`, by their cosine with a unit vector, best first.

        Those with an id in `without` are left out.
        """
        index = await self.indexes.get(self.bank)
        if index is None or len(index) == 0:
            return []
        cosines = np.where(_current(index, namespace), index.vectors.scores(vector), np.float32(-1.0))
        best = np.argsort(-cosines, kind="stable")
        rows = [row for row in best.tolist() if cosines[row] >= 0.0 and index.ids[row] not in without]
        own: list[tuple[Memory, float]] = []
        for at in range(0, len(rows), 2 * limit):
            some = rows[at : at + 2 * limit]
            numbers = [int(index.numbers[row]) for row in some]
            memories = {one.id: one for one in await self.store.get(self.bank, numbers)}
            found = [(memories.get(index.ids[row]), float(cosines[row])) for row in some]
            own += [(memory, min(1.0, cosine)) for memory, cosine in found if memory and self._own(memory)]
            if len(own) >= limit:
                break
        return own[:limit]

    async def filed(self, namespace: str, *, limit: int = 1000) -> Sequence[Memory]:
        """See `Known.filed`."""
        found: list[Memory] = []
        cursor: str | None = None
        while len(found) < limit:
            page = await self.store.memories(self.bank, Selection(namespace=namespace), cursor=cursor, limit=1000)
            found += [memory for memory in page.items if memory.namespace == namespace and self._own(memory)]
            cursor = page.next
            if cursor is None:
                break
        return found[:limit]

    def _own(self, memory: Memory) -> bool:
        return (
            memory.strategy == self.strategy
            and all(memory.metadata.get(key) == value for key, value in self.apart.items())
            and not is_over(memory, utc_now())
        )


def _current(index: BankIndex, namespace: str) -> npt.NDArray[np.bool_]:
    mask: npt.NDArray[np.bool_] = (index.namespaces == index.code_of_namespace(namespace)) & (index.superseded == NEVER)
    return mask
