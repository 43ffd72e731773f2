"""The tools about banks themselves: what they are for, their rules, and work under way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duramen.errors import BadQueryError
from duramen.server.mcp.schemas import ONLY_TAGS, PAGE, TAGS, Schema, flag, one_of, page, text, whole
from duramen.server.mcp.tool import Arguments, Call, Tool, bank_path, chosen, to

_DIRECTIVE: Mapping[str, Schema] = {"directive_id": text("The id of the rule.", minLength=1)}
_OPERATION: Mapping[str, Schema] = {"operation_id": text("The id of the operation.", minLength=1)}
_ABOUT_BANK: Mapping[str, Schema] = {
    "name": text("What people call it."),
    "mission": text("What it is for."),
    "background": text("Who it speaks for."),
}


def _saved(bank: str, arguments: Arguments) -> Call:
    return Call(method="PUT", path=bank_path(bank), body=chosen(arguments, *_ABOUT_BANK))


def _set_up(bank: str, arguments: Arguments) -> Call:
    """Set up first what is checked: if it cannot be, nothing is changed."""
    updates: Any = arguments.get("config_updates")
    saved = _saved(bank, arguments)
    if not updates:
        if not saved.body:
            raise BadQueryError("There is nothing to change. Give a name, a mission, a background or `config_updates`.")
        return saved
    then = saved if saved.body else None
    return Call(method="PATCH", path=f"{bank_path(bank)}/config", body={"updates": updates}, then=then)


BANK_TOOLS = (
    Tool(
        name="get_bank",
        title="Show the bank",
        description="Show what the bank is for, and how it answers.",
        call=to("GET /profile"),
        reads=True,
    ),
    Tool(
        name="update_bank",
        title="Set up the bank",
        description="Say what the bank is for, and set it up.",
        arguments={**_ABOUT_BANK, "config_updates": {"type": "object", "description": "What to set up, by name."}},
        call=_set_up,
    ),
    Tool(
        name="delete_bank",
        title="Delete the bank",
        description="Delete the bank for good, with all that is in it.",
        call=to("DELETE "),
        destroys=True,
    ),
    Tool(
        name="list_directives",
        title="List rules",
        description="List the rules that answers keep to.",
        arguments={"tags": ONLY_TAGS, "active_only": flag("Only those that are kept to now.", default=True), **PAGE},
        call=to("GET /directives"),
        reads=True,
    ),
    Tool(
        name="create_directive",
        title="Add a rule",
        description="Add a rule that answers must keep to.",
        arguments={
            "name": text("What it is called.", minLength=1),
            "content": text("The rule.", minLength=1),
            "priority": whole("Higher comes first.", 0, -1_000_000),
            "is_active": flag("It is kept to from now on.", default=True),
            "tags": TAGS,
        },
        required=("name", "content"),
        call=to("POST /directives"),
        repeats=False,
    ),
    Tool(
        name="delete_directive",
        title="Delete a rule",
        description="Delete a rule.",
        arguments=_DIRECTIVE,
        required=("directive_id",),
        call=to("DELETE /directives/{directive_id}"),
        destroys=True,
    ),
    Tool(
        name="list_operations",
        title="List work",
        description="List what is being worked through, or was, the newest first.",
        arguments={
            "status": one_of("Only those.", "pending", "processing", "completed", "failed", "cancelled"),
            "type": text("Only those of this type, such as retain."),
            "exclude_parents": flag("Leave out those that only hold others together."),
            **page(20, 100),
        },
        call=to("GET /operations"),
        reads=True,
    ),
    Tool(
        name="get_operation",
        title="Show work",
        description="Show how far an operation is.",
        arguments=_OPERATION,
        required=("operation_id",),
        call=to("GET /operations/{operation_id}"),
        reads=True,
    ),
    Tool(
        name="cancel_operation",
        title="Cancel work",
        description="Cancel an operation that has not begun.",
        arguments=_OPERATION,
        required=("operation_id",),
        call=to("DELETE /operations/{operation_id}"),
    ),
)

SERVER_TOOLS = (
    Tool(
        name="list_banks",
        title="List banks",
        description="List the memory banks.",
        arguments={"query": text("Only those with this in their id or name."), **PAGE},
        call=to("GET /banks", query="q"),
        of_bank=False,
        reads=True,
    ),
    Tool(
        name="create_bank",
        title="Create a bank",
        description="Create a memory bank, or set up the one of that id.",
        arguments=_ABOUT_BANK,
        call=_saved,
    ),
    Tool(
        name="get_bank_stats",
        title="Figures of a bank",
        description="Show a bank in figures.",
        call=to("GET /stats"),
        reads=True,
    ),
)
"""Those of a connection that does not name a bank."""
