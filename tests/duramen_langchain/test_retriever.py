from __future__ import annotations

from datetime import datetime, timezone

import pytest
from langchain_core.documents import Document
from langchain_core.runnables import RunnableConfig, RunnableLambda, RunnablePassthrough
from langchain_core.tools import create_retriever_tool

from duramen import (
    BadInputError,
    BadQueryError,
    BankResolutionError,
    Identity,
    Item,
    StoreUnavailableError,
    SyncMemoryEngine,
)
from duramen_langchain.retriever import DuramenRetriever
from tests.outages import BreakableStore

ADA: RunnableConfig = {"configurable": {"user_id": "ada"}}


@pytest.fixture
def memory(kept: SyncMemoryEngine) -> SyncMemoryEngine:
    kept.retain("user:ada", "Ada is allergic to nuts.", wait=True)
    kept.retain("user:bob", "Bob is allergic to milk.", wait=True)
    return kept


def texts(documents: list[Document]) -> list[str]:
    return [document.page_content for document in documents]


def test_a_document_says_what_is_known_of_its_memory(memory: SyncMemoryEngine) -> None:
    item = Item(
        content=[{"role": "user", "content": "I moved to Lisbon on 3 March 2025."}],
        key="k1",
        actor="Cleo",
        session="s1",
        tags=("home",),
        metadata={"source": "chat", "score": "their own"},
        document="d1",
        occurred=datetime(2025, 4, 1, tzinfo=timezone.utc),
    )
    memory.retain("user:cleo", [item], wait=True)

    (document,) = DuramenRetriever(memory, bank="user:cleo").invoke("Where does Cleo live?")

    (kept,) = memory.memories("user:cleo").items
    score = document.metadata.pop("score")
    assert 0.0 <= score <= 1.0
    assert document.id == kept.id
    assert document.page_content == "I moved to Lisbon on 3 March 2025."
    assert document.metadata == {
        "source": "chat",
        "kind": "fact",
        "bank": "user:cleo",
        "key": "k1",
        "mentioned": "2025-04-01T00:00:00+00:00",
        "occurred": "2025-03-03T00:00:00+00:00",
        "speaker": "Cleo",
        "actor": "Cleo",
        "session": "s1",
        "source_document": "d1",
        "tags": ["home"],
    }


def test_the_number_of_documents_is_not_bound_by_tokens(memory: SyncMemoryEngine) -> None:
    for number in range(12):
        memory.retain("user:cleo", f"Cleo said in letter {number}: " + "the garden is green. " * 100)

    ten = DuramenRetriever(memory, bank="user:cleo").invoke("Which letter?")
    eleven = DuramenRetriever(memory, bank="user:cleo").invoke("Which letter?", k=11)
    few = DuramenRetriever(memory, bank="user:cleo", search_kwargs={"max_tokens": 900}).invoke("Which letter?")

    assert (len(ten), len(eleven)) == (10, 11)
    assert 0 < len(few) < 10


async def test_the_bank_is_that_of_the_run(memory: SyncMemoryEngine) -> None:
    retriever = DuramenRetriever(memory)

    ada = retriever.invoke("Who is allergic to what?", ADA)
    bob = await retriever.ainvoke("Who is allergic to what?", {"configurable": {"user_id": "bob"}})
    both = retriever.batch(["allergic", "allergic"], [ADA, {"configurable": {"user_id": "bob"}}])

    assert texts(ada) == ["Ada is allergic to nuts."]
    assert texts(bob) == ["Bob is allergic to milk."]
    assert [texts(found) for found in both] == [texts(ada), texts(bob)]


async def test_a_bank_given_is_the_bank_whatever_the_run_says(memory: SyncMemoryEngine) -> None:
    fixed = DuramenRetriever(memory, bank=Identity(user="bob"))
    chosen = DuramenRetriever(memory, bank=lambda config: f"user:{config['configurable']['customer']}")

    assert texts(fixed.invoke("allergic", ADA)) == ["Bob is allergic to milk."]
    assert texts(await chosen.ainvoke("allergic", {"configurable": {"customer": "bob"}})) == [
        "Bob is allergic to milk."
    ]


def test_in_a_chain_and_in_a_tool_the_run_is_the_same(memory: SyncMemoryEngine) -> None:
    retriever = DuramenRetriever(memory)
    chain = {"found": retriever, "asked": RunnablePassthrough()} | RunnableLambda(lambda values: values["found"])
    tool = create_retriever_tool(retriever, "look_up", "Looks things up.")

    assert texts(chain.invoke("allergic", ADA)) == ["Ada is allergic to nuts."]
    assert tool.invoke({"query": "allergic"}, ADA) == "Ada is allergic to nuts."


async def test_without_an_identity_nothing_is_found_and_with_strict_it_is_an_error(memory: SyncMemoryEngine) -> None:
    thread: RunnableConfig = {"configurable": {"thread_id": "ada"}}

    assert DuramenRetriever(memory).invoke("allergic", thread) == []
    assert memory.engine.tally.stats().refused == 1
    with pytest.raises(BankResolutionError):
        await DuramenRetriever(memory, strict=True).ainvoke("allergic", thread)


async def test_an_outage_finds_nothing_and_is_counted_and_with_strict_it_is_an_error(
    memory: SyncMemoryEngine, store: BreakableStore
) -> None:
    lenient = DuramenRetriever(memory)
    strict = DuramenRetriever(memory, strict=True)
    store.down = True

    assert lenient.invoke("allergic", ADA) == []
    assert await lenient.ainvoke("allergic", ADA) == []
    with pytest.raises(StoreUnavailableError):
        strict.invoke("allergic", ADA)
    with pytest.raises(StoreUnavailableError):
        await strict.ainvoke("allergic", ADA)
    assert memory.engine.tally.stats().recall_failures == 4


async def test_a_memory_that_does_not_answer_is_not_waited_for(memory: SyncMemoryEngine, store: BreakableStore) -> None:
    retriever = DuramenRetriever(memory, bank="user:ada", timeout=0.05)
    store.slow = True

    assert retriever.invoke("allergic") == []
    assert await retriever.ainvoke("allergic") == []


async def test_a_blank_query_finds_nothing(memory: SyncMemoryEngine) -> None:
    retriever = DuramenRetriever(memory, bank="user:ada", strict=True)

    assert retriever.invoke(" \n") == []
    assert await retriever.ainvoke("") == []


async def test_options_that_make_no_sense_are_refused_at_once(memory: SyncMemoryEngine) -> None:
    with pytest.raises(BadQueryError, match="limit"):
        DuramenRetriever(memory, k=0)
    with pytest.raises(BadQueryError, match="no option 'scores'"):
        DuramenRetriever(memory, search_kwargs={"scores": True})
    with pytest.raises(BadInputError, match="memory"):
        DuramenRetriever("./memory")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="bnak"):
        DuramenRetriever(memory, bnak="user:ada")
    with pytest.raises(BadQueryError, match="limit"):
        DuramenRetriever(memory).invoke("allergic", ADA, k=-1)
    with pytest.raises(BadQueryError, match="min_score"):
        await DuramenRetriever(memory).ainvoke("allergic", ADA, min_score=7)


def test_options_of_one_search_go_before_those_of_the_retriever(memory: SyncMemoryEngine) -> None:
    memory.retain("user:ada", [{"role": "assistant", "content": "You are allergic to nuts, too."}], wait=True)
    retriever = DuramenRetriever(memory, bank="user:ada", search_kwargs={"kinds": ["fact"]})

    assert texts(retriever.invoke("allergic")) == ["Ada is allergic to nuts."]
    assert texts(retriever.invoke("allergic", kinds=["experience"])) == ["You are allergic to nuts, too."]
