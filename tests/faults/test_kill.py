from __future__ import annotations

import random
from pathlib import Path

from tests.faults.kill import kill


def test_every_acknowledged_item_is_there_once_after_kills(tmp_path: Path) -> None:
    seed = random.randrange(2**32)

    outcome = kill(tmp_path, rounds=6, seed=seed)

    assert outcome.acknowledged > 5, f"too little was written to mean anything (seed {seed})"
    assert (outcome.lost, outcome.doubled, outcome.left_pending) == (0, 0, 0), f"seed {seed}: {outcome}"
