from collections.abc import Awaitable, Callable, Sequence

from duramen.stores.in_memory import InMemoryStore
from duramen.types import Row

Write = Callable[[], Awaitable[object]]


class BusyStore(InMemoryStore):
    """A store that counts what is read, and to which others write just before it is."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[str] = []
        self.before_rows: list[Write] = []
        self.before_numbers: list[Write] = []

    async def rows(self, bank: str, *, after: int = 0, made: bool = False) -> Sequence[Row]:
        while self.before_rows:
            await self.before_rows.pop()()
        self.reads.append("rows")
        return await super().rows(bank, after=after, made=made)

    async def numbers(self, bank: str, *, made: bool = False) -> Sequence[int]:
        while self.before_numbers:
            await self.before_numbers.pop()()
        self.reads.append("numbers")
        return await super().numbers(bank, made=made)
