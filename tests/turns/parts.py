"""What is said in the tests of turns."""

from __future__ import annotations

from duramen.types import Message


def user(text: str, id: str) -> Message:
    return {"role": "user", "content": text, "id": id}


def agent(text: str, id: str) -> Message:
    return {"role": "assistant", "content": text, "id": id}
