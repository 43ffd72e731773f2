"""Questions whose answers are kept and brought up to date."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from duramen.errors import BadInputError, ConflictError, NotFoundError
from duramen.language_models.scripted import ScriptedModel
from duramen.mental_models import MentalModels
from duramen.tasks.tasks import Tasks
from tests.mental_models.working import ADA, working

LIVES = "Where does Ada live?"


async def test_an_answer_is_worked_out_and_kept_with_what_it_rests_on(address: str) -> None:
    async with working(address) as work:
        await work.retain("I live in Lisbon.")
        (said,) = (await work.memory.memories(ADA)).items

        model = await work.created(LIVES, id="home", max_tokens=300)

    assert (model.id, model.bank, model.name, model.query, model.max_tokens) == ("home", ADA, "Home", LIVES, 300)
    assert model.content == "2026-03-02, Ada: I live in Lisbon."
    assert (model.sources, model.stale, model.parent, model.page) == ((said.id,), False, None, False)
    assert model.refreshed is not None


async def test_it_is_worked_out_by_a_task(address: str) -> None:
    async with working(address) as work:
        await work.retain("I live in Lisbon.")

        model, task = await work.models.create(ADA, "Home", LIVES)
        done = await work.done(task)

    assert (model.content, model.refreshed, model.stale) == ("", None, True)
    assert (task.type, done.result) == (
        "refresh_mental_model",
        {"mental_model_id": model.id, "outcome": "written", "mode": "full"},
    )


async def test_about_nothing_it_says_nothing_and_that(address: str) -> None:
    async with working(address) as work:
        model = await work.created(LIVES)

    assert (model.content, model.notes, model.stale) == ("", ("Nothing is known about this.",), False)


async def test_it_is_stale_when_the_bank_has_changed(address: str) -> None:
    async with working(address) as work:
        await work.retain("I live in Lisbon.")
        model = await work.created(LIVES)
        await work.retain("I live in Porto now.", day=5)

        stale = (await work.models.get(ADA, model.id)).stale
        fresh = await work.refreshed(model)

    assert (stale, fresh.stale) == (True, False)
    assert "Porto" in fresh.content


async def test_it_is_stale_when_something_else_is_asked(address: str) -> None:
    async with working(address) as work:
        model = await work.created(LIVES)
        named = await work.models.update(ADA, model.id, name="Flat", trigger={"refresh_after_consolidation": True})
        asked = await work.models.update(ADA, model.id, query="Where did Ada live?")

    assert (named.name, named.stale, asked.stale, asked.content) == ("Flat", False, True, model.content)


async def test_only_memories_with_its_tags_are_asked(address: str) -> None:
    async with working(address) as work:
        await work.retain("I live in Lisbon.", tags=["a", "b"])
        await work.retain("I live in Porto.", tags=["a"], day=1)
        await work.retain("I live in Rome.", day=2)
        await work.retain("I live in Paris.", tags=["b"], day=3)
        expected = {
            (): {"Lisbon", "Porto", "Rome", "Paris"},
            ("a",): {"Lisbon", "Porto"},
            ("b", "a"): {"Lisbon"},
        }

        found = {tags: await work.created(LIVES, f"about {tags}", tags=tags) for tags in expected}
        loose = await work.created(LIVES, "loose", tags=["a"], trigger={"tags_match": "any"})
        groups = await work.created(
            LIVES, "groups", tags=["a"], trigger={"tag_groups": [{"and": [{"tags": ["b"]}, {"not": {"tags": ["a"]}}]}]}
        )

    cities = ("Lisbon", "Porto", "Rome", "Paris")
    assert {tags: {city for city in cities if city in one.content} for tags, one in found.items()} == expected
    assert {city for city in cities if city in loose.content} == {"Lisbon", "Porto", "Rome"}
    assert {city for city in cities if city in groups.content} == {"Paris"}


async def test_it_may_ask_one_kind_of_memories(address: str) -> None:
    async with working(address, strategies=["observation"]) as work:
        await work.retain("I live in Lisbon.")

        seen = await work.created(LIVES, trigger={"fact_types": ["observation"]})
        kinds = [one.kind for one in (await work.memory.memories(ADA)).items if one.id in seen.sources]
        none = await work.created(LIVES, "other", trigger={"fact_types": ["experience"]})

    assert (kinds, seen.content) == (["observation"], "2026-03-02: Ada lives in Lisbon.")
    assert none.content == ""


async def test_it_says_no_more_than_there_is_room_for(address: str) -> None:
    async with working(address) as work:
        for number in range(12):
            await work.retain(f"I live in house number {number}, " + "which is very large, " * 8, day=number)

        model = await work.created(LIVES, max_tokens=256)

    assert 2 <= len(model.content.splitlines()) < 12
    assert any("no room" in note for note in model.notes)


async def test_a_change_keeps_what_still_holds_word_for_word(address: str) -> None:
    def answer(prompt: Any, shape: Any) -> dict[str, Any]:
        told = [line for line in prompt.data.splitlines() if line.startswith("m")]
        texts = {"boat": "Ada has a boat", "Lisbon": "Ada is at home in Lisbon"}
        answers.append(len(told))
        said = [
            {"text": f"{text}, told {len(answers)}.", "sources": [line.split()[0]]}
            for word, text in texts.items()
            for line in told
            if word in line
        ]
        return {"action": "answer", "statements": said}

    answers: list[int] = []
    async with working(address, model=ScriptedModel(answer)) as work:
        await work.retain("I live in Lisbon.")
        delta = await work.created("What is known of Ada?", trigger={"mode": "delta", "keep_trace": True})
        whole = await work.created("What is known of Ada?", "whole")
        await work.retain("I own a boat.", day=1)

        delta, whole = await work.refreshed(delta), await work.refreshed(whole)
        anew = await work.refreshed(delta, mode="full")

    assert delta.content == "Ada is at home in Lisbon, told 1.\nAda has a boat, told 3."
    assert whole.content == "Ada has a boat, told 4.\nAda is at home in Lisbon, told 4."
    assert anew.content == "Ada has a boat, told 5.\nAda is at home in Lisbon, told 5."
    assert delta.trace is not None
    assert (delta.trace["effective_mode"], delta.trace["mode_fallback_reason"]) == ("delta", None)
    assert whole.trace is None


async def test_a_change_does_not_keep_what_is_no_longer_so(address: str) -> None:
    async with working(address) as work:
        await work.retain("I live in Lisbon.")
        model = await work.created(LIVES, trigger={"mode": "delta"})
        await work.retain("I moved to Porto.", day=30)

        after = await work.refreshed(model)

    assert model.content == "2026-03-02, Ada: I live in Lisbon."
    assert after.content.splitlines() == [
        "2026-04-01, Ada: I moved to Porto.",
        "2026-03-02, Ada: I live in Lisbon. (until 2026-04-01)",
    ]


async def test_what_it_said_before_is_its_history(address: str) -> None:
    async with working(address) as work:
        await work.retain("I live in Lisbon.")
        model = await work.created(LIVES)
        none = await work.models.history(ADA, model.id)
        await work.retain("I live in Porto now.", day=5)
        await work.refreshed(model)
        await work.refreshed(model)

        (entry,) = await work.models.history(ADA, model.id)

    assert none == []
    assert (entry["content"], len(entry["digest"])) == (model.content, 64)
    assert entry["at"] > model.refreshed


async def test_the_history_ends_after_fifty(address: str) -> None:
    async with working(address) as work:
        await work.retain("I live in Lisbon.")
        model = await work.created(LIVES)
        first = (await work.models.clear(ADA, model.id)).updated
        for _ in range(51):
            await work.refreshed(model)
            await work.models.clear(ADA, model.id)

        history = await work.models.history(ADA, model.id)

    assert [one["content"] for one in history] == [model.content] * 50
    assert history[-1]["at"] > first
    assert history == sorted(history, key=lambda one: one["at"], reverse=True)


async def test_a_dry_run_changes_nothing(address: str) -> None:
    async with working(address) as work:
        await work.retain("I live in Lisbon.")
        model = await work.created(LIVES, trigger={"mode": "delta"}, tags=["a"])
        await work.retain("I live in Porto now.", day=5, tags=["a"])

        told = await work.models.dry_run(ADA, model.id)

        assert await work.models.get(ADA, model.id) == model.__class__(**{**_fields(model), "stale": True})
        assert await work.models.history(ADA, model.id) == []
    assert (told["current_content"], told["outcome"], told["would_persist"]) == ("", "written", True)
    assert (told["requested_mode"], told["effective_mode"]) == ("delta", "full")
    assert told["mode_fallback_reason"] == "there was no content"
    assert told["scope"]["tags_match"] == "all_strict"
    assert "+2026-03-07, Ada: I live in Porto now." in told["diff"]
    assert told["preview_content"] == "2026-03-07, Ada: I live in Porto now."


async def test_clearing_empties_it_until_it_is_refreshed(address: str) -> None:
    async with working(address) as work:
        await work.retain("I live in Lisbon.")
        model = await work.created(LIVES)

        cleared = await work.models.clear(ADA, model.id)
        again = await work.refreshed(model)

        assert (cleared.content, cleared.sources, cleared.stale) == ("", (), True)
        assert again.content == model.content
        assert [one["content"] for one in await work.models.history(ADA, model.id)] == [model.content]


async def test_it_is_deleted_with_its_history(address: str) -> None:
    async with working(address) as work:
        await work.retain("I live in Lisbon.")
        model = await work.created(LIVES, id="home")
        await work.models.clear(ADA, "home")

        await work.models.delete(ADA, "home")

        with pytest.raises(NotFoundError):
            await work.models.get(ADA, "home")
        assert [
            path for path in await work.memory.shelf.paths(("duramen.banks", ADA)) if "mental_model" in path[2]
        ] == []
        assert (await work.created(LIVES, id="home")).content == model.content


async def test_what_is_deleted_while_it_is_worked_out_does_not_come_back(address: str) -> None:
    async with working(address) as work:
        await work.tasks.drain(5.0)
        model, task = await work.models.create(ADA, "Home", LIVES)
        await work.models.delete(ADA, model.id)
        tasks = Tasks(work.memory._desk)
        MentalModels(work.memory._desk, tasks, work.profiles)
        running = work.memory.portal.submit(tasks.run())

        done = await work.done(task)
        await tasks.drain(5.0)
        await asyncio.wrap_future(running)

        assert done.result["outcome"] == "deleted"
        assert (await work.models.list(ADA)) == ([], 0)


async def test_they_are_listed_oldest_first_by_tags(address: str) -> None:
    async with working(address) as work:
        for name, tags in (("one", []), ("two", ["a"]), ("three", ["a", "b"])):
            await work.models.create(ADA, name, LIVES, tags=tags)

        async def names(**asked: Any) -> tuple[list[str], int]:
            found, total = await work.models.list(ADA, **asked)
            return [one.name for one in found], total

        assert await names() == (["one", "two", "three"], 3)
        assert await names(limit=1, offset=1) == (["two"], 3)
        assert await names(tags=["b"]) == (["one", "three"], 2)
        assert await names(tags=["b"], tags_match="any_strict") == (["three"], 1)
        assert await names(tags=["a"], tags_match="exact") == (["two"], 1)
        assert await work.models.list("user:bob") == ([], 0)


async def test_one_id_is_one_model(address: str) -> None:
    async with working(address) as work:
        made = await asyncio.gather(
            *(work.models.create(ADA, f"n{number}", LIVES, id="home") for number in range(5)), return_exceptions=True
        )

        assert sorted(isinstance(one, ConflictError) for one in made) == [False, True, True, True, True]
        assert (await work.models.list(ADA))[1] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"query": ""},
        {"id": "Not An Id"},
        {"id": "-a"},
        {"tags": "a"},
        {"tags": [3]},
        {"max_tokens": 255},
        {"max_tokens": 8193},
        {"max_tokens": True},
        {"trigger": {"mode": "quick"}},
        {"trigger": {"unknown": 1}},
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    async with working(":memory:") as work:
        with pytest.raises(BadInputError):
            await work.models.create(ADA, **{"name": "Home", "query": LIVES, **wrong})

        assert await work.models.list(ADA) == ([], 0)
        assert await work.tasks.list(ADA, hidden=True) == ([], 0)


async def test_what_is_not_there_is_not_found(address: str) -> None:
    async with working(address) as work:
        for verb in ("get", "refresh", "dry_run", "clear", "delete", "history", "update"):
            with pytest.raises(NotFoundError):
                await getattr(work.models, verb)(ADA, "nothing")


async def test_they_are_given_to_a_reflect(address: str) -> None:
    async with working(address) as work:
        await work.retain("I live in Lisbon.")
        home = await work.created(LIVES, id="home")
        await work.created("Who is Bob?", "Bob", id="bob", tags=["x"])

        (prepared,) = await work.models.prepared(ADA)

        assert prepared == ("home", "Home", home.content, LIVES)
        assert await work.models.prepared(ADA, without=["home"]) == []


async def test_what_is_set_up_in_the_bank_is_told_to_the_language_model(address: str) -> None:
    model = ScriptedModel([{"action": "answer", "statements": []}])
    async with working(address, model=model) as work:
        await work.profiles.save(ADA, mission="Know where people live.")
        await work.profiles.add_directive(ADA, "brief", "Be brief.")
        await work.retain("I live in Lisbon.")

        await work.created(LIVES)

    assert "Know where people live." in model.prompts[0].instructions
    assert "Be brief." in model.prompts[0].instructions


async def test_they_go_with_the_bank(address: str) -> None:
    async with working(address) as work:
        await work.retain("I live in Lisbon.")
        await work.created(LIVES)

        await work.memory.forget(ADA, everything=True)

        assert await work.models.list(ADA) == ([], 0)


def _fields(model: Any) -> dict[str, Any]:
    return {name: getattr(model, name) for name in model.__dataclass_fields__}
