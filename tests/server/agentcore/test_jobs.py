"""Extraction jobs over the wire: what failed is listed, and started again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from duramen.strategies import Candidate, Work
from duramen.strategies.resources import Resource, bank_of_resource, save_resource
from tests.server.agentcore.talking import NOON, Talk, refused, talking, user
from tests.simple_strategies import BRISK, noted, notes


class Patchy:
    """Fails while it is broken."""

    def __init__(self) -> None:
        self.broken = True

    def __call__(self, work: Work) -> list[Candidate]:
        if self.broken:
            raise RuntimeError("not today")
        return noted(work)


patchy = Patchy()


@pytest.fixture(scope="module")
def server() -> Iterator[Talk]:
    strategies = [notes(patchy, name="patchy", namespace="/facts/{actorId}/"), notes(name="sound")]
    with talking(strategies=strategies, pace=replace(BRISK, attempts=1)) as talk:
        yield talk


@pytest.fixture
def talk(server: Talk) -> Talk:
    """Return a memory with a strategy that fails, and one that does not."""
    talk = server.new()
    patchy.broken = True
    code = [{"type": "code", "name": name} for name in ("patchy", "sound")]
    talk.memory.portal.call(save_resource(talk.memory.shelf, Resource(name=talk.id, strategies=code)))
    return talk


def settle(talk: Talk, *actors: str) -> None:
    for actor in actors or ("ada",):
        talk.memory.portal.call(talk.memory.wait_idle(bank_of_resource(talk.id, actor), seconds=20))


def listed(talk: Talk, **given: Any) -> list[dict[str, Any]]:
    jobs: list[dict[str, Any]] = talk.data.list_memory_extraction_jobs(memoryId=talk.id, **given)["jobs"]
    return jobs


def told(jobs: Sequence[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(job["actorId"], job["sessionId"], job["strategyId"]) for job in jobs]


def test_what_failed_is_listed_with_its_messages(talk: Talk) -> None:
    said = [user("22 °C", "TOOL"), user("I like figs."), {"blob": {}}, user("Noted.", "ASSISTANT")]
    first, second = talk.say(said), talk.say("I live in Rome.", at=1)
    settle(talk)

    (job,) = listed(talk)

    assert told([job]) == [("ada", "s1", "patchy")]
    assert job["status"] == "FAILED"
    assert "not today" in job["failureReason"]
    messages = sorted((one["eventId"], one["messageIndex"]) for one in job["messages"]["messagesList"])
    assert messages == [(first["eventId"], 1), (first["eventId"], 3), (second["eventId"], 0)]


def test_what_is_pending_or_done_is_not_listed(talk: Talk) -> None:
    patchy.broken = False
    talk.say("I like figs.")
    settle(talk)

    assert listed(talk) == []


def test_what_failed_is_started_again(talk: Talk) -> None:
    talk.say("I like figs.")
    settle(talk)
    (job,) = listed(talk)
    patchy.broken = False

    started = talk.data.start_memory_extraction_job(memoryId=talk.id, extractionJob={"jobId": job["jobID"]})

    assert started["jobId"] == job["jobID"]
    settle(talk)
    assert listed(talk) == []
    page = talk.memory.portal.call(talk.memory.memories(bank_of_resource(talk.id, "ada"), limit=10))
    assert "patchy" in {memory.strategy for memory in page.items}
    with refused("ResourceNotFoundException"):
        talk.data.start_memory_extraction_job(memoryId=talk.id, extractionJob={"jobId": job["jobID"]})


def test_a_start_that_is_sent_again_is_one(talk: Talk) -> None:
    talk.say("I like figs.")
    settle(talk)
    asked = {"memoryId": talk.id, "extractionJob": {"jobId": listed(talk)[0]["jobID"]}, "clientToken": "t"}
    patchy.broken = False

    first = talk.data.start_memory_extraction_job(**asked)
    settle(talk)

    assert talk.data.start_memory_extraction_job(**asked)["jobId"] == first["jobId"]


def test_what_was_ingested_is_listed_too(talk: Talk) -> None:
    source = {"inline": {"payload": [user("I like figs.")]}}
    asked = {"memoryId": talk.id, "actorId": "ada", "contentTimestamp": NOON, "source": source}
    session = talk.data.ingest_data(**asked)["sessionId"]
    settle(talk)

    (job,) = listed(talk)

    assert told([job]) == [("ada", session, "patchy")]
    assert [one["messageIndex"] for one in job["messages"]["messagesList"]] == [0]


@pytest.fixture
def failed(talk: Talk) -> Talk:
    """Return the memory with what failed in three sessions of two actors."""
    for actor, session in (("ada", "s1"), ("ada", "s2"), ("bea", "s1")):
        talk.say("I like figs.", actorId=actor, sessionId=session)
    settle(talk, "ada", "bea")
    return talk


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [("ada", "s1"), ("ada", "s2"), ("bea", "s1")]),
        ({"status": "FAILED"}, [("ada", "s1"), ("ada", "s2"), ("bea", "s1")]),
        ({"actorId": "ada"}, [("ada", "s1"), ("ada", "s2")]),
        ({"sessionId": "s1"}, [("ada", "s1"), ("bea", "s1")]),
        ({"strategyId": "patchy", "actorId": "bea"}, [("bea", "s1")]),
        ({"strategyId": "sound"}, []),
        ({"actorId": "cleo"}, []),
        ({"sessionId": "s3"}, []),
    ],
)
def test_jobs_are_filtered(failed: Talk, asked: dict[str, str], found: list[tuple[str, str]]) -> None:
    assert [one[:2] for one in told(listed(failed, filter=asked))] == found


def test_jobs_are_paged(failed: Talk) -> None:
    pages = list(failed.data.get_paginator("list_memory_extraction_jobs").paginate(memoryId=failed.id, maxResults=1))

    assert [len(page["jobs"]) for page in pages] == [1, 1, 1]
    assert [job for page in pages for job in page["jobs"]] == listed(failed)
    with refused("ValidationException"):
        listed(failed, nextToken=pages[0]["nextToken"], filter={"actorId": "ada"})


@pytest.mark.parametrize("job", ["job-1", "", "job-W10", "job-WyJhZGEiLCAiczEiLCAicGF0Y2h5Il0", "job-" + "9" * 300])
def test_a_job_that_is_not_there_is_not_found(talk: Talk, job: str) -> None:
    with refused("ResourceNotFoundException"):
        talk.data.start_memory_extraction_job(memoryId=talk.id, extractionJob={"jobId": job})


def test_the_jobs_of_another_memory_are_not_there(failed: Talk) -> None:
    other = failed.new()

    assert listed(other) == []
    with refused("ResourceNotFoundException"):
        other.data.start_memory_extraction_job(memoryId=other.id, extractionJob={"jobId": listed(failed)[0]["jobID"]})
    with refused("ResourceNotFoundException"):
        failed.data.list_memory_extraction_jobs(memoryId="Nobody-0123456789")
