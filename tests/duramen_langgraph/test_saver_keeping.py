"""Single checkpoints and writes: what is kept, in which order, and in which bytes."""

from __future__ import annotations

import random
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.base import CipherProtocol
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.checkpoint.serde.types import ERROR, INTERRUPT, RESUME

from duramen import BadInputError, MemoryEngine
from duramen.errors import StoreError
from duramen.shelf import Put
from duramen_langgraph._checkpoints import CHECKPOINTS, Lane, stored_of
from duramen_langgraph._lookup import Asked, Listing, complete, find
from duramen_langgraph.saver import DuramenSaver
from tests.duramen_langgraph.saving import Saver, Watched, checkpoint, echo, ids, kept, lane, said, thread

LONG = 200


async def filled(saver: Saver, count: int, name: str = "t", namespace: str = "") -> list[str]:
    """Put a chain of checkpoints; return their ids, oldest first."""
    config = lane(name, namespace)
    for step in range(count):
        source: Any = "loop" if step % 2 else "input"
        config = await saver.aput(config, checkpoint(), {"source": source, "step": step}, {})
    return ids(saver.list(lane(name, namespace)))[::-1]


async def test_a_long_thread_is_listed_newest_first_and_whole(saver: DuramenSaver) -> None:
    put = await filled(saver, LONG)

    assert len(put) == LONG
    assert put == sorted(put)
    assert [one.checkpoint["id"] async for one in saver.alist(lane())] == put[::-1]
    steps = [one.metadata["step"] for one in saver.list(lane())]
    assert steps == list(range(LONG))[::-1]


async def test_a_listing_is_cut_by_before_and_limit_and_filter(saver: DuramenSaver) -> None:
    put = await filled(saver, LONG)
    before = lane(checkpoint_id=put[150])

    assert ids(saver.list(lane(), limit=3)) == put[:-4:-1]
    assert ids(saver.list(lane(), limit=100, before=before)) == put[50:150][::-1]
    assert ids(saver.list(lane(), filter={"source": "loop"}, limit=80)) == put[1::2][:-81:-1]
    assert ids(saver.list(lane(), filter={"source": "loop", "step": 7})) == [put[7]]
    assert ids(saver.list(lane(), filter={"step": "7"})) == []
    assert ids(saver.list(lane(), limit=0)) == []
    assert ids(saver.list(lane(checkpoint_id=put[9]))) == [put[9]]
    assert ids(saver.list(lane(checkpoint_id=put[9]), before=lane(checkpoint_id=put[9]))) == []
    assert ids(saver.list(lane(), before=lane(checkpoint_id=put[0]))) == []


async def test_the_newest_of_a_long_thread_is_found_without_reading_the_others(
    memory: MemoryEngine, saver: DuramenSaver
) -> None:
    put = await filled(saver, LONG)
    shelf = Watched(memory.shelf)
    asked = Asked(thread="t", namespace="", id=None, before=None, wanted={}, limit=1)

    found = await find(shelf, saver.serde, Lane("t", ""), None)
    listed = await Listing(shelf, saver.serde, asked).next()

    assert found is not None
    assert listed is not None
    assert found.stored.id == listed.stored.id == put[-1]
    assert shelf.scanned == 2


async def test_namespaces_and_threads_are_listed_together_newest_first(saver: DuramenSaver) -> None:
    configs = [lane("a"), lane("a", "sub:1"), lane("b"), lane("a"), lane("a/b", "sub:1"), lane("a", "sub:1")]
    put = [await saver.aput(config, checkpoint(), {}, {}) for config in configs]
    named = [config["configurable"]["checkpoint_id"] for config in put]

    assert ids(saver.list(None)) == named[::-1]
    assert ids(saver.list(None, limit=2)) == [named[5], named[4]]
    assert ids(saver.list(thread("a"))) == [named[5], named[3], named[1], named[0]]
    assert ids(saver.list(lane("a"))) == [named[3], named[0]]
    assert ids(saver.list(lane("a", "sub:1"))) == [named[5], named[1]]
    assert ids(saver.list(lane("a", "sub"))) == []
    assert ids(saver.list(thread("a", checkpoint_id=named[1]))) == [named[1]]
    assert ids(saver.list(thread("none"))) == []


async def test_a_listing_goes_on_while_what_it_lists_is_deleted(saver: DuramenSaver) -> None:
    await filled(saver, LONG)
    listed = saver.list(lane())
    next(listed)

    saver.delete_thread("t")

    assert list(listed) == []


async def test_a_checkpoint_has_its_parent_its_metadata_and_its_config(saver: DuramenSaver) -> None:
    first = await saver.aput(lane(), checkpoint(), {"source": "input", "step": -1}, {})
    config: RunnableConfig = {**first, "metadata": {"run_id": "r1", "user": "ada", "deep": {}}}

    second = await saver.aput(config, checkpoint(), {"source": "loop", "step": 0, "parents": {}}, {})

    found = await saver.aget_tuple(thread())
    assert found is not None
    assert found.config == second
    assert found.parent_config == first
    assert found.metadata == {"source": "loop", "step": 0, "parents": {}, "run_id": "r1", "user": "ada"}
    root = saver.get_tuple(first)
    assert root is not None
    assert root.parent_config is None


async def test_a_checkpoint_made_by_hand_keeps_all_its_values(saver: DuramenSaver) -> None:
    values = {"word": "meow", "list": [1], "bare": {"a": b"b"}}

    config = await saver.aput(lane(), checkpoint(values=values, word="2", list="3", gone="1"), {}, {})

    found = await saver.aget(config)
    assert found is not None
    assert found["channel_values"] == values
    assert found["channel_versions"] == {"word": "2", "list": "3", "gone": "1"}


async def test_a_copied_checkpoint_leaves_values_that_stand_there_as_they_are(saver: DuramenSaver) -> None:
    await saver.aput(lane(), checkpoint(values={"word": "first"}, word="1"), {}, {"word": "1"})

    config = await saver.aput(lane(), checkpoint(values={"word": "second"}, word="1"), {}, {})

    found = await saver.aget(config)
    assert found is not None
    assert found["channel_values"] == {"word": "first"}


async def test_a_task_that_writes_again_keeps_its_first_and_its_last_interrupt(saver: DuramenSaver) -> None:
    config = await saver.aput(lane(), checkpoint(), {}, {})

    await saver.aput_writes(config, [("a", 1), (INTERRUPT, "first"), ("b", 2)], "task")
    saver.put_writes(config, [("a", 7), (INTERRUPT, "second"), ("b", 8), ("c", 9)], "task")
    saver.put_writes(config, [(RESUME, ["yes"]), (ERROR, "no")], "task")

    found = await saver.aget_tuple(config)
    assert found is not None
    assert found.pending_writes == [
        ("task", RESUME, ["yes"]),
        ("task", INTERRUPT, "second"),
        ("task", ERROR, "no"),
        ("task", "a", 1),
        ("task", "b", 2),
        ("task", "c", 9),
    ]


async def test_writes_come_in_the_order_in_which_their_tasks_are_applied(saver: DuramenSaver) -> None:
    config = await saver.aput(lane(), checkpoint(), {}, {})
    for task, path in (("t9", "a"), ("t1", "b"), ("t2", "a"), ("t5", "")):
        await saver.aput_writes(config, [(f"c{number}", number) for number in range(12)], task, path)

    found = await saver.aget_tuple(config)

    assert found is not None
    assert found.pending_writes is not None
    assert [write[0] for write in found.pending_writes[::12]] == ["t5", "t2", "t9", "t1"]
    assert [write[2] for write in found.pending_writes] == [*range(12)] * 4


async def test_writes_may_come_before_their_checkpoint(saver: DuramenSaver) -> None:
    late = checkpoint()
    await saver.aput_writes(lane(checkpoint_id=late["id"]), [("a", 1)], "task")

    await saver.aput(lane(), late, {}, {})

    found = await saver.aget_tuple(lane())
    assert found is not None
    assert found.pending_writes == [("task", "a", 1)]


async def test_writes_without_a_checkpoint_are_an_error(saver: DuramenSaver) -> None:
    with pytest.raises(BadInputError, match="checkpoint_id"):
        saver.put_writes(lane(), [("a", 1)], "task")


@pytest.mark.parametrize("seed", range(8))
async def test_it_answers_like_langgraphs_own_saver(seed: int, saver: DuramenSaver) -> None:
    theirs, chance = InMemorySaver(), random.Random(seed)
    configs = [lane(name, namespace) for name in ("a", "a/b") for namespace in ("", "n")]
    for step in range(60):
        config = chance.choice(configs)
        if chance.random() < 0.5:
            versions: Any = {name: f"{step:03d}" for name in "xyz" if chance.random() < 0.5}
            values = {name: [step, name] for name in versions if chance.random() < 0.8}
            one = checkpoint(values=values, **versions)
            put = [await each.aput(config, one, {"step": step % 5}, versions) for each in (saver, theirs)]
            assert put[0] == put[1]
            configs.append(put[0])
        elif "checkpoint_id" in config["configurable"]:
            writes = [(chance.choice(["x", "y", ERROR, INTERRUPT]), step) for _ in range(chance.randrange(4))]
            task = chance.choice(["task 1", "task 2"])
            for each in (saver, theirs):
                await each.aput_writes(config, writes, task)

    def told(each: Saver, config: RunnableConfig | None, **options: Any) -> list[Any]:
        # The order of writes is not that of older releases; that of threads and namespaces is anyone's.
        found = [(*one[:4], sorted(one.pending_writes or [])) for one in each.list(config, **options)]
        named = config["configurable"] if config else {}
        return found if "checkpoint_ns" in named else sorted(found, key=lambda one: str(one[1]["id"]))

    for asked in (None, thread("a"), *configs):
        assert told(saver, asked) == told(theirs, asked)
        assert told(saver, asked, filter={"step": 3}) == told(theirs, asked, filter={"step": 3})


async def test_one_that_is_deleted_while_it_is_read_is_not_there(memory: MemoryEngine, saver: DuramenSaver) -> None:
    config = await saver.aput(lane(), checkpoint(values={"a": 1}, a="1"), {}, {"a": "1"})
    (entry,) = await memory.shelf.scan((CHECKPOINTS, "t", ""))
    shelf = Watched(memory.shelf, [lambda: saver.adelete_thread("t")])

    found = await complete(shelf, saver.serde, stored_of(entry))

    assert found is None
    assert saver.get_tuple(config) is None


async def test_the_newest_is_looked_for_again_when_it_is_pruned_while_it_is_read(
    memory: MemoryEngine, saver: DuramenSaver
) -> None:
    await saver.aput(lane(), checkpoint(values={"a": 1}, a="1"), {}, {"a": "1"})

    async def meanwhile() -> None:
        await saver.aput(lane(), checkpoint(values={"a": 2}, a="2"), {}, {"a": "2"})
        await saver.aprune(["t"])

    found = await find(Watched(memory.shelf, [meanwhile]), saver.serde, Lane("t", ""), None)

    assert found is not None
    assert found.read(saver.serde).checkpoint["channel_values"] == {"a": 2}


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (b"\x02rest", "format 02"),
        (b"", "format none"),
        (b"\x01\0\0\0\x09short", "damaged"),
        (b"\x01\0\0\0\0", "damaged"),
    ],
)
async def test_bytes_that_are_none_of_ours_are_an_error(
    value: bytes, what: str, memory: MemoryEngine, saver: DuramenSaver
) -> None:
    config = await saver.aput(lane(), checkpoint("1"), {}, {})
    await memory.shelf.write([Put(path=(CHECKPOINTS, "t", ""), key="1", value=value)])

    with pytest.raises(StoreError, match=what):
        await saver.aget_tuple(config)


class Backwards(CipherProtocol):
    """Hides text from a search, and from nobody else."""

    def encrypt(self, plaintext: bytes) -> tuple[str, bytes]:
        return "backwards", plaintext[::-1]

    def decrypt(self, ciphername: str, ciphertext: bytes) -> bytes:
        return ciphertext[::-1]


async def test_all_state_goes_through_the_serialiser(memory: MemoryEngine) -> None:
    saver = DuramenSaver(memory, serde=EncryptedSerializer(Backwards()))
    graph = echo(saver)
    await graph.ainvoke(said("my secret"), {**thread(), "metadata": {"user": "my secret"}})

    entries = await kept(memory)

    assert not [entry for entry in entries if b"my secret" in entry.value]
    assert [entry for entry in entries if b"my secret"[::-1] in entry.value]
    assert graph.get_state(thread()).values["messages"][0].content == "my secret"
    saver.prune(["t"])
    assert graph.get_state(thread()).values["notes"] == ["2 messages"]


async def test_a_saver_with_an_allowlist_is_on_the_same_shelf(saver: DuramenSaver) -> None:
    # Langgraph has allowlists from 1.1 on.
    listed = saver.with_allowlist([("tests", "Thing")]) if hasattr(saver, "with_allowlist") else saver
    config = await listed.aput(lane(), checkpoint("1"), {}, {})

    assert isinstance(listed, DuramenSaver)
    assert saver.get_tuple(config) is not None
