"""A stand-in for Bedrock's models over HTTP: it answers with all that the user said so far, whatever is asked."""

from __future__ import annotations

import json
import struct
import threading
from binascii import crc32
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_USAGE = {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}


def echo(messages: list[Mapping[str, Any]]) -> str:
    """Return all text of the user's messages, in the order in which it was said."""
    said = []
    for message in messages:
        if message["role"] == "user":
            content = message["content"]
            parts = [{"text": content}] if isinstance(content, str) else content
            said += [part["text"] for part in parts if "text" in part]
    return "You said: " + " ".join(said)


def converse(text: str) -> dict[str, Any]:
    """Return what the operation Converse returns."""
    message = {"role": "assistant", "content": [{"text": text}]}
    return {"output": {"message": message}, "stopReason": "end_turn", "usage": _USAGE, "metrics": {"latencyMs": 1}}


def invoke(text: str) -> dict[str, Any]:
    """Return what the operation InvokeModel returns, in Anthropic's form."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "echo",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }


def converse_stream(text: str) -> bytes:
    """Return the event stream of the operation ConverseStream."""
    events: list[tuple[str, dict[str, Any]]] = [
        ("messageStart", {"role": "assistant"}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}}),
        ("contentBlockStop", {"contentBlockIndex": 0}),
        ("messageStop", {"stopReason": "end_turn"}),
        ("metadata", {"usage": _USAGE, "metrics": {"latencyMs": 1}}),
    ]
    return b"".join(framed(kind, value) for kind, value in events)


def framed(kind: str, value: Mapping[str, Any]) -> bytes:
    """Return one event in the framing of AWS's event streams: two lengths, headers, payload, each with its checksum."""
    payload = json.dumps(value).encode()
    said = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(_header(name, text) for name, text in said.items())
    prelude = struct.pack("!II", 12 + len(headers) + len(payload) + 4, len(headers))
    message = prelude + struct.pack("!I", crc32(prelude)) + headers + payload
    return message + struct.pack("!I", crc32(message))


def _header(name: str, text: str) -> bytes:
    return struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(text)) + text.encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:  # the name that the base class calls
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = echo(asked["messages"])
        operation = self.path.rpartition("/")[2]
        if operation == "converse-stream":
            self._answer("application/vnd.amazon.eventstream", converse_stream(text))
        elif operation in ("converse", "invoke"):
            self._answer(
                "application/json", json.dumps((converse if operation == "converse" else invoke)(text)).encode()
            )
        else:
            self.send_error(404, f"{operation} is no operation of this model")

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def fake_model() -> Iterator[str]:
    """Serve the model for as long as the block takes; yield its base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="model")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
