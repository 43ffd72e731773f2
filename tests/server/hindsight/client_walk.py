"""Walks through every method of `hindsight_client.Hindsight` against a server: `client_walk.py BASE_URL sync|async`.

Imports the client alone, and tells what it called as JSON, so that it runs in the environment of another version.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hindsight_client_api
from hindsight_client import Hindsight

NOT_CALLED = {"close", "aclose", "suspend_retains"}
"""They ask nothing of a server."""

BANK = "tenant:acme corp:user:ada"


class Walk:
    """Calls the methods of a client, those with an `a` before their names where there are such and they are wanted."""

    def __init__(self, base_url: str, mode: str) -> None:
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        self.client: Any = Hindsight(base_url, timeout=60.0)
        self.mode = mode
        self.called: set[str] = set()
        self.bank = f"{BANK}:{mode}"

    def __call__(self, name: str, /, *args: Any, **options: Any) -> Any:
        """Call a method with the bank."""
        return self.plain(name, self.bank, *args, **options)

    def plain(self, name: str, /, *args: Any, **options: Any) -> Any:
        """Call a method."""
        other = f"a{name}"
        if self.mode == "async" and hasattr(self.client, other):
            self.called.add(other)
            return self.loop.run_until_complete(getattr(self.client, other)(*args, **options))
        self.called.add(name)
        return getattr(self.client, name)(*args, **options)

    def low(self, api: str, method: str, /, *args: Any, **options: Any) -> Any:
        """Call a generated method."""
        return self.loop.run_until_complete(getattr(getattr(self.client, api), method)(*args, **options))

    def done(self, operation: str) -> Any:
        """Wait for an operation."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            status = self.low("operations", "get_operation_status", self.bank, operation)
            if status.status in ("completed", "failed", "cancelled"):
                assert status.status == "completed", status
                return status
            time.sleep(0.05)
        raise TimeoutError(operation)

    def model(self, name: str, /, **fields: Any) -> Any:
        """Make one of the generated models."""
        return getattr(hindsight_client_api, name)(**fields)

    def content(self, text: str) -> Any:
        """Return a content as this version of the client takes it."""
        return self.model("Content", actual_instance=text) if self.has("export_bank") else text

    def taken(self, name: str, /, **options: Any) -> dict[str, Any]:
        """Return those of `options` that the method takes in this version of the client."""
        known = inspect.signature(getattr(self.client, name)).parameters
        return {option: value for option, value in options.items() if option in known}

    def has(self, name: str) -> bool:
        """Tell whether this version of the client has a method."""
        return hasattr(self.client, name)


def part(item: Any, name: str) -> Any:
    """Return a field of an item, which some versions of the client give as a dictionary."""
    return item[name] if isinstance(item, dict) else getattr(item, name)


def banks(walk: Walk) -> None:
    version = walk.plain("get_version")
    assert isinstance(version.features.observations, bool)
    made = walk(
        "create_bank",
        name="Ada",
        mission="Help Ada",
        disposition={"skepticism": 2, "literalism": 3, "empathy": 5},
        background="I am Ada's agent",
    )
    assert (made.bank_id, made.name, made.disposition.empathy) == (walk.bank, "Ada", 5)
    walk("set_reflect_mission", "Advise Ada")
    walk("set_mission", "Help Ada well")
    config = walk("get_bank_config")
    assert config["overrides"]["reflect_mission"] == "Help Ada well"
    config = walk("update_bank_config", retain_chunk_size=500)
    assert config["config"]["retain_chunk_size"] == 500
    config = walk("reset_bank_config")
    assert config["overrides"] == {}


def retains(walk: Walk) -> None:
    said = walk(
        "retain",
        "Ada moved to Lisbon in March 2025.",
        context="small talk",
        document_id="talks/1",
        metadata={"channel": "mail"},
        tags=["user:ada", "session:s1"],
        entities=[{"text": "Lisbon", "type": "place"}],
    )
    assert (said.success, said.items_count, said.var_async) == (True, 1, False)
    items = [
        {"content": "Bob has a dog.", "document_id": "bob", "timestamp": "unset"},
        {"content": "Bob works at Initech.", "tags": ["work"], "update_mode": "append", "document_id": "bob"},
    ]
    assert walk("retain_batch", items, document_tags=["batch"]).items_count == 2
    operation = str(uuid.uuid4())
    for _ in range(2):
        later = walk("retain", "Ada has a cat named Miso.", retain_async=True, operation_id=operation)
        assert (later.var_async, later.operation_id) == (True, operation)
    walk.done(operation)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text("<html><head><title>x</title></head><body><p>Zoe plays the cello.</p></body></html>")
        for one in walk("retain_files", [str(page)], context="a page").operation_ids:
            walk.done(one)


def recalls(walk: Walk) -> None:
    found = walk(
        "recall",
        "Where does Ada live?",
        include_entities=True,
        include_chunks=True,
        include_source_facts=True,
        trace=True,
        query_timestamp="2025-06-01T12:00:00",
    )
    best = found.results[0]
    assert best.text == "Ada moved to Lisbon in March 2025."
    assert (best.type, best.context, best.document_id) == ("world", "small talk", "talks/1")
    assert best.metadata == {"channel": "mail"}
    assert best.chunk_id in found.chunks
    assert "Lisbon" in found.entities
    assert found.trace is not None
    tags: dict[str, Any] = {"tags": ["user:ada"], "tags_match": "any_strict"}
    if walk.has("export_bank"):  # before that version the client itself fails on groups
        tags = {"tag_groups": [{"and": [{"tags": ["user:ada"]}, {"not": {"tags": ["work"]}}]}]}
    some = walk(
        "recall",
        "Where does Ada live?",
        types=["world", "experience"],
        **tags,
        min_scores={"semantic": 0.0, "final": 0.0},
        **walk.taken("recall", temporal_window={"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}),
    )
    assert [one.text for one in some.results] == ["Ada moved to Lisbon in March 2025."]
    assert some.entities is None
    assert len(walk.plain("recall", f"nobody:{walk.mode}", "Where does Ada live?").results) == 0
    answer = walk("reflect", "Where does Ada live?", include_facts=True, include_tool_calls=True, context="A trip")
    assert "Lisbon" in answer.text
    assert answer.based_on.memories
    assert answer.trace.tool_calls


def listings(walk: Walk) -> None:
    listed = walk("list_memories", search_query="dog", type="world")
    assert [part(one, "text") for one in listed.items] == ["Bob has a dog."]
    assert listed.total == 1
    everything = walk("list_memories", type="world", limit=2)
    assert len(everything.items) == 2
    assert everything.total == 5, everything
    assert walk.low("documents", "get_document", walk.bank, "talks/1").original_text.startswith("Ada moved")
    assert walk.low("banks", "get_agent_stats", walk.bank).total_documents == 4
    assert walk.low("entities", "list_entities", walk.bank).items
    assert walk.low("memory", "get_graph", walk.bank).nodes
    assert walk.low("operations", "list_operations", walk.bank).total >= 2
    assert {one.tag for one in walk.low("memory", "list_tags", walk.bank).items} >= {"user:ada", "batch", "work"}
    assert walk.bank in {one.bank_id for one in walk.low("banks", "list_banks").banks}


def documents(walk: Walk) -> None:
    bank = walk.bank
    assert walk.low("documents", "list_documents", bank).total == 4
    walk.low("documents", "update_document", bank, "bob", walk.model("UpdateDocumentRequest", tags=["pets"]))
    (chunk, _) = walk.low("documents", "list_document_chunks", bank, "bob").items
    assert walk.low("documents", "get_chunk", chunk.chunk_id).chunk_text == "Bob has a dog."
    walk.done(walk.low("documents", "reprocess_document", bank, "bob").operation_id)
    if hasattr(walk.client.documents, "get_document_history"):
        assert walk.low("documents", "get_document_history", bank, "bob").total >= 2
    assert walk.low("documents", "delete_document", bank, "bob").memory_units_deleted == 2
    walk("retain_batch", [{"content": "Bob has a dog.", "document_id": "bob"}])


def curation(walk: Walk) -> None:
    bank = walk.bank
    id = part(walk("list_memories", search_query="dog", type="world").items[0], "id")
    assert walk.low("memory", "get_memory", bank, id)["text"] == "Bob has a dog."
    edited = walk.low("memory", "update_memory", bank, id, walk.model("UpdateMemoryRequest", text="Bob has a cat."))
    assert edited["text"] == "Bob has a cat."
    assert walk.low("memory", "get_observation_history", bank, edited["id"])[0]["previous_text"] == "Bob has a dog."
    for state in ("invalidated", "valid"):
        change = walk.model("UpdateMemoryRequest", state=state)
        assert walk.low("memory", "update_memory", bank, edited["id"], change)["state"] == state
    assert walk.low("memory", "clear_memory_observations", bank, edited["id"]).deleted_count >= 0
    tried = walk.model("DryRunExtractRequest", content=walk.content("Ada: I moved to Lisbon last week."))
    assert walk.low("memory", "dry_run_extract_memories", bank, tried).facts


def upkeep(walk: Walk) -> None:
    bank = walk.bank
    traits = walk.model("DispositionTraits", skepticism=1, literalism=2, empathy=3)
    request = walk.model("UpdateDispositionRequest", disposition=traits)
    assert walk.low("banks", "update_bank_disposition", bank, request).disposition.literalism == 2
    walk.low("banks", "add_bank_background", bank, walk.model("AddBackgroundRequest", content="I speak French."))
    assert walk.low("banks", "get_bank_profile", bank).background.endswith("I speak French.")
    assert walk.low("banks", "update_bank", bank, walk.model("CreateBankRequest", name="A.")).name == "A."
    assert walk.low("banks", "get_memories_timeseries", bank).buckets
    walk.done(walk.low("banks", "trigger_consolidation", bank).operation_id)
    assert walk.low("banks", "recover_consolidation", bank).retried_count == 0
    assert walk.low("memory", "list_observation_scopes", bank).scopes, "observations are made of what was retained"
    assert walk.low("banks", "clear_observations", bank).success
    entity = walk.low("entities", "list_entities", bank).items[0]
    assert walk.low("entities", "get_entity", bank, entity.id).canonical_name == entity.canonical_name
    assert walk.low("entities", "get_entity_graph", bank).total_entities >= 2
    hook = walk.model("CreateWebhookRequest", url="https://93.184.216.34/hook", secret="x", enabled=False)
    made = walk.low("webhooks", "create_webhook", bank, hook)
    assert made.http_config.timeout_seconds == 30
    assert walk.low("webhooks", "list_webhooks", bank).items[0].id == made.id
    changed = walk.model("UpdateWebhookRequest", event_types=["retain.completed"])
    assert walk.low("webhooks", "update_webhook", bank, made.id, changed).event_types == ["retain.completed"]
    assert walk.low("webhooks", "list_webhook_deliveries", bank, made.id).items == []
    assert walk.low("webhooks", "delete_webhook", bank, made.id).success


def operations(walk: Walk) -> None:
    bank = walk.bank
    listed = walk.low("operations", "list_operations", bank, status="completed", limit=100)
    assert listed.total == len(listed.operations)
    id = listed.operations[0].id
    assert walk.low("operations", "get_operation_status", bank, id, include_payload=True).operation_id == id
    assert walk.low("operations", "delete_operation", bank, id).success
    assert walk.low("operations", "get_operation_status", bank, id).status == "not_found"
    assert walk.low("monitoring", "health_endpoint_health_get")["status"] == "healthy"


def mental_models(walk: Walk) -> None:
    made = walk("create_mental_model", "Home", "Where does Ada live?", tags=[], trigger={"mode": "delta"})
    id = made.mental_model_id
    walk.done(made.operation_id)
    kept = walk("get_mental_model", id)
    assert "Lisbon" in kept.content
    assert kept.trigger.mode == "delta"
    assert [one.id for one in walk("list_mental_models", detail="content").items] == [id]
    walk.done(walk("refresh_mental_model", id).operation_id)
    assert walk("dry_run_refresh_mental_model", id).current_content == kept.content
    assert walk("update_mental_model", id, name="Town", max_tokens=512).name == "Town"
    assert walk("clear_mental_model", id).content == ""
    assert walk("get_mental_model_history", id)[0]["previous_content"] == kept.content
    walk("delete_mental_model", id)


def knowledge(walk: Walk) -> None:
    folder = walk("create_knowledge_folder", "people")
    page = walk("create_knowledge_page", "Ada", "Where does Ada live?", parent_id=folder.id)
    walk.done(page.operation_id)
    assert [one.name for one in walk("get_knowledge_base_tree").roots[0].children] == ["Ada"]
    assert "Lisbon" in walk("get_knowledge_page", page.page_id).body
    assert walk("search_knowledge_base", "Ada").results[0].id == page.page_id
    moved = walk("update_knowledge_node", page.page_id, name="Ada L.", parent_id=None)
    assert (moved.name, moved.parent_id) == ("Ada L.", None)
    assert "Lisbon" in walk("export_knowledge_base").files[0].content
    walk("delete_knowledge_node", folder.id)
    walk("delete_knowledge_node", page.page_id)
    assert walk("get_knowledge_base_tree").roots == []


def directives(walk: Walk) -> None:
    made = walk("create_directive", "tone", "Be brief.", priority=2, tags=["style"])
    assert walk("get_directive", made.id).content == "Be brief."
    assert walk("list_directives").items[0].priority == 2
    assert walk("update_directive", made.id, is_active=False).is_active is False
    assert walk("list_directives").items == []
    walk("delete_directive", made.id)


def transfers(walk: Walk) -> None:
    archive = walk("export_documents", poll_interval=0.05)
    assert archive[:2] == b"PK"
    submitted = walk.low("document_transfer", "import_documents", walk.bank, archive, on_conflict="skip")
    assert walk.done(submitted.operation_id).result_metadata["documents_skipped"] == 4
    if not walk.has("export_bank"):
        return
    whole = walk("export_bank", poll_interval=0.05)
    restored, cloned = f"restored:{walk.mode}", f"cloned:{walk.mode}"
    walk.done(walk("import_bank", whole, target_bank_id=restored))
    walk.done(walk("clone_bank", cloned))
    for bank in (restored, cloned):
        assert walk.plain("recall", bank, "Who plays the cello?").results[0].text == "Zoe plays the cello."
        walk.plain("delete_bank", bank)


def deletions(walk: Walk) -> None:
    walk("delete_bank")
    assert walk("list_memories").items == []


def methods() -> Iterator[str]:
    for name in dir(Hindsight):
        is_property = isinstance(inspect.getattr_static(Hindsight, name), property)
        if not name.startswith("_") and not is_property and name not in NOT_CALLED:
            yield name


def main(base_url: str, mode: str) -> None:
    walk = Walk(base_url, mode)
    for step in (
        banks,
        retains,
        recalls,
        listings,
        documents,
        curation,
        upkeep,
        operations,
        mental_models,
        knowledge,
        directives,
        transfers,
        deletions,
    ):
        step(walk)
    with contextlib.closing(walk.loop):
        walk.loop.run_until_complete(walk.client.aclose())
    sys.stdout.write(json.dumps({"called": sorted(walk.called), "known": sorted(methods())}))


if __name__ == "__main__":
    main(*sys.argv[1:])
