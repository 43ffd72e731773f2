"""Listings of events, sessions and actors over the wire: order, filters, pages and tokens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest

from tests.server.agentcore.talking import ADA, FACTS, NOON, Talk, refused, talking, words


@pytest.fixture(scope="module")
def server() -> Iterator[Talk]:
    with talking() as talk:
        yield talk


@pytest.fixture
def talk(server: Talk) -> Talk:
    return server.new()


def tagged(**values: str) -> dict[str, Any]:
    return {"metadata": {key: {"stringValue": value} for key, value in values.items()}}


def where(*conditions: tuple[str, ...]) -> dict[str, Any]:
    """Return the filter for conditions, each `key, operator` or `key, operator, value`."""
    told = []
    for key, operator, *value in conditions:
        one: dict[str, Any] = {"left": {"metadataKey": key}, "operator": operator}
        told.append({**one, "right": {"metadataValue": {"stringValue": value[0]}}} if value else one)
    return {"filter": {"eventMetadata": told}}


def pages(talk: Talk, **given: Any) -> list[list[str]]:
    """Return the words on each page, page by page; none is empty but an only one."""
    found: list[list[str]] = []
    token: dict[str, str] = {}
    while True:
        page = talk.events(**given, **token)
        found.append([words(event) for event in page["events"]])
        if "nextToken" not in page:
            return found
        assert page["events"]
        token = {"nextToken": page["nextToken"]}


def test_events_are_listed_newest_first_to_the_millisecond(talk: Talk) -> None:
    for milliseconds in (3, 1, 4, 2):
        talk.say(str(milliseconds), at=milliseconds)

    assert talk.texts() == ["4", "3", "2", "1"]


def test_events_of_one_millisecond_are_listed_in_reverse_order_of_arrival(talk: Talk) -> None:
    for number in range(12):
        talk.say(str(number))

    assert talk.texts(maxResults=5) == ["11", "10", "9", "8", "7"]
    assert list(chain.from_iterable(pages(talk, maxResults=5))) == [str(number) for number in range(11, -1, -1)]


def test_an_event_that_comes_late_is_sorted_in_by_its_time(talk: Talk) -> None:
    talk.say("now", at=NOON)
    talk.say("long ago", at=NOON - timedelta(days=900))
    talk.say("not yet", at=NOON + timedelta(days=900))

    assert talk.texts() == ["not yet", "now", "long ago"]


def test_payloads_come_unless_they_are_not_wanted(talk: Talk) -> None:
    event = talk.say(**tagged(a="1"))

    (without,) = talk.events(includePayloads=False)["events"]
    assert without == {name: value for name, value in event.items() if name != "payload"}
    assert talk.events(includePayloads=True)["events"] == talk.events()["events"] == [event]


def test_a_page_has_twenty_unless_it_is_said(talk: Talk) -> None:
    for number in range(21):
        talk.say(str(number), at=number)

    assert [len(page) for page in pages(talk)] == [20, 1]
    assert [len(page) for page in pages(talk, maxResults=100)] == [21]
    assert [len(page) for page in pages(talk, maxResults=21)] == [21]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (where(("state", "EQUALS_TO", "agent")), ["3", "2"]),
        (where(("state", "EQUALS_TO", "agent"), ("id", "EQUALS_TO", "b")), ["3"]),
        (where(("state", "EXISTS")), ["3", "2", "1"]),
        (where(("state", "NOT_EXISTS")), ["4", "0"]),
        (where(("state", "NOT_EXISTS"), ("id", "EXISTS")), ["4"]),
        (where(("state", "EQUALS_TO", "")), []),
        (where(("state", "EQUALS_TO", "AGENT")), []),
        (where(("other", "EXISTS")), []),
    ],
)
def test_events_are_filtered_by_their_metadata(talk: Talk, asked: dict[str, Any], found: list[str]) -> None:
    tags = [{}, tagged(state="session"), tagged(state="agent", id="a"), tagged(state="agent", id="b"), tagged(id="c")]
    for number, tag in enumerate(tags):
        talk.say(str(number), at=number, **tag)

    assert talk.texts(**asked) == found
    assert list(chain.from_iterable(pages(talk, maxResults=1, **asked))) == found


def test_a_filter_comes_before_the_page_is_cut(talk: Talk) -> None:
    for number in range(30):
        talk.say(str(number), at=number, **(tagged(k="v") if number % 10 == 0 else {}))

    asked = where(("k", "EQUALS_TO", "v"))
    assert pages(talk, maxResults=2, **asked) == [["20", "10"], ["0"]]
    assert pages(talk, maxResults=3, **asked) == [["20", "10", "0"]]


@pytest.mark.parametrize(
    "asked",
    [
        where(("k", "EQUALS_TO")),
        where(("k", "CONTAINS", "v")),
        where(*[("k", "EXISTS")] * 6),
        where(("é", "EXISTS")),
        {"maxResults": 101},
        {"nextToken": "no-token"},
        {"filter": {"branch": {"name": "a b"}}},
    ],
)
def test_a_listing_that_makes_no_sense_is_refused(talk: Talk, asked: dict[str, Any]) -> None:
    with refused("ValidationException"):
        talk.events(**asked)


def test_a_token_goes_on_with_another_size_of_page(talk: Talk) -> None:
    for number in range(9):
        talk.say(str(number), at=number)

    first = talk.events(maxResults=5)

    assert talk.texts(maxResults=3, nextToken=first["nextToken"]) == ["3", "2", "1"]
    assert talk.texts(maxResults=100, nextToken=first["nextToken"]) == ["3", "2", "1", "0"]


def test_a_token_goes_on_where_events_came_and_went_meanwhile(talk: Talk) -> None:
    events = [talk.say(str(number), at=number) for number in range(9)]

    page = talk.events(maxResults=3)
    for event in (*page["events"], events[4]):
        talk.data.delete_event(memoryId=talk.id, **ADA, eventId=event["eventId"])
    talk.say("new", at=100)
    talk.say("late", at=2.5)

    assert talk.texts(nextToken=page["nextToken"]) == ["5", "3", "late", "2", "1", "0"]


def test_a_session_can_be_emptied_page_by_page(talk: Talk) -> None:
    for number in range(25):
        talk.say(str(number), at=number)

    token: dict[str, str] = {}
    while True:
        page = talk.events(maxResults=10, **token)
        for event in page["events"]:
            talk.data.delete_event(memoryId=talk.id, **ADA, eventId=event["eventId"])
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}

    assert talk.events()["events"] == []
    assert talk.data.list_sessions(memoryId=talk.id, actorId="ada")["sessionSummaries"] == []


def test_a_token_of_another_listing_is_refused(talk: Talk) -> None:
    other = talk.new()
    for number in range(3):
        for session in ("s1", "s2"):
            talk.say(str(number), at=number, sessionId=session, **tagged(k="v"))
            other.say(str(number), at=number, sessionId=session)
        talk.say(actorId=f"actor-{number}")
    token = talk.events(maxResults=1)["nextToken"]
    sessions = talk.data.list_sessions(memoryId=talk.id, actorId="ada", maxResults=1)["nextToken"]
    actors = talk.data.list_actors(memoryId=talk.id, maxResults=1)["nextToken"]

    for given in ({"sessionId": "s2"}, {"actorId": "bea"}, {"memoryId": other.id}, where(("k", "EXISTS"))):
        with refused("ValidationException"):
            talk.events(nextToken=token, **given)
    for foreign in (sessions, actors):
        with refused("ValidationException"):
            talk.events(nextToken=foreign)
    for foreign in (token, actors):
        with refused("ValidationException"):
            talk.data.list_sessions(memoryId=talk.id, actorId="ada", nextToken=foreign)
    for memory, foreign in ((talk.id, token), (talk.id, sessions), (other.id, actors)):
        with refused("ValidationException"):
            talk.data.list_actors(memoryId=memory, nextToken=foreign)


def test_what_is_not_known_is_empty_but_a_memory_is_not_found(talk: Talk) -> None:
    talk.say()

    assert talk.events(sessionId="s2")["events"] == []
    assert talk.events(actorId="session_s1")["events"] == []
    assert talk.data.list_sessions(memoryId=talk.id, actorId="bea")["sessionSummaries"] == []
    unknown = "Nobody-0123456789"
    with refused("ResourceNotFoundException"):
        talk.events(memoryId=unknown)
    with refused("ResourceNotFoundException"):
        talk.data.list_sessions(memoryId=unknown, actorId="ada")
    with refused("ResourceNotFoundException"):
        talk.data.list_actors(memoryId=unknown)


def test_sessions_are_listed_with_when_they_began(talk: Talk) -> None:
    talk.say(at=5, sessionId="b")
    talk.say(at=1, sessionId="b")
    talk.say(at=9, sessionId="a")
    talk.say(actorId="bea", sessionId="c")

    found = talk.data.list_sessions(memoryId=talk.id, actorId="ada")["sessionSummaries"]

    assert [(one["sessionId"], one["actorId"]) for one in found] == [("a", "ada"), ("b", "ada")]
    assert [one["createdAt"] - NOON for one in found] == [timedelta(milliseconds=9), timedelta(milliseconds=1)]
    asked = {"memoryId": talk.id, "actorId": "ada", "filter": {"eventFilter": "HAS_EVENTS"}}
    assert talk.data.list_sessions(**asked)["sessionSummaries"] == found
    assert "nextToken" not in talk.data.list_sessions(**asked, maxResults=2)


def test_actors_are_listed_while_they_have_sessions(talk: Talk) -> None:
    events = [talk.say(actorId=actor) for actor in ("user:1/a", "ada", "bea")]
    said = {"inline": {"payload": events[0]["payload"]}}
    talk.data.ingest_data(memoryId=talk.id, actorId="cleo", contentTimestamp=NOON, source=said)
    talk.new().say(actorId="dora")

    def listed() -> list[str]:
        return [one["actorId"] for one in talk.data.list_actors(memoryId=talk.id)["actorSummaries"]]

    assert listed() == ["ada", "bea", "user:1/a"]
    talk.data.delete_event(memoryId=talk.id, actorId="bea", sessionId="s1", eventId=events[2]["eventId"])
    assert listed() == ["ada", "user:1/a"]


def test_sessions_and_actors_are_paged(talk: Talk) -> None:
    for number in range(7):
        talk.say(actorId=f"actor-{number}")
        talk.say(sessionId=f"session-{number}")

    actors = talk.data.get_paginator("list_actors").paginate(memoryId=talk.id, maxResults=2)
    sessions = talk.data.get_paginator("list_sessions").paginate(memoryId=talk.id, actorId="ada", maxResults=3)

    told = [[one["actorId"] for one in page["actorSummaries"]] for page in actors]
    assert [len(page) for page in told] == [2, 2, 2, 2]
    assert list(chain.from_iterable(told)) == [*(f"actor-{number}" for number in range(7)), "ada"]
    asked = [[one["sessionId"] for one in page["sessionSummaries"]] for page in sessions]
    assert [len(page) for page in asked] == [3, 3, 1]
    assert list(chain.from_iterable(asked)) == [f"session-{number}" for number in range(7)]


def test_memories_actors_and_sessions_do_not_mix(server: Talk) -> None:
    one, other = (server.new(memoryStrategies=[FACTS]) for _ in range(2))
    places = [
        (talk, actor, session) for talk in (one, other) for actor in ("a1", "a10", "a1/s1") for session in ("s1", "s10")
    ]
    for talk, actor, session in places:
        talk.say(f"{talk.id} {actor} {session}", actorId=actor, sessionId=session)

    for talk, actor, session in places:
        assert talk.texts(actorId=actor, sessionId=session) == [f"{talk.id} {actor} {session}"]


def test_actors_are_those_with_sessions_in_this_memory_and_no_other(talk: Talk) -> None:
    other = talk.new()
    other.say(actorId="zoe")
    record = {
        "requestIdentifier": "r",
        "namespaces": ["/facts/bea/"],
        "content": {"text": "Bea sails."},
        "timestamp": NOON,
    }
    with_facts = talk.new(memoryStrategies=[FACTS])
    with_facts.data.batch_create_memory_records(memoryId=with_facts.id, records=[record])
    actors = ["a", "a/b", "a:b", "A", "a-b", "a_b", "0"]
    for actor in actors:
        with_facts.say(actorId=actor)

    pages = list(talk.data.get_paginator("list_actors").paginate(memoryId=with_facts.id, maxResults=2))

    assert [len(page["actorSummaries"]) for page in pages] == [2, 2, 2, 1]
    found = [one["actorId"] for page in pages for one in page["actorSummaries"]]
    assert sorted(found) == sorted(actors)
    gone = with_facts.events(actorId="a:b")["events"][0]
    with_facts.data.delete_event(memoryId=with_facts.id, actorId="a:b", sessionId="s1", eventId=gone["eventId"])
    listed = with_facts.data.list_actors(memoryId=with_facts.id, maxResults=100)["actorSummaries"]
    assert [one["actorId"] for one in listed] == [actor for actor in found if actor != "a:b"]


@pytest.mark.parametrize("token", ["", "no-token", "W10=", "\x00", "é", "A" * 5000])
@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("list_events", ADA),
        ("list_sessions", {"actorId": "ada"}),
        ("list_actors", {}),
        ("list_memory_extraction_jobs", {}),
    ],
)
def test_a_token_that_is_none_is_told_by_its_name(
    server: Talk, operation: str, given: dict[str, Any], token: str
) -> None:
    with refused("ValidationException", "FieldValidationFailed") as told:
        getattr(server.data, operation)(memoryId=server.id, nextToken=token, **given)

    assert [field["name"] for field in told[0]["fieldList"]] == ["nextToken"]
