"""A small incident that tests take apart: one action on one stub system, approved by two people, then closed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import yaml

DAY = "2026-03-03T"


def script(**changes: Any) -> dict[str, Any]:
    """The stub's script; `changes` replace members of the rule that acts."""
    return {
        "system": "flags",
        "base_url": "https://flags.example",
        "rules": [
            {"id": "off", "method": "GET", "path": "/f/7", "unless": ["on"], "status": 200, "body": {"state": "off"}},
            {"id": "is-on", "method": "GET", "path": "/f/7", "if": ["on"], "status": 200, "body": {"state": "on"}},
            {
                "id": "act",
                "method": "POST",
                "path": "/f/7/on",
                "status": 200,
                "body": {"change": "CH-1"},
                "applies": "on",
            }
            | changes,
        ],
    }


def action(name: str = "a1", path: str = "/f/7", **changes: Any) -> dict[str, Any]:
    """One planned action."""
    return {
        "id": name,
        "title": f"Turn {path} on",
        "system": "flags",
        "object": path,
        "risk": "high",
        "idempotent": True,
        "expected_before": {"state": "off"},
        "request": {"method": "POST", "path": f"{path}/on"},
        "confirm": {"path": path, "expect": {"state": "on"}},
        "rollback": "turn it off",
    } | changes


def write_packet(folder: Path, *, actions: list[dict[str, Any]], stub: dict[str, Any], timeline: list[Any]) -> Path:
    """Write the packet."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, Any] = {
        "ticket.json": {
            "key": "INC-1", "severity": "Sev-1", "state": "resolved", "owner": "o", "impacted_services": ["shop"]
        },
        "policy.json": {
            "policy_set": "p",
            "version": "1",
            "controls": [
                {"id": "S", "name": "separation of duties", "second_approval_for": ["risk high"]},
                {"id": "E", "name": "required evidence", "sev1": ["ticket state", "approvals", "change confirmation"]},
            ],
        },
        "plan.json": {"plan": "P-1", "proposed_by": "o", "actions": actions},
    }  # fmt: skip
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    (folder / "flags.yaml").write_text(yaml.safe_dump(stub, sort_keys=False), encoding="utf-8")
    people = {"o": "incident_owner", "c": "change_approver", "s": "second_approver", "l": "incident_owner_lead"}
    packet = {
        "scenario": "sev1-receipt",
        "case": "INC-1",
        "tenant": {"id": "tn-a"},
        "as_of": f"{DAY}10:00:00Z",
        "requested_by": "o",
        "people": [{"id": one, "name": f"Person {one}", "roles": [role]} for one, role in people.items()],
        "parameters": {"evidence_required_sev1": ["ticket state"], "result_confirmation_timeout_seconds": 4},
        "sources": [
            {"id": "ticket", "file": "ticket.json", "system": "ticketing"},
            {"id": "policy", "file": "policy.json", "system": "policy_set"},
            {"id": "plan", "file": "plan.json", "system": "incident_plan"},
        ],
        "systems": [{"id": "flags", "kind": "http-stub", "script": "flags.yaml"}],
        "timeline": timeline,
    }
    (folder / "packet.yaml").write_text(yaml.safe_dump(packet, sort_keys=False), encoding="utf-8")
    return folder


def decides(minute: int, gate: str, by: str, **given: Any) -> dict[str, Any]:
    """A timeline step: somebody approves, or answers otherwise."""
    return {"at": f"{DAY}10:{minute:02}:00Z", "decides": {"gate": gate, "by": by, "decision": "approve"} | given}


APPROVED = [decides(1, "action_approval", "c"), decides(2, "second_approval", "s"), decides(9, "closure_approval", "l")]


def journal(out: Path, system: str = "flags") -> list[dict[str, Any]]:
    """What the stub was asked, in order, over all the runs of a packet in one folder."""
    lines = (out / ".casegate" / "systems" / f"{system}.jsonl").read_bytes().splitlines()
    return [orjson.loads(line) for line in lines]


def acts(out: Path) -> int:
    """How often the stub applied the action."""
    return sum(line["applies"] == "on" for line in journal(out))
