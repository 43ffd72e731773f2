from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, RootModel

from duramen.language_models.reading import UnreadableError, read


class Town(BaseModel):
    name: str
    size: float = 0.0


class Noted(BaseModel):
    towns: list[Town] = []
    note: str | None = None


class Towns(RootModel[list[Town]]):
    pass


LISBON = '{"towns": [{"name": "Lisbon", "size": 0.5}], "note": "big"}'
NOTED = Noted(towns=[Town(name="Lisbon", size=0.5)], note="big")


@pytest.mark.parametrize(
    "text",
    [
        LISBON,
        f"\n\n  {LISBON}  ",
        f"```json\n{LISBON}\n```",
        f"```\n{LISBON}",
        f"Here it is: {LISBON} I hope it helps.",
        f"The set {{towns}} is small {{ or not. {LISBON}",
        f"<think>Perhaps {{'towns': []}}? or {{\"towns\": </think>{LISBON}",
        f'thinking without a beginning {{"towns": []}}</think>\n{LISBON}',
        f"[{LISBON}]",
        f"{LISBON}\n\nAgain: {LISBON}",
        f'An example of something else: {{"people": 1}}. {LISBON}',
    ],
)
def test_the_object_is_found(text: str) -> None:
    assert read(text, Noted) == NOTED


def test_a_raw_line_break_in_a_text_is_read() -> None:
    assert read('{"note": "one\ntwo"}', Noted).note == "one\ntwo"


def test_an_empty_object_is_an_answer_if_the_shape_allows() -> None:
    assert read("{}", Noted) == Noted()


def test_a_list_is_read_where_a_list_is_wanted() -> None:
    assert read('As [said]: [{"name": "Lisbon"}]', Towns).root == [Town(name="Lisbon")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (" \n", "empty"),
        ("</think>", "empty"),
        ("<think>Well, {", "broke off while thinking"),
        ("I do not know.", "no JSON object"),
        ("{'towns': []}", "no JSON object"),
        ('{\'towns\': [{"name": "Lisbon"}]}', "none of the fields towns, note"),
        ('[{"name": "Lisbon"}]', "none of the fields"),
        ('{"towns": [{"name": "Lisbon"}', "breaks off"),
        ('{"towns": [{"name": "Lis', "breaks off"),
        ('```json\n{"towns": [\n```', "breaks off"),
        ("{", "breaks off"),
        ('{"towns": [{"name": "Lisbon"},]}', "broken at character"),
        ('{"towns": [{"name": "Lisbon"} {"name": "Porto"}]}', "broken at character"),
        ('{"towns": [{"name": "Lisbon", "size": NaN}]}', "number that JSON does not know"),
        ('{"note": "a"} {"note": "b"}', "several different"),
        ('{"note": "\\ud83d"}', "does not fit"),
        ('{"towns": [{"name": null}]}', r"towns\.0\.name: Input should be a valid string"),
        (json.dumps({"towns": [{}] * 9}), "and 4 more"),
        ('{"towns": ' + "[" * 100_000, "nested too deeply"),
        ('{"towns": ' + "[" * 500 + "]" * 500 + "}", "does not fit"),
        ('{"note": ' + "9" * 10_000 + "}", "number|does not fit"),
        ("x" * 1_000_001, "far too long"),
    ],
)
def test_what_cannot_be_used_is_said(text: str, problem: str) -> None:
    with pytest.raises(UnreadableError, match=problem):
        read(text, Noted)


@given(st.integers(min_value=0, max_value=len(LISBON) - 1))
def test_half_an_answer_is_never_guessed_at(cut: int) -> None:
    with pytest.raises(UnreadableError):
        read(LISBON[:cut], Noted)


@given(st.text(max_size=200), st.text(alphabet=st.sampled_from('{}[]"\\:,x1<>/ '), max_size=60))
def test_any_text_is_read_or_refused(text: str, signs: str) -> None:
    for shape in (Noted, Towns):
        with suppress(UnreadableError):
            assert isinstance(read(text + signs, shape), shape)
