"""A language model behind OpenAI's protocol that answers by a script, at once: each line said is a fact about things."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOPIC = "things"
"""What the script says that each memory is about, when it is asked for its first label."""

_SAID = re.compile(r"^(e\d+) \[[^\]]*\] [^:]*: (.+)$", re.MULTILINE)
_MADE = re.compile(r"^(c\d+) \[", re.MULTILINE)


def answer(asked: str, shape: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the script has to say, in the shape of the JSON schema that was sent."""
    if "facts" in shape["properties"]:
        return {"facts": [_fact(label, text) for label, text in _SAID.findall(asked)]}
    if "labels" in shape["properties"]:
        return {"labels": [{"memory": made, "label": "k1", "value": TOPIC} for made in _MADE.findall(asked)]}
    return {name: [] for name in shape["properties"]}


def _fact(label: str, text: str) -> dict[str, Any]:
    return {"text": text, "kind": "fact", "about": "", "occurred_start": None, "occurred_end": None, "sources": [label]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:  # the name that the base class calls
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        said = answer(asked["messages"][-1]["content"], asked["response_format"]["json_schema"]["schema"])
        message = {"role": "assistant", "content": json.dumps(said)}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        body = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def scripted() -> Iterator[dict[str, str]]:
    """Serve the model for as long as the block takes; yield the settings by which `duramen serve` asks it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="model")
    thread.start()
    try:
        yield {"DURAMEN_MODEL_URL": f"http://127.0.0.1:{server.server_port}/v1", "DURAMEN_MODEL": "scripted"}
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
