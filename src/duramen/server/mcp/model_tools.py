"""The tools about answers that are kept ready, and pages of such."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from duramen.server.mcp.schemas import ONLY_TAGS, PAGE, TAGS, TRIGGER, Schema, flag, matching, one_of, text, whole
from duramen.server.mcp.tool import Arguments, Call, Tool, to

_MODEL: Mapping[str, Schema] = {"mental_model_id": text("The id of the prepared answer.", minLength=1)}
_PAGE_ID: Mapping[str, Schema] = {"page_id": text("The id of the page.", minLength=1)}
_NODE: Mapping[str, Schema] = {"node_id": text("The id of the page or folder.", minLength=1)}
_FOLDER: Mapping[str, Schema] = {"parent_id": text("The folder that it is in; at the top if left out.", minLength=1)}

_ABOUT: Mapping[str, Schema] = {
    "name": text("What it is called.", minLength=1),
    "source_query": text("The question that it answers.", minLength=1),
    "tags": TAGS,
    "max_tokens": whole("How long the answer may be, in tokens.", 2048, 256, 8192),
    "trigger": TRIGGER,
}
_SHORT: Mapping[str, Schema] = {
    "tags_match": matching("all_strict"),
    "trigger_refresh_after_consolidation": flag("Work it out anew when observations were made."),
}
_SHORT_PAGE: Mapping[str, Schema] = {
    "refresh_after_consolidation": flag("Work it out anew when observations were made."),
}
_IN_TRIGGER = {
    "tags_match": "tags_match",
    "trigger_refresh_after_consolidation": "refresh_after_consolidation",
    "refresh_after_consolidation": "refresh_after_consolidation",
}
"""Arguments that stand for a part of the trigger."""


def _with_trigger(request: str, **renamed: str) -> Callable[[str, Arguments], Call]:
    """Return what makes `request`, with all that belongs there in its trigger."""
    make = to(request, **renamed)

    def call(bank: str, arguments: Arguments) -> Call:
        parts = {_IN_TRIGGER[name]: value for name, value in arguments.items() if name in _IN_TRIGGER}
        given: dict[str, Any] = {name: value for name, value in arguments.items() if name not in _IN_TRIGGER}
        if parts:
            given["trigger"] = {**parts, **given.get("trigger", {})}
        if given.get("parent_id") == "root":
            given["parent_id"] = None
        return make(bank, given)

    return call


MODEL_TOOLS = (
    Tool(
        name="list_mental_models",
        title="List prepared answers",
        description="List answers that are kept ready.",
        arguments={"tags": ONLY_TAGS, **PAGE},
        call=to("GET /mental-models"),
        reads=True,
    ),
    Tool(
        name="get_mental_model",
        title="Show a prepared answer",
        description="Show an answer that is kept ready.",
        arguments={
            **_MODEL,
            "detail": one_of("How much of it to tell.", "metadata", "content", "full", default="full"),
        },
        required=("mental_model_id",),
        call=to("GET /mental-models/{mental_model_id}"),
        reads=True,
    ),
    Tool(
        name="create_mental_model",
        title="Prepare an answer",
        description="Keep the answer to a question ready; it is worked out after this returns.",
        arguments={
            **_ABOUT,
            **_SHORT,
            "mental_model_id": text("Its id; one is given if it is left out.", minLength=1),
        },
        required=("name", "source_query"),
        call=_with_trigger("POST /mental-models", mental_model_id="id"),
        repeats=False,
    ),
    Tool(
        name="update_mental_model",
        title="Change a prepared answer",
        description="Change what a prepared answer is called or asks. What is left out stays.",
        arguments={**_MODEL, **_ABOUT, **_SHORT},
        required=("mental_model_id",),
        call=_with_trigger("PATCH /mental-models/{mental_model_id}"),
    ),
    Tool(
        name="refresh_mental_model",
        title="Work an answer out anew",
        description="Work a prepared answer out anew, after this returns.",
        arguments=_MODEL,
        required=("mental_model_id",),
        call=to("POST /mental-models/{mental_model_id}/refresh"),
    ),
    Tool(
        name="clear_mental_model",
        title="Empty a prepared answer",
        description="Empty a prepared answer; its question stays.",
        arguments=_MODEL,
        required=("mental_model_id",),
        call=to("POST /mental-models/{mental_model_id}/clear"),
        destroys=True,
    ),
    Tool(
        name="delete_mental_model",
        title="Delete a prepared answer",
        description="Delete a prepared answer.",
        arguments=_MODEL,
        required=("mental_model_id",),
        call=to("DELETE /mental-models/{mental_model_id}"),
        destroys=True,
    ),
    Tool(
        name="get_knowledge_base_tree",
        title="List pages",
        description="Show the folders and pages.",
        call=to("GET /knowledge-base/tree"),
        reads=True,
    ),
    Tool(
        name="search_knowledge_base",
        title="Search pages",
        description="Find pages about something.",
        arguments={
            "query": text("What to look for.", minLength=1),
            "limit": whole("At most so many.", 10, 1, 50),
        },
        required=("query",),
        call=to("GET /knowledge-base/search", query="q"),
        reads=True,
    ),
    Tool(
        name="get_knowledge_page",
        title="Show a page",
        description="Show a page.",
        arguments=_PAGE_ID,
        required=("page_id",),
        call=to("GET /knowledge-base/pages/{page_id}"),
        reads=True,
    ),
    Tool(
        name="create_knowledge_folder",
        title="Add a folder",
        description="Add a folder for pages.",
        arguments={"name": text("What it is called.", minLength=1), **_FOLDER},
        required=("name",),
        call=to("POST /knowledge-base/folders"),
        repeats=False,
    ),
    Tool(
        name="create_knowledge_page",
        title="Add a page",
        description="Add a page: the answer to a question, kept ready. It is worked out after this returns.",
        arguments={**_ABOUT, **_SHORT_PAGE, **_FOLDER},
        required=("name", "source_query"),
        call=_with_trigger("POST /knowledge-base/pages"),
        repeats=False,
    ),
    Tool(
        name="update_knowledge_node",
        title="Change a page",
        description="Rename or move a page or a folder, or change what a page asks. What is left out stays.",
        arguments={
            **_NODE,
            **_ABOUT,
            **_SHORT_PAGE,
            "parent_id": text("The folder to move it into, or root for the top.", minLength=1),
        },
        required=("node_id",),
        call=_with_trigger("PATCH /knowledge-base/nodes/{node_id}"),
    ),
    Tool(
        name="delete_knowledge_node",
        title="Delete a page",
        description="Delete a page, or a folder with all that is in it.",
        arguments=_NODE,
        required=("node_id",),
        call=to("DELETE /knowledge-base/nodes/{node_id}"),
        destroys=True,
    ),
)
