"""A small valid packet that tests take apart. All of it is fictional.

Without changes it runs to `staged_for_leadership_review` with no gate: everything agrees, the impact is a value of the
taxonomy, times are in UTC.
"""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import yaml

AS_OF = "2026-05-04T10:00:00Z"
TENANT = "tn-quillfeather-eu"
NAME = "Quillfeather Insurance BV"


def minimal_packet(folder: Path, *, exception: bool = False, **changes: Any) -> Path:
    """Write the packet; `changes` replace members of packet.yaml.

    With `exception` a mail speaks of the test system, a late mail arrives, and three duty managers may decide.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _reference(folder)
    _ticket(folder)
    packet = _packet()
    if exception:
        _exception(folder, packet)
    write_packet(folder, {**packet, **changes})
    return folder


def write_packet(folder: Path, packet: dict[str, Any]) -> None:
    """Write packet.yaml."""
    (folder / "packet.yaml").write_text(yaml.safe_dump(packet, sort_keys=False, allow_unicode=True), encoding="utf-8")


def read_packet(folder: Path) -> dict[str, Any]:
    """Read packet.yaml back, to damage it."""
    loaded: dict[str, Any] = yaml.safe_load((folder / "packet.yaml").read_text(encoding="utf-8"))
    return loaded


def without_timeline(packet: Path, folder: Path) -> Path:
    """A copy that stops at its first gate."""
    shutil.copytree(packet, folder)
    write_packet(folder, {**read_packet(folder), "timeline": []})
    return folder


def _packet() -> dict[str, Any]:
    def source(name: str, file: str, system: str, at: str = "2026-05-04T09:00:00Z") -> dict[str, str]:
        return {"id": name, "file": file, "system": system, "captured_at": at}

    return {
        "scenario": "outage-intake",
        "case": "CASE-90001",
        "tenant": {"id": TENANT, "name": NAME},
        "as_of": AS_OF,
        "requested_by": "u-intake",
        "people": [
            {"id": "u-intake", "name": "Iris Okafor", "roles": ["support_intake_specialist"]},
            {"id": "u-duty", "name": "Dag Holm", "roles": ["duty_manager"]},
            {"id": "u-schema", "name": "Sela Roth", "roles": ["schema_workflow_owner"]},
        ],
        "sources": [
            source("ticket", "ticket.json", "ticketing"),
            source("bridge", "bridge_request.csv", "ticketing"),
            source("registry", "tenant_registry.csv", "tenant_registry"),
            source("roster", "contact_roster.csv", "contact_roster"),
            source("plans", "plan_mapping.csv", "plan_mapping"),
            source("crm", "crm.csv", "crm"),
            source("schema", "schema.yaml", "schema_registry"),
        ],
        "timeline": [],
    }


def _ticket(folder: Path) -> None:
    ticket = {
        "ticket": {
            "number": "QF-1001",
            "account": NAME,
            "tenant_id": TENANT,
            "created_at": "2026-05-04T08:40:00Z",
            "environment": "Production",
            "product": "Workforce sign-in",
            "first_observed": "2026-05-04T08:31:00Z",
            "business_impact": "blocked workforce login",
            "affected_regions": "Utrecht, Ghent",
        }
    }
    (folder / "ticket.json").write_text(json.dumps(ticket, indent=2), encoding="utf-8")
    _table(folder / "bridge_request.csv", [
        ["name", "email", "role", "side"],
        ["Bram Aalders", "bram.aalders@quillfeather.example", "Identity owner", "customer"],
    ])  # fmt: skip


def _reference(folder: Path) -> None:
    _table(folder / "tenant_registry.csv", [
        ["tenant_id", "legal_name", "environment", "login_host", "registry_version"],
        [TENANT, NAME, "production", "login.quillfeather.lumenary.example", "2026-05-03.1"],
        [TENANT, NAME, "test", "login.quillfeather-test.lumenary.example", "2026-05-03.1"],
        ["tn-osprey-us", "Osprey Freight Inc", "production", "login.osprey.lumenary.example", "2026-05-03.1"],
    ])  # fmt: skip
    _table(folder / "contact_roster.csv", [
        ["tenant_id", "name", "email", "contact_role", "approved_for_escalation", "valid_until", "roster_version"],
        [TENANT, "Bram Aalders", "bram.aalders@quillfeather.example", "identity", "yes", "2027-01-31", "7"],
    ])  # fmt: skip
    _table(folder / "plan_mapping.csv", [
        ["plan_code", "support_tier", "tier_rank", "severity_one_bridge", "mapping_version"],
        ["PREM", "Premier 24x7", "3", "yes", "pm-2"],
        ["STD", "Standard", "1", "no", "pm-2"],
    ])  # fmt: skip
    _table(folder / "crm.csv", [
        ["account_name", "tenant_id", "plan_code", "valid_from", "valid_to", "contract_status", "snapshot_taken_at"],
        [NAME, TENANT, "PREM", "2025-01-01", "2027-01-01", "active", "2026-05-04T04:00:00Z"],
    ])  # fmt: skip
    names = [
        "tenant_id", "affected_environment", "impacted_product_surface", "first_observed_at", "business_impact",
        "entitled_response_tier", "approved_contacts", "source_evidence_links", "affected_regions",
    ]  # fmt: skip
    schema = {
        "schema": "support-escalation-staging",
        "version": "v3",
        "status": "active",
        "active_since": "2026-01-01T00:00:00Z",
        "mapping": {"version": "m3", "built_for_schema": "v3"},
        "fields": [{"name": n, "mandatory": n != "affected_regions", "mapped_from": ["ticket"]} for n in names],
    }
    (folder / "schema.yaml").write_text(yaml.safe_dump(schema, sort_keys=False), encoding="utf-8")


def _exception(folder: Path, packet: dict[str, Any]) -> None:
    def mail(name: str, body: str, minute: int) -> None:
        text = (
            "From: Bram Aalders <bram.aalders@quillfeather.example>\nTo: intake@lumenary.example\n"
            f"Subject: QF-1001\nDate: Mon, 04 May 2026 09:{minute:02}:00 +0000\nContent-Type: text/plain\n\n{body}\n"
        )
        (folder / name).write_text(text, encoding="utf-8")

    mail("update.eml", "Hello,\n\nEnvironment: Test\n\nBram", 5)
    mail("late.eml", "Hello,\n\nAffected regions: Utrecht, Ghent\n\nBram", 50)
    packet["sources"].append({"id": "update", "file": "update.eml", "system": "shared_inbox"})
    packet["people"] += [
        {"id": f"u-duty-{letter}", "name": f"Duty {letter}", "roles": ["duty_manager"]} for letter in "abc"
    ]
    decision = {"gate": "exception_release", "by": "u-duty", "decision": "approve", "revision": "current"}
    packet["timeline"] = [
        {"at": "2026-05-04T10:02:00Z", "says": {"by": "u-intake", "text": "Set it to severity 1 now."}},
        {"at": "2026-05-04T10:05:00Z", "decides": {**decision, "by": "u-intake"}},
        {"at": "2026-05-04T10:06:00Z", "arrives": {"id": "late", "file": "late.eml", "system": "shared_inbox"}},
        {"at": "2026-05-04T10:10:00Z", "decides": decision},
        {"at": "2026-05-04T10:20:00Z", "says": {"by": "u-intake", "text": "Is it staged?"}},
    ]


def _table(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
