"""Requests that make no sense, and the statuses that they are answered with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BANK = "/v1/default/banks/a"
MEMORIES = f"{BANK}/memories"
RECALL = f"{MEMORIES}/recall"
DEEP = 100_000


def item(**said: Any) -> dict[str, Any]:
    return {"items": [{"content": "Grace likes tea.", **said}]}


RETAINS: Mapping[str, Any] = {
    "nothing": {},
    "null": None,
    "a list": [],
    "a text": "Ada",
    "no items": {"items": []},
    "items that are a text": {"items": "Ada"},
    "an item that is a text": {"items": ["Ada"]},
    "an item without content": {"items": [{"document_id": "x"}]},
    "an item without content among others": {"items": [{"content": "x"}, {}]},
    "content that is null": {"items": [{"content": None}]},
    "content that is a number": {"items": [{"content": 5}]},
    "content that is blank": {"items": [{"content": " \n\t"}]},
    "content that is empty": {"items": [{"content": ""}]},
    "a picture": {"items": [{"content": [{"type": "image", "data": "x"}]}]},
    "too many items": {"items": [{"content": "x"}] * 1001},
    "tags that are a text": item(tags="x"),
    "tags that are numbers": item(tags=[1]),
    "a blank tag": item(tags=[" "]),
    "10 000 tags": item(tags=[f"tag-{n}" for n in range(10_000)]),
    "10 000 tags of all": {**item(), "document_tags": [f"tag-{n}" for n in range(10_000)]},
    "a tag of 2000 characters": item(tags=["x" * 2000]),
    "10 000 entities": item(entities=[{"text": f"E{n}"} for n in range(10_000)]),
    "an entity that is a text": item(entities=["Ada"]),
    "metadata that is a list": item(metadata=["x"]),
    "metadata of numbers": item(metadata={"x": 1}),
    "a time that is none": item(timestamp="yesterday"),
    "a time beyond the calendar": item(timestamp="99999-01-01"),
    "a time that is a number": item(timestamp=1_700_000_000),
    "an unknown mode": item(update_mode="merge"),
    "a blank document": item(document_id=" "),
    "a document with NUL": item(document_id="\0"),
    "a document with NUL, later": {**item(document_id="a\0b"), "async": True},
    "a document of 2000 characters": item(document_id="x" * 2000),
    "an operation that is no UUID": {**item(), "operation_id": "x", "async": True},
    "async that is a text": {**item(), "async": "perhaps"},
    "scopes that are unknown": item(observation_scopes="everything"),
}

RECALLS: Mapping[str, tuple[Any, int]] = {
    "no query": ({}, 422),
    "a query that is null": ({"query": None}, 422),
    "a query that is a list": ({"query": ["x"]}, 422),
    "a blank query": ({"query": "  "}, 422),
    "a query without words": ({"query": "?!"}, 422),
    "a query of 5000 words": ({"query": "word " * 5000}, 400),
    "a query of 5 MB": ({"query": "w" * 5_000_000}, 400),
    "an unknown budget": ({"query": "x", "budget": "huge"}, 422),
    "tokens below 0": ({"query": "x", "max_tokens": -1}, 422),
    "too many tokens": ({"query": "x", "max_tokens": 10**18}, 422),
    "tokens that are a text": ({"query": "x", "max_tokens": "many"}, 422),
    "an unknown type": ({"query": "x", "types": ["dream"]}, 422),
    "a time that is none": ({"query": "x", "query_timestamp": "now"}, 400),
    "a window that ends before it begins": (
        {"query": "x", "temporal_window": {"start": "2026-02-01", "end": "2026-01-01"}},
        422,
    ),
    "half a window": ({"query": "x", "temporal_window": {"start": "2026-02-01"}}, 422),
    "an unknown match": ({"query": "x", "tags": ["y"], "tags_match": "some"}, 422),
    "tags and groups": ({"query": "x", "tags": ["y"], "tag_groups": [{"tags": ["z"]}]}, 422),
    "a group that is none": ({"query": "x", "tag_groups": [{"xor": []}]}, 422),
    "10 000 groups": ({"query": "x", "tag_groups": [{"tags": [f"t{n}"]} for n in range(10_000)]}, 422),
    "include that is a list": ({"query": "x", "include": []}, 422),
}

OTHERS: Mapping[str, tuple[str, str, Any, int]] = {
    "an unknown route": ("GET", "/v1/default/nothing", None, 404),
    "an unknown route of a bank": ("GET", f"{BANK}/nothing", None, 404),
    "another version": ("POST", "/v2/default/banks/a/memories", {}, 404),
    "a slash too many": ("GET", f"{BANK}/stats/", None, 404),
    "two slashes": ("GET", "/v1/default/banks//stats", None, 404),
    "a method that is not there": ("PUT", MEMORIES, {}, 405),
    "an unknown document": ("GET", f"{BANK}/documents/x", None, 404),
    "an unknown document to delete": ("DELETE", f"{BANK}/documents/x", None, 404),
    "an unknown document to reprocess": ("POST", f"{BANK}/documents/x/reprocess", None, 404),
    "an unknown document to change": ("PATCH", f"{BANK}/documents/x", {"tags": ["y"]}, 404),
    "no change of a document": ("PATCH", f"{BANK}/documents/kept", {}, 422),
    "an unknown memory": ("GET", f"{MEMORIES}/x", None, 404),
    "an unknown memory to change": ("PATCH", f"{MEMORIES}/x", {"text": "y"}, 404),
    "an unknown memory in a state that is none": ("PATCH", f"{MEMORIES}/x", {"state": "asleep"}, 422),
    "an unknown chunk": ("GET", "/v1/default/chunks/x", None, 404),
    "an unknown operation to cancel": ("DELETE", f"{BANK}/operations/x", None, 404),
    "an unknown operation to do anew": ("POST", f"{BANK}/operations/x/retry", None, 404),
    "an unknown entity": ("GET", f"{BANK}/entities/x", None, 404),
    "an unknown webhook": ("PATCH", f"{BANK}/webhooks/x", {"url": "https://hooks.invalid/"}, 404),
    "an unknown directive": ("DELETE", f"{BANK}/directives/x", None, 404),
    "an unknown mental model": ("GET", f"{BANK}/mental-models/x", None, 404),
    "an unknown file": ("GET", "/v1/default/files/download/x", None, 404),
    "a limit below 0": ("GET", f"{MEMORIES}/list?limit=-1", None, 422),
    "a limit that is a text": ("GET", f"{MEMORIES}/list?limit=many", None, 422),
    "a limit beyond all bounds": ("GET", f"{MEMORIES}/list?limit={10**30}", None, 422),
    "an offset below 0": ("GET", f"{BANK}/documents?offset=-1", None, 422),
    "a time that is none": ("GET", f"{MEMORIES}/list?time_field=created_at&start_date=soon", None, 422),
    "a webhook to this machine": ("POST", f"{BANK}/webhooks", {"url": "http://127.0.0.1/"}, 422),
    "a webhook to a cloud's own address": ("POST", f"{BANK}/webhooks", {"url": "http://169.254.169.254/"}, 422),
    "a webhook to a file": ("POST", f"{BANK}/webhooks", {"url": "file:///etc/passwd"}, 422),
    "a directive without content": ("POST", f"{BANK}/directives", {"name": "x"}, 422),
    "a mental model without a question": ("POST", f"{BANK}/mental-models", {"name": "x"}, 422),
    "a disposition beyond 5": ("PUT", BANK, {"disposition": {"skepticism": 6}}, 422),
    "a configuration of nothing": ("PATCH", f"{BANK}/config", {"updates": {"retain_chunk_size": "large"}}, 400),
    "a blank bank": ("PUT", "/v1/default/banks/%20", {}, 422),
    "a bank to copy to that is blank": ("POST", f"{BANK}/clone?target_bank_id=%20", None, 422),
    "a bank to copy to that is there": ("POST", f"{BANK}/clone?target_bank_id=a", None, 409),
    "no files": ("POST", f"{BANK}/files/retain", {}, 422),
}

BODIES: Mapping[str, tuple[bytes, int]] = {
    "nothing": (b"", 422),
    "no JSON": (b"items=[]", 422),
    "half of it": (b'{"items":[{"content":"x"', 422),
    "more behind it": (b'{"items":[{"content":"x"}]}{}', 422),
    "not a number": (b'{"items":[{"content":NaN}]}', 422),
    "no number in metadata": (b'{"items":[{"content":"x","metadata":{"a":Infinity}}]}', 422),
    "open brackets": (b"[" * DEEP, 400),
    "brackets": (b"[" * DEEP + b"]" * DEEP, 400),
    "objects": (b'{"items":' * DEEP + b"1" + b"}" * DEEP, 400),
    "no UTF-8": (b'{"items":[{"content":"\xff\xfe"}]}', 400),
    "a number of 5000 digits": (b'{"items":[{"content":"x"}],"z":' + b"9" * 5000 + b"}", 400),
    "packed": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", 400),
    "the first of two keys": (b'{"items":[{"content":"x"}],"items":[]}', 422),
    "a lone surrogate in an id": (b'{"items":[{"content":"x","document_id":"\\ud800"}]}', 422),
    "a lone surrogate as a time": (b'{"items":[{"content":"x","timestamp":"\\udfff"}]}', 422),
    "a lone surrogate as a name": (b'{"items":[{"content":"x","\\ud800":1}]}', 422),
}

PATHS: Mapping[str, int] = {
    "/v1/default/banks/a%/stats": 400,
    "/v1/default/banks/%zz/stats": 400,
    "/v1/default/banks/a%00b/stats": 400,
    "/v1/default/banks/%ff/stats": 400,
    "/v1/default/banks/%ed%a0%80/stats": 400,
    "/v1/default/banks/a/b/stats": 404,
    "/v1/default/banks/../banks/a/stats": 404,
    "/v1/default/banks/%0A/stats": 422,
    f"/v1/default/banks/a/documents/{'x' * 2000}": 422,
    f"/v1/default/banks/a/memories/{'x' * 2000}": 404,
    f"/v1/default/banks/a/operations/{'%F0%9F%98%80' * 500}/retry": 405,
}

IDS = (
    *("a/b", "/", "//", ".", "..", "a.b", "../..", "a\\b", "%", "%2F", "%00", "100%", "a?b#c", "a&b=c", "a+b", "a b"),
    *(
        "a\nb",
        "a\tb",
        "é",
        "e\u0301",
        "😀",
        "👩‍👩‍👧",
        "\u202eabc",
        "名前",
        "İ",
        "A",
        "tenant:a:bank:b",
        "x" * 1000,
        '"',
        "'",
    ),
)
"""Ids that documents, and banks, may have: no two of them are one."""
