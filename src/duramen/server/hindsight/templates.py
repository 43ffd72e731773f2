"""Templates of banks over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body as JsonBody
from fastapi import Depends, Request

from duramen.errors import BadInputError
from duramen.profiles.manifest import SCHEMA
from duramen.server.banks import Refused, granted, memory_of
from duramen.server.caller import Grant
from duramen.server.hindsight.routing import BANK, Managed, Read, Reply, router

ROUTER = router("Bank Templates")
SCHEMAS = router("Bank Templates", prefix="/v1")


class Applied(Reply):
    """What applying a template did, or would do."""

    bank_id: str
    config_applied: bool
    mental_models_created: list[str]
    mental_models_updated: list[str]
    directives_created: list[str]
    directives_updated: list[str]
    operation_ids: list[str]
    dry_run: bool


@SCHEMAS.get("/bank-template-schema", operation_id="get_bank_template_schema")
async def get_schema(grant: Annotated[Grant, Depends(granted("read"))]) -> dict[str, Any]:
    """Return the JSON schema of a template."""
    return dict(SCHEMA)


@ROUTER.get(f"{BANK}/export", operation_id="export_bank_template")
async def export_template(request: Request, bank: Read) -> dict[str, Any]:
    """Return how a bank is set up, with its mental models and directives, as a template."""
    return dict(await memory_of(request).templates.export(bank.name))


@ROUTER.post(f"{BANK}/import", operation_id="import_bank_template", response_model=Applied)
async def import_template(
    request: Request, bank: Managed, manifest: Annotated[dict[str, Any], JsonBody()], dry_run: bool = False
) -> Applied:
    """Set up a bank as a template says; all of it, or nothing."""
    try:
        applied = await memory_of(request).templates.apply(bank.name, manifest, dry_run=dry_run)
    except BadInputError as error:
        raise Refused(400, str(error)) from error
    return Applied(**{**applied, "bank_id": bank.asked})
