"""Investigations of lost capabilities: four hypotheses, one of which the records carry, as papers tell it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from evals.golden import forms, times
from evals.golden.draw import Draw
from evals.golden.packet import Packet
from evals.golden.tables import table
from evals.golden.world import Person, World, people, world

SLUG = "enterprise-admin-entitlement-drift-root-cause-investigation"
GATE = "primary_cause_declaration"
_CAPABILITIES = [
    ("audit_export", "billing_controls", "user_management"),
    ("seat_management", "audit_export", "api_keys"),
    ("report_scheduling", "policy_editor", "user_management"),
]


@dataclass(slots=True)
class Truth:
    """What happened, to whom, and what the records show of it."""

    draw: Draw
    world: World
    cause: str
    capabilities: tuple[str, ...]
    admins: list[str]
    affected: list[str]
    shards: dict[str, str]
    lost: datetime
    reported: datetime
    triaged: datetime
    migrated: datetime
    team: Person
    support: Person
    identity: Person
    product: Person
    commander: Person
    override: str
    mapping: str
    change: str
    left_out: set[str] = field(default_factory=set)
    triage: bool = True
    odd: bool = False
    notes: list[str] = field(default_factory=list)
    shard_gap: bool = False
    same_minute: bool = False
    words: int = 0

    def after(self, minutes: int) -> datetime:
        """So many minutes after the clock of the packet."""
        return self.world.now + timedelta(minutes=minutes)


def draw_truth(draw: Draw, cause: str) -> Truth:
    place = world(draw)
    triaged = place.now - timedelta(minutes=draw.number(40, 70))
    reported = triaged - timedelta(minutes=draw.number(150, 220))
    lost = reported - timedelta(minutes=draw.number(120, 240))
    admins = [f"{draw.one(['adm', 'ad', 'usr'])}-{draw.digits(3)}" for _ in range(8)]
    shards = {one: f"{place.customer.stem[:3]}-{1 + n % 2}" for n, one in enumerate(admins)}
    affected = {
        "H1": admins,
        "H2": admins[:5],
        "H3": [one for n, one in enumerate(admins) if n % 2 == 0],
        "H4": admins[:3],
    }[cause]
    team, support, identity, product, commander = people(draw, 5, place.vendor_domain)
    return Truth(
        draw,
        place,
        cause,
        draw.one(_CAPABILITIES),
        admins,
        affected,
        shards,
        lost,
        reported,
        triaged,
        lost if cause == "H1" else lost - timedelta(minutes=draw.number(50, 90)),
        team,
        support,
        identity,
        product,
        commander,
        f"OVR-{draw.digits(4)}",
        f"m-{draw.digits(2)}",
        f"CFG-{draw.digits(4)}",
        words=draw.number(0, 1),
    )


def base_packet(truth: Truth) -> Packet:
    draw, place, now = truth.draw, truth.world, truth.world.now
    packet = Packet(
        draw.one([SLUG, "entitlement-rca"]),
        f"CS-{draw.digits(5)}",
        {"id": place.customer.tenant, "name": place.customer.name},
        now,
        truth.team.id,
    )
    packet.person(truth.team.id, truth.team.name, "enterprise_support_investigation_team")
    packet.person(truth.support.id, truth.support.name, "support_reviewer")
    packet.person(truth.identity.id, truth.identity.name, "identity_reviewer")
    packet.person(truth.product.id, truth.product.name, "product_reviewer")
    packet.person(truth.commander.id, truth.commander.name, "incident_commander")
    given = {
        "cases": (*_cases(truth), "support_case_history"),
        "impact": (*_impact(truth), "support_case_history"),
        "entitlement": (*_entitlement(truth), "entitlement_service"),
        "idp": ("idp_group_changes.log", _identity(truth), "identity_provider"),
        "flags": (*_flags(truth), "product_configuration"),
        "bridge": ("bridge_notes.md", _notes(truth), "responder_notes"),
    }
    for id, (name, data, system) in given.items():  # noqa: A001
        if id not in truth.left_out:
            packet.source(id, name, data, system, now - timedelta(minutes=20))
    packet.head["instructions"] = (
        f"Find out why the administrators lost {', '.join(truth.capabilities)}. Test all four hypotheses."
    )
    return packet


def _cases(truth: Truth) -> tuple[str, bytes]:
    removed = truth.lost if truth.cause == "H4" else truth.lost + timedelta(minutes=100)
    subjects = truth.affected if truth.cause == "H4" else [truth.admins[-1]]
    carried = list(truth.capabilities) if truth.cause == "H4" else ["beta_reports"]
    overrides = [
        {
            "id": truth.override,
            "subject": one,
            "capabilities": carried,
            "set_at": times.utc(truth.lost - timedelta(days=40)),
            "removed_at": times.utc(removed),
        }
        for one in subjects
    ]
    earlier = {
        "case": "CS-10007",
        "opened": times.utc(truth.lost - timedelta(days=41)),
        "closed": times.utc(removed + timedelta(minutes=3)),
        "tenant": truth.world.customer.tenant,
        "subject": "Scheduler rejects a job",
        "comments": [
            {
                "at": times.utc(removed),
                "author": "m.dahl",
                "body": f"Override {truth.override} removed for {', '.join(subjects)}.",
            }
        ],
        "overrides": overrides,
    }
    case: dict[str, Any] = {
        "case": "CS-20008",
        "opened": times.utc(truth.reported),
        "tenant": truth.world.customer.tenant,
        "subject": "Administrators lost capabilities",
        "first_report": {
            "at": times.utc(truth.reported),
            "by": "Greta Halloran",
            "text": "Since last night some of us cannot do our work in the console.",
        },
    }
    if truth.triage:
        case["triage"] = {
            "confirmed_at": times.utc(truth.triaged),
            "confirmed_by": truth.commander.id,
            "scope": f"tenant {truth.world.customer.tenant}, capabilities {', '.join(truth.capabilities)}",
        }
    told = {"exported_at": times.utc(truth.world.now - timedelta(minutes=25)), "cases": [earlier, case]}
    return (
        ("case_history.yaml", forms.yaml_bytes(told))
        if truth.draw.maybe(0.3)
        else ("case_history.json", forms.json_bytes(told))
    )


def _impact(truth: Truth) -> tuple[str, bytes]:
    names = [
        ("admin", "shard", "capability", "state", "lost_at_utc"),
        ("user_id", "region_shard", "permission", "status", "lost_at_utc"),
    ][truth.words]
    rows = []
    for one in truth.admins:
        for capability in truth.capabilities:
            gone = one in truth.affected
            rows.append(
                dict(
                    zip(
                        names,
                        (
                            one,
                            truth.shards[one],
                            capability,
                            "lost" if gone else "not affected",
                            times.utc(truth.lost.replace(second=0)) if gone else "",
                        ),
                        strict=True,
                    )
                )
            )
    return table(
        truth.draw,
        "impact_matrix",
        rows,
        kinds=["xlsx", "csv", "semicolon", "json", "quoted"],
        case=truth.draw.one(["snake", "title"]),
        shuffle=False,
    )


def _entitlement(truth: Truth) -> tuple[str, bytes]:
    tenant, full = truth.world.customer.tenant, ";".join(truth.capabilities)
    reduced = truth.capabilities[0] + "_view" if truth.cause == "H1" else full
    other = truth.world.others[0].tenant

    def row(
        at: datetime, event: str, who: str, package: str, carried: str, detail: str, subject: str = ""
    ) -> dict[str, str]:
        return {
            "event_id": f"ev-{truth.draw.digits(5)}",
            "at_utc": times.utc(at),
            "event": event,
            "tenant": who,
            "subject": subject,
            "package": package,
            "capabilities": carried,
            "result": "ok",
            "detail": detail,
        }

    rows = [
        row(truth.migrated - timedelta(hours=5 + n), "entitlement_check", other, "ENT-STD", "user_management", "")
        for n in range(6)
    ]
    rows.append(row(truth.migrated - timedelta(hours=6), "snapshot", tenant, "ENT-A3", full, "nightly"))
    rows.append(
        row(
            truth.migrated,
            "plan_migration",
            tenant,
            "ENT-A4",
            "" if truth.same_minute else reduced,
            "renewal RN-51, from ENT-A3",
        )
    )
    if not truth.same_minute:
        rows.append(
            row(truth.migrated + timedelta(seconds=20), "snapshot", tenant, "ENT-A4", reduced, "after migration")
        )
    return table(
        truth.draw,
        "entitlement_events",
        rows,
        kinds=["csv", "json", "xlsx", "jsonl", "semicolon"],
        case="snake",
        shuffle=False,
    )


def _identity(truth: Truth) -> bytes:
    tenant, lost = truth.world.customer.tenant, truth.lost

    def line(at: datetime, text: str) -> tuple[datetime, str]:
        return at, f"{at:%Y-%m-%dT%H:%M:%S}.{truth.draw.number(100, 999)}Z {text}"

    told = [
        line(
            lost - timedelta(minutes=13 * n + 5),
            f"INFO admin-auth subject={truth.draw.one(truth.admins)} tenant={tenant} result=success mfa=totp",
        )
        for n in range(26)
    ]
    told += [
        line(
            lost + timedelta(minutes=17 * n + 9),
            f"INFO admin-auth subject={truth.draw.one(truth.admins)} tenant={tenant} result=success mfa=totp",
        )
        for n in range(8)
    ]
    told.append(
        line(
            lost - timedelta(hours=40),
            f"INFO mapping-change tenant={tenant} mapping={truth.mapping}9 replaces={truth.mapping} by=ops-idm",
        )
    )
    if truth.cause == "H2":
        told.append(line(lost - timedelta(seconds=3), f"INFO group-sync start run=44 tenant={tenant} source=replica-b"))
        told.append(
            line(
                lost - timedelta(seconds=2),
                f"WARN group-sync run=44 tenant={tenant} mapping={truth.mapping} is older than active mapping={truth.mapping}9; applied because replica-b has no {truth.mapping}9",  # noqa: E501
            )
        )
        for one in truth.affected:
            told += [
                line(
                    lost + timedelta(seconds=n),
                    f"INFO role-remove run=44 tenant={tenant} subject={one} role={role} group=admins mapping={truth.mapping} result=ok",  # noqa: E501
                )
                for n, role in enumerate(truth.capabilities)
            ]
        told.append(
            line(
                lost + timedelta(seconds=9),
                f"INFO group-sync end run=44 tenant={tenant} removed={len(truth.affected) * 3} added=0",
            )
        )
    else:
        told.append(
            line(
                lost - timedelta(minutes=200),
                f"INFO group-sync run=43 tenant={tenant} removed=0 added=0 result=no_change",
            )
        )
    if truth.odd:
        told.append(
            line(
                lost - timedelta(minutes=8),
                f"WARN admin-auth subject={truth.affected[0]} tenant={tenant} result=success mfa=none ip=203.0.113.77 note=unfamiliar network, impossible travel",  # noqa: E501
            )
        )
    return ("\n".join(text for _, text in sorted(told)) + "\n").encode()


def _flags(truth: Truth) -> tuple[str, bytes]:
    names = sorted(set(truth.shards.values()))
    history = [
        {
            "at": times.utc(truth.lost - timedelta(hours=11)),
            "shard": names[0],
            "value": "on",
            "by": "rollout-bot",
            "change": "CFG-1001",
            "note": "navigation only, capabilities not touched",
        }
    ]
    settings = [
        {"shard": one, **dict.fromkeys(truth.capabilities, "enabled"), "last_changed": "2025-11-20T10:00:00Z"}
        for one in names
    ]
    flags = [{"flag": "admin_bundle_nav", "history": history}]
    if truth.cause == "H3":
        flags.append(
            {
                "flag": "admin_capabilities",
                "history": [
                    {
                        "at": times.utc(truth.lost),
                        "shard": names[0],
                        "value": "off",
                        "by": "ops",
                        "change": truth.change,
                        "note": f"disables {', '.join(truth.capabilities)} on {names[0]}",
                    }
                ],
            }
        )
        settings[0] |= dict.fromkeys(truth.capabilities, "disabled") | {"last_changed": times.utc(truth.lost)}
    told: dict[str, Any] = {
        "captured_at": times.utc(truth.world.now - timedelta(minutes=30)),
        "shards": names,
        "flags": flags,
        "shard_admin_capability_settings": settings,
    }
    if truth.shard_gap:
        told["gaps"] = [
            {
                "shard": names[0],
                "from": times.utc(truth.lost - timedelta(minutes=15)),
                "to": times.utc(truth.lost + timedelta(minutes=25)),
                "reason": "log missing",
            }
        ]
    return (
        ("feature_flags.json", forms.json_bytes(told))
        if truth.draw.maybe(0.4)
        else ("feature_flags.yaml", forms.yaml_bytes(told))
    )


def _notes(truth: Truth) -> bytes:
    at = truth.triaged - timedelta(minutes=50)
    lines = [f"- {at:%H:%M} bridge opened", *truth.notes, f"- {truth.triaged:%H:%M} triage confirmed"]
    return f"# Bridge, {truth.triaged:%d %B %Y} (all times UTC)\n\n".encode() + "\n".join(lines).encode() + b"\n"
