"""The server delivers what was released, says how each entry fares, and has a dead letter sent again."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from house import Client, House, live_packet
from packets import TENANT
from receivers import SECRET, queue

from runtime.errors import InputError
from server.app import create_app
from server.settings import ServerSettings

GATE = "exception_release"


def waited(found: Callable[[], Any], seconds: float = 20) -> Any:
    """What it gives once it gives something."""
    until = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < until
        time.sleep(0.1)
    return value


def one_in(state: str, client: Client, run: str) -> dict[str, Any] | None:
    rows = client.get(f"/api/runs/{run}/deliveries").json()["deliveries"]
    return next((row for row in rows if row["state"] == state), None)


def released(house: House, folder: Path) -> tuple[str, Client]:
    intake = house.sign_in("u-intake", ("support_intake_specialist",))
    duty = house.sign_in("u-duty", ("duty_manager",))
    run = house.open(live_packet(folder / "packet"), intake)
    assert duty.get(f"/api/runs/{run}/deliveries").json() == {"deliveries": []}
    assert duty.decide(run, GATE, "approve-delivery").status_code == 201
    house.rest(TENANT, run)
    return run, duty


def test_what_is_released_stands_in_the_lane_s_folder(both: House, tmp_path: Path) -> None:
    run, duty = released(both, tmp_path)
    row = waited(lambda: one_in("delivered", duty, run))
    lines = [line for file in (both.data / "lanes").glob("*.jsonl") for line in file.read_bytes().splitlines()]
    assert len(lines) == 1
    release = duty.get(f"/api/runs/{run}").json()["releases"][0]
    assert orjson.loads(lines[0])["artifact_sha256"] == release["artifact_sha256"]
    assert str(both.data) not in str(row)
    assert duty.get("/api/health").json()["lanes"] == "ok"


@pytest.fixture
def hooked(tmp_path: Path) -> Callable[[str], House]:
    """A server whose lanes are a webhook."""

    def start(url: str) -> House:
        (tmp_path / "hook.key").write_text(SECRET)
        lanes = {"default": {"kind": "webhook", "url": url, "secret_file": "hook.key"}}
        (tmp_path / "lanes.yaml").write_bytes(orjson.dumps(lanes))
        settings = {"lanes": tmp_path / "lanes.yaml"}
        return House(f"sqlite:///{tmp_path / 'casegate.db'}", tmp_path / "data", settings).start()

    return start


def test_a_dead_letter_is_shown_with_its_reason_and_sent_again_by_a_person(
    hooked: Callable[[str], House], tmp_path: Path
) -> None:
    with queue("400") as receiver:
        house = hooked(receiver.url)
        try:
            run, duty = released(house, tmp_path)
            dead = waited(lambda: one_in("dead", duty, run))
            assert "answered 400" in dead["reason"]
            health = waited(lambda: (h := duty.get("/api/health")).json()["lanes"] == "trouble" and h)
            assert (health.status_code, health.json()["status"]) == (200, "degraded")
            intake = house.sign_in("u-intake", ("support_intake_specialist",))
            address, again = f"/api/runs/{run}/deliveries/retry", {"key": dead["key"]}
            assert intake.post(address, json=again).status_code == 403
            assert duty.post(address, json=again).status_code == 202
            assert waited(lambda: one_in("delivered", duty, run))["key"] == dead["key"]
            assert duty.post(address, json=again).status_code == 409
            waited(lambda: duty.get("/api/health").json()["lanes"] == "ok")
        finally:
            house.stop()


def test_what_was_not_delivered_when_the_server_ended_is_delivered_by_the_next(
    hooked: Callable[[str], House], tmp_path: Path
) -> None:
    with queue("503") as receiver:
        house = hooked(receiver.url)
        run, duty = released(house, tmp_path)
        waited(lambda: (row := one_in("waiting", duty, run)) and row["reason"])
        house.stop()
        house.start()
        try:
            duty = house.sign_in("u-duty", ("duty_manager",))
            assert waited(lambda: one_in("delivered", duty, run))["attempts"] == 2
        finally:
            house.stop()


def test_a_lanes_file_that_cannot_be_used_keeps_the_server_from_starting(tmp_path: Path) -> None:
    (tmp_path / "lanes.yaml").write_text(
        "default: {kind: webhook, url: 'https://queue.internal/', secret_file: no.key}"
    )
    with pytest.raises(InputError, match="secret_file"):
        create_app(ServerSettings(data=tmp_path, lanes=tmp_path / "lanes.yaml"), f"sqlite:///{tmp_path / 'x.db'}")
