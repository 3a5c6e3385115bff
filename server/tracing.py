"""Traces to a collector (OTLP over HTTP), where the settings name one. Without it no span is recorded at all.

Only spans of ours leave, and only ids stand in them: libraries that trace themselves find no provider.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx
import structlog
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

log = structlog.get_logger("casegate")
_SECONDS = 5.0
_providers: list[TracerProvider] = []


class OtlpHttp(SpanExporter):
    """Sends spans to `<url>/v1/traces`. What a collector does not take is lost, and no turn waits for it."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/") + "/v1/traces"
        # No proxy of the environment: the address is the one that was set, or none.
        self._client = httpx.Client(timeout=_SECONDS, trust_env=False)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """One batch, in one request."""
        body = encode_spans(spans).SerializeToString()
        try:
            answer = self._client.post(self._url, content=body, headers={"Content-Type": "application/x-protobuf"})
        except httpx.HTTPError as error:
            log.warning("traces were not sent", why=type(error).__name__, spans=len(spans))
            return SpanExportResult.FAILURE
        if answer.is_success:
            return SpanExportResult.SUCCESS
        log.warning("traces were not taken", status=answer.status_code, spans=len(spans))
        return SpanExportResult.FAILURE

    def shutdown(self) -> None:
        """Close the connection."""
        self._client.close()


@contextmanager
def exporting(url: str) -> Iterator[None]:
    """Send spans while this stands; at its end what was recorded is sent. An empty `url`: nothing is recorded."""
    if not url:
        yield
        return
    provider = TracerProvider(resource=Resource({"service.name": "casegate"}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OtlpHttp(url)))
    _providers.append(provider)
    try:
        yield
    finally:
        _providers.remove(provider)
        provider.shutdown()


def tracer() -> trace.Tracer:
    """The tracer of whoever exports now; else one that records nothing."""
    return _providers[-1].get_tracer("casegate") if _providers else trace.NoOpTracer()
