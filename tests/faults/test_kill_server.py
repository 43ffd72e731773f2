from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.kill_server import killed


@pytest.mark.parametrize("workers", [1, 2])
def test_everything_that_a_server_acknowledged_is_there_once_after_kills(tmp_path: Path, workers: int) -> None:
    seed = random.randrange(2**32)

    outcome = killed(tmp_path / "memory", rounds=2, seed=seed, workers=workers)

    assert outcome.acknowledged > 5, f"too little was written to mean anything (seed {seed}): {outcome}"
    assert (outcome.lost, outcome.doubled, outcome.failed, outcome.refused) == (0, 0, 0, 0), f"seed {seed}: {outcome}"
