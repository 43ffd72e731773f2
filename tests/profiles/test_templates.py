"""Templates: what is taken from one bank is applied to another, all of it or nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hindsight_client_api.models.bank_template_import_response import BankTemplateImportResponse
from hindsight_client_api.models.bank_template_manifest import BankTemplateManifest

from duramen import MemoryEngine
from duramen.desk import place_of
from duramen.errors import BadInputError
from duramen.profiles import Disposition, PlannedModels, Profiles, Templates
from duramen.profiles.manifest import SCHEMA
from duramen.shelf import Expect, Put, Shelf
from tests.conftest import engine

ADA = "user:ada"

MANIFEST: dict[str, Any] = {
    "$schema": "https://example.org/template.json",
    "version": "1",
    "bank": {
        "reflect_mission": "Help the crew.",
        "background": "A ship.",
        "disposition_empathy": 5,
        "retain_chunk_size": 700,
        "retain_mission": None,
    },
    "directives": [
        {"name": "Tone", "content": "Be brief.", "priority": 5, "tags": ["a"]},
        {"name": "Names", "content": "No names.", "is_active": False},
    ],
}


class Shelved:
    """Mental models that are kept on the shelf as they stand in a manifest."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf

    async def exported(self, bank: str) -> Sequence[Mapping[str, Any]]:
        return [json.loads(entry.value) for entry in await self.shelf.scan(place_of(bank, "models"))]

    async def planned(self, bank: str, entries: Sequence[Mapping[str, Any]]) -> PlannedModels:
        path = place_of(bank, "models")
        known = {entry.key: entry.value for entry in await self.shelf.scan(path)}
        written = {one["id"]: json.dumps(one).encode() for one in entries}
        fresh = [id for id, value in written.items() if known.get(id) != value]
        for one in entries:
            if one.get("trigger", {}).get("refresh_cron") == "never":
                raise BadInputError(f"{one['id']}: no such time.")
        return PlannedModels(
            changes=[
                change
                for id in fresh
                for change in (
                    Expect(path=path, key=id, value=known.get(id)),
                    Put(path=path, key=id, value=written[id]),
                )
            ],
            created=[id for id in fresh if id not in known],
            updated=[id for id in fresh if id in known],
            operations=[f"task-{id}" for id in fresh],
        )


@pytest.fixture
def templates(memory: MemoryEngine) -> Templates:
    return Templates(memory._desk, Shelved(memory.shelf))


@pytest.fixture
def profiles(memory: MemoryEngine) -> Profiles:
    return Profiles(memory._desk)


def model(id: str = "tides", **more: Any) -> dict[str, Any]:
    return {"id": id, "name": "Tides", "source_query": "When is high water?", **more}


async def test_a_template_sets_up_a_bank(templates: Templates, profiles: Profiles) -> None:
    done = await templates.apply(ADA, MANIFEST)

    profile = await profiles.get(ADA)
    directives, _ = await profiles.directives(ADA)
    assert done == {
        "bank_id": ADA,
        "config_applied": True,
        "directives_created": ["Tone", "Names"],
        "directives_updated": [],
        "mental_models_created": [],
        "mental_models_updated": [],
        "operation_ids": [],
        "dry_run": False,
    }
    assert (profile.mission, profile.background, profile.name) == ("Help the crew.", "A ship.", ADA)
    assert profile.disposition == Disposition(empathy=5)
    assert profile.config["retain_chunk_size"] == 700
    assert [(one.name, one.content, one.priority, one.active, one.tags) for one in directives] == [
        ("Tone", "Be brief.", 5, True, ("a",)),
        ("Names", "No names.", 0, False, ()),
    ]


async def test_what_is_taken_from_one_bank_makes_another_like_it(templates: Templates, profiles: Profiles) -> None:
    await templates.apply(
        ADA, {**MANIFEST, "mental_models": [model(tags=["a"], trigger={"refresh_cron": "0 0 * * *"})]}
    )
    taken = await templates.export(ADA)

    await templates.apply("other", json.loads(json.dumps(taken)))

    assert await templates.export("other") == taken
    assert taken["bank"]["reflect_mission"] == "Help the crew."
    assert [one["name"] for one in taken["directives"]] == ["Tone", "Names"]
    assert taken["mental_models"][0]["tags"] == ["a"]
    assert (await profiles.get("other")).name == "other"


async def test_a_template_of_a_bank_that_is_as_usual_is_empty(templates: Templates) -> None:
    assert await templates.export(ADA) == {"version": "1"}


async def test_what_is_taken_fits_the_schema_and_the_client(templates: Templates) -> None:
    await templates.apply(ADA, {**MANIFEST, "mental_models": [model()]})

    taken = await templates.export(ADA)

    jsonschema.validate(taken, SCHEMA)
    read = BankTemplateManifest.from_dict(taken)
    assert read is not None
    assert read.bank is not None
    assert read.bank.disposition_empathy == 5
    assert [one.name for one in read.directives or []] == ["Tone", "Names"]
    assert BankTemplateImportResponse.from_dict(await templates.apply("b", taken)) is not None


async def test_what_the_client_writes_can_be_applied(templates: Templates, profiles: Profiles) -> None:
    written = BankTemplateManifest.from_dict(MANIFEST)
    assert written is not None

    await templates.apply(ADA, written.to_dict())

    assert (await profiles.get(ADA)).config["retain_chunk_size"] == 700
    assert (await profiles.directives(ADA))[1] == 2


async def test_applying_the_same_again_changes_nothing(templates: Templates, profiles: Profiles) -> None:
    whole = {**MANIFEST, "mental_models": [model()]}
    await templates.apply(ADA, whole)
    before = await profiles.directives(ADA)

    again = await templates.apply(ADA, whole)

    assert await profiles.directives(ADA) == before
    assert again["directives_created"] == again["directives_updated"] == []
    assert again["mental_models_created"] == again["mental_models_updated"] == []


async def test_what_is_there_is_changed_by_name_and_the_rest_stays(templates: Templates, profiles: Profiles) -> None:
    await profiles.save(ADA, name="Ada", config={"enable_observations": False})
    other = await profiles.add_directive(ADA, "Other", "Sing.")
    tone = await profiles.add_directive(ADA, "Tone", "Shout.", tags=["b"])

    done = await templates.apply(
        ADA,
        {
            "version": "1",
            "bank": {"retain_chunk_size": 700},
            "directives": [{"name": "Tone", "content": "Whisper."}],
        },
    )

    after = await profiles.directive(ADA, tone.id)
    profile = await profiles.get(ADA)
    assert (done["directives_created"], done["directives_updated"]) == ([], ["Tone"])
    assert after is not None
    assert (after.content, after.tags, after.created) == ("Whisper.", ("b",), tone.created)
    assert await profiles.directive(ADA, other.id) == other
    assert dict(profile.config) == {"enable_observations": False, "retain_chunk_size": 700}
    assert profile.name == "Ada"


async def test_of_several_directives_of_one_name_the_first_is_meant(templates: Templates, profiles: Profiles) -> None:
    await profiles.add_directive(ADA, "Tone", "Shout.")
    first = await profiles.add_directive(ADA, "Tone", "Sing.", priority=9)

    taken = await templates.export(ADA)
    done = await templates.apply(
        ADA, {"version": "1", "directives": [{"name": "Tone", "content": "Hum.", "priority": 9}]}
    )

    assert [one["content"] for one in taken["directives"]] == ["Sing."]
    assert done["directives_updated"] == ["Tone"]
    assert [one.content for one in (await profiles.directives(ADA))[0]] == ["Hum.", "Shout."]
    assert (await profiles.directives(ADA))[0][0].id == first.id


async def test_a_dry_run_tells_what_would_be_and_does_nothing(templates: Templates, profiles: Profiles) -> None:
    told = await templates.apply(ADA, {**MANIFEST, "mental_models": [model()]}, dry_run=True)

    assert told["dry_run"] is True
    assert told["config_applied"] is True
    assert told["directives_created"] == ["Tone", "Names"]
    assert told["mental_models_created"] == ["tides"]
    assert told["operation_ids"] == []
    assert await profiles.exists(ADA) is False
    assert await templates.export(ADA) == {"version": "1"}


async def test_mental_models_are_made_and_changed_by_id(templates: Templates) -> None:
    first = await templates.apply(ADA, {"version": "1", "mental_models": [model("a"), model("b")]})
    second = await templates.apply(ADA, {"version": "1", "mental_models": [model("a"), model("b", max_tokens=512)]})

    assert (first["mental_models_created"], first["operation_ids"]) == (["a", "b"], ["task-a", "task-b"])
    assert (second["mental_models_created"], second["mental_models_updated"]) == ([], ["b"])
    assert second["config_applied"] is False


async def test_nothing_is_half_applied(templates: Templates, profiles: Profiles) -> None:
    bad = {**MANIFEST, "mental_models": [model(trigger={"refresh_cron": "never"})]}

    with pytest.raises(BadInputError, match="tides"):
        await templates.apply(ADA, bad)

    assert await profiles.exists(ADA) is False
    assert await profiles.directives(ADA) == ([], 0)


async def test_what_is_wrong_only_together_is_not_half_applied(templates: Templates, profiles: Profiles) -> None:
    await profiles.save(ADA, config={"recall_budget_max": 30})

    with pytest.raises(BadInputError, match="recall_budget_min"):
        await templates.apply(ADA, {**MANIFEST, "bank": {"recall_budget_min": 40}})

    assert await profiles.directives(ADA) == ([], 0)


async def test_a_memory_without_mental_models_takes_no_template_with_some(memory: MemoryEngine) -> None:
    templates = Templates(memory._desk)

    with pytest.raises(BadInputError, match="mental_models"):
        await templates.apply(ADA, {**MANIFEST, "mental_models": [model()]})

    assert await templates.export(ADA) == {"version": "1"}


async def test_two_who_apply_the_same_at_once_make_each_directive_once(tmp_path: Path) -> None:
    async with engine(tmp_path / "m") as one, engine(tmp_path / "m") as other:
        done = await asyncio.gather(
            *(Templates(memory._desk).apply(ADA, MANIFEST) for memory in (one, other) for _ in range(3))
        )

        directives, count = await Profiles(one._desk).directives(ADA)

    assert (count, [one.name for one in directives]) == (2, ["Tone", "Names"])
    assert sum(len(each["directives_created"]) for each in done) == 2


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ([], r"manifest is \[\]"),
        ({}, "no 'version'"),
        ({"version": "2"}, r"manifest\.version is '2'"),
        ({"version": 1}, r"manifest\.version is 1"),
        ({"directive": []}, "'directive', which is not known"),
        ({"bank": []}, r"manifest\.bank is \[\]"),
        ({"bank": {"retain_chunk_sise": 3}}, r"manifest\.bank: .*'retain_chunk_size'"),
        ({"bank": {"retain_chunk_size": 3}}, r"manifest\.bank\.retain_chunk_size is 3"),
        ({"bank": {"disposition_empathy": 6}}, r"manifest\.bank\.disposition_empathy is 6"),
        ({"directives": {}}, r"manifest\.directives is \{\}"),
        ({"directives": [{"name": "a"}]}, r"manifest\.directives\[0\] has no 'content'"),
        ({"directives": [{"name": " ", "content": "x"}]}, r"manifest\.directives\[0\]\.name is blank"),
        ({"directives": [{"name": "a", "content": "x", "priority": "1"}]}, r"manifest\.directives\[0\]\.priority"),
        ({"directives": [{"name": "a", "content": "x"}, {"name": "a ", "content": "y"}]}, r"directives\[1\]\.name is"),
        ({"mental_models": [model(), model()]}, r"manifest\.mental_models\[1\]\.id is 'tides'"),
        ({"mental_models": [model("No spaces")]}, r"manifest\.mental_models\[0\]\.id"),
        ({"mental_models": [model(max_tokens=100)]}, r"manifest\.mental_models\[0\]\.max_tokens is 100"),
        ({"mental_models": [model(source_query=" ")]}, r"manifest\.mental_models\[0\]\.source_query is blank"),
    ],
)
async def test_what_is_no_manifest_is_told_with_its_place(templates: Templates, wrong: Any, told: str) -> None:
    given = {"version": "1", **wrong} if wrong and isinstance(wrong, dict) else wrong

    with pytest.raises(BadInputError, match=told):
        await templates.apply(ADA, given)


def test_the_schema_can_be_sent() -> None:
    assert json.loads(json.dumps(SCHEMA))["properties"]["version"]["enum"] == ["1"]


async def test_all_that_is_wrong_is_told_at_once(templates: Templates) -> None:
    with pytest.raises(BadInputError) as caught:
        await templates.apply(ADA, {"version": "1", "bank": {"retain_chunk_size": 1}, "directives": [{"name": 3}] * 30})

    assert "retain_chunk_size" in str(caught.value)
    assert "manifest.directives[0].name is 3" in str(caught.value)
    assert "more)" in str(caught.value)
