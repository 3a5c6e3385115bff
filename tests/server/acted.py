"""A server that is connected to one system, and the people of an incident that acts on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml
from house import Client, House
from sev1_packet import script

from tools.stub_script import StubScript
from tools.stub_server import StubServer

TENANT = "tn-a"
SECRET = "Kx7-planted-and-never-shown-91"
ROLES = {"o": "incident_owner", "c": "change_approver", "s": "second_approver", "l": "incident_owner_lead"}


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
