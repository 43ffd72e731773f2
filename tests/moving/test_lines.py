import json
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.ledger import Job, Record, Revised
from duramen.moving.lines import (
    Line,
    entry_in,
    event_in,
    job_in,
    line_of_entry,
    line_of_event,
    line_of_job,
    line_of_memory,
    line_of_record,
    memory_in,
    record_in,
    written,
)
from duramen.shelf import Entry
from duramen.types import Event, Interval, Memory
from tests.contracts.revising import FULL
from tests.stores.examples import BANK, NOON, full_event

anything = st.text(st.characters(), max_size=20)
moments = st.datetimes(timezones=st.just(timezone.utc))
events = st.builds(
    Event,
    id=anything,
    bank=st.just(BANK),
    key=anything,
    position=st.integers(0, 9),
    content=anything,
    kind=st.sampled_from(("fact", "experience")),
    actor=st.none() | anything,
    mentioned=moments,
    occurred=st.none() | moments,
    stored=moments,
    expires=st.none() | moments,
    tags=st.lists(anything).map(tuple),
    metadata=st.dictionaries(anything, anything, max_size=3),
    entities=st.lists(anything).map(tuple),
)
entries = st.builds(
    Entry,
    path=st.lists(anything, min_size=1, max_size=3).map(tuple),
    key=anything,
    value=st.binary(max_size=20) | anything.map(lambda text: text.encode(errors="replace")),
    created=moments,
    updated=moments,
    expires=st.none() | moments,
    lifetime=st.none() | st.floats(0.1, 1e6),
)


def through(line: Line) -> Line:
    """Write a line and read it again."""
    raw = written(line)
    assert raw.isascii()
    assert raw.count(b"\n") == 1
    read: Line = json.loads(raw)
    return read


@given(events)
def test_events_come_back_as_they_were(event: Event) -> None:
    assert event_in(through(line_of_event(event)), BANK) == event


@given(entries)
def test_entries_come_back_as_they_were(entry: Entry) -> None:
    assert entry_in(through(line_of_entry(entry))) == entry


def test_memories_with_everything_come_back_as_they_were() -> None:
    assert memory_in(through(line_of_memory(FULL)), BANK) == FULL
    assert event_in(through(line_of_event(full_event())), BANK) == full_event()


def test_revisions_come_back_with_all_that_is_kept_of_them() -> None:
    told = Revised(
        number=7,
        bank=BANK,
        strategy="semantic",
        version="1",
        decision="update",
        memory="b",
        text="b.",
        other="full",
        before=FULL,
        reason="why",
        at=NOON,
        undone=True,
    )
    record = Record(told=told, since=NOON, sources=("e1", "e2"), added=("e2",))

    read, rests = record_in(through(line_of_record(record, {"full": ["e1"]})), BANK)

    assert read.told.number == 0
    assert read.told.before == FULL
    assert (read.since, read.sources, read.added, read.told.undone) == (NOON, ("e1", "e2"), ("e2",), True)
    assert rests == {"full": ("e1",)}


def test_jobs_come_back_but_for_what_their_event_says() -> None:
    job = Job(
        bank=BANK,
        strategy="semantic",
        event="e1",
        key="k",
        session="s",
        state="failed",
        version="2",
        attempts=3,
        reason="no",
        created=NOON,
        due=NOON,
        finished=NOON,
    )

    read = job_in(through(line_of_job(job)), BANK)

    assert (read.strategy, read.event, read.state, read.version) == ("semantic", "e1", "failed", "2")
    assert (read.attempts, read.reason, read.finished, read.key, read.session) == (3, "no", NOON, "", None)


def test_what_is_as_by_default_is_left_out() -> None:
    event = Event(id="e", bank=BANK, key="k", content="c", mentioned=NOON, stored=NOON)

    assert set(line_of_event(event)) == {"is", "id", "key", "content", "mentioned", "stored"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"content": None},
        {"position": "1"},
        {"tags": [1]},
        {"metadata": {"a": 1}},
        {"metadata": []},
        {"mentioned": "yesterday"},
        {"mentioned": None},
        {"kind": "dream"},
    ],
    ids=str,
)
def test_what_is_something_else_is_refused(wrong: Line) -> None:
    line = {**line_of_event(full_event()), **wrong}

    with pytest.raises((TypeError, ValueError)):
        event_in(line, BANK)


def test_moments_without_a_zone_are_utc() -> None:
    line = {**line_of_memory(FULL), "mentioned": "2026-03-01T12:00:00", "occurred": ["2026-03-01", "2026-03-02"]}

    read: Memory = memory_in(line, BANK)

    assert read.mentioned == NOON
    assert read.occurred == Interval(
        datetime(2026, 3, 1, tzinfo=timezone.utc), datetime(2026, 3, 2, tzinfo=timezone.utc)
    )
