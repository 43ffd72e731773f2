from __future__ import annotations

import random
from pathlib import Path

from tests.faults.kill_jobs import kill


def test_every_event_is_worked_through_once_by_its_strategy_after_kills(tmp_path: Path) -> None:
    seed = random.randrange(2**32)

    outcome = kill(tmp_path, rounds=8, seed=seed)

    assert outcome.begun_again > 0, f"no kill hit any work, so nothing was shown (seed {seed}): {outcome}"
    assert (outcome.lost, outcome.doubled, outcome.pending) == (0, 0, 0), f"seed {seed}: {outcome}"
