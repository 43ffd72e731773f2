"""A session manager for Strands on the directory of the memories: `Agent(session_manager=DuramenSessionManager(…))`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strands.session.repository_session_manager import RepositorySessionManager

from duramen_strands.repository import DuramenSessionRepository

if TYPE_CHECKING:
    from duramen.turns import AnyMemory


class DuramenSessionManager(RepositorySessionManager, DuramenSessionRepository):
    """Lets an agent, a graph or a swarm go on where it stopped, in this process or another.

    Conversation, state, interrupts and what the conversation manager removed are kept as by the session managers of
    Strands, beside the memories and apart from them: nothing of a session is ever recalled. It is its own repository,
    like theirs, so that `delete_session` and `list_messages` are at hand.

    Unlike recall, a session does not fail open: a turn that cannot be kept raises `SessionException`, and the agent
    stops there. One agent of an id at a time goes on with a session.

    Args:
        session_id: Which session; kept anew if there is none with this id.
        memory: What `duramen.open` or `duramen.open_sync` returned. It is not closed here.
        name: Keeps applications or tenants apart that may use the same session ids.
        kwargs: Passed on to Strands.

    Raises:
        BadInputError: `memory` is no memory, or an id or the name is blank or cannot be stored.
        SessionException: The memory cannot be reached.
    """

    def __init__(self, session_id: str, memory: AnyMemory, *, name: str = "default", **kwargs: Any) -> None:
        DuramenSessionRepository.__init__(self, memory, name=name)
        # Strands does not look for agents in a session that it has just created, although another process may have.
        self.ensure_session(session_id)
        RepositorySessionManager.__init__(self, session_id, self, **kwargs)
