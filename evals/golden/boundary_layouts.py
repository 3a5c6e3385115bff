"""How ledgers, rosters, snapshots and feeds of a suspected misuse across tenants are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from evals.golden import forms, times
from evals.golden.draw import Draw
from evals.golden.tables import heading, table

Row = Mapping[str, Any]


def console(
    draw: Draw, events: Sequence[Row], start: datetime, end: datetime, made: datetime, complete: datetime
) -> tuple[str, bytes]:
    """The console's ledger with its window and how far it has been read in."""
    head: dict[str, Any] = {
        "generated_at": times.utc(made),
        "window_start": times.utc(start),
        "window_end": times.utc(end),
        "ingest_complete_through": times.utc(complete),
    }
    told = [_named(one, draw.one(["snake"])) for one in events]
    if draw.maybe(0.3):
        return "console-audit.jsonl", forms.jsonl_bytes([{"export": head}, *told])
    whole: dict[str, Any] = {**head, "event_count": len(told)}
    return "support-console-audit.json", forms.json_bytes(
        {"ledger": "support-console audit ledger", "export": whole, "events": told}
    )


def _named(row: Row, case: str) -> dict[str, Any]:
    return {heading(key, case): value for key, value in row.items()}


def exports(draw: Draw, rows: Sequence[Row], complete: datetime, zone: Any) -> tuple[str, bytes]:
    """The export ledger; its clock may be a local one with its offset."""
    local = draw.maybe(0.5)
    told = [
        {
            **one,
            "requested_at": _local(one["requested_at"], zone) if local else times.utc(one["requested_at"]),
            "ledger_complete_through": times.utc(complete),
        }
        for one in rows
    ]
    return table(
        draw,
        "diagnostic-export-ledger",
        told,
        kinds=["csv", "csv", "semicolon", "xlsx", "json"],
        case="snake",
        shuffle=False,
    )


def _local(at: datetime, zone: Any) -> str:
    return at.astimezone(zone).strftime("%d/%m/%Y %H:%M:%S %z")


def rows(draw: Draw, stem: str, told: Sequence[Row]) -> tuple[str, bytes]:
    """A roster or feed as a table."""
    return table(
        draw, stem, told, kinds=["csv", "csv", "semicolon", "xlsx", "json", "quoted"], case="snake", shuffle=False
    )


def entitlements(draw: Draw, tenants: Sequence[Row]) -> tuple[str, bytes]:
    """Who may act for which tenant, captured tenant by tenant."""
    if draw.maybe(0.3):
        return "tenant-entitlement-snapshot.yaml", forms.yaml_bytes(
            {"snapshot_set": "ENT-1", "tenants": [dict(one) for one in tenants]}
        )
    return "tenant-entitlement-snapshot.json", forms.json_bytes(
        {"snapshot_set": "ENT-1", "tenants": [dict(one) for one in tenants]}
    )


def chain(sessions: Sequence[Row], made: datetime) -> bytes:
    """The identity provider's sessions."""
    return forms.json_bytes(
        {"issuer": "https://id.example", "generated_at": times.utc(made), "sessions": list(sessions)}
    )


def prior(
    draw: Draw,
    start: datetime,
    end: datetime,
    *,
    frozen: bool,
    told: bool,
    clusters: Sequence[Row],
    critical: Sequence[Row],
    lineage: bool = True,
) -> bytes:
    """The packet v2."""
    document: dict[str, Any] = {
        "packet": "Support-Tenant-Boundary-Corroboration-Packet-v2",
        "state": "severe watch state",
        "made_at": times.utc(end + timedelta(minutes=40)),
        "policy_version": f"corroboration-rules 2026.{draw.number(1, 6)}",
    }
    if frozen:
        ingest = {
            "console_ingest_complete_through": times.utc(end + timedelta(minutes=33)),
            "export_ledger_ingest_complete_through": times.utc(end + timedelta(minutes=31)),
        }
        document["window_freeze"] = {
            "start": times.utc(start),
            "end": times.utc(end),
            "frozen_at": times.utc(end + timedelta(minutes=35)),
            "frozen": True,
            **(ingest if told else {}),
        }
    document |= {
        "clusters": [dict(one) for one in clusters],
        "open_critical_cases": [dict(one) for one in critical],
        "open_uncertainty": [],
    }
    if lineage:
        document["lineage"] = [
            {
                "packet": "Support-Tenant-Boundary-Corroboration-Packet-v1",
                "made_at": times.utc(end + timedelta(minutes=5)),
                "state": "severe watch state",
                "clusters": [one["id"] for one in clusters][:1],
                "delta_to_v2": "customer report merged",
            }
        ]
    return forms.yaml_bytes(document)
