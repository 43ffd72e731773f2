"""What a handler raises, or meets."""

from __future__ import annotations

from duramen.errors import DuramenError


class PermanentError(DuramenError):
    """The task cannot be done, however often it is tried: it fails at once. Raised by handlers."""


class CancelledTaskError(DuramenError):
    """The task is no longer this handler's: its lease ran out, or its bank was deleted. Stop; nothing of it counts."""
