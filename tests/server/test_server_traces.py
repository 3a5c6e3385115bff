"""Traces: none without a setting; with one they reach a collector over OTLP/HTTP, and hold ids only."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from house import House, live_packet
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from server.telemetry import turn_span
from server.tracing import exporting, tracer

ROLE = ("support_intake_specialist",)


class Collector(ThreadingHTTPServer):
    """A collector on loopback that keeps what it is sent."""

    def __init__(self, status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.status = status
        self.taken: list[tuple[str, str, bytes]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def spans(self) -> list[Span]:
        """Every span that came."""
        requests = [ExportTraceServiceRequest.FromString(body) for _, _, body in self.taken]
        return [
            span for one in requests for of in one.resource_spans for scope in of.scope_spans for span in scope.spans
        ]


class _Taking(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, self.headers["Content-Type"], body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal of the tests."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    """One that takes everything."""
    started = Collector()
    yield started
    started.shutdown()
    started.server_close()


def _attributes(span: Span) -> dict[str, str]:
    return {one.key: one.value.string_value for one in span.attributes}


def test_a_turn_reaches_the_collector_that_the_settings_name(
    sqlite_url: str, tmp_path: Path, collector: Collector
) -> None:
    house = House(sqlite_url, tmp_path / "data", {"traces_url": collector.url}).start()
    run = house.open(live_packet(tmp_path / "packet"), house.sign_in("u-intake", ROLE))
    house.stop()
    assert {(path, kind) for path, kind, _ in collector.taken} == {("/v1/traces", "application/x-protobuf")}
    turns = [_attributes(span) for span in collector.spans()]
    assert turns
    assert {one["gen_ai.conversation.id"] for one in turns} == {run}
    assert {one["gen_ai.agent.name"] for one in turns} == {"outage-intake"}
    # Ids only: nothing that stands in the evidence.
    sent = b"".join(body for *_, body in collector.taken)
    assert [word for word in (b"Quillfeather", b"quillfeather", b"blocked workforce", b"Bram") if word in sent] == []


def test_without_the_setting_nothing_is_recorded(sqlite_url: str, tmp_path: Path, collector: Collector) -> None:
    house = House(sqlite_url, tmp_path / "data").start()
    house.open(live_packet(tmp_path / "packet"), house.sign_in("u-intake", ROLE))
    with tracer().start_as_current_span("anything") as span:
        assert not span.is_recording()
    house.stop()
    assert collector.taken == []


@pytest.mark.parametrize("status", [400, 503])
def test_a_collector_that_refuses_or_is_gone_holds_nothing_up(sqlite_url: str, tmp_path: Path, status: int) -> None:
    refusing = Collector(status)
    house = House(sqlite_url, tmp_path / "data", {"traces_url": refusing.url}).start()
    client = house.sign_in("u-intake", ROLE)
    house.open(live_packet(tmp_path / "one"), client)
    refusing.shutdown()
    refusing.server_close()
    run = house.open(live_packet(tmp_path / "two", case="CASE-90002"), client)
    assert client.get(f"/api/runs/{run}").json()["state"] == "waiting"
    house.stop()


def test_a_fault_is_named_by_its_type_and_its_words_stay(collector: Collector) -> None:
    class Scenario:
        short = "outage-intake"

    class Store:
        run = "run_1"

    class Context:
        scenario, store, mode, model_name = Scenario(), Store(), "offline", "rules"

    with exporting(collector.url), pytest.raises(ValueError, match="secret"), turn_span(Context()):  # type: ignore[arg-type]
        raise ValueError("the secret words of a customer")
    (span,) = collector.spans()
    assert _attributes(span)["error.type"] == "ValueError"
    assert span.status.code == Status.STATUS_CODE_ERROR
    assert len(span.events) == 0
    assert b"secret" not in b"".join(body for *_, body in collector.taken)
