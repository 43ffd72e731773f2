from __future__ import annotations

import inspect
from datetime import datetime, timezone
from pathlib import Path

import pytest
from pydantic import BaseModel

import duramen
from duramen import BadQueryError, ClosedError, Item, MemoryEngine, ProcessingError
from duramen.client import RemoteMemory
from duramen.client.absent import Lacking
from duramen.errors import AddressError, UnsupportedError
from tests.client.standing import Standing
from tests.conftest import engine

AT = datetime(2025, 3, 1, 12, tzinfo=timezone.utc)


async def test_what_was_retained_is_recalled_with_all_that_was_said_of_it(remote: MemoryEngine) -> None:
    await remote.retain(
        "b",
        "Ada moved to Lisbon.",
        key="move/1",
        occurred=AT,
        actor="ada",
        session="s-1",
        tags=["city"],
        metadata={"channel": "mail"},
        document="diary",
    )

    recall = await remote.recall("b", "Where did Ada move?")

    (hit,) = recall.hits
    memory = hit.memory
    assert (memory.text, memory.key, memory.actor, memory.session) == ("Ada moved to Lisbon.", "move/1", "ada", "s-1")
    assert (memory.document, memory.tags, memory.metadata) == ("diary", ("city",), {"channel": "mail"})
    assert (memory.mentioned, memory.speaker) == (AT, "ada")
    assert "- [2025-03-01] ada: Ada moved to Lisbon." in recall.text
    assert recall.tokens > 0
    assert recall.trace.arms[memory.id]["semantic"].rank == 1


async def test_an_event_has_the_id_that_an_embedded_memory_gives_it(remote: MemoryEngine) -> None:
    messages = [{"role": "user", "content": "I am vegan."}, {"role": "assistant", "content": "Noted: vegan."}]
    async with engine(":memory:") as embedded:
        there = await embedded.retain("b", messages, key="turn-1")

    here = await remote.retain("b", messages, key="turn-1")

    assert (here.keys, here.events) == (there.keys, there.events)
    assert {one.event for one in (await remote.memories("b")).items} == set(there.events)


async def test_messages_are_memories_of_their_own_with_their_speakers_and_kinds(remote: MemoryEngine) -> None:
    await remote.retain(
        "b", [{"role": "user", "name": "Ada", "content": "I am vegan."}, {"role": "assistant", "content": "Noted."}]
    )

    said = [(one.speaker, one.kind, one.text) for one in (await remote.memories("b")).items]

    assert said == [("Ada", "fact", "I am vegan."), ("assistant", "experience", "Noted.")]


async def test_the_same_thing_twice_is_one(remote: MemoryEngine, peer: Standing) -> None:
    for _ in range(2):
        await remote.retain("b", "Ada is vegan.", key="k")
        await remote.retain("b", "Ada is from Porto.")

    assert sorted(peer.contents()) == ["Ada is from Porto.", "Ada is vegan."]


async def test_a_key_replaces_also_the_messages_that_are_no_more(remote: MemoryEngine, peer: Standing) -> None:
    await remote.retain("b", [{"role": "user", "content": f"Line {number}."} for number in range(4)], key="k")

    await remote.retain("b", [{"role": "user", "content": "The only line."}], key="k")

    assert peer.contents() == ["The only line."]


async def test_items_given_twice_in_one_batch_are_sent_once(remote: MemoryEngine, peer: Standing) -> None:
    await remote.retain("b", [Item(content="Old.", key="k"), Item(content="Other."), Item(content="New.", key="k")])

    assert peer.contents() == ["Other.", "New."]


async def test_a_large_batch_goes_in_parts_and_tells_how_far_it_is(peer: Standing) -> None:
    told: list[tuple[int, int]] = []
    async with RemoteMemory(peer.address) as memory:
        await memory.retain(
            "b",
            [Item(content=f"Fact {number}.") for number in range(250)],
            progress=lambda done, total: told.append((done, total)),
        )

    assert told == [(100, 250), (200, 250), (250, 250)]
    assert [len(ids) for ids in peer.posts()] == [100, 100, 50]


async def test_an_unknown_bank_gives_no_hits_and_a_note(remote: MemoryEngine) -> None:
    recall = await remote.recall("nobody", "anything")

    assert recall.hits == ()
    assert not recall.confident
    assert "There is no bank 'nobody'" in recall.notes[0]


async def test_filters_that_the_server_lacks_hold_all_the_same(remote: MemoryEngine) -> None:
    for session, actor, day in (("s-1", "ada", 1), ("s-2", "ada", 2), ("s-2", "eve", 3)):
        await remote.retain(
            "b", f"{actor} likes tea in {session}.", session=session, actor=actor, occurred=AT.replace(day=day)
        )

    by_session = await remote.recall("b", "tea", session="s-2")
    by_actor = await remote.recall("b", "tea", session="s-2", actor="eve")
    by_time = await remote.recall("b", "tea", since=AT.replace(day=2), until=AT.replace(day=3))
    by_limit = await remote.recall("b", "tea", limit=1)

    assert {hit.memory.session for hit in by_session.hits} == {"s-2"}
    assert [hit.memory.actor for hit in by_actor.hits] == ["eve"]
    assert [hit.memory.session for hit in by_time.hits] == ["s-2"]
    assert len(by_limit.hits) == 1
    assert "left out here" in by_session.notes[0]


async def test_a_least_score_is_not_applied_to_scores_that_are_not_calibrated(remote: MemoryEngine) -> None:
    await remote.retain("b", "Ada likes tea.")

    recall = await remote.recall("b", "tea at what time of the day", min_score=0.9)

    assert len(recall.hits) == 1
    assert "not calibrated" in recall.notes[0]


async def test_many_queries_are_answered_in_order(remote: MemoryEngine) -> None:
    await remote.retain("b", [Item(content=f"The code of door {number} is x{number}x.") for number in range(8)])

    recalls = await remote.recall_many("b", [f"x{number}x" for number in range(8)])

    assert [recall.hits[0].memory.text[-4:-2] for recall in recalls] == [f"x{number}" for number in range(8)]
    with pytest.raises(BadQueryError, match="Give a list"):
        await remote.recall_many("b", "one text")


class Shape(BaseModel):
    n: int


async def test_the_server_reflects_and_its_facts_are_the_sources(remote: MemoryEngine) -> None:
    await remote.retain("b", "Ada is vegan.", session="s-1")

    reflection = await remote.reflect("b", "What does Ada eat?", shape=Shape)

    assert reflection.text == "Ada is vegan."
    assert reflection.sources[0].memory.session == "s-1"
    assert reflection.data == {"n": 1}
    assert (await remote.reflect("b", "What?")).sources


async def test_what_was_retained_can_be_forgotten_in_every_way(remote: MemoryEngine, peer: Standing) -> None:
    messages = [{"role": "user", "content": f"Line {number}."} for number in range(3)]
    await remote.retain("b", messages, key="a/b", session="s-1", occurred=AT)
    await remote.retain("b", "In the diary.", document="diary", actor="ada")
    await remote.retain("b", "By id.", key="k")
    await remote.retain("b", "Stays.")
    (one,) = (await remote.memories("b", key="k")).items

    by_id = await remote.forget("b", memory=one.id)
    by_document = await remote.forget("b", document="diary", actor="ada")
    by_time = await remote.forget("b", before=AT.replace(second=30), session="s-1")
    by_key = await remote.forget("b", key="a/b")
    nothing = await remote.forget("b", session="s-1")
    left = peer.contents()
    everything = await remote.forget("b", everything=True)

    assert [one.events for one in (by_id, by_document, by_time, by_key, nothing)] == [1, 1, 3, 0, 0]
    assert by_time.keys == ("a/b",)
    assert left == ["Stays."]
    assert everything.memories == 1
    assert peer.contents() == []


async def test_a_forget_without_a_condition_or_with_too_many_is_refused(remote: MemoryEngine) -> None:
    with pytest.raises(BadQueryError, match="Say what to forget"):
        await remote.forget("b")
    with pytest.raises(BadQueryError, match="Say what to forget"):
        await remote.forget("b", key="k", everything=True)


async def test_a_part_of_a_document_is_not_forgotten_and_nothing_else_is_either(
    remote: MemoryEngine, peer: Standing
) -> None:
    await remote.retain("b", "Ada is vegan.")
    rows = [
        {"id": str(day), "text": "…", "document_id": "d", "mentioned_at": f"2025-03-0{day}T00:00:00Z", "metadata": {}}
        for day in (1, 2)
    ]
    peer.fail({"status": 200, "body": {"items": rows, "total": 2}})

    with pytest.raises(UnsupportedError, match="Document 'd' also holds"):
        await remote.forget("b", before=datetime(2025, 3, 2, tzinfo=timezone.utc))

    assert not [line for line in peer.requests() if line.startswith("DELETE")]


async def test_waiting_tells_how_far_the_server_is(remote: MemoryEngine, peer: Standing) -> None:
    told: list[tuple[int, int]] = []
    peer.fail(
        {"status": 200, "body": {"operations": [{"id": "1", "progress": {"processed": 3, "total": 10}}]}},
        {"status": 200, "body": {"operations": []}},
    )

    left = await remote.wait_idle("b", progress=lambda done, total: told.append((done, total)))

    assert left.pending == 0
    assert told == [(3, 10), (10, 10)]


async def test_waiting_for_what_the_server_cannot_do_says_why(peer: Standing) -> None:
    failed = {"status": 200, "body": {"status": "failed", "error_message": "the model is on holiday"}}
    async with duramen.open(peer.address, background=True) as memory:
        peer.fail({}, failed, failed)

        with pytest.raises(ProcessingError, match="on holiday"):
            await memory.retain("b", "Ada is vegan.", wait=True)


async def test_failed_operations_are_tried_again(remote: MemoryEngine, peer: Standing) -> None:
    peer.fail({"status": 200, "body": {"operations": [{"operation_id": "o-1"}]}}, {"status": 200, "body": {}})

    assert await remote.retry("b") == 1
    assert peer.requests()[-1].endswith("/operations/o-1/retry")


async def test_listings_are_paged(remote: MemoryEngine) -> None:
    await remote.retain("b", [Item(content=f"Fact {number}.") for number in range(5)])
    texts: list[str] = []
    cursor: str | None = None

    while True:
        page = await remote.memories("b", cursor=cursor, limit=2)
        texts += [one.text for one in page.items]
        cursor = page.next
        if cursor is None:
            break

    assert texts == [f"Fact {number}." for number in range(5)]
    assert [one.name for one in (await remote.banks()).items] == ["b"]
    with pytest.raises(BadQueryError, match="`cursor`"):
        await remote.memories("b", cursor="somewhere")


@pytest.mark.parametrize("bank", ["user:arn:aws:iam::1:user/ada", "a%2Fb", "a b", "zoë", "..", "a#b?c=d", "x" * 300])
async def test_a_bank_may_have_any_name(remote: MemoryEngine, bank: str) -> None:
    await remote.retain(bank, "Ada is vegan.")
    await remote.retain(f"{bank}x", "Eve is not vegan.")

    assert [hit.memory.text for hit in (await remote.recall(bank, "vegan")).hits] == ["Ada is vegan."]
    assert {one.name for one in (await remote.banks()).items} == {bank, f"{bank}x"}


async def test_the_version_changes_with_a_forget(remote: MemoryEngine) -> None:
    await remote.retain("b", "Ada is vegan.", key="k")
    await remote.retain("b", "Ada is from Porto.")
    before = await remote.version("b")

    await remote.forget("b", key="k")

    after = await remote.version("b")
    assert before is not None
    assert after is not None
    assert after.removals == before.removals + 1
    assert await remote.version("nobody") is None


async def test_the_server_may_acknowledge_before_it_has_worked(peer: Standing) -> None:
    async with duramen.open(peer.address, background=True) as memory:
        await memory.retain("b", "Ada is vegan.")
        left = await memory.flush("b")

    assert left == 0
    assert any("/operations/" in line for line in peer.requests())


async def test_explaining_tells_the_arms_of_a_hit_and_what_is_unknown(remote: MemoryEngine) -> None:
    await remote.retain("b", "Ada is vegan.", key="k")

    explanation = await remote.explain("b", "vegan", key="other")

    assert explanation.why[0].arms["semantic"] is not None
    assert explanation.why_not[0].reason == "unknown"
    assert "Ada is vegan." in str(explanation)


async def test_what_a_server_lacks_says_so(remote: MemoryEngine) -> None:
    for verb in (remote.events, remote.strategies, remote.jobs, remote.revisions):
        with pytest.raises(UnsupportedError, match="cannot be had over HTTP"):
            await verb("b")
    with pytest.raises(UnsupportedError, match=r"`shelf\.scan`"):
        await remote.shelf.scan(("a",))
    with pytest.raises(UnsupportedError, match="`models`"):
        _ = remote.models
    with pytest.raises(UnsupportedError, match="`as_of`"):
        await remote.recall("b", "what", as_of=AT)
    with pytest.raises(UnsupportedError, match="`expires`"):
        await remote.retain("b", [Item(content="Ada is vegan.", expires=AT)])
    with pytest.raises(UnsupportedError, match="kind 'summary'"):
        await remote.recall("b", "what", kinds=["summary"])


def test_every_verb_and_part_of_an_embedded_memory_is_there_or_says_that_it_is_not(tmp_path: Path) -> None:
    remote = duramen.open("http://localhost:1")
    embedded = engine(tmp_path / "memory")
    verbs = {name for name, _ in inspect.getmembers(MemoryEngine, callable) if not name.startswith("_")}
    own = {name for one in type(remote).__mro__[: type(remote).__mro__.index(Lacking) + 1] for name in vars(one)}

    missing = {name for name in vars(embedded) if not name.startswith("_")} - vars(remote).keys()

    assert verbs - own == set()
    assert missing == set()
    assert isinstance(remote, MemoryEngine)


def test_the_sync_face_works_against_a_server(peer: Standing) -> None:
    with duramen.open_sync(peer.address) as memory:
        memory.retain("b", "Ada is vegan.")
        hits = memory.recall("b", "vegan").hits

    assert len(hits) == 1


async def test_a_closed_memory_says_so(peer: Standing) -> None:
    memory = duramen.open(peer.address)
    await memory.aclose()
    await memory.aclose()

    with pytest.raises(ClosedError):
        await memory.recall("b", "vegan")
    assert memory.closed


@pytest.mark.parametrize(
    ("address", "options", "complaint"),
    [
        ("http://localhost:1", {"durability": "process"}, "`durability` is for a memory that is opened here"),
        ("https://localhost", {"strategies": ["semantic"]}, "`strategies`"),
        ("HTTP://localhost", {"index_bytes": 1}, "`index_bytes`"),
        ("./memory", {"api_key": "k"}, "`api_key` is for a server"),
        (":memory:", {"journal": "./j"}, "`journal` is for a server"),
        ("http://", {}, "names no host"),
        ("http://ada:secret@localhost", {}, "Give the key as `api_key`"),
        ("http://localhost?key=secret", {}, "Give the key as `api_key`"),
    ],
)
def test_options_that_do_not_go_with_the_address_are_refused_by_name(
    address: str, options: dict[str, object], complaint: str
) -> None:
    with pytest.raises(AddressError, match=complaint) as caught:
        duramen.open(address, **options)  # type: ignore[arg-type]  # what is tested

    assert "secret" not in str(caught.value)


async def test_the_key_is_sent_and_never_shown(peer: Standing) -> None:
    memory = duramen.open(f"{peer.address}/v1/default/", api_key="s3cret", headers={"X-Gate": "g4te"})
    await memory.retain("b", "Ada is vegan.")
    await memory.aclose()

    assert peer.keys() == {"Bearer s3cret"}
    assert "s3cret" not in repr(vars(memory))
    assert "g4te" not in repr(vars(memory))
