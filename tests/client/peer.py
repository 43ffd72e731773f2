"""A small server that speaks the routes of Hindsight's API that a memory uses, keeps what it gets in one file, and fails
on demand: what `duramen.open("http://…")` is tried against, in a process of its own.

    python -m tests.client.peer FILE PORT
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import sys
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import uvicorn
from starlette.types import Receive, Scope, Send

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    number INTEGER PRIMARY KEY AUTOINCREMENT, bank TEXT, id TEXT, item TEXT, UNIQUE (bank, id) ON CONFLICT REPLACE
);
CREATE TABLE IF NOT EXISTS posts (number INTEGER PRIMARY KEY AUTOINCREMENT, bank TEXT, ids TEXT, operation TEXT);
CREATE TABLE IF NOT EXISTS faults (number INTEGER PRIMARY KEY AUTOINCREMENT, fault TEXT);
CREATE TABLE IF NOT EXISTS requests (number INTEGER PRIMARY KEY AUTOINCREMENT, line TEXT, authorization TEXT);
"""


class Peer:
    """The application. What it knows is in a file, so that it may be killed and started again."""

    def __init__(self, file: str) -> None:
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.executescript(SCHEMA)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path = bytes(scope["raw_path"]).split(b"?")[0].decode()
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        line = f"{scope['method']} {path}"
        self._db.execute(
            "INSERT INTO requests (line, authorization) VALUES (?, ?)", (line, headers.get("authorization", ""))
        )
        data = b""
        while True:
            message = await receive()
            data += message.get("body", b"")
            if not message.get("more_body"):
                break
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        fault = self._fault()
        if fault.get("before") == "hang":
            await asyncio.sleep(3600)
        if "status" in fault:
            extra = {"retry-after": str(fault["after"])} if "after" in fault else {}
            body = fault.get("body", {"detail": fault.get("detail", "as was asked for")})
            await answer(send, fault["status"], body, extra)
            return
        status, body = self._route(scope["method"], [unquote(one) for one in path.split("/")[1:]], query, data)
        if fault.get("then") == "cut":
            await cut(send)
        else:
            await answer(send, status, body, {})

    def _fault(self) -> dict[str, Any]:
        row = self._db.execute("SELECT number, fault FROM faults ORDER BY number LIMIT 1").fetchone()
        if row is None:
            return {}
        fault: dict[str, Any] = json.loads(row[1])
        if not fault.get("always"):
            self._db.execute("DELETE FROM faults WHERE number = ?", (row[0],))
        return fault

    def _route(self, method: str, path: list[str], query: dict[str, str], data: bytes) -> tuple[int, Any]:
        match method, path:
            case "GET", ["version"]:
                return 200, {"api_version": "1.1.0", "features": {}}
            case "GET", ["v1", "default", "banks"]:
                return 200, self._banks()
            case _, ["v1", "default", "banks", bank, *rest]:
                return self._bank(bank, method, rest, query, json.loads(data or b"null"))
        return 404, {"detail": "Not Found"}

    def _bank(self, bank: str, method: str, rest: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
        match method, rest:
            case "POST", ["memories"]:
                return self._retain(bank, body)
            case "POST", ["memories", "recall"]:
                return (200, self._recall(bank, body)) if self._items(bank) else (404, {"detail": "no such bank"})
            case "POST", ["reflect"]:
                facts = [row_of(item) for item in self._items(bank)]
                return 200, {"text": facts[0]["text"], "based_on": {"memories": facts}, "structured_output": {"n": 1}}
            case "GET", _:
                return self._shown(bank, rest, query)
            case "DELETE", _:
                return self._deleted(bank, rest)
        return 404, {"detail": "Not Found"}

    def _shown(self, bank: str, rest: list[str], query: dict[str, str]) -> tuple[int, Any]:
        rows = [{**row_of(item), "fact_type": "world"} for item in self._items(bank)]
        match rest:
            case ["memories", "list"]:
                offset, limit = int(query.get("offset", 0)), int(query.get("limit", 100))
                rows = [row for row in rows if query.get("document_id") in (None, row["document_id"])]
                return 200, {"items": rows[offset : offset + limit], "total": len(rows)}
            case ["memories", id]:
                found = [row for row in rows if row["id"] == id]
                return (200, found[0]) if found else (404, {"detail": "Memory not found"})
            case ["stats"]:
                return 200, {"total_nodes": len(rows), "pending_operations": 0, "failed_operations": 0}
            case ["operations"]:
                return 200, {"operations": [], "total": 0}
            case ["operations", operation]:
                return 200, {"operation_id": operation, "status": "completed"}
        return 404, {"detail": "Not Found"}

    def _deleted(self, bank: str, rest: list[str]) -> tuple[int, Any]:
        if not rest:
            deleted = self._db.execute("DELETE FROM documents WHERE bank = ?", (bank,)).rowcount
            return 200, {"success": True, "deleted_count": deleted}
        deleted = self._db.execute("DELETE FROM documents WHERE bank = ? AND id = ?", (bank, rest[-1])).rowcount
        return (200, {"memory_units_deleted": 1}) if deleted else (404, {"detail": "Document not found"})

    def _banks(self) -> dict[str, Any]:
        rows = self._db.execute("SELECT bank, count(*) FROM documents GROUP BY bank ORDER BY bank").fetchall()
        return {"banks": [{"bank_id": bank, "fact_count": count} for bank, count in rows], "total": len(rows)}

    def _retain(self, bank: str, body: dict[str, Any]) -> tuple[int, Any]:
        for place, item in enumerate(body["items"]):
            if "poison" in item["content"]:
                detail = [{"loc": ["body", "items", place, "content"], "msg": "is poison"}]
                return 422, {"detail": detail}
        ids = [item["document_id"] for item in body["items"]]
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute(
            "INSERT INTO posts (bank, ids, operation) VALUES (?, ?, ?)",
            (bank, json.dumps(ids), body.get("operation_id")),
        )
        self._db.executemany(
            "INSERT INTO documents (bank, id, item) VALUES (?, ?, ?)",
            [(bank, item["document_id"], json.dumps(item)) for item in body["items"]],
        )
        self._db.execute("COMMIT")
        return 200, {"success": True, "operation_id": body.get("operation_id")}

    def _recall(self, bank: str, body: dict[str, Any]) -> dict[str, Any]:
        asked = set(re.findall(r"\w+", body["query"].casefold()))
        scored = [
            (len(asked & set(re.findall(r"\w+", item["content"].casefold()))) / max(1, len(asked)), item)
            for item in self._items(bank)
        ]
        best = sorted((one for one in scored if one[0]), key=lambda one: -one[0])
        return {
            "results": [
                {**row_of(item), "type": "world", "scores": {"final": score, "semantic": score}} for score, item in best
            ],
            "asked": body,
        }

    def _items(self, bank: str) -> list[dict[str, Any]]:
        rows = self._db.execute("SELECT item FROM documents WHERE bank = ? ORDER BY number", (bank,))
        return [json.loads(row[0]) for row in rows]


def row_of(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item that was retained as a memory."""
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, item["document_id"])),
        "text": item["content"],
        "mentioned_at": item["timestamp"],
        "document_id": item["document_id"],
        "metadata": item["metadata"],
        "tags": item.get("tags", []),
    }


async def answer(send: Send, status: int, body: Any, extra: dict[str, str]) -> None:
    """Send a whole answer."""
    headers = [(b"content-type", b"application/json")]
    headers += [(name.encode(), value.encode()) for name, value in extra.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


async def cut(send: Send) -> None:
    """Send the beginning of an answer and break the connection."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
    await send({"type": "http.response.body", "body": b'{"succ', "more_body": True})
    raise ConnectionResetError("as was asked for")


if __name__ == "__main__":
    uvicorn.run(Peer(str(Path(sys.argv[1]))), host="127.0.0.1", port=int(sys.argv[2]), log_level="critical")
