"""A case on the server acts on a system of the installation: as approved, once, read back, up to its receipt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from house import Client, House
from packets import read_packet, write_packet
from sev1_packet import action, script
from sev1_packet import write_packet as write_incident

from tools.stub_script import StubScript
from tools.stub_server import StubServer

TENANT = "tn-a"
SECRET = "Kx7-planted-and-never-shown-91"
ROLES = {"o": "incident_owner", "c": "change_approver", "s": "second_approver", "l": "incident_owner_lead"}
SILENT = [
    {"id": "gone", "method": "GET", "path": "/f/7", "if": ["on"], "applies": "asked", "timeout": "after_apply"},
    *script(status=None, body=None, timeout="after_apply")["rules"],
]


@dataclass
class Acting:
    """A server, the system that it is connected to, and the people of an incident."""

    house: House
    log: Path
    people: dict[str, Client]

    def open(self, packet: Path) -> tuple[str, list[str]]:
        """Open an incident as its owner: the run, and what was noted at the recognition."""
        files = [("files", (one.name, one.read_bytes())) for one in packet.iterdir()]
        noted = self.people["o"].post("/api/cases/recognise", files=files)
        assert noted.status_code == 200, noted.text
        return self.house.open(packet, self.people["o"]), noted.json()["notes"]

    def approve(self, run: str, gate: str, by: str, **body: Any) -> None:
        revision = self.view(run)["artifact"]["revision"]
        answer = self.people[by].decide(run, gate, f"{gate}-{by}", revision=revision, **body)
        assert answer.status_code in (200, 201, 202), answer.text
        self.house.rest(TENANT, run)

    def view(self, run: str) -> dict[str, Any]:
        told: dict[str, Any] = self.people["l"].get(f"/api/runs/{run}").json()
        return told

    def asked(self, method: str) -> list[str]:
        """The paths that the system was asked for, by its own log."""
        if not self.log.exists():
            return []
        lines = [orjson.loads(line) for line in self.log.read_bytes().splitlines()]
        return [line["path"] for line in lines if line["method"] == method]


@contextmanager
def acting(folder: Path, url: str, rules: list[dict[str, Any]], connected: str = "flags") -> Iterator[Acting]:
    folder.mkdir()
    server = StubServer(StubScript.model_validate(script() | {"rules": rules}), folder / "flags.jsonl", SECRET)
    server.start()
    (folder / "flags.key").write_text(SECRET, encoding="utf-8")
    auth = {"kind": "bearer", "secret": "file:flags.key"}
    named = {connected: {"base": server.address, "known_as": "https://flags.example", "auth": auth, "seconds": 1}}
    (folder / "systems.yaml").write_text(yaml.safe_dump({"tenants": {TENANT: named}}), encoding="utf-8")
    house = House(url, folder / "data", {"systems": folder / "systems.yaml"}).start()
    try:
        yield Acting(house, folder / "flags.jsonl", {
            one: house.sign_in(one, (role,), tenant=TENANT) for one, role in ROLES.items()
        })  # fmt: skip
    finally:
        house.stop()
        server.close()


def test_what_is_approved_is_done_once_and_receipted(sqlite_url: str, tmp_path: Path) -> None:
    packet = write_incident(tmp_path / "p", actions=[action()], stub=script(), timeline=[])
    told = read_packet(packet)
    write_packet(packet, {**told, "systems": [{"id": "flags", "kind": "http"}]})
    with acting(tmp_path / "here", sqlite_url, script()["rules"]) as at:
        run, notes = at.open(packet)
        assert notes == ["systems: the case's actions on flags are done on the installation's system of that id"]
        wrong = at.people["o"].decide(run, "action_approval", "the-proposer-himself", revision="r1", action="a1")
        assert wrong.status_code in (403, 409)
        at.approve(run, "action_approval", "c", action="a1")
        assert at.asked("POST") == [], "nothing is done before the second approval"
        at.approve(run, "second_approval", "s", action="a1")
        assert at.asked("POST") == ["/f/7/on"]
        (effect,) = at.view(run)["effects"]
        assert (effect["state"], effect["attempts"], effect["system"]) == ("done", 1, "flags")
        assert [one["by"] for one in effect["approvals"]] == ["c", "s"]
        assert effect["references"] == ["CH-1"]
        at.approve(run, "closure_approval", "l")
        view = at.view(run)
        assert (view["status"], view["outcome"]) == ("finished", "receipt_issued")
        receipt = at.people["l"].get(f"/api/runs/{run}/receipt")
        assert receipt.status_code == 200
        assert "CH-1" in receipt.text
        assert at.asked("POST") == ["/f/7/on"]
        pages = ("", "/lineage", "/evidence", "/receipt", "/chat")
        shown = "".join(at.people["l"].get(f"/api/runs/{run}{page}").text for page in pages)
        assert SECRET not in shown
        for file in (tmp_path / "here" / "data").rglob("*"):
            assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file


def test_a_system_that_falls_silent_leaves_the_action_in_doubt(sqlite_url: str, tmp_path: Path) -> None:
    packet = write_incident(tmp_path / "p", actions=[action()], stub=script(), timeline=[])
    with acting(tmp_path / "here", sqlite_url, SILENT) as at:
        run, _ = at.open(packet)
        at.approve(run, "action_approval", "c", action="a1")
        at.approve(run, "second_approval", "s", action="a1")
        assert at.view(run)["outcome"] == "halted_ambiguous"
        (effect,) = at.view(run)["effects"]
        assert (effect["state"], effect["attempts"]) == ("in_doubt", 1)
        at.house.stop()
        at.house.start()
        at.house.rest(TENANT, run)
        assert at.asked("POST") == ["/f/7/on"]


@pytest.mark.parametrize("kind", ["http", "http-stub"])
def test_a_system_that_is_not_connected_blocks_with_the_reason(sqlite_url: str, tmp_path: Path, kind: str) -> None:
    packet = write_incident(tmp_path / "p", actions=[action()], stub=script(), timeline=[])
    if kind == "http":
        write_packet(packet, {**read_packet(packet), "systems": [{"id": "flags", "kind": "http"}]})
    with acting(tmp_path / "here", sqlite_url, script()["rules"], connected="other") as at:
        run, notes = at.open(packet)
        assert notes == [
            "systems: the case's action on flags cannot be done here: no system of that id is connected"
        ]  # fmt: skip
        view = at.view(run)
        assert view["outcome"] == "blocked_by_policy"
        assert "no system of the id flags is connected here" in orjson.dumps(view).decode()
        assert at.asked("GET") == at.asked("POST") == []


def test_a_system_that_is_taken_away_after_the_approval_is_not_asked(sqlite_url: str, tmp_path: Path) -> None:
    packet = write_incident(tmp_path / "p", actions=[action()], stub=script(), timeline=[])
    with acting(tmp_path / "here", sqlite_url, script()["rules"]) as at:
        run, _ = at.open(packet)
        at.approve(run, "action_approval", "c", action="a1")
        at.house.stop()
        at.house.settings.clear()
        at.house.start()
        for one, role in ROLES.items():
            at.people[one] = at.house.sign_in(one, (role,), tenant=TENANT)
        at.people["s"].decide(
            run, "second_approval", "after-the-restart", revision=at.view(run)["artifact"]["revision"], action="a1"
        )
        at.house.rest(TENANT, run)
        view = at.view(run)
        assert view["outcome"] != "receipt_issued"
        assert view["effects"] == []
        assert "no system of the id flags is connected" in orjson.dumps(view).decode()
        assert at.asked("POST") == []
