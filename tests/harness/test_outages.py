"""A memory that fails for a while: the call goes on, and turns are saved later, exactly once."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from duramen import HashingEmbedder
from duramen.errors import StoreUnavailableError
from duramen.harness import Harness, delete_resource
from duramen.harness.holding import MOST_HELD
from duramen.protocols import Appended
from duramen.shelf import Entry, Path, Place, Shelf
from duramen.stores.in_memory import InMemoryStore
from duramen.stores.in_memory_shelf import InMemoryShelf
from duramen.times import utc_now
from tests.harness.calls import BANK, OutStore, harness_of, history, opened, say, words
from tests.harness.conftest import Echo
from tests.outages import BreakableStore
from tests.simple_strategies import texts

MANAGED = "resource:harness h:actor:ada"


async def test_an_outage_never_breaks_a_call_and_its_turn_is_saved_with_the_next_one() -> None:
    store = OutStore()
    async with opened(store) as memory:
        agent = Echo()
        harness = await harness_of(memory, agent)
        await say(harness, "One.")

        store.down = True
        during = await harness.invoke("Two.", session="s1", actor="ada")
        store.down = False
        after = await harness.invoke("Three.", session="s1", actor="ada")
        await memory.wait_idle(finish=True)

        assert words(await history(memory)) == ["One.", "Noted.", "Two.", "Noted.", "Three.", "Noted."]
        assert sorted(set(await texts(memory, BANK))) == ["Noted.", "One.", "Three.", "Two."]
    assert (during.text, during.saved, during.loaded, during.recalled) == ("Noted.", False, 0, ())
    assert any(note.startswith("without configuration: The store is down") for note in during.notes)
    assert "1 turns are held back" in during.notes
    assert (after.saved, after.loaded, after.notes) == (True, 2, ())
    assert words(agent.shown[1]) == ["Two."]
    stats = memory.tally.stats()
    assert (stats.retain_failures, stats.lost) == (1, 0)


async def test_a_turn_that_is_saved_late_has_the_time_when_it_was_said() -> None:
    store = OutStore()
    async with opened(store) as memory:
        harness = await harness_of(memory)
        await say(harness, "One.")
        store.down = True
        await harness.invoke("Two.", session="s1", actor="ada")
        over = utc_now()
        store.down = False

        await harness.invoke("Three.", session="other", actor="ada")

        events = (await memory.sessions.events(BANK, "ada", "s1", oldest_first=True)).items
    assert len(events) == 2
    assert events[1].at <= over


async def test_a_new_harness_that_begins_in_an_outage_loses_nothing() -> None:
    store = OutStore()
    async with opened(store) as memory:
        await memory.open()
        harness = Harness(memory, "h", Echo())
        store.down = True

        first = await harness.invoke("One.", session="s1", actor="ada")
        second = await harness.invoke("Two.", session="s1", actor="ada")
        store.down = False
        left = await harness.send_all()

        assert (first.saved, second.saved, left) == (False, False, 0)
        assert words(await history(memory, bank=MANAGED)) == ["One.", "Noted.", "Two.", "Noted."]
    assert "2 turns are held back" in second.notes


async def test_what_is_held_back_is_saved_when_the_memory_closes() -> None:
    store = OutStore()
    memory = opened(store)
    harness = await harness_of(memory)
    await say(harness, "One.")
    store.down = True
    await harness.invoke("Two.", session="s1", actor="ada")
    store.down = False

    await memory.aclose()

    async with opened(store) as again:
        assert words(await history(again)) == ["One.", "Noted.", "Two.", "Noted."]


async def test_a_turn_that_reached_the_disk_unnoticed_is_not_saved_twice() -> None:
    class Forgetful(BreakableStore):
        """Keeps what is appended, and says that it did not."""

        async def append(self, *args: Any, **options: Any) -> Appended:
            appended = await super().append(*args, **options)
            await self._reach()
            return appended

    store = Forgetful()
    async with opened(store) as memory:
        harness = await harness_of(memory)
        await say(harness, "One.")
        store.down = True
        during = await harness.invoke("Two.", session="s1", actor="ada")
        store.down = False

        after = await say(harness, "Three.")

        assert (during.saved, after.saved) == (False, True)
        assert words(await history(memory)) == ["One.", "Noted.", "Two.", "Noted.", "Three.", "Noted."]
        assert len((await memory.events(BANK)).items) == 6


async def test_a_memory_that_does_not_answer_is_waited_for_no_longer_than_said() -> None:
    store = BreakableStore()
    async with opened(store) as memory:
        harness = await harness_of(memory, timeout=0.1)
        await say(harness, "One.")

        store.slow = True
        during = await asyncio.wait_for(harness.invoke("Two.", session="s1", actor="ada"), 20)
        store.slow = False
        await say(harness, "Three.")

        assert words(await history(memory)) == ["One.", "Noted.", "Two.", "Noted.", "Three.", "Noted."]
    assert (during.text, during.saved) == ("Noted.", False)
    assert "without saving: no answer within 0.1 seconds" in during.notes


async def test_what_is_held_back_is_saved_also_if_nobody_knows_the_harness_any_more() -> None:
    store = OutStore()
    memory = opened(store)
    harness = await harness_of(memory)
    await say(harness, "One.")
    store.down = True
    await harness.invoke("Two.", session="s1", actor="ada")
    store.down = False

    gone = weakref.ref(harness)
    del harness
    gc.collect()
    held = gone() is not None
    await memory.aclose()

    async with opened(store) as again:
        assert words(await history(again)) == ["One.", "Noted.", "Two.", "Noted."]
    assert held


async def test_what_is_held_back_when_the_memory_is_closed_for_good_is_counted_as_lost() -> None:
    store = BreakableStore()
    memory = opened(store)
    harness = await harness_of(memory)
    await say(harness, "One.")
    store.down = True
    await harness.invoke("Two.", session="s1", actor="ada")
    await memory.aclose()

    answer = await harness.invoke("Three.", session="s1", actor="ada")

    assert (answer.text, answer.saved, memory.tally.stats().lost) == ("Noted.", False, 2)
    assert "the turn cannot be saved: This memory was closed" in " ".join(answer.notes)
    assert await harness.send_all() == 0


class BrokenEmbedder(HashingEmbedder):
    """Fails, while it is `down`, with what is nobody's error."""

    down = False

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        if self.down:
            raise RuntimeError("The embedder is broken, for the sake of a test.")
        return await super().embed(texts)


async def test_an_embedder_that_raises_what_it_likes_breaks_no_call() -> None:
    embedder = BrokenEmbedder()
    async with opened(":memory:", embedder=embedder) as memory:
        harness = await harness_of(memory)
        await say(harness, "Ada keeps bees.")

        embedder.down = True
        answer = await harness.invoke("Who keeps bees?", session="s2", actor="ada")
        embedder.down = False
        saved = words(await history(memory, "s2"))

    assert (answer.text, answer.saved, answer.recalled) == ("Noted.", True, ())
    assert any(note.startswith("without retrieval:") for note in answer.notes)
    assert saved == ["Who keeps bees?", "Noted."]


class BrokenStore(BreakableStore):
    """Fails, while it is `down`, with what is nobody's error."""

    async def _reach(self) -> None:
        if self.down:
            raise RuntimeError("The store is broken, for the sake of a test.")


async def test_a_store_that_raises_what_it_likes_breaks_no_call_and_loses_nothing() -> None:
    store = BrokenStore()
    async with opened(store) as memory:
        harness = await harness_of(memory)
        await say(harness, "One.")

        store.down = True
        during = await harness.invoke("Two.", session="s1", actor="ada")
        store.down = False
        await harness.invoke("Three.", session="s1", actor="ada")

        said = words(await history(memory))
    assert (during.text, during.saved) == ("Noted.", False)
    assert "1 turns are held back" in during.notes
    assert sorted(said) == sorted(["One.", "Two.", "Three.", *["Noted."] * 3])


async def test_calls_at_once_in_an_outage_are_all_saved_once_afterwards() -> None:
    store = OutStore()
    async with opened(store) as memory:
        harness = await harness_of(memory)
        await say(harness, "First.")
        store.down = True
        await asyncio.gather(*(harness.invoke(f"Call {n}.", session="s1", actor="ada") for n in range(5)))
        store.down = False

        answers = await asyncio.gather(*(harness.invoke(f"Call {n}.", session="s1", actor="ada") for n in range(5, 10)))

        said = words(await history(memory))
    assert all(answer.saved for answer in answers)
    assert sorted(said) == sorted(["First.", *(f"Call {n}." for n in range(10)), *["Noted."] * 11])


async def test_of_too_many_turns_the_oldest_are_given_up_and_counted() -> None:
    store = OutStore()
    async with opened(store) as memory:
        harness = await harness_of(memory)
        await say(harness, "First.")
        store.down = True
        for number in range(MOST_HELD + 2):
            await harness.invoke(f"Call {number}.", session="s1", actor="ada")
        store.down = False
        await harness.send_all()

        said = words(await history(memory))
    assert memory.tally.stats().lost == 2
    assert "Call 1." not in said
    assert "Call 2." in said


class ListlessShelf(InMemoryShelf):
    """A shelf that, while it is `down`, gives what stands at one place, but lists nothing."""

    down = False

    async def scan(
        self,
        path: Path,
        *,
        below: bool = False,
        after: Place | None = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[Entry]:
        if self.down:
            raise StoreUnavailableError("Nothing is listed, for the sake of a test.")
        return await super().scan(path, below=below, after=after, reverse=reverse, limit=limit)


class ListlessStore(InMemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.lists = ListlessShelf(self._use, utc_now)

    @property
    def shelf(self) -> Shelf:
        return self.lists


async def test_the_whole_of_a_session_is_brought_while_its_history_is_out_of_reach() -> None:
    store = ListlessStore()
    async with opened(store) as memory:
        agent = Echo()
        harness = await harness_of(memory, agent)
        await say(harness, "Ada keeps bees in the orchard.")

        store.lists.down = True
        answer = await harness.invoke("Where does Ada keep bees?", session="s1", actor="ada")
        store.lists.down = False

    assert any(note.startswith("without history") for note in answer.notes)
    assert [hit.memory.text for hit in answer.recalled] == ["Ada keeps bees in the orchard."]


async def test_a_resource_that_is_gone_is_noted_and_the_agent_is_called() -> None:
    store = OutStore()
    async with opened(store) as memory:
        harness = await harness_of(memory)
        await say(harness, "One.")
        await delete_resource(memory.shelf, "notes")

        answer = await harness.invoke("Two.", session="s1", actor="ada")

    assert (answer.text, answer.saved) == ("Noted.", False)
    assert "the memory 'notes' is not there" in answer.notes
