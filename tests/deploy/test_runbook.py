"""RUNBOOK.md names commands, options, figures, settings, files and tables that exist, and its queries run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import typer

import duramen
from duramen.cli import app
from duramen.retain.worker import Pace
from duramen.server.metrics import Metrics, Queues
from duramen.server.settings import variables
from duramen.stores.postgres.address import parse
from duramen.stores.postgres.migrating import migrate

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "RUNBOOK.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", RUNBOOK, re.DOTALL)
QUERIES = [text for language, text in BLOCKS if language == "sql"]
SPANS = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", RUNBOOK, flags=re.DOTALL))


def commands() -> Iterator[list[str]]:
    """Go through the calls of our command, in blocks and in sentences."""
    lines = [line for language, text in BLOCKS if language == "sh" for line in text.replace("\\\n", " ").splitlines()]
    for line in (*lines, *SPANS):
        if line.startswith("duramen "):
            yield shlex.split(line)[1:]


@pytest.mark.parametrize("arguments", [pytest.param(one, id=" ".join(one)) for one in commands()])
def test_every_command_can_be_given_so(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DURAMEN_DIRECTORY", "postgresql://db/memory")
    name = "duramen"
    found: Any = typer.main.get_command(app)  # of typer's own copy of click, which has no types
    context = found.context_class(found, info_name=name)
    while hasattr(found, "resolve_command"):
        name, found, arguments = found.resolve_command(context, arguments)
        context = found.context_class(found, parent=context, info_name=name)

    if arguments and "--help" not in arguments:  # else it is only named
        found.make_context(name, list(arguments), parent=context.parent)


def test_there_are_commands_and_queries() -> None:
    assert len(list(commands())) > 20
    assert len(QUERIES) == 2


def test_every_figure_is_one_that_servers_tell() -> None:
    queues = Queues(pending=0, failed=0, jobs=0, jobs_failed=0, tasks={"failed": 0})
    told = Metrics().text(queues).decode()
    spans = (re.fullmatch(r"(duramen_[a-z_]+)(\{.*\})?", span) for span in SPANS)
    named = {span[1] for span in spans if span} - {"duramen_owner", "duramen_app", "duramen_backup"}

    assert len(named) == 11
    assert [name for name in named if f"# TYPE {name} " not in told and f"# TYPE {name[:-6]} " not in told] == []


def test_every_setting_is_one() -> None:
    named = set(re.findall(r"\bDURAMEN_[A-Z_]+\b(?!…)", RUNBOOK)) - {"DURAMEN_OWNER"}
    passwords = {name for name in named if name.endswith("_PASSWORD")}

    assert named - passwords <= set(variables())
    assert passwords == set(re.findall(r"\\getenv \w+ (\w+)", (ROOT / "deploy" / "roles.sql").read_text()))


def test_every_file_is_there() -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", RUNBOOK)
    named = [span for span in SPANS if span.startswith("deploy/")]

    assert [name for name in (*linked, *named) if not (ROOT / name).exists()] == []


def test_every_query_runs(database: str) -> None:
    migrate(parse(database))
    with psycopg.connect(database, autocommit=True) as connection:
        for text in QUERIES:
            for query in re.sub(r"--.*", "", text).split(";"):
                if query.strip():
                    connection.execute(query.encode())


async def test_what_failed_is_seen_by_the_queries(database: str) -> None:
    memory = duramen.open(
        database,
        embedder=duramen.HashingEmbedder(),
        entities=duramen.CapitalsEntityFinder(),
        pace=Pace(background=False),
    )
    async with memory:
        await memory.retain("user:ada", "Ada moved to Lisbon.")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET duramen.over = 'all'; SET search_path = duramen")
        queries = {query.strip() for text in QUERIES for query in re.sub(r"--.*", "", text).split(";")}
        (waiting,) = (query for query in queries if query.startswith("SELECT state, count(*)"))
        (where,) = (query for query in queries if query.startswith("SELECT bank, count(*)"))
        assert [row[:2] for row in connection.execute(waiting.encode())] == [(0, 1)]
        assert connection.execute(where.encode()).fetchall() == [("user:ada", 1)]
