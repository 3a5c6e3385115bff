"""Connectors of a test: a settings file over the demo systems, with secrets in files beside it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml
from packets import TENANT

from tools.demo_systems import USER, DemoSystems, Script

TICKET = {"title": "Ticket number", "pattern": "[A-Z]{2}-[0-9]{1,9}", "example": "QF-1001"}
COMMENTS = [{"id": n, "at": f"2026-05-04T08:{n:02}:00Z", "body": f"Comment {n}: workforce login"} for n in range(1, 13)]
SCRIPT: dict[str, Any] = {
    "tickets": {"QF-1001": {"number": "QF-1001", "environment": "Production", "comments": COMMENTS}},
    "accounts": {
        "ACC-7": {"account_id": "ACC-7", "plan_code": "PREM", "contracts": [{"id": f"K-{n}"} for n in range(11)]}
    },
    "users": {
        "usr-1": {"id": "usr-1", "status": "DEACTIVATED", "events": [{"type": f"event-{n}"} for n in range(10)]},
        "usr-quiet": {"id": "usr-quiet", "status": "ACTIVE"},
    },
}
"""Twelve comments, eleven contracts and ten events, five to a page."""


def script(faults: dict[str, list[dict[str, Any]]] | None = None, **changes: Any) -> Script:
    """What the demo systems know, and what goes wrong."""
    return Script.model_validate({**SCRIPT, "faults": faults or {}, **changes})


def settings(base: str) -> dict[str, Any]:
    """The members of a settings file that fit the demo systems."""
    account = {"account": {"pattern": "ACC-[0-9]+", "example": "ACC-7"}}
    user = {"user": {"example": "usr-1"}}
    return copy.deepcopy({
        "desk": {
            "kind": "ticketing", "system": "ticketing", "base": f"{base}/desk", "title": "Service desk",
            "auth": {"kind": "bearer", "secret": "file:desk.key"},
            "resources": {
                "ticket": {
                    "title": "A ticket", "path": "/tickets/{ticket}", "parameters": {"ticket": TICKET},
                    "file": "ticket-{ticket}.json", "as_of": "/meta/as_of", "fresh_minutes": 60,
                },
                "comments": {
                    "path": "/tickets/{ticket}/comments", "parameters": {"ticket": TICKET},
                    "file": "comments-{ticket}.json", "items": "/comments", "paging": {"kind": "pages", "size": 50},
                    "as_of": "/meta/as_of",
                },
            },
        },
        "crm": {
            "kind": "crm", "system": "crm", "base": f"{base}/crm",
            "auth": {"kind": "basic", "username": USER, "secret": "file:crm.key"},
            "resources": {
                "account": {"path": "/accounts/{account}", "parameters": account, "file": "account-{account}.json"},
                "contracts": {
                    "path": "/accounts/{account}/contracts", "parameters": account,
                    "file": "contracts-{account}.json", "items": "/data",
                    "paging": {"kind": "cursor", "next": "/meta/next_cursor"},
                },
            },
        },
        "directory": {
            "kind": "identity", "system": "identity_provider", "base": f"{base}/identity",
            "auth": {"kind": "header", "name": "X-Api-Key", "secret": "file:identity.key"}, "seconds": 5,
            "resources": {
                "user": {"path": "/users/{user}", "parameters": user, "file": "user-{user}.json"},
                "events": {
                    "path": "/users/{user}/events", "parameters": user, "file": "events-{user}.json",
                    "items": "", "paging": {"kind": "link"},
                },
            },
        },
    })  # fmt: skip


def written(folder: Path, systems: DemoSystems, tenant: str = TENANT, **changes: dict[str, Any]) -> Path:
    """The settings file of a tenant, and its secrets. `changes` are members of connectors, by id."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, secret in systems.secrets.items():
        (folder / f"{name}.key").write_text(f"{secret}\n", encoding="utf-8")
    told = settings(systems.base)
    for name, members in changes.items():
        told[name] |= members
    file = folder / "connectors.yaml"
    file.write_text(yaml.safe_dump({"tenants": {tenant: told}}, sort_keys=False), encoding="utf-8")
    return file
