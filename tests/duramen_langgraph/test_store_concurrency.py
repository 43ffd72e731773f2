from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duramen
from duramen import HashingEmbedder, MemoryEngine
from duramen_langgraph.store import DuramenStore
from tests.conftest import engine
from tests.duramen_langgraph.faces import HOME


async def test_a_cancelled_put_has_happened_or_not_and_the_store_goes_on(memory: MemoryEngine) -> None:
    store = DuramenStore(memory)
    tasks = []
    for number in range(30):
        tasks.append(asyncio.create_task(store.aput((str(number),), "a", {"text": f"tea {number}"})))
        await asyncio.sleep(0)
        if number % 2:
            await asyncio.sleep(0.001)
        tasks[-1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    for number in range(30):
        item = await store.aget((str(number),), "a")
        [*scored] = await store.asearch((str(number),), query="tea")
        assert [hit.value for hit in scored] == ([] if item is None else [item.value])
        assert all(hit.score is not None for hit in scored)
    await store.aput(HOME, "a", {"n": 1})
    assert await store.aget(HOME, "a") is not None


async def test_many_tasks_and_threads_use_one_store_at_once(memory: MemoryEngine) -> None:
    store = DuramenStore(memory)

    def in_a_thread(number: int) -> None:
        for count in range(5):
            store.put(("thread", str(number)), str(count), {"text": f"{number} {count}"})
            store.search(("thread",), query=str(number))

    async def in_a_task(number: int) -> None:
        for count in range(5):
            await store.aput(("task", str(number)), str(count), {"text": f"{number} {count}"})
            await store.asearch(("task",), filter={"text": {"$ne": None}})

    with ThreadPoolExecutor(4) as pool:
        threads = [asyncio.wrap_future(pool.submit(in_a_thread, number)) for number in range(8)]
        await asyncio.gather(*threads, *(in_a_task(number) for number in range(8)))

    assert len(await store.asearch(("thread",), limit=100)) == 40
    assert len(await store.asearch(("task",), limit=100, query="1")) == 40
    assert len(await store.alist_namespaces()) == 16


def test_one_store_serves_loop_after_loop(tmp_path: Path) -> None:
    with duramen.open_sync(tmp_path, embedder=HashingEmbedder()) as memory:
        store = DuramenStore(memory)
        for number in range(3):
            asyncio.run(store.aput(HOME, str(number), {"text": "tea"}))

        found = asyncio.run(store.asearch(HOME, query="tea"))

        assert [item.key for item in found] == ["0", "1", "2"]
        assert len(store.search(HOME)) == 3


def test_what_was_put_is_there_when_the_directory_is_opened_again(tmp_path: Path) -> None:
    with duramen.open_sync(tmp_path, embedder=HashingEmbedder()) as memory:
        DuramenStore(memory).put(HOME, "tea", {"text": "green tea"})
        before = DuramenStore(memory).get(HOME, "tea")

    with duramen.open_sync(tmp_path, embedder=HashingEmbedder()) as memory:
        store = DuramenStore(memory)

        assert store.get(HOME, "tea") == before
        assert [item.score is not None for item in store.search(HOME, query="tea")] == [True]


async def test_two_engines_on_one_directory_see_each_others_items(tmp_path: Path) -> None:
    async with engine(tmp_path) as first, engine(tmp_path) as second:
        one, other = DuramenStore(first), DuramenStore(second)
        await one.aput(HOME, "tea", {"text": "green tea"})
        assert [item.key for item in await other.asearch(HOME, query="tea")] == ["tea"]

        await other.aput(HOME, "tea", {"text": "black coffee"})
        [hit] = await one.asearch(HOME, query="black coffee")

        assert hit.value == {"text": "black coffee"}
        assert hit.score is not None
        assert hit.score > 0.5


OTHER_PROCESS = """
import sys
import duramen
from duramen_langgraph.store import DuramenStore

with duramen.open_sync(sys.argv[1], embedder=duramen.HashingEmbedder()) as memory:
    store = DuramenStore(memory)
    for number in range(40):
        store.put(("shared",), f"{sys.argv[2]}-{number}", {"text": f"tea {number}", "by": sys.argv[2]})
        store.put(("contended",), "one", {"text": f"tea of {sys.argv[2]}", "by": sys.argv[2]})
"""


def test_two_processes_write_to_one_directory_at_once(tmp_path: Path) -> None:
    address = str(tmp_path / "memory")
    others = [
        subprocess.Popen([sys.executable, "-W", "ignore", "-c", OTHER_PROCESS, address, name]) for name in ("p", "q")
    ]

    assert [other.wait(120) for other in others] == [0, 0]
    with duramen.open_sync(address, embedder=HashingEmbedder()) as memory:
        store = DuramenStore(memory)
        assert len(store.search(("shared",), limit=100)) == 80
        assert len(store.search(("shared",), limit=100, query="tea", filter={"by": "p"})) == 40
        [hit] = store.search(("contended",), query="tea")
        [again] = store.search(("contended",), query=f"tea of {hit.value['by']}", filter={})
        assert hit.score is not None
        assert again.score is not None
        assert again.score > hit.score
