"""Names that follow from what they name, so that the same thing twice has one."""

from __future__ import annotations

import hashlib
import json


def digest(*parts: str) -> str:
    """Return 32 hexadecimal digits that are the same for the same `parts`, and hardly ever for others."""
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()


def word_id(event: str, position: int) -> str:
    """Return the id of a memory that is the text of an event word for word: the piece at `position`, from 0."""
    return hashlib.blake2b(f"{event}/{position}".encode(), digest_size=16).hexdigest()


def event_id(key: str, position: int) -> str:
    """Return the id of the event at a place of the item of this key."""
    return digest(key, str(position))
