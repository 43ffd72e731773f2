from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.kill_postgres import Place, killed
from tests.postgres import Server, make_server


@pytest.fixture(scope="module")
def syncing() -> Iterator[Server]:
    """A PostgreSQL of our own, to be killed, that writes as for a power cut."""
    server = make_server(fsync=True)
    yield server
    server.remove()


@pytest.mark.parametrize(("part", "rounds"), [("api", 2), ("worker", 2), ("strategist", 3), ("server", 2)])
def test_everything_acknowledged_is_there_once_after_kills(
    syncing: Server, tmp_path: Path, part: str, rounds: int
) -> None:
    seed = random.randrange(2**32)
    place = Place(syncing.database(), tmp_path, syncing, quick=True)

    outcome = killed(part, rounds, seed, place)

    assert outcome.acknowledged > 5, f"too little was written to mean anything (seed {seed}): {outcome}"
    assert (outcome.lost, outcome.doubled, outcome.left, outcome.refused) == (0, 0, 0, 0), f"seed {seed}: {outcome}"
