import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duramen.language.dates import LONGEST_TEXT, MOST_DATES, find_dates

WEDNESDAY = datetime(2023, 5, 24, 15, 30, tzinfo=timezone.utc)
JANUARY = datetime(2024, 1, 7, 9, 0, tzinfo=timezone.utc)  # a Sunday


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("I went to a support group yesterday and it was powerful.", "2023-05-23", "2023-05-24"),
        ("We talked about it the day before yesterday", "2023-05-22", "2023-05-23"),
        ("Didn't sleep much last night", "2023-05-23", "2023-05-24"),
        ("Today was rough!", "2023-05-24", "2023-05-25"),
        ("I have an interview tomorrow", "2023-05-25", "2023-05-26"),
        ("Two weekends ago we camped by the lake", "2023-05-13", "2023-05-15"),
        ("We saw a play last weekend", "2023-05-20", "2023-05-22"),
        ("Any plans for this weekend?", "2023-05-27", "2023-05-29"),
        ("the Sunday before 25 May", "2023-05-21", "2023-05-22"),
        ("the Sunday before 25 May 2023", "2023-05-21", "2023-05-22"),
        ("It was the week before 9 June 2022", "2022-05-30", "2022-06-06"),
        ("We flew home the day after Christmas", "2022-12-26", "2022-12-27"),
        ("She called a few days ago", "2023-05-19", "2023-05-23"),
        ("She called a couple of days ago", "2023-05-22", "2023-05-23"),
        ("I started 3 months ago", "2023-02-01", "2023-03-01"),
        ("Six weeks ago I quit", "2023-04-10", "2023-04-17"),
        ("We met 10 years ago", "2013-01-01", "2014-01-01"),
        ("It happened between March and May 2024", "2024-03-01", "2024-06-01"),
        ("from November to February 2022 I was abroad", "2021-11-01", "2022-03-01"),
        ("I lived there from 2004 to 2005", "2004-01-01", "2006-01-01"),
        ("the 2019-2021 years", "2019-01-01", "2022-01-01"),
        ("the first week of June", "2022-06-01", "2022-06-08"),
        ("the last weekend of April", "2023-04-29", "2023-05-01"),
        ("We got married last spring", "2022-03-01", "2022-06-01"),
        ("this summer", "2023-06-01", "2023-09-01"),
        ("back in the summer of 2021", "2021-06-01", "2021-09-01"),
        ("winter 2021", "2021-12-01", "2022-03-01"),
        ("in 2016", "2016-01-01", "2017-01-01"),
        ("Ada moved to Lisbon in March 2025.", "2025-03-01", "2025-04-01"),
        ("We painted the fence in March", "2023-03-01", "2023-04-01"),
        ("We'll paint the fence in March", "2024-03-01", "2024-04-01"),
        ("It was in May", "2023-05-01", "2023-06-01"),
        ("last March", "2023-03-01", "2023-04-01"),
        ("next March", "2024-03-01", "2024-04-01"),
        ("I read it last week", "2023-05-15", "2023-05-22"),
        ("I get the results next week", "2023-05-29", "2023-06-05"),
        ("last month", "2023-04-01", "2023-05-01"),
        ("next year", "2024-01-01", "2025-01-01"),
        ("We met on Friday", "2023-05-19", "2023-05-20"),
        ("We'll meet on Friday", "2023-05-26", "2023-05-27"),
        ("Send it by Friday", "2023-05-26", "2023-05-27"),
        ("last Tuesday", "2023-05-23", "2023-05-24"),
        ("next Tuesday", "2023-05-30", "2023-05-31"),
        ("on 2023-05-07", "2023-05-07", "2023-05-08"),
        ("on 5/7/2023", "2023-05-07", "2023-05-08"),
        ("on 7 May 2023", "2023-05-07", "2023-05-08"),
        ("May 7th, 2022", "2022-05-07", "2022-05-08"),
        ("it was may 7th", "2023-05-07", "2023-05-08"),
        ("Sunday, 25 June 2023", "2023-06-25", "2023-06-26"),
        ("I leave on 3 June, can't wait", "2023-06-03", "2023-06-04"),
        ("June 3-5, 2021", "2021-06-03", "2021-06-06"),
        ("the 4th of July", "2022-07-04", "2022-07-05"),
        ("the concert on the 14th", "2023-05-14", "2023-05-15"),
        ("music of the 90s", "1990-01-01", "2000-01-01"),
        ("Christmas 2021", "2021-12-25", "2021-12-26"),
        ("New Year's Eve was loud", "2022-12-31", "2023-01-01"),
        ("last Thanksgiving", "2022-11-24", "2022-11-25"),
        ("I leave in two weeks", "2023-06-05", "2023-06-12"),
        ("over the last three weeks", "2023-05-03", "2023-05-25"),
        ("the next 2 days", "2023-05-24", "2023-05-26"),
        ("on 31 February 2023", "2023-02-01", "2023-03-01"),
    ],
)
def test_an_expression_of_a_wednesday_in_may(text: str, start: str, end: str) -> None:
    found = find_dates(text, WEDNESDAY)

    assert [(f"{each.start:%Y-%m-%d}", f"{each.end:%Y-%m-%d}") for each in found] == [(start, end)]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("yesterday", "2024-01-06", "2024-01-07"),
        ("last weekend", "2023-12-30", "2024-01-01"),
        ("last month", "2023-12-01", "2024-01-01"),
        ("this winter", "2023-12-01", "2024-03-01"),
        ("last winter", "2022-12-01", "2023-03-01"),
        ("last summer", "2023-06-01", "2023-09-01"),
        ("on Sunday", "2023-12-31", "2024-01-01"),
        ("two months ago", "2023-11-01", "2023-12-01"),
        ("5 March", "2023-03-05", "2023-03-06"),
        ("at Christmas", "2023-12-25", "2023-12-26"),
    ],
)
def test_an_expression_of_a_sunday_in_january(text: str, start: str, end: str) -> None:
    found = find_dates(text, JANUARY)

    assert [(f"{each.start:%Y-%m-%d}", f"{each.end:%Y-%m-%d}") for each in found] == [(start, end)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I have 2 kids",
        "We ran 5 km",
        "version 3.10 is out",
        "room 2024b",
        "you may go second",
        "May I come in?",
        "I may 2 times",
        "they march on",
        "the sun is out",
        "wait a second",
        "I fall down",
        "spring water",
        "It costs 2000 dollars",
        "we walked in 2000 meters",
        "April said hello to June",
        "the last time we met",
        "this one is next",
        "Mayday",
        "call 555-1234",
        "release 3.5.1",
        "20 minutes",
        "chapter 12",
        "once a week",
        "weekends are nice",
        "#2023 and $2023",
        "at 12:30",
        "I had not seen her in 10 years",
        "the Christmas tree",
        "on 0000-01-01",
        "9999-12-31",
        "2023-13-45",
    ],
)
def test_a_text_without_a_date_gives_none(text: str) -> None:
    assert find_dates(text, WEDNESDAY) == []


@pytest.mark.parametrize(
    ("text", "start"),
    [("since last winter", "2022-12-01"), ("since 2016", "2016-01-01"), ("I've been here since Monday", "2023-05-22")],
)
def test_since_runs_up_to_the_anchor(text: str, start: str) -> None:
    [found] = find_dates(text, WEDNESDAY)

    assert f"{found.start:%Y-%m-%d}" == start
    assert found.end == WEDNESDAY


def test_several_dates_come_in_the_order_of_the_text() -> None:
    found = find_dates("Last week was bad, but on 3 May 2023 and in 2019 it was fine.", WEDNESDAY)

    assert [each.text for each in found] == ["Last week", "3 May 2023", "in 2019"]


def test_dates_are_in_the_time_zone_of_the_anchor() -> None:
    zone = timezone(timedelta(hours=9))

    [found] = find_dates("yesterday", datetime(2023, 5, 24, 1, 0, tzinfo=zone))

    assert found.start == datetime(2023, 5, 23, tzinfo=zone)
    assert found.end == datetime(2023, 5, 24, tzinfo=zone)


def test_at_most_so_many_dates_are_found() -> None:
    found = find_dates(", ".join(f"in {number}" for number in range(1990, 2020)), WEDNESDAY)

    assert [each.text for each in found] == [f"in {number}" for number in range(1990, 1990 + MOST_DATES)]


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert find_dates("x " * LONGEST_TEXT + "yesterday", WEDNESDAY) == []


PARTS = st.sampled_from(
    [
        "last",
        "next",
        "this",
        "since",
        "in",
        "by",
        "the",
        "of",
        "from",
        "to",
        "and",
        "ago",
        "May",
        "march",
        "31",
        "30th",
        "2023",
        "1999",
        "0",
        "12/31/9999",
        "week",
        "year",
        "months",
        "999",
        "a",
        "few",
        "Sunday",
        "before",
        "after",
        "winter",
        "easter",
        "-",
        ",",
        ".",
        "�",
        "\x00",
        "9999-12-31",
        "0001-01-01",
        "3",
        "June",
    ]
)


@given(
    st.one_of(st.text(st.characters(exclude_categories=[])), st.lists(PARTS, max_size=12).map(" ".join)),
    st.datetimes(timezones=st.just(timezone.utc)),
)
@settings(deadline=None)
def test_any_text_and_anchor_give_intervals_that_end_after_they_start(text: str, anchor: datetime) -> None:
    found = find_dates(text, anchor)

    assert all(each.start < each.end for each in found)
    assert all(each.text in text for each in found)


def test_a_text_without_a_date_loads_no_parser() -> None:
    script = (
        "import sys, datetime; from duramen.language.dates import find_dates;"
        "find_dates('I have 2 kids and last week was bad', datetime.datetime.now(datetime.timezone.utc));"
        "print('dateparser' in sys.modules)"
    )

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert loaded.strip() == "False"
