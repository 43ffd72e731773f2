"""The memory behind a server that speaks Hindsight's HTTP API: ours, Hindsight's own, or its cloud."""

from duramen.client.remote import RemoteMemory
from duramen.client.transport import Reach

__all__ = ["Reach", "RemoteMemory"]
