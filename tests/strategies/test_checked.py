# Letters of scripts that resemble Latin ones.
# ruff: noqa: RUF001
from collections.abc import Sequence

import pytest
from pydantic import BaseModel

from duramen.errors import BadAnswerError
from duramen.language_model import Prompt
from duramen.language_models.scripted import ScriptedModel
from duramen.strategies.checked import CheckedModel

ENGLISH = ("I live in Lisbon with my sister, and we have a cat.", "It is grey and she calls it Miso.")
GERMAN = ("Ich wohne mit meiner Schwester in Lissabon, und wir haben eine Katze.",)
TOLD = "Write in the language of the conversation."
LINES = "<conversation>\nh1 [2026-03-01] Ada: Hello.\ne1 [2026-03-01] Ada: I live in Lisbon.\n</conversation>"


class Notes(BaseModel):
    notes: list[str]
    sources: list[str] = []


async def answered(
    text: str, *, said: Sequence[str] = ENGLISH, sources: Sequence[str] = (), told: str = TOLD, data: str = LINES
) -> list[str]:
    model = CheckedModel(ScriptedModel([Notes(notes=[text], sources=list(sources))]), said)
    return (await model.answer(Prompt(instructions=told, data=data), Notes)).value.notes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ada wohnt in Lissabon, wo sie mit ihrer Schwester eine Katze hat.", ENGLISH),
        ("Ada vive en Lisboa con su hermana y tienen un gato.", ENGLISH),
        ("艾达和她的妹妹住在里斯本，她们有一只猫。", ENGLISH),
        ("Ада живёт в Лиссабоне с сестрой.", ENGLISH),
        ("Ada lives there with her sister, and they have a cat which is grey.", GERMAN),
        ("Ada lives there with her sister, and they have a cat which is grey.", ("艾达住在里斯本。",)),
    ],
)
async def test_a_language_that_nobody_spoke_is_refused(text: str, said: Sequence[str]) -> None:
    with pytest.raises(BadAnswerError, match="answered in another language than was spoken"):
        await answered(text, said=said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ada lives in Lisbon with her sister, and they have a cat.", ENGLISH),
        ("Ada wohnt in Lissabon, wo sie mit ihrer Schwester eine Katze hat.", GERMAN),
        ("Ada wohnt in Lissabon, wo sie mit ihrer Schwester eine Katze hat.", (*ENGLISH, *GERMAN)),
        ("Ada: Lisbon, Miso.", GERMAN),
        ("Ada wohnt in Lissabon, wo sie mit ihrer Schwester eine Katze hat.", ("Lisbon!", "Miso.")),
        ("Ada likes “Und wir haben eine Katze”.", (*ENGLISH, "The song is called “Und wir haben eine Katze”.")),
        (
            "Ada bor i Oslo med søsteren sin, og de har en katt.",
            ("Jag bor i Oslo med min syster, och vi har en katt.",),
        ),
        ("", ENGLISH),
        ("2026", ENGLISH),
    ],
)
async def test_a_language_that_somebody_spoke_is_taken(text: str, said: Sequence[str]) -> None:
    assert await answered(text, said=said) == [text]


async def test_who_is_not_told_to_keep_to_the_language_need_not() -> None:
    text = "Ada wohnt in Lissabon, wo sie mit ihrer Schwester eine Katze hat."

    assert await answered(text, told="Write in German.") == [text]


@pytest.mark.parametrize("sources", [["e2"], ["x1", "m1"], ["line 1"], [""]])
async def test_sources_of_which_none_was_shown_are_refused(sources: list[str]) -> None:
    with pytest.raises(BadAnswerError, match="only what it was not shown"):
        await answered("Ada lives in Lisbon.", sources=sources)


@pytest.mark.parametrize("sources", [[], ["e1"], ["e9", "E1"], ["[e1]"], ["h1"]])
async def test_sources_of_which_one_was_shown_are_taken(sources: list[str]) -> None:
    assert await answered("Ada lives in Lisbon.", sources=sources) == ["Ada lives in Lisbon."]


async def test_where_no_lines_were_shown_any_sources_are_taken() -> None:
    assert await answered("Ada lives in Lisbon.", sources=["p1"], data="p1 An episode.") == ["Ada lives in Lisbon."]


async def test_it_is_called_and_closed_as_the_model_is() -> None:
    model = ScriptedModel(name="small")

    checked = CheckedModel(model, ())
    await checked.aclose()

    assert checked.name == "small"
    assert model.closed
