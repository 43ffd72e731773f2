"""What a session holds: events, each with what was said, or with what an agent or framework keeps beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

Role = Literal["user", "assistant", "tool", "other"]
"""Who said it."""

ROLES: tuple[Role, ...] = ("user", "assistant", "tool", "other")

MAIN = "main"
"""The name of the branch whose events name none."""

LIFETIME = timedelta(days=30)
"""How long an event is kept unless something else is said when it is written."""

MAX_TEXT = 100_000
"""The longest text of one `Said`, in characters."""

MAX_ITEMS = 100
"""The most items in one payload."""

MAX_BYTES = 11 * 2**20
"""The largest payload, as JSON: 10 MB of content, with what quoting adds."""

MAX_METADATA = 15
"""The most entries in the metadata of an event."""

MAX_ID = 255
"""The longest id of an actor, session or branch, in characters."""


@dataclass(frozen=True, slots=True)
class Said:
    """Words of a conversation.

    Attributes:
        text: At most `MAX_TEXT` characters; may be empty.
        message: The chat message that it is the text of, if that has more than a role and a text.
    """

    role: Role
    text: str
    message: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Blob:
    """What an agent or framework keeps: a tool call, a state. Nothing is remembered of it.

    `Blob({"message": {…}})` is a chat message that is more than words, and comes back in `Sessions.history`.

    Attributes:
        value: Anything that JSON can hold, None included.
    """

    value: Any


@dataclass(frozen=True, slots=True)
class Json:
    """Data to remember from, such as a form that was filled in.

    It is remembered as lines "key: value", as what nobody in particular says; `Json({"message": {…}})`, a chat message,
    as what that one says.

    Attributes:
        value: Anything that JSON can hold.
    """

    value: Any


Payload: TypeAlias = "Said | Blob | Json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvent:
    """One entry of a session. Immutable.

    Attributes:
        id: Names it in its session: 19 digits of milliseconds since 1970, `#`, and hexadecimal digits that rise with
            the order of arrival. What is remembered of it word for word has it as its key.
        at: When it happened, to the millisecond.
        payload: What it holds, in order; may be empty.
        branch: None on the main branch.
        root: The id of the event behind which its branch begins; given with the first event of a branch.
        expires: From when on it is gone; None for never.
        extract: Whether memories are made of what was said in it.
        key: What makes appending it again a repetition; None if nothing does.
        variables: The values of the user's own variables, by which strategies file what they make of it.
    """

    id: str
    bank: str
    actor: str
    session: str
    at: datetime
    payload: tuple[Payload, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    branch: str | None = None
    root: str | None = None
    expires: datetime | None = None
    extract: bool = True
    key: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Where:
    """A condition on the metadata of an event.

    Attributes:
        equals: The value that `key` must have; None for any.
        exists: Whether there must be such a key, or must not be; then `equals` does not matter.
    """

    key: str
    equals: str | None = None
    exists: bool = True

    def fits(self, metadata: Mapping[str, str]) -> bool:
        """Tell whether it holds for `metadata`."""
        if not self.exists:
            return self.key not in metadata
        return self.key in metadata and self.equals in (None, metadata[self.key])


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a session.

    Attributes:
        root: The id of the event behind which it begins; that may be gone.
        parent: The branch of that event.
        first: The id of its first event, as they arrived.
    """

    name: str
    root: str
    parent: str
    first: str


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session as `Sessions.sessions` lists it; `created` and `last` are the times of its first and last event."""

    actor: str
    session: str
    created: datetime
    last: datetime
