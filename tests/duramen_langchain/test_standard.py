"""The standard tests of `langchain-tests`, which every retriever and tool for LangChain is to pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.retrievers import BaseRetriever
from langchain_core.tools import BaseTool
from langchain_tests.integration_tests import RetrieversIntegrationTests, ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests

from duramen import SyncMemoryEngine
from duramen.turns.tools import ToolName
from duramen_langchain.retriever import DuramenRetriever
from duramen_langchain.tools import memory_tools
from tests.conftest import engine


class Kept:
    """A memory for the class's tests, with something in it."""

    memory: SyncMemoryEngine

    @pytest.fixture(autouse=True)
    def kept(self) -> Iterator[None]:
        with SyncMemoryEngine(engine(":memory:")) as self.memory:
            for text in ("Ada lives in Lisbon.", "Ada has a dog.", "Ada is allergic to nuts.", "Ada plays the viola."):
                self.memory.retain("user:ada", text)
            yield


class OfTool(Kept):
    name: ToolName
    example: dict[str, Any]

    @property
    def tool_constructor(self) -> BaseTool:
        (tool,) = memory_tools(self.memory, bank="user:ada", names=(self.name,))
        return tool

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        return dict(self.example)


class OfRecall(OfTool):
    name = "recall"
    example = {"query": "Where does Ada live?"}  # noqa: RUF012  never changed


class OfRetain(OfTool):
    name = "retain"
    example = {"text": "Ada wants the report on Fridays."}  # noqa: RUF012


class OfReflect(OfTool):
    name = "reflect"
    example = {"question": "What is Ada like?"}  # noqa: RUF012


class OfForget(OfTool):
    name = "forget"
    example = {"memories": ["no such memory"]}  # noqa: RUF012


class TestRetriever(Kept, RetrieversIntegrationTests):
    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return DuramenRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"memory": self.memory, "bank": "user:ada"}

    @property
    def retriever_query_example(self) -> str:
        return "What is known about Ada?"


class TestRecallUnit(OfRecall, ToolsUnitTests):
    pass


class TestRecallIntegration(OfRecall, ToolsIntegrationTests):
    pass


class TestRetainUnit(OfRetain, ToolsUnitTests):
    pass


class TestRetainIntegration(OfRetain, ToolsIntegrationTests):
    pass


class TestReflectUnit(OfReflect, ToolsUnitTests):
    pass


class TestReflectIntegration(OfReflect, ToolsIntegrationTests):
    pass


class TestForgetUnit(OfForget, ToolsUnitTests):
    pass


class TestForgetIntegration(OfForget, ToolsIntegrationTests):
    pass
