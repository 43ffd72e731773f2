"""The README's examples are run in order, in one namespace, as a reader would; its tables are held against the code."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest

from duramen import SyncMemoryEngine
from duramen.status import Stats
from duramen_strands import MemoryHooks
from tests.duramen_strands.parts import Speaker
from tests.readmes import readme_of, run_examples

README = readme_of("duramen_strands")


async def test_the_examples_run_as_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model = Speaker()

    names = await run_examples(README, model=model)

    memory: SyncMemoryEngine = names["memory"]
    said = [event.content for event in memory.events("user:ada", limit=1000).items]
    assert "I moved to Lisbon last spring." in model.texts(1)
    assert said.count("Plan my weekend at home.") == said.count("What did I plan?") == 1
    assert "I have taken up the violin." in said
    assert names["left"] == 0
    stats: Stats = names["hooks"].stats()
    assert (stats.recall_failures, stats.retain_failures, stats.refused, stats.lost) == (0, 0, 0, 0)
    memory.close()


def test_every_option_is_in_the_table_with_its_default() -> None:
    table = re.findall(r"^\| `(\w+)` \| `(.+?)` \|", README.split("## Options")[1].split("\n## ")[0], re.MULTILINE)

    parameters = inspect.signature(MemoryHooks).parameters.values()
    options = {one.name: repr(one.default).replace("'", '"') for one in parameters if one.default is not one.empty}
    assert dict(table) == options


def test_every_counter_is_named() -> None:
    for counter in fields(Stats):
        assert counter.name.replace("_", " ") in README
