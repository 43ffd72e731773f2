import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from duramen.errors import BadQueryError, ClosedError, EmbedderMismatchError
from duramen.protocols import Lease, Storage
from duramen.times import microseconds
from duramen.types import BankSummary, BankVersion, Claim, Event, Forgotten, Indexed, Interval, Page, Selection
from tests.stores.examples import (
    BANK,
    EMBEDDER,
    NOON,
    contents,
    event,
    events,
    full_event,
    ids,
    indexed,
    kept,
    memory,
    texts,
    with_vector,
    work_through,
)

OTHER = "user:bob"
NOBODY = "user:nobody"
ALL = Selection()
ODD_TEXTS = {
    "emoji": "\U0001f9d1\u200d\U0001f680 \u2764\ufe0f",
    "right to left": "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "CJK": "\u6771\u4eac\u90fd",
    "SQL": "'; DROP TABLE memories; -- \" ? :bank {event_fits} %s",
    "JSON": '["a", {"b": null}]',
    "line breaks": "a\r\nb\n\n\u2028c",
    "blank": "   ",
    "last code point": "\U0010ffff",
    "1 MB": "Ada moved. " * 95_326,
}
OCCURRED = Interval(NOON - timedelta(days=400), NOON - timedelta(days=399, microseconds=1))
EVERY_FIELD: dict[str, Any] = {
    "position": 3,
    "occurred": OCCURRED,
    "superseded": NOON + timedelta(days=5),
    "entities": ("Ada", "Lisbon", "\u00c9vora"),
    "tokens": 12,
}


class StoreContract:
    """What every store must do; an inheriting class gives the fixture `store`, open and empty."""

    # put

    async def test_a_memory_comes_back_as_it_was_put(self, store: Storage) -> None:
        made = memory(full_event(), **EVERY_FIELD)
        plain = memory(event("plain"))

        await _put(store, [full_event(), event("plain")], [with_vector(made), with_vector(plain)])

        assert list(await store.get(BANK, [1, 2])) == [made, plain]
        assert (await store.memories(BANK, ALL, cursor=None, limit=10)).items == (made, plain)

    async def test_a_row_holds_all_there_is_to_search_by(self, store: Storage) -> None:
        given = with_vector(memory(full_event(), **EVERY_FIELD))

        await _put(store, [full_event()], [given])

        (row,) = await store.rows(BANK)
        made = given.memory
        assert (row.number, row.id, row.kind, row.event, row.position) == (1, made.id, "experience", "e1", 3)
        assert (row.actor, row.session, row.speaker) == ("ada", "monday", "assistant")
        assert row.mentioned == microseconds(made.mentioned)
        assert row.occurred == (microseconds(OCCURRED.start), microseconds(OCCURRED.end))
        assert row.superseded == microseconds(EVERY_FIELD["superseded"])
        assert (row.tags, row.entities, row.tokens) == (made.tags, made.entities, 12)
        assert row.vector.dtype == np.float32
        assert row.terms.dtype == np.uint32
        assert np.array_equal(row.vector, given.vector)
        assert np.array_equal(row.terms, given.terms)

    async def test_a_row_without_dates_has_none(self, store: Storage) -> None:
        await kept(store, [event()])

        (row,) = await store.rows(BANK)

        assert (row.occurred, row.superseded, row.tags, row.entities, row.claims) == (None, None, (), (), ())

    async def test_claims_come_back_in_order(self, store: Storage) -> None:
        claims = (Claim(7, 2**32 - 1), Claim(2**32 - 1, 0, ends=True, statement=255), Claim(0, 7))

        await _put(store, [event()], [replace(indexed(event()), claims=claims)])

        assert [row.claims for row in await store.rows(BANK)] == [claims]

    async def test_vectors_and_terms_may_be_empty(self, store: Storage) -> None:
        nothing = Indexed(memory=memory(event()), vector=np.zeros(0, np.float32), terms=np.zeros(0, np.uint32))

        await _put(store, [event()], [nothing])

        (row,) = await store.rows(BANK)
        assert (row.vector.shape, row.terms.shape) == ((0,), (0,))

    async def test_a_put_finishes_its_events(self, store: Storage) -> None:
        await store.append(BANK, events(2))
        leases = await store.lease(limit=1, seconds=60)

        held = await store.put(leases, [], embedder=EMBEDDER)

        assert held == 1
        assert (await store.backlog()).pending == 1
        assert ids(lease.event for lease in await store.lease(limit=9, seconds=60)) == ["e0001"]

    async def test_a_lease_can_be_used_once(self, store: Storage) -> None:
        leases = await _leased(store, [event()])
        await store.put(leases, [indexed(event())], embedder=EMBEDDER)

        again = await store.put(leases, [indexed(event(), text="again")], embedder=EMBEDDER)

        assert again == 0
        assert await texts(store) == ["Ada moved to Lisbon."]

    async def test_a_put_replaces_what_was_made_of_its_events_before(self, store: Storage) -> None:
        await _put(store, [event()], [indexed(event(), position=0), indexed(event(), position=1, text="second")])
        await _put(store, [event("other")], [indexed(event("other"), text="other")])

        await _put(store, [event(content="changed")], [indexed(event(), text="third")])

        version = await store.version(BANK)
        assert version is not None
        assert await texts(store) == ["other", "third"]
        assert list(await store.numbers(BANK)) == [3, 4]
        assert (version.last, version.removals) == (4, 2)

    async def test_a_memory_of_the_same_id_is_replaced_whatever_its_event(self, store: Storage) -> None:
        await _put(store, [event("a")], [indexed(event("a"), "m", text="first")])

        await _put(
            store,
            [event("b")],
            [indexed(event("b"), "m", text="second"), indexed(event("b"), "m", text="third")],
        )

        assert await texts(store) == ["third"]
        assert list(await store.numbers(BANK)) == [2]

    async def test_a_stale_lease_keeps_nothing_while_the_others_do(self, store: Storage) -> None:
        await store.append(BANK, events(2))
        stale = (await store.lease(limit=1, seconds=0))[0]
        fresh = await store.lease(limit=2, seconds=60)
        mixed = [stale, fresh[1]]

        held = await store.put(mixed, [indexed(lease.event) for lease in mixed], embedder=EMBEDDER)

        assert held == 1
        assert await texts(store) == ["Entry 1 of e."]
        assert (await store.backlog()).pending == 1

    async def test_a_lease_that_ran_out_keeps_nothing(self, store: Storage) -> None:
        await store.append(BANK, [event()])
        expired = await store.lease(limit=1, seconds=0)

        assert await store.put(expired, [indexed(event())], embedder=EMBEDDER) == 0
        assert await texts(store) == []

    async def test_a_lease_of_content_replaced_meanwhile_keeps_nothing(self, store: Storage) -> None:
        leases = await _leased(store, [event(content="old")])
        await store.append(BANK, [event(content="new")])

        assert await store.put(leases, [indexed(leases[0].event)], embedder=EMBEDDER) == 0

        await work_through(store)
        assert await texts(store) == ["new"]

    async def test_a_lease_of_a_bank_deleted_meanwhile_keeps_nothing(self, store: Storage) -> None:
        leases = await _leased(store, [event()])
        await store.forget(BANK, ALL)

        assert await store.put(leases, [indexed(event())], embedder=EMBEDDER) == 0
        assert await store.version(BANK) is None

    async def test_memories_of_other_events_are_not_kept(self, store: Storage) -> None:
        await kept(store, [event("done")])

        await _put(store, [event("e")], [indexed(event("e")), indexed(event("done"), "x"), indexed(event("none"))])

        assert sorted(ids((await store.memories(BANK, ALL, cursor=None, limit=9)).items)) == ["m-done-0", "m-e-0"]

    async def test_putting_for_no_lease_keeps_nothing(self, store: Storage) -> None:
        await store.append(BANK, [event()])

        assert await store.put([], [indexed(event())], embedder=EMBEDDER) == 0
        assert await texts(store) == []

    async def test_the_first_put_gives_the_bank_its_embedder(self, store: Storage) -> None:
        await kept(store, [event()])

        version = await store.version(BANK)

        assert version is not None
        assert version == BankVersion(version.number, 1, 0, EMBEDDER, 4)

    async def test_another_embedder_is_an_error_and_keeps_nothing(self, store: Storage) -> None:
        await kept(store, [event()])
        leases = await _leased(store, [event("new")])

        with pytest.raises(EmbedderMismatchError, match="reembed") as caught:
            await store.put(leases, [indexed(event("new"))], embedder="other")

        assert (caught.value.bank, caught.value.kept, caught.value.given) == (BANK, EMBEDDER, "other")
        assert await texts(store) == ["Ada moved to Lisbon."]
        assert await store.put(leases, [indexed(event("new"))], embedder=EMBEDDER) == 1

    async def test_vectors_of_another_length_are_an_error_and_keep_nothing(self, store: Storage) -> None:
        await kept(store, [event()])
        leases = await _leased(store, [event("new")])

        with pytest.raises(EmbedderMismatchError, match="5 dimensions"):
            await store.put(leases, [with_vector(memory(event("new")), 5)], embedder=EMBEDDER)

        assert await texts(store) == ["Ada moved to Lisbon."]

    async def test_banks_may_have_different_embedders(self, store: Storage) -> None:
        await kept(store, [event()])
        leases = await _leased(store, [event(bank=OTHER)], OTHER)

        await store.put(leases, [with_vector(memory(event(bank=OTHER)), 8)], embedder="wide")

        version = await store.version(OTHER)
        assert version is not None
        assert (version.embedder, version.dimensions) == ("wide", 8)

    async def test_after_requeueing_another_embedder_may_begin(self, store: Storage) -> None:
        await kept(store, [event()])
        await store.requeue(BANK)
        leases = await store.lease(limit=9, seconds=60)

        await store.put(leases, [with_vector(memory(event()), 8)], embedder="wide")

        version = await store.version(BANK)
        assert version is not None
        assert version == BankVersion(version.number, 2, 1, "wide", 8)

    @pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
    async def test_odd_text_is_kept_as_it_is(self, store: Storage, text: str) -> None:
        label = text[:100]
        odd = event(label, text, key=label, session=label, tags=(label,), metadata={label: label}, document=label)

        await kept(store, [odd])

        page = await store.events(BANK, Selection(tags=frozenset({label}), session=label), cursor=None, limit=9)
        (found,) = await store.get(BANK, [1])
        assert page.items == (odd,)
        assert found == memory(odd)
        assert await texts(store, Selection(document=label, key=label)) == [text]

    @pytest.mark.parametrize(
        "edge",
        [datetime(1, 1, 1, tzinfo=timezone.utc), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone.utc)],
        ids=str,
    )
    async def test_the_ends_of_the_calendar_are_kept(self, store: Storage, edge: datetime) -> None:
        given = event(mentioned=edge, occurred=edge)

        await kept(store, [given])

        assert (await store.events(BANK, ALL, cursor=None, limit=1)).items == (given,)
        assert (await store.get(BANK, [1]))[0].mentioned == edge

    # version, rows, numbers, get

    async def test_an_unknown_bank_is_empty_and_stays_unknown(self, store: Storage) -> None:
        assert await store.version(NOBODY) is None
        assert list(await store.rows(NOBODY)) == []
        assert list(await store.numbers(NOBODY)) == []
        assert list(await store.get(NOBODY, [1, 2])) == []
        assert list(await store.late(NOBODY, [1])) == [b""]
        assert await store.memories(NOBODY, ALL, cursor=None, limit=5) == Page(())
        assert await store.events(NOBODY, ALL, cursor=None, limit=5) == Page(())
        assert await store.forget(NOBODY, ALL) == Forgotten(bank=NOBODY)
        assert await store.banks(cursor=None, limit=5) == Page(())

    async def test_rows_come_by_number_and_from_where_one_left_off(self, store: Storage) -> None:
        await kept(store, events(5))

        every, tail, past = [await store.rows(BANK, after=after) for after in (0, 3, 2**40)]

        assert [row.number for row in every] == list(await store.numbers(BANK)) == [1, 2, 3, 4, 5]
        assert [row.number for row in tail] == [4, 5]
        assert list(past) == []

    async def test_memories_come_in_the_order_asked_without_those_that_are_gone(self, store: Storage) -> None:
        await kept(store, events(4))
        await store.forget(BANK, Selection(memory="m-e0001-0"))

        found = await store.get(BANK, [4, 2, 1, 3, 1])

        assert [one.text for one in found] == [f"Entry {n} of e." for n in (3, 0, 2, 0)]

    async def test_many_memories_may_be_asked_for_at_once(self, store: Storage) -> None:
        await kept(store, events(200))

        found = await store.get(BANK, range(200, 0, -1))

        assert ids(found) == [f"m-e{n:04}-0" for n in range(199, -1, -1)]

    async def test_numbers_outside_the_bank_give_nothing(self, store: Storage) -> None:
        await kept(store, [event()])
        await kept(store, [event(bank=OTHER)], OTHER)

        found = await store.get(BANK, [0, -1, 2, 2**32, 2**32 + 1, (1 << 32) | 1, (2 << 32) | 1, 2**63, 2**70])

        assert list(found) == []

    async def test_late_codes_come_in_the_order_asked(self, store: Storage) -> None:
        await _put(store, events(120), [_with_late(one, one.id.encode() * 200) for one in events(120)])

        found = await store.late(BANK, [3, 1, 120, 3])
        every = await store.late(BANK, range(120, 0, -1))
        many = await store.late(BANK, [*range(1, 121)] * 2)

        assert list(found) == [f"e{n:04}".encode() * 200 for n in (2, 0, 119, 2)]
        assert list(every) == [f"e{n:04}".encode() * 200 for n in range(119, -1, -1)]
        assert list(many) == list(every)[::-1] * 2

    async def test_late_codes_are_empty_where_there_are_none(self, store: Storage) -> None:
        await _put(store, events(2), [indexed(events(2)[0]), _with_late(events(2)[1], b"\x00\xff")])
        await kept(store, [event(bank=OTHER)], OTHER)
        strange = [0, -1, 3, 2**32, 2**32 + 2, (1 << 32) | 2, 2**63, 2**70]

        assert list(await store.late(BANK, [1, 2, *strange])) == [b"", b"\x00\xff", *[b""] * len(strange)]
        assert list(await store.late(OTHER, [1, 2])) == [b"", b""]
        assert list(await store.late(NOBODY, [2, 1])) == [b"", b""]
        assert list(await store.late(BANK, [])) == []

    @pytest.mark.parametrize("selection", [Selection(key="key-e0000"), Selection(memory="m-e0000-0")], ids=str)
    async def test_late_codes_and_claims_go_when_their_memory_is_forgotten(
        self, store: Storage, selection: Selection
    ) -> None:
        await _put(store, events(2), [_with_late(one, b"codes") for one in events(2)])

        await store.forget(BANK, selection)

        assert list(await store.late(BANK, [1, 2])) == [b"", b"codes"]
        assert [row.claims for row in await store.rows(BANK)] == [(Claim(1, 2),)]

    async def test_late_codes_go_when_their_event_is_worked_through_again(self, store: Storage) -> None:
        await _put(store, [event()], [_with_late(event(), b"old")])

        await _put(store, [event(content="changed")], [_with_late(event(), b"new")])

        assert list(await store.late(BANK, [1, 2])) == [b"", b"new"]

    async def test_late_codes_go_when_a_memory_of_the_same_id_comes(self, store: Storage) -> None:
        await _put(store, [event("a")], [_with_late(event("a"), b"old", id="m")])

        await _put(store, [event("b")], [_with_late(event("b"), b"new", id="m")])

        assert list(await store.late(BANK, [1, 2])) == [b"", b"new"]

    async def test_late_codes_go_when_the_item_becomes_shorter(self, store: Storage) -> None:
        pair = [event("a", key="k"), event("b", key="k", position=1)]
        await _put(store, pair, [_with_late(one, b"codes") for one in pair])

        await store.append(BANK, pair[:1], beyond=["b"])

        assert list(await store.late(BANK, [1, 2])) == [b"codes", b""]

    async def test_late_codes_go_when_the_bank_is_requeued_or_deleted(self, store: Storage) -> None:
        await _put(store, events(2), [_with_late(one, b"codes") for one in events(2)])

        await store.requeue(BANK)
        requeued = await store.late(BANK, [1, 2])
        await _put(store, [event()], [_with_late(event(), b"codes")])
        await store.forget(BANK, ALL)
        await kept(store, [event()])

        assert list(requeued) == list(await store.late(BANK, [1, 2])) == [b"", b""]

    async def test_a_bank_made_anew_is_another(self, store: Storage) -> None:
        await kept(store, [event()])
        before = await store.version(BANK)
        await store.forget(BANK, ALL)

        await kept(store, [event()])

        after = await store.version(BANK)
        assert before is not None
        assert after is not None
        assert after.number != before.number
        assert (after.last, after.removals) == (1, 0)

    # banks

    async def test_banks_do_not_see_each_other(self, store: Storage) -> None:
        await kept(store, [event(content="Ada's")])
        await kept(store, [event(content="Bob's", bank=OTHER)], OTHER)

        gone = await store.forget(BANK, Selection(key="key-e1"))

        assert gone == Forgotten(bank=BANK, memories=1, events=1, keys=("key-e1",))
        assert (await texts(store), await texts(store, bank=OTHER)) == ([], ["Bob's"])
        assert (await contents(store), await contents(store, bank=OTHER)) == ([], ["Bob's"])
        assert [row.id for row in await store.rows(OTHER)] == ["m-e1-0"]
        assert (await store.get(OTHER, [1]))[0].bank == OTHER

    async def test_names_of_banks_are_compared_exactly(self, store: Storage) -> None:
        long = "tenant:" + "x" * 10_000
        names = ["a", "A", "a ", "\u00e9", "e\u0301", "a%", "a_", "'", long, f"{long}y", "\U0001f600"]

        for name in names:
            await kept(store, [event(content=name, bank=name)], name)

        assert [await texts(store, bank=name) for name in names] == [[name] for name in names]

    async def test_banks_are_listed_by_name_with_what_they_hold(self, store: Storage) -> None:
        await kept(store, events(3))
        await store.forget(BANK, Selection(memory="m-e0000-0"))
        await store.append(BANK, [event("waiting")])
        await store.append("user:a", [event(bank="user:a")])

        page = await store.banks(cursor=None, limit=10)

        first, second = page.items
        assert page.next is None
        assert (first.name, first.memories, first.events, first.pending, first.embedder) == ("user:a", 0, 1, 1, None)
        assert second == BankSummary(
            name=BANK, memories=2, events=3, pending=1, created=second.created, embedder=EMBEDDER
        )
        assert abs(second.created - datetime.now(timezone.utc)) < timedelta(minutes=5)

    async def test_banks_are_paged(self, store: Storage) -> None:
        names = sorted(["a", "Z", "\u00e9", "\U0001f600", "b" * 1000])
        for name in names:
            await store.append(name, [event(bank=name)])

        assert [summary.name for summary in await _paged(store.banks, 2)] == names

    # memories, events

    async def test_memories_are_paged_in_full_pages(self, store: Storage) -> None:
        await kept(store, [*events(4), *events(3, "odd", tags=("odd",)), *events(3, "z", tags=("odd",))])
        odd = Selection(tags=frozenset({"odd"}))

        first = await store.memories(BANK, odd, cursor=None, limit=4)
        second = await store.memories(BANK, odd, cursor=first.next, limit=4)

        assert ids(first.items) == ["m-odd0000-0", "m-odd0001-0", "m-odd0002-0", "m-z0000-0"]
        assert ids(second.items) == ["m-z0001-0", "m-z0002-0"]
        assert second.next is None

    async def test_a_last_page_that_is_full_has_no_next(self, store: Storage) -> None:
        await kept(store, events(4))

        page = await store.memories(BANK, ALL, cursor=None, limit=4)

        assert (len(page.items), page.next) == (4, None)

    async def test_cursors_survive_deletes(self, store: Storage) -> None:
        await kept(store, events(6))
        memories = await store.memories(BANK, ALL, cursor=None, limit=3)
        listed = await store.events(BANK, ALL, cursor=None, limit=3)

        for gone in ("m-e0001-0", "m-e0002-0", "m-e0003-0"):
            await store.forget(BANK, Selection(memory=gone))

        rest = await store.memories(BANK, ALL, cursor=memories.next, limit=3)
        rest_of_events = await store.events(BANK, ALL, cursor=listed.next, limit=3)
        assert ids(rest.items) == ["m-e0004-0", "m-e0005-0"]
        assert ids(rest_of_events.items) == ["e0004", "e0005"]

    async def test_events_are_listed_by_time_mentioned(self, store: Storage) -> None:
        times = {"c": 1, "a": 3, "b": 3, "d": -5, "e": 2}
        await store.append(BANK, [event(id, mentioned=NOON + timedelta(days=day)) for id, day in times.items()])

        listed = await _paged(lambda *, cursor, limit: store.events(BANK, ALL, cursor=cursor, limit=limit), 2)

        assert ids(listed) == ["d", "c", "e", "a", "b"]

    async def test_events_of_a_session_are_paged_before_year_1970_too(self, store: Storage) -> None:
        past = datetime(1815, 12, 10, tzinfo=timezone.utc)
        await store.append(
            BANK, [event(f"e{n}", session="s", mentioned=past + timedelta(days=n)) for n in (3, 1, 2)] + [event("x")]
        )
        session = Selection(session="s")

        listed = await _paged(lambda *, cursor, limit: store.events(BANK, session, cursor=cursor, limit=limit), 1)

        assert ids(listed) == ["e1", "e2", "e3"]

    async def test_listing_events_ignores_kinds_and_memory(self, store: Storage) -> None:
        await store.append(BANK, [event()])

        assert await contents(store, Selection(memory="none", kinds=frozenset({"episode"}))) == ["Ada moved to Lisbon."]

    @pytest.mark.parametrize("limit", [0, -3])
    async def test_a_page_of_nothing_is_an_error(self, store: Storage, limit: int) -> None:
        for call in (
            store.memories(BANK, ALL, cursor=None, limit=limit),
            store.events(BANK, ALL, cursor=None, limit=limit),
            store.banks(cursor=None, limit=limit),
        ):
            with pytest.raises(BadQueryError, match="limit"):
                await call

    async def test_a_foreign_cursor_is_an_error(self, store: Storage) -> None:
        await kept(store, events(3))
        cursors = {
            "memories": (await store.memories(BANK, ALL, cursor=None, limit=1)).next,
            "events": (await store.events(BANK, ALL, cursor=None, limit=1)).next,
        }
        assert None not in cursors.values()
        strange = [
            "",
            "42",
            "not base64!",
            "W10=",
            "bnVsbA==",
            "WyJtZW1vcmllcyIsIDEuNV0=",
            "\ud800",
            "WyJiYW5rcyIsIG51bGxd",
        ]

        for cursor in [*strange, cursors["events"]]:
            with pytest.raises(BadQueryError, match="cursor"):
                await store.memories(BANK, ALL, cursor=cursor, limit=1)
        for cursor in [*strange, cursors["memories"]]:
            with pytest.raises(BadQueryError, match="cursor"):
                await store.events(BANK, ALL, cursor=cursor, limit=1)
        for cursor in [*strange, cursors["memories"]]:
            with pytest.raises(BadQueryError, match="cursor"):
                await store.banks(cursor=cursor, limit=1)

    @pytest.mark.parametrize(
        ("selection", "selected"),
        [
            (ALL, "abcd"),
            (Selection(key="key-b"), "b"),
            (Selection(document="diary"), "ab"),
            (Selection(session="monday"), "ac"),
            (Selection(actor="ada"), "ad"),
            (Selection(actor="ada", session="monday"), "a"),
            (Selection(document="diary", session="monday", actor="ada", key="key-b"), ""),
            (Selection(tags=frozenset({"x"})), "bc"),
            (Selection(tags=frozenset({"x", "y"})), "c"),
            (Selection(tags=frozenset({"x", "z"})), ""),
            (Selection(tags=frozenset()), "abcd"),
            (Selection(since=NOON + timedelta(days=2)), "cd"),
            (Selection(before=NOON + timedelta(days=2)), "ab"),
            (Selection(since=NOON + timedelta(days=1), before=NOON + timedelta(days=3)), "bc"),
            (Selection(document="none"), ""),
        ],
        ids=str,
    )
    async def test_all_conditions_of_a_selection_hold(
        self, store: Storage, selection: Selection, selected: str
    ) -> None:
        await kept(store, _four())

        assert await texts(store, selection) == list(selected)
        assert await contents(store, selection) == list(selected)

    @pytest.mark.parametrize(
        ("selection", "selected"),
        [
            (Selection(memory="m-c-0"), "c"),
            (Selection(memory="m-c-0", session="monday"), "c"),
            (Selection(memory="m-c-0", session="sunday"), ""),
            (Selection(kinds=frozenset({"experience"})), "bd"),
            (Selection(kinds=frozenset({"experience", "fact"})), "abcd"),
            (Selection(kinds=frozenset({"experience"}), actor="ada"), "d"),
            (Selection(kinds=frozenset()), ""),
        ],
        ids=str,
    )
    async def test_memories_are_selected_by_id_and_kind_too(
        self, store: Storage, selection: Selection, selected: str
    ) -> None:
        await kept(store, _four())

        assert await texts(store, selection) == list(selected)

    # forget

    async def test_forgetting_without_conditions_deletes_the_bank(self, store: Storage) -> None:
        await kept(store, events(2))
        await store.append(BANK, [event("waiting")])

        gone = await store.forget(BANK, ALL)

        assert gone == Forgotten(bank=BANK, memories=2, events=3, keys=("key-e0000", "key-e0001", "key-waiting"))
        assert await store.version(BANK) is None
        assert (await store.backlog()).pending == 0
        assert await store.banks(cursor=None, limit=1) == Page(())

    @pytest.mark.parametrize(
        ("selection", "left"),
        [
            (Selection(key="key-b"), "acd"),
            (Selection(document="diary"), "cd"),
            (Selection(session="monday"), "bd"),
            (Selection(actor="ada"), "bc"),
            (Selection(tags=frozenset({"x"})), "ad"),
            (Selection(before=NOON + timedelta(days=2)), "cd"),
            (Selection(since=NOON + timedelta(days=2)), "ab"),
            (Selection(document="diary", session="monday"), "bcd"),
            (Selection(document="none"), "abcd"),
        ],
        ids=str,
    )
    async def test_forgetting_by_condition_deletes_events_with_their_memories(
        self, store: Storage, selection: Selection, left: str
    ) -> None:
        given = await kept(store, _four())

        gone = await store.forget(BANK, selection)

        lost = [one for one in given if one.content not in left]
        version = await store.version(BANK)
        assert version is not None
        assert gone == Forgotten(
            bank=BANK, memories=len(lost), events=len(lost), keys=tuple(sorted(one.key for one in lost))
        )
        assert await texts(store) == await contents(store) == list(left)
        assert len(await store.rows(BANK)) == len(left)
        assert version.removals == len(lost)

    async def test_forgetting_deletes_pending_events_and_ends_their_leases(self, store: Storage) -> None:
        leases = await _leased(store, [event("leased", session="s")])
        await store.append(BANK, [event("waiting", session="s")])

        gone = await store.forget(BANK, Selection(session="s"))

        assert (gone.events, gone.memories) == (2, 0)
        assert await store.put(leases, [indexed(leases[0].event)], embedder=EMBEDDER) == 0
        assert await texts(store) == []
        assert (await store.backlog()).pending == 0

    async def test_forgetting_an_event_deletes_all_its_memories(self, store: Storage) -> None:
        source = event(session="s")
        await _put(store, [source], [indexed(source), indexed(source, position=1, session=None, tags=("moved",))])

        gone = await store.forget(BANK, Selection(session="s"))

        assert (gone.memories, gone.events) == (2, 1)
        assert await texts(store) == []

    async def test_forgetting_finds_memories_whose_event_does_not_fit(self, store: Storage) -> None:
        await _put(store, [event()], [indexed(event()), indexed(event(), position=1, tags=("secret",), text="Lisbon")])

        gone = await store.forget(BANK, Selection(tags=frozenset({"secret"})))

        assert (gone.memories, gone.events, gone.keys) == (1, 0, ("key-e1",))
        assert await contents(store) == ["Ada moved to [forgotten]."]

    async def test_forgetting_the_only_memory_deletes_its_event(self, store: Storage) -> None:
        await kept(store, events(2))

        gone = await store.forget(BANK, Selection(memory="m-e0000-0"))

        assert gone == Forgotten(bank=BANK, memories=1, events=1, keys=("key-e0000",))
        assert await contents(store) == ["Entry 1 of e."]

    async def test_forgetting_one_of_several_memories_cuts_it_out_of_the_event(self, store: Storage) -> None:
        source = event(content="I hate tea. I love tea. I hate tea.")
        await _put(
            store,
            [source],
            [indexed(source, position=0, text="I hate tea."), indexed(source, position=1, text="I love tea.")],
        )

        gone = await store.forget(BANK, Selection(memory="m-e1-0"))

        assert gone == Forgotten(bank=BANK, memories=1, events=0, keys=("key-e1",))
        assert await contents(store) == ["[forgotten] I love tea. I hate tea."]
        assert (await store.backlog()).pending == 0

    async def test_forgetting_several_memories_of_an_event_cuts_each_out(self, store: Storage) -> None:
        source = event(content="One. Two. Three. Four.")
        pieces = enumerate(["One.", "Two.", "Three.", "Four."])
        made = [indexed(source, position=n, text=text, tags=("t",) if n % 2 else ()) for n, text in pieces]
        await _put(store, [source], made)

        gone = await store.forget(BANK, Selection(tags=frozenset({"t"})))

        assert (gone.memories, gone.events) == (2, 0)
        assert await contents(store) == ["One. [forgotten] Three. [forgotten]"]

    async def test_forgetting_all_memories_of_an_event_deletes_it_once(self, store: Storage) -> None:
        await _put(store, [event()], [indexed(event(), position=n) for n in range(3)])

        gone = await store.forget(BANK, Selection(kinds=frozenset({"fact"})))

        assert gone == Forgotten(bank=BANK, memories=3, events=1, keys=("key-e1",))
        assert await contents(store) == []

    async def test_an_event_that_was_cut_may_be_retained_again(self, store: Storage) -> None:
        source = await _cut_event(store)

        appended = await store.append(BANK, [source])

        assert (appended.replaced, appended.repeated) == (1, 0)
        assert await contents(store) == ["One. Two."]

    async def test_appending_what_a_cut_event_now_says_is_not_a_repeat(self, store: Storage) -> None:
        await _cut_event(store)

        appended = await store.append(BANK, [event(content="[forgotten] Two.")])

        assert appended.replaced == 1

    async def test_a_worker_that_holds_text_cut_meanwhile_cannot_put_it(self, store: Storage) -> None:
        source = event(content="One. Two.")
        await _put(store, [source], [indexed(source, position=0, text="One."), indexed(source, position=1, text="x")])
        stale = await _leased(store, [event(content="One. Two. Three.")])

        await store.forget(BANK, Selection(memory="m-e1-0"))

        (fresh,) = await store.lease(limit=1, seconds=60)
        assert await store.put(stale, [indexed(stale[0].event)], embedder=EMBEDDER) == 0
        assert fresh.event.content == "[forgotten] Two. Three."

    async def test_forgetting_a_text_that_the_event_does_not_hold_leaves_the_event(self, store: Storage) -> None:
        await _put(store, [event()], [indexed(event(), text="A summary."), indexed(event(), position=1)])

        await store.forget(BANK, Selection(memory="m-e1-0"))

        assert await contents(store) == ["Ada moved to Lisbon."]

    async def test_forgetting_by_kind_deletes_memories_of_that_kind_only(self, store: Storage) -> None:
        two = event("two", "Hello. Bye.")
        await _put(
            store,
            [two, event("one", "Alone.")],
            [
                indexed(two, position=0, text="Hello.", kind="preference"),
                indexed(two, position=1, text="Bye."),
                indexed(event("one", "Alone."), kind="preference"),
            ],
        )
        await store.append(BANK, [event("waiting", kind="preference")])

        gone = await store.forget(BANK, Selection(kinds=frozenset({"preference"})))

        assert gone == Forgotten(bank=BANK, memories=2, events=1, keys=("key-one", "key-two"))
        assert await texts(store) == ["Bye."]
        assert sorted(await contents(store)) == ["Ada moved to Lisbon.", "[forgotten] Bye."]

    async def test_forgetting_by_memory_and_another_condition_needs_both(self, store: Storage) -> None:
        await kept(store, [event(session="s"), event("e2", session="t")])

        missed = await store.forget(BANK, Selection(memory="m-e1-0", session="t"))
        hit = await store.forget(BANK, Selection(memory="m-e1-0", session="s"))

        assert (missed.memories, hit.memories) == (0, 1)
        assert len(await texts(store)) == 1

    async def test_forgetting_unknown_ids_deletes_nothing(self, store: Storage) -> None:
        await kept(store, [event()])
        before = await store.version(BANK)

        for selection in (Selection(memory="none"), Selection(key="none"), Selection(document="none")):
            assert await store.forget(BANK, selection) == Forgotten(bank=BANK)

        assert await store.version(BANK) == before

    async def test_numbers_of_forgotten_memories_are_not_used_again(self, store: Storage) -> None:
        await kept(store, events(3))
        await store.forget(BANK, Selection(since=NOON))

        await kept(store, [event("new")])

        assert list(await store.numbers(BANK)) == [4]
        version = await store.version(BANK)
        assert version is not None
        assert version == BankVersion(version.number, 4, 3, EMBEDDER, 4)

    # open, aclose

    async def test_opening_twice_is_fine(self, store: Storage) -> None:
        await kept(store, [event()])

        await store.open()

        assert await texts(store) == ["Ada moved to Lisbon."]

    async def test_a_reopened_store_has_what_was_kept(self, store: Storage) -> None:
        await kept(store, [event()])
        await store.append(BANK, [event("waiting")])
        before = await store.version(BANK)
        await store.aclose()

        await store.open()

        assert await store.version(BANK) == before
        assert await texts(store) == ["Ada moved to Lisbon."]
        assert ids(lease.event for lease in await store.lease(limit=9, seconds=60)) == ["waiting"]

    async def test_a_closed_store_says_so(self, store: Storage) -> None:
        leases = await _leased(store, [event()])
        await store.aclose()
        await store.aclose()

        for call in (
            store.put(leases, [], embedder=EMBEDDER),
            store.version(BANK),
            store.rows(BANK),
            store.numbers(BANK),
            store.get(BANK, [1]),
            store.get(BANK, range(1000)),
            store.late(BANK, [1]),
            store.late(BANK, range(1000)),
            store.memories(BANK, ALL, cursor=None, limit=1),
            store.events(BANK, ALL, cursor=None, limit=1),
            store.banks(cursor=None, limit=1),
            store.forget(BANK, ALL),
        ):
            with pytest.raises(ClosedError, match="open"):
                await call

    async def test_readers_and_writers_at_once_see_whole_puts_only(self, store: Storage) -> None:
        leases = await _leased(store, events(20))

        async def write(lease: Lease) -> None:
            await store.put([lease], [indexed(lease.event, position=p) for p in range(3)], embedder=EMBEDDER)

        async def read() -> int:
            return len(await store.rows(BANK))

        counts, _ = await asyncio.gather(
            asyncio.gather(*(read() for _ in range(20))), asyncio.gather(*map(write, leases))
        )

        assert [count % 3 for count in counts] == [0] * 20
        assert await read() == 60


def _four() -> list[Event]:
    day = timedelta(days=1)
    return [
        event("a", "a", document="diary", session="monday", actor="ada", mentioned=NOON),
        event("b", "b", document="diary", tags=("x",), kind="experience", mentioned=NOON + day),
        event("c", "c", session="monday", tags=("x", "y"), mentioned=NOON + 2 * day),
        event("d", "d", actor="ada", kind="experience", mentioned=NOON + 3 * day),
    ]


async def _leased(store: Storage, given: Sequence[Event], bank: str = BANK) -> Sequence[Lease]:
    """Append events to a bank where nothing is pending, and lease them."""
    await store.append(bank, given)
    return await store.lease(limit=1000, seconds=60, bank=bank)


async def _put(store: Storage, given: Sequence[Event], made: Sequence[Indexed]) -> None:
    """Append events and make `made` of them, whatever else is pending."""
    wanted = {one.id for one in given}
    await store.append(BANK, given)
    leases = [one for one in await store.lease(limit=1000, seconds=60, bank=BANK) if one.event.id in wanted]
    await store.put(leases, made, embedder=EMBEDDER)


def _with_late(source: Event, codes: bytes, **changes: Any) -> Indexed:
    """Make a memory of `source` with token codes and one claim."""
    return replace(indexed(source, **changes), late=codes, claims=(Claim(1, 2),))


async def _cut_event(store: Storage) -> Event:
    source = event(content="One. Two.")
    await _put(store, [source], [indexed(source, text="One."), indexed(source, position=1, text="Two.")])
    await store.forget(BANK, Selection(memory="m-e1-0"))
    return source


async def _paged(listing: Any, limit: int) -> list[Any]:
    """Collect all pages, each of which must be full but the last."""
    page = await listing(cursor=None, limit=limit)
    found = list(page.items)
    while page.next is not None:
        assert len(page.items) == limit
        page = await listing(cursor=page.next, limit=limit)
        found += page.items
    return found
