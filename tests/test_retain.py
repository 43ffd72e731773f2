from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

import numpy as np
import numpy.typing as npt
import pytest

from duramen import BadContentError, BadInputError, HashingEmbedder, Identity, Item, MemoryEngine, ProcessingError
from duramen.retain.items import MAX_CHARACTERS
from duramen.retain.worker import Pace
from duramen.types import Message
from tests.conftest import engine

NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)


async def texts(memory: MemoryEngine, bank: str = "b") -> list[str]:
    await memory.flush()
    return [one.text for one in (await memory.memories(bank, limit=1000)).items]


async def test_what_was_retained_is_recalled_at_once(memory: MemoryEngine) -> None:
    await memory.retain("b", "Ada moved to Lisbon.")

    recall = await memory.recall("b", "Where does Ada live? Lisbon?")

    assert [hit.memory.text for hit in recall.hits] == ["Ada moved to Lisbon."]
    assert recall.pending == 0


async def test_the_same_text_twice_is_one_memory(memory: MemoryEngine) -> None:
    first = await memory.retain("b", "Ada moved to Lisbon.")
    second = await memory.retain("b", "Ada moved to Lisbon.")

    assert first.keys == second.keys
    assert second.repeated == 1
    assert await texts(memory) == ["Ada moved to Lisbon."]


async def test_the_same_key_with_other_content_replaces(memory: MemoryEngine) -> None:
    await memory.retain("b", "Ada lives in Porto.", key="home", wait=True)
    replaced = await memory.retain("b", "Ada lives in Lisbon.", key="home", wait=True)

    assert replaced.replaced == 1
    assert await texts(memory) == ["Ada lives in Lisbon."]


async def test_a_replacement_with_fewer_messages_leaves_none_behind(memory: MemoryEngine) -> None:
    said = [{"role": "user", "content": f"Line {number}"} for number in range(3)]
    await memory.retain("b", said, key="talk", wait=True)

    await memory.retain("b", said[:2], key="talk", wait=True)

    assert await texts(memory) == ["Line 0", "Line 1"]


async def test_messages_become_an_event_each_with_speaker_and_kind(memory: MemoryEngine) -> None:
    said: list[Message] = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "I am vegan."},
        {"role": "assistant", "content": [{"type": "text", "text": "Noted."}, {"type": "image", "url": "x"}]},
        {"role": "user", "name": "Grace", "content": "Me too.", "timestamp": "2026-03-01T10:00:00Z"},
    ]
    await memory.retain(
        "b",
        said,
        actor="ada",
        session="s1",
        wait=True,
    )

    kept = (await memory.memories("b")).items

    assert [(one.speaker, one.text, one.kind) for one in kept] == [
        ("ada", "I am vegan.", "fact"),
        ("assistant", "Noted.", "experience"),
        ("Grace", "Me too.", "fact"),
    ]
    assert {(one.actor, one.session) for one in kept} == {("ada", "s1")}
    assert kept[2].mentioned == datetime(2026, 3, 1, 10, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("actor", "speaker"),
    [
        ("ada", "ada"),
        ("Ada Lovelace-King", "Ada Lovelace-King"),
        ("\u015eeyma O'Neil", "\u015eeyma O'Neil"),
        ("auth0|5f7c8ec7c33c6c004bbafe82", None),
        ("8f14e45f-ceea-467f-a8b3-1a2b3c4d5e6f", None),
        ("ada@example.org", None),
        ("user_7", None),
        (None, None),
    ],
)
async def test_an_id_that_is_no_name_is_not_taken_for_the_speaker(
    memory: MemoryEngine, actor: str | None, speaker: str | None
) -> None:
    await memory.retain("b", "I am vegan.", actor=actor)
    await memory.retain("b", [{"role": "user", "content": "Me too."}], actor=actor, wait=True)

    plain, message = (await memory.memories("b")).items

    assert (plain.speaker, message.speaker) == (speaker, speaker or "user")
    assert {plain.actor, message.actor} == {actor}


async def test_a_batch_is_kept_in_order_with_its_own_keys(memory: MemoryEngine) -> None:
    retained = await memory.retain("b", [Item(content=f"Fact {number}", key=f"k{number}") for number in range(40)])

    assert retained.keys == tuple(f"k{number}" for number in range(40))
    assert await texts(memory) == [f"Fact {number}" for number in range(40)]


async def test_a_batch_with_one_bad_item_keeps_nothing(memory: MemoryEngine) -> None:
    with pytest.raises(BadContentError, match="Item 1"):
        await memory.retain("b", [Item(content="good"), Item(content="  ")])

    assert (await memory.banks()).items == ()


async def test_options_beside_a_batch_are_refused(memory: MemoryEngine) -> None:
    with pytest.raises(BadInputError, match="on each"):
        await memory.retain("b", [Item(content="good")], session="s")


async def test_tags_metadata_document_and_times_are_kept(memory: MemoryEngine) -> None:
    await memory.retain(
        "b", "Tea at four.", tags=["b", "a", "a"], metadata={"source": "mail"}, document="d", occurred=NOON, wait=True
    )

    [kept] = (await memory.memories("b")).items

    assert (kept.tags, kept.metadata, kept.document) == (("a", "b"), {"source": "mail"}, "d")
    assert kept.mentioned == NOON
    assert kept.occurred is not None
    assert kept.occurred.start == NOON
    assert kept.stored > NOON


async def test_relative_dates_are_resolved_against_the_time_of_the_event(memory: MemoryEngine) -> None:
    await memory.retain("b", "I met Grace yesterday.", occurred=NOON, wait=True)

    [kept] = (await memory.memories("b")).items

    assert kept.occurred is not None
    assert kept.occurred.start == datetime(2026, 3, 1, tzinfo=timezone.utc)
    assert kept.occurred.end == datetime(2026, 3, 2, tzinfo=timezone.utc)


async def test_a_naive_time_is_read_as_utc(memory: MemoryEngine) -> None:
    await memory.retain("b", "Tea.", occurred=datetime(2026, 3, 2, 12), wait=True)  # noqa: DTZ001  the point

    assert (await memory.memories("b")).items[0].mentioned == NOON


@pytest.mark.parametrize("year", [1, 9999])
async def test_times_at_the_ends_of_the_calendar_are_kept(memory: MemoryEngine, year: int) -> None:
    far = datetime(year, 1 if year == 1 else 12, 1 if year == 1 else 31, tzinfo=timezone(timedelta(hours=14)))

    await memory.retain("b", "Long ago, yesterday.", occurred=far, wait=True)

    assert (await memory.memories("b")).items[0].mentioned.year == year
    assert (await memory.recall("b", "long ago")).hits


async def test_long_text_is_split_and_every_part_found(memory: MemoryEngine) -> None:
    paragraphs = [
        f"Chapter {number}. " + f"The keeper of lamp {number} was called Otto{number}. " * 8 for number in range(30)
    ]

    await memory.retain("b", "\n\n".join(paragraphs), key="book", document="book", wait=True)

    kept = (await memory.memories("b")).items
    assert len(kept) > 10
    assert {one.key for one in kept} == {"book"}
    assert [one.position for one in kept] == list(range(len(kept)))
    assert "Otto17" in (await memory.recall("b", "Who was Otto17?")).hits[0].memory.text


@pytest.mark.parametrize(
    "text",
    [
        "\N{PARTY POPPER}\N{PARTY POPPER}",
        "הספר הטוב ביותר הוא על השולחן",
        "彼女は先週京都に引っ越しました",
        "'; DROP TABLE memories; --",
        'NEAR("a" b) AND * OR ^ -not',
        "%_%\\",
        "line\nbreak\ttab\r\nend",
        "a\u0301 combining and \u202e bidi",
        "x" * 5000,
    ],
)
async def test_odd_text_comes_back_as_it_was(memory: MemoryEngine, text: str) -> None:
    await memory.retain("b", text, wait=True)

    assert "".join(await texts(memory)) == text
    assert (await memory.recall("b", text)).hits[0].memory.text in text


@pytest.mark.parametrize(("given", "kept"), [("a\0b", "a\ufffdb"), ("a\ud800b", "a\ufffdb")])
async def test_what_cannot_be_stored_is_replaced(memory: MemoryEngine, given: str, kept: str) -> None:
    await memory.retain("b", given, metadata={"raw": given}, session=given, wait=True)

    [one] = (await memory.memories("b")).items
    assert (one.text, one.metadata["raw"], one.session) == (kept, kept, kept)


@pytest.mark.parametrize(
    "content", ["", "   ", "\n", [], [{"role": "user", "content": ""}], [{"role": "system", "content": "x"}]]
)
async def test_blank_content_is_an_error_that_says_so(memory: MemoryEngine, content: object) -> None:
    with pytest.raises(BadContentError, match="Nothing was retained"):
        await memory.retain("b", content)  # type: ignore[arg-type]  # what an untyped caller may do


@pytest.mark.parametrize("content", [7, None, {"role": "user"}, [1, 2], b"bytes"])
async def test_content_of_another_type_is_an_error_that_says_what_to_give(
    memory: MemoryEngine, content: object
) -> None:
    with pytest.raises(BadContentError, match="chat messages"):
        await memory.retain("b", content)  # type: ignore[arg-type]  # what an untyped caller may do


async def test_text_over_the_limit_is_an_error(memory: MemoryEngine) -> None:
    with pytest.raises(BadContentError, match="Split it"):
        await memory.retain("b", "x" * (MAX_CHARACTERS + 1))


@pytest.mark.parametrize(
    "options",
    [{"tags": "work"}, {"tags": [1]}, {"tags": [" "]}, {"metadata": {"n": 1}}, {"session": " "}, {"actor": 7}],
)
async def test_bad_options_are_errors_and_nothing_is_kept(memory: MemoryEngine, options: dict[str, object]) -> None:
    with pytest.raises(BadContentError):
        await memory.retain("b", "text", **options)  # type: ignore[arg-type]  # what an untyped caller may do

    assert (await memory.banks()).items == ()


@pytest.mark.parametrize("occurred", ["soon", 7, "2026-13-01"])
async def test_a_time_that_is_none_is_an_error(memory: MemoryEngine, occurred: object) -> None:
    with pytest.raises(BadInputError, match="occurred"):
        await memory.retain("b", "text", occurred=occurred)  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize("bank", ["", " ", None, 7, "a\0b", "a\ud800"])
async def test_a_bank_without_a_name_is_refused(memory: MemoryEngine, bank: object) -> None:
    with pytest.raises(BadInputError):
        await memory.retain(bank, "text")  # type: ignore[arg-type]  # what an untyped caller may do


async def test_an_identity_names_its_bank(memory: MemoryEngine) -> None:
    retained = await memory.retain(Identity(user="ada", agent="support"), "Ada is vegan.")

    assert retained.bank == "user:ada:agent:support"
    assert (await memory.recall("user:ada:agent:support", "vegan")).hits


async def test_recalled_text_is_not_retained_again(memory: MemoryEngine) -> None:
    await memory.retain("b", "Ada is vegan.", wait=True)
    block = (await memory.recall("b", "vegan")).text

    await memory.retain("b", [{"role": "user", "content": f"{block}\nWhat can I cook?"}], wait=True)

    assert await texts(memory) == ["Ada is vegan.", "What can I cook?"]


async def test_an_event_that_fails_is_kept_counted_and_can_be_retried(address: str) -> None:
    embedder = Moody()
    pace = Pace(attempts=2, backoff_seconds=0.01)
    async with engine(address, embedder=embedder, pace=pace) as memory:
        embedder.broken = True
        with pytest.raises(ProcessingError, match="out of order") as caught:
            await memory.retain("b", "Ada is vegan.", key="k", wait=True)
        status = await memory.status()
        embedder.broken = False
        retried = await memory.retry("b")
        await memory.flush("b")
        recall = await memory.recall("b", "vegan")

    assert caught.value.key == "k"
    assert (status.failed, status.pending) == (1, 0)
    assert "out of order" in status.failures[0].reason
    assert retried == 1
    assert recall.hits[0].memory.text == "Ada is vegan."


async def test_one_bad_event_does_not_hold_up_the_others(address: str) -> None:
    embedder = Moody(refuses="poison")
    pace = Pace(attempts=1)
    async with engine(address, embedder=embedder, pace=pace) as memory:
        await memory.retain("b", [Item(content=text) for text in ("one", "poison", "two")])
        await memory.flush()

        assert await texts(memory) == ["one", "two"]
        assert (await memory.status()).failed == 1


class Moody(HashingEmbedder):
    """An embedder that can be out of order, or refuse one text."""

    def __init__(self, refuses: str | None = None) -> None:
        super().__init__()
        self.broken = False
        self.refuses = refuses

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        if self.broken or (self.refuses is not None and any(self.refuses in text for text in texts)):
            raise RuntimeError("the embedder is out of order")
        return await super().embed(texts)
