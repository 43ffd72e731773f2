"""The event streams that AWS's clients read: messages of headers and a payload, each framed by lengths and checksums.

Source:
    https://smithy.io/2.0/aws/amazon-eventstream.html, and for what the headers mean
    https://smithy.io/2.0/spec/streaming.html#event-streams
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from struct import pack
from typing import Any
from zlib import crc32

from botocore.model import StructureShape

from duramen.server.agentcore.writing import written

MEDIA_TYPE = "application/vnd.amazon.eventstream"
MOST_PAYLOAD, MOST_HEADERS = 24 * 2**20, 128 * 2**10

_PRELUDE, _CHECKSUM = 12, 4
_STRING = 7
"""The type of a header whose value is text."""


def event(stream: StructureShape, name: str, value: Mapping[str, Any]) -> bytes:
    """Return the message that tells of one event.

    Args:
        stream: The shape of the stream, whose members are its events.
        name: Of the member, such as `messageStart`.
        value: What it holds, by the names of its shape.

    Raises:
        ValueError: It is longer than `MOST_PAYLOAD` bytes, or the stream has no such event.
    """
    return _of(
        stream, name, value, {":event-type": name, ":content-type": "application/json", ":message-type": "event"}
    )


def exception(stream: StructureShape, name: str, value: Mapping[str, Any]) -> bytes:
    """Return the message that tells of an error, after which the stream ends. See `event`."""
    kind = {":exception-type": name, ":content-type": "application/json", ":message-type": "exception"}
    return _of(stream, name, value, kind)


def framed(headers: Mapping[str, str], payload: bytes) -> bytes:
    """Return a message as it goes over the wire.

    It is the length of all and that of the headers, the checksum of both, the headers, the payload, and the checksum of
    all before it; numbers are big-endian, of four bytes, and checksums CRC-32.

    Args:
        headers: Values by name; a name has 1 to 255 bytes in UTF-8, a value at most 32,767.
        payload: At most `MOST_PAYLOAD` bytes.

    Raises:
        ValueError: Something is longer than that.
    """
    heading = b"".join(_header(name, value) for name, value in headers.items())
    if len(heading) > MOST_HEADERS or len(payload) > MOST_PAYLOAD:
        raise ValueError(
            f"A message of an event stream holds at most {MOST_PAYLOAD:,} bytes; this one has {len(payload):,}."
        )
    lengths = pack("!II", _PRELUDE + len(heading) + len(payload) + _CHECKSUM, len(heading))
    message = lengths + pack("!I", crc32(lengths)) + heading + payload
    return message + pack("!I", crc32(message))


def _of(stream: StructureShape, name: str, value: Mapping[str, Any], headers: Mapping[str, str]) -> bytes:
    shape = stream.members.get(name)
    if shape is None:
        raise ValueError(f"There is no event {name!r} in {stream.name}.")
    payload = json.dumps(written(shape, value), allow_nan=False, separators=(",", ":")).encode()
    return framed(headers, payload)


def _header(name: str, value: str) -> bytes:
    named, valued = name.encode(), value.encode()
    if not 1 <= len(named) <= 255 or len(valued) > 32_767:
        raise ValueError(f"The header {name[:100]!r} of an event stream is empty or too long.")
    return pack("!B", len(named)) + named + pack("!BH", _STRING, len(valued)) + valued
