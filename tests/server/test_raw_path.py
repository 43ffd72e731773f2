from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.server.errors import Refused
from duramen.server.raw_path import restore, routed
from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.apps import asking

SEGMENT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1)


@given(SEGMENT, SEGMENT)
def test_any_text_goes_through_a_path_as_one_segment(one: str, other: str) -> None:
    path = routed(f"/banks/{quote(one, safe='')}/{quote(other, safe='')}".encode())

    segments = dict(zip(("", "banks", "one", "other"), path.split("/"), strict=True))
    restore(segments)

    assert (segments["one"], segments["other"]) == (one, other)
    assert "\n" not in path


@pytest.mark.parametrize(
    "raw", [b"/a/%", b"/a/%2", b"/a/%zz", b"/%ff", b"/%c3", b"/%ed%a0%80", b"/%00", b"*", b"http://a/b", b""]
)
def test_a_path_that_is_no_sound_text_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused) as caught:
        routed(raw)

    assert caught.value.status_code == 400


@pytest.mark.parametrize("raw", [b"//", b"/banks//stats", b"/banks/a/"])
def test_an_empty_segment_is_no_place(raw: bytes) -> None:
    with pytest.raises(Refused) as caught:
        routed(raw)

    assert caught.value.status_code == 404


def test_below_a_base_only_what_begins_with_it_is_found() -> None:
    assert routed(b"/memory/health", "/memory") == "/health"
    for outside in (b"/health", b"/memoryhealth", b"/%6Demory/health"):
        with pytest.raises(Refused):
            routed(outside, "/memory")


@pytest.mark.parametrize(
    ("sent", "bank", "thing"),
    [
        ("tenant:acme:user:ada", "tenant:acme:user:ada", "t"),
        ("tenant%3Aacme%3Auser%3Aada", "tenant:acme:user:ada", "t"),
        ("a%2Fb%2Fthings%2Fc", "a/b/things/c", "t"),
        ("a%252Fb", "a%2Fb", "t"),
        ("%E4%BD%A0%20%F0%9F%98%80", "你 😀", "t"),
        ("a%0A", "a\n", "t"),
        ("%2E%2E%2Fhealth", "../health", "t"),
        ("a+b", "a+b", "t"),
    ],
)
async def test_the_bank_is_what_was_sent_whatever_it_holds(sent: str, bank: str, thing: str) -> None:
    async with asking(engine(":memory:")) as client:
        answer = await client.get(f"/echo/banks/{sent}/things/{thing}")

    assert answer.json() == [bank, thing]


async def test_a_line_break_does_not_lead_to_another_route() -> None:
    async with asking(engine(":memory:")) as client:
        answer = await client.get("/health%0A")

    assert answer.status_code == 404


async def test_routes_are_found_below_the_base_path() -> None:
    async with asking(engine(":memory:"), Settings(base_path="/memory")) as client:
        inside, outside = await client.get("/memory/echo/banks/a%2Fb"), await client.get("/echo/banks/a")

    assert inside.json() == ["a/b", "a/b"]
    assert outside.status_code == 404


async def test_head_is_answered_like_get_without_the_body() -> None:
    async with asking(engine(":memory:")) as client:
        head, get = await client.head("/echo/banks/a"), await client.get("/echo/banks/a")

    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == str(len(get.content))
