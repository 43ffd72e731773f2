from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from duramen.errors import BadContentError
from duramen.retain.items import given
from duramen.types import Item

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def test_each_event_of_an_item_expires_with_it() -> None:
    messages = [{"role": "user", "content": "Hello."}, {"role": "assistant", "content": "Hello, Ada."}]

    made = given("bank", [Item(content=messages, expires=NOON), Item(content="Kept.")], now=NOON)

    assert [event.expires for event in made.events] == [NOON, NOON, None]


@pytest.mark.parametrize(
    "moment",
    [NOON.replace(tzinfo=None), NOON.astimezone(timezone(timedelta(hours=3))), "2026-03-01T12:00:00Z"],
    ids=["naive", "elsewhere", "text"],
)
def test_an_expiry_is_an_aware_moment(moment: Any) -> None:
    (event,) = given("bank", [Item(content="Hello.", expires=moment)], now=NOON).events

    assert event.expires == NOON
    assert event.expires.utcoffset() == timedelta(0)


@pytest.mark.parametrize("moment", [30, timedelta(days=30), "soon", ""])
def test_an_expiry_that_is_no_time_is_an_error(moment: Any) -> None:
    with pytest.raises(BadContentError, match=r"`expires` is .* Give a datetime"):
        given("bank", [Item(content="Hello.", expires=moment)], now=NOON)
