"""Records that were put there by hand."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import duramen
from duramen import HashingEmbedder, MemoryEngine
from duramen.errors import BadQueryError, NamespaceError, UnsupportedError
from duramen.records import CREATED, ORIGIN, Change, Condition, Done, Draft, Filed, Where
from duramen.records.homes import known
from duramen.records.keeping import BY_HAND
from duramen.records.records import MOST_ASKED
from tests.conftest import engine

R = "notes-0123456789"
FACTS = "/facts/{actorId}/"
TEMPLATES = [FACTS, "/summaries/{actorId}/{sessionId}/"]
MARCH = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)
ALL = Where(path="/")


def draft(text: str, namespace: str | None = "/facts/ada/", **options: object) -> Draft:
    return Draft(text=text, at=MARCH, namespace=namespace, **options)  # type: ignore[arg-type]


async def created(memory: MemoryEngine, *drafts: Draft, resource: str = R) -> list[str]:
    done = await memory.records.create(resource, TEMPLATES, drafts)
    assert [one.error for one in done] == [None] * len(drafts)
    return [str(one.id) for one in done]


async def texts(memory: MemoryEngine, where: Where = ALL, resource: str = R, limit: int = 100) -> list[str]:
    return [one.text for one in (await memory.records.list(resource, TEMPLATES, where, limit=limit)).items]


async def found(memory: MemoryEngine, query: str, where: Where = ALL, limit: int = 10) -> list[str]:
    return [one.text for one, _ in await memory.records.retrieve(R, TEMPLATES, query, where, limit=limit)]


async def test_a_record_is_had_back_as_it_was_given(memory: MemoryEngine) -> None:
    metadata = {"color": "green", "tags": ("a", "b"), "stars": 4.5, "seen": MARCH}
    (id,) = await created(memory, draft("Ada plays chess.", "/summaries/ada/s1", metadata=metadata, strategy="s-1"))
    assert re.fullmatch(r"mem-[0-9a-f]{32}-[0-9a-f]{8}", id)
    record = await memory.records.get(R, id)
    assert record is not None
    assert (record.id, record.text, record.namespace) == (id, "Ada plays chess.", "/summaries/ada/s1/")
    assert (record.strategy, record.at, record.metadata) == ("s-1", MARCH, metadata)
    assert (record.actor, record.session, record.expires, record.given) == ("ada", "s1", None, True)
    assert record.created == record.updated
    assert [record] == [*(await memory.records.list(R, TEMPLATES, ALL)).items]
    ((hit, score),) = await memory.records.retrieve(R, TEMPLATES, "Who plays chess?", ALL)
    assert hit == record
    assert 0.2 < score <= 1.0


async def test_records_outlast_the_process(tmp_path: Path) -> None:
    async with engine(tmp_path / "memory") as memory:
        ids = await created(memory, draft("Ada plays chess."), draft("Nobody knows.", None))
    async with engine(tmp_path / "memory") as memory:
        assert await found(memory, "chess", Where(path="/facts/ada/")) == ["Ada plays chess."]
        assert [one.id for one in (await memory.records.list(R, TEMPLATES, ALL)).items] == ids[::-1]


async def test_what_cannot_be_kept_fails_alone(memory: MemoryEngine) -> None:
    bad = [draft(" "), draft("a\0b"), draft("x", "/a//b/"), draft("x", metadata={"n": float("nan")})]
    done = await memory.records.create(R, TEMPLATES, [draft("Ada sings."), *bad, draft("Ada dances.")])
    assert [one.error is None for one in done] == [True, False, False, False, False, True]
    assert all(one.id is None for one in done[1:-1])
    assert sorted(await texts(memory)) == ["Ada dances.", "Ada sings."]
    assert await memory.records.create(R, TEMPLATES, []) == []


async def test_namespaces_are_told_apart_by_segment(memory: MemoryEngine) -> None:
    for actor in ("a1", "a10", "a1/x"):
        await known(memory.shelf, R, actor)
    await created(
        memory,
        draft("One likes tea.", "/facts/a1/"),
        draft("One likes tea at noon.", "/facts/a1/noon/"),
        draft("Ten likes tea.", "/facts/a10/"),
        draft("Slash likes tea.", "/facts/a1/x/"),
        draft("All like tea.", "/facts/"),
        draft("Loose tea.", None),
    )
    one = ["One likes tea at noon.", "One likes tea."]
    assert await texts(memory, Where(path="/facts/a1")) == one
    assert sorted(await found(memory, "tea", Where(path="/facts/a1"))) == one
    for namespace in ("/facts/a1/", "/facts/a1", "facts/a1"):
        assert await texts(memory, Where(namespace=namespace)) == ["One likes tea."]
        assert await found(memory, "tea", Where(namespace=namespace)) == ["One likes tea."]
    assert await texts(memory, Where(path="/facts/a1/x")) == ["Slash likes tea."]
    assert await found(memory, "tea", Where(namespace="/facts/a1/x/")) == ["Slash likes tea."]
    assert await texts(memory, Where(namespace="/facts/")) == ["All like tea."]
    assert len(await texts(memory, Where(path="/facts/"))) == 5
    assert len(await texts(memory)) == len(await found(memory, "tea")) == 6
    assert await texts(memory, Where(namespace="/")) == []
    assert await texts(memory, Where(path="/fact/")) == []


async def test_the_namespace_of_an_id_with_slashes_is_shown_as_it_was_given(memory: MemoryEngine) -> None:
    await known(memory.shelf, R, "a/b")
    (id,) = await created(memory, draft("Tea.", "/facts/a/b/"))
    record = await memory.records.get(R, id, namespace="/facts/a/b")
    assert record is not None
    assert (record.namespace, record.actor) == ("/facts/a/b/", "a/b")


async def test_no_record_crosses_memories(memory: MemoryEngine) -> None:
    other = "other-0123456789"
    (id,) = await created(memory, draft("Ada plays chess."))
    (loose,) = await created(memory, draft("Chess is old.", None))
    for one in (id, loose):
        assert await memory.records.get(other, one) is None
        assert [done.error is None for done in await memory.records.delete(other, [one])] == [False]
        (done,) = await memory.records.update(other, TEMPLATES, [Change(id=one, at=MARCH, text="Stolen.")])
        assert done.error is not None
    assert await texts(memory, resource=other) == []
    assert await memory.records.retrieve(other, TEMPLATES, "chess", ALL) == []
    assert len(await texts(memory)) == 2


async def test_what_is_read_or_deleted_at_another_namespace_is_not_there(memory: MemoryEngine) -> None:
    (id,) = await created(memory, draft("Ada plays chess."))
    assert await memory.records.get(R, id, namespace="/facts/bob/") is None
    assert await memory.records.get(R, id, namespace="/facts/") is None
    assert await memory.records.get(R, id, namespace="/facts/ada") is not None
    (done,) = await memory.records.delete(R, [id], namespace="/facts/bob/")
    assert done.error is not None
    assert await memory.records.delete(R, [id], namespace="/facts/ada") == [Done(id)]
    assert await memory.records.get(R, id) is None
    with pytest.raises(NamespaceError):
        await memory.records.get(R, id, namespace="//")


async def test_some_deletions_fail_alone(memory: MemoryEngine) -> None:
    one, two = await created(memory, draft("Ada sings."), draft("Bob sings.", "/facts/bob/"))
    unknown = f"{one[:-8]}00000000"
    done = await memory.records.delete(R, [one, unknown, "mem-", "", two])
    assert [each.error is None for each in done] == [True, False, False, False, True]
    assert [each.id for each in done] == [one, unknown, "mem-", "", two]
    assert await texts(memory) == []
    assert await found(memory, "Who sings?") == []


@pytest.mark.parametrize("bad", ["", "mem-", "mem-x", "mem-\0-00000000", "x" * 45, "mem-" + "ü" * 32 + "-00000000"])
async def test_the_id_of_none_is_not_found(memory: MemoryEngine, bad: str) -> None:
    assert await memory.records.get(R, bad) is None


async def test_a_change_keeps_what_it_does_not_name(memory: MemoryEngine) -> None:
    (id,) = await created(memory, draft("Ada plays chess.", metadata={"color": "green"}, strategy="s-1"))
    before = await memory.records.get(R, id)
    april = MARCH + timedelta(days=31)
    assert await memory.records.update(R, TEMPLATES, [Change(id=id, at=april, text="Ada plays go.")]) == [Done(id)]
    after = await memory.records.get(R, id)
    assert before is not None
    assert after is not None
    assert (after.text, after.at, after.metadata, after.strategy) == ("Ada plays go.", april, {"color": "green"}, "s-1")
    assert (after.namespace, after.created) == (before.namespace, before.created)
    assert after.updated > before.updated
    assert await found(memory, "Who plays go?") == ["Ada plays go."]
    await memory.records.update(R, TEMPLATES, [Change(id=id, at=april, metadata={"size": 2.0}, strategy="s-2")])
    last = await memory.records.get(R, id)
    assert last is not None
    assert (last.text, last.metadata, last.strategy) == ("Ada plays go.", {"size": 2.0}, "s-2")


async def test_changes_that_cannot_be_made_fail_alone(memory: MemoryEngine) -> None:
    one, two = await created(memory, draft("Ada sings."), draft("Bob sings.", "/facts/bob/"))
    changes = [
        Change(id=one, at=MARCH, text="Ada dances."),
        Change(id=one, at=MARCH, text=" "),
        Change(id="mem-none", at=MARCH, text="x"),
        Change(id=two, at=MARCH, namespace="//"),
        Change(id=one, at=MARCH, metadata={"color": "red"}),
    ]
    done = await memory.records.update(R, TEMPLATES, changes)
    assert [each.error is None for each in done] == [True, False, False, False, True]
    record = await memory.records.get(R, one)
    assert record is not None
    assert (record.text, record.metadata) == ("Ada dances.", {"color": "red"})


async def test_a_record_that_is_filed_elsewhere_keeps_its_id(memory: MemoryEngine) -> None:
    (id,) = await created(memory, draft("The plan is secret.", lifetime=timedelta(days=40)))
    for namespace in ("/facts/ada/deep/", "/facts/bob/", "/other/", "/facts/ada/"):
        (done,) = await memory.records.update(R, TEMPLATES, [Change(id=id, at=MARCH, namespace=namespace)])
        assert done == Done(id)
        record = await memory.records.get(R, id, namespace=namespace)
        assert record is not None
        assert (record.id, record.namespace) == (id, namespace)
        assert [one.id for one in (await memory.records.list(R, TEMPLATES, ALL)).items] == [id]
        assert await found(memory, "What is the plan?", Where(namespace=namespace)) == ["The plan is secret."]
        assert record.expires is not None
    assert await memory.records.delete(R, [id]) == [Done(id)]
    assert await texts(memory) == []


async def test_a_record_filed_elsewhere_is_deleted_there(memory: MemoryEngine) -> None:
    (id,) = await created(memory, draft("The plan is secret."))
    await memory.records.update(R, TEMPLATES, [Change(id=id, at=MARCH, namespace="/facts/bob/")])
    assert await memory.records.delete(R, [id], namespace="/facts/bob") == [Done(id)]
    assert await memory.records.get(R, id) is None
    assert await texts(memory) == []


async def test_what_an_interrupted_move_left_behind_goes_with_the_record(memory: MemoryEngine) -> None:
    (id,) = await created(memory, draft("The plan is secret."))
    parts = memory._parts
    bank = "resource:notes-0123456789:actor:ada"
    (before,) = (await memory.memories(bank)).items
    await memory.records.update(R, TEMPLATES, [Change(id=id, at=MARCH, namespace="/facts/bob/")])
    for again in ([Change(id=id, at=MARCH, text="The plan is known.")], []):
        await parts.store.file(bank, await parts.retain.completed([before]), embedder=memory.embedder)
        assert len(await texts(memory)) == 2
        if again:
            assert await memory.records.update(R, TEMPLATES, again) == [Done(id)]
            assert await texts(memory) == ["The plan is known."]
    assert await memory.records.delete(R, [id]) == [Done(id)]
    assert await texts(memory) == []


async def test_the_filters_are_applied_before_the_search(memory: MemoryEngine) -> None:
    best = [draft(f"Ada plays chess on day {day}.", metadata={"day": float(day)}) for day in range(150)]
    await created(memory, *best, draft("Something about music.", metadata={"kind": "music"}, strategy="s-2"))
    music = Where(path="/facts/ada/", conditions=(Condition("kind", "EQUALS_TO", "music"),))
    assert await found(memory, "Does Ada play something?", music) == ["Something about music."]
    assert await found(memory, "Does Ada play something?", Where(path="/", strategy="s-2")) == [
        "Something about music."
    ]
    late = Where(path="/", conditions=(Condition("day", "GREATER_THAN", 147), Condition("kind", "NOT_EXISTS")))
    assert sorted(await found(memory, "chess", late)) == ["Ada plays chess on day 148.", "Ada plays chess on day 149."]
    assert await texts(memory, late) == ["Ada plays chess on day 149.", "Ada plays chess on day 148."]
    assert len(await found(memory, "chess", limit=100)) == 100


async def test_every_record_has_its_times_and_where_it_comes_from(memory: MemoryEngine) -> None:
    await created(memory, draft("Ada plays chess."))
    long_ago = MARCH - timedelta(days=10_000)
    for condition, there in (
        (Condition(CREATED, "AFTER", long_ago), 1),
        (Condition(CREATED, "BEFORE", long_ago), 0),
        (Condition(ORIGIN, "EQUALS_TO", "GIVEN"), 1),
        (Condition(ORIGIN, "EQUALS_TO", "EXTRACTED"), 0),
    ):
        assert len(await texts(memory, Where(path="/", conditions=(condition,)))) == there


async def test_what_has_expired_is_neither_shown_nor_kept(memory: MemoryEngine) -> None:
    soon = timedelta(seconds=0.4)
    gone, stays = await created(memory, draft("Tea is hot.", lifetime=soon), draft("Tea is green."))
    assert sorted(await found(memory, "tea")) == ["Tea is green.", "Tea is hot."]
    record = await memory.records.get(R, gone)
    assert record is not None
    assert record.expires == record.created + soon
    await asyncio.sleep(0.5)
    assert await memory.records.get(R, gone) is None
    assert await found(memory, "tea") == ["Tea is green."]
    (done,) = await memory.records.update(R, TEMPLATES, [Change(id=gone, at=MARCH, text="Tea is cold.")])
    assert done.error is not None
    assert await texts(memory) == ["Tea is green."]
    bank = "resource:notes-0123456789:actor:ada"
    assert len((await memory.memories(bank)).items) == 1, "the listing took it away"
    assert await memory.records.get(R, stays) is not None


async def test_a_lifetime_begins_anew_with_each_change_unless_another_is_said(memory: MemoryEngine) -> None:
    month = timedelta(days=31)
    (id,) = await created(memory, draft("Tea is hot.", lifetime=month))

    async def changed(**options: object) -> Filed:
        await memory.records.update(R, TEMPLATES, [Change(id=id, at=MARCH, **options)])  # type: ignore[arg-type]
        record = await memory.records.get(R, id)
        assert record is not None
        return record

    kept = await changed(text="Tea is cold.")
    assert kept.expires == kept.updated + month
    longer = await changed(lifetime=2 * month)
    assert longer.expires == longer.updated + 2 * month
    again = await changed(text="Tea is warm.")
    assert again.expires == again.updated + 2 * month
    assert (await changed(lifetime=None)).expires is None
    assert (await changed(text="Tea.")).expires is None


async def test_listings_show_the_newest_first_page_by_page(memory: MemoryEngine) -> None:
    for number in range(7):
        await created(memory, draft(f"Note {number}."))
    await created(memory, draft("Bob's note.", "/facts/bob/"), draft("A loose note.", None))
    order = ["A loose note.", *(f"Note {number}." for number in reversed(range(7))), "Bob's note."]
    assert await texts(memory) == order
    for sizes in ([1] * 10, [4, 2, 10], [9], [3, 3, 3]):
        assert await _paged(memory, sizes) == order


async def _paged(memory: MemoryEngine, sizes: Sequence[int]) -> list[str]:
    seen: list[str] = []
    cursor: str | None = None
    for size in sizes:
        page = await memory.records.list(R, TEMPLATES, ALL, cursor=cursor, limit=size)
        assert page.items
        assert len(page.items) <= size
        seen += [one.text for one in page.items]
        cursor = page.next
        if cursor is None:
            return seen
    raise AssertionError("there should be no more pages")


async def test_a_cursor_stands_while_records_come_and_go(memory: MemoryEngine) -> None:
    ids = [(await created(memory, draft(f"Note {number}.")))[0] for number in range(6)]
    page = await memory.records.list(R, TEMPLATES, ALL, limit=2)
    assert [one.text for one in page.items] == ["Note 5.", "Note 4."]
    await memory.records.delete(R, [ids[4], ids[5], ids[3]])
    await created(memory, draft("Note 6."))
    await memory.records.update(R, TEMPLATES, [Change(id=ids[1], at=MARCH, text="Note one.")])
    rest = await memory.records.list(R, TEMPLATES, ALL, cursor=page.next, limit=10)
    assert [one.text for one in rest.items] == ["Note 2.", "Note one.", "Note 0."]
    assert rest.next is None


async def test_a_page_with_a_cursor_is_never_empty(memory: MemoryEngine) -> None:
    ids = await created(memory, *(draft(f"Note {number}.") for number in range(4)))
    page = await memory.records.list(R, TEMPLATES, ALL, limit=2)
    assert page.next is not None
    await memory.records.delete(R, ids)
    rest = await memory.records.list(R, TEMPLATES, ALL, cursor=page.next, limit=2)
    assert (rest.items, rest.next) == ((), None)
    assert (await memory.records.list(R, TEMPLATES, ALL, limit=2)).next is None


async def test_the_cursor_of_another_listing_is_refused(memory: MemoryEngine) -> None:
    await created(memory, draft("One."), draft("Two."))
    page = await memory.records.list(R, TEMPLATES, ALL, limit=1)
    others = [Where(path="/facts/"), Where(namespace="/facts/ada/"), Where(path="/", strategy="s")]
    others.append(Where(path="/", conditions=(Condition("a", "EXISTS"),)))
    for where in others:
        with pytest.raises(BadQueryError):
            await memory.records.list(R, TEMPLATES, where, cursor=page.next)
    with pytest.raises(BadQueryError):
        await memory.records.list("other-0123456789", TEMPLATES, ALL, cursor=page.next)
    for bad in ("", "x", "bm9uZQ=="):
        with pytest.raises(BadQueryError):
            await memory.records.list(R, TEMPLATES, ALL, cursor=bad)


async def test_what_is_asked_wrongly_is_refused(memory: MemoryEngine) -> None:
    with pytest.raises(BadQueryError):
        await memory.records.retrieve(R, TEMPLATES, " ", ALL)
    with pytest.raises(BadQueryError):
        await memory.records.retrieve(R, TEMPLATES, "tea", Where())
    with pytest.raises(BadQueryError):
        await memory.records.list(R, TEMPLATES, ALL, limit=0)


async def test_many_actors_are_asked_and_merged_by_score(memory: MemoryEngine) -> None:
    drafts = [draft(f"Actor {n} talks of the weather.", f"/facts/a{n}/") for n in range(30)]
    await created(memory, *drafts, draft("Zoe repairs violins.", "/facts/zoe/"))
    best = await memory.records.retrieve(R, TEMPLATES, "Who repairs violins?", Where(path="/facts/"), limit=3)
    assert best[0][0].text == "Zoe repairs violins."
    assert [score for _, score in best] == sorted((score for _, score in best), reverse=True)


async def test_the_best_of_very_many_actors_are_found_without_searching_all(memory: MemoryEngine) -> None:
    many = 2 * MOST_ASKED + 20
    await created(memory, *(draft(f"Somebody has {n} kites.", f"/facts/a{n}/", strategy="s") for n in range(many)))
    await created(memory, draft("Zara keeps bees in Lund.", "/facts/zara/"), draft("All may keep bees.", "/policies/"))

    for where in (ALL, Where(path="/facts/"), Where(path="/facts/", strategy=BY_HAND)):
        (best, score), *_ = await memory.records.retrieve(R, TEMPLATES, "Who keeps bees in Lund?", where)
        assert best.text == "Zara keeps bees in Lund."
        alone = Where(path="/facts/zara/")
        assert [(best, score)] == await memory.records.retrieve(R, TEMPLATES, "Who keeps bees in Lund?", alone)
    assert len(await found(memory, "Who has kites?", Where(path="/facts/", strategy="s"), limit=100)) == 100
    assert await found(memory, "Who has kites?", Where(path="/policies/")) == []


class Alike(HashingEmbedder):
    """Finds that all texts mean the same."""

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.tile(np.eye(1, self.dimensions, dtype=np.float32), (len(texts), 1))


async def test_among_very_many_actors_words_are_found_as_well_as_meaning() -> None:
    async with engine(":memory:", embedder=Alike()) as memory:
        await created(memory, *(draft(f"Somebody has {n} kites.", f"/facts/a{n}/") for n in range(MOST_ASKED + 20)))
        await created(memory, draft("Zara keeps bees in Lund.", "/facts/zara/"))

        assert "Zara keeps bees in Lund." in await found(memory, "Who keeps bees in Lund?", limit=3)


async def test_a_deletion_and_a_change_at_once_leave_nothing_behind(memory: MemoryEngine) -> None:
    (id,) = await created(memory, draft("Ada plays chess."))
    await asyncio.gather(
        memory.records.update(R, TEMPLATES, [Change(id=id, at=MARCH, text="Ada plays go.")]),
        memory.records.delete(R, [id]),
    )
    assert await texts(memory) == []


async def test_a_memory_behind_a_server_has_no_records() -> None:
    memory = duramen.open("http://127.0.0.1:9")
    with pytest.raises(UnsupportedError, match=r"`records\.list`"):
        await memory.records.list(R, TEMPLATES, ALL)
    await memory.aclose()
