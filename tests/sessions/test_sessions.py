from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from duramen.errors import BadContentError, BadInputError, BadQueryError
from duramen.identity import bank_of
from duramen.protocols import Storage
from duramen.sessions.events import LIFETIME, MAX_BYTES, Blob, Json, Said, SessionSummary, Where
from duramen.sessions.sessions import Sessions
from duramen.types import Identity
from tests.sessions.parts import AT, NOON, Clock, at, texts


async def say(sessions: Sessions, text: Any, **options: Any) -> Any:
    """Append to the session of most tests."""
    return await sessions.append("b", text, **{"actor": "ada", "session": "s1", **options})


# events


async def test_an_event_comes_back_as_it_was_appended(sessions: Sessions) -> None:
    payload = [
        Said("user", "Hi \ud800\0"),
        Said("assistant", ""),
        Blob(None),
        Blob({"n": 2**200, "deep": [None, {"": [None]}], "f": 1.5}),
        Json({"é": True}),
    ]

    appended = await say(
        sessions, payload, at=at(1.5), metadata={"k": "v\0"}, key="once", extract=False, expires_in=timedelta(days=1)
    )

    assert await sessions.get(*AT, appended.id) == appended
    assert appended.payload == tuple(payload)
    assert appended.at == at(1)
    assert appended.expires == NOON + timedelta(days=1)
    assert (appended.metadata, appended.key, appended.extract) == ({"k": "v\0"}, "once", False)
    assert (appended.bank, appended.actor, appended.session, appended.branch, appended.root) == (*AT, None, None)


async def test_the_time_is_now_unless_it_is_given(sessions: Sessions, clock: Clock) -> None:
    clock.move(timedelta(microseconds=123_987))

    event = await say(sessions, "x")

    assert event.at == at(123)
    assert event.id.startswith(f"{int(NOON.timestamp() * 1000) + 123:019d}#")


async def test_a_payload_may_be_empty(sessions: Sessions, storage: Storage) -> None:
    event = await say(sessions, [])

    assert (await sessions.events(*AT)).items == (event,)


async def test_events_are_listed_newest_first_or_in_order(sessions: Sessions) -> None:
    for milliseconds in (3, 1, 2):
        await say(sessions, str(milliseconds), at=at(milliseconds))

    assert texts(await sessions.events(*AT)) == ["3", "2", "1"]
    assert texts(await sessions.events(*AT, oldest_first=True)) == ["1", "2", "3"]


async def test_events_of_the_same_millisecond_are_in_the_order_of_arrival(sessions: Sessions) -> None:
    for number in range(200):
        await say(sessions, str(number), at=NOON)

    found = await sessions.events(*AT, oldest_first=True, limit=1000)

    assert texts(found) == [str(number) for number in range(200)]
    assert (await sessions.events(*AT, limit=1000)).items == found.items[::-1]


async def test_times_far_off_are_sorted_in(sessions: Sessions) -> None:
    future = datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=timezone.utc)
    for moment in (future, NOON, datetime(1970, 1, 1, tzinfo=timezone.utc)):
        await say(sessions, str(moment.year), at=moment)

    found = await sessions.events(*AT)

    assert texts(found) == ["9999", "2026", "1970"]
    assert found.items[0].at == future


async def test_a_time_before_1970_is_an_error(sessions: Sessions) -> None:
    with pytest.raises(BadContentError, match="1970 or later"):
        await say(sessions, "x", at=datetime(1969, 12, 31, tzinfo=timezone.utc))


async def test_what_is_not_known_is_empty(sessions: Sessions) -> None:
    event = await say(sessions, "x")

    assert (await sessions.events("b", "ada", "s2")).items == ()
    assert (await sessions.events("b", "bea", "s1")).items == ()
    assert (await sessions.events("c", "ada", "s1")).items == ()
    assert await sessions.history("c", "ada", "s1") == []
    assert await sessions.turns("c", "ada", "s1") == []
    assert await sessions.branches("c", "ada", "s1") == []
    assert (await sessions.actors("c")).items == ()
    assert (await sessions.sessions("b", "bea")).items == ()
    assert await sessions.get("b", "ada", "s2", event.id) is None
    assert await sessions.get(*AT, event.id[:-1] + "g") is None
    assert await sessions.get(*AT, "\0") is None
    assert not await sessions.delete("b", "ada", "s2", event.id)
    assert not await sessions.delete(*AT, "x")


ODD_IDS = ["a/b", "a:b", "%", " a", "é", "\U0001f9d1", "x" * 255, "'; DROP TABLE shelf; --"]


async def test_ids_may_be_any_text(sessions: Sessions) -> None:
    for id in ODD_IDS:
        await sessions.append("b", id, actor=id, session=id)

    for id in ODD_IDS:
        assert texts(await sessions.events("b", id, id)) == [id]
    assert set((await sessions.actors("b")).items) == set(ODD_IDS)


@pytest.mark.parametrize("bad", ["", " ", "\u200b", "a\nb", "a\0", "\ud800", "x" * 256, None, 7])
async def test_a_bank_actor_or_session_is_never_stood_in_for(sessions: Sessions, bad: Any) -> None:
    for ids in (("b", bad, "s"), ("b", "ada", bad)):
        with pytest.raises(BadContentError, match="Nothing was changed"):
            await sessions.append(ids[0], "x", actor=ids[1], session=ids[2])
        for read in (sessions.events, sessions.history, sessions.turns, sessions.branches, sessions.delete_session):
            with pytest.raises(BadQueryError, match="Nothing was changed"):
                await read(*ids)
    with pytest.raises(BadQueryError):
        await sessions.delete_actor("b", bad)
    with pytest.raises(BadQueryError):
        await sessions.sessions("b", bad)
    assert (await sessions.actors("b")).items == ()


async def test_a_blank_bank_is_an_error(sessions: Sessions) -> None:
    for wait in (
        sessions.append("", "x", actor="ada", session="s1"),
        sessions.events(" ", "ada", "s1"),
        sessions.actors(""),
    ):
        with pytest.raises(BadInputError, match="Name one"):
            await wait


async def test_a_bank_may_be_named_by_an_identity(sessions: Sessions) -> None:
    identity = Identity(user="ada", agent="support")

    event = await sessions.append(identity, "x", actor="ada", session="s1")

    assert event.bank == bank_of(identity)
    assert (await sessions.events(identity, "ada", "s1")).items == (event,)


async def test_a_payload_of_ten_megabytes_is_kept(sessions: Sessions) -> None:
    event = await say(sessions, Blob("x" * 10_000_000))

    assert (await sessions.get(*AT, event.id)) == event


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"payload": Blob("x" * MAX_BYTES)}, "bytes as JSON"),
        ({"payload": Blob(10**5000)}, "cannot be kept as JSON"),
        ({"metadata": {str(n): "" for n in range(16)}}, "16 entries"),
        ({"metadata": {"k": 1}}, "'k' is a int"),
        ({"metadata": {1: "v"}}, "1 is a str"),
        ({"at": "yesterday"}, "`at` is 'yesterday'"),
        ({"key": ""}, "`key` is ''"),
        ({"key": 7}, "`key` is 7"),
        ({"expires_in": 30}, "`expires_in` is 30. Give a `datetime.timedelta`"),
        ({"expires_in": timedelta(0)}, "Give a time above 0"),
        ({"expires_in": timedelta(days=-1)}, "Give a time above 0"),
        ({"branch": ""}, "is blank"),
        ({"branch": "a\nb"}, "control characters"),
        ({"root": "x"}, "name one with `branch`"),
        ({"branch": "main", "root": "x"}, "name one with `branch`"),
        ({"branch": "other", "root": "x"}, "no id of an event"),
        ({"branch": "other"}, "has no branch 'other'"),
        ({"branch": "other", "root": f"{5:019d}#{5:024x}"}, "no such event"),
    ],
)
async def test_what_cannot_be_kept_is_an_error_and_nothing_is(
    sessions: Sessions, storage: Storage, options: dict[str, Any], why: str
) -> None:
    given = {"payload": "x", "actor": "ada", "session": "s1", **options}

    with pytest.raises(BadContentError, match=why):
        await sessions.append("b", **given)

    assert await storage.shelf.paths(("duramen.sessions", "b")) == []
    assert await storage.version("b") is None


# the same thing twice


async def test_the_same_key_returns_the_first_event(sessions: Sessions, storage: Storage, clock: Clock) -> None:
    first = await say(sessions, "Ada lives in Lisbon.", key="k", metadata={"m": "1"})
    clock.move(timedelta(seconds=5))

    again = await say(sessions, "Ada lives in Lisbon.", key="k", metadata={"m": "1"}, at=at(9), expires_in=None)

    assert again == first
    assert (await sessions.events(*AT)).items == (first,)


@pytest.mark.parametrize(
    "other",
    [
        {"payload": "Something else."},
        {"payload": Blob("x")},
        {"payload": "x", "metadata": {"m": "1"}},
        {"payload": "x", "extract": False},
    ],
)
async def test_the_same_key_with_something_else_is_an_error(sessions: Sessions, other: dict[str, Any]) -> None:
    first = await say(sessions, "x", key="k")

    with pytest.raises(BadContentError, match="with the key 'k'") as raised:
        await sessions.append("b", **{"actor": "ada", "session": "s1", "key": "k", **other})

    assert first.id in str(raised.value)
    assert (await sessions.events(*AT)).items == (first,)


async def test_a_key_counts_in_its_session_alone(sessions: Sessions) -> None:
    for session in ("s1", "s2"):
        await sessions.append("b", session, actor="ada", session=session, key="k")

    assert texts(await sessions.events("b", "ada", "s2")) == ["s2"]


async def test_many_at_once_with_one_key_are_one_event(sessions: Sessions) -> None:
    events = await asyncio.gather(*(say(sessions, "x", key="k") for _ in range(20)))

    assert len({event.id for event in events}) == 1
    assert len((await sessions.events(*AT)).items) == 1


async def test_a_key_is_free_again_when_its_event_is_gone(sessions: Sessions, clock: Clock) -> None:
    first = await say(sessions, "x", key="k", expires_in=timedelta(hours=1))
    await sessions.delete(*AT, first.id)

    second = await say(sessions, "y", key="k", expires_in=timedelta(hours=1))
    clock.move(timedelta(hours=1))
    third = await say(sessions, "z", key="k")

    assert len({first.id, second.id, third.id}) == 3
    assert texts(await sessions.events(*AT)) == ["z"]


# lifetimes


async def test_an_event_expires_when_it_was_told_at_its_writing(sessions: Sessions, clock: Clock) -> None:
    await say(sessions, "a month", at=at(-10_000_000_000))
    await say(sessions, "an hour", expires_in=timedelta(hours=1))
    await say(sessions, "for ever", expires_in=None)
    await say(sessions, "as good as for ever", expires_in=timedelta.max)

    clock.move(timedelta(hours=1))
    after_an_hour = texts(await sessions.events(*AT, oldest_first=True))
    clock.move(LIFETIME)
    after_a_month = texts(await sessions.events(*AT, oldest_first=True))

    assert after_an_hour == ["a month", "for ever", "as good as for ever"]
    assert after_a_month == ["for ever", "as good as for ever"]


async def test_a_session_is_gone_with_its_last_event(sessions: Sessions, clock: Clock) -> None:
    await say(sessions, "x", expires_in=timedelta(hours=1))

    clock.move(timedelta(hours=1))

    assert (await sessions.actors("b")).items == ()
    assert (await sessions.sessions("b", "ada")).items == ()


# filters


async def test_metadata_is_filtered_before_a_page_is_cut(sessions: Sessions) -> None:
    for number in range(300):
        await say(sessions, str(number), metadata={"n": str(number)} if number % 100 == 0 else {}, at=at(number))

    page = await sessions.events(*AT, metadata=[Where("n")], limit=2)
    rest = await sessions.events(*AT, metadata=[Where("n")], limit=2, cursor=page.next)

    assert (texts(page), texts(rest), rest.next) == (["200", "100"], ["0"], None)


@pytest.mark.parametrize(
    ("metadata", "found"),
    [
        (None, ["none", "a1", "a2 b"]),
        ({}, ["none", "a1", "a2 b"]),
        ({"a": "1"}, ["a1"]),
        ({"a": "2", "b": ""}, ["a2 b"]),
        ({"a": "3"}, []),
        ([Where("a")], ["a1", "a2 b"]),
        ([Where("a", exists=False)], ["none"]),
        ([Where("a"), Where("b", exists=False)], ["a1"]),
        ([Where("a", "1"), Where("a", "2")], []),
        ([Where("b", "")], ["a2 b"]),
    ],
)
async def test_events_are_filtered_by_metadata(sessions: Sessions, metadata: Any, found: list[str]) -> None:
    await say(sessions, "none", at=at(1))
    await say(sessions, "a1", at=at(2), metadata={"a": "1"})
    await say(sessions, "a2 b", at=at(3), metadata={"a": "2", "b": ""})

    assert texts(await sessions.events(*AT, metadata=metadata, oldest_first=True)) == found


@pytest.mark.parametrize("oldest_first", [True, False])
async def test_events_are_filtered_by_time(sessions: Sessions, oldest_first: bool) -> None:
    for milliseconds in range(20):
        await say(sessions, str(milliseconds), at=at(milliseconds))

    async def between(since: datetime | None, before: datetime | None) -> list[int]:
        found = await sessions.events(*AT, since=since, before=before, oldest_first=oldest_first)
        return sorted(int(text) for text in texts(found))

    assert await between(at(5), at(8)) == [5, 6, 7]
    assert await between(at(18), None) == [18, 19]
    assert await between(None, at(2)) == [0, 1]
    assert await between(at(5.9), at(6.1)) == [5]
    assert await between(at(8), at(5)) == []
    assert await between(datetime(1900, 1, 1), datetime(1960, 1, 1)) == []  # noqa: DTZ001  naive ones are read as UTC


@pytest.mark.parametrize(
    "options",
    [
        {"limit": 0},
        {"limit": -1},
        {"limit": "3"},
        {"since": "soon"},
        {"before": 3},
        {"branch": ""},
        {"branch": "\0"},
        {"metadata": ["x"]},
        {"cursor": "x"},
        {"cursor": ""},
        {"cursor": "é"},
        {"cursor": "W10="},
    ],
)
async def test_a_listing_that_makes_no_sense_is_an_error(sessions: Sessions, options: dict[str, Any]) -> None:
    with pytest.raises(BadQueryError):
        await sessions.events(*AT, **options)


async def test_a_cursor_of_another_listing_is_an_error(sessions: Sessions) -> None:
    for session in ("s1", "s2"):
        for number in range(3):
            await sessions.append("b", str(number), actor="ada", session=session)
    cursor = (await sessions.events(*AT, limit=1)).next

    assert texts(await sessions.events(*AT, cursor=cursor, limit=9)) == ["1", "0"]
    others: list[dict[str, Any]] = [
        {"oldest_first": True},
        {"branch": "main"},
        {"metadata": {"a": "1"}},
        {"since": NOON},
        {"before": at(9)},
    ]
    for other in others:
        with pytest.raises(BadQueryError, match="another listing"):
            await sessions.events(*AT, cursor=cursor, **other)
    with pytest.raises(BadQueryError, match="another listing"):
        await sessions.events("b", "ada", "s2", cursor=cursor)
    with pytest.raises(BadQueryError, match="another listing"):
        await sessions.sessions("b", "ada", cursor=cursor)


# actors and sessions


async def test_actors_and_sessions_are_listed_with_their_times(sessions: Sessions) -> None:
    await sessions.append("b", "2", actor="ada", session="s1", at=at(2))
    await sessions.append("b", "9", actor="ada", session="s1", at=at(9))
    await sessions.append("b", "1", actor="ada", session="s1", at=at(1))
    await sessions.append("b", "5", actor="ada", session="s10", at=at(5))
    await sessions.append("b", "x", actor="ada2", session="s1")
    await sessions.append("c", "x", actor="eve", session="s1")

    assert (await sessions.actors("b")).items == ("ada", "ada2")
    assert (await sessions.sessions("b", "ada")).items == (
        SessionSummary("ada", "s1", at(1), at(9)),
        SessionSummary("ada", "s10", at(5), at(5)),
    )


async def test_actors_and_sessions_are_paged(sessions: Sessions) -> None:
    for name in "edcba":
        await sessions.append("b", "x", actor=name, session="s")
        await sessions.append("b", "x", actor="z", session=name)

    actors, found = [], []
    cursor = None
    while True:
        page = await sessions.actors("b", limit=2, cursor=cursor)
        actors.append(page.items)
        cursor = page.next
        if cursor is None:
            break
    while True:
        summaries = await sessions.sessions("b", "z", limit=3, cursor=cursor)
        found.append([one.session for one in summaries.items])
        cursor = summaries.next
        if cursor is None:
            break

    assert actors == [("a", "b"), ("c", "d"), ("e", "z")]
    assert found == [["a", "b", "c"], ["d", "e"]]


# history and turns


async def test_history_is_the_conversation_as_messages(sessions: Sessions) -> None:
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": {"name": "look"}}]}
    result = {"role": "tool", "tool_call_id": "1", "content": "Sunny."}
    await say(sessions, [{"role": "user", "content": "Weather?"}, call], at=at(1))
    await say(sessions, [Blob({"state": 1}), result, Json({"n": 1})], at=at(2))
    await say(sessions, [{"role": "assistant", "content": "It is sunny."}], at=at(3))

    history = await sessions.history(*AT)

    assert history == [
        {"role": "user", "content": "Weather?"},
        call,
        result,
        {"role": "assistant", "content": "It is sunny."},
    ]
    assert await sessions.history(*AT, limit=2) == history[-2:]
    assert await sessions.history(*AT, limit=3) == history[-3:]
    with pytest.raises(BadQueryError):
        await sessions.history(*AT, limit=0)


async def test_a_long_history_comes_whole(sessions: Sessions) -> None:
    for number in range(300):
        await say(sessions, str(number), at=at(number))

    assert [message["content"] for message in await sessions.history(*AT)] == [str(n) for n in range(300)]


async def test_a_turn_begins_where_the_user_speaks(sessions: Sessions) -> None:
    result = {"role": "user", "content": [{"toolResult": {"toolUseId": "1", "content": []}}]}
    await say(sessions, Said("assistant", "Welcome."), at=at(0))
    for number in range(1, 4):
        await say(sessions, [Said("user", f"q{number}")], at=at(number * 10))
        await say(sessions, [{"role": "assistant", "content": [{"toolUse": {"toolUseId": "1"}}]}, result], at=at(number * 10 + 1))  # fmt: skip
        await say(sessions, [Said("assistant", f"a{number}"), Said("user", f"thanks{number}")], at=at(number * 10 + 2))

    def said(turns: list[Any]) -> list[str]:
        return [f"{turn[0]['content']} {len(turn)}" for turn in turns]

    assert said(await sessions.turns(*AT, 3)) == ["thanks2 1", "q3 4", "thanks3 1"]
    assert said(await sessions.turns(*AT, 100))[:2] == ["Welcome. 1", "q1 4"]
    assert len(await sessions.turns(*AT)) == 5
    with pytest.raises(BadQueryError):
        await sessions.turns(*AT, 0)
