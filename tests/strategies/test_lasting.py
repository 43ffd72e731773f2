"""How long records last that a strategy makes, as it is written down."""

from __future__ import annotations

from typing import Any

import pytest

from duramen.errors import StrategyError
from duramen.strategies.definitions import build, define
from duramen.strategies.labelled import LabelledStrategy
from duramen.strategies.semantic import SemanticStrategy


def test_how_long_records_last_is_written_down_and_read() -> None:
    strategy = LabelledStrategy(SemanticStrategy(), record_days=31)

    definition = define(strategy)

    assert definition["record_days"] == 31
    built = build(definition)
    assert isinstance(built, LabelledStrategy)
    assert (built.record_days, built.keeps, built.version) == (31, (), SemanticStrategy().version)
    assert "record_days" not in define(LabelledStrategy(SemanticStrategy(), ["team"]))


@pytest.mark.parametrize("days", [0, -1, 1.5, True, "31", 10**9])
def test_a_time_that_is_none_is_refused(days: Any) -> None:
    with pytest.raises(StrategyError, match="whole number"):
        build({"type": "semantic", "name": "facts", "record_days": days})
