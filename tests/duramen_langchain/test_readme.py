"""The README's examples are run in order, in one namespace, as a reader would; its tables are held against the code."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest

import duramen
from duramen.status import Stats
from duramen_langchain import MemoryMiddleware
from tests.duramen_langchain.parts import ScriptedModel
from tests.readmes import readme_of, run_examples

README = readme_of("duramen_langchain")


async def test_the_examples_run_as_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with duramen.open(":memory:") as warm:  # on a busy machine the embedder loads longer than a turn waits
        await warm.retain("bank", "Ada loads the embedder.", wait=True)
        await warm.recall("bank", "What loads?")
    model = ScriptedModel("No nuts for you, then.")

    names = await run_examples(README, model=model)

    shown = re.sub(r"\d{4}-\d\d-\d\d", "2026-11-16", str(model.prompts[1][-1].content))
    assert f"```\n{shown}\n```" in README
    turns = (await names["memory"].status()).turns
    assert (turns.recall_failures, turns.retain_failures, turns.refused, turns.lost) == (0, 0, 0, 0)
    assert {bank.name for bank in (await names["memory"].banks()).items} >= {
        "user:ada",
        "tenant:acme:user:ada",
        "team:support",
    }
    await names["memory"].aclose()


def test_every_option_is_in_the_table_with_its_default() -> None:
    section = README.split("### Options")[1].split("\n#")[0]
    shown = {row[0]: row[1] for row in re.findall(r"^\| `(\w+)` \| (?:`(.*?)`)? ?\|", section, re.MULTILINE)}

    options = inspect.signature(MemoryMiddleware).parameters.values()
    assert shown == {one.name: "" if one.default is one.empty else repr(one.default) for one in options}


def test_every_counter_that_the_readme_names_is_one() -> None:
    named = set(re.findall(r"`(\w+_failures|refused|lost)`", README))

    assert named <= {field.name for field in fields(Stats)}
