from __future__ import annotations

import random
from pathlib import Path

from tests.tasks.kill import kill


def test_every_task_is_done_once_in_effect_after_kills(tmp_path: Path) -> None:
    seed = random.randrange(2**32)

    outcome = kill(tmp_path, rounds=6, seed=seed)

    assert outcome.begun_again > 0, f"no kill hit any task, so nothing was shown (seed {seed}): {outcome}"
    assert outcome.done_before > 0, f"nothing was done between the kills (seed {seed}): {outcome}"
    failures = (outcome.lost, outcome.doubled, outcome.missing, outcome.not_completed)
    assert failures == (0, 0, 0, 0), f"seed {seed}: {outcome}"
