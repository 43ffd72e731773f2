"""Times measured again and again, and the machine that they were measured on."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np


@dataclass
class Times:
    """Seconds, one for each time that something was done."""

    seconds: list[float] = field(default_factory=list)

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Add how long the block takes."""
        begin = time.perf_counter()
        yield
        self.seconds.append(time.perf_counter() - begin)

    def at(self, percent: float) -> float:
        """Return a percentile in milliseconds."""
        return 1000 * float(np.percentile(self.seconds, percent))

    def spread(self) -> tuple[str, str]:
        """Return p50 and p95 in milliseconds, as text."""
        return f"{self.at(50):.3f}", f"{self.at(95):.3f}"

    def ratio(self, bare: Times) -> str:
        """Return how many times the median of `bare` this one is, as text."""
        return f"{self.at(50) / bare.at(50):.2f}"


def machine() -> str:
    """Say what everything ran on."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    build: dict[str, Any] = json.loads(json.dumps(np.show_config(mode="dicts")))
    blas = build.get("Build Dependencies", {}).get("blas", {})
    return (
        f"{models[0] if models else platform.processor() or platform.machine()}, {os.cpu_count()} cores; "
        f"{platform.system()}; Python {platform.python_version()}; numpy {np.__version__} over "
        f"{blas.get('name', 'an unknown BLAS')} {blas.get('version', '')} with "
        f"OPENBLAS_NUM_THREADS={os.environ.get('OPENBLAS_NUM_THREADS', 'unset')}; SQLite {sqlite3.sqlite_version}."
    )
