"""The OpenAPI document, and that nothing that it allows, or forbids, makes the server fail."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import schemathesis
from fastapi.routing import APIRoute, iter_route_contexts
from house import Client, House, live_packet
from hypothesis import HealthCheck, settings

from server.api.application import routed
from server.api.examples import BODIES
from server.models.problem import Problem


@schemathesis.serializer("application/x-ndjson")
def _lines(_context: Any, value: Any) -> bytes:
    """A line of JSON for each element of a list; a text as it is, and anything else as one line."""
    if isinstance(value, str):
        return value.encode(errors="replace")
    return b"\n".join(orjson.dumps(one) for one in (value if isinstance(value, list) else [value]))


DOCUMENT = orjson.loads(orjson.dumps(routed().openapi()))
# A stream has no end, and signing out would leave the rest of the test to nobody.
api = (
    schemathesis.openapi.from_dict(DOCUMENT)
    .exclude(path_regex="/events$")
    .exclude(method="DELETE", path="/api/session")
)


def test_the_document_needs_no_database(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    environment = {"PATH": "/usr/bin:/bin", "CASEGATE_DB": "postgresql://nobody@127.0.0.1:1/none"}
    printed = subprocess.run(
        [sys.executable, "-m", "server.openapi"], cwd=root, env=environment, capture_output=True, check=True
    )
    assert orjson.loads(printed.stdout) == DOCUMENT


def test_every_operation_says_how_it_fails() -> None:
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"] or operation["description"], path
            codes = set(operation["responses"])
            if path.startswith("/api/runs/"):
                assert {"401", "403", "404", "422"} <= codes, (method, path)
            for code in codes & {"401", "403", "404", "409"}:
                assert "application/problem+json" in operation["responses"][code]["content"], (method, path)


def test_every_body_has_an_example_that_the_route_takes_and_every_error_one_of_a_problem() -> None:
    models = {one.name: one.original_route.body_field for one in iter_route_contexts(routed().routes)
              if isinstance(one.original_route, APIRoute)}  # fmt: skip
    named = set()
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            name = operation["operationId"]
            for media in operation.get("requestBody", {}).get("content", {}).values():
                assert "example" in media or "examples" in media, (method, path)
                if name in BODIES:
                    named.add(name)
                    if (field := models[name]) is not None:
                        field.field_info.annotation.model_validate(media["example"])
            for code, answer in operation["responses"].items():
                if int(code) >= 400:
                    problem = answer["content"]["application/problem+json"]["example"]
                    assert Problem.model_validate(problem).status == int(code), (method, path)
    assert set(BODIES) == named


@pytest.fixture(scope="module")
def lodger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, str]]:
    """Somebody who may do much, and a case of his."""
    folder = tmp_path_factory.mktemp("openapi")
    house = House(f"sqlite:///{folder / 'casegate.db'}", folder / "data").start()
    client = house.sign_in("u-duty", ("duty_manager", "support_intake_specialist"))
    people = [{"id": "u-duty", "name": "Dag", "roles": ["duty_manager", "support_intake_specialist"]}]
    packet = live_packet(folder / "packet", people=people, requested_by="u-duty")
    yield client, house.open(packet, client)
    house.stop()


@api.parametrize()
@settings(max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_nothing_makes_the_server_fail(case: schemathesis.Case, lodger: tuple[Client, str]) -> None:
    client, run = lodger
    if case.path_parameters and "run" in case.path_parameters:
        case.path_parameters["run"] = run
    headers = {"X-CSRF-Token": client.headers["X-CSRF-Token"]}
    answer = case.call(base_url=str(client.base_url), headers=headers, cookies=dict(client.cookies), timeout=60)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == ["application/problem+json"], (answer.status_code, answer.headers)
