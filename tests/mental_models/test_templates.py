"""Mental models in templates of banks."""

from __future__ import annotations

import pytest

from duramen.errors import BadInputError
from duramen.mental_models import TemplatedModels
from duramen.profiles import ModelTemplates, Templates
from tests.mental_models.working import ADA, working

LIVES = "Where does Ada live?"
BOB = "user:bob"


async def test_they_are_taken_from_one_bank_to_another(address: str) -> None:
    async with working(address) as work:
        models: ModelTemplates = TemplatedModels(work.models)
        templates = Templates(work.memory._desk, models)
        trigger = {"refresh_cron": "0 6 * * *"}
        await work.models.create(ADA, "Home", LIVES, id="home", tags=["a"], max_tokens=300, trigger=trigger)
        await work.pages.create_page(ADA, "Page", LIVES)

        manifest = await templates.export(ADA)
        applied = await templates.apply(BOB, manifest)
        again = await templates.apply(BOB, manifest)
        await work.models.update(BOB, "home", query="Where?")
        changed = await templates.apply(BOB, manifest)

        assert manifest["mental_models"] == [
            {"id": "home", "name": "Home", "source_query": LIVES, "tags": ["a"], "max_tokens": 300, "trigger": trigger}
        ]
        assert [one["mental_models_created"] for one in (applied, again, changed)] == [["home"], [], []]
        assert [one["mental_models_updated"] for one in (applied, again, changed)] == [[], [], ["home"]]
        assert [len(one["operation_ids"]) for one in (applied, again, changed)] == [1, 0, 1]
        for id in (*applied["operation_ids"], *changed["operation_ids"]):
            assert (await work.tasks.wait(BOB, id, seconds=20)).state == "completed"
        model = await work.models.get(BOB, "home")
        assert (model.query, model.trigger, model.refreshed is None) == (LIVES, trigger, False)


async def test_one_that_cannot_be_made_is_named(address: str) -> None:
    async with working(address) as work:
        entry = {"id": "home", "name": "Home", "source_query": LIVES, "max_tokens": 3}

        with pytest.raises(BadInputError, match=r"mental model 'home'.*max_tokens"):
            await TemplatedModels(work.models).planned(ADA, [entry])


async def test_a_page_is_renamed_in_its_folder_too(address: str) -> None:
    async with working(address) as work:
        page, _ = await work.pages.create_page(ADA, "Page", LIVES)
        manifest = {"version": "1", "mental_models": [{"id": page.id, "name": "New", "source_query": LIVES}]}

        await Templates(work.memory._desk, TemplatedModels(work.models)).apply(ADA, manifest)

        assert [one.name for one in await work.pages.tree(ADA)] == ["New"]
