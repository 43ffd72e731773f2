"""Sessions: the short-term memory, events by actor and session."""

from duramen.sessions.events import Blob as Blob
from duramen.sessions.events import Branch as Branch
from duramen.sessions.events import Json as Json
from duramen.sessions.events import Said as Said
from duramen.sessions.events import SessionEvent as SessionEvent
from duramen.sessions.events import SessionSummary as SessionSummary
from duramen.sessions.events import Where as Where
