"""What a replay gives again."""

from __future__ import annotations

from duramen import MemoryEngine
from duramen.turns import Around, Turns, question_of
from duramen.types import Message
from tests.turns.parts import agent, user

ADA = Around("user:ada", session="s1")


async def contents(memory: MemoryEngine) -> list[str]:
    return [event.content for event in (await memory.events("user:ada")).items]


async def test_an_answer_given_again_under_another_id_is_kept_once_and_another_answer_is_kept_too(
    memory: MemoryEngine,
) -> None:
    turns = Turns(memory, name="test")

    await turns.retain(ADA, [user("Shall I?", "m1"), agent("Yes.", "a1")])
    await turns.retain(ADA, [user("Shall I?", "m1"), agent("Yes.", "a2")])
    await turns.retain(ADA, [user("Shall I?", "m1"), agent("No.", "a3")])

    assert await contents(memory) == ["Shall I?", "Yes.", "No."]


async def test_the_same_answer_to_another_question_is_another_answer(memory: MemoryEngine) -> None:
    turns = Turns(memory, name="test")
    said = [user("Shall I?", "m1"), agent("Yes.", "a1"), user("Shall she?", "m2"), agent("Yes.", "a2")]

    await turns.retain(ADA, said)
    await turns.retain(Around("user:bob", session="s1"), said)

    assert await contents(memory) == ["Shall I?", "Yes.", "Shall she?", "Yes."]
    assert len((await memory.events("user:bob")).items) == 4


async def test_an_answer_that_changed_under_its_id_replaces_what_it_was(memory: MemoryEngine) -> None:
    turns = Turns(memory, name="test")

    await turns.retain(ADA, [user("Who?", "m1"), agent("Ada Lovelace.", "a1")])
    await turns.retain(ADA, [user("Who?", "m1"), agent("[REDACTED].", "a1")])
    await turns.retain(ADA, [user("Who?", "m1"), agent("[REDACTED].", "a1")])

    assert await contents(memory) == ["Who?", "[REDACTED]."]


async def test_a_message_without_a_lasting_id_asks_anew_each_time_it_is_given(memory: MemoryEngine) -> None:
    turns = Turns(memory, name="test")
    await memory.retain("user:ada", "Ada lives in Lisbon.")
    first: Message = {"role": "user", "content": "Where does Ada live?", "turn": "run-1"}
    again: Message = {"role": "user", "content": "Where does Ada live?", "turn": "run-2"}

    assert question_of([first]) == ("Where does Ada live?", "run-1")

    await turns.recall(ADA, [first])
    await memory.retain("user:ada", "Ada lives in Porto now.")
    recall = await turns.recall(ADA, [again])

    assert recall is not None
    assert "Porto" in recall.text
