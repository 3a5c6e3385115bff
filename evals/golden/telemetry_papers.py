"""Wishes for more diagnostics, and what a manager may grant locally, as papers tell it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from evals.golden import forms, mails, times
from evals.golden.draw import Draw
from evals.golden.packet import Packet
from evals.golden.tables import table
from evals.golden.world import Person, World, people, world

SLUG = "premium-support-diagnostic-telemetry-accommodation-option-recommendation"
ACCEPT, MATRIX, SEND = "local_acceptance", "bands_menu_and_guardrails", "send_upward"


@dataclass(slots=True)
class Truth:
    """The matrix, the tenant's scope and what was asked for."""

    draw: Draw
    world: World
    manager: Person
    duty: Person
    governor: Person
    customer: Person
    version: str
    policy: str
    region: str
    retention: int
    tier: str
    approved: bool
    asks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    scope: str = "dedicated cluster"
    scope_days: float = 2.0
    migrated: bool = False
    limits: list[str] = field(default_factory=list)
    exceptions: list[dict[str, str]] = field(default_factory=list)
    no_retention: bool = False
    policy_version: bool = True
    prefix: str = "AM"

    def after(self, minutes: int) -> datetime:
        """So many minutes after the clock of the packet."""
        return self.world.now + timedelta(minutes=minutes)


def draw_truth(draw: Draw) -> Truth:
    place = world(draw)
    manager, duty, governor = people(draw, 3, place.vendor_domain)
    return Truth(
        draw,
        place,
        manager,
        duty,
        governor,
        people(draw, 1, place.customer.domain)[0],
        draw.one(["AM-14", "DAM-2026.2", "7.1"]),
        draw.one(["ECP-5", "OP-2026-1"]),
        draw.one(["eu-central-1", "ap-south-2", "ca-east-1"]),
        draw.one([14, 20, 28]),
        draw.one(["Premium Plus", "Premium Regulated"]),
        draw.maybe(0.6),
    )


def base_packet(truth: Truth) -> Packet:
    draw, place, now = truth.draw, truth.world, truth.world.now
    packet = Packet(
        draw.one([SLUG, "telemetry-options"]),
        f"TE-{draw.digits(4)}",
        {"id": place.customer.tenant, "name": place.customer.name},
        now,
        truth.manager.id,
    )
    packet.person(truth.manager.id, truth.manager.name, "enterprise_premium_support_escalation_manager")
    packet.person(truth.duty.id, truth.duty.name, "duty_lead")
    packet.person(truth.governor.id, truth.governor.name, "authority_matrix_governance_owner")
    at = now - timedelta(minutes=50)
    packet.source("matrix", *_matrix(truth), "authority_matrix", at)
    packet.source("policy", *_policy(truth), "collection_policy_library", at)
    packet.source("entitlement", *_entitlement(truth), "entitlement_record", at)
    packet.source(
        "scope",
        *make_scope(truth, "tenancy-scope", truth.scope_days),
        "entitlement_record",
        now - timedelta(days=truth.scope_days),
    )
    packet.source("timeline", *_timeline(truth), "case_timeline", at)
    if truth.asks:
        body = ["Hello,", "before the next step we want:", "\n".join(f"- {one}" for one in truth.asks)]
        packet.source(
            "request",
            "customer-request.eml",
            mails.mail(
                draw,
                truth.customer,
                truth.manager.email,
                "Diagnostics",
                now - timedelta(hours=17),
                body,
                draw.one(mails.LAYOUTS),
            ),
            "case_timeline",
            at,
        )
    if truth.exceptions:
        packet.source(
            "exceptions",
            *table(draw, "exception-log", truth.exceptions, kinds=["csv", "xlsx", "json"], case="snake", shuffle=False),
            "exception_log",
            at,
        )
    packet.head["instructions"] = "Rank what may be granted locally."
    return packet


def _matrix(truth: Truth) -> tuple[str, bytes]:
    head = [("matrix version", truth.version), ("valid from", "2025-12-01"), ("valid until", "2027-12-31")]
    if truth.approved:
        head += [("approved by", truth.governor.name), ("approved on", "2025-11-18")]
    options: list[tuple[Any, ...]] = [
        ("option 1", "Tenant-scoped verbose logging extension", "24 hours", "fresh tenancy scope"),
        ("option 2", "One-time secure upload window", "24 hours", None),
        ("option 3", "Continue under the standard evidence-collection path", None, None),
    ]
    p = truth.prefix
    caps = [
        ("verbose logging extension", "24 hours", f"{p}-C1"),
        ("log retention", "30 days", f"{p}-C2"),
        ("upload window", "24 hours", f"{p}-C3"),
    ]
    beyond = [
        ("broader packet capture", "escalation-only", f"{p}-E1"),
        ("production database snapshots", "escalation-only", f"{p}-E2"),
        ("direct engineering debugging access", "escalation-only", f"{p}-E4"),
        ("cross-tenant capture", "blocked", f"{p}-B1"),
        ("indefinite retention changes", "blocked", f"{p}-B2"),
        ("infrastructure-level debug access", "blocked", f"{p}-B3"),
    ]
    if truth.draw.maybe(0.5):
        return "authority-matrix.xlsx", forms.xlsx_bytes(
            {
                "About": [("key", "value"), *head],
                "Options": [("option", "name", "duration", "condition"), *options],
                "Caps": [("limit", "value", "rule id"), *caps],
                "Not local": [("action", "class", "rule id"), *beyond],
            }
        )
    told = {
        **{key.replace(" ", "_"): value for key, value in head},
        "options": [dict(zip(("option", "name", "duration", "condition"), one, strict=True)) for one in options],
        "caps": [dict(zip(("limit", "value", "rule_id"), one, strict=True)) for one in caps],
        "not_local": [dict(zip(("action", "class", "rule_id"), one, strict=True)) for one in beyond],
    }
    return (
        ("authority-matrix.yaml", forms.yaml_bytes(told))
        if truth.draw.maybe()
        else ("authority-matrix.json", forms.json_bytes(told))
    )


def _policy(truth: Truth) -> tuple[str, bytes]:
    rules = [
        "In us-gov-west, verbose logging is not allowed.",
        "Uploads are scanned before they are opened.",
        *truth.limits,
    ]
    lines = [f"{truth.policy}-R{n}: {one}" for n, one in enumerate(rules, 1)]
    head = [f"version: {truth.policy}"] if truth.policy_version else []
    match truth.draw.one(["md", "md", "docx", "txt", "pdf"]):
        case "docx":
            return "collection-policy.docx", forms.docx_bytes("Evidence-collection policy", [*head, *lines])
        case "pdf":
            return "collection-policy.pdf", forms.pdf_bytes("Evidence-collection policy", [*head, *lines])
        case "txt":
            return "collection-policy.txt", (
                "\n".join(["Evidence-collection policy", "", *head, "", *lines]) + "\n"
            ).encode()
        case _:
            return "collection-policy.md", (
                "\n".join(["# Evidence-collection policy", "", *head, "", *(f"- {one}" for one in lines)]) + "\n"
            ).encode()


def _entitlement(truth: Truth) -> tuple[str, bytes]:
    pairs = [("Tenant", truth.world.customer.tenant), ("Support tier", truth.tier), ("Data region", truth.region)]
    if not truth.no_retention:
        pairs.append(("Log retention", f"{truth.retention} days"))
    title = "Entitlement record and regulated-data addendum"
    match truth.draw.one(["pdf", "docx", "html", "json"]):
        case "pdf":
            return "entitlement.pdf", forms.pdf_bytes(
                title, [*(f"{a}: {b}" for a, b in pairs), "Signed on 4 May 2025."]
            )
        case "docx":
            return "entitlement.docx", forms.docx_bytes(
                title, [*(f"{a}: {b}" for a, b in pairs), "Signed on 4 May 2025."]
            )
        case "html":
            return "entitlement.html", forms.html_bytes(title, pairs, style=truth.draw.one(["table", "dl", "bold"]))
        case _:
            return "entitlement.json", forms.json_bytes({a.lower().replace(" ", "_"): b for a, b in pairs})


def make_scope(truth: Truth, stem: str, days: float) -> tuple[str, bytes]:
    told = {
        "tenant_id": truth.world.customer.tenant,
        "tenancy_scope": truth.scope,
        "verified_at": times.utc(truth.world.now - timedelta(days=days)),
    }
    return (
        (f"{stem}.json", forms.json_bytes(told)) if truth.draw.maybe(0.6) else (f"{stem}.yaml", forms.yaml_bytes(told))
    )


def _timeline(truth: Truth) -> tuple[str, bytes]:
    now = truth.world.now
    events = [
        {"at": times.utc(now - timedelta(days=4)), "note": "Sign-in latency of 40 seconds, second time this week."}
    ]
    if truth.migrated:
        events.append(
            {
                "at": times.utc(now - timedelta(days=1)),
                "note": "Tenant migrated from the shared cluster to a dedicated cluster.",
            }
        )
    events += [{"at": times.utc(now - timedelta(hours=3)), "note": one} for one in truth.notes]
    told = {
        "tenant_id": truth.world.customer.tenant,
        "severity": "Severity 2",
        "business_impact": "sign-in takes 40 seconds",
        "events": events,
    }
    return (
        ("case-timeline.json", forms.json_bytes(told))
        if truth.draw.maybe(0.6)
        else ("case-timeline.yaml", forms.yaml_bytes(told))
    )
