from __future__ import annotations

import importlib.util
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from langchain_classic.base_memory import BaseMemory
from langchain_classic.chains import ConversationChain, LLMChain
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder, PromptTemplate

import duramen_langchain.memory
from duramen import (
    BadInputError,
    BadQueryError,
    BankResolutionError,
    ClosedError,
    Identity,
    StoreUnavailableError,
    SyncMemoryEngine,
)
from duramen_langchain.memory import DuramenMemory
from tests.duramen_langchain.parts import ScriptedModel
from tests.outages import BreakableStore


def said(kept: SyncMemoryEngine, bank: str = "user:ada") -> list[tuple[str | None, str]]:
    roles = {"fact": "user", "experience": "assistant"}
    return [(event.speaker and roles[event.kind], event.content) for event in kept.events(bank).items]


def chain_of(chain: type[LLMChain], **parts: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # every class there is deprecated, and warnings are errors here
        return chain(**parts)


def test_it_is_a_memory_for_chains_with_one_variable(kept: SyncMemoryEngine) -> None:
    memory = DuramenMemory(kept, bank="user:ada")

    assert isinstance(memory, BaseMemory)
    assert memory.memory_variables == ["history"]
    assert DuramenMemory(kept, bank="user:ada", memory_key="past").memory_variables == ["past"]


def test_a_conversation_chain_remembers_across_sessions(kept: SyncMemoryEngine) -> None:
    first = DuramenMemory(memory=kept, bank=Identity(user="ada"), session="s1")
    second = DuramenMemory(memory=kept, bank=Identity(user="ada"), session="s2")
    others = DuramenMemory(memory=kept, bank=Identity(user="bob"), session="s3")
    model = ScriptedModel("Noted.", "In Lisbon.", "I do not know.")

    chain_of(ConversationChain, llm=model, memory=first).invoke({"input": "I live in Lisbon."})
    chain_of(ConversationChain, llm=model, memory=second).invoke({"input": "Where do I live?"})
    chain_of(ConversationChain, llm=model, memory=others).invoke({"input": "Where do I live?"})

    prompts = [str(asked[0].content) for asked in model.prompts]
    assert "<recalled-memory" not in prompts[0]
    assert "ada: I live in Lisbon." in prompts[1]
    assert "Lisbon" not in prompts[2]
    assert said(kept) == [
        ("user", "I live in Lisbon."),
        ("assistant", "Noted."),
        ("user", "Where do I live?"),
        ("assistant", "In Lisbon."),
    ]


async def test_a_chain_with_a_message_placeholder_gets_a_message(kept: SyncMemoryEngine) -> None:
    kept.retain("user:ada", "Ada lives in Lisbon.")
    memory = DuramenMemory(kept, bank="user:ada", memory_key="past", return_messages=True)
    prompt = ChatPromptTemplate.from_messages(
        [SystemMessage("You help."), MessagesPlaceholder("past"), ("human", "{question}")]
    )
    model = ScriptedModel("In Lisbon.")

    result = await chain_of(LLMChain, llm=model, prompt=prompt, memory=memory).ainvoke({"question": "Where is Ada?"})

    system, past, question = model.prompts[0]
    assert result["text"] == "In Lisbon."
    assert (system.content, question.content) == ("You help.", "Where is Ada?")
    assert isinstance(past, HumanMessage)
    assert "Ada lives in Lisbon." in str(past.content)
    assert memory.load_memory_variables({})["past"] == []


def test_a_prompt_with_several_inputs_needs_to_know_which_one_was_said(kept: SyncMemoryEngine) -> None:
    prompt = PromptTemplate.from_template("{tone} {history} {question}")
    unsure = DuramenMemory(kept, bank="user:ada")
    sure = DuramenMemory(kept, bank="user:ada", input_key="question")
    model = ScriptedModel("Hello.")

    with pytest.raises(BadInputError, match="question, tone"):
        chain_of(LLMChain, llm=model, prompt=prompt, memory=unsure).invoke({"question": "Who am I?", "tone": "kind"})
    chain_of(LLMChain, llm=model, prompt=prompt, memory=sure).invoke({"question": "Who am I?", "tone": "kind"})

    assert said(kept) == [("user", "Who am I?"), ("assistant", "Hello.")]


async def test_the_twins_do_the_same(kept: SyncMemoryEngine) -> None:
    memory = DuramenMemory(kept, bank="user:ada", session="s1")

    memory.save_context({"input": "I live in Lisbon."}, {"output": "Noted."})
    now = memory.load_memory_variables({"input": "Where do I live?"})
    memory.clear()
    await memory.asave_context({"input": "I live in Lisbon."}, {"output": "Noted."})
    later = await memory.aload_memory_variables({"input": "Where do I live?"})
    await memory.aclear()

    assert now == later
    assert "Lisbon" in now["history"]
    assert said(kept) == []
    assert await memory.aload_memory_variables({"input": "Where do I live?"}) == {"history": ""}


def test_the_same_words_twice_are_two_exchanges(kept: SyncMemoryEngine) -> None:
    memory = DuramenMemory(kept, bank="user:ada")

    for _ in range(2):
        memory.save_context({"input": "Yes."}, {"output": "Good."})

    assert said(kept) == [("user", "Yes."), ("assistant", "Good.")] * 2


def test_a_retry_with_an_id_is_one_exchange_and_its_last_answer_counts(kept: SyncMemoryEngine) -> None:
    memory = DuramenMemory(kept, bank="user:ada", id_key="turn", session="s1")

    for answer in ("Good.", "Very good."):
        memory.save_context({"input": "Yes.", "turn": "t7"}, {"output": answer})
    memory.save_context({"input": HumanMessage("Yes.", id="m1"), "turn": "t8"}, {"output": AIMessage("So?", id="x")})

    assert said(kept) == [("user", "Yes."), ("assistant", "Very good."), ("user", "Yes."), ("assistant", "So?")]
    assert [event.key for event in kept.events("user:ada").items] == ["s1/t7-0", "s1/t7-1", "s1/t8-0", "s1/t8-1"]


def test_a_retry_of_a_message_with_an_id_is_one_exchange(kept: SyncMemoryEngine) -> None:
    memory = DuramenMemory(kept, bank="user:ada")
    asked = [HumanMessage("I live in Lisbon.", id="m1", name="Ada")]

    for _ in range(2):
        memory.save_context({"input": asked}, {"output": "Good."})

    assert said(kept) == [("user", "I live in Lisbon."), ("assistant", "Good.")]
    assert "Ada: I live" in memory.load_memory_variables({"input": [HumanMessage("Where do I live?")]})["history"]


def test_the_same_question_later_is_looked_up_anew(kept: SyncMemoryEngine) -> None:
    memory = DuramenMemory(kept, bank="user:ada")

    before = memory.load_memory_variables({"input": "Where does Ada live?"})
    kept.retain("user:ada", "Ada lives in Lisbon.")
    after = memory.load_memory_variables({"input": "Where does Ada live?"})

    assert before == {"history": ""}
    assert "Lisbon" in after["history"]


def test_recalled_text_in_an_input_is_not_retained_again(kept: SyncMemoryEngine) -> None:
    kept.retain("user:ada", "Ada lives in Lisbon.")
    memory = DuramenMemory(kept, bank="user:ada")
    block = memory.load_memory_variables({"input": "Where does Ada live?"})["history"]

    memory.save_context({"input": f"{block}\nWhere is that?"}, {"output": block})

    assert said(kept) == [(None, "Ada lives in Lisbon."), ("user", "Where is that?")]


def test_which_output_counts(kept: SyncMemoryEngine) -> None:
    plain = DuramenMemory(kept, bank="user:ada")
    told = DuramenMemory(kept, bank="user:ada", output_key="answer")

    plain.save_context({"input": "One?"}, {"output": "Two.", "sources": "…"})
    told.save_context({"input": "Three?"}, {"answer": "Four.", "output": "…"})

    assert [text for _, text in said(kept)] == ["One?", "Two.", "Three?", "Four."]
    with pytest.raises(BadInputError, match="no output 'output', only answer, sources"):
        plain.save_context({"input": "Five?"}, {"answer": "Six.", "sources": "…"})
    with pytest.raises(BadInputError, match="no input 'question'"):
        DuramenMemory(kept, bank="user:ada", input_key="question").load_memory_variables({"input": "Hello"})


async def test_an_outage_costs_the_memory_and_what_is_saved_meanwhile_comes_later(
    kept: SyncMemoryEngine, store: BreakableStore
) -> None:
    memory = DuramenMemory(kept, bank="user:ada", session="s1")
    memory.save_context({"input": "I live in Lisbon."}, {"output": "Noted."})
    store.down = True

    now = memory.load_memory_variables({"input": "Where do I live?"})
    memory.save_context({"input": "Where do I live?"}, {"output": "I cannot say."})
    with pytest.raises(StoreUnavailableError, match="2 messages wait"):
        await memory.aclear()
    with pytest.raises(StoreUnavailableError, match="2 messages wait"):
        memory.clear()
    store.down = False
    await memory.asave_context({"input": "And now?"}, {"output": "In Lisbon."})

    assert now == {"history": ""}
    assert len(said(kept)) == 6
    memory.clear()
    assert said(kept) == []


def test_without_a_bank_there_is_no_memory_and_with_strict_an_error(kept: SyncMemoryEngine) -> None:
    inputs = {"input": "Hello", "user_id": "ada", "user": "ada"}
    lenient = DuramenMemory(kept, input_key="input")
    strict = DuramenMemory(kept, input_key="input", strict=True)

    lenient.save_context(inputs, {"output": "Hi."})

    assert lenient.load_memory_variables(inputs) == {"history": ""}
    assert kept.banks().items == ()
    assert kept.engine.tally.stats().refused == 2
    with pytest.raises(BankResolutionError):
        strict.load_memory_variables(inputs)
    with pytest.raises(BankResolutionError):
        strict.save_context(inputs, {"output": "Hi."})
    with pytest.raises(BankResolutionError):
        lenient.clear()


def test_a_bank_may_be_named_by_the_inputs(kept: SyncMemoryEngine) -> None:
    memory = DuramenMemory(kept, input_key="input", bank=lambda inputs: Identity(user=inputs["customer"]))

    memory.save_context({"input": "I am Ada.", "customer": "ada"}, {"output": "Hi."})
    memory.save_context({"input": "I am Bob.", "customer": "bob"}, {"output": "Hi."})

    assert [bank.name for bank in kept.banks().items] == ["user:ada", "user:bob"]


def test_clearing_takes_one_session_or_on_request_everything(kept: SyncMemoryEngine) -> None:
    for session in ("s1", "s2"):
        DuramenMemory(kept, bank="user:ada", session=session).save_context({"input": session}, {"output": "Hi."})
    everything = DuramenMemory(kept, bank="user:ada", clear_everything=True)

    with pytest.raises(BadInputError, match="clear_everything"):
        DuramenMemory(kept, bank="user:ada").clear()
    DuramenMemory(kept, bank="user:ada", session="s1", clear_everything=True).clear()
    left = said(kept)
    everything.clear()

    assert left == [("user", "s2"), ("assistant", "Hi.")]
    assert said(kept) == []


def test_clearing_a_memory_that_was_closed_says_so(kept: SyncMemoryEngine) -> None:
    memory = DuramenMemory(kept, bank="user:ada", session="s1")
    kept.close()

    with pytest.raises(ClosedError):
        memory.clear()


def test_options_that_make_no_sense_are_refused_at_once(kept: SyncMemoryEngine) -> None:
    with pytest.raises(BadInputError, match="memory"):
        DuramenMemory("./memory", bank="user:ada")  # type: ignore[arg-type]
    with pytest.raises(BadInputError, match="session"):
        DuramenMemory(kept, bank="user:ada", session=" ")
    with pytest.raises(BadQueryError, match="max_tokens"):
        DuramenMemory(kept, bank="user:ada", search_kwargs={"max_tokens": 0})
    with pytest.raises(ValueError, match="sesion"):
        DuramenMemory(kept, bank="user:ada", sesion="s1")


async def test_it_works_by_itself_where_there_are_no_chains(
    kept: SyncMemoryEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "langchain_classic.base_memory", None)
    spec = importlib.util.spec_from_file_location("by_itself", Path(str(duramen_langchain.memory.__file__)))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "by_itself", module)
    spec.loader.exec_module(module)
    memory = module.DuramenMemory(kept, bank="user:ada", session="s1")

    memory.save_context({"input": "I live in Lisbon."}, {"output": "Noted."})
    await memory.asave_context({"input": "I have a dog."}, {"output": "Noted."})

    assert not isinstance(memory, BaseMemory)
    assert memory.memory_variables == ["history"]
    assert "Lisbon" in memory.load_memory_variables({"input": "Where do I live?"})["history"]
    assert "dog" in (await memory.aload_memory_variables({"input": "Have I a dog?"}))["history"]
    memory.clear()
    await memory.aclear()
    assert said(kept) == []
