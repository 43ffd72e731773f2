from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from duramen import BankResolutionError, Identity
from duramen.turns import bank_in
from duramen_langchain.whose import in_a_tool, lasting, session_of, sources


@dataclass
class Context:
    user_id: str | None = None
    tenant_id: str | None = None


@dataclass
class Runtime:
    context: Any = None
    server_info: Any = None
    execution_info: Any = None


def config(**configurable: Any) -> Mapping[str, Any]:
    return {"configurable": configurable}


def bank(given: Any = None, runtime: Any = None, of: Mapping[str, Any] | None = None) -> str | None:
    return bank_in(sources(given, runtime, of))


class TestWhoseTurnItIs:
    def test_what_the_adapter_was_given_goes_before_all_and_alone(self) -> None:
        runtime = Runtime(Context("ada"))

        assert bank("team:sales", runtime, config(user_id="bob")) == "team:sales"
        assert bank(Identity(user="carol"), runtime) == "user:carol"
        assert bank(lambda _: None, runtime, config(user_id="bob")) is None

    def test_a_function_is_given_the_runtime_or_else_the_config(self) -> None:
        assert bank(lambda run: f"b:{run.context.user_id}", Runtime(Context("ada")), config(user_id="bob")) == "b:ada"
        assert bank(lambda run: f"b:{run['configurable']['user_id']}", None, config(user_id="bob")) == "b:bob"

    def test_then_the_context_then_the_authenticated_user_then_the_config(self) -> None:
        user = SimpleNamespace(identity="carol")
        info = SimpleNamespace(user=user)

        assert bank(None, Runtime(Context("ada", "acme"), info), config(user_id="bob")) == "tenant:acme:user:ada"
        assert bank(None, Runtime({"user_id": "ada"}, info), config(user_id="bob")) == "user:ada"
        assert bank(None, Runtime(None, info), config(user_id="bob")) == "user:carol"
        assert bank(None, Runtime(), config(langgraph_auth_user={"identity": "dora"}, user_id="bob")) == "user:dora"
        assert bank(None, Runtime(), config(langgraph_auth_user_id="eve", user_id="bob")) == "user:eve"
        assert bank(None, None, config(user_id="bob", thread_id="t")) == "user:bob"

    @pytest.mark.parametrize("nobody", [None, {}, config(thread_id="ada"), config(user_id=None)], ids=str)
    def test_a_thread_is_nobody(self, nobody: Mapping[str, Any] | None) -> None:
        assert bank(None, Runtime(), nobody) is None

    def test_a_context_that_is_text_is_not_the_name_of_a_bank(self) -> None:
        assert bank(None, Runtime("user:bob"), config(user_id="ada")) == "user:ada"

    def test_a_blank_user_does_not_give_way_to_the_next_source(self) -> None:
        with pytest.raises(BankResolutionError):
            bank(None, Runtime(Context("  ")), config(user_id="bob"))


class TestTheSession:
    def test_is_the_thread_as_text(self) -> None:
        assert session_of(None, config(thread_id="t1")) == "t1"
        assert session_of(None, config(thread_id=uuid.UUID(int=1))) == str(uuid.UUID(int=1))
        assert session_of(Runtime(execution_info=SimpleNamespace(thread_id="t2")), None) == "t2"

    def test_is_none_without_a_thread(self) -> None:
        assert session_of(Runtime(), config(user_id="ada")) is None
        assert session_of(None, None) is None


class TestIds:
    def test_last_where_a_checkpointer_keeps_the_thread(self) -> None:
        assert lasting(config(thread_id="t1", __pregel_checkpointer=object()))
        assert not lasting(config(thread_id="t1", __pregel_checkpointer=None))
        assert not lasting(config(user_id="ada"))
        assert not lasting(None)


class TestNesting:
    @pytest.mark.parametrize(
        ("namespace", "inside"),
        [
            ("tools:1|model:2", True),
            ("agent:1|tools:2|MemoryMiddleware.after_model:3", True),
            ("model:1", False),
            ("agent:1|model:2", False),
            ("tools:1", False),
            ("", False),
            (None, False),
        ],
    )
    def test_a_run_in_a_tool_is_told_from_a_node_of_a_graph(self, namespace: str | None, inside: bool) -> None:
        assert in_a_tool(config(checkpoint_ns=namespace)) is inside

    def test_without_a_config_there_is_no_telling(self) -> None:
        assert not in_a_tool(None)
