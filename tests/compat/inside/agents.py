"""One turn of an agent of Strands with AWS's session manager, and one of LangGraph with AWS's saver and store.

Each turn builds its agent anew, as a service does that forgets all between two calls. The models are ours: they say one
thing, and tell what they were shown. Runs in the suites' own environment, whose variables point AWS's clients at a server.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from bedrock_agentcore.memory.integrations.strands.config import AgentCoreMemoryConfig, RetrievalConfig
from bedrock_agentcore.memory.integrations.strands.session_manager import AgentCoreMemorySessionManager
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import RunnableConfig
from langgraph.prebuilt import create_react_agent
from langgraph.store.base import BaseStore
from langgraph_checkpoint_aws import (  # type: ignore[import-not-found]  # not in our environment
    AgentCoreMemorySaver,
    AgentCoreMemoryStore,
)
from pydantic import Field
from strands import Agent
from strands.models import Model

ANSWER = "Noted."
REGION = os.environ.get("AWS_REGION", "us-west-2")
RECALLED = {name: RetrievalConfig() for name in ("/facts/{actorId}/", "/preferences/{actorId}/")}

Shown = list[tuple[str, str]]
"""Role and text of each message that a model was shown, in their order."""


class Turn(NamedTuple):
    """Whose turn it is: `session` is the session of Strands, or the thread of LangGraph."""

    memory: str
    actor: str
    session: str


class StrandsListener(Model):
    """A model of Strands that keeps what it was shown last."""

    def __init__(self) -> None:
        self.shown: Shown = []

    def update_config(self, **model_config: Any) -> None:
        """Has nothing to configure."""

    def get_config(self) -> dict[str, Any]:
        return {}

    async def stream(self, messages: Any, *_: Any, **__: Any) -> AsyncIterator[Any]:
        self.shown = [(one["role"], "\n".join(part["text"] for part in one["content"])) for one in messages]
        yield {"messageStart": {"role": "assistant"}}
        yield {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": ANSWER}}}
        yield {"contentBlockStop": {"contentBlockIndex": 0}}
        yield {"messageStop": {"stopReason": "end_turn"}}

    def structured_output(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError("nobody asks for a structure here")


class LangChainListener(BaseChatModel):
    """A chat model of LangChain that keeps what it was shown last."""

    shown: Shown = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "listener"

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        self.shown = [(message.type, message.text) for message in messages]
        return ChatResult(generations=[ChatGeneration(message=AIMessage(ANSWER))])


def strands_turn(turn: Turn, said: str) -> Shown:
    """Say something to the agent of Strands, and return what its model was shown."""
    config = AgentCoreMemoryConfig(
        memory_id=turn.memory, actor_id=turn.actor, session_id=turn.session, retrieval_config=RECALLED
    )
    model = StrandsListener()
    with AgentCoreMemorySessionManager(config, region_name=REGION) as manager:
        Agent(model=model, agent_id="helper", session_manager=manager, callback_handler=None)(said)
    return model.shown


def graph_turn(turn: Turn, said: str, *, long_term: bool = True) -> Shown:
    """Say something to the agent of LangGraph, and return what its model was shown.

    Args:
        long_term: Whether what is said is put into AWS's store, and looked up there, in hooks as in AWS's samples. Else the
            agent has the saver alone.
    """
    model = LangChainListener()
    store = AgentCoreMemoryStore(memory_id=turn.memory, region_name=REGION)
    graph = create_react_agent(
        model,
        tools=[],
        checkpointer=AgentCoreMemorySaver(turn.memory, region_name=REGION),
        **({"store": store, "pre_model_hook": recall, "post_model_hook": retain} if long_term else {}),
    )
    place: RunnableConfig = {"configurable": {"thread_id": turn.session, "actor_id": turn.actor}}
    graph.invoke({"messages": [HumanMessage(said)]}, place)
    return model.shown


def recall(state: Any, config: RunnableConfig, *, store: BaseStore) -> dict[str, Any]:
    """Keep what the user said last, and show the model what is known that has to do with it."""
    actor, thread = config["configurable"]["actor_id"], config["configurable"]["thread_id"]
    last = next(message for message in reversed(state["messages"]) if isinstance(message, HumanMessage))
    store.put((actor, thread), str(uuid.uuid4()), {"message": last})
    known = [
        item.value["content"]
        for kind in ("facts", "preferences")
        for item in store.search((kind, actor), query=last.text, limit=5)
    ]
    context = [SystemMessage("Of the user: " + " ".join(known))] if known else []
    return {"llm_input_messages": [*context, *state["messages"]]}


def retain(state: Any, config: RunnableConfig, *, store: BaseStore) -> dict[str, Any]:
    """Keep what the model said."""
    actor, thread = config["configurable"]["actor_id"], config["configurable"]["thread_id"]
    store.put((actor, thread), str(uuid.uuid4()), {"message": state["messages"][-1]})
    return {}
