"""One session of the demo in a process of its own: `python -m duramen.demo.session JOB`.

The process knows nothing of earlier ones but what the memory holds: it opens the memory, lives through one recorded
session behind the adapter, and ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duramen.conversations import Conversation, SessionRecord, load
from duramen.demo.parts import Job, open_memory, report, run
from duramen.demo.script import Exchange, bank, exchanges, identity, runtime_session
from duramen.engine import MemoryEngine
from duramen_agentcore import RuntimeAdapter, TurnContext, configure

_PATIENCE = 120.0
"""Seconds that a turn waits for its memory: the first one loads the models, which takes long on a busy machine."""


async def live(given: Job) -> None:
    """Live through the session, telling the parent of each turn and at the end of what was kept."""
    conversation = load(given.data)[given.conversation]
    session = next(one for one in conversation.sessions if one.number == given.session)
    runtime = runtime_session(conversation, session.number)
    async with open_memory(given.address, fast=given.fast) as memory:
        configure(timeout=_PATIENCE)
        adapter = RuntimeAdapter(agent_name=identity(conversation).agent, memory=memory)
        blocks = await _turns(adapter, memory, conversation, session)
        await adapter.aclose()
        kept = await memory.events(bank(conversation), session=runtime, limit=1000)
        first = blocks[0] if blocks else ""
        report({"kept": len(kept.items), "knew": sum(line.startswith("- [") for line in first.splitlines())})


async def _turns(
    adapter: RuntimeAdapter, memory: MemoryEngine, conversation: Conversation, session: SessionRecord
) -> list[str]:
    """Return the memory that the agent was given before each of its turns."""
    blocks: list[str] = []
    for exchange in exchanges(session, conversation.speakers[0]):
        context = TurnContext(
            runtime_session_id=runtime_session(conversation, session.number),
            user_id=identity(conversation).user,
            agent_name=identity(conversation).agent,
            request_id=exchange.id,
            at=exchange.at,
        )
        if not exchange.prompt:
            await adapter.after_turn(context, result=exchange.reply)
        elif exchange.reply:
            agent = _Recorded(exchange, blocks)
            await adapter.run_turn(context=context, payload={"prompt": exchange.prompt}, agent_callable=agent)
        else:
            # A turn of the agent has an answer; what the user says without waiting for one is retained as it is.
            await memory.retain(
                bank(conversation),
                [{"role": "user", "content": exchange.prompt}],
                key=exchange.id,
                occurred=exchange.at,
                actor=context.user_id,
                session=context.runtime_session_id,
                tags=context.as_tags(),
                metadata=context.as_metadata(),
            )
        report({"turns": len(exchange.asked) + len(exchange.answered)})
    return blocks


class _Recorded:
    """An agent that answers as it did when the conversation was recorded, and notes the memory it was given."""

    def __init__(self, exchange: Exchange, blocks: list[str]) -> None:
        self._exchange = exchange
        self._blocks = blocks

    async def __call__(self, payload: Mapping[str, Any], memory_context: str) -> dict[str, str]:
        self._blocks.append(memory_context)
        return {"output": self._exchange.reply}


if __name__ == "__main__":
    run(live)
