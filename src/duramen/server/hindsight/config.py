"""How a bank is set up, over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from duramen.engine import MemoryEngine
from duramen.errors import BadInputError, ConflictError, NotFoundError
from duramen.server.banks import AskedBank, Refused, memory_of
from duramen.server.hindsight.routing import BANK, Body, Managed, Read, Reply, router

ROUTER = router("Banks")


class ConfigRequest(Body):
    """What is to be set up, by name; null for as usual."""

    updates: dict[str, Any]


class ConfigReply(Reply):
    """How a bank is set up: all of it, and what of it is not as usual."""

    bank_id: str
    config: dict[str, Any]
    overrides: dict[str, Any]


@ROUTER.get(f"{BANK}/config", operation_id="get_bank_config", response_model=ConfigReply)
async def get_config(request: Request, bank: Read) -> ConfigReply:
    """Return how a bank is set up."""
    return await _config(memory_of(request), bank)


@ROUTER.patch(f"{BANK}/config", operation_id="update_bank_config", response_model=ConfigReply)
async def update_config(request: Request, bank: Managed, asked: ConfigRequest) -> ConfigReply:
    """Set up a bank; 400 for a name that there is not, or a value that cannot stand there."""
    memory = memory_of(request)
    try:
        await memory.profiles.save(bank.name, config=asked.updates)
    except (NotFoundError, ConflictError):
        raise
    except BadInputError as error:
        raise Refused(400, str(error)) from error
    return await _config(memory, bank)


@ROUTER.delete(f"{BANK}/config", operation_id="reset_bank_config", response_model=ConfigReply)
async def reset_config(request: Request, bank: Managed) -> ConfigReply:
    """Let a bank be set up as usual again."""
    memory = memory_of(request)
    await memory.profiles.reset_config(bank.name)
    return await _config(memory, bank)


async def _config(memory: MemoryEngine, bank: AskedBank) -> ConfigReply:
    profile = await memory.profiles.get(bank.name)
    config = await memory.profiles.resolved(bank.name)
    return ConfigReply(bank_id=bank.asked, config=dict(config), overrides=dict(profile.config))
