"""Traces by OpenTelemetry: a span for each request, for its verb, and for the stages within. Sent only where it is told.

Spans hold routes, verbs, figures and marks of banks; never names of banks, keys, or what anybody said.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NoOpTracerProvider, Span, SpanKind, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from duramen.server.caller import Verb
from duramen.version import __version__


class Tracing:
    """Makes spans.

    Args:
        processor: Is given each span when it ends; None to make none at all.
    """

    def __init__(self, processor: SpanProcessor | None = None) -> None:
        self._provider = None
        if processor is not None:
            # Of this server only: a global provider would be in the way of a program that has its own.
            resource = Resource.create({SERVICE_NAME: "duramen", SERVICE_VERSION: __version__})
            self._provider = TracerProvider(resource=resource)
            self._provider.add_span_processor(processor)
        self._tracer = (self._provider or NoOpTracerProvider()).get_tracer("duramen.server", __version__)
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def request(self, headers: Mapping[str, str]) -> Iterator[Span]:
        """Make the span of a request, within the caller's if `traceparent` names one."""
        context = self._propagator.extract({name: headers[name] for name in self._propagator.fields if name in headers})
        span = self._tracer.start_span("HTTP", context=context, kind=SpanKind.SERVER)
        try:
            yield span
        finally:
            span.end()

    @contextmanager
    def within(self, parent: Span, name: str, attributes: Mapping[str, str] | None = None) -> Iterator[Span]:
        """Make a span within `parent`."""
        span = self._tracer.start_span(name, context=set_span_in_context(parent), attributes=attributes)
        try:
            yield span
        finally:
            span.end()

    def stages(self, parent: Span, milliseconds: Mapping[str, float]) -> None:
        """Make a span for each stage that has just been gone through, as if one came after the other."""
        context = set_span_in_context(parent)
        at = time.time_ns() - sum(map(_nanoseconds, milliseconds.values()))
        for stage, spent in milliseconds.items():
            span = self._tracer.start_span(f"stage {stage}", context=context, start_time=at)
            at += _nanoseconds(spent)
            span.end(end_time=at)

    def stage(self, parent: Span | None, name: str, begin: float, seconds: float) -> None:
        """Make the span of a stage that took `seconds` from `begin` on (seconds since 1970), in a trace of its own without a parent."""
        context = Context() if parent is None else set_span_in_context(parent)
        span = self._tracer.start_span(f"stage {name}", context=context, start_time=int(begin * 1e9))
        span.end(end_time=int((begin + seconds) * 1e9))

    def close(self) -> None:
        """Send what is not sent yet."""
        if self._provider is not None:
            self._provider.shutdown()


def tracing_to(endpoint: str | None) -> Tracing:
    """Return what sends spans to the collector at `endpoint` (OTLP over HTTP), or makes none without it."""
    if endpoint is None:
        return Tracing()
    return Tracing(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=5)))


def describe(span: Span, method: str, route: str, status: int) -> None:
    """Say of the span of a request what came of it."""
    span.update_name(f"{method} {route}")
    span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status})
    if status >= 500:
        span.set_status(StatusCode.ERROR)


def verb_name(verb: Verb) -> str:
    """Return what the span of a verb is called."""
    return f"duramen.{verb}"


def _nanoseconds(milliseconds: float) -> int:
    return int(milliseconds * 1e6)
