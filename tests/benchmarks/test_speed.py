"""The benchmark of speed at a tiny size: it runs, and each table has its rows."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from duramen.embedders.minilm import MiniLMEmbedder
from tests.benchmarks.corpus import TURNS, Corpus, StoredEmbedder, searched
from tests.benchmarks.plan import Plan
from tests.benchmarks.speed import many_banks, one_bank, retains, until_recallable
from tests.benchmarks.starts import imports
from tests.benchmarks.timing import Times, machine

TINY = Plan(
    sizes=(50,), fresh=(50,), cold=50, banks=3, per_bank=10, recalls=5, singles=3, batches=1, starts=1, imports=1
)


@pytest.fixture
def progress() -> Progress:
    return Progress(console=Console(file=StringIO()))


def column(table: Table, number: int) -> list[str]:
    return [str(cell) for cell in table.columns[number].cells]


async def test_one_bank_gives_the_tables_of_recall_new_processes_and_disk(tmp_path: Path, progress: Progress) -> None:
    tables: list[Table] = []

    await one_bank(tmp_path, TINY, progress, tables.append)

    recall, stages, cold, fresh, disk = tables
    assert column(recall, 1) == ["no", "MiniLM"]
    assert column(stages, 0) == ["50", "50"]
    assert {"embed", "semantic", "keyword", "fetch"} <= {str(stage.header) for stage in stages.columns}
    assert column(recall, len(recall.columns) - 1) == ["1.0000", ""]
    assert column(cold, 1) == ["store"]
    assert column(fresh, 1) == ["MiniLM", "hashing"]
    assert column(disk, 1) == ["50", "50"]
    assert all(float(size.replace(",", "")) > 1000 for size in column(disk, 3))


async def test_many_banks_give_a_row_for_each_state_of_the_index(tmp_path: Path, progress: Progress) -> None:
    tables: list[Table] = []

    await many_banks(tmp_path, TINY, progress, tables.append)

    assert column(tables[0], 0) == ["held", "to be loaded", "to be loaded, another bank each time"]


async def test_retains_are_measured_for_both_durabilities(tmp_path: Path) -> None:
    table = await retains(tmp_path, TINY)

    assert column(table, 0) == ["commit"] * 3 + ["process"] * 3


async def test_what_was_retained_is_found_by_the_recall_that_is_timed(tmp_path: Path) -> None:
    table = await until_recallable(tmp_path, TINY)

    assert column(table, 3) == ["3 of 3", "3 of 3"]


def test_imports_stand_beside_that_of_httpx() -> None:
    table = imports(TINY)

    assert column(table, 0) == ["import duramen", "import httpx", "a bare interpreter"]


async def test_a_corpus_is_the_same_in_every_run_however_long_it_is() -> None:
    few, many = Corpus().turns(TURNS + 1), Corpus().turns(100)

    assert few == many[: len(few)]
    assert few[0].session == few[TURNS - 1].session != few[TURNS].session


async def test_stored_vectors_are_of_unit_length_and_the_same_each_time() -> None:
    texts = searched(Corpus().turns(20))
    embedder = StoredEmbedder(texts, MiniLMEmbedder.name)

    vectors = await embedder.embed(texts[:5])

    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, rtol=1e-5)
    np.testing.assert_array_equal(vectors, (await StoredEmbedder(texts).embed(texts))[:5])


def test_times_are_percentiles_in_milliseconds_and_ratios_of_medians() -> None:
    times, bare = Times([0.001, 0.002, 0.003]), Times([0.001])

    assert times.spread() == ("2.000", "2.900")
    assert times.ratio(bare) == "2.00"


def test_the_machine_is_named_with_the_threads_of_its_linear_algebra() -> None:
    assert "OPENBLAS_NUM_THREADS=" in machine()
