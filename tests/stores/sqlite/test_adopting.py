from pathlib import Path

from duramen.stores.sql import adopting
from duramen.stores.sqlite import SQLiteStore
from tests.stores.examples import BANK, events


async def test_a_large_bank_is_paged_in_the_order_of_appending_too(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path, durability="process")
    await store.open()
    for part in range(adopting.MANY // 10_000 + 1):
        await store.append(BANK, events(5_000, f"{part}a"))
        await store.append("user:bob", events(10, f"{part}b"))
        await store.append(BANK, events(5_000, f"{part}c"))

    seen: list[str] = []
    cursor = None
    for _ in range(8):
        page = await store.appended(BANK, cursor=cursor, limit=4_000)
        seen += [one.id for one in page.items]
        cursor = page.next
    await store.aclose()

    assert cursor is None
    assert seen == [one.id for part in range(3) for side in "ac" for one in events(5_000, f"{part}{side}")]
