import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duramen.language.dates import LONGEST_TEXT, MOST_DATES, FoundDate, find_dates, told_date
from tests.language.date_expressions import (
    DATES,
    DAYS,
    FOREIGN,
    MONTHS,
    NONE,
    OPEN,
    RANGES,
    SEASONS_AND_HOLIDAYS,
    SEVERAL,
    WEDNESDAY,
    WEEKS,
    YEARS,
)

JANUARY = datetime(2024, 1, 7, 9, 0, tzinfo=timezone.utc)  # a Sunday


def shown(found: list[FoundDate], anchor: datetime) -> str:
    """Write what was found as the tables do."""
    return " ".join(
        f"{'<' if each.start.year == 1 else each.start.date()}.."
        f"{'now' if each.end == anchor else '>' if each.end.year == 9999 else each.end.date()}"
        f"{'/open' if each.open else ''}"
        for each in found
    )


def cases(table: str) -> list[tuple[str, str]]:
    """Read a table of expressions."""
    lines = (line.partition(" | ") for line in table.strip().splitlines())
    return [(text, wanted) for text, _, wanted in lines]


@pytest.mark.parametrize(("text", "wanted"), cases(DAYS + DATES + WEEKS))
def test_days_and_weeks_named_on_a_wednesday_in_may(text: str, wanted: str) -> None:
    assert shown(find_dates(text, WEDNESDAY), WEDNESDAY) == wanted


@pytest.mark.parametrize(("text", "wanted"), cases(MONTHS + YEARS + SEASONS_AND_HOLIDAYS))
def test_months_seasons_and_years_named_on_a_wednesday_in_may(text: str, wanted: str) -> None:
    assert shown(find_dates(text, WEDNESDAY), WEDNESDAY) == wanted


@pytest.mark.parametrize(("text", "wanted"), cases(RANGES + OPEN + SEVERAL))
def test_ranges_and_several_dates_named_on_a_wednesday_in_may(text: str, wanted: str) -> None:
    assert shown(find_dates(text, WEDNESDAY), WEDNESDAY) == wanted


@pytest.mark.parametrize(("text", "wanted"), cases(FOREIGN))
def test_dates_in_other_languages(text: str, wanted: str) -> None:
    assert shown(find_dates(text, WEDNESDAY), WEDNESDAY) == wanted


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


@pytest.mark.parametrize("text", ["", *NONE.strip().splitlines()])
def test_a_text_without_a_date_gives_none(text: str) -> None:
    assert find_dates(text, WEDNESDAY) == []


def test_several_dates_come_in_the_order_of_the_text() -> None:
    found = find_dates("Last week was bad, but on 3 May 2023 and in 2019 it was fine.", WEDNESDAY)

    assert [each.text for each in found] == ["Last week", "3 May 2023", "2019"]


def test_dates_are_in_the_time_zone_of_the_anchor() -> None:
    zone = timezone(timedelta(hours=9))

    [found] = find_dates("yesterday", datetime(2023, 5, 24, 1, 0, tzinfo=zone))

    assert found.start == datetime(2023, 5, 23, tzinfo=zone)
    assert found.end == datetime(2023, 5, 24, tzinfo=zone)


def test_at_most_so_many_dates_are_found() -> None:
    found = find_dates(", ".join(f"in {number}" for number in range(1990, 2020)), WEDNESDAY)

    assert [each.text for each in found] == [f"{number}" for number in range(1990, 1990 + MOST_DATES)]


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


def test_a_text_without_a_date_loads_no_grammar() -> None:
    script = (
        "import sys, datetime; from duramen.language.dates import find_dates;"
        "find_dates('We have kids and a garden', datetime.datetime.now(datetime.timezone.utc));"
        "print('duramen.language.date_grammar' in sys.modules)"
    )

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert loaded.strip() == "False"


@pytest.mark.parametrize(
    "text", ["the day after " * 140, "last year in " * 150, "May and " * 250, "the Monday before " * 110, "1 " * 900]
)
def test_what_nobody_says_is_read_too(text: str) -> None:
    assert len(find_dates(text, WEDNESDAY)) <= MOST_DATES


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("We met in 2019 and married last spring", "2019-01-01..2020-01-01"),
        ("Last year was hard. In March 2022 I lost my job.", "2022-03-01..2022-04-01"),
        ("Before 2020 I lived alone, last week I moved", "2023-05-15..2023-05-22"),
        ("Since 2016 I have lived here", "2016-01-01..now"),
        ("I'm away until Friday", "2023-05-24..2023-05-27"),
        ("I'll be back on Monday", "2023-05-29..2023-05-30"),
    ],
)
def test_what_a_text_tells_was_at_its_first_date_with_two_ends(text: str, wanted: str) -> None:
    told = told_date(text, WEDNESDAY)

    assert told is not None
    assert shown([told], WEDNESDAY) == wanted


@pytest.mark.parametrize("text", ["I lived alone before 2020", "after 2020 all was well", "we like tea", ""])
def test_an_open_date_does_not_say_when_it_was(text: str) -> None:
    assert told_date(text, WEDNESDAY) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yesterday", "2023-05-23"),
        ("last week", "2023-05-15 to 2023-05-22"),
        ("before 2020", "before 2020-01-01"),
        ("after 2020", "after 2021-01-01"),
        ("since 2020", "2020-01-01 to 2023-05-24"),
    ],
)
def test_a_date_can_be_said_in_words(text: str, said: str) -> None:
    [found] = find_dates(text, WEDNESDAY)

    assert str(found) == said
