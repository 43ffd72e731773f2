import asyncio
import threading

import pytest

from duramen.embedders.own_thread import OwnThread


async def test_the_model_is_loaded_once_at_the_first_call() -> None:
    loaded: list[str] = []

    def load() -> str:
        loaded.append("model")
        return "model"

    thread = OwnThread(load, "test")
    before = list(loaded)
    results = await asyncio.gather(*(thread.run(str.upper) for _ in range(3)))
    thread.close()

    assert before == []
    assert loaded == ["model"]
    assert results == ["MODEL"] * 3


async def test_loading_that_failed_is_tried_again() -> None:
    failures = [OSError("not yet")]

    def load() -> str:
        if failures:
            raise failures.pop()
        return "model"

    thread = OwnThread(load, "test")
    with pytest.raises(OSError, match="not yet"):
        await thread.run(str.upper)
    second = await thread.run(str.upper)
    thread.close()

    assert second == "MODEL"


async def test_after_closing_the_model_is_loaded_anew() -> None:
    numbers = iter([1, 2])
    thread = OwnThread(lambda: next(numbers), "test")

    first = await thread.run(lambda number: number)
    thread.close()
    second = await thread.run(lambda number: number)
    thread.close()

    assert (first, second) == (1, 2)


async def test_closing_finishes_what_is_queued() -> None:
    go = threading.Event()
    thread = OwnThread(lambda: "model", "test")

    first = asyncio.ensure_future(thread.run(lambda _: go.wait(30)))
    second = asyncio.ensure_future(thread.run(str.upper))
    await asyncio.sleep(0)
    closing = asyncio.create_task(asyncio.to_thread(thread.close))
    go.set()
    await closing

    assert await first
    assert await second == "MODEL"
