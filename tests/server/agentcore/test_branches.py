"""Branches of sessions over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from tests.server.agentcore.talking import ADA, Talk, refused, talking


@pytest.fixture(scope="module")
def server() -> Iterator[Talk]:
    with talking() as talk:
        yield talk


@pytest.fixture
def talk(server: Talk) -> Talk:
    return server.new()


def on(branch: str, root: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what is given with an event on a branch, behind `root` with its first one."""
    return {"branch": {"name": branch} if root is None else {"name": branch, "rootEventId": root["eventId"]}}


def of(branch: str, *, parents: bool | None = None) -> dict[str, Any]:
    """Return the filter for a branch."""
    named: dict[str, Any] = {"name": branch}
    return {"filter": {"branch": named if parents is None else {**named, "includeParentBranches": parents}}}


@pytest.fixture
def forked(talk: Talk) -> list[dict[str, Any]]:
    """Return the events of a session: three on main, two on `b` behind the second, one on `c` behind the first of `b`."""
    main = [talk.say(f"main {number}", at=number) for number in range(3)]
    b = [talk.say("b 0", at=10, **on("b", main[1])), talk.say("b 1", at=11, **on("b"))]
    return [*main, *b, talk.say("c 0", at=12, **on("c", b[0]))]


def test_an_event_tells_its_branch_and_where_that_begins(talk: Talk, forked: list[dict[str, Any]]) -> None:
    assert [event.get("branch") for event in forked] == [
        None,
        None,
        None,
        {"name": "b", "rootEventId": forked[1]["eventId"]},
        {"name": "b", "rootEventId": forked[1]["eventId"]},
        {"name": "c", "rootEventId": forked[3]["eventId"]},
    ]
    assert talk.events()["events"] == forked[::-1]
    place = {"memoryId": talk.id, **ADA}
    for event in forked:
        assert talk.data.get_event(**place, eventId=event["eventId"])["event"] == event


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (of("main"), ["main 2", "main 1", "main 0"]),
        (of("main", parents=True), ["main 2", "main 1", "main 0"]),
        (of("b"), ["b 1", "b 0"]),
        (of("b", parents=False), ["b 1", "b 0"]),
        (of("b", parents=True), ["b 1", "b 0", "main 1", "main 0"]),
        (of("c"), ["c 0"]),
        (of("c", parents=True), ["c 0", "b 0", "main 1", "main 0"]),
        (of("d"), []),
        (of("d", parents=True), []),
    ],
)
@pytest.mark.usefixtures("forked")
def test_a_branch_is_listed_alone_or_with_what_it_goes_on_from(
    talk: Talk, asked: dict[str, Any], found: list[str]
) -> None:
    assert talk.texts(**asked) == found
    pages: list[str] = []
    token: dict[str, str] = {}
    for _ in range(10):
        page = talk.events(maxResults=1, **asked, **token)
        pages += [event["payload"][0]["conversational"]["content"]["text"] for event in page["events"]]
        assert page["events"] or "nextToken" not in page
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert pages == found


def test_main_may_be_named(talk: Talk) -> None:
    event = talk.say(**on("main"))

    assert "branch" not in event
    with refused("ValidationException"):
        talk.say(**on("main", event))


def test_a_branch_begins_behind_an_event_of_its_session(talk: Talk) -> None:
    here, elsewhere = talk.say(), talk.say(sessionId="s2")
    unknown = {"eventId": here["eventId"][:-1] + ("0" if here["eventId"][-1] != "0" else "1")}
    foreign = talk.new().say()
    of_bea = talk.say(actorId="bea")

    for root in (None, unknown, foreign, of_bea):
        with refused("ValidationException", "FieldValidationFailed"):
            talk.say(**on("b", root))
    with refused("ValidationException", "EventInOtherSession") as told:
        talk.say(**on("b", elsewhere))

    assert told[0]["fieldList"][0]["name"] == "branch.rootEventId"
    assert talk.events()["events"] == [here]


def test_a_branch_begins_at_one_place(talk: Talk, forked: list[dict[str, Any]]) -> None:
    again = talk.say("b 2", at=20, **on("b", forked[1]))

    with refused("ValidationException", "ResourceConflict"):
        talk.say(**on("b", forked[0]))

    assert talk.events(maxResults=1)["events"] == [again]
    assert len(talk.events()["events"]) == 7


def test_a_branch_is_of_its_session(talk: Talk) -> None:
    first, second = talk.say(), talk.say(sessionId="s2")

    talk.say("one", **on("b", first))
    talk.say("two", sessionId="s2", **on("b", second))

    assert talk.texts(**of("b")) == ["one"]
    assert talk.texts(sessionId="s2", **of("b")) == ["two"]


def test_the_branch_stands_when_its_root_is_deleted(talk: Talk, forked: list[dict[str, Any]]) -> None:
    talk.data.delete_event(memoryId=talk.id, **ADA, eventId=forked[1]["eventId"])

    assert talk.texts(**of("b", parents=True)) == ["b 1", "b 0", "main 0"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"branch": {"name": "nowhere"}}, "branch.name"),
        ({"branch": {"name": "c", "rootEventId": "0000001795251358112#8c10837c"}}, "branch.rootEventId"),
        ({"branch": {"name": "c", "rootEventId": f"{7:019d}#{'a' * 24}"}}, "branch.rootEventId"),
        ({"branch": {"name": "main", "rootEventId": f"{7:019d}#{'a' * 24}"}}, "branch.rootEventId"),
        ({"at": datetime(1969, 1, 1, tzinfo=timezone.utc)}, "eventTimestamp"),
    ],
)
def test_what_cannot_be_kept_is_told_in_the_words_of_the_wire(talk: Talk, given: dict[str, Any], name: str) -> None:
    talk.say("main")

    with refused("ValidationException", "FieldValidationFailed") as told:
        talk.say("one", **given)

    assert [field["name"] for field in told[0]["fieldList"]] == [name]
    assert talk.texts() == ["main"]
