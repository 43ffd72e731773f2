"""Every statement that a test of this folder sends is looked at: whether its bank alone says where it is sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from duramen.stores.postgres import statements
from duramen.stores.postgres.citus import queries_for_citus
from tests.stores.postgres.emptied import emptied as emptied
from tests.stores.postgres.emptied import migrated as migrated
from tests.stores.postgres.routing import Watch


@pytest.fixture(autouse=True)
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """What this test sends; at its end there is no fault in it."""
    ours = statements.queries()
    watch = Watch(only={*ours.values(), *queries_for_citus(ours).values()})
    monkeypatch.setattr(statements, "SENT", watch)
    yield watch
    monkeypatch.undo()
    assert watch.faults() == []
