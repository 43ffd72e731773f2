"""Paging as a whole: whatever is appended and deleted between two pages, and however large they are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duramen.protocols import Storage
from duramen.sessions.events import SessionEvent
from duramen.sessions.sessions import Sessions
from duramen.stores.in_memory import InMemoryStore
from tests.sessions.parts import AT, Clock, at, over, texts


@dataclass(frozen=True)
class Step:
    """What happens before the next page: how large it is, which event is deleted, and when another is appended."""

    limit: int
    deleted: int | None
    appended: int | None


TIMES = st.lists(st.integers(0, 12), max_size=30)
STEPS = st.lists(
    st.builds(Step, st.integers(1, 7), st.none() | st.integers(0, 40), st.none() | st.integers(0, 12)),
    min_size=1,
    max_size=12,
)


async def opened() -> Storage:
    store = InMemoryStore(clock=Clock())
    await store.open()
    return store


async def filled(times: Sequence[int]) -> tuple[Sessions, list[SessionEvent]]:
    """Return sessions with an event at each of `times`, every third marked."""
    sessions = over(await opened(), Clock())
    events = []
    for number, milliseconds in enumerate(times):
        metadata = {"marked": "yes"} if number % 3 == 0 else {}
        events.append(await add(sessions, str(number), milliseconds, metadata))
    return sessions, events


async def add(sessions: Sessions, text: str, milliseconds: int, metadata: dict[str, str]) -> SessionEvent:
    return await sessions.append("b", text, actor="ada", session="s1", at=at(milliseconds), metadata=metadata)


@given(TIMES, STEPS, st.booleans(), st.booleans())
@settings(deadline=None)
def test_pages_hold_what_was_there_all_the_time_once_and_in_order(
    times: list[int], steps: list[Step], oldest_first: bool, marked: bool
) -> None:
    async def run() -> None:
        sessions, events = await filled(times)
        wanted = {"marked": "yes"} if marked else {}
        alive = {event.id: event for event in events}
        stayed = {event.id for event in events if not marked or event.metadata}
        seen: list[str] = []
        cursor, turn = None, 0
        while True:
            step = steps[turn % len(steps)]
            page = await sessions.events(
                *AT, oldest_first=oldest_first, metadata=wanted, limit=step.limit, cursor=cursor
            )
            seen += [event.id for event in page.items]
            assert len(page.items) == step.limit or page.next is None
            assert page.items or page.next is None
            if page.next is None:
                break
            cursor, turn = page.next, turn + 1
            if step.deleted is not None and (ids := sorted(alive)):
                gone = ids[step.deleted % len(ids)]
                assert await sessions.delete(*AT, gone)
                del alive[gone]
                stayed.discard(gone)
            if step.appended is not None and turn < 20:
                await add(sessions, "new", step.appended, {})

        assert seen == sorted(seen, reverse=not oldest_first)
        assert len(seen) == len(set(seen))
        assert stayed <= set(seen)

    asyncio.run(run())


@given(TIMES, st.integers(1, 9), st.booleans())
@settings(deadline=None)
def test_pages_of_any_size_add_up_to_the_whole(times: list[int], limit: int, oldest_first: bool) -> None:
    async def run() -> None:
        sessions, events = await filled(times)
        found: list[SessionEvent] = []
        cursor = None
        while True:
            page = await sessions.events(*AT, oldest_first=oldest_first, limit=limit, cursor=cursor)
            found += page.items
            cursor = page.next
            if cursor is None:
                break

        assert found == sorted(events, key=lambda event: event.id, reverse=not oldest_first)
        assert [event.at for event in sorted(events, key=lambda event: event.id)] == sorted(
            event.at for event in events
        )

    asyncio.run(run())


async def test_the_end_falls_on_the_end_of_a_page(sessions: Sessions) -> None:
    for number in range(4):
        await add(sessions, str(number), number, {})

    first = await sessions.events(*AT, limit=2)
    second = await sessions.events(*AT, limit=2, cursor=first.next)

    assert (texts(first), texts(second)) == (["3", "2"], ["1", "0"])
    assert second.next is None


@pytest.mark.parametrize("size", [7, 8, 9, 63, 64, 65, 127, 128, 129, 300])
async def test_listings_longer_than_what_is_read_at_once_are_whole(sessions: Sessions, size: int) -> None:
    for number in range(size):
        await add(sessions, str(number), number, {"even": ""} if number % 2 == 0 else {})

    everything = await sessions.events(*AT, limit=1000, oldest_first=True)
    even = await sessions.events(*AT, limit=1000, oldest_first=True, metadata={"even": ""})

    assert texts(everything) == [str(number) for number in range(size)]
    assert texts(even) == [str(number) for number in range(0, size, 2)]
