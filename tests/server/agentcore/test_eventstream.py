"""The frames of event streams, read by botocore."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.eventstream import ChecksumMismatch, EventStreamBuffer
from botocore.model import StructureShape
from hypothesis import given
from hypothesis import strategies as st

from duramen.server.agentcore.eventstream import MOST_PAYLOAD, event, exception, framed
from duramen.server.agentcore.service import operations

NAMES = st.text(min_size=1, max_size=60).filter(lambda text: _fits(text, 255))
VALUES = st.text(max_size=500).filter(lambda text: _fits(text, 32_767))


def _fits(text: str, most: int) -> bool:
    try:
        return len(text.encode()) <= most
    except UnicodeEncodeError:
        return False


def read(sent: bytes) -> list[Any]:
    buffer = EventStreamBuffer()
    buffer.add_data(sent)
    return list(buffer)


def harness_stream() -> StructureShape:
    output = operations()["InvokeHarness"].output
    assert output is not None
    stream = output.members["stream"]
    assert isinstance(stream, StructureShape)
    return stream


@given(st.lists(st.tuples(st.dictionaries(NAMES, VALUES, max_size=5), st.binary(max_size=300)), max_size=5))
def test_botocore_reads_back_what_was_framed(messages: list[tuple[dict[str, str], bytes]]) -> None:
    found = read(b"".join(framed(headers, payload) for headers, payload in messages))

    assert [(one.headers, one.payload) for one in found] == messages


@given(st.binary(min_size=1, max_size=50), st.data())
def test_a_bit_that_changes_on_the_way_is_noticed(payload: bytes, data: st.DataObject) -> None:
    sent = bytearray(framed({":event-type": "e"}, payload))
    place = data.draw(st.integers(12, len(sent) - 1))
    sent[place] ^= 1

    with pytest.raises(ChecksumMismatch):
        read(bytes(sent))


def test_an_event_says_its_name_and_holds_json() -> None:
    (found,) = read(event(harness_stream(), "contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Grüß"}}))

    assert found.headers == {
        ":event-type": "contentBlockDelta",
        ":content-type": "application/json",
        ":message-type": "event",
    }
    assert found.payload == b'{"contentBlockIndex":0,"delta":{"text":"Gr\\u00fc\\u00df"}}'


def test_an_exception_says_that_it_is_one() -> None:
    (found,) = read(exception(harness_stream(), "runtimeClientError", {"message": "It failed."}))

    assert found.headers[":message-type"] == "exception"
    assert found.headers[":exception-type"] == "runtimeClientError"
    assert found.to_response_dict()["status_code"] == 400


def test_what_the_stream_does_not_have_or_is_too_long_is_no_message() -> None:
    with pytest.raises(ValueError, match="no event 'other'"):
        event(harness_stream(), "other", {})
    with pytest.raises(ValueError, match="at most"):
        framed({}, b"x" * (MOST_PAYLOAD + 1))
    with pytest.raises(ValueError, match="empty or too long"):
        framed({"": "x"}, b"")
    with pytest.raises(ValueError, match="empty or too long"):
        framed({"name": "x" * 32_768}, b"")
