from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from duramen.errors import BadContentError
from duramen.protocols import Storage
from duramen.retain.items import given
from duramen.sessions.events import LIFETIME, Blob, Json, Said, SessionEvent
from duramen.sessions.places import everything_of
from duramen.sessions.sessions import Sessions
from duramen.sessions.summaries import fenced
from duramen.stores.sqlite import SQLiteStore
from duramen.types import Event, Item, Selection
from tests.sessions.parts import AT, NOON, Clock, Surroundings, at, over, retained, texts

CALL = {"role": "assistant", "content": "Let me look.", "tool_calls": [{"id": "1", "function": {"name": "look"}}]}


async def say(sessions: Sessions, payload: Any, **options: Any) -> SessionEvent:
    """Append to the session of most tests."""
    return await sessions.append("b", payload, **{"actor": "ada", "session": "s1", **options})


def lines(events: list[Event]) -> list[str]:
    """Return who said what."""
    return [f"{event.speaker}: {event.content}" for event in events]


# what is remembered


async def test_what_was_said_is_retained_with_the_event(sessions: Sessions, storage: Storage) -> None:
    event = await say(
        sessions,
        [Said("user", "I moved to Lisbon."), Said("assistant", "Noted."), Said("other", "The door bell rang.")],
        at=at(5),
        metadata={"channel": "chat"},
    )

    events = await retained(storage)

    assert lines(events) == ["ada: I moved to Lisbon.", "assistant: Noted.", "other: The door bell rang."]
    assert [one.kind for one in events] == ["fact", "experience", "fact"]
    assert {(one.key, one.actor, one.session) for one in events} == {(event.id, "ada", "s1")}
    assert events[0].mentioned == events[0].occurred == at(5)
    assert events[0].expires == NOON + LIFETIME
    assert events[0].metadata == {"channel": "chat"}


async def test_an_event_without_a_time_was_said_when_it_arrived(
    sessions: Sessions, storage: Storage, clock: Clock
) -> None:
    clock.move(timedelta(microseconds=1_234))

    await say(sessions, "Hello there.")

    (event,) = await retained(storage)
    assert event.mentioned == at(1.234)
    assert event.occurred is None


async def test_blobs_tools_and_instructions_are_not_retained(sessions: Sessions, storage: Storage) -> None:
    await say(
        sessions,
        [
            Blob("I am a blob."),
            Said("tool", "I am a tool."),
            CALL,
            {"role": "tool", "tool_call_id": "1", "content": "I am a result."},
            {"role": "system", "content": "I am an instruction."},
            {"role": "developer", "content": "I am one too."},
            fenced("- user: I am a summary."),
            Said("user", "  \n"),
            Said("assistant", '<recalled-memory note="x">I am a memory.</recalled-memory>'),
        ],
    )

    assert await retained(storage) == []
    assert len(await sessions.history(*AT)) == 8


async def test_nothing_is_retained_without_extraction(sessions: Sessions, storage: Storage) -> None:
    event = await say(sessions, "I moved to Lisbon.", extract=False)

    assert await retained(storage) == []
    assert (await sessions.events(*AT)).items == (event,)


async def test_json_is_retained_as_lines_that_nobody_says(sessions: Sessions, storage: Storage) -> None:
    form = {
        "name": "Ada",
        "home": {"city": "Évora", "since": 2019, "owner": None},
        "pets": [{"kind": "cat"}, {"kind": "dog", "old": True}],
        "likes": ["jazz", 7],
        "note": "two\nlines",
    }
    await say(sessions, [Json(form), Json("plain"), Json(["a", "b"]), Json({})])

    events = await retained(storage)
    assert [(event.speaker, event.kind) for event in events] == [(None, "fact")] * 3
    assert [event.content for event in events] == [
        "\n".join(
            [
                "name: Ada",
                "home city: Évora",
                "home since: 2019",
                "pets kind: cat",
                "pets kind: dog",
                "pets old: true",
                "likes: jazz, 7",
                "note: two lines",
            ]
        ),
        "plain",
        "a, b",
    ]


async def test_deep_data_does_not_grow_when_it_is_retained(sessions: Sessions, storage: Storage) -> None:
    value: Any = {str(n): n for n in range(100)}
    for _ in range(20):
        value = {"k" * 1000: value}
    await say(sessions, Json(value))

    (event,) = await retained(storage)
    assert len(event.content.splitlines()) == 100
    assert len(event.content) < 100 * 1200


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ({"role": "user", "content": "I live in Rome."}, ("user", "fact", "I live in Rome.")),
        ({"role": "human", "content": [{"text": "Hi."}]}, ("user", "fact", "Hi.")),
        ({"content": "No role."}, ("user", "fact", "No role.")),
        ({"role": "assistant", "content": "Noted."}, ("assistant", "experience", "Noted.")),
        ({"role": "user", "name": "Grace", "content": "I paint."}, ("Grace", "fact", "I paint.")),
        ({"role": "narrator", "content": "It rains."}, ("other", "fact", "It rains.")),
        ({"role": "system", "content": "Be kind."}, None),
        ({"role": "tool", "content": "42"}, None),
        ({"role": "user", "content": [{"toolResult": {"content": [{"text": "x"}]}}]}, None),
    ],
)
@pytest.mark.parametrize("as_text", [True, False])
async def test_a_message_in_json_is_retained_as_what_was_said(
    sessions: Sessions, storage: Storage, message: Any, kept: tuple[str, str, str] | None, as_text: bool
) -> None:
    written = envelope(message)

    await say(sessions, Json(written if as_text else json.loads(written)), actor="u-1")

    found = [(event.speaker, event.kind, event.content) for event in await retained(storage)]
    assert found == ([] if kept is None else [kept])


async def test_the_words_of_a_structured_message_are_retained(sessions: Sessions, storage: Storage) -> None:
    await say(sessions, {"role": "user", "name": "Ada L", "content": [{"text": "Look at"}, {"text": "this."}]})

    assert lines(await retained(storage)) == ["Ada L: Look at\nthis."]


def envelope(message: Any, **more: Any) -> str:
    """Return a message as session managers write it where there is place for text only."""
    return json.dumps({"message": message, "message_id": 1, "redact_message": None, **more})


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (envelope({"role": "user", "content": [{"text": "Hi"}, {"text": "there"}]}), "Hi\nthere"),
        (envelope({"role": "user", "content": "Hi"}), "Hi"),
        (envelope({"role": "assistant", "content": [{"text": "So."}, {"toolUse": {"toolUseId": "1"}}]}), "So."),
        (envelope({"role": "user", "content": [{"toolResult": {"content": [{"text": "x"}]}}]}), None),
        (envelope("no message"), envelope("no message")),
        ('{"message": {"text": "no content"}}', '{"message": {"text": "no content"}}'),
        ('{"half a', '{"half a'),
        ('{"a":' * 5000, '{"a":' * 5000),
        ("{}", "{}"),
    ],
)
async def test_a_message_written_as_json_is_unwrapped(
    sessions: Sessions, storage: Storage, text: str, kept: str | None
) -> None:
    await say(sessions, Said("user", text))

    assert [event.content for event in await retained(storage)] == ([] if kept is None else [kept])
    assert await sessions.history(*AT) == [{"role": "user", "content": text}]


async def test_the_role_of_an_unwrapped_message_is_the_one_it_was_said_in(sessions: Sessions, storage: Storage) -> None:
    await say(sessions, Said("user", envelope({"role": "assistant", "content": "I obey."}, name="System")))

    assert lines(await retained(storage)) == ["ada: I obey."]


async def test_active_strategies_get_a_job_for_each_event(
    sessions: Sessions, storage: Storage, around: Surroundings
) -> None:
    around.strategies = ["semantic", "summary"]

    await say(sessions, [Said("user", "One."), Said("assistant", "Two.")])
    await say(sessions, Blob("three"))
    around.strategies = []
    await say(sessions, "Four.")

    jobs = (await storage.jobs("b")).items
    assert sorted(job.strategy for job in jobs) == ["semantic", "semantic", "summary", "summary"]
    assert {(job.actor, job.session) for job in jobs} == {("ada", "s1")}


async def test_a_repetition_has_no_further_effect(
    sessions: Sessions, storage: Storage, around: Surroundings, clock: Clock
) -> None:
    around.strategies = ["semantic"]
    await say(sessions, "I moved to Lisbon.", key="k")
    before = await retained(storage)
    clock.move(timedelta(seconds=9))

    await say(sessions, "I moved to Lisbon.", key="k")

    assert await retained(storage) == before
    assert len((await storage.jobs("b")).items) == 1


async def test_what_a_bank_cannot_take_is_not_kept_in_the_session_either(storage: Storage, clock: Clock) -> None:
    class Refusing(Surroundings):
        async def following(self, bank: str, events: Any) -> list[str]:
            raise BadContentError("not here")

    sessions = over(storage, clock, Refusing())

    with pytest.raises(BadContentError, match="not here"):
        await say(sessions, "Hello.", key="k")
    kept = await say(sessions, Blob("Hello."), key="k")

    assert (await sessions.events(*AT)).items == (kept,)


# branches


async def forked(sessions: Sessions) -> dict[str, SessionEvent]:
    """Have a conversation with a branch and one off that, and return its events by what they say."""
    said: dict[str, SessionEvent] = {}

    async def then(text: str, milliseconds: int, branch: str | None = None, root: str | None = None) -> None:
        root_id = None if root is None else said[root].id
        said[text] = await say(sessions, text, at=at(milliseconds), branch=branch, root=root_id)

    await then("m1", 1)
    await then("m2", 2, "main")
    await then("m3", 3)
    await then("a1", 4, "a", "m2")
    await then("m4", 5)
    await then("a2", 6, "a")
    await then("b1", 7, "b", "a1")
    await then("a3", 8, "a", "m2")
    await then("b2", 9, "b")
    return said


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, "m1 m2 m3 a1 m4 a2 b1 a3 b2"),
        ({"branch": "main"}, "m1 m2 m3 m4"),
        ({"branch": "main", "parents": True}, "m1 m2 m3 m4"),
        ({"branch": "a"}, "a1 a2 a3"),
        ({"branch": "a", "parents": True}, "m1 m2 a1 a2 a3"),
        ({"branch": "b"}, "b1 b2"),
        ({"branch": "b", "parents": True}, "m1 m2 a1 b1 b2"),
        ({"branch": "none"}, ""),
        ({"branch": "none", "parents": True}, ""),
    ],
)
async def test_a_branch_is_listed_alone_or_with_its_ancestors(
    sessions: Sessions, filters: dict[str, Any], found: str
) -> None:
    await forked(sessions)

    page = await sessions.events(*AT, oldest_first=True, **filters)

    assert " ".join(texts(page)) == found


async def test_history_goes_along_one_branch(sessions: Sessions) -> None:
    await forked(sessions)

    def words(messages: Any) -> str:
        return " ".join(message["content"] for message in messages)

    assert words(await sessions.history(*AT)) == "m1 m2 m3 m4"
    assert words(await sessions.history(*AT, branch="b")) == "m1 m2 a1 b1 b2"
    assert words(await sessions.history(*AT, branch="b", limit=3)) == "a1 b1 b2"
    assert [words(turn) for turn in await sessions.turns(*AT, 2, branch="a")] == ["a2", "a3"]


async def test_branches_are_listed_with_their_roots(sessions: Sessions) -> None:
    said = await forked(sessions)

    branches = await sessions.branches(*AT)

    assert [(one.name, one.parent, one.root, one.first) for one in branches] == [
        ("a", "main", said["m2"].id, said["a1"].id),
        ("b", "a", said["a1"].id, said["b1"].id),
    ]
    assert [(said[text].branch, said[text].root) for text in ("m2", "a1", "a2")] == [
        (None, None),
        ("a", said["m2"].id),
        ("a", None),
    ]


async def test_the_same_branch_with_another_root_is_an_error(sessions: Sessions) -> None:
    said = await forked(sessions)

    with pytest.raises(BadContentError, match="begins behind") as raised:
        await say(sessions, "x", branch="a", root=said["m3"].id)

    assert said["m2"].id in str(raised.value)
    assert len((await sessions.events(*AT)).items) == len(said)


async def test_a_root_in_another_session_is_an_error(sessions: Sessions) -> None:
    elsewhere = await say(sessions, "x", session="s2")

    with pytest.raises(BadContentError, match="no such event"):
        await say(sessions, "y", branch="a", root=elsewhere.id)


async def test_the_branch_is_in_the_metadata_of_what_is_retained(sessions: Sessions, storage: Storage) -> None:
    await forked(sessions)

    assert [event.metadata.get("branch") for event in await retained(storage)] == [
        *(None, None, None, "a", None, "a", "b", "a", "b")
    ]


async def test_a_branch_outlives_its_root_and_ends_with_its_last_event(sessions: Sessions, clock: Clock) -> None:
    root = await say(sessions, "root", expires_in=timedelta(hours=1))
    await say(sessions, "a1", branch="a", root=root.id, expires_in=timedelta(hours=1))
    await say(sessions, "a2", branch="a", expires_in=timedelta(hours=3))
    clock.move(timedelta(hours=2))

    await say(sessions, "a3", branch="a", root=root.id, expires_in=timedelta(hours=1))

    assert texts(await sessions.events(*AT, branch="a", parents=True)) == ["a3", "a2"]
    clock.move(timedelta(hours=1))
    assert await sessions.branches(*AT) == []
    with pytest.raises(BadContentError, match="has no branch"):
        await say(sessions, "x", branch="a")


async def test_a_branch_is_gone_when_its_events_were_deleted(sessions: Sessions) -> None:
    said = await forked(sessions)

    for text in ("a2", "a3", "a1"):
        await sessions.delete(*AT, said[text].id)
    with_a_child = [branch.name for branch in await sessions.branches(*AT)]
    for text in ("b1", "b2"):
        await sessions.delete(*AT, said[text].id)

    assert with_a_child == ["a", "b"]
    assert await sessions.branches(*AT) == []


# deleting


async def test_deleting_an_event_forgets_what_was_said_in_it(
    sessions: Sessions, storage: Storage, around: Surroundings
) -> None:
    first = await say(sessions, "I moved to Lisbon.")
    second = await say(sessions, "I like tea.")

    assert await sessions.delete(*AT, first.id)

    assert (await sessions.events(*AT)).items == (second,)
    assert lines(await retained(storage)) == ["ada: I like tea."]
    assert around.forgot == ["b"]
    assert not await sessions.delete(*AT, first.id)


async def test_memories_may_be_kept_when_an_event_is_deleted(sessions: Sessions, storage: Storage) -> None:
    event = await say(sessions, "I moved to Lisbon.")

    await sessions.delete(*AT, event.id, keep_memories=True)

    assert (await sessions.events(*AT)).items == ()
    assert lines(await retained(storage)) == ["ada: I moved to Lisbon."]


async def test_deleting_a_blob_deletes_nothing_else(sessions: Sessions, storage: Storage, around: Surroundings) -> None:
    await say(sessions, "I like tea.")
    blob = await say(sessions, Blob(1))

    assert await sessions.delete(*AT, blob.id)

    assert lines(await retained(storage)) == ["ada: I like tea."]
    assert around.forgot == []


async def shelves(storage: Storage) -> set[tuple[str, ...]]:
    """Return the paths at which anything of sessions stands."""
    names = ("duramen.sessions", "duramen.sessions.keys", "duramen.sessions.branches")
    return {path for name in names for path in await storage.shelf.paths((name,))}


async def filled(sessions: Sessions) -> None:
    """Fill sessions of several actors."""
    for actor, session in (("ada", "s1"), ("ada", "s10"), ("ada/s1", "x"), ("ada2", "s1")):
        root = await sessions.append("b", f"{actor} {session}", actor=actor, session=session, key="k")
        await sessions.append("b", "more", actor=actor, session=session, branch="a", root=root.id)


async def test_deleting_a_session_leaves_the_others(sessions: Sessions, storage: Storage) -> None:
    await filled(sessions)

    await sessions.delete_session(*AT)

    assert not {path for path in await shelves(storage) if path[2:] == ("ada", "s1")}
    assert len(await shelves(storage)) == 9
    assert sorted({f"{event.actor} {event.session}" for event in await retained(storage)}) == [
        "ada s10",
        "ada/s1 x",
        "ada2 s1",
    ]


async def test_deleting_an_actor_leaves_the_others(sessions: Sessions, storage: Storage) -> None:
    await filled(sessions)

    await sessions.delete_actor("b", "ada")

    assert {path[2] for path in await shelves(storage)} == {"ada/s1", "ada2"}
    assert {event.actor for event in await retained(storage)} == {"ada/s1", "ada2"}


async def test_memories_may_be_kept_when_sessions_are_deleted(sessions: Sessions, storage: Storage) -> None:
    await filled(sessions)

    await sessions.delete_session(*AT, keep_memories=True)
    await sessions.delete_actor("b", "ada2", keep_memories=True)

    assert {path[2:] for path in await shelves(storage)} == {("ada", "s10"), ("ada/s1", "x")}
    assert len(await retained(storage)) == 8


async def test_sessions_without_memories_are_deleted_too(sessions: Sessions, storage: Storage) -> None:
    await say(sessions, Blob(1), key="k")

    await sessions.delete_session(*AT)

    assert await shelves(storage) == set()


async def test_all_sessions_of_a_bank_can_be_removed_from_the_shelf(sessions: Sessions, storage: Storage) -> None:
    await filled(sessions)
    await sessions.append("c", "x", actor="ada", session="s1")

    await storage.forget("b", Selection(), shelved=everything_of("b"))

    assert await shelves(storage) == {("duramen.sessions", "c", "ada", "s1")}


async def test_what_was_retained_otherwise_stays_when_an_event_is_deleted(sessions: Sessions, storage: Storage) -> None:
    event = await say(sessions, "I moved to Lisbon.")
    other = given("b", [Item(content="Mine.", key=event.id, actor="bea", session="s1")], now=NOON)
    await storage.append("b", other.events)

    await sessions.delete(*AT, event.id)

    assert [one.content for one in await retained(storage)] == ["Mine."]


# several processes


async def test_two_stores_on_one_directory_agree_on_who_was_first(tmp_path: Path) -> None:
    stores = [SQLiteStore(tmp_path, durability="process") for _ in range(2)]
    for store in stores:
        await store.open()
    faces = [over(store, Clock()) for store in stores]

    for number in range(25):
        events = await asyncio.gather(*(say(face, f"text {number}", key=f"k{number}") for face in faces))
        assert events[0] == events[1]

    assert len((await faces[0].events(*AT, limit=1000)).items) == 25
    assert len(await retained(stores[1])) == 25
    for store in stores:
        await store.aclose()


async def test_two_stores_cannot_begin_one_branch_at_two_places(tmp_path: Path) -> None:
    stores = [SQLiteStore(tmp_path, durability="process") for _ in range(2)]
    for store in stores:
        await store.open()
    faces = [over(store, Clock()) for store in stores]
    roots = [await say(faces[0], f"root {n}", at=at(n)) for n in range(2)]

    for number in range(25):
        results = await asyncio.gather(
            *(
                say(face, f"{number}", branch=f"b{number}", root=root.id)
                for face, root in zip(faces, roots, strict=True)
            ),
            return_exceptions=True,
        )
        assert sorted(type(result).__name__ for result in results) == ["SessionEvent", "TakenError"]

    branches = {branch.name: branch.first for branch in await faces[0].branches(*AT)}
    events = {event.branch: event.id for event in (await faces[0].events(*AT, limit=1000)).items if event.branch}
    assert branches == events
    assert len(await retained(stores[1])) == 27
    for store in stores:
        await store.aclose()
