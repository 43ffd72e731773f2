from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from duramen.errors import BadQueryError
from duramen.server.app import create_app
from duramen.server.mcp.connection import ALL, API, OF_BANK
from duramen.server.mcp.tool import Tool, bank_path, encoded
from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.mcp.parts import every_argument_of

LOOKING = {
    "recall",
    "reflect",
    "list_mental_models",
    "get_mental_model",
    "list_directives",
    "list_memories",
    "get_memory",
    "list_documents",
    "get_document",
    "list_operations",
    "get_operation",
    "list_tags",
    "get_bank",
    "get_knowledge_base_tree",
    "search_knowledge_base",
    "get_knowledge_page",
}
CHANGING = {
    "retain",
    "sync_retain",
    "create_mental_model",
    "update_mental_model",
    "refresh_mental_model",
    "create_directive",
    "update_memory",
    "cancel_operation",
    "update_bank",
    "create_knowledge_folder",
    "create_knowledge_page",
    "update_knowledge_node",
}
DESTROYING = {
    "delete_mental_model",
    "clear_mental_model",
    "delete_directive",
    "invalidate_memory",
    "delete_document",
    "delete_bank",
    "clear_memories",
    "delete_knowledge_node",
}
OURS = {"forget"}

API_OF_US: Mapping[str, Any] = create_app(engine(":memory:"), Settings()).openapi()


def operation(method: str, path: str) -> Mapping[str, Any]:
    """Return the route that answers, as OpenAPI tells it."""
    for known, operations in API_OF_US["paths"].items():
        if method.lower() in operations and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), path):
            found: Mapping[str, Any] = operations[method.lower()]
            return found
    raise AssertionError(f"There is no route {method} {path}.")


def unknown_in(value: Any, schema: Mapping[str, Any], place: str) -> Iterator[str]:
    """Yield the places of what the body of a route does not name."""
    schemas = [_resolved(one) for one in schema.get("anyOf", [schema])]
    if isinstance(value, list):
        items = next(one["items"] for one in schemas if one.get("type") == "array")
        for one in value:
            yield from unknown_in(one, items, f"{place}[]")
    if isinstance(value, dict):
        shape = next(one for one in schemas if one.get("type") == "object")
        for name, one in value.items() if "properties" in shape else ():
            if name in shape["properties"]:
                yield from unknown_in(one, shape["properties"][name], f"{place}.{name}")
            else:
                yield f"{place}.{name}"


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Mapping[str, Any] = API_OF_US["components"]["schemas"][name] if name else schema
    return found


def test_the_tools_of_a_bank_are_those_of_hindsight_and_forget() -> None:
    assert set(OF_BANK) == LOOKING | CHANGING | DESTROYING | OURS
    assert set(ALL) - set(OF_BANK) == {"list_banks", "create_bank", "get_bank_stats"}


@pytest.mark.parametrize("tool", ALL.values(), ids=lambda tool: tool.name)
def test_a_tool_says_what_it_may_do(tool: Tool) -> None:
    looks = tool.name in LOOKING | {"list_banks", "get_bank_stats"}
    destroys = tool.name in DESTROYING | OURS

    told = tool.definition(fixed=False)["annotations"]

    assert (told["readOnlyHint"], told["destructiveHint"]) == (looks, destroys)


@pytest.mark.parametrize("tool", ALL.values(), ids=lambda tool: tool.name)
def test_what_a_tool_asks_for_is_a_route_that_knows_all_that_it_is_sent(tool: Tool) -> None:
    call = tool.call("ada" if tool.of_bank else "", every_argument_of(tool))

    route = operation(call.method, API + call.path)

    assert set(call.query) <= {one["name"] for one in route.get("parameters", ()) if one["in"] == "query"}
    if "requestBody" in route:
        schema = route["requestBody"]["content"]["application/json"]["schema"]
        assert list(unknown_in(dict(call.body or {}), schema, "body")) == []
    else:
        assert not call.body


@pytest.mark.parametrize("tool", ALL.values(), ids=lambda tool: tool.name)
def test_a_tool_names_the_bank_unless_the_connection_does(tool: Tool) -> None:
    free, fixed = (tool.definition(fixed=one)["inputSchema"] for one in (False, True))

    assert ("bank_id" in free["required"]) == tool.of_bank
    assert "bank_id" not in fixed["properties"]


@pytest.mark.parametrize("name", [".", ".."])
def test_a_name_that_would_be_a_step_in_a_path_is_refused(name: str) -> None:
    with pytest.raises(BadQueryError):
        bank_path(name)


def test_any_other_name_is_one_segment_of_a_path() -> None:
    assert encoded("../a?b#c%2F") == "..%2Fa%3Fb%23c%252F"


def test_retain_and_sync_retain_differ_in_when_they_return() -> None:
    bodies = [OF_BANK[name].call("ada", {"content": "x"}).body for name in ("retain", "sync_retain")]

    assert bodies == [{"items": [{"content": "x"}], "async": True}, {"items": [{"content": "x"}], "async": False}]


def test_a_recall_looks_deep_and_tells_nothing_beside_unless_asked() -> None:
    plain = OF_BANK["recall"].call("ada", {"query": "x"}).body
    more = OF_BANK["recall"].call("ada", {"query": "x", "budget": "low", "include_chunks": True, "max_chunk_tokens": 9})

    assert plain == {"query": "x", "budget": "high", "include": {"entities": None}}
    assert more.body == {"query": "x", "budget": "low", "include": {"entities": None, "chunks": {"max_tokens": 9}}}


def test_short_forms_of_a_trigger_go_into_it() -> None:
    call = OF_BANK["update_knowledge_node"].call(
        "ada", {"node_id": "n", "parent_id": "root", "refresh_after_consolidation": True, "trigger": {"mode": "full"}}
    )

    assert call.body == {"parent_id": None, "trigger": {"refresh_after_consolidation": True, "mode": "full"}}


def test_a_bank_is_set_up_before_it_is_named() -> None:
    call = OF_BANK["update_bank"].call("ada", {"name": "Ada", "config_updates": {"enable_reranking": False}})

    assert (call.method, call.path) == ("PATCH", "/banks/ada/config")
    assert call.then is not None
    assert (call.then.method, call.then.path, call.then.body) == ("PUT", "/banks/ada", {"name": "Ada"})
