"""How alerts, tickets, plans, policies and probes of a Sev-1 incident are written, and the systems behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from evals.golden import forms, times
from evals.golden.draw import Draw
from evals.golden.tables import table

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Action:
    """One planned action on one object of one system, and how that system answers."""

    id: str
    title: str
    system: str
    base: str
    object: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    method: str
    path: str
    body: Mapping[str, Any]
    change: str
    risk: str
    security: bool
    idempotent: bool = True


def actions(draw: Draw, domain: str) -> list[Action]:
    """Two actions: one that security must see, and a lighter one."""
    key, region = (
        f"{draw.letters(2).upper()}-{draw.digits(4)}",
        f"{draw.one(['eu', 'us', 'ap'])}-{draw.one(['west', 'north', 'central'])}-{draw.number(1, 3)}",
    )
    first, second = draw.one(_FIRST), draw.one(_SECOND)
    return [
        _action(draw, "a1", first, key, domain, "high", True),
        _action(draw, "a2", second, region, domain, "medium", False),
    ]


_FIRST = [
    (
        "Roll back the key rollout {}",
        "rollout-api",
        "rollouts/{}",
        {"state": "active"},
        {"state": "rolled_back"},
        "POST",
        "/rollback",
        {"reason": "incident"},
    ),
    (
        "Disable the token exchange {}",
        "gateway-api",
        "exchanges/{}",
        {"enabled": True},
        {"enabled": False},
        "PUT",
        "/enabled",
        {"enabled": False},
    ),
    (
        "Revert the certificate {}",
        "vault-api",
        "certs/{}",
        {"serial": "7f01"},
        {"serial": "6c99"},
        "POST",
        "/revert",
        {"to": "6c99"},
    ),
]
_SECOND = [
    ("Drain region {}", "traffic-api", "regions/{}", {"weight": 50}, {"weight": 0}, "PUT", "/weight", {"weight": 0}),
    ("Scale pool {} out", "fleet-api", "pools/{}", {"size": 4}, {"size": 9}, "PATCH", "/size", {"size": 9}),
]


def _action(draw: Draw, id: str, form: tuple[Any, ...], key: str, domain: str, risk: str, security: bool) -> Action:  # noqa: A002
    title, system, target, before, after, method, path, body = form
    place = f"/v2/{target.format(key)}"
    return Action(
        id,
        title.format(key),
        system,
        f"https://{system}.{domain}",
        target.format(key),
        before,
        after,
        method,
        place + path,
        body,
        f"CHG-{draw.digits(5)}",
        risk,
        security,
    )


def stub(action: Action, fault: str = "") -> bytes:
    """The system of an action. Faults: `unknown` answers without saying what it did, `timeout` does it and is silent,
    `drifted` is not in the state that the plan expects."""
    read = f"/v2/{action.object}"
    before = {"id": action.object, **action.before}
    if fault == "drifted":
        before = {"id": action.object, **dict.fromkeys(action.before, "other")}
    act: dict[str, Any] = {
        "id": "act",
        "method": action.method,
        "path": action.path,
        "status": 202,
        "body": {"accepted": True, "change": action.change},
        "applies": "done",
    }
    if fault == "unknown":
        act = {"id": "act", "method": action.method, "path": action.path, "status": 200, "body": {"status": "unknown"}}
    if fault == "timeout":
        act["timeout"] = "after_apply"
    after = {"id": action.object, **action.after, "change": action.change}
    reads = [
        {"id": "before", "method": "GET", "path": read, "unless": ["done"], "status": 200, "body": before},
        {"id": "after", "method": "GET", "path": read, "if": ["done"], "status": 200, "body": after},
    ]
    told = {
        "system": action.system,
        "base_url": action.base,
        "rules": [*reads, act],
        "otherwise": {"status": 404, "body": {"error": "not_found"}},
    }
    return forms.yaml_bytes(told)


PLAN_WORDS: list[Names] = [
    {
        "plan": "plan",
        "by": "proposed_by",
        "window": "change_window",
        "actions": "actions",
        "id": "id",
        "title": "title",
        "system": "system",
        "object": "object",
        "before": "expected_before",
        "request": "request",
        "path": "path",
        "body": "body",
        "confirm": "confirm",
        "expect": "expect",
        "effect": "effect",
        "rollback": "rollback",
        "risk": "risk",
        "security": "security_relevant",
    },
    {
        "plan": "plan_id",
        "by": "author",
        "window": "window",
        "actions": "planned_actions",
        "id": "key",
        "title": "name",
        "system": "target_system",
        "object": "target",
        "before": "state_before",
        "request": "call",
        "path": "url",
        "body": "json",
        "confirm": "verify",
        "expect": "expected",
        "effect": "expected_effect",
        "rollback": "back_out",
        "risk": "risk_level",
        "security": "security_relevant",
    },
    {
        "plan": "id",
        "by": "proposer",
        "window": "maintenanceWindow",
        "actions": "steps",
        "id": "step",
        "title": "summary",
        "system": "system",
        "object": "resource",
        "before": "precondition",
        "request": "request",
        "path": "endpoint",
        "body": "payload",
        "confirm": "readBack",
        "expect": "equals",
        "effect": "expectedOutcome",
        "rollback": "undo",
        "risk": "riskLevel",
        "security": "securityRelevant",
    },
]


def plan(
    draw: Draw,
    number: str,
    by: str,
    incident: str,
    window: str,
    planned: Sequence[Action],
    follow_ups: Sequence[Mapping[str, str]] = (),
    words: Names | None = None,
) -> tuple[str, bytes]:
    """The remediation plan."""
    named = words or draw.one(PLAN_WORDS)
    full = named["path"] != "path" and draw.maybe()
    steps = [_step(named, one, full) for one in planned]
    last = {
        named["id"]: f"a{len(planned) + 1}",
        named["title"]: "Verify the probes",
        named["system"]: "monitoring",
        named["object"]: "probes",
        named["risk"]: "none",
        "needs": "validation output: all probes pass twice in a row",
    }
    told = {
        named["plan"]: number,
        "incident": incident,
        named["by"]: by,
        named["window"]: window,
        named["actions"]: [*steps, last],
        "follow_ups": [dict(one) for one in follow_ups],
    }
    if draw.maybe(0.5):
        return "plan.yaml", forms.yaml_bytes(told)
    return "plan.json", forms.json_bytes(told)


def _step(named: Names, one: Action, full: bool) -> dict[str, Any]:
    base = one.base if full else ""
    return {
        named["id"]: one.id,
        named["title"]: one.title,
        named["system"]: one.system,
        named["object"]: one.object,
        "production": True,
        named["risk"]: one.risk,
        named["security"]: one.security,
        "idempotent": one.idempotent,
        named["before"]: dict(one.before),
        named["request"]: {"method": one.method, named["path"]: base + one.path, named["body"]: dict(one.body)},
        named["confirm"]: {"method": "GET", named["path"]: f"{base}/v2/{one.object}", named["expect"]: dict(one.after)},
        named["effect"]: "sign-ins work again",
        named["rollback"]: "restore the former state",
    }


def policy(draw: Draw, version: str, systems: Sequence[str], second: str = "high") -> tuple[str, bytes]:
    """The organisation's controls."""
    controls = [
        {
            "id": "CW-1",
            "version": 4,
            "name": draw.one(["change window", "Maintenance window"]),
            "rule": "production changes run only inside an open window of the change calendar",
            "emergency_path": None,
        },
        {
            "id": "SOD-2",
            "version": 6,
            "name": draw.one(["separation of duties", "Segregation of duties"]),
            "rule": "the proposer approves nothing; two required approvals come from two people",
            "action_approval_for": ["risk medium", "risk high"],
            "second_approval_for": [f"risk {second}"],
        },
        {
            "id": "SEC-3",
            "version": 3,
            "name": draw.one(["production security approval", "Security sign-off"]),
            "rule": "actions on security-relevant production systems need a security approver",
            "security_relevant_systems": list(systems),
        },
        {
            "id": "EVD-4",
            "version": 2,
            "name": draw.one(["required evidence", "Evidence for closing"]),
            "sev1": ["ticket state", "approvals", "validation output", "change confirmation"],
            "rule": "missing evidence blocks closure, not containment",
        },
    ]
    told = {
        "policy_set": "production-change-controls",
        "version": version,
        "effective_from": "2025-12-01T00:00:00Z",
        "controls": controls,
    }
    return ("policy.yaml", forms.yaml_bytes(told)) if draw.maybe(0.6) else ("policy.json", forms.json_bytes(told))


def calendar(draw: Draw, window: str, start: datetime, end: datetime, zone: Any) -> tuple[str, bytes]:
    """The change calendar: the window of the plan between others."""
    rows: list[dict[str, Any]] = [
        {
            "window_id": "W-PAY-1",
            "title": "Payroll run",
            "start": start - timedelta(hours=30),
            "end": start - timedelta(hours=28),
        },
        {"window_id": window, "title": f"Production window {window}", "start": start, "end": end},
        {
            "window_id": "W-NEXT",
            "title": "Next week",
            "start": start + timedelta(days=7),
            "end": end + timedelta(days=7),
        },
    ]
    if draw.maybe(0.5):
        return "change_calendar.ics", _ics(rows)
    told = [
        {
            **row,
            "start": times.system(draw, row["start"], zone),
            "end": times.system(draw, row["end"], zone),
            "status": "confirmed",
        }
        for row in rows
    ]
    return table(
        draw, "change_calendar", told, kinds=["csv", "json", "yaml", "xlsx"], case=draw.one(["snake", "title"])
    )


def _ics(rows: Sequence[Mapping[str, Any]]) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Golden//EN"]
    for row in rows:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{row['window_id']}@calendar.example",
            f"SUMMARY:{row['title']} {row['window_id']}",
            "DTSTAMP:20260101T000000Z",
            f"DTSTART:{row['start']:%Y%m%dT%H%M%SZ}",
            f"DTEND:{row['end']:%Y%m%dT%H%M%SZ}",
            "STATUS:CONFIRMED",
            "END:VEVENT",
        ]
    return ("\r\n".join([*lines, "END:VCALENDAR", ""])).encode()


def alert(
    draw: Draw, number: str, tenant: str, services: Sequence[str], at: datetime, deliveries: int
) -> tuple[str, bytes]:
    """The webhook of the monitoring, delivered several times."""
    body = {
        "alert_id": number,
        "dedup_key": f"{services[0]}/failure-rate",
        "severity": draw.one(["Sev-1", "SEV1", "sev-1"]),
        "service": services[0],
        "impacted_services": list(services),
        "started_at": times.utc(at - timedelta(seconds=50)),
        "fired_at": times.utc(at),
        "summary": "failure rate 37 %",
        draw.one(["boundary", "tenant_id"]): tenant,
    }
    told = [
        {"delivery_id": f"d-{n}", "received_at": times.utc(at + timedelta(seconds=2 + 30 * n)), "body": body}
        for n in range(deliveries)
    ]
    if draw.maybe(0.3):
        return "alerts.jsonl", forms.jsonl_bytes(told)
    return "alert.json", forms.json_bytes({"endpoint": "/hooks/sev1", "deliveries": told})


def ticket(
    draw: Draw,
    number: str,
    owner: str,
    services: Sequence[str],
    opened: datetime,
    comments: Sequence[str],
    resolved: datetime | None = None,
) -> tuple[str, bytes]:
    """The incident ticket."""
    state = (
        draw.one(["resolved", "Resolved", "closed"]) if resolved else draw.one(["in progress", "Open", "investigating"])
    )
    notes = [{"n": n, "by": "Service desk", "text": text} for n, text in enumerate(comments, 1)]
    told: dict[str, Any] = {
        draw.one(["key", "number", "incident"]): number,
        "severity": draw.one(["Sev-1", "SEV1", "1 - Critical"]),
        "state": state,
        draw.one(["owner", "assigned_to"]): owner,
        "impacted_services": list(services) if draw.maybe() else ", ".join(services),
        "opened_at": times.utc(opened),
        "comments": notes,
    }
    if resolved:
        told["resolved_at"] = times.utc(resolved)
    name = "ticket_resolved" if resolved else "ticket"
    if draw.maybe(0.25):
        pairs = [
            (str(key).replace("_", " ").capitalize(), ", ".join(value) if isinstance(value, list) else str(value))
            for key, value in told.items()
            if key != "comments"
        ]
        return f"{name}.txt", (
            forms.labelled_text(pairs) + "\n\n" + "\n".join(f"[{one['n']}] {one['text']}" for one in notes) + "\n"
        ).encode()
    return f"{name}.json", forms.json_bytes({"ticket": told} if draw.maybe() else told)


def probes(
    draw: Draw, names: Sequence[str], start: datetime, green_from: datetime | None, until: datetime
) -> tuple[str, bytes]:
    """The validation runs: red since the alert, green again from some time on."""
    rows, at = [], start
    while at < until:
        good = green_from is not None and at >= green_from
        rows += [
            {
                "probe_time": times.utc(at + timedelta(seconds=n)),
                "probe": one,
                "result": "pass" if good else "fail",
                "latency_ms": 120 + n,
            }
            for n, one in enumerate(names)
        ]
        at += timedelta(minutes=2)
    stem = "probe_results_after" if green_from else "probe_results"
    return table(draw, stem, rows, kinds=["csv", "csv", "json", "jsonl"], case="snake", shuffle=False)


def roster(draw: Draw, people: Sequence[Mapping[str, str]]) -> tuple[str, bytes]:
    """Who may do what, until when."""
    return table(
        draw,
        "responders",
        people,
        kinds=["csv", "csv", "xlsx", "json", "semicolon"],
        case=draw.one(["snake", "title"]),
        shuffle=False,
    )
