"""How identity providers, session logs, audit trails and queue lists write what a contractor case holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from evals.golden import forms, times
from evals.golden.draw import Draw
from evals.golden.tables import table

Shift = timezone
CLASSES = ["invoice-backup", "config-export", "screenshot", "chat-log"]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit trail. `hours` is the clock of the node that wrote it."""

    at: datetime
    user: str
    action: str
    attachment: str
    kind: str
    hours: int = 0

    @property
    def told(self) -> str:
        return self.at.astimezone(timezone(timedelta(hours=self.hours))).strftime("%Y-%m-%dT%H:%M:%S%z")


@dataclass(frozen=True, slots=True)
class Session:
    """One session of an account."""

    id: str
    user: str
    start: datetime
    seen: datetime
    token: str = ""


def identity(draw: Draw, tenant: str, user: str, name: str, at: datetime, made: datetime) -> tuple[str, bytes]:
    """The identity provider's word on the account."""
    return draw.one([_status, _status, _okta, _events_table, _admin_page])(draw, tenant, user, name, at, made)


def _status(draw: Draw, tenant: str, user: str, name: str, at: datetime, made: datetime) -> tuple[str, bytes]:
    told = {
        "user": {
            "id": user,
            "display_name": name,
            "type": "contractor",
            "tenant_id": tenant,
            "status": draw.one(["DEACTIVATED", "deprovisioned", "disabled"]),
            draw.one(["deactivated_at", "deprovisioned_at", "disabled_at"]): times.utc(at),
        }
    }
    head = {"export": {"system": f"idp-{draw.letters(3)}", "exported_at": times.utc(made), "time_zone": "UTC"}}
    if draw.maybe(0.3):
        return "idp_status.yaml", forms.yaml_bytes({**head, **told})
    return "idp_status.json", forms.json_bytes({**head, **told})


def _okta(draw: Draw, tenant: str, user: str, name: str, at: datetime, made: datetime) -> tuple[str, bytes]:
    def event(when: datetime, kind: str, actor: str) -> dict[str, Any]:
        return {
            "uuid": draw.letters(12),
            "published": when.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "eventType": kind,
            "actor": {"id": actor, "type": "User"},
            "outcome": {"result": "SUCCESS"},
            "target": [{"id": user, "type": "User", "displayName": name}],
        }

    told = [
        event(at - timedelta(hours=30), "user.session.start", user),
        event(at, "user.lifecycle.deactivate", "svc-scim"),
        event(at + timedelta(seconds=2), "user.session.clear", "svc-scim"),
    ]
    return "system_log.json", forms.json_bytes(told)


def _events_table(draw: Draw, tenant: str, user: str, name: str, at: datetime, made: datetime) -> tuple[str, bytes]:
    rows = [
        {
            "time_utc": times.utc(at - timedelta(hours=30)),
            "event": "user.login",
            "user_id": user,
            "display_name": name,
            "result": "success",
        },
        {
            "time_utc": times.utc(at),
            "event": draw.one(["user.deactivated", "account.deprovisioned", "user.disabled"]),
            "user_id": user,
            "display_name": name,
            "result": "success",
        },
    ]
    return table(draw, "idp_events", rows, kinds=["csv", "semicolon", "xlsx", "jsonl", "quoted"], shuffle=False)


def _admin_page(draw: Draw, tenant: str, user: str, name: str, at: datetime, made: datetime) -> tuple[str, bytes]:
    pairs = [
        ("User ID", user),
        ("Display name", name),
        ("Status", "Deactivated"),
        ("Deactivated at", times.utc(at)),
        ("Exported at", times.utc(made)),
    ]
    return "admin_console.html", forms.html_bytes("Directory user", pairs, style=draw.one(["table", "dl"]))


def sessions(draw: Draw, rows: Sequence[Session], since: datetime, until: datetime) -> tuple[str, bytes]:
    """The product's sessions."""
    start, seen = draw.one(
        [("started_at_utc", "last_seen_at_utc"), ("started_at", "last_activity_at"), ("login_time", "last_used_at")]
    )
    told = [
        {
            "session_id": one.id,
            "user_id": one.user,
            start: times.utc(one.start),
            seen: times.utc(one.seen),
            "auth_method": "long-lived token" if one.token else "password+otp",
            "token_id": one.token,
            "state": "closed",
        }
        for one in rows
    ]
    return table(
        draw,
        "product_sessions",
        told,
        kinds=["csv", "semicolon", "tab", "xlsx", "json", "jsonl", "quoted"],
        shuffle=False,
    )


def trail(draw: Draw, events: Sequence[Event], since: datetime, until: datetime, tenant: str) -> tuple[str, bytes]:
    """The audit trail, with the window that it covers."""
    span = f"complete from {times.utc(since)} to {times.utc(until)}"
    kind = draw.one(["log", "log", "syslog", "jsonl", "json", "csv", "xlsx"])
    if kind == "log":
        lines = [
            f"{one.told} {one.action} actor={one.user} attachment={one.attachment} class={one.kind} via=web status=200"
            for one in events
        ]
        return "attachment_audit.log", "\n".join(
            [f"# attachment audit trail, tenant {tenant}, {span}", *lines, ""]
        ).encode()
    if kind == "syslog":
        lines = [
            f"{one.told} store-{draw.number(1, 4)} audit[{draw.digits(4)}]: user={one.user} action={one.action.lower()} object={one.attachment} kind={one.kind} result=ok"  # noqa: E501
            for one in events
        ]
        return "storage_audit.log", "\n".join([f"# {span}", *lines, ""]).encode()
    rows: list[dict[str, Any]] = [
        {
            "time": one.told,
            "action": one.action,
            "user_id": one.user,
            "attachment_id": one.attachment,
            "class": one.kind,
            "status": 200,
        }
        for one in events
    ]
    head: dict[str, Any] = {"tenant_id": tenant, "complete_from": times.utc(since), "complete_to": times.utc(until)}
    if kind == "jsonl":
        return "attachment_audit.jsonl", forms.jsonl_bytes([{"export": head}, *rows])
    if kind == "json":
        return "attachment_audit.json", forms.json_bytes({"export": head, "events": rows})
    cells = [list(rows[0]), *(list(one.values()) for one in rows)]
    if kind == "xlsx":
        return "attachment_audit.xlsx", forms.xlsx_bytes(
            {
                "Events": cells,
                "Export": [["Tenant", tenant], ["Complete from", times.utc(since)], ["Complete to", times.utc(until)]],
            }
        )
    return "attachment_audit.csv", f"# {span}\n".encode() + forms.csv_bytes(cells)


def queues(draw: Draw) -> tuple[str, bytes]:
    """Where a handoff may go."""
    asked = ["summary", "evidence_links", "timeline", "open_questions", "requested_actions", "owner"]
    told = [
        {
            "id": f"ENG-{draw.letters(4).upper()}",
            "name": "Engineering escalation queue",
            "kind": "engineering",
            "required": [*asked, "reproduced_facts"],
            "owner": "Platform Engineering",
        },
        {
            "id": f"SEC-{draw.letters(4).upper()}",
            "name": "Security escalation queue, formal security process",
            "kind": "security",
            "required": asked,
            "owner": "Product Security",
        },
    ]
    return "escalation_queue.yaml", forms.yaml_bytes({"version": "2026-01-15", "queues": draw.shuffled(told)})


KNOWLEDGE = """# KB-{number}: What deactivation does at once

General article, describes the product, not any one case.

1. Deactivation ends web sign-in immediately.
2. Long-lived tokens belong to the product and end when they expire.
3. A cached token may keep a preview link usable for up to 15 minutes.
"""
