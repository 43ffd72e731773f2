"""Figures for Prometheus. Labels are routes, verbs and stages: never banks, keys or words of anybody."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from fastapi import Request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from duramen.engine import MemoryEngine
from duramen.server.caller import Verb
from duramen.server.seen import current, seen
from duramen.server.tracing import Tracing
from duramen.stages import listen
from duramen.types import Recall

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""The variable with the directory in which several workers put their figures together."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queues:
    """What waits in the memory.

    Attributes:
        pending: Events acknowledged and not yet worked through.
        failed: Events given up.
        jobs: What strategies have still to work through; `jobs_failed` is what they gave up.
        tasks: Background tasks by their state.
    """

    pending: int
    failed: int
    jobs: int
    jobs_failed: int
    tasks: Mapping[str, int]


class Metrics:
    """The figures of one server. With several workers they are put together through files; see `DIRECTORY`."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        route = ("method", "route")
        self._requests = Counter("duramen_http_requests", "Requests answered.", (*route, "status"), registry=registry)
        self._seconds = Histogram(
            "duramen_http_request_seconds", "How long requests took.", route, buckets=_SECONDS, registry=registry
        )
        self._working = Gauge(
            "duramen_http_requests_in_progress", "Requests at work.", registry=registry, multiprocess_mode="livesum"
        )
        self._verbs = Histogram(
            "duramen_verb_seconds", "How long verbs took.", ("verb",), buckets=_SECONDS, registry=registry
        )
        self._each = Histogram(
            "duramen_stage_seconds",
            "How long stages of verbs took, and of what is done in the background.",
            ("verb", "stage"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._stages = Histogram(
            "duramen_recall_stage_seconds",
            "How long the stages of recalls took.",
            ("stage",),
            buckets=_SECONDS,
            registry=registry,
        )

    def began(self) -> None:
        """Count a request that began."""
        self._working.inc()

    def ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered, or left by its caller."""
        method = method if method in _METHODS else "other"
        self._working.dec()
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def verb(self, verb: Verb, seconds: float) -> None:
        """Count a verb."""
        self._verbs.labels(verb).observe(seconds)

    def stage(self, verb: str, stage: str, seconds: float) -> None:
        """Count a stage of a verb."""
        self._each.labels(verb, stage).observe(seconds)

    def stages(self, milliseconds: Mapping[str, float]) -> None:
        """Count the stages of a recall."""
        for stage, spent in milliseconds.items():
            self._stages.labels(stage).observe(spent / 1000)

    def text(self, queues: Queues) -> bytes:
        """Return all figures as Prometheus reads them."""
        figures = self._registry
        if os.environ.get(DIRECTORY):
            figures = CollectorRegistry()
            MultiProcessCollector(figures)  # type: ignore[no-untyped-call]  # not typed there
        waiting = CollectorRegistry()
        waiting.register(_Waiting(queues))
        return generate_latest(figures) + generate_latest(waiting)


def observe_recall(request: Request, recall: Recall) -> None:
    """Tell metrics and traces how the stages of `recall` went, which this request asked for."""
    state = request.app.state
    metrics, tracing = state.metrics, state.tracing
    assert isinstance(metrics, Metrics)
    assert isinstance(tracing, Tracing)
    metrics.stages(recall.trace.milliseconds)
    spent = {stage: took for stage, took in recall.trace.milliseconds.items() if stage != "wait"}  # has a span already
    tracing.stages(seen(request.scope).span, spent)


def observe_stages(metrics: Metrics, tracing: Tracing) -> Callable[[], None]:
    """Tell metrics and traces of all stages in this process, and return what ends that."""

    def told(verb: str, stage: str, begin: float, seconds: float) -> None:
        metrics.stage(verb, stage, seconds)
        request = current()
        tracing.stage(None if request is None else request.span, f"{verb} {stage}", begin, seconds)

    return listen(told)


async def queues_of(memory: MemoryEngine) -> Queues:
    """Return what waits in `memory` just now."""
    status = await memory.status()
    counts = await memory.tasks.counts()
    return Queues(
        pending=status.pending,
        failed=status.failed,
        jobs=status.jobs,
        jobs_failed=status.jobs_failed,
        tasks={str(state): number for state, number in counts.items()},
    )


class _Waiting(Collector):
    """What waits, as gauges: the same from every worker, for it is read from the store."""

    def __init__(self, queues: Queues) -> None:
        self._queues = queues

    def collect(self) -> Iterable[Metric]:
        """Return the gauges."""
        yield GaugeMetricFamily("duramen_events_pending", "Events not yet worked through.", value=self._queues.pending)
        yield GaugeMetricFamily("duramen_events_failed", "Events given up.", value=self._queues.failed)
        yield GaugeMetricFamily("duramen_jobs_pending", "What strategies have to do.", value=self._queues.jobs)
        yield GaugeMetricFamily("duramen_jobs_failed", "What strategies gave up.", value=self._queues.jobs_failed)
        yield from self._tasks()

    def _tasks(self) -> Iterator[Metric]:
        tasks = GaugeMetricFamily("duramen_tasks", "Background tasks by state.", labels=["state"])
        for state, number in self._queues.tasks.items():
            tasks.add_metric([state], number)
        yield tasks
