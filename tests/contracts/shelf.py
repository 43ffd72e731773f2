import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from duramen.errors import BadInputError, BadQueryError, ChangedError, ClosedError
from duramen.protocols import Backlog, Storage
from duramen.shelf import Change, Entry, Expect, Path, Place, Put, Remove, Touch
from duramen.types import Selection
from tests.stores.examples import BANK, NOON, contents, event, kept, texts

AT: Path = ("threads", "ada")
ODD = {
    "empty": "",
    "blank": " ",
    "controls": "\x01\x1f\x7f",
    "SQL": "'; DROP TABLE shelf; -- % _ * ? [a]",
    "separators": "a/b\\c|d.e:f,g",
    "line breaks": "a\r\n\u2028b",
    "accents": "été e\u0301",
    "emoji": "\U0001f9d1\u200d\U0001f680",
    "last of the plane": "\uffff",
    "last code point": "\U0010ffff",
    "long": "x" * 3000,
}
BAD_TEXTS: dict[str, Any] = {"NUL": "a\0b", "lone surrogate": "\ud800", "a number": 3, "bytes": b"a", "nothing": None}
BAD_PATHS: dict[str, Any] = {
    "empty": (),
    "a text": "threads",
    **{name: ("threads", text) for name, text in BAD_TEXTS.items()},
}


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        return self.moment

    def move(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class ShelfContract:
    """What every shelf must do; an inheriting class gives the fixtures `clock`, and `store`, open, empty and using it."""

    # order and reach

    async def test_an_entry_comes_back_as_it_was_put(self, store: Storage) -> None:
        await store.shelf.write([Put(path=AT, key="k", value=b"\x00\xff", lifetime=60)])

        (entry,) = await store.shelf.get([(AT, "k")])

        assert entry == Entry(
            path=AT,
            key="k",
            value=b"\x00\xff",
            created=NOON,
            updated=NOON,
            expires=NOON + timedelta(seconds=60),
            lifetime=60.0,
        )
        assert entry.place == (AT, "k")

    async def test_entries_come_in_the_order_of_their_places(self, store: Storage) -> None:
        places: list[Place] = [
            (("a",), ""),
            (("a",), "z"),
            (("a", ""), "k"),
            (("a", "b"), "B"),
            (("a", "b"), "a"),
            (("a", "b", "c"), "a"),
            (("a", "é"), "a"),
            (("a", "\uffff"), "a"),
            (("a", "\U00010000"), "a"),
            (("a\x01",), "a"),
            (("a2",), "a"),
        ]
        await put(store, *reversed(places))

        below, everything = await scan(store, ("a",), below=True), await store.shelf.paths(("a",))

        assert below == places[:9]
        assert places == sorted(places)
        assert everything == list(dict.fromkeys(path for path, _ in places[:9]))

    async def test_a_path_is_compared_segment_by_segment(self, store: Storage) -> None:
        await put(store, (("users",), "k"), (("users", "ada"), "k"), (("users2",), "k"), (("user",), "k"))

        assert await scan(store, ("users",), below=True) == [(("users",), "k"), (("users", "ada"), "k")]
        assert await scan(store, ("users",)) == [(("users",), "k")]
        assert await store.shelf.paths(("users",)) == [("users",), ("users", "ada")]

    async def test_paths_of_the_same_letters_are_not_alike(self, store: Storage) -> None:
        alike: list[Path] = [("a", "b"), ("ab",), ("a", "", "b"), ("", "a", "b"), ("a", "b", "")]
        await put(store, *((path, "k") for path in alike))

        for path in alike:
            assert await scan(store, path) == [(path, "k")]

    async def test_a_key_is_no_segment(self, store: Storage) -> None:
        await put(store, (("a",), "b"), (("a", "b"), ""))

        assert await scan(store, ("a", "b"), below=True) == [(("a", "b"), "")]
        assert await scan(store, ("a",)) == [(("a",), "b")]

    async def test_paths_are_named_once_however_much_stands_there(self, store: Storage) -> None:
        await put(store, *((("a", segment), str(n)) for segment in "xyz" for n in range(40)))

        assert await store.shelf.paths(("a",)) == [("a", "x"), ("a", "y"), ("a", "z")]
        assert await store.shelf.paths(("a", "y")) == [("a", "y")]
        assert await store.shelf.paths(("nowhere",)) == []

    async def test_segments_are_those_next_to_a_path_once_each(self, store: Storage) -> None:
        names = ["", "a", "a\x01", "a\x01b", "a ", "ab", "é", "\uffff", "\U00010000", "\U0010ffff"]
        deep = [((*AT, name, "tasks", "below"), str(n)) for name in reversed(names) for n in range(3)]
        await put(store, *deep, ((*AT, "ab"), "k"), (AT, "k"), ((*AT[:-1], "ada2", "x"), "k"), (("threads2", "y"), "k"))

        assert await store.shelf.segments(AT) == sorted(names)
        assert await store.shelf.segments(AT[:-1]) == ["ada", "ada2"]
        assert await store.shelf.segments((*AT, "ab")) == ["tasks"]
        assert await store.shelf.segments((*AT, "a", "tasks")) == ["below"]
        assert await store.shelf.segments((*AT, "a", "tasks", "below")) == []

    async def test_segments_may_be_asked_for_by_what_they_begin_with(self, store: Storage) -> None:
        names = ["a", "a\x01", "ab", "abc", "b", "é", "\U0010ffff", "\U0010ffffa"]
        await put(store, *((("a", name, "x"), "k") for name in names), (("a",), "ab"), (("ab", "ab"), "k"))

        for prefix in ["", "a", "ab", "abcd", "a\x01", "b", "\U0010ffff", "e"]:
            expected = [name for name in names if name.startswith(prefix)]
            assert await store.shelf.segments(("a",), prefix=prefix) == expected

    async def test_what_stands_at_a_path_itself_has_no_segment(self, store: Storage) -> None:
        await put(store, (AT, "k"), (("threads",), "ada"))

        assert await store.shelf.segments(AT) == []
        assert await store.shelf.segments(("threads",)) == ["ada"]
        assert await store.shelf.segments(("thread",)) == []

    async def test_entries_may_be_asked_for_across_segments(self, store: Storage) -> None:
        names = ["", "a", "a\x01", "a\x01\x04", "a\x1f", "ab", "é", "\U0010ffff"]
        there = [((*AT, name, "tasks"), key) for name in names for key in "kl"]
        beside = [
            ((*AT, "a"), "k"),
            ((*AT, "a", "tasks", "below"), "k"),
            ((*AT, "a", "tasks2"), "k"),
            ((*AT, "x"), "k"),
        ]
        await put(store, *reversed(there), *beside)

        assert await across(store, AT, [*reversed(names), "a", "gone", "x"], ("tasks",)) == there
        assert await across(store, AT, ["ab", "tasks"], ("tasks",)) == there[10:12]
        assert await across(store, AT, ["a", "x"]) == [beside[0], beside[3]]
        assert await across(store, AT[:-1], ["ada"], ("a", "tasks", "below")) == [beside[1]]
        assert await across(store, AT, [], ("tasks",)) == []

    async def test_getting_keeps_the_order_asked_for(self, store: Storage) -> None:
        await put(store, (AT, "a"), (AT, "b"))

        found = await store.shelf.get([(AT, "b"), (("elsewhere",), "b"), (AT, "a"), (AT, "b")])

        assert [entry and entry.key for entry in found] == ["b", None, "a", "b"]
        assert await store.shelf.get([]) == []

    # paging

    @pytest.mark.parametrize("below", [True, False])
    @pytest.mark.parametrize("reverse", [True, False])
    async def test_pages_of_any_length_give_everything_once(self, store: Storage, below: bool, reverse: bool) -> None:
        await put(store, *((("a", *rest), str(n)) for rest in [(), ("b",), ("c",)] for n in range(3)), (("a2",), "k"))
        whole = await scan(store, ("a",), below=below, reverse=reverse)

        for limit in (1, 2, 5, 9, 10):
            seen: list[Place] = []
            while page := await scan(
                store, ("a",), below=below, reverse=reverse, limit=limit, after=seen[-1] if seen else None
            ):
                assert len(page) <= limit
                seen += page
            assert seen == whole

        assert len(whole) == (9 if below else 3)
        assert whole == sorted(whole, reverse=reverse)

    async def test_nothing_need_stand_at_the_place_to_go_on_from(self, store: Storage) -> None:
        await put(store, (AT, "b"), (AT, "d"))

        assert await scan(store, AT, after=(AT, "c")) == [(AT, "d")]
        assert await scan(store, AT, after=(AT, "c"), reverse=True) == [(AT, "b")]
        assert await scan(store, AT, after=(AT, "b")) == [(AT, "d")]
        assert await scan(store, AT, after=(AT, "d"), reverse=True) == [(AT, "b")]

    async def test_a_place_out_of_reach_cuts_all_or_nothing(self, store: Storage) -> None:
        await put(store, (("m",), "a"), (("m",), "b"), (("z",), "a"), (("b",), "a"))
        both = [(("m",), "a"), (("m",), "b")]

        assert await scan(store, ("m",), after=(("a",), "z")) == both
        assert await scan(store, ("m",), after=(("n",), "a")) == []
        assert await scan(store, ("m",), after=(("m", "below"), "a")) == []
        assert await scan(store, ("m",), after=(("n",), "a"), reverse=True) == both[::-1]
        assert await scan(store, ("m",), after=(("a",), "z"), reverse=True) == []

    # writing

    async def test_putting_again_keeps_when_it_was_made(self, store: Storage, clock: Clock) -> None:
        await store.shelf.write([Put(path=AT, key="k", value=b"old", lifetime=60)])
        clock.move(5)

        await store.shelf.write([Put(path=AT, key="k", value=b"new")])

        entry = await only(store, AT)
        assert (entry.value, entry.created, entry.updated) == (b"new", NOON, NOON + timedelta(seconds=5))
        assert (entry.expires, entry.lifetime) == (None, None)

    async def test_what_is_to_be_kept_stays_as_it_is(self, store: Storage, clock: Clock) -> None:
        await store.shelf.write([Put(path=AT, key="k", value=b"old")])
        before = await only(store, AT)
        clock.move(5)

        await store.shelf.write([Put(path=AT, key=key, value=b"new", lifetime=9, keep=True) for key in ("k", "l")])

        assert await store.shelf.get([(AT, "k")]) == [before]
        assert await values(store, AT) == [b"old", b"new"]

    async def test_changes_are_made_in_order(self, store: Storage) -> None:
        await store.shelf.write(
            [
                Put(path=AT, key="a", value=b"1"),
                Put(path=AT, key="a", value=b"2", keep=True),
                Put(path=AT, key="b", value=b"3"),
                Remove(path=AT, key="a"),
                Put(path=AT, key="a", value=b"4", keep=True),
                Put(path=AT, key="b", value=b"5"),
            ]
        )

        assert await values(store, AT) == [b"4", b"5"]

    async def test_writing_nothing_changes_nothing(self, store: Storage) -> None:
        await store.shelf.write([])

        assert await scan(store, AT, below=True) == []

    async def test_what_was_given_may_be_changed_afterwards(self, store: Storage) -> None:
        value, changes = bytearray(b"kept"), list[Change]()
        changes.append(Put(path=AT, key="k", value=value))  # type: ignore[arg-type]  # more than is asked for
        await store.shelf.write(changes)

        value[:] = b"lost"

        assert await values(store, AT) == [b"kept"]

    @pytest.mark.parametrize(
        ("remove", "left"),
        [
            (Remove(path=("a",), key="k"), "a/l a.b/k a.b.c/k ab/k"),
            (Remove(path=("a",), key="nothing"), "a/k a/l a.b/k a.b.c/k ab/k"),
            (Remove(path=("a",)), "a.b/k a.b.c/k ab/k"),
            (Remove(path=("a",), below=True), "ab/k"),
            (Remove(path=("a", "b"), below=True), "a/k a/l ab/k"),
            (Remove(path=("a", "b")), "a/k a/l a.b.c/k ab/k"),
            (Remove(path=("nowhere",), below=True), "a/k a/l a.b/k a.b.c/k ab/k"),
        ],
    )
    async def test_removing_reaches_as_far_as_it_says(self, store: Storage, remove: Remove, left: str) -> None:
        await put(store, (("a",), "k"), (("a",), "l"), (("a", "b"), "k"), (("a", "b", "c"), "k"), (("ab",), "k"))

        await store.shelf.write([remove])

        found = [*await scan(store, ("a",), below=True), *await scan(store, ("ab",))]
        assert " ".join(f"{'.'.join(path)}/{key}" for path, key in found) == left

    @pytest.mark.parametrize(
        "bad",
        [
            Put(path=AT, key="\ud800", value=b""),
            Put(path=(), key="k", value=b""),
            Put(path=AT, key="k", value=b"", lifetime=0),
            Touch(path=("a\0b",), key="k"),
            Remove(path=(), below=True),
            Expect(path=AT, key="a\0b", value=None),
        ],
    )
    async def test_a_bad_change_in_the_middle_leaves_nothing(self, store: Storage, bad: Change) -> None:
        await put(store, (AT, "old"))
        good = Put(path=AT, key="new", value=b"")

        with pytest.raises(BadInputError):
            await store.shelf.write([good, Remove(path=AT, key="old"), bad, replace(good, key="newer")])

        assert await scan(store, AT) == [(AT, "old")]

    # what is expected

    @pytest.mark.parametrize("value", [b"old", b"", b"\x00\xff" * 5000], ids=["text", "empty", "long"])
    async def test_what_is_as_expected_lets_everything_be_changed(self, store: Storage, value: bytes) -> None:
        await store.shelf.write([Put(path=AT, key="k", value=value)])
        before = await only(store, AT)

        await store.shelf.write([Expect(path=AT, key="k", value=value)])
        unchanged = await only(store, AT)
        await store.shelf.write([Expect(path=AT, key="k", value=value), Put(path=AT, key="k", value=b"new")])

        assert unchanged == before
        assert await values(store, AT) == [b"new"]

    @pytest.mark.parametrize("expected", [None, b"", b"ol", b"older", b"OLD"])
    async def test_what_is_not_as_expected_lets_nothing_be_changed(
        self, store: Storage, expected: bytes | None
    ) -> None:
        await store.shelf.write([Put(path=AT, key=key, value=b"old", lifetime=9) for key in "kl"])
        before = await store.shelf.scan(AT)
        changes: list[Change] = [
            Put(path=AT, key="k", value=b"new"),
            Put(path=AT, key="new", value=b"new"),
            Touch(path=AT, key="l"),
            Remove(path=AT, key="l"),
        ]

        with pytest.raises(ChangedError, match="somebody changed it meanwhile"):
            await store.shelf.write([*changes[:2], Expect(path=AT, key="k", value=expected), *changes[2:]])

        assert await store.shelf.scan(AT) == before

    async def test_nothing_is_expected_where_nothing_stands(self, store: Storage) -> None:
        await put(store, (("threads",), "k"), (("threads", "ada", "x"), "k"), (AT, "K"))

        await store.shelf.write([Expect(path=AT, key="k", value=None), Put(path=AT, key="k", value=b"mine")])
        with pytest.raises(ChangedError):
            await store.shelf.write([Expect(path=AT, key="k", value=None), Put(path=AT, key="k", value=b"theirs")])
        with pytest.raises(ChangedError):
            await store.shelf.write([Expect(path=AT, key="missing", value=b"")])

        assert await values(store, AT) == [b"", b"mine"]

    async def test_all_that_is_expected_must_hold(self, store: Storage) -> None:
        await store.shelf.write([Put(path=AT, key=key, value=key.encode()) for key in "ab"])
        holding: list[Change] = [Expect(path=AT, key="a", value=b"a"), Expect(path=AT, key="b", value=b"b")]

        await store.shelf.write([*holding, Put(path=AT, key="c", value=b"c")])
        with pytest.raises(ChangedError):
            await store.shelf.write([*holding, Expect(path=AT, key="c", value=None), Remove(path=AT)])

        assert await values(store, AT) == [b"a", b"b", b"c"]

    async def test_things_are_expected_as_they_stand_before_the_changes(self, store: Storage) -> None:
        await store.shelf.write([Put(path=AT, key="k", value=b"old")])
        new = Put(path=AT, key="k", value=b"new")

        with pytest.raises(ChangedError):
            await store.shelf.write([new, Expect(path=AT, key="k", value=b"new")])
        await store.shelf.write([new, Expect(path=AT, key="k", value=b"old")])

        assert await values(store, AT) == [b"new"]

    async def test_an_expired_entry_is_expected_to_be_gone(self, store: Storage, clock: Clock) -> None:
        await store.shelf.write([Put(path=AT, key="k", value=b"old", lifetime=10)])
        clock.move(9)
        await store.shelf.write([Expect(path=AT, key="k", value=b"old")])
        clock.move(1)

        with pytest.raises(ChangedError):
            await store.shelf.write([Expect(path=AT, key="k", value=b"old"), Put(path=AT, key="k", value=b"older")])
        await store.shelf.write([Expect(path=AT, key="k", value=None), Put(path=AT, key="k", value=b"new")])

        assert await values(store, AT) == [b"new"]

    async def test_an_append_whose_expectation_fails_keeps_nothing(self, store: Storage) -> None:
        await store.append(BANK, [event("e1"), event("e2")])
        await store.shelf.write([Put(path=AT, key="k", value=b"old")])
        rides: list[Change] = [Put(path=AT, key="k", value=b"new"), Expect(path=AT, key="k", value=b"another")]

        for bank in (BANK, "user:nobody"):
            with pytest.raises(ChangedError):
                await store.append(
                    bank, [event("e1", "Other words."), event("e3")], beyond=["e2"], strategies=["s"], shelved=rides
                )

        assert await contents(store) == ["Ada moved to Lisbon."] * 2
        assert await values(store, AT) == [b"old"]
        assert await store.version("user:nobody") is None
        assert (await store.backlog()).pending == 2
        assert (await store.job_backlog()).pending == 0

    async def test_an_append_whose_expectation_holds_keeps_all(self, store: Storage) -> None:
        rides: list[Change] = [Expect(path=AT, key="k", value=None), Put(path=AT, key="k", value=b"new")]

        await store.append(BANK, [event()], shelved=rides)
        with pytest.raises(ChangedError):
            await store.append(BANK, [], shelved=rides)

        assert await contents(store) == ["Ada moved to Lisbon."]
        assert await values(store, AT) == [b"new"]

    @pytest.mark.parametrize("selection", [Selection(), Selection(key="key-e1"), Selection(memory="m-e1-0")])
    async def test_a_forgetting_whose_expectation_fails_forgets_nothing(
        self, store: Storage, selection: Selection
    ) -> None:
        await kept(store, [event("e1"), event("e2")])
        await store.shelf.write([Put(path=AT, key="k", value=b"old")])
        version = await store.version(BANK)

        with pytest.raises(ChangedError):
            await store.forget(BANK, selection, shelved=[Remove(path=AT), Expect(path=AT, key="k", value=None)])

        assert await store.version(BANK) == version
        assert await texts(store) == await contents(store) == ["Ada moved to Lisbon."] * 2
        assert await values(store, AT) == [b"old"]
        replayed = await store.append(BANK, [event("e1"), event("e2")], replayed=True)
        assert (replayed.repeated, replayed.forgotten) == (2, 0)
        assert await store.backlog() == Backlog()

    async def test_a_forgetting_whose_expectation_holds_forgets(self, store: Storage) -> None:
        await kept(store, [event("e1"), event("e2")])

        forgotten = await store.forget(
            BANK,
            Selection(key="key-e1"),
            shelved=[Expect(path=AT, key="k", value=None), Put(path=AT, key="k", value=b"")],
        )

        assert (forgotten.events, forgotten.memories) == (1, 1)
        assert await scan(store, AT) == [(AT, "k")]

    async def test_tasks_counting_at_once_miss_nothing(self, store: Storage) -> None:
        await asyncio.gather(*(count_up(store, AT, "count", 5) for _ in range(8)))

        assert await values(store, AT) == [b"40"]

    # lifetimes

    async def test_an_entry_is_gone_from_when_it_expires(self, store: Storage, clock: Clock) -> None:
        await store.shelf.write([Put(path=AT, key="k", value=b"", lifetime=10), Put(path=AT, key="l", value=b"")])
        clock.move(9.999999)
        before = await scan(store, AT)

        clock.move(0.000001)

        assert before == [(AT, "k"), (AT, "l")]
        assert await scan(store, AT) == [(AT, "l")]
        assert await scan(store, AT, below=True, limit=1, reverse=True) == [(AT, "l")]
        assert await store.shelf.get([(AT, "k")]) == [None]

    async def test_a_path_with_nothing_but_expired_entries_is_not_named(self, store: Storage, clock: Clock) -> None:
        await store.shelf.write(
            [Put(path=("a", x), key=x, value=b"", lifetime=life) for x, life in [("x", 1), ("y", 9)]]
        )
        await store.shelf.write([Put(path=("a", "z"), key="1", value=b"", lifetime=1)])
        await put(store, (("a", "z"), "2"))

        clock.move(1)

        assert await store.shelf.paths(("a",)) == [("a", "y"), ("a", "z")]
        assert await store.shelf.segments(("a",)) == ["y", "z"]
        assert await across(store, ("a",), "xyz") == [(("a", "y"), "y"), (("a", "z"), "2")]

    async def test_expired_entries_do_not_count_towards_a_limit(self, store: Storage, clock: Clock) -> None:
        await store.shelf.write([Put(path=AT, key=str(n), value=b"", lifetime=1) for n in range(5)])
        await put(store, (AT, "a"), (AT, "b"))

        clock.move(1)

        assert await scan(store, AT, limit=2) == [(AT, "a"), (AT, "b")]

    async def test_a_touch_lets_the_lifetime_begin_anew(self, store: Storage, clock: Clock) -> None:
        await store.shelf.write([Put(path=AT, key="k", value=b"v", lifetime=10)])
        clock.move(6)
        await store.shelf.write([Touch(path=AT, key="k")])
        clock.move(6)

        entry = await only(store, AT)

        assert (entry.created, entry.updated, entry.expires) == (NOON, NOON, NOON + timedelta(seconds=16))
        assert (entry.value, entry.lifetime) == (b"v", 10.0)

    async def test_a_touch_of_what_has_no_lifetime_or_is_not_there_does_nothing(
        self, store: Storage, clock: Clock
    ) -> None:
        await put(store, (AT, "for ever"))
        await store.shelf.write([Put(path=AT, key="gone", value=b"", lifetime=1)])
        before = await store.shelf.get([(AT, "for ever")])
        clock.move(1)

        await store.shelf.write([Touch(path=AT, key=key) for key in ("for ever", "gone", "never there")])

        assert await store.shelf.scan(AT) == before

    async def test_what_is_put_where_an_entry_expired_is_new(self, store: Storage, clock: Clock) -> None:
        await store.shelf.write([Put(path=AT, key=key, value=b"old", lifetime=1) for key in "ab"])
        clock.move(1)

        await store.shelf.write([Put(path=AT, key=key, value=b"new", keep=key == "a") for key in "ab"])

        entries = await store.shelf.scan(AT)
        assert [(entry.value, entry.created, entry.expires) for entry in entries] == [(b"new", clock(), None)] * 2

    async def test_a_lifetime_beyond_the_calendar_ends_with_it(self, store: Storage, clock: Clock) -> None:
        await store.shelf.write([Put(path=AT, key="k", value=b"", lifetime=1e15)])
        clock.move(1e9)

        await store.shelf.write([Touch(path=AT, key="k")])

        entry = await only(store, AT)
        assert entry.lifetime == 1e15
        assert entry.expires is not None
        assert entry.expires.year == 9999

    @pytest.mark.parametrize("lifetime", [0, -1, float("nan"), float("inf")])
    async def test_a_lifetime_is_above_zero_and_finite(self, store: Storage, lifetime: float) -> None:
        with pytest.raises(BadInputError, match="lifetime"):
            await store.shelf.write([Put(path=AT, key="k", value=b"", lifetime=lifetime)])

    # what can be stored

    @pytest.mark.parametrize("text", ODD.values(), ids=ODD)
    async def test_odd_texts_are_segments_and_keys_like_others(self, store: Storage, text: str) -> None:
        place = (("a", text, text), text)
        await put(store, place, (("a", text + "x"), text), (("a", "x" + text), text))

        assert await scan(store, ("a", text), below=True) == [place]
        assert await store.shelf.paths(("a", text, text)) == [("a", text, text)]
        assert await store.shelf.segments(("a", text)) == [text]
        assert text in await store.shelf.segments(("a",), prefix=text)
        assert await across(store, ("a",), [text], (text,)) == [place]
        (entry,) = await store.shelf.get([place])
        assert entry is not None
        assert entry.place == place

    async def test_values_of_any_size_come_back(self, store: Storage) -> None:
        sizes = [0, 1, 4096, 200_000, 5_000_000]
        await store.shelf.write([Put(path=AT, key=f"{size:09}", value=b"\xa5" * size) for size in sizes])

        assert [len(value) for value in await values(store, AT)] == sizes
        assert set(b"".join(await values(store, AT))) == {0xA5}

    @pytest.mark.parametrize("path", BAD_PATHS.values(), ids=BAD_PATHS)
    async def test_a_path_that_cannot_be_stored_is_an_error(self, store: Storage, path: Any) -> None:
        with pytest.raises(BadInputError):
            await store.shelf.write([Put(path=path, key="k", value=b"")])
        with pytest.raises(BadInputError):
            await store.shelf.write([Expect(path=path, key="k", value=b"")])
        with pytest.raises(BadInputError):
            await store.shelf.get([(path, "k")])
        with pytest.raises(BadInputError):
            await store.shelf.scan(path, below=True)
        with pytest.raises(BadInputError):
            await store.shelf.scan(AT, after=(path, "k"))
        with pytest.raises(BadInputError):
            await store.shelf.paths(path)
        with pytest.raises(BadInputError):
            await store.shelf.segments(path)
        with pytest.raises(BadInputError):
            await store.shelf.across(path, ["a"])

    @pytest.mark.parametrize("key", BAD_TEXTS.values(), ids=BAD_TEXTS)
    async def test_a_key_that_cannot_be_stored_is_an_error(self, store: Storage, key: Any) -> None:
        with pytest.raises(BadInputError):
            await store.shelf.write([Put(path=AT, key=key, value=b"")])
        with pytest.raises(BadInputError):
            await store.shelf.write([Touch(path=AT, key=key)])
        with pytest.raises(BadInputError):
            await store.shelf.write([Expect(path=AT, key=key, value=None)])
        with pytest.raises(BadInputError):
            await store.shelf.get([(AT, key)])
        with pytest.raises(BadInputError):
            await store.shelf.segments(AT, prefix=key)
        with pytest.raises(BadInputError):
            await store.shelf.across(AT, ["a", key])
        with pytest.raises(BadInputError):
            await store.shelf.across(AT, ["a"], (key,))

    @pytest.mark.parametrize("given", [Put(path=AT, key="k", value="text"), Put(path=AT, key="k", value=9), "x", None])  # type: ignore[arg-type]  # the error is what is tested
    async def test_only_changes_of_bytes_can_be_written(self, store: Storage, given: Any) -> None:
        with pytest.raises(BadInputError):
            await store.shelf.write([given])

    @pytest.mark.parametrize("limit", [0, -1])
    async def test_a_limit_is_one_or_more(self, store: Storage, limit: int) -> None:
        with pytest.raises(BadQueryError, match="limit"):
            await store.shelf.scan(AT, limit=limit)

    # beside the banks, and with others

    async def test_the_shelf_stays_when_a_bank_is_forgotten(self, store: Storage) -> None:
        await store.append(BANK, [event()])
        await put(store, ((BANK,), "k"), ((BANK,), "e1"))

        await store.forget(BANK, Selection())

        assert await scan(store, (BANK,)) == [((BANK,), "e1"), ((BANK,), "k")]
        assert await store.version(BANK) is None

    async def test_clearing_the_shelf_leaves_banks_alone(self, store: Storage) -> None:
        await store.append(BANK, [event()])

        await store.shelf.write([Remove(path=(BANK,), below=True)])

        assert await contents(store) == ["Ada moved to Lisbon."]

    async def test_tasks_writing_at_once_lose_nothing(self, store: Storage) -> None:
        async def write(task: int) -> None:
            for n in range(5):
                await put(store, (("tasks", str(task)), str(n)))

        await asyncio.gather(*(write(task) for task in range(20)))

        assert len(await scan(store, ("tasks",), below=True)) == 100

    async def test_of_those_who_put_only_what_is_not_there_one_comes_first(self, store: Storage) -> None:
        claims = [Put(path=AT, key="claim", value=bytes([n]), keep=True) for n in range(20)]

        await asyncio.gather(*(store.shelf.write([claim]) for claim in claims))

        entry = await only(store, AT)
        clash = await asyncio.gather(*(store.shelf.write([claim]) for claim in claims))
        assert await only(store, AT) == entry
        assert clash == [None] * 20

    async def test_a_closed_shelf_says_so(self, store: Storage) -> None:
        shelf = store.shelf
        await store.aclose()

        with pytest.raises(ClosedError):
            await shelf.write([Remove(path=AT)])
        with pytest.raises(ClosedError):
            await shelf.get([(AT, "k")])
        with pytest.raises(ClosedError):
            await shelf.scan(AT)
        with pytest.raises(ClosedError):
            await shelf.paths(AT)
        with pytest.raises(ClosedError):
            await shelf.segments(AT)
        with pytest.raises(ClosedError):
            await shelf.across(AT, ["a"])

    async def test_what_stands_is_there_when_the_store_is_opened_anew(self, store: Storage) -> None:
        await put(store, (AT, "k"))
        await store.aclose()

        await store.open()

        assert await scan(store, AT) == [(AT, "k")]


async def put(store: Storage, *places: Place) -> None:
    """Put an empty value at each place, in one transaction."""
    await store.shelf.write([Put(path=path, key=key, value=b"") for path, key in places])


async def count_up(store: Storage, path: Path, key: str, times: int) -> None:
    """Add 1 to the number at a place so often, reading it anew whenever somebody else was quicker."""
    while times:
        (entry,) = await store.shelf.get([(path, key)])
        value = None if entry is None else entry.value
        number = str(int(value or b"0") + 1).encode()
        try:
            await store.shelf.write([Expect(path=path, key=key, value=value), Put(path=path, key=key, value=number)])
        except ChangedError:
            continue
        times -= 1


async def scan(store: Storage, path: Path, **options: Any) -> list[Place]:
    """Return the places that a scan finds."""
    return [entry.place for entry in await store.shelf.scan(path, **options)]


async def across(store: Storage, path: Path, segments: Collection[str], rest: Path = ()) -> list[Place]:
    """Return the places that are found across segments."""
    return [entry.place for entry in await store.shelf.across(path, segments, rest)]


async def values(store: Storage, path: Path) -> Sequence[bytes]:
    """Return the values at a path, by key."""
    return [entry.value for entry in await store.shelf.scan(path)]


async def only(store: Storage, path: Path) -> Entry:
    """Return the one entry at or below a path."""
    (entry,) = await store.shelf.scan(path, below=True)
    return entry
