"""Logs, traces and metrics. Nothing leaves the process by itself: traces have no exporter unless one is installed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from opentelemetry import trace
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from graphs.context import RunContext

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "casegate_requests", "Requests by route, method and status", ["route", "method", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "casegate_request_seconds",
    "Time to the first byte of an answer",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
READERS = Gauge("casegate_event_readers", "Open event streams", registry=REGISTRY)
TURNS = Counter("casegate_turns", "Drives of runs by how they ended", ["end"], registry=REGISTRY)
DECISIONS = Counter("casegate_decisions", "Answers to gates by state", ["state"], registry=REGISTRY)
DELIVERIES = Counter("casegate_deliveries", "Lane entries by how an attempt ended", ["end"], registry=REGISTRY)
SIGNALS = Counter("casegate_signals", "Live signals by what became of them", ["fate"], registry=REGISTRY)
SIGNALS_QUEUED = Gauge("casegate_signals_queued", "Live signals that wait to be committed", registry=REGISTRY)

_tracer = trace.get_tracer("casegate")


def configure_logs(as_json: bool, level: int = logging.INFO) -> None:
    """Structured logs on stderr."""
    renderer = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if as_json else _keep,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _keep(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return event


@contextmanager
def turn_span(context: RunContext) -> Iterator[None]:
    """A span around driving a run, by the GenAI conventions. Ids only: no content goes into a trace."""
    with _tracer.start_as_current_span(f"invoke_agent {context.scenario.short}") as span:
        span.set_attribute("gen_ai.operation.name", "invoke_agent")
        span.set_attribute("gen_ai.agent.name", context.scenario.short)
        span.set_attribute("gen_ai.conversation.id", context.store.run)
        span.set_attribute("gen_ai.provider.name", context.mode)
        span.set_attribute("gen_ai.request.model", context.model_name)
        try:
            yield
        except BaseException:
            TURNS.labels("failed").inc()
            raise
        TURNS.labels("rested").inc()
