"""Bursts of signals about one operator in the tenants of others, as papers tell it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from evals.golden import boundary_layouts, forms, mails, times
from evals.golden.draw import Draw
from evals.golden.packet import Packet
from evals.golden.world import Company, Person, World, people, world

SLUG = "privileged-support-diagnostic-export-tenant-boundary-critical-corroboration-triage"
GATE, MERGE = "routing_confirmation", "weak_overlap_merge_approval"
V3 = "Support-Tenant-Boundary-Corroboration-Packet-v3"


@dataclass(slots=True)
class Truth:
    """The burst and its people."""

    draw: Draw
    world: World
    start: datetime
    end: datetime
    operator: str
    analyst: Person
    reviewer: Person
    owner: Person
    customer: Person
    console: list[dict[str, Any]] = field(default_factory=list)
    exports: list[dict[str, Any]] = field(default_factory=list)
    cases: list[dict[str, Any]] = field(default_factory=list)
    roles: list[dict[str, Any]] = field(default_factory=list)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    dlp: list[dict[str, Any]] = field(default_factory=list)
    redactions: list[dict[str, Any]] = field(default_factory=list)
    critical: list[dict[str, Any]] = field(default_factory=list)
    mail: list[str] = field(default_factory=list)
    export: str = ""
    frozen: bool = True
    prior: bool = True
    sovereign_hours: float = 0.5
    ledger_done: bool = True
    second: bool = True
    reviewer_until: datetime | None = None

    @property
    def tenants(self) -> list[Company]:
        """The two tenants of the case."""
        return [self.world.customer, self.world.others[0]]

    def after(self, minutes: int) -> datetime:
        """So many minutes after the clock of the packet."""
        return self.world.now + timedelta(minutes=minutes)


def draw_truth(draw: Draw) -> Truth:
    place = world(draw)
    end = place.now - timedelta(minutes=draw.number(170, 220))
    analyst, reviewer, owner = people(draw, 3, place.vendor_domain)
    truth = Truth(
        draw,
        place,
        end - timedelta(minutes=105),
        end,
        f"op-{draw.digits(4)}",
        analyst,
        reviewer,
        owner,
        people(draw, 1, place.customer.domain)[0],
    )
    truth.export = f"DX-{draw.digits(5)}"
    make_noise(truth)
    make_access(truth, 0, closed=True)
    make_access(truth, 1, closed=None)
    return truth


def make_noise(truth: Truth) -> None:
    """Ordinary work of other operators for other tenants."""
    draw = truth.draw
    for n, company in enumerate(truth.world.others[1:]):
        for k in range(5):
            operator, case, session = f"op-2{n}{k}1", f"RC-9{n}{k}0", f"CS-6{n}{k}00"
            at = truth.start + timedelta(minutes=4 + 19 * k + n)
            truth.console += make_events(truth, operator, company.tenant, session, case, at)
            truth.cases.append(make_case(truth, case, company.tenant, "active", operator))
            truth.sessions.append(_session(operator, session, at, n * 10 + k))
            truth.roles.append(
                {
                    "operator_id": operator,
                    "display_name": f"Engineer {n}{k}",
                    "support_role": "support engineer L2",
                    "known_alias": "",
                    "role_valid_until": "2027-12-31",
                    "captured_at": times.utc(truth.start),
                }
            )
            truth.exports.append(_export(f"DX-1{n}{k}77", at, operator, company.tenant, case, "MATCHED"))
            truth.dlp.append(
                {
                    "alert_id": f"DLP-1{n}{k}",
                    "alert_at": times.utc(at),
                    "operator_id": operator,
                    "tenant_id": company.tenant,
                    "artifact_ref": "",
                    "observation": "large clipboard",
                    "disposition": "benign",
                    "replay_state": "final",
                }
            )
    truth.draw.shuffled(truth.dlp)
    truth.roles.append(
        {
            "operator_id": truth.operator,
            "display_name": "Engineer Z",
            "support_role": "support engineer L3",
            "known_alias": "",
            "role_valid_until": "2027-12-31",
            "captured_at": times.utc(truth.start),
        }
    )
    draw.number(0, 1)


def make_events(
    truth: Truth, operator: str, tenant: str, session: str, case: str | None, at: datetime
) -> list[dict[str, Any]]:
    steps = ["impersonation.start", "screen.view", "config.read", "impersonation.end"]
    return [
        {
            "ledger_ref": f"SCA-{session[3:]}{n}",
            "at": times.utc(at + timedelta(minutes=5 * n)),
            "event": step,
            "operator_id": operator,
            "tenant_id": tenant,
            "session_id": session,
            "case_ref": case,
        }
        for n, step in enumerate(steps)
    ]


def make_case(truth: Truth, case: str, tenant: str, state: str, engineers: str) -> dict[str, Any]:
    closed = times.utc(truth.start - timedelta(days=2)) if state == "closed" else ""
    return {
        "case_id": case,
        "tenant_id": tenant,
        "state": state,
        "opened_at": times.utc(truth.start - timedelta(days=6)),
        "closed_at": closed,
        "authorised_engineers": engineers,
        "captured_at": times.utc(truth.start - timedelta(minutes=10)),
    }


def _session(operator: str, session: str, at: datetime, number: int) -> dict[str, Any]:
    return {
        "chain_id": f"IDC-{4000 + number}",
        "subject": operator,
        "console_session": session,
        "start": times.utc(at - timedelta(minutes=2)),
        "end": times.utc(at + timedelta(minutes=22)),
        "step_up_at": times.utc(at - timedelta(minutes=1)),
        "device": {"id": f"WS-{number:03}", "posture": "compliant"},
        "continuity": "continuous",
    }


def _export(id: str, at: datetime, operator: str, tenant: str, case: str, match: str) -> dict[str, Any]:  # noqa: A002
    return {
        "request_id": id,
        "requested_at": at + timedelta(minutes=8),
        "operator_id": operator,
        "tenant_id": tenant,
        "bundle_scope": "logs-24h",
        "case_id": case,
        "case_match": match,
        "policy_gate": "passed" if match == "MATCHED" else "warned",
        "status": "staged",
        "size_kb": 4400,
    }


def make_access(truth: Truth, which: int, closed: bool | None) -> None:
    """The operator in one of the case's tenants. `closed`: its case was closed (True), is active (False), or none is named."""  # noqa: E501
    company, at = truth.tenants[which], truth.start + timedelta(minutes=12 + 33 * which)
    session, case = f"CS-7{which}120", f"RC-3{which}07" if closed is not None else None
    truth.console += make_events(truth, truth.operator, company.tenant, session, case, at)
    truth.sessions.append(_session(truth.operator, session, at, 900 + which))
    if case is not None:
        truth.cases.append(
            make_case(
                truth,
                case,
                company.tenant,
                "closed" if closed else "active",
                truth.operator if closed is False else "op-2207",
            )
        )
    export = truth.export if which == 0 else f"{truth.export}-2"
    truth.exports.append(
        _export(
            export, at, truth.operator, company.tenant, case or "", "MATCHED" if closed is False else "NO_ACTIVE_CASE"
        )
    )
    if closed is not False:
        truth.dlp.append(
            {
                "alert_id": f"DLP-55{which}01",
                "alert_at": times.utc(at + timedelta(minutes=10)),
                "operator_id": truth.operator,
                "tenant_id": company.tenant,
                "artifact_ref": export,
                "observation": "copy to local staging folder",
                "disposition": "near_miss",
                "replay_state": "final",
            }
        )
        truth.redactions.append(
            {
                "event_id": f"NR-88{which}1",
                "at": times.utc(at + timedelta(minutes=13)),
                "case": case or "RC-0000",
                "tenant": company.tenant,
                "actor": truth.operator,
                "mode": "emergency",
                "reason": "key reference in note",
            }
        )


def base_packet(truth: Truth) -> Packet:
    draw, place, now = truth.draw, truth.world, truth.world.now
    first, second = truth.tenants
    packet = Packet(
        draw.one([SLUG, "tenant-boundary"]),
        f"CASE-TB-{draw.digits(5)}",
        {"id": first.tenant, "name": first.name},
        now,
        truth.analyst.id,
    )
    packet.head["tenants"] = [{"id": one.tenant, "name": one.name} for one in (first, second)]
    limits = {"valid_until": truth.reviewer_until} if truth.reviewer_until else {}
    packet.person(truth.analyst.id, truth.analyst.name, "support_trust_analyst")
    packet.person(truth.reviewer.id, truth.reviewer.name, "support_trust_reviewer", **limits)
    packet.person(truth.owner.id, truth.owner.name, "corroboration_rules_governance_owner")
    made = truth.end + timedelta(minutes=100)
    done = made if truth.ledger_done else truth.start + timedelta(minutes=30)
    by_time = sorted(truth.console, key=lambda one: str(one["at"]))
    snapshot = [_entitled(truth, one, n) for n, one in enumerate([first, second, *place.others[1:]])]
    given = {
        "console": (
            *boundary_layouts.console(draw, by_time, truth.start, truth.end, made, made),
            "support_console_audit_ledger",
            made,
        ),
        "exports": (
            *boundary_layouts.exports(
                draw, sorted(truth.exports, key=lambda one: one["requested_at"]), done, place.zone
            ),
            "secure_diagnostic_export_ledger",
            made,
        ),
        "cases": (
            *boundary_layouts.rows(draw, "restricted-case-roster", draw.shuffled(truth.cases)),
            "restricted_case_roster",
            truth.start - timedelta(minutes=10),
        ),
        "roles": (
            *boundary_layouts.rows(draw, "support-role-roster", truth.roles),
            "support_role_roster",
            truth.start - timedelta(minutes=9),
        ),
        "entitlements": (
            *boundary_layouts.entitlements(draw, snapshot),
            "tenant_entitlement_snapshot",
            truth.start - timedelta(minutes=30),
        ),
        "idp": ("idp-session-chain.json", boundary_layouts.chain(truth.sessions, made), "identity_provider", made),
        "dlp": (*boundary_layouts.rows(draw, "dlp-near-miss", truth.dlp), "dlp", made),
        "redactions": (
            "note-redaction-events.json",
            forms.json_bytes({"feed": "case-note redaction", "events": truth.redactions}),
            "case_notes",
            made,
        ),
        "customer": ("customer-report.eml", _mail(truth), "trust_desk_inbox", None),
    }
    for id, (name, data, system, at) in given.items():  # noqa: A001
        packet.source(id, name, data, system, at)
    if truth.prior:
        clusters = [
            {
                "id": "DCL-118",
                "kinds": ["console", "dlp"],
                "operator": truth.operator,
                "tenants": [first.tenant],
                "signals": ["CS-70120"],
                "merged": True,
            }
        ]
        packet.files["packet-v2.yaml"] = boundary_layouts.prior(
            draw,
            truth.start,
            truth.end,
            frozen=truth.frozen,
            told=truth.ledger_done,
            clusters=clusters,
            critical=truth.critical,
        )
        packet.head["prior_revisions"] = [{"revision": "v2", "file": "packet-v2.yaml"}]
    packet.head["instructions"] = "Corroborate the burst and prepare v3 for the reviewer."
    return packet


def _entitled(truth: Truth, company: Company, number: int) -> dict[str, Any]:
    sovereign = number == 1
    hours = truth.sovereign_hours if sovereign else 0.5
    return {
        "tenant_id": company.tenant,
        "tenant_name": company.name,
        "regulated": number < 2 and (number == 0 or truth.second),
        "classification": "financial services",
        "sovereign": sovereign,
        "captured_at": times.utc(truth.start - timedelta(hours=hours)),
        "authorised_operators": ["op-2207"],
    }


def _mail(truth: Truth) -> bytes:
    zone, draw = truth.world.zone, truth.draw
    shown = truth.start + timedelta(minutes=12)
    lines = [
        f"{times.plain_local(draw, shown + timedelta(minutes=7 * n), zone)}   {what}"
        for n, what in enumerate(["support session opened", "configuration viewed"])
    ]
    body = ["Hello trust desk,", "these admin entries nobody in our team recognises:", "\n".join(lines), *truth.mail]
    return mails.mail(
        draw,
        truth.customer,
        f"trust@{truth.world.vendor_domain}",
        "Admin activity we cannot explain",
        truth.end + timedelta(minutes=60),
        body,
        draw.one(mails.LAYOUTS),
    )
