"""Duramen for Amazon Bedrock AgentCore Runtime: memory that outlives the Runtime session.

adapter = RuntimeAdapter(agent_name="support-agent")
adapter.bind(app)

@app.entrypoint
async def handle(payload, context):
    turn = TurnContext.from_request(context, payload, agent_name="support-agent")
    return await adapter.run_turn(turn, payload, agent_callable=run_my_agent)
"""

from duramen.errors import BankResolutionError
from duramen.status import Stats
from duramen_agentcore.adapter import RuntimeAdapter
from duramen_agentcore.banks import BankResolver, default_bank_resolver
from duramen_agentcore.config import AgentCoreConfig, configure, get_config, reset_config
from duramen_agentcore.context import TurnContext
from duramen_agentcore.policies import RecallPolicy, RetentionPolicy

HindsightRuntimeAdapter = RuntimeAdapter
"""The name under which users of Hindsight's adapter know it."""

__all__ = [
    "AgentCoreConfig",
    "BankResolutionError",
    "BankResolver",
    "HindsightRuntimeAdapter",
    "RecallPolicy",
    "RetentionPolicy",
    "RuntimeAdapter",
    "Stats",
    "TurnContext",
    "configure",
    "default_bank_resolver",
    "get_config",
    "reset_config",
]
