from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from duramen.language_models import ScriptedModel
from duramen.reflect.shapes import Said, Step
from tests.conftest import engine
from tests.server.hindsight.conftest import Wire
from tests.server.running import running

FACT = "Ada lives in Lisbon."
QUESTION = "Where does Ada live?"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def reflected(wire: Wire, **asked: Any) -> dict[str, Any]:
    answer = wire("POST", "/reflect", json={"query": QUESTION, **asked})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_without_a_model_the_answer_is_in_the_words_of_the_memories(wire: Wire) -> None:
    wire.retain(FACT, context="talk")

    answer = reflected(wire, include={"facts": {}})

    assert "Ada lives in Lisbon. [1]" in answer["text"]
    (fact,) = answer["based_on"]["memories"]
    assert (fact["text"], fact["type"], fact["context"]) == (FACT, "world", "talk")
    assert (answer["trace"], answer["structured_output"]) == (None, None)


def test_only_what_was_asked_for_is_told_beside_the_answer(wire: Wire) -> None:
    wire.retain(FACT)

    plain = reflected(wire, include=None, max_tokens=None)
    traced = reflected(wire, include={"tool_calls": {"output": False}})

    assert (plain["based_on"], plain["trace"]) == (None, None)
    assert traced["trace"]["tool_calls"][0]["input"] == {"query": QUESTION}
    assert traced["trace"]["tool_calls"][0]["output"] is None


def test_an_answer_in_a_form_needs_a_model_and_says_so(wire: Wire) -> None:
    wire.retain(FACT)

    answer = reflected(wire, response_schema=SCHEMA)

    assert "Lisbon" in answer["text"]
    assert answer["structured_output"] is None
    assert "language model" in answer["structured_output_error"]


def test_nothing_known_is_said(wire: Wire) -> None:
    assert reflected(wire)["text"] == "Nothing is known about this."


def test_tags_and_types_choose_what_is_thought_over(wire: Wire) -> None:
    wire.retain(FACT, tags=["a"])

    assert "Lisbon" in reflected(wire, tags=["a"])["text"]
    assert "Lisbon" not in reflected(wire, tags=["b"], tags_match="all_strict")["text"]
    assert "Lisbon" not in reflected(wire, tag_groups=[{"tags": ["b"]}])["text"]
    assert "Lisbon" not in reflected(wire, fact_types=["experience"])["text"]


def test_a_mental_model_answers_unless_it_is_left_out(wire: Wire) -> None:
    wire.retain(FACT)
    made = wire("POST", "/mental-models", json={"name": "Home", "source_query": QUESTION}).json()
    wire.done(made["operation_id"])

    with_it = reflected(wire, include={"facts": {}})["based_on"]["mental_models"]
    without = reflected(wire, include={"facts": {}}, exclude_mental_models=True)["based_on"]["mental_models"]
    named = reflected(wire, include={"facts": {}}, exclude_mental_model_ids=[made["mental_model_id"]])

    assert [one["id"] for one in with_it] == [made["mental_model_id"]]
    assert without == named["based_on"]["mental_models"] == []


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"query": "?"}, 422),
        ({"query": "word " * 501}, 400),
        ({"query": QUESTION, "budget": "huge"}, 422),
        ({"query": QUESTION, "fact_types": ["fact"]}, 422),
        ({"query": QUESTION, "tags": ["a"], "tag_groups": [{"tags": ["b"]}]}, 422),
        ({"query": QUESTION, "response_schema": "x"}, 422),
    ],
)
def test_what_makes_no_sense_is_refused(wire: Wire, asked: dict[str, Any], status: int) -> None:
    assert wire("POST", "/reflect", json=asked).status_code == status


class City(BaseModel):
    """What the scripted model answers in the form that was asked for."""

    city: str


@pytest.fixture
def thinking(tmp_path: Path) -> Iterator[tuple[Wire, ScriptedModel]]:
    statement = Said(text="In Lisbon.", sources=["m1"])
    model = ScriptedModel([Step(action="answer", statements=[statement]), City(city="Lisbon")])
    with running(engine(tmp_path / "memory", model=model)) as url:
        wire = Wire(url)
        yield wire, model
        wire.http.close()


def test_with_a_model_the_answer_comes_in_the_form_that_was_asked_for(
    thinking: tuple[Wire, ScriptedModel],
) -> None:
    wire, model = thinking
    wire("PUT", json={"mission": "Advise Ada", "disposition_skepticism": 5})
    wire("POST", "/directives", json={"name": "tone", "content": "Be brief."})
    wire.retain(FACT)

    answer = reflected(wire, response_schema=SCHEMA, include={"facts": {}}, context="A trip")

    assert answer["structured_output"] == {"city": "Lisbon"}
    assert answer["structured_output_error"] is None
    assert answer["text"].startswith("In Lisbon.")
    assert [one["content"] for one in answer["based_on"]["directives"]] == ["Be brief."]
    asked = f"{model.prompts[0].instructions}\n{model.prompts[0].data}"
    assert all(said in asked for said in ("Advise Ada", "Be brief.", "A trip"))
