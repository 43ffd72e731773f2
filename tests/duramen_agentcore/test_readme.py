"""The README's examples are run in order, in one namespace, as a reader would; its tables are held against the code."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from pathlib import Path

import httpx
import pytest

from duramen_agentcore import AgentCoreConfig, RuntimeAdapter, Stats, TurnContext
from tests.readmes import readme_of, run_examples

README = readme_of("duramen_agentcore")


async def test_the_examples_run_as_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    names = await run_examples(README)

    first: RuntimeAdapter = names["adapter"]
    assert "Started the quarterly review" in names["known"]
    assert names["turn"].tenant_id == "acme"
    assert (first.stats().recall_failures, first.stats().retain_failures, first.stats().refused) == (0, 0, 0)
    session, user = "X-Amzn-Bedrock-AgentCore-Runtime-Session-Id", "X-Amzn-Bedrock-AgentCore-Runtime-User-Id"
    transport = httpx.ASGITransport(app=names["app"])
    async with httpx.AsyncClient(transport=transport, base_url="http://runtime", timeout=60) as client:
        reply = await client.post(
            "/invocations", json={"prompt": "Which review is finished?"}, headers={session: "s" * 33, user: "ada"}
        )
    assert "churn fell by 4 %" in reply.json()["output"]
    for adapter in names.values():
        if isinstance(adapter, RuntimeAdapter):
            await adapter.aclose()


def test_every_option_is_in_the_table_with_its_default() -> None:
    table = re.findall(r"^\| `(.+) \|$", README.split("## Options")[1], re.MULTILINE)
    shown = {row.split("`")[0]: row.split("|")[2].strip(" `") for row in table}

    assert shown == {
        option.name: "" if option.default is None else "[]" if option.default == () else str(option.default)
        for option in fields(AgentCoreConfig)
    }


def test_every_counter_and_source_of_identity_is_named() -> None:
    for name in (one.name for one in fields(Stats)):
        assert name.replace("_", " ") in README.replace("_", " ")
    for name in ("claims", "tenant_claim", "user_header", "user_id", "user_key", "request_key"):
        assert name in inspect.signature(TurnContext.from_request).parameters
        assert f"`{name}" in README or f"[{name}]" in README
