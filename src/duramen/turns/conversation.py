"""Which messages of a conversation are worth remembering, which one asks, and what names each."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from duramen.block import strip
from duramen.retain.items import AGENT_ROLES
from duramen.said import text_of
from duramen.types import Item, Message

# Summaries that harnesses put in place of the messages they drop, and that carry no mark everywhere.
_BY_HARNESS = re.compile(
    r"\s*(here is a summary of the conversation to date\b|this session is being continued from a previous conversation\b"
    r"|previous conversation was too long to summarize\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What of a conversation is retained.

    Never retained, whatever is set here: recalled memories, messages without text, and what neither the user nor the
    agent said (a summary by the harness, an instruction by another agent), which adapters mark with a `source`.

    `Retention(roles=())` keeps nothing at all, for a bank that an agent only reads.

    Attributes:
        roles: Whose messages: "user", "assistant", "tool".
        steps: Whether the words beside a tool call are kept too ("Let me look that up.").
        accept: A last word on each message: whether it is kept.
        tags: Labels for all that is kept; `metadata` likewise.
    """

    roles: Collection[str] = ("user", "assistant")
    steps: bool = False
    accept: Callable[[Message], bool] | None = None
    tags: Sequence[str] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)

    def wants(self, message: Message) -> bool:
        """Tell whether `message` is worth retaining.

        Beside what every `Message` has, `source` says who made it if not the one that its role names, and `tool_calls`
        whether it calls tools.
        """
        if role_of(message) not in self.roles or message.get("source"):
            return False
        if message.get("tool_calls") and not self.steps:
            return False
        text = strip(text_of(message.get("content")))
        if not text.strip() or _BY_HARNESS.match(text):
            return False
        return self.accept is None or self.accept(message)

    def items(self, messages: Sequence[Message], *, session: str | None, actor: str | None) -> list[Item]:
        """Return an item for each message worth retaining, in order, with a key that is the same at every replay."""
        items: list[Item] = []
        for message, key in zip(messages, keys_of(messages, session), strict=True):
            if not self.wants(message):
                continue
            items.append(
                Item(
                    content=[_plain(message)],
                    key=key,
                    actor=actor,
                    session=session,
                    tags=self.tags,
                    metadata=self.metadata,
                )
            )
        return items


def role_of(message: Message) -> str:
    """Return "user", "assistant", "tool" or "system" for the role of `message`, whatever its framework calls it."""
    role = str(message.get("role", "user")).casefold()
    if role in ("tool", "function"):
        return "tool"
    if role in AGENT_ROLES:
        return "assistant"
    return {"human": "user", "developer": "system"}.get(role, role)


def question_of(messages: Sequence[Message]) -> tuple[str, str] | None:
    """Return what the newest message of the user asks, and what names that message; None if there is none.

    Messages made by a harness (with a `source`) do not ask. The name is that of the message's key, unless it says its
    `turn`: a message that comes without an id each time it is given asks anew each time.
    """
    for place in range(len(messages) - 1, -1, -1):
        message = messages[place]
        text = strip(text_of(message.get("content"))).strip()
        if role_of(message) == "user" and not message.get("source") and text and not _BY_HARNESS.match(text):
            return text, str(message.get("turn") or keys_of(messages[: place + 1], None)[-1])
    return None


def keys_of(messages: Sequence[Message], session: str | None) -> list[str]:
    """Name each message: by its id, or by what it says and how often that was said before it."""
    seen: Counter[str] = Counter()
    keys: list[str] = []
    for message in messages:
        name = message.get("id")
        if not name:
            said = f"{role_of(message)}\0{text_of(message.get('content'))}"
            digest = hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
            name = f"{digest}.{seen[digest]}"
            seen[digest] += 1
        keys.append(key_of(str(name), session))
    return keys


def key_of(name: str, session: str | None) -> str:
    """Return the key of the message called `name` in `session`: no two pairs share one."""
    return name if session is None else f"{quote(session, safe='', errors='replace')}/{name}"


def _plain(message: Message) -> dict[str, Any]:
    said = {name: message[name] for name in ("role", "content", "name", "timestamp") if message.get(name) is not None}
    return {**said, "role": role_of(message)}
