"""Which of several workers is asked about a bank, for clients that share the work out themselves instead of a proxy.

Any worker over one PostgreSQL may be asked about any bank, and answers alike. But each holds in memory the indexes of the
banks that it is asked about: with each bank at one worker, all of them together hold each bank once.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from duramen.errors import BadInputError


def worker_for(bank: str, workers: Iterable[str]) -> str:
    """Return the one of `workers` to ask about `bank`: the same for everybody who knows of the same workers.

    When a worker is away, ask anew with those that are left: its banks spread over them, and all others stay where they
    are. A worker that is added takes its share of the banks from each of the others. (Rendezvous hashing.)

    Args:
        bank: Its name, as the server is asked for it.
        workers: Where they are, such as `http://10.0.0.1:8888`, in any order.

    Raises:
        BadInputError: There are no workers.

    >>> worker_for("user:ada", ["http://a:8888", "http://b:8888", "http://c:8888"])
    'http://b:8888'
    """
    known = sorted({*workers})
    if not known:
        raise BadInputError("There are no workers to ask. Name one at least.")
    return max(known, key=lambda worker: _weight(bank, worker))


def _weight(bank: str, worker: str) -> bytes:
    key = blake2b(worker.encode(), digest_size=32).digest()
    return blake2b(bank.encode("utf-8", "surrogatepass"), key=key, digest_size=16).digest()
