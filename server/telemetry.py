"""Logs, traces and metrics. Nothing leaves the process by itself: traces go where the settings say, else nowhere."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from opentelemetry.trace import StatusCode
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from graphs.context import RunContext
from server.tracing import tracer

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


def configure_logs(as_json: bool, level: int = logging.INFO) -> None:
    """Structured logs on stderr."""
    renderer = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _fault,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    if logging.lastResort is not None:  # what libraries write: the server of HTTP tells every fault of ours once more
        logging.lastResort.setFormatter(_Libraries())


def _fault(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """A fault by type and place. Its words may be evidence, and a log has no view that would mask them (R7)."""
    given = event.pop("exc_info", None)
    error = sys.exception() if given is True else given
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(_places(traceback.TracebackException.from_exception(error)))
    return event


class _Libraries(logging.Formatter):
    def formatException(self, ei: Any) -> str:  # noqa: N802  the library's name
        return "\n".join(_places(traceback.TracebackException(*ei)))


def _places(error: traceback.TracebackException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _places(before)
        yield "which led to"
    yield from (line.rstrip("\n") for line in error.stack.format())
    yield error.exc_type.__name__ if error.exc_type is not None else "an exception"
    for one in error.exceptions or ():
        yield from _places(one)


@contextmanager
def turn_span(context: RunContext) -> Iterator[None]:
    """A span around driving a run, by the GenAI conventions. Ids only: no content goes into a trace."""
    # The words of a fault may be evidence: a span names its type only.
    name = f"invoke_agent {context.scenario.short}"
    with tracer().start_as_current_span(name, record_exception=False, set_status_on_exception=False) as span:
        span.set_attribute("gen_ai.operation.name", "invoke_agent")
        span.set_attribute("gen_ai.agent.name", context.scenario.short)
        span.set_attribute("gen_ai.conversation.id", context.store.run)
        span.set_attribute("gen_ai.provider.name", context.mode)
        span.set_attribute("gen_ai.request.model", context.model_name)
        try:
            yield
        except BaseException as error:
            span.set_status(StatusCode.ERROR)
            span.set_attribute("error.type", type(error).__name__)
            TURNS.labels("failed").inc()
            raise
        TURNS.labels("rested").inc()
