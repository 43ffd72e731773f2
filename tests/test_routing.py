from __future__ import annotations

from collections import Counter

import pytest

from duramen.errors import BadInputError
from duramen.routing import worker_for

WORKERS = [f"http://10.0.0.{number}:8888" for number in range(1, 6)]
BANKS = [f"tenant:acme:user:{number}" for number in range(2000)]


def test_everybody_asks_the_same_worker_in_whatever_order_they_know_them() -> None:
    assert all(worker_for(bank, WORKERS) == worker_for(bank, [*reversed(WORKERS), WORKERS[2]]) for bank in BANKS)


def test_banks_stay_with_their_worker_in_other_processes_and_versions() -> None:
    assert [WORKERS.index(worker_for(bank, WORKERS)) for bank in BANKS[:12]] == [3, 2, 4, 1, 3, 1, 1, 1, 2, 2, 0, 4]


def test_the_workers_share_the_banks_alike() -> None:
    shares = Counter(worker_for(bank, WORKERS) for bank in BANKS)

    assert {*shares} == {*WORKERS}
    assert all(0.8 < share / (len(BANKS) / len(WORKERS)) < 1.2 for share in shares.values())


def test_a_worker_that_goes_leaves_all_banks_but_its_own_where_they_are() -> None:
    left = WORKERS[1:]
    moved = {bank for bank in BANKS if worker_for(bank, left) != worker_for(bank, WORKERS)}

    assert moved == {bank for bank in BANKS if worker_for(bank, WORKERS) == WORKERS[0]}
    assert {worker_for(bank, left) for bank in moved} == {*left}


def test_a_worker_that_comes_takes_banks_from_each_and_no_bank_goes_elsewhere() -> None:
    more = [*WORKERS, "http://10.0.0.6:8888"]
    moved = [bank for bank in BANKS if worker_for(bank, more) != worker_for(bank, WORKERS)]

    assert {worker_for(bank, more) for bank in moved} == {more[-1]}
    assert {worker_for(bank, WORKERS) for bank in moved} == {*WORKERS}


def test_without_a_worker_there_is_nobody_to_ask() -> None:
    with pytest.raises(BadInputError, match="no workers"):
        worker_for("user:ada", [])
