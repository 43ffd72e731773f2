"""Uses every tool once, with whichever generation of the `mcp` package is installed, and prints what came of it.

Nothing else is needed, so that it runs in an environment with that package alone:
`tool_walk.py http URL` or `tool_walk.py stdio PROGRAM ARGUMENT...`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import mcp
from mcp.client import streamable_http
from mcp.client.stdio import stdio_client

BANK = "user:ada/ä b"


class Walk:
    """Calls tools, and keeps what each of them answered last."""

    def __init__(self, session: Any, bank: str | None) -> None:
        self.session = session
        self.bank = bank
        self.answers: dict[str, Any] = {}

    async def __call__(self, tool: str, /, **arguments: Any) -> Any:
        given = {**({} if self.bank is None or tool == "list_banks" else {"bank_id": self.bank}), **arguments}
        answer = (await self.session.call_tool(tool, given)).model_dump(by_alias=True, mode="json")
        self.answers[tool] = {
            "failed": answer["isError"],
            "text": answer["content"][0]["text"],
            "data": answer["structuredContent"],
        }
        return answer["structuredContent"] or {}

    async def tools(self) -> dict[str, Any]:
        listed = await self.session.list_tools()
        return {one["name"]: one for one in listed.model_dump(by_alias=True, mode="json")["tools"]}


async def memories(walk: Walk) -> None:
    await walk("retain", content="Ada lives in Lisbon.", document_id="home", tags=["home"])
    await walk("sync_retain", content="Ada plays the cello.", context="music", metadata={"source": "test"})
    await walk("sync_retain", content="Ada has a red bicycle.", document_id="bicycle", timestamp=None)
    found = await walk("recall", query="What does Ada play?", include_chunks=True, include_entities=True)
    memory = found["results"][0]["id"]
    await walk("reflect", query="What does Ada play?", include_based_on=True)
    await walk("list_memories", q="cello", limit=5)
    await walk("get_memory", memory_id=memory)
    await walk("update_memory", memory_id=memory, text="Ada plays the viola.")
    await walk("invalidate_memory", memory_id=memory, reason="moved on")
    await walk("invalidate_memory", memory_id=memory, restore=True)
    await walk("list_tags")
    await walk("list_documents")
    await walk("get_document", document_id="bicycle")
    await walk("delete_document", document_id="bicycle")
    await walk("forget", memory_id=memory)


async def banks(walk: Walk) -> None:
    await walk("update_bank", name="Ada", mission="Know Ada.", config_updates={"enable_observations": False})
    await walk("get_bank")
    rule = await walk("create_directive", name="Brief", content="Answer briefly.", priority=1)
    await walk("list_directives")
    await walk("delete_directive", directive_id=rule["id"])
    work = (await walk("list_operations"))["operations"][0]["operation_id"]
    while (await walk("get_operation", operation_id=work))["status"] in ("pending", "processing"):
        pass
    await walk("cancel_operation", operation_id=work)


async def models(walk: Walk) -> None:
    model = "where-ada-lives"
    await walk("create_mental_model", name="Home", source_query="Where does Ada live?", mental_model_id=model)
    await walk("list_mental_models")
    await walk("get_mental_model", mental_model_id=model, detail="content")
    await walk("update_mental_model", mental_model_id=model, name="Her home", trigger={"mode": "full"})
    await walk("refresh_mental_model", mental_model_id=model)
    await walk("clear_mental_model", mental_model_id=model)
    await walk("delete_mental_model", mental_model_id=model)
    folder = (await walk("create_knowledge_folder", name="People"))["id"]
    made = await walk("create_knowledge_page", name="Ada", source_query="Who is Ada?", parent_id=folder)
    page = made["page_id"]
    await walk("get_knowledge_base_tree")
    await walk("search_knowledge_base", query="Ada")
    await walk("get_knowledge_page", page_id=page)
    await walk("update_knowledge_node", node_id=page, name="Ada herself", parent_id="root")
    await walk("delete_knowledge_node", node_id=folder)


async def wrong(session: Any) -> dict[str, Any]:
    walk = Walk(session, None)
    await walk("no_such_tool")
    await walk("recall", bank_id=BANK, query=7)
    await walk("get_memory", bank_id=BANK)
    await walk("reflect", bank_id=BANK, query="x", depth=3)
    await walk("forget", bank_id=BANK)
    await walk("delete_document", bank_id=BANK, document_id="..")
    await walk("list_documents")
    await walk("get_mental_model", bank_id=BANK, mental_model_id="none")
    return walk.answers


async def over_all(session: Any) -> dict[str, Any]:
    walk = Walk(session, BANK)
    await walk("create_bank", name="Ada")
    await memories(walk)
    await models(walk)
    await banks(walk)
    await walk("get_bank_stats")
    await walk("list_banks", query="ada")
    await walk("clear_memories", type="world")
    await walk("delete_bank")
    return {"tools": await walk.tools(), "answers": walk.answers, "wrong": await wrong(session)}


async def over_one(session: Any) -> dict[str, Any]:
    walk = Walk(session, None)
    await walk("sync_retain", content="Grace lives in Porto.")
    await walk("recall", query="Where does Grace live?")
    return {"tools": await walk.tools(), "answers": walk.answers}


@asynccontextmanager
async def opened(way: list[str], bank: str | None) -> AsyncIterator[Any]:
    async with streams(way, bank) as (read, write, *_), mcp.ClientSession(read, write) as session:
        await session.initialize()
        yield session


def streams(way: list[str], bank: str | None) -> Any:
    if way[0] == "http":
        return streamable_http.streamable_http_client(f"{way[1]}/mcp" + ("" if bank is None else f"/{bank}/"))
    arguments = [*way[2:], *([] if bank is None else ["--bank", bank])]
    return stdio_client(mcp.StdioServerParameters(command=way[1], args=arguments, env=dict(os.environ)))


async def main(way: list[str]) -> None:
    async with opened(way, None) as session:
        everything = await over_all(session)
    async with opened(way, "grace") as session:
        one = await over_one(session)
    json.dump({"version": version("mcp"), "all": everything, "one": one}, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
