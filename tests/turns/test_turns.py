from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from duramen import BadInputError, BankResolutionError, MemoryEngine, SyncMemoryEngine
from duramen.turns import Around, Retention, Turns
from duramen.types import Message
from tests.conftest import engine
from tests.outages import BreakableStore
from tests.turns.parts import agent, user

ADA = Around("user:ada", session="s1", actor="ada")


async def contents(memory: MemoryEngine, bank: str = "user:ada") -> list[str]:
    return sorted(event.content for event in (await memory.events(bank)).items)


async def test_what_a_turn_asks_is_recalled_once_however_often_the_model_is_called(memory: MemoryEngine) -> None:
    await memory.retain("user:ada", "Ada lives in Lisbon.")
    turns = Turns(memory, name="test")
    asked = [user("Where does Ada live?", "m1")]

    first = await turns.recall(ADA, asked)
    again = await turns.recall(ADA, [*asked, {"role": "assistant", "content": "", "tool_calls": True}])

    assert first is not None
    assert "Lisbon" in first.text
    assert again is first
    assert turns.stats().recalls == 1


async def test_the_next_question_is_looked_up_anew_and_no_question_not_at_all(memory: MemoryEngine) -> None:
    await memory.retain("user:ada", "Ada lives in Lisbon. Ada has a dog.")
    turns = Turns(memory, name="test")

    await turns.recall(ADA, [user("Where does Ada live?", "m1")])
    await turns.recall(ADA, [user("Where does Ada live?", "m1"), user("What pet has Ada?", "m2")])
    nothing = await turns.recall(ADA, [{"role": "assistant", "content": "Hello"}])

    assert turns.stats().recalls == 2
    assert nothing is None


async def test_what_the_prompt_holds_already_is_not_recalled(memory: MemoryEngine) -> None:
    turns = Turns(memory, name="test")
    said = [user("I live in Lisbon, Ada said.", "m1"), agent("Noted, Lisbon.", "m2")]
    await turns.retain(ADA, said)

    here = await turns.recall(ADA, [*said, user("Where does Ada live?", "m3")])
    elsewhere = await turns.recall(Around("user:ada", "s2"), [user("Where does Ada live?", "m3")])

    assert here is not None
    assert here.text == ""
    assert here.trace.dropped["without"] == 2
    assert elsewhere is not None
    assert "Lisbon" in elsewhere.text


async def test_what_was_forgotten_is_not_served_from_memory_of_the_same_turn(memory: MemoryEngine) -> None:
    await memory.retain("user:ada", "Ada lives in Lisbon.", key="home")
    turns = Turns(memory, name="test")
    asked = [user("Where does Ada live?", "m1")]
    await turns.recall(ADA, asked)

    await memory.forget("user:ada", key="home")
    recall = await turns.recall(ADA, asked)

    assert recall is not None
    assert "Lisbon" not in recall.text


async def test_a_history_shown_again_and_again_is_retained_once(memory: MemoryEngine) -> None:
    turns = Turns(memory, name="test")
    said = [user("I live in Lisbon.", "m1")]

    for number in range(3):
        said = [*said, agent(f"Step {number}", f"a{number}")]
        await turns.retain(ADA, said)
    await Turns(memory, name="another").retain(ADA, said)

    assert await contents(memory) == ["I live in Lisbon.", "Step 0", "Step 1", "Step 2"]
    assert turns.stats().retains == 3


async def test_what_was_forgotten_does_not_come_back_with_the_history(memory: MemoryEngine) -> None:
    said = [user("I live in Lisbon.", "m1"), user("I have a dog.", "m2")]
    await Turns(memory, name="test").retain(ADA, said)
    await memory.forget("user:ada", key="s1/m1")

    await Turns(memory, name="after a restart").retain(ADA, [*said, user("And a cat.", "m3")])

    assert await contents(memory) == ["And a cat.", "I have a dog."]


async def test_turns_missed_during_an_outage_are_caught_up_with_the_next(
    memory: MemoryEngine, store: BreakableStore, caplog: pytest.LogCaptureFixture
) -> None:
    turns = Turns(memory, name="test")
    store.down = True
    await turns.retain(ADA, [user("I live in Lisbon.", "m1")])
    missed = await turns.recall(ADA, [user("Where do I live?", "m2")])

    store.down = False
    await turns.retain(ADA, [user("I have a dog.", "m3")])

    assert missed is None
    assert await contents(memory) == ["I have a dog.", "I live in Lisbon."]
    assert (turns.stats().retain_failures, turns.stats().recall_failures, turns.stats().lost) == (1, 1, 0)
    assert "held back" in caplog.text
    assert "goes on without" in caplog.text
    assert (await memory.status()).turns == turns.stats()


async def test_what_an_outage_held_back_is_retained_without_another_turn(
    memory: MemoryEngine, store: BreakableStore
) -> None:
    turns = Turns(memory, name="test")
    store.down = True
    await turns.retain(ADA, [user("I live in Lisbon.", "m1")])
    assert await turns.flush() == 1

    store.down = False

    assert await turns.flush() == 0
    assert await contents(memory) == ["I live in Lisbon."]


async def test_closing_the_memory_retains_what_was_held_back(store: BreakableStore) -> None:
    memory = engine(store)
    turns = Turns(memory, name="test")
    store.down = True
    await turns.retain(ADA, [user("I live in Lisbon.", "m1")])
    store.down = False

    await memory.aclose()

    async with engine(store) as reopened:
        assert await contents(reopened) == ["I live in Lisbon."]


async def test_a_memory_that_is_closed_while_it_is_down_says_what_is_lost(
    store: BreakableStore, caplog: pytest.LogCaptureFixture
) -> None:
    memory = engine(store)
    turns = Turns(memory, name="test")
    await turns.retain(ADA, [user("I live in Lisbon.", "m1")])
    store.down = True
    await turns.retain(ADA, [user("I have a dog.", "m2")])

    await memory.aclose()

    assert turns.stats().lost == 1
    assert "messages lost" in caplog.text


async def test_a_memory_that_does_not_answer_costs_a_turn_its_time_out_and_no_more(
    memory: MemoryEngine, store: BreakableStore, caplog: pytest.LogCaptureFixture
) -> None:
    turns = Turns(memory, name="test", timeout=0.05)
    await turns.retain(ADA, [user("I live in Lisbon.", "m1")])
    store.slow = True

    await turns.retain(ADA, [user("I have a dog.", "m3")])
    recall = await turns.recall(ADA, [user("Where do I live?", "m2")])
    store.slow = False
    left = await turns.flush()

    assert recall is None
    assert left == 0
    assert await contents(memory) == ["I have a dog.", "I live in Lisbon."]
    assert "took too long" in caplog.text
    assert "goes on in the background" in caplog.text


async def test_an_outage_is_told_once_and_so_is_the_next(
    memory: MemoryEngine, store: BreakableStore, caplog: pytest.LogCaptureFixture
) -> None:
    turns = Turns(memory, name="test")
    for house in ("red", "blue"):
        store.down = True
        for number in range(3):
            await turns.retain(ADA, [user(f"I live in the {house} house {number}.", f"{house}-{number}")])
        store.down = False
        await turns.flush()

    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]

    assert len(warnings) == 2
    assert turns.stats().retain_failures > 2


async def test_a_memory_that_hangs_is_waited_for_once_and_not_at_every_step(
    memory: MemoryEngine, store: BreakableStore
) -> None:
    turns = Turns(memory, name="test", timeout=0.05)
    store.slow = True
    await turns.recall(ADA, [user("Where do I live?", "m1")])

    waiting = asyncio.ensure_future(turns.retain(ADA, [user("Where do I live?", "m1")]))
    again = asyncio.ensure_future(turns.recall(ADA, [user("What pet do I have?", "m2")]))
    await asyncio.sleep(0)  # one step each, in which both would begin to wait
    await asyncio.sleep(0)

    assert waiting.done()
    assert again.done()
    store.slow = False
    assert await turns.flush() == 0
    assert await contents(memory) == ["Where do I live?"]


async def test_the_user_of_a_bank_is_the_one_who_speaks(memory: MemoryEngine) -> None:
    await Turns(memory, name="test").retain(
        Around("tenant:acme:user:ada:agent:support", "s1"), [user("I live in Lisbon.", "m1"), agent("Noted.", "m2")]
    )
    await Turns(memory, name="test").retain(Around("team:birds", "s1"), [user("We meet on Mondays.", "m3")])

    said = (await memory.events("tenant:acme:user:ada:agent:support")).items
    told = (await memory.events("team:birds")).items

    assert [(event.actor, event.speaker) for event in said] == [("ada", "ada"), ("ada", "assistant")]
    assert [(event.actor, event.speaker) for event in told] == [(None, "user")]


async def test_a_caller_that_is_cancelled_takes_nothing_with_it(memory: MemoryEngine, store: BreakableStore) -> None:
    turns = Turns(memory, name="test")
    store.slow = True
    retaining = asyncio.ensure_future(turns.retain(ADA, [user("I live in Lisbon.", "m1")]))
    await asyncio.sleep(0.01)

    retaining.cancel()
    store.slow = False
    await turns.flush()

    assert await contents(memory) == ["I live in Lisbon."]


async def test_what_cannot_be_kept_does_not_keep_the_rest_from_it(
    memory: MemoryEngine, caplog: pytest.LogCaptureFixture
) -> None:
    turns = Turns(memory, name="test")
    bad: Message = {"role": "user", "content": "I sail.", "id": "m2", "timestamp": "not a time"}

    await turns.retain(ADA, [user("I live in Lisbon.", "m1"), bad, user("I have a dog.", "m3")])

    assert await contents(memory) == ["I have a dog.", "I live in Lisbon."]
    assert turns.stats().lost == 1
    assert "left out" in caplog.text


async def test_a_filter_that_raises_costs_nothing_but_the_retain(memory: MemoryEngine) -> None:
    def choosy(message: Message) -> bool:
        raise LookupError("no such opinion")

    turns = Turns(memory, name="test", retention=Retention(accept=choosy))

    await turns.retain(ADA, [user("I live in Lisbon.", "m1")])

    assert turns.stats().retain_failures == 1


async def test_without_a_bank_there_is_a_warning_or_an_error_if_one_is_wanted(
    memory: MemoryEngine, caplog: pytest.LogCaptureFixture
) -> None:
    turns, strict = Turns(memory, name="test"), Turns(memory, name="test", strict=True)

    def broken() -> Iterator[object]:
        raise LookupError("no such user")

    assert turns.whose(lambda: [{"thread_id": "t"}]) is None
    assert turns.whose(lambda: [{"user_id": ""}]) is None
    assert turns.whose(broken) is None
    assert "not an identity" in caplog.text
    assert turns.stats().refused == 3
    for sources in (lambda: [None], lambda: [{"user_id": ""}], broken):
        with pytest.raises(BankResolutionError):
            strict.whose(sources)


async def test_two_users_with_the_same_session_and_message_ids_see_their_own(memory: MemoryEngine) -> None:
    turns = Turns(memory, name="test")
    bob = Around("user:bob", session="s1", actor="bob")
    await asyncio.gather(
        turns.retain(ADA, [user("I live in Lisbon.", "m1")]), turns.retain(bob, [user("I live in Rome.", "m1")])
    )

    later = [user("Where do I live?", "m2")]
    of_ada, of_bob = await asyncio.gather(turns.recall(ADA, later), turns.recall(bob, later))

    assert of_ada is not None
    assert of_bob is not None
    assert "Lisbon" in of_ada.text
    assert "Rome" not in of_ada.text
    assert "Rome" in of_bob.text
    assert "Lisbon" not in of_bob.text


def test_everything_works_without_await_from_any_thread(store: BreakableStore) -> None:
    with SyncMemoryEngine(engine(store)) as memory:
        turns = Turns(memory, name="test")
        found: list[Any] = []

        def run() -> None:
            turns.retain_sync(ADA, [user("I live in Lisbon.", "m1")])
            found.append(turns.recall_sync(Around("user:ada"), [user("Where do I live?", "m2")]))

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert turns.flush_sync() == 0
        assert all("Lisbon" in recall.text for recall in found)
        assert len(memory.events("user:ada").items) == 1
        assert turns.recall_sync(ADA, []) is None


def test_a_closed_memory_is_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    memory = engine(":memory:")
    turns = Turns(memory, name="test")
    memory.close()
    caplog.set_level(logging.WARNING)

    turns.retain_sync(ADA, [user("I live in Lisbon.", "m1")])

    assert turns.recall_sync(ADA, [user("Where do I live?", "m2")]) is None
    assert "memory was closed" in caplog.text
    memory.portal.stop()


def test_wrong_arguments_are_told_at_once() -> None:
    memory = engine(":memory:")

    with pytest.raises(BadInputError, match=r"duramen\.open"):
        Turns("./memory", name="test")  # type: ignore[arg-type]
    with pytest.raises(BadInputError, match="timeout"):
        Turns(memory, name="test", timeout=0)
    with pytest.raises(BadInputError, match="max_tokens"):
        Turns(memory, name="test", max_tokens=0)
